"""`-w` at a signal: what was captured stands in the file, whole, and the end says so; with the screen and without."""

import http.server
import re
import signal
import threading
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from struct import unpack_from

import pytest

from capturing import needs_capture
from httpresp_capture.records.events import CaptureEvent, CaptureFailed, ResponseSeen
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.source import FileSource
from on_terminal import PROGRAM, Runs

pytestmark = [pytest.mark.slow, needs_capture]
PACKET = 6
"""Of a pcapng file: an Enhanced Packet Block."""
STATISTICS = 5
"""An Interface Statistics Block, which ends a recording."""


class Page(http.server.BaseHTTPRequestHandler):
    """Answers whatever is asked."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"abc")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def traffic() -> Generator[int]:
    """A server on loopback that is asked again and again; its port."""
    over = threading.Event()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        port = server.server_address[1]

        def ask() -> None:
            while not over.is_set():
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                    answer.read()
                over.wait(0.01)

        threads = [threading.Thread(target=server.serve_forever, args=(0.01,)), threading.Thread(target=ask)]
        for thread in threads:
            thread.start()
        try:
            yield port
        finally:
            over.set()
            threads[1].join()
            server.shutdown()
            threads[0].join()


def blocks_of(data: bytes) -> list[int]:
    """The kinds of the blocks of a pcapng file, which must end where the file does."""
    kinds: list[int] = []
    at = 0
    while at < len(data):
        kind, length = unpack_from("<II", data, at)
        assert unpack_from("<I", data, at + length - 4) == (length,)
        kinds.append(kind)
        at += length
    assert at == len(data)
    return kinds


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["TERM", "HUP"])
@pytest.mark.parametrize(("words", "status"), [((), None), (("--json",), 0)], ids=["screen", "json"])
def test_a_signal_leaves_the_file_whole_and_says_what_is_in_it(
    runs: Runs, tmp_path: Path, words: tuple[str, ...], status: int | None, number: signal.Signals
) -> None:
    path = tmp_path / "kept.pcapng"
    with traffic() as port:
        app = runs.start(*PROGRAM, "-i", "lo", "-p", f"{port}", "-w", str(path), *words)
        app.until(b"200")
        app.send(number)
        assert app.end() == (128 + number if status is None else status)
    kinds = blocks_of(path.read_bytes())
    packets = kinds.count(PACKET)
    assert kinds[-1] == STATISTICS
    assert b"written      the packets to " + str(path).encode() in app.output
    assert re.search(rb"packets      %b in \d+ connections?" % f"{packets:,}".encode(), app.output), packets
    events: list[CaptureEvent] = []
    FileSource.open(str(path), Limits()).run(events.extend)
    assert not [event for event in events if isinstance(event, CaptureFailed)]
    assert [event for event in events if isinstance(event, ResponseSeen)]
