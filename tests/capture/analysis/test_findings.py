"""Findings rolled up, bounded, accepted; and the file that accepts them."""

from dataclasses import replace
from datetime import date

import pytest

from exchanges import BEHIND_TLS, GET, exchanged, ok, page
from httpresp_capture.analysis.baseline import Acceptance, Baseline, parse, to_toml
from httpresp_capture.analysis.findings import Findings, origin_of
from httpresp_capture.analysis.routes import route_of_path
from httpresp_capture.checks import Confidence, Severity
from httpresp_capture.checks.evidence import redacted
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.problems import Problem
from httpresp_capture.redaction import Redactor
from positives import CREDENTIALS, SESSION, THEME

SECOND = 1_000_000_000
TODAY = date(2027, 1, 15)


def seen(response: bytes, request: bytes = GET, number: int = 1) -> Response:
    (one,) = exchanged(response, request)
    return replace(one, id=number, at=one.at + number * SECOND)


def test_a_hundred_responses_that_lack_the_same_header_are_one_row() -> None:
    findings = Findings()
    first = seen(page())
    for number in range(1, 101):
        findings.add(replace(first, id=number, at=first.at + number))
    (row,) = [row for row in findings.rows() if row.check == "FRAME"]
    assert (row.count, row.origin, row.samples) == (100, "shop.example:80", (1, 2, 3, 4, 5))
    assert (row.first_seen, row.last_seen) == (first.at + 1, first.at + 100)
    assert findings.responses == 100


def test_a_session_value_that_changes_does_not_make_new_rows() -> None:
    findings = Findings()
    findings.add(seen(ok(SESSION), number=1))
    findings.add(seen(ok(b"Set-Cookie: session=ffffffff850e387550fdab836ed7e6dc"), number=2))
    assert [row.count for row in findings.rows() if row.check == "CK-CLEAR"] == [2]


def test_what_was_in_clear_and_what_was_behind_tls_are_counted_apart() -> None:
    findings = Findings()
    for number, request in enumerate((GET, BEHIND_TLS, BEHIND_TLS), 1):
        findings.add(seen(ok(SESSION), request, number))
    rows = [row for row in findings.rows() if row.check == "CK-CLEAR"]
    assert [(row.severity, row.count) for row in rows] == [(Severity.HIGH, 1), (Severity.INFO, 2)]


def test_each_cookie_is_a_row_of_its_own() -> None:
    findings = Findings()
    findings.add(seen(ok(SESSION, THEME)))
    assert {row.parameter for row in findings.rows() if row.check == "CK-CLEAR"} == {"session", "theme"}


def test_a_response_is_counted_once_however_often_it_is_added() -> None:
    findings = Findings()
    response = seen(page())
    assert findings.add(response) == findings.add(response) == findings.check(response)
    assert findings.rows()[0].count == 1


def test_of_late_evidence_only_what_it_brings_is_counted() -> None:
    findings = Findings()
    [before] = exchanged(page(SESSION))
    findings.add(before)
    counts = {row.check: row.count for row in findings.rows()}
    after = replace(before, problems=(Problem("extra-bytes", 300, "more"),))
    findings.amend(after, before)
    assert {row.check: row.count for row in findings.rows()} == {**counts, "FRAMING": 1}
    findings.amend(replace(after, problems=(*after.problems, Problem("extra-bytes", 400, "more"))), after)
    assert {row.check: row.count for row in findings.rows()} == {**counts, "FRAMING": 1}
    assert findings.responses == 1


def test_an_open_response_is_examined_and_counted_when_it_has_ended() -> None:
    findings = Findings()
    ended = seen(page())
    still_open = replace(ended, end=None)
    assert findings.add(still_open)
    assert findings.rows() == ()
    findings.add(ended)
    assert findings.responses == 1


def test_rows_are_sorted_by_severity_then_count() -> None:
    findings = Findings()
    findings.add(seen(page(SESSION)))
    severities = [row.severity for row in findings.rows()]
    assert severities == sorted(severities, reverse=True)
    assert findings.rows(Severity.HIGH) == tuple(row for row in findings.rows() if row.severity is Severity.HIGH)
    assert findings.counts()[Severity.HIGH] == 1


def test_the_table_of_rows_is_bounded_and_says_what_it_dropped() -> None:
    findings = Findings(max_rows=3)
    for number in range(1, 6):
        request = b"GET / HTTP/1.1\r\nHost: h%d.test\r\n\r\n" % number
        findings.add(seen(ok(b"Server: nginx/1.22.1"), request, number))
    assert len(findings.rows()) == 3
    assert findings.rows_dropped == 2


def test_findings_can_be_asked_for_by_id_text_and_severity() -> None:
    findings = Findings()
    response = seen(ok(SESSION))
    assert findings.matches(response, "ck-clear")
    assert findings.matches(response, "CK-")
    assert findings.matches(response, "clear text")
    assert not findings.matches(response, "HSTS")
    assert findings.worst(response) is Severity.HIGH
    assert findings.worst(seen(ok(), number=2)) is None


def test_a_reflected_origin_is_firm_from_the_second_site_on() -> None:
    findings = Findings()
    for number, site in enumerate((b"https://one.test", b"https://one.test", b"https://two.test"), 1):
        request = b"GET / HTTP/1.1\r\nHost: api.shop.example\r\nOrigin: " + site + b"\r\n\r\n"
        findings.add(seen(ok(b"Access-Control-Allow-Origin: " + site, CREDENTIALS), request, number))
        (row,) = [row for row in findings.rows() if row.check == "CO-REFLECT"]
        assert row.confidence is (Confidence.FIRM if number == 3 else Confidence.TENTATIVE)


@pytest.mark.parametrize(
    ("request_head", "origin"),
    [
        (b"GET / HTTP/1.1\r\nHost: Shop.Example:8080\r\n\r\n", "shop.example:8080"),
        (b"GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n", "[::1]:80"),
        (b"GET / HTTP/1.0\r\n\r\n", "198.51.100.1:80"),
    ],
)
def test_an_origin_is_a_host_and_a_port(request_head: bytes, origin: str) -> None:
    assert origin_of(seen(ok(), request_head)) == origin


def test_an_ipv6_server_without_a_host_is_written_in_brackets() -> None:
    (one,) = exchanged(ok(), b"GET / HTTP/1.0\r\n\r\n", addresses=("2001:db8::9", "2001:db8::1"))
    assert origin_of(one) == "[2001:db8::1]:80"


def test_tags_of_findings_and_of_redacted_exports_are_the_same() -> None:
    salt = b"sixteen bytes ok"
    assert redacted("3f786850", salt) == Redactor(salt).tag("cookie", "3f786850")


BASELINE = """
[[accepted]]
check = "FRAME"
origin = "shop.example:*"
path = "/widget/*"
reason = "made to be framed"
expires = 2027-01-31

[[accepted]]
check = "CK-CLEAR"
origin = "shop.example:80"
parameter = "theme"
reason = "a colour scheme"
expires = 2026-12-31
"""


def test_what_is_accepted_is_counted_and_breaks_no_bar() -> None:
    findings = Findings(baseline=parse(BASELINE), today=TODAY)
    findings.add(seen(page(), b"GET /widget/7 HTTP/1.1\r\nHost: shop.example\r\n\r\n", 1))
    findings.add(seen(page(), b"GET /cart HTTP/1.1\r\nHost: shop.example\r\n\r\n", 2))
    accepted, still_open = (
        [row for row in findings.rows() if row.check == "FRAME" and (row.accepted is None) is is_open]
        for is_open in (False, True)
    )
    assert [row.count for row in accepted] == [1]
    assert [row.samples for row in still_open] == [(2,)]
    report = findings.report("x.pcap")
    assert accepted[0] not in report.breaks(Severity.LOW)
    assert still_open[0] in report.breaks(Severity.LOW)
    assert report.rows[-1] is accepted[0]


def test_what_has_expired_counts_again() -> None:
    baseline = parse(BASELINE)
    findings = Findings(baseline=baseline, today=TODAY)
    findings.add(seen(ok(THEME)))
    (row,) = [row for row in findings.rows() if row.check == "CK-CLEAR"]
    assert row.accepted is None
    assert [acceptance.check for acceptance in baseline.expired(TODAY)] == ["CK-CLEAR"]
    assert baseline.expired(date(2026, 12, 31)) == ()


def test_a_row_accepted_on_the_screen_moves_and_its_baseline_can_be_kept() -> None:
    findings = Findings(today=TODAY)
    findings.add(seen(page(), number=1))
    (row,) = [row for row in findings.rows() if row.check == "FRAME"]
    baseline = findings.accept(row, 'known: "later"\n', date(2027, 2, 1))
    findings.add(seen(page(), number=2))
    (after,) = [row for row in findings.rows() if row.check == "FRAME"]
    assert after.accepted == baseline.accepted[0]
    assert after.count == 2
    assert findings.accepted_count == 1
    assert parse(to_toml(baseline)) == baseline


def test_an_ipv6_origin_is_accepted_as_it_is_written() -> None:
    baseline = Baseline()
    (one,) = exchanged(page(), b"GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n")
    findings = Findings(today=TODAY)
    findings.add(one)
    (row,) = [row for row in findings.rows() if row.check == "FRAME"]
    baseline = findings.accept(row, "mine", date(2027, 2, 1))
    again = Findings(baseline=parse(to_toml(baseline)), today=TODAY)
    again.add(one)
    assert again.accepted_count == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[accepted]]\ncheck = 'FRAMES'", "no check is called 'FRAMES'"),
        ("[[accepted]]\ncheck = 'FRAME'\nexpires = 2027-01-01", "needs reason"),
        ("[[accepted]]\ncheck = 'FRAME'\nreason = 'x'", "needs expires"),
        ("[[accepted]]\ncheck = 'FRAME'\nreason = 'x'\nexpires = '2027-01-01'", "without quotes"),
        ("[[accepted]]\ncheck = 'FRAME'\nhost = 'x'", "unknown key 'host'"),
        ("accepted = 5", "only [[accepted]]"),
        ("ignored = []", "only [[accepted]]"),
        ("= x", "is not TOML"),
    ],
)
def test_a_baseline_that_is_wrong_says_where(text: str, said: str) -> None:
    with pytest.raises(CaptureError) as raised:
        parse(text, "known.toml")
    assert said in str(raised.value)
    assert str(raised.value).startswith("known.toml")


def test_a_baseline_survives_any_text() -> None:
    baseline = Baseline((Acceptance("FRAME", 'a\\b "c" \t \u202e é', TODAY, "h:*", "p", "/x*"),))
    assert parse(to_toml(baseline)) == baseline


def test_the_reason_of_an_acceptance_acts_on_nothing_and_is_bounded() -> None:
    """It is written by people, into a file that others read."""
    accepted = Acceptance("FRAME", "known\x1b[2J\x9b0m " + "x" * 5_000, date(2027, 1, 1))
    assert accepted.words.isprintable()
    assert len(accepted.words) <= 300
    assert parse(to_toml(Baseline((accepted,)))).accepted == (accepted,)


def test_an_origin_has_no_user_part() -> None:
    assert origin_of(seen(ok(), b"GET / HTTP/1.1\r\nHost: ann:hunter@shop.example\r\n\r\n")) == "shop.example:80"
    assert origin_of(seen(ok(), b"GET http://ann:hunter@a.test/ HTTP/1.1\r\nHost: b\r\n\r\n")) == "a.test:80"


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/a;jsessionid=SECRET1/b", "/a/b"),
        ("/reset-token/8fJ2kQ9xA/confirm", "/reset-token/*/confirm"),
        ("/x/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "/x/*"),
        ("ann:hunter@shop.example:443", "*"),
        ("/auth/oauth2/token", "/auth/oauth2/token"),
        ("/api/v2/tokens/17", "/api/v2/tokens/*"),
        ("/session/new", "/session/new"),
    ],
)
def test_a_route_holds_no_secret(path: str, route: str) -> None:
    assert route_of_path(path) == route


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "{b=" * 50_000])
def test_a_baseline_that_is_nested_without_end_is_a_sentence(text: str) -> None:
    with pytest.raises(CaptureError, match="nested too deeply"):
        parse(text)
