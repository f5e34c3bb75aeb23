"""Servers of HTTP/2 that others made, and a relay before them that keeps the bytes."""

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

from httpresp_capture.records.exchange import Response
from splits import Turn, rows_of

TESTS = Path(__file__).parent
NODE = shutil.which("node")
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
SERVERS: dict[str, list[str]] = {"hypercorn": [sys.executable, "-m", "hypercorn", "asgi_app:app", "--bind"]}
if NODE is not None:
    SERVERS["node"] = [NODE, "-e", NODE_SERVER]


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
        with suppress(OSError):
            while data := source.recv(16_384):
                with self._lock:
                    self.turns.append((way, data))
                with suppress(OSError):  # The other end may have gone; what this one says then is kept all the same.
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
