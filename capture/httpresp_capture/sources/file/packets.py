"""The packets of a capture file, for whoever wants these and not what they say: read in chunks, kept until taken."""

from collections import deque
from collections.abc import Callable

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.source import FileSource

__all__ = ["Packet", "PacketFile"]

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
