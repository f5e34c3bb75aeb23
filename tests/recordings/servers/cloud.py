"""What hypercorn serves in the recording of `recordings.secured`: a shop's checkout over HTTP/2, and a WebSocket.

`SHIFT` in the environment is added to the clock, in seconds: the recording is told to be of another day.
"""

import asyncio
import gzip
import json
import os
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Scope = dict[str, Any]
Fields = list[tuple[bytes, bytes]]

SAFE: Fields = [
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'"),
    (b"referrer-policy", b"same-origin"),
]
PAGE = "<!doctype html><title>Pay</title>" + "".join(f"<p>Line {n}: {n * 13 % 70}.50\n" for n in range(40))
TRACE = "Traceback (most recent call last):\n  File \"/srv/pay/rates.py\", line 88, in convert\nKeyError: 'XAU'\n"
JSON, PROBLEM = b"application/json", b"application/problem+json"
KEPT: Fields = [(b"content-encoding", b"gzip"), (b"cache-control", b"max-age=31536000")]


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


NOWHERE = (404, [(b"content-type", b"text/plain")], b"no such page\n")
ANSWERS: dict[tuple[str, str], tuple[int, Fields, bytes]] = {
    ("GET", "/"): (200, [(b"content-type", b"text/html; charset=utf-8"), *SAFE], PAGE.encode()),
    ("GET", "/pay.css"): (
        200,
        [(b"content-type", b"text/css"), *KEPT],
        gzip.compress(b"".join(b".p%d{margin:%dpx}\n" % (n, n) for n in range(150)), mtime=0),
    ),
    ("GET", "/pay.js"): (
        200,
        [
            (b"content-type", b"text/javascript"),
            (b"content-encoding", b"gzip"),
            (b"cache-control", b"max-age=31536000"),
        ],
        gzip.compress(b"".join(b"export const r%d=%d;\n" % (n, n * 7) for n in range(200)), mtime=0),
    ),
    ("GET", "/logo.svg"): (
        200,
        [(b"content-type", b"image/svg+xml"), *SAFE],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ),
    ("GET", "/v2/cart"): (200, [(b"content-type", JSON), *SAFE], _json({"lines": [{"sku": "A-001", "quantity": 2}]})),
    ("POST", "/v2/checkout"): (
        201,
        [
            (b"content-type", JSON),
            (b"location", b"/v2/orders/2043"),
            (b"set-cookie", b"__Host-pay=9c1f0b7de2a84455; Path=/; Secure; HttpOnly; SameSite=Lax"),
            (b"cache-control", b"no-store"),
            *SAFE,
        ],
        _json({"order": 2043, "state": "paid"}),
    ),
    ("GET", "/v2/orders/2043"): (304, [(b"etag", b'"2043-2"')], b""),
    ("GET", "/v2/ledger"): (403, [(b"content-type", PROBLEM), *SAFE], _json({"title": "Not yours", "status": 403})),
    ("GET", "/v2/rates"): (500, [(b"content-type", b"text/plain"), (b"server", b"pay/2.3.1")], TRACE.encode()),
    ("GET", "/v2/limits"): (429, [(b"retry-after", b"30"), (b"content-type", PROBLEM)], _json({"status": 429})),
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """One request, or one WebSocket."""
    if scope["type"] == "http":
        await answer(scope, receive, send)
    elif scope["type"] == "websocket":
        await ticker(receive, send)


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """What the table says; `/v2/slow` takes a second, and `/v2/ticks` sends events for some."""
    while (await receive()).get("more_body"):
        pass
    path = scope["path"]
    date = (b"date", formatdate(time.time() + int(os.environ["SHIFT"]), usegmt=True).encode())
    if path == "/v2/ticks":
        await send(
            {"type": "http.response.start", "status": 200, "headers": [date, (b"content-type", b"text/event-stream")]}
        )
        for number in range(6):
            await send({"type": "http.response.body", "body": b"data: %d\n\n" % number, "more_body": True})
            await asyncio.sleep(0.6)
        await send({"type": "http.response.body", "body": b""})
        return
    if path == "/v2/slow":
        await asyncio.sleep(1.3)
        path = "/v2/cart"
    elif path == "/" and "http.response.early_hint" in scope.get("extensions", {}):
        await send({"type": "http.response.early_hint", "links": [b"</pay.css>; rel=preload; as=style"]})
    status, fields, body = ANSWERS.get(
        (scope["method"], path), (404, [(b"content-type", b"text/plain")], b"no such page\n")
    )
    length: Fields = [] if status == 304 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [date, *fields, *length]})
    await send({"type": "http.response.body", "body": body})


async def ticker(receive: Receive, send: Send) -> None:
    """Says a price for every word, and goodbye."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "prices"})
    number = 0
    while (said := await receive())["type"] == "websocket.receive":
        number += 1
        asked = json.loads(said.get("text") or "{}")
        price = {"symbol": asked.get("watch", "?"), "price": 100 + number * 7 % 13, "note": "as of the last trade " * 4}
        await send({"type": "websocket.send", "text": json.dumps(price)})
        if number == 6:
            await send({"type": "websocket.close", "code": 1000})
