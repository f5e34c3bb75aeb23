"""Events read back: Tracee's, those of its main branch, and ours, from a file, a pipe or gzip."""

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.checks import examine
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.events import CaptureEvent, CaptureFailed, CaptureStatus, ResponseSeen
from httpresp_capture.records.evidence import Conflict, Segment
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import OtherPath, Proxied
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import Completeness, EndReason, Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.tls import Tls
from httpresp_capture.records.unread import Unread
from httpresp_capture.sources.file.source import FileSource
from httpresp_capture.sources.file.tracee import LineReader
from httpresp_capture.tracee.envelope import Workloads
from httpresp_capture.tracee.restore import Restorer
from httpresp_capture.tracee.shapes import Event, read_event
from httpresp_capture.tracee.writer import EventWriter, event
from samples import FAILED, FLOW, FLOW_V6, OK, START, TWO_COOKIES, request, response, unanswered, with_gap
from tracee_lines import faults, line, out_of_range

GOLDEN = Path(__file__).parents[2] / "golden"
RELEASED = (GOLDEN / "tracee_documentation.jsonl").read_bytes()
MAIN = (GOLDEN / "tracee_main.jsonl").read_bytes()
"""The released line in the shape of the main branch."""
OTHER = b'{"timestamp":1,"eventId":"257","eventName":"openat","args":[{"name":"dirfd","type":"int","value":-100}]}\n'


def reader_of(data: bytes, piece: int = 1 << 20, limits: Limits | None = None) -> tuple[LineReader, list[Response]]:
    """A reader that took the data in pieces, and what came out."""
    reader = LineReader(limits or Limits())
    for start in range(0, len(data), piece):
        reader.push(data[start : start + piece])
    reader.end()
    return reader, [each.response for each in reader.take(None) if isinstance(each, ResponseSeen)]


def read(data: bytes) -> list[Response]:
    """The responses of lines that are all well."""
    reader, found = reader_of(data)
    assert reader.trouble == ""
    return found


def test_a_line_of_an_open_response_is_passed_over_since_its_last_one_follows() -> None:
    writer = EventWriter()
    lines = writer.line(response(id=1, end=None, ended_at=None), progress=True) + writer.line(response(id=1))
    reader, found = reader_of(lines)
    assert [each.end for each in found] == ["length reached"]
    assert (reader.trouble, reader.counters().responses) == ("", 1)


def restored(shown: Response) -> Response:
    """A response that went out as a line and came back."""
    (found,) = read(line(shown))
    return found


@pytest.mark.parametrize("data", [RELEASED, MAIN], ids=["released", "main"])
def test_both_shapes_of_tracee_become_the_same_response(data: bytes) -> None:
    (found,) = read(data)
    assert found.at == 1_696_269_878_969_198_725
    assert (found.status, found.reason, found.protocol, found.status_line) == (200, "", "HTTP/1.1", "HTTP/1.1 200 ")
    assert found.headers.items == (
        ("Content-Length", "180"),
        ("Content-Type", "application/x-binary"),
        ("Date", "Mon, 02 Oct 2023 18:04:38 GMT"),
    )
    assert (found.declared, found.packet_len) == (180, 331)
    flow = found.flow
    assert (flow.server, flow.server_port, flow.client, flow.client_port) == (
        "172.17.0.2", 8080, "192.168.100.16", 50322,
    )  # fmt: skip
    assert flow.midstream


def test_of_a_line_of_tracee_the_body_counts_as_not_captured() -> None:
    (found,) = read(RELEASED)
    assert found.completeness is Completeness.HEAD_ONLY
    assert (found.request, found.body_bytes, found.first_byte_ns) == (None, 0, None)


def test_the_checks_take_what_was_read() -> None:
    answer = json.loads(RELEASED)
    answer["args"][1]["value"]["headers"] = {"Set-Cookie": ["session=3f786850e387550fdab836ed7e6dc881"]}
    (found,) = read(json.dumps(answer).encode())
    assert "CK-CLEAR" in {finding.check for finding in examine(found)}


def unnumbered(shown: Response) -> dict[str, Any]:
    """The event without what a second run numbers anew, and without the size that needs the body."""
    values = event(shown)
    for part in (values["httpresp"], values["httpresp"]["flow"]):
        del part["id"]
    del values["httpresp"]["size"]["decoded"]
    return values


@pytest.mark.parametrize(
    "shown",
    [
        response(),
        response(TWO_COOKIES, request=request(problems=(Problem("bare-lf", 3, "here"),), complete=False)),
        response(FAILED, b"busy", trailers=b"X-Sum: 1\r\n", flow=FLOW_V6),
        response(request=None, flow=replace(FLOW, midstream=True, handshake_ns=None)),
        with_gap(problems=(Problem("bare-cr", 7),)),
        response(midstream=True),
        response(conflicts=(Conflict(40, 2, Segment(b"ab", START, 64, 9), Segment(b"\xff", START + 1, 12, 0)),)),
        response(b"HTTP/1.1 200 Tr\xc3\xa8s bien\r\nX-A: \xe2\x82\xac\r\nX-B:\r\n\r\n"),
        response(
            b"HTTP/2 200\r\nx-a: 1\r\n\r\n",
            protocol="HTTP/2",
            stream=5,
            framing=Framing.FRAMES,
            end=EndReason.END_STREAM,
            request=request(
                b"CONNECT /chat HTTP/2\r\nhost: a.test\r\n\r\n", scheme="https", protocol="websocket", weight=7
            ),
        ),
        unanswered(),
        unanswered(request=request(b"GET / HTTP/2\r\nhost: a.test\r\n\r\n")),
    ],
)
def test_what_we_wrote_comes_back_but_for_the_body(shown: Response) -> None:
    assert unnumbered(restored(shown)) == unnumbered(shown)
    assert restored(shown).completeness is shown.completeness


def test_http_2_has_the_name_that_go_gives_it() -> None:
    shown = response(b"HTTP/2 200\r\n\r\n", protocol="HTTP/2")
    assert event(shown)["args"][1]["value"]["protocol"] == "HTTP/2.0"
    assert restored(shown).protocol == "HTTP/2"
    assert restored(shown).head == b"HTTP/2 200\r\n\r\n"


def test_connections_are_known_again_and_everything_is_numbered_in_order() -> None:
    lines = [line(response(id=7)), line(response(id=7)), RELEASED, line(response(id=3, flow=FLOW_V6)), MAIN]
    found = read(b"".join(lines))
    assert [each.id for each in found] == [1, 2, 3, 4, 5]
    assert [each.flow.id for each in found] == [1, 1, 2, 3, 2]
    assert found[0].flow is found[1].flow
    assert [found[2].stream, found[4].stream] == [1, 2]


def test_events_of_other_kinds_are_passed_over_and_counted() -> None:
    main = b'{"timestamp":"2023-10-02T18:04:38Z","name":"sched_process_exec","data":[]}'
    reader, found = reader_of(OTHER + RELEASED + OTHER + main + b"\n\n")
    assert len(found) == 1
    assert (reader.trouble, reader.counters().lines) == ("", 4)
    assert [each.text for each in reader.counters().unread] == ["2 events of openat", "1 event of sched_process_exec"]


def test_kinds_of_events_are_bounded_and_what_is_no_name_is_not_shown() -> None:
    lines = [json.dumps({"eventName": name}).encode() for name in ("a\x1b[2J", "b\u202e", "", "x" * 1000)]
    lines += [b'{"eventName":"kind_%d"}' % number for number in range(1_000)]
    kinds = reader_of(b"\n".join(lines))[0].counters().unread
    assert len(kinds) <= 257
    assert sum(each.count for each in kinds) == 1_004
    assert all(each.text.isprintable() and each.text.isascii() for each in kinds)


def test_a_bad_line_is_told_with_its_number_and_reading_goes_on() -> None:
    bad = b'{"eventName":\n' + b"[]\n" + b'{"a":1}\n' + b'{"eventName":"net_packet_http_response"}\n'
    reader, found = reader_of(RELEASED + bad + b"\xff\n" + MAIN)
    assert len(found) == 2
    assert reader.counters().bad_lines == 5
    assert reader.trouble == (
        "has 5 lines that are no events: line 2 is not JSON: Expecting value at column 14; "
        "line 3 is no JSON object; line 4 has no eventName and no name, so it is no event of Tracee; "
        "line 5 is a net_packet_http_response without its metadata, or without its http part; line 6 is not UTF-8"
    )


def test_of_many_bad_lines_the_first_are_told() -> None:
    reader, _ = reader_of(b"{\n" * 7)
    assert reader.trouble.startswith("has 7 lines that are no events: line 1 is not JSON")
    assert reader.trouble.endswith("; line 5 is not JSON: Expecting property name enclosed in double quotes at "
                                   "column 2, and 2 more")  # fmt: skip


def test_a_line_as_deep_as_it_is_long_is_a_bad_line() -> None:
    reader, _ = reader_of(b'{"eventName":' * 100_000)
    assert "line 1 is n" in reader.trouble


@pytest.mark.parametrize("piece", [1, 7, 64])
def test_pieces_of_any_size_give_the_same(piece: int) -> None:
    data = RELEASED + line(response()) + OTHER + MAIN.rstrip()
    assert list(map(repr, reader_of(data, piece)[1])) == list(map(repr, reader_of(data)[1]))


def test_a_line_without_end_is_given_up_before_it_fills_the_memory() -> None:
    reader, found = reader_of(RELEASED + b'{"' + b"x" * 17_000_000)
    assert len(found) == 1
    assert reader.trouble.startswith(f"is broken at byte {len(RELEASED)}: line 2 has more than 16,777,216 bytes")


def test_connections_are_bounded() -> None:
    restorer = Restorer(2)
    for port in (1, 2, 3, 1):
        found = read_event(json.loads(line(response(flow=replace(FLOW, client_port=port)))), Workloads())
        assert isinstance(found, Event)
        restorer.response(found)
    assert restorer.flows == 4


NUMBERS = st.integers() | st.sampled_from([-1, 1 << 31, (1 << 63) - 1, 1 << 63, 1 << 64, 70_000, 4_096, 1_000, 10**30])
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | NUMBERS.map(str) | st.floats() | st.text(max_size=8) | st.just("\ud800\x1b["),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ASKED = RELEASED.replace(b"_response", b"_request").replace(b'"status":"200 ",', b'"method":"GET","uri_path":"/a",')
JOINED = replace(
    FLOW,
    other_paths=(OtherPath(True, (5,), "gre"),),
    proxied=Proxied("PROXY v1", "203.0.113.7", 1234, "192.0.2.1", 80),
    transport="UDP",
    tls=Tls("TLS 1.3", "shop.example", "h3"),
)
SHAPES: list[dict[str, Any]] = [
    event(with_gap(conflicts=(Conflict(4, 2, Segment(b"a", 1, 2, 3), Segment(b"b", 1, 2, 3)),), flow=FLOW_V6)),
    event(response(TWO_COOKIES, request=request(problems=(Problem("bare-lf", 3),)), trailers=b"X: 1\r\n")),
    event(unanswered()),
    event(response(flow=JOINED)),
    *map(json.loads, (RELEASED, MAIN, ASKED)),
]


def test_a_connection_keeps_its_transport_and_its_tls() -> None:
    kept = restored(response(flow=JOINED)).flow
    assert (kept.transport, kept.tls) == (JOINED.transport, JOINED.tls)


def test_the_same_ports_of_another_transport_are_another_connection() -> None:
    rows = [response(id=1), response(id=2, flow=replace(FLOW, transport="UDP")), response(id=3)]
    lines = b"".join(json.dumps(event(row)).encode() + b"\n" for row in rows)
    assert [(row.flow.id, row.flow.transport) for row in read(lines)] == [(1, "TCP"), (2, "UDP"), (1, "TCP")]


def changed_somewhere(data: st.DataObject, values: Any) -> None:
    """Anything may stand at any place."""
    place = values
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.integers(0, 4)):
            place = place[key]
            continue
        place[key] = data.draw(JSON_VALUES)
        return


@given(st.data(), st.sampled_from(SHAPES), st.integers(1, 3), st.booleans())
def test_whatever_stands_in_a_line_what_comes_out_is_json_with_values_in_range(
    data: st.DataObject, shape: dict[str, Any], changes: int, strict: bool
) -> None:
    values = json.loads(json.dumps(shape))
    for _ in range(changes):
        changed_somewhere(data, values)
    reader, found = reader_of(json.dumps(values).encode())
    assert len(found) + reader.bad_lines + len(reader.counters().unread) == 1
    for each in found:
        examine(each)
        assert each.head.count(b"\r\n\r\n") <= 1
        written = line(each, strict=strict)
        assert all(0x20 <= byte < 0x7F for byte in written[:-1])
        again = json.loads(written, parse_constant=pytest.fail)
        assert out_of_range(again) == []
        if not each.unanswered:
            assert faults(again) == []
        # What went out is read again, and goes out the same.
        (once,) = read(written)
        assert unnumbered(once) == unnumbered(each)


def test_a_flag_is_no_vlan_and_a_number_out_of_range_is_none() -> None:
    values = event(response())
    values["httpresp"]["flow"]["vlan"] = [True, 5, 4096, -1, "7", [1], 2.0]
    values["args"][0]["value"]["src_port"] = 70_000
    values["args"][1]["value"]["status_code"] = 1 << 40
    values["httpresp"]["timing"]["ended_at"] = 1
    (found,) = read(json.dumps(values).encode())
    assert (found.flow.vlan, found.flow.server_port, found.status) == ((5, 7), 0, 0)
    assert event(found)["httpresp"]["timing"]["duration_ns"] is None


def test_a_text_that_no_encoding_can_write_is_mended() -> None:
    values = json.dumps(event(response())).replace('"eth0"', '"e\\ud800th"')
    assert read(values.encode())[0].flow.interface == "e?th"


def test_no_line_break_of_a_value_becomes_a_header() -> None:
    values = event(response())
    values["args"][1]["value"]["status"] = "200 OK\r\nX-Evil: 1"
    values["httpresp"]["header_lines"] = [["A\r\nB", "c\nd: e"]]
    (found,) = read(json.dumps(values).encode())
    assert found.headers.items == (("A  B", "c d: e"),)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000_000),
        ("1970-01-01T00:00:01.5Z", 1_500_000_000),
        ("1970-01-01T01:00:01.000000007+01:00", 1_000_000_007),
        ("1970-01-01T00:00:01", 1_000_000_000),
    ],
)
def test_a_time_of_main_is_exact_to_the_nanosecond(text: str, at: int) -> None:
    values = json.loads(MAIN)
    values["timestamp"] = text
    assert read(json.dumps(values).encode())[0].at == at


@pytest.mark.parametrize("time", ["yesterday", -1, True, None, 1 << 70, 1.5, "9999-99-99T00:00:00Z"])
def test_a_time_that_cannot_be_is_a_bad_line(time: object) -> None:
    values = json.loads(RELEASED)
    values["timestamp"] = time
    assert "has no timestamp that can be read" in reader_of(json.dumps(values).encode())[0].trouble


def test_what_is_zero_and_left_out_is_zero() -> None:
    values = json.loads(MAIN)
    for part in ("packet_metadata", "http_response"):
        for each in values["data"]:
            each.get(part, {}).clear()
    (found,) = read(json.dumps(values).encode())
    assert (found.status, found.flow.server, found.declared) == (0, "", 0)


# --- as a source


def run(path: Path | str) -> list[CaptureEvent]:
    """All events of a file."""
    events: list[CaptureEvent] = []
    FileSource.open(str(path), Limits()).run(events.extend)
    return events


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\n "])
def test_a_file_of_lines_is_told_by_its_first_byte(tmp_path: Path, pack: Any, before: bytes) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(pack(before + RELEASED + OTHER + line(response(OK))))
    *_, last = events = run(path)
    assert [each.response.status for each in events if isinstance(each, ResponseSeen)] == [200, 200]
    assert isinstance(last, CaptureStatus)
    assert last.ended
    assert last.at == 1_700_000_000_021_000_000
    assert last.counters == replace(
        Counters(),
        lines=3,
        bytes=last.counters.bytes,
        flows=2,
        responses=2,
        requests=1,
        unread=(Unread("openat", 1, "event"),),
    )


def test_bad_lines_end_the_run_as_failed_after_all_that_was_read(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(RELEASED + b"junk\n" + MAIN)
    events = run(path)
    assert sum(isinstance(each, ResponseSeen) for each in events) == 2
    failed = events[-2]
    assert isinstance(failed, CaptureFailed)
    assert failed.message == (f"{path} has 1 line that is no event: line 2 is not JSON: Expecting value at column 1.")


def test_a_cut_gzip_of_lines_is_said_with_the_lines_before_it(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson.gz"
    path.write_bytes(gzip.compress(RELEASED * 3)[:-9])
    failed = run(path)[-2]
    assert isinstance(failed, CaptureFailed)
    assert "ends in the middle of its gzip data" in failed.message


def test_lines_come_through_a_pipe() -> None:
    reading, writing = os.pipe()
    os.write(writing, RELEASED + MAIN)
    os.close(writing)
    kept = os.dup(0)
    try:
        os.dup2(reading, 0)
        events = run("-")
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(reading)
    assert len([each for each in events if isinstance(each, ResponseSeen)]) == 2


def test_what_is_neither_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(b"eventName=")
    with pytest.raises(CaptureError, match="Readable are pcap, pcapng and events as JSON lines"):
        FileSource.open(str(path), Limits())


def test_what_a_run_had_lost_is_read_from_its_lines(tmp_path: Path) -> None:
    lost = Counters(gaps=1, gap_bytes=300, flows_encrypted=2, unread=(Unread("QUIC", 7, "packet"),))
    more = replace(lost, gaps=4, kernel_drops=3)
    path = tmp_path / "events.ndjson"
    path.write_bytes(
        line(response(OK), lost=Counters()) + line(response(OK), lost=lost) + line(response(OK), lost=more)
    )
    counters = status_of(run(path)[-1]).counters
    assert (counters.gaps, counters.gap_bytes, counters.kernel_drops, counters.flows_encrypted) == (4, 300, 3, 2)
    assert counters.unread == (Unread("QUIC", 7, "packet"),)


def test_what_several_runs_had_lost_is_added(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    written = (Counters(gaps=2), Counters(gaps=5), Counters(gaps=1), Counters(gaps=1, snapped=2))
    path.write_bytes(b"".join(line(response(OK), lost=lost) for lost in written))
    counters = status_of(run(path)[-1]).counters
    assert (counters.gaps, counters.snapped) == (6, 2)


def test_sorted_lines_of_one_run_had_lost_what_the_run_did(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    kinds = (Unread("QUIC", 7, "packet"),)
    written = (Counters(gaps=2), Counters(gaps=9, unread=kinds), Counters(gaps=4), Counters(gaps=3, snapped=2))
    path.write_bytes(b"".join(line(replace(response(OK), id=at), lost=lost) for at, lost in enumerate(written, 5)))
    counters = status_of(run(path)[-1]).counters
    assert (counters.gaps, counters.snapped, counters.unread) == (9, 2, kinds)


def test_with_a_line_goes_what_was_lost_when_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    written = (Counters(gaps=2), Counters(gaps=5), Counters(gaps=1))
    path.write_bytes(b"{junk\n" + b"".join(line(response(OK), lost=lost) for lost in written))
    gaps: list[int] = []
    now = Counters()
    for each in run(path):
        if isinstance(each, CaptureStatus):
            now = each.counters
        elif isinstance(each, ResponseSeen):
            assert now.bad_lines == 0
            gaps.append(now.gaps)
    assert gaps == [2, 5, 1]


@pytest.mark.parametrize(
    "lost",
    [
        '{"gaps":-1,"gap_bytes":"9","unread":[{"kind":"\\u001b[2J","count":1,"unit":"packet"},7]}',
        '{"gaps":1e400,"gap_bytes":9,"unread":{"kind":1}}',
        '{"gaps":[true],"gap_bytes":9,"unread":[{"kind":"QUIC","count":1,"unit":"x"}]}',
    ],
)
def test_losses_that_cannot_be_are_none(tmp_path: Path, lost: str) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(line(response(OK)).replace(b'"lost":null', b'"lost":' + lost.encode()))
    counters = status_of(run(path)[-1]).counters
    assert (counters.gaps, counters.gap_bytes, counters.unread) == (0, 9, ())


def status_of(event: CaptureEvent) -> CaptureStatus:
    assert isinstance(event, CaptureStatus)
    return event


@pytest.mark.parametrize("detail", ["X\\x1b[2J…", "‹token 16B #a91f›", "a\\\\b"])
def test_a_detail_is_escaped_once(detail: str) -> None:
    written = line(response(OK, problems=(Problem("no-colon", 20, detail),)))
    (once,) = read(written)
    assert once.problems[0].detail == detail
    hostile = written.replace(json.dumps(detail)[1:-1].encode(), b"\\u001b[2J\\u202e")
    (once,) = read(hostile)
    assert once.problems[0].detail == "\\x1b[2J\\u202e"
