"""Real clients, and the diary of what they saw: the truth that a capture is held against, made without our parser."""

import http.client
import io
import json
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

Headers = list[tuple[str, str]]


class Diary:
    """What each client saw, by the port it came from, in the order of each connection."""

    def __init__(self) -> None:
        self._seen: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def add(
        self, client: tuple[str, int], method: str, target: str, status: int, reason: str, headers: Headers, body: int
    ) -> None:
        """One response: `body` is its length without chunk framing, before content decoding."""
        with self._lock:
            self._seen.append(
                {
                    "client": client[0],
                    "port": client[1],
                    "method": method,
                    "target": target,
                    "status": status,
                    "reason": reason,
                    "headers": headers,
                    "body_length": body,
                }
            )

    def text(self) -> str:
        """JSON, one response a line."""
        return "[\n" + ",\n".join(json.dumps(seen) for seen in self._seen) + "\n]\n"


class Browser:
    """One connection of Python's http.client, kept alive."""

    def __init__(self, diary: Diary, source: str, server: str, port: int, host: str) -> None:
        self._diary = diary
        self._host = host
        self._connection = http.client.HTTPConnection(server, port, timeout=20, source_address=(source, 0))
        self._connection.connect()
        self.client: tuple[str, int] = self._connection.sock.getsockname()[:2]

    def ask(self, method: str, target: str, body: str | None = None, **headers: str) -> http.client.HTTPResponse:
        """One exchange; names of headers are given with underscores."""
        fields = {"Host": self._host, "User-Agent": "Mozilla/5.0 (demo)", "Accept": "*/*"}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, target, body, fields)
        response = self._connection.getresponse()
        try:
            length = len(response.read())
        except http.client.IncompleteRead as error:
            length = len(error.partial)
        note(self._diary, self.client, method, target, response, length)
        return response

    def close(self) -> None:
        self._connection.close()


def note(
    diary: Diary, client: tuple[str, int], method: str, target: str, response: http.client.HTTPResponse, length: int
) -> None:
    diary.add(client, method, target, response.status, response.reason, response.getheaders(), length)


@contextmanager
def browser(diary: Diary, source: str, server: str, port: int, host: str) -> Generator[Browser, None, None]:
    with closing(Browser(diary, source, server, port, host)) as opened:
        yield opened


class _Shared(io.BufferedReader):
    """One reader for many responses: http.client closes the file of each, and would take the next one's bytes along."""

    def close(self) -> None:
        """Stay open."""


class _Wire:
    """What http.client.HTTPResponse wants of a socket."""

    def __init__(self, reader: _Shared) -> None:
        self._reader = reader

    def makefile(self, _mode: str) -> _Shared:
        return self._reader


@contextmanager
def connected(source: str, server: str, port: int) -> Generator[socket.socket, None, None]:
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family) as opened:
        opened.settimeout(20)
        opened.bind((source, 0))
        opened.connect((server, port))
        yield opened


def pipeline(diary: Diary, source: str, server: str, port: int, host: str, *requests: str) -> None:
    """All requests, such as `GET /`, in one piece; then all responses."""
    with connected(source, server, port) as wire:
        fields = f"Host: {host}\r\nUser-Agent: crawler/2\r\n"
        lines = [f"{request} HTTP/1.1\r\n{fields}" for request in requests]
        lines[-1] += "Connection: close\r\n"
        wire.sendall("".join(f"{line}\r\n" for line in lines).encode())
        reader = _Shared(socket.SocketIO(wire, "r"))
        client: tuple[str, int] = wire.getsockname()[:2]
        for method, target in (request.split() for request in requests):
            response = http.client.HTTPResponse(cast("socket.socket", _Wire(reader)), method=method)
            response.begin()
            note(diary, client, method, target, response, len(response.read()))


def raw(
    source: str, server: str, port: int, *pieces: bytes, pause: float = 0.05, reset: bool = False
) -> tuple[str, int]:
    """Send pieces and read whatever comes until silence; the answers are known to whoever wrote the server."""
    with connected(source, server, port) as wire:
        client: tuple[str, int] = wire.getsockname()[:2]
        for piece in pieces:
            wire.sendall(piece)
            time.sleep(pause)
        wire.settimeout(0.4)
        try:
            while not reset and wire.recv(65536):
                pass
        except TimeoutError:
            pass
        if reset:
            # Closing with a linger of zero sends RST.
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        return client


def curl(diary: Diary, source: str, url: str, *options: str, method: str = "GET") -> tuple[str, int]:
    """One exchange of curl on a connection of its own; sees interim responses too."""
    with tempfile.TemporaryDirectory() as folder:
        heads, body = Path(folder, "heads"), Path(folder, "body")
        command = ["curl", "-sS", "-g", "--interface", source, "-D", str(heads), "-o", str(body), "-w", "%{json}"]
        done = subprocess.run([*command, *options, url], capture_output=True, text=True, check=False)
        told = json.loads(done.stdout)
        client = (source, int(told["local_port"]))
        blocks = [
            block for block in heads.read_bytes().decode("latin-1").split("\r\n\r\n") if block.startswith("HTTP/")
        ]
        target = "/" + url.split("/", 3)[3]
        for number, block in enumerate(blocks, 1):
            first, *lines = block.split("\r\n")
            _, status, reason = first.split(" ", 2)
            fields = [(line.partition(":")[0], line.partition(":")[2].strip()) for line in lines]
            length = int(told["size_download"]) if number == len(blocks) else 0
            diary.add(client, method, target, int(status), reason, fields, length)
        return client


def wait_for(server: str, port: int) -> None:
    """Until somebody listens there."""
    for _ in range(100):
        try:
            socket.create_connection((server, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nobody listens on {server} port {port}")
