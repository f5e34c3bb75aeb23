"""What hypercorn serves in tests: `/STATUS/SIZE` answers so, and what is posted comes back behind it. A WebSocket says
all that it hears again, until it hears `bye`."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await _echo(receive, send)
    if scope["type"] != "http":
        return
    found = re.fullmatch(r"/(\d+)/(\d+)", scope["path"])
    status, size = (int(found[1]), int(found[2])) if found else (404, 9)
    posted = b""
    more = True
    while more:
        message = await receive()
        posted += message.get("body", b"")
        more = message.get("more_body", False)
    await send(
        {"type": "http.response.start", "status": status, "headers": [(b"x-size", b"%d" % size), (b"x-b", b"b" * 100)]}
    )
    for start in range(0, size, 50_000):
        part = b"s" * min(50_000, size - start)
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": posted, "more_body": False})


async def _echo(receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif message.get("text") == "bye":
            await send({"type": "websocket.close", "code": 1000, "reason": "said"})
            return
        else:
            await send({"type": "websocket.send", "text": message.get("text"), "bytes": message.get("bytes")})
