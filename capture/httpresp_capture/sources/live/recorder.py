"""Captured packets into a pcapng file as they come: `-w`.

A packet is written as it was captured, from its IP header on. One whose VLAN tags the kernel took out is written as
an Ethernet frame that has them again, with addresses of zeros, since raw IP has no place for tags.

Secrets stand before the packets that they open, or most programs open nothing with them. They come some milliseconds
later, so with secrets what is written is held back for a moment.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from httpresp_capture.records.flow import Interface
from httpresp_capture.sources.file.writer import PcapngWriter
from httpresp_capture.sources.live.taps import RAW_IP
from httpresp_capture.system.private import new_file

__all__ = ["Recorder"]

ETHERNET = 1
MOST_HELD = 8 << 20
"""Bytes that are held back until secrets have come, at most."""


class Recorder:
    """One file; raises OSError where it cannot be written, or is there already and not to be replaced."""

    def __init__(self, path: Path, *, replace: bool = False, with_secrets: bool = False) -> None:
        self._file = new_file(path, replace=replace)
        self._held: list[bytes] = []
        """What came since the last `flush`, and before that; empty without secrets."""
        self._held_before: list[bytes] = []
        self._held_bytes = 0
        self._writer = PcapngWriter(self._file.write)
        if with_secrets:
            # Whoever reads it knows from the start that secrets may come behind the packets that they open.
            self.secrets(b"# TLS secrets of what was read follow.\n")
            self._writer = PcapngWriter(self._hold, goes_on=True)
        self._interfaces: dict[str, Interface] = {}
        self._written: Counter[str] = Counter()

    def write(
        self,
        at: int,
        buffer: bytes,
        start: int,
        end: int,
        wire_length: int,
        interface: Interface,
        vlans: tuple[int, ...],
    ) -> None:
        """One packet, as it is fed to the pipeline."""
        self._interfaces.setdefault(interface.name, interface)
        self._written[interface.name] += 1
        if vlans and interface.link_type == RAW_IP and start < end:
            head = bytes(12) + (b"\x86\xdd" if buffer[start] >> 4 == 6 else b"\x08\x00")
            buffer, start, end = head + buffer[start:end], 0, len(head) + end - start
            interface, wire_length = Interface(interface.index, interface.name, ETHERNET), wire_length + len(head)
        self._writer.packet(at, buffer, start, end, wire_length, interface, vlans)

    def secrets(self, lines: bytes) -> None:
        """TLS secrets, as lines of a key log: before all that is held back."""
        PcapngWriter(self._file.write, goes_on=True).key_log(lines)

    def flush(self) -> None:
        """Let other programs read what is written so far; what came since the last call may be held back until the
        next."""
        self._release(self._held_before)
        self._held, self._held_before = self._held_before, self._held
        self._file.flush()

    def _hold(self, block: bytes) -> None:
        self._held.append(block)
        self._held_bytes += len(block)
        if self._held_bytes > MOST_HELD:
            self._release(self._held_before)
            self._release(self._held)

    def _release(self, blocks: list[bytes]) -> None:
        if not blocks:
            return
        data = b"".join(blocks)
        blocks.clear()
        self._held_bytes -= len(data)
        self._file.write(data)

    def close(self, at: int = 0, dropped: Mapping[str, int] | None = None) -> None:
        """Say at the end of the file what the kernel dropped, by interface (or `any`), so that its reader knows."""
        try:
            for name, lost in (dropped or {}).items():
                interface = self._interfaces.get(name) or Interface(0, name, RAW_IP)
                self._writer.statistics(at, interface, self._written[name] + lost, lost)
            self._release(self._held_before)
            self._release(self._held)
        finally:
            self._file.close()
