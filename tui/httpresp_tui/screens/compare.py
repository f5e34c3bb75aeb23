"""The Compare screen: two responses side by side, what differs lit, from the status line to the body of the request."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from httpresp_capture.analysis.diff_rows import Section
from httpresp_capture.analysis.side_by_side import side_by_side
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.plurals import many
from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.screens.modal import Modal
from httpresp_tui.text.units import clock_text, duration_text
from httpresp_tui.widgets.compare_lines import Comparison, comparison_lines
from httpresp_tui.widgets.detail import title
from httpresp_tui.widgets.detail_text import DetailText
from httpresp_tui.widgets.status_bar import StatusBar, WithStatusBar

BEFORE = 4
"""Lines that stay above a difference that was gone to, so that its section is seen."""


class CompareScreen(WithStatusBar, Modal[None]):
    """Shows; changes nothing."""

    DEFAULT_CSS = """
    CompareScreen {
        layout: vertical;
        & > .compare-side { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > DetailText { padding: 0 0 0 1; margin: 1 0 0 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "compare",
        Groups.DETAIL,
        ("next", "n", "difference(1)", "Next", "The next difference", True),
        ("previous", "N", "difference(-1)", "Previous", "The difference before", False),
        ("only", "d", "only", "Differing", "Differences only, or what is the same too", True),
        ("swap", "x", "swap", "Swap", "Left to the right, and right to the left", True),
        ("wrap", "w", "wrap", "Wrap", "Wrap long lines, or let them run out of the pane", False),
        ("leave", "escape,q,equals_sign", "leave", "Back", "Back to the responses", True),
        ("help", "question_mark,f1", "app.help", "Help", "Every key, and what the marks mean", True),
    )

    def __init__(self, left: Response, right: Response) -> None:
        super().__init__()
        self._sides = left, right
        self._sections: tuple[Section, ...] = side_by_side(left, right)
        self._everything = True
        self._shown = Comparison((), ())
        self._width = 0
        self._at = -1
        """Which difference was gone to last."""

    def compose(self) -> ComposeResult:
        """Which two, and how they differ."""
        yield Static(classes="compare-side", id="compare-left", markup=False)
        yield Static(classes="compare-side", id="compare-right", markup=False)
        yield DetailText()
        yield StatusBar()

    def on_mount(self) -> None:
        """The text takes the keys."""
        self._text.focus()

    def on_resize(self, event: Resize) -> None:
        """Two columns, or one."""
        if event.size.width != self._width:
            self._width = event.size.width
            self._fill(keep=True)

    @property
    def _text(self) -> DetailText:
        return self.query_one(DetailText)

    @property
    def differences(self) -> int:
        """How many there are."""
        return sum(section.differences for section in self._sections)

    def is_useful(self, id: str) -> bool:
        """Without a difference there is none to go to."""
        match id:
            case "compare.next" | "compare.previous":
                return bool(self._shown.differences)
            case "compare.only":
                return any(row.change == "same" for section in self._sections for row in section.rows)
            case _:
                return True

    def _fill(self, *, keep: bool) -> None:
        for name, glyph, response in zip(("left", "right"), "-+", self._sides, strict=True):
            wait = duration_text(response.first_byte_ns)
            told = Content(f"{glyph} {clock_text(response.at)}  {wait}  ")
            self.query_one(f"#compare-{name}", Static).update(told + title(response))
        self._shown = comparison_lines(self._sections, self._width - 3, everything=self._everything)
        self._text.border_title = None
        self._text.show_lines(self._shown.lines, keep=keep)
        count = self.differences
        self.query_one(StatusBar).note = many(count, "difference") if count else "no difference"

    def action_difference(self, step: int) -> None:
        """To the next one, round and round."""
        places = self._shown.differences
        if places:
            self._at = (self._at + step) % len(places) if self._at >= 0 or step > 0 else len(places) - 1
            self._text.go_to_line(max(0, places[self._at] - BEFORE))

    def action_only(self) -> None:
        """With what is the same, or without."""
        self._everything = not self._everything
        self._at = -1
        self._fill(keep=False)

    def action_swap(self) -> None:
        """The other way round."""
        left, right = self._sides
        self._sides = right, left
        self._sections = side_by_side(right, left)
        self._fill(keep=True)

    def action_wrap(self) -> None:
        """Wrap or not."""
        self._text.toggle_wrap()

    def action_leave(self) -> None:
        """Back."""
        self.dismiss()
