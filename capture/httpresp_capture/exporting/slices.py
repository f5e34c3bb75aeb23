"""The packets of the connections of chosen responses, as they were captured, in a pcapng file of their own.

The captures are read again. Nothing in a packet can be hidden, so this says so beforehand (`RAW`), and is written where
it is asked for by its name. With keys, the TLS secrets of these connections alone go with their packets.
"""

from collections.abc import Iterator
from pathlib import Path

from httpresp_capture.exporting.connections import Connections
from httpresp_capture.exporting.export import ExportError, Order
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.plurals import many
from httpresp_capture.records.secrets import Secrets
from httpresp_capture.sources.file.packets import PacketFile, fraction, oldest
from httpresp_capture.sources.file.writer import PcapngWriter
from httpresp_capture.system.drafts import DraftFile

RAW = "Packets are written as they were captured: secrets in them are not hidden."
AT_ONCE = 500
"""Packets in one step."""
LARGEST_LOG = 64 << 20
"""Bytes read of a key log."""


class SliceExport:
    """See `Export`."""

    left_out = late = 0

    def __init__(self, order: Order) -> None:
        if not order.packets.paths:
            raise ExportError(order.packets.why)
        self.packets = 0
        """Packets written."""
        self._order = order
        self._connections = Connections()
        self._file = DraftFile(order.path, replace=order.replace)
        self._writer = PcapngWriter(self._file.write)
        self._secrets = Secrets()
        self._written: set[tuple[bytes, bytes]] = set()

    @property
    def contents(self) -> str:
        """See `Export`."""
        return f"{many(self.packets, 'packet')} of {many(len(self._connections), 'connection')}"

    def add(self, response: Response, lost: Counters | None = None, *, amends: bool = False) -> None:
        """Its connection is chosen."""
        self._connections.add(response)

    def steps(self) -> Iterator[float | None]:
        """Read the captures again, the oldest packet at hand first."""
        if self._order.with_keys:
            yield from self._gather_secrets()
        parts = self._opened()
        try:
            yield from self._copy(parts)
        finally:
            for part in parts:
                part.file.close()
        if self._connections and not self.packets:
            raise ExportError("the captures hold no packet of these connections.")

    def keep(self, lost: Counters | None = None) -> int:
        """See `Export`."""
        return self._file.keep()

    def drop(self) -> None:
        """See `Export`."""
        self._file.drop()

    def _opened(self) -> list[PacketFile]:
        parts: list[PacketFile] = []
        try:
            for path in self._order.packets.paths:
                part = PacketFile(str(path), Limits())
                parts.append(part)
                part.holding.secrets_came = self._secrets_came
                if part.file.holds_events:
                    raise ExportError(f"{escaped(str(path))} holds events and no packets to take them from.")
        except CaptureError:
            for part in parts:
                part.file.close()
            raise
        return parts

    def _gather_secrets(self) -> Iterator[float | None]:
        """In the captures they may stand behind the packets that they open; few programs open those then."""
        key_log = self._order.packets.key_log
        if key_log is not None:
            self._secrets_came(_beginning(key_log) + b"\n")
        parts = self._opened()
        try:
            for part in parts:
                while part.fill():
                    part.holding.packets.clear()
                    yield None
        finally:
            for part in parts:
                part.file.close()

    def _copy(self, parts: list[PacketFile]) -> Iterator[float | None]:
        while taken := oldest(parts, AT_ONCE):
            for each in taken:
                for packet in self._connections.of(each):
                    self.packets += 1
                    self._writer.packet(*packet)
            yield fraction(parts)
        for part in parts:
            if part.failure:
                raise ExportError(part.failure)

    def _secrets_came(self, text: bytes) -> None:
        """Those of the chosen connections are written, each once, before the packets that they open."""
        if not self._order.with_keys:
            return
        self._secrets.add(text)
        came, self._secrets.fresh = self._secrets.fresh, {}
        lines: list[bytes] = []
        for random in came:
            if random not in self._connections.randoms:
                continue
            for label, secret in self._secrets.known(random).items():
                if (random, label) not in self._written:
                    self._written.add((random, label))
                    lines.append(b"%b %b %b\n" % (label, random.hex().encode(), secret.hex().encode()))
        if lines:
            self._writer.key_log(b"".join(lines))


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_LOG)
    except OSError as error:
        raise ExportError(f"the key log {escaped(str(path))} cannot be read: {error.strerror}.") from None
