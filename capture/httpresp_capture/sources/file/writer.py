"""Writing packets to a pcapng or pcap file, with times in nanoseconds.

A writer's `packet` has the signature of `Pipeline.feed`, so a source can feed both, and a reader can feed a writer.
It knows no file: it is given a `write` for bytes, which may be a file's, a pipe's or a test's.
"""

from collections.abc import Callable
from struct import Struct

from httpresp_capture.records.flow import Interface

__all__ = ["PcapWriter", "PcapngWriter"]

Write = Callable[[bytes], object]

LARGEST_SNAP = 262_144
ETHERNET = 1
ETHERNET_ADDRESSES = 12
"""Bytes before the place where VLAN tags stand (IEEE 802.1Q)."""
VLAN_TAG = Struct(">HH")
_WORDS = Struct("<II")
_PACKET = Struct("<7I")
_RECORD = Struct("<4I")


def _frame(buffer: bytes, start: int, end: int, interface: Interface, vlans: tuple[int, ...]) -> bytes:
    """The packet with the VLAN tags that the kernel took out put back; other link types have no place for them."""
    if not vlans or interface.link_type != ETHERNET or end - start < ETHERNET_ADDRESSES:
        return buffer[start:end]
    tags = b"".join(VLAN_TAG.pack(0x8100, vlan) for vlan in vlans)
    middle = start + ETHERNET_ADDRESSES
    return buffer[start:middle] + tags + buffer[middle:end]


class PcapngWriter:
    """One section; an interface is described before its first packet. With `goes_on` the section is there already."""

    def __init__(self, write: Write, application: str = "httpresp-tui", *, goes_on: bool = False) -> None:
        self._write = write
        self._numbers: dict[tuple[int, str, int], int] = {}
        if goes_on:
            return
        header = Struct("<IHHq").pack(0x1A2B3C4D, 1, 0, -1)
        self._block(0x0A0D0D0A, header + _option(4, application.encode()) + _option(0, b""))

    def packet(
        self,
        at: int,
        buffer: bytes,
        start: int,
        end: int,
        wire_length: int,
        interface: Interface,
        vlans: tuple[int, ...] = (),
    ) -> None:
        """Append one frame; parameters as of `Pipeline.feed`."""
        number = self._number(interface)
        frame = _frame(buffer, start, end, interface, vlans)
        grown = len(frame) - (end - start)
        padding = -len(frame) & 3
        length = 32 + len(frame) + padding
        head = _PACKET.pack(6, length, number, at >> 32, at & 0xFFFF_FFFF, len(frame), wire_length + grown)
        self._write(head + frame + bytes(padding) + length.to_bytes(4, "little"))

    def statistics(self, at: int, interface: Interface, received: int, dropped: int) -> None:
        """What the recorder saw and lost on an interface since the start (§4.6)."""
        counters = _option(4, received.to_bytes(8, "little")) + _option(5, dropped.to_bytes(8, "little"))
        when = Struct("<III").pack(self._number(interface), at >> 32, at & 0xFFFF_FFFF)
        self._block(5, when + counters + _option(0, b""))

    def key_log(self, lines: bytes) -> None:
        """TLS secrets for the packets that follow (§4.7)."""
        self._block(10, _WORDS.pack(0x544C534B, len(lines)) + lines)

    def _number(self, interface: Interface) -> int:
        key = (interface.index, interface.name, interface.link_type)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._numbers)
            options = _option(2, interface.name.encode("utf-8", "replace")) if interface.name else b""
            options += _option(9, b"\x09") + _option(0, b"")
            self._block(1, Struct("<HHI").pack(interface.link_type & 0xFFFF, 0, LARGEST_SNAP) + options)
        return number

    def _block(self, kind: int, body: bytes) -> None:
        body += bytes(-len(body) & 3)
        length = 12 + len(body)
        self._write(_WORDS.pack(kind, length) + body + length.to_bytes(4, "little"))


class PcapWriter:
    """A file for tools that do not know pcapng: one link type, no names."""

    def __init__(self, write: Write, link_type: int = ETHERNET) -> None:
        self._write = write
        self._write(Struct("<IHHiIII").pack(0xA1B23C4D, 2, 4, 0, 0, LARGEST_SNAP, link_type))

    def packet(
        self,
        at: int,
        buffer: bytes,
        start: int,
        end: int,
        wire_length: int,
        interface: Interface,
        vlans: tuple[int, ...] = (),
    ) -> None:
        """Append one frame; parameters as of `Pipeline.feed`."""
        frame = _frame(buffer, start, end, interface, vlans)
        seconds, fraction = divmod(at, 1_000_000_000)
        self._write(_RECORD.pack(seconds, fraction, len(frame), wire_length + len(frame) - (end - start)) + frame)


def _option(code: int, value: bytes) -> bytes:
    return Struct("<HH").pack(code, len(value)) + value + bytes(-len(value) & 3)
