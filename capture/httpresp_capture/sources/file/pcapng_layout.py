"""How the blocks of a pcapng file are laid out, and the small things that are read out of them.

draft-ietf-opsawg-pcapng; section numbers are its own. A section chooses one of the two byte orders.
"""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from httpresp_capture.records.flow import Interface

__all__ = ["LARGEST_TIME", "LAYOUTS", "Description", "Layout", "Origin", "bounded_time", "unit_of"]

LARGEST_TIME = 2**63 - 1
"""ns since the epoch: the year 2262. Later ones come from broken clocks, and would not fit where times are kept."""

UNKNOWN_COUNT = 2**64 - 1
"""A recorder that could not count writes this."""


class Origin(NamedTuple):
    """One interface of the section and the unit of its clock. A tuple, since the hot path takes it apart."""

    interface: Interface
    multiplier: int
    divisor: int
    shift: int
    """ns added to each timestamp (if_tsoffset)."""
    snap_length: int


class Description(NamedTuple):
    """What the options of an Interface Description Block say (§4.2)."""

    name: str = ""
    description: str = ""
    resolution: int = 6
    shift: int = 0


class Layout:
    """The structs of one byte order, and the readers of options. Offsets count from the first byte of a block."""

    def __init__(self, order: str) -> None:
        self.block = Struct(f"{order}II")
        """Type, block length."""
        self.version = Struct(f"{order}12xHH")
        self.enhanced = Struct(f"{order}7I")
        """Type, block length, interface, time high, time low, captured length, original length."""
        self.obsolete = Struct(f"{order}8xHH4I")
        """Interface, lost packets; the rest as in `enhanced`."""
        self.simple = Struct(f"{order}8xI")
        self.interface = Struct(f"{order}8xHxxI")
        """Link type, snap length."""
        self.statistics = Struct(f"{order}8xI")
        self.secrets = Struct(f"{order}8xII")
        """Kind, length."""
        self.word = Struct(f"{order}I")
        self._option = Struct(f"{order}HH")
        self._counter = Struct(f"{order}Q")
        self._seconds = Struct(f"{order}q")

    def options(self, data: bytes, at: int, end: int) -> Iterator[tuple[int, bytes]]:
        """§3.5: code and value, until the end mark or the end of the block; one that does not fit ends them."""
        while at + 4 <= end:
            code, length = self._option.unpack_from(data, at)
            at += 4
            if code == 0 or at + length > end:
                return
            yield code, data[at : at + length]
            at += length + (-length & 3)

    def count(self, data: bytes, at: int, end: int, codes: tuple[int, ...]) -> int:
        """The sum of the 64-bit counters among the options, of these codes."""
        total = 0
        for code, value in self.options(data, at, end):
            if code in codes and len(value) == 8:
                number: int = self._counter.unpack(value)[0]
                total += number if number != UNKNOWN_COUNT else 0
        return total

    def describe(self, data: bytes, at: int, end: int) -> Description:
        """The options of an interface that matter here: if_name, if_description, if_tsresol, if_tsoffset."""
        found = Description()
        for code, value in self.options(data, at, end):
            match code, len(value):
                case 2, _:
                    found = found._replace(name=_text(value))
                case 3, _:
                    found = found._replace(description=_text(value))
                case 9, 1:
                    found = found._replace(resolution=value[0])
                case 14, 8:
                    found = found._replace(shift=self._seconds.unpack(value)[0] * 1_000_000_000)
                case _:
                    pass
        return found


def unit_of(resolution: int) -> tuple[int, int]:
    """if_tsresol as (multiplier, divisor): a time in ns is `ticks * multiplier // divisor`."""
    # The highest bit chooses between powers of two and of ten; the rest is the negative exponent.
    units = 2 ** (resolution & 0x7F) if resolution & 0x80 else 10**resolution
    return (1_000_000_000, units) if 1_000_000_000 % units else (1_000_000_000 // units, 1)


def bounded_time(time: int) -> int:
    """The nearest time that can be kept."""
    return min(max(time, 0), LARGEST_TIME)


def _text(value: bytes) -> str:
    # Bounded, since every packet of a file may bring an interface of its own.
    return value[:256].rstrip(b"\0").decode("utf-8", "replace")


LAYOUTS = {b"\x1a\x2b\x3c\x4d": Layout(">"), b"\x4d\x3c\x2b\x1a": Layout("<")}
"""By the byte order mark of the section header (§4.1)."""
