"""Secrets behind a telling name in places that are not quite a query, a field or a URL."""

import pytest

from httpresp_capture.redaction import Redactor

SECRET = "Zq7Kp2Xw9Lm4Rt8Vb3"


@pytest.mark.parametrize(
    "target",
    [
        "/token:S",
        "/token,S",
        "/token%2FS",
        "/token%3AS",
        "http://u%3AS%40h/",
        "http%3A%2F%2Fu:S%40h/",
        "/reset/ann/S",
        "/reset-password/17/S",
        '/a?data={"token":"S"}',
        "/a?data=token:S",
        "/a?+token=S",
        "/a?token\x0b=S",
        "/a?token\xa0=S",
        "/a?\x00token=S",
        "/a?q=Bearer+S",
        "/a?psw=S",
        "/a?apiKeyValue=S",
        "/a?user=ann:S@h",
    ],
)
def test_a_secret_in_a_target_is_hidden(target: str) -> None:
    shown = Redactor(b"salt").target(target.replace("S", SECRET))
    assert "‹" in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DPoP", "S"),
        ("Sec-WebSocket-Protocol", "bearer, S"),
        ("X-Debug", "<password>S</password>"),
        ("Sec-WebSocket-Protocol", "access_token,S,chat"),
        ("From", "u:S@h"),
        ("Alt-Svc", 'h2="u:S@h:443"'),
        ("Set-Cookie", "a=b; Path=/;S"),
        ("WWW-Authenticate", 'Bearer error_description="token S"'),
        ("X-Debug", "password is S"),
        ("X-Correlation", "jwt S"),
    ],
)
def test_a_secret_in_a_field_is_hidden(name: str, value: str) -> None:
    shown = Redactor(b"salt").field(
        name, value.replace("S", SECRET) if name != "Set-Cookie" else f"a=b; Path=/;{SECRET}"
    )
    assert "‹" in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    "text",
    [
        "write to mailto:support1@example.test",
        "nginx:1.25.3-alpine@sha256:0f",
        "the token summer-sale-2024 is on",
        "password must be longer",
        "/share/album/summer-sale-2024-edition",
        "/v1/tokens:revoke",
        "/reset/ann/form-of-2024-edition",
        "Secure; HttpOnly; Partitioned",
        "graphql-ws, chat.v2.example",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    redactor = Redactor(b"salt")
    assert redactor.line(text) == text
    assert not text.startswith("/") or redactor.target(text) == text
    assert redactor.field("sec-websocket-protocol", text) == text


UNITS = (
    *("token ", "a:bcdefg", "//u:", "%2F%2Fa", "/token:", "?+", "a:!", "token, ", "password is "),
    *(
        "cookie:",
        "--token ",
        "&quot;",
        '{"name":"',
        '["a","',
        '<a name="',
        "<![CDATA[",
        "[token",
        "'token']",
        "form-data; name=",
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_repeated_beginnings_end(unit: str) -> None:
    redactor = Redactor(b"salt")
    text = unit * 20_000 + f" password={SECRET}"
    for hide in (redactor.target, redactor.line, redactor.text):
        assert SECRET not in hide(text)
