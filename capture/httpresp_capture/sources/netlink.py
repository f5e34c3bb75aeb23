"""Interfaces and addresses as the kernel of Linux tells them, rtnetlink(7).

Asked by socket and not read from /sys, which in a network namespace may still show another one.
"""

import socket
import struct
from collections.abc import Iterator

from httpresp_capture.records import record

__all__ = ["Link", "addresses", "links"]

GET_LINK, NEW_LINK, GET_ADDRESS, NEW_ADDRESS = 18, 16, 22, 20
REQUEST_DUMP = 0x301
DONE, ERROR = 3, 2
LINK_NAME = 3
ADDRESS_PEER, ADDRESS_LOCAL = 1, 2

_HEAD = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")


@record
class Link:
    """One interface."""

    index: int
    name: str
    flags: int
    """IFF_: 0x1 up, 0x8 loopback, 0x10000 with carrier."""


def links() -> list[Link]:
    """Every interface, by index."""
    found: list[Link] = []
    for kind, body in _dump(GET_LINK, struct.pack("=BxHiII", socket.AF_UNSPEC, 0, 0, 0, 0)):
        if kind != NEW_LINK:
            continue
        index, flags = struct.unpack_from("=iI", body, 4)
        name = dict(_attributes(body, 16)).get(LINK_NAME, b"").rstrip(b"\0").decode("utf-8", "surrogateescape")
        found.append(Link(index=index, name=name, flags=flags))
    return found


def addresses() -> dict[int, list[str]]:
    """Addresses of each interface, in the kernel's order."""
    found: dict[int, list[str]] = {}
    for kind, body in _dump(GET_ADDRESS, struct.pack("=BBBBi", socket.AF_UNSPEC, 0, 0, 0, 0)):
        family, _, _, _, index = struct.unpack_from("=BBBBi", body)
        if kind != NEW_ADDRESS or family not in (socket.AF_INET, socket.AF_INET6):
            continue
        attributes = dict(_attributes(body, 8))
        # On a point-to-point link ADDRESS_PEER is the other end; IPv6 tells its own there where there is none.
        packed = attributes.get(ADDRESS_LOCAL) or attributes.get(ADDRESS_PEER)
        if packed:
            found.setdefault(index, []).append(socket.inet_ntop(family, packed))
    return found


def _dump(kind: int, request: bytes) -> Iterator[tuple[int, bytes]]:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.settimeout(2)
        netlink.send(_HEAD.pack(_HEAD.size + len(request), kind, REQUEST_DUMP, 1, 0) + request)
        while True:
            answer = netlink.recv(1 << 18)
            at = 0
            while at + _HEAD.size <= len(answer):
                length, kind, _, _, _ = _HEAD.unpack_from(answer, at)
                if kind in (DONE, ERROR) or length < _HEAD.size:
                    return
                yield kind, answer[at + _HEAD.size : at + length]
                at += length + 3 & ~3


def _attributes(body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + _ATTRIBUTE.size <= len(body):
        length, kind = _ATTRIBUTE.unpack_from(body, at)
        if length < _ATTRIBUTE.size:
            return
        yield kind, body[at + _ATTRIBUTE.size : at + length]
        at += length + 3 & ~3
