"""A message head, read strictly where it is clean and by name of its faults where it is not.

`RESPONSE` and `REQUEST` match a head that follows RFC 9112 to the letter, from its first byte to its blank line: one
pass of a compiled expression, and nothing more is asked of the many that are clean. What does not match goes to
`diagnose`, which reads line by line, as a browser would, and names each fault with its offset.
"""

import re
from typing import Final

from httpresp_capture.records.problems import Problem

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_TEXT = rb"[\t\x20-\x7e\x80-\xff]*+"
_FIELDS = rb"(?:" + _TOKEN + rb":" + _TEXT + rb"\r\n)*+\r\n"

RESPONSE: Final = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9][0-9]) " + _TEXT + rb"\r\n" + _FIELDS)
"""Groups: minor version, status."""
REQUEST: Final = re.compile(
    rb"(" + _TOKEN + rb") ([\x21-\x7e\x80-\xff]++) HTTP/1\.([01])\r\n" + _FIELDS,
)
"""Groups: method, target, minor version."""
_LOOSE_FIELDS = rb"(?:" + _TOKEN + rb":[^\r\n]*+\r?\n)*+"
_STATUS_LINE = rb"HTTP/1\.[01] [1-9][0-9][0-9](?: [^\r\n]{0,512}+)?+\r?\n"
_ASKING_LINE = rb"[A-Z]{3,16} [\x21-\x7e\x80-\xff]{1,8192}+ HTTP/1\.[01]\r?\n"
FIELDS: Final = re.compile(_LOOSE_FIELDS)
"""Well-formed field lines, as many as there are."""
PROVABLE_LINE: Final = re.compile(_STATUS_LINE)
"""What a response must begin with to be believed in the middle of unknown bytes; bounded, so that failing is cheap."""
PROVABLE_REQUEST_LINE: Final = re.compile(_ASKING_LINE)
PROVABLE: Final = re.compile(_STATUS_LINE + _LOOSE_FIELDS + rb"\r?\n")
PROVABLE_REQUEST: Final = re.compile(_ASKING_LINE + _LOOSE_FIELDS + rb"\r?\n")
_COMMON = rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT)"
COMMON_METHOD: Final = re.compile(_COMMON + rb" ")
REQUEST_LINE: Final = re.compile(
    rb"(?:" + _TOKEN + rb"[ \t][^\r\n]*[ \t]|" + _COMMON + rb"[^\r\n]*)HTTP/[0-9.]+[ \t]*\r?\n"
    rb"|(?:GET|HEAD|POST|PUT) [^\r\n]*\r?\n"
)
"""What may pass for a request line, however wrong; without a version only by a common method (HTTP/0.9 had one)."""
ODD_STATUS_LINE: Final = re.compile(
    rb"((?i:ICY|HTTPS?)(?:/\d{1,3}(?:\.\d{1,3})?)?)[ \t]+([1-5]\d\d)(?![^ \t\r\n])[^\r\n]{0,512}\r?\n"
    rb"|(?i:Status):[ \t]*([1-5]\d\d)(?![^ \t\r\n])[^\r\n]{0,512}\r?\n"
)
"""What servers send for a status line that is none of HTTP's: `ICY 200 OK`, `HTTP 200 OK`, `HTTPS/1.1 200 OK`, or the
field that a CGI script sends to its server (RFC 3875 §6.3.3). Groups: protocol, status; or status."""
ODD_BEGUN: Final = re.compile(rb"[A-Za-z]{1,10}[\t -~]{0,522}\r?$")
"""What may yet become such a line."""
STRANGER: Final = re.compile(rb"(?:RTSP|SIP|ICAP)/\d|SSH-\d")
"""How an answer of another protocol begins that only looks like an answer of HTTP."""
STRANGE_REQUEST: Final = re.compile(rb"[A-Z]{1,32} [^\r\n]* (?:RTSP|SIP|ICAP)/\d")
"""The same for a request."""
_BEHIND_A_FIELD = rb"(?<=[^\s:;,=\"'(])"
GLUED_STATUS_LINE: Final = re.compile(_BEHIND_A_FIELD + rb"HTTP/1\.[01] [1-5][0-9][0-9] [^\r\n]*+\r?\n")
"""A status line behind a field whose line end was left out; as part of a value it would stand apart."""
GLUED_REQUEST_LINE: Final = re.compile(
    _BEHIND_A_FIELD + rb"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) [^ \r\n]++ HTTP/1\.[01]\r?\n"
)
"""The same for a request line."""

LONG_LINE: Final = 8192
"""What common servers and proxies take for one line (nginx, Apache httpd: 8 KiB)."""

LONG_SEGMENT: Final = 1_000
"""Bytes in which most heads end; `is_torn` is asked of what is longer."""
_STATUS_LIKE: Final = b"HTTP/0.0 000"
"""A status line up to its status, every digit a nought."""
_VERSION: Final = b"HTTP/1."
_MOST_TRIED: Final = 64
"""Places at which `begun_head` looks."""
_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
_BLANK_LINE: Final = re.compile(rb"\n\r?\n")
_STATUS = re.compile(rb"(?i:HTTP)/(\d+)(?:\.(\d+))?([ \t]*)([^\r\n]*)")
_BAD_NAME = re.compile(rb"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def shown(data: bytes, limit: int = 40) -> str:
    """A few bytes from the wire as ASCII, escaped, and quoted: nothing in them is taken for words of ours."""
    text = data[:limit].decode("latin-1").encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return f'"{text}…"' if len(data) > limit else f'"{text}"'


def head_end(data: bytes | bytearray, start: int = 0, search_from: int = 0) -> int:
    """Where the head that begins at `start` ends, after its blank line; -1 when it does not end here.

    RFC 9112 §2.2 lets a recipient take a single LF for a line end, and all browsers do.
    """
    blank = _BLANK_LINE.search(data, max(start, search_from))
    return blank.end() if blank is not None else -1


def begins_status_line(data: bytes, start: int) -> bool | None:
    """True when a status line begins at `start`; None when there are too few bytes to say."""
    begun = data[start : start + len(_STATUS_LIKE)].translate(_DIGITS)
    return (
        begun == _STATUS_LIKE if len(begun) == len(_STATUS_LIKE) else None if _STATUS_LIKE.startswith(begun) else False
    )


def begun_head(data: bytes, start: int, most: int) -> int:
    """Where a head of a response begins that would go on behind `data`, of which these hold at least its first byte and
    at most `most`; -1 for nowhere."""
    place = max(start, len(data) - most)
    for _ in range(_MOST_TRIED):
        place = data.find(_VERSION, place)
        if place < 0:
            break
        line = PROVABLE_LINE.match(data, place)
        if line is not None:
            fields = FIELDS.match(data, line.end())
            if fields is not None and data.find(b"\n", fields.end()) < 0:
                return place
        elif begins_status_line(data, place) is not False and data.find(b"\n", place) < 0:
            return place
        place += 1
    for size in range(min(len(_VERSION) - 1, len(data) - start), 0, -1):
        if data.endswith(_VERSION[:size]):
            return len(data) - size
    return -1


def is_torn(data: bytes, start: int = 0) -> bool:
    """True when a segment full of head does not hold its end, so that to match it is in vain.

    In less than `LONG_SEGMENT` bytes the match says so as fast.
    """
    return _BLANK_LINE.search(data, start) is None


def diagnose(head: bytes) -> list[Problem]:
    """Every fault of the field lines of a head, in wire order; its first line is looked at for its end only."""
    problems: list[Problem] = []
    offset = 0
    first = True
    for line in head.split(b"\n"):
        length = len(line) + 1
        if offset >= len(head):
            break
        if not line.endswith(b"\r") and offset + length <= len(head):
            problems.append(Problem("bare-lf", offset + length - 1))
        text = line[:-1] if line.endswith(b"\r") else line
        cr = text.find(b"\r")
        if cr >= 0:
            problems.append(Problem("bare-cr", offset + cr, shown(text)))
        control = _CONTROL.search(text)
        if control:
            problems.append(Problem("control-bytes", offset + control.start(), shown(control.group())))
        if len(text) > LONG_LINE:
            problems.append(Problem("long-line", offset, f"{len(text)} bytes"))
        if text and not first:
            _field(text, offset, problems)
        first = False
        offset += length
    return problems[:64]


def _field(line: bytes, offset: int, problems: list[Problem]) -> None:
    """RFC 9112 §5: field-line = field-name ":" OWS field-value OWS."""
    if line[:1] in b" \t":
        problems.append(Problem("obs-fold", offset, shown(line)))
        return
    colon = line.find(b":")
    if colon < 0:
        problems.append(Problem("no-colon", offset, shown(line)))
        return
    name = line[:colon]
    if name.rstrip(b" \t") != name:
        problems.append(Problem("space-before-colon", offset + len(name.rstrip(b" \t")), shown(name)))
        name = name.rstrip(b" \t")
    if not name:
        problems.append(Problem("empty-name", offset, shown(line)))
    elif _BAD_NAME.search(name):
        problems.append(Problem("bad-name", offset, shown(name)))


def status_line(head: bytes) -> tuple[int, str, list[Problem]]:
    """Status and protocol of a status line that is not as RFC 9112 §4 wants it, with its faults.

    Status 0 where there are not exactly three digits. Never `int()` on what was not seen to be ASCII digits.
    """
    problems: list[Problem] = []
    line = head.split(b"\n", 1)[0].rstrip(b"\r")
    found = _STATUS.match(line)
    if found is None:
        odd = ODD_STATUS_LINE.match(line + b"\n")
        if odd is None:
            return 0, "", [Problem("bad-status-line", 0, shown(line))]
        named, code = odd.group(1), odd.group(2) or odd.group(3)
        if named is None:
            return int(code), "", [Problem("bad-status-line", 0, shown(line))]
        return int(code), named.decode("ascii"), [Problem("bad-version", 0, shown(named))]
    major, minor, blank, rest = found.group(1, 2, 3, 4)
    protocol = line[: found.start(3)].decode("latin-1")
    if protocol not in ("HTTP/1.1", "HTTP/1.0"):
        problems.append(Problem("bad-version", 0, shown(line[: found.start(3)])))
        protocol = f"HTTP/{major[:3].decode()}.{minor[:3].decode()}" if minor else f"HTTP/{major[:3].decode()}"
    code = re.match(rb"[^ \t\r\n]*", rest)
    digits = code.group() if code else b""
    after = rest[len(digits) : len(digits) + 1]
    if blank != b" " or after == b"\t":
        problems.append(Problem("bad-status-line", found.start(3), shown(line)))
    if len(digits) != 3 or not digits.isdigit():
        problems.append(Problem("bad-status", found.start(4), shown(digits)))
        return 0, protocol, problems
    status = int(digits)
    if not 100 <= status <= 599:
        problems.append(Problem("status-range", found.start(4), shown(digits)))
    if not after:
        problems.append(Problem("no-reason", found.end(3) + 3))
    return status, protocol, problems


def request_line(head: bytes) -> tuple[str, str, list[Problem]]:
    """Method and target of a request line that is not as RFC 9112 §3 wants it, with its faults.

    As that section allows, any blanks part the three, and those around the line are left out.
    """
    line = head.split(b"\n", 1)[0].rstrip(b"\r")
    words = line.split()
    method = words[0] if words else b""
    version = words[-1] if len(words) > 1 and words[-1][:5].upper() == b"HTTP/" else b""
    start = line.find(method) + len(method)
    target = line[start : max(start, line.rfind(version) if version else len(line))].strip()
    problems: list[Problem] = []
    if not target or line != b" ".join((method, target, version)) or len(words) != 3:
        problems.append(Problem("bad-request-line", 0, shown(line)))
    if version and version not in (b"HTTP/1.1", b"HTTP/1.0"):
        problems.append(Problem("bad-version", line.rfind(version), shown(version)))
    return method[:32].decode("latin-1"), target.decode("latin-1"), problems
