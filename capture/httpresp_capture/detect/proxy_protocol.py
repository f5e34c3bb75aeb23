"""The PROXY protocol: a header by which a proxy tells the server whose connection it passes on.

https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, version 1 (a line of text, §2.1) and 2 (binary, §2.2). A
header whose addresses say nothing (UNKNOWN, LOCAL, families that are not known) or are nonsense is taken off like any
other: what follows it is what the connection speaks.
"""

import re
from typing import Final

from httpresp_capture.net.addresses import address_text
from httpresp_capture.records.flow import Proxied

Header = tuple[int, Proxied]
"""Its length, 0 while it is not whole; and what it says."""

_V1: Final = b"PROXY "
_LINE: Final = re.compile(rb"PROXY (TCP4|TCP6|UNKNOWN)(?: ([^\r\n]*))?\r?\n")
_LONGEST: Final = 107
"""§2.1: the longest line of version 1 with its CRLF."""
_SIGNATURE: Final = b"\r\n\r\n\x00\r\nQUIT\n"
_FIXED: Final = 16
"""Bytes of a header of version 2 before its addresses."""
_UNIX: Final = 108
_NUMBER: Final = re.compile(rb"[0-9]{1,5}")


def read_header(data: bytes) -> Header | None:
    """The header that `data` begins with; None when there is none. `data` is not empty."""
    first = data[0]
    if first == 0x50:
        return _text(data)
    return _binary(data) if first == 0x0D else None


def _text(data: bytes) -> Header | None:
    """§2.1: "PROXY", family, source, destination, ports, each behind one space."""
    if not data.startswith(_V1):
        return (0, Proxied("PROXY v1")) if _V1.startswith(data) else None
    found = _LINE.match(data)
    if found is None:
        return (0, Proxied("PROXY v1")) if len(data) < _LONGEST and b"\n" not in data else None
    rest: bytes = found[2] or b""
    if rest.startswith(b"HTTP/") or b" HTTP/" in rest:
        return None  # A request whose method is PROXY.
    parts = rest.split(b" ")
    if found[1] == b"UNKNOWN" or len(parts) != 4:
        return found.end(), Proxied("PROXY v1")
    width = 4 if found[1] == b"TCP4" else 6
    client, server = _address(parts[0], width), _address(parts[1], width)
    client_port, server_port = _port(parts[2]), _port(parts[3])
    if not client or not server or client_port < 0 or server_port < 0:
        return found.end(), Proxied("PROXY v1")
    return found.end(), Proxied("PROXY v1", client, client_port, server, server_port)


def _address(text: bytes, version: int) -> str:
    """An address in its usual spelling; empty when it is none of this version."""
    from ipaddress import ip_address  # Loaded with the first header.

    try:
        address = ip_address(text.decode("ascii"))
    except ValueError:
        return ""
    return str(address) if address.version == version else ""


def _port(text: bytes) -> int:
    number = int(text) if _NUMBER.fullmatch(text) else -1
    return number if number <= 0xFFFF else -1


def _binary(data: bytes) -> Header | None:
    """§2.2: signature, version and command, family, length; then addresses and TLVs, which are passed over."""
    if not data.startswith(_SIGNATURE):
        # A CRLF or two may as well be the empty lines that a client sends before its request: the next byte tells.
        return (0, Proxied("PROXY v2")) if _SIGNATURE.startswith(data) else None
    if len(data) < _FIXED:
        return 0, Proxied("PROXY v2")
    if data[12] >> 4 != 2:
        return None
    end = _FIXED + (data[14] << 8 | data[15])
    if len(data) < end:
        return 0, Proxied("PROXY v2")
    if data[12] & 0xF != 1:
        return end, Proxied("PROXY v2")  # LOCAL: the proxy's own connection, such as a health check.
    family = data[13] >> 4
    block = data[_FIXED:end]
    if family in (1, 2):
        width = 4 if family == 1 else 16
        if len(block) < 2 * width + 4:
            return end, Proxied("PROXY v2")
        client, server = address_text(block[:width]), address_text(block[width : 2 * width])
        ports = block[2 * width : 2 * width + 4]
        return end, Proxied("PROXY v2", client, ports[0] << 8 | ports[1], server, ports[2] << 8 | ports[3])
    if family == 3 and len(block) >= 2 * _UNIX:
        return end, Proxied("PROXY v2", _path(block[:_UNIX]), 0, _path(block[_UNIX : 2 * _UNIX]), 0)
    return end, Proxied("PROXY v2")


def _path(field: bytes) -> str:
    """The path of a UNIX socket, Latin-1; an abstract one begins with a zero byte and is written with `@`."""
    if field[:1] == b"\x00":
        name = field[1:].partition(b"\x00")[0]
        return f"@{name.decode('latin-1')}" if name else ""
    return field.partition(b"\x00")[0].decode("latin-1")
