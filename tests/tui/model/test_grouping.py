"""Groups: which there are, what they roll up, how they fold, and how lines find them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.evidence import Gap
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.fenwick import Fenwick
from httpresp_tui.model.grouping import GROUPINGS
from httpresp_tui.model.idlist import IdList
from httpresp_tui.model.rows import GroupRow, Rows
from httpresp_tui.model.store import Store
from httpresp_tui.model.view import View
from samples import FAILED, FLOW, MS, NOT_FOUND, OK, REDIRECT, request, response, unanswered


def on_flow(id: int, flow: int, head: bytes = OK, **fields: Any) -> Response:
    return response(head, id=id, flow=replace(FLOW, id=flow), **fields)


def grouped(responses: Iterable[Response], by: str = "flow", max_responses: int = 1_000) -> tuple[Store, View]:
    store = Store(max_responses)
    view = View(store)
    view.update(store.apply([ResponseSeen(one) for one in responses]))
    view.group_by(by)
    while not view.step():
        pass
    return store, view


def keys(rows: Rows) -> list[int | str]:
    return [rows.key_at(index) for index in range(len(rows))]


def group_at(rows: Rows, index: int) -> GroupRow:
    row = rows.row_at(index)
    assert isinstance(row, GroupRow)
    return row


FOUR = (on_flow(1, 5), on_flow(2, 6, NOT_FOUND), on_flow(3, 5), on_flow(4, 6))


def test_responses_stand_below_their_connection_in_order_of_arrival() -> None:
    _, view = grouped(FOUR)
    assert keys(view.rows) == ["5", 1, 3, "6", 2, 4]
    assert group_at(view.rows, 0).label == "#5 10.0.0.9:50322 → 10.0.0.1:8080"


def test_new_responses_join_their_group() -> None:
    store, view = grouped(FOUR)
    view.update(store.apply([ResponseSeen(on_flow(5, 5)), ResponseSeen(on_flow(6, 7))]))
    assert keys(view.rows) == ["5", 1, 3, 5, "6", 2, 4, "7", 6]


def test_a_group_folds_and_stays_folded_under_a_filter() -> None:
    _, view = grouped(FOUR)
    assert view.rows.fold(3, False) == "5"
    assert keys(view.rows) == ["5", "6", 2, 4]
    assert view.rows.index_of(3) == 0
    assert view.rows.fold("5", False) is None
    view.set_filter(lambda response: response.id > 1)
    while not view.step():
        pass
    assert keys(view.rows) == ["6", 2, 4, "5"]
    assert not group_at(view.rows, 3).open


def test_all_fold_and_all_unfold() -> None:
    store, view = grouped(FOUR)
    view.rows.fold_all()
    assert keys(view.rows) == ["5", "6"]
    view.update(store.apply([ResponseSeen(on_flow(5, 9))]))
    assert keys(view.rows) == ["5", "6", "9"]
    view.rows.fold_all()
    assert keys(view.rows) == ["5", 1, 3, "6", 2, 4, "9", 5]


def test_a_group_says_what_its_responses_add_up_to() -> None:
    slow = on_flow(3, 1, FAILED, request=request(at_ms=1), at_ms=501, gaps=(Gap(0, 9),), body_bytes=1_000)
    _, view = grouped([on_flow(1, 1, body_bytes=100), on_flow(2, 1, NOT_FOUND, body_bytes=10), slow])
    group = group_at(view.rows, 0)
    assert (group.count, group.bytes, group.problems) == (3, 1_110, 1)
    assert group.classes == (0, 0, 1, 0, 1, 1, 0)
    assert group.p50_ns is not None
    assert group.p95_ns is not None
    assert abs(group.p50_ns - 20 * MS) < 0.1 * MS
    assert abs(group.p95_ns - 500 * MS) < 2.5 * MS


def test_a_host_of_other_letters_is_named_as_in_its_column() -> None:
    rows = [response(id=1, request=request("GET / HTTP/1.1\r\nHost: MÜNZE.example\r\n\r\n".encode()))]
    _, view = grouped(rows, "host")
    assert group_at(view.rows, 0).label == "münze.example"


def test_responses_group_by_host_client_class_and_type() -> None:
    other = request(b"GET / HTTP/1.1\r\nHost: Other.example\r\n\r\n")
    rows = (
        response(id=1),
        response(REDIRECT, id=2, request=other, flow=replace(FLOW, client="10.0.0.7")),
        response(NOT_FOUND, id=3, request=None),
        unanswered(id=4),
    )
    labels = {
        by: [row.label for index in range(len(view.rows)) if isinstance(row := view.rows.row_at(index), GroupRow)]
        for by in GROUPINGS
        for _, view in [grouped(rows, by)]
    }
    assert labels["host"] == ["shop.example:8080", "other.example", "10.0.0.1"]
    assert labels["client"] == ["10.0.0.9", "10.0.0.7"]
    assert labels["status"] == ["2xx", "3xx", "4xx", "no status"]
    assert labels["type"] == ["text/html", "(no type)", "application/json"]


def test_a_group_without_responses_is_gone() -> None:
    store, view = grouped(FOUR, max_responses=4)
    view.update(store.apply([ResponseSeen(on_flow(id, 8)) for id in (5, 6, 7)]))
    assert keys(view.rows) == ["6", 4, "8", 5, 6, 7]


def test_many_connections_come_and_go() -> None:
    store, view = grouped(FOUR, max_responses=10)
    for id in range(5, 1_000):
        view.update(store.apply([ResponseSeen(on_flow(id, id))]))
    assert keys(view.rows) == [key for id in range(990, 1_000) for key in (str(id), id)]


def test_the_next_error_may_be_in_a_folded_group() -> None:
    _, view = grouped(FOUR)
    view.rows.fold_all()
    assert view.rows.next_error("5", 1) == 2
    assert keys(view.rows) == ["5", "6", 2, 4]
    assert view.rows.next_error(2, 1) is None
    assert view.rows.next_error(4, -1) == 2
    assert view.rows.next_error("6", -1) is None


def test_a_failed_call_of_grpc_is_an_error_of_its_group_though_its_status_is_200() -> None:
    head = b"HTTP/2 200\r\ncontent-type: application/grpc\r\n\r\n"
    failed = on_flow(2, 6, head, protocol="HTTP/2", trailers=b"grpc-status: 14\r\n\r\n")
    _, view = grouped((on_flow(1, 5), failed, on_flow(3, 6)))
    view.rows.fold_all()
    assert [group_at(view.rows, line).errors for line in (0, 1)] == [0, 1]
    assert view.rows.next_error("5", 1) == 2
    _, view = grouped((failed, *(on_flow(id, 6) for id in range(3, 6))), max_responses=3)
    assert group_at(view.rows, 0).errors == 0


@given(st.lists(st.integers(0, 9), max_size=40), st.lists(st.integers(0, 9), max_size=10))
def test_a_fenwick_tree_is_a_list_of_heights(heights: list[int], more: list[int]) -> None:
    tree = Fenwick(heights)
    for height in more:
        tree.append(height)
    heights = heights + more
    for place in range(len(heights)):
        tree.add(place, 1)
    heights = [height + 1 for height in heights]
    assert (len(tree), tree.total) == (len(heights), sum(heights))
    assert [tree.before(place) for place in range(len(heights))] == [
        sum(heights[:place]) for place in range(len(heights))
    ]
    lines = [(place, line) for place, height in enumerate(heights) for line in range(height)]
    assert [tree.find(line) for line in range(tree.total)] == lines


@given(st.lists(st.tuples(st.sampled_from(["newer", "older", "insert", "discard", "forget"]), st.integers(-30, 30))))
def test_an_id_list_is_a_sorted_list(history: list[tuple[str, int]]) -> None:
    ids = IdList()
    plain: list[int] = []
    for what, id in history:
        match what:
            case "newer" if not plain or id > plain[-1]:
                ids.add_newer((id,))
                plain.append(id)
            case "older" if not plain or id < plain[0]:
                ids.add_older((id,))
                plain.insert(0, id)
            case "insert":
                ids.insert(id)
                plain = sorted({*plain, id})
            case "discard":
                assert ids.discard(id) == (id in plain)
                plain = [one for one in plain if one != id]
            case "forget":
                ids.forget_before(id)
                plain = [one for one in plain if one >= id]
            case _:
                pass
        assert list(ids) == plain
        assert [ids[index] for index in range(len(ids))] == plain
        assert ids.near(id) == sum(one < id for one in plain)
        assert ids.index(id) == (plain.index(id) if id in plain else None)


def test_the_row_of_a_group_of_one_says_its_very_time() -> None:
    slow = response(id=1, request=request(at_ms=-20_000), at_ms=0)
    _, view = grouped([slow])
    row = group_at(view.rows, 0)
    assert (row.p95_ns, row.exact) == (slow.first_byte_ns, True)
