"""What is visible is what passes, however it came to be: in any order of batches, filters, pauses and slices."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from httpresp_capture.records.error_responses import is_error
from httpresp_capture.records.events import CaptureEvent, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.columns import COLUMNS, column
from httpresp_tui.model.group_order import COUNT
from httpresp_tui.model.grouping import GROUPINGS
from httpresp_tui.model.rows import GroupRow, ResponseRow, RowKey, Rows
from httpresp_tui.model.store import CLASSES, Store
from httpresp_tui.model.view import View
from samples import FAILED, FLOW, NOT_FOUND, OK, REDIRECT, response, unanswered

HEADS = (OK, REDIRECT, NOT_FOUND, FAILED)


def one(id: int) -> Response:
    """A response whose class, flow and size follow from its id."""
    if id % 11 == 0:
        return unanswered(id=id, flow=replace(FLOW, id=id % 3 + 1))
    return response(HEADS[id % 4], id=id, flow=replace(FLOW, id=id % 3 + 1), body_bytes=id * 37 % 50)


def seen(ids: Iterable[int]) -> list[CaptureEvent]:
    return [ResponseSeen(one(id)) for id in ids]


def filled(count: int, max_responses: int = 1_000) -> tuple[Store, View]:
    store = Store(max_responses)
    view = View(store)
    view.update(store.apply(seen(range(1, count + 1))))
    return store, view


def shown(view: View) -> list[int]:
    return [response.id for response in view.visible()]


def settle(view: View) -> None:
    while not view.step(7):
        pass


def even(response: Response) -> bool:
    return response.body_bytes % 2 == 0


def test_new_responses_are_visible_at_once() -> None:
    _, view = filled(5)
    assert shown(view) == [1, 2, 3, 4, 5]
    assert (view.shown, view.pending, len(view.rows)) == (5, False, 5)


def test_a_filter_shows_the_newest_first_and_then_the_rest() -> None:
    _, view = filled(20)
    view.set_filter(lambda response: response.id % 2 == 0)
    assert shown(view) == []
    assert view.pending
    assert not view.step(5)
    assert shown(view) == [16, 18, 20]
    settle(view)
    assert shown(view) == list(range(2, 21, 2))


def test_what_comes_while_a_filter_works_is_in_its_place() -> None:
    store, view = filled(20)
    view.set_filter(lambda response: response.id % 2 == 0)
    view.step(5)
    view.update(store.apply(seen((21, 22))))
    assert shown(view) == [16, 18, 20, 22]
    settle(view)
    assert shown(view) == list(range(2, 23, 2))


def test_what_changes_joins_or_leaves() -> None:
    store, view = filled(3)
    view.set_filter(lambda response: response.body_bytes > 1_000)
    settle(view)
    view.update(store.apply([ResponseChanged(replace(one(2), body_bytes=2_000))]))
    assert shown(view) == [2]
    view.update(store.apply([ResponseChanged(one(2))]))
    assert shown(view) == []


def test_classes_narrow_what_is_shown_and_none_chosen_shows_all() -> None:
    _, view = filled(12)
    view.toggle_class(4)
    settle(view)
    assert shown(view) == [2, 6, 10]
    view.toggle_class(5)
    settle(view)
    assert shown(view) == [2, 3, 6, 7, 10]
    view.toggle_class(4)
    view.toggle_class(5)
    settle(view)
    assert shown(view) == list(range(1, 13))


def test_a_paused_view_holds_new_rows_back_and_lets_old_ones_end() -> None:
    store, view = filled(3)
    view.pause()
    view.update(store.apply([*seen((4, 5)), ResponseChanged(replace(one(3), body_bytes=9_999))]))
    assert shown(view) == [1, 2, 3]
    assert (view.held.count, view.pending) == (2, False)
    row = view.rows.row_at(2)
    assert isinstance(row, ResponseRow)
    assert row.response.body_bytes == 9_999
    view.resume()
    assert view.pending
    settle(view)
    assert shown(view) == [1, 2, 3, 4, 5]
    assert view.held.count == 0


@pytest.mark.parametrize(("ask", "what"), [(View.set_filter, even), (View.set_classes, frozenset((2, 4)))])
def test_a_new_filter_of_a_paused_view_lets_in_nothing_that_came_since(
    ask: Callable[[View, object], None], what: object
) -> None:
    store, view = filled(3)
    view.pause()
    view.update(store.apply(seen((4, 5, 6))))
    ask(view, what)
    assert view.pending
    settle(view)
    assert (shown(view), view.held.count) == ([2], 3)
    view.resume()
    settle(view)
    assert (shown(view), view.held.count) == ([2, 4, 6], 0)


@pytest.mark.parametrize(("ask", "what"), [(View.group_by, "flow"), (View.sort_by, column("size"))])
def test_nor_does_another_order_of_its_rows(ask: Callable[[View, object], None], what: object) -> None:
    store, view = filled(3)
    view.pause()
    view.update(store.apply(seen((4, 5))))
    ask(view, what)
    settle(view)
    assert (shown(view), view.held.count) == ([1, 2, 3], 2)
    assert sorted(row.response.id for row in every_row(view.rows) if isinstance(row, ResponseRow)) == [1, 2, 3]


def test_what_is_held_back_is_counted_by_class_as_it_changes() -> None:
    store, view = filled(3)
    view.pause()
    view.update(store.apply(seen(range(4, 12))))
    assert (view.held.classes[:6], view.held.unanswered) == ([1, 0, 2, 2, 2, 1], 1)
    view.update(
        store.apply([ResponseChanged(replace(one(8), status=500)), ResponseChanged(replace(one(2), status=500))])
    )
    assert (view.held.classes[:6], view.held.count) == ([1, 0, 1, 2, 2, 2], 8)
    assert shown(view) == [1, 2, 3]


def test_what_is_newer_than_a_row_is_counted_and_errors_below_it_are_known() -> None:
    _, view = filled(12)
    assert view.has_errors
    view.set_filter(lambda response: response.id % 2 == 0)
    settle(view)
    assert [view.newer_than(id) for id in (4, 5, 12)] == [4, 4, 0]
    view.group_by("flow")
    settle(view)
    assert view.has_errors
    view.set_classes(frozenset({2}))
    settle(view)
    assert not view.has_errors


def test_a_list_is_grouped_and_sorted() -> None:
    _, view = filled(3)
    size = column("size")
    view.sort_by(size, reverse=True)
    view.group_by("flow")
    assert (view.grouped_by, view.sorted_by, view.reverse) == ("flow", size, True)
    view.group_by(None)
    assert (view.grouped_by, view.sorted_by, view.reverse) == (None, size, True)
    view.group_by("flow")
    view.sort_by(None)
    assert (view.grouped_by, view.sorted_by, view.reverse) == ("flow", None, False)


def test_an_order_of_groups_goes_with_them() -> None:
    _, view = filled(3)
    view.group_by("flow")
    view.sort_by(COUNT, reverse=True)
    view.group_by("host")
    assert view.sorted_by == COUNT
    view.group_by(None)
    assert (view.sorted_by, view.reverse) == (None, False)


def test_rows_that_leave_the_store_leave_the_view() -> None:
    store, view = filled(10, max_responses=10)
    view.update(store.apply(seen(range(11, 15))))
    assert shown(view) == list(range(5, 15))
    view.update(store.clear())
    assert shown(view) == []


def test_neighbours_pass_over_groups_and_what_is_hidden() -> None:
    _, view = filled(8)
    view.set_filter(lambda response: response.id % 2 == 0)
    settle(view)
    assert [(found.id if found else None) for found in (view.neighbour(4, 1), view.neighbour(4, -1))] == [6, 2]
    assert view.neighbour(8, 1) is None
    after_hidden = view.neighbour(5, 1)
    assert after_hidden is not None
    assert after_hidden.id == 6
    view.group_by("flow")
    settle(view)
    ordered = [row.response.id for row in every_row(view.rows) if isinstance(row, ResponseRow)]
    following = view.neighbour(ordered[1], 1)
    assert following is not None
    assert following.id == ordered[2]


def test_errors_are_found_in_both_directions() -> None:
    _, view = filled(12)
    rows = view.rows
    errors = [id for id in range(1, 13) if is_error(one(id))]
    assert errors == [2, 3, 6, 7, 10, 11]
    assert rows.next_error(None, 1) == 2
    assert rows.next_error(3, 1) == 6
    assert rows.next_error(6, -1) == 3
    assert rows.next_error(11, 1) is None
    assert rows.next_error(2, -1) is None


def test_a_sorted_view_keeps_its_order_as_rows_come_and_change() -> None:
    store, view = filled(30)
    size = column("size")
    view.sort_by(size, reverse=True)
    settle(view)
    view.update(store.apply([*seen((31, 32)), ResponseChanged(replace(one(3), body_bytes=1_000))]))
    ids = [view.rows.key_at(index) for index in range(len(view.rows))]
    expected = sorted(store, key=lambda response: (response.body_bytes, response.id), reverse=True)
    assert ids == [response.id for response in expected]
    assert view.rows.index_of(3) == 0
    view.sort_by(None)
    settle(view)
    assert [view.rows.key_at(index) for index in range(3)] == [1, 2, 3]


def test_a_sorted_view_is_whole_when_the_rows_that_it_had_still_to_look_at_leave() -> None:
    store, view = filled(40, max_responses=40)
    view.sort_by(column("size"))
    view.step(20)
    view.step(5)
    view.update(store.apply(seen(range(41, 56))))
    assert not view.pending
    check(store, view, False)


def every_row(rows: Rows) -> list[ResponseRow | GroupRow | None]:
    return [rows.row_at(index) for index in range(len(rows))]


def every_error(rows: Rows) -> list[RowKey]:
    """As somebody finds them who presses `n` from the top."""
    keys: list[RowKey] = []
    key = rows.next_error(None, 1)
    while key is not None:
        keys.append(key)
        key = rows.next_error(key, 1)
    return keys


def check(store: Store, view: View, predicate_holds: bool) -> None:
    """The view against the plain reading of what it is for."""
    front = view._front  # pyright: ignore[reportPrivateUsage]  # what no row tells while the view is paused
    held = [response for response in store if response.id >= front]
    classes = [sum(response.status_class == number for response in held) for number in range(CLASSES)]
    assert (view.held.classes, view.held.unanswered) == (classes, sum(response.unanswered for response in held))
    expected = [
        response
        for response in store
        if response.id < front
        and (not predicate_holds or even(response))
        and (not view.classes or response.status_class in view.classes)
    ]
    assert list(view.visible()) == expected
    rows = view.rows
    for index in range(len(rows)):
        assert rows.index_of(rows.key_at(index)) == index
    groups = [row for row in every_row(rows) if isinstance(row, GroupRow)]
    folded = [group.key for group in groups if not group.open]
    for key in folded:
        rows.fold(key, True)
    found = [row.response for row in every_row(rows) if isinstance(row, ResponseRow)]
    assert every_error(rows) == [response.id for response in found if is_error(response)]
    assert sorted(response.id for response in found) == [response.id for response in expected]
    if view.grouped_by is not None:
        kind = GROUPINGS[view.grouped_by]
        assert {group.key for group in groups} == {kind.of(response) for response in expected}
        for group in groups:
            members = [response for response in expected if kind.of(response) == group.key]
            assert group.count == len(members)
            assert group.bytes == sum(response.body_bytes for response in members)
            assert group.classes == tuple(
                sum(one.status_class == number for one in members) for number in range(CLASSES)
            )
            assert (group.p50_ns is None) == all(one.first_byte_ns is None for one in members)
        if view.sorted_by is not None:
            for group in groups:
                inside = [response for response in found if kind.of(response) == group.key]
                column = view.sorted_by
                keys = [(column.sort(response), response.id) for response in inside]
                assert keys == sorted(keys, reverse=view.reverse and column is not COUNT)
            if not view.has_work:
                sums = [summed_up(view.sorted_by.key, kind.key, group) for group in groups]
                assert sums == sorted(sums, reverse=view.reverse)
        for key in folded:
            rows.fold(key, False)
    elif view.sorted_by is not None:
        keys = [(view.sorted_by.sort(response), response.id) for response in found]
        assert keys == sorted(keys, reverse=view.reverse)
    else:
        assert found == expected


def summed_up(column: str, kind: str, group: GroupRow) -> Any:
    """What groups are sorted by, where their row says it."""
    if column == kind:
        return group.key if kind == "status" else group.label.lower() if kind != "flow" else 0
    match column:
        case "count":
            return group.count
        case "status":
            return group.errors
        case "size":
            return group.bytes
        case "ttfb":
            return -1 if group.p95_ns is None else group.p95_ns
        case "marks":
            return group.problems
        case _:
            return 0


class History:
    """A store and its view through whatever a capture and a person may do."""

    def __init__(self) -> None:
        self.store = Store(max_responses=40)
        self.view = View(self.store)
        self.filtered = False

    def come(self, number: int) -> None:
        first = self.store.next_id
        self.view.update(self.store.apply(seen(range(first, first + number % 15))))

    def skip(self, number: int) -> None:
        first = self.store.next_id
        self.view.update(self.store.apply(seen((first, first + 1 + number % 3))))

    def fill(self, number: int) -> None:
        missing = [id for id in range(self.store.first_id, self.store.next_id) if self.store.get(id) is None]
        if missing:
            self.view.update(self.store.apply([ResponseChanged(one(missing[number % len(missing)]))]))

    def change(self, number: int) -> None:
        kept = list(self.store)
        if kept:
            old = kept[number % len(kept)]
            new = replace(old, body_bytes=number, wire_bytes=number, problems=(), status=number * 7 % 600)
            self.view.update(self.store.apply([ResponseChanged(new)]))

    def filter(self, number: int) -> None:
        self.filtered = number % 2 == 0
        self.view.set_filter(even if self.filtered else None)

    def choose(self, number: int) -> None:
        self.view.toggle_class(number % 5 + 1)

    def work(self, number: int) -> None:
        self.view.step(number)

    def pause(self, number: int) -> None:
        self.view.pause() if number % 2 else self.view.resume()

    def group(self, number: int) -> None:
        shapes = [None, *GROUPINGS]
        self.view.group_by(shapes[number % len(shapes)])

    def fold(self, number: int) -> None:
        if rows := len(self.view.rows):
            self.view.rows.fold(self.view.rows.key_at(number % rows), False)

    def sort(self, number: int) -> None:
        shapes = [*COLUMNS, *([COUNT] if self.view.grouped_by else []), None]
        self.view.sort_by(shapes[number % len(shapes)], reverse=number % 2 == 0)

    def clear(self, number: int) -> None:
        if number == 0:
            self.view.update(self.store.clear())


DEEDS = (
    *[History.come, History.change, History.fill] * 3,
    *[History.skip, History.work, History.fold] * 2,
    *(History.filter, History.choose, History.pause, History.group, History.sort, History.clear),
)


@pytest.mark.slow
@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 60)), min_size=15, max_size=50))
def test_any_history_shows_exactly_what_passes(deeds: list[tuple[Callable[[History, int], None], int]]) -> None:
    history = History()
    for deed, number in deeds:
        deed(history, number)
        if not history.view.pending:
            check(history.store, history.view, history.filtered)
    settle(history.view)
    check(history.store, history.view, history.filtered)


def test_one_that_comes_late_lets_nothing_be_passed_over_that_waits() -> None:
    history = History()
    history.pause(1)
    history.skip(1)
    history.come(6)
    history.pause(0)
    history.view.step(1)
    history.fill(0)
    settle(history.view)
    check(history.store, history.view, history.filtered)
