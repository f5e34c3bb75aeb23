"""What the person marked, and what they said of it: by the id of a response, beside its record. No Textual.

Bounded, so that the next mark is found by asking where each of them stands. A mark goes with its response; whoever
shows the marks is told how many went, by `take_lost`.
"""

from collections.abc import Iterator

from httpresp_capture.records.exchange import Response
from httpresp_tui.model.store import Change

MOST = 1_000
LONGEST = 500
"""Characters of a comment."""


class Marks:
    """Ids, each with its comment; an empty one for a mark alone."""

    def __init__(self) -> None:
        self._comments: dict[int, str] = {}
        self._lost = 0

    def __len__(self) -> int:
        return len(self._comments)

    def __contains__(self, id: int) -> bool:
        return id in self._comments

    def __iter__(self) -> Iterator[int]:
        """Ids, the oldest response first."""
        return iter(sorted(self._comments))

    def comment(self, id: int) -> str:
        """What was said of a response; empty where nothing was, marked or not."""
        return self._comments.get(id, "")

    def values(self, response: Response) -> tuple[str, ...]:
        """For filters: the comment of a marked response, nothing for another one."""
        comment = self._comments.get(response.id)
        return () if comment is None else (comment,)

    def add(self, id: int, comment: str = "") -> bool:
        """Mark a response, or say something else of it; False when there are too many marks."""
        if id not in self._comments and len(self._comments) >= MOST:
            return False
        self._comments[id] = " ".join(comment.split())[:LONGEST]
        return True

    def remove(self, id: int) -> None:
        """Take a mark away, with what was said."""
        self._comments.pop(id, None)

    def update(self, change: Change) -> None:
        """The store has changed: marks of responses that left go with them."""
        if not self._comments:
            return
        for response in change.forgotten:
            self._lost += self._comments.pop(response.id, None) is not None

    def take_lost(self) -> int:
        """How many went with their responses since this was asked last."""
        lost, self._lost = self._lost, 0
        return lost

    def clear(self) -> None:
        """Take them all away."""
        self._comments.clear()
