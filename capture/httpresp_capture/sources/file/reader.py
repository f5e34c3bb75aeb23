"""What pcap and pcapng readers share: chunks of any size in, whole records parsed, the incomplete tail carried over.

A reader knows no file and no clock. It is pushed bytes as they come and calls `feed` for each packet, with the chunk
itself as the buffer, so that no packet is copied. Trouble is a value: `trouble` says in words what is wrong with the
input and where; what was fed before it stands, and nothing is fed after it.
"""

from collections.abc import Callable
from typing import Protocol

from httpresp_capture.records.flow import Interface

__all__ = ["LARGEST_PACKET", "CaptureReader", "Feed"]

LARGEST_PACKET = 262_144
"""Captured bytes of one packet; the same bound as in libpcap and Wireshark. A longer one is not a packet but damage."""


class Feed(Protocol):
    """What a reader calls for each packet, in the manner of `Pipeline.feed`."""

    def __call__(
        self, at: int, buffer: bytes, start: int, end: int, wire_length: int, interface: Interface, /
    ) -> None: ...


def _ignore(secrets: bytes) -> None:
    """Until somebody takes them."""


class CaptureReader:
    """The carrying over; a format is a subclass with `_parse`."""

    smallest = 1
    """Bytes without which no record can be told."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.packets = 0
        self.offset = 0
        """Bytes of whole records read so far; for compressed input, of the uncompressed data."""
        self.newest = 0
        """Latest timestamp, ns; 0 before the first packet."""
        self.trouble = ""
        """A phrase that follows the name of the input, e.g. `ends in the middle of a packet at byte 96`."""
        self.misaligned = 0
        """Records whose length breaks the rules of the format, and that were read all the same."""
        self.secrets_came: Callable[[bytes], None] = _ignore
        """Takes pieces of a TLS key log that the file brings along."""
        self._parts: list[bytes] = []
        self._held = 0
        self._needed = self.smallest

    @property
    def interface_drops(self) -> int:
        """Packets that the file says its recorder lost."""
        return 0

    def push(self, chunk: bytes) -> None:
        """Take the next bytes and feed every packet that is whole."""
        if self.trouble:
            return
        self._parts.append(chunk)
        self._held += len(chunk)
        # A record that spans many chunks is joined once, when its last byte is here, not anew for each chunk.
        if self._held < self._needed:
            return
        data = b"".join(self._parts) if len(self._parts) > 1 else chunk
        self._needed = self.smallest
        used = self._parse(data)
        self.offset += used
        rest = data[used:]
        self._held = len(rest)
        self._parts = [rest] if rest and not self.trouble else []

    def end(self) -> None:
        """The input is over: what is left of an incomplete record is trouble."""
        if not self.trouble and (self._held or not self.offset):
            self.trouble = f"ends in the middle of {self._cut_record()} at byte {self.offset + self._held}"
            self._parts = []

    def broken(self, offset: int, what: str) -> None:
        """From here on the input cannot be understood; `offset` counts from the start of the data at hand."""
        self.trouble = f"is broken at byte {self.offset + offset}: {what}"

    def need(self, length: int) -> None:
        """Do not parse again before there are so many bytes, counted from the first that was not used."""
        self._needed = length

    def _parse(self, data: bytes) -> int:
        """Feed the whole records at the start of `data`; how many bytes they were."""
        raise NotImplementedError

    def _cut_record(self) -> str:
        """What an incomplete record at the end is called."""
        raise NotImplementedError
