"""What users of other tools type that is more than another name for a field of ours.

A field of Wireshark that stands alone asks whether it is there (`http.set_cookie`, `!http.response`). Some of its
fields have no field of ours, and are built here. What cannot be meant as it is written is refused with what to write
instead: a filter that silently matches nothing is an answer nobody should trust.
"""

import re
from collections.abc import Callable, Iterable

from httpresp_capture.query import texts
from httpresp_capture.query.builders import (
    Build,
    Values,
    either_number,
    header_present,
    number_field,
    text_field,
    text_tests,
)
from httpresp_capture.query.dialects import FIELD_NAMES, HEADER_NAMES, REQUEST_HEADER_NAMES
from httpresp_capture.query.errors import QueryError
from httpresp_capture.query.hooks import Hooks
from httpresp_capture.query.predicates import CHEAP, DECODE, FIELD, HEADER, SEARCH, Predicate, Test, everything
from httpresp_capture.query.values import TIMES, Operator
from httpresp_capture.records.exchange import Response

PROTOCOLS = frozenset({"http", "http2", "http3", "tcp", "udp", "ip", "ipv6", "tls", "ssl", "quic", "frame", "eth"})
"""A word in lower case that begins with one of these and a dot is a field of Wireshark, known or not."""
FIELD_OF_PROTOCOL = re.compile(rf"(?:{'|'.join(sorted(PROTOCOLS))})(?:\.[a-z0-9_]+)+(?=$|[\s)|&!=<>~])")
ANYWHERE = frozenset({"http", "tcp", "frame", "data", "ip"})
"""Before `contains` or `matches`, the whole of what was captured is meant."""
FUNCTION = re.compile(r"(lower|upper|len|count|string|vals|abs|max|min)\(", re.IGNORECASE)


def _path_alone(response: Response) -> str:
    return texts.path(response).partition("?")[0]


def _query_string(response: Response) -> str:
    return texts.path(response).partition("?")[2]


def _request_version(response: Response) -> str:
    request = response.request
    words = [] if request is None else request.head.partition(b"\n")[0].split()
    return words[-1].decode("latin-1") if len(words) > 2 else ""


def _request_body(response: Response) -> str:
    return "" if response.request is None else texts.head_text(response.request.body)


def _request_type(response: Response) -> str:
    return "" if response.request is None else response.request.headers.get("content-type")


def _trailers(response: Response) -> str:
    return texts.head_text(response.trailers)


def _any_type_of(*types: str) -> Predicate:
    return lambda response: response.content_type.startswith(types)


def _parameters(response: Response) -> Iterable[str]:
    return _query_string(response).split("&")


def _set_cookies(response: Response) -> Iterable[str]:
    return map(texts.utf8, response.headers.all("set-cookie"))


def _cookie_names(response: Response) -> Iterable[str]:
    return (each.partition("=")[0].strip() for each in _set_cookies(response))


def _cookie_values(response: Response) -> Iterable[str]:
    return (each.partition(";")[0].partition("=")[2].strip() for each in _set_cookies(response))


def _cookie_domains(response: Response) -> Iterable[str]:
    attributes = (part.partition("=") for each in _set_cookies(response) for part in each.split(";")[1:])
    return (value.strip().lstrip(".") for name, _, value in attributes if name.strip().lower() == "domain")


def _ends(response: Response) -> Iterable[str]:
    flow = response.flow
    return f"{flow.server}:{flow.server_port}", f"{flow.client}:{flow.client_port}"


def _any_of(take: Callable[[Response], Iterable[str]]) -> Build:
    """Several texts, of which one must match."""

    def build(operator: Operator, values: Values, hooks: Hooks) -> Test:
        del hooks
        tests = text_tests(operator, values)
        return Test(lambda response: any(test(text) for text in take(response) for test in tests), HEADER)

    return build


OWN: dict[str, Build] = {
    # Wireshark
    "http.request.uri.path": text_field(_path_alone),
    "http.request.uri.query": text_field(_query_string),
    "http.request.uri.query.parameter": _any_of(_parameters),
    "http.request.version": text_field(_request_version),
    "http.request.line": text_field(texts.header_lines(True), SEARCH),
    "http.response.line": text_field(texts.header_lines(False), SEARCH),
    "http.trailer": text_field(_trailers, SEARCH),
    "http.chunked_trailer_part": text_field(_trailers, SEARCH),
    "http.request_number": either_number(lambda response: response.stream),
    "http.response_number": either_number(lambda response: response.stream),
    # It counts seconds, without a unit.
    "http.time": number_field(lambda response: response.first_byte_ns, {"": 10**9, **TIMES}, FIELD),
    # mitmproxy
    "request-body": text_field(_request_body, DECODE),
    "any-body": text_field(lambda response: f"{texts.body(response)}\n{_request_body(response)}", DECODE),
    "request-type": text_field(_request_type, HEADER),
    "address": _any_of(_ends),
    # browsers
    "set-cookie-name": _any_of(_cookie_names),
    "set-cookie-value": _any_of(_cookie_values),
    "set-cookie-domain": _any_of(_cookie_domains),
}
"""Fields of others that are read from what no field of ours shows."""


def _asked(response: Response) -> bool:
    return response.request is not None


def _answered(response: Response) -> bool:
    return response.is_response


def _text(take: Callable[[Response], str]) -> tuple[Predicate, int]:
    return (lambda response: take(response) != ""), FIELD


PRESENT: dict[str, tuple[Predicate, int]] = {
    "status": (lambda response: response.status > 0, CHEAP),
    "reason": _text(texts.reason),
    "host": (lambda response: response.request is not None and response.request.host != "", FIELD),
    "path": _text(texts.path),
    "url": _text(texts.url),
    "method": (_asked, CHEAP),
    "type": (header_present("content-type"), HEADER),
    "set-cookie": (header_present("set-cookie"), HEADER),
    "proto": (_answered, CHEAP),
    "body": (lambda response: response.body_bytes > 0, CHEAP),
    "size": (lambda response: response.body_bytes > 0, CHEAP),
    "time": (lambda response: response.first_byte_ns is not None, FIELD),
    "iface": (lambda response: response.flow.interface != "", CHEAP),
}
"""Field of ours: where it has a value. Addresses and ports always have one."""

PRESENT_OWN: dict[str, tuple[Predicate, int]] = {
    "http": (everything, CHEAP),
    "http.request": (_asked, CHEAP),
    "http.response": (_answered, CHEAP),
    "http.request.uri.query": _text(_query_string),
    "http.request.uri.query.parameter": _text(_query_string),
    "http.trailer": (lambda response: response.trailers != b"", CHEAP),
    "http.chunked_trailer_part": (lambda response: response.trailers != b"", CHEAP),
    "http.bad_header_name": (lambda response: "bad-name" in texts.problems(response).split(), FIELD),
    "http.te_and_length": (lambda response: "length-with-encoding" in texts.problems(response).split(), FIELD),
    "http.te_unknown": (lambda response: "unknown-coding" in texts.problems(response).split(), FIELD),
    "http.leading_crlf": (lambda response: "leading-blank-lines" in texts.problems(response).split(), FIELD),
    "http.chat": (everything, CHEAP),
    "tcp": (everything, CHEAP),
    "ipv6": (lambda response: response.flow.version == 6, CHEAP),
    "http2": (lambda response: response.protocol.startswith("HTTP/2"), CHEAP),
    "http3": (lambda response: response.protocol.startswith("HTTP/3"), CHEAP),
}
"""What stands alone and is no field of ours."""

ASSETS = _any_type_of("text/css", "text/javascript", "application/javascript", "application/x-javascript",
                      "image/", "font/", "application/font", "application/x-font")  # fmt: skip
"""mitmproxy's `~a`: style sheets, scripts, images and fonts."""


def presence(key: str) -> Test | None:
    """The test that a name standing alone means; None where it is a word like any other."""
    found = PRESENT_OWN.get(key)
    if found is None and "." in key:
        if key in HEADER_NAMES:
            found = header_present(HEADER_NAMES[key]), HEADER
        elif key in REQUEST_HEADER_NAMES:
            found = header_present(REQUEST_HEADER_NAMES[key], request=True), HEADER
        elif key in FIELD_NAMES:
            found = PRESENT.get(FIELD_NAMES[key], (everything, CHEAP))
        elif key in OWN:
            found = PRESENT["time"] if key == "http.time" else (_asked if "request" in key else _answered, CHEAP)
    return None if found is None else Test(*found)


_ADDRESS = r"(?:\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}|[0-9a-fA-F]*:[0-9a-fA-F:]+)(?:/\d{1,3})?(?=$|[\s)|])"
_WHEN = (
    r"(?:(?:\d{4}-\d\d-\d\d)?T?\d{1,2}:\d\d(?::\d\d)?|\d{4}-\d\d-\d\d|\d+\s?(?:s|m|h|d|min|sec|minutes?|hours?|days?))"
)
APART: dict[str, tuple[re.Pattern[str], str]] = {
    "status": (re.compile(r"(?:\s+(?:code|is|was))*\s+([1-5](?:\d\d|xx))(?=$|[\s)|])"), "status"),
    "code": (re.compile(r"(?:\s+is)?\s+([1-5](?:\d\d|xx))(?=$|[\s)|])"), "status"),
    "method": (re.compile(r"(?:\s+is)?\s+([A-Z]{3,10})(?=$|[\s)|])"), "method"),
    "port": (re.compile(r"\s+(\d{1,5})(?=$|[\s)|])"), "port"),
    "host": (re.compile(rf"\s+({_ADDRESS})"), "ip"),
    "net": (re.compile(rf"\s+({_ADDRESS})"), "ip"),
    "ip": (re.compile(rf"\s+({_ADDRESS})"), "ip"),
    "src": (re.compile(rf"\s+(?:host\s+|net\s+)?({_ADDRESS})"), "src"),
    "dst": (re.compile(rf"\s+(?:host\s+|net\s+)?({_ADDRESS})"), "dst"),
    **{
        word: (re.compile(rf"\s+(?:the\s+)?({_WHEN}(?:\.\.{_WHEN})?)(?=$|[\s)|])", re.IGNORECASE), field)
        for word, field in (
            ("since", "since"),
            ("after", "since"),
            ("last", "since"),
            ("before", "before"),
            ("until", "before"),
            ("at", "at"),
            ("between", "at"),
        )
    },
}
"""Words of tcpdump, and of people, that have their value behind a blank, and the field that is meant."""

UNIT_ALONE = re.compile(
    r"\d+(?:\.\d+)?\s?(?:ms|msec|[kmg]i?b|secs?|seconds?|minutes?|bytes)(?=$|[\s)|])", re.IGNORECASE
)
"""A time or a size that nothing compares."""
RANGE_APART = re.compile(r"([1-5]\d\d)\s+(?:-|\.\.|to)\s+([1-5]\d\d)(?=$|[\s)|])")
"""A minus with blanks around it would leave the second code out."""
UNREAD_COLUMN = re.compile(r"(?:_ws(?:\.\w+)+|==?\s*[1-5]\d\d)(?=$|[\s)|!=<>~])")
"""Wireshark's own columns, and a comparison of nothing."""
CLASS_CUT = re.compile(r"[1-5]x(?=$|[\s)|,])", re.IGNORECASE)
WORD = re.compile(r"[A-Za-z]+")
NAME_APART = re.compile(
    r"(host|domain|path|url|uri)\s+(?:is\s+)?((?:[\w-]+\.)+[A-Za-z][\w-]*(?::\d+)?|/\S*)(?=$|[\s)|])",
    re.IGNORECASE,
)
"""The same with a name or a path as its value."""
MARKED_FIELD = re.compile(r"[@$.]([A-Za-z][\w.-]*)\s*(?:==|!=|!~|>=|<=|:(?!//)|=|~|<|>)\s*[^\s()|\"]*")
"""`@status:500`, `.status == 500`: other tools mark their fields so."""
FLAGGED = re.compile(r"/(?:[^/\\\s]|\\.)+/(?=[gimsuy]{1,6}(?:$|[\s)|]))[gimsuy]+")
"""A regular expression with flags behind it, as in JavaScript."""


def refuse(text: str, at: int) -> None:
    """Raise where a word cannot be meant as text: it would match nothing, and not say so."""
    if found := FUNCTION.match(text, at):
        name = found[1].lower()
        advice = "text is compared in any case, so leave it out" if name in ("lower", "upper") else "there is none here"
        raise QueryError(f"{name!a} is a function: {advice}.", at, found.end() - 1)
    word = WORD.match(text, at)
    if word is not None and (known := APART.get(word[0].lower())):
        pattern, field = known
        if found := pattern.match(text, word.end()):
            meant = f"{field}:{found[1]}"
            raise QueryError(
                f"Between a field and its value stands an operator: did you mean {meant!a}?", at, found.end(), meant
            )
    if found := NAME_APART.match(text, at):
        meant = f"{found[1].lower()}:{found[2]}"
        raise QueryError(
            f"Between a field and its value stands an operator: did you mean {meant!a}?", at, found.end(), meant
        )
    if found := MARKED_FIELD.match(text, at):
        meant = text[found.start(1) : found.end()]
        raise QueryError(f"Names of fields have no sign before them: did you mean {meant!a}?", at, found.end(), meant)
    if found := FLAGGED.match(text, at):
        meant = text[at : text.rindex("/", at, found.end()) + 1]
        raise QueryError(
            f"An expression looks for any case and has no flags: did you mean {meant!a}? (A path goes in quotes.)",
            at,
            found.end(),
            meant,
        )
    if found := RANGE_APART.match(text, at):
        meant = f"{found[1]}-{found[2]}"
        raise QueryError(f"A range has no blanks: did you mean {meant!a}?", at, found.end(), meant)
    if found := UNREAD_COLUMN.match(text, at):
        raise QueryError(f"Unknown field {found[0]!a}. To search for the text, put it in quotes.", at, found.end())
    if found := UNIT_ALONE.match(text, at):
        meant = ">" + found[0].replace(" ", "")
        less = f"<{meant[1:]}"
        raise QueryError(f"More or less than {found[0]!a}? Write {meant!a} or {less!a}.", at, found.end(), meant)
    if found := CLASS_CUT.match(text, at):
        meant = f"{found[0][0]}xx"
        raise QueryError(f"{found[0]!a} is no status class: did you mean {meant!a}?", at, found.end(), meant)
