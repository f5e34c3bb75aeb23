"""Reports of findings in the formats that other programs read."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges import exchanged, page
from httpresp_capture.baseline import Acceptance, Baseline
from httpresp_capture.checks import CHECKS, Severity
from httpresp_capture.events import replace
from httpresp_capture.export.findings_json import finding_object, instant
from httpresp_capture.export.reports import REPORTS
from httpresp_capture.findings import Findings, Report
from positives import SESSION

SCHEMA = Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json"
HOSTILE = b"Server: </testsuite>`|<script>*_\x1b[31m/1.2.3 \xe2\x80\xae"
ACCEPTED = Baseline((Acceptance("NOSNIFF", "known & lived with", date(2027, 1, 1)),))


def made(*fields: bytes, baseline: Baseline = ACCEPTED, source: str = "a b#c.pcap") -> Report:
    findings = Findings(baseline=baseline, today=date(2026, 1, 1))
    for one in exchanged(page(*fields)):
        findings.add(one)
    return findings.report(source)


REPORT = made(SESSION, b"Server: nginx/1.22.1")
NOTHING = Findings().report("empty.pcap")


@pytest.mark.parametrize("report", [REPORT, NOTHING, made(HOSTILE), made(source="")])
def test_sarif_is_valid_by_its_schema(report: Report) -> None:
    jsonschema: Any = pytest.importorskip("jsonschema", reason="jsonschema is a development dependency")
    jsonschema.Draft4Validator(json.loads(SCHEMA.read_text())).validate(
        json.loads(REPORTS["sarif"](report, Severity.INFO))
    )


def test_sarif_tells_rules_levels_and_suppressions() -> None:
    (run,) = json.loads(REPORTS["sarif"](REPORT, Severity.INFO))["runs"]
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
        for text in (REPORTS["sarif"](REPORT, Severity.LOW), REPORTS["sarif"](made(SESSION), Severity.LOW))
    )
    assert one == two


def test_junit_counts_what_failed_passed_and_was_skipped() -> None:
    root = ElementTree.fromstring(REPORTS["junit"](REPORT, Severity.HIGH))
    (suite,) = root.findall("testsuite")
    cases = suite.findall("testcase")
    assert root.tag == "testsuites"
    assert suite.get("tests") == root.get("tests") == str(len(cases))
    assert suite.get("failures") == str(len(suite.findall("testcase/failure"))) == "1"
    assert suite.get("skipped") == str(len(suite.findall("testcase/skipped"))) == "1"
    assert [case.get("name") for case in cases if case.find("failure") is not None] == [
        "CK-CLEAR: cookie set in clear text (session)"
    ]


def test_junit_of_a_clean_capture_is_one_case_that_passes() -> None:
    root = ElementTree.fromstring(REPORTS["junit"](NOTHING, Severity.LOW))
    assert (root.get("tests"), root.get("failures")) == ("1", "0")


def test_json_tells_rows_and_what_breaks_the_bar() -> None:
    document = json.loads(REPORTS["json"](REPORT, Severity.HIGH))
    assert document["broken"] == ["CK-CLEAR"]
    row = document["findings"][0]
    assert (row["check"], row["severity"], row["count"], row["responses"]) == ("CK-CLEAR", "high", 1, [1])
    assert row["first_seen"] == "2023-11-14T22:13:20.004000Z"


def test_a_finding_is_json_in_its_event_too() -> None:
    findings = Findings()
    (one,) = exchanged(page(SESSION))
    assert finding_object(findings.check(one)[0])["check"] == "CK-CLEAR"


def test_text_tells_what_was_left_out() -> None:
    text = REPORTS["text"](REPORT, Severity.MEDIUM)
    assert text.startswith("HIGH   CK-CLEAR     shop.example:80  session  ×1  certain\n")
    assert "1 accepted, seen once" in text
    assert "below medium not shown" in text


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_no_format_lets_text_from_the_wire_act(name: str) -> None:
    text = REPORTS[name](made(HOSTILE), Severity.INFO)
    assert all(character.isprintable() or character == "\n" for character in text)
    if name == "junit":
        assert ElementTree.fromstring(text).find("testsuite/testcase") is not None
    if name == "markdown":
        assert "``  </testsuite>`" in text or "`` Server: </testsuite>`" in text


@pytest.mark.parametrize("name", REPORTS)
@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(), max_size=30), st.text("\x00\x07\x1b\x7f\x9b\u202e\ufffe\n\r]>&é×", max_size=30))
def test_whatever_a_value_lets_through_nothing_of_it_acts(name: str, one: str, two: str) -> None:
    row = replace(REPORT.rows[0], reason=one, evidence=two, advice=one, parameter=two, origin=two, check="INJECT")
    accepted = replace(row, accepted=Acceptance("INJECT", two, date(2027, 1, 1)), reason=two, severity=Severity.HIGH)
    report = Report(one, (replace(row, severity=Severity.HIGH), row, accepted), 1, 0, two)
    text = REPORTS[name](report, Severity.INFO)
    assert text.replace("\n", "").isprintable()
    if name == "junit":
        assert text.isascii()
        assert len(ElementTree.fromstring(text).findall("testsuite/testcase")) == 3


def test_no_secret_leaves_in_any_format() -> None:
    for write in REPORTS.values():
        assert "6850e387550f" not in write(REPORT, Severity.INFO)


def test_a_time_is_written_to_the_microsecond() -> None:
    assert instant(1_700_000_000_123_456_789) == "2023-11-14T22:13:20.123456Z"
