"""For every check one exchange in which it has something to say: request and response, as bytes."""

import gzip

from exchanges import BEHIND_TLS, GET, ok, page

SESSION = b"Set-Cookie: session=3f786850e387550fdab836ed7e6dc881"
"""A cookie whose value lets somebody in."""
THEME = b"Set-Cookie: theme=dark"
JSON = b"Content-Type: application/json"
TEXT = b"Content-Type: text/plain"
ORIGIN = b"GET /api HTTP/1.1\r\nHost: api.shop.example\r\nOrigin: https://partner.test\r\n\r\n"
CREDENTIALS = b"Access-Control-Allow-Credentials: true"
ENCODED_CRLF = b"GET /?to=%0d%0aHTTP/1.1%20200 HTTP/1.1\r\nHost: shop.example\r\n\r\n"

FAILED = b"500 Internal Server Error"
PYTHON_TRACE = b'Traceback (most recent call last):\n  File "/srv/shop/app.py", line 5, in cart\nKeyError: 7\n'

POSITIVES: dict[str, tuple[bytes, bytes]] = {
    "ERR-TRACE": (GET, ok(TEXT, body=PYTHON_TRACE, status=FAILED)),
    "ERR-SQL": (GET, ok(TEXT, body=b"ERROR: You have an error in your SQL syntax near '1'", status=FAILED)),
    "ERR-DEBUG": (GET, ok(b"X-Debug-Token: 4f2a1c", body=b"hello")),
    "ERR-LISTING": (
        GET,
        page(body=b'<html><title>Index of /backup/</title><a href="../">../</a><a href="a.sql">a.sql</a>'),
    ),
    "ERR-INTERNAL": (GET, ok(b"Location: http://10.4.0.7:8080/login", status=b"302 Found")),
    "CK-CLEAR": (GET, page(SESSION)),
    "CK-SECURE": (BEHIND_TLS, page(SESSION)),
    "CK-HTTPONLY": (GET, page(SESSION)),
    "CK-SAMESITE": (GET, ok(SESSION + b"; SameSite=None")),
    "CK-PREFIX": (GET, ok(b"Set-Cookie: __Host-sid=1; Secure; Path=/app")),
    "CK-SCOPE": (
        b"GET / HTTP/1.1\r\nHost: a.b.shop.example\r\n\r\n",
        ok(b"Set-Cookie: theme=dark; Domain=shop.example"),
    ),
    "CK-URL": (GET, ok(b"Location: /cart;jsessionid=8A1F09BC77D2E41F", status=b"302 Found")),
    "AU-BASIC": (GET, ok(b'WWW-Authenticate: Basic realm="staff"', status=b"401 Unauthorized")),
    "AU-CHALLENGE": (GET, ok(JSON, body=b"{}", status=b"401 Unauthorized")),
    "AU-CACHE": (GET, page(SESSION, b"Cache-Control: public, max-age=600")),
    "AU-TOKEN": (GET, ok(JSON, body=b'{"access_token": "mF_9.B5f-4.1JqM", "expires_in": 3600}')),
    "AU-TRACE": (GET, ok(b"Allow: GET, HEAD, TRACE")),
    "CO-CREDS": (GET, ok(b"Access-Control-Allow-Origin: null", CREDENTIALS)),
    "CO-REFLECT": (ORIGIN, ok(b"Access-Control-Allow-Origin: https://partner.test", CREDENTIALS)),
    "CO-VARY": (ORIGIN, ok(b"Access-Control-Allow-Origin: https://partner.test", b"Cache-Control: max-age=60")),
    "CSP-MISSING": (GET, page()),
    "CSP-WEAK": (GET, page(b"Content-Security-Policy: default-src 'self' 'unsafe-inline'; base-uri 'none'")),
    "FRAME": (GET, page()),
    "HSTS": (BEHIND_TLS, page()),
    "PLAIN-DOC": (GET, page()),
    "REDIR-DOWN": (BEHIND_TLS, ok(b"Location: http://shop.example/login", status=b"302 Found")),
    "NOSNIFF": (GET, page()),
    "VER-SERVER": (GET, ok(b"Server: nginx/1.22.1", body=b"hello")),
    "VER-TECH": (GET, ok(b"X-Powered-By: PHP/8.2.7", body=b"hello")),
    "CT-MISSING": (GET, ok(body=b"seventeen bytes and more")),
    "CT-MISMATCH": (GET, ok(TEXT, body=b"\n <script>alert(1)</script>")),
    "SPLIT": (GET, ok(b"X-Name : joe", body=b"hello")),
    "FRAMING": (
        GET,
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ),
    "INJECT": (GET, page()),
    "REFPOL": (GET, page()),
    "ISOLATE": (GET, page()),
    "DEPR": (GET, ok(b"X-XSS-Protection: 1; mode=block")),
    "REFLECT": (
        b"GET /?q=%3Cb%3Ehello HTTP/1.1\r\nHost: shop.example\r\n\r\n",
        page(body=b"<p>No results for <b>hello"),
    ),
    "OPENREDIR": (
        b"GET /go?to=https%3A%2F%2Felsewhere.test%2F HTTP/1.1\r\nHost: shop.example\r\n\r\n",
        ok(b"Location: https://elsewhere.test/", status=b"302 Found"),
    ),
    "BOMB": (GET, ok(b"Content-Encoding: gzip", body=gzip.compress(bytes(12_000_000), mtime=0))),
}
OTHER_VERSION = b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.test/\r\n\r\n"
"""What somebody else sends for the same sequence numbers: INJECT needs it."""
