"""What a connection speaks, told from its bytes on any port, never from its port: a function for each protocol.

Each is given at least one byte.
"""

import re
from typing import Final

from httpresp_capture.detect.http2_frames import HEADER, HIGHEST, LONGEST, frame_length
from httpresp_capture.detect.protocol import Verdict
from httpresp_capture.http.heads import COMMON_METHOD, PROVABLE, PROVABLE_REQUEST, STRANGE_REQUEST

_PLAIN_REQUEST_LINE: Final = re.compile(rb"[A-Z]{3,16} /[^ \r\n]*+ HTTP/1\.[01]\r?\n")
"""What nearly all connections begin with; the first thing that is asked, for speed alone."""
_METHOD_AND_TARGET: Final = re.compile(
    rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|PROPFIND|MKCOL|SEARCH) (?:/|https?://|\*)|CONNECT [^ ]+:\d"
)
_REQUEST_LINE: Final = re.compile(
    rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}[ \t][^\r\n]*[ \t]"
    rb"|(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT)[^\r\n]*)HTTP/\d[\d.]{0,8}[ \t]*\r?\n"
)
"""A request line, and what is meant as one: any method, any version, more blanks than one, or fewer."""
_REQUEST_BEGUN: Final = re.compile(rb"[A-Za-z!#$%&'*+\-.^_`|~0-9]{1,64}(?:[ \t][\t\x20-\x7e\x80-\xff]*)?\r?$")
HTTP2_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""RFC 9113 §3.4: what a client sends first."""
_SETTINGS: Final = b"\4" + bytes(5)
"""The header of a frame of SETTINGS behind its length: type, flags, stream."""
_HEADERS: Final = 1
_PADDED: Final = 0x08
_PRIORITISED: Final = 0x20
_CHAIN: Final = 3
_SETTINGS_MOST: Final = 240
_LINE_LIMIT: Final = 65_536
_BLANK_LIMIT: Final = 1_024


def http1(data: bytes) -> Verdict:
    """Judge the first bytes of a direction: HTTP/1 (RFC 9112 §3, §4), and what is meant as such."""
    if data[:5] == b"HTTP/":
        return Verdict.SERVER
    if b"HTTP/".startswith(data[:5]):
        return Verdict.MORE
    if _PLAIN_REQUEST_LINE.match(data):
        return Verdict.CLIENT
    if STRANGE_REQUEST.match(data):
        return Verdict.NO
    if _METHOD_AND_TARGET.match(data):
        return Verdict.CLIENT
    if data[0] in b"\r\n":
        # RFC 9112 §2.2: a server should ignore empty lines before a request.
        rest = data.lstrip(b"\r\n")
        if len(data) - len(rest) > _BLANK_LIMIT:
            return Verdict.NO
        return http1(rest) if rest else Verdict.MORE
    if HTTP2_PREFACE.startswith(data[: len(HTTP2_PREFACE)]):
        return Verdict.NO  # Which reads like a request, so that servers of HTTP/1 refuse it (RFC 9113 §3.4).
    if _REQUEST_LINE.match(data):
        return Verdict.CLIENT
    if b"\n" not in data and len(data) < _LINE_LIMIT and _REQUEST_BEGUN.match(data):
        return Verdict.MORE
    return Verdict.NO


def http1_within(data: bytes, newest: int) -> tuple[Verdict, int]:
    """Look for a head of HTTP/1 anywhere in bytes of unknown beginning: what it is, and where it begins. Capitals that
    end a body do not belong to the method behind it: a request that begins where the newest bytes do begins there."""
    response = PROVABLE.search(data) if b"HTTP/1." in data else None
    request = PROVABLE_REQUEST.search(data) if b" HTTP/1." in data else None
    if request is not None and request.start() < newest < request.end() and COMMON_METHOD.match(data, newest):
        request = PROVABLE_REQUEST.match(data, newest) or request
    if response is not None and (request is None or response.start() < request.start()):
        return Verdict.SERVER, response.start()
    if request is not None:
        return Verdict.CLIENT, request.start()
    return Verdict.NO, -1


def http2(data: bytes) -> Verdict:
    """Judge the first bytes of a direction: the connection preface of HTTP/2 (RFC 9113 §3.4), which for a server is
    SETTINGS alone."""
    if HTTP2_PREFACE.startswith(data[: len(HTTP2_PREFACE)]):
        return Verdict.CLIENT if len(data) >= len(HTTP2_PREFACE) else Verdict.MORE
    if len(data) < HEADER:
        begun = b"\0\0".startswith(data[:2]) and _SETTINGS.startswith(data[3:])
        return Verdict.MORE if begun else Verdict.NO
    return Verdict.SERVER if begins_with_settings(data) else Verdict.NO


def http2_within(data: bytes, newest: int) -> tuple[Verdict, int]:
    """Look for frames of HTTP/2 where the newest bytes begin: three, or fewer that are all there is; and among them
    header blocks that show who asks, by their first field (RFC 9113 §8.3)."""
    verdict = Verdict.NO
    count = 0
    at, end = newest, len(data)
    while end - at >= HEADER:
        length = frame_length(data, at, LONGEST, HIGHEST, False)
        if length < 0:
            return Verdict.NO, 0
        if verdict is Verdict.NO and data[at + 3] == _HEADERS:
            verdict = _who_asks(data, at, min(end, at + length))
        count += 1
        at += length
    return (verdict if count >= _CHAIN or at == end else Verdict.NO), newest


def _who_asks(data: bytes, at: int, end: int) -> Verdict:
    """What the first field of a header block shows, where its name is one of the static table (RFC 7541 Appendix A)."""
    flags = data[at + 4]
    at += HEADER + (1 if flags & _PADDED else 0) + (5 if flags & _PRIORITISED else 0)
    while at < end and data[at] & 0xE0 == 0x20:  # A new size of the table.
        more = data[at] == 0x3F
        at += 1
        while more and at < end:
            more = data[at] >= 0x80
            at += 1
    if at >= end:
        return Verdict.NO
    first = data[at]
    index = first & 0x7F if first >= 0x80 else first & 0x3F if first >= 0x40 else first & 0x0F
    return Verdict.CLIENT if 1 <= index <= 7 else Verdict.SERVER if 8 <= index <= 14 else Verdict.NO


def begins_with_settings(data: bytes) -> bool:
    """True for SETTINGS that are no acknowledgement, with values that a first SETTINGS has."""
    if len(data) < HEADER or data[:2] != b"\0\0" or data[3:HEADER] != _SETTINGS:
        return False
    length = data[2]
    return length % 6 == 0 and length <= _SETTINGS_MOST and not any(data[HEADER : HEADER + length : 6])


def tls(data: bytes) -> Verdict:
    """Judge the first bytes of a direction: a record (RFC 8446 §5.1) is of type 20 to 24 and of version 3.x."""
    if not 0x14 <= data[0] <= 0x18:
        return Verdict.NO
    if len(data) < 3:
        return Verdict.MORE
    return Verdict.EITHER if data[1] == 3 and data[2] <= 4 else Verdict.NO
