"""A TPACKET_V3 ring: the kernel fills blocks of memory that we share, and one wake-up brings thousands of packets.

Documentation/networking/packet_mmap.rst. The ring is a circle of blocks; a block is ours while TP_STATUS_USER is set
in its status, and the kernel's again when we set 0. The kernel hands a block over when it is full, or after
`RETIRE_MS`. Each block is copied once, given back at once, and then read from the copy, so a slow reader never
makes the kernel wait for one.

The last block is taken as it stands, open: nothing more is written to it once the socket was shut or its interface
lost, and when the kernel would have handed it over is the kernel's affair, on a busy machine late.
"""

import mmap
import socket
import struct
from functools import partial

from httpresp_capture.bpf.cooked import OUTGOING, TAG_PROTOCOLS
from httpresp_capture.sources.live.linux import SOL_PACKET, PacketSocket, SocketOptions, inner_tags
from httpresp_capture.sources.live.taps import Feed

__all__ = ["RETIRE_MS", "RingTap"]

BLOCK = 1 << 20
"""Bytes; holds the largest packet many times."""
RETIRE_MS = 20
BLOCKS_AT_ONCE = 4
"""Drained in one go; then the events go out and a stop is heard."""

PACKET_RX_RING, PACKET_VERSION = 5, 10
TPACKET_V3 = 2
USER, VLAN_VALID = 1, 1 << 4

_BLOCK_HEAD = struct.Struct("=8xIIII")
"""tpacket_block_desc: status, packets, offset of the first, bytes used."""
_PACKET_HEAD = struct.Struct("=IIIIII2xH4xI14xHi2xB")
"""tpacket3_hdr and sockaddr_ll: offset of the next, seconds, ns, bytes kept, bytes on the wire, status, where the
packet begins, VLAN tag; protocol, interface, way."""
_NUMBER = struct.Struct("@I")
_STATUS_AT, _PACKETS_AT = 8, 12
_TAGGED = frozenset(socket.htons(protocol) for protocol in TAG_PROTOCOLS)


class RingTap(PacketSocket):
    """A packet socket with a ring."""

    statistics_size = 12

    def __init__(self, options: SocketOptions) -> None:
        self._current = 0
        self._is_shut = False
        self._has_last = False
        """True once the open block was taken; nothing follows it."""
        super().__init__(options)

    def _prepare(self, options: SocketOptions) -> None:
        self._count = max(2, (options.buffer_mb << 20) // BLOCK)
        size = BLOCK * self._count
        frame = 2048  # Without meaning in version 3, but it must divide the block.
        self._socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
        request = struct.pack("=7I", BLOCK, self._count, frame, size // frame, RETIRE_MS, 0, 0)
        self._socket.setsockopt(SOL_PACKET, PACKET_RX_RING, request)
        self._memory = mmap.mmap(self._socket.fileno(), size)

    def drain(self, feed: Feed) -> int:
        newest = 0
        for number in range(BLOCKS_AT_ONCE):
            block, packets, first = self._take_block()
            if not block and not number and (self._is_shut or self._error):
                block, packets, first = self._take_open_block()
            if not block:
                if not number:
                    self._raise_if_lost()
                    self._error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                break
            newest = self._feed_block(feed, block, packets, first) or newest
        return newest

    def shut(self) -> None:
        # This waits until no packet is on its way into the ring.
        super().shut()
        self._is_shut = True

    def close(self) -> None:
        super().close()
        if hasattr(self, "_memory"):
            self._memory.close()

    def _take_block(self) -> tuple[bytes, int, int]:
        """A copy of the next block, how many packets it has, and where the first begins; empty when none is ours."""
        memory, offset = self._memory, self._current * BLOCK
        status, packets, first, used = _BLOCK_HEAD.unpack_from(memory, offset)
        if not status & USER:
            return b"", 0, 0
        return self._take(offset, used), packets, first

    def _take_open_block(self) -> tuple[bytes, int, int]:
        """The same of the block that the kernel still holds, once nothing more comes into it."""
        offset = self._current * BLOCK
        _, packets, first, used = _BLOCK_HEAD.unpack_from(self._memory, offset)
        if not packets or self._has_last:
            return b"", 0, 0
        self._has_last = True
        return self._take(offset, used), packets, first

    def _take(self, offset: int, used: int) -> bytes:
        """A copy of a block, which is then the kernel's."""
        memory = self._memory
        block = memory[offset : offset + used]
        # The kernel sets it when it opens the block, which in a ring that was full takes until its next timer.
        _NUMBER.pack_into(memory, offset + _PACKETS_AT, 0)
        _NUMBER.pack_into(memory, offset + _STATUS_AT, 0)
        self._current = (self._current + 1) % self._count
        return block

    def _feed_block(self, feed: Feed, block: bytes, packets: int, first: int) -> int:
        unpack = partial(_PACKET_HEAD.unpack_from, block)
        interfaces, at, here = self._interfaces, 0, first
        # Said by name, since what is unpacked is of no type to the compiler.
        step: int
        seconds: int
        ns: int
        kept: int
        length: int
        status: int
        begin: int
        tag: int
        protocol: int
        index: int
        way: int
        for _ in range(packets):
            step, seconds, ns, kept, length, status, begin, tag, protocol, index, way = unpack(here)
            start = here + begin
            end = start + kept
            at = seconds * 1_000_000_000 + ns
            vlans: tuple[int, ...] = ()
            if status & VLAN_VALID or protocol in _TAGGED:
                vlans = (tag & 0x0FFF,) if status & VLAN_VALID else ()
                if way != OUTGOING:
                    inside, inner = inner_tags(block, start, end, length, protocol in _TAGGED)
                    length -= inside - start
                    start, vlans = inside, vlans + inner
            feed(at, block, start, end, length, interfaces[index], vlans)
            here += step
        return at
