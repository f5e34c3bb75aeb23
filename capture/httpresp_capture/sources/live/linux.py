"""Packet sockets of Linux, packet(7), opened in the one order that loses and leaks nothing.

The socket is made for protocol 0, so nothing is queued; the filter is attached; only then is it bound. It is a cooked
one (SOCK_DGRAM): each packet begins at its IP header, whatever the link, and one filter fits all.
"""

import ctypes
import errno
import os
import socket
import struct
import time
from contextlib import suppress

from httpresp_capture.bpf.cooked import IP_PROTOCOLS, TAG_PROTOCOLS
from httpresp_capture.records.record import record
from httpresp_capture.sources.live.taps import Interfaces, TapLost

__all__ = ["ANY", "LOOPBACK", "SOL_PACKET", "PacketSocket", "SocketOptions", "inner_tags"]

ANY = "any"
"""The name that stands for all interfaces."""
LOOPBACK = "lo"
"""There is one in each network namespace, and Linux gives it no other name."""

EVERY_PROTOCOL = 0x0003
SOL_PACKET = 263
SO_ATTACH_FILTER, SO_LOCK_FILTER = 26, 44
PACKET_ADD_MEMBERSHIP, PACKET_STATISTICS, PACKET_IGNORE_OUTGOING = 1, 6, 23
PACKET_MR_PROMISC = 1
_BELOW_A_TAG = frozenset((*IP_PROTOCOLS, *TAG_PROTOCOLS))
LEAVING = 0.25
"""Seconds in which an interface that is removed goes away: the kernel takes it down first."""
NO_PROTOCOL = 0xFFFF
"""An EtherType that nothing has: it is reserved."""


@record
class SocketOptions:
    """How one socket is opened."""

    interface: str
    """A name, or `any`."""
    program: bytes
    """The filter, packed."""
    promiscuous: bool
    buffer_mb: int


class PacketSocket:
    """What the ring and the plain socket share: opening, the filter, drops, the end of an interface."""

    statistics_size = 8

    def __init__(self, options: SocketOptions) -> None:
        self._name = options.interface
        self._index = 0 if options.interface == ANY else socket.if_nametoindex(options.interface)
        self._interfaces = Interfaces(socket.if_indextoname)
        self._error = 0
        """What the kernel left on the socket when its interface went down or away."""
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        try:
            self._prepare(options)
            self._attach(options.program)
            if self._index:
                self._interfaces[self._index]
                self._ask_kernel(options)
            self._bind(EVERY_PROTOCOL)
            self._socket.setblocking(False)
        except OSError:
            self.close()
            raise

    @property
    def name(self) -> str:
        return self._name

    def fileno(self) -> int:
        return self._socket.fileno()

    def dropped(self) -> int:
        """The kernel sets its count to zero at each reading."""
        statistics = self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, self.statistics_size)
        return struct.unpack_from("=II", statistics)[1]

    def shut(self) -> None:
        # Not by another filter: this one is locked.
        with suppress(OSError):  # The interface has gone, and nothing comes.
            self._bind(NO_PROTOCOL)

    def close(self) -> None:
        self._socket.close()

    def _prepare(self, options: SocketOptions) -> None:
        """Set what must be set before the socket is bound."""
        raise NotImplementedError

    def _attach(self, program: bytes) -> None:
        # The kernel reads it by its address. A plain name would not do: compiled, it lets go after its last use.
        held = self._program = ctypes.create_string_buffer(program, len(program))
        self._socket.setsockopt(
            socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(program) // 8, ctypes.addressof(held))
        )
        # Whoever gets hold of this process when it is root no more cannot make it see more.
        self._socket.setsockopt(socket.SOL_SOCKET, SO_LOCK_FILTER, 1)

    def _ask_kernel(self, options: SocketOptions) -> None:
        if self._name == LOOPBACK:
            # Spares the kernel a copy of each packet; before Linux 4.20 the filter alone drops it.
            with suppress(OSError):
                self._socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        elif options.promiscuous:
            membership = struct.pack("iHH8s", self._index, PACKET_MR_PROMISC, 0, b"")
            # Some links have no such mode; what is addressed to this host is still seen.
            with suppress(OSError):
                self._socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)

    def _bind(self, protocol: int) -> None:
        if self._index:
            self._socket.bind((self._name, protocol))
            return
        # Python's bind takes no index 0, which stands for all interfaces.
        address = struct.pack("=HHiHBB8s", socket.AF_PACKET, socket.htons(protocol), 0, 0, 0, 0, b"")
        library = ctypes.CDLL(None, use_errno=True)
        if library.bind(self.fileno(), address, len(address)):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    def _raise_if_lost(self) -> None:
        """Call when nothing is there to be read, so that what came before the error was."""
        if self._error:
            raise TapLost(self._why(self._error))

    def _why(self, number: int) -> str:
        if self._is_leaving():
            return f"The interface {self._name} is gone."
        if number == errno.ENETDOWN:
            return f"The interface {self._name} went down."
        return f"The capture on {self._name} broke off: {os.strerror(number)}."

    def _is_leaving(self) -> bool:
        until = time.monotonic() + LEAVING
        while True:
            try:
                if socket.if_nametoindex(self._name) != self._index:
                    return True
            except OSError:
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(LEAVING / 20)


def inner_tags(buffer: bytes, start: int, end: int, length: int, certain: bool) -> tuple[int, tuple[int, ...]]:
    """Where the packet under the second and further VLAN tags begins, and their ids, outermost first.

    Such a packet begins at two bytes of its second tag and the next protocol. Before Linux 6.11 the protocol in its
    address says so, and that is `certain`; from then on it names the innermost, and the bytes must tell: `length` is
    that on the wire, and a packet whose own length it is begins where it stands.
    """
    ids: list[int] = []
    while start + 4 <= end:
        protocol = buffer[start + 2] << 8 | buffer[start + 3]
        if not certain and (protocol not in _BELOW_A_TAG or _fits(buffer, start, end, length)):
            break
        ids.append((buffer[start] & 0x0F) << 8 | buffer[start + 1])
        start, length = start + 4, length - 4
        certain = protocol in TAG_PROTOCOLS
        if not certain:
            break
    return start, tuple(ids)


def _fits(buffer: bytes, start: int, end: int, length: int) -> bool:
    match buffer[start] >> 4:
        case 4:
            return buffer[start + 2] << 8 | buffer[start + 3] == length
        case 6 if start + 6 <= end:
            return (buffer[start + 4] << 8 | buffer[start + 5]) + 40 == length
        case _:
            return False
