"""Connections as they are opened, and which socket each is of: for those that are gone before anybody looks.

A packet socket beside those of the capture tells of every SYN at once, where the ring of a capture waits until there is
more. For both of its ends the kernel is asked which socket that is (sock_diag(7)): of the one that opens, the
connection's own; of the other one, the one that listens. Linux only.
"""

import ctypes
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

from httpresp_capture.bpf.assembler import pack
from httpresp_capture.bpf.openings import assemble_openings

__all__ = ["End", "Openings", "open_openings"]

End = tuple[str, int]
"""An address in its shortest form, and a port."""
EVERY_PROTOCOL: Final = 3
SO_ATTACH_FILTER, SO_LOCK_FILTER = 26, 44
MOST: Final = 256
"""Packets that are taken at once."""
HEADERS: Final = 128
SOCK_DIAG, SOCK_DIAG_BY_FAMILY, REQUEST = 4, 20, 1
_ASK: Final = struct.Struct("=IHHII BBBBI 2s2s16s16sIII")
"""A netlink header, and `struct inet_diag_req_v2` of linux/inet_diag.h."""
_ANSWER: Final = struct.Struct("=IHHII BBBB 2s2s16s16sIII IIIII")
"""The same of `struct inet_diag_msg`, whose last number is the inode."""
_ANY: Final = 0xFFFFFFFF


class Openings:
    """Raises OSError where it may not be opened: it takes what a capture takes."""

    def __init__(self) -> None:
        self._packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(EVERY_PROTOCOL))
        self._kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, SOCK_DIAG)
        self._kernel.settimeout(1.0)
        program = pack(assemble_openings())
        held = ctypes.create_string_buffer(program, len(program))
        for option, value in (
            (SO_ATTACH_FILTER, struct.pack("HL", len(program) // 8, ctypes.addressof(held))),
            (SO_LOCK_FILTER, 1),
        ):
            self._packets.setsockopt(socket.SOL_SOCKET, option, value)
        self._packets.setblocking(False)
        with suppress(OSError):
            while True:  # What came before there was a filter.
                self._packets.recv(1)

    def wait(self, seconds: float) -> None:
        """Until a connection is opened, and no longer than that."""
        select.select([self._packets], [], [], seconds)

    def take(self) -> list[tuple[End, End]]:
        """Both ends of connections that were opened since the last call: who opens it first."""
        found: dict[tuple[End, End], None] = {}
        with suppress(OSError):  # Nothing more is there; or an interface went down.
            for _ in range(MOST):
                ends = ends_of(self._packets.recv(HEADERS))
                if ends is not None:
                    found[ends] = None
        return list(found)

    def sockets_of(self, opener: End, other: End) -> Iterator[int]:
        """Inodes of the sockets on this machine: of the one that opens, and of the one that listens."""
        # Until it is accepted the other end has no inode: then the socket that listens is found by a port of nobody.
        for inode in (self._ask(opener, other), self._ask(other, opener) or self._ask(other, (opener[0], 0))):
            if inode:
                yield inode

    def close(self) -> None:
        """Nothing more is asked."""
        self._packets.close()
        self._kernel.close()

    def _ask(self, own: End, peer: End) -> int:
        addresses = [ip_address(each[0]).packed for each in (own, peer)]
        family = socket.AF_INET if len(addresses[0]) == 4 else socket.AF_INET6
        ports = [each[1].to_bytes(2, "big") for each in (own, peer)]
        ask = (_ASK.size, SOCK_DIAG_BY_FAMILY, REQUEST, 0, 0, family, socket.IPPROTO_TCP, 0, 0, _ANY)
        try:
            self._kernel.send(_ASK.pack(*ask, *ports, *addresses, 0, _ANY, _ANY))
            answer = self._kernel.recv(4_096)
        except OSError:
            return 0
        if len(answer) < _ANSWER.size or answer[4:6] != struct.pack("=H", SOCK_DIAG_BY_FAMILY):
            return 0
        return _ANSWER.unpack_from(answer)[-1]


def open_openings() -> Openings | None:
    """None where the system has no such thing, or does not allow it."""
    try:
        return Openings()
    except (OSError, AttributeError):
        return None


def ends_of(packet: bytes) -> tuple[End, End] | None:
    """Both ends of a TCP packet from its IP header on; None for anything else."""
    if len(packet) < 24:
        return None
    version = packet[0] >> 4
    if version == 4:
        at, first, size = (packet[0] & 15) * 4, 12, 4
    elif version == 6:
        at, first, size = 40, 8, 16
    else:
        return None
    if len(packet) < at + 4:
        return None
    source, target = (str(ip_address(packet[place : place + size])) for place in (first, first + size))
    return (source, packet[at] << 8 | packet[at + 1]), (target, packet[at + 2] << 8 | packet[at + 3])
