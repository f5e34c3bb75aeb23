"""`--export FORMAT:FILE`: no screen; what the filter lets through goes into files, which are whole or not there.

The responses are written as they come. What a format does when all have come follows; then each file gets its name.
One that cannot be written ends that export and is told, and the others go on.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from httpresp_capture.analysis.finding_hooks import finding_hooks
from httpresp_capture.analysis.findings import Findings
from httpresp_capture.export.document import ExportOptions
from httpresp_capture.export.wording import times
from httpresp_capture.exporting.export import Export, Format, Order
from httpresp_capture.exporting.formats import FORMATS
from httpresp_capture.query import compile_query
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.plurals import many
from httpresp_capture.redaction import Redactor
from httpresp_capture.response_collector import ResponseCollector
from httpresp_capture.sources import Source
from httpresp_capture.system.private import why
from httpresp_tui import __version__
from httpresp_tui.cli.arguments import Arguments
from httpresp_tui.cli.collecting import collect
from httpresp_tui.cli.output import say, sum_up, tell
from httpresp_tui.cli.reviewing import options_of
from httpresp_tui.cli.sources import packets_of
from httpresp_tui.cli.watching import key_log_of
from httpresp_tui.text.sanitising import printable_text
from httpresp_tui.text.units import size_text


@dataclass(slots=True)
class _UnderWay:
    """One of the exports."""

    format: Format
    path: Path
    export: Export
    cut: int = 0
    """Bodies of which only the beginning was kept."""
    failure: str = ""

    def told(self, size: int) -> str:
        """What became of it."""
        export = self.export
        notes = [
            f"{many(export.left_out, 'row')} left out, which it has no place for" if export.left_out else "",
            f"late evidence left out, {times(export.late)}" if export.late else "",
            f"{many(self.cut, 'body')} in part (--body-limit all)" if self.cut else "",
        ]
        words = f"{export.contents} as {self.format.title} to {_shown(self.path)} ({size_text(size)})"
        return "; ".join((words, *filter(None, notes)))


class Exports:
    """The taker of what is wanted: each response goes into every export."""

    def __init__(self, under_way: list[_UnderWay]) -> None:
        self.under_way = under_way
        self._collector: ResponseCollector | None = None

    def begun(self, collector: ResponseCollector) -> None:
        """Reading begins; the collector knows what is lost."""
        self._collector = collector

    def add(self, response: Response) -> None:
        """One that has ended."""
        self._give(response, amends=False)

    def amend(self, response: Response, before: Response) -> None:
        """Late evidence about one that was added."""
        self._give(response, amends=True)

    def _give(self, response: Response, *, amends: bool) -> None:
        lost = None if self._collector is None else self._collector.counters
        cut = not amends and response.is_response and len(response.body) < response.body_bytes
        for each in self.under_way:
            if each.failure:
                continue
            each.cut += cut and each.format.bodies
            try:
                each.export.add(response, lost, amends=amends)
            except (CaptureError, OSError) as error:
                _fail(each, error)
        if self._collector is not None and all(each.failure for each in self.under_way):
            self._collector.end()

    def finish(self, lost: Counters, said: TextIO) -> int:
        """Do what is left, give the files their names, and say so; how many failed."""
        for each in self.under_way:
            if not each.failure:
                try:
                    for _ in each.export.steps():
                        pass
                    size = each.export.keep(lost)
                except (CaptureError, OSError) as error:
                    _fail(each, error)
                else:
                    tell(f"  exported     {each.told(size)}", said)
            if each.failure:
                say(each.failure, said)
        return sum(1 for each in self.under_way if each.failure)

    def drop(self) -> None:
        """Leave nothing of any."""
        for each in self.under_way:
            each.export.drop()


def begin_exports(source: Source, arguments: Arguments) -> Exports:
    """Make the files; raises `CaptureError` for the first that cannot be."""
    salt = os.urandom(16)
    options = ExportOptions(
        redactor=None if arguments.redact is False else Redactor(salt),
        host_name=os.uname().nodename,
        version=__version__,
        source=source.label,
    )
    exports = Exports([])
    for name, path in arguments.exports:
        order = Order(
            Path(path),
            options,
            replace=arguments.force,
            packets=packets_of(arguments, key_log_of(arguments)),
            with_keys=arguments.write_keys,
            capture_filter=source.filter_text,
            display_filter=arguments.filter,
            checks=options_of(arguments.checks, salt),
        )
        try:
            exports.under_way.append(_UnderWay(FORMATS[name], order.path, FORMATS[name].begin(order)))
        except FileExistsError:
            exports.drop()
            raise CaptureError(
                f"{_shown(order.path)} is there already, and is not overwritten.\n\n"
                "  Name another, or let a file be replaced:  --force"
            ) from None
        except OSError as error:
            exports.drop()
            raise CaptureError(f"cannot write {_shown(order.path)}: {why(error)}.") from None
        except CaptureError as error:
            exports.drop()
            raise CaptureError(f"{_shown(order.path)} cannot be written: {error}") from None
    return exports


def export_responses(source: Source, arguments: Arguments, said: TextIO) -> int:
    """Read the source to its end, write, sum up; the exit status."""
    exports = begin_exports(source, arguments)
    for words in dict.fromkeys(each.format.raw for each in exports.under_way if each.format.raw):
        say(words, said)
    findings = Findings(options_of(arguments.checks))
    try:
        summary = collect(
            source,
            compile_query(arguments.filter, finding_hooks(findings)),
            exports,
            count=arguments.count,
            seconds=arguments.duration,
            begun=exports.begun,
        )
        sum_up(summary, said)
        failed = exports.finish(summary.counters, said)
    except BaseException:
        exports.drop()
        raise
    return 1 if failed or summary.failures else 0


def _fail(each: _UnderWay, error: Exception) -> None:
    words = why(error) if isinstance(error, OSError) else str(error)
    if isinstance(error, FileExistsError):
        words = "a file of this name has come meanwhile"
    each.failure = f"{_shown(each.path)} was not written: {words.removesuffix('.')}. Nothing is left of it."
    each.export.drop()


def _shown(path: Path) -> str:
    return printable_text(str(path))
