"""VER-*, CT-*, SPLIT, FRAMING, INJECT and the opt-in ones."""

import gzip

import pytest

from exchanges import GET, exchanged, found, ok, page
from httpresp_capture.checks import Confidence, Options, Severity, examine
from positives import ENCODED_CRLF, JSON, OTHER_VERSION, TEXT


@pytest.mark.parametrize(
    ("server", "severity"),
    [
        (b"nginx/1.22.1", Severity.INFO),
        (b"Apache/2.4.57 (Debian)", Severity.INFO),
        (b"Apache (Ubuntu)", Severity.INFO),
        (b"Apache/2.2.15 OpenSSL/1.0.1e", Severity.LOW),
        (b"Microsoft-IIS/7.5", Severity.LOW),
    ],
)
def test_a_version_in_server_is_found(server: bytes, severity: Severity) -> None:
    (finding,) = found("VER-SERVER", ok(b"Server: " + server))
    assert finding.severity is severity


@pytest.mark.parametrize("server", [b"nginx", b"AmazonS3", b"HTTP API/2", b"cloudfront", b"gws"])
def test_a_name_without_a_version_tells_little(server: bytes) -> None:
    assert found("VER-SERVER", ok(b"Server: " + server)) == []


@pytest.mark.parametrize(
    ("field", "severity"),
    [
        (b"X-Powered-By: Express", Severity.INFO),
        (b"X-AspNet-Version: 4.0.30319", Severity.LOW),
        (b"X-Drupal-Cache: HIT", Severity.INFO),
        (b"X-Runtime: 0.012345", Severity.INFO),
    ],
)
def test_headers_that_tell_the_technology_are_found(field: bytes, severity: Severity) -> None:
    (finding,) = found("VER-TECH", ok(field))
    assert finding.severity is severity


@pytest.mark.parametrize("field", [b"X-B3-TraceId: 1.2", b"X-Kong-Upstream-Latency: 3", b"X-Request-Id: 1.0"])
def test_tracing_ids_are_useful_and_no_leak(field: bytes) -> None:
    assert found("VER-TECH", ok(field)) == []


@pytest.mark.parametrize(
    ("response", "severity"),
    [
        (ok(body=b"seventeen bytes and more"), Severity.INFO),
        (ok(b"Content-Type: html", body=b"seventeen bytes and more"), Severity.INFO),
        (ok(b"Content-Type: text/plain", b"Content-Type: text/html; charset=utf-8", body=b"x"), Severity.LOW),
        (ok(b"Content-Type: text/html; charset=UTF-7", body=b"x"), Severity.MEDIUM),
        (ok(b"Content-Type: text/html", body=b"<p>x"), Severity.INFO),
    ],
)
def test_a_type_or_charset_left_to_guessing_is_found(response: bytes, severity: Severity) -> None:
    (finding,) = found("CT-MISSING", response)
    assert finding.severity is severity


@pytest.mark.parametrize(
    "response",
    [
        ok(body=b"ok"),
        ok(status=b"204 No Content"),
        ok(b"Content-Type: text/html", body=b'<meta charset="utf-8">'),
        ok(b"Content-Type: text/html", body=b"\xef\xbb\xbf<p>x"),
        page(),
    ],
)
def test_a_type_that_needs_no_guessing_is_fine(response: bytes) -> None:
    assert found("CT-MISSING", response) == []


def test_an_answer_to_head_has_no_type_to_miss() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    assert found("CT-MISSING", head, b"HEAD / HTTP/1.1\r\nHost: shop.example\r\n\r\n") == []


@pytest.mark.parametrize(
    "response",
    [
        ok(b"Content-Type: image/png", body=b"<svg onload=alert(1)>"),
        ok(JSON, body=b"<!DOCTYPE html><p>Error"),
        ok(b"Content-Type: text/html", body=b'{"a": [1, 2]}'),
        ok(TEXT, b"Content-Encoding: gzip", body=gzip.compress(b"<html>")),
    ],
)
def test_a_body_of_another_type_is_found(response: bytes) -> None:
    (finding,) = found("CT-MISMATCH", response)
    assert finding.severity is Severity.MEDIUM


@pytest.mark.parametrize(
    "response",
    [
        ok(b"Content-Type: image/svg+xml", body=b"<svg xmlns='x'>"),
        ok(JSON, body=b'{"html": "<html>"}'),
        ok(TEXT, b"X-Content-Type-Options: nosniff", body=b"<html>"),
        ok(TEXT, body=b"<htmlx>"),
        ok(b"Content-Type: text/html", body=b"{% not json %}"),
        ok(b"Content-Type: text/html", body=b"[" * 5000),
        ok(
            b"Content-Type: application/octet-stream",
            b"Content-Disposition: attachment; filename=a.html",
            body=b"<html>",
        ),
    ],
)
def test_a_body_that_may_be_what_it_says_is_left_alone(response: bytes) -> None:
    assert found("CT-MISMATCH", response) == []


@pytest.mark.parametrize(
    ("field", "severity"),
    [
        (b"X-Name: a\rb", Severity.MEDIUM),
        (b"X-Name: a\x00b", Severity.MEDIUM),
        (b"X-Name : a", Severity.MEDIUM),
        (b"X Name: a", Severity.MEDIUM),
        (b"X-Name: a\r\n more", Severity.LOW),
    ],
)
def test_bytes_that_others_take_for_a_line_end_are_found(field: bytes, severity: Severity) -> None:
    findings = found("SPLIT", ok(field, body=b"hello"))
    assert severity in {finding.severity for finding in findings}
    assert all(finding.evidence.isascii() for finding in findings)


def test_a_clean_head_is_not_split() -> None:
    assert found("SPLIT", ok(b"X-Name: a\tb \xe9", body=b"hello")) == []


def test_a_second_status_line_after_an_encoded_line_end_is_an_attack() -> None:
    body = b"hello\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    (finding,) = found("SPLIT", ok(TEXT, body=body), ENCODED_CRLF)
    assert finding.severity is Severity.HIGH
    assert found("SPLIT", ok(TEXT, body=body), GET) == []
    assert found("SPLIT", ok(b"Content-Type: message/http", body=body), ENCODED_CRLF) == []


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


def test_two_lengths_that_put_the_end_at_different_places_are_worst() -> None:
    same = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n" + CHUNKED
    other = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n" + CHUNKED
    assert [finding.severity for finding in found("FRAMING", same)] == [Severity.MEDIUM]
    assert [finding.severity for finding in found("FRAMING", other)] == [Severity.HIGH]


@pytest.mark.parametrize(
    ("response", "problem"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "differing-lengths"),
        (b"HTTP/1.0 200 OK\r\n" + CHUNKED, "encoding-in-1.0"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n", "bad-chunk-size"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloo\r\n0\r\n\r\n", "bad-chunk-end"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", "coding-order"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more", "extra-bytes"),
    ],
)
def test_framing_that_two_readers_take_differently_is_found(response: bytes, problem: str) -> None:
    assert problem in {finding.parameter for finding in found("FRAMING", response)}


def test_clean_framing_is_left_alone() -> None:
    assert found("FRAMING", b"HTTP/1.1 200 OK\r\n" + CHUNKED) == []
    assert found("FRAMING", ok(body=b"hello")) == []


def test_lost_bytes_are_no_bad_framing() -> None:
    response = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n"
    body = response.index(b"5\r\nhello")
    assert found("FRAMING", response, lost=(body + 4, body + 12)) == []


def test_two_versions_of_the_same_bytes_are_found_with_their_senders() -> None:
    (finding,) = found("INJECT", page(), second_version=OTHER_VERSION)
    assert (finding.severity, finding.confidence) == (Severity.HIGH, Confidence.TENTATIVE)
    assert "TTL 64" in finding.evidence
    assert "TTL 250" in finding.evidence


def test_the_same_bytes_sent_twice_are_no_injection() -> None:
    response = page()
    assert found("INJECT", response, second_version=response[:40]) == []


def test_opt_in_checks_leave_good_answers_alone() -> None:
    good = page(
        b"Referrer-Policy: no-referrer",
        b"Cross-Origin-Opener-Policy: same-origin",
        b"Cross-Origin-Resource-Policy: same-origin",
        b"Cross-Origin-Embedder-Policy: require-corp",
        b"Permissions-Policy: camera=()",
        b"X-XSS-Protection: 0",
        body=b"<p>No results for &lt;b&gt;hello",
    )
    request = b"GET /?q=%3Cb%3Ehello HTTP/1.1\r\nHost: shop.example\r\n\r\n"
    names = ("REFPOL", "ISOLATE", "DEPR", "REFLECT", "OPENREDIR", "BOMB")
    (seen,) = exchanged(good, request)
    assert {finding.check for finding in examine(seen, Options(opt_in=frozenset(names)))}.isdisjoint(names)


def test_a_redirect_within_the_host_or_to_a_fixed_place_is_not_open() -> None:
    request = b"GET /go?to=https%3A%2F%2Fshop.example%2F HTTP/1.1\r\nHost: shop.example\r\n\r\n"
    assert found("OPENREDIR", ok(b"Location: https://shop.example/", status=b"302 Found"), request) == []
    assert found("OPENREDIR", ok(b"Location: https://elsewhere.test/", status=b"302 Found"), request) == []


def test_a_body_that_packs_well_is_no_bomb() -> None:
    body = gzip.compress(b"the same line again\n" * 100_000, mtime=0)
    assert found("BOMB", ok(b"Content-Encoding: gzip", body=body)) == []
