"""The part of the app that writes files: `e`, with its menu, and how far an export is."""

import os
import re
import time
from array import array
from asyncio import CancelledError
from collections.abc import Iterable, Iterator
from dataclasses import replace as changed
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from httpresp_capture.export.document import ExportOptions
from httpresp_capture.exporting.export import ExportError, Format, Order
from httpresp_capture.records.exchange import Response
from httpresp_capture.system.private import why
from httpresp_tui import __version__
from httpresp_tui.actions.panes import Panes
from httpresp_tui.model.export_job import ExportJob
from httpresp_tui.model.pacing import TimeSlices
from httpresp_tui.screens.export_name import ExportName, Named
from httpresp_tui.text.printable import printable, printable_text

if TYPE_CHECKING:
    from httpresp_tui.screens.export_menu import Wish

FILTERED, SELECTED, MARKED = "filtered", "selected", "marked"
OFTEN = 0.25
"""Seconds between two looks at how far an export is."""


class Exporting(Panes):
    """Exports what is shown, what is marked, or the response in hand."""

    _turns: TimeSlices
    _job: ExportJob | None = None

    def action_export(self) -> None:
        """Ask what, as what, and under which name."""
        if self._job is not None:
            self.notify("An export is under way. Esc stops it.", markup=False)
            return
        # With all formats, which nobody needs before.
        from httpresp_tui.screens.export_menu import ExportMenu, Scope

        scopes = (
            Scope(FILTERED, self.session.view.shown),
            Scope(SELECTED, int(self.in_hand is not None)),
            Scope(MARKED, len(self.session.marks)),
        )
        if not any(scope.count for scope in scopes):
            self.notify("There is nothing to export.", timeout=2, markup=False)
            return
        menu = ExportMenu(
            scopes,
            self._proposed,
            self._missing,
            may_redact=self.redactor is not None,
            may_have_keys=bool(self.packets.paths),
        )
        self.push_screen(menu, self._export)

    def action_record(self) -> None:
        """Write the packets to a file from now on, or no longer."""
        source = self.session.source
        if not source.live:
            self.notify(source.record(""), markup=False)
        elif self.session.store.ended:
            self.notify("The capture is over.", timeout=2, markup=False)
        elif source.recording:
            words = f"Packets are no longer written to {source.recording}."
            self.notify(source.record("") or words, markup=False)
        else:
            from httpresp_capture.exporting.formats import FORMATS

            packets = FORMATS["pcapng"]
            self.push_screen(ExportName(packets, self._proposed(packets)), self._record)

    def _record(self, named: Named | None) -> None:
        if named is None:
            return
        path, replace = named
        if replace:
            # It was asked for, and it is no other file's second name that is written over.
            path.unlink(missing_ok=True)
        refused = self.session.source.record(str(path))
        if not refused:
            self.packets = changed(self.packets, paths=(path,))
        self.notify(refused or f"Packets are written to {printable_text(str(path))}. w ends it.", markup=False)

    async def end_export(self) -> None:
        """One that is under way ends, and nothing is left of it."""
        if self._job is not None:
            self._job.stop()
            await self._job.over.wait()

    def action_step_back(self) -> None:
        """An export is stopped first."""
        if self._job is not None:
            self._job.stop()
        else:
            super().action_step_back()

    def _proposed(self, format: Format) -> Path:
        """A name that nothing has: by the source and the time of day."""
        stem = re.sub(r"[^A-Za-z0-9_]+", "-", self.session.source.label.partition(".")[0]).strip("-")[:40] or "capture"
        kind = format.suffix or f"-{format.name}"
        folder = Path() if os.access(".", os.W_OK) else Path.home()
        path = folder / f"{stem}-{time.strftime('%H%M%S')}{kind}"
        number = 1
        while os.path.lexists(path):
            number += 1
            path = path.with_name(f"{stem}-{time.strftime('%H%M%S')}-{number}{kind}")
        return path

    def _missing(self, format: Format) -> str:
        if format.name == "parquet" and find_spec("duckdb") is None:
            return "pip install 'httpresp-tui[parquet]'"
        if format.name == "pcapng" and not self.packets.paths:
            return self.packets.why
        return ""

    def _export(self, wish: "Wish | None") -> None:
        if wish is not None:
            self.run_worker(self._write(wish), group="export")

    async def _write(self, wish: "Wish") -> None:
        """Make the file and fill it, between keys."""
        rows, count = self._rows_of(wish.scope)
        order = Order(
            wish.path,
            ExportOptions(
                redactor=self.redactor if wish.redact else None,
                host_name=self.described_run.host_name,
                version=__version__,
                source=self.session.source.label,
                comment=lambda response: self.session.marks.comment(response.id),
            ),
            replace=wish.replace,
            packets=self.packets,
            with_keys=wish.keys,
            capture_filter=self.session.source.filter_text,
            display_filter=self.filter_line.input.value,
            checks=self.session.inspection.findings.options,
        )
        try:
            job = self._job = ExportJob(wish.format, order, count)
        except (ExportError, OSError) as error:
            words = why(error) if isinstance(error, OSError) else str(error)
            words = "a file of this name is there" if isinstance(error, FileExistsError) else words
            self._tell(f"{printable_text(str(wish.path))} was not written: {words}", failed=True)
            return
        line = Static(id="export-progress", markup=False)
        timer = self.set_interval(OFTEN, lambda: line.update(self._progress(job)))
        await self.main.mount(line, before=self.status_bar)
        try:
            words = await job.run(rows, self.session.counters, self._turns)
        except CancelledError:
            self.exported.append(f"nothing to {job.shown}: it was stopped")
            raise
        finally:
            timer.stop()
            self._job = None
            await line.remove()
        self._tell(words, failed=job.failed)

    def _progress(self, job: ExportJob) -> Content:
        words = " ".join(filter(None, (f"Exporting {job.format.title} to", job.shown, job.progress)))
        return Content.assemble(printable(words, 200), " · Esc stops it")

    def _rows_of(self, scope: str) -> tuple[Iterable[Response], int]:
        if scope == SELECTED:
            rows = () if self.in_hand is None else (self.in_hand,)
            return rows, len(rows)
        if scope == MARKED:
            marks = tuple(self.session.marks)
            return self._kept(marks), len(marks)
        ids = array("q", self.session.view.ids)  # As they are now.
        return self._kept(ids), len(ids)

    def _kept(self, ids: Iterable[int]) -> Iterator[Response]:
        """Those that are still kept when their turn comes."""
        get = self.session.store.get
        return (response for id in ids if (response := get(id)) is not None)

    def _tell(self, words: str, *, failed: bool) -> None:
        self.exported.append(words)
        self.notify(words, severity="warning" if failed else "information", timeout=8, markup=False)
