"""Ten thousand rows cost no more than those in sight, and the cursor stays on its row."""

import pytest
from textual.app import App, ComposeResult
from textual.content import Content

from httpresp_tui.widgets.table import Shape, Table, TableColumn
from scripted import STYLE_SHEET

SHAPE = Shape((TableColumn("number", 8, str, share=1),), key=lambda row: row, is_dim=lambda row: row % 2 == 1)
NOTHING = Content("nothing here")


class Host(App[None]):
    """A table alone."""

    CSS_PATH = STYLE_SHEET

    drawn = 0
    chosen: list[object]

    def compose(self) -> ComposeResult:
        self.chosen = []
        yield Table(SHAPE)

    def on_table_chosen(self, event: Table.Chosen) -> None:
        self.chosen.append(event.row)


async def test_only_rows_in_sight_are_drawn() -> None:
    drawn: list[int] = []

    def cell(row: int) -> str:
        drawn.append(row)
        return str(row)

    app = Host()
    async with app.run_test(size=(40, 11)) as pilot:
        table = app.query_one(Table)
        table.show(Shape((TableColumn("number", 8, cell),), lambda row: row, lambda _: False), range(10_000), NOTHING)
        await pilot.press("G")
        await pilot.pause()
        assert 9_999 in drawn
        assert len(set(drawn)) <= 20
        assert app.chosen[-1] == 9_999


@pytest.mark.slow
async def test_keys_move_by_rows_and_screens() -> None:
    app = Host()
    async with app.run_test(size=(40, 11)) as pilot:
        table = app.query_one(Table)
        table.show(SHAPE, range(100), NOTHING)
        await pilot.press("j", "j", "k", "pagedown")
        assert table.current == 10
        await pilot.press("ctrl+d", "pageup", "ctrl+u", "k", "k")
        assert table.current == 0
        await pilot.press("end", "home", "j")
        assert table.current == 1


async def test_the_cursor_stays_on_its_row_as_others_come_before_it() -> None:
    app = Host()
    async with app.run_test(size=(40, 11)) as pilot:
        table = app.query_one(Table)
        table.show(SHAPE, [10, 20, 30], NOTHING)
        await pilot.press("j")
        table.show(SHAPE, [5, 6, 10, 20, 30], NOTHING)
        assert table.current == 20
        table.show(SHAPE, [5, 6], NOTHING)
        assert table.current in (5, 6)
        table.show(SHAPE, [], NOTHING)
        assert table.current is None
        await pilot.press("j", "G")
        assert table.current is None


async def test_a_row_is_chosen_by_a_click() -> None:
    app = Host()
    async with app.run_test(size=(40, 11)) as pilot:
        table = app.query_one(Table)
        table.show(SHAPE, range(100), NOTHING)
        await pilot.click(table, offset=(3, 4))
        assert table.current == 3
