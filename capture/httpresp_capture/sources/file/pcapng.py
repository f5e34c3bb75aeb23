"""Capture files of the pcapng format: sections of blocks, each with its type and its length.

draft-ietf-opsawg-pcapng. A section says its byte order and lists its interfaces, each with a name, a link type and the
unit of its timestamps. Packets stand in Enhanced (§4.3), Simple (§4.4) and obsolete Packet Blocks (appendix A). Of the
rest, interface statistics (§4.6) tell what the recorder lost and decryption secrets (§4.7) are kept aside; other types
are passed over. `_enhanced_packets` is the hot path; everything else happens a few times a file.
"""

from collections.abc import Callable

from httpresp_capture.records.flow import Interface
from httpresp_capture.sources.file.pcapng_layout import LARGEST_TIME, LAYOUTS, Origin, bounded_time, unit_of
from httpresp_capture.sources.file.reader import LARGEST_PACKET, CaptureReader, Feed

__all__ = ["MAGIC", "PcapngReader"]

MAGIC = b"\x0a\x0d\x0d\x0a"
"""Type of a section header; reads the same in both byte orders."""
ENHANCED_PACKET = 6
TLS_KEY_LOG = 0x544C_534B
LARGEST_BLOCK = 16 * 1024 * 1024
"""As in Wireshark: a longer block is damage."""
LARGEST_SECRETS = 16 * 1024 * 1024
"""Key log bytes kept of one file."""
LARGEST_INTERFACES = 65_536
"""Interfaces of one section."""


class PcapngReader(CaptureReader):
    """One pcapng stream; see `CaptureReader`."""

    smallest = 12

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed)
        self._layout = LAYOUTS[b"\x4d\x3c\x2b\x1a"]
        self._in_section = False
        self._origins: list[Origin] = []
        self._known: dict[tuple[int, str, int], Interface] = {}
        """Interfaces of all sections: the same one in the next section of a joined file is the same value."""
        self._lost_now: dict[int, int] = {}
        """Losses of this section's interfaces; statistics count from the start of a section."""
        self._lost_before = 0
        self._secrets_held = 0
        self._blocks: dict[int, Callable[[bytes, int, int], None]] = {
            1: self._interface_description,
            2: self._obsolete_packet,
            3: self._simple_packet,
            5: self._interface_statistics,
            ENHANCED_PACKET: self._strange_enhanced_packet,
            10: self._decryption_secrets,
        }

    @property
    def interface_drops(self) -> int:
        return self._lost_before + sum(self._lost_now.values())

    def _parse(self, data: bytes) -> int:
        at = 0
        size = len(data)
        while True:
            at = self._enhanced_packets(data, at)
            if size - at < self.smallest:
                return at
            if data[at : at + 4] == MAGIC:
                length = self._section_header(data, at)
            elif self._in_section:
                length = self._layout.block.unpack_from(data, at)[1]
            else:
                self.broken(at, "no section header")
                return at
            if not self.trouble and (length < 12 or length > LARGEST_BLOCK):
                self.broken(at, f"a block of {length} bytes")
            if self.trouble:
                return at
            if length + (-length & 3) > size - at:
                self.need(length + (-length & 3))
                return at
            if length & 3:
                length = self._misaligned_length(data, at, length)
            if not self.trouble:
                self._whole_block(data, at, at + length)
            if self.trouble:
                return at
            at += length

    def _enhanced_packets(self, data: bytes, at: int) -> int:
        """§4.3, as many as follow each other; stops before whatever is anything else, strange, or not whole."""
        feed, origins = self.feed, self._origins
        unpack = self._layout.enhanced.unpack_from
        known = len(origins)
        size = len(data)
        last = size - 32
        packets = time = 0
        # Said by name, since what is unpacked is of no type to the compiler.
        kind: int
        length: int
        number: int
        high: int
        low: int
        captured: int
        wire_length: int
        while at <= last:
            kind, length, number, high, low, captured, wire_length = unpack(data, at)
            if kind != ENHANCED_PACKET or captured + 32 > length or length > size - at or length & 3:
                break
            if captured > LARGEST_PACKET or number >= known:
                break
            interface, multiplier, divisor, shift, _ = origins[number]
            time = (high << 32 | low) * multiplier // divisor + shift
            if not 0 <= time <= LARGEST_TIME:
                time = bounded_time(time)
            start = at + 28
            feed(time, data, start, start + captured, wire_length, interface)
            at += length
            packets += 1
            # Without options at most three bytes of padding follow the packet; a counter needs twelve.
            if length - captured >= 44:
                self._add_lost(number, self._layout.count(data, start + captured + (-captured & 3), at - 4, (4,)))
        self.packets += packets
        self.newest = max(self.newest, time)
        return at

    def _misaligned_length(self, data: bytes, at: int, length: int) -> int:
        """What a block takes whose length is no multiple of four, which §3.1 forbids and some writers do.

        Most of them pad the block and do not count it. The length that stands again at its end tells which it is.
        """
        word = self._layout.word.unpack_from
        for end in (length + (-length & 3), length):
            if word(data, at + end - 4)[0] in (length, end):
                self.misaligned += 1
                return end
        self.broken(at, f"a block of {length} bytes")
        return 0

    def _whole_block(self, data: bytes, at: int, end: int) -> None:
        kind = self._layout.word.unpack_from(data, at)[0]
        if data[at : at + 4] == MAGIC:
            self._begin_section()
        elif kind in self._blocks:
            self._blocks[kind](data, at, end)
        elif (self._layout.word.unpack_from(data, end - 4)[0] + 3 & ~3) != (end - at + 3 & ~3):
            # Of a block that nobody knows, its second length is the one sign that it is a block at all.
            self.broken(at, f"a block of {end - at} bytes that does not end with its length")

    def _section_header(self, data: bytes, at: int) -> int:
        """§4.1: what follows has its own byte order. The length of the block."""
        if len(data) - at < 16:
            return 28
        layout = LAYOUTS.get(data[at + 8 : at + 12])
        if layout is None:
            self.broken(at, "a section header without its byte order mark")
            return 0
        self._layout = layout
        length: int = layout.block.unpack_from(data, at)[1]
        major, minor = layout.version.unpack_from(data, at)
        if length < 28:
            self.broken(at, f"a section header of {length} bytes")
        elif major != 1:
            self.broken(at, f"pcapng version {major}.{minor}, which is not known")
        return length

    def _begin_section(self) -> None:
        """Interfaces are numbered anew."""
        self._lost_before = self.interface_drops
        self._lost_now = {}
        self._origins = []
        self._in_section = True

    def _interface_description(self, data: bytes, at: int, end: int) -> None:
        """§4.2."""
        if end - at < 20 or len(self._origins) >= LARGEST_INTERFACES:
            self.broken(at, "an interface description that cannot be one")
            return
        link_type, snap_length = self._layout.interface.unpack_from(data, at)
        told = self._layout.describe(data, at + 16, end - 4)
        key = (len(self._origins), told.name or told.description, link_type)
        interface = self._known.get(key) or Interface(len(self._known), key[1], link_type)
        if len(self._known) < LARGEST_INTERFACES:
            self._known[key] = interface
        self._origins.append(Origin(interface, *unit_of(told.resolution), told.shift, snap_length))

    def _strange_enhanced_packet(self, data: bytes, at: int, end: int) -> None:
        """An Enhanced Packet Block that the hot path would not take: read it, or say why not."""
        if end - at < 32:
            self.broken(at, f"a packet block of {end - at} bytes")
            return
        _, length, number, high, low, captured, wire_length = self._layout.enhanced.unpack_from(data, at)
        if self._check_packet(at, number, captured, length - 32):
            origin = self._origins[number]
            time = bounded_time((high << 32 | low) * origin.multiplier // origin.divisor + origin.shift)
            self._feed_one(time, data, at + 28, captured, wire_length, origin)

    def _obsolete_packet(self, data: bytes, at: int, end: int) -> None:
        """Appendix A: like the enhanced one, with a short interface number and a count of lost packets."""
        if end - at < 32:
            self.broken(at, f"a packet block of {end - at} bytes")
            return
        number, lost, high, low, captured, wire_length = self._layout.obsolete.unpack_from(data, at)
        if not self._check_packet(at, number, captured, end - at - 32):
            return
        origin = self._origins[number]
        self._add_lost(number, lost if lost != 0xFFFF else 0)
        time = bounded_time((high << 32 | low) * origin.multiplier // origin.divisor + origin.shift)
        self._feed_one(time, data, at + 28, captured, wire_length, origin)

    def _simple_packet(self, data: bytes, at: int, end: int) -> None:
        """§4.4: always of the first interface, and without a time, so it is given that of the packet before."""
        if end - at < 16:
            self.broken(at, f"a packet block of {end - at} bytes")
            return
        wire_length: int = self._layout.simple.unpack_from(data, at)[0]
        snap_length = self._origins[0].snap_length if self._origins else 0
        captured = min(wire_length, snap_length or wire_length)
        if self._check_packet(at, 0, captured, end - at - 16):
            self._feed_one(self.newest, data, at + 12, captured, wire_length, self._origins[0])

    def _check_packet(self, at: int, number: int, captured: int, room: int) -> bool:
        if number >= len(self._origins):
            self.broken(at, f"a packet of interface {number}, which is not described before it")
        elif captured > min(room, LARGEST_PACKET):
            self.broken(at, f"a packet of {captured} bytes in a block with room for {room}")
        return not self.trouble

    def _feed_one(self, time: int, data: bytes, start: int, captured: int, wire_length: int, origin: Origin) -> None:
        self.feed(time, data, start, start + captured, wire_length, origin.interface)
        self.packets += 1
        self.newest = max(self.newest, time)

    def _interface_statistics(self, data: bytes, at: int, end: int) -> None:
        """§4.6: packets lost by the interface (isb_ifdrop, 5) and by the system (isb_osdrop, 7)."""
        if end - at < 24:
            return
        number: int = self._layout.statistics.unpack_from(data, at)[0]
        lost = self._layout.count(data, at + 20, end - 4, (5, 7))
        if number < len(self._origins):
            # The same losses may be told twice: one by one with the packets that follow them, and all at the end.
            self._lost_now[number] = max(self._lost_now.get(number, 0), lost)

    def _add_lost(self, number: int, lost: int) -> None:
        self._lost_now[number] = self._lost_now.get(number, 0) + lost

    def _decryption_secrets(self, data: bytes, at: int, end: int) -> None:
        """§4.7: TLS key log lines are kept; other kinds are for other tools."""
        if end - at < 20:
            return
        kind, length = self._layout.secrets.unpack_from(data, at)
        if kind == TLS_KEY_LOG and length <= min(end - at - 20, LARGEST_SECRETS - self._secrets_held):
            self.secrets_came(data[at + 16 : at + 16 + length])
            self._secrets_held += length

    def _cut_record(self) -> str:
        if not self._in_section:
            return "its section header"
        head = b"".join(self._parts)[:4]
        kind = self._layout.word.unpack(head)[0] if len(head) == 4 else 0
        return "a packet" if kind in (2, 3, ENHANCED_PACKET) else "a block"
