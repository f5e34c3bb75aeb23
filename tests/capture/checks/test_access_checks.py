"""AU-*: passwords, tokens, and personal answers in caches."""

from base64 import urlsafe_b64encode

import pytest

from exchanges import BEHIND_TLS, LOCAL, found, ok, page
from httpresp_capture.checks import Severity
from positives import JSON, SESSION, TEXT

LOGIN = b"401 Unauthorized"
AUTHORIZED = b"GET /me HTTP/1.1\r\nHost: shop.example\r\nAuthorization: Bearer abc\r\n\r\n"


def jwt() -> bytes:
    header, claims = (
        urlsafe_b64encode(part).rstrip(b"=") for part in (b'{"alg":"HS256"}', b'{"sub":"7","exp":1700003600}')
    )
    return header + b"." + claims + b".c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("challenge", "severity"),
    [
        (b'Basic realm="staff"', Severity.HIGH),
        (b'Negotiate, Basic realm="staff, and guests"', Severity.HIGH),
        (b'Digest realm="x", nonce="y"', Severity.LOW),
        (b'Digest realm="x", nonce="y", algorithm=MD5-sess', Severity.LOW),
    ],
)
def test_a_password_asked_for_in_clear_text_is_found(challenge: bytes, severity: Severity) -> None:
    (finding,) = found("AU-BASIC", ok(b"WWW-Authenticate: " + challenge, status=LOGIN))
    assert finding.severity is severity


@pytest.mark.parametrize(
    "challenge",
    [b'Bearer realm="Basic access"', b'Digest realm="x", algorithm=SHA-256', b'Bearer error="x, Basic"'],
)
def test_the_word_basic_in_a_realm_is_no_scheme(challenge: bytes) -> None:
    assert found("AU-BASIC", ok(b"WWW-Authenticate: " + challenge, status=LOGIN)) == []


def test_within_a_private_network_a_password_is_one_step_less() -> None:
    (finding,) = found("AU-BASIC", ok(b'WWW-Authenticate: Basic realm="x"', status=LOGIN), addresses=LOCAL)
    assert finding.severity is Severity.MEDIUM


def test_401_with_a_challenge_is_as_it_should_be() -> None:
    assert found("AU-CHALLENGE", ok(b"WWW-Authenticate: Bearer", status=LOGIN)) == []
    (finding,) = found("AU-CHALLENGE", ok(status=b"407 Proxy Authentication Required"))
    assert finding.parameter == "proxy-authenticate"


@pytest.mark.parametrize(
    "field",
    [b"Cache-Control: public", b"Cache-Control: s-maxage=60", b"Expires: Tue, 14 Nov 2028 22:13:20 GMT"],
)
def test_an_answer_to_somebody_known_must_not_be_cached(field: bytes) -> None:
    (finding,) = found("AU-CACHE", ok(JSON, field, body=b"{}"), AUTHORIZED)
    assert finding.severity is Severity.MEDIUM


@pytest.mark.parametrize(
    "field",
    [
        b"Cache-Control: private, max-age=60",
        b"Cache-Control: no-store, public",
        b"Cache-Control: max-age=0",
        b"Expires: Tue, 14 Nov 2017 22:13:20 GMT",
        b"X-Cache: MISS",
    ],
)
def test_an_answer_that_caches_must_not_keep_is_fine(field: bytes) -> None:
    assert found("AU-CACHE", ok(JSON, field, body=b"{}"), AUTHORIZED) == []


def test_a_picture_with_a_session_cookie_is_no_secret() -> None:
    fields = (b"Content-Type: image/png", SESSION, b"Cache-Control: public, max-age=600")
    assert found("AU-CACHE", ok(*fields, body=b"\x89PNG")) == []


def test_a_deleted_session_makes_an_answer_personal_no_more() -> None:
    assert found("AU-CACHE", page(SESSION + b"; Max-Age=0", b"Cache-Control: public")) == []


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        (b'{"password":"correct horse battery"}', "password"),
        (b'{"x": "AKIAIOSFODNN7QQQQQQQ"}', "an access key id"),
        (b"-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n", "a private key"),
        (b"token " + jwt(), "a JWT"),
    ],
)
def test_a_secret_in_a_body_in_clear_text_is_found(body: bytes, parameter: str) -> None:
    (finding,) = found("AU-TOKEN", ok(TEXT, body=body))
    assert (finding.parameter, finding.severity) == (parameter, Severity.HIGH)


def test_of_a_jwt_only_its_algorithm_and_end_are_shown() -> None:
    (finding,) = found("AU-TOKEN", ok(JSON, body=b'{"id_token":"' + jwt() + b'"}'))
    assert finding.evidence == f"id_token: JWT {len(jwt())}B alg=HS256 exp=1700003600"


@pytest.mark.parametrize(
    "body",
    [
        b'{"api_key":"your-api-key-here"}',
        b'{"password":"xxxxxxxxxxxx"}',
        b'{"token":"mF_9.B5f-4.1JqM"}',
        b'{"secret":"short"}',
    ],
)
def test_samples_in_a_manual_are_no_secrets(body: bytes) -> None:
    assert found("AU-TOKEN", ok(JSON, body=body)) == []


def test_a_token_over_tls_is_inventory() -> None:
    (finding,) = found("AU-TOKEN", ok(JSON, body=b'{"access_token":"mF_9.B5f-4.1JqM"}'), BEHIND_TLS)
    assert finding.severity is Severity.INFO


def test_trace_is_found_by_its_answer_and_by_what_is_allowed() -> None:
    assert len(found("AU-TRACE", ok(b"Content-Type: message/http", body=b"TRACE / HTTP/1.1"))) == 1
    assert len(found("AU-TRACE", ok(b"Access-Control-Allow-Methods: get, track"))) == 1
    assert found("AU-TRACE", ok(b"Allow: GET, TRACEPARENT")) == []
