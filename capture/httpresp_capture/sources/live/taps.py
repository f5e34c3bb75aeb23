"""A tap: one open socket of any kind, from which raw frames are drained into the pipeline."""

from collections.abc import Callable
from typing import Protocol

from httpresp_capture.records.flow import Interface

__all__ = ["RAW_IP", "Feed", "Interfaces", "Tap", "TapLost"]

RAW_IP = 101
"""LINKTYPE_RAW: the frame begins at the IP header."""

Feed = Callable[[int, bytes, int, int, int, Interface, tuple[int, ...]], None]
"""As `Pipeline.feed`: time, buffer, start, end, length on the wire, interface, VLAN ids taken out."""


class TapLost(Exception):
    """Nothing more will come from this tap; the text is a sentence for the person."""


class Tap(Protocol):
    """What the sniffer's thread needs of a socket."""

    @property
    def name(self) -> str:
        """The interface, or `any`."""
        ...

    def fileno(self) -> int:
        """For `poll`; negative once closed."""
        ...

    def drain(self, feed: Feed) -> int:
        """Feed what is there, up to a bound, without waiting; the time of the last frame, 0 when there was none."""
        ...

    def dropped(self) -> int:
        """Frames that the kernel dropped since the last call."""
        ...

    def shut(self) -> None:
        """Let nothing more in; what is there can still be drained."""
        ...

    def close(self) -> None:
        """Give the socket back; may be called twice."""
        ...


class Interfaces(dict[int, Interface]):
    """Interfaces by index. One that vanished keeps its name here."""

    def __init__(self, name_of: Callable[[int], str]) -> None:
        super().__init__()
        self._name_of = name_of

    def __missing__(self, index: int) -> Interface:
        try:
            name = self._name_of(index)
        except OSError:
            name = f"interface {index}"
        found = self[index] = Interface(index=index, name=name, link_type=RAW_IP)
        return found
