"""Memory stays where it is, however long hostile traffic goes on: a short version of `python -m soak`.

Each case runs through small limits; twice as many packets must not hold more memory than once as many.
"""

import tracemalloc
from itertools import islice

import pytest

from httpresp_capture.events import Interface
from httpresp_capture.limits import Limits
from httpresp_capture.pipeline import Pipeline
from soak.cases import CASES, Case

SMALL = Limits(
    flows=200, held_bytes=20_000, held_total=100_000, head_bytes=20_000, body_bytes=2_000, idle_ns=60_000_000_000,
    pending_requests=50,
)  # fmt: skip
ETHERNET = Interface(0, "bounds0", 1)
ROUND = 2_000
SLACK = 150_000
"""Bytes that may come and go: a head half read, a table that grew."""


def held_after(case: Case, rounds: int) -> list[int]:
    """Bytes held after each round of packets."""
    pipeline = Pipeline(SMALL)
    source = case.packets()
    next(source)
    held: list[int] = []
    tracemalloc.start()
    try:
        for _ in range(rounds):
            for at, frame in islice(source, min(ROUND, case.full // 50)):
                pipeline.feed(at, frame, 0, len(frame), len(frame), ETHERNET)
                pipeline.take()
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    return held


@pytest.fixture(autouse=True)
def small_memory_of_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes kept to compare repeats with have a bound of their own, too large to be reached here."""
    monkeypatch.setattr("httpresp_capture.assembler._RECENT_TOTAL", 100_000)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CASES if name != "ordinary"])
def test_what_is_held_does_not_grow(name: str) -> None:
    held = held_after(CASES[name], 3)
    assert held[2] <= max(held[0], held[1]) + SLACK, held
    assert held[2] < 4_000_000, held


@pytest.mark.parametrize(
    ("name", "counter"),
    [
        ("syn-flood", "flows_evicted"),
        ("flow-per-packet", "flows_evicted"),
        ("half-open", "flows_evicted"),
        ("every-other-lost", "gaps"),
        ("scattered", "held_dropped"),
        ("fragments", "fragments_lost"),
        ("contradictions", "conflicts"),
        ("never-answered", "unanswered"),
        ("endless-chunk", "bodies_cut"),
    ],
)
def test_what_is_let_go_is_counted(name: str, counter: str) -> None:
    pipeline = Pipeline(SMALL)
    for at, frame in islice(CASES[name].packets(), min(3_000, CASES[name].full // 50)):
        pipeline.feed(at, frame, 0, len(frame), len(frame), ETHERNET)
        pipeline.take()
    pipeline.finish()
    assert getattr(pipeline.counters(), counter) > 0
