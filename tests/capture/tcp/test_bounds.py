"""Memory stays where it is, however long hostile traffic goes on: a short version of `python -m soak`.

Each case runs through small limits; twice as many packets must not hold more memory than once as many.
"""

import tracemalloc
from itertools import islice

import pytest

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.limits import REQUEST_COST, Limits
from soak.case import Case
from soak.cases import CASES
from wrapped import CLIENT4, SERVER4, ethernet, ip4, tcp

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
    if case.keys:
        pipeline.expect_secrets()
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
    monkeypatch.setattr("httpresp_capture.tcp.overlap._TOTAL", 100_000)
    # What waits for keys has one, too.
    monkeypatch.setattr("httpresp_capture.tls.session.MOST_PARKED", 100_000)
    monkeypatch.setattr("httpresp_capture.tls.conversation.MOST_PARKED", 400_000)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CASES if name != "ordinary"])
def test_what_is_held_does_not_grow(name: str) -> None:
    held = held_after(CASES[name], 3)
    assert held[2] <= max(held[0], held[1]) + SLACK, held
    assert held[2] < 4_000_000, held


@pytest.mark.slow
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
        ("h2-rapid-reset", "unanswered"),
        ("h2-unanswered", "unanswered"),
        ("h2-endless", "responses"),
        ("h2-bombs", "responses"),
        ("tls-no-keys", "flows_encrypted"),
    ],
)
def test_what_is_let_go_is_counted(name: str, counter: str) -> None:
    pipeline = Pipeline(SMALL)
    for at, frame in islice(CASES[name].packets(), min(3_000, CASES[name].full // 50)):
        pipeline.feed(at, frame, 0, len(frame), len(frame), ETHERNET)
        pipeline.take()
    pipeline.finish()
    assert getattr(pipeline.counters(), counter) > 0


def test_requests_that_wait_in_many_connections_have_one_bound_and_the_oldest_are_given_up() -> None:
    head = b"GET /%d HTTP/1.1\r\nCookie: " + b"c" * 400 + b"\r\n\r\n"
    cost = len(head) + REQUEST_COST
    pipeline = Pipeline(Limits(pending_bytes=20 * cost))
    waiting: list[Request] = []
    for number in range(60):
        port, turn = 5_000 + number % 6, number // 6
        data = head % (number % 10)
        segments = [tcp(port, 80, 100 + turn * len(data), 1, 24, data)]
        if not turn:
            segments.insert(0, tcp(port, 80, 99, 0, 2))
        for segment in segments:
            frame = ethernet(ip4(segment, CLIENT4 + SERVER4))
            pipeline.feed(1_000_000 * number, frame, 0, len(frame), len(frame), ETHERNET)
        waiting = [request for dialogue in pipeline.table.connections for request in dialogue.application.waiting()]
        assert len(waiting) * cost <= pipeline.limits.pending_bytes * 9 // 8
    rows = [event.response for event in pipeline.take() if isinstance(event, ResponseSeen)]
    assert {row.problems[0].detail for row in rows} == {"too many waiting"}
    assert len(waiting) + len(rows) == 60
    assert pipeline.counters().unanswered == len(rows) >= 36
    given_up = [row.request.sent_at for row in rows if row.request is not None]
    assert given_up == sorted(given_up)
    assert max(given_up) < min(request.sent_at for request in waiting)
