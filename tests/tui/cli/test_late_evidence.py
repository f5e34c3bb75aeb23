"""Evidence that comes when a response has ended reaches every front end without a screen, and nobody counts twice.

The answer that is forged is short and first; the real one comes behind, over the same sequence numbers and beyond.
"""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from exchanges import GET, RAW_IP, events_of, frames_of, ok, page
from httpresp_capture.analysis.baseline import Baseline
from httpresp_capture.records.events import CaptureEvent, LateEvidence, ResponseSeen
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.source import FileSource
from httpresp_tui.cli.arguments import Arguments, CheckArguments, DiffArguments
from httpresp_tui.cli.check import check
from httpresp_tui.cli.diff import diff
from httpresp_tui.cli.headless import print_events
from samples import response
from tracee_lines import line
from traffic.captures import pcap
from traffic.values import Frame

FORGED = ok(b"Location: http://evil.example/", status=b"302 Found")
REAL = page(body=b"<!doctype html>" + b"real " * 40)
RACE = frames_of(REAL, second_version=FORGED)
HEAD = b"HEAD /shop HTTP/1.1\r\nHost: shop.example\r\n\r\n"
BODY_AFTER_HEAD = frames_of(page(), HEAD)
BODY_AFTER_204 = frames_of(b"HTTP/1.1 204 No Content\r\n\r\nbut here it is")
SHORT_LENGTH = frames_of(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nlonger than that")
WRONG_END = {"body after HEAD": BODY_AFTER_HEAD, "body after 204": BODY_AFTER_204, "short length": SHORT_LENGTH}


def opened(frames: list[Frame], folder: Path) -> FileSource:
    path = folder / "late.pcap"
    path.write_bytes(pcap(frames, RAW_IP.link_type))
    return FileSource.open(str(path), Limits())


def lines(frames: list[Frame], folder: Path, **given: Any) -> list[dict[str, Any]]:
    """The `httpresp` of each line."""
    out = io.BytesIO()
    assert print_events(opened(frames, folder), Arguments(json=True, **given), out, io.StringIO()) == 0
    return [json.loads(text)["httpresp"] for text in out.getvalue().splitlines()]


def checked(frames: list[Frame], folder: Path, **given: Any) -> tuple[int, dict[str, Any], str]:
    """Exit status, JSON report, and what was said."""
    out, said = io.StringIO(), io.StringIO()
    arguments = CheckArguments(format="json", run=Arguments(**given))
    status = check(opened(frames, folder), arguments, Baseline(), out, said, date(2026, 1, 1))
    return status, json.loads(out.getvalue()), said.getvalue()


def test_a_line_that_amends_follows_the_one_that_it_replaces(tmp_path: Path) -> None:
    first, *later = lines(RACE, tmp_path)
    assert "amends" not in first
    assert (first["problems"], first["conflicts"]) == ([], [])
    assert {(each["id"], each["amends"]) for each in later} == {(first["id"], True)}
    assert [problem["name"] for problem in later[-1]["problems"]] == ["overlap-conflict", "extra-bytes"]
    assert len(later[-1]["conflicts"]) == 1
    same = ("id", "stream", "flow", "request", "timing", "size", "end", "header_lines")
    assert [[each[name] for name in same] for each in later] == [[first[name] for name in same]] * len(later)


def test_findings_are_in_the_line_that_amends(tmp_path: Path) -> None:
    last = lines(RACE, tmp_path, findings=True)[-1]
    assert {"INJECT", "FRAMING"} <= {finding["check"] for finding in last["findings"]}


def test_a_filter_that_asks_for_the_evidence_finds_the_response_once(tmp_path: Path) -> None:
    found = lines(RACE, tmp_path, filter="problem:overlap-conflict")
    assert [each.get("amends") for each in found] == [None, True]
    assert [each.get("amends") for each in lines(RACE, tmp_path, filter="problem:extra-bytes")] == [None]
    assert lines(RACE, tmp_path, filter="5xx") == []


def test_check_finds_it_and_counts_one_response(tmp_path: Path) -> None:
    status, report, said = checked(RACE, tmp_path)
    assert status == 3
    severities = {row["check"]: (row["severity"], row["count"]) for row in report["findings"]}
    assert severities["INJECT"] == ("high", 1)
    assert severities["FRAMING"] == ("medium", 1)
    assert report["responses"] == 1
    assert said.startswith("late.pcap: 1 response (3xx 1)\n")
    # What was found before the evidence came is counted once as well.
    assert {row["count"] for row in report["findings"]} == {1}


@pytest.mark.parametrize("name", WRONG_END)
def test_bytes_behind_the_end_are_found(name: str, tmp_path: Path) -> None:
    status, report, _ = checked(WRONG_END[name], tmp_path)
    assert status == 3
    assert [row["count"] for row in report["findings"] if row["check"] == "FRAMING"] == [1]
    assert report["responses"] == 1


def test_a_count_is_of_responses(tmp_path: Path) -> None:
    other = frames_of(page(), addresses=("203.0.113.10", "198.51.100.1"))
    status, report, said = checked([*RACE, *other], tmp_path, count=2)
    assert (status, report["responses"]) == (3, 2)
    assert "2 responses (2xx 1, 3xx 1)" in said


def test_diff_counts_and_finds_the_same(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    before, after = opened(frames_of(FORGED), tmp_path / "a"), opened(RACE, tmp_path / "b")
    out = io.StringIO()
    diff(before, after, DiffArguments(format="json"), Baseline(), out, io.StringIO(), date(2026, 1, 1))
    report = json.loads(out.getvalue())
    assert (report["before"]["responses"], report["after"]["responses"]) == (1, 1)
    assert report["statuses"] == [{"status": 302, "before": 1, "after": 1, "share_before": 1.0, "share_after": 1.0}]
    assert {row["check"] for row in report["findings_new"]} == {"INJECT", "FRAMING"}


def test_lines_read_back_are_the_same_response(tmp_path: Path) -> None:
    out = io.BytesIO()
    print_events(opened(RACE, tmp_path), Arguments(json=True), out, io.StringIO())
    (tmp_path / "events.ndjson").write_bytes(out.getvalue())
    events: list[CaptureEvent] = []
    FileSource.open(str(tmp_path / "events.ndjson"), Limits()).run(events.extend)
    kinds = [(type(each), each.response.id) for each in events if isinstance(each, ResponseSeen | LateEvidence)]
    assert kinds == [(ResponseSeen, 1), (LateEvidence, 1), (LateEvidence, 1)]


def test_a_line_that_amends_nothing_known_is_a_response(tmp_path: Path) -> None:
    amending = line(response()).replace(b'"id":1,', b'"id":1,"amends":true,')
    (tmp_path / "events.ndjson").write_bytes(amending)
    events: list[CaptureEvent] = []
    FileSource.open(str(tmp_path / "events.ndjson"), Limits()).run(events.extend)
    assert [type(each) for each in events if isinstance(each, ResponseSeen)] == [ResponseSeen]


def test_a_flood_behind_the_end_is_told_as_often_as_it_is_kept() -> None:
    junk = b"".join(b"no answer %05d " % number + b"x" * 983 for number in range(200))
    frames = frames_of(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + b"y" * 962 + junk, GET)
    amended = [event for event in events_of(frames) if isinstance(event, LateEvidence)]
    assert 0 < len(amended) <= 64
    assert all(event.response.problems != event.before.problems for event in amended)
