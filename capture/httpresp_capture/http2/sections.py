"""What a header section says (RFC 9113 §8.2, §8.3), told as the head that HTTP/1.1 would have for it.

Everything above reads heads, so it need not know which version they came by. The pseudo-header fields are in the first
line, and `:authority` is in `host`. Faults are named, each with its offset in that head.
"""

import re
from typing import Final

from httpresp_capture.http.heads import shown
from httpresp_capture.http2.field import (
    AUTHORITY_RULE,
    CODED,
    COOKIE,
    LENGTH,
    NAMED,
    NO_TEXT,
    NO_TOKEN,
    ODD,
    PATH_RULE,
    PLAIN,
    PSEUDO,
    Field,
)
from httpresp_capture.records.plurals import many
from httpresp_capture.records.problems import Problem

_PROBLEMS_KEPT: Final = 32
_REQUEST_PSEUDO: Final = frozenset((b":method", b":scheme", b":authority", b":path", b":protocol"))
_CONNECTION: Final = frozenset((b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"))
"""RFC 9113 §8.2.2."""
_UPPER: Final = re.compile(rb"[A-Z]")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class Section:
    """A header section, or a trailer section."""

    __slots__ = ("coded", "declared", "host", "lines", "problems", "pseudo", "unknown")

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        """Field lines."""
        self.pseudo: dict[bytes, bytes] = {}
        self.declared = -1
        """Content-Length; -1 where there is none that can be read."""
        self.coded = False
        """True where Content-Encoding is given."""
        self.host = b""
        self.unknown = 0
        """Fields that cannot be known."""
        self.problems: list[Problem] = []

    def problem(self, name: str, detail: str = "", offset: int = 0) -> None:
        """Something is wrong with it."""
        if len(self.problems) < _PROBLEMS_KEPT:
            self.problems.append(Problem(name, offset, detail))


def read(fields: list[Field]) -> Section:
    """Take a section apart; which pseudo-header fields it may have is for whoever knows what it is.

    `WholeMessages` does the same, and what follows below, of the sections of most messages, which break no rule.
    """
    section = Section()
    lines = section.lines
    cookies: list[bytes] | None = None
    for field in fields:
        kind = field.kind
        if kind == PLAIN:
            lines.append(field.line)
        elif kind <= PSEUDO:
            if lines or cookies:
                section.problem("bad-pseudo-field", f"{shown(field.name)} stands behind other fields")
            if field.name in section.pseudo:
                section.problem("bad-pseudo-field", f"{shown(field.name)} more than once")
            else:
                section.pseudo[field.name] = field.value
        elif kind == COOKIE:
            # §8.2.3: a cookie may come in pieces, which are one field to whoever is not HTTP/2.
            if cookies is None:
                cookies = []
            cookies.append(field.value)
        elif kind <= NAMED:
            _named(section, field)
            lines.append(field.line)
        elif kind == ODD:
            _odd(section, field)
            lines.append(field.line)
        else:
            section.unknown += 1
    if section.unknown:
        section.problem("unknown-fields", many(section.unknown, "field"))
    if cookies is not None:
        lines.append(b"cookie: %b\r\n" % b"; ".join(cookies))
    return section


def _named(section: Section, field: Field) -> None:
    kind, name, value = field.kind, field.name, field.value
    if kind == LENGTH:
        if section.declared >= 0:
            same = field.number == section.declared
            section.problem("repeated-length" if same else "differing-lengths", shown(value))
        else:
            section.declared = field.number
    elif kind == CODED:
        section.coded = True
    elif name == b"content-length":
        section.problem("bad-length", shown(value), _size(section))
    elif name == b"host":
        section.host = value
    elif name in _CONNECTION or (name == b"te" and value.lower() != b"trailers"):
        section.problem("connection-field", shown(field.line[:-2]), _size(section))


def _odd(section: Section, field: Field) -> None:
    """§8.2.1: which of the rules for names and values the field breaks."""
    name, value = field.name, field.value
    if not name:
        section.problem("empty-name", shown(field.line[:-2]), _size(section))
    elif NO_TOKEN.search(name) is not None:
        section.problem("bad-name", shown(name), _size(section))
    elif _UPPER.search(name) is not None:
        section.problem("uppercase-name", shown(name), _size(section))
    if _CONTROL.search(value) is not None:
        section.problem("control-bytes", shown(value), _size(section))
    elif value.strip(b" \t") != value:
        section.problem("blanks-around-value", shown(value), _size(section))


def _size(section: Section) -> int:
    return sum([len(line) for line in section.lines])


def status_of(section: Section) -> int:
    """The status code of a response; 0 where there is none that can be read. What is wrong is among its problems."""
    status = section.pseudo.get(b":status")
    if status is None:
        if not section.unknown:
            section.problem("bad-pseudo-field", "no :status")
        return 0
    if len(section.pseudo) > 1:
        for name in section.pseudo:
            if name != b":status":
                section.problem("bad-pseudo-field", f"{shown(name)} in a response")
    if len(status) != 3 or not status.isdigit():
        section.problem("bad-status", shown(status))
        return 0
    code = int(status)
    if not 100 <= code <= 599:
        section.problem("status-range", shown(status))
    elif code == 101:
        section.problem("bad-status", "101 is not used in HTTP/2")
    return code


def response_head(section: Section) -> bytes:
    """Status line and field lines, with the blank line."""
    status = section.pseudo.get(b":status", b"").translate(NO_TEXT)
    return (
        b"HTTP/2 %b\r\n%b\r\n" % (status, b"".join(section.lines))
        if status
        else b"HTTP/2\r\n%b\r\n" % b"".join(section.lines)
    )


class RequestHead:
    """What a request's header section says."""

    __slots__ = ("head", "method", "protocol", "scheme", "target")

    def __init__(self, head: bytes, method: str, target: str, scheme: str, protocol: str) -> None:
        self.head = head
        self.method = method
        self.target = target
        self.scheme = scheme
        self.protocol = protocol


def opens_websocket(asked: RequestHead, status: int) -> bool:
    """True when the answer of this status to an extended CONNECT opens a WebSocket (RFC 8441 §5)."""
    return asked.method == "CONNECT" and asked.protocol.lower() == "websocket" and 200 <= status <= 299


def request_head(section: Section) -> RequestHead:
    """Request line and field lines, with the blank line. What is wrong is among the problems of the section."""
    pseudo = section.pseudo
    method = pseudo.get(b":method", b"")
    authority = pseudo.get(b":authority", b"")
    path = pseudo.get(b":path", b"")
    protocol = pseudo.get(b":protocol", b"")
    _check_request(section, method, path, protocol)
    target = authority if method == b"CONNECT" and not path else path
    line = b" ".join([word for word in (method, target, b"HTTP/2") if word]).translate(NO_TEXT)
    lines = b"".join(section.lines)
    if authority and section.host != authority:
        # §8.3.1: the two must be the same; where they are not, `:authority` is what counts.
        lines = b"host: %b\r\n%b" % (authority.translate(NO_TEXT), lines)
        if section.host:
            section.problem("differing-hosts", f"{shown(authority)} and {shown(section.host)}")
    return RequestHead(
        b"%b\r\n%b\r\n" % (line, lines),
        method.decode("latin-1"),
        target.decode("latin-1"),
        pseudo.get(b":scheme", b"").decode("latin-1"),
        protocol.decode("latin-1"),
    )


def _check_request(section: Section, method: bytes, path: bytes, protocol: bytes) -> None:
    """§8.3.1, §8.5 and RFC 8441 §4: which pseudo-header fields a request must have, and may have."""
    pseudo = section.pseudo
    for name in pseudo:
        if name not in _REQUEST_PSEUDO:
            section.problem("bad-pseudo-field", f"{shown(name)} in a request")
    if section.unknown:
        return
    tunnel = method == b"CONNECT" and not protocol
    if not method:
        section.problem("bad-pseudo-field", "no :method")
    elif NO_TOKEN.search(method) is not None:
        section.problem("bad-pseudo-field", f":method {shown(method)}")
    if protocol and method != b"CONNECT":
        section.problem("bad-pseudo-field", f":protocol in a request of {shown(method)}")
    if AUTHORITY_RULE.fullmatch(pseudo.get(b":authority", b"")) is None:
        # It is not quoted: what stands before an "@" may be a password.
        section.problem("bad-pseudo-field", ":authority with user information, or with bytes that it cannot have")
    if tunnel:
        if b":authority" not in pseudo:
            section.problem("bad-pseudo-field", "no :authority in a CONNECT request")
        if b":scheme" in pseudo or b":path" in pseudo:
            section.problem("bad-pseudo-field", ":scheme or :path in a CONNECT request")
        return
    if b":scheme" not in pseudo:
        section.problem("bad-pseudo-field", "no :scheme")
    if not path:
        section.problem("bad-pseudo-field", "no :path" if b":path" not in pseudo else "an empty :path")
    elif PATH_RULE.fullmatch(path) is None and (path != b"*" or method != b"OPTIONS"):
        wrong = "that does not begin with /" if path[:1] != b"/" else "with bytes that it cannot have"
        section.problem("bad-pseudo-field", f":path {wrong}")


def trailer_block(section: Section) -> bytes:
    """The field lines of a trailer section (§8.1), which may have no pseudo-header fields."""
    for name in section.pseudo:
        section.problem("bad-pseudo-field", f"{shown(name)} in trailers")
    return b"".join(section.lines)
