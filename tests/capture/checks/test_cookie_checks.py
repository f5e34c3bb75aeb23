"""CK-*: how cookies are set."""

import pytest

from exchanges import BEHIND_TLS, GET, LOCAL, found, ok, page
from httpresp_capture.checks import Severity
from positives import SESSION, THEME

COOKIE_CHECKS = ("CK-CLEAR", "CK-SECURE", "CK-HTTPONLY", "CK-SAMESITE", "CK-PREFIX", "CK-SCOPE")
DELETED = (
    b"Set-Cookie: __Host-session=3f786850e387550fdab836ed7e6dc881; SameSite=None; Domain=x; Max-Age=0",
    b"Set-Cookie: __Host-session=3f786850e387550fdab836ed7e6dc881; SameSite=None; Domain=x; "
    b"Expires=Thu, 01 Jan 1970 00:00:00 GMT",
)


@pytest.mark.parametrize("check", COOKIE_CHECKS)
@pytest.mark.parametrize("deleted", DELETED)
@pytest.mark.parametrize("request_head", [GET, BEHIND_TLS])
def test_a_cookie_that_is_taken_away_is_never_reported(check: str, deleted: bytes, request_head: bytes) -> None:
    assert found(check, page(deleted), request_head) == []


def test_a_session_in_clear_text_is_worse_than_a_colour_scheme() -> None:
    session, theme = found("CK-CLEAR", ok(SESSION, THEME))
    assert (session.parameter, session.severity) == ("session", Severity.HIGH)
    assert (theme.parameter, theme.severity) == ("theme", Severity.LOW)


def test_between_private_addresses_it_is_one_step_less_and_still_said() -> None:
    session, theme = found("CK-CLEAR", ok(SESSION, THEME), addresses=LOCAL)
    assert (session.severity, theme.severity) == (Severity.MEDIUM, Severity.INFO)


def test_the_value_of_a_cookie_never_stands_in_the_evidence() -> None:
    (finding,) = found("CK-CLEAR", ok(SESSION + b"; Path=/"))
    assert finding.evidence.startswith("session=‹cookie 32B #")
    assert finding.evidence.endswith("›; Path=/")
    assert "6850e387" not in finding.evidence


def test_a_cookie_finding_points_at_its_line() -> None:
    response = ok(THEME, SESSION)
    finding, _ = found("CK-CLEAR", response)
    assert response[finding.offset :].startswith(SESSION)


@pytest.mark.parametrize("name", [b"csrf_session", b"_gid", b"consent_token", b"XSRF-TOKEN"])
def test_some_names_are_no_session_whatever_their_value(name: bytes) -> None:
    cookie = b"Set-Cookie: " + name + b"=3f786850e387550fdab836ed7e6dc881"
    assert found("CK-HTTPONLY", ok(cookie)) == []


def test_a_short_value_lets_nobody_in() -> None:
    assert found("CK-HTTPONLY", ok(b"Set-Cookie: session=dark")) == []


def test_secure_is_asked_for_only_where_there_is_tls() -> None:
    assert found("CK-SECURE", ok(SESSION), GET) == []
    (finding,) = found("CK-SECURE", ok(SESSION), BEHIND_TLS)
    assert finding.severity is Severity.MEDIUM
    assert found("CK-SECURE", ok(SESSION + b"; secure"), BEHIND_TLS) == []


def test_forwarded_says_tls_too() -> None:
    forwarded = b"GET / HTTP/1.1\r\nHost: shop.example\r\nForwarded: for=1.2.3.4;proto=https;by=x\r\n\r\n"
    assert len(found("CK-SECURE", ok(SESSION), forwarded)) == 1


def test_httponly_matters_more_on_a_page_without_a_policy() -> None:
    policy = b"Content-Security-Policy: script-src 'self'"
    (bare,) = found("CK-HTTPONLY", page(SESSION))
    (guarded,) = found("CK-HTTPONLY", page(SESSION, policy))
    assert (bare.severity, guarded.severity) == (Severity.MEDIUM, Severity.LOW)
    assert found("CK-HTTPONLY", page(SESSION + b"; HttpOnly")) == []


@pytest.mark.parametrize(
    ("attributes", "severity"),
    [
        (b"; SameSite=None", Severity.MEDIUM),
        (b"; SameSite=Medium", Severity.LOW),
        (b"", Severity.INFO),
    ],
)
def test_samesite_is_judged_by_what_browsers_make_of_it(attributes: bytes, severity: Severity) -> None:
    (finding,) = found("CK-SAMESITE", ok(SESSION + attributes))
    assert finding.severity is severity


@pytest.mark.parametrize("cookie", [SESSION + b"; SameSite=lax", SESSION + b"; SameSite=None; Secure", THEME])
def test_samesite_that_works_or_does_not_matter_is_left_alone(cookie: bytes) -> None:
    assert found("CK-SAMESITE", ok(cookie)) == []


@pytest.mark.parametrize(
    ("cookie", "broken"),
    [
        (b"__Host-sid=1; Path=/", "Secure"),
        (b"__Host-sid=1; Path=/; Secure; Domain=shop.example", "no Domain"),
        (b"__host-sid=1; Secure", "Path=/"),
        (b"__Secure-sid=1; Path=/", "Secure"),
    ],
)
def test_a_prefix_promises_what_the_attributes_must_keep(cookie: bytes, broken: str) -> None:
    (finding,) = found("CK-PREFIX", ok(b"Set-Cookie: " + cookie))
    assert finding.reason.endswith(f"its name needs {broken}.")


@pytest.mark.parametrize("cookie", [b"__Host-sid=1; Path=/; Secure", b"__Secure-sid=1; Secure", b"Host-sid=1"])
def test_a_prefix_that_is_kept_is_fine(cookie: bytes) -> None:
    assert found("CK-PREFIX", ok(b"Set-Cookie: " + cookie)) == []


@pytest.mark.parametrize(
    ("host", "cookie", "shape"),
    [
        (b"a.b.shop.example", b"x=1; Domain=shop.example", "domain"),
        (b"shop.co.uk", b"x=1; Domain=.co.uk", "domain"),
        (b"shop.gov.au", b"x=1; Domain=gov.au", "domain"),
        (b"me.fly.dev", b"x=1; Domain=fly.dev", "domain"),
        (b"shop.kawasaki.jp.x.kawasaki.jp", b"x=1; Domain=x.kawasaki.jp", "domain"),
        (b"shop.example", b"x=" + b"1" * 4096, "size"),
        (b"shop.example", b"sessionid=3f786850e387550fdab836ed7e6dc881; Max-Age=40000000", "age"),
    ],
)
def test_a_cookie_may_be_too_wide_too_large_or_too_old(host: bytes, cookie: bytes, shape: str) -> None:
    request = b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
    (finding,) = found("CK-SCOPE", ok(b"Set-Cookie: " + cookie), request)
    assert finding.shape == shape


@pytest.mark.parametrize("cookie", [b"x=1; Domain=shop.example", b"x=1; Max-Age=40000000", b"x=" + b"1" * 4095])
def test_a_cookie_for_its_own_host_of_a_fair_size_is_fine(cookie: bytes) -> None:
    assert found("CK-SCOPE", ok(b"Set-Cookie: " + cookie)) == []


def test_without_a_host_the_domain_cannot_be_judged() -> None:
    assert found("CK-SCOPE", ok(b"Set-Cookie: x=1; Domain=co.uk"), b"GET / HTTP/1.0\r\n\r\n") == []


@pytest.mark.parametrize(
    ("location", "severity"),
    [
        (b"/a;jsessionid=8A1F09BC77D2E41F?x=1", Severity.MEDIUM),
        (b"/a?sid=8A1F09BC77D2E41F", Severity.MEDIUM),
        (b"https://shop.example/cb?access_token=8A1F09BC77D2E41F", Severity.HIGH),
        (b"https://shop.example/cb#access_token=8A1F09BC77D2E41F", Severity.HIGH),
    ],
)
def test_a_token_in_a_redirect_is_found(location: bytes, severity: Severity) -> None:
    (finding,) = found("CK-URL", ok(b"Location: " + location, status=b"302 Found"))
    assert finding.severity is severity
    assert "09BC77D2" not in finding.evidence


@pytest.mark.parametrize(
    "location", [b"/a?sid=123456789012345", b"/cb?code=8A1F09BC77D2E41F&state=x", b"/a?session=short"]
)
def test_what_is_no_secret_may_stand_in_a_redirect(location: bytes) -> None:
    assert found("CK-URL", ok(b"Location: " + location, status=b"302 Found")) == []


def test_a_token_in_a_fragment_over_tls_reaches_the_browser_alone() -> None:
    location = b"Location: https://shop.example/cb#access_token=8A1F09BC77D2E41F"
    assert found("CK-URL", ok(location, status=b"302 Found"), BEHIND_TLS) == []
