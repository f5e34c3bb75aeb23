"""Where a message body ends: RFC 9112 §6.3, in its order, with what is wrong on the way.

Pure functions over a head that was already cut at its blank line.
"""

import re
from typing import Final

from httpresp_capture.http.heads import shown
from httpresp_capture.records.outcome import Framing
from httpresp_capture.records.problems import Problem

LARGEST: Final = (1 << 63) - 1
"""A length above this is no length: no implementation counts further."""

_CODINGS = (b"chunked", b"gzip", b"x-gzip", b"deflate", b"compress", b"x-compress", b"identity")
_NAME = re.compile(rb"\n(content-length|transfer-encoding)[ \t]*:")


def of_response(
    low: bytes, status: int, method: str, minor: int, problems: list[Problem] | None
) -> tuple[Framing, int, list[Problem] | None]:
    """Framing of a response.

    `low` is its head in lower case, `method` that of its request ("" when not known). `problems` are those found so
    far; the list is made only when there is something to say.
    """
    # Case 2 stands before case 1 here, since a HEAD answer has no tunnel behind it.
    if status == 101 or (method == "CONNECT" and 200 <= status <= 299):
        return Framing.TUNNEL, declared(low, None)[0], problems
    encoding = low.find(b"\ntransfer-encoding")
    # Case 1: no body, whatever the headers claim.
    # A status that cannot be read (0) forbids nothing.
    if 100 <= status < 200 or status == 204 or status == 304 or method == "HEAD":
        declares = method == "HEAD" or status == 304  # What GET would bring.
        if encoding >= 0:
            if declares:
                return Framing.NONE, -1, problems
            problems = _said(problems, Problem("encoding-not-allowed", encoding + 1))
        length, problems = declared(low, problems)
        if length > 0 and not declares:
            problems = _said(problems, Problem("body-not-allowed", low.find(b"\ncontent-length") + 1))
        return Framing.NONE, length, problems
    if encoding >= 0:
        return _by_encoding(low, minor, problems, response=True)
    return _by_length(low, problems, response=True)


def of_request(low: bytes, minor: int, problems: list[Problem] | None) -> tuple[Framing, int, list[Problem] | None]:
    """Framing of a request: without a length there is no body (RFC 9112 §6.3, case 7)."""
    if low.find(b"\ntransfer-encoding") >= 0:
        return _by_encoding(low, minor, problems, response=False)
    return _by_length(low, problems, response=False)


def _by_length(
    low: bytes, problems: list[Problem] | None, *, response: bool
) -> tuple[Framing, int, list[Problem] | None]:
    """Cases 5 to 8: Content-Length, or none."""
    length, problems = declared(low, problems)
    if length > 0 or (length == 0 and response):
        return Framing.LENGTH, length, problems
    return (Framing.CLOSE, -1, problems) if response else (Framing.NONE, 0, problems)


def declared(low: bytes, problems: list[Problem] | None) -> tuple[int, list[Problem] | None]:
    """The value of Content-Length, -1 for none or none that can be believed.

    Of several, equal ones count once (RFC 9110 §8.6) and of differing ones the first is taken, as Node, Go's client
    and nginx refuse and older browsers do; it is said either way.
    """
    at = low.find(b"\ncontent-length")
    if at < 0:
        return -1, problems
    colon = at + 15
    if low[colon : colon + 1] == b":" and low.find(b"\ncontent-length", colon) < 0:
        end = low.find(b"\n", colon)
        value = low[colon + 1 : end].strip(b" \t\r") if end >= 0 else b""
        if value.isdigit() and len(value) < 18 and low[end + 1 : end + 2] not in (b" ", b"\t"):
            return int(value), problems
    return _declared_slowly(low, problems)


def _declared_slowly(low: bytes, problems: list[Problem] | None) -> tuple[int, list[Problem] | None]:
    values: list[tuple[int, bytes]] = []
    for name in _NAME.finditer(low):
        if name.group(1) != b"content-length":
            continue
        line = _unfolded(low, name.end())
        # RFC 9110 §8.6: a list of equal values, made by a recipient that joined lines, counts as one.
        values.extend((name.start() + 1, part.strip(b" \t\r")) for part in line.split(b","))
    lengths: list[int] = []
    for offset, value in values:
        digits = value.lstrip(b"0") or b"0"
        if not value.isdigit():
            problems = _said(problems, Problem("bad-length", offset, shown(value)))
        elif len(digits) > 19 or int(digits) > LARGEST:
            problems = _said(problems, Problem("length-overflow", offset, shown(value)))
        else:
            lengths.append(int(digits))
    if len(values) > 1:
        if len({value.lstrip(b"0") for _, value in values}) > 1:
            both = b", ".join(value for _, value in values)
            problems = _said(problems, Problem("differing-lengths", values[1][0], shown(both)))
        else:
            problems = _said(problems, Problem("repeated-length", values[1][0]))
    return (lengths[0] if lengths else -1), problems


def _by_encoding(
    low: bytes, minor: int, problems: list[Problem] | None, *, response: bool
) -> tuple[Framing, int, list[Problem] | None]:
    """Case 3 and 4: Transfer-Encoding overrides Content-Length."""
    codings: list[bytes] = []
    offset = -1
    for name in _NAME.finditer(low):
        if name.group(1) != b"transfer-encoding":
            continue
        if offset < 0:
            offset = name.start() + 1
        line = _unfolded(low, name.end())
        codings.extend(part.strip(b" \t\r\n") for part in line.split(b","))
    if offset < 0:  # The name only began alike ("transfer-encoding-x").
        return _by_length(low, problems, response=response)
    codings = [coding for coding in codings if coding]
    length, problems = declared(low, problems)
    if length >= 0 or low.find(b"\ncontent-length:") >= 0:
        problems = _said(problems, Problem("length-with-encoding", low.find(b"\ncontent-length") + 1))
    if minor == 0:
        problems = _said(problems, Problem("encoding-in-1.0", offset))
    as_written = codings
    codings = [coding.partition(b";")[0].strip(b" \t") for coding in as_written]
    unknown = [coding for coding in codings if coding not in _CODINGS]
    # RFC 9112 §7.1: chunked has no parameters; what is called chunked is read so, and the parameter is told.
    with_parameter = [coding for coding in as_written if coding.startswith(b"chunked") and b";" in coding]
    if unknown or with_parameter:
        problems = _said(problems, Problem("unknown-coding", offset, shown((unknown or with_parameter)[0])))
    if codings and codings[-1] == b"chunked":
        if codings.count(b"chunked") > 1:
            problems = _said(problems, Problem("coding-order", offset, "chunked twice"))
        return Framing.CHUNKED, -1, problems
    if b"chunked" in codings:
        problems = _said(problems, Problem("coding-order", offset, shown(b", ".join(codings))))
        return Framing.CHUNKED, -1, problems
    # Node, curl and Go read a response with a coding that is not chunked until close (RFC 9112 §6.3, case 4.2); with
    # nothing but `identity`, which RFC 7230 withdrew, or with no coding they know, they go by its length.
    if length >= 0 and all(coding == b"identity" or coding in unknown for coding in codings):
        return (Framing.LENGTH if length or response else Framing.NONE), length, problems
    # A response whose last coding is another ends with its connection (§6.1); a request may not.
    if not response and not unknown and not all(coding == b"identity" for coding in codings):
        problems = _said(problems, Problem("coding-order", offset, shown(b", ".join(codings))))
    return (Framing.CLOSE if response else Framing.NONE), -1, problems


def _unfolded(low: bytes, start: int) -> bytes:
    """A field value from `start` on, with the lines that are folded into it (RFC 9112 §5.2)."""
    end = start
    while True:
        end = low.find(b"\n", end)
        if end < 0 or low[end + 1 : end + 2] not in (b" ", b"\t"):
            break
        end += 1
    return low[start : end if end >= 0 else None].replace(b"\r\n", b" ").replace(b"\n", b" ")


def chunk_size(line: bytes) -> int:
    """Size in a chunk line without its line end (RFC 9112 §7.1), extensions passed over; -1 no number, -2 too large."""
    digits = line.partition(b";")[0].strip(b" \t\r")
    if not digits or digits.translate(None, b"0123456789abcdefABCDEF"):
        return -1
    size = int(digits, 16)
    return size if size <= LARGEST else -2


def _said(problems: list[Problem] | None, problem: Problem) -> list[Problem]:
    if problems is None:
        return [problem]
    problems.append(problem)
    return problems
