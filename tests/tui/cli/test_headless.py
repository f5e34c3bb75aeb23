"""`--json`: which responses are printed and when, and how a run ends."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace as changed
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from exchanges import exchanged, page
from httpresp_capture.analysis.baseline import Acceptance, Baseline
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    FlowEnded,
    ResponseChanged,
    ResponseGrew,
    ResponseSeen,
)
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.sources import Emit, ReadingSource
from httpresp_tui.cli.arguments import Arguments, ChecksAsked
from httpresp_tui.cli.headless import BLOCK, Printer, print_events
from positives import SESSION
from samples import FAILED, FLOW, NOT_FOUND, OK, START, TWO_COOKIES, response, unanswered
from tracee_lines import faults

if TYPE_CHECKING:
    from typing_extensions import Buffer

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "capture" / "httpresp_capture" / "sources" / "demo.pcapng.gz"
JSON = Arguments(demo=True, json=True)


class Replay(ReadingSource):
    """A source that emits batches, one after the other, until it is stopped."""

    label = "replay\x1b[2J"
    live = False

    def __init__(self, batches: Iterable[list[CaptureEvent]], between: Callable[[], None] = lambda: None) -> None:
        self.batches = list(batches)
        self.between = between
        self.stopped = False

    def run(self, emit: Emit) -> None:
        for batch in self.batches:
            if self.stopped:
                break
            emit(batch)
            self.between()
        emit([CaptureStatus(Counters(packets=9, flows=2, gaps=1, gap_bytes=700), START, ended=True)])

    def stop(self) -> None:
        self.stopped = True


class Pipe(io.BytesIO):
    """A pipe whose reader leaves after so many bytes."""

    def __init__(self, room: int = 1_000_000) -> None:
        super().__init__()
        self.room = room
        self.written: list[bytes] = []

    def write(self, data: "Buffer", /) -> int:
        text = bytes(data)
        if sum(map(len, self.written)) + len(text) > self.room:
            raise BrokenPipeError
        self.written.append(text)
        return len(text)


def printed(arguments: Arguments, *events: CaptureEvent) -> list[int]:
    """Numbers of the responses in the lines that come of these events."""
    out = io.BytesIO()
    printer = Printer(arguments, out, lambda: None)
    printer.take(list(events))
    printer.flush()
    return [json.loads(line)["httpresp"]["id"] for line in out.getvalue().splitlines()]


def open_response(number: int) -> ResponseSeen:
    """One whose body is still to come."""
    return ResponseSeen(response(id=number, end=None, ended_at=None))


def test_a_response_is_printed_once_when_it_ends() -> None:
    events = [open_response(1), ResponseSeen(response(id=2)), ResponseChanged(response(id=1))]
    assert printed(JSON, *events) == [2, 1]


def test_flows_and_what_is_still_open_are_not_printed() -> None:
    assert printed(JSON, open_response(1), FlowEnded(FLOW, START, EndReason.SERVER_FIN)) == []


def test_the_filter_chooses_what_is_printed_and_counted() -> None:
    events = [ResponseSeen(response(id=1)), *(ResponseSeen(response(NOT_FOUND, id=n)) for n in (2, 3, 4))]
    assert printed(changed(JSON, filter="404", count=2), *events) == [2, 3]


def test_the_filter_may_ask_the_checks() -> None:
    events = [ResponseSeen(response(id=1)), ResponseSeen(response(TWO_COOKIES, id=2))]
    assert printed(changed(JSON, filter="finding:ck-clear"), *events) == [2]
    assert printed(changed(JSON, filter="severity>=medium"), *events) == [2]


def test_findings_are_printed_when_asked_for() -> None:
    for asked in (False, True):
        out = io.BytesIO()
        printer = Printer(changed(JSON, findings=asked), out, lambda: None)
        printer.take([ResponseSeen(response(TWO_COOKIES))])
        printer.flush()
        ours = json.loads(out.getvalue())["httpresp"]
        assert ("findings" in ours) is asked
        if asked:
            assert "CK-CLEAR" in [finding["check"] for finding in ours["findings"]]


def findings_of(known: Baseline | None = None, **asked: Any) -> dict[str, dict[str, Any]]:
    out = io.BytesIO()
    arguments = changed(JSON, findings=True, checks=ChecksAsked(**asked))
    printer = Printer(arguments, out, lambda: None, known=known)
    printer.take([ResponseSeen(one) for one in exchanged(page(SESSION))])
    printer.flush()
    return {finding["check"]: finding for finding in json.loads(out.getvalue())["httpresp"]["findings"]}


def test_the_options_of_the_checks_hold_in_lines_too() -> None:
    plain = findings_of()
    assert plain["CK-CLEAR"]["severity"] == "high"
    assert {finding["accepted"] for finding in plain.values()} == {None}
    assert findings_of(behind_tls=True).get("CK-CLEAR", {"severity": "info"})["severity"] == "info"
    assert "CK-CLEAR" not in findings_of(disable=frozenset(("CK-CLEAR",)))
    assert "DEPR" not in plain
    known = Baseline((Acceptance("CK-CLEAR", "known", date(9999, 1, 1)), Acceptance("HSTS", "old", date(2020, 1, 1))))
    accepted = findings_of(known)
    assert accepted["CK-CLEAR"]["accepted"] == {"reason": "known", "expires": "9999-01-01"}
    assert {name for name, finding in accepted.items() if finding["accepted"]} == {"CK-CLEAR"}


def test_a_request_without_response_is_printed_and_not_counted() -> None:
    events = [ResponseSeen(unanswered(id=1)), ResponseSeen(response(id=2)), ResponseSeen(response(id=3))]
    assert printed(changed(JSON, count=1), *events) == [1, 2]


def test_enough_responses_stop_the_source() -> None:
    source = Replay([[ResponseSeen(response(id=n))] for n in range(1, 9)])
    out, said = io.BytesIO(), io.StringIO()
    assert print_events(source, changed(JSON, count=3), out, said) == 0
    assert source.stopped
    assert len(out.getvalue().splitlines()) == 3


def test_a_batch_is_written_at_once_where_somebody_waits() -> None:
    pipe = Pipe()
    print_events(Replay([[ResponseSeen(response(id=1))], [ResponseSeen(response(id=2))]]), JSON, pipe, io.StringIO())
    assert len(pipe.written) == 2
    assert all(text.endswith(b"}\n") and text.count(b"\n") == 1 for text in pipe.written)


def test_a_file_has_what_was_printed_a_second_ago(tmp_path: Path) -> None:
    path = tmp_path / "out.ndjson"
    clock = [0.0]
    with path.open("wb") as out:
        printer = Printer(JSON, out, lambda: None, clock=lambda: clock[0])
        found: list[int] = []
        for clock[0], event in (
            (0.5, ResponseSeen(response(id=1))),
            (0.9, ResponseSeen(response(id=2))),
            (1.1, CaptureStatus(Counters(), START)),
            (2.0, ResponseSeen(response(id=3))),
            (2.2, CaptureStatus(Counters(), START)),
        ):
            printer.take([event])
            found.append(len(path.read_bytes().splitlines()))
    assert found == [0, 0, 2, 2, 3]


def test_a_batch_of_any_size_is_written_in_bounded_pieces(tmp_path: Path) -> None:
    head = OK[:-2] + b"X-Long: " + b"x" * 20_000 + b"\r\n\r\n"
    pipe = Pipe(room=1 << 30)
    printer = Printer(JSON, pipe, lambda: None)
    printer.take([ResponseSeen(response(head, id=number)) for number in range(1, 201)])
    assert sum(text.count(b"\n") for text in pipe.written) == 200
    assert max(map(len, pipe.written)) < BLOCK + 100_000


def test_a_closed_pipe_ends_the_run_quietly() -> None:
    source = Replay([[ResponseSeen(response(id=n))] for n in range(1, 9)])
    said = io.StringIO()
    pipe = Pipe(room=4000)
    assert print_events(source, JSON, pipe, said) == 0
    assert source.stopped
    assert 0 < len(pipe.written) < 8
    assert "cannot" not in said.getvalue()


def test_the_summary_tells_what_was_printed_and_what_was_not_read() -> None:
    said = io.StringIO()
    batch: list[CaptureEvent] = [ResponseSeen(response(id=1)), ResponseSeen(response(NOT_FOUND, id=2))]
    print_events(Replay([batch]), JSON, io.BytesIO(), said)
    assert said.getvalue() == (
        "replay␛[2J: 2 responses (2xx 1, 4xx 1)\n"
        "  errors       1\n"
        "  lost         0 packets while recording, 0 rows here\n"
        "  not read     1 gap (700 B)\n"
        "  packets      9 in 2 connections\n"
    )


def test_a_capture_that_was_cut_ends_with_1_after_its_responses() -> None:
    out, said = io.BytesIO(), io.StringIO()
    batch: list[CaptureEvent] = [ResponseSeen(response(id=1)), CaptureFailed("f.pcap is cut off\x07.")]
    assert print_events(Replay([batch]), JSON, out, said) == 1
    assert len(out.getvalue().splitlines()) == 1
    assert said.getvalue().startswith("httpresp-tui: f.pcap is cut off")
    assert "\x07" not in said.getvalue()


OPEN = response(id=1, body=b"he", end=None, ended_at=None)
ITS_STORY: list[CaptureEvent] = [
    ResponseSeen(OPEN),
    ResponseGrew(changed(OPEN, body=b"hel", body_bytes=3)),
    ResponseChanged(response(id=1)),
]


def test_an_open_response_is_printed_when_it_has_ended() -> None:
    out = io.BytesIO()
    print_events(Replay([ITS_STORY]), JSON, out, io.StringIO())
    (line,) = map(json.loads, out.getvalue().splitlines())
    assert line["httpresp"]["size"]["body"] == 5
    assert "progress" not in line["httpresp"]


def test_lines_of_open_responses_are_printed_where_they_are_asked_for_and_count_nowhere() -> None:
    out, said = io.BytesIO(), io.StringIO()
    arguments = changed(JSON, progress=True, count=1)
    assert print_events(Replay([ITS_STORY]), arguments, out, said) == 0
    lines = [json.loads(line)["httpresp"] for line in out.getvalue().splitlines()]
    assert [line["size"]["body"] for line in lines] == [2, 3, 5]
    assert [line.get("progress") for line in lines] == [True, True, None]
    assert [line["end"] for line in lines] == [None, None, "length reached"]
    assert "1 response (2xx 1)" in said.getvalue()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_ends_the_run_with_its_summary(number: signal.Signals) -> None:
    source = Replay([[ResponseSeen(response(id=n))] for n in range(1, 9)], lambda: signal.raise_signal(number))
    # Whoever began the tests may have left it ignored, as nohup does.
    before = signal.signal(number, signal.default_int_handler)
    said = io.StringIO()
    try:
        assert print_events(source, JSON, io.BytesIO(), said) == 0
        assert "1 response (2xx 1)" in said.getvalue()
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)


def environment() -> dict[str, str]:
    """For the program in a process of its own."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "capture"), str(ROOT / "tui")))}


def test_every_line_of_the_demo_is_an_event_that_tracees_readers_take() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "httpresp_tui", "--demo", "--json"],
        env=environment(), capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert all(byte == 10 or 32 <= byte < 127 for byte in done.stdout)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    responses = [event for event in events if event["eventName"] == "net_packet_http_response"]
    assert len(responses) > 50
    assert [faults(event) for event in responses if faults(event)] == []


def test_the_reader_of_a_pipe_may_leave() -> None:
    line = f"{sys.executable} -m httpresp_tui -r {DEMO} --json 2>&1 >&3 | cat >&2"
    done = subprocess.run(
        ["bash", "-c", f"exec 3> >(head -n 1); set -o pipefail; {line}"],
        env=environment(), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a descriptor of POSIX")
def test_a_full_disk_is_said() -> None:
    with open("/dev/full", "wb", buffering=0) as full:
        said = io.StringIO()
        assert print_events(Replay([[ResponseSeen(response())]]), JSON, full, said) == 1
    assert "cannot write to standard output: No space left on device." in said.getvalue()


def test_the_summary_says_that_a_filter_chose() -> None:
    out, said = io.BytesIO(), io.StringIO()
    source = Replay([[ResponseSeen(response(OK)), ResponseSeen(response(FAILED))]])
    print_events(source, Arguments(json=True, filter="status:404"), out, said)
    assert "0 of 2 responses match the filter\n" in said.getvalue()
