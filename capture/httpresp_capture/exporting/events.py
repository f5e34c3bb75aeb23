"""Events as lines of JSON: what `--json` prints. See `tracee`."""

from httpresp_capture.export.document import ExportOptions
from httpresp_capture.export.event_format import Options
from httpresp_capture.export.leaving import Leaving
from httpresp_capture.records.counters import Counters
from httpresp_capture.tracee.formats import TRACEE


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
        return self._writer.line(leaving.kept, lost, self._options.examine(leaving.kept) or None, amends=amends)

    def end(self) -> bytes:
        """Nothing."""
        return b""
