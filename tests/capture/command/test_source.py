"""Of a live source, what is told while a command runs."""

import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from httpresp_capture.analysis.coverage import not_read_words
from httpresp_capture.command.child import Child
from httpresp_capture.command.folder import PrivateFolder
from httpresp_capture.command.source import KEPT, MOST_KEPT, CommandSource, OwnFlows
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    FlowEnded,
    ResponseChanged,
    ResponseSeen,
)
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.tls import FAILED, NO_KEY, Tls
from httpresp_capture.records.unread import OF_OTHERS, WORDS, WROTE_NO_KEY, Kind, Unread
from httpresp_capture.sources import Emit, ReadingSource
from samples import FLOW, START, encrypted, response, unanswered

OURS, THEIRS = FLOW, replace(FLOW, id=99, client="10.0.0.77")


def seen(flow: Flow, number: int = 1) -> ResponseSeen:
    return ResponseSeen(replace(response(), flow=flow, id=number))


class Bench:
    """`OwnFlows` with a clock and owners of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.own: set[int] = set()
        self.told: list[CaptureEvent] = []
        self.flows = OwnFlows(lambda flow: flow.id in self.own, self.told.extend, lambda: self.now)

    def status(self, *, ended: bool = False) -> None:
        self.flows.take([CaptureStatus(Counters(packets=5, responses=40, unanswered=7), START, ended=ended)])


def test_only_the_commands_flows_are_told() -> None:
    bench = Bench()
    bench.own = {OURS.id}
    ended = FlowEnded(OURS, START, EndReason.SERVER_FIN)
    bench.flows.take([seen(THEIRS), seen(OURS), FlowEnded(THEIRS, START, EndReason.SERVER_FIN), ended])
    assert bench.told == [seen(OURS), ended]


def test_an_owner_who_becomes_known_late_misses_nothing() -> None:
    bench = Bench()
    bench.flows.take([seen(OURS, 1), seen(THEIRS, 2)])
    bench.now += KEPT / 2
    bench.own = {OURS.id}
    bench.flows.take([seen(OURS, 3)])
    assert bench.told == [seen(OURS, 1), seen(OURS, 3)]


def test_what_nobody_owns_is_counted_once() -> None:
    bench = Bench()
    for number in range(3):
        bench.flows.take([seen(THEIRS, number)])
        bench.now += KEPT + 1
        bench.status()
    assert bench.flows.foreign == 1
    status = bench.told[-1]
    assert isinstance(status, CaptureStatus)
    assert [each.text for each in status.counters.unread] == ["1 connection of other programs' HTTP or TLS"]
    assert not [event for event in bench.told if isinstance(event, ResponseSeen)]


def test_what_is_kept_is_bounded() -> None:
    bench = Bench()
    bench.flows.take([seen(replace(THEIRS, id=number)) for number in range(MOST_KEPT + 10)])
    assert bench.flows.foreign == 10
    bench.status(ended=True)
    assert bench.flows.foreign == MOST_KEPT + 10


def test_what_was_told_makes_room_for_what_is_kept() -> None:
    bench = Bench()
    for number in range(3):
        flow = replace(OURS, id=100 + number)
        bench.flows.take([seen(flow)] * (MOST_KEPT // 2))
        bench.own.add(flow.id)
        bench.status()
    bench.flows.take([seen(THEIRS), seen(OURS)])
    bench.own |= {THEIRS.id, OURS.id}
    bench.status()
    assert bench.flows.foreign == 0
    assert seen(THEIRS) in bench.told
    assert seen(OURS) in bench.told


def test_responses_are_counted_as_they_are_told() -> None:
    bench = Bench()
    bench.own = {OURS.id}
    bench.flows.take([seen(OURS), ResponseSeen(replace(unanswered(), flow=OURS)), seen(THEIRS)])
    bench.status()
    (status,) = [event for event in bench.told if isinstance(event, CaptureStatus)]
    counters = status.counters
    assert (counters.responses, counters.unanswered, counters.packets) == (1, 1, 5)


def test_tls_that_is_not_read_is_the_commands_own_and_others_connections_are_others() -> None:
    """The capture counts every connection on the interface, with the reason why it is not read."""
    bench = Bench()
    bench.own = {OURS.id}
    for number, (flow, state) in enumerate([(OURS, NO_KEY), (OURS, FAILED), (THEIRS, NO_KEY)], 1):
        row = encrypted(flow=replace(flow, tls=Tls(state=state)), id=number, end=None)
        over = ResponseChanged(replace(row, end=EndReason.SERVER_FIN))
        bench.flows.take([ResponseSeen(row), ResponseChanged(row), over, over])
    silent = Unread("without a byte of payload", 1, "connection")
    every = (Unread(WORDS[Kind.TLS_NO_KEY], 2, "connection"), Unread(WORDS[Kind.TLS_FAILED], 1, "connection"), silent)
    bench.flows.take([CaptureStatus(Counters(encrypted=3, flows_encrypted=3, unread=every), START, ended=True)])
    (counters,) = [event.counters for event in bench.told if isinstance(event, CaptureStatus)]
    assert (counters.encrypted, counters.flows_encrypted) == (2, 2)
    assert {one.kind: one.count for one in counters.unread} == {
        WROTE_NO_KEY: 1,
        WORDS[Kind.TLS_FAILED]: 1,
        silent.kind: 1,
        OF_OTHERS: 1,
    }
    assert "encrypted connection" not in " ".join(not_read_words(counters))


def test_a_failure_is_told_whosever_it_is() -> None:
    bench = Bench()
    bench.flows.take([CaptureFailed("no more.")])
    assert bench.told == [CaptureFailed("no more.")]


class Wire(ReadingSource):
    """A source that emits one batch, and waits until it is stopped."""

    label = "any"
    live = True

    def __init__(self, *events: CaptureEvent) -> None:
        self._events = list(events)
        self._stopped = threading.Event()

    def run(self, emit: Emit) -> None:
        emit(self._events)
        assert self._stopped.wait(30)
        emit([CaptureStatus(Counters(), START, ended=True)])

    def stop(self) -> None:
        self._stopped.set()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[PrivateFolder]:
    made = PrivateFolder(tmp_path)
    yield made
    made.close()


@pytest.mark.slow
def test_the_capture_ends_with_the_command_and_the_keys_go(folder: PrivateFolder) -> None:
    code = (
        "import os, sys; file = os.environ['HTTPRESP_TUI_SOCKETS'] if 'LD_PRELOAD' in os.environ else sys.argv[1];"
        "open(file, 'a').write('10.0.0.9 50322 10.0.0.1 8080\\n'); print('done'); sys.exit(5)"
    )
    told: list[CaptureEvent] = []
    printed: list[bytes] = []
    child = Child([sys.executable, "-c", code, str(folder.sockets)], folder)
    source = CommandSource(Wire(seen(OURS), seen(THEIRS)), child, printed.append)
    source.run(told.extend)
    assert [event.response.flow for event in told if isinstance(event, ResponseSeen)] == [OURS]
    assert (source.status, source.foreign, b"".join(printed)) == (5, 1, b"done\n")
    assert source.label.startswith(f"{sys.executable} -c")
    assert not folder.path.exists()


def test_a_run_that_is_stopped_ends_the_command(folder: PrivateFolder) -> None:
    child = Child(["sleep", "600"], folder)
    source = CommandSource(Wire(), child, lambda _: None)
    threading.Timer(0.3, source.stop).start()
    source.run(lambda _: None)
    assert source.status == 143
