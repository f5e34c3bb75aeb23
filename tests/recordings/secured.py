"""Add what is encrypted or framed to the capture of `--demo`: HTTPS, HTTP/2, gRPC, WebSocket, QUIC, and keys for some.

    sudo PYTHONPATH=capture:tests python -m recordings.secured

Run after `recordings.demo`, or again: what it recorded before is taken out. Its packets are moved to the day of that
capture. Besides the dependencies of the tests it needs grpcio. What the clients saw is written beside the capture.
"""

import asyncio
import gzip
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from aioquic.asyncio.client import connect
from aioquic.asyncio.server import serve
from aioquic.quic.configuration import QuicConfiguration
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Request, TextMessage
from wsproto.extensions import PerMessageDeflate

from recordings import assemble
from recordings.certificates import certificate
from recordings.clients import Diary, Headers, wait_for
from recordings.demo import CAPTURE
from recordings.hosts import SERVERS
from recordings.network import captured, enter, prepare, running

TRUTH = Path(__file__).parent / "captures/secured.expected.json.gz"
LAPTOP, PHONE, TILL = "192.0.2.21", "192.0.2.22", "192.0.2.31"
PAY, STOCK, OLD = "198.51.100.50", "198.51.100.60", "198.51.100.70"
FROM = {PAY: LAPTOP, STOCK: TILL, OLD: TILL}
"""Whose address asks a server: loopback would take the server's own."""
HOST = "pay.example"
LATER = 0.35
"""Seconds between the first packet of the capture and the first of these."""


class Evening:
    """The people and programs of this part; each method is one of them, on a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self.diary = Diary()
        self.calls: list[str] = []
        self.prices: list[str] = []
        self._folder = folder
        self.keys = folder / "keys"
        self._begun = time.monotonic()

    def until(self, second: float) -> None:
        time.sleep(max(0.0, self._begun + second - time.monotonic()))

    def checkout(self) -> None:
        """A browser's way through the checkout: HTTP/2 over TLS 1.3, several streams at a time."""
        self.until(1)
        self._fetch(("/", "/pay.css", "/pay.js", "/logo.svg", "/v2/cart"), "--http2")
        self.until(5)
        self._fetch(("/v2/checkout",), "--http2", "--json", '{"order":2043,"card":"4111"}', method="POST")
        self.until(7)
        self._fetch(("/v2/orders/2043", "/v2/rates", "/v2/slow", "/v2/ledger", "/nowhere"), "--http2")
        self.until(13)
        self._fetch(("/v2/ticks", "/v2/cart", "/v2/limits", "/v2/rates"), "--http2")

    def phone(self) -> None:
        """HTTP/1.1 over TLS 1.2, with keys; and twice without any, so that only the connection is seen."""
        self.until(3)
        self._fetch(("/v2/cart", "/logo.svg"), "--http1.1", "--tls-max", "1.2")
        for second in (9, 18):
            self.until(second)
            self._fetch(("/v2/cart",), "--http2", known=False)
        self.until(11)
        self._fetch(("/v2/limits",), "--http1.1", "--tls-max", "1.2", known=False)

    def till(self) -> None:
        """Asks for stock by gRPC, and an old machine by TLS 1.0."""
        for second in (2, 8, 16):
            self.until(second)
            command = [sys.executable, str(SERVERS / "stock.py"), "ask", STOCK]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            self.calls += done.stdout.splitlines()
        self.until(20)
        old = ("--ciphers", "DEFAULT@SECLEVEL=0", "--tls-max", "1.0", "--max-time", "2")
        self._curl(OLD, ("/",), "--http1.1", *old, keys="/dev/null")

    def trader(self) -> None:
        """Watches prices by a WebSocket in TLS, its messages compressed."""
        self.until(6)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.keylog_filename = str(self.keys)
        with context.wrap_socket(socket.create_connection((PAY, 443)), server_hostname=HOST) as wire:
            ends = WSConnection(ConnectionType.CLIENT)
            wire.sendall(
                ends.send(
                    Request(host=HOST, target="/v2/prices", subprotocols=["prices"], extensions=[PerMessageDeflate()])
                )
            )
            symbols = iter(("BOOT", "SHOE", "SOLE", "LACE", "HEEL", "TOE"))
            while True:
                data = wire.recv(65536)
                ends.receive_data(data or None)
                for event in ends.events():
                    if isinstance(event, TextMessage):
                        self.prices.append(event.data)
                    if isinstance(event, CloseConnection):
                        wire.sendall(ends.send(event.response()))
                        return
                    if isinstance(event, AcceptConnection | TextMessage):
                        time.sleep(0.7)
                        symbol = next(symbols, None)
                        if symbol:
                            wire.sendall(ends.send(TextMessage(json.dumps({"watch": symbol}))))

    def reader(self) -> None:
        """A page by QUIC, of which only the connection is seen."""
        self.until(4)
        asyncio.run(self._quic())

    async def _quic(self) -> None:
        ours = QuicConfiguration(is_client=False, alpn_protocols=["h3"])
        ours.load_cert_chain(self._folder / "pay.pem", self._folder / "pay.pem")
        server = await serve(PAY, 443, configuration=ours)
        theirs = QuicConfiguration(alpn_protocols=["h3"], server_name=HOST, verify_mode=ssl.CERT_NONE)
        async with connect(PAY, 443, configuration=theirs) as client:
            for _ in range(3):
                await client.ping()
                await asyncio.sleep(0.4)
        server.close()

    def _fetch(self, targets: tuple[str, ...], *options: str, method: str = "GET", known: bool = True) -> None:
        told = self._curl(PAY, targets, *options, keys=str(self.keys) if known else "/dev/null")
        for target, (transfer, blocks) in zip(targets, told, strict=True) if known else ():
            for number, block in enumerate(blocks, 1):
                first, *lines = block.split("\r\n")
                status, _, reason = first.partition(" ")[2].partition(" ")
                fields: Headers = [(line.partition(":")[0], line.partition(":")[2].strip()) for line in lines]
                length = int(transfer["size_download"]) if number == len(blocks) else 0
                client = (FROM[PAY], int(transfer["local_port"]))
                self.diary.add(client, method, target, int(status), reason, fields, length)

    def _curl(
        self, server: str, targets: tuple[str, ...], *options: str, keys: str
    ) -> list[tuple[dict[str, Any], list[str]]]:
        """What curl says of each transfer, and its header blocks."""
        command = ["curl", "-Z"]
        with tempfile.TemporaryDirectory() as folder:
            for number, target in enumerate(targets):
                where = ("-D", f"{folder}/{number}", "-o", f"{folder}/body", "-w", "%{json}\n")
                command += [*(["--next"] if number else []), "-sk", "--resolve", f"{HOST}:443:{server}"]
                command += [*where, *options, f"https://{HOST}{target}"]
            environment = {**os.environ, "SSLKEYLOGFILE": keys}
            told = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
            transfers = {each["url_effective"]: each for each in map(json.loads, told.stdout.splitlines())}
            blocks = [
                Path(folder, str(number)).read_bytes().decode("latin-1").split("\r\n\r\n")[:-1]
                if Path(folder, str(number)).exists()
                else []
                for number in range(len(targets))
            ]
            return [(transfers[f"https://{HOST}{target}"], each) for target, each in zip(targets, blocks, strict=True)]


def main() -> None:
    enter("recordings.secured")
    prepare(FROM)
    others = [frame for frame in assemble.frames_of(CAPTURE) if not any(map(frame.names, FROM))]
    moved = others[0].at - time.time_ns() + int(LATER * 1e9)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        certificate(folder / "pay.pem", HOST, time.time() + moved / 1e9, days=9)
        certificate(folder / "old.pem", "till.example", time.time() + moved / 1e9, days=400)
        tls = ("--certfile", str(folder / "pay.pem"), "--keyfile", str(folder / "pay.pem"))
        quiet = ("--config", f"file:{_settings(folder)}")
        os.environ["SHIFT"] = str(moved // 1_000_000_000)
        hypercorn = (sys.executable, "-m", "hypercorn", "cloud:app", "--bind", f"{PAY}:443", *tls, *quiet)
        stack.enter_context(running(*hypercorn, cwd=SERVERS))
        stack.enter_context(running(sys.executable, str(SERVERS / "stock.py"), "serve", STOCK))
        old = ("-accept", f"{OLD}:443", "-cert", str(folder / "old.pem"), "-tls1", "-www")
        stack.enter_context(running("openssl", "s_server", "-quiet", *old, "-cipher", "ALL@SECLEVEL=0"))
        for server, port in ((PAY, 443), (STOCK, 50051), (OLD, 443)):
            wait_for(server, port)
        recording = folder / "recording.pcap"
        evening = Evening(folder)
        with captured(recording, "tcp or udp"):
            roles = (evening.checkout, evening.phone, evening.till, evening.trader, evening.reader)
            threads = [threading.Thread(target=role) for role in roles]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            time.sleep(0.5)
        ours = assemble.frames_of(recording)
        keys = b"".join(line + b"\n" for line in evening.keys.read_bytes().splitlines() if line[:1] != b"#")
    ours = [replace(frame, at=frame.at + moved) for frame in assemble.without_bare_acks(ours)]
    frames = sorted([*others, *ours], key=lambda frame: frame.at)
    assemble.save(frames, CAPTURE, len(frames), keys)
    told = {"calls": evening.calls, "prices": evening.prices, "responses": json.loads(evening.diary.text())}
    TRUTH.write_bytes(gzip.compress(json.dumps(told, indent=1).encode(), 9, mtime=0))


def _settings(folder: Path) -> Path:
    path = folder / "settings.py"
    path.write_text('include_date_header = False\nserver_names = []\nalpn_protocols = ["h2", "http/1.1"]\n')
    return path


if __name__ == "__main__":
    main()
