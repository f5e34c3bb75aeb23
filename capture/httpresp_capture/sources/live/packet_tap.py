"""A packet socket that is read packet by packet, for kernels that refuse the ring.

Times, VLAN tags and lengths come as ancillary data: SO_TIMESTAMPNS and PACKET_AUXDATA.
"""

import socket
import struct
from collections.abc import Iterable
from contextlib import suppress

from httpresp_capture.bpf.cooked import OUTGOING, TAG_PROTOCOLS
from httpresp_capture.records.flow import Interface
from httpresp_capture.sources.live.linux import SOL_PACKET, PacketSocket, SocketOptions, inner_tags
from httpresp_capture.sources.live.taps import RAW_IP, Feed

__all__ = ["PlainTap"]

PACKET_AUXDATA = 8
SO_TIMESTAMPNS, SO_RCVBUFFORCE = 35, 33
VLAN_VALID = 1 << 4
LARGEST = 0x40000
PACKETS_AT_ONCE = 1024
"""Drained in one go; then the events go out and a stop is heard."""

_AUXILIARY = struct.Struct("=IIIHHHH")
"""tpacket_auxdata: status, bytes on the wire, bytes kept, link header, network header, VLAN tag, its protocol."""
_TIMESPEC = struct.Struct("@ll")
_ANCILLARY = socket.CMSG_SPACE(_AUXILIARY.size) + socket.CMSG_SPACE(_TIMESPEC.size)


class PlainTap(PacketSocket):
    """A packet socket without a ring."""

    def _prepare(self, options: SocketOptions) -> None:
        size = options.buffer_mb << 20
        # Over net.core.rmem_max only with CAP_NET_ADMIN; without, what the system allows.
        with suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, size)
        self._socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._buffer = bytearray(LARGEST)
        self._named: dict[str, Interface] = {}

    def drain(self, feed: Feed) -> int:
        receive, view, newest = self._socket.recvmsg_into, memoryview(self._buffer), 0
        for _ in range(PACKETS_AT_ONCE):
            try:
                end, ancillary, _, (name, protocol, way, _, _) = receive([view], _ANCILLARY)
            except BlockingIOError:
                if not newest:
                    self._raise_if_lost()
                break
            except OSError as error:
                # Told before the packets that wait are.
                self._error = error.errno or 0
                continue
            at, length, vlans = _read_ancillary(ancillary)
            packet, start, length = bytes(view[:end]), 0, length or end
            if (vlans or protocol in TAG_PROTOCOLS) and way != OUTGOING:
                start, inner = inner_tags(packet, 0, end, length, protocol in TAG_PROTOCOLS)
                length, vlans = length - start, vlans + inner
            feed(at, packet, start, end, length, self._interface(name), vlans)
            newest = at
        return newest

    def _interface(self, name: str) -> Interface:
        """By name, since that is what the call gives; empty for one that vanished before its packet was read."""
        found = self._named.get(name)
        if found is None:
            try:
                index = socket.if_nametoindex(name)
            except OSError:
                index = 0
            found = self._named[name] = Interface(index=index, name=name or "interface gone", link_type=RAW_IP)
        return found


def _read_ancillary(ancillary: Iterable[tuple[int, int, bytes]]) -> tuple[int, int, tuple[int, ...]]:
    """Time in ns, bytes on the wire (0 when not told) and the VLAN id that the kernel took out."""
    at = length = 0
    vlans: tuple[int, ...] = ()
    for level, kind, data in ancillary:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, length, _, _, _, tag, _ = _AUXILIARY.unpack_from(data)
            if status & VLAN_VALID:
                vlans = (tag & 0x0FFF,)
        elif kind == SO_TIMESTAMPNS:
            seconds, ns = _TIMESPEC.unpack_from(data)
            at = seconds * 1_000_000_000 + ns
    return at, length, vlans
