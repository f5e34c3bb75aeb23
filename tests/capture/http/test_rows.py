"""Rows: from what is read of a response to its record and to what is told of it, however many are open at once."""

import gzip

import pytest

from exchanges import exchanged, ok
from httpresp_capture.http.rows import CONFLICTS_KEPT, Row, tell_held, tell_late, tell_unanswered, with_evidence
from httpresp_capture.records.events import CaptureEvent, LateEvidence, ResponseChanged, ResponseGrew, ResponseSeen
from httpresp_capture.records.evidence import Conflict, Gap, Segment
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.sink import Sink, Timed

HEAD = b"HTTP/2 200\r\nserver: a\r\n\r\n"
FLOW = exchanged(ok())[0].flow
SEGMENT = Segment(b"x", 0, 64, 0)


class Asked(Timed):
    """Whoever reads; it is asked for nothing here."""


READER = Asked()


def flow() -> Flow:
    return FLOW


def asked(target: str) -> Request:
    return Request(f"GET {target} HTTP/2\r\n\r\n".encode(), "GET", target, 1, 2)


def opened(sink: Sink, stream: int) -> Row:
    """A row of stream `stream`, whose head is complete at its number in ns."""
    row = Row(sink, flow)
    row.opened(stream, stream, stream, HEAD, 200, "HTTP/2", 0, Framing.CLOSE, -1, asked(f"/{stream}"))
    row.wire_bytes = len(HEAD)
    return row


def add(row: Row, data: bytes, limit: int = 1_000) -> None:
    row.keep(data, 0, len(data), limit)
    row.wire_bytes += len(data)


def told(sink: Sink) -> list[tuple[type[CaptureEvent], int, int, EndReason | None]]:
    return [
        (type(event), event.response.id, event.response.stream, event.response.end)
        for event in sink.take()
        if isinstance(event, ResponseSeen | ResponseChanged)
    ]


def test_a_response_that_ends_at_once_is_told_once() -> None:
    sink = Sink(Limits())
    row = opened(sink, 1)
    add(row, b"abc")
    record = row.ended(READER, EndReason.LENGTH, 9, 8)
    assert told(sink) == [(ResponseSeen, 1, 1, EndReason.LENGTH)]
    assert (record.body, record.body_bytes, record.wire_bytes, record.ended_at) == (b"abc", 3, len(HEAD) + 3, 9)
    assert sink.responses == 1


def test_many_are_open_at_once_and_ids_come_in_the_order_of_telling() -> None:
    sink = Sink(Limits())
    first, second, third = (opened(sink, stream) for stream in (1, 3, 5))
    second.tell(READER, 3)
    third.ended(READER, EndReason.NO_BODY, 5, 5)
    first.tell(READER, 6)
    second.ended(READER, EndReason.LENGTH, 7, 7)
    first.ended(READER, EndReason.IDLE, 90, 8)
    assert told(sink) == [
        (ResponseSeen, 1, 3, None),
        (ResponseSeen, 2, 5, EndReason.NO_BODY),
        (ResponseSeen, 3, 1, None),
        (ResponseChanged, 1, 3, EndReason.LENGTH),
        (ResponseChanged, 3, 1, EndReason.IDLE),
    ]
    assert sink.responses == 3


@pytest.mark.parametrize(("end", "at"), [(EndReason.SERVER_FIN, 90), (EndReason.IDLE, 8), (EndReason.GAP, 8)])
def test_an_end_that_is_learned_of_late_was_with_the_last_byte(end: EndReason, at: int) -> None:
    assert opened(Sink(Limits()), 1).ended(READER, end, 90, 8).ended_at == at


def test_growth_is_told_where_somebody_asked_and_only_when_there_is_some() -> None:
    sink = Sink(Limits(progress_ns=10))
    row = opened(sink, 1)
    row.tell(READER, 0)
    assert list(sink.growing) == [READER]
    assert not row.grow(100, quiet=True)
    add(row, b"abc")
    assert not row.grow(9, quiet=False)
    assert row.grow(10, quiet=False)
    row.gap(Gap(len(HEAD) + 3, 5))
    assert row.grow(20, quiet=False)
    assert [kind for kind, *_ in told(sink)] == [ResponseSeen, ResponseGrew, ResponseGrew]
    row.ended(READER, EndReason.SERVER_FIN, 30, 30)
    assert not sink.growing


def test_a_presumed_request_is_not_told_before_it_is_settled() -> None:
    sink = Sink(Limits())
    row = opened(sink, 1)
    row.presumed = True
    row.tell(READER, 1)
    held = row.ended(READER, EndReason.LENGTH, 2, 2, hold=True)
    assert held.request is not None
    assert [event.response.request for event in sink.take() if isinstance(event, ResponseSeen)] == [None]
    assert tell_held(sink, held) is held
    assert told(sink) == [(ResponseChanged, 1, 1, EndReason.LENGTH)]


def test_what_was_held_gets_its_id_when_it_is_told() -> None:
    sink = Sink(Limits())
    held = opened(sink, 1).ended(READER, EndReason.LENGTH, 2, 2, hold=True)
    assert (held.id, told(sink)) == (0, [])
    opened(sink, 3).ended(READER, EndReason.LENGTH, 3, 3)
    tell_held(sink, held)
    assert [(id, stream) for _, id, stream, _ in told(sink)] == [(1, 3), (2, 1)]


def test_a_body_over_the_limit_is_cut_and_counted() -> None:
    sink = Sink(Limits())
    row = opened(sink, 1)
    for part in (b"abcd", b"efgh", b"ijkl"):
        add(row, part, limit=6)
    record = row.ended(READER, EndReason.LENGTH, 2, 2)
    assert (record.body, record.body_bytes, sink.bodies_cut) == (b"abcdef", 12, 1)


def test_late_evidence_is_put_on_what_was_told() -> None:
    sink = Sink(Limits())
    before = opened(sink, 1).ended(READER, EndReason.LENGTH, 2, 2)
    after = with_evidence(before, Problem("extra-bytes", 30), Conflict(3, 1, SEGMENT, SEGMENT))
    tell_late(sink, after, before)
    event = sink.take()[-1]
    assert isinstance(event, LateEvidence)
    assert [problem.name for problem in event.response.problems] == ["extra-bytes", "overlap-conflict"]
    assert len(event.response.conflicts) == 1
    assert event.before is before


def test_evidence_is_bounded_and_what_is_too_much_changes_nothing() -> None:
    response = opened(Sink(Limits()), 1).ended(READER, EndReason.LENGTH, 2, 2)
    for number in range(200):
        response = with_evidence(response, Problem("extra-bytes", number), Conflict(number, 1, SEGMENT, SEGMENT))
    assert len(response.conflicts) == CONFLICTS_KEPT
    assert len(response.problems) == 64
    assert with_evidence(response, Problem("extra-bytes", 0), Conflict(0, 1, SEGMENT, SEGMENT)) is response


def test_a_row_that_is_cleared_has_nothing_of_the_one_before() -> None:
    sink = Sink(Limits())
    row = opened(sink, 1)
    add(row, b"abc", limit=2)
    row.gap(Gap(1, 2))
    row.conflict(Conflict(1, 1, SEGMENT, SEGMENT))
    row.trailers = b"a: b\r\n"
    row.presumed = row.coded = True
    row.clear()
    row.opened(3, 3, 3, HEAD, 200, "HTTP/2", 0, Framing.CLOSE, -1, None)
    row.wire_bytes = len(HEAD)
    fresh = opened(sink, 3)
    fresh.request = None
    assert row.ended(READER, EndReason.NO_BODY, 4, 4, hold=True) == fresh.ended(
        READER, EndReason.NO_BODY, 4, 4, hold=True
    )


def test_gaps_that_touch_are_one_and_of_too_many_the_last_are_joined() -> None:
    row = opened(Sink(Limits()), 1)
    row.gap(Gap(10, 5, True))
    row.gap(Gap(15, 5))
    assert row.gaps == [Gap(10, 10)]
    for number in range(100):
        row.gap(Gap(100 + 10 * number, 5))
    assert row.gaps is not None
    assert len(row.gaps) == 32
    assert row.missing() == 10 + 100 * 5


def test_a_request_without_response_is_a_row() -> None:
    sink = Sink(Limits())
    tell_unanswered(sink, FLOW, asked("/a"), 7, 5, "RST_STREAM")
    (event,) = sink.take()
    assert isinstance(event, ResponseSeen)
    row: Response = event.response
    assert (row.unanswered, row.stream, row.at) == (True, 7, 5)
    assert (row.status, row.declared, row.packet_len, row.framing) == (0, -1, 0, Framing.NONE)
    assert row.problems == (Problem("no-response", 0, "RST_STREAM"),)
    assert (sink.responses, sink.unanswered) == (0, 1)


def test_a_row_that_was_never_cleared_tells_its_request_at_once() -> None:
    for cleared in (False, True):
        sink = Sink(Limits())
        row = opened(sink, 1)
        if cleared:
            row.presumed = row.coded = True
            row.clear()
        row.tell(READER, 1)
        (event,) = sink.take()
        assert isinstance(event, ResponseSeen)
        assert event.response.request == asked("/1")
        assert not row.coded


def test_a_head_comes_with_the_length_of_its_packet() -> None:
    row = Row(Sink(Limits()), flow)
    row.opened(1, 1, 1, HEAD, 200, "HTTP/2", 77, Framing.CLOSE, -1, None)
    row.wire_bytes = len(HEAD)
    assert row.ended(READER, EndReason.LENGTH, 2, 2).packet_len == 77


def test_of_too_many_conflicts_the_first_are_kept_and_told() -> None:
    row = opened(Sink(Limits()), 1)
    for number in range(CONFLICTS_KEPT + 5):
        row.conflict(Conflict(number, 1, SEGMENT, SEGMENT))
    record = row.ended(READER, EndReason.LENGTH, 2, 2)
    assert [conflict.offset for conflict in record.conflicts] == list(range(CONFLICTS_KEPT))
    assert [problem.offset for problem in record.problems] == list(range(CONFLICTS_KEPT))


def test_what_was_missing_when_it_was_told_is_no_growth() -> None:
    row = opened(Sink(Limits(progress_ns=10)), 1)
    row.gap(Gap(len(HEAD), 5))
    row.tell(READER, 0)
    assert not row.grow(100, quiet=True)
    add(row, b"abc")
    assert not row.grow(0, quiet=False), "it was told at that very time"
    assert row.grow(0, quiet=True)


def test_a_change_is_told_where_the_row_is_there_already() -> None:
    sink = Sink(Limits())
    row = opened(sink, 1)
    row.tell_again()
    assert told(sink) == []
    row.tell(READER, 1)
    row.tell_again()
    assert told(sink) == [(ResponseSeen, 1, 1, None), (ResponseChanged, 1, 1, None)]


def test_nothing_is_told_of_what_is_held() -> None:
    sink = Sink(Limits())
    row = opened(sink, 1)
    row.tell(READER, 1)
    sink.take()
    row.ended(READER, EndReason.LENGTH, 2, 2, hold=True)
    assert told(sink) == []


def test_what_was_held_is_given_back_as_it_is_told() -> None:
    sink = Sink(Limits())
    held = opened(sink, 1).ended(READER, EndReason.LENGTH, 2, 2, hold=True)
    assert tell_held(sink, held).id == 1


def test_a_body_within_the_limit_is_not_cut() -> None:
    sink = Sink(Limits())
    row = opened(sink, 1)
    add(row, b"abcdef", limit=6)
    row.ended(READER, EndReason.LENGTH, 2, 2)
    assert sink.bodies_cut == 0


@pytest.mark.parametrize(
    ("cut", "gap", "whole", "names"),
    [
        (0, False, True, []),
        (6, False, True, ["bad-coding"]),
        (6, False, False, []),
        (6, True, True, []),
    ],
)
def test_a_coded_body_that_ends_too_early_is_told_where_all_of_it_is_here(
    cut: int, gap: bool, whole: bool, names: list[str]
) -> None:
    data = gzip.compress(bytes(2_000), mtime=0)
    row = Row(Sink(Limits()), flow)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    row.opened(1, 1, 1, head, 200, "HTTP/1.1", 0, Framing.CLOSE, -1, None)
    row.wire_bytes = len(head)
    add(row, data[: len(data) - cut], limit=10_000)
    if gap:
        row.gap(Gap(row.wire_bytes, cut))
    row.decode(whole=whole)
    assert [problem.name for problem in row.problems or ()] == names


def test_a_coded_body_of_which_not_all_is_kept_is_not_told_to_be_cut() -> None:
    data = gzip.compress(bytes(2_000), mtime=0)
    row = Row(Sink(Limits()), flow)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    row.opened(1, 1, 1, head, 200, "HTTP/1.1", 0, Framing.CLOSE, -1, None)
    row.wire_bytes = len(head)
    add(row, data, limit=len(data) - 6)
    row.decode(whole=True)
    assert row.problems is None


def test_what_stands_behind_a_coded_body_is_told() -> None:
    row = Row(Sink(Limits()), flow)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    row.opened(1, 1, 1, head, 200, "HTTP/1.1", 0, Framing.CLOSE, -1, None)
    row.wire_bytes = len(head)
    add(row, gzip.compress(b"abc", mtime=0) + b"more", limit=10_000)
    row.decode(whole=True)
    assert [(problem.name, problem.offset) for problem in row.problems or ()] == [("coding-extra", len(head))]
