"""What is said against the connection that carries a response, and against one that is not read at all."""

from dataclasses import replace
from typing import Any

import pytest

from httpresp_capture.analysis.findings import Findings, origin_of
from httpresp_capture.checks import Finding, Severity, examine
from httpresp_capture.export import text as plain_text
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.tls import NO_KEY, READ, Tls
from httpresp_capture.tls.names import suite_name
from samples import FLOW, encrypted, response

GOOD = Tls("TLS 1.2", "shop.example", "h2", NO_KEY, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")


def over(**fields: Any) -> Response:
    return encrypted(flow=replace(FLOW, tls=replace(GOOD, **fields)))


def said(row: Response, check: str) -> list[tuple[Severity, str]]:
    return [(one.severity, one.evidence) for one in examine(row) if one.check == check]


def ids(found: tuple[Finding, ...]) -> set[str]:
    return {one.check for one in found}


def test_nothing_is_said_against_a_good_one() -> None:
    assert examine(over(certificate_subject="shop.example", certificate_not_after="2024-11-14T22:13:20Z")) == ()


@pytest.mark.parametrize("version", ["SSL 3.0", "TLS 1.0", "TLS 1.1"])
def test_an_old_version(version: str) -> None:
    assert said(over(version=version), "TLS-VERSION") == [(Severity.MEDIUM, version)]


def test_names_that_are_no_ascii_are_read_as_utf8() -> None:
    wire = "b\u00fccher.example".encode().decode("latin-1")
    expired = {"certificate_subject": wire, "certificate_not_after": "2020-01-01T00:00:00Z"}
    row = over(sni=wire, **expired)
    assert [one[1] for one in said(row, "TLS-CERT")] == ["b\u00fccher.example until 2020-01-01T00:00:00Z"]
    assert origin_of(row) == "b\u00fccher.example:8080"
    assert origin_of(over(sni="b\xfccher.example")) == "b\u00fccher.example:8080", "Latin-1 stays what it is"


def test_what_a_client_merely_offers_is_no_version() -> None:
    assert examine(over(version="TLS 1.0", cipher_suite="")) == ()


@pytest.mark.parametrize(
    ("suite", "severity"),
    [
        ("TLS_RSA_WITH_RC4_128_SHA", Severity.MEDIUM),
        ("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", Severity.MEDIUM),
        ("TLS_RSA_WITH_AES_128_GCM_SHA256", Severity.LOW),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", None),
        *((suite_name(each), Severity.MEDIUM) for each in (0x01, 0x18, 0x62, 0xC010, 0xC018, 0xC0B4)),
        *((suite_name(each), Severity.LOW) for each in (0x30, 0xA8, 0xC004, 0xC00E, 0xC0A8, 0xCCAE)),
        *((suite_name(each), None) for each in (0x33, 0xAA, 0xC0A2, 0xCCAC)),
        ("TLS_AES_128_GCM_SHA256", None),
        ("0x1234", None),
    ],
)
def test_a_weak_suite(suite: str, severity: Severity | None) -> None:
    wanted = [] if severity is None else [(severity, suite)]
    assert said(over(cipher_suite=suite), "TLS-SUITE") == wanted


@pytest.mark.parametrize(
    ("until", "severity", "words"),
    [
        ("2023-11-14T22:13:19Z", Severity.MEDIUM, "had expired"),
        ("2023-11-20T12:00:00Z", Severity.LOW, "expires within 6 days"),
        ("2023-11-28T22:13:19Z", Severity.LOW, "expires within 14 days"),
        ("2023-11-28T22:13:21Z", None, ""),
        ("9999-12-31T23:59:59Z", None, ""),
        ("nonsense", None, ""),
    ],
)
def test_a_certificate_by_the_clock_of_the_capture(until: str, severity: Severity | None, words: str) -> None:
    found = list(examine(over(certificate_subject="a.example", certificate_not_after=until)))
    assert [(one.check, one.severity) for one in found] == ([] if severity is None else [("TLS-CERT", severity)])
    assert all(words in one.reason for one in found)


def test_a_response_says_it_too_beside_what_its_head_says() -> None:
    row = response(b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n\r\n")
    row = replace(row, flow=replace(FLOW, tls=replace(GOOD, state=READ, version="TLS 1.0")))
    assert {"TLS-VERSION", "VER-SERVER"} <= ids(examine(row))


def test_in_clear_nothing_of_it_is_said() -> None:
    assert not any(check.startswith("TLS") for check in ids(examine(response())))


def test_a_clear_answer_to_tls() -> None:
    row = response(problems=(Problem("no-request", 0, "the client sent TLS"),))
    assert said(row, "TLS-PLAIN") == [(Severity.LOW, "HTTP/1.1 200 OK")]
    assert said(response(problems=(Problem("no-request", 0, "not seen"),)), "TLS-PLAIN") == []


def test_a_row_of_an_encrypted_connection_is_no_response_among_the_findings() -> None:
    findings = Findings()
    findings.add(over(version="TLS 1.0"))
    assert (findings.responses, findings.unanswered, findings.unchecked) == (0, 0, 0)
    assert [row.check for row in findings.rows()] == ["TLS-VERSION"]


def test_a_report_of_connections_alone_does_not_say_that_nothing_was_checked() -> None:
    findings = Findings()
    findings.add(over(version="TLS 1.0"))
    report = findings.report("tls.pcap", coverage=findings.coverage(Counters(encrypted=1, flows_encrypted=1)))
    text = plain_text.write(report, Severity.LOW)
    assert "0 responses, 1 finding (0 high, 1 medium, 0 low)\n" in text
    assert "nothing checked" not in text
