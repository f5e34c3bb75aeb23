"""What is wrong with the responses of a run, looked at in slices beside everything else. No Textual.

A response that has ended waits in a queue until there is time for it, so neither the capture nor a key waits for a
check. Those on the screen are looked at first, for their badges. `left` says how far it is behind.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from httpresp_capture.analysis import baseline
from httpresp_capture.analysis.baseline import Baseline
from httpresp_capture.analysis.cookie_ledger import CookieLedger
from httpresp_capture.analysis.findings import FindingRow, Findings
from httpresp_capture.analysis.review import Overview, Review
from httpresp_capture.checks import Finding, Severity
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.exchange import Response
from httpresp_capture.system.private import append_text, why
from httpresp_capture.system.textfiles import text_of
from httpresp_tui.model.idlist import IdQueue
from httpresp_tui.model.store import Change, Store
from httpresp_tui.text.sanitising import printable_text

_UNKNOWN, _NOTHING, _LEAST = 0, 1, 2
"""A byte a response: not looked at, nothing found, or the severity above `_LEAST`."""
_MOST_LATE = 10_000
"""Pieces of late evidence that wait; whoever sends more of them is told by those."""
_SLACK = 65_536
"""Bytes of responses that have left which are carried along before they are cut off."""


class Inspection:
    """Told what the store takes in; `step` looks at one response."""

    def __init__(self, store: Store, review: Review, file: Path | None = None) -> None:
        self._store = store
        self._review = review
        self._file = file
        self._waiting = IdQueue()
        """Ids of ended responses, in order."""
        self._late: deque[tuple[Response, Response]] = deque()
        """Late evidence: records now and before, of responses that were looked at."""
        self._wanted: list[int] = []
        """Ids on the screen that have no badge yet."""
        self._marks = bytearray()
        self._first = 0
        """The id of the first mark."""
        self._fresh: list[int] = []
        self.missed = 0
        """Responses that left before they were looked at."""

    @property
    def findings(self) -> Findings:
        """Of the run."""
        return self._review.findings

    @property
    def ledger(self) -> CookieLedger:
        """Whose the cookies are."""
        return self._review.ledger

    @property
    def left(self) -> int:
        """Ended responses that wait to be looked at."""
        return len(self._waiting) + len(self._late)

    @property
    def file(self) -> Path | None:
        """Where acceptances are kept; None when nobody said."""
        return self._file

    def update(self, change: Change) -> None:
        """The store has changed."""
        self._waiting.add(response.id for response in change.added if response.end is not None)
        self._waiting.add(new.id for old, new in change.changed if old.end is None and new.end is not None)
        for old, new in change.changed:
            # One that is still to be looked at will be looked at as it is then.
            if old.end is not None and old.problems != new.problems and self.findings.has(new.id):
                self._late.append((new, old))
                if len(self._late) > _MOST_LATE:
                    self._late.popleft()
                    self.missed += 1
        # Where checks cannot keep up, the queue grows no longer than what is kept.
        self.missed += self._waiting.drop_before(self._store.first_id) + change.passed

    def want(self, responses: Iterable[Response]) -> None:
        """These are on the screen."""
        self._wanted = [response.id for response in responses if not self._mark_of(response.id)]

    def step(self) -> bool:
        """Look at one response; True when none is left."""
        if self._wanted:
            if (response := self._store.get(self._wanted.pop())) is not None:
                self._mark(response, self.findings.check(response))
        elif self._late:
            response, before = self._late.popleft()
            self._review.amend(response, before)
            self._mark(response, self.findings.check(response))
        elif self._waiting:
            response = self._store.get(self._waiting.take())
            if response is None:
                self.missed += 1
            else:
                self._review.add(response)
                self._mark(response, self.findings.check(response))
        return not (self._wanted or self._late or self._waiting)

    def worst(self, response: Response) -> Severity | None:
        """For the badge: of what was found so far; nothing is looked at for it."""
        mark = self._mark_of(response.id)
        return Severity(mark - _LEAST) if mark >= _LEAST else None

    def next_of(self, severity: Severity, id: int) -> int | None:
        """The first response after one whose worst finding so far is of a severity."""
        index = self._marks.find(severity + _LEAST, max(0, id + 1 - self._first))
        return None if index < 0 else index + self._first

    def take_fresh(self) -> Sequence[int]:
        """Ids whose badge is another one since this was asked last."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def overview(self, label: str) -> Overview:
        """What many responses tell together."""
        return self._review.overview(label)

    def clear(self) -> None:
        """Forget what was found; what is accepted stays."""
        findings = self.findings
        findings.clear()
        self._review = Review(findings.options, findings.baseline, findings.today)
        # Filters and the detail pane hold on to this one.
        self._review.findings = findings
        self._waiting.clear()
        self._late.clear()
        self._wanted.clear()
        self.missed = 0

    def accept(self, row: FindingRow, reason: str, expires: date) -> str:
        """Accept a row and write that into the file; why it could not be written, or nothing."""
        if self._file is None:
            return "There is no baseline file."
        acceptance = baseline.accepting(row.check, row.parameter, row.origin, reason, expires)
        try:
            _append(self._file, acceptance)
        except OSError as error:
            return f"Cannot write {printable_text(str(self._file))}: {why(error)}."
        except (CaptureError, ValueError) as error:
            return f"Cannot add to {printable_text(str(self._file))}: {error}"
        self.findings.accept(row, reason, expires)
        return ""

    def _mark(self, response: Response, found: Sequence[Finding]) -> None:
        mark = found[0].severity + _LEAST if found else _NOTHING
        if mark == self._mark_of(response.id):
            return
        if not self._marks or self._store.first_id - self._first > _SLACK:
            gone = self._store.first_id - self._first
            del self._marks[:gone]
            self._first = self._store.first_id
        index = response.id - self._first
        if index < 0:
            return
        if index >= len(self._marks):
            self._marks.extend(bytes(index - len(self._marks) + 1024))
        self._marks[index] = mark
        if mark != _NOTHING:
            self._fresh.append(response.id)

    def _mark_of(self, id: int) -> int:
        index = id - self._first
        return self._marks[index] if 0 <= index < len(self._marks) else _UNKNOWN


def _append(path: Path, acceptance: baseline.Acceptance) -> None:
    """At the end of the file, so that what people wrote into it stays; a file that is not there is made."""
    try:
        before = text_of(path.read_bytes(), path.name)
    except FileNotFoundError:
        before = ""
    entry = baseline.to_toml(Baseline((acceptance,)))
    if before:
        entry = ("\n" if before.endswith("\n") else "\n\n") + entry[entry.index("[[accepted]]") :]
    # What is written must be read again by the next run.
    baseline.parse(before + entry, path.name)
    append_text(path, entry)
