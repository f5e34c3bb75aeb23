"""A secret is hidden by a name beside it or by its look, wherever it stands; what only resembles one is not."""

from random import Random

import pytest

from exchanges import exchanged
from httpresp_capture.redaction import Redactor
from planted import BODIES, FIELDS, FORMS, SECRETS, TARGETS, everything, exchange, written

HEXADECIMAL = "3f786850e387550fdab836ed7e6dc881"
PARTS = 6
"""Characters of a secret in a row that are none of chance."""


def leaks(said: str, secret: str) -> bool:
    parts = (secret[at : at + PARTS] for at in range(len(secret) - PARTS + 1))
    return any(part in said or part.encode("latin-1").hex() in said for part in parts)


@pytest.mark.parametrize("target", TARGETS)
def test_it_is_hidden_in_a_target_and_in_a_text_that_holds_one(target: str) -> None:
    redactor = Redactor(b"salt")
    for secret in SECRETS:
        address = written(target, secret).decode()
        for shown in (redactor.target(address), redactor.line(f"went to {address}"), redactor.text(f"see {address}\n")):
            assert "‹" in shown
            assert not leaks(shown, secret)


@pytest.mark.parametrize("field", FIELDS)
def test_it_is_hidden_in_a_field(field: str) -> None:
    for secret in SECRETS:
        line = written(field, secret)
        assert not leaks(Redactor(b"salt").head(b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n").decode(), secret)


@pytest.mark.parametrize("body", [*FORMS, *BODIES])
def test_it_is_hidden_in_a_body(body: str) -> None:
    for secret in SECRETS:
        assert not leaks(Redactor(b"salt").text(written(body, secret).decode()), secret)


@pytest.mark.parametrize(
    "target",
    [
        *("/a?p=S", "/a?s=S", "/a?login_hint=S", "/a?secret_id=S", "/oauth/authorize/S", "/reset?S=1", "/a?sign=S"),
        *("/hooks/catch/123456/S", "/webhooks/in/4/S"),
    ],
)
def test_a_key_in_hexadecimal_is_hidden_behind_what_hints(target: str) -> None:
    assert HEXADECIMAL not in Redactor(b"salt").target(written(target, HEXADECIMAL).decode())


@pytest.mark.parametrize(
    "target",
    [
        "/a?v=S",
        "/users/S",
        "/items?id=S",
        "/a?cursor=S",
        "/a?state=S",
        "/a?nonce=S",
        "/a?request_id=S",
        "/static/S.js",
        "/p/S",
        "/d/S/edit",
        "/a?q=summer-sale-2024",
        "/a?t=1700000000",
        "/a?t=1700000000000",
        "/a?p=2",
        "/a?s=10-20",
        "/a?t=2024-01-01T10:00:00Z",
        "/a?t=20240101T101010Z",
        "/a?p=/home/user/docs",
        "/a?k=summer",
        "/a?s=how+to+eq+x",
        "/a?filter=name+eq+'ann'",
        "/a?sort:key",
        "/a?code:404",
        "/a?filter=password+is+required",
        "/login/step2",
        "/oauth/authorize/native",
        "/oauth2/v2.0/authorize",
        "/callback/github",
        "/access/denied",
        "/identity/connect/token",
        "/a?callback=jQuery1124037945_170000",
        "/hooks/catch/123",
        "/a?login_hint=ann@a.test",
        "/webhooks/17/deliveries/3f786850-e387-550f-dab8-36ed7e6dc881",
        "/a?login_hint=ann",
        "/a?access=read-write",
        "/a?login=ann2024",
        "/reset?lang=de",
        "/reset?step=2&user=17",
        "/invite?utm_campaign_2024=mail",
        "/confirm?redirect=home",
        "/a?grant=code",
        "/a?4f3a9c01d2",
        "/a?filter=token_type+eq+bearer",
        "/a?u=550e8400-e29b-41d4-a716-446655440000",
        "/a?c=red&d=2024-05-05",
        "/a?t=1h30m",
        "/a?s=lower-case-words-with-1-digit",
        "/wp-login.php?action=logout",
        "/a?p=product-2024-x",
        "/access-log/app-4f3a.js",
        "/assets/basic-3f786850e387550fdab836ed7e6dc881.css",
        "/refresh/cache-v2",
        "/principal/engineers",
        "/proof/of/concept",
    ],
)
def test_ids_words_numbers_and_dates_in_a_target_stay(target: str) -> None:
    target = written(target, SECRETS[0]).decode()
    assert Redactor(b"salt").target(target) == target


@pytest.mark.parametrize(
    "field",
    """X-Request-Id: S|X-Auth-User: ann|X-Login-Url: /login|ETag: "S"|X-Amz-Cf-Id: S|X-Cache-Key: S|CF-Ray: S
Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01|Digest: sha-256=S|Sec-WebSocket-Accept: S
Server-Timing: token;desc="verify token";dur=3|Server-Timing: cache;desc=HIT, cfL4;desc=x|X-Access: read-write
Access-Control-Allow-Origin: https://a.test|X-Identity-Provider: keycloak|X-Login-Attempts: 3|X-Hint: dns-prefetch
Content-Type: multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW|X-Access-Log: enabled
WWW-Authenticate: Bearer realm="x", error="invalid_token"|WWW-Authenticate: Digest realm="a", nonce="S"
User-Agent: basic-http/1.2.3 bearer-client/2.0|X-Log: token -> expired|X-Log: access_token like this
Alt-Svc: h3=":443"; ma=86400|Signature-Input: sig1=("@method");keyid="k1"|Accept: text/html;q=0.8""".replace(
        "\n", "|"
    ).split("|"),
)
def test_ids_words_and_numbers_in_a_field_stay(field: str) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + written(field, SECRETS[0]) + b"\r\n\r\n"
    assert Redactor(b"salt").head(head) == head


@pytest.mark.parametrize(
    "text",
    [
        *('{"s":"open","t":1700000000,"k":"name"}', "token ne null", "a?t=e1f2g3:h", "token=>fetch(url)", "x=>y"),
        *("the password is required", "password eq required", "signature mismatch in module-2024"),
        *("function(t){return t=e.a1+b2}", "tokens.map(token=>token.id)", '{"token":{"type":"bearer","ttl":"3600s"}}'),
    ],
)
def test_prose_and_code_stay(text: str) -> None:
    assert Redactor(b"salt").text(text) == text


@pytest.mark.parametrize("seed", range(12))
def test_nothing_that_is_said_of_a_made_up_exchange_holds_it(seed: int) -> None:
    """Events, findings, reports, comparisons, copies; 20 exchanges each."""
    for number in range(20):
        rng = Random(f"{seed} {number}")
        secret = rng.choice(SECRETS)
        asked, answered = exchange(rng, secret)
        for name, said in everything(exchanged(answered, asked)):
            assert not leaks(said, secret), (name, asked, answered)
