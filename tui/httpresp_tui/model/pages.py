"""The pages of the Findings screen: the findings, and whatever else many responses tell together. No Textual.

A page has rows; a row has a text for the pane below, and leads to responses. `PAGES` is the table.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from httpresp_capture.analysis.coverage import Figure
from httpresp_capture.analysis.finding_hooks import row_query
from httpresp_capture.analysis.findings import FindingRow
from httpresp_capture.analysis.review import Overview
from httpresp_capture.export.findings_json import ns_of
from httpresp_capture.export.sections import SECTIONS, Section
from httpresp_tui.text.units import moment_text


@dataclass(frozen=True, slots=True)
class Lead:
    """From a row to its responses."""

    query: str
    """A display filter that shows them; empty when they are not to be found."""
    samples: tuple[int, ...] = ()
    """Some of them, the first one first."""


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A row of another page than the findings."""

    section: Section
    values: Mapping[str, Any]

    @property
    def text(self) -> str:
        """In words; times of day are local, as everywhere on the screen."""
        return self.section.line({**self.values, **_local_times(self.values)})

    @property
    def key(self) -> Hashable:
        """The same for the same thing, whatever its count has become."""
        named = ("id", "host", "name", "origin", "route", "status", "server", "client", "response", "fault")
        return self.section.key, *(self.values.get(name) for name in named)


def _local_times(values: Mapping[str, Any]) -> dict[str, str]:
    seen = {name: values[name] for name in ("first_seen", "last_seen") if name in values}
    return {name: moment_text(ns_of(instant)) for name, instant in seen.items()}


@dataclass(frozen=True, slots=True)
class Page:
    """One tab of the screen."""

    key: str
    title: str
    rows: Callable[[Overview], list[SectionRow]]
    nothing: str
    """Said when it has no rows."""
    unplaced: Callable[[Overview], Figure | None]
    """What found no place in it, where something did."""


@dataclass(frozen=True, slots=True)
class PageTitle:
    """A tab with its count."""

    key: str
    title: str


FINDINGS = "findings"
CLOCKS = "clocks"
SHORT = {
    "cookies": ("Cookies", "No cookie crossed the wire in clear."),
    "errors": ("Errors", "No response was an error."),
    "drift": ("Drift", "No response is unlike the others of its route."),
    "clocks": ("Clocks", "No server's clock is off."),
    "early": ("Early", "No client came back before it was allowed to."),
    "slow": (
        "Slower",
        "No response was far slower than its route is used to. For what took a second, filter by is:slow.",
    ),
    "caching": ("Caching", "No response contradicts itself about caching."),
}
"""Section: its name in a narrow line, and what an empty one means."""


def _page(section: Section) -> Page:
    title, nothing = SHORT.get(section.key, (section.title, "Nothing."))
    return Page(
        section.key,
        title,
        lambda all: [SectionRow(section, row) for row in section.values(all)],
        nothing,
        section.unplaced,
    )


PAGES: tuple[Page, ...] = tuple(_page(section) for section in SECTIONS)
"""All but the findings themselves, in the order of a report."""


def lead_of_finding(row: FindingRow) -> Lead:
    """Every response that shows it."""
    return Lead(row_query("found", row.name), row.samples)


def lead_of_section(row: SectionRow) -> Lead:
    """Every response behind a row; of those about a single one, that one."""
    values = row.values
    samples = tuple(values.get("responses", ()))
    match row.section.key:
        case "errors":
            return Lead(f"cause={values['id']}", samples)
        case "drift":
            return Lead(f"drift={values['id']}", samples)
        case "cookies":
            return Lead(row_query("jar", values["name"], values["host"]), samples)
        case "caching":
            return Lead(row_query("caching", values["fault"], values["origin"]), samples)
        case _:
            single = values.get("response")
            return Lead("") if single is None else Lead(f"id:{single}", (single,))
