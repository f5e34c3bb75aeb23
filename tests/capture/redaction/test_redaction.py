"""Secrets become tags that keep equality; everything else stays as it is on the wire."""

import re
from dataclasses import replace
from typing import Any

import pytest

from httpresp_capture.records.evidence import Conflict, Segment
from httpresp_capture.records.problems import Problem
from httpresp_capture.redaction import Redactor
from httpresp_capture.tracee.writer import EventWriter
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


# --- names ---


def named(text: str) -> list[str]:
    """Names as a reader likes them."""
    return text.split()


SECRET_FIELDS = named(
    "X-Subject-Token X-Storage-Token X-Set-Authorization X-Shopify-Access-Token DD-API-KEY DD-APPLICATION-KEY"
    " Ocp-Apim-Subscription-Key X-JWT X-Auth X-Auth-Key X-CSRFToken X-XSRF-TOKEN X-Functions-Key X-Goog-Api-Key"
    " X-Vault-Token X-Amz-Security-Token CF-Access-Client-Secret Cf-Access-Jwt-Assertion X-Hub-Signature-256"
    " Stripe-Signature PRIVATE-TOKEN Api-Key Fastly-Key X-Session-Id X-Parse-REST-API-Key X-Emby-Authorization"
    " X-Api-Secret X-OTP X-Password X-Amzn-Oidc-Accesstoken X-MS-TOKEN-AAD-ID-TOKEN X-Honeycomb-Team X-Sentry-Auth"
    " X-License-Key apikey X-Ticket Grpc-Metadata-Authorization"
)
OPEN_FIELDS = named(
    "Date ETag X-Request-Id Idempotency-Key Surrogate-Key X-Cache-Key Sec-WebSocket-Key Public-Key-Pins"
    " Access-Control-Allow-Credentials Access-Control-Allow-Headers X-OAuth-Scopes X-RateLimit-Remaining"
    " X-Error-Code X-Auth-User Signature-Input X-Token-Expires Keep-Alive X-Keyboard X-Author Sec-Fetch-Site"
    " Server-Timing"
)


@pytest.mark.parametrize("name", SECRET_FIELDS)
@pytest.mark.parametrize("value", ["SECRET1", SECRET, "hunter"])
def test_a_field_whose_name_tells_is_hidden(name: str, value: str) -> None:
    assert re.fullmatch(TAG.format("token", len(value)), shown(name, value))
    assert value not in shown(name.lower(), value)


@pytest.mark.parametrize("name", OPEN_FIELDS)
def test_a_field_whose_name_only_sounds_alike_stays(name: str) -> None:
    assert shown(name, SECRET) == SECRET


def test_a_scheme_in_a_field_of_any_name_stays() -> None:
    assert re.fullmatch("Bearer " + TAG.format("token", 7), shown("X-Original-Authorization", "Bearer SECRET1"))
    assert "SECRET1" not in shown("Authorization", "SECRET1 SECRET2")


@pytest.mark.parametrize(
    "target",
    [
        "/maps?key=AIzaSyEXAMPLEEXAMPLEEXAMPLE123456789",
        "/cb?code=SECRET8",
        "/cb?code=4/0AX4example&state=1",
        "/cas?ticket=ST-123-abc",
        "/a?X-Amz-Signature=0123456789abcdef&X-Amz-Expires=300",
        "/a?sv=2022&sig=aGVsbG8%3D&se=2023",
        "/a?Signature=aGVsbG8~&Key-Pair-Id=APKA",
        "/a?access%5Ftoken=SECRET1",
        "/a?SAMLResponse=PHNhbWw%2B",
        "/a?password=a;b",
        "/a?user[password]=hunter",
        "/a;jsessionid=SECRET1?x=1",
        "/in#id_token=SECRET1",
        "/login?next=https%3A%2F%2Fx.test%2Fcb%3Ftoken%3DSECRET1%26a%3D1",
        "/reset-token/8fJ2kQ9xA/confirm",
        "https://ann:hunter@shop.example/a",
        "ann:hunter@shop.example:443",
        "/a?q=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl/a",
        "/bot123456789:AAF-abcdefghijklmnopqrstuvwxyz12345/getMe",
        "/a?otp=123456",
        "/invite/8fJ2kQ9xA8fJ2kQ9xA",
        "/password/reset/8fJ2kQ9xA8fJ2kQ9xA?lang=de",
        "/api/hooks/8fJ2kQ9x-1111-4222-8333-444455556666",
    ],
)
def test_a_secret_in_a_target_is_hidden(target: str) -> None:
    hidden = Redactor(b"salt").target(target)
    assert "‹" in hidden
    for secret in (
        "AIza",
        "SECRET",
        "4/0AX",
        "ST-123",
        "0123",
        "aGVs",
        "PHN",
        "a;b",
        "hunter",
        "8fJ2",
        "eyJ",
        "AAF-",
        "123456",
    ):
        assert secret not in hidden


@pytest.mark.parametrize(
    "target",
    [
        "/items?page=2&sort=key&key=name&code=404&code=de",
        "/items?client_id=web&token_type=bearer&max_tokens=4096&status_code=200&country_code=DEU",
        "/auth/oauth2/token",
        "/session/new",
        "/auth/login?next=%2Fhome%3Fpage%3D2",
        "/static/app.4f3a9c01d2e3b4.js",
        "/users/3f786850e387550fdab836ed7e6dc881/orders",
        "/keys/public",
        "/hooks/17",
        "/invite/new-member",
        "/share/quarterly-report-of-last-year.pdf",
        "/shared/app.4f3a9c01d2e3b4.js",
        "/api/v2/tokens/17",
        "/a@b/c",
        "*",
        "shop.example:443",
    ],
)
def test_a_target_that_people_read_stays(target: str) -> None:
    assert Redactor(b"salt").target(target) == target


@pytest.mark.parametrize(
    "body",
    [
        '{"password":"hunter"}',
        '{ "user": {"apiKey" : "hunter"} }',
        '{"access_token":"hun\\"hunter"}',
        '{"pin": 123456}',
        '{"tokens":["hunter","hunter"]}',
        '{"code":"4/0AX4example"}',
        '{"body":"{\\"password\\":\\"hunter\\"}"}',
        "{'password': 'hunter'}",
        "user=ann&password=hunter",
        "code=SECRET9",
        "grant_type=authorization_code&code=SECRET9&client_assertion=hunter",
        "<login><Password>hunter</Password></login>",
        "<ns:token a='1'>hunter</ns:token>",
        '<input type="hidden" name="csrf_token" value="hunter">',
        '<meta name="csrf-token" content="hunter" />',
        '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter\r\n--b--',
        "password = hunter",
        'db.password="hunter"',
        "Authorization: Bearer hunter12\n",
        "postgres://ann:hunter@db/x",
        "DETAIL: Key (token)=(hunter) already exists.",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter\n-----END RSA PRIVATE KEY-----",
        "try ghp_hunterhunterhunter12345",
    ],
)
def test_a_secret_in_a_body_is_hidden(body: str) -> None:
    hidden = Redactor(b"salt").text(body)
    assert "‹" in hidden
    for secret in ("hunter", "123456", "4/0AX", "SECRET9"):
        assert secret not in hidden


@pytest.mark.parametrize(
    "body",
    [
        '{"code":"E1001","status":"ok","key":"name","code_":"x"}',
        '{"code":"RESOURCE_NOT_FOUND","error_code":"42P01","token_type":"bearer","expires_in":3600}',
        '{"usage":{"prompt_tokens":12345,"total_tokens":99999},"auth":true,"key":null}',
        '{"author":"Ann","keyboard":"qwerty","passenger":"Bob","monkey":"x1y2z3w4"}',
        "<p>basic usage: the token expired, see the password policy: strict</p>",
        "page=2&sort=asc&code=404",
        "<code>x = 1</code><key>name</key>",
        "the session was closed",
    ],
)
def test_a_body_without_secrets_stays(body: str) -> None:
    assert Redactor(b"salt").text(body) == body


TELLING_NAMES = named(
    "token secret password passwd passwort passphrase passcode pwd pass pin otp totp signature sig hmac jwt jws jwe"
    " assertion credential credentials authorization authentication session sessionid sessid sess jsessionid phpsessid"
    " csrf xsrf bearer cookie samlresponse samlart wresult hdnea hdnts secretkey privatekey masterkey sharedkey tokens"
    " accesskey apikey api_key auth oauth code ticket sid key access_token refreshToken idToken client_secret"
    " code_verifier auth_code session_id x-amz-signature X-Amz-Credential __RequestVerificationToken authenticity_token"
)


@pytest.mark.parametrize("name", TELLING_NAMES)
def test_a_name_tells_in_every_place(name: str) -> None:
    redactor = Redactor(b"salt")
    for text in (
        redactor.target(f"/a?{name}=hunter22xyz"),
        redactor.target(f"/a;{name.upper()}=hunter22xyz?b=1"),
        redactor.line(f"at {name}=hunter22xyz;"),
        redactor.text(f'{{"a": 1, "{name}": "hunter22xyz"}}'),
        redactor.text(f"a=1&{name}=hunter22xyz"),
    ):
        assert "hunter" not in text
        assert "‹token 11B #" in text


def test_bytes_of_a_body_that_are_no_text_stay() -> None:
    redactor = Redactor(b"salt")
    assert redactor.body(b"\xff\x00\xe9 a=1") == b"\xff\x00\xe9 a=1"
    hidden = redactor.body(b'\xff\x00{"password":"hunter"}\xe9')
    assert hidden.startswith(b'\xff\x00{"password":"\xe2\x80\xb9token 6B #')
    assert hidden.endswith(b'"}\xe9')


FRAMES = [
    (before, after)
    for before in (
        *("?token=", ";token=", "&a=b&token=", "token = ", 'token="', '{"token":"', "{'token': '", "x Bearer ", "ghp_"),
        *("eyJhbGciOiJIUzI1NiJ9.", "-----BEGIN PRIVATE KEY-----\n", "%3Ftoken%3D", "Key (token)=("),
    )
    for after in ("", "'", '"', ") ", "\n")
] + [("https://ann:", "@a.test/"), ("<token>", "</token>")]


@pytest.mark.parametrize(("before", "after"), FRAMES)
def test_a_secret_of_any_length_is_hidden_whole(before: str, after: str) -> None:
    hidden = Redactor(b"salt").text(before + "aB3" * 50_000 + after)
    assert "aB3" not in hidden
    assert "‹" in hidden


# --- places ---


def everything(head: bytes, request_head: bytes = GET, **fields: Any) -> str:
    """All that leaves of a response as JSON."""
    return EventWriter(redact=Redactor(b"salt")).text(response(head, request=request(request_head), **fields))


def test_quotes_without_end_become_a_tag() -> None:
    """A tag for what stands between the outermost quotes; nothing recurses by their number."""
    value = '"' * 200_000
    assert re.fullmatch('"‹cookie 199998B #[0-9a-f]{4}›"', Redactor(b"salt").tag("cookie", value))
    assert "cookie 199998B" in shown("Set-Cookie", f"a={value}")
    assert '"""' not in shown("Authorization", f"Bearer {value}")


@pytest.mark.parametrize(
    "folded", [b"X-Api-Key:\r\n SEC\r\n\tRET1", b"Location: /cb?code=SEC\r\n RET1", b"X-A: token=\r\n SECRET1"]
)
def test_a_secret_that_is_folded_over_lines_is_hidden_in_each(folded: bytes) -> None:
    said = everything(
        b"HTTP/1.1 200 OK\r\n" + folded + b"\r\nX-B: 1\r\n\r\n",
        problems=(Problem("obs-fold", 17 + folded.index(b"\n") + 1, " SECRET1"),),
    )
    assert "SEC" not in said
    assert "RET1" not in said
    assert '["X-B","1"]' in said


@pytest.mark.parametrize(
    "line",
    [
        b"Cookie sid=SECRETSECRET1",
        b"Authorization Bearer SECRETSECRET1",
        b"X-Api-Key SECRETSECRET1",
        b"X-Note: see token=SECRETSECRET1",
        b"X-Note: Bearer SECRETSECRET1",
        b"Set-Cookie: a=b; Path=/cb?token=SECRETSECRET1",
        b"Set-Cookie: a=b; Path=/;jsessionid=SECRETSECRET1",
        b"Link: <https://ann:SECRETSECRET1@x.test/>; rel=next",
        b"Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.SECRETSECRET1",
        b"Set-Cookie: sid=SECRETSECRET1\r\nX-Echo: you sent SECRETSECRET1",
        b"Location: /x/SECRETSECRET1\r\nSet-Cookie: sid=SECRETSECRET1",
    ],
)
def test_a_secret_anywhere_in_a_head_is_hidden_in_all_of_the_event(line: bytes) -> None:
    offset = len(b"HTTP/1.1 200 OK\r\n")
    head = b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n"
    conflict = Conflict(offset, 20, Segment(head[offset:], 0, 64, 1), Segment(b"Set-Cookie: x=SECRETSECRET2", 0, 64, 2))
    said = everything(
        head,
        problems=(
            Problem("no-colon", offset, line[:40].decode()),
            Problem("extra-bytes", len(head), r"a\r\nCookie: a=SECRETSE…"),
        ),
        conflicts=(conflict,),
    )
    assert "SECRET" not in said
    assert b"SECRET".hex() not in said


def test_the_user_part_of_host_and_connect_is_hidden() -> None:
    said = everything(OK, b"CONNECT ann:hunter@shop.example:443 HTTP/1.1\r\nHost: ann:hunter@shop.example:443\r\n\r\n")
    assert "hunter" not in said
    assert '@shop.example:443"' in said


@pytest.mark.parametrize("offset", [0, 5, 20, 30, 40, 300])
def test_two_versions_of_bytes_are_hidden_wherever_they_begin(offset: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=AAAAAAAAAAAA1; Path=/\r\n\r\n"
    versions = head[offset:] or b"password=AAAAAAAAAAAA1", (head[offset:] or b"x").replace(b"A", b"B")
    first, second = (Segment(data, 0, 64, number) for number, data in enumerate(versions))
    said = everything(head, conflicts=(Conflict(offset, 20, first, second),))
    for byte in (b"AAAA", b"BBBB"):
        assert byte.hex() not in said
        assert byte.decode() not in said


def test_two_versions_of_a_head_without_secrets_stay_bytes() -> None:
    conflict = Conflict(9, 3, Segment(b"200 OK\r\nServer: a", 0, 64, 1), Segment(b"302 No\r\nServer: b", 0, 9, 2))
    assert Redactor(b"salt").response(response(OK, conflicts=(conflict,))).conflicts == (conflict,)


def test_what_stands_elsewhere_by_chance_is_not_hidden() -> None:
    head = b"HTTP/1.1 200 OK\r\nSet-Cookie: theme=dark; Path=/\r\nX-A: dark accepted\r\nSet-Cookie: c=accepted\r\n\r\n"
    assert b"X-A: dark accepted\r\n" in Redactor(b"salt").head(head)
    assert '["X-A","dark accepted"]' in everything(head)


def test_details_of_the_request_are_hidden_too() -> None:
    asked = request(b"GET /a HTTP/1.1\r\nX-Api-Key SECRET1\r\n\r\n")
    asked = replace(asked, problems=(Problem("no-colon", 17, "X-Api-Key SECRET1"),))
    assert "SECRET1" not in EventWriter(redact=Redactor(b"salt")).text(response(request=asked))


def test_a_redactor_keeps_nothing_of_what_it_saw_but_the_lines_that_come_again() -> None:
    redactor = Redactor(b"salt")
    for number in range(20_000):
        redactor.field("Cookie", f"sid={number:032x}")
        redactor.head(b"HTTP/1.1 200 OK\r\nX-N: %d\r\n\r\n" % number)
    assert sum(len(kept) for kept in vars(redactor).values() if isinstance(kept, dict | list)) <= 4096
