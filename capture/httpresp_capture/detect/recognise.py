"""What a connection speaks, told from its bytes on any port, never from its port."""

import re
from enum import Enum, auto
from typing import Final

from httpresp_capture.http.heads import PROVABLE, PROVABLE_REQUEST, STRANGE_REQUEST

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
_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_LINE_LIMIT: Final = 65_536
_BLANK_LIMIT: Final = 1_024


class Protocol(Enum):
    """What the first bytes of one direction tell."""

    MORE = auto()
    """Too few bytes to say."""
    RESPONSE = auto()
    REQUEST = auto()
    TLS = auto()
    HTTP2 = auto()
    """The connection preface of RFC 9113 §3.4."""
    OTHER = auto()


def recognise(data: bytes) -> Protocol:
    """Judge the first bytes of a direction."""
    if data[:5] == b"HTTP/":
        return Protocol.RESPONSE
    if b"HTTP/".startswith(data[:5]):
        return Protocol.MORE
    if _PLAIN_REQUEST_LINE.match(data):
        return Protocol.REQUEST
    if STRANGE_REQUEST.match(data):
        return Protocol.OTHER
    if _METHOD_AND_TARGET.match(data):
        return Protocol.REQUEST
    if data[0] in b"\r\n":
        # RFC 9112 §2.2: a server should ignore empty lines before a request.
        rest = data.lstrip(b"\r\n")
        if len(data) - len(rest) > _BLANK_LIMIT:
            return Protocol.OTHER
        return recognise(rest) if rest else Protocol.MORE
    # RFC 8446 §5.1: a record is type 20 to 24, version 3.x and a length of at most 2^14 + 2048.
    if 0x14 <= data[0] <= 0x18:
        if len(data) < 3:
            return Protocol.MORE
        return Protocol.TLS if data[1] == 3 and data[2] <= 4 else Protocol.OTHER
    if _PREFACE.startswith(data[: len(_PREFACE)]):
        return Protocol.HTTP2 if len(data) >= len(_PREFACE) else Protocol.MORE
    if _REQUEST_LINE.match(data):
        return Protocol.REQUEST
    if b"\n" not in data and len(data) < _LINE_LIMIT and _REQUEST_BEGUN.match(data):
        return Protocol.MORE
    return Protocol.OTHER


def recognise_within(data: bytes) -> tuple[Protocol, int]:
    """Look for a head anywhere in bytes of unknown beginning: what it is, and where it begins."""
    response = PROVABLE.search(data) if b"HTTP/1." in data else None
    request = PROVABLE_REQUEST.search(data) if b" HTTP/1." in data else None
    if response is not None and (request is None or response.start() < request.start()):
        return Protocol.RESPONSE, response.start()
    if request is not None:
        return Protocol.REQUEST, request.start()
    return Protocol.OTHER, -1
