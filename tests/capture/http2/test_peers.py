"""Programs that others made speak HTTP/2 to each other through a relay that keeps the bytes."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import Completeness
from splits import Turn, rows_of

pytestmark = pytest.mark.slow
TESTS = Path(__file__).parents[2]
CURL = shutil.which("curl")
NODE = shutil.which("node")
SPEAKS = CURL is not None and "HTTP2" in subprocess.check_output([CURL, "--version"], text=True)
NODE_SERVER = """
require("http2").createServer((request, response) => {
  const [, status, size] = request.url.split("/");
  const posted = [];
  request.on("data", part => posted.push(part));
  request.on("end", () => {
    response.writeHead(Number(status), {"x-size": size, "x-b": "b".repeat(100)});
    response.end("s".repeat(Number(size)) + Buffer.concat(posted));
  });
}).listen(Number(process.argv[1]), "127.0.0.1");
"""
NODE_CLIENT = """
const [, origin, ...paths] = process.argv;
const session = require("http2").connect(origin);
let left = paths.length;
for (const path of paths) {
  const stream = session.request({":path": path});
  let status = 0, size = 0;
  stream.on("response", headers => { status = headers[":status"]; });
  stream.on("data", part => { size += part.length; });
  stream.on("end", () => { console.log(status, size); if (!--left) session.close(); });
}
"""
SERVERS: dict[str, list[str]] = {"hypercorn": [sys.executable, "-m", "hypercorn", "asgi_app:app", "--bind"]}
if NODE is not None:
    SERVERS["node"] = [NODE, "-e", NODE_SERVER]
METHODS = {"GET": (), "HEAD": ("--head",), "POST": ("-d", "some=content")}
"""And how curl is told."""
PATHS = ("/200/5", "/404/0", "/200/300000", "/503/17000")


class Relay:
    """Takes one connection at a time on `port`, hands everything on to another port, and keeps it."""

    def __init__(self, port: int) -> None:
        self.turns: list[Turn] = []
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        near, _ = self._listener.accept()
        with near, socket.create_connection(("127.0.0.1", self._target)) as far:
            back = threading.Thread(target=self._pass, args=(far, near, "server"))
            back.start()
            self._pass(near, far, "client")
            with suppress(OSError):  # Which the server may have closed.
                far.shutdown(socket.SHUT_RDWR)  # Who asked has all it wants.
            back.join()

    def _pass(self, source: socket.socket, target: socket.socket, way: Any) -> None:
        with suppress(OSError):  # The other end may have gone.
            while data := source.recv(16_384):
                with self._lock:
                    self.turns.append((way, data))
                target.sendall(data)

    def rows(self) -> tuple[Response, ...]:
        """What is read of it, in segments of a usual size."""
        self._thread.join()
        self._listener.close()
        sent = sum(len(data) for way, data in self.turns if way == "server")
        return rows_of(self.turns, range(0, sent, 1_448), fin=True)


@contextmanager
def serving(name: str) -> Generator[int]:
    """A server that runs until the end; the port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    where = f"127.0.0.1:{port}" if name == "hypercorn" else str(port)
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    quiet = subprocess.DEVNULL
    with subprocess.Popen([*SERVERS[name], where], env=environment, stdout=quiet, stderr=quiet) as process:
        try:
            while True:
                assert process.poll() is None, "the server did not start"
                with socket.socket() as tried:
                    if tried.connect_ex(("127.0.0.1", port)) == 0:
                        break
            yield port
        finally:
            process.terminate()


def asked(port: int, *words: str, path: str) -> tuple[int, int]:
    """Status and size of the response, as curl tells them."""
    command = [str(CURL), "-s", *words, "-o", "/dev/null", "-w", "%{http_code} %{size_download}"]
    done = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True)
    status, size = done.stdout.split()
    return int(status), int(size)


@pytest.mark.skipif(not SPEAKS, reason="curl is not installed, or speaks no HTTP/2")
@pytest.mark.parametrize(
    ("server", "words", "method"),
    [
        *[
            (server, ("--http2-prior-knowledge", *more), method)
            for server in SERVERS
            for method, more in METHODS.items()
        ],
        ("hypercorn", ("--http2",), "GET"),  # By Upgrade, which Node does not offer.
    ],
)
def test_status_and_size_are_what_curl_tells(server: str, words: tuple[str, ...], method: str) -> None:
    with serving(server) as port:
        # curl 7.88 gives large answers up after an Upgrade to hypercorn.
        for path in PATHS[:2] if words == ("--http2",) else PATHS:
            relay = Relay(port)
            told = asked(relay.port, *words, path=path)
            *before, row = relay.rows()
            assert [each.status for each in before] == ([101] if words == ("--http2",) else [])
            assert (row.status, row.body_bytes) == told
            assert (row.protocol, row.completeness, row.problems) == ("HTTP/2", Completeness.COMPLETE, ())
            assert row.header("x-b") == "b" * 100
            assert row.request
            assert (row.request.method, row.request.target) == (method, path)
            assert row.request.host == f"127.0.0.1:{relay.port}"
            assert row.request.body == (b"some=content" if method == "POST" else b"")


@pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
@pytest.mark.parametrize("server", SERVERS)
def test_streams_that_node_opens_together_are_what_it_tells(server: str) -> None:
    with serving(server) as port:
        relay = Relay(port)
        origin = f"http://127.0.0.1:{relay.port}"
        command = [str(NODE), "-e", NODE_CLIENT, origin, *PATHS * 5]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows = relay.rows()
    told = [(int(status), int(size)) for status, size in map(str.split, done.stdout.splitlines())]
    assert sorted((row.status, row.body_bytes) for row in rows) == sorted(told)
    assert len({row.stream for row in rows}) == len(rows) == 5 * len(PATHS)
    for row in rows:
        assert (row.completeness, row.problems) == (Completeness.COMPLETE, ())
        assert row.request
        assert row.request.target == f"/{row.status}/{row.header('x-size')}"
