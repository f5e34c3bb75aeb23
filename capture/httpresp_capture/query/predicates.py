"""Small predicates and how they join: each a closure over what it needs, and the cheap ones first.

A filter runs over every response that is kept, so the work of choosing (which field, which operator, which case) is
done once, when it is compiled. Text is compared without case.
"""

from collections.abc import Callable, Iterable

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record

Predicate = Callable[[Response], bool]
TextTest = Callable[[str], bool]
"""Takes text in lower case."""

CHEAP, FIELD, HEADER, SEARCH, DECODE = range(5)
"""What a predicate costs: an attribute, a property, one header, the whole head, the body."""


@record
class Test:
    """One compiled part of a filter."""

    matches: Predicate
    cost: int = CHEAP
    moves: bool = False
    """It was settled by how far the capture had come, and would be another one later."""


def everything(_response: Response) -> bool:
    """What an empty filter says."""
    return True


def both(tests: list[Test]) -> Test:
    """All of them, the cheapest asked first."""
    if len(tests) == 1:
        return tests[0]
    ordered = sorted(tests, key=lambda test: test.cost)
    first, second = ordered[0].matches, ordered[1].matches
    rest = tuple(test.matches for test in ordered[2:])
    moves = any(test.moves for test in tests)
    if not rest:
        return Test(lambda response: first(response) and second(response), ordered[-1].cost, moves)
    return Test(
        lambda response: first(response) and second(response) and all(test(response) for test in rest),
        ordered[-1].cost,
        moves,
    )


def either(tests: list[Test]) -> Test:
    """Any of them, the cheapest asked first."""
    if len(tests) == 1:
        return tests[0]
    ordered = sorted(tests, key=lambda test: test.cost)
    first = ordered[0].matches
    rest = tuple(test.matches for test in ordered[1:])
    moves = any(test.moves for test in tests)
    return Test(lambda response: first(response) or any(test(response) for test in rest), ordered[-1].cost, moves)


def negated(test: Test) -> Test:
    """What does not match."""
    matches = test.matches
    return Test(lambda response: not matches(response), test.cost, test.moves)


def any_text(tests: Iterable[TextTest]) -> TextTest:
    """One text test out of the values of a list."""
    kept = tuple(tests)
    if len(kept) == 1:
        return kept[0]
    return lambda text: any(test(text) for test in kept)


def contains(needle: str) -> TextTest:
    """A part of the text; with `*` in it, the whole text, the star standing for anything."""
    low = needle.lower()
    return glob(low) if "*" in low else lambda text: low in text


def equals(needle: str) -> TextTest:
    """The whole text; a `*` stands for anything."""
    low = needle.lower()
    return glob(low) if "*" in low else lambda text: text == low


def glob(pattern: str) -> TextTest:
    """The whole text against a pattern with stars; stars alone stand for anything that is there. Each part is looked
    for once, so no text makes it slow."""
    first, *middle, last = pattern.split("*")
    if not (first or last or any(middle)):
        return bool

    def matches(text: str) -> bool:
        if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
            return False
        at, stop = len(first), len(text) - len(last)
        for part in middle:
            at = text.find(part, at, stop)
            if at < 0:
                return False
            at += len(part)
        return True

    return matches
