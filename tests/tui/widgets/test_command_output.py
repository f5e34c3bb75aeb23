"""What a command prints, on the screen."""

import pytest
from textual.app import App, ComposeResult

from httpresp_tui.widgets.command_output import LINES, MOST_LINE, CommandOutput


class Bench(App[None]):
    """The widget alone."""

    def __init__(self, *words: str) -> None:
        super().__init__()
        self.output = CommandOutput(words)

    def compose(self) -> ComposeResult:
        yield self.output

    def lines(self) -> list[str]:
        return self.output.render().plain.split("\n")


async def shown(*data: bytes, status: int | None = None, command: str = "curl") -> list[str]:
    """The lines after this was printed."""
    app = Bench(command)
    async with app.run_test():
        for each in data:
            app.output.take(each)
        app.output.status = lambda: status
        app.output.sync()
        return app.lines()


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (None, "curl · running"),
        (0, "curl · exit status 0"),
        (22, "curl · exit status 22"),
        (137, "curl · ended by signal 9"),
        (255, "curl · exit status 255"),
    ],
)
async def test_the_title_says_how_it_stands(status: int | None, title: str) -> None:
    assert await shown(status=status) == [title]


async def test_the_last_lines_are_shown_whole_or_not() -> None:
    printed = b"".join(b"line %d\n" % number for number in range(20)) + b"and a half"
    lines = await shown(printed[:30], printed[30:])
    assert lines[1:] == [f"line {number}" for number in range(20 - LINES + 1, 20)] + ["and a half"]


async def test_what_is_written_over_is_gone() -> None:
    lines = await shown(b"  0 %\r 50 %\r100 %", b"\r\ndone\n")
    assert lines[1:] == ["100 %", "done"]


@pytest.mark.parametrize(
    "data", [b"\x1b[31mred\x1b[0m", b"\x1b]0;title\x07red", b"\x1b]8;;http://x\x1b\\red", b"r\x1b[Ked"]
)
async def test_colours_and_cursors_are_taken_out(data: bytes) -> None:
    assert (await shown(data))[1:] == ["red"]


async def test_other_controls_are_shown_as_signs() -> None:
    lines = await shown(b"a\x07b\x1bP\x9b31m\xe2\x80\xae", command="sh -c \x1b[2J")
    assert "\x1b" not in "".join(lines)
    assert "␛" in lines[0]
    assert lines[1].startswith("a␇b")


async def test_a_line_without_end_is_bounded() -> None:
    lines = await shown(*[b"x" * 65_536] * 100)
    assert len(lines[1]) <= MOST_LINE


async def test_of_a_long_command_the_end_is_told_all_the_same() -> None:
    title = (await shown(b"x\n", status=3, command="curl " + "https://shop.example/ " * 20))[0]
    assert title.endswith("… · exit status 3")
