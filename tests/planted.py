"""Exchanges with a secret in places where a name beside it, or its look, tells it; and all that is said of them.

`S` stands for the secret in what is listed. `exchange` takes some of the places and puts them into a request and its
answer; `everything` is what a program or a person gets to see of it once secrets are hidden.
"""

import re
from collections.abc import Iterator
from random import Random

from exported import written as written_as_document
from httpresp_capture.analysis.comparison import Side, compare
from httpresp_capture.analysis.review import Review
from httpresp_capture.checks import CHECKS, Options, Severity, examine
from httpresp_capture.export.csv_table import Csv
from httpresp_capture.export.har import Har
from httpresp_capture.export.leaving import Leaving
from httpresp_capture.export.python_script import PythonScript
from httpresp_capture.export.reports import COMPARISONS, REPORTS
from httpresp_capture.export.shell_script import ShellScript
from httpresp_capture.export.ticket import Ticket
from httpresp_capture.exporting.bodies import file_name
from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from httpresp_capture.tracee.writer import EventWriter
from httpresp_tui.text.excerpts import body_excerpt, curl_excerpt, headers_excerpt, json_excerpt

SECRETS = (
    "Zq7Kp2Xw9Lm4Rt8Vb3",
    "8fj2k9q7x1m4z0w5t6",
    "dGhpc0lzQVNlY3JldA8x",
    "Ab3-Cd4_Ef5-Gh6_Ij7",
    "kXbQzVnMaRtYpLwE",
)
"""Base62, base36, base64, base64url, letters alone."""

TARGETS = (
    "/a?p=S",
    "/a?t=S",
    "/a?sk=S",
    "/a?b=1&k=S",
    "/a?login_hint=S",
    "/a?secret_id=S",
    "/a?token_id=S",
    "/a?auth_user=S",
    "/a?access=S",
    "/a?bypass=S",
    "/a?sign=S",
    "/a?mac=S",
    "/a?password:S",
    "/a?password|S&b=1",
    "/a?token+S",
    "/a?filter=password+eq+S",
    "/a?filter=password+eq+'S'",
    "/a?$filter=password%20eq%20'S'",
    "/a?where=password%3D'S'",
    "/a?filter=password~eq~S",
    "/a?filter=password,S",
    "/a?q=password+S",
    "/a?password[$ne]=S",
    "/a?password__exact=S",
    "/a?secret=eq.S",
    "/a?next=/b?p=S",
    "/a?u=https%3A%2F%2Fx%2F%3Fp%3DS",
    '/a?q={"password":{"$eq":"S"}}',
    "/reset?S=1",
    "/reset?S",
    "/verify?S&a=1",
    "/a?S",
    "/oauth/authorize/S",
    "/login/S",
    "/sso/S",
    "/callback/S",
    "/hooks/catch/123456/S",
    "/webhooks/in/4/S",
    "/confirm/email/S",
    "/invite/team/4/S",
    "/reset/ann/S",
    "/token:S",
    "/a;jsessionid=S",
    "/a?code=S",
    "/a?access%5Ftoken=S",
    "/a?X-Amz-Signature=S",
    "/magic-link/S",
    "/services/T0123ABCD/B0123ABCD/S",
    "http://ann:S@h/",
)
FIELDS = (
    """X-Access: S|X-Amzn-Oidc-Data: S|X-Amzn-Oidc-Identity: S|X-Userinfo: S|X-Login: S|X-Sign: S
X-Vercel-Protection-Bypass: S|Server-Timing: token;desc=S|Server-Timing: db;dur=3, auth;desc="S";dur=4
X-Debug: filter password eq S|X-Debug: token=>S|X-Debug: token -> S|X-Debug: session S|X-Debug: bearer_S
X-Debug: {"token":"S"}|Link: </a?p=S>; rel=next|Baggage: token=S|Via: 1.1 u:S@h|Authorization: Bearer S
Authorization: S|X-Api-Key: S|Referer: http://h/cb?code=S|X-Session-Id : S|Cookie sid=S|X-Note: password is S
Refresh: 0; url=/cb#id_token=S|Origin: https://S@h|X-Auth: Bearer S|DPoP: S|Sec-WebSocket-Protocol: bearer, S
""".replace("\n", "|")
    .rstrip("|")
    .split("|")
)
ASKING = ("Cookie: sid=S; theme=dark", "Host: ann:S@shop.example", "Proxy-Authorization: Basic S")
ANSWERING = ("Set-Cookie: sid=S; Path=/", "Location: /cb?code=S#x", "WWW-Authenticate: Bearer error=\"token S\"",
             "Set-Cookie: a=b; Path=/reset/S", "Set-Cookie: sid=S; Path=/in/S", "Retry-After: Bearer_S")  # fmt: skip
FORMS = ("secret_id=S&role=1", "user=ann&password=S", "p=S&q=1", "grant_type=password&client_secret=S")
BODIES = (
    '{"access_token":"S"}', '{"user":{"password":{"value":"S"}}}', '{"k":"S","kty":"oct"}', "password eq 'S'",
    '<input name="csrf_token" value="S">', "<password>S</password>", 'Parameters: {"password"=>"S"}',
    "Duplicate entry 'x' for key: SQLSTATE[23000] (token)=(S)", "connect(mysql://root:S@db) in /a.php on line 3",
    "Traceback (most recent call last):\n  login(password='S')\n  File 'a.py'\n", "invalid token S",
    "[password=S]", "run --password S --dry", "run --password=S", "`token`: `S`", '"token"="S"', "token - S",
    "a['token']='S'",
    '<Token value="S"/>', '<entry name="apiKey">S</entry>', '<input value="S" name="csrf_token">', "*token=S",
    "<input type=hidden name=csrf_token value=S>", '<input type="password" value="S">', "<![CDATA[secret=S]]>",
    "<password><![CDATA[S]]></password>", r'{"tok\u0065n":"S"}', '{"name":"password","value":"S"}',
    '{"value":"S","id":4,"key":"token"}', r'"{\"name\":\"password\",\"value\":\"S\"}"', '[["X-Api-Key","S"]]',
    "<p data-page='&quot;token&quot;:&quot;S&quot;'>", "token=&quot;S&quot;", "Cookie: theme=S; sid=S",
)  # fmt: skip
ADDRESSES = (
    "Location: ",
    "Location: http://h",
    "Referer: http://h",
    "Content-Location: ",
    "X-Went: ",
    "Refresh: 3; url=",
)
"""Lines that hold an address, as a field of their own or not."""
BEFORE = ("", "", "x ", "<b>text</b>\n", "at a.b.C(D.java:1)\n", "lorem ipsum ")
"""So that what is cut is cut in a secret, too."""
LINES = ("GET TARGET HTTP/1.1",) * 4 + (
    "GET TARGET",
    "GETTARGET HTTP/1.1",
    "GETTARGET",
    "GET TARGET Bearer_S",
    "GET TARGET HTTP/1.10",
    "PUT TARGET HTTP/2",
)
STATUS = ("200 OK", "302 Found", "401 Unauthorized", "500 Bearer_S", "500 Oops token=S")
PLAIN = ("X-Request-Id: 17", "Accept: */*", "Content-Type: text/html", "Server: a/1.2", "Cache-Control: no-store")
OPTIONS = Options(opt_in=frozenset(check.id for check in CHECKS), salt=b"salt")


def exchange(rng: Random, secret: str, *, extra: tuple[bytes, ...] = ()) -> tuple[bytes, bytes]:
    """A request and its answer with the secret in one to three places, among what holds none; `extra` are lines that
    are put into both heads."""
    target = rng.choice(TARGETS) if rng.random() < 0.5 else "/a?b=1"
    line, status = rng.choice(LINES), rng.choice(STATUS)
    asked: list[str] = rng.sample(PLAIN, 2)
    answered: list[str] = rng.sample(PLAIN, 2)
    form = body = ""
    for _ in range(rng.randrange(3)):
        match rng.randrange(8):
            case 0:
                asked.insert(rng.randrange(3), rng.choice(FIELDS))
            case 1:
                answered.insert(rng.randrange(3), rng.choice(FIELDS))
            case 2:
                asked.append(rng.choice(ASKING))
            case 3:
                answered.append(rng.choice(ANSWERING))
            case 4:
                form = rng.choice(FORMS)
            case 5:
                asked.append(rng.choice(ADDRESSES) + rng.choice(TARGETS))
            case 6:
                answered.append(rng.choice(ADDRESSES) + rng.choice(TARGETS))
            case _:
                body = rng.choice(BEFORE) * rng.randrange(40) + rng.choice(BODIES)
    if form:
        line = line.replace("GET", "POST")
        asked += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(written(form, secret))}"]
    kind = "application/json" if body.startswith("{") else "text/html"
    answered += [f"Content-Type: {kind}", f"Content-Length: {len(written(body, secret))}"]
    more = b"".join(b"\r\n" + each for each in extra) + b"\r\n\r\n"
    request = written("\r\n".join([line.replace("TARGET", target), *asked]), secret) + more + written(form, secret)
    response = written("\r\n".join([f"HTTP/1.1 {status}", *answered]), secret) + more + written(body, secret)
    return request, response


def written(text: str, secret: str) -> bytes:
    """With the secret in the places of `S` that stands alone."""
    return re.sub(r"(?<![A-Za-z])S(?![A-Za-z])|(?<=_)S", lambda _: secret, text).encode("latin-1")


def everything(rows: list[Response]) -> Iterator[tuple[str, str]]:
    """What leaves of these, with its name: events, findings, reports, comparisons, and what is copied."""
    redactor = Redactor(OPTIONS.salt)
    writer = EventWriter(redact=redactor)
    review = Review(OPTIONS)
    sides = Side(OPTIONS), Side(OPTIONS)
    for row in rows:
        found = examine(row, OPTIONS)
        yield "event", writer.text(row, None, found)
        yield "findings", repr(found)
        for make in (json_excerpt, headers_excerpt, body_excerpt, curl_excerpt):
            yield make.__name__, make(row, redactor).text
        review.add(row)
        sides[1].add(row)
    for document in (Har, Csv, Ticket, ShellScript, PythonScript):
        yield document.__name__, written_as_document(document, rows, redactor=redactor).decode()
    for row in rows:
        leaving = Leaving(row, redactor)
        yield "name of a body", file_name(leaving)
        yield "body", leaving.body.data.decode("latin-1")
    for name, report in REPORTS.items():
        yield name, report.overview(review.overview("f.pcap", "1.0"), Severity.INFO)
    for name, written_as in COMPARISONS.items():
        yield f"diff as {name}", written_as(compare(*sides), "a.pcap", "b.pcap")
        yield f"diff as {name}, turned", written_as(compare(*sides[::-1]), "b.pcap", "a.pcap")
