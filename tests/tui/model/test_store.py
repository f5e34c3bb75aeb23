"""What is kept, what leaves, and that every loss is counted."""

from dataclasses import replace
from typing import Any

import pytest

from httpresp_capture.records.counters import Counters
from httpresp_capture.records.error_responses import is_error
from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    ResponseChanged,
    ResponseSeen,
)
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason
from httpresp_tui.model.store import Change, Store, bytes_of
from samples import FAILED, FLOW, NOT_FOUND, OK, REDIRECT, START, response, unanswered


def seen(*ids: int, **fields: Any) -> list[CaptureEvent]:
    return [ResponseSeen(response(id=id, **fields)) for id in ids]


def ids(responses: list[Response]) -> list[int]:
    return [one.id for one in responses]


def test_responses_are_found_by_id() -> None:
    store = Store()
    change = store.apply(seen(1, 2, 3))
    assert ids(change.added) == [1, 2, 3]
    assert (len(store), store.seen, store.first_id, store.next_id) == (3, 3, 1, 4)
    assert store.get(2) == response(id=2)
    assert store.get(0) is None
    assert store.get(4) is None
    assert ids(list(store)) == [1, 2, 3]


def test_a_changed_response_takes_the_place_of_the_one_before() -> None:
    store = Store()
    open_one = response(id=1, end=None, ended_at=None)
    done = response(id=1)
    store.apply([ResponseSeen(open_one)])
    change = store.apply([ResponseChanged(done)])
    assert change == Change(changed=[(open_one, done)])
    assert store.get(1) is done
    assert len(store) == 1


def test_one_seen_and_changed_in_one_batch_is_new_in_its_last_record() -> None:
    store = Store()
    done = response(id=1)
    change = store.apply([ResponseSeen(response(id=1, end=None)), ResponseChanged(done)])
    assert change == Change(added=[done])


def test_the_oldest_leave_when_there_are_too_many() -> None:
    store = Store(max_responses=3)
    store.apply(seen(1, 2, 3))
    change = store.apply(seen(4, 5))
    assert ids(change.forgotten) == [1, 2]
    assert (len(store), store.first_id, store.forgotten, store.seen) == (3, 3, 2, 5)
    assert store.get(2) is None
    assert store.apply([ResponseChanged(response(id=2))]) == Change()


def test_a_batch_larger_than_the_store_leaves_its_newest() -> None:
    store = Store(max_responses=3)
    change = store.apply(seen(*range(1, 11)))
    assert ids(change.added) == [8, 9, 10]
    assert change.forgotten == []
    assert store.forgotten == 7


def test_one_that_changes_and_leaves_in_a_batch_leaves_in_the_record_that_was_known() -> None:
    store = Store(max_responses=1)
    before = response(id=1, end=None)
    store.apply([ResponseSeen(before)])
    change = store.apply([ResponseChanged(response(id=1)), *seen(2)])
    assert change.forgotten == [before]
    assert change.changed == []


def weight(**fields: Any) -> int:
    return bytes_of(response(**fields))


def test_the_oldest_bodies_are_let_go_and_their_rows_stay() -> None:
    bare = weight(body=b"")
    store = Store(max_bytes=3 * bare + 6_000)
    store.apply(seen(1, 2, body=b"x" * 3_000))
    change = store.apply(seen(3, body=b"678"))
    assert [(len(old.body), new.body) for old, new in change.changed] == [(3_000, b"")]
    assert store.bodies_forgotten == 1
    first = store.get(1)
    assert first is not None
    assert (first.body, first.body_bytes) == (b"", 3_000)
    assert (len(store), store.forgotten) == (3, 0)


def test_bytes_are_counted_once_however_often_a_record_is_replaced() -> None:
    store = Store(max_bytes=2 * weight(body=b"") + 3_000)
    for end in (None, EndReason.LENGTH, EndReason.LENGTH):
        store.apply([ResponseChanged(response(id=1, body=b"x" * 3_000, end=end))])
    assert store.bodies_forgotten == 0
    store.apply(seen(2, body=b"1"))
    assert store.bodies_forgotten == 1


@pytest.mark.slow
def test_heads_have_their_price_too_and_the_oldest_rows_leave() -> None:
    head = OK[:-2] + b"X-Long: " + b"y" * 250_000 + b"\r\n\r\n"
    store = Store(max_bytes=10_000_000)
    for first in range(1, 2_501, 100):
        store.apply([ResponseSeen(response(head, id=id, body=b"")) for id in range(first, first + 100)])
    assert 38 <= len(store) <= 40
    assert (store.forgotten, store.next_id) == (2_500 - len(store), 2_501)
    assert sum(map(bytes_of, store)) <= 10_000_000
    assert sum(store.class_counts) == len(store)


def test_large_heads_do_not_drive_out_every_body() -> None:
    head = OK[:-2] + b"X-Long: " + b"y" * 50_000 + b"\r\n\r\n"
    store = Store(max_bytes=1_000_000)
    store.apply([ResponseSeen(response(head, id=id, body=b"x" * 5_000)) for id in range(1, 101)])
    assert all(each.body for each in store)


def test_the_newest_stays_whatever_it_weighs() -> None:
    store = Store(max_bytes=1_000)
    store.apply(seen(1, 2, body=b"x" * 5_000))
    assert ids(list(store)) == [2]


def test_more_responses_may_weigh_more() -> None:
    assert Store(max_responses=1_000_000).max_bytes == 4 * Store().max_bytes
    assert Store(max_responses=10).max_bytes == 67_108_864


def test_rows_are_counted_by_class() -> None:
    store = Store(max_responses=5)
    heads = (OK, OK, REDIRECT, NOT_FOUND, FAILED)
    store.apply([ResponseSeen(response(head, id=id)) for id, head in enumerate(heads, 1)])
    assert store.class_counts == [0, 0, 2, 1, 1, 1, 0]
    store.apply([ResponseSeen(unanswered(id=6))])
    assert store.class_counts == [1, 0, 1, 1, 1, 1, 0]


def test_what_has_no_class_is_an_error() -> None:
    silent, unreadable, odd = unanswered(), response(b"HTTP/1.1 xyz\r\n\r\n"), response(status=799)
    assert [one.status_class for one in (silent, unreadable, odd)] == [0, 0, 0]
    assert all(map(is_error, (silent, unreadable, odd, response(NOT_FOUND), response(FAILED))))
    assert not is_error(response(OK))
    assert not is_error(response(REDIRECT))


def test_an_id_that_did_not_come_is_missing_until_it_comes() -> None:
    store = Store()
    store.apply(seen(1, 4))
    assert (len(store), store.missing) == (2, 2)
    assert store.get(2) is None
    assert ids(list(store)) == [1, 4]
    change = store.apply([ResponseChanged(response(id=2))])
    assert ids(change.added) == [2]
    assert (len(store), store.missing) == (3, 1)


def test_holes_leave_like_rows() -> None:
    store = Store(max_responses=3)
    store.apply(seen(1, 4, 5, 6))
    assert (len(store), store.first_id, store.forgotten, store.missing) == (3, 4, 1, 2)


def test_a_capture_that_counts_already_begins_where_it_is() -> None:
    store = Store()
    store.apply(seen(1_000_001))
    assert (store.first_id, store.missing, len(store)) == (1_000_001, 0, 1)


def test_the_others_of_an_exchange_are_those_that_are_kept() -> None:
    store = Store(max_responses=3)
    hints = [response(b"HTTP/1.1 103 Early Hints\r\n\r\n", id=id, stream=1) for id in (1, 2)]
    final = response(id=3, stream=1)
    store.apply([ResponseSeen(one) for one in (*hints, final)])
    assert ids(store.of_exchange(final)) == [1, 2]
    store.apply(seen(4, stream=2))
    assert ids(store.of_exchange(final)) == [2]
    store.apply(seen(5, 6, 7, flow=replace(FLOW, id=9)))
    assert store.of_exchange(final) == []


def test_the_state_of_the_capture_is_kept() -> None:
    store = Store()
    last = CaptureStatus(Counters(packets=5), START, ended=True)
    change = store.apply([CaptureStatus(Counters(packets=1), START), CaptureFailed("wlan0 is gone."), last])
    assert change == Change(status=True)
    assert store.status == last
    assert store.failures == ["wlan0 is gone."]
    assert store.ended


def test_a_store_that_was_cleared_goes_on_with_what_comes() -> None:
    store = Store()
    store.apply(seen(1, 2, 3))
    assert ids(store.clear().forgotten) == [1, 2, 3]
    assert (len(store), store.first_id, store.forgotten) == (0, 4, 0)
    store.apply([ResponseChanged(response(id=3)), *seen(4)])
    assert ids(list(store)) == [4]
    assert store.class_counts == [0, 0, 1, 0, 0, 0, 0]


def test_rows_that_left_are_gone_however_many_they_were() -> None:
    store = Store(max_responses=10)
    for first in range(1, 5_000, 7):
        store.apply([ResponseSeen(response(id=id)) for id in range(first, first + 7)])
        kept = range(max(1, first + 7 - 10), first + 7)
        assert [one.id for one in store] == list(kept)
        assert (len(store), store.first_id, store.next_id) == (len(kept), kept[0], first + 7)
        assert store.get(kept[0] - 1) is None
