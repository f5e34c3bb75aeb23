"""What a capture file gives: its rows."""

from pathlib import Path

from httpresp_capture.records.events import CaptureEvent, CaptureFailed, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.source import FileSource


def rows_of(path: Path, keys: Path | None = None) -> list[Response]:
    """The last record of every response of a capture file; with a key log, of what is inside TLS, too."""
    rows: dict[int, Response] = {}

    def keep(events: list[CaptureEvent]) -> None:
        for event in events:
            if isinstance(event, CaptureFailed):
                assert "fault of this program" not in event.message
            if isinstance(event, ResponseSeen | ResponseChanged):
                rows[event.response.id] = event.response

    source = FileSource.open(str(path), Limits())
    if keys is not None:
        source.read_keys(str(keys))
    source.run(keep)
    return list(rows.values())
