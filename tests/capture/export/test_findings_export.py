"""Reports of findings in the formats that other programs read."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exchanges import exchanged, ok, page
from httpresp_capture.analysis.baseline import Acceptance, Baseline
from httpresp_capture.analysis.coverage import Coverage, Trust
from httpresp_capture.analysis.findings import Findings, Report
from httpresp_capture.checks import CHECKS, Severity
from httpresp_capture.export import confidence, findings_json, junit, markdown, sarif
from httpresp_capture.export import text as plain_text
from httpresp_capture.export.findings_json import finding_object, instant
from httpresp_capture.records.counters import Counters
from positives import SESSION


def as_json(report: Report, bar: Severity = Severity.LOW) -> str:
    return findings_json.dumped(findings_json.document(report, bar))


WRITERS = {
    "text": plain_text.write, "json": as_json, "sarif": sarif.write, "junit": junit.write,
    "markdown": markdown.write,
}  # fmt: skip
SCHEMA = Path(__file__).parents[1] / "schemas" / "sarif-2.1.0-rtm.5.json"
HOSTILE = b"Server: </testsuite>`|<script>*_\x1b[31m/1.2.3 \xe2\x80\xae"
ACCEPTED = Baseline((Acceptance("NOSNIFF", "known & lived with", date(2027, 1, 1)),))


def made(*fields: bytes, baseline: Baseline = ACCEPTED, source: str = "a b#c.pcap") -> Report:
    findings = Findings(baseline=baseline, today=date(2026, 1, 1))
    for one in exchanged(page(*fields)):
        findings.add(one)
    return findings.report(source)


REPORT = made(SESSION, b"Server: nginx/1.22.1")
NOTHING = Findings().report("empty.pcap")
PARTLY = Findings().report("f.pcap", coverage=Coverage(9, 4, counters=Counters(gaps=2), failures=("it broke off.",)))


@pytest.mark.parametrize("report", [REPORT, NOTHING, made(HOSTILE), made(source=""), PARTLY])
def test_sarif_is_valid_by_its_schema(report: Report) -> None:
    jsonschema: Any = pytest.importorskip("jsonschema", reason="jsonschema is a development dependency")
    jsonschema.Draft4Validator(json.loads(SCHEMA.read_text())).validate(
        json.loads(WRITERS["sarif"](report, Severity.INFO))
    )


def test_sarif_tells_rules_levels_and_suppressions() -> None:
    (run,) = json.loads(WRITERS["sarif"](REPORT, Severity.INFO))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [check.id for check in CHECKS]
    by_rule = {result["ruleId"]: result for result in run["results"]}
    assert by_rule["CK-CLEAR"]["level"] == "error"
    assert by_rule["VER-SERVER"]["kind"] == "informational"
    assert by_rule["NOSNIFF"]["suppressions"][0]["justification"] == "known & lived with (until 2027-01-01)"
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert by_rule["CK-CLEAR"]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b%23c.pcap"


def test_a_sarif_fingerprint_stays_from_run_to_run() -> None:
    one, two = (
        {result["partialFingerprints"]["httprespFinding/v1"] for result in json.loads(text)["runs"][0]["results"]}
        for text in (WRITERS["sarif"](REPORT, Severity.LOW), WRITERS["sarif"](made(SESSION), Severity.LOW))
    )
    assert one == two


def test_junit_counts_what_failed_passed_and_was_skipped() -> None:
    root = ElementTree.fromstring(WRITERS["junit"](REPORT, Severity.HIGH))
    suite, capture = root.findall("testsuite")
    cases = suite.findall("testcase")
    assert root.tag == "testsuites"
    assert suite.get("tests") == str(len(cases))
    assert (capture.get("name"), capture.get("tests"), capture.get("errors")) == ("a b#c.pcap", "1", "0")
    assert root.get("tests") == str(len(cases) + 1)
    assert suite.get("failures") == str(len(suite.findall("testcase/failure"))) == "1"
    assert suite.get("skipped") == str(len(suite.findall("testcase/skipped"))) == "1"
    assert [case.get("name") for case in cases if case.find("failure") is not None] == [
        "CK-CLEAR: cookie set in clear text (session)"
    ]


def test_junit_of_a_clean_capture_is_one_case_that_passes() -> None:
    clean = Findings()
    for one in exchanged(ok()):
        clean.add(one)
    root = ElementTree.fromstring(WRITERS["junit"](clean.report("f.pcap"), Severity.LOW))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("1", "0", "0")
    assert "every head was whole" in (root.findtext("testsuite/testcase/system-out") or "")


CUT = page(SESSION), 40, 60
"""A response, and the stretch of its head that was lost."""


def cut(count: int, whole: int = 0) -> Report:
    """The report of so many responses with a hole in their heads, and so many that are whole."""
    findings = Findings()
    message, first, last = CUT
    for number in range(count + whole):
        for one in exchanged(message, lost=(first, last) if number < count else None):
            findings.add(replace(one, id=number + 1))
    counters = Counters(gaps=count, gap_bytes=count * (last - first), flows_encrypted=2)
    return findings.report("cut.pcap", coverage=findings.coverage(counters, failures=("it ends in a packet.",)))


def test_a_capture_whose_heads_are_all_cut_is_not_a_clean_one() -> None:
    report = cut(2)
    assert report.coverage.trust is Trust.NONE
    for name, write in WRITERS.items():
        text = write(report, Severity.LOW)
        assert "0 findings (" not in text, name
        assert "no findings in" not in text
    assert WRITERS["text"](report, Severity.LOW) == (
        "2 responses, nothing checked\nconfidence none: 2 responses, none with a whole head, so none was checked; "
        "2 gaps (40 bytes); not read to its end; not read: 2 encrypted connections\n"
    )
    root = ElementTree.fromstring(WRITERS["junit"](report, Severity.LOW))
    assert root.get("errors") == "1"
    assert root.find("testsuite/testcase/error") is not None
    [run] = json.loads(WRITERS["sarif"](report, Severity.LOW))["runs"]
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [note["level"] for note in invocation["toolExecutionNotifications"]] == ["error"]


def test_what_was_lost_limits_the_confidence_in_every_format() -> None:
    report = cut(1, whole=2)
    told = confidence.line(report.coverage)
    assert told.startswith(
        "confidence limited: 1 of 3 responses not checked, since the head is not whole; 1 gap (20 bytes)"
    )
    assert told in WRITERS["text"](report, Severity.LOW)
    assert told[1:] in WRITERS["markdown"](report, Severity.LOW)
    assert told in WRITERS["junit"](report, Severity.LOW)
    coverage = json.loads(WRITERS["json"](report, Severity.LOW))["coverage"]
    assert (coverage["confidence"], coverage["responses"], coverage["checked"]) == ("limited", 3, 2)
    assert (coverage["lost"]["gaps"], coverage["not_read"]["flows_encrypted"]) == (1, 2)
    assert coverage["completeness"] == {"complete": 2, "head cut": 1}
    assert coverage["failures"] == ["it ends in a packet."]
    [run] = json.loads(WRITERS["sarif"](report, Severity.LOW))["runs"]
    assert run["properties"]["coverage"] == coverage
    [note] = run["invocations"][0]["toolExecutionNotifications"]
    assert (note["level"], note["message"]["text"]) == ("warning", told)


@pytest.mark.parametrize(
    "lost",
    [
        {"counters": Counters(kernel_drops=1)},
        {"counters": Counters(snapped=1)},
        {"dropped": 1},
        {"failures": ("it broke off.",)},
    ],
)
def test_anything_lost_may_have_held_a_finding(lost: dict[str, Any]) -> None:
    assert Coverage(responses=9).trust is Trust.FULL
    assert Coverage(responses=9, counters=Counters(flows_encrypted=5, flows_other=1, not_tcp=7)).trust is Trust.FULL
    assert Coverage(responses=9, **lost).trust is Trust.LIMITED
    assert Coverage(responses=9, unchecked=9, **lost).trust is Trust.NONE


def test_json_tells_rows_and_what_breaks_the_bar() -> None:
    document = json.loads(WRITERS["json"](REPORT, Severity.HIGH))
    assert document["broken"] == ["CK-CLEAR"]
    row = document["findings"][0]
    assert (row["check"], row["severity"], row["count"], row["responses"]) == ("CK-CLEAR", "high", 1, [1])
    assert row["first_seen"] == "2023-11-14T22:13:20.004000Z"


def test_a_finding_is_json_in_its_event_too() -> None:
    findings = Findings()
    (one,) = exchanged(page(SESSION))
    assert finding_object(findings.check(one)[0])["check"] == "CK-CLEAR"


def test_text_tells_what_was_left_out() -> None:
    text = WRITERS["text"](REPORT, Severity.MEDIUM)
    assert text.startswith("HIGH   CK-CLEAR     shop.example:80  session  ×1  certain\n")
    assert "1 accepted, seen once" in text
    assert "below medium not shown" in text


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_no_format_lets_text_from_the_wire_act(name: str) -> None:
    text = WRITERS[name](made(HOSTILE), Severity.INFO)
    assert all(character.isprintable() or character == "\n" for character in text)
    if name == "junit":
        assert ElementTree.fromstring(text).find("testsuite/testcase") is not None
    if name == "markdown":
        assert "``  </testsuite>`" in text or "`` Server: </testsuite>`" in text


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=40, deadline=None)
@example(one="\ud800", two="")
@given(st.text(st.characters(), max_size=30), st.text("\x00\x07\x1b\x7f\x9b\u202e\ufffe\n\r]>&é×", max_size=30))
def test_whatever_a_value_lets_through_nothing_of_it_acts(name: str, one: str, two: str) -> None:
    row = replace(REPORT.rows[0], reason=one, evidence=two, advice=one, parameter=two, origin=two, check="INJECT")
    accepted = replace(row, accepted=Acceptance("INJECT", two, date(2027, 1, 1)), reason=two, severity=Severity.HIGH)
    rows = (replace(row, severity=Severity.HIGH), row, accepted)
    report = Report(one, rows, Coverage(1, failures=(two,)), 0, two)
    text = WRITERS[name](report, Severity.INFO)
    assert text.replace("\n", "").isprintable()
    if name == "junit":
        assert text.isascii()
        assert len(ElementTree.fromstring(text).findall("testsuite/testcase")) == 4


def test_no_secret_leaves_in_any_format() -> None:
    for write in WRITERS.values():
        assert "6850e387550f" not in write(REPORT, Severity.INFO)


def test_a_time_is_written_to_the_microsecond() -> None:
    assert instant(1_700_000_000_123_456_789) == "2023-11-14T22:13:20.123456Z"
