"""Findings as JUnit XML, the shape that CI services read: testsuites, testsuite, testcase, failure.

A suite is an origin, a case a finding. One at or above the bar fails, one under it passes and tells what it saw, an
accepted one is skipped with its reason. The last suite is the capture: what the rest is worth; an error where nothing
was checked.
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from httpresp_capture.analysis.coverage import Trust
from httpresp_capture.analysis.findings import FindingRow, Report
from httpresp_capture.checks import CHECKS_BY_ID, Severity
from httpresp_capture.export import confidence
from httpresp_capture.export.findings_json import instant
from httpresp_capture.export.report_format import ReportFormat
from httpresp_capture.export.wording import times, walled
from httpresp_capture.records.plurals import many


def write(report: Report, bar: Severity = Severity.LOW) -> str:
    """The report as an XML document."""
    root = Element("testsuites", name="httpresp-tui")
    by_origin: dict[str, list[FindingRow]] = {}
    for row in report.rows:
        by_origin.setdefault(row.origin, []).append(row)
    for origin, rows in by_origin.items():
        suite = SubElement(root, "testsuite", name=origin)
        for row in rows:
            _case(suite, row, bar)
        _count(suite)
    suite = SubElement(root, "testsuite", name=report.source)
    told = confidence.line(report.coverage)
    if report.coverage.trust is Trust.NONE:
        case = SubElement(suite, "testcase", classname=report.source, name="something was checked")
        SubElement(case, "error", message=told)
    elif not by_origin:
        name = f"no findings in {many(report.responses, 'response')}"
        SubElement(SubElement(suite, "testcase", classname=report.source, name=name), "system-out").text = told
    else:
        SubElement(SubElement(suite, "testcase", classname=report.source, name="read"), "system-out").text = told
    _count(suite)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    _wall(root)
    indent(root)
    # Plain ASCII is right whatever encoding it is written in.
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="us-ascii").decode("ascii") + "\n"


def _wall(root: Element) -> None:
    """XML 1.0 §2.2 has no place for control characters, escaped or not."""
    for element in root.iter():
        for name, value in element.items():
            element.set(name, walled(value))
        if element.text is not None:
            element.text = walled(element.text)


def _case(suite: Element, row: FindingRow, bar: Severity) -> None:
    name = f"{row.check}: {CHECKS_BY_ID[row.check].title}" + (f" ({row.parameter})" if row.parameter else "")
    case = SubElement(suite, "testcase", classname=row.origin, name=name)
    if row.accepted is not None:
        SubElement(case, "skipped", message=f"{row.accepted.words} (until {row.accepted.expires.isoformat()})")
    elif row.severity >= bar:
        failure = SubElement(case, "failure", type=row.severity.word, message=row.reason)
        failure.text = _told(row)
    else:
        SubElement(case, "system-out").text = _told(row)


def _told(row: FindingRow) -> str:
    responses = ", ".join(f"#{sample}" for sample in row.samples)
    return (
        f"{row.reason}\n{row.evidence}\n{row.advice}\n{row.reference}\n"
        f"{row.severity.word}, {row.confidence.value}; {times(row.count)} from {instant(row.first_seen)} "
        f"to {instant(row.last_seen)}; responses {responses}"
    )


def _count(suite: Element) -> None:
    cases = list(suite)
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(1 for case in cases if case.find("failure") is not None)))
    suite.set("errors", str(sum(1 for case in cases if case.find("error") is not None)))
    suite.set("skipped", str(sum(1 for case in cases if case.find("skipped") is not None)))


JUNIT = ReportFormat("junit", lambda overview, bar: write(overview.report, bar))
