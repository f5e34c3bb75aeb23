"""Columns: what they say, how they share a width, and the numbers in them."""

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from rich.style import Style

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.tls import Tls
from httpresp_capture.records.workload import Workload
from httpresp_tui.model.columns import (
    ALL_COLUMNS,
    COLUMNS,
    MARKS,
    MORE_COLUMNS,
    class_style,
    column,
    header_column,
    layout,
    with_comments,
)
from httpresp_tui.model.group_columns import GROUP_COLUMNS, group_layout
from httpresp_tui.model.rows import GroupRow
from httpresp_tui.text.units import clock_text, count_text, date_text, duration_text, rate_text, size_text
from httpresp_tui.widgets.row_painter import RowPainter
from samples import FLOW, FLOW_V6, GET, MS, NOT_FOUND, OK, START, request, response, unanswered, with_gap


@pytest.fixture(autouse=True)
def _utc() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def cell(key: str, of: Response) -> str:
    found = column(key)
    assert found is not None
    return found.cell(of)


def test_a_row_says_what_happened() -> None:
    said = {
        "time": "22:13:20.021",
        "status": "200",
        "method": "GET",
        "host": "shop.example:8080",
        "path": "/shop/items?page=2",
        "type": "text/html",
        "size": "5 B",
        "ttfb": "20.0 ms",
        "client": "10.0.0.9",
        "flow": "#7",
        "marks": "",
    }
    assert {key: cell(key, response()) for key in said} == said


def test_a_request_without_response_is_a_row() -> None:
    row = unanswered()
    assert (cell("status", row), cell("size", row), cell("ttfb", row)) == ("—", "—", "—")
    assert (cell("path", row), cell("marks", row)) == ("/shop/items?page=2", "!  ?")


def test_a_response_without_request_says_so() -> None:
    row = response(NOT_FOUND, request=None)
    assert (cell("method", row), cell("host", row), cell("ttfb", row)) == ("—", "10.0.0.1", "—")
    assert cell("path", row) == "(HTTP/1.1 404 Not Found)"


def test_a_status_that_cannot_be_read_is_a_row() -> None:
    row = response(b"HTTP/1.1 2x0 OK\r\n\r\n", problems=(Problem("bad-status", 9),))
    assert (cell("status", row), class_style(row)) == ("???", "none")


def test_a_path_in_utf_8_is_read_as_such() -> None:
    row = response(request=request("GET /café HTTP/1.1\r\nHost: h\r\n\r\n".encode()))
    assert cell("path", row) == "/café"


@pytest.mark.parametrize(
    ("row", "marks"),
    [
        (response(problems=(Problem("bare-lf", 0),)), "!"),
        (with_gap(), " ~"),
        (response(end=None, ended_at=None), "   +"),
        (response(midstream=True), "   <"),
        (response(end=EndReason.CAPTURE_END), "   >"),
        (response(end=EndReason.SERVER_RST), "   /"),
        (response(), ""),
    ],
)
def test_marks_say_what_is_wrong_with_a_row(row: Response, marks: str) -> None:
    assert cell("marks", row) == marks


def test_every_mark_has_a_letter_of_its_own() -> None:
    assert len({mark.glyph for mark in MARKS}) == len(MARKS)
    assert all(mark.glyph.isascii() for mark in MARKS)


@pytest.mark.parametrize("width", range(20, 260))
def test_columns_fill_a_width_and_never_go_over_it(width: int) -> None:
    for placed in (layout(COLUMNS, width), group_layout(width)):
        assert all(one.end < other.start for one, other in pairwise(placed))
        if placed[-1].end <= width and any(one.column.share for one in placed):
            assert placed[-1].end == width


def test_columns_leave_in_a_fixed_order_and_three_stay() -> None:
    kept = [{placed.column.key for placed in layout(COLUMNS, width)} for width in range(200, 10, -1)]
    assert all(narrow <= wide for wide, narrow in pairwise(kept))
    assert kept[0] == {entry.key for entry in COLUMNS}
    assert kept[-1] == {"status", "path", "marks"}


def test_eighty_cells_show_what_was_answered_how_fast_and_a_few_more_show_who_with_the_port() -> None:
    keys = [placed.column.key for placed in layout(COLUMNS, 79)]
    assert keys == ["time", "status", "method", "path", "size", "ttfb", "marks"]
    (host,) = (placed for placed in layout(COLUMNS, 89) if placed.column.key == "host")
    assert host.width >= len("www.example.org:8080")
    assert all(placed.width >= len(placed.column.title) for placed in layout(COLUMNS, 79))


def test_a_large_terminal_gives_its_room_to_what_needs_it() -> None:
    width = {placed.column.key: placed.width for placed in layout(COLUMNS, 199)}
    assert width["host"] >= len("checkout-service.eu-central-1.example:8443")
    assert width["path"] >= 50
    assert width["type"] >= len("application/problem+json")
    assert width["client"] == 15
    wider = {placed.column.key: placed.width for placed in layout(COLUMNS, 299)}
    assert wider["path"] > wider["host"] > width["host"]


def test_what_is_chosen_says_what_it_is_of_a_row() -> None:
    who = Workload(host_name="node-3")
    tls = Tls(version="TLS 1.3", sni="shop.example")
    row = response(workload=who, flow=replace(FLOW_V6, tls=tls), request=request(b"GET /item/7 HTTP/1.1\r\n\r\n"))
    said = {
        "date": "2023-11-14",
        "duration": "25.0 ms",
        "request-size": "24 B",
        "protocol": "HTTP/1.1",
        "server": "[2001:db8::1]:8080",
        "sni": "shop.example",
        "node": "node-3",
        "route": "GET /item/:id",
        "comment": "",
    }
    assert {entry.key for entry in MORE_COLUMNS} == set(said)
    assert {key: cell(key, row) for key in said} == said
    assert cell("request-size", response(request=None)) == "—"
    (comment,) = with_comments([entry for entry in MORE_COLUMNS if entry.key == "comment"], lambda id: f"of {id}")
    assert (comment.cell(row), comment.sort(row)) == ("of 1", "of 1")


GROUP = GroupRow("k", "shop.example", 1_234, (3, 40, 1_095, 80, 7, 4, 5), 20, 9_000, 12 * MS, 340 * MS, 5, open=True)


def group_cells(width: int) -> list[str]:
    return [placed.column.cell(GROUP) for placed in group_layout(width)]


@pytest.mark.parametrize("width", range(45, 200))
def test_the_counts_of_a_group_add_up_at_any_width(width: int) -> None:
    _, count, *rest = group_cells(width)
    names = ("1xx", "2xx", "3xx", "4xx", "5xx", "???", "err", "rest", "enc")
    counts = [cell.split()[1] for cell in rest if cell.startswith(names)]
    assert sum(int(text.replace(",", "")) for text in counts) == int(count.replace(",", ""))


def test_eighty_cells_show_how_many_of_a_group_which_errors_and_how_slow() -> None:
    assert group_cells(79) == ["▼ shop.example", "1,234", "err 20", "rest 1214", "p95≈340 ms"]
    assert len(group_layout(158)) == len(GROUP_COLUMNS)
    exact = replace(GROUP, p95_ns=20_000 * MS, exact=True)
    assert [placed.column.cell(exact) for placed in group_layout(79)][-1] == "p95 20.0 s"


def test_titles_say_that_columns_have_left() -> None:
    def title(width: int, nested: bool) -> str:
        painter = RowPainter()
        painter.resize(width)
        return painter.header(lambda _: Style.null(), None, False, nested).text

    assert title(79, False)[-6:] == "b !  …"
    assert title(79, True)[-1:] == "…"
    assert not any("…" in title(199, nested) for nested in (False, True))


def test_any_header_can_be_a_column() -> None:
    entry = column("header:X-Cache")
    assert entry is not None
    row = response(b"HTTP/1.1 200 OK\r\nx-cache: HIT\r\n\r\n")
    assert (entry.key, entry.cell(row), entry.sort(row)) == ("header:x-cache", "HIT", "HIT")
    assert header_column("x-cache").cell(response()) == ""
    assert column("header:") is None
    assert column("nonsense") is None


def test_every_column_can_sort_any_two_rows() -> None:
    rows = [response(OK), unanswered(), response(NOT_FOUND, request=None), response(flow=replace(FLOW, id=1))]
    for entry in ALL_COLUMNS:
        assert len(sorted(rows, key=entry.sort)) == len(rows)


def test_an_absolute_target_gives_host_and_path() -> None:
    head = GET.replace(b"/shop", b"http://proxy.example/shop")
    row = response(request=request(head))
    assert (cell("host", row), cell("path", row)) == ("proxy.example", "/shop/items?page=2")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (1_294, "1.3 kB"),
        (9_960, "10 kB"),
        (45_200, "45 kB"),
        (999_600, "1.0 MB"),
        (2_100_000, "2.1 MB"),
        (3_000_000_000, "3.0 GB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert size_text(count) == text


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (None, "—"),
        (0, "0 ns"),
        (412_000, "412 µs"),
        (12_340_000, "12.3 ms"),
        (999_900_000, "1.00 s"),
        (1_250_000_000, "1.25 s"),
        (65_000_000_000, "65.0 s"),
        (185_000_000_000, "3 min 5 s"),
    ],
)
def test_durations(ns: int | None, text: str) -> None:
    assert duration_text(ns) == text


def test_times_counts_and_rates() -> None:
    assert clock_text(START + 123 * MS) == "22:13:20.123"
    assert date_text(START + 1) == "2023-11-14 22:13:20.000000001"
    assert count_text(1_234_567) == "1,234,567"
    assert [rate_text(value) for value in (0, 0.4, 9.96, 5_012.3)] == ["0/s", "0.4/s", "10/s", "5,012/s"]
