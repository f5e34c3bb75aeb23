"""The packets of a capture file, for whoever wants these and not what they say: read in chunks, kept until taken."""

from collections import deque
from collections.abc import Callable, Sequence

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.source import FileSource

__all__ = ["Packet", "PacketFile", "fraction", "oldest"]

Packet = tuple[int, bytes, int, int, int, Interface]
"""The arguments of `Pipeline.feed`."""


class _Holding(Pipeline):
    """Stands where a file's reader expects the pipeline, and keeps the packets of a chunk."""

    def __init__(self) -> None:
        super().__init__()
        self.packets: deque[Packet] = deque()
        self.secrets_came: Callable[[bytes], None] = super().add_secrets

    def feed(
        self,
        at: int,
        buffer: bytes,
        start: int,
        end: int,
        wire_length: int,
        interface: Interface,
        vlans: tuple[int, ...] = (),
    ) -> None:
        self.packets.append((at, buffer, start, end, wire_length, interface))

    def add_secrets(self, text: bytes) -> None:
        self.secrets_came(text)


class PacketFile:
    """One file; raises `CaptureError` where it is no capture."""

    def __init__(self, path: str, limits: Limits) -> None:
        self.holding = _Holding()
        self.file = FileSource.open(path, limits, self.holding)
        self.ended = False
        self.failure = ""

    def step(self) -> None:
        """Read on by one chunk."""
        try:
            self.ended = not self.file.step()
        except OSError as error:
            self.ended, self.failure = True, f"{escaped(self.file.label)} cannot be read on: {error.strerror}."

    def fill(self) -> bool:
        """Read on until there are packets; False when there will be none."""
        while not (self.holding.packets or self.ended):
            self.step()
        return bool(self.holding.packets)

    @property
    def next_at(self) -> int:
        """When the next packet at hand was captured."""
        return self.holding.packets[0][0]


def oldest(parts: Sequence[PacketFile], most: int) -> list[Packet]:
    """The next packets of captures that are one, in the order of time, so many at most; none when all were taken.

    `SeveralFiles._merge` is a copy of it, for speed.
    """
    ready = sorted((part for part in parts if part.fill()), key=lambda part: part.next_at)
    if not ready:
        return []
    packets = ready[0].holding.packets
    until = ready[1].next_at if len(ready) > 1 else None
    taken: list[Packet] = []
    while packets and len(taken) < most and (until is None or packets[0][0] <= until):
        taken.append(packets.popleft())
    return taken


def fraction(parts: Sequence[PacketFile]) -> float | None:
    """How much of captures that are one was read, 0 to 1; None where that is not known of each."""
    known = [each for part in parts if (each := part.file.status().fraction) is not None]
    return sum(known) / len(parts) if len(known) == len(parts) else None
