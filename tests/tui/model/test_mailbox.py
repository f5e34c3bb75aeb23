"""The hand-over drops only what it must, and counts what it drops."""

from threading import Thread

from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    FlowEnded,
    ResponseChanged,
    ResponseGrew,
    ResponseSeen,
)
from httpresp_capture.records.outcome import EndReason
from httpresp_tui.model.mailbox import Lost, Mailbox
from samples import FLOW, START, request, response


def seen(*ids: int, body: bytes = b"") -> list[CaptureEvent]:
    return [ResponseSeen(response(id=id, body=body)) for id in ids]


def status(packets: int, ended: bool = False) -> CaptureStatus:
    return CaptureStatus(Counters(packets=packets), START, ended=ended)


def test_events_come_out_in_the_order_they_went_in() -> None:
    mailbox = Mailbox()
    first, second = seen(1, 2), seen(3)
    mailbox.put(first)
    mailbox.put(second)
    assert mailbox.waiting == 3
    assert mailbox.drain() == first + second
    assert mailbox.drain() == []
    assert mailbox.lost == Lost()


def test_a_drain_takes_no_more_than_it_was_told() -> None:
    mailbox = Mailbox()
    events = seen(1, 2, 3, 4, 5)
    mailbox.put(events)
    assert mailbox.drain(2) == events[:2]
    assert mailbox.drain(2) == events[2:4]
    assert mailbox.drain(2) == events[4:]


def test_what_there_is_no_space_for_is_counted() -> None:
    mailbox = Mailbox(capacity=2)
    mailbox.put([*seen(1, 2, 3, 4), FlowEnded(FLOW, START, EndReason.SERVER_FIN)])
    assert mailbox.drain() == seen(1, 2)
    assert mailbox.lost == Lost(responses=2, flows=1)
    assert mailbox.lost.total == 3


def test_the_end_of_a_row_that_is_shown_is_taken_up_to_twice_the_capacity() -> None:
    mailbox = Mailbox(capacity=2)
    ends: list[CaptureEvent] = [ResponseChanged(response(id=id, body=b"")) for id in (8, 9, 10)]
    mailbox.put([*seen(1, 2), *ends])
    assert mailbox.drain() == [*seen(1, 2), *ends[:2]]
    assert mailbox.lost == Lost(changes=1)


def test_only_the_newest_status_is_kept_and_it_needs_no_space() -> None:
    mailbox = Mailbox(capacity=1)
    mailbox.put([status(1), *seen(1), status(2)])
    assert mailbox.drain() == [*seen(1), status(2)]
    assert mailbox.lost.total == 0


def test_the_last_status_waits_until_nothing_follows() -> None:
    mailbox = Mailbox()
    mailbox.put([*seen(1, 2), status(9, ended=True)])
    assert mailbox.drain(1) == seen(1)
    assert mailbox.drain(1) == [*seen(2), status(9, ended=True)]


def test_a_failure_is_kept_however_full_it_is() -> None:
    mailbox = Mailbox(capacity=1)
    mailbox.put([*seen(1, 2), CaptureFailed("wlan0 is gone.")])
    assert mailbox.drain() == [*seen(1), CaptureFailed("wlan0 is gone.")]


HEADS = len(response().head) + len(request().head)


def test_over_its_bytes_a_response_comes_without_its_body() -> None:
    mailbox = Mailbox(max_bytes=2 * HEADS + 10)
    mailbox.put(seen(1, 2, body=b"sixbyt"))
    assert mailbox.drain() == [
        *seen(1, body=b"sixbyt"),
        ResponseSeen(response(id=2, body=b"", body_bytes=6, wire_bytes=wire())),
    ]
    assert mailbox.lost == Lost(bodies=1)
    mailbox.put(seen(3, body=b"sixbyt"))
    assert mailbox.drain() == seen(3, body=b"sixbyt")


def test_heads_alone_fill_it_too() -> None:
    mailbox = Mailbox(max_bytes=2 * HEADS)
    mailbox.put(seen(*range(1, 10)))
    assert mailbox.drain() == seen(1, 2, 3, 4)
    assert mailbox.lost == Lost(responses=5)


def test_what_grows_is_told_again_so_it_is_left_out_where_there_is_no_space_and_not_counted() -> None:
    mailbox = Mailbox(capacity=1, max_bytes=HEADS + 10)
    mailbox.put([*seen(1), ResponseGrew(response(id=1))])
    assert mailbox.drain() == seen(1)
    mailbox.put([ResponseGrew(response(id=1, body=b"eleven bytes"))])
    assert mailbox.drain() == []
    mailbox.put([ResponseGrew(response(id=1))])
    assert mailbox.drain() == [ResponseGrew(response(id=1))]
    assert mailbox.lost == Lost()


def wire() -> int:
    return response(body=b"sixbyt").wire_bytes


def test_a_file_waits_for_space_and_loses_nothing() -> None:
    mailbox = Mailbox(capacity=4, max_bytes=HEADS + 20)
    events = seen(*range(1, 101), body=b"twelve bytes")
    reader = Thread(target=mailbox.put_waiting, args=(events,), daemon=True)
    reader.start()
    taken: list[CaptureEvent] = []
    while len(taken) < len(events):
        taken += mailbox.drain()
    reader.join(10)
    assert taken == events
    assert mailbox.lost == Lost()


def test_closing_releases_the_one_who_waits() -> None:
    mailbox = Mailbox(capacity=1)
    reader = Thread(target=mailbox.put_waiting, args=(seen(1, 2, 3),), daemon=True)
    reader.start()
    mailbox.close()
    reader.join(10)
    assert not reader.is_alive()
    mailbox.put(seen(4))
    assert mailbox.waiting <= 1
