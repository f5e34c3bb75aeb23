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
and its start is faster. It begins and ends at a hundred thousand pairs of places, which with the steps above is a
tenth of a second at the very worst."""
FEW_CHOICES = 8
A_STEP = {"LITERAL": 8, "NOT_LITERAL": 8, "ANY": 8, "IN": 2}
"""Characters that a counted repetition of one of these takes in the time of a step: it is a loop in C. A repetition
of anything else, a group or a place between characters, takes a step and more for each turn."""
REFERRED_A_STEP = 4
"""Characters of a group that a reference to it compares in the time of a step."""
FAR_A_STEP = 16
"""Items of a set that lie beyond the first 65,536 characters, which are looked at one after the other."""
VERY_MANY = 1_000_000
MAX_LENGTH = 1_000
_FLAGS = re.IGNORECASE | re.MULTILINE


@record
class Pattern:
    """A pattern that is safe to use."""

    search: Callable[[str], bool]
    """Over a text of several lines; `^` and `$` stand at the ends of each."""
    left_to_re: int
    """Characters of a text up to which `re` searches it; more are not looked at, or go to an automaton."""


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
            return Pattern(lambda text: search(text[:SEEN]) is not None, SEEN)
        found = Automaton(parsed).search
    except UnsupportedError as reason:
        raise QueryError(f"Some texts make this regular expression very slow: it has {reason}.", start, end) from None
    except (re.error, OverflowError, RecursionError) as wrong:
        words = wrong.msg if isinstance(wrong, re.error) else "too large"
        raise QueryError(f"This is no regular expression: {words}.", start, end) from None
    if cost.unbounded > 1 or cost.choices > FEW_CHOICES or cost.choices * cost.width > MOST_STEPS:
        return Pattern(found, 0)
    return Pattern(lambda text: search(text) is not None if len(text) <= SHORT else found(text), SHORT)


def cost_of(parsed: Any) -> Cost:
    """Of parts that follow each other."""
    unbounded, choices, width = 0, 1, 0
    for name, argument in parsed:
        part = _part(str(name), argument, parsed.state)
        unbounded += part.unbounded
        choices = min(choices * part.choices, VERY_MANY)
        width = min(width + part.width, VERY_MANY)
    return Cost(unbounded, choices, width)


def _part(name: str, argument: Any, state: Any) -> Cost:
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
            longest = int(state.groupwidths[argument][1])
            return Cost(width=min(1 + longest // REFERRED_A_STEP, VERY_MANY))
        case "IN":
            return Cost(width=1 + len(argument) // FAR_A_STEP)
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
        return Cost(inner.unbounded + 1, inner.choices, inner.width + 1)
    most = int(most)
    characters = A_STEP.get(str(body[0][0])) if len(body) == 1 else None
    width = 1 + most // characters if characters is not None and inner.width == 1 else most * (inner.width + 1)
    # Each turn of something that has choices has them anew.
    turns = inner.choices ** min(most, 20) if inner.choices > 1 else 1
    choices = min((most - int(least) + 1) * turns, VERY_MANY)
    return Cost(inner.unbounded * most, choices, min(width, VERY_MANY))
