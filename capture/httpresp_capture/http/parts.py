"""What has come of one message, whichever way it went and whatever version carried it: the bytes of its body that are
kept, how many there were, what is missing, what is wrong with it, and its trailer section.

Every list is bounded, and made when it is first needed: most messages have nothing wrong with them.
"""

from typing import Final

from httpresp_capture.records.evidence import Gap
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.record import compiled

_GAPS_KEPT: Final = 32
_PROBLEMS_KEPT: Final = 64
_PIECES: Final = 64
"""Tiny segments must not cost a list entry each."""


@compiled(allow_interpreted_subclasses=True)
class Parts:
    """One message's."""

    __slots__ = ("body", "body_bytes", "body_full", "gaps", "problems", "trailers")

    def __init__(self) -> None:
        self.body: list[bytes] | None = None
        self.body_bytes = 0
        """Bytes of the body that were captured, kept or not."""
        self.body_full = False
        """True once no more of the body is kept."""
        self.gaps: list[Gap] | None = None
        self.problems: list[Problem] | None = None
        self.trailers = b""

    def clear(self) -> None:
        """Make it ready for another message."""
        self.body = None
        self.body_bytes = 0
        self.body_full = False
        self.gaps = None
        self.problems = None
        self.trailers = b""

    def keep(self, data: bytes, start: int, end: int, limit: int) -> None:
        """`data[start:end]` belongs to the body, of which the first `limit` bytes are kept."""
        size = end - start
        room = limit - self.body_bytes
        self.body_bytes += size
        if self.body_full:
            return
        body = self.body
        if body is None:
            body = self.body = []
        if room >= size:
            body.append(data[start:end])
        else:
            body.append(data[start : start + max(room, 0)])
            self.body_full = True
        if len(body) > _PIECES:
            self.body = [b"".join(body)]

    def kept_body(self) -> bytes:
        """The first bytes of the body."""
        body = self.body
        if body is None:
            return b""
        return body[0] if len(body) == 1 else b"".join(body)

    def gap(self, gap: Gap) -> None:
        """Bytes are missing. Gaps that touch are one; of too many, the last ones are joined."""
        gaps = self.gaps
        if gaps is None:
            self.gaps = [gap]
            return
        last = gaps[-1]
        if last.offset + last.length == gap.offset:
            gaps[-1] = Gap(last.offset, last.length + gap.length, last.snapped and gap.snapped)
        elif len(gaps) >= _GAPS_KEPT:
            gaps[-1] = Gap(last.offset, last.length + gap.length, False)
        else:
            gaps.append(gap)

    def missing(self) -> int:
        """Bytes that are known to be missing."""
        gaps = self.gaps
        return sum([gap.length for gap in gaps]) if gaps is not None else 0

    def problem(self, problem: Problem) -> None:
        """Something is wrong with it."""
        problems = self.problems
        if problems is None:
            self.problems = [problem]
        elif len(problems) < _PROBLEMS_KEPT:
            problems.append(problem)

    def note(self, problems: list[Problem]) -> None:
        """Several things are."""
        for problem in problems:
            self.problem(problem)
