"""The Findings screen: what is wrong at which origin, each thing once; beside it cookies, errors, drift and clocks.

It looks at the inspection a few times a second, more seldom where making the rows takes long, and leads back to the
responses of a row.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from time import perf_counter
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from httpresp_capture.analysis.coverage import Figure
from httpresp_capture.analysis.findings import FindingRow
from httpresp_capture.analysis.review import Overview
from httpresp_capture.checks import CHECKS_BY_ID, Confidence, Severity
from httpresp_capture.records.plurals import many
from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.model.inspection import Inspection
from httpresp_tui.model.pages import (
    CLOCKS,
    FINDINGS,
    PAGES,
    Lead,
    PageTitle,
    SectionRow,
    lead_of_finding,
    lead_of_section,
)
from httpresp_tui.screens.accept import Accept, Accepting
from httpresp_tui.screens.modal import Modal
from httpresp_tui.text.badges import BADGES
from httpresp_tui.text.units import clock_text, count_text, day_text, moment_text
from httpresp_tui.widgets.detail_text import DetailText
from httpresp_tui.widgets.findings_summary import Figures, FindingsSummary
from httpresp_tui.widgets.lines import Line, TextStyle, line, own, pair, untrusted
from httpresp_tui.widgets.status_bar import StatusBar, WithStatusBar
from httpresp_tui.widgets.tab_strip import TabStrip
from httpresp_tui.widgets.table import Shape, Table, TableColumn

OFTEN = 0.3
"""Seconds between two updates."""
SHARE = 20
"""Making the rows may take one part in so many of the time."""

HOW_TO_ACCEPT = (
    'What is accepted is kept in a file. Start with --baseline FILE, or write baseline = "FILE" into the config file.'
)


def _style(row: FindingRow) -> str:
    return BADGES[row.severity].style


def _severity(row: FindingRow) -> str:
    return f"{'✓' if row.accepted else BADGES[row.severity].glyph} {row.severity.word}"


def _finding_rows(width: int, moment: Callable[[int], str]) -> Shape:
    """What a finding says in a row; how its first and last time are written."""
    columns = (
        TableColumn("severity", 8, _severity, style=_style),
        TableColumn("check", 11, lambda row: row.check, 5),
        TableColumn("origin", 18, lambda row: row.origin, share=3),
        TableColumn("parameter", 10, lambda row: row.parameter, 3, share=2),
        TableColumn("what", 20, lambda row: CHECKS_BY_ID[row.check].title, 4, share=3),
        TableColumn("count", 7, lambda row: count_text(row.count), right=True),
        TableColumn("first", width, lambda row: moment(row.first_seen), 1),
        TableColumn("last", width, lambda row: moment(row.last_seen), 2),
    )
    return Shape(
        columns, key=lambda row: (*row.key, row.accepted is not None), is_dim=lambda row: row.accepted is not None
    )


def _time(ns: int) -> str:
    return clock_text(ns)[:8]


FINDING_ROWS = _finding_rows(8, _time)
DATED_FINDING_ROWS = _finding_rows(14, moment_text)
"""For a capture over several days."""
SECTION_ROWS = Shape(
    (TableColumn("what", 20, lambda row: row.text, share=1),), key=lambda row: row.key, is_dim=lambda _: False
)


@dataclass
class Position:
    """Where the reader was, for the next time."""

    page: str = FINDINGS
    key: Hashable = None
    everything: bool = False
    """Inventory is shown too: severity info."""


class FindingsScreen(WithStatusBar, Modal[Lead | None]):
    """Gives the way to the responses of a row, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "findings",
        Groups.FINDINGS,
        ("open", "enter", "open", "Responses", "Show the responses of this finding in the list", True),
        ("accept", "a", "accept", "Accept", "Accept this finding, with a reason and a last day", True),
        ("info", "i", "everything", "Info too", "Show what is mere inventory too, or not", True),
        ("next-page", "right_square_bracket", "page(1)", "Next page", "Cookies, errors, drift, clocks …", True),
        ("previous-page", "left_square_bracket", "page(-1)", "Previous page", "The page before", False),
        ("leave", "escape,q,exclamation_mark", "leave", "Back", "Back to the responses", True),
        ("help", "question_mark,f1", "app.help", "Help", "Every key, and what the marks mean", True),
    )

    def __init__(self, inspection: Inspection, label: str, today: date, position: Position) -> None:
        super().__init__()
        self._inspection = inspection
        self._label = label
        self._today = today
        self._position = position
        self._overview = Overview(inspection.findings.report(label))
        self._due = 0.0
        self._has_rows = False
        self._wanted_key = position.key

    def compose(self) -> ComposeResult:
        """Figures, pages, rows, and the row under the cursor in full."""
        yield FindingsSummary()
        yield TabStrip(())
        yield Table(FINDING_ROWS)
        yield DetailText(id="finding")
        yield StatusBar()

    def on_mount(self) -> None:
        """Look now, and again."""
        self.query_one(DetailText).can_focus = False
        self.query_one(Table).focus()
        self._refresh()
        self.set_interval(OFTEN, self._refresh_when_due)

    def _refresh_when_due(self) -> None:
        if perf_counter() >= self._due:
            self._refresh()
        else:
            self._tell_progress()

    def _refresh(self) -> None:
        begun = perf_counter()
        self._overview = self._inspection.overview(self._label)
        self._show()
        self._due = perf_counter() + (perf_counter() - begun) * SHARE

    def _show(self) -> None:
        pages = {page.key: page.rows(self._overview) for page in PAGES}
        findings = self._findings()
        strip = self.query_one(TabStrip)
        counts = {FINDINGS: ("Findings", len(findings)), **{p.key: (p.title, len(pages[p.key])) for p in PAGES}}
        strip.show([PageTitle(key, f"{title} {count_text(n)}" if n else title) for key, (title, n) in counts.items()])
        strip.open = self._position.page
        rows: Sequence[Any] = findings if self._position.page == FINDINGS else pages[self._position.page]
        shape = self._shape_of(rows)
        table = self.query_one(Table)
        empty = table.current is None
        table.show(shape, rows, self._hint(), self._wanted_key)
        if rows:
            self._wanted_key = None
        if self._has_rows is not bool(rows):
            self._has_rows = bool(rows)
            self.refresh_bindings()
        if empty:
            self._describe(table.current)
        self._tell_figures()

    def _shape_of(self, rows: Sequence[Any]) -> Shape:
        if self._position.page != FINDINGS:
            return SECTION_ROWS
        days = {day_text(moment) for row in rows for moment in (row.first_seen, row.last_seen)}
        return DATED_FINDING_ROWS if len(days) > 1 else FINDING_ROWS

    def _findings(self) -> Sequence[FindingRow]:
        least = Severity.INFO if self._position.everything else Severity.LOW
        return self._inspection.findings.rows(least)

    def _tell_figures(self) -> None:
        findings = self._inspection.findings
        summary = self.query_one(FindingsSummary)
        summary.figures = Figures(open=tuple(findings.counts().items()), accepted=findings.accepted_count)
        self._tell_progress()

    def _tell_progress(self) -> None:
        """What costs nothing to ask."""
        findings = self._inspection.findings
        summary = self.query_one(FindingsSummary)
        summary.figures = replace(
            summary.figures,
            responses=findings.responses,
            left=self._inspection.left,
            missed=self._inspection.missed,
            unplaced=self._unplaced(),
        )

    def _unplaced(self) -> Figure | None:
        """What found no place on the page that is open."""
        if self._position.page != FINDINGS:
            return next(page for page in PAGES if page.key == self._position.page).unplaced(self._overview)
        dropped = self._inspection.findings.rows_dropped
        return Figure("findings_dropped", dropped, "finding", "") if dropped else None

    def _hint(self) -> Content:
        responses = self._inspection.findings.responses
        if not responses:
            return Content("No response has ended yet, so there is nothing to look at.")
        if self._position.page != FINDINGS:
            return Content(next(page.nothing for page in PAGES if page.key == self._position.page))
        seen = "the one response" if responses == 1 else many(responses, "response")
        return Content(f"Nothing of severity low or worse in {seen}.\n\ni shows what is mere inventory too.")

    # --- the row under the cursor ---

    @on(Table.Chosen)
    def _chosen(self, event: Table.Chosen) -> None:
        self._describe(event.row)

    def _describe(self, row: FindingRow | SectionRow | None) -> None:
        self.query_one(StatusBar).update()
        match row:
            case FindingRow():
                lines = _finding_lines(row)
            case SectionRow():
                lines = [line(untrusted(row.text))]
            case None:
                lines = []
        self.query_one(DetailText).show_lines(lines, keep=False)

    @on(Table.Opened)
    def _opened(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """Back to the list, at the responses of this row."""
        row = self.query_one(Table).current
        if row is None:
            return
        lead = lead_of_finding(row) if isinstance(row, FindingRow) else lead_of_section(row)
        if lead.query:
            self._leave(lead)
        else:
            self.notify("This is about a server, and no single response shows it.", timeout=3, markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is named only where it does something: findings alone can be accepted, and clocks are nobody's."""
        on_findings = self._position.page == FINDINGS
        match action:
            case "everything" | "accept":
                return on_findings
            case "open":
                return self._position.page != CLOCKS and self._has_rows
            case _:
                pass
        return super().check_action(action, parameters)

    def is_useful(self, id: str) -> bool:
        """By the row under the cursor, and by what there is to show."""
        # Asked before there is a table too: the bar of the screen below names the keys of this one at once.
        row = next((table.current for table in self.query(Table)), None)
        match id:
            case "findings.accept":
                return isinstance(row, FindingRow) and row.accepted is None
            case "findings.info":
                return self._position.everything or self._inspection.findings.counts()[Severity.INFO] > 0
            case _:
                return True

    def action_accept(self) -> None:
        """Ask why, and until when."""
        row = self.query_one(Table).current
        file = self._inspection.file
        if not isinstance(row, FindingRow):
            self.notify("Only findings can be accepted.", timeout=2, markup=False)
        elif row.accepted is not None:
            self.notify("This one is accepted already.", timeout=2, markup=False)
        elif file is None:
            self.notify(HOW_TO_ACCEPT, markup=False)
        else:
            self.app.push_screen(Accept(row, str(file), self._today), self._accepted(row))

    def _accepted(self, row: FindingRow) -> Callable[[Accepting | None], None]:
        def accept(own: Accepting | None) -> None:
            if own is None:
                return
            problem = self._inspection.accept(row, own.reason, own.expires)
            if problem:
                self.notify(problem, severity="error", markup=False)
            self._refresh()

        return accept

    # --- pages and leaving ---

    def action_page(self, step: int) -> None:
        """The page after or before, round and round."""
        keys = [FINDINGS, *(page.key for page in PAGES)]
        self._turn_to(keys[(keys.index(self._position.page) + step) % len(keys)])

    @on(TabStrip.Chosen)
    def _page_clicked(self, event: TabStrip.Chosen) -> None:
        self._turn_to(event.key)

    def _turn_to(self, page: str) -> None:
        self._position.page = page
        self._wanted_key = None
        self._show()
        self.refresh_bindings()
        self.query_one(Table).action_edge(-1)

    def action_everything(self) -> None:
        """With inventory, or without."""
        self._position.everything = not self._position.everything
        self._show()

    def action_leave(self) -> None:
        """Back to the responses."""
        self._leave(None)

    def _leave(self, lead: Lead | None) -> None:
        table = self.query_one(Table)
        self._position.key = table.current_key
        self.dismiss(lead)


def _span(row: FindingRow) -> str:
    """When it was seen, to the second; the last time where that is another one."""
    first, last = moment_text(row.first_seen), moment_text(row.last_seen)
    return first if first == last else f"{first} to {last}"


def _finding_lines(row: FindingRow) -> list[Line]:
    title = CHECKS_BY_ID[row.check].title
    tentative = ", tentative" if row.confidence is Confidence.TENTATIVE else ""
    samples = " ".join(f"#{number}" for number in row.samples)
    lines = [
        line(own(f"{row.severity.word} ", TextStyle(BADGES[row.severity].style)), own(title, TextStyle.STRONG)),
        pair("reason", untrusted(row.reason)),
        pair(
            "seen",
            own(f"{count_text(row.count)}× at "),
            untrusted(row.origin),
            own(f", {_span(row)}"),
            own(f", {samples}", TextStyle.DIM),
        ),
    ]
    if row.evidence:
        lines.append(pair("evidence", untrusted(row.evidence, TextStyle.STRING)))
    lines += [
        pair("advice", untrusted(row.advice)),
        pair("check", own(f"{row.check}{tentative}"), own(f"  {row.reference}", TextStyle.DIM)),
    ]
    if row.accepted is not None:
        lines.insert(
            1, pair("accepted", untrusted(row.accepted.words), own(f", until {row.accepted.expires}", TextStyle.DIM))
        )
    return lines
