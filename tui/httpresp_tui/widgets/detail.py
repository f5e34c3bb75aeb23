"""The detail pane: everything about one response, in tabs over one scrolling text.

The pane is told which response to show and says when its reader wants another one or wants to leave; it knows neither
the list nor the store. The same response shown again, when it has ended, changes in place.
"""

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.grpc import status_name, status_of
from httpresp_capture.records.targets import url_of
from httpresp_capture.redaction import Redactor
from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.text.badges import MARKED
from httpresp_tui.text.encrypted import encrypted_text
from httpresp_tui.text.printable import decoded, printable
from httpresp_tui.text.run import NO_RUN, Run
from httpresp_tui.widgets.detail_search import DetailSearch
from httpresp_tui.widgets.detail_text import DetailText
from httpresp_tui.widgets.lines import Line, TextStyle, line, own
from httpresp_tui.widgets.tab_strip import TabStrip
from httpresp_tui.widgets.tabs import Tab, View
from httpresp_tui.widgets.tabs_body import body
from httpresp_tui.widgets.tabs_findings import findings
from httpresp_tui.widgets.tabs_json import event_json
from httpresp_tui.widgets.tabs_metadata import metadata
from httpresp_tui.widgets.tabs_response import whole_response
from httpresp_tui.widgets.tabs_timing import timing

TABS: tuple[Tab, ...] = (
    Tab("response", "Response", whole_response),
    Tab("body", "Body", body),
    Tab("metadata", "Metadata", metadata, scales=True),
    Tab("timing", "Timing", timing, scales=True),
    Tab("findings", "Findings", findings),
    Tab("json", "JSON", event_json),
)
"""Every tab, in the order of `[` and `]`, and of the digits."""

HINT = (
    line(own("No response is chosen.", TextStyle.STRONG)),
    Line(),
    line(own("Move through the list with j and k; Enter opens the one under the cursor.", TextStyle.DIM)),
)


class Detail(Widget):
    """One response, taken apart."""

    DEFAULT_CSS = """
    Detail {
        layout: vertical;
        & > #detail-title { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > TabStrip { height: 1; padding: 0 1; }
        & > DetailText { padding: 0 0 0 1; margin: 1 0 0 0; }
        & > DetailSearch { display: none; height: 1; }
        & > DetailSearch.-open { display: block; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "detail",
        Groups.DETAIL,
        ("previous-tab", "left_square_bracket", "tab(-1)", "Previous tab", "The tab before", False),
        ("next-tab", "right_square_bracket", "tab(1)", "Next tab", "The next tab", True),
        *(
            (f"tab-{digit}", f"{digit}", f"open_tab({digit})", tab.title, "Open a tab by its number", False)
            for digit, tab in enumerate(TABS[:9], 1)
        ),
        ("next", "J", "step(1)", "Next", "The next response of the list", True),
        ("previous", "K", "step(-1)", "Previous", "The response before it in the list", False),
        ("search", "slash", "search", "Search", "Search in this tab", True),
        ("next-match", "n", "match(1)", "Next match", "Go to the next match of the search", False),
        ("previous-match", "N", "match(-1)", "Previous match", "Go to the match before", False),
        ("wrap", "w", "wrap", "Wrap", "Wrap long lines, or let them run out of the pane", True),
        ("leave", "escape,q", "leave", "Back", "Clear the search, or go back to the list", True),
    )

    @dataclass
    class Left(Message):
        """The reader wants to go back."""

    @dataclass
    class Step(Message):
        """The reader wants another response: 1 for the next, -1 for the one before."""

        by: int

    def __init__(
        self,
        redactor: Redactor | None = None,
        run: Run = NO_RUN,
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.redactor = redactor
        self._run = run
        self._response: Response | None = None
        self._tab = TABS[0]
        self._stale = True
        self._moved = True
        self._width = 0
        self._others: tuple[int, ...] = ()
        """The other responses to the same request, as the lines name them."""

    def compose(self) -> ComposeResult:
        """Title, tabs, text, search."""
        yield Static(id="detail-title", markup=False)
        yield TabStrip(TABS, numbered=True)
        yield DetailText()
        yield DetailSearch()

    # --- what is shown ---

    @property
    def response(self) -> Response | None:
        """What is shown."""
        return self._response

    @property
    def tab(self) -> str:
        """The key of the tab that is open."""
        return self._tab.key

    def show(self, response: Response | None) -> None:
        """Another response, from its top; or the same again, where the reader stands."""
        if response is self._response:
            return
        if response is None or self._response is None or response.id != self._response.id:
            self._moved = True
        self._response = response
        self._mark_stale()

    def show_tab(self, key: str) -> None:
        """Open a tab by its key."""
        self._tab = next(tab for tab in TABS if tab.key == key)
        self._moved = True
        self._mark_stale()

    def retitle(self) -> None:
        """What is said of it beside its record is another thing now."""
        if self.is_mounted and not self._stale:
            self._show_title()

    def _show_title(self) -> None:
        self.query_one("#detail-title", Static).update(title(self._response, self._run), layout=False)

    def update_exchange(self) -> None:
        """Name the other responses to the same request that have come since."""
        if not self._stale and self._exchange() != self._others:
            self._mark_stale()

    def _exchange(self) -> tuple[int, ...]:
        response = self._response
        return () if response is None else tuple(other.id for other in self._run.exchange(response))

    def _mark_stale(self) -> None:
        """The lines are made once, however often the response changes until the pane is drawn."""
        self._stale = True
        if self.is_mounted:
            self.call_later(self._refill)

    def on_mount(self) -> None:
        """Show what came before there was anything to show it in."""
        self._mark_stale()

    def on_resize(self, event: Resize) -> None:
        """Lines that are made to the width are made anew; a pane that was hidden is filled."""
        if self._stale or (self._tab.scales and event.size.width != self._width):
            self._mark_stale()

    def _refill(self) -> None:
        """Make the lines of the open tab, if there is anybody to see them."""
        if not self._stale or not self.size.width:
            return
        self._stale = False
        self._others = self._exchange()
        self._width = self.size.width
        view_width = max(20, self._width - 3)
        response = self._response
        lines = HINT if response is None else self._tab.build(View(response, self.redactor, view_width, self._run))
        self._show_title()
        self.query_one(TabStrip).open = self._tab.key
        self._text.show_lines(lines, keep=not self._moved)
        self._moved = False
        self._count_matches()

    @property
    def _text(self) -> DetailText:
        return self.query_one(DetailText)

    @property
    def _search(self) -> DetailSearch:
        return self.query_one(DetailSearch)

    # --- the reader ---

    def focus(self, scroll_visible: bool = True) -> "Detail":
        """The text takes the keys."""
        self._text.focus(scroll_visible)
        return self

    def is_useful(self, id: str) -> bool:
        """Without a response there is nothing to turn over, to search or to wrap."""
        match id:
            case "detail.next-tab" | "detail.search":
                return self._response is not None
            case "detail.wrap":
                return any(text.has_long_lines for text in self.query(DetailText))
            case _:
                return True

    def action_open_tab(self, digit: int) -> None:
        """The tab of this number."""
        self.show_tab(TABS[digit - 1].key)

    def action_tab(self, step: int) -> None:
        """The tab after or before, round and round."""
        self.show_tab(TABS[(TABS.index(self._tab) + step) % len(TABS)].key)

    def on_tab_strip_chosen(self, message: TabStrip.Chosen) -> None:
        """A tab was clicked."""
        message.stop()
        self.show_tab(message.key)

    def action_step(self, by: int) -> None:
        """Whoever holds the list knows which one that is."""
        self.post_message(self.Step(by))

    def action_wrap(self) -> None:
        """Wrap or not."""
        self._text.toggle_wrap()

    def action_search(self) -> None:
        """Open the search line."""
        self._search.open()

    def action_match(self, step: int) -> None:
        """To the next match; without a search, open one."""
        if not self._text.match_count:
            self._search.open()
            return
        self._text.next_match(step)
        self._count_matches()

    def action_leave(self) -> None:
        """The least step back: the search first, the pane after it."""
        if self._search.is_open:
            self._search.close()
            self._text.focus()
        else:
            self.post_message(self.Left())

    def on_detail_search_changed(self, message: DetailSearch.Changed) -> None:
        """Search as it is typed."""
        message.stop()
        self._text.search(message.pattern)
        self._count_matches()

    def on_detail_search_done(self, message: DetailSearch.Done) -> None:
        """Enter: back to the text, where n and N go on."""
        message.stop()
        self._text.focus()

    def _count_matches(self) -> None:
        self._search.say(self._text.match_number, self._text.match_count)


def title(response: Response | None, run: Run = NO_RUN) -> Content:
    """Number, status and target in one line; before them its mark, with what was said."""
    if response is None:
        return Content("")
    marked = "".join(f"{MARKED} {comment}  " if comment else f"{MARKED} " for comment in run.marks(response))
    return Content.assemble(printable(marked, 500), subject(response))


def subject(response: Response) -> Content:
    """Number, status and target."""
    if response.encrypted is not None:
        words = f"encrypted  {decoded(response.host)}  {encrypted_text(response.flow.tls, response.encrypted)}"
        return printable(f"#{response.id}  {words}", 500)
    request = response.request
    asked = f"{request.method} {decoded(url_of(request.target, response.host))}" if request else "request not seen"
    answered = f"{response.status} {decoded(response.reason)}".strip() if not response.unanswered else "no response"
    called = status_of(response)
    if called is not None:
        answered += f"  {status_name(called)}"
    return printable(f"#{response.id}  {answered}  {asked}", 500)
