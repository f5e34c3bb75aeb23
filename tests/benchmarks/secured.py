"""Connections of TLS 1.3 for captures, both ends by OpenSSL in memory, and a capture file that holds their secrets.

The same seed gives the same conversations, and never the same bytes: the keys are by chance.
"""

import ssl
from collections.abc import Callable
from pathlib import Path
from random import Random

from benchmarks.wire import START, Frames, Line, pieces
from httpresp_capture.records.flow import Interface
from httpresp_capture.sources.file.writer import PcapngWriter
from recordings.certificates import certificate

NAME = "shop.example.com"
LOOPBACK = Interface(0, "lo", 1)


class Ends:
    """What every connection of a capture shares: the two configurations, and the key log that they write."""

    def __init__(self, folder: Path) -> None:
        pem = folder / "benchmark.pem"
        certificate(pem, NAME, START, days=365)
        self.keys = folder / "benchmark.keys"
        self.keys.unlink(missing_ok=True)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(pem)
        self.server.set_alpn_protocols(["h2", "http/1.1"])
        self.client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.client.check_hostname = False
        self.client.verify_mode = ssl.CERT_NONE
        self.client.keylog_filename = str(self.keys)
        self.client.minimum_version = ssl.TLSVersion.TLSv1_3

    def line(self, rng: Random, number: int) -> Line:
        """A connection with sequence numbers by chance, whose contents are encrypted."""
        return SecuredLine(self, number, rng.randrange(1 << 32), rng.randrange(1 << 32))


class SecuredLine(Line):
    """A `Line` to port 443 on which both ends speak TLS."""

    __slots__ = ("_client", "_from_client", "_from_server", "_server")
    server_port = 443

    def __init__(self, ends: Ends, number: int, client_seq: int, server_seq: int) -> None:
        super().__init__(number, client_seq, server_seq)
        self._from_client, self._from_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._client = ends.client.wrap_bio(self._from_server, self._from_client, server_hostname=NAME)
        self._server = ends.server.wrap_bio(self._from_client, self._from_server, server_side=True)

    def opening(self) -> Frames:
        """Both handshakes."""
        yield from super().opening()
        done = False
        while not done:
            done = _handshake(self._client)
            # Read by this capture first, and then by the other end.
            data = self._from_client.read()
            for piece in pieces(data):
                yield self.ask(piece)
            self._from_client.write(data)
            done = _handshake(self._server) and done
            data = self._from_server.read()
            for piece in pieces(data):
                yield self.answer(piece)
            self._from_server.write(data)

    def from_client(self, data: bytes) -> bytes:
        """Records of the client's."""
        self._client.write(data)
        return self._from_client.read()

    def from_server(self, data: bytes) -> bytes:
        """Records of the server's, of up to 16 KiB each."""
        self._server.write(data)
        return self._from_server.read()


def _handshake(end: ssl.SSLObject) -> bool:
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def write_pcapng(write: Callable[[bytes], object], rng: Random, frames: Frames, keys: Path) -> int:
    """Write a capture file that begins with the secrets of its connections; how many packets it has."""
    kept = list(frames)  # The secrets are whole only behind the last of them.
    writer = PcapngWriter(write)
    writer.key_log(b"".join(line + b"\n" for line in keys.read_bytes().splitlines() if line[:1] != b"#"))
    at = START * 1_000_000_000
    for frame in kept:
        at += 5_000 + int(rng.random() * 10_000)
        writer.packet(at, frame, 0, len(frame), len(frame), LOOPBACK)
    return len(kept)
