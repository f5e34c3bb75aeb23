"""Secrets become tags that keep equality; everything else stays as it is on the wire."""

import re

import pytest

from httpresp_capture.redaction import Redactor
from samples import GET, OK, TWO_COOKIES, request, response

SECRET = "3f786850e387550fdab836ed7e6dc881"
TAG = r"‹{} {}B #[0-9a-f]{{4}}›"


def shown(name: str, value: str) -> str:
    """A field's value as it leaves."""
    return Redactor(b"salt")(name, value)


@pytest.mark.parametrize(
    ("name", "value", "pattern"),
    [
        ("Authorization", f"Bearer {SECRET}", "Bearer " + TAG.format("credentials", 32)),
        ("Proxy-Authorization", "Basic YTpi", "Basic " + TAG.format("credentials", 4)),
        ("authorization", SECRET, TAG.format("credentials", 32)),
        ("Cookie", f"sid={SECRET}; theme=dark", f"sid={TAG.format('cookie', 32)}; theme={TAG.format('cookie', 4)}"),
        ("Set-Cookie", f"sid={SECRET}; Path=/; Secure", f"sid={TAG.format('cookie', 32)}; Path=/; Secure"),
        ("Set-Cookie", 'sid="abc"', f'sid="{TAG.format("cookie", 3)}"'),
        ("Set-Cookie", "sid=; Max-Age=0", "sid=; Max-Age=0"),
        ("Set-Cookie", "nameless", TAG.format("cookie", 8)),
        ("X-Api-Key", SECRET, TAG.format("token", 32)),
        ("x-csrf-token", SECRET, TAG.format("token", 32)),
        ("Location", f"/in?a=1&access_token={SECRET}#x", rf"/in\?a=1&access_token={TAG.format('token', 32)}#x"),
        ("Location", f"/cb#id_token={SECRET}", f"/cb#id_token={TAG.format('token', 32)}"),
        ("Referer", "https://ann:pw@host/", f"https://{TAG.format('credentials', 6)}@host/"),
    ],
)
def test_a_secret_becomes_a_tag(name: str, value: str, pattern: str) -> None:
    assert re.fullmatch(pattern, shown(name, value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Type", "text/html; charset=utf-8"),
        ("ETag", f'"{SECRET}"'),
        ("X-Request-Id", SECRET),
        ("WWW-Authenticate", 'Basic realm="a"'),
        ("Location", "/items?page=2&client_id=web"),
        ("Set-Cookie", ""),
        ("Authorization", ""),
    ],
)
def test_what_is_no_secret_stays(name: str, value: str) -> None:
    assert shown(name, value) == value


def test_equal_secrets_have_equal_tags_within_a_run_and_not_between_runs() -> None:
    one, other = Redactor(b"one"), Redactor(b"other")
    assert one.tag("cookie", SECRET) == one.tag("cookie", SECRET)
    assert one.tag("cookie", SECRET) != one.tag("cookie", SECRET[::-1])
    assert one.tag("cookie", SECRET) != other.tag("cookie", SECRET)
    assert Redactor.fresh().tag("token", SECRET).startswith("‹token 32B #")


def test_a_cookie_set_and_sent_back_has_the_same_tag() -> None:
    redactor = Redactor(b"salt")
    first = redactor("Set-Cookie", f"sid={SECRET}; Path=/").split(";")[0]
    assert first == redactor("Cookie", f"sid={SECRET}")


def test_a_head_keeps_every_other_byte() -> None:
    head = b"HTTP/1.1 200 \xe9\r\nX-A:  \xff\t\r\nset-cookie :sid=secret\r\nBroken line\nCookie: a=b\n\r\n"
    hidden = Redactor(b"salt").head(head)
    assert hidden.startswith(b"HTTP/1.1 200 \xe9\r\nX-A:  \xff\t\r\nset-cookie :sid=" + "‹cookie 6B #".encode())
    assert b"Broken line\nCookie: a=" + "‹cookie 1B #".encode() in hidden
    assert hidden.endswith("›\n\r\n".encode())
    assert b"secret" not in hidden


def test_a_folded_secret_is_hidden_too() -> None:
    hidden = Redactor(b"salt").head(b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=abc;\r\n other=hidden\r\n\r\n")
    assert b"hidden" not in hidden
    assert b"abc" not in hidden


def test_a_head_without_secrets_is_the_same() -> None:
    assert Redactor(b"salt").head(OK) == OK
    plain = response()
    assert Redactor(b"salt").response(plain) is plain


def test_a_response_is_hidden_with_its_request_and_trailers() -> None:
    asked = request(GET.replace(b"page=2", b"token=abc").replace(b"User-Agent", b"Cookie: a=b\r\nUser-Agent"))
    hidden = Redactor(b"salt").response(
        response(TWO_COOKIES, request=asked, trailers=b"X-Sum: 1\r\nX-Auth-Token: abc\r\n")
    )
    assert hidden.request is not None
    together = hidden.head + hidden.trailers + hidden.request.head + hidden.request.target.encode()
    assert SECRET.encode() not in together
    assert b"token=abc" not in together
    assert b"Token: abc" not in together
    assert hidden.trailers.startswith(b"X-Sum: 1\r\n")
    assert hidden.request.target.startswith("/shop/items?token=")


def test_bodies_of_forms_and_json_hide_the_values_of_telling_keys() -> None:
    redactor = Redactor(b"salt")
    assert re.fullmatch(r'\{"access_token": "‹token 3B #.{4}›", "n": "abc"\}',
                        redactor.text('{"access_token": "abc", "n": "abc"}'))  # fmt: skip
    assert re.fullmatch("user=ann&password=‹token 2B #.{4}›", redactor.text("user=ann&password=pw"))
    assert redactor.text("client_id=web") == "client_id=web"
