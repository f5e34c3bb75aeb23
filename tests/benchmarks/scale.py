"""How cost and memory grow with the work: connections open at once, and responses kept.

Each measurement is a process of its own, `python -m benchmarks.scale KIND NUMBER`, which prints its figures as JSON:

- `flows N`: CPU of a packet with N connections open, exchanges on all of them in turn;
- `kept N`, `grouped N`: CPU of a response through mailbox, store and view, with N kept and the oldest leaving;
- `memory N`: bytes a response of 12 fields without its body takes in store and view, and the longest pause of the
  garbage collector on the way to N.
"""

import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.cases import ASKED, Talk
from benchmarks.plot import Curve, plot
from benchmarks.tables import number, table
from benchmarks.wire import START, Frames, new_line
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.events import CaptureEvent, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources import ReadingSource
from httpresp_capture.system.garbage_collection import collect_rarely_for_good

BATCH = 4_096
ETHERNET = Interface(0, "", 1)
STEPS = (100, 1_000, 10_000, 100_000)
KEPT = (1_000, 10_000, 100_000, 1_000_000)


def flows(count: int, packets: int = 300_000) -> dict[str, float]:
    """With so many connections open."""
    rng = Random(count)
    talk = Talk(rng)
    lines = [new_line(rng, place) for place in range(count)]
    pipeline = Pipeline(Limits(flows=max(65_536, 2 * count)))
    at = START * 1_000_000_000

    def cost(frames: list[bytes]) -> float:
        nonlocal at
        feed = pipeline.feed
        before = time.process_time()
        for frame in frames:
            at += 1_000
            feed(at, frame, 0, len(frame), len(frame), ETHERNET)
        pipeline.take()
        return time.process_time() - before

    def exchanges() -> Frames:
        while True:
            line = lines[int(rng.random() * count)]
            asked, answer = talk.response(b'{"stock":true}')
            yield line.ask(ASKED % asked)
            yield line.answer(answer)
            yield line.ask()

    opening = (frame for line in lines for frame in line.opening())
    _spend(opening, 3 * count, cost)
    talking = exchanges()
    # The first exchange of a connection tells who is the client; what comes after it is what is compared.
    _spend(talking, max(packets // 5, 9 * count), cost)
    spent = _spend(talking, packets, cost)
    return {"µs": spent / packets * 1e6}


def _spend(frames: Frames, packets: int, cost: Callable[[list[bytes]], float]) -> float:
    spent = 0.0
    while packets > 0:
        batch = [frame for _, frame in zip(range(min(BATCH, packets)), frames, strict=False)]
        spent += cost(batch)
        packets -= len(batch)
    return spent


def flows_as_in_the_engine(count: int) -> dict[str, float]:
    """With the collector as the engine's process has it."""
    collect_rarely_for_good()
    return flows(count)


def responses(count: int, body_bytes: int = 0) -> Iterator[list[CaptureEvent]]:
    """As the engine gives them: batches of events with so many responses in all."""
    rng = Random(count)
    talk = Talk(rng)
    pipeline = Pipeline(Limits(body_bytes=body_bytes))
    at = START * 1_000_000_000
    lines = 0
    while talk.responses < count:
        lines += 1
        turns = min(50, count - talk.responses)
        for frame in talk.exchanges(new_line(rng, lines), turns, lambda: talk.response(b'{"stock":true}')):
            at += 10_000
            pipeline.feed(at, frame, 0, len(frame), len(frame), ETHERNET)
        if lines % 20 == 0:
            yield pipeline.take()
    yield pipeline.take()


class NoSource(ReadingSource):
    """Stands where a capture stands; whoever measures puts the events in."""

    label = "benchmark"
    live = True

    def run(self, emit: Any) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""


def kept(count: int, more: int = 60_000, group: str | None = None) -> dict[str, float]:
    """With so many kept, at the bound: each that comes lets one go."""
    from httpresp_tui.model.session import Session

    session = Session(NoSource(), max_responses=count)
    pattern = [
        event.response for batch in responses(min(count, 10_000)) for event in batch if isinstance(event, ResponseSeen)
    ]
    last = 0

    def put(total: int) -> float:
        nonlocal last
        spent = 0.0
        while total > 0:
            batch: list[CaptureEvent] = [ResponseSeen(_renumbered(pattern, last + place + 1)) for place in range(1_000)]
            last += 1_000
            total -= 1_000
            before = time.process_time()
            session.mailbox.put(batch)
            session.take(60.0)
            spent += time.process_time() - before
        return spent

    if group:
        session.view.group_by(group)
    put(count)
    put(10_000)
    return {"µs": put(more) / more * 1e6}


def _renumbered(pattern: list[Response], id: int) -> Response:
    """The same response again, on a connection of its own fifty."""
    old = pattern[id % len(pattern)]
    return replace(old, id=id, flow=replace(old.flow, id=id // 50 + 1))


def memory(count: int) -> dict[str, float]:
    """What so many take."""
    from httpresp_tui.model.session import Session

    session = Session(NoSource(), max_responses=count)
    pauses = Pauses()
    before = resident()
    for batch in responses(count):
        session.mailbox.put(batch)
        session.take(60.0)
    assert len(session.store) == count
    pauses.stop()
    gc.collect()
    return {"bytes": (resident() - before) / count, "MB": resident() / 1e6, "pause": pauses.longest * 1e3}


class Pauses:
    """Listens to the garbage collector."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._began = 0.0
        gc.callbacks.append(self._hear)

    def stop(self) -> None:
        gc.callbacks.remove(self._hear)

    def _hear(self, phase: str, _: dict[str, int]) -> None:
        now = time.perf_counter()
        if phase == "start":
            self._began = now
        else:
            self.longest = max(self.longest, now - self._began)


def resident() -> int:
    """Bytes of memory in use."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def report(short: bool, runs: int, svg: Path) -> None:
    """Measure all, print, draw."""
    flow_steps, kept_steps = (STEPS[:2], KEPT[:1]) if short else (STEPS, KEPT)
    curves = [
        Curve("µs a packet, by connections open", [(step, _least("flows", step, runs)) for step in flow_steps]),
        Curve("µs a response, by responses kept", [(step, _least("kept", step, runs)) for step in kept_steps]),
        Curve("µs a response, grouped by connection", [(step, _least("grouped", step, runs)) for step in kept_steps]),
    ]
    print("\n## Growth\n\nThe least of the runs, so that what else the machine does tells little.\n")
    rows = [
        (curve.title, f"{x:,}", number(y), number(y / curve.points[0][1])) for curve in curves for x, y in curve.points
    ]
    print(table(("cost", "at", "µs", "× the first"), rows), flush=True)
    svg.write_text(plot(curves))
    print(f"\nPlot: {svg}")
    found = _child("memory", kept_steps[-1])
    print(
        f"\n{kept_steps[-1]:,} responses of 12 fields kept without bodies: {found['bytes']:,.0f} bytes each, "
        f"{found['MB']:,.0f} MB in all; longest pause of the collector {found['pause']:.0f} ms.",
        flush=True,
    )


def _least(kind: str, count: int, runs: int) -> float:
    return min(_child(kind, count)["µs"] for _ in range(runs))


def _child(kind: str, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.scale", kind, str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ)
    return json.loads(done.stdout)


KINDS: dict[str, Callable[[int], dict[str, float]]] = {
    "flows": flows_as_in_the_engine,
    "kept": kept,
    "grouped": partial(kept, group="flow"),
    "memory": memory,
}


if __name__ == "__main__":
    print(json.dumps(KINDS[sys.argv[1]](int(sys.argv[2]))))
