"""What a capture file gives: its rows."""

from pathlib import Path

from httpresp_capture.records.events import CaptureEvent, CaptureFailed, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.source import FileSource


def rows_of(path: Path) -> list[Response]:
    """The last record of every response of a capture file."""
    rows: dict[int, Response] = {}

    def keep(events: list[CaptureEvent]) -> None:
        for event in events:
            if isinstance(event, CaptureFailed):
                assert "fault of this program" not in event.message
            if isinstance(event, ResponseSeen | ResponseChanged):
                rows[event.response.id] = event.response

    FileSource.open(str(path), Limits()).run(keep)
    return list(rows.values())
