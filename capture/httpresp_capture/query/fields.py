"""The fields of the filter language: one entry in `FIELDS`, and nothing else lists them.

An entry says how a test is built from an operator and its values (a list means any of them). Dialects of other tools
are names for these entries, in `dialects`.
"""

import re
from collections.abc import Callable, Collection
from difflib import get_close_matches

from httpresp_capture.net.packet_path import TUNNELS
from httpresp_capture.query import moments, texts, vocabularies, workloads
from httpresp_capture.query.builders import (
    Build,
    Values,
    address_field,
    asked,
    either_number,
    header_test,
    hooked,
    number_field,
    text_field,
    text_tests,
)
from httpresp_capture.query.errors import QueryError, unknown
from httpresp_capture.query.hooks import Hooks
from httpresp_capture.query.predicates import DECODE, FIELD, HEADER, Test, any_text, contains, either, equals
from httpresp_capture.query.values import PLAIN, SIZES, TIMES, Operator, Value, ordered, status_class, status_span
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.grpc import status_of
from httpresp_capture.records.outcome import Completeness, EndReason, Framing
from httpresp_capture.records.problems import PROBLEMS
from httpresp_capture.records.record import record
from httpresp_capture.records.severity import SEVERITIES


@record
class Field:
    """One field: what it is called, what it means, how it is tested."""

    key: str
    title: str
    example: str
    build: Build
    reserved: bool = False
    """Known to the language, and answered by a hook only."""


def _status(operator: Operator, values: Values, hooks: Hooks) -> Test:
    """Codes, ranges and classes; lists of plain codes are one look-up."""
    classes = [value for value in values if value.text.lower().endswith("xx") and status_class(value) is not None]
    tests: list[Test] = []
    if classes:
        tests.append(_class(operator, tuple(classes), hooks))
    numbers: tuple[Value, ...] = ()
    for value in values:
        span = status_span(value.text)
        if value in classes:
            continue
        if span is not None and operator in (Operator.HAS, Operator.IS):
            tests.append(_between(*span))
        else:
            numbers += (value,)
    if numbers and operator in (Operator.HAS, Operator.IS) and all(_is_code(value) for value in numbers):
        codes = frozenset(int(value.text) for value in numbers)
        for value in numbers:
            if 0 < int(value.text) < 100:
                raise _no_code(value)
        only = next(iter(codes))
        tests.append(
            Test(lambda response: response.status == only)
            if len(codes) == 1
            else Test(lambda response: response.status in codes)
        )
    elif numbers:
        tests.append(number_field(lambda response: response.status, PLAIN)(operator, numbers, hooks))
    return either(tests)


def _no_code(value: Value) -> QueryError:
    """Of one or two digits, which no status has."""
    meant = f"{int(value.text)}{'x' * (3 - len(str(int(value.text))))}"
    return QueryError(f"{value.text!a} is no status: did you mean {meant!a}?", value.start, value.end, meant)


def _between(low: int, high: int) -> Test:
    return Test(lambda response: low <= response.status <= high)


def _is_code(value: Value) -> bool:
    return value.text.isascii() and value.text.isdigit() and len(value.text) <= 4


def _class(operator: Operator, values: Values, hooks: Hooks) -> Test:
    del hooks
    wanted: list[int] = []
    for value in values:
        found = status_class(value)
        if found is None or found > 5 or operator not in (Operator.HAS, Operator.IS):
            raise QueryError("A status class is 1xx to 5xx, or 0 for none.", value.start, value.end)
        wanted.append(found)
    if len(wanted) == 1 and wanted[0]:
        low = wanted[0] * 100
        return Test(lambda response: low <= response.status < low + 100)
    classes = frozenset(wanted)
    return Test(lambda response: response.status_class in classes)


FEW = 16
"""Words that are all named when none is close."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


def _no_such(what: str, value: Value, words: Collection[str]) -> QueryError:
    """With the closest word, or one that has the closest in it, or all of them where they are few."""
    error = unknown(what, value.text, value.start, words)
    if not error.suggestion:
        error = unknown(what, value.text, value.start, [part.lower() for word in words for part in word.split(" ")])
    if error.suggestion or len(words) > FEW:
        return error
    there = ", ".join(words)
    return QueryError(f"Unknown {what} {value.text!a}: there are {there}.", value.start, value.end)


def _one_of(what: str, words: Collection[str], take: Callable[[Response], str]) -> Build:
    """A field whose texts are known, one a line: a part of one, or all of it; what is part of none is a slip."""

    def build(operator: Operator, values: Values, hooks: Hooks) -> Test:
        for value in values:
            test = contains(value.text)
            plain = not value.pattern and operator is not Operator.MATCHES
            if plain and not any(test(word.lower()) for word in words):
                raise _no_such(what, value, words)
        if operator is Operator.MATCHES or any(value.pattern for value in values):
            return text_field(take)(operator, values, hooks)
        text_tests(operator, values)
        test = any_text(equals(value.text) if operator is Operator.IS else contains(value.text) for value in values)
        return Test(lambda response: any(test(text.lower()) for text in take(response).split("\n") if text), FIELD)

    return build


def _words(what: str, words: Collection[str], build: Build, *, closed: bool = True) -> Build:
    """A text that begins with one of a few words. A word that is part of none is refused: in a `closed` vocabulary
    always, else where it is close to one of them, since what follows may be anything."""

    def checked(operator: Operator, values: Values, hooks: Hooks) -> Test:
        for value in values:
            if value.pattern or value.quoted or operator is Operator.MATCHES or not _WORD.fullmatch(value.text):
                continue
            low = value.text.lower()
            if any(low in word for word in words):
                continue
            if closed or get_close_matches(low, words, 1, vocabularies.SLIP):
                raise _no_such(what, value, words)
        return build(operator, values, hooks)

    return checked


def _whole(build: Build, must: re.Pattern[str], hint: str) -> Build:
    """A text of a known form: `=` with what cannot be the whole of it is refused, since nothing would match."""

    def checked(operator: Operator, values: Values, hooks: Hooks) -> Test:
        for value in values:
            if operator is Operator.IS and not value.pattern and "*" not in value.text and not must.search(value.text):
                raise QueryError(f"{value.text!a} is never the whole of it: {hint}.", value.start, value.end)
        return build(operator, values, hooks)

    return checked


def _host(operator: Operator, values: Values, hooks: Hooks) -> Test:
    """A host has no scheme and no path."""
    for value in values:
        if not value.pattern and operator is not Operator.MATCHES and "/" in value.text:
            meant = f"url:{value.text}"
            raise QueryError(f"{value.text!a} is no host: did you mean {meant!a}?", value.start, value.end, meant)
    return text_field(texts.host)(operator, values, hooks)


_VERSIONS = {"http": "h", "http1": "h1", "http2": "h2", "http3": "h3", "h2c": "h2"}
_OTHER_PROTOCOLS = frozenset({"https", "tls", "ssl", "quic", "ws", "wss", "websocket", "tcp", "udp"})


def _protocol(operator: Operator, values: Values, hooks: Hooks) -> Test:
    """`h1`, or the version as on the wire, `HTTP/1.0` or `1.0`."""
    shown: list[Value] = []
    for value in values:
        low = value.text.lower()
        if low in _OTHER_PROTOCOLS:
            raise QueryError(f"{value.text!a} is no version of HTTP: there are h1, h2 and h3.", value.start, value.end)
        if re.fullmatch(r"h[04-9]|h\d\d+", low) and not value.pattern:
            raise unknown("version", value.text, value.start, ("h1", "h2", "h3"))
        text = f"HTTP/{value.text}" if value.text[:1].isdigit() else _VERSIONS.get(low, value.text)
        shown.append(Value(text, value.start, value.end, value.quoted, value.pattern))
    return text_field(texts.protocol)(Operator.HAS if operator is Operator.IS else operator, tuple(shown), hooks)


def _grpc(operator: Operator, values: Values, hooks: Hooks) -> Test:
    """A status by number, or a part of its name or of the message that goes with it."""
    if all(value.text[:1].isdigit() and not value.quoted and not value.pattern for value in values):
        return number_field(status_of, PLAIN, FIELD)(operator, values, hooks)
    return text_field(texts.grpc)(operator, values, hooks)


def _set_cookie(operator: Operator, values: Values, hooks: Hooks) -> Test:
    return header_test("set-cookie", operator, values, hooks)


CACHING = ("shared-cookie", "vary-encoding", "vary-star", "too-old", "no-date", "two-orders")
"""Words that a hook answers with: the names of `caching.FAULTS`."""


def _severity(operator: Operator, values: Values, hooks: Hooks) -> Test:
    """A finding of that severity, or with an order, of one on that side of it."""
    hook = asked("severity", values, hooks)
    if operator is Operator.MATCHES:
        raise QueryError("Severities are words: use : or an order, as in severity>=medium", values[0].start,
                         values[-1].end)  # fmt: skip
    wanted: set[str] = set()
    for value in values:
        severity = SEVERITIES.get(value.text.lower())
        if severity is None:
            raise unknown("severity", value.text, value.start, SEVERITIES)
        holds = ordered(operator, severity)
        wanted.update(word for word, each in SEVERITIES.items() if holds(each))
    return Test(lambda response: any(word in wanted for word in hook(response)), HEADER)


def _server(response: Response) -> str:
    return response.flow.server


def _client(response: Response) -> str:
    return response.flow.client


def _real_client(response: Response) -> str:
    return response.flow.real_client


FIELDS: tuple[Field, ...] = (
    Field("status", "status code", "status:404 status:400-499 status:500,503", _status),
    Field("class", "status class", "class:5xx", _class),
    Field("host", "host that was asked, else the server's address", "host:example.org", _host),
    Field("path", "path and query", "path:/api/*",
          _whole(text_field(texts.path), re.compile(r"^[/*]|:\d"), "a path begins with /")),
    Field("url", "whole URL", "url~/v[12]/",
          _whole(text_field(texts.url), re.compile(r"://|:\d"), "a URL begins with http://; write url: for a part")),
    Field("route", "method and path, ids in it as :id", "route:/users/:id", hooked("route"), reserved=True),
    Field("method", "request method", "method:POST,PUT", vocabularies.method(text_field(texts.method, exact=True))),
    Field("type", "media type", "type:json",
          _whole(vocabularies.media_type(text_field(texts.content_type, HEADER)), re.compile("/"),
                 "write type: for a part of a media type")),
    Field("reason", "reason phrase", "reason:found", text_field(texts.reason)),
    Field("set-cookie", "any Set-Cookie line", "set-cookie:session", _set_cookie),
    Field("size", "bytes of body", "size>10k", number_field(lambda response: response.body_bytes, SIZES)),
    Field("time", "request sent to first byte", "time>500ms", moments.waiting_time),
    Field("duration", "request to last byte", "duration>=2s",
          number_field(lambda response: response.duration_ns, TIMES, FIELD)),
    Field("since", "captured since: a time, or so long before the newest packet", "since:10m", moments.since),
    Field("before", "captured before", "before:14:05", moments.before),
    Field("at", "captured at: a time, a date, a range of them", "at:14:05..14:07", moments.at),
    Field("src", "address that answered", "src:10.0.0.1", address_field(_server)),
    Field("dst", "address that asked", "dst:10.0.0.0/8", address_field(_client)),
    Field("client", "address of the client, behind a proxy the one that the proxy names", "client:203.0.113.0/24",
          address_field(_real_client)),
    Field("ip", "address of either end, or of a client behind a proxy", "ip:2001:db8::/32",
          address_field(_server, _client, _real_client)),
    Field("port", "port of either end", "port:8080",
          either_number(lambda response: response.flow.server_port, lambda response: response.flow.client_port)),
    Field("srcport", "port that answered", "srcport:80", either_number(lambda response: response.flow.server_port)),
    Field("dstport", "port that asked", "dstport>1023", either_number(lambda response: response.flow.client_port)),
    Field("flow", "number of the connection", "flow:7", either_number(lambda response: response.flow.id)),
    Field("id", "number of the response", "id:1042", either_number(lambda response: response.id)),
    Field("proto", "h1, h2, h3 or the version", "proto:h1", _protocol),
    Field("iface", "interface", "iface:eth0", text_field(texts.interface)),
    Field("tunnel", "what carried the connection", "tunnel:vxlan", _words("tunnel", TUNNELS, text_field(texts.tunnel))),
    Field("proxied", "PROXY header or SOCKS handshake: version, both ends", "proxied:socks",
          _words("proxied", ("proxy", "socks", "v1", "v2"), text_field(texts.proxied), closed=False)),
    Field("framing", "how the end is found", "framing:chunked", _one_of("framing", tuple(Framing), texts.framing)),
    Field("end", "why it ended", "end:rst", _one_of("end", (*EndReason, "open"), texts.end)),
    Field("complete", "how much was captured", "complete:gap",
          _one_of("completeness", tuple(Completeness), texts.completeness)),
    Field("problem", "name of a problem", "problem:bare-lf", _one_of("problem", PROBLEMS, texts.problems)),
    Field("grpc", "status of a gRPC call, or what is said of it", "grpc:unavailable grpc>0", _grpc),
    Field("body", "first bytes of the body, decoded", 'body:"not found"', text_field(texts.body, DECODE)),
    Field("tls", "TLS version and cipher suite", "tls:1.3", text_field(texts.tls)),
    Field("sni", "server name of the TLS hello", "sni:example.org", text_field(texts.sni)),
    Field("alpn", "protocol inside that the TLS server chose", "alpn:h2", text_field(texts.alpn)),
    Field("finding", "check that found something", "finding:hsts", vocabularies.finding, reserved=True),
    Field("found", "row of the findings, as a report names it", 'found="HSTS shop.example:80"', hooked("found"),
          reserved=True),
    Field("cause", "cause of an error, by its id in a report", "cause=1a2b3c4d", hooked("cause"), reserved=True),
    Field("jar", "cookie that is set or sent, and who set it", "jar:sid", hooked("jar"), reserved=True),
    Field("drift", "how it differs from its route, by its id in a report", "drift=1a2b3c4d", hooked("drift"),
          reserved=True),
    Field("caching", "contradiction of its caching headers", "caching:vary-star",
          _words("caching fault", CACHING, hooked("caching"), closed=False), reserved=True),
    Field("severity", "severity of a finding", "severity>=medium", _severity, reserved=True),
    Field("process", "name of the process, or its program", "process:nginx", workloads.PROCESS),
    Field("pid", "its number, as its container or as the machine sees it", "pid:4711", workloads.PID),
    Field("container", "name, id or image of its container", "container:web", workloads.CONTAINER),
    Field("pod", "its pod, after its namespace", "pod:shop/*", workloads.POD),
    Field("hostname", "machine that told of it", "hostname:node-3", workloads.HOST_NAME),
    Field("mark", "comment of a marked response", "mark:todo", hooked("mark"), reserved=True),
)  # fmt: skip
"""`header:NAME` and `is:STATE` have a syntax of their own and stand in `parser` and `states`."""

OF_FINDINGS = ("route", "finding", "found", "cause", "jar", "drift", "caching", "severity")
"""Fields that `finding_hooks` answers: what no single field of a response says."""

BY_KEY = {field.key: field for field in FIELDS}
