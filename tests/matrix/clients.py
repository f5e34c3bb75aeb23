"""The clients. Each asks one server for what `site.ASKED` names, as far as it has the methods for that."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from matrix.place import PEERS, Spoken, program
from matrix.servers import Words, found, go_program
from matrix.site import ASKED, HOST, PAGE, Site

PATIENCE: Final = 120.0
"""Seconds that a client has for all it asks."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a client is sent for."""

    port: int
    spoken: Spoken
    site: Site
    folder: Path
    """The client's own."""

    @property
    def origin(self) -> str:
        return f"https://{HOST}:{self.port}"

    @property
    def gets(self) -> Words:
        """The URLs that are asked with GET."""
        return [f"{self.origin}{path}" for method, path in ASKED if method == "GET"]

    @property
    def authority(self) -> str:
        return str(self.site.authority)


@dataclass(frozen=True, slots=True)
class Client:
    """`commands` run one after the other; each needs what `needs` names: a program, or `python:MODULE`."""

    name: str
    needs: tuple[str, ...]
    commands: Callable[[Errand], Iterator[Words]]
    speaks: tuple[str, ...] = ("h1", "h2")
    asks: int = len(ASKED)
    """Exchanges that there are at least."""

    def lacking(self) -> str:
        """Why it cannot be run here; empty when it can."""
        for need in self.needs:
            kind, _, module = need.partition(":")
            if (find_spec(module) if module else program(kind)) is None:
                return f"{self.name}: {module or kind} is not installed"
        return ""


def _curl(errand: Errand) -> Iterator[Words]:
    words = [found("curl")]
    for method, path in ASKED:
        how = {"GET": ["--compressed"], "POST": ["-d", "some=content"], "HEAD": ["--head"]}[method]
        version = "--http2" if errand.spoken.http == "h2" else "--http1.1"
        words += [
            version,
            "-s",
            "--cacert",
            errand.authority,
            *how,
            "-o",
            "/dev/null",
            f"{errand.origin}{path}",
            "--next",
        ]
    yield words[:-1]


def _wget(errand: Errand) -> Iterator[Words]:
    yield [found("wget"), "-q", "--ca-certificate", errand.authority, "-O", "/dev/null", *errand.gets]


def _h2load(errand: Errand) -> Iterator[Words]:
    how = ["--npn-list", errand.spoken.alpn, "-n", "40", "-c", "2", "-m", "5"]
    yield [found("h2load"), *how, *(["--h1"] if errand.spoken.http == "h1" else []), *errand.gets]


def _nghttp(errand: Errand) -> Iterator[Words]:
    yield [found("nghttp"), "-n", *errand.gets]


def _python(library: str) -> Callable[[Errand], Iterator[Words]]:
    def commands(errand: Errand) -> Iterator[Words]:
        asked = [word for each in ASKED for word in each]
        words = [library, errand.spoken.http, errand.origin, errand.authority, *asked]
        yield [found("python3"), str(PEERS / "client.py"), *words]

    return commands


def _node(library: str) -> Callable[[Errand], Iterator[Words]]:
    def commands(errand: Errand) -> Iterator[Words]:
        asked = [word for each in ASKED for word in each]
        yield [found("node"), str(PEERS / "client.js"), library, errand.origin, *asked]

    return commands


def _go(errand: Errand) -> Iterator[Words]:
    asked = [word for each in ASKED for word in each]
    yield [go_program("client", errand.folder), errand.spoken.http, errand.origin, errand.authority, *asked]


def _java(errand: Errand) -> Iterator[Words]:
    asked = [word for each in ASKED for word in each]
    words = [errand.spoken.http, errand.origin, errand.authority, *asked]
    yield [found("java"), "-XX:+UseSerialGC", str(PEERS / "Client.java"), *words]


def _chromium(errand: Errand) -> Iterator[Words]:
    still = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    bare = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", f"--user-data-dir={errand.folder}"]
    page = f"{errand.origin}{PAGE}"
    yield [found("chromium"), *bare, *still, "--ignore-certificate-errors", "--dump-dom", page]


def _firefox(errand: Errand) -> Iterator[Words]:
    profile = errand.folder / "profile"
    profile.mkdir()
    store = f"sql:{profile}"
    yield [found("certutil"), "-N", "-d", store, "--empty-password"]
    yield [found("certutil"), "-A", "-d", store, "-n", "matrix", "-t", "C,,", "-i", errand.authority]
    picture = errand.folder / "page.png"
    where = ["--profile", str(profile), "--screenshot", str(picture)]
    yield [found("firefox-esr"), "--headless", *where, f"{errand.origin}{PAGE}"]


_ONLY_GET: Final = sum(method == "GET" for method, _ in ASKED)
_BROWSER: Final = len(ASKED) + 1
CLIENTS: Final = {
    client.name: client
    for client in (
        Client("curl", ("curl",), _curl),
        Client("wget", ("wget",), _wget, ("h1",), _ONLY_GET),
        Client("h2load", ("h2load",), _h2load, asks=10),  # Node may close with some of the forty under way.
        Client("nghttp", ("nghttp",), _nghttp, ("h2",), _ONLY_GET),
        Client("urllib", (), _python("urllib"), ("h1",)),
        Client("requests", ("python:requests",), _python("requests"), ("h1",)),
        Client("httpx", ("python:httpx", "python:h2"), _python("httpx")),
        Client("aiohttp", ("python:aiohttp",), _python("aiohttp"), ("h1",)),
        Client("grpcio", ("python:grpc",), _python("grpc"), ("h2",), 2),
        Client("Node fetch", ("node",), _node("fetch"), ("h1",)),
        Client("Node http2", ("node",), _node("http2"), ("h2",)),
        Client("Go", ("go",), _go),
        Client("Java", ("java", "javac"), _java),
        Client("Chromium", ("chromium",), _chromium, asks=_BROWSER),
        Client("Firefox", ("firefox-esr", "certutil"), _firefox, asks=_BROWSER),
    )
}


def ask(client: Client, errand: Errand) -> None:
    """Run it to its end. It has no keys to give: the server writes them. Raises AssertionError where it comes to none.

    How it ends says little: wget fails for a 404. What was asked is counted in the capture.
    """
    errand.folder.mkdir()
    known = {**os.environ, "HOME": str(errand.folder), "NODE_EXTRA_CA_CERTS": errand.authority}
    quiet = subprocess.DEVNULL
    with (errand.folder / "output").open("wb") as output:
        for words in client.commands(errand):
            try:
                subprocess.run(
                    words,
                    env=known,
                    stdin=quiet,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=PATIENCE,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise AssertionError(f"{client.name} has not ended in {PATIENCE:.0f} s") from None
