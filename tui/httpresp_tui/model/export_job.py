"""One export beside the loop of the screen: rows go in between keys, what takes long is done on a thread.

It can be stopped at any moment but the last, in which its file gets its name; then nothing is left of it. No Textual.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import TypeVar

from httpresp_capture.export.wording import times
from httpresp_capture.exporting.export import Export, Format, Order
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.plurals import many
from httpresp_capture.system.private import why
from httpresp_tui.model.pacing import TURN, TimeSlices
from httpresp_tui.text.sanitising import printable_text
from httpresp_tui.text.units import size_text

Result = TypeVar("Result")


class ExportJob:
    """Made, it has its file; raises `FileExistsError` where one is there, else `ExportError` or OSError."""

    def __init__(self, format: Format, order: Order, count: int) -> None:
        self.format = format
        self.path = order.path
        self.count = count
        """Rows that are to be written, some of which may leave before their turn."""
        self.done = 0
        self.fraction: float | None = None
        """Of what is left to do when all rows are in."""
        self.failed = False
        self.size = 0
        self.over = asyncio.Event()
        """Set when nothing of it goes on any more."""
        self._cut = 0
        self._stopped = False
        self._export: Export = format.begin(order)

    def stop(self) -> None:
        """End it soon, and leave nothing of it."""
        self._stopped = True

    async def run(self, rows: Iterable[Response], lost: Counters, turns: TimeSlices) -> str:
        """What became of it, as a sentence; see `failed`."""
        try:
            await self._add_all(iter(rows), lost, turns)
            await self._finish(lost)
            if self._stopped:
                self._drop()
                return f"Stopped: nothing is left of {self.shown}."
        except (CaptureError, OSError) as error:
            self._drop()
            words = why(error) if isinstance(error, OSError) else str(error)
            if isinstance(error, FileExistsError):
                words = "a file of this name has come meanwhile"
            return f"{self.shown} was not written: {words.removesuffix('.')}. Nothing is left of it."
        except BaseException:
            self._drop()
            raise
        finally:
            self.over.set()
        return self._told()

    @property
    def shown(self) -> str:
        """Its path."""
        return printable_text(str(self.path))

    @property
    def progress(self) -> str:
        """How far it is."""
        if self.done < self.count and self.fraction is None:
            return f"{self.done:,} of {many(self.count, 'row')}"
        return "" if self.fraction is None else f"{self.fraction:.0%}"

    async def _add_all(self, rows: Iterator[Response], lost: Counters, turns: TimeSlices) -> None:
        over = False
        while not (over or self._stopped):
            await turns.next()
            until = perf_counter() + TURN
            while perf_counter() < until:
                row = next(rows, None)
                if row is None:
                    over = True
                    break
                self.done += 1
                self._cut += self.format.bodies and row.is_response and len(row.body) < row.body_bytes
                self._export.add(row, lost)

    async def _finish(self, lost: Counters) -> None:
        steps = self._export.steps()
        while not self._stopped:
            done, self.fraction = await _on_a_thread(lambda: _next(steps))
            if done:
                break
        if not self._stopped:
            self.size = await _on_a_thread(lambda: self._export.keep(lost))

    def _drop(self) -> None:
        self.failed = True
        self._export.drop()

    def _told(self) -> str:
        export = self._export
        notes = (
            f"{many(export.left_out, 'row')} left out, which it has no place for" if export.left_out else "",
            f"{many(self._cut, 'body')} only in part" if self._cut else "",
            f"late evidence left out, {times(export.late)}" if export.late else "",
        )
        words = f"{export.contents} as {self.format.title} to {self.shown} ({size_text(self.size)})"
        return "; ".join((words, *filter(None, notes)))


def _next(steps: Iterator[float | None]) -> tuple[bool, float | None]:
    """Whether that was all, and how far it is."""
    try:
        return False, next(steps)
    except StopIteration:
        return True, None


async def _on_a_thread(work: Callable[[], Result]) -> Result:
    """Its result. Whoever is told to end waits for it: what is dropped must not be written any more."""
    doing = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait([doing])
        raise
