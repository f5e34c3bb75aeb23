"""`diff`: two captures from the command line."""

import io
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from exchanges import exchanged, page
from httpresp_capture.analysis.baseline import Acceptance, Baseline
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent, CaptureFailed, CaptureStatus, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.sources import Emit, ReadingSource
from httpresp_tui.cli.arguments import ChecksAsked, DiffArguments
from httpresp_tui.cli.diff import diff
from positives import SESSION
from samples import START

TODAY = date(2026, 1, 1)
ROOT = Path(__file__).parents[3]
DEMO = ROOT / "capture" / "httpresp_capture" / "sources" / "demo.pcapng.gz"
PLAIN = exchanged(page())
BAD = exchanged(page(SESSION))


class Replay(ReadingSource):
    """A source of these responses."""

    live = False

    def __init__(self, label: str, responses: list[Response], failure: str = "") -> None:
        self.label = label
        self.events: list[CaptureEvent] = [ResponseSeen(response) for response in responses]
        if failure:
            self.events.append(CaptureFailed(failure))

    def run(self, emit: Emit) -> None:
        emit(self.events)
        emit([CaptureStatus(Counters(), START, ended=True)])

    def stop(self) -> None:
        raise AssertionError("nothing stops it")


def test_a_side_whose_heads_are_all_cut_was_not_compared() -> None:
    status, report, said = compared(PLAIN, exchanged(page(SESSION), lost=(40, 60)), format="json")
    assert status == 1
    assert "httpresp-tui: no response there has a whole head, so no finding was compared.\n" in said
    sides = [json.loads(report)[side]["coverage"]["confidence"] for side in ("before", "after")]
    assert sides == ["full", "none"]


def compared(
    before: list[Response], after: list[Response], failure: str = "", known: Baseline | None = None, **given: Any
) -> tuple[int, str, str]:
    """Exit status, report, and what was said beside it."""
    out, said = io.StringIO(), io.StringIO()
    status = diff(
        Replay("a", before), Replay("b", after, failure), DiffArguments(**given), known or Baseline(), out, said, TODAY
    )
    return status, out.getvalue(), said.getvalue()


def test_what_is_new_is_told_and_is_fine_without_a_bar() -> None:
    status, report, said = compared(PLAIN, BAD)
    assert status == 0
    assert report.startswith("a (1 response) → b (1 response)\n")
    assert "CK-CLEAR" in report
    assert [line for line in said.splitlines() if "response" in line] == [
        "a: 1 response (2xx 1)", "b: 1 response (2xx 1)",
    ]  # fmt: skip


def test_a_new_finding_breaks_the_bar_and_one_that_went_does_not() -> None:
    status, _, said = compared(PLAIN, BAD, fail_on="high")
    assert status == 3
    assert said.endswith("httpresp-tui: 1 new finding of severity high or worse.\n")
    assert compared(BAD, PLAIN, fail_on="low")[0] == 0
    assert compared(BAD, BAD, fail_on="info")[0] == 0


def test_a_capture_that_was_cut_or_holds_nothing_is_said() -> None:
    assert compared(PLAIN, PLAIN, "b is cut off")[0] == 1
    status, _, said = compared(PLAIN, [])
    assert status == 1
    assert "httpresp-tui: no response there, so nothing was compared.\n" in said


def test_a_filter_says_what_is_compared() -> None:
    _, report, _ = compared(PLAIN, BAD, filter="-severity:high", format="json")
    assert json.loads(report)["after"]["responses"] == 0


def program(*words: str) -> "subprocess.CompletedProcess[str]":
    """`httpresp-tui` with these words."""
    return subprocess.run(
        [sys.executable, "-m", "httpresp_tui", *words], capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'capture'}:{ROOT / 'tui'}", "PYTHONWARNINGS": "error"},
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.slow
def test_the_demo_held_against_itself_has_no_difference() -> None:
    done = program("diff", str(DEMO), str(DEMO), "--fail-on", "info")
    assert done.returncode == 0
    assert "\nNo difference\n" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_capture_that_is_not_there_is_one_sentence() -> None:
    done = program("diff", str(DEMO), "/nowhere/f.pcap")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("httpresp-tui: /nowhere/f.pcap: no such file.")


def test_a_new_finding_that_is_accepted_is_told_and_does_not_break_the_bar() -> None:
    known = Baseline(tuple(Acceptance(check, "known", date(2027, 1, 1)) for check in ("CK-CLEAR", "CK-SECURE")))
    assert compared(PLAIN, BAD, fail_on="high")[0] == 3
    status, report, _ = compared(PLAIN, BAD, known=known, fail_on="high")
    assert status == 0
    assert "(accepted)" in report
    ended = Baseline((Acceptance("CK-CLEAR", "known", date(2025, 1, 1)),))
    status, _, said = compared(PLAIN, BAD, known=ended, fail_on="high")
    assert status == 3
    assert "the acceptance of CK-CLEAR at * ended on 2025-01-01." in said


def test_checks_are_switched_off_and_on_in_diff_too() -> None:
    asked = ChecksAsked(enable=frozenset(("REFPOL",)), disable=frozenset(("CK-CLEAR",)))
    _, plain, _ = compared(PLAIN, BAD, format="json")
    _, less, _ = compared(PLAIN, BAD, format="json", checks=asked)
    found = [{row["check"] for row in json.loads(text)["findings_new"]} for text in (plain, less)]
    assert found[0] - found[1] == {"CK-CLEAR"}
