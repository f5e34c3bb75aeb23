"""A JSON API on Python's own http.server: cookies, problems of every 4xx and 5xx kind, framings, slow answers.

python api.py ADDRESS PORT [CERTIFICATE]
"""

import gzip
import json
import ssl
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ORDERS = [
    {"id": 1000 + n, "state": "paid" if n % 3 else "open", "total": f"{n * 7 % 90}.90", "lines": n % 5 + 1}
    for n in range(60)
]


class Api(BaseHTTPRequestHandler):
    """Routes are a table at the end; each answers once."""

    protocol_version = "HTTP/1.1"

    def answer(
        self, status: int, body: object = None, *headers: tuple[str, str], kind: str = "application/json"
    ) -> None:
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            with suppress(BrokenPipeError):
                self.wfile.write(data)

    def problem(self, status: int, title: str, *headers: tuple[str, str]) -> None:
        body = {"type": f"https://api.example.com/problems/{status}", "title": title, "status": status}
        self.answer(status, body, *headers, kind="application/problem+json")

    def login(self) -> None:
        self.answer(
            200,
            {"user": "demo", "expires_in": 3600},
            ("Set-Cookie", "session=5f2c9e7a41d84b06; Path=/; HttpOnly; Secure; SameSite=Lax"),
            ("Set-Cookie", "theme=dark; Path=/; Max-Age=31536000"),
            ("Cache-Control", "no-store"),
        )

    def orders(self) -> None:
        page = int(self.path.partition("page=")[2] or "1")
        etag = ("ETag", f'"orders-{page}"')
        if self.headers.get("If-None-Match") == etag[1]:
            self.answer(304, None, etag)
            return
        body = json.dumps({"page": page, "orders": ORDERS[page * 10 - 10 : page * 10]}).encode()
        more = [etag, ("Cache-Control", "private, max-age=0"), ("Vary", "Accept-Encoding, Authorization")]
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body, more = gzip.compress(body, mtime=0), [*more, ("Content-Encoding", "gzip")]
        self.answer(200, body, *more)

    def create(self) -> None:
        self.answer(201, {"id": 1061, "state": "open"}, ("Location", "/v1/orders/1061"))

    def export(self) -> None:
        """Rows in chunks, with a pause between them."""
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for row in ORDERS[:12]:
            line = f"{row['id']},{row['state']},{row['total']}\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            time.sleep(0.03)
        self.wfile.write(b"0\r\n\r\n")

    def until_close(self) -> None:
        """A body without a length: it lasts until the connection closes."""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Connection", "close")
        self.end_headers()
        for line in range(8):
            self.wfile.write(f"log line {line}\n".encode())
            time.sleep(0.02)

    def slow(self) -> None:
        time.sleep(float(self.path.partition("=")[2] or 1.6))
        self.problem(500, "The report could not be made")

    def cut_off(self) -> None:
        """A worker that dies in the middle of its answer."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(b'{"rows":[' + b"1," * 700)
        self.close_connection = True

    def catalogue(self) -> None:
        items = [{"sku": f"A-{n:03}", "name": f"Item {n}", "stock": n * 13 % 50} for n in range(40)]
        self.answer(200, items, ("Server-Timing", "db;dur=3.1, render;dur=0.4"), ("Vary", "Accept"))

    def route(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        path = self.path.partition("?")[0]
        for key in (f"{self.command} {path}", f"{self.command} {path.rpartition('/')[0]}/*"):
            if key in ROUTES:
                ROUTES[key](self)
                return
        self.problem(404, "No such resource")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = route

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


ROUTES: dict[str, Callable[[Api], None]] = {
    "GET /healthz": lambda api: api.answer(200, {"status": "up"}),
    "POST /v1/login": Api.login,
    "GET /v1/me": lambda api: (
        api.answer(200, {"user": "demo", "roles": ["buyer"]})
        if "session=" in api.headers.get("Cookie", "")
        else api.problem(401, "Log in first", ("WWW-Authenticate", 'Bearer realm="api", error="invalid_token"'))
    ),
    "GET /v1/orders": Api.orders,
    "HEAD /v1/orders": Api.orders,
    "POST /v1/orders": Api.create,
    "PUT /v1/orders/*": lambda api: api.answer(200, {"id": 1061, "state": "paid"}),
    "PATCH /v1/orders/*": lambda api: api.problem(409, "The order was changed meanwhile"),
    "DELETE /v1/orders/*": lambda api: api.answer(204),
    "GET /v1/admin/*": lambda api: api.problem(403, "Not for you"),
    "POST /v1/payments": lambda api: api.problem(422, "The card number fails its check"),
    "GET /v1/quota": lambda api: api.problem(429, "Too many requests", ("Retry-After", "30")),
    "GET /v1/export": Api.export,
    "GET /v1/log": Api.until_close,
    "GET /v1/cut": Api.cut_off,
    "GET /v1/catalogue/": Api.catalogue,
    "GET /slow/*": Api.slow,
    "GET /v1/maintenance": lambda api: api.problem(503, "Back in a minute", ("Retry-After", "60")),
    "GET /v1/feature": lambda api: api.problem(501, "Not yet"),
    "PUT /v1/upload": lambda api: api.answer(201, {"stored": int(api.headers.get("Content-Length") or 0)}),
}


def main() -> None:
    address, port, *certificate = sys.argv[1:]
    server = ThreadingHTTPServer((address, int(port)), Api)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate[0])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
