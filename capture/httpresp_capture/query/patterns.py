"""Regular expressions from people, against text from strangers: none may take long.

Python's `re` goes back and tries again, and with `(a+)+$` a line of 30 letters takes minutes. Patterns are looked at
before they are used: nesting that can explode is refused, and the more a pattern can wander (each `*` or `+` adds a
power of the length), the less of a text it gets to see. Patterns without any repetition see all of it.
"""

import importlib
import re
from collections.abc import Callable
from typing import Any

from httpresp_capture.query.errors import QueryError
from httpresp_capture.records import record

# The parser behind `re.compile`; it has no public name (`sre_parse` is deprecated since 3.11).
_parser: Any = importlib.import_module("re._parser")

SEEN = (65_536, 4_096, 256, 64)
"""Characters of a line that are searched, by the number of unbounded repetitions: their powers stay near 16 million
steps, a tenth of a second for the worst text that anybody can send."""
MANY = 16
"""A repetition that may happen more often counts as unbounded."""
MAX_CHOICES = 4_096
"""Ways in which the bounded repetitions can be combined."""
MAX_LENGTH = 1_000


class TooSlowError(Exception):
    """A pattern that some text makes slow."""


@record
class Pattern:
    """A pattern that is safe to use."""

    search: Callable[[str], bool]
    """Over a text of several lines; `^` and `$` stand at the ends of each."""


@record
class Wandering:
    """How much a pattern can go back and try again."""

    unbounded: int = 0
    choices: int = 1


def compile_pattern(text: str, start: int, end: int) -> Pattern:
    """The pattern, or a `QueryError` at these columns."""
    if len(text) > MAX_LENGTH:
        raise QueryError(f"This regular expression is longer than {MAX_LENGTH} characters.", start, end)
    try:
        compiled = re.compile(text, re.IGNORECASE | re.MULTILINE)
        wandering = _sum(_parser.parse(text, re.IGNORECASE | re.MULTILINE))
        if wandering.unbounded >= len(SEEN) or wandering.choices > MAX_CHOICES:
            raise TooSlowError("too many repetitions")
    except TooSlowError as slow:
        raise QueryError(f"Some texts make this regular expression very slow: it has {slow}.", start, end) from None
    except (re.error, OverflowError, RecursionError) as wrong:
        reason = wrong.msg if isinstance(wrong, re.error) else "too large"
        raise QueryError(f"This is no regular expression: {reason}.", start, end) from None
    seen = SEEN[wandering.unbounded]
    search = compiled.search
    if not wandering.unbounded:
        return Pattern(lambda text: search(text[:seen]) is not None)
    return Pattern(lambda text: any(search(line[:seen]) is not None for line in text.split("\n")))


def _sum(parsed: Any) -> Wandering:
    """Of parts that follow each other."""
    unbounded, choices = 0, 1
    for name, argument in parsed:
        part = _part(str(name), argument)
        unbounded += part.unbounded
        choices *= part.choices
    return Wandering(unbounded, choices)


def _part(name: str, argument: Any) -> Wandering:
    match name:
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return _repeat(*argument)
        case "SUBPATTERN":
            return _sum(argument[3])
        case "ATOMIC_GROUP":
            return _sum(argument)
        case "ASSERT" | "ASSERT_NOT":
            return _sum(argument[1])
        case "BRANCH":
            parts = [_sum(branch) for branch in argument[1]]
            return Wandering(max(part.unbounded for part in parts), sum(part.choices for part in parts))
        case "GROUPREF_EXISTS":
            parts = [_sum(branch) for branch in argument[1:] if branch is not None]
            return Wandering(sum(part.unbounded for part in parts), sum(part.choices for part in parts))
        case _:
            return Wandering()


def _repeat(least: int, most: Any, body: Any) -> Wandering:
    inner = _sum(body)
    if int(most) > MANY:
        if inner.unbounded or inner.choices > 1:
            raise TooSlowError("a repetition of something that repeats or has alternatives")
        return Wandering(1)
    if inner.unbounded and int(most) > 1:
        raise TooSlowError("a repetition inside a repetition")
    choices = int(most) - int(least) + 1
    return Wandering(inner.unbounded, choices * inner.choices ** max(1, int(most)))
