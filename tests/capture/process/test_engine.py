"""A source in a child process: the same events, an end that is told, and nothing left behind."""

import errno
import faulthandler
import gc
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from capture_bytes import pcap_header, pcap_packet
from capturing import needs_capture
from httpresp_capture.process.engine import HEAD, EngineSource, Outgoing
from httpresp_capture.process.event_codec import EventDecoder, EventEncoder
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    FlowEnded,
    ResponseChanged,
    ResponseSeen,
)
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.sources import Emit, ReadingSource, Source
from httpresp_capture.sources.demo import DemoSource
from httpresp_capture.sources.file.source import FileSource
from httpresp_capture.sources.live.source import LiveSource
from samples import FLOW, response

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent.parent / "shared" / "corpus"
CAPTURES = [*(ROOT / "recordings" / "captures").glob("*.pcap*"), *CORPUS.glob("*.pcap*"), *CORPUS.glob("nasty/*.pcap*")]
SERVER = """
import http.server
class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = b"x" * int(self.path[1:])
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Page)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """No descriptor and no child, dead or alive, whatever a test did."""
    gc.collect()
    before = descriptors()
    yield
    assert descriptors() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def descriptors() -> list[str]:
    return sorted(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else []


@contextmanager
def serving() -> Generator[int]:
    """A server in a process, since the engine forks before there are threads."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def get(port: int, size: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=120) as client:
        client.sendall(b"GET /%d HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n" % size)
        while client.recv(65_536):
            pass


class Running:
    """A source on a thread; `events` is whole once `wait` has returned."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.events: list[CaptureEvent] = []
        self.came = threading.Condition()
        self.thread = threading.Thread(target=source.run, args=(self._take,))
        self.thread.start()

    def _take(self, batch: list[CaptureEvent]) -> None:
        with self.came:
            self.events += batch
            self.came.notify_all()

    def until(self, condition: Callable[[list[CaptureEvent]], object]) -> None:
        with self.came:
            assert self.came.wait_for(lambda: condition(self.events), 180)

    def wait(self) -> list[CaptureEvent]:
        self.thread.join(180)
        assert not self.thread.is_alive()
        return self.events


def lasting(events: list[CaptureEvent]) -> list[CaptureEvent]:
    """Without what depends on when somebody looked."""
    return [event for event in events if not isinstance(event, CaptureStatus) or event.ended]


def failures(events: list[CaptureEvent]) -> list[str]:
    return [event.message for event in events if isinstance(event, CaptureFailed)]


class Script(ReadingSource):
    """A source that does as it was told."""

    label = "eth0"

    def __init__(self, play: Callable[[Emit, threading.Event], None], live: bool = True) -> None:
        self.live = live
        self.closed = False
        self._play = play
        self._stopping = threading.Event()

    def run(self, emit: Emit) -> None:
        self._play(emit, self._stopping)

    def stop(self) -> None:
        self._stopping.set()

    def close(self) -> None:
        self.closed = True


def rows(count: int) -> list[CaptureEvent]:
    return [ResponseSeen(response(id=id)) for id in range(1, count + 1)]


BIG: list[CaptureEvent] = [ResponseSeen(response(id=1, body=b"b" * 3_000_000))]
"""More than a pipe takes."""
ENDED = CaptureStatus(Counters(packets=5), 7, None, True)


# --- the same events


@pytest.mark.slow
@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_a_file_gives_the_same_events_as_without_an_engine(path: Path) -> None:
    plain: list[CaptureEvent] = []
    FileSource.open(str(path), Limits()).run(plain.extend)
    got: list[CaptureEvent] = []
    EngineSource(FileSource.open(str(path), Limits())).run(got.extend)
    assert lasting(got) == lasting(plain)


def test_the_demo_gives_the_same_events_too() -> None:
    plain: list[CaptureEvent] = []
    DemoSource(Limits(), 0).run(plain.extend)
    got: list[CaptureEvent] = []
    EngineSource(DemoSource(Limits(), 0)).run(got.extend)
    assert got == plain


def test_standard_input_is_read_by_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    read_end, write_end = os.pipe()
    monkeypatch.setattr(os, "dup", {0: read_end}.__getitem__)
    monkeypatch.setattr(os, "isatty", {0: False}.__getitem__)
    source = FileSource.open("-", Limits())
    os.write(write_end, pcap_header())
    source.wait_first()
    running = Running(EngineSource(source))
    os.write(write_end, pcap_packet(1, b"later"))
    running.until(lambda events: any(isinstance(e, CaptureStatus) and e.counters.packets == 1 for e in events))
    running.source.stop()
    [last] = lasting(running.wait())
    os.close(write_end)
    assert isinstance(last, CaptureStatus)
    assert last == CaptureStatus(Counters(packets=1, bytes=5, malformed=1), last.at, None, True)


@needs_capture
def test_a_live_capture_goes_through(tmp_path: Path) -> None:
    path = tmp_path / "kept.pcapng"
    with serving() as port:
        source = LiveSource.open(["lo"], ports=[port], buffer_mb=4, write_path=path)
        source.begin()
        engine = EngineSource(source)
        assert (engine.label, engine.live, engine.filter_text) == ("lo", True, source.filter_text)
        running = Running(engine)
        sizes = [0, 10, 5_000, 300_000]
        for size in sizes:
            get(port, size)
        running.until(lambda events: sum(isinstance(event, FlowEnded) for event in events) == len(sizes))
        engine.stop()
        events = running.wait()
    assert failures(events) == []
    assert [e.response.declared for e in events if isinstance(e, ResponseSeen)] == sizes
    last = events[-1]
    assert isinstance(last, CaptureStatus)
    assert last.ended
    assert (last.counters.responses, last.counters.kernel_drops) == (4, 0)
    # What the child has recorded is a whole file, with one beginning.
    again: list[CaptureEvent] = []
    FileSource.open(str(path), Limits()).run(again.extend)
    assert [e.response.declared for e in again if isinstance(e, ResponseSeen)] == sizes
    assert failures(again) == []


@pytest.mark.slow
@needs_capture
def test_the_sockets_are_the_childs_alone() -> None:
    before = descriptors()
    with closing(EngineSource(LiveSource.open(["lo"], ports=[1], buffer_mb=4))):
        assert len(descriptors()) == len(before) + 2, "the two pipes"


# --- ends


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_child_that_was_killed_is_told(number: signal.Signals) -> None:
    def play(emit: Emit, stopping: threading.Event) -> None:
        # Of the test runner: it would tell of the signal.
        faulthandler.disable()
        emit([*rows(2), CaptureStatus(Counters(packets=4), 6)])
        stopping.wait()

    engine = EngineSource(Script(play))
    running = Running(engine)
    running.until(lambda events: len(events) == 3)
    os.kill(engine.pid, number)
    assert running.wait()[2:] == [
        CaptureStatus(Counters(packets=4), 6),
        CaptureFailed(
            f"The capture broke off: its process was ended by {number.name}. "
            "What was captured stays; start anew to go on."
        ),
        CaptureStatus(Counters(packets=4), 6, None, True),
    ]
    engine.stop()
    engine.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_capture_whose_child_is_told_to_end_ends_in_order(number: signal.Signals) -> None:
    def play(emit: Emit, stopping: threading.Event) -> None:
        faulthandler.disable()
        emit(rows(2))
        while not stopping.wait(0.05):
            pass
        # What is open is closed here, the file of -w too.
        emit([*rows(1), ENDED])

    # What was started to ignore a signal goes on doing so, and whoever runs the tests may have been.
    before = signal.signal(number, signal.SIG_DFL)
    try:
        engine = EngineSource(Script(play))
    finally:
        signal.signal(number, before)
    running = Running(engine)
    running.until(lambda events: len(events) == 2)
    os.kill(engine.pid, number)
    said = f"its process was ended by {number.name}"
    *came, failed, last = running.wait()
    assert came == [*rows(2), *rows(1), ENDED]
    assert isinstance(failed, CaptureFailed)
    assert said in failed.message
    assert last == ENDED


def test_a_batch_that_was_cut_when_the_child_died_is_left_out() -> None:
    def play(emit: Emit, _: threading.Event) -> None:
        emit(rows(1))
        # What the pipe does not take waits in the child.
        emit(BIG)
        os._exit(3)

    got: list[CaptureEvent] = []
    engine = EngineSource(Script(play))
    os.waitid(os.P_PID, engine.pid, os.WEXITED | os.WNOWAIT)
    engine.run(got.extend)
    assert got[:-2] == rows(1)
    assert failures(got) == [
        "The capture broke off: its process ended with status 3. What was captured stays; start anew to go on."
    ]
    assert got[-1] == CaptureStatus(Counters(), 0, None, True)


def test_an_error_of_a_source_is_told_with_its_place() -> None:
    def play(emit: Emit, _: threading.Event) -> None:
        emit(rows(1))
        raise ZeroDivisionError("on purpose")

    got: list[CaptureEvent] = []
    EngineSource(Script(play)).run(got.extend)
    [message] = failures(got)
    assert "ZeroDivisionError: on purpose at test_engine.py:" in message
    assert got[-1] == CaptureStatus(Counters(), 0, None, True)


def test_a_taker_that_raises_does_not_leave_the_child_behind() -> None:
    def play(emit: Emit, stopping: threading.Event) -> None:
        emit(rows(1))
        stopping.wait()

    got: list[CaptureEvent] = []

    def take(batch: list[CaptureEvent]) -> None:
        if not got:
            got.append(CaptureFailed("first"))
            raise ZeroDivisionError("on purpose")
        got.extend(batch)

    EngineSource(Script(play)).run(take)
    assert "ZeroDivisionError: on purpose" in failures(got)[1]


@pytest.mark.parametrize("live", [True, False])
def test_a_stop_is_heard_and_what_is_left_comes(live: bool) -> None:
    def play(emit: Emit, stopping: threading.Event) -> None:
        emit(rows(1))
        stopping.wait()
        emit([*rows(3), ENDED])

    engine = EngineSource(Script(play, live=live))
    running = Running(engine)
    running.until(lambda events: len(events) == 1)
    engine.stop()
    engine.stop()
    assert running.wait() == [*rows(1), *rows(3), ENDED]
    engine.stop()


def test_a_source_that_is_not_run_is_given_up() -> None:
    def play(emit: Emit, stopping: threading.Event) -> None:
        while not stopping.is_set():
            emit(rows(500))
        emit([ENDED])

    for live in (True, False):
        script = Script(play, live=live)
        engine = EngineSource(script)
        assert script.closed
        engine.close()
        engine.close()


def test_a_child_that_does_not_stop_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("httpresp_capture.process.engine.PATIENCE", 0.1)

    def play(_: Emit, __: threading.Event) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        os.kill(os.getpid(), signal.SIGSTOP)

    engine = EngineSource(Script(play))
    os.waitpid(engine.pid, os.WUNTRACED)
    engine.close()


def test_the_child_goes_when_its_parent_was_killed() -> None:
    """The pipe that the grandchild holds ends when it has gone."""
    read_end, write_end = os.pipe()
    middle = os.fork()
    if middle == 0:

        def play(emit: Emit, stopping: threading.Event) -> None:
            os.write(write_end, b"!")
            while not stopping.is_set():
                emit(rows(500))

        EngineSource(Script(play, live=False))
        os.close(write_end)
        signal.pause()
    os.close(write_end)
    assert os.read(read_end, 1) == b"!"
    os.kill(middle, signal.SIGKILL)
    os.waitpid(middle, 0)
    assert select.select([read_end], [], [], 30)[0]
    assert os.read(read_end, 1) == b""
    os.close(read_end)


def test_a_system_that_gives_no_process_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def play(_: Emit, __: threading.Event) -> None:
        pass

    def fork() -> int:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(os, "fork", fork)
    with pytest.raises(CaptureError, match="cannot start a process for the capture: Resource temporarily"):
        EngineSource(Script(play))


def test_the_terminal_is_not_the_childs() -> None:
    def play(emit: Emit, _: threading.Event) -> None:
        where = {os.readlink(f"/proc/self/fd/{number}") for number in (0, 1, 2)}
        print("never on the screen", flush=True)
        os.kill(os.getpid(), signal.SIGINT)
        emit([CaptureFailed(f"{where} {os.getsid(0) == os.getpid()}"), ENDED])

    got: list[CaptureEvent] = []
    EngineSource(Script(play)).run(got.extend)
    assert got == [CaptureFailed("{'/dev/null'} True"), ENDED]


# --- what the pipe does not take


class Pipe:
    """A pipe that is read when a test wants it."""

    def __init__(self, patient: bool = False, queue: int = 1) -> None:
        read_end, write_end = os.pipe()
        self.outgoing = Outgoing(write_end, patient, queue)
        self._file = os.fdopen(read_end, "rb")
        self._decoder = EventDecoder()
        self.lost = 0

    def read(self) -> list[CaptureEvent]:
        """To the end."""
        threading.Thread(target=self.outgoing.finish).start()
        events: list[CaptureEvent] = []
        with self._file:
            while head := self._file.read(HEAD.size):
                size, self.lost = HEAD.unpack(head)
                events += self._decoder.decode(self._file.read(size))
        return events

    def give_up(self) -> None:
        self._file.close()


def test_a_network_does_not_wait_and_what_is_lost_is_counted() -> None:
    pipe = Pipe(queue=900_000)
    pipe.outgoing.emit(BIG)
    end = ResponseChanged(response(id=1))
    news: list[CaptureEvent] = [CaptureStatus(Counters(), 1), CaptureFailed("It broke."), ENDED]
    pipe.outgoing.emit([*rows(3), end, FlowEnded(FLOW, 1, EndReason.IDLE), *news])
    assert pipe.outgoing.lost == 5
    got = pipe.read()
    assert got == [*BIG, CaptureFailed("It broke."), ENDED]
    assert pipe.lost == 5


def test_what_completes_a_row_has_twice_the_space() -> None:
    pipe = Pipe(queue=1_900_000)
    pipe.outgoing.emit(BIG)
    end = ResponseChanged(response(id=1))
    pipe.outgoing.emit([*rows(3), end])
    assert pipe.outgoing.lost == 3
    assert pipe.read() == [*BIG, end]


def test_all_is_taken_again_when_the_pipe_was_emptied() -> None:
    pipe = Pipe(queue=1_000)
    pipe.outgoing.emit(rows(2))
    pipe.outgoing.emit(rows(2_500))
    assert pipe.outgoing.lost == 0
    assert pipe.read() == [*rows(2), *rows(2_500)]


def test_nothing_is_kept_for_a_reader_that_has_gone() -> None:
    pipe = Pipe(patient=True)
    pipe.give_up()
    pipe.outgoing.emit(rows(1))
    assert pipe.outgoing.broken
    pipe.outgoing.emit(BIG)
    pipe.outgoing.finish()


def test_a_head_says_how_long_a_batch_is() -> None:
    pipe = Pipe()
    pipe.outgoing.emit(rows(1))
    data = EventEncoder().encode(rows(1))
    assert os.read(pipe._file.fileno(), 100_000) == HEAD.pack(len(data), 0) + data  # pyright: ignore[reportPrivateUsage]
    assert pipe.read() == []


def test_the_child_is_told_which_file_to_write() -> None:
    told: list[str] = []

    def play(emit: Emit, stopping: threading.Event) -> None:
        stopping.wait(180)
        emit([CaptureFailed(path) for path in told])
        emit([ENDED])

    class Recording(Script):
        def record(self, path: str) -> str:
            told.append(path)
            return ""

    source = EngineSource(Recording(play))
    running = Running(source)
    assert source.record("a\x1b.pcapng") == ""
    assert source.recording == "a\\x1b.pcapng"
    assert source.record("") == ""
    assert source.recording == ""
    source.stop()
    assert failures(running.wait()) == [os.path.abspath("a\x1b.pcapng"), ""]
    of_file = EngineSource(DemoSource(Limits(), 0))
    assert "e writes the packets" in of_file.record("a")
    of_file.close()
