"""`client.py LIBRARY h1|h2 ORIGIN AUTHORITY (METHOD PATH)...` asks with one of Python's libraries."""

import asyncio
import importlib
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

LIBRARY, HTTP, ORIGIN, AUTHORITY, *WORDS = sys.argv[1:]


def asked() -> Iterator[tuple[str, str, bytes | None]]:
    """Method, URL and content."""
    for method, path in zip(WORDS[::2], WORDS[1::2], strict=True):
        yield method, ORIGIN + path, b"some=content" if method == "POST" else None


def by_urllib() -> None:
    context = ssl.create_default_context(cafile=AUTHORITY)
    for method, url, content in asked():
        request = urllib.request.Request(url, content, method=method)
        with suppress(urllib.error.HTTPError), urllib.request.urlopen(request, context=context) as answer:
            answer.read()


def by_requests() -> None:
    with importlib.import_module("requests").Session() as session:
        for method, url, content in asked():
            session.request(method, url, data=content, verify=AUTHORITY)


def by_httpx() -> None:
    context = ssl.create_default_context(cafile=AUTHORITY)
    with importlib.import_module("httpx").Client(http2=HTTP == "h2", verify=context) as client:
        for method, url, content in asked():
            client.request(method, url, content=content)


def by_aiohttp() -> None:
    library = importlib.import_module("aiohttp")

    async def ask() -> None:
        connector = library.TCPConnector(ssl=ssl.create_default_context(cafile=AUTHORITY))
        async with library.ClientSession(connector=connector) as session:
            for method, url, content in asked():
                async with session.request(method, url, data=content) as answer:
                    await answer.read()

    asyncio.run(ask())


def by_grpc() -> None:
    """What these servers answer is an error for a call; it is an exchange all the same."""
    library: Any = importlib.import_module("grpc")
    trusted = library.ssl_channel_credentials(Path(AUTHORITY).read_bytes())
    with library.secure_channel(ORIGIN.removeprefix("https://"), trusted) as channel:
        for name in ("/small.json", "/echo.Echo/Say"):
            with suppress(library.RpcError):
                channel.unary_unary(name)(b"some content", metadata=(("x-asked", "yes"),), timeout=30)


BY = {"urllib": by_urllib, "requests": by_requests, "httpx": by_httpx, "aiohttp": by_aiohttp, "grpc": by_grpc}
BY[LIBRARY]()
