"""Capture files of tcpdump's format: a header of 24 bytes, then records of a header and a packet each.

draft-ietf-opsawg-pcap. The first four bytes tell the byte order, the unit of the timestamps' fraction, and whether
records have the longer header of Alexey Kuznetsov's patched libpcap. `_parse` is a hot path: one `unpack_from`, one
call and no object for each packet.
"""

from struct import Struct

from httpresp_capture.records.flow import Interface
from httpresp_capture.records.record import record
from httpresp_capture.sources.file.reader import LARGEST_PACKET, CaptureReader, Feed

__all__ = ["MAGICS", "PcapReader"]

FILE_HEADER = 24
LINK_TYPE = 0x03FF_FFFF
"""The upper six bits of the link type word tell the length of a frame check sequence (libpcap's LT_LINKTYPE)."""


@record
class _Variant:
    """What the magic number says about the rest."""

    order: str
    scale: int
    """ns in one unit of the timestamp's fraction."""
    record_header: int


MAGICS: dict[bytes, _Variant] = {
    b"\xa1\xb2\xc3\xd4": _Variant(">", 1_000, 16),
    b"\xd4\xc3\xb2\xa1": _Variant("<", 1_000, 16),
    b"\xa1\xb2\x3c\x4d": _Variant(">", 1, 16),
    b"\x4d\x3c\xb2\xa1": _Variant("<", 1, 16),
    b"\xa1\xb2\xcd\x34": _Variant(">", 1_000, 24),
    b"\x34\xcd\xb2\xa1": _Variant("<", 1_000, 24),
}


class PcapReader(CaptureReader):
    """One pcap stream; see `CaptureReader`."""

    smallest = FILE_HEADER

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed)
        self._interface: Interface | None = None
        self._scale = 1
        self._record = Struct("<4I")

    def _parse(self, data: bytes) -> int:
        at = 0
        interface = self._interface
        if interface is None:
            interface = self._read_file_header(data)
            if interface is None:
                return 0
            at = FILE_HEADER
        feed, scale, header = self.feed, self._scale, self.smallest
        unpack = self._record.unpack_from
        size = len(data)
        last = size - header
        packets = time = whole = 0
        second = -1
        # Said by name, since what is unpacked is of no type to the compiler.
        seconds: int
        fraction: int
        captured: int
        wire_length: int
        while at <= last:
            seconds, fraction, captured, wire_length = unpack(data, at)
            if captured > LARGEST_PACKET:
                self.broken(at, f"a packet of {captured} bytes")
                break
            start = at + header
            end = start + captured
            if end > size:
                self.need(end - at)
                break
            if seconds != second:  # Numbers of that size are multiplied slowly.
                second, whole = seconds, seconds * 1_000_000_000
            time = whole + fraction * scale
            feed(time, data, start, end, wire_length, interface)
            at = end
            packets += 1
        self.packets += packets
        self.newest = max(self.newest, time)
        return at

    def _read_file_header(self, data: bytes) -> Interface | None:
        variant = MAGICS.get(data[:4])
        if variant is None:
            self.broken(0, "no pcap magic number")
            return None
        major, minor, link_word = Struct(f"{variant.order}4xHH12xI").unpack_from(data)
        if major != 2:
            self.broken(4, f"pcap version {major}.{minor}, which nobody writes")
            return None
        self._scale = variant.scale
        self._record = Struct(f"{variant.order}4I")
        self.smallest = variant.record_header
        # A pcap file does not say the name of its interface.
        self._interface = Interface(0, "", link_word & LINK_TYPE)
        self.need(self.smallest)
        return self._interface

    def _cut_record(self) -> str:
        return "a packet" if self._interface else "its file header"
