"""Regular expressions from people, against text from strangers: none may take long.

Python's `re` goes back and tries again: with `(a+)+$` a line of 30 letters takes minutes. So it is used only where the
expression alone says that little can be tried from any place of a text; everything else goes to an automaton, which
looks at each character once. What no automaton can do (a reference to a group, a look-ahead) works as long as nothing
in the expression repeats without a bound, and is refused otherwise.
"""

import re
from collections.abc import Callable
from typing import Any

from httpresp_capture.query.automaton import Automaton, UnsupportedError, parser
from httpresp_capture.query.errors import QueryError
from httpresp_capture.records.record import record

SEEN = 65_536
"""Characters of a text that `re` searches; all bodies, and all but the longest heads, are so short."""
MOST_STEPS = 128
"""What `re` may try from one place: over all places that is 8 million steps, less than a tenth of a second."""
SHORT = 512
"""Characters of a text in which one unbounded repetition with few choices is left to `re`: most fields are so short,
and its start is faster. The worst of them takes it a million steps."""
FEW_CHOICES = 8
CHARACTERS_A_STEP = 16
"""A counted repetition of one character is a loop in C."""
REFERENCE = 64
"""Steps that a reference to a group, whose length is not known here, counts as."""
VERY_MANY = 1_000_000
MAX_LENGTH = 1_000
_FLAGS = re.IGNORECASE | re.MULTILINE


@record
class Pattern:
    """A pattern that is safe to use."""

    search: Callable[[str], bool]
    """Over a text of several lines; `^` and `$` stand at the ends of each."""


@record
class Cost:
    """What `re` may try from one place of a text."""

    unbounded: int = 0
    """Repetitions without a bound."""
    choices: int = 1
    """In how many ways the bounded ones, and alternatives, can be combined."""
    width: int = 0
    """Steps of one of these ways."""


def compile_pattern(text: str, start: int, end: int) -> Pattern:
    """The pattern, or a `QueryError` at these columns."""
    if len(text) > MAX_LENGTH:
        raise QueryError(f"This regular expression is longer than {MAX_LENGTH} characters.", start, end)
    try:
        search = re.compile(text, _FLAGS).search
        parsed = parser.parse(text, _FLAGS)
        cost = cost_of(parsed)
        if not cost.unbounded and cost.choices * cost.width <= MOST_STEPS:
            return Pattern(lambda text: search(text[:SEEN]) is not None)
        found = Automaton(parsed).search
    except UnsupportedError as reason:
        raise QueryError(f"Some texts make this regular expression very slow: it has {reason}.", start, end) from None
    except (re.error, OverflowError, RecursionError) as wrong:
        words = wrong.msg if isinstance(wrong, re.error) else "too large"
        raise QueryError(f"This is no regular expression: {words}.", start, end) from None
    if cost.unbounded > 1 or cost.choices > FEW_CHOICES:
        return Pattern(found)
    return Pattern(lambda text: search(text) is not None if len(text) <= SHORT else found(text))


def cost_of(parsed: Any) -> Cost:
    """Of parts that follow each other."""
    unbounded, choices, width = 0, 1, 0
    for name, argument in parsed:
        part = _part(str(name), argument)
        unbounded += part.unbounded
        choices = min(choices * part.choices, VERY_MANY)
        width = min(width + part.width, VERY_MANY)
    return Cost(unbounded, choices, width)


def _part(name: str, argument: Any) -> Cost:
    match name:
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return _repeat(*argument)
        case "SUBPATTERN":
            return cost_of(argument[3])
        case "ATOMIC_GROUP":
            return cost_of(argument)
        case "ASSERT" | "ASSERT_NOT":
            return cost_of(argument[1])
        case "BRANCH":
            return _either([cost_of(branch) for branch in argument[1]])
        case "GROUPREF_EXISTS":
            return _either([cost_of(branch) for branch in argument[1:] if branch is not None])
        case "GROUPREF":
            return Cost(width=REFERENCE)
        case _:
            return Cost(width=1)


def _either(parts: list[Cost]) -> Cost:
    return Cost(
        max((part.unbounded for part in parts), default=0),
        min(sum(part.choices for part in parts), VERY_MANY),
        max((part.width for part in parts), default=0),
    )


def _repeat(least: int, most: Any, body: Any) -> Cost:
    inner = cost_of(body)
    if str(most) == "MAXREPEAT":
        return Cost(inner.unbounded + 1, inner.choices, inner.width)
    most = int(most)
    width = 1 + most // CHARACTERS_A_STEP if len(body) == 1 and inner.width == 1 else min(most * inner.width, VERY_MANY)
    # Each turn of something that has choices has them anew.
    turns = inner.choices ** min(most, 20) if inner.choices > 1 else 1
    return Cost(inner.unbounded * most, min((most - int(least) + 1) * turns, VERY_MANY), width)
