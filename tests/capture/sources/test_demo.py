"""The demo: what its clients saw comes out, twice the same, at once or at its own pace."""

import gzip
import json
import subprocess
import threading
from collections import Counter
from importlib.resources import files
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from httpresp_capture import sources
from httpresp_capture.records.events import CaptureEvent, CaptureStatus
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import Completeness, Framing
from httpresp_capture.sources import Source
from httpresp_capture.sources.demo import DemoSource
from recordings import diaries

TRUTH: dict[str, Any] = json.loads(
    gzip.decompress((Path(__file__).parents[2] / "recordings/captures/demo.expected.json.gz").read_bytes())
)


def replay(pace: float = 0) -> list[CaptureEvent]:
    source: Source = DemoSource(Limits(), pace)
    events: list[CaptureEvent] = []
    source.run(events.extend)
    return events


@pytest.fixture(scope="module")
def shown() -> list[Response]:
    return diaries.responses(replay())


def test_every_response_that_a_client_saw_is_shown_as_it_saw_it(shown: list[Response]) -> None:
    found = diaries.shown(shown)
    expected = diaries.expected(TRUTH["responses"])
    assert {connection: found[connection] for connection in expected} == expected
    assert sum(len(seen) for seen in expected.values()) > 150


def test_the_lost_packets_are_told_as_gaps_and_nothing_else_is_lost(shown: list[Response]) -> None:
    hit = [response for response in shown if response.gaps]
    assert {response.flow.client_port for response in hit} == {TRUTH["lossy"]}
    assert [response.request.target for response in hit if response.request] == ["/stock.csv"]
    assert hit[0].completeness is Completeness.GAP
    assert hit[0].body_bytes + hit[0].missing_bytes == hit[0].declared


@pytest.mark.parametrize("name", ["shuffled", "tagged"])
def test_reordered_repeated_and_tagged_packets_cost_nothing(shown: list[Response], name: str) -> None:
    ours = [response for response in shown if response.flow.client_port == TRUTH[name]]
    assert [response.completeness for response in ours] == [Completeness.COMPLETE] * 3
    assert {response.flow.vlan for response in ours} == ({(42,)} if name == "tagged" else {()})


def test_there_is_something_of_everything(shown: list[Response]) -> None:
    assert 150 <= len(shown) <= 300
    assert {response.status // 100 for response in shown} >= {1, 2, 3, 4, 5}
    assert {response.status for response in shown} >= {100, 101, 103, 204, 206, 304, 308, 404, 429, 502, 504}
    assert {response.framing for response in shown} == set(Framing)
    assert {response.flow.version for response in shown} == {4, 6}
    assert {"gzip"} <= {response.header("content-encoding") for response in shown}
    assert any(len(response.headers.all("set-cookie")) == 2 for response in shown)
    assert any(response.trailers for response in shown)
    assert any(response.completeness is Completeness.CLOSED_EARLY for response in shown)
    problems = Counter(problem.name for response in shown for problem in response.problems)
    assert {"obs-fold", "differing-lengths", "bare-lf", "control-bytes", "bad-chunk-size"} <= problems.keys()


def test_the_encrypted_flows_are_counted() -> None:
    last = replay()[-1]
    assert isinstance(last, CaptureStatus)
    assert last.counters.flows_encrypted == 7
    assert (last.fraction, last.ended) == (1.0, True)


def test_every_run_gives_the_same_events_at_any_pace() -> None:
    def without_status(events: list[CaptureEvent]) -> list[CaptureEvent]:
        return [event for event in events if not isinstance(event, CaptureStatus)]

    assert without_status(replay()) == without_status(replay(0.05)) == without_status(replay())


def test_a_replay_can_be_stopped_and_says_that_it_ended() -> None:
    source = DemoSource(Limits(), pace=1_000)
    events: list[CaptureEvent] = []
    begun = threading.Event()

    def emit(batch: list[CaptureEvent]) -> None:
        events.extend(batch)
        begun.set()

    thread = threading.Thread(target=source.run, args=(emit,))
    thread.start()
    assert begun.wait(120)
    source.stop()
    thread.join(120)
    assert not thread.is_alive()
    assert isinstance(events[-1], CaptureStatus)
    assert events[-1].ended
    assert events[-1].fraction is not None
    assert events[-1].fraction < 1


@pytest.mark.skipif(not which("tshark"), reason="tshark is not installed")
def test_tshark_finds_the_same_responses(shown: list[Response], tmp_path: Path) -> None:
    capture = tmp_path / "demo.pcapng"
    capture.write_bytes(gzip.decompress(files(sources).joinpath("demo.pcapng.gz").read_bytes()))
    ports = (
        "-d",
        "tcp.port==50051,http2",
        "-d",
        "tcp.port==3000,http",
        "-d",
        "tcp.port==8081,http",
        "-o",
        "tcp.reassemble_out_of_order:TRUE",
    )
    wanted = ("-Y", "http.response or http2.headers.status", "-T", "fields", "-e", "tcp.dstport")
    fields = (*wanted, "-e", "http.response.code", "-e", "http2.headers.status")
    command = ["tshark", "-r", str(capture), *ports, *fields]
    table = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    theirs: Counter[tuple[int, int]] = Counter()
    for line in table.splitlines():
        port, *codes = line.split("\t")
        theirs.update((int(port), int(code)) for code in ",".join(filter(None, codes)).split(","))
    ours = Counter((response.flow.client_port, response.status) for response in shown)
    assert not theirs - ours
    # It reports a message when it is whole, takes the last of two lengths, and gives a HEAD in a pipeline a body.
    blind = {
        (response.flow.client_port, response.status)
        for response in shown
        if response.completeness is not Completeness.COMPLETE
        or "differing-lengths" in [problem.name for problem in response.problems]
        or (response.request and response.request.method == "HEAD")
    }
    assert (ours - theirs).keys() <= blind
    assert sum(response.is_response for response in shown) - theirs.total() < 12
