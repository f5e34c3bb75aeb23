"""The whole app, filled with responses and fed by the engine: `python -m benchmarks.screen_app ROWS RATE MOST`.

What is kept has its id in its path, so that whoever looks from outside knows a row when it is painted; what comes
does not. The load is frames of small responses that go through the pipeline on the capture's thread, as live ones do.
"""

import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random

from benchmarks.cases import Talk
from benchmarks.scale import ETHERNET, responses
from benchmarks.wire import START, new_line
from httpresp_capture.events import CaptureStatus, Request, Response, ResponseSeen, replace
from httpresp_capture.limits import Limits
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.sources import Emit

STEP = 0.02
"""Seconds between two batches, as the ring hands its blocks over."""
CYCLE = 400
"""Connections that are replayed again and again."""
TURNS = 50
MARKED = 9
"""Every ninth response is of `MARKED_HOST`."""
HOST = b"Host: shop.example.com"
MARKED_HOST = b"Host: rare.example.com"


class Replay:
    """A live source without a network."""

    label = "bench0"
    live = True

    def __init__(self, rate: int, last_id: int) -> None:
        self._rate = rate
        self._stop = threading.Event()
        self._pipeline = Pipeline(Limits())
        self._pipeline.last_id = last_id
        rng = Random(1)
        talk = Talk(rng)
        lines = [new_line(rng, number) for number in range(CYCLE if rate else 1)]
        frames = [f for line in lines for f in talk.exchanges(line, TURNS, lambda: talk.response(b'{"stock":true}'))]
        # The kernel's filter takes bare acknowledgements out.
        self._frames = [frame for frame in frames if len(frame) > 54 or frame[47] != 0x10]
        self._each = len(self._frames) / talk.responses

    def run(self, emit: Emit) -> None:
        """Feed at the rate until `stop`."""
        feed, place, at = self._pipeline.feed, 0, START * 1_000_000_000
        due = time.perf_counter()
        while not self._stop.is_set():
            if self._rate:
                batch = int(self._rate * STEP * self._each)
                frames = self._frames[place : place + batch]
                place = 0 if place + batch >= len(self._frames) else place + batch
                for frame in frames:
                    at += 10_000
                    feed(at, frame, 0, len(frame), len(frame), ETHERNET)
                emit([*self._pipeline.take(), CaptureStatus(self._pipeline.counters(), at)])
            due += STEP
            self._stop.wait(max(0.0, due - time.perf_counter()))

    def stop(self) -> None:
        """End `run`."""
        self._stop.set()


def numbered(pattern: list[Response], id: int) -> Response:
    """A response whose path is its id."""
    old = pattern[id % len(pattern)]
    request = old.request
    assert request is not None
    asked = request.head.replace(HOST, MARKED_HOST) if id % MARKED == 0 else request.head
    marked = Request(asked, request.method, f"/@{id}/items", request.first_byte_at, request.sent_at, len(asked))
    return replace(old, id=id, flow=replace(old.flow, id=1_000_000 + id // TURNS), request=marked)


def main() -> None:
    """Fill, then run until `q`."""
    rows, rate, most = map(int, sys.argv[1:4])
    from httpresp_tui.app import HttprespApp
    from httpresp_tui.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state.json"
        app = HttprespApp(Replay(rate, rows), settings=Settings(), max_responses=most, state_file=state)
        pattern = [event.response for batch in responses(5_000) for event in batch if isinstance(event, ResponseSeen)]
        for first in range(1, rows + 1, 1_000):
            app.session.mailbox.put([ResponseSeen(numbered(pattern, id)) for id in range(first, first + 1_000)])
            app.session.take(60.0)
        app.run()
        print(app.summary())


if __name__ == "__main__":
    main()
