"""The evidence bundle: events, findings and packets of what was chosen, and a manifest that lets anybody check them.

A folder, or a zip archive where the name ends so. The manifest names each file with its size and SHA-256, the program,
the filters, the times of capture, and what was lost. Packets cannot be redacted, so they are in it only where secrets
may leave; where they are not, the manifest says why.
"""

import json
import shutil
import time
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from httpresp_capture.analysis.review import Review
from httpresp_capture.checks import Options
from httpresp_capture.export.findings_json import instant
from httpresp_capture.export.reports import REPORTS
from httpresp_capture.exporting.documents import DocumentExport
from httpresp_capture.exporting.events import Events
from httpresp_capture.exporting.export import Order
from httpresp_capture.exporting.slices import SliceExport
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.severity import Severity
from httpresp_capture.system.drafts import DraftFile, DraftFolder, new_folder

EVENTS, FINDINGS, PACKETS, MANIFEST = "events.ndjson", "findings.json", "packets.pcapng", "manifest.json"
REDACTED = "packets cannot be redacted; without redaction (--no-redact) they are in the bundle"
BLOCK = 1 << 20
"""Bytes read in one step."""
ZIP_BEGINS, ZIP_ENDS = 315_532_800, 4_354_819_198
"""Times that an archive can write: from 1980 to the end of 2107, UTC, in seconds since 1970."""


class BundleExport:
    """See `Export`."""

    left_out = late = 0

    def __init__(self, order: Order) -> None:
        self._order = order
        self._archive: DraftFile | None = None
        self._whole: DraftFolder | None = None
        if order.path.suffix.lower() == ".zip":
            self._archive = DraftFile(order.path, replace=order.replace)
            self._folder = new_folder(order.path)
        else:
            self._whole = DraftFolder(order.path)
            self._folder = self._whole.draft
        options = order.options
        self._events = DocumentExport(Events(options), self._inside(EVENTS))
        self._review = Review(order.checks or Options(salt=options.redactor.salt if options.redactor else b""))
        packets = order.packets
        self.why_no_packets = REDACTED if options.redactor is not None else "" if packets.paths else packets.why
        self._slice: SliceExport | None = None
        if not self.why_no_packets:
            self._slice = SliceExport(self._inside(PACKETS))
        self._first = self._last = 0
        self._lost: Counters | None = None

    @property
    def contents(self) -> str:
        """See `Export`."""
        return f"{self._events.contents}, {'no packets' if self._slice is None else self._slice.contents}"

    def add(self, response: Response, lost: Counters | None = None, *, amends: bool = False) -> None:
        """See `Export`. Findings are those of what was seen first."""
        self._lost = lost
        self._events.add(response, lost, amends=amends)
        if self._slice is not None:
            self._slice.add(response, lost, amends=amends)
        if not amends:
            self._review.add(response)
        times = [response.at, response.ended_at or response.at]
        if response.request is not None:
            times.append(response.request.first_byte_at)
        self._first = min(filter(None, (self._first, *times)), default=0)
        self._last = max(self._last, *times)

    def steps(self) -> Iterator[float | None]:
        """The packets."""
        if self._slice is not None:
            yield from self._slice.steps()

    def keep(self, lost: Counters | None = None) -> int:
        """See `Export`."""
        lost = lost or self._lost or Counters()
        options = self._order.options
        self._events.keep()
        if self._slice is not None:
            self._slice.keep()
        overview = self._review.overview(options.source, options.version, self._review.findings.coverage(lost, 0, ()))
        self._write(FINDINGS, REPORTS["json"].overview(overview, Severity.INFO).encode())
        self._write(MANIFEST, json.dumps(self._manifest(lost), indent=2).encode() + b"\n")
        if self._whole is not None:
            return self._whole.keep()
        assert self._archive is not None
        self._pack(self._archive)
        shutil.rmtree(self._folder, ignore_errors=True)
        return self._archive.keep()

    def drop(self) -> None:
        """See `Export`."""
        self._events.drop()
        if self._slice is not None:
            self._slice.drop()
        if self._archive is not None:
            self._archive.drop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _inside(self, name: str) -> Order:
        return replace(self._order, path=self._folder / name, replace=False)

    def _write(self, name: str, data: bytes) -> None:
        file = DraftFile(self._folder / name)
        file.write(data)
        file.keep()

    def _names(self) -> list[str]:
        return [EVENTS, FINDINGS, *([PACKETS] if self._slice is not None else ())]

    def _manifest(self, lost: Counters) -> dict[str, Any]:
        order, options = self._order, self._order.options
        return {
            "format": "httpresp-evidence/1",
            "program": {"name": "httpresp-tui", "version": options.version},
            "made_at": instant(time.time_ns()),
            "host_name": options.host_name,
            "source": options.source,
            "filters": {"capture": order.capture_filter, "display": order.display_filter},
            "responses": self._events.count,
            "captured": {
                "first": instant(self._first) if self._first else None,
                "last": instant(self._last) if self._last else None,
            },
            "redacted": options.redactor is not None,
            "keys_included": self._slice is not None and order.with_keys,
            "packets": self._slice.packets if self._slice is not None else None,
            "why_no_packets": None if self._slice is not None else self.why_no_packets,
            "lost": asdict(lost),
            "files": [_described(self._folder / name) for name in self._names()],
        }

    def _pack(self, archive: DraftFile) -> None:
        when = time.gmtime(min(max(self._last // 1_000_000_000, ZIP_BEGINS), ZIP_ENDS))[:6]
        with zipfile.ZipFile(archive.file, "w", zipfile.ZIP_DEFLATED) as made:
            for name in (*self._names(), MANIFEST):
                told = zipfile.ZipInfo(name, when)
                told.external_attr = 0o600 << 16
                told.compress_type = zipfile.ZIP_DEFLATED
                with (self._folder / name).open("rb") as source, made.open(told, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target, BLOCK)


def _described(path: Path) -> dict[str, Any]:
    digest = sha256()
    size = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
    return {"name": path.name, "bytes": size, "sha256": digest.hexdigest()}
