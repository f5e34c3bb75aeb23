"""How the test of a field is built from an operator and its values: one function a kind of field.

A list of values means any of them. Each function gives a `Build`, which the table of fields holds.
"""

from collections.abc import Callable, Mapping

from httpresp_capture.query import texts
from httpresp_capture.query.errors import QueryError
from httpresp_capture.query.hooks import Hook, Hooks
from httpresp_capture.query.patterns import compile_pattern
from httpresp_capture.query.predicates import CHEAP, FIELD, HEADER, Predicate, Test, any_text, contains, either, equals
from httpresp_capture.query.values import PLAIN, Operator, Value, address_test, number_test
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.headers import Headers

Values = tuple[Value, ...]


Build = Callable[[Operator, Values, Hooks], Test]


def text_field(take: Callable[[Response], str], cost: int = FIELD, exact: bool = False) -> Build:
    """A field of text. `exact` fields (a method) match as a whole, the others by a part."""

    def build(operator: Operator, values: Values, hooks: Hooks) -> Test:
        del hooks
        tests = text_tests(operator, values, exact)
        return either([Test(lambda response, test=test: test(take(response)), cost) for test in tests])

    return build


def either_text(*take: Callable[[Response], str]) -> Build:
    """One text or another; where it is empty, not even `*` matches."""

    def known(text: Callable[[Response], str]) -> Build:
        def build(operator: Operator, values: Values, hooks: Hooks) -> Test:
            test = text_field(text)(operator, values, hooks)
            return Test(lambda response: text(response) != "" and test.matches(response), test.cost)

        return build

    builds = [known(each) for each in take]
    return lambda operator, values, hooks: either([build(operator, values, hooks) for build in builds])


def text_tests(operator: Operator, values: Values, exact: bool = False) -> list[Callable[[str], bool]]:
    """Tests of a text in any case, of which one must hold."""
    if operator not in (Operator.HAS, Operator.IS, Operator.MATCHES):
        raise QueryError(
            "This field is text: use : for a part, = for the whole, ~ for a regular expression.",
            values[0].start,
            values[-1].end,
        )
    patterns = [value for value in values if value.pattern or operator is Operator.MATCHES]
    plain = [value for value in values if value not in patterns]
    tests: list[Callable[[str], bool]] = []
    if plain:
        whole = operator is Operator.IS or exact
        test = any_text(equals(value.text) if whole else contains(value.text) for value in plain)
        tests.append(lambda text: test(text.lower()))
    tests.extend(compile_pattern(value.text, value.start, value.end).search for value in patterns)
    return tests


def number_field(take: Callable[[Response], int | None], units: Mapping[str, int], cost: int = CHEAP) -> Build:
    """A field that is a number; where it is not known, nothing holds."""

    def build(operator: Operator, values: Values, hooks: Hooks) -> Test:
        del hooks
        if len(values) > 1 and operator not in (Operator.HAS, Operator.IS):
            raise QueryError("A list goes with : or = only.", values[0].start, values[-1].end)
        tests = [number_test(operator, value, dict(units)) for value in values]
        if len(tests) == 1:
            test = tests[0]
            return Test(lambda response: (n := take(response)) is not None and test(n), cost)
        return Test(lambda response: (n := take(response)) is not None and any(test(n) for test in tests), cost)

    return build


def address_field(*take: Callable[[Response], str]) -> Build:
    """One address or another."""

    def build(operator: Operator, values: Values, hooks: Hooks) -> Test:
        if operator is Operator.MATCHES or any(value.pattern for value in values):
            return either([text_field(each)(operator, values, hooks) for each in take])
        if operator not in (Operator.HAS, Operator.IS):
            raise QueryError("Addresses are not ordered: use : or =", values[0].start, values[-1].end)
        tests = tuple(address_test(value) for value in values)
        if len(take) == 1:
            (only,) = take
            return Test(lambda response: any(test(only(response)) for test in tests))
        return Test(lambda response: any(test(address(response)) for test in tests for address in take))

    return build


def either_number(*take: Callable[[Response], int | None]) -> Build:
    """One number or another, as the ports of the two ends."""
    builds = [number_field(each, PLAIN) for each in take]
    return lambda operator, values, hooks: either([build(operator, values, hooks) for build in builds])


def header_test(name: str, operator: Operator, values: Values, hooks: Hooks, request: bool = False) -> Test:
    """A field of the header by its name, in any case: any of its lines."""
    low = name.lower()
    present = header_present(low, request)
    mark = b"\n" + low.encode("utf-8", "replace") + b":"

    def lines(response: Response) -> str:
        message = response.request if request else response
        if message is None:
            return ""
        if message.head.lower().count(mark[:-1]) == 1:
            # One field, so there is no need to parse them all; a blank before its colon is rare.
            return texts.utf8(Headers.first_in(message.head, mark[1:-1]) or message.headers.get(low))
        return "\n".join(texts.utf8(value) for value in message.headers.all(low))

    if operator in (Operator.HAS, Operator.MATCHES):
        test = text_field(lines, HEADER)(operator, values, hooks)
    elif operator is Operator.IS:
        whole = any_text(equals(value.text) for value in values)
        test = Test(lambda response: any(whole(line.lower()) for line in lines(response).split("\n")), HEADER)
    else:
        test = number_field(lambda response: _digits(lines(response)), PLAIN, HEADER)(operator, values, hooks)
    matches = test.matches
    return Test(lambda response: present(response) and matches(response), HEADER)


def header_present(low: str, request: bool = False) -> Predicate:
    """True where the field is there, even without a value; one search over the raw bytes."""
    mark = b"\n" + low.encode("utf-8", "replace")

    def present(response: Response) -> bool:
        message = response.request if request else response
        if message is None:
            return False
        head = message.head.lower()
        return mark in head and (mark + b":" in head or low in message.headers)

    return present


def _digits(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def hooked(key: str) -> Build:
    """A field that only the caller can answer; any of its values may match."""

    def build(operator: Operator, values: Values, hooks: Hooks) -> Test:
        hook = asked(key, values, hooks)
        tests = text_tests(operator, values)
        return Test(lambda response: any(test(text) for text in hook(response) for test in tests), HEADER)

    return build


def asked(key: str, values: Values, hooks: Hooks) -> Hook:
    """The hook that answers a field; where there is none, the filter is wrong here."""
    hook = hooks.values.get(key)
    if hook is None:
        raise QueryError(f"{key!a} is not available yet.", values[0].start, values[-1].end)
    return hook
