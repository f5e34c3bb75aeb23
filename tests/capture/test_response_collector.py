"""When a response has ended, and who is told of it: what every reader without a screen stands on."""

from dataclasses import replace

import pytest

from httpresp_capture.query import compile_query
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    FlowEnded,
    LateEvidence,
    ResponseChanged,
    ResponseGrew,
    ResponseSeen,
)
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.problems import Problem
from httpresp_capture.response_collector import LATE_KEPT, ResponseCollector
from samples import FLOW, NOT_FOUND, encrypted, response, unanswered


class Taken:
    """A taker, the source that it stops, and what it was given."""

    def __init__(self, asked: str = "", count: int | None = None) -> None:
        self.added: list[Response] = []
        self.amended: list[tuple[Response, Response]] = []
        self.open: list[Response] = []
        self.stops = 0
        self.collector = ResponseCollector(compile_query(asked), self, self.stop, count, self.open.append)

    def stop(self) -> None:
        self.stops += 1

    def add(self, response: Response) -> None:
        self.added.append(response)

    def amend(self, response: Response, before: Response) -> None:
        self.amended.append((response, before))

    def take(self, *events: CaptureEvent) -> None:
        self.collector.take(list(events))


def opened(number: int = 1) -> Response:
    return response(id=number, end=None, ended_at=None)


def late(before: Response, *names: str) -> LateEvidence:
    problems = (*before.problems, *(Problem(name, 0) for name in names))
    return LateEvidence(replace(before, problems=problems), before)


def test_a_response_is_given_once_when_it_has_ended() -> None:
    taken = Taken()
    whole = response(id=1)
    taken.take(ResponseSeen(opened()), ResponseGrew(opened()), ResponseChanged(whole))
    at_once = response(id=2)
    taken.take(ResponseSeen(at_once))
    assert taken.added == [whole, at_once]
    assert taken.open == [opened(), opened()]
    assert not taken.amended
    assert (taken.collector.read, taken.collector.by_class) == (2, [0, 0, 2, 0, 0, 0])


def test_a_websocket_that_grows_behind_its_101_is_no_other_response() -> None:
    taken = Taken()
    whole = response(id=1)
    taken.take(ResponseSeen(whole), ResponseGrew(whole))
    assert (taken.added, taken.open, taken.collector.read) == ([whole], [whole], 1)


def test_what_has_not_ended_need_not_be_taken_by_anybody() -> None:
    taken = Taken()
    collector = ResponseCollector(compile_query(""), taken, taken.stop)
    collector.take([ResponseSeen(opened())])
    assert (taken.added, collector.read) == ([], 0)


def test_what_is_not_wanted_is_read_and_no_more() -> None:
    taken = Taken("status:4xx")
    missing = response(NOT_FOUND, id=2)
    taken.take(ResponseSeen(response(id=1)), ResponseSeen(missing), ResponseSeen(opened(3)))
    assert (taken.added, taken.open) == ([missing], [])
    assert (taken.collector.read, taken.collector.by_class) == (2, [0, 0, 0, 0, 1, 0])
    assert taken.collector.chooses
    assert not Taken().collector.chooses


def test_a_request_without_response_is_given_and_is_no_response() -> None:
    taken = Taken(count=1)
    alone = unanswered(id=1)
    taken.take(ResponseSeen(alone))
    collector = taken.collector
    assert taken.added == [alone]
    assert (collector.read, collector.unanswered, sum(collector.by_class)) == (0, 1, 0)
    assert not collector.over, "it does not count towards the number that was asked for"
    taken.take(ResponseSeen(unanswered(id=2)))
    assert collector.unanswered == 2


def test_a_connection_that_is_not_read_is_given_and_is_no_response() -> None:
    taken = Taken(count=1)
    collector = taken.collector
    alone = encrypted(id=1)
    taken.take(ResponseSeen(alone))
    assert taken.added == [alone]
    assert (collector.read, collector.encrypted, collector.unanswered, sum(collector.by_class)) == (0, 1, 0, 0)
    assert not collector.over
    taken.take(ResponseSeen(unanswered(id=2)), ResponseSeen(encrypted(id=3)))
    assert (collector.encrypted, collector.unanswered) == (2, 1)


@pytest.mark.parametrize("status", [0, 600, 999])
def test_a_status_of_no_class_is_counted_by_none(status: int) -> None:
    taken = Taken()
    taken.take(ResponseSeen(response(status=status)))
    assert taken.collector.by_class == [1, 0, 0, 0, 0, 0]


def test_the_source_is_stopped_when_there_are_enough() -> None:
    taken = Taken("status:2xx", count=2)
    taken.take(ResponseSeen(response(id=1)), ResponseSeen(response(NOT_FOUND, id=2)))
    assert (taken.stops, taken.collector.over) == (0, False)
    second = response(id=3)
    taken.take(
        ResponseSeen(opened(4)), ResponseSeen(second),
        ResponseSeen(response(id=5)), ResponseSeen(opened(6)), late(second, "extra-bytes"),
    )  # fmt: skip
    assert (taken.stops, taken.collector.over) == (1, True)
    assert [each.id for each in taken.added] == [1, 3]
    assert [each.id for each in taken.open] == [4]
    assert not taken.amended
    assert taken.collector.read == 3, "what comes after the last that was wanted was not read"


def test_without_a_number_there_are_never_enough() -> None:
    taken = Taken()
    taken.take(*(ResponseSeen(response(id=number)) for number in range(50)))
    assert (len(taken.added), taken.stops) == (50, 0)


def test_late_evidence_amends_and_counts_nothing_twice() -> None:
    taken = Taken()
    before = response(id=1)
    event = late(before, "extra-bytes")
    taken.take(ResponseSeen(before), event)
    assert (taken.added, taken.amended) == ([before], [(event.response, before)])
    assert (taken.collector.read, sum(taken.collector.by_class)) == (1, 1)


def test_what_is_wanted_for_its_late_evidence_is_added_then() -> None:
    taken = Taken("problem:extra-bytes")
    before = response(id=1)
    first = late(before, "extra-bytes")
    second = late(first.response, "overlap-conflict")
    taken.take(ResponseSeen(before), late(response(id=2), "overlap-conflict"))
    assert not taken.added
    taken.take(first, second)
    assert (taken.added, taken.amended) == ([first.response], [(second.response, first.response)])
    assert (taken.collector.read, sum(taken.collector.by_class)) == (1, 1)


def test_what_was_given_is_amended_though_its_evidence_makes_it_unwanted() -> None:
    """Whoever has the record has to hear all that comes to light of it, and not be given it a second time."""
    taken = Taken("problem:overlap-conflict | -problem:extra-bytes")
    before = response(id=1)
    first = late(before, "extra-bytes")
    second = late(first.response, "bare-lf")
    third = late(second.response, "overlap-conflict")
    taken.take(ResponseSeen(before), first, second, third)
    assert taken.added == [before]
    assert [now for now, _ in taken.amended] == [first.response, second.response, third.response]


def test_how_many_are_remembered_for_more_evidence_is_bounded() -> None:
    taken = Taken("-problem:extra-bytes")
    for number in range(LATE_KEPT + 1):
        taken.take(late(response(id=number), "extra-bytes"))
    assert len(taken.amended) == LATE_KEPT + 1
    taken.take(late(response(id=LATE_KEPT + 1), "bare-lf"))  # Wanted as before, so that it takes no room.
    told = [late(response(id=number, problems=(Problem("extra-bytes", 0),)), "bare-lf") for number in range(2)]
    taken.take(*told)
    assert [now.id for now, _ in taken.amended[LATE_KEPT + 2 :]] == [1], "the oldest is let go"


def test_the_newest_counters_are_kept() -> None:
    taken = Taken()
    assert taken.collector.counters == Counters()
    first, second = (CaptureStatus(Counters(packets=number), 1) for number in (3, 5))
    taken.take(first, second)
    assert taken.collector.counters is second.counters


def test_failures_are_kept_and_the_end_of_a_connection_is_none() -> None:
    taken = Taken()
    taken.take(CaptureFailed("one"), FlowEnded(FLOW, 1, EndReason.SERVER_FIN), CaptureFailed("two"))
    assert taken.collector.failures == ["one", "two"]


def test_nothing_is_wanted_behind_its_end() -> None:
    taken = Taken()
    taken.collector.end()
    assert taken.stops == 1
    taken.take(ResponseSeen(response()), ResponseSeen(opened()), CaptureStatus(Counters(packets=7), 1))
    assert (taken.added, taken.open, taken.collector.read) == ([], [], 0)
    assert taken.collector.counters.packets == 7


def test_a_failed_call_is_an_error_once() -> None:
    """By its status where that says so, and else as a call that failed."""
    taken = Taken()
    for number, status in enumerate((b"200", b"502"), 1):
        head = b"HTTP/2 %b\r\ncontent-type: application/grpc\r\ngrpc-status: 14\r\n\r\n" % status
        taken.take(ResponseSeen(response(head, id=number, protocol="HTTP/2")))
    gathered = taken.collector
    assert (gathered.by_class[2], gathered.by_class[5], gathered.failed_calls) == (1, 1, 1)
