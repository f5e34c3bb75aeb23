"""The whole app, filled with responses and fed by the engine: `python -m benchmarks.screen_app ROWS RATE MOST`.

Every response has its id in its path, so that whoever looks from outside knows a row when it is painted. The load is
frames of small responses that go through the pipeline in the engine's process, as live ones do.

With `HTTPRESP_PROFILE=FILE` the loop's thread is profiled into that file from the first paint on.
"""

import cProfile
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from benchmarks.cases import Talk
from benchmarks.scale import ETHERNET, responses
from benchmarks.wire import START, new_line
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.process.engine import EngineSource
from httpresp_capture.records.events import CaptureEvent, CaptureStatus, ResponseSeen
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources import Emit, ReadingSource

STEP = 0.02
"""Seconds between two batches, as the ring hands its blocks over."""
CYCLE = 400
"""Connections that are replayed again and again."""
TURNS = 50
MARKED = 9
"""Every ninth response is of `MARKED_HOST`."""
FIRST_FLOW = 1_000_000
"""Number of the connection of the first that are kept."""
HOST = b"Host: shop.example.com"
MARKED_HOST = b"Host: rare.example.com"


class Replay(ReadingSource):
    """A live source without a network."""

    label = "bench0"
    live = True

    def __init__(self, rate: int, last_id: int) -> None:
        self._rate = rate
        self._stop = threading.Event()
        self._pipeline = Pipeline(Limits())
        self._pipeline.sink.last_id = last_id
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
                emit([*map(_told, self._pipeline.take()), CaptureStatus(self._pipeline.counters(), at)])
            due += STEP
            self._stop.wait(max(0.0, due - time.perf_counter()))

    def stop(self) -> None:
        """End `run`."""
        self._stop.set()


class Held(Replay):
    """Feeds nothing before `go`, which may come from another process."""

    def __init__(self, rate: int, last_id: int) -> None:
        super().__init__(rate, last_id)
        self._wait, self._go = os.pipe()

    def go(self) -> None:
        """What is kept is there."""
        os.write(self._go, b"!")

    def run(self, emit: Emit) -> None:
        os.read(self._wait, 1)
        super().run(emit)


def numbered(pattern: Response, id: int) -> Response:
    """The same response, whose path is its id; every so many are of another host."""
    old = pattern.request
    assert old is not None
    asked = old.head.replace(HOST, MARKED_HOST) if id % MARKED == 0 else old.head
    request = Request(asked, old.method, f"/@{id}/items", old.first_byte_at, old.sent_at, len(asked))
    return replace(pattern, id=id, request=request)


def _told(event: CaptureEvent) -> CaptureEvent:
    match event:
        case ResponseSeen(response) if response.request is not None:
            return ResponseSeen(numbered(response, response.id))
        case _:
            return event


def kept(count: int) -> Iterator[list[CaptureEvent]]:
    """So many responses, some on each connection, a thousand at a time."""
    pattern = [event.response for batch in responses(5_000) for event in batch if isinstance(event, ResponseSeen)]
    flow = pattern[0].flow
    for first in range(1, count + 1, 1_000):
        batch: list[CaptureEvent] = []
        for id in range(first, first + 1_000):
            if flow.id != FIRST_FLOW + id // TURNS:
                flow = replace(flow, id=FIRST_FLOW + id // TURNS)
            batch.append(ResponseSeen(replace(numbered(pattern[id % len(pattern)], id), flow=flow)))
        yield batch


def main() -> None:
    """Fill, then run until `q`."""
    rows, rate, most = map(int, sys.argv[1:4])
    from httpresp_tui.app import HttprespApp
    from httpresp_tui.model.settings import Settings

    replay = Held(rate, rows)
    source = EngineSource(replay)
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state.json"
        app = HttprespApp(source, settings=Settings(), max_responses=most, state_file=state)
        for batch in kept(rows):
            app.session.mailbox.put(batch)
            app.session.take(60.0)
        replay.go()
        if profile := os.environ.get("HTTPRESP_PROFILE"):
            profiler = cProfile.Profile()
            profiler.runcall(app.run)
            profiler.dump_stats(profile)
        else:
            app.run()
        source.close()
        print(app.summary())


if __name__ == "__main__":
    main()
