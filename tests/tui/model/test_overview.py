"""The overview adds up: whatever came, changed, left or was filtered, its rows are those of what is visible."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.checks import Severity
from httpresp_capture.records.error_responses import is_error
from httpresp_capture.records.events import CaptureEvent, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.overview import MOST_ROWS, OTHERS, Overview, OverviewRow
from httpresp_tui.model.overview_columns import between_text, columns, in_order, pace_text
from httpresp_tui.model.overview_kinds import KINDS
from httpresp_tui.model.store import Store
from httpresp_tui.model.view import View
from samples import FAILED, FLOW, MS, NOT_FOUND, OK, REDIRECT, encrypted, request, response, unanswered, with_gap

HEADS = (OK, OK, NOT_FOUND, REDIRECT, FAILED)


def one(id: int, version: int = 0) -> Response:
    """A response whose route, class, time and size follow from its id."""
    head = b"GET /%s/%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % ((b"a", b"b", b"c")[id % 3], id)
    asked = None if id % 7 == 0 else request(head, at_ms=id * 30 - id % 11)
    if id % 13 == 0:
        return unanswered(id=id, request=request(head), flow=replace(FLOW, id=id))
    return response(HEADS[(id + version) % 5], id=id, at_ms=id * 30, request=asked, body_bytes=id % 50 + version)


class World:
    """A store, a view of it, and an overview of the view."""

    def __init__(self, kind: str = "route", most: int = 1_000) -> None:
        self.store = Store(most)
        self.view = View(self.store)
        self.worst: dict[int, Severity] = {}
        self.overview = Overview(
            self.store, KINDS[kind], lambda: self.view.ids, lambda: self.view.front,
            lambda response: self.worst.get(response.id),
        )  # fmt: skip
        self.view.follow(self.overview)

    def tell(self, events: Sequence[CaptureEvent]) -> None:
        self.view.update(self.store.apply(events))

    def see(self, *responses: Response) -> None:
        self.tell([ResponseSeen(response) for response in responses])

    def settle(self) -> dict[tuple[str, str], OverviewRow]:
        while not self.view.step(7):
            pass
        while not self.overview.step(5):
            pass
        return {row.key: row for row in self.overview.rows()}


def check(world: World) -> None:
    """Against the plain way: sort what is visible into groups, and count."""
    rows = world.settle()
    groups: dict[tuple[str, str], list[Response]] = {}
    for each in world.view.visible():
        groups.setdefault(world.overview.kind.of(each), []).append(each)
    assert rows.keys() == groups.keys()
    for key, responses in groups.items():
        row = rows[key]
        waits = sorted(wait for each in responses if (wait := each.first_byte_ns) is not None)
        assert (row.count, row.errors, row.bytes) == (
            len(responses), sum(map(is_error, responses)), sum(each.body_bytes for each in responses)
        )  # fmt: skip
        assert sum(row.histogram) == len(waits)
        assert row.p50.ns == (waits[(len(waits) + 1) // 2 - 1] if waits else None)
        assert sum(world.overview.course(key, 9)) == len(responses)


def some(ids: Iterable[int], version: int = 0) -> list[CaptureEvent]:
    return [(ResponseChanged if version else ResponseSeen)(one(id, version)) for id in ids]


STEPS = st.lists(
    st.sampled_from(["more", "change", "filter", "all", "pause", "resume", "class", "walk", "step", "by", "flat"]),
    max_size=25,
)


@given(STEPS)
def test_it_adds_up_whatever_happens(steps: list[str]) -> None:
    world = World(most=40)
    came = 0
    for step in steps:
        match step:
            case "more":
                world.tell(some(range(came + 1, came + 9)))
                came += 8
            case "change":
                world.tell(some(range(max(1, came - 5), came + 1), version=1))
            case "filter":
                world.view.set_filter(lambda each: each.body_bytes % 2 == 0)
            case "all":
                world.view.set_filter(None)
            case "pause":
                world.view.pause()
            case "resume":
                world.view.resume()
            case "class":
                world.view.toggle_class(2)
            case "walk":
                world.view.step(3)
            case "step":
                world.overview.step(4)
            case "by":
                world.overview.sum_up_by(KINDS["host"])
            case _:
                world.view.group_by("flow")
    check(world)


def test_one_row_is_a_route() -> None:
    world = World()
    world.see(*(response(id=id, request=request(b"GET /item/%d?x=%d HTTP/1.1\r\nHost: Shop.example\r\n\r\n" % (id, id)))
                for id in range(1, 6)))  # fmt: skip
    assert [(key, row.count) for key, row in world.settle().items()] == [(("GET /item/:id", "shop.example"), 5)]


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("host", ("shop.example:8080", "")), ("client", ("10.0.0.9", "")), ("type", ("text/html", "")),
        ("process", ("", "")),
    ],
)  # fmt: skip
def test_it_sums_up_by_other_things(kind: str, key: tuple[str, str]) -> None:
    world = World(kind)
    world.see(response())
    assert list(world.settle()) == [key]


def test_an_encrypted_connection_is_in_no_row_and_told() -> None:
    world = World()
    world.see(response(id=1), encrypted(id=2))
    assert (len(world.settle()), world.overview.count, world.overview.encrypted) == (1, 1, 1)


def test_more_routes_than_there_are_rows_are_one_row_together() -> None:
    world = World(most=2_000)
    heads = [b"GET /p%dx HTTP/1.1\r\nHost: a\r\n\r\n" % id for id in range(MOST_ROWS + 30)]
    world.see(*(response(id=id + 1, request=request(head)) for id, head in enumerate(heads)))
    rows = world.settle()
    assert (len(rows), rows[OTHERS].count) == (MOST_ROWS + 1, 30)
    # Out again where it was counted in.
    world.tell([ResponseChanged(response(NOT_FOUND, id=MOST_ROWS + 5, request=request(heads[MOST_ROWS + 4])))])
    rows = world.settle()
    assert (rows[OTHERS].count, rows[OTHERS].errors) == (30, 1)
    last = in_order(list(rows.values()), columns(lambda _: [], 1, str, hosts=False, lost=False)[1], reverse=True)[-1]
    assert last.others


def test_findings_are_counted_once_whenever_they_are_found() -> None:
    world = World()
    world.worst[1] = Severity.HIGH
    world.see(response(id=1), response(id=2), response(id=3))
    world.worst |= {2: Severity.LOW, 3: Severity.INFO}
    world.overview.found([1, 2, 3])
    world.overview.found([2])
    (row,) = world.settle().values()
    assert row.findings == 2
    world.view.set_filter(lambda each: each.id != 2)
    (row,) = world.settle().values()
    assert row.findings == 1


def timed(*waits_ms: int | None) -> OverviewRow:
    """The row of responses that took so long; None for one whose request seems to have been sent after it."""
    world = World()
    sent = [2_000 if wait is None else 1_000 - wait for wait in waits_ms]
    world.see(*(response(id=id, at_ms=1_000, request=request(at_ms=at)) for id, at in enumerate(sent, 1)))
    (row,) = world.settle().values()
    return row


def test_a_quantile_is_a_measured_time() -> None:
    row = timed(*range(1, 21))
    assert [each.ns for each in row.quantiles] == [10 * MS, 19 * MS, 20 * MS]
    assert (row.untimed, row.p95.uncertain, between_text(row.p95)) == (0, False, "19.0 ms")


def test_where_times_are_missing_it_lies_between_two() -> None:
    # Eighteen are known; two, of a clock that was set back, are not.
    row = timed(*range(1, 19), None, None)
    assert (row.untimed, row.p50.ns, row.p50.low, row.p50.high) == (2, 9 * MS, 8 * MS, 10 * MS)
    assert between_text(row.p50) == "±9.00 ms"
    # The slowest may be any of the unknown.
    assert (row.p95.low, row.p95.high) == (17 * MS, None)
    assert between_text(row.p95).startswith("≥")


def test_where_no_time_is_known_nothing_is_said() -> None:
    row = timed(None)
    assert (row.p95.ns, row.p95.uncertain, between_text(row.p95)) == (None, False, "—")


def test_bytes_of_what_was_not_wholly_captured_are_a_lower_bound() -> None:
    world = World()
    world.see(with_gap(id=1))
    (row,) = world.settle().values()
    by_key = {column.key: column for column in columns(lambda _: [], 1, str, hosts=False, lost=True)}
    assert row.incomplete == 1
    assert by_key["bytes"].cell(row).startswith("≥")
    assert by_key["count"].cell(row) == "≥1"


def test_the_worst_comes_first() -> None:
    world = World()
    world.tell(some(range(1, 60)))
    rows = list(world.settle().values())
    by_key = {column.key: column for column in columns(lambda _: [], 1, str, hosts=False, lost=False)}
    errors = [row.errors for row in in_order(rows, by_key["errors"], reverse=False)]
    assert errors == sorted(errors, reverse=True)
    names = [row.key for row in in_order(rows, by_key["name"], reverse=False)]
    assert names == sorted(names, key=str)


@pytest.mark.parametrize(
    ("count", "seconds", "text"),
    [(50, 10, "5.0/s"), (5_000, 1, "5,000/s"), (2, 60, "2.0/min"), (3, 3_600, "3/h"), (1, 0, "1.0/s")],
)
def test_a_rate_is_told_by_the_unit_that_says_it(count: int, seconds: float, text: str) -> None:
    assert pace_text(count, seconds) == text


def test_each_row_becomes_a_filter_of_its_responses() -> None:
    from httpresp_capture.analysis.finding_hooks import finding_hooks
    from httpresp_capture.analysis.findings import Findings
    from httpresp_capture.query import compile_query

    odd = request(b'GET /a"b\\c/7 HTTP/1.1\r\nHost: a"b\r\n\r\n')
    seen = [*map(one, range(1, 30)), response(id=30, request=odd), response(b"HTTP/1.1 200 OK\r\n\r\n", id=31)]
    for kind in KINDS.values():
        world = World(kind.key)
        world.see(*seen)
        for key, row in world.settle().items():
            query = compile_query(kind.query(*key), finding_hooks(Findings()))
            assert [each.id for each in seen if query.matches(each)] == [
                each.id for each in seen if kind.of(each) == key
            ]
            assert row.count
