"""One client asks one server, while the live source looks on and writes what it sees."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from httpresp_capture.records.events import CaptureEvent, CaptureFailed
from httpresp_capture.records.exchange import Response
from httpresp_capture.sources.live.source import LiveSource
from matrix.clients import Client, Errand, ask
from matrix.comparison import Compared, compared
from matrix.dissection import by_tshark
from matrix.place import Place, Spoken
from matrix.tickets import completed
from recordings.diaries import responses


@dataclass(frozen=True, slots=True)
class Looked:
    """What the live source told of one pair."""

    rows: tuple[Response, ...]
    failures: tuple[str, ...]
    dropped: int


@contextmanager
def looking(port: int, keys: Path, capture: Path) -> Generator[list[CaptureEvent]]:
    """The events of loopback's `port`: whole when this is left. `capture` holds the packets then."""
    source = LiveSource.open(["lo"], ports=[port], write_path=capture)
    source.read_keys(str(keys))
    source.begin()
    events: list[CaptureEvent] = []
    thread = threading.Thread(target=source.run, args=(events.extend,))
    thread.start()
    try:
        yield events
    finally:
        source.stop()
        thread.join()


def run_pair(client: Client, place: Place, spoken: Spoken) -> Compared:
    """Ask, and compare. Raises AssertionError where the capture itself failed, or too little was asked."""
    name = f"{client.name}-{spoken.http}-{spoken.tls}".replace(" ", "-")
    port, capture = place.ports[spoken], place.folder / f"{name}.pcapng"
    with looking(port, place.keys, capture) as events:
        ask(client, Errand(port, spoken, place.site, place.folder / name))
    rows = responses(events)
    failed = [event.message for event in events if isinstance(event, CaptureFailed)]
    assert not failed, failed
    output = (place.folder / name / "output").read_text(errors="replace")[-1_000:]
    read = [row for row in rows if row.is_response]
    assert len(read) >= client.asks, f"{len(read)} responses were seen of {client.asks} asked: {output}"
    for row in read:
        assert row.flow.tls is not None
        assert (row.flow.tls.version, row.protocol) == (
            f"TLS {spoken.tls}",
            "HTTP/2" if spoken.http == "h2" else "HTTP/1.1",
        )
    theirs = by_tshark(capture, place.keys, port)
    found = compared(rows, theirs)
    if found.different and (whole := completed(capture, place.keys)) is not None:
        return compared(rows, theirs, by_tshark(capture, whole, port))
    return found
