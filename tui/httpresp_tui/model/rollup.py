"""What a group's row says of its responses: sums, and percentiles, all of which can be taken back."""

from httpresp_capture.analysis.percentiles import Waits
from httpresp_capture.records.error_responses import is_error
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.store import CLASSES


class Rollup:
    """Sums over the responses of a group."""

    __slots__ = ("bytes", "classes", "errors", "problems", "waits")

    def __init__(self) -> None:
        self.classes = [0] * CLASSES
        self.bytes = 0
        self.errors = 0
        self.problems = 0
        self.waits = Waits()

    def add(self, response: Response, times: int = 1) -> None:
        """Count one in; with -1, out again: the record must be the one that was counted in."""
        self.classes[response.status_class] += times
        self.bytes += times * response.body_bytes
        if is_error(response):
            self.errors += times
        if response.problems or response.gaps or response.conflicts:
            self.problems += times
        wait = response.first_byte_ns
        if wait is not None:
            self.waits.add(wait, times)
