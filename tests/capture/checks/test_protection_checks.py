"""CORS, CSP, HSTS and the other headers that protect pages."""

from dataclasses import replace

import pytest

from exchanges import BEHIND_TLS, GET, LOCAL, exchanged, found, ok, page
from httpresp_capture.checks import Confidence, Severity, examine
from httpresp_capture.records.tls import READ, Tls
from positives import CREDENTIALS, JSON, ORIGIN

HEAD = b"HEAD /shop HTTP/1.1\r\nHost: shop.example\r\n\r\n"
PAGE_CHECKS = ("CSP-MISSING", "FRAME", "PLAIN-DOC", "CSP-WEAK")


@pytest.mark.parametrize("check", PAGE_CHECKS)
def test_errors_redirects_and_data_are_no_pages(check: str) -> None:
    policy = b"Content-Security-Policy: script-src *"
    assert found(check, page(policy, status=b"404 Not Found")) == []
    assert found(check, page(policy, b"Location: /", status=b"302 Found")) == []
    assert found(check, ok(JSON, policy, body=b"{}")) == []
    assert found(check, page(policy, body=b"")) == []


@pytest.mark.parametrize("check", PAGE_CHECKS)
def test_an_answer_to_head_is_no_page(check: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\n"
    assert found(check, head, HEAD) == []


def test_everyone_with_credentials_does_not_work_and_null_works_too_well() -> None:
    (everyone,) = found("CO-CREDS", ok(b"Access-Control-Allow-Origin: *", CREDENTIALS))
    (null,) = found("CO-CREDS", ok(b"Access-Control-Allow-Origin: null", CREDENTIALS))
    assert (everyone.severity, null.severity) == (Severity.LOW, Severity.MEDIUM)


def test_everyone_without_credentials_is_a_public_service() -> None:
    assert found("CO-CREDS", ok(b"Access-Control-Allow-Origin: *")) == []


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (b"https://partner.test", b"*"),
        (b"https://partner.test", b"https://other.test"),
        (b"https://www.shop.example", b"https://www.shop.example"),
    ],
)
def test_an_origin_that_is_not_simply_let_in_is_no_reflection(origin: bytes, allowed: bytes) -> None:
    request = b"GET / HTTP/1.1\r\nHost: api.shop.example\r\nOrigin: " + origin + b"\r\n\r\n"
    assert found("CO-REFLECT", ok(b"Access-Control-Allow-Origin: " + allowed, CREDENTIALS), request) == []


def test_one_origin_let_in_is_tentative() -> None:
    (finding,) = found("CO-REFLECT", ok(b"Access-Control-Allow-Origin: https://partner.test", CREDENTIALS), ORIGIN)
    assert (finding.confidence, finding.variant) == (Confidence.TENTATIVE, "partner.test")


def test_a_cache_that_is_told_of_origins_is_fine() -> None:
    fields = (
        b"Access-Control-Allow-Origin: https://partner.test",
        b"Cache-Control: max-age=60",
        b"Vary: accept, Origin",
    )
    assert found("CO-VARY", ok(*fields), ORIGIN) == []


def test_a_policy_in_the_page_counts() -> None:
    body = b'<html><head><meta http-equiv="Content-Security-Policy" content="default-src \'self\'">'
    assert found("CSP-MISSING", page(body=body)) == []


def test_a_policy_that_may_stand_in_an_unseen_page_makes_it_tentative() -> None:
    (whole,) = found("CSP-MISSING", page())
    response = page(body=b"x" * 5000)
    (lost,) = found("CSP-MISSING", response, lost=(len(response) - 3000, len(response) - 100))
    assert (whole.confidence, lost.confidence) == (Confidence.FIRM, Confidence.TENTATIVE)


@pytest.mark.parametrize(
    ("policy", "severities"),
    [
        (b"script-src 'unsafe-inline'; object-src 'none'; base-uri 'none'", [Severity.MEDIUM]),
        (b"default-src https: data:; base-uri 'none'", [Severity.MEDIUM]),
        (b"default-src 'self' 'unsafe-eval'; base-uri 'none'", [Severity.LOW]),
        (b"script-src 'self'", [Severity.LOW, Severity.LOW]),
        (b"frame-ancestors 'none'", [Severity.LOW]),
        (b"default-src 'self'; script-src-elem * 'unsafe-inline'; base-uri 'none'", [Severity.MEDIUM, Severity.MEDIUM]),
        (b"default-src 'self'; script-src-attr 'unsafe-inline'; base-uri 'none'", [Severity.MEDIUM]),
        (b"script-src-elem 'self'; object-src 'none'; base-uri 'none'", [Severity.MEDIUM, Severity.LOW]),
        (b"script-src https://*; object-src 'none'; base-uri 'none'", [Severity.MEDIUM]),
        (b"script-src *:443; object-src 'none'; base-uri 'none'", [Severity.MEDIUM]),
        (b"sandbox allow-scripts", [Severity.LOW]),
    ],
)
def test_a_weak_policy_is_found(policy: bytes, severities: list[Severity]) -> None:
    findings = found("CSP-WEAK", page(b"Content-Security-Policy: " + policy))
    assert [finding.severity for finding in findings] == severities


@pytest.mark.parametrize(
    "policy",
    [
        b"default-src 'none'",
        b"script-src 'nonce-R4nd0m' 'unsafe-inline'; object-src 'none'; base-uri 'none'",
        b"script-src 'strict-dynamic' 'nonce-R4nd0m' https: 'unsafe-inline'; object-src 'none'; base-uri 'none'",
        b"default-src 'self'; base-uri 'self', frame-ancestors 'none'",
        b"script-src 'unsafe-inline'; script-src-elem 'self'; script-src-attr; object-src 'none'; base-uri 'none'",
        b"script-src; object-src 'none'",
        b"sandbox allow-forms",
    ],
)
def test_a_good_policy_is_left_alone(policy: bytes) -> None:
    assert found("CSP-WEAK", page(b"Content-Security-Policy: " + policy)) == []


POLICY = b"Content-Security-Policy: "


@pytest.mark.parametrize(
    "policies",
    [
        # What the first keeps out stays out, whatever the second says, and in the other order.
        (b"default-src 'self'; base-uri 'none'; frame-ancestors 'none'", b"script-src 'unsafe-inline' *"),
        (b"script-src 'unsafe-inline' *", b"default-src 'self'; base-uri 'none'; frame-ancestors 'none'"),
        (b"default-src 'self'; base-uri 'none'", b"frame-ancestors 'none'", b"upgrade-insecure-requests"),
        (b"script-src 'self'", b"object-src 'none'; base-uri 'self'"),
        (b"script-src https:; object-src 'none'; base-uri 'none'", b"script-src data: 'unsafe-eval'"),
        (b"script-src 'nonce-a'; object-src 'none'; base-uri 'none'", b"script-src 'unsafe-inline' 'unsafe-eval' *"),
        (b"script-src 'unsafe-inline'; object-src 'none'; base-uri 'none'", b"sandbox"),
        (
            b"script-src 'unsafe-inline'; object-src 'none'; base-uri 'none'",
            b"script-src-elem 'self'",
            b"script-src-attr 'none'",
        ),
        (b"script-src * 'strict-dynamic' 'nonce-a'; object-src 'none'; base-uri 'none'", b"script-src *"),
    ],
)
@pytest.mark.parametrize("one_line", [False, True])
def test_several_policies_are_as_strong_as_all_of_them(policies: tuple[bytes, ...], one_line: bool) -> None:
    """CSP3 §8.1: a request must pass every policy."""
    fields = (POLICY + b", ".join(policies),) if one_line else tuple(POLICY + policy for policy in policies)
    assert found("CSP-WEAK", page(*fields)) == []


@pytest.mark.parametrize(
    ("policies", "reasons"),
    [
        (
            (b"script-src 'unsafe-inline'", b"default-src 'unsafe-inline' 'self'; base-uri 'none'"),
            ["inline scripts run"],
        ),
        (
            (b"script-src *; object-src 'none'; base-uri 'none'", b"script-src https: data:"),
            ["come from anywhere: https:."],
        ),
        (
            (
                b"script-src 'self' 'unsafe-eval'; object-src 'none'",
                b"default-src 'unsafe-eval' a.test; base-uri 'self'",
            ),
            ["made from text"],
        ),
        ((b"script-src 'self'", b"frame-ancestors 'none'"), ["about plugins", "no base-uri"]),
        ((b"frame-ancestors 'none'", b"upgrade-insecure-requests"), ["nothing about scripts"]),
    ],
)
def test_what_every_policy_lets_through_is_found_once(policies: tuple[bytes, ...], reasons: list[str]) -> None:
    findings = found("CSP-WEAK", page(*(POLICY + policy for policy in policies)))
    assert len(findings) == len(reasons)
    assert all(words in finding.reason for words, finding in zip(reasons, findings, strict=True))


def test_a_nonce_does_not_make_each_response_a_finding_of_its_own() -> None:
    one, two = (
        found("CSP-WEAK", page(b"Content-Security-Policy: script-src 'nonce-" + nonce + b"'; object-src 'none'"))
        for nonce in (b"R4nd0m", b"0th3r")
    )
    assert [finding.evidence for finding in one] == [finding.evidence for finding in two]
    assert "R4nd0m" not in one[0].evidence


def test_a_policy_that_only_reports_is_inventory_and_not_missing() -> None:
    response = page(b"Content-Security-Policy-Report-Only: default-src 'self'")
    (finding,) = found("CSP-WEAK", response)
    assert finding.severity is Severity.INFO
    assert found("CSP-MISSING", response) == []


@pytest.mark.parametrize(
    "fields",
    [(b"X-Frame-Options: ALLOW-FROM https://a.test",), (b"X-Frame-Options: DENY", b"X-Frame-Options: SAMEORIGIN")],
)
def test_frame_options_that_browsers_do_not_heed_are_found(fields: tuple[bytes, ...]) -> None:
    assert len(found("FRAME", page(*fields))) == 1


@pytest.mark.parametrize(
    "field",
    [
        b"X-Frame-Options: deny",
        b"X-Frame-Options: SAMEORIGIN, SAMEORIGIN",
        b"Content-Security-Policy: frame-ancestors *",
    ],
)
def test_a_page_that_says_who_may_frame_it_is_fine(field: bytes) -> None:
    assert found("FRAME", page(field)) == []


@pytest.mark.parametrize(
    ("fields", "severities"),
    [
        ((), [Severity.LOW]),
        ((b"Strict-Transport-Security: max-age=0",), [Severity.MEDIUM]),
        ((b"Strict-Transport-Security: includeSubDomains",), [Severity.MEDIUM]),
        ((b"Strict-Transport-Security: max-age=3600",), [Severity.LOW]),
        ((b'Strict-Transport-Security: max-age="31536000"',) * 2, [Severity.LOW]),
        ((b"Strict-Transport-Security: max-age=31536000; includeSubDomains",), []),
        ((b"Strict-Transport-Security: max-age=31535999",), [Severity.LOW]),
        # RFC 6797 §8.1: of two that differ the first counts.
        ((b"Strict-Transport-Security: max-age=31536000", b"Strict-Transport-Security: max-age=0"), [Severity.LOW]),
        (
            (b"Strict-Transport-Security: max-age=0", b"Strict-Transport-Security: max-age=31536000"),
            [Severity.MEDIUM, Severity.LOW],
        ),
        (
            (b"Strict-Transport-Security: preload", b"Strict-Transport-Security: max-age=31536000"),
            [Severity.MEDIUM, Severity.LOW],
        ),
    ],
)
def test_strict_transport_is_judged_over_tls(fields: tuple[bytes, ...], severities: list[Severity]) -> None:
    assert [finding.severity for finding in found("HSTS", page(*fields), BEHIND_TLS)] == severities


def test_strict_transport_is_missed_on_pages_and_surely_where_nothing_stands_in_front() -> None:
    assert found("HSTS", ok(JSON, body=b"{}"), BEHIND_TLS) == []
    (behind,) = found("HSTS", page(), BEHIND_TLS)
    assert (behind.confidence, behind.evidence) == (Confidence.TENTATIVE, "absent")
    (row,) = exchanged(page())
    flow = replace(row.flow, tls=Tls("TLS 1.3", "shop.example", "", READ, ""))
    (here,) = [each for each in examine(replace(row, flow=flow)) if each.check == "HSTS"]
    assert (here.confidence, here.severity) == (Confidence.CERTAIN, Severity.LOW)


def test_strict_transport_in_clear_text_is_ignored_and_never_missed() -> None:
    assert found("HSTS", page(), GET) == []
    (finding,) = found("HSTS", page(b"Strict-Transport-Security: max-age=0"), GET)
    assert finding.severity is Severity.INFO


def test_a_page_of_the_internet_in_clear_text_is_found_and_one_at_home_is_not() -> None:
    (finding,) = found("PLAIN-DOC", page())
    assert (finding.severity, finding.evidence) == (Severity.MEDIUM, "shop.example, title of 4 characters")
    assert found("PLAIN-DOC", page(), addresses=LOCAL) == []


def test_of_a_page_in_clear_text_without_a_title_none_is_told() -> None:
    (finding,) = found("PLAIN-DOC", page(body=b"<!doctype html><p>Shop</p>"))
    assert finding.evidence == "shop.example"


@pytest.mark.parametrize("path", [b"/hotspot-detect.html", b"/.well-known/acme-challenge/x", b"/debian/InRelease"])
def test_what_is_meant_to_be_in_clear_text_is_inventory(path: bytes) -> None:
    request = b"GET " + path + b" HTTP/1.1\r\nHost: shop.example\r\n\r\n"
    (finding,) = found("PLAIN-DOC", page(), request)
    assert finding.severity is Severity.INFO


def test_a_redirect_out_of_tls_is_found_and_one_into_it_is_not() -> None:
    (finding,) = found("REDIR-DOWN", ok(b"Location: HTTP://user@shop.example:80/a", status=b"301 Moved"), BEHIND_TLS)
    assert (finding.severity, finding.confidence) == (Severity.MEDIUM, Confidence.TENTATIVE)
    assert found("REDIR-DOWN", ok(b"Location: https://shop.example/", status=b"301 Moved"), BEHIND_TLS) == []


def test_in_clear_text_a_redirect_to_another_host_is_inventory() -> None:
    (finding,) = found("REDIR-DOWN", ok(b"Location: http://elsewhere.test/", status=b"301 Moved"))
    assert finding.severity is Severity.INFO
    assert found("REDIR-DOWN", ok(b"Location: http://shop.example:80/", status=b"301 Moved")) == []


@pytest.mark.parametrize("value", [b"nosniff", b"NoSniff", b"nosniff, nosniff"])
def test_nosniff_in_any_case_is_enough(value: bytes) -> None:
    assert found("NOSNIFF", page(b"X-Content-Type-Options: " + value)) == []


def test_nosniff_is_not_asked_of_pictures_errors_and_empty_answers() -> None:
    assert found("NOSNIFF", ok(b"Content-Type: image/png", body=b"\x89PNG")) == []
    assert found("NOSNIFF", page(status=b"500 Oops")) == []
    assert found("NOSNIFF", ok(JSON)) == []


@pytest.mark.parametrize(
    ("origin", "same_site"),
    [
        (b"https://partner.gov.au", False),
        (b"https://shop.kawasaki.jp", False),
        (b"https://www.shop.gov.au", True),
    ],
)
def test_sites_are_told_apart_by_the_public_suffix_list(origin: bytes, same_site: bool) -> None:
    request = b"GET / HTTP/1.1\r\nHost: api.shop.gov.au\r\nOrigin: " + origin + b"\r\n\r\n"
    findings = found("CO-REFLECT", ok(b"Access-Control-Allow-Origin: " + origin, CREDENTIALS), request)
    assert len(findings) == (0 if same_site else 1)
