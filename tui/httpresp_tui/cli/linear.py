"""`--linear`: responses as plain lines of words, by the way that `--json` prints them."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from httpresp_capture.export.event_format import EventFormat, Options
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.linear import linear_line
from httpresp_tui.text.units import date_text, day_text

if TYPE_CHECKING:
    from httpresp_capture.checks import Finding


class LinearLines:
    """A `LineWriter`: in the encoding of standard output, with escapes for what that cannot say.

    The date is said once, on a line of its own, and again when it is another.
    """

    def __init__(self, options: Options) -> None:
        self._redact = options.redact
        self._encoding = sys.stdout.encoding or "utf-8"
        self._day = ""

    def line(
        self,
        response: Response,
        lost: Counters | None = None,
        findings: "Sequence[Finding] | None" = None,
        *,
        amends: bool = False,
        progress: bool = False,
    ) -> bytes:
        """One line with its LF; nothing of a response that is still open."""
        if progress:
            return b""
        if self._redact is not None:
            response = self._redact.response(response)
        text = linear_line(response, findings, amends=amends)
        day = day_text(response.at)
        if day != self._day:
            self._day = day
            text = f"{date_text(response.at)[:10]}\n{text}"
        return f"{text}\n".encode(self._encoding, "backslashreplace")


LINEAR = EventFormat("linear", LinearLines)
"""No entry of `event_formats`, whose lines programs read."""
