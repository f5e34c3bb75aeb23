"""Requests and responses of every framing, well formed, each with what must be found in it."""

from collections.abc import Callable
from dataclasses import dataclass
from gzip import compress
from random import Random

from httpresp_capture.records.outcome import Framing
from traffic.values import Expected

CRLF = b"\r\n"
LETTERS = bytes(Random(1).choices(b"abcdefghijklmnopqrstuvwxyz ,.{}[]\"'<>/=0123456789\n", k=1 << 17))
NOISE = Random(2).randbytes(1 << 17)
TRAP = b"\r\n\r\nHTTP/1.1 599 Trap\r\nContent-Length: 3\r\n\r\nabc\r\n0\r\n\r\n"
"""What looks like the next response, and lies in a body."""

REASONS = {
    100: "Continue", 101: "Switching Protocols", 103: "Early Hints", 200: "OK", 201: "Created", 204: "No Content",
    206: "Partial Content", 301: "Moved Permanently", 302: "Found", 304: "Not Modified", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 407: "Proxy Authentication Required",
    418: "I'm a teapot", 429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway",
    503: "Service Unavailable", 599: "Network Connect Timeout",
}  # fmt: skip
WITH_BODY = (200, 200, 200, 200, 201, 206, 301, 302, 400, 401, 403, 404, 404, 418, 429, 500, 502, 503, 599)
EXTRA = (
    ("Server", "nginx/1.24.0"),
    ("date", "Thu, 23 Nov 2023 03:44:10 GMT"),
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Type", "application/json"),
    ("Set-Cookie", "sid=31d4d96e407aad42; Path=/; HttpOnly"),
    ("Set-Cookie", "theme=dark; Max-Age=3600"),
    ("Cache-Control", "no-store, max-age=0"),
    ("ETag", 'W/"65a-18bf"'),
    ("X-Empty", ""),
    ("Vary", "Accept-Encoding,\tOrigin"),
    ("Strict-Transport-Security", "max-age=63072000"),
    ("X-Latin", "caf\xe9 \xfc\xdf"),
    ("Content-Security-Policy", "default-src 'self'; img-src *; " + " ".join(["script-src 'nonce-r4nd0m'"] * 9)),
    ("x_under.score~tilde", "1"),
)
LENGTH_NAMES = ("Content-Length", "content-length", "Content-length", "CONTENT-LENGTH")
METHODS = ("GET", "GET", "GET", "GET", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answers: interim ones first, the final one last."""

    request: bytes
    answers: tuple[bytes, ...]
    expected: tuple[Expected, ...]
    waits: int = 0
    """Bytes of the request that are sent before the first interim answer; 0 for all of it."""
    closes: bool = False
    """The server closes after it."""
    switches: bool = False
    """What follows on the connection is no longer HTTP."""


@dataclass(frozen=True, slots=True)
class Style:
    """What kind of messages a connection carries."""

    largest: int = 6_000
    traps: bool = True
    """Bodies may hold what looks like a response."""


Kind = Callable[[Random, int, Style], Exchange]


def body_of(rng: Random, style: Style) -> bytes:
    """Mostly small, seldom large; text or noise; at times with a trap inside."""
    size = rng.choice((0, 1, 2, rng.randrange(200), rng.randrange(1_200), rng.randrange(style.largest + 1)))
    pool = LETTERS if rng.random() < 0.7 else NOISE
    start = rng.randrange(len(pool) - size)
    body = pool[start : start + size]
    if style.traps and size > 100 and rng.random() < 0.1:
        body = body[:50] + TRAP + body[50:]
    return body


def field_lines(rng: Random, fields: list[tuple[str, str]]) -> bytes:
    """The header block; blanks around values as the grammar allows them (RFC 9112 §5)."""
    if rng.random() < 0.8:
        return "".join([f"{name}: {value}\r\n" for name, value in fields]).encode("latin-1")
    blanks = ("", " ", "  ", "\t")
    lines = [f"{name}:{rng.choice(blanks)}{value}{rng.choice(blanks)}\r\n" for name, value in fields]
    return "".join(lines).encode("latin-1")


def head_of(
    rng: Random, serial: int, status: int, framing_fields: list[tuple[str, str]], version: str = "1.1"
) -> tuple[bytes, str, tuple[tuple[str, str], ...]]:
    """A head with a few more fields around those that frame the body: (bytes, reason, fields)."""
    reason = REASONS[status] if rng.random() < 0.9 else ""
    fields = [("X-Serial", str(serial)), *rng.sample(EXTRA, rng.randrange(len(EXTRA)))]
    for field in framing_fields:
        fields.insert(rng.randrange(1, len(fields) + 1), field)
    head = f"HTTP/{version} {status} {reason}\r\n".encode("latin-1") + field_lines(rng, fields) + CRLF
    return head, reason, tuple(fields)


def request_of(rng: Random, serial: int, method: str, style: Style) -> bytes:
    """A request, at times with a body of either framing."""
    lines = f"{method} {target_of(serial)} HTTP/1.1\r\nHost: host{serial % 7}.test\r\nUser-Agent: probe/{serial}\r\n"
    if rng.random() < 0.3:
        lines += "Cookie: " + "c=0123456789abcdef; " * rng.randrange(1, 20) + "\r\n"
    if method not in ("POST", "PUT"):
        return lines.encode() + CRLF
    size = rng.choice((0, 3, rng.randrange(500), rng.randrange(style.largest // 2 + 1)))
    start = rng.randrange(len(LETTERS) - size)
    body = LETTERS[start : start + size]
    if rng.random() < 0.5:
        return lines.encode() + b"Content-Length: %d\r\n\r\n" % size + body
    return lines.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(rng, body, b"")


def target_of(serial: int) -> str:
    return f"/r/{serial}?q=%20{serial % 13}"


def chunked(rng: Random, body: bytes, trailers: bytes) -> bytes:
    """Chunks of uneven sizes, with extensions and leading zeros at times (RFC 9112 §7.1)."""
    parts: list[bytes] = []
    at = 0
    while at < len(body):
        size = rng.choice((1, 3, 17, 255, 256, 1_000, 4_096, 65_536))
        piece = body[at : at + size]
        at += len(piece)
        digits = b"%x" % len(piece)
        style = rng.random()
        if style < 0.1:
            digits = digits.upper().rjust(8, b"0")
        elif style < 0.2:
            digits += rng.choice((b";name", b";name=value", b';name="a;b, c"', b" ; spaced = yes"))
        parts += (digits, CRLF, piece, CRLF)
    parts += (rng.choice((b"0", b"0", b"0", b"000", b"0;last")), CRLF, trailers, CRLF)
    return b"".join(parts)


def single(request: bytes, answer: bytes, expected: Expected, *, closes: bool = False) -> Exchange:
    return Exchange(request, (answer,), (expected,), closes=closes)


def with_length(rng: Random, serial: int, style: Style) -> Exchange:
    method, status, body = rng.choice(METHODS), rng.choice(WITH_BODY), body_of(rng, style)
    digits = str(len(body)).rjust(rng.choice((0, 0, 0, 0, 9)), "0")
    head, reason, fields = head_of(rng, serial, status, [(rng.choice(LENGTH_NAMES), digits)])
    expected = Expected(serial, status, reason, fields, head, Framing.LENGTH, len(body), body,
                        len(head) + len(body), method, target_of(serial))  # fmt: skip
    return single(request_of(rng, serial, method, style), head + body, expected)


def in_chunks(rng: Random, serial: int, style: Style) -> Exchange:
    method, status, body = rng.choice(METHODS), rng.choice(WITH_BODY), body_of(rng, style)
    trailers = rng.choice((b"", b"", b"X-Sum: 1234\r\n", b"X-Sum: 1\r\nX-Time: 2\r\nX-Sum: 3\r\n"))
    coding = rng.choice(("chunked", "chunked", "Chunked", "gzip, chunked"))
    if coding.startswith("gzip"):
        body = compress(body, 1, mtime=0)
    head, reason, fields = head_of(rng, serial, status, [("Transfer-Encoding", coding)])
    sent = chunked(rng, body, trailers)
    expected = Expected(serial, status, reason, fields, head, Framing.CHUNKED, -1, body,
                        len(head) + len(sent), method, target_of(serial), trailers)  # fmt: skip
    return single(request_of(rng, serial, method, style), head + sent, expected)


def without_body(rng: Random, serial: int, style: Style) -> Exchange:
    """204 and 304; the latter may declare a length that is not there (RFC 9110 §15.4.5)."""
    status = rng.choice((204, 304, 304))
    length = rng.choice((-1, 0, 4_321)) if status == 304 else -1
    head, reason, fields = head_of(rng, serial, status, [("Content-Length", str(length))] if length >= 0 else [])
    method = rng.choice(("GET", "DELETE"))
    expected = Expected(serial, status, reason, fields, head, Framing.NONE, length, b"",
                        len(head), method, target_of(serial))  # fmt: skip
    return single(request_of(rng, serial, method, style), head, expected)


def to_head(rng: Random, serial: int, style: Style) -> Exchange:
    """The answer to HEAD declares what GET would have brought."""
    status = rng.choice((200, 404, 500))
    length = rng.choice((-1, 0, 12_345))
    framing = [("Content-Length", str(length))] if length >= 0 else [("Transfer-Encoding", "chunked")]
    head, reason, fields = head_of(rng, serial, status, framing)
    expected = Expected(serial, status, reason, fields, head, Framing.NONE, length, b"",
                        len(head), "HEAD", target_of(serial))  # fmt: skip
    return single(request_of(rng, serial, "HEAD", style), head, expected)


def after_interim(rng: Random, serial: int, style: Style) -> Exchange:
    """100 to a request that waits for it, or any number of 103; then the final answer."""
    final = rng.choice((with_length, in_chunks))(rng, serial, style)
    waits = rng.random() < 0.5
    request, start = final.request, b""
    method = final.expected[0].method
    if waits:
        body = body_of(rng, Style(style.largest, traps=False))
        method = "POST"
        start = f"POST {target_of(serial)} HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\n".encode()
        start += b"Content-Length: %d\r\n\r\n" % len(body)
        request = start + body
    answers: list[bytes] = []
    expected: list[Expected] = []
    for _ in range(1 if waits else rng.randrange(1, 3)):
        status = 100 if waits else 103
        more = [] if waits else [("Link", "</style.css>; rel=preload")]
        head, reason, fields = head_of(rng, serial, status, more)
        answers.append(head)
        expected.append(Expected(serial, status, reason, fields, head, Framing.NONE, -1, b"",
                                 len(head), method, target_of(serial)))  # fmt: skip
    last = final.expected[0]
    expected.append(Expected(last.serial, last.status, last.reason, last.fields, last.head, last.framing, last.declared,
                             last.body, last.wire, method, last.target, last.trailers))  # fmt: skip
    return Exchange(request, (*answers, final.answers[0]), tuple(expected), waits=len(start))


def until_close(rng: Random, serial: int, style: Style) -> Exchange:
    """No length at all: the body lasts until the server closes (RFC 9112 §6.3, case 8)."""
    status, body = rng.choice(WITH_BODY), body_of(rng, style)
    version = rng.choice(("1.0", "1.1"))
    head, reason, fields = head_of(rng, serial, status, [("Connection", "close")], version)
    expected = Expected(serial, status, reason, fields, head, Framing.CLOSE, -1, body,
                        len(head) + len(body), "GET", target_of(serial))  # fmt: skip
    return single(request_of(rng, serial, "GET", style), head + body, expected, closes=True)


def last_with_length(rng: Random, serial: int, style: Style) -> Exchange:
    """A body of known length after which the server closes."""
    status, body = rng.choice(WITH_BODY), body_of(rng, style)
    head, reason, fields = head_of(rng, serial, status, [("Connection", "close"), ("Content-Length", str(len(body)))])
    expected = Expected(serial, status, reason, fields, head, Framing.LENGTH, len(body), body,
                        len(head) + len(body), "GET", target_of(serial))  # fmt: skip
    return single(request_of(rng, serial, "GET", style), head + body, expected, closes=True)


def upgrade(rng: Random, serial: int, _style: Style) -> Exchange:
    """101: the bytes after it are another protocol's."""
    head, reason, fields = head_of(rng, serial, 101, [("Upgrade", "echo"), ("Connection", "Upgrade")])
    request = f"GET {target_of(serial)} HTTP/1.1\r\nHost: a.test\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n"
    expected = Expected(serial, 101, reason, fields, head, Framing.TUNNEL, -1, b"",
                        len(head), "GET", target_of(serial))  # fmt: skip
    return Exchange(request.encode(), (head,), (expected,), switches=True)


def connect(rng: Random, serial: int, _style: Style) -> Exchange:
    """A proxy opens a tunnel (RFC 9110 §9.3.6)."""
    target = f"host{serial}.test:443"
    head, reason, fields = head_of(rng, serial, 200, [])
    expected = Expected(serial, 200, reason, fields, head, Framing.TUNNEL, -1, b"", len(head), "CONNECT", target)
    return Exchange(
        f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode(), (head,), (expected,), switches=True
    )


def refused_connect(rng: Random, serial: int, style: Style) -> Exchange:
    """A proxy refuses, with a body like any other."""
    target, body = f"host{serial}.test:443", body_of(rng, style)
    head, reason, fields = head_of(rng, serial, rng.choice((403, 407, 502)), [("Content-Length", str(len(body)))])
    status = int(head[9:12])
    expected = Expected(serial, status, reason, fields, head, Framing.LENGTH, len(body), body,
                        len(head) + len(body), "CONNECT", target)  # fmt: skip
    return single(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode(), head + body, expected)


KEEPING: tuple[Kind, ...] = (
    *((with_length,) * 8), *((in_chunks,) * 6), *((without_body,) * 3), *((to_head,) * 2), after_interim,
    refused_connect,
)  # fmt: skip
"""Exchanges after which the connection goes on, by weight."""

CLOSING: tuple[Kind, ...] = (
    until_close,
    until_close,
    until_close,
    last_with_length,
    last_with_length,
    upgrade,
    connect,
)
"""Exchanges that end a connection's HTTP."""
