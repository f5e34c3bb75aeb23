"""The fields of the filter language: one entry in `FIELDS`, and nothing else lists them.

An entry says how a test is built from an operator and its values (a list means any of them). Dialects of other tools
are names for these entries, in `dialects`.
"""

from collections.abc import Callable, Iterable, Mapping

from httpresp_capture.events import Response
from httpresp_capture.headers import Headers
from httpresp_capture.problems import PROBLEMS
from httpresp_capture.query import texts
from httpresp_capture.query.errors import QueryError, unknown
from httpresp_capture.query.patterns import compile_pattern
from httpresp_capture.query.predicates import (
    CHEAP,
    DECODE,
    FIELD,
    HEADER,
    Predicate,
    Test,
    any_text,
    contains,
    either,
    equals,
)  # fmt: skip
from httpresp_capture.query.values import (
    PLAIN,
    SIZES,
    TIMES,
    Operator,
    Value,
    address_test,
    number_test,
    status_class,
)  # fmt: skip
from httpresp_capture.records import record

Values = tuple[Value, ...]
Hook = Callable[[Response], Iterable[str]]
"""Values of a field that a `Response` does not hold."""


@record
class Hooks:
    """What the caller knows beside the responses."""

    values: Mapping[str, Hook]
    """Field → its values; `marked`, `encrypted` and `decrypted` are asked by `is:`, and any value means yes."""
    slow_ns: int = 1_000_000_000
    """Time to first byte from which `is:slow` holds."""


Build = Callable[[Operator, Values, Hooks], Test]


@record
class Field:
    """One field: what it is called, what it means, how it is tested."""

    key: str
    title: str
    example: str
    build: Build
    reserved: bool = False
    """Known to the language, and answered by a hook only."""


def text_field(take: Callable[[Response], str], cost: int = FIELD, exact: bool = False) -> Build:
    """A field of text. `exact` fields (a method) match as a whole, the others by a part."""

    def build(operator: Operator, values: Values, hooks: Hooks) -> Test:
        del hooks
        patterns = [value for value in values if value.pattern or operator is Operator.MATCHES]
        plain = [value for value in values if value not in patterns]
        if operator not in (Operator.HAS, Operator.IS, Operator.MATCHES):
            raise QueryError(
                "This field is text: use : for a part, = for the whole, ~ for a regular expression.",
                values[0].start,
                values[-1].end,
            )
        tests: list[Test] = []
        if plain:
            whole = operator is Operator.IS or exact
            test = any_text(equals(value.text) if whole else contains(value.text) for value in plain)
            tests.append(Test(lambda response: test(take(response).lower()), cost))
        for value in patterns:
            search = compile_pattern(value.text, value.start, value.end).search
            tests.append(Test(lambda response, search=search: search(take(response)), cost))
        return either(tests)

    return build


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


def either_number(*take: Callable[[Response], int]) -> Build:
    """One number or another, as the ports of the two ends."""
    builds = [number_field(each, PLAIN) for each in take]
    return lambda operator, values, hooks: either([build(operator, values, hooks) for build in builds])


def _status(operator: Operator, values: Values, hooks: Hooks) -> Test:
    """Codes, ranges and classes; lists of plain codes are one look-up."""
    classes = [value for value in values if value.text.lower().endswith("xx") and status_class(value) is not None]
    numbers = tuple(value for value in values if value not in classes)
    tests: list[Test] = []
    if classes:
        tests.append(_class(operator, tuple(classes), hooks))
    if numbers and operator in (Operator.HAS, Operator.IS) and all(_is_code(value) for value in numbers):
        codes = frozenset(int(value.text) for value in numbers)
        only = next(iter(codes))
        tests.append(
            Test(lambda response: response.status == only)
            if len(codes) == 1
            else Test(lambda response: response.status in codes)
        )
    elif numbers:
        tests.append(number_field(lambda response: response.status, PLAIN)(operator, numbers, hooks))
    return either(tests)


def _is_code(value: Value) -> bool:
    return value.text.isascii() and value.text.isdigit() and len(value.text) <= 4


def _class(operator: Operator, values: Values, hooks: Hooks) -> Test:
    del hooks
    wanted: list[int] = []
    for value in values:
        found = status_class(value)
        if found is None or operator not in (Operator.HAS, Operator.IS):
            raise QueryError("A status class is 1xx to 5xx, or 0 for none.", value.start, value.end)
        wanted.append(found)
    if len(wanted) == 1 and wanted[0]:
        low = wanted[0] * 100
        return Test(lambda response: low <= response.status < low + 100)
    classes = frozenset(wanted)
    return Test(lambda response: (n if (n := response.status // 100) < 6 else 0) in classes)


def _problem(operator: Operator, values: Values, hooks: Hooks) -> Test:
    """Part of a problem's name; one that is part of none is a slip."""
    for value in values:
        test = contains(value.text)
        if not value.pattern and operator is not Operator.MATCHES and not any(map(test, PROBLEMS)):
            raise unknown("problem", value.text, value.start, PROBLEMS)
    if operator is Operator.MATCHES or any(value.pattern for value in values):
        return text_field(texts.problems)(operator, values, hooks)
    test = any_text(equals(value.text) if operator is Operator.IS else contains(value.text) for value in values)
    return Test(lambda response: any(test(name) for name in texts.problems(response).split()), FIELD)


def _protocol(operator: Operator, values: Values, hooks: Hooks) -> Test:
    """`h1`, or the version as on the wire, `HTTP/1.0` or `1.0`."""
    shown = [
        Value(f"HTTP/{value.text}", value.start, value.end) if value.text[:1].isdigit() else value for value in values
    ]
    return text_field(texts.protocol)(Operator.HAS if operator is Operator.IS else operator, tuple(shown), hooks)


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


def _set_cookie(operator: Operator, values: Values, hooks: Hooks) -> Test:
    return header_test("set-cookie", operator, values, hooks)


def hooked(key: str) -> Build:
    """A field that only the caller can answer."""

    def build(operator: Operator, values: Values, hooks: Hooks) -> Test:
        hook = hooks.values.get(key)
        if hook is None:
            raise QueryError(f"{key!a} is not available yet.", values[0].start, values[-1].end)
        return text_field(lambda response: "\n".join(hook(response)), HEADER)(operator, values, hooks)

    return build


def _server(response: Response) -> str:
    return response.flow.server


def _client(response: Response) -> str:
    return response.flow.client


FIELDS: tuple[Field, ...] = (
    Field("status", "status code", "status:404 status:400-499 status:500,503", _status),
    Field("class", "status class", "class:5xx", _class),
    Field("host", "host that was asked, else the server's address", "host:example.org", text_field(texts.host)),
    Field("path", "path and query", "path:/api/*", text_field(texts.path)),
    Field("url", "whole URL", "url~/v[12]/", text_field(texts.url)),
    Field("method", "request method", "method:POST,PUT", text_field(texts.method, exact=True)),
    Field("type", "media type", "type:json", text_field(texts.content_type, HEADER)),
    Field("reason", "reason phrase", "reason:found", text_field(texts.reason)),
    Field("set-cookie", "any Set-Cookie line", "set-cookie:session", _set_cookie),
    Field("size", "bytes of body", "size>10k", number_field(lambda response: response.body_bytes, SIZES)),
    Field("time", "request sent to first byte", "time>500ms",
          number_field(lambda response: response.first_byte_ns, TIMES, FIELD)),
    Field("duration", "request to last byte", "duration>=2s",
          number_field(lambda response: response.duration_ns, TIMES, FIELD)),
    Field("src", "address that answered", "src:10.0.0.1", address_field(_server)),
    Field("dst", "address that asked", "dst:10.0.0.0/8", address_field(_client)),
    Field("ip", "address of either end", "ip:2001:db8::/32", address_field(_server, _client)),
    Field("port", "port of either end", "port:8080",
          either_number(lambda response: response.flow.server_port, lambda response: response.flow.client_port)),
    Field("srcport", "port that answered", "srcport:80", either_number(lambda response: response.flow.server_port)),
    Field("dstport", "port that asked", "dstport>1023", either_number(lambda response: response.flow.client_port)),
    Field("flow", "number of the connection", "flow:7", either_number(lambda response: response.flow.id)),
    Field("id", "number of the response", "id:1042", either_number(lambda response: response.id)),
    Field("proto", "h1, h2, h3 or the version", "proto:h1", _protocol),
    Field("iface", "interface", "iface:eth0", text_field(texts.interface)),
    Field("tunnel", "what carried the connection", "tunnel:vxlan", text_field(texts.tunnel)),
    Field("framing", "how the end is found", "framing:chunked", text_field(texts.framing)),
    Field("end", "why it ended", "end:rst", text_field(texts.end)),
    Field("complete", "how much was captured", "complete:gap", text_field(texts.completeness)),
    Field("problem", "name of a problem", "problem:bare-lf", _problem),
    Field("body", "first bytes of the body, decoded", 'body:"not found"', text_field(texts.body, DECODE)),
    Field("tls", "TLS version", "tls:1.3", hooked("tls"), reserved=True),
    Field("sni", "server name of the TLS hello", "sni:example.org", hooked("sni"), reserved=True),
    Field("finding", "check that found something", "finding:hsts", hooked("finding"), reserved=True),
    Field("severity", "severity of a finding", "severity:high", hooked("severity"), reserved=True),
    Field("pid", "process id", "pid:4711", hooked("pid"), reserved=True),
    Field("process", "process name", "process:nginx", hooked("process"), reserved=True),
    Field("mark", "comment of a marked response", "mark:todo", hooked("mark"), reserved=True),
)  # fmt: skip
"""`header:NAME` and `is:STATE` have a syntax of their own and stand in `parser` and `states`."""

BY_KEY = {field.key: field for field in FIELDS}
