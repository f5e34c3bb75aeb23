"""PROXY headers and SOCKS handshakes: read from any prefix, never from what is none, and told wherever a flow is."""

import json
import struct
from dataclasses import replace
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.targets import check
from httpresp_capture.detect.preamble import MOST
from httpresp_capture.detect.proxy_protocol import read_header
from httpresp_capture.detect.socks import read_opening, read_reply
from httpresp_capture.query import compile_query
from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Flow, Proxied
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.tracee import LineReader
from httpresp_capture.tracee.writer import event
from httpresp_tui.model.columns import column
from httpresp_tui.model.grouping import GROUPINGS
from httpresp_tui.widgets.tabs import View
from httpresp_tui.widgets.tabs_metadata import metadata
from samples import FLOW, FLOW_V6, response
from tracee_lines import line
from traffic.captures import Capture, Told
from traffic.conversations import Burst, Conversation, take_turns
from traffic.frames import ETHERNET, Framer, Route
from traffic.messages import KEEPING, Style
from traffic.scenario import Player, Scenario
from traffic.segments import Wire, closing, data_segments, opening
from traffic.values import Ends, Frame
from traffic.verdict import differences
from traffic.watching import watch


def binary(command: int, family: int, block: bytes) -> bytes:
    """A PROXY header of version 2."""
    return b"\r\n\r\n\x00\r\nQUIT\n" + bytes((0x20 | command, family)) + struct.pack("!H", len(block)) + block


INET: Final = bytes((203, 0, 113, 7, 198, 51, 100, 2)) + struct.pack("!HH", 50_000, 80)
HEADERS: Final = {
    "v1": (b"PROXY TCP4 203.0.113.7 198.51.100.2 50000 80\r\n", ("203.0.113.7", 50_000, "198.51.100.2", 80)),
    "v1 for IPv6": (b"PROXY TCP6 2001:DB8::0:1 ::1 1 65535\r\n", ("2001:db8::1", 1, "::1", 65_535)),
    "v1 with the least ports": (b"PROXY TCP4 203.0.113.7 198.51.100.2 0 0\r\n", ("203.0.113.7", 0, "198.51.100.2", 0)),
    "v1 that does not know but says": (b"PROXY UNKNOWN ::1 ::2 1 2\r\n", ("", 0, "", 0)),
    "v1 that does not know": (b"PROXY UNKNOWN\r\n", ("", 0, "", 0)),
    "v1 at its longest": (b"PROXY UNKNOWN " + b"f" * 39 + b" " + b"f" * 39 + b" 65535 65535\r\n", ("", 0, "", 0)),
    "v1 with the wrong family": (b"PROXY TCP4 ::1 ::2 1 2\r\n", ("", 0, "", 0)),
    "v1 with a port too large": (b"PROXY TCP4 1.2.3.4 1.2.3.5 65536 2\r\n", ("", 0, "", 0)),
    "v2": (binary(1, 0x11, INET), ("203.0.113.7", 50_000, "198.51.100.2", 80)),
    "v2 for UDP": (binary(1, 0x12, INET), ("203.0.113.7", 50_000, "198.51.100.2", 80)),
    "v2 with TLVs": (binary(1, 0x11, INET + b"\x03\x00\x04crc!\x20\x00\x05\x01\x00\x00\x00\x00"),
                     ("203.0.113.7", 50_000, "198.51.100.2", 80)),
    "v2 for IPv6": (binary(1, 0x21, bytes(15) + b"\x01" + bytes(15) + b"\x02" + b"\x00\x01\x00\x02"),
                    ("::1", 1, "::2", 2)),
    "v2 for UNIX": (binary(1, 0x31, b"/run/a".ljust(108, b"\x00") + b"\x00b".ljust(108, b"\x00")),
                    ("/run/a", 0, "@b", 0)),
    "v2, local": (binary(0, 0x11, INET), ("", 0, "", 0)),
    "v2, unspecified": (binary(1, 0, b""), ("", 0, "", 0)),
    "v2, shorter than its family": (binary(1, 0x21, INET), ("", 0, "", 0)),
    "v2 with 60 kB of TLVs": (binary(1, 0x11, INET + b"\x04\xea\x60" + bytes(60_000)),
                              ("203.0.113.7", 50_000, "198.51.100.2", 80)),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_a_proxy_header_says_the_same_from_every_prefix_or_waits(name: str) -> None:
    header, ends = HEADERS[name]
    for following in (b"", b"G", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", header):
        found = read_header(header + following)
        assert found is not None
        assert found == (len(header), Proxied(f"PROXY {name[:2]}", *ends))
    for end in range(1, len(header), max(1, len(header) // 300)):
        found = read_header(header[:end])
        assert found is not None, header[:end]
        assert found[0] == 0, header[:end]


@pytest.mark.parametrize(
    "data",
    [
        b"PROXY /a HTTP/1.1\r\n",
        b"PROXY TCP4 HTTP/1.1\r\n",
        b"PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
        b"PROXY TCP41.2.3.4\r\n",
        b"PROXY UNKNOWN " + b"f" * 200,
        b"POST / HTTP/1.1\r\n",
        b"P\n",
        b"\r\nGET / HTTP/1.1\r\n",
        b"\r\n\r\nGET / HTTP/1.1\r\n",
        b"\r\n\r\n\x00\r\nQUIT\n\x11\x11\x00\x0c" + INET,
    ],
)
def test_what_is_no_proxy_header_is_none(data: bytes) -> None:
    assert read_header(data) is None


V6 = bytes(15) + b"\x01"
OPENINGS: Final = {
    "SOCKS 4": (b"\x04\x01\x00\x50\xc6\x33\x64\x02joe\x00", ("198.51.100.2", 80)),
    "SOCKS 4 ": (b"\x04\x01\x1f\x90\xc6\x33\x64\x02\x00", ("198.51.100.2", 8_080)),
    "SOCKS 4a": (b"\x04\x01\x00\x50\x00\x00\x00\x01\x00shop.example\x00", ("shop.example", 80)),
    "SOCKS 4a ": (b"\x04\x01\x00\x50\x00\x00\x00\x01" + b"u" * 255 + b"\x00" + b"h" * 255 + b"\x00", ("h" * 255, 80)),
    "SOCKS 5": (b"\x05\x01\x00" + b"\x05\x01\x00\x01\xc6\x33\x64\x02\x00\x50", ("198.51.100.2", 80)),
    "SOCKS 5 ": (b"\x05\x03\x00\x01\x02" + b"\x05\x01\x00\x03\x0cshop.example\x01\xbb", ("shop.example", 443)),
    "SOCKS 5  ": (b"\x05\x01\x02" + b"\x01\x03joe\x06secret" + b"\x05\x01\x00\x04" + V6 + b"\x00\x50", ("::1", 80)),
    "SOCKS 5   ": (b"\x05\x02\x00\x02" + b"\x01\x00\x00" + b"\x05\x01\x00\x03\x00\x00\x50", ("", 80)),
}
"""By version; the blanks tell those of one version apart."""


@pytest.mark.parametrize("name", OPENINGS)
def test_a_socks_client_says_the_same_from_every_prefix_or_waits(name: str) -> None:
    opening, (server, port) = OPENINGS[name]
    for following in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x00", opening):
        assert read_opening(opening + following) == (len(opening), Proxied(name.rstrip(), "", 0, server, port))
    for end in range(1, len(opening)):
        found = read_opening(opening[:end])
        assert found is not None, opening[:end]
        assert found[0] == 0, opening[:end]


@pytest.mark.parametrize(
    "data",
    [
        b"\x04\x02\x00\x50\xc6\x33\x64\x02\x00",
        b"\x04\x00\x00\x00",
        b"\x04\x02",
        b"\x04\x01\x00\x50\xc6\x33\x64\x02" + b"u" * 256 + b"\x00",
        b"\x04\x01\x00\x50\x00\x00\x00\x01\x00" + b"h" * 256 + b"\x00",
        b"\x04\x01\x00\x50\xc6\x33\x64\x02" + b"a" * 300,
        b"\x05\x00",
        b"\x05\x01\x01\x01\x01\x00\x05",
        b"\x05\x01\x80",
        b"\x05\x01\x00\x05\x02\x00\x01",
        b"\x05\x01\x00\x05\x01\x00\x02\x00\x00",
        b"\x05\x01\x00GET / HTTP/1.1",
        b"GET / HTTP/1.1",
    ],
)
def test_what_is_no_socks_request_to_connect_is_none(data: bytes) -> None:
    assert read_opening(data) is None


@pytest.mark.parametrize(
    ("protocol", "reply"),
    [
        ("SOCKS 4", b"\x00\x5a" + bytes(6)),
        ("SOCKS 4a", b"\x04\x5a" + bytes(6)),
        ("SOCKS 5", b"\x05\x00" + b"\x05\x00\x00\x01" + bytes(6)),
        ("SOCKS 5", b"\x05\x02" + b"\x01\x00" + b"\x05\x00\x00\x03\x04here\x00\x50"),
        ("SOCKS 5", b"\x05\x00" + b"\x05\x00\x00\x04" + bytes(18)),
    ],
)
def test_a_grant_of_socks_is_read_from_every_prefix_or_waits(protocol: str, reply: bytes) -> None:
    assert read_reply(reply, protocol) == read_reply(reply + b"HTTP/1.1 200 OK\r\n", protocol) == len(reply)
    assert {read_reply(reply[:end], protocol) for end in range(1, len(reply))} == {0}


@pytest.mark.parametrize(
    ("protocol", "reply"),
    [
        ("SOCKS 4", b"\x00\x5b" + bytes(6)),
        ("SOCKS 4", b"\x00\x5b"),
        ("SOCKS 4", b"\x05"),
        ("SOCKS 4", b"HTTP/1.1 400"),
        ("SOCKS 5", b"\x05\xff"),
        ("SOCKS 5", b"\x05\x02\x01\x01"),
        ("SOCKS 5", b"\x05\x00\x05\x05\x00\x01" + bytes(6)),
        ("SOCKS 5", b"HTTP/1.1 400"),
    ],
)
def test_what_grants_nothing_is_no_grant(protocol: str, reply: bytes) -> None:
    assert read_reply(reply, protocol) == -1


beginnings = st.sampled_from(
    [b"", b"\x04\x01", b"\x05", b"\x05\x01\x00\x05\x01\x00", b"PROXY TCP4 ", b"\r\n\r\n\x00\r\nQUIT\n"]
)


@given(beginnings, st.binary(max_size=300), st.sampled_from(["SOCKS 4", "SOCKS 5"]))
def test_nothing_from_the_wire_is_taken_that_is_not_there(start: bytes, rest: bytes, protocol: str) -> None:
    data = start + rest
    if not data:
        return
    for found in (read_header(data), read_opening(data)):
        assert found is None or 0 <= found[0] <= len(data)
    assert -1 <= read_reply(data, protocol) <= len(data)


def seen(*said: tuple[str, bytes], mss: int = 0) -> list[Response]:
    """The responses of a conversation."""
    steps = [
        {"from": who, "bytes": data.decode("latin-1"), **({"mss": mss} if mss else {})} for who, data in said if data
    ]
    return list(Player(Scenario("", {"steps": steps})).play().responses)


GET = b"GET /1 HTTP/1.1\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("name", HEADERS)
def test_every_cut_of_a_header_gives_the_same_exchange(name: str) -> None:
    header, ends = HEADERS[name]
    told = Proxied(f"PROXY {name[:2]}", *ends)
    whole = header + GET
    cuts = range(1, len(whole)) if len(whole) < 300 else (1, 16, 17, 9_000, len(header))
    for cut in cuts:
        (row,) = seen(("client", whole[:cut]), ("client", whole[cut:]), ("server", OK))
        assert (row.request and row.request.target, row.flow.proxied, row.problems) == ("/1", told, ())


def test_a_dozen_headers_are_more_than_anyone_sends() -> None:
    one = b"PROXY TCP4 203.0.113.7 198.51.100.2 50000 80\r\n"
    (row,) = seen(("client", one * MOST + GET), ("server", OK))
    assert row.request is not None
    (row,) = seen(("client", one * (MOST + 5) + GET), ("server", OK))
    assert row.flow.proxied is not None
    assert row.flow.proxied.protocol.count("PROXY") == MOST


def test_a_socks_request_without_a_reply_holds_no_more_than_its_bound() -> None:
    opening, _ = OPENINGS["SOCKS 5"]
    assert seen(("client", opening + b"x" * 40_000), ("server", b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"))


def test_no_password_is_kept_of_a_socks_handshake() -> None:
    (row,) = seen(
        ("client", b"\x05\x01\x02"),
        ("server", b"\x05\x02"),
        ("client", b"\x01\x03joe\x06secret"),
        ("server", b"\x01\x00"),
        ("client", b"\x05\x01\x00\x03\x0cshop.example\x00\x50"),
        ("server", b"\x05\x00\x00\x01" + bytes(6)),
        ("client", GET),
        ("server", OK),
    )
    assert row.flow.proxied == Proxied("SOCKS 5", "", 0, "shop.example", 80)
    assert b"secret" not in line(row)
    assert "secret" not in repr(row)


# Wherever a flow is told

BEHIND = replace(FLOW, proxied=Proxied("PROXY v2", "203.0.113.7", 50_000, "198.51.100.2", 443))
TO_A_NAME = replace(FLOW_V6, proxied=Proxied("SOCKS 5", "", 0, "shop.example", 80))


def test_the_event_says_what_the_proxy_said() -> None:
    assert event(response(flow=FLOW))["httpresp"]["flow"]["proxied"] is None
    assert event(response(flow=BEHIND))["httpresp"]["flow"]["proxied"] == {
        "protocol": "PROXY v2",
        "client": "203.0.113.7",
        "client_port": 50_000,
        "server": "198.51.100.2",
        "server_port": 443,
    }


def test_the_client_is_the_same_in_the_event_and_in_a_filter() -> None:
    told = event(response(flow=BEHIND))
    client = told["httpresp"]["flow"]["client"]
    assert (client, told["httpresp"]["flow"]["client_port"]) == ("203.0.113.7", 50_000)
    assert compile_query(f"client={client}").matches(response(flow=BEHIND))
    assert told["args"][0]["value"]["dst_ip"] == FLOW.client
    assert event(response(flow=TO_A_NAME))["httpresp"]["flow"]["client"] == FLOW_V6.client


def read_back(data: bytes) -> Response:
    """The response of one line of JSON."""
    reader = LineReader(Limits())
    reader.push(data)
    reader.end()
    (found,) = [each.response for each in reader.take(None) if isinstance(each, ResponseSeen)]
    return found


@pytest.mark.parametrize("flow", [FLOW, BEHIND, TO_A_NAME, replace(FLOW, proxied=Proxied("PROXY v1"))])
def test_a_line_that_is_read_back_keeps_it(flow: Flow) -> None:
    assert read_back(line(response(flow=flow))).flow.proxied == flow.proxied


@pytest.mark.parametrize(
    "nonsense",
    [
        True,
        [],
        {"client": 5, "client_port": "x"},
        {"client_port": -1, "server_port": 1 << 70},
        {"protocol": "\x1b]0;x", "client": "a\n\x1b漢", "client_port": 65_536},
    ],
)
def test_nonsense_in_a_line_goes_out_within_its_bounds(nonsense: object) -> None:
    told = json.loads(line(response(flow=BEHIND)))
    told["httpresp"]["flow"]["proxied"] = nonsense
    again = json.loads(line(read_back(json.dumps(told).encode() + b"\n")))["httpresp"]["flow"]["proxied"]
    if again is not None:
        assert all(isinstance(again[end], str) for end in ("protocol", "client", "server"))
        assert all(0 <= again[port] <= 65_535 for port in ("client_port", "server_port"))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("client:203.0.113.7", True),
        ("client:203.0.113.0/24", True),
        ("client:10.0.0.9", False),
        ("dst:10.0.0.9", True),
        ("ip:203.0.113.7", True),
        ("proxied:proxy", True),
        ('proxied:"PROXY v2"', True),
        ("proxied:198.51.100.2:443", True),
        ("proxied:socks", False),
    ],
)
def test_a_filter_finds_the_client_behind_the_proxy(text: str, holds: bool) -> None:
    assert compile_query(text).matches(response(flow=BEHIND)) is holds


def test_without_a_proxy_the_client_is_who_opened_the_connection() -> None:
    assert compile_query("client:10.0.0.9").matches(response(flow=FLOW))
    assert not compile_query("proxied~.").matches(response(flow=FLOW))
    assert compile_query("proxied:shop.example:80").matches(response(flow=TO_A_NAME))


def test_the_list_and_its_groups_show_the_client_behind_the_proxy() -> None:
    shown = column("client")
    assert shown is not None
    for flow, client in ((FLOW, "10.0.0.9"), (BEHIND, "203.0.113.7"), (TO_A_NAME, "2001:db8::9")):
        row = response(flow=flow)
        assert shown.cell(row) == GROUPINGS["client"].of(row) == GROUPINGS["client"].label(row) == client


def test_the_metadata_say_what_the_proxy_said_and_no_control_gets_through() -> None:
    hostile = replace(FLOW, proxied=Proxied("SOCKS 5\x1b[2J", "/run/\x9b1m", 0, "\x1b]0;owned\x07.example", 80))
    for flow, words in (
        (BEHIND, ("203.0.113.7 port 50000", "198.51.100.2 port 443", "PROXY v2")),
        (hostile, ("port 80",)),
    ):
        shown = "\n".join(each.text for each in metadata(View(response(flow=flow), None, 80)))
        assert all(word in shown for word in words), shown
        assert shown.replace("\n", "").isprintable()


# Any wire, any dialogue

S5_ASKS: Final = b"\x05\x01\x00\x03\x0cshop.example\x00\x50"
S5_GRANTS: Final = b"\x05\x00\x00\x01" + bytes(6)
BEFORE: Final = (
    *((("client", header),) for header, _ in HEADERS.values() if len(header) < 300),
    (("client", OPENINGS["SOCKS 4"][0]), ("server", b"\x00\x5a" + bytes(6))),
    (("client", b"\x05\x01\x00"), ("server", b"\x05\x00"), ("client", S5_ASKS), ("server", S5_GRANTS)),
    (("client", HEADERS["v2"][0] + b"\x05\x01\x00" + S5_ASKS), ("server", b"\x05\x00" + S5_GRANTS)),
)
"""What is said before HTTP, turn by turn."""


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 6))])
def test_behind_a_preamble_every_response_is_exact(seed: int) -> None:
    rng = Random(seed)
    lines: list[Told] = []
    frames: list[Frame] = []
    for number in range(60):
        before = BEFORE[number % len(BEFORE)]
        conversation = Conversation()
        for who, data in before:
            conversation.say(**{who: data})
        style = Style(largest=2_000, traps=True)
        for serial in range(1, rng.randrange(2, 6)):
            take_turns(conversation, rng.choice(KEEPING)(rng, number * 10 + serial, style))
        last, first = conversation.bursts[len(before) - 1 : len(before) + 1]
        if not last.server and rng.random() < 0.5:
            conversation.bursts[len(before) - 1 : len(before) + 1] = [Burst(client=last.client + first.client)]
        conversation.ending = "server FIN"
        wire = Wire(rng.choice((1, 7, 64, 1_448)) if seed else 1_448, reordered=0.05, repeated=0.03)
        segments = [s for burst in data_segments(rng, conversation, wire, calm=4) for s in burst]
        ends = Ends("10.0.0.1", 20_000 + number, "10.0.0.2", 80)
        framer = Framer(Route(ends))
        for segment in (*opening(), *segments, *closing(conversation)):
            data = framer.frame(segment)
            frames.append(Frame(1_700_000_000_000_000_000 + len(frames) * 1_000_000, ETHERNET, data, len(data)))
        lines.append(Told(ends, tuple(conversation.placed), False, False, conversation.ending, ()))
    seen = watch(frames)
    assert differences(Capture(tuple(frames), tuple(lines)), seen.responses) == []
    assert {row.flow.proxied is not None for row in seen.responses} == {True}


pieces = st.sampled_from(
    [
        GET,
        OK,
        b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"\x16",
        b"PRI * HTTP/2.0\r\n\r\n",
        b"SM\r\n\r\n",
        b"\r\n",
        b"\r\n\r\n\x00\r\nQ",
        b"PROXY ",
        b"TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
        b"\x05\x01\x00",
        b"\x05\x00",
        S5_ASKS,
        S5_GRANTS,
        b"\x04\x01\x00\x50\x01\x02\x03\x04\x00",
        b"\x00\x5a" + bytes(6),
        b"\x01",
        b"\xff" * 5_000,
        *(header for header, _ in HEADERS.values() if len(header) < 300),
    ]
)
steps = st.fixed_dictionaries(
    {
        "from": st.sampled_from(["client", "server"]),
        "bytes": (pieces | st.binary(min_size=1, max_size=6)).map(lambda data: data.decode("latin-1")),
        "mss": st.sampled_from([1, 3, 1_400]),
        "lose": st.sampled_from([[], [], [], [1], True]),
        "seq": st.sampled_from([0, 0, 0, 0, -3, 5]),
    }
)


@pytest.mark.slow
@given(st.lists(steps, max_size=10), st.booleans())
def test_whatever_both_sides_say_first_every_row_can_be_written(said: list[dict[str, object]], handshake: bool) -> None:
    check(Player(Scenario("", {"steps": said, "handshake": handshake})).play())
