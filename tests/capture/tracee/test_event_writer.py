"""An `EventWriter` remembers much, and none of it may show."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.tls import NO_KEY, READ, Tls
from httpresp_capture.tracee.writer import EventWriter
from samples import FLOW, FLOW_V6, MS, OK, START, TWO_COOKIES, request, response, unanswered, with_gap
from tracee_lines import line

LINES = (
    b"Host: a.example", b"host: b.example", b"HOST:c", b"Host:  d \t", b"Host: e\r\n folded", b"Host: f\n\tfolded",
    b"Host: ", b"Host", b"X-Host: g", b"Host: \xe9\x7f", b"Host: h\nHost: i", b" Host: j",
)  # fmt: skip
STARTS = (
    b"GET / HTTP/1.1", b"GET /x?u=http://k.example/ HTTP/1.1", b"GET http://l.example/ HTTP/1.1", b"OPTIONS * HTTP/1.1",
    b"CONNECT m.example:443 HTTP/1.1", b'PO"ST / HTTP/1.1', b"GET /\x7f HTTP/1.1", b"POST / HTTP/1.0",
)  # fmt: skip
ends = st.sampled_from([b"\r\n"] * 5 + [b"\n", b""])
asking_heads = st.tuples(
    st.sampled_from(STARTS),
    ends,
    st.lists(st.tuples(st.sampled_from(LINES), ends).map(b"".join), max_size=3).map(b"".join),
    ends,
).map(b"".join)
pieces = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b" ", b": ", b"A", b"Set-Cookie: a=b\r\n", b'"', b"\\", b"%s", b"\xe9"]
)
blocks = st.lists(pieces, max_size=8).map(b"".join)
times = st.integers(0, 2).map(lambda ms: START + ms * MS)


def as_text(latin: str) -> str:
    try:
        return latin.encode("latin-1").decode()
    except UnicodeDecodeError:
        return latin


@given(st.lists(asking_heads, max_size=6))
def test_the_host_is_that_of_the_request_whatever_was_asked_before(heads: list[bytes]) -> None:
    writer = EventWriter()
    for head in heads * 2:
        asked = request(head)
        said = json.loads(writer.line(response(request=asked)))["httpresp"]["request"]
        assert (said["host"], said["target"]) == (as_text(asked.host), as_text(asked.target))


@pytest.mark.parametrize(
    ("start", "state", "scheme"),
    [
        (b"GET /a HTTP/1.1", READ, "https"),
        (b"BREW /a HTTP/1.1", READ, "https"),
        (b"GET http://a.example/ HTTP/1.1", READ, "http"),
        (b"GET /a HTTP/1.1", NO_KEY, "http"),
    ],
)
def test_the_scheme_is_that_of_the_target_or_else_of_what_carried_it(start: bytes, state: str, scheme: str) -> None:
    """TLS that was not opened answers in clear: the 400 to a hello."""
    row = response(flow=replace(FLOW, tls=Tls(state=state)), request=request(start + b"\r\nHost: a.example\r\n\r\n"))
    assert json.loads(EventWriter().line(row))["httpresp"]["request"]["scheme"] == scheme


@pytest.mark.parametrize(
    ("before", "head"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n c\r\n\r\n"),
        (b"GET / HTTP/1.1\r\nX: 1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nX: 1\r\nHost: b\r\n\r\n"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET http://b.example/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\nHost: b\nHost: a\r\n\r\n"),
    ],
)
def test_a_host_that_was_told_before_is_not_told_of_another_request(before: bytes, head: bytes) -> None:
    writer = EventWriter()
    writer.line(response(request=request(before)))
    said = json.loads(writer.line(response(request=request(head))))
    assert said["httpresp"]["request"]["host"] == request(head).host


def test_the_first_of_two_hosts_is_told_in_any_case() -> None:
    asked = request(b"GET / HTTP/1.1\r\nhost: first\r\nHost: second\r\n\r\n")
    assert json.loads(line(response(request=asked)))["httpresp"]["request"]["host"] == asked.host == "first"


@pytest.mark.slow
@given(st.lists(st.tuples(blocks, blocks, asking_heads, times, times, times, st.sampled_from([None, *EndReason]))))
def test_a_writer_that_has_seen_much_writes_what_a_new_one_writes(
    several: list[tuple[bytes, bytes, bytes, int, int, int, EndReason | None]],
) -> None:
    writer = EventWriter()
    for _ in range(2):
        for block, trailers, head, at, first, ended, end in several:
            met = response(
                OK[:-2] + block, trailers=trailers, at=at, first_byte_at=first, ended_at=ended, end=end,
                request=request(head, first_byte_at=first), framing=Framing.CLOSE,
            )  # fmt: skip
            assert writer.line(met) == line(met)


def test_times_of_one_packet_and_of_several_are_told_alike() -> None:
    for at, first, ended, sent in ((3, 3, 3, 1), (3, 2, 3, 1), (3, 2, 4, 2), (3, 3, 5, 4)):
        asked = request(at_ms=1, sent_at=START + sent * MS)
        shown = response(at_ms=at, first_byte_at=START + first * MS, ended_at=START + ended * MS, request=asked)
        timing = json.loads(line(shown))["httpresp"]["timing"]
        assert timing == {
            "handshake_ns": FLOW.handshake_ns,
            "request_first_byte_at": START + MS,
            "request_sent_at": START + sent * MS,
            "first_byte_at": START + first * MS,
            "head_at": START + at * MS,
            "ended_at": START + ended * MS,
            "first_byte_ns": shown.first_byte_ns,
            "transfer_ns": shown.transfer_ns,
            "duration_ns": shown.duration_ns,
        }


def test_a_clock_that_was_set_back_gives_no_duration() -> None:
    for first, ended, sent in ((30, 10, 20), (10, 5, 20), (30, 10, 5)):
        asked = request(first_byte_at=START + sent * MS, sent_at=START + sent * MS)
        shown = response(at_ms=first, first_byte_at=START + first * MS, ended_at=START + ended * MS, request=asked)
        timing = json.loads(line(shown))["httpresp"]["timing"]
        durations = (timing["first_byte_ns"], timing["transfer_ns"], timing["duration_ns"])
        assert durations == (shown.first_byte_ns, shown.transfer_ns, shown.duration_ns)
        assert None in durations


@pytest.mark.parametrize(
    ("declared", "number"),
    [
        ("3", 3), ("003", 3), ("+3", 0), ("-3", 0), ("3.0", 0), ("3, 3", 0), ("0x3", 0), ("\u0663", 0), ("", 0),
        ("999999999999999999", 999_999_999_999_999_999), ("9" * 400, 0), ("1e3", 0), ("NaN", 0), ("1_0", 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("strict", [False, True])
def test_the_length_of_an_unanswered_request_is_a_number_of_json(declared: str, number: int, strict: bool) -> None:
    asked = request(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {declared}\r\n\r\n".encode())
    written = line(unanswered(request=asked), strict=strict)
    assert json.loads(written)["args"][1]["value"]["content_length"] == number
    assert f'"content_length":{number}}}'.encode() in written


def test_line_and_text_are_one_event() -> None:
    writer = EventWriter(host_name="probe")
    for shown in (response(), response(TWO_COOKIES, flow=FLOW_V6), with_gap(), unanswered(), unanswered(request=None)):
        assert writer.line(shown) == f"{writer.text(shown)}\n".encode()


def test_a_flow_is_told_anew_when_its_record_has_changed() -> None:
    writer = EventWriter()
    writer.line(response())
    changed = response(flow=replace(FLOW, server="192.0.2.1", vlan=(5, 100)))
    assert writer.line(changed) == line(changed)
    assert json.loads(writer.line(changed))["httpresp"]["flow"]["vlan"] == [5, 100]
