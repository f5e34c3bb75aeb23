"""SOCKS: a handshake by which a client asks a proxy to connect it to somewhere.

Version 4 and its extension 4a (https://www.openssh.com/txt/socks4.protocol, socks4a.protocol) and version 5 (RFC 1928)
without authentication or with user and password (RFC 1929). Only CONNECT is read, since only behind it the connection
itself goes on. Names and passwords of users are passed over, and kept nowhere.
"""

from typing import Final

from httpresp_capture.net.addresses import address_text
from httpresp_capture.records.flow import Proxied

Opening = tuple[int, Proxied]
"""Length of all that the client says, 0 while it is not whole; and where it wants to go."""

SOCKS4: Final = "SOCKS 4"
SOCKS4A: Final = "SOCKS 4a"
SOCKS5: Final = "SOCKS 5"
_CONNECT: Final = 1
_NO_AUTHENTICATION: Final = 0
_USER_AND_PASSWORD: Final = 2
_IPV4: Final = 1
_NAME: Final = 3
_IPV6: Final = 4
_LONGEST: Final = 255
"""Bytes of a user or host name."""
_MORE: Final = 0
_NONE: Final = -1


def read_opening(data: bytes) -> Opening | None:
    """What the client says up to its request to connect; None when it is no SOCKS. `data` is not empty."""
    version = data[0]
    if version == 5:
        return _opening_5(data)
    return _opening_4(data) if version == 4 else None


def read_reply(data: bytes, protocol: str) -> int:
    """Length of what the proxy answers up to its grant, 0 while it is not whole, -1 when it grants nothing."""
    if protocol == SOCKS5:
        return _reply_5(data)
    # The version of a reply is 0; some proxies say 4. Code 90 is the grant.
    if data[0] not in (0, 4) or (len(data) > 1 and data[1] != 90):
        return _NONE
    return 8 if len(data) >= 8 else _MORE


def _opening_4(data: bytes) -> Opening | None:
    """VN, CD, DSTPORT, DSTIP, USERID, NUL; with DSTIP 0.0.0.x (4a) the host name follows, and another NUL."""
    if len(data) > 1 and data[1] != _CONNECT:
        return None
    if len(data) < 9:
        return _MORE, Proxied(SOCKS4)
    port = data[2] << 8 | data[3]
    end = data.find(b"\x00", 8, 9 + _LONGEST)
    if end < 0:
        return (_MORE, Proxied(SOCKS4)) if len(data) < 9 + _LONGEST else None
    if data[4:7] != b"\x00\x00\x00" or not data[7]:
        return end + 1, Proxied(SOCKS4, server=address_text(data[4:8]), server_port=port)
    start = end + 1
    end = data.find(b"\x00", start, start + 1 + _LONGEST)
    if end < 0:
        return (_MORE, Proxied(SOCKS4A)) if len(data) < start + 1 + _LONGEST else None
    return end + 1, Proxied(SOCKS4A, server=data[start:end].decode("latin-1"), server_port=port)


def _opening_5(data: bytes) -> Opening | None:
    """RFC 1928 §3: VER, NMETHODS, METHODS; RFC 1929 §2 where that was agreed; then RFC 1928 §4, the request."""
    more = _MORE, Proxied(SOCKS5)
    if len(data) < 2:
        return more
    at = 2 + data[1]
    methods = data[2:at]
    if not data[1] or not (_NO_AUTHENTICATION in methods or _USER_AND_PASSWORD in methods or len(data) < at):
        return None
    if len(data) <= at:
        return more
    if data[at] == 1 and _USER_AND_PASSWORD in methods:
        # VER, ULEN, UNAME, PLEN, PASSWD
        for _ in range(2):
            at += 1
            if len(data) <= at:
                return more
            at += data[at]
        at += 1
        if len(data) <= at:
            return more
    # VER, CMD, RSV, ATYP, DST.ADDR, DST.PORT
    head = data[at : at + 2]
    if head != b"\x05\x01"[: len(head)]:
        return None
    if len(data) < at + 5:
        return more
    end = _address_end(data, at + 3)
    if end < 0:
        return None
    if len(data) < end:
        return more
    kind = data[at + 3]
    where = data[at + 5 : end - 2] if kind == _NAME else data[at + 4 : end - 2]
    server = where.decode("latin-1") if kind == _NAME else address_text(where)
    return end, Proxied(SOCKS5, server=server, server_port=data[end - 2] << 8 | data[end - 1])


def _address_end(data: bytes, at: int) -> int:
    """Where the address that begins with its type at `at`, and the port behind it, end; -1 for an unknown type. The
    byte after the type is there."""
    kind = data[at]
    if kind == _NAME:
        return at + 4 + data[at + 1]
    return at + 7 if kind == _IPV4 else at + 19 if kind == _IPV6 else _NONE


def _reply_5(data: bytes) -> int:
    """RFC 1928 §3: VER, METHOD; RFC 1929 §2: VER, STATUS; RFC 1928 §6: VER, REP, RSV, ATYP, BND.ADDR, BND.PORT."""
    if data[0] != 5:
        return _NONE
    if len(data) < 2:
        return _MORE
    method = data[1]
    at = 2
    if method == _USER_AND_PASSWORD:
        if data[2:4] != b"\x01\x00"[: len(data[2:4])]:
            return _NONE
        at = 4
    elif method != _NO_AUTHENTICATION:
        return _NONE
    head = data[at : at + 2]
    if head != b"\x05\x00"[: len(head)]:
        return _NONE
    if len(data) < at + 5:
        return _MORE
    end = _address_end(data, at + 3)
    return end if end < 0 or len(data) >= end else _MORE
