"""Keys that are renewed while data flows, by OpenSSL's own programs: renegotiation in TLS 1.2, KeyUpdate in TLS 1.3."""

import os
import shutil
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest

from httpresp_capture.records.tls import READ
from peers import Relay
from traffic.tls import folder, frames_of
from traffic.watching import Watcher

OPENSSL = shutil.which("openssl")
PATIENCE = 60
"""Seconds; only a failure takes them."""


SAYS = {b"R": b"RENEGOTIATING\n", b"k": b"KEYUPDATE\n", b"K": b"KEYUPDATE\n"}
"""By which a client tells that a command was one, and no text to send."""


class Program:
    """One end: what is written to it is sent, but for lines of one letter, which are commands to it."""

    def __init__(self, *words: str) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([str(OPENSSL), *words], stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT)
        self._said: Queue[bytes] = Queue()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        self._text = b""

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while part := os.read(self._process.stdout.fileno(), 65_536):
            self._said.put(part)

    def write(self, text: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def hears(self, text: bytes) -> None:
        """Wait until it has printed that."""
        while text not in self._text:
            self._text += self._said.get(timeout=PATIENCE)
        self._text = self._text.partition(text)[2]

    def hears_line(self, begins: bytes) -> bytes:
        """Wait for the rest of a line that begins so."""
        self.hears(begins)
        while b"\n" not in self._text:
            self._text += self._said.get(timeout=PATIENCE)
        line, _, self._text = self._text.partition(b"\n")
        return line

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._thread.join()
        self._process.stdout.close()


@contextmanager
def running(*words: str) -> Generator[Program]:
    program = Program(*words)
    try:
        yield program
    finally:
        program.stop()


def hear(number: int) -> bytes:
    return b"GET /%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % number


def tell(number: int) -> bytes:
    return b"HTTP/1.1 %d OK\r\nContent-Length: 6\r\n\r\ndone %d" % (400 + number, number)


@pytest.mark.slow
@pytest.mark.skipif(OPENSSL is None, reason="OpenSSL's program is not installed")
@pytest.mark.parametrize("known", [0, 2, 99])
@pytest.mark.parametrize(
    ("version", "client", "server"),
    [
        ("-tls1_2", b"R", b""),
        ("-tls1_2", b"", b"r"),
        ("-tls1_3", b"k", b""),
        ("-tls1_3", b"K", b""),
        ("-tls1_3", b"", b"k"),
        ("-tls1_3", b"", b"K"),
    ],
)
def test_what_comes_behind_new_keys_is_read(
    version: str, client: bytes, server: bytes, known: int, tmp_path: Path
) -> None:
    key_log = tmp_path / "keys"
    accept = ("s_server", version, "-accept", "127.0.0.1:0", "-cert", str(folder() / "ec.pem"), "-client_renegotiation")
    with running(*accept) as far:
        port = int(far.hears_line(b"ACCEPT ").rpartition(b":")[2])
        relay = Relay(port)
        connect = ("s_client", version, "-connect", f"127.0.0.1:{relay.port}", "-crlf")
        with running(*connect, "-keylogfile", str(key_log)) as near:
            for number in range(3):
                # Data that a client gets before the server's new hello would end the connection.
                if number == 1 and server:
                    far.write(server + b"\n")
                if number == 1 and client:
                    near.write(client + b"\n")
                    near.hears(SAYS[client])
                if number == 1 and version == "-tls1_2":
                    near.hears(b"SSL_get_servername")  # It has the server's hello.
                near.write(hear(number).replace(b"\r\n", b"\n"))
                far.hears(b"GET /%d" % number)
                far.hears(b"\n\r\n")
                far.write(tell(number))
                near.hears(b"done %d" % number)
    relay.rows()
    watcher = Watcher()
    watcher.pipeline.expect_secrets()
    keys = key_log.read_bytes().splitlines(keepends=True)
    watcher.pipeline.add_secrets(b"".join(keys[:known]))  # Its first line is a comment.
    for frame in frames_of([(way == "client", data) for way, data in relay.turns]):
        watcher.feed(frame)
    watcher.pipeline.add_secrets(b"".join(keys[known:]))
    seen = watcher.finish()
    assert [(each.status, each.request.target if each.request else "", each.body) for each in seen.responses] == [
        (400, "/0", b"done 0"), (401, "/1", b"done 1"), (402, "/2", b"done 2"),
    ]  # fmt: skip
    tls = seen.responses[-1].flow.tls
    assert tls is not None
    assert tls.state == READ
    assert [line.split()[0] for line in keys].count(b"CLIENT_RANDOM") == (2 if version == "-tls1_2" else 0)
