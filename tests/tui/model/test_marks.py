"""Marks: whose they are, what was said, and what becomes of them."""

import pytest

from httpresp_capture.query import Hooks, compile_query
from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.columns import COLUMNS, with_badges
from httpresp_tui.model.marks import LONGEST, MOST, Marks
from httpresp_tui.model.store import Store
from httpresp_tui.model.view import View
from samples import response


def test_a_mark_has_a_comment_or_none() -> None:
    marks = Marks()
    assert marks.add(3)
    assert marks.add(1, "  why\n this? ")
    assert list(marks) == [1, 3]
    assert (marks.comment(1), marks.comment(3), marks.comment(2)) == ("why this?", "", "")
    assert [marks.values(response(id=id)) for id in (1, 2, 3)] == [("why this?",), (), ("",)]
    marks.remove(1)
    assert (1 in marks, 3 in marks, len(marks)) == (False, True, 1)


def test_marks_are_bounded_and_so_are_comments() -> None:
    marks = Marks()
    assert all(marks.add(id) for id in range(MOST))
    assert not marks.add(MOST)
    assert marks.add(MOST - 1, "x" * 2 * LONGEST)
    assert len(marks.comment(MOST - 1)) == LONGEST
    assert len(marks) == MOST


def test_a_mark_goes_with_its_response_and_that_is_told_once() -> None:
    store, marks = Store(max_responses=2), Marks()
    marks.update(store.apply([ResponseSeen(response(id=1)), ResponseSeen(response(id=2))]))
    marks.add(1)
    marks.add(2)
    marks.update(store.apply([ResponseSeen(response(id=3))]))
    assert list(marks) == [2]
    assert (marks.take_lost(), marks.take_lost()) == (1, 0)
    marks.clear()
    assert (len(marks), marks.take_lost()) == (0, 0)


@pytest.mark.parametrize("shape", ["flat", "grouped", "sorted"])
def test_a_filter_that_asks_for_marks_shows_them_as_they_change(shape: str) -> None:
    store, marks = Store(), Marks()
    view = View(store)
    seen = [response(id=id) for id in (1, 2, 3)]
    view.update(store.apply([ResponseSeen(each) for each in seen]))
    match shape:
        case "grouped":
            view.group_by("host")
        case "sorted":
            view.sort_by(next(column for column in COLUMNS if column.key == "size"))
        case _:
            pass
    hooks = Hooks({"marked": marks.values, "mark": marks.values})
    view.set_filter(compile_query("is:marked -mark:done", hooks).matches)
    view.step()

    def mark(of: Response, comment: str = "") -> list[int]:
        with view.changing(of):
            marks.add(of.id, comment)
        return [each.id for each in view.visible()]

    assert mark(seen[1]) == [2]
    assert mark(seen[0], "look") == [1, 2]
    assert mark(seen[0], "look again") == [1, 2]
    assert mark(seen[1], "done") == [1]
    assert [view.rows.key_at(index) for index in range(len(view.rows))][-1] == 1
    with view.changing(seen[0]):
        marks.remove(1)
    assert (view.shown, len(view.rows)) == (0, 0)


def test_a_mark_stands_before_the_letter_of_a_finding() -> None:
    def last(badge: str, marked: bool) -> str:
        return with_badges(COLUMNS, lambda _: badge, lambda _: marked)[-1].cell(response(end=None))

    assert last("H", True) == "*H   +"
    assert last("H", False) == " H   +"
    assert last("", True) == "*    +"
    assert last("", False) == "     +"
