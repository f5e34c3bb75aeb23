"""The servers. Each speaks on every port of its place exactly what that port is for."""

import http.server
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from matrix.place import PEERS, SPOKEN, Place, Spoken, helper, program

PATIENCE: Final = 60.0
"""Seconds that a server has to listen."""

Words = list[str]


@dataclass(frozen=True, slots=True)
class Server:
    """`commands` start it; `needs` are the programs without which it cannot."""

    name: str
    needs: tuple[str, ...]
    commands: Callable[[Place], Iterator[Words]]
    speaks: tuple[Spoken, ...] = SPOKEN
    helped: bool = False
    """True when it writes its keys only with the library that is loaded into it."""

    def lacking(self, folder: Path) -> str:
        """Why it cannot be run here; empty when it can."""
        absent = [name for name in self.needs if program(name) is None]
        if absent:
            return f"{self.name}: {absent[0]} is not installed"
        return f"{self.name}: writes no keys without a C compiler" if self.helped and helper(folder) is None else ""


def found(name: str) -> str:
    """Where a program is that is known to be there."""
    where = program(name)
    assert where is not None
    return where


def _ports(place: Place) -> Words:
    return [word for spoken, port in place.ports.items() for word in (str(port), spoken.http, spoken.tls)]


def _files(place: Place) -> Words:
    site = place.site
    return [str(site.files), str(site.certificate), str(site.key)]


def _nginx(place: Place) -> Iterator[Words]:
    user = "user root;" if os.geteuid() == 0 else ""
    yield [found("nginx"), "-c", str(place.filled("nginx.conf")), "-e", str(place.folder / "error.log"), "-g", user]


def _apache(place: Place) -> Iterator[Words]:
    yield [found("apache2"), "-DFOREGROUND", "-f", str(place.filled("apache.conf"))]


def _node(place: Place) -> Iterator[Words]:
    yield [found("node"), f"--tls-keylog={place.keys}", str(PEERS / "server.js"), *_files(place), *_ports(place)]


def _hypercorn(place: Place) -> Iterator[Words]:
    yield [found("python3"), str(PEERS / "server_hypercorn.py"), *_files(place), *_ports(place)]


def _go(place: Place) -> Iterator[Words]:
    yield [go_program("server", place.folder), *_files(place), str(place.keys), *_ports(place)]


def _caddy(place: Place) -> Iterator[Words]:
    yield [found("caddy"), "run", "--adapter", "caddyfile", "--config", str(place.filled("Caddyfile"))]


def _envoy(place: Place) -> Iterator[Words]:
    at_once = ["--file-flush-interval-msec", "10"]  # Otherwise keys come ten seconds late.
    alone = ["--use-dynamic-base-id", "--concurrency", "1"]
    yield [found("envoy"), *alone, *at_once, "-c", str(place.filled("envoy.yaml"))]


def _nghttpd(place: Place) -> Iterator[Words]:
    site = place.site
    files = ["--htdocs", str(site.files), "--address", "127.0.0.1", "--trailer", "x-done: yes"]
    for spoken, port in place.ports.items():
        if spoken in ONLY_H2_13:
            yield [found("nghttpd"), *files, str(port), str(site.key), str(site.certificate)]


def _nghttpx(place: Place) -> Iterator[Words]:
    site = place.site
    backend = ["--backend", f"127.0.0.1,{place.backend}", "--workers", "1", "--conf", "/dev/null"]
    for spoken, port in place.ports.items():
        version = f"TLSv{spoken.tls}"
        tls = ["--tls-min-proto-version", version, "--tls-max-proto-version", version, "--npn-list", spoken.alpn]
        yield [found("nghttpx"), "-f", f"127.0.0.1,{port}", *backend, *tls, str(site.key), str(site.certificate)]


ONLY_H2_13: Final = (Spoken("h2", "1.3"),)
SERVERS: Final = {
    server.name: server
    for server in (
        Server("nginx", ("nginx",), _nginx, helped=True),
        Server("Apache", ("apache2",), _apache),
        Server("Node", ("node",), _node),
        Server("hypercorn", ("hypercorn",), _hypercorn),
        Server("Go", ("go",), _go),
        Server("Caddy", ("caddy",), _caddy),
        Server("Envoy", ("envoy",), _envoy),
        Server("nghttpd", ("nghttpd",), _nghttpd, ONLY_H2_13, helped=True),
        Server("nghttpx", ("nghttpx",), _nghttpx, helped=True),
    )
}


def go_program(name: str, folder: Path) -> str:
    """`peers/NAME.go`, compiled into `folder`; Go keeps what it compiled for the next time."""
    command = [found("go"), "build", "-o", str(folder / name), str(PEERS / f"{name}.go")]
    subprocess.run(command, env={**os.environ, "GO111MODULE": "off"}, check=True, timeout=600)
    return str(folder / name)


@contextmanager
def serving(server: Server, place: Place) -> Generator[None]:
    """It listens on all its ports until the end."""
    quiet = (place.folder / "output").open("wb")
    with quiet, ExitStack() as stack:
        running = [
            subprocess.Popen(
                words,
                cwd=place.folder,
                env=place.environment(),
                stdin=subprocess.DEVNULL,
                stdout=quiet,
                stderr=subprocess.STDOUT,
            )
            for words in server.commands(place)
        ]
        for process in running:
            stack.callback(_end, process)
        for spoken in server.speaks:
            _wait_for(place.ports[spoken], running, place.folder / "output")
        yield


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for(port: int, running: list["subprocess.Popen[bytes]"], output: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert all(process.poll() is None for process in running), output.read_text(errors="replace")[-2_000:]
        assert time.monotonic() < until, f"nobody listens on {port}"
        time.sleep(0.05)


@contextmanager
def backend(files: Path) -> Generator[int]:
    """A server in clear behind those that hand on; gives its port."""

    class Files(http.server.BaseHTTPRequestHandler):
        """What is there, in chunks where it is long."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            path = files / self.path.lstrip("/")
            body = path.read_bytes() if path.is_file() else b"nothing here\n"
            self.send_response(200 if path.is_file() else 404)
            self.send_header("X-Peer", "backend")
            if chunked := len(body) > 10_000:
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if chunked else body)

        do_HEAD = do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
