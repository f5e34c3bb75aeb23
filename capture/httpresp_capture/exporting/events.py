"""Events as lines of JSON: what `--json` prints. See `tracee`."""

import json

from httpresp_capture.export.document import ExportOptions
from httpresp_capture.export.event_format import Options
from httpresp_capture.export.leaving import Leaving
from httpresp_capture.records.counters import Counters
from httpresp_capture.tracee.formats import TRACEE
from httpresp_capture.tracee.pieces import dumped


class Events:
    """Lines of events. See `Document`."""

    amends = True

    def __init__(self, options: ExportOptions) -> None:
        self._options = options
        self._writer = TRACEE.begin(Options(options.redactor, options.host_name))

    def begin(self) -> bytes:
        """Lines stand by themselves."""
        return b""

    def add(self, leaving: Leaving, lost: Counters | None, *, amends: bool) -> bytes:
        """One line. Secrets are hidden by the writer."""
        line = self._writer.line(leaving.kept, lost, self._options.examine(leaving.kept) or None, amends=amends)
        if not (comment := self._options.comment(leaving.kept)):
            return line
        event = json.loads(line)
        event["httpresp"]["comment"] = comment
        return f"{dumped(event)}\n".encode("ascii")

    def end(self) -> bytes:
        """Nothing."""
        return b""
