"""The event as Tracee prints it, and what stands beside it in `httpresp`."""

import gc
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.checks import Options, examine
from httpresp_capture.export.findings_json import finding_object
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.evidence import Conflict, Segment
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.tls import Tls
from httpresp_capture.redaction import Redactor
from httpresp_capture.tracee.writer import EventWriter, event
from samples import (
    FAILED,
    FLOW,
    FLOW_V6,
    GET,
    MS,
    NOT_FOUND,
    OK,
    START,
    TWO_COOKIES,
    encrypted,
    request,
    response,
    unanswered,
    with_gap,
)
from tracee_lines import faults, line

GOLDEN = Path(__file__).parents[2] / "golden"


def http(response: Response, **options: Any) -> dict[str, Any]:
    """The value of the `http_response` argument."""
    return event(response, **options)["args"][1]["value"]


def ours(response: Response, **options: Any) -> dict[str, Any]:
    """What Tracee does not know."""
    return event(response, **options)["httpresp"]


def test_tracees_own_line_satisfies_the_reader() -> None:
    assert faults(json.loads((GOLDEN / "tracee_documentation.jsonl").read_text())) == []


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    "shown",
    [response(), response(TWO_COOKIES), response(FAILED, b"busy"), with_gap(), response(b"garbage\r\n\r\n", b"")],
)
def test_our_line_satisfies_the_reader_of_tracees_lines(shown: Response, strict: bool) -> None:
    assert faults(event(shown, strict=strict, host_name="probe")) == []


def test_the_whole_event_is_as_the_golden_file_says() -> None:
    shown = response(
        NOT_FOUND,
        b'{"error":404}',
        id=1042,
        stream=3,
        problems=(Problem("bare-lf", 24, "after the status line"),),
        request=request(at_ms=1),
    )
    golden = GOLDEN / "event.json"
    assert json.loads(golden.read_text()) == event(shown, host_name="probe", lost=Counters(kernel_drops=3))
    assert list(json.loads(golden.read_text())["httpresp"]) == list(event(shown)["httpresp"])


def test_the_responding_side_is_the_source() -> None:
    metadata = event(response())["args"][0]["value"]
    assert metadata == {
        "src_ip": "10.0.0.1",
        "dst_ip": "10.0.0.9",
        "src_port": 8080,
        "dst_port": 50322,
        "protocol": 6,
        "packet_len": 331,
        "iface": "eth0",
    }


def test_a_connection_says_its_transport_and_what_it_showed_of_its_tls() -> None:
    flow = replace(FLOW, transport="UDP", tls=Tls("TLS 1.3", "caf\xc3\xa9.example", "h3"))
    told = event(response(flow=flow))
    assert told["args"][0]["value"]["protocol"] == 17
    assert told["httpresp"]["flow"]["transport"] == "UDP"
    known = {"version": "TLS 1.3", "sni": "café.example", "alpn": "h3", "resumed": None, "retried": False}
    assert told["httpresp"]["flow"]["tls"].items() >= known.items()
    in_clear = event(response())["httpresp"]["flow"]
    assert (in_clear["transport"], in_clear["tls"]) == ("TCP", None)


def test_what_cannot_be_known_is_said_as_nothing() -> None:
    shown = event(response(), host_name="probe")
    assert shown["processId"] == shown["cgroupId"] == 0
    assert (shown["processName"], shown["executable"], shown["container"]) == ("", {"path": ""}, {})
    assert shown["stackAddresses"] == [0]
    assert "matchedPolicies" not in shown
    assert shown["hostName"] == "probe"


def test_the_timestamp_is_that_of_the_packet_which_completed_the_head() -> None:
    assert event(response(at_ms=21, first_byte_at=START))["timestamp"] == START + 21 * MS


@pytest.mark.parametrize(
    ("status_line", "shown"),
    [
        (b"HTTP/1.1 404 Not Found", "404 Not Found"),
        (b"HTTP/1.1 200 ", "200 "),
        (b"HTTP/1.1 200", "200"),
        (b"HTTP/1.1  200 OK", "200 OK"),
        (b"HTTP/1.1 200 Tr\xc3\xa8s bien", "200 Très bien"),
        (b"HTTP/1.1 200 Tr\xe8s bien", "200 Très bien"),
    ],
)
def test_the_status_is_code_and_reason_as_sent(status_line: bytes, shown: str) -> None:
    assert http(response(status_line + b"\r\n\r\n"))["status"] == shown


def test_values_of_one_name_are_kept_in_order_under_its_first_spelling() -> None:
    headers = http(response(TWO_COOKIES))["headers"]
    assert headers["Set-Cookie"] == ["session=3f786850e387550fdab836ed7e6dc881; Path=/; HttpOnly", "theme=dark"]
    assert list(headers) == ["Set-Cookie", "X-Cache", "Content-Length"]


def test_header_lines_keep_the_order_and_the_case_of_the_wire() -> None:
    assert ours(response(TWO_COOKIES))["header_lines"][1:3] == [["set-cookie", "theme=dark"], ["X-Cache", "HIT"]]


def test_a_folded_line_joins_the_line_before() -> None:
    folded = b"HTTP/1.1 200 OK\r\nX-Long: one\r\n two\r\nX-Next: 3\r\n\r\n"
    assert http(response(folded))["headers"] == {"X-Long": ["one two"], "X-Next": ["3"]}


def test_lines_that_end_in_lf_alone_are_read_too() -> None:
    assert http(response(b"HTTP/1.1 200 OK\nX-A: 1\nX-B: 2\n\n"))["headers"] == {"X-A": ["1"], "X-B": ["2"]}


@pytest.mark.parametrize(
    "ends", [(a, b, c) for a in (b"\n", b"\r\n") for b in (b"\n", b"\r\n") for c in (b"\n", b"\r\n")]
)
def test_line_ends_may_be_mixed(ends: tuple[bytes, bytes, bytes]) -> None:
    head = b"HTTP/1.1 200 OK%sX-A: 1%sX-B: 2%s\r\n" % ends
    assert http(response(head))["headers"] == {"X-A": ["1"], "X-B": ["2"]}


@given(
    st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"a", b"B: c", b"\xe9", b"\x7f"]), max_size=12)
)
def test_header_lines_are_those_of_the_record_whatever_came(pieces: list[bytes]) -> None:
    shown = response(b"HTTP/1.1 200 OK\r\n" + b"".join(pieces))
    expected = [[_read(name), _read(value)] for name, value in shown.headers]
    assert ours(shown)["header_lines"] == expected


def _read(latin: str) -> str:
    data = latin.encode("latin-1")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return latin


def test_a_head_without_its_blank_line_shows_the_lines_that_came() -> None:
    assert http(response(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nX-B: cu"))["headers"] == {"X-A": ["1"], "X-B": ["cu"]}


def test_a_value_is_utf8_where_it_is_valid_and_latin1_where_not() -> None:
    head = b"HTTP/1.1 200 OK\r\nX-A: \xe2\x82\xac\r\nX-B: \xe9\r\nX-C: \xe9 \xe2\x82\xac\r\n\r\n"
    headers = http(response(head))["headers"]
    assert headers["X-A"] == ["€"]
    assert headers["X-B"] == ["é"]
    assert headers["X-C"] == [b"\xe9 \xe2\x82\xac".decode("latin-1")]


@pytest.mark.parametrize(
    ("head", "fields", "length"),
    [
        (OK, {}, 5),
        (FAILED, {}, -1),
        (b"HTTP/1.1 200 OK\r\n\r\n", {}, -1),
        (b"HTTP/1.1 100 Continue\r\n\r\n", {}, 0),
        (b"HTTP/1.1 204 No Content\r\n\r\n", {}, 0),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 812\r\n\r\n", {}, 0),
        (OK, {"framing": Framing.NONE}, 5),
    ],
)
def test_content_length_is_the_declared_one(head: bytes, fields: dict[str, Any], length: int) -> None:
    assert http(response(head, b"", **fields))["content_length"] == length


def test_a_line_is_ascii_without_control_bytes_whatever_came() -> None:
    nasty = bytes(set(range(256)) - {10, 13})
    shown = line(
        response(b"HTTP/1.1 200 " + nasty + b"\r\nX-" + nasty + b": " + nasty + b"\r\n\r\n", flow=FLOW),
        host_name="a\x7f\u009bb\n",
    )
    assert shown.endswith(b"}\n")
    assert all(0x20 <= byte < 0x7F for byte in shown[:-1])
    json.loads(shown)


def test_a_writer_gives_the_same_lines_whatever_it_has_written_before() -> None:
    shown = [
        response(),
        response(TWO_COOKIES, id=2, flow=FLOW_V6),
        response(FAILED, id=3, flow=replace(FLOW, server="192.0.2.1")),
        unanswered(id=4),
        response(id=5),
    ]
    writer = EventWriter(host_name="probe")
    assert [writer.line(each) for each in shown] == [line(each, host_name="probe") for each in shown]


def test_a_writer_forgets_lines_before_they_fill_the_memory() -> None:
    writer = EventWriter()
    for number in range(10_000):
        head = b"HTTP/1.1 200 r%d\r\nETag: %d\r\n\r\n" % (number, number)
        shown = json.loads(writer.line(response(head, flow=replace(FLOW, id=number))))
        assert shown["args"][1]["value"]["headers"] == {"ETag": [str(number)]}
    # What a compiled writer refers to is asked of the collector: it has no `__dict__`.
    kept: list[dict[Any, Any]] = [value for value in gc.get_referents(writer) if isinstance(value, dict)]
    assert len(kept) == 4
    assert all(len(memory) <= 4096 for memory in kept)


def test_strict_names_are_gos_and_sorted() -> None:
    head = b"HTTP/1.1 200 OK\r\nwww-authenticate: Basic\r\nETAG: 1\r\nx_odd name: 2\r\nContent-Length: 5\r\n\r\n"
    assert list(http(response(head), strict=True)["headers"]) == [
        "Content-Length",
        "Etag",
        "Www-Authenticate",
        "x_odd name",
    ]


def test_strict_removes_what_go_takes_out_of_a_chunked_response() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nContent-Length: 5\r\nServer: a\r\n\r\n"
    assert http(response(head), strict=True)["headers"] == {"Server": ["a"]}


def test_strict_adds_the_cache_control_that_pragma_means() -> None:
    head = b"HTTP/1.1 200 OK\r\nPragma: no-cache\r\nContent-Length: 5\r\n\r\n"
    assert http(response(head), strict=True)["headers"]["Cache-Control"] == ["no-cache"]
    said = head.replace(b"Content", b"Cache-Control: public\r\nContent")
    assert http(response(said), strict=True)["headers"]["Cache-Control"] == ["public"]
    assert "Cache-Control" not in http(response(head))["headers"]


def test_strict_calls_every_interface_any() -> None:
    assert event(response(), strict=True)["args"][0]["value"]["iface"] == "any"
    assert ours(response(), strict=True)["flow"]["interface"] == "eth0"


def test_strictly_there_is_no_event_of_a_connection_that_is_not_read() -> None:
    assert line(encrypted(), strict=True) == b""
    assert b"net_flow_tls" in line(encrypted())


def test_the_request_and_the_times_stand_beside() -> None:
    shown = ours(response())
    assert (shown["request"]["method"], shown["request"]["scheme"]) == ("GET", "http")
    assert (shown["request"]["host"], shown["request"]["target"]) == ("shop.example:8080", "/shop/items?page=2")
    assert shown["timing"]["handshake_ns"] == 300_000
    assert shown["timing"]["first_byte_ns"] == 20 * MS
    assert shown["timing"]["transfer_ns"] == 5 * MS
    assert shown["timing"]["duration_ns"] == 25 * MS


@pytest.mark.parametrize(
    "head",
    [
        GET,
        b"GET http://other.example/x HTTP/1.1\r\nHost: shop.example\r\n\r\n",
        b"CONNECT shop.example:443 HTTP/1.1\r\nHost: wrong\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost:\tlower\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: folded\r\n on\r\n\r\n",
        b"GET / HTTP/1.1\r\nX-Host: no\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: cut",
        b"GET / HTTP/1.1\r\nHost: cut\r\n",
    ],
)
def test_the_host_is_that_of_the_request_record(head: bytes) -> None:
    asked = request(head)
    assert ours(response(request=asked))["request"]["host"] == asked.host


def test_a_request_that_was_not_seen_is_null() -> None:
    shown = ours(response(request=None))
    assert shown["request"] is None
    assert shown["timing"]["first_byte_ns"] is None
    assert shown["timing"]["duration_ns"] is None


def test_an_answer_before_its_request_ended_has_no_wait() -> None:
    shown = response(request=request(sent_at=START + 30 * MS))
    assert ours(shown)["timing"]["first_byte_ns"] is None


def test_loss_and_conflicts_are_said_with_their_places() -> None:
    conflict = Conflict(40, 2, Segment(b"ab", START, 64, 9), Segment(b"xy", START + 1, 12, 0))
    shown = ours(with_gap(100, 1448, conflicts=(conflict,)), lost=Counters(gaps=4, gap_bytes=9000))
    assert shown["completeness"] == "gap"
    assert shown["gaps"] == [{"offset": 100, "length": 1448, "snapped": False}]
    assert shown["size"]["missing"] == 1448
    assert shown["conflicts"][0]["second"] == {"hex": "7879", "at": START + 1, "ttl": 12, "ip_id": 0}
    assert (shown["lost"]["gaps"], shown["lost"]["gap_bytes"]) == (4, 9000)


def test_a_response_that_is_still_open_has_no_end() -> None:
    shown = ours(response(ended_at=None, end=None))
    assert (shown["end"], shown["completeness"], shown["timing"]["ended_at"]) == (None, "still open", None)


def test_the_completeness_is_that_of_the_record() -> None:
    for end in (None, *EndReason):
        shown = response(end=end)
        assert ours(shown)["completeness"] == shown.completeness
    cut = response(problems=(Problem("head-cut", 0),))
    assert ours(cut)["completeness"] == cut.completeness == "head cut"


def test_the_decoded_size_is_known_where_the_whole_body_is_kept() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    packed = gzip.compress(b"x" * 3000)
    assert ours(response(head, packed))["size"]["decoded"] == 3000
    assert ours(response(head, packed[:10], body_bytes=len(packed)))["size"]["decoded"] is None
    assert ours(response(head, b"not gzip"))["size"]["decoded"] is None
    assert ours(response(OK, b"", body_bytes=5))["size"]["decoded"] == 5


def test_a_request_without_response_is_tracees_request_event() -> None:
    shown = event(unanswered(id=9))
    assert (shown["eventId"], shown["eventName"]) == ("2010", "net_packet_http_request")
    assert shown["args"][0]["value"]["src_ip"] == "10.0.0.9"
    assert shown["args"][1]["value"]["uri_path"] == "/shop/items?page=2"
    assert "status_code" not in json.dumps(shown)
    assert shown["httpresp"]["completeness"] == "no response"
    assert shown["httpresp"]["timing"]["transfer_ns"] is None


def test_strict_makes_of_a_request_what_go_makes_of_it() -> None:
    head = (
        b"POST /a%20b/%C3%A9?q=1 HTTP/1.1\r\nhost: a.example\r\nuser-agent: x\r\nContent-Length: 007\r\n"
        b"Transfer-Encoding: gzip, chunked\r\n\r\n"
    )
    strict, loose = (
        event(unanswered(request=request(head)), strict=flag)["args"][1]["value"] for flag in (True, False)
    )
    assert (strict["host"], strict["uri_path"], strict["content_length"]) == ("a.example", "/a b/é", -1)
    assert strict["headers"] == {"User-Agent": ["x"]}
    assert (loose["uri_path"], loose["content_length"]) == ("/a%20b/%C3%A9?q=1", -1)
    assert list(loose["headers"]) == ["host", "user-agent", "Content-Length", "Transfer-Encoding"]
    tunnel = request(b"CONNECT b.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n")
    shown = event(unanswered(request=tunnel), strict=True)["args"][1]["value"]
    assert (shown["host"], shown["uri_path"], shown["content_length"]) == ("b.example:443", "", 0)


def test_secrets_are_hidden_only_when_asked() -> None:
    assert b"3f786850" in line(response(TWO_COOKIES))
    hidden = event(response(TWO_COOKIES), redact=Redactor(b"salt"))
    assert "3f786850" not in json.dumps(hidden)
    cookie = hidden["args"][1]["value"]["headers"]["Set-Cookie"][0]
    assert cookie.startswith("session=‹cookie 32B #")
    assert cookie.endswith("›; Path=/; HttpOnly")


def test_findings_stand_in_the_event_only_when_they_are_given() -> None:
    salt = b"0123456789abcdef"
    shown = response(TWO_COOKIES)
    found = examine(shown, Options(salt=salt))
    assert "findings" not in ours(shown)
    assert ours(shown, findings=()) == ours(shown) | {"findings": []}
    said = event(shown, findings=found, redact=Redactor(salt))
    assert said["httpresp"]["findings"] == [finding_object(finding) for finding in found]
    assert faults(said) == []
    assert json.loads(line(shown, findings=found))["httpresp"]["findings"]
    assert ours(unanswered(), findings=())["findings"] == []


def test_a_secret_has_one_tag_in_the_header_and_in_the_evidence() -> None:
    redactor = Redactor.fresh()
    shown = response(TWO_COOKIES)
    said = event(shown, findings=examine(shown, Options(salt=redactor.salt)), redact=redactor)
    cookie = said["args"][1]["value"]["headers"]["Set-Cookie"][0]
    tag = cookie[cookie.index("#") : cookie.index("›")]
    (evidence,) = [
        finding["evidence"]
        for finding in said["httpresp"]["findings"]
        if finding["check"] == "CK-CLEAR" and finding["parameter"] == "session"
    ]
    assert tag in evidence


def test_a_status_line_that_is_cut_is_shown_as_far_as_it_came() -> None:
    assert http(response(b"HTTP/1.1 20", b""))["status"] == "20"
