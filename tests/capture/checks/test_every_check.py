"""What holds for all checks alike: each has something to say, and says nothing of a head with a hole in it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import samples
from exchanges import BEHIND_TLS, exchanged, found, ok, page
from httpresp_capture.checks import CHECKS, CHECKS_BY_ID, Options, Severity, examine
from httpresp_capture.checks.evidence import EVIDENCE_LIMIT
from httpresp_capture.checks.finding import MAX_HITS
from positives import OTHER_VERSION, POSITIVES

BEHIND = Options(behind_tls=True, opt_in=frozenset(check.id for check in CHECKS))
OF_CONNECTIONS = {"TLS-VERSION", "TLS-SUITE", "TLS-CERT", "TLS-PLAIN"}
"""They look at no head, and have tests of their own: `test_connection_checks.py`."""
ALL_CHECKS = pytest.mark.parametrize("check", sorted(POSITIVES))


def second_version(check: str) -> bytes:
    return OTHER_VERSION if check == "INJECT" else b""


def test_the_table_holds_the_catalogue() -> None:
    assert len(CHECKS_BY_ID) == len(CHECKS)
    assert set(CHECKS_BY_ID) == set(POSITIVES) | OF_CONNECTIONS


@ALL_CHECKS
def test_a_check_speaks_up(check: str) -> None:
    request, response = POSITIVES[check]
    findings = found(check, response, request, second_version=second_version(check))
    assert len(findings) >= 1
    for finding in findings:
        assert finding.reason.endswith(".")
        assert finding.advice.endswith(".")
        assert finding.reference
        assert finding.evidence.isprintable()


@ALL_CHECKS
def test_a_check_is_silent_when_the_head_has_a_hole(check: str) -> None:
    request, response = POSITIVES[check]
    end = response.index(b"\r\n\r\n")
    hole = (end - 6, end - 2)
    assert found(check, response, request, lost=hole, second_version=second_version(check)) == []


@ALL_CHECKS
def test_a_check_is_silent_when_the_capture_begins_within_the_head(check: str) -> None:
    request, response = POSITIVES[check]
    assert found(check, response, request, lost=(0, 12)) == []


IN_CLEAR_ONLY = {"CK-CLEAR", "AU-BASIC", "AU-TOKEN", "PLAIN-DOC"}
"""What is wrong only since others can listen: inventory on a hop behind TLS."""


@ALL_CHECKS
def test_behind_tls_what_matters_in_clear_is_inventory_and_the_rest_stays(check: str) -> None:
    request, response = POSITIVES[check]
    seen = exchanged(response, request, second_version=second_version(check))
    findings = [finding for one in seen for finding in examine(one, BEHIND) if finding.check == check]
    assert findings
    if check in IN_CLEAR_ONLY:
        assert {finding.severity for finding in findings} == {Severity.INFO}


@pytest.mark.parametrize("check", sorted(IN_CLEAR_ONLY))
def test_a_request_that_came_over_tls_makes_it_inventory_too(check: str) -> None:
    _, response = POSITIVES[check]
    assert {finding.severity for finding in found(check, response, BEHIND_TLS)} == {Severity.INFO}


def test_plain_http_on_443_was_decrypted_by_a_mirror() -> None:
    _, response = POSITIVES["CK-CLEAR"]
    (seen,) = exchanged(response, port=443)
    severities = {finding.check: finding.severity for finding in examine(seen)}
    assert severities["CK-CLEAR"] is Severity.INFO
    assert severities["CK-SECURE"] is Severity.MEDIUM


def test_an_opt_in_check_stays_out_unless_asked_for() -> None:
    request, response = POSITIVES["REFPOL"]
    (seen,) = exchanged(response, request)
    assert "REFPOL" not in {finding.check for finding in examine(seen)}


def test_a_check_that_is_off_does_not_run() -> None:
    request, response = POSITIVES["FRAME"]
    (seen,) = exchanged(response, request)
    assert "FRAME" in {finding.check for finding in examine(seen)}
    assert "FRAME" not in {finding.check for finding in examine(seen, Options(off=frozenset(("FRAME",))))}


def test_the_worst_comes_first() -> None:
    request, response = POSITIVES["CK-CLEAR"]
    (seen,) = exchanged(response, request)
    severities = [finding.severity for finding in examine(seen)]
    assert severities == sorted(severities, reverse=True)
    assert severities[0] is Severity.HIGH


def test_a_page_with_good_headers_over_tls_has_nothing_to_answer_for() -> None:
    response = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nServer: nginx\r\n"
        b"Content-Security-Policy: default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'\r\n"
        b"Strict-Transport-Security: max-age=63072000; includeSubDomains\r\nX-Content-Type-Options: nosniff\r\n"
        b"Set-Cookie: __Host-sid=3f786850e387550fdab836ed7e6dc881; Path=/; Secure; HttpOnly; SameSite=Lax\r\n"
        b"Cache-Control: no-store\r\nContent-Length: 15\r\n\r\n<!doctype html>"
    )
    (seen,) = exchanged(response, BEHIND_TLS)
    # On this hop it is in clear all the same: that is inventory.
    assert {(finding.check, finding.severity) for finding in examine(seen)} == {
        ("CK-CLEAR", Severity.INFO),
        ("PLAIN-DOC", Severity.INFO),
    }


def test_a_head_of_ten_thousand_bad_lines_is_told_by_fifty() -> None:
    seen = samples.response(b"HTTP/1.1 200 OK\r\n" + b"Server: nginx/1.22.1\r\n" * 10_000 + b"\r\n")
    assert [finding.check for finding in examine(seen)].count("VER-SERVER") == MAX_HITS


FIELDS = st.tuples(
    st.sampled_from(
        b"Set-Cookie Location Content-Type Content-Security-Policy WWW-Authenticate Server Cache-Control Via Refresh "
        b"Strict-Transport-Security Content-Encoding Access-Control-Allow-Origin X-Frame-Options Expires Age".split()
    ),
    st.binary(max_size=60).map(lambda value: value.replace(b"\n", b"")),
)


@given(
    fields=st.lists(FIELDS, max_size=8),
    body=st.binary(max_size=300),
    status=st.sampled_from((b"200", b"302", b"401", b"500")),
    target=st.text(st.characters(min_codepoint=33, max_codepoint=255), min_size=1, max_size=60),
    cut=st.booleans(),
)
def test_nothing_from_the_wire_makes_a_check_fail(
    fields: list[tuple[bytes, bytes]], body: bytes, status: bytes, target: str, cut: bool
) -> None:
    head = (
        b"HTTP/1.1 " + status + b" X\r\n" + b"".join(name + b": " + value + b"\r\n" for name, value in fields) + b"\r\n"
    )
    request = replace(samples.request(), target=target)
    seen = samples.response(head, body, request=request, body_bytes=len(body) + 7 * cut)
    for finding in examine(seen, BEHIND):
        assert finding.evidence.isprintable()
        assert len(finding.evidence) <= EVIDENCE_LIMIT
        assert 0 <= finding.offset <= len(head) + len(body)


HOSTILE_NAME = b"session\x1b[2J\x1b[H0 findings\x07\x9b31m" + b"x" * 3_000


@pytest.mark.parametrize("request_head", [b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", BEHIND_TLS])
def test_a_name_from_the_wire_acts_on_nothing_wherever_it_is_said(request_head: bytes) -> None:
    cookie = b"Set-Cookie: " + HOSTILE_NAME + b"=3f786850e387550fdab836ed7e6dc881; SameSite=None; Path=/\x1b[2J"
    (seen,) = exchanged(page(cookie), request_head)
    findings = examine(seen)
    assert any("session" in finding.reason for finding in findings)
    for finding in findings:
        for said in (
            finding.reason,
            finding.evidence,
            finding.parameter,
            finding.shape,
            finding.advice,
            finding.variant,
        ):
            assert said.isprintable()
            assert len(said) <= EVIDENCE_LIMIT


NEAR_SECRETS = {
    "SQL message": (
        b"You have an error in your SQL syntax; check the manual near 'SECRETVALUE1' AND pin = 1' at line 1",
        b"500 Internal Server Error",
    ),
    "SQL duplicate": (b"SQLSTATE[23000]: Duplicate entry 'ann-SECRETVALUE1' for key 'tokens.token'", b"500 No"),
    "SQL cut in a literal": (b"where token = 'SECRETVALUE1' -- SQLITE_ERROR: near \"SECRETVALUE1", b"500 No"),
    "PostgreSQL detail": (b"PSQLException: Detail: Key (token)=(SECRETVALUE1) already exists", b"500 No"),
    "PHP": (b"<b>Warning</b>: connect(mysql://root:SECRETVALUE1@db) in <b>/app/a.php</b> on line <b>3</b>", b"500 No"),
    "echo of a cookie": (b"Traceback (most recent call last): SECRETVALUE1\n  File 'a.py'", b"500 No"),
}


@pytest.mark.parametrize("name", NEAR_SECRETS)
def test_no_part_of_a_secret_stands_in_a_finding_about_a_body(name: str) -> None:
    body, status = NEAR_SECRETS[name]
    request = b"GET /?q=1 HTTP/1.1\r\nHost: a.test\r\nCookie: sid=SECRETVALUE1\r\n\r\n"
    (seen,) = exchanged(ok(b"Content-Type: text/plain", body=body, status=status), request)
    findings = [finding for finding in examine(seen, BEHIND) if finding.check.startswith("ERR-")]
    assert findings
    assert not any(
        "SECRET" in said for finding in findings for said in (finding.evidence, finding.shape, finding.reason)
    )


@pytest.mark.parametrize(
    "line",
    [
        b"X-Debug-Token: SECRETVALUE1",
        b"X-ChromeLogger-Data: SECRETVALUE1",
        b"Set-Cookie: sid=SECRETVALUE1; Path=/in?token=SECRETVALUE1",
        b"Set-Cookie: sid=SECRETVALUE1\r\nServer: SECRETVALUE1/1.2",
        b"Location: http://other.test/?access_token=SECRETVALUE1",
        b"Location: http://ann:SECRETVALUE1@other.test/",
        b"Set-Cookie: sid=SECRET\x01VALUE1",
        b"X-Api-Key: SECRET\rVALUE1",
        b"X-Api-Key : SECRETVALUE1",
    ],
)
def test_no_part_of_a_secret_stands_in_a_finding_about_a_head(line: bytes) -> None:
    (seen,) = exchanged(ok(line, status=b"302 Found"))
    findings = examine(seen, Options(opt_in=frozenset(check.id for check in CHECKS)))
    assert findings
    for finding in findings:
        for said in (finding.evidence, finding.shape, finding.reason, finding.variant):
            assert "SECR" not in said
            assert "VALUE" not in said


def test_no_part_of_a_secret_stands_in_what_was_sent_twice() -> None:
    response = ok(b"Set-Cookie: sid=" + b"A" * 20, body=b"")
    second = response.replace(b"A" * 20, b"B" * 20)
    (seen,) = exchanged(response, second_version=second)
    (finding,) = [finding for finding in examine(seen) if finding.check == "INJECT"]
    assert "AAA" not in finding.evidence
    assert "BBB" not in finding.evidence
