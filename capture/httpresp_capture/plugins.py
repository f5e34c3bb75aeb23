"""What others add: checks and formats of packages that are installed beside this one, by their entry points.

Which there are is read from what packages say of themselves. Their code is loaded where it is needed, when it is
needed, and never by root: whoever calls gives root up first. One that cannot be loaded, is not what it should be, or
raises, is a sentence in `TROUBLES`; all else goes on without it.
"""

import os
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from typing import Any

from httpresp_capture.checks import CHECKS_BY_ID, Check, Context
from httpresp_capture.checks.finding import Hit
from httpresp_capture.event_formats import EVENT_FORMATS
from httpresp_capture.export.event_format import EventFormat, lines_of
from httpresp_capture.export.report_format import ReportFormat
from httpresp_capture.export.reports import REPORTS
from httpresp_capture.export.wording import walled
from httpresp_capture.records.errors import CaptureError

__all__ = ["CHECKS", "EVENTS", "REPORT_FORMATS", "TROUBLES", "Kind", "load", "load_one", "names"]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
MOST_TOLD = 20
"""Troubles that are kept."""

TROUBLES: list[str] = []
"""Sentences, in their order, each once: what an added part did not do. A run with one proves less than it seems to."""
_tried: set[tuple[str, str, str]] = set()
"""Group, name and value of entry points that were loaded, or could not be."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be added."""

    group: str
    """Of entry points; the name of each is the name of what it adds."""
    what: str
    table: dict[str, Any]
    made_of: Callable[[str, object, str], Any]
    """What goes into the table, of the name, what was loaded, and whose it is; raises TypeError for what is none."""


def names(kind: Kind) -> tuple[str, ...]:
    """All there are, those that come with the program first; nothing is loaded."""
    return tuple(dict.fromkeys((*kind.table, *(entry.name for entry in metadata.entry_points(group=kind.group)))))


def load(kind: Kind, wanted: Collection[str] | None = None) -> None:
    """Put what others add into its table: all of a kind, or what is wanted by name."""
    for entry in metadata.entry_points(group=kind.group):
        key = (kind.group, entry.name, entry.value)
        if key in _tried or (wanted is not None and entry.name not in wanted):
            continue
        _tried.add(key)
        who = f"the {kind.what} {entry.name} of {entry.dist.name if entry.dist else 'a package'}"
        if os.geteuid() == 0:
            _tell(f"{who} is not loaded: this process is root, and stays it. Run it with sudo, or as somebody else.")
        elif not NAME.fullmatch(entry.name):
            _tell(f"{who} is not loaded: a name is made of up to 40 letters, digits, dots, dashes and underscores.")
        elif entry.name in kind.table:
            _tell(f"{who} is not loaded: there is one of that name already.")
        else:
            try:
                kind.table[entry.name] = kind.made_of(entry.name, entry.load(), who)
            except (Exception, SystemExit) as error:
                _tell(f"{who} cannot be loaded: {_words(error)}")


def load_one(kind: Kind, name: str) -> None:
    """What a run cannot do without; raises `CaptureError` where it cannot be had."""
    load(kind, (name,))
    if name not in kind.table:
        raise CaptureError(TROUBLES.pop() if TROUBLES else f"there is no {kind.what} {name}.")


def _tell(sentence: str) -> None:
    if sentence not in TROUBLES and len(TROUBLES) < MOST_TOLD:
        TROUBLES.append(sentence)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:300]}".rstrip(": ")


def _check(name: str, made: object, who: str) -> Check:
    if not isinstance(made, Check):
        raise TypeError(f"it is no Check, but {type(made).__name__}")
    if made.id != name or name != name.upper():
        raise TypeError(f"its id is {made.id!a}: it must be the name of the entry point, in capitals")
    look = made.look

    def guarded(context: Context) -> Iterator[Hit]:
        try:
            yield from look(context)
        except Exception as error:
            _tell(f"{who} gave up on a response: {_words(error)}")

    return replace(made, look=guarded)


def _event_format(name: str, made: object, who: str) -> EventFormat:
    return lines_of(name, _guarded(made, who))


def _report_format(name: str, made: object, who: str) -> ReportFormat:
    write = _guarded(made, who)
    return ReportFormat(name, lambda overview, bar: walled(write(overview, bar)))


def _guarded(made: object, who: str) -> Callable[..., str]:
    """A function that gives text, whatever the one inside does."""
    if not callable(made):
        raise TypeError(f"it is no function, but {type(made).__name__}")

    def call(*arguments: object) -> str:
        try:
            text = made(*arguments)
            if not isinstance(text, str):
                raise TypeError(f"it gave no text, but {type(text).__name__}")
        except Exception as error:
            _tell(f"{who} gave up: {_words(error)}")
            return ""
        return text

    return call


CHECKS = Kind("httpresp_tui.checks", "check", CHECKS_BY_ID, _check)
"""Each a `Check`."""
EVENTS = Kind("httpresp_tui.event_formats", "event format", EVENT_FORMATS, _event_format)
"""Each a function from a `Response` to a line of text; empty for no line."""
REPORT_FORMATS = Kind("httpresp_tui.report_formats", "report format", REPORTS, _report_format)
"""Each a function from an `Overview` and the bar, a `Severity`, to the text of a report."""
