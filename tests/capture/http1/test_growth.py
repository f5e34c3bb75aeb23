"""An open response is told again as it grows, where that is asked for: in time, seldom, and never otherwise."""

from pathlib import Path
from typing import Any

import pytest

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.events import CaptureEvent, ResponseGrew, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.limits import Limits
from traffic.frames import ETHERNET
from traffic.scenario import Player, Scenario, load
from traffic.watching import Watched, Watcher

SCENARIOS = load(Path(__file__).parents[2] / "scenarios")
ASKS = {"from": "client", "bytes": "GET /events HTTP/1.1\r\nHost: a\r\n\r\n"}
STREAMS = {"from": "server", "bytes": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}
ANOTHER = {"flow": "b", **ASKS}
"""A packet of somebody else, by which time passes."""
INTERFACE = Interface(0, "eth0", ETHERNET)
EVERY = 250_000_000


def says(text: str, **more: Any) -> dict[str, Any]:
    return {"from": "server", "bytes": f"{len(text):x}\r\n{text}\r\n", **more}


class Recording(Watcher):
    """Keeps what has grown, too."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.grown: list[Response] = []

    def _keep(self, event: CaptureEvent) -> None:
        super()._keep(event)
        if isinstance(event, ResponseGrew):
            assert event.response.end is None
            self.grown.append(event.response)


def play(*steps: dict[str, Any], **limits: int) -> tuple[list[Response], Watched]:
    player = Player(Scenario("", {"steps": list(steps)}))
    watcher = player.watcher = Recording(Limits(**{"progress_ns": EVERY, **limits}))
    watched = player.play()
    return watcher.grown, watched


def test_what_a_stream_has_brought_so_far_is_told() -> None:
    grown, watched = play(
        ASKS,
        STREAMS,
        says("one ", after=500),
        says("two ", after=500),
        says("three", after=500),
        {**ANOTHER, "after": 500},
    )
    assert [response.body for response in grown] == [b"one ", b"one two ", b"one two three"]
    assert [response.body_bytes for response in grown] == [4, 8, 13]
    assert watched.responses[0].body == b"one two three"


def test_it_is_told_a_few_times_a_second_however_much_comes() -> None:
    grown, _ = play(ASKS, STREAMS, *(says("x", after=10) for _ in range(300)))
    assert 9 <= len(grown) <= 12, "three seconds"


def test_without_new_bytes_nothing_is_told() -> None:
    grown, _ = play(ASKS, STREAMS, says("x"), *({**ANOTHER, "after": 500} for _ in range(10)))
    assert len(grown) == 1


def test_time_that_passes_without_a_packet_tells_it_too() -> None:
    grown, _ = play(ASKS, STREAMS, says("x"), {"tick": 1}, {"tick": 1})
    assert [response.body for response in grown] == [b"x"]


def test_the_size_grows_where_nothing_more_of_the_body_is_kept() -> None:
    """The packet loop passes over such bytes without a call."""
    head = {"from": "server", "bytes": "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"}
    pieces = [{"from": "server", "bytes": "y" * 1000, "after": 100} for _ in range(100)]
    grown, watched = play(ASKS, head, *pieces, body_bytes=2_500)
    sizes = [response.body_bytes for response in grown]
    assert sizes == sorted(set(sizes))
    assert 8 <= len(sizes) <= 16, "ten seconds; the whole body was told after a quarter of one"
    assert {len(response.body) for response in grown[2:]} == {2_500}
    (row,) = watched.responses
    assert (row.body_bytes, row.wire_bytes, row.end) == (100_000, 100_000 + len(row.head), "length reached")


def test_nothing_is_told_unless_it_was_asked_for() -> None:
    grown, watched = play(ASKS, STREAMS, says("x", after=500), says("y", after=500), {"tick": 5}, progress_ns=0)
    assert not grown
    assert watched.responses[0].body == b"xy"


def test_of_many_open_responses_each_has_its_turn() -> None:
    flows = [f"f{number}" for number in range(200)]
    opening = [step for flow in flows for step in ({"flow": flow, **ASKS}, {"flow": flow, **STREAMS})]
    growing = [{"flow": flow, **says("x", after=0)} for flow in flows]
    grown, _ = play(*opening, *growing, *({**ANOTHER, "after": 110} for _ in range(4)))
    assert sorted(response.flow.id for response in grown) == list(range(1, 201))


def test_when_a_pipe_is_quiet_the_rest_is_told_at_once() -> None:
    player = Player(Scenario("", {"steps": [ASKS, STREAMS, says("x"), says("y")]}))
    pipeline = Pipeline(Limits(progress_ns=EVERY))
    for step in player.told["steps"]:
        for frame in player.frames(step):
            pipeline.feed(frame.at, frame.data, 0, len(frame.data), frame.wire_length, INTERFACE)
    seen = [event for event in pipeline.take() if isinstance(event, ResponseSeen)]
    assert len(seen) == 1
    pipeline.tell_growth(player.at, quiet=True)
    (event,) = pipeline.take()
    assert isinstance(event, ResponseGrew)
    assert event.response.body == b"xy"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.title)
def test_telling_of_growth_changes_nothing_else(scenario: Scenario) -> None:
    plain = Player(scenario).play()
    player = Player(scenario)
    player.watcher = Recording(Limits(**{**scenario.told.get("limits", {}), "progress_ns": 1}))
    assert player.play() == plain
