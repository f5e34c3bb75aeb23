"""`check`: what is reported, and the exit status that a build acts on."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from exchanges import exchanged, ok, page
from httpresp_capture.analysis.baseline import Baseline, parse
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent, CaptureFailed, CaptureStatus, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.problems import Problem
from httpresp_capture.sources import Emit, ReadingSource
from httpresp_capture.sources.file.source import FileSource
from httpresp_tui.cli.arguments import Arguments, CheckArguments, ChecksAsked
from httpresp_tui.cli.check import check
from httpresp_tui.cli.reviewing import options_of, read_baseline
from positives import SESSION
from samples import START, encrypted, unanswered
from tracee_lines import line

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "capture" / "httpresp_capture" / "sources" / "demo.pcapng.gz"
SCHEMA = ROOT / "tests" / "capture" / "schemas" / "sarif-2.1.0-rtm.5.json"
TODAY = date(2026, 1, 1)
BAD = exchanged(page(SESSION))
GOOD = exchanged(ok(b"Content-Type: image/png", b"X-Content-Type-Options: nosniff", body=b"\x89PNG\r\n\x1a\n"))


class Replay(ReadingSource):
    """A source of these responses."""

    label = "f\x1b.pcap"

    def __init__(self, responses: Iterable[Response], failure: str = "", live: bool = False) -> None:
        self.events: list[CaptureEvent] = [ResponseSeen(response) for response in responses]
        if failure:
            self.events.append(CaptureFailed(failure))
        self.live = live
        self.stopped = False

    def run(self, emit: Emit) -> None:
        emit(self.events)
        emit([CaptureStatus(Counters(packets=9, flows=2), START, ended=True)])

    def stop(self) -> None:
        self.stopped = True


def checked(source: Replay, known: Baseline | None = None, **arguments: Any) -> tuple[int, str, str]:
    """Exit status, report, and what was said beside it."""
    out, said = io.StringIO(), io.StringIO()
    status = check(source, CheckArguments(**arguments), known or Baseline(), out, said, TODAY)
    return status, out.getvalue(), said.getvalue()


def test_an_open_finding_at_the_bar_breaks_it() -> None:
    status, report, said = checked(Replay(BAD))
    assert status == 3
    assert report.startswith("HIGH   CK-CLEAR     shop.example:80  session")
    assert said == (
        "f␛.pcap: 1 response (2xx 1)\n  errors       0\n  lost         0 packets while recording, 0 rows here\n"
        "  packets      9 in 2 connections\nhttpresp-tui: 3 open findings of severity medium or worse.\n"
    )


def test_what_is_under_the_bar_does_not() -> None:
    status, report, _ = checked(Replay(exchanged(page())), fail_on="high")
    assert status == 0
    assert "0 findings (0 high)" in report
    assert "below high not shown" in report


def test_without_a_bar_everything_is_reported_and_nothing_fails() -> None:
    status, report, _ = checked(Replay(BAD), fail_on="never")
    assert status == 0
    assert "CK-CLEAR" in report
    assert "NOSNIFF" in report


def test_a_good_capture_is_fine() -> None:
    assert checked(Replay(GOOD), fail_on="info")[0] == 0


def test_half_a_capture_without_findings_proves_nothing() -> None:
    status, _, said = checked(Replay(GOOD, "f.pcap ends in the middle of a packet"))
    assert status == 1
    assert "httpresp-tui: f.pcap ends in the middle of a packet\n" in said


def test_a_finding_in_half_a_capture_is_true_all_the_same() -> None:
    assert checked(Replay(BAD, "f.pcap ends in the middle of a packet"))[0] == 3


def test_a_capture_without_a_response_proves_nothing() -> None:
    for nothing in ([], [unanswered()]):
        status, _, said = checked(Replay(nothing), fail_on="high")
        assert status == 1
        assert said.endswith("httpresp-tui: no response was checked, so nothing is proven.\n")


def test_a_capture_of_tls_alone_proves_nothing_of_responses_and_says_what_was_looked_at() -> None:
    status, _, said = checked(Replay([encrypted(id=1)]), fail_on="high")
    assert status == 1
    assert said.endswith(
        "httpresp-tui: no response was checked, only the TLS of 1 connection whose content is not read.\n"
    )


def test_a_capture_whose_heads_are_all_cut_proves_nothing() -> None:
    cut = exchanged(page(SESSION), lost=(40, 60))
    for bar in ("high", "never"):
        status, report, said = checked(Replay(cut), fail_on=bar)
        assert status == 1
        assert report.startswith("1 response, nothing checked\nconfidence none: ")
        assert said.endswith(
            "httpresp-tui: no response has a whole head, so nothing was checked and nothing is proven.\n"
        )


def test_one_whole_head_is_something_and_the_rest_is_said() -> None:
    cut = [replace(one, id=9) for one in exchanged(page(SESSION), lost=(40, 60))]
    status, report, _ = checked(Replay([*GOOD, *cut]), fail_on="high")
    assert status == 0
    assert "confidence limited: 1 of 2 responses not checked" in report


def test_a_filter_says_what_is_checked_and_counted() -> None:
    run = Arguments(filter="status:404")
    assert checked(Replay(BAD), run=run)[0] == 1
    assert checked(Replay(BAD), run=Arguments(filter="severity:high finding:ck-"))[0] == 3


def test_after_enough_responses_the_source_is_stopped() -> None:
    source = Replay([*GOOD, *BAD])
    status, report, _ = checked(source, run=Arguments(count=1))
    assert status == 0
    assert source.stopped
    assert report.startswith("1 response, 0 findings")


def test_a_live_source_is_read_on_a_thread_of_its_own() -> None:
    assert checked(Replay(BAD, live=True))[0] == 3


def test_checks_are_switched_on_and_off() -> None:
    _, plain, _ = checked(Replay(BAD), format="json")
    asked = ChecksAsked(enable=frozenset(("REFPOL",)), disable=frozenset(("CK-CLEAR",)))
    _, more, _ = checked(Replay(BAD), run=Arguments(checks=asked), format="json")
    ids, more_ids = ({row["check"] for row in json.loads(text)["findings"]} for text in (plain, more))
    assert more_ids - ids == {"REFPOL"}
    assert ids - more_ids == {"CK-CLEAR"}


def test_behind_tls_other_things_are_wrong() -> None:
    _, report, _ = checked(Replay(BAD), run=Arguments(checks=ChecksAsked(behind_tls=True)), format="json")
    found = {row["check"]: row["severity"] for row in json.loads(report)["findings"]}
    assert "CK-SECURE" in found
    assert (found["CK-CLEAR"], found["PLAIN-DOC"]) == ("info", "info")


def test_what_was_accepted_does_not_break_the_bar_and_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    status, _, said = checked(Replay(BAD), write_baseline=str(path))
    assert status == 3
    written = parse(path.read_text())
    assert f"httpresp-tui: {len(written.accepted)} accepted in {path}.\n" in said
    assert {acceptance.expires for acceptance in written.accepted} == {date(2026, 4, 1)}
    status, report, _ = checked(Replay(BAD), read_baseline(str(path)))
    assert status == 0
    assert "accepted, seen" in report


def test_writing_it_again_keeps_what_holds_and_drops_what_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    known = parse(
        '[[accepted]]\ncheck = "CK-CLEAR"\nreason = "known"\nexpires = 2027-01-01\n'
        '[[accepted]]\ncheck = "NOSNIFF"\nreason = "old"\nexpires = 2025-01-01\n'
    )
    _, _, said = checked(Replay(BAD), known, write_baseline=str(path))
    assert "httpresp-tui: the acceptance of NOSNIFF at * ended on 2025-01-01.\n" in said
    reasons = {acceptance.check: acceptance.reason for acceptance in parse(path.read_text()).accepted}
    assert reasons["CK-CLEAR"] == "known"
    assert reasons["NOSNIFF"] == "seen when the baseline was written"


def test_the_report_has_one_salt_a_run() -> None:
    one, two = (checked(Replay([*BAD, *exchanged(page(SESSION, SESSION))]), format="json")[1] for _ in range(2))
    assert "6850e387550f" not in one
    assert one != two


# --- in a process of its own


def program(*words: str) -> "subprocess.CompletedProcess[str]":
    """`httpresp-tui` with these words."""
    path = os.pathsep.join((str(ROOT / "capture"), str(ROOT / "tui")))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, "-m", "httpresp_tui", *words], env=environment, capture_output=True, text=True, timeout=300,
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.slow
def test_the_demo_breaks_the_bar() -> None:
    done = program("check", "--demo")
    assert done.returncode == 3
    assert "CK-CLEAR" in done.stdout
    assert "\nErrors by cause\n" in done.stdout
    assert "open findings of severity medium or worse" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_demo_as_sarif_is_valid_by_its_schema() -> None:
    jsonschema: Any = pytest.importorskip("jsonschema", reason="jsonschema is a development dependency")
    done = program("check", "-r", str(DEMO), "--format", "sarif")
    jsonschema.Draft4Validator(json.loads(SCHEMA.read_text())).validate(json.loads(done.stdout))


@pytest.mark.slow
def test_the_demo_as_junit_fails_as_often_as_the_bar_is_broken() -> None:
    done = program("check", "-r", str(DEMO), "--format", "junit", "--fail-on", "high")
    root = ElementTree.fromstring(done.stdout)
    assert int(root.get("failures", "")) == len(root.findall("testsuite/testcase/failure")) > 0
    assert f"{root.get('failures')} open findings of severity high or worse" in done.stderr


@pytest.mark.slow
def test_events_read_back_break_the_bar_as_their_capture_does(tmp_path: Path) -> None:
    lines = program("--demo", "--json").stdout
    (tmp_path / "events.ndjson").write_text(lines)
    one, two = (
        {
            (row["check"], row["origin"], row["parameter"])
            for row in json.loads(program("check", *words, "--format", "json").stdout)["findings"]
            # What only the body tells is not in the lines.
            if row["check"] not in ("ERR-TRACE", "ERR-LISTING", "AU-TOKEN", "CT-MISMATCH", "CT-MISSING", "ERR-SQL")
        }
        for words in (("--demo",), ("-r", str(tmp_path / "events.ndjson")))
    )
    assert two <= one
    assert len(two) > len(one) * 0.8


@pytest.mark.slow
def test_a_reader_that_leaves_changes_no_exit_status() -> None:
    line = f"{sys.executable} -m httpresp_tui check -r {DEMO} | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'capture'}:{ROOT / 'tui'}"},
    )  # fmt: skip
    assert done.returncode == 3
    assert "Exception ignored" not in done.stderr


@pytest.mark.slow
def test_a_baseline_that_is_wrong_is_a_wrong_command_line(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    for text, said in (("[[accepted]]\n", "no check is called"), ("x = [", "is not TOML"), (None, "cannot be read")):
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
        done = program("check", "-r", str(DEMO), "--baseline", str(path))
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
    path.write_bytes(b"\xff")
    assert "is not UTF-8" in program("check", "-r", str(DEMO), "--baseline", str(path)).stderr


@pytest.mark.slow
def test_a_baseline_that_cannot_be_written_is_said() -> None:
    done = program("check", "-r", str(DEMO), "--write-baseline", "/nowhere/accepted.toml")
    assert done.returncode == 1
    assert "cannot write /nowhere/accepted.toml: No such file or directory." in done.stderr


def test_the_checks_are_listed() -> None:
    done = program("check", "--list")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 44
    assert any(line.startswith("REFPOL") and line.endswith("(only with --enable)") for line in lines)


@pytest.mark.slow
def test_check_imports_no_textual() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "httpresp_tui", "check", "-r", str(DEMO)],
        capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'capture'}:{ROOT / 'tui'}"},
    )  # fmt: skip
    modules = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "httpresp_capture" in modules
    assert not modules & {"scapy", "textual", "rich"}


def test_the_salt_of_the_defaults_is_not_empty() -> None:
    # Without a salt, tags could be looked up in a table.
    one, two = options_of(ChecksAsked()), options_of(ChecksAsked())
    assert len(one.salt) == 16
    assert one.salt != two.salt


def test_a_row_that_tells_of_lost_bytes_limits_the_confidence() -> None:
    beside = tuple(replace(each, problems=(Problem("no-request", 0, "lost in a gap"),)) for each in GOOD)
    _, report, _ = checked(Replay(beside), fail_on="high")
    assert "confidence limited: 1 row beside lost bytes\n" in report
    assert "nothing was lost" not in report


def test_lines_are_checked_as_the_capture_that_they_were_made_of(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lost = Counters(gaps=1, gap_bytes=300)
    path.write_bytes(b"".join(line(each, lost=lost) for each in GOOD))
    checked_lines = FileSource.open(str(path), Limits())
    said, report = io.StringIO(), io.StringIO()
    check(checked_lines, CheckArguments(format="json", fail_on="high"), Baseline(), report, said, TODAY)
    told = json.loads(report.getvalue())["coverage"]
    assert told["confidence"] == "limited"
    assert told["lost"]["gaps"] == 1
    assert "  lines        1 in 1 connection" in said.getvalue()
