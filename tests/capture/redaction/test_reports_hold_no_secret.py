"""A secret that stands in many places of a capture stands in no report, event or part of one, in whole or in part."""

import json

import pytest

from exchanges import exchanged, ok
from httpresp_capture.analysis.comparison import Side, compare
from httpresp_capture.analysis.review import Review
from httpresp_capture.checks import CHECKS, Options, Severity, examine
from httpresp_capture.export.reports import COMPARISONS, REPORTS
from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from httpresp_capture.tracee.writer import EventWriter

SALT = b"salt"
OPTIONS = Options(opt_in=frozenset(check.id for check in CHECKS), salt=SALT)
SECRET = b"Zq7Kp2Xw9Lm4"
REQUEST = (
    (
        b"GET http://ann:%s@shop.example/reset-token/%s;jsessionid=%s?next=%%2F%%3Ftoken%%3D%s&q=%%3Cb%%3E&key=%s"
        b" HTTP/1.1\r\n"
        b"Host: ann:%s@shop.example\r\nCookie: sid=%s; theme=dark\r\nAuthorization: Bearer %s\r\nX-Api-Key : %s\r\n"
        b"Referer: http://shop.example/?access_token=%s\r\nOrigin: https://%s@a.test\r\n\r\n"
    )
    .replace(b"%s", SECRET)
    .replace(b"%%", b"%")
)
FIELDS = (
    b"Set-Cookie: sid=%s; Path=/in?token=%s; SameSite=None",
    b"Location: http://other.test/cb?code=%s#id_token=%s",
    b"Refresh: 0; url=http://ann:%s@x.test/",
    b"X-Debug-Token: %s",
    b"X-Powered-By: PHP/8.1 %s",
    b"Server: a/1.2 %s",
    b"X-Session-Id\t: %s",
    b"Authentication Bearer %s",
    b"X-Folded: token=\r\n %s",
    b"X-Ctl: password=%s\x01",
    b"Retry-After: %s",
)
BODIES = (
    b"You have an error in your SQL syntax near '%s' AND token = '%s' at line 1",
    b"Duplicate entry '%s' SQLSTATE[23000] Duplicate entry '%s' for key 'tokens'",
    b"<title>Oops %s</title><b>Warning</b>: connect(mysql://root:%s@db) in <b>/a.php</b> on line <b>3</b>",
    b'{"error":{"message":"bad token %s","code":"E1","password":"%s","access_token":"%s"}}',
    b"Traceback (most recent call last):\n  login(password='%s', sid=%s)\n  File 'a.py'\n",
    b"<b>%s</b> at x.y(A.java:1)\n  at com.a.B(B.java:2)\n  at com.a.C(%s.java:3)\n",
)


def responses() -> list[Response]:
    """One response for each body, each with the secret in every field that may hold one."""
    found: list[Response] = []
    for body in BODIES:
        kind = b"Content-Type: " + (b"application/json" if body.startswith(b"{") else b"text/html")
        fields = [field.replace(b"%s", SECRET) for field in FIELDS]
        for status in (b"500 Oops " + SECRET, b"302 Found", b"200 OK"):
            answer = ok(kind, *fields, body=body.replace(b"%s", SECRET), status=status)
            found += exchanged(answer, REQUEST, second_version=answer.replace(SECRET, SECRET[::-1]))
    return found


SEEN = responses()
PARTS = {SECRET[at : at + 4].decode() for at in range(len(SECRET) - 3)} | {
    SECRET[::-1][at : at + 4].decode() for at in range(len(SECRET) - 3)
}
"""Any four characters of it."""


def leaks(said: str) -> list[str]:
    """The places where a part of it stands, in any case and in hexadecimal too."""
    low = said.lower()
    told = [part for part in PARTS if part.lower() in low or part.encode().hex() in low]
    return [said[max(low.find(part.lower()) - 60, 0) : low.find(part.lower()) + 20] for part in told]


def test_the_sample_holds_what_it_should() -> None:
    assert len(SEEN) == 3 * len(BODIES)
    assert all(leaks(EventWriter().text(seen)) for seen in SEEN)
    checks = {finding.check for seen in SEEN for finding in examine(seen, OPTIONS)}
    assert checks >= {
        "ERR-SQL",
        "ERR-TRACE",
        "ERR-DEBUG",
        "CK-CLEAR",
        "CK-URL",
        "AU-TOKEN",
        "SPLIT",
        "INJECT",
        "VER-TECH",
    }


@pytest.mark.parametrize("format_name", REPORTS)
def test_no_report_holds_it(format_name: str) -> None:
    review = Review(OPTIONS)
    for seen in SEEN:
        review.add(seen)
    assert leaks(REPORTS[format_name].overview(review.overview("f.pcap", "1.0"), Severity.INFO)) == []


@pytest.mark.parametrize("format_name", COMPARISONS)
def test_no_comparison_holds_it(format_name: str) -> None:
    before, after = Side(OPTIONS), Side(OPTIONS)
    for seen in SEEN:
        after.add(seen)
    for one, other in ((before, after), (after, before)):
        assert leaks(COMPARISONS[format_name](compare(one, other), "a.pcap", "b.pcap")) == []


def test_no_event_holds_it() -> None:
    writer = EventWriter(redact=Redactor(SALT))
    for seen in SEEN:
        line = writer.text(seen, None, examine(seen, OPTIONS))
        assert isinstance(json.loads(line), dict)
        assert leaks(line) == []
