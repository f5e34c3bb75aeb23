"""hypercorn: `server_hypercorn.py WWW CERT KEY (PORT HTTP TLS)...`; keys by $SSLKEYLOGFILE, as Python's ssl does."""

import asyncio
import ssl
import sys
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

WWW, CERTIFICATE, KEY, *PORTS = sys.argv[1:]


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    path = Path(WWW + scope["path"])
    there = path.is_file()
    head: list[tuple[bytes, bytes]] = [(b"x-peer", b"hypercorn"), (b"set-cookie", b"one=1"), (b"set-cookie", b"two=2")]
    await send({"type": "http.response.start", "status": 200 if there else 404, "headers": head})
    body = path.read_bytes() if there else b"nothing here\n"
    for at in range(0, len(body), 50_000):
        await send({"type": "http.response.body", "body": body[at : at + 50_000], "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


class OneVersion(Config):
    """Speaks one version of TLS."""

    version: ssl.TLSVersion

    def create_ssl_context(self) -> ssl.SSLContext | None:
        context = super().create_ssl_context()
        assert context is not None
        context.minimum_version = context.maximum_version = self.version
        return context


async def main() -> None:
    running = []
    for port, http, tls in zip(PORTS[::3], PORTS[1::3], PORTS[2::3], strict=True):
        config = OneVersion()
        config.bind = [f"127.0.0.1:{port}"]
        config.certfile, config.keyfile = CERTIFICATE, KEY
        config.alpn_protocols = ["h2"] if http == "h2" else ["http/1.1"]
        config.version = ssl.TLSVersion.TLSv1_3 if tls == "1.3" else ssl.TLSVersion.TLSv1_2
        # With a trigger of its own it leaves signals alone: the first ends the process.
        running.append(serve(app, config, shutdown_trigger=asyncio.Event().wait))
    await asyncio.gather(*running)


asyncio.run(main())
