"""Loss does not snowball: what one lost packet costs is the same however many were lost before it.

Long kept-alive connections at full speed, of which one packet in a hundred is not captured, whatever it is: each always
has a hole somewhere. Time is that of the capture.
"""

from dataclasses import dataclass, field
from random import Random

import pytest

from benchmarks.cases import ASKED, Talk
from benchmarks.wire import START, Frames, mixed, new_line
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.events import CaptureEvent, ResponseSeen
from httpresp_capture.records.flow import Interface
from httpresp_capture.tcp.packet import OVERHEAD

ETHERNET = Interface(0, "eth0", 1)
STEP_NS = 40_000
"""From one packet to the next."""
CONNECTIONS, EACH = 8, 1_500


@dataclass
class Seen:
    """What came out, and when."""

    rows: int = 0
    stolen: list[str] = field(default_factory=list[str])
    """Responses with another's request."""
    without: set[str] = field(default_factory=set[str])
    """Numbers of responses that stand without a request."""
    unanswered: set[str] = field(default_factory=set[str])
    """Numbers of requests that are said to have no response."""
    latest_ns: int = 0
    """The longest that a finished response waited."""
    held: int = 0
    """The most that was held at any time."""

    def take(self, events: list[CaptureEvent], now: int) -> None:
        for event in events:
            if not isinstance(event, ResponseSeen):
                continue
            row = event.response
            if row.unanswered:
                assert row.request is not None
                self.unanswered.add(number_asked(row.request.target))
                continue
            self.rows += 1
            number = row.header("x-number")
            if row.request is None:
                self.without.add(number)
            elif number_asked(row.request.target) != number:
                self.stolen.append(f"{number} for {row.request.target}")
            assert row.ended_at is not None
            self.latest_ns = max(self.latest_ns, now - row.ended_at)


def number_asked(target: str) -> str:
    return target.rpartition("/")[2].partition("?")[0]


def conversations(talk: Talk) -> list[Frames]:
    return [talk.exchanges(new_line(talk.rng, line), EACH, lambda: talk.response(b"[]")) for line in range(CONNECTIONS)]


@pytest.mark.slow
def test_one_lost_packet_in_a_hundred_costs_what_it_held_and_no_more() -> None:
    rng, chance = Random(11), Random(12)
    talk = Talk(rng)
    pipeline, seen = Pipeline(), Seen()
    lost_answers: set[str] = set()
    lost_requests: set[str] = set()
    at, packets, size = START * 1_000_000_000, 0, 0
    for frame in mixed(rng, conversations(talk), CONNECTIONS):
        at += STEP_NS
        if chance.random() < 0.01:
            if (place := frame.find(b"X-Number: ")) > 0:
                lost_answers.add(frame[place + 10 : frame.index(b"\r", place)].decode())
            elif (place := frame.find(ASKED[:18])) > 0:
                lost_requests.add(frame[place + 18 : frame.index(b"?", place)].decode())
            continue
        packets += 1
        size += len(frame) + OVERHEAD
        pipeline.feed(at, frame, 0, len(frame), len(frame), ETHERNET)
        seen.take(pipeline.take(), at)
        seen.held = max(seen.held, pipeline.table.tally.held)
    span = at - START * 1_000_000_000
    pipeline.finish()
    seen.take(pipeline.take(), at)
    explained = len(lost_answers)
    assert explained > 80
    assert span > 1_000_000_000
    assert seen.rows == talk.responses - explained
    assert seen.stolen == []
    assert len(seen.unanswered - lost_answers) <= explained // 10
    assert len(seen.without - lost_requests) <= explained // 10
    assert seen.latest_ns <= 500_000_000
    assert seen.held <= 0.4e9 * size / span
    assert pipeline.table.tally.held == 0
