"""What is wrong with a filter, where, and what was meant."""

from collections.abc import Iterable


class QueryError(ValueError):
    """A filter that cannot be read. Its text is one sentence; what the user typed stands in it as ASCII."""

    def __init__(self, message: str, start: int, end: int, suggestion: str = "") -> None:
        super().__init__(message)
        self.start = start
        """Column of the wrong part, from 0."""
        self.end = end
        """Column after it; equal to the length of the text where something is missing."""
        self.suggestion = suggestion
        """What could stand in its place; empty when nothing comes to mind."""


def unknown(what: str, text: str, start: int, known: Iterable[str], suggestion: str = "") -> QueryError:
    """`Unknown field 'hots': did you mean 'host'?`"""
    from difflib import get_close_matches  # Loaded where something is wrong.

    close = [suggestion] if suggestion else get_close_matches(text.lower(), list(known), 1, 0.5)
    hint = f": did you mean {close[0]!a}?" if close else ""
    return QueryError(f"Unknown {what} {text!a}{hint or '.'}", start, start + len(text), close[0] if close else "")
