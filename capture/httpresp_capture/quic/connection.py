"""A connection of QUIC from outside: both hellos out of its Initial packets, and what each end sent."""

from dataclasses import replace
from typing import Final

from httpresp_capture.quic.initial import (
    AskedAgain,
    InitialKeys,
    InitialPacket,
    Version,
    crypto_frames,
    opens_by_itself,
)
from httpresp_capture.records.encrypted import Encrypted
from httpresp_capture.records.tls import HANDSHAKE, NO_KEY, Tls
from httpresp_capture.tls import handshake
from httpresp_capture.tls.handshake import Messages
from httpresp_capture.tls.hello import Hello
from httpresp_capture.tls.names import alert_name

MOST_PIECES: Final = 64
"""Pieces of a hello that wait for those before them."""
MOST_HELLO: Final = 1 << 14
"""Bytes of one end's Initial packets that are read, and that wait."""
MOST_TRIALS: Final = 64
"""Packets that these keys do not open and that are tried with keys of their own."""
CRYPTO_ERROR: Final = 0x100
"""Codes from here on are alerts of TLS (RFC 9000 §20.1)."""


class Crypto:
    """What one end says in CRYPTO frames, put in order."""

    __slots__ = ("_messages", "_pieces", "_read", "_waiting")

    def __init__(self) -> None:
        self._pieces: dict[int, bytes] = {}
        self._waiting = 0
        """Bytes of all pieces."""
        self._read = 0
        self._messages = Messages()

    def add(self, offset: int, data: bytes) -> None:
        """The next frame, which may repeat what was there, or come before its time."""
        if offset + len(data) > MOST_HELLO or (len(self._pieces) >= MOST_PIECES and offset > self._read):
            return
        known = self._pieces.get(offset, b"")
        more = len(data) - len(known)
        if more > 0 and (offset <= self._read or self._waiting + more <= MOST_HELLO):
            self._pieces[offset] = data
            self._waiting += more
        while True:
            start = next((at for at in self._pieces if at <= self._read), None)
            if start is None:
                return
            piece = self._pieces.pop(start)
            self._waiting -= len(piece)
            fresh = piece[self._read - start :]
            self._read += len(fresh)
            self._messages.add(fresh)

    def take(self) -> tuple[int, bytes] | None:
        """Kind and body of the next message."""
        return self._messages.take()

    def forget(self) -> None:
        """Read nothing more of it."""
        self._pieces.clear()
        self._waiting = 0
        self._read = MOST_HELLO
        self._messages = Messages()


class QuicConnection:
    """One, from its client's first Initial packet on."""

    __slots__ = (
        "_asked", "_client", "_destination", "_forgotten", "_hello", "_hello_at", "_keys", "_server", "_source",
        "_trials", "client_bytes", "named", "server_bytes", "tls",
    )  # fmt: skip

    def __init__(self, first: InitialPacket) -> None:
        self._trials = 0
        self._source = first.source
        self._destination = first.destination
        """The ID of which the keys are made."""
        self._keys: dict[str, InitialKeys] = {}
        """By version: a server may go on in another one (RFC 9368 §2.1, RFC 9369 §4.1)."""
        self._asked: AskedAgain | None = None
        """What the server answered, if the client is to begin again."""
        self._client, self._server = Crypto(), Crypto()
        self._hello: Hello | None = None
        self._hello_at = 0
        self._forgotten = False
        self.named = False
        """True once the client's hello was read."""
        self.client_bytes = self.server_bytes = 0
        """Bytes of UDP that each end sent."""
        self.tls = Tls(version=first.version.name, state=HANDSHAKE)

    def forget_hellos(self) -> None:
        """What was not said by now is not waited for."""
        self._client.forget()
        self._server.forget()
        self._hello = None
        self._forgotten = True

    def client_packet(self, packet: InitialPacket, at: int) -> bool:
        """An Initial packet of the client; True when another connection begins with it, which is then not read."""
        frames = self._keys_of(packet.version).client.open(packet.packet, packet.number_at)
        if frames is None:
            if self._trials == MOST_TRIALS:
                return False
            self._trials += 1
            # Behind a Retry, it has the ID that the server asked for (RFC 9001 §5.2).
            keys = InitialKeys(packet.version, packet.destination)
            frames = keys.client.open(packet.packet, packet.number_at)
            if frames is None:
                return False
            asked, self._asked = self._asked, None
            if (self.named or self._forgotten) and (asked is None or not asked.asks_for(packet)):
                return True
            self._source, self._destination = packet.source, packet.destination
            self._keys = {packet.version.name: keys}
            if asked is not None and not self._forgotten:
                self._client, self._server = Crypto(), Crypto()  # All is said again, from its beginning.
        self._speaks(packet.version)
        self._frames(self._client, frames, at, "client")
        return False

    def ask_again(self, asked: AskedAgain) -> None:
        """The server wants the client to begin again. It does so before anything else, or it is not meant."""
        if asked.destination == self._source and not self.tls.cipher_suite:
            self._asked = asked

    def _keys_of(self, version: Version) -> InitialKeys:
        keys = self._keys.get(version.name)
        if keys is None:
            keys = self._keys[version.name] = InitialKeys(version, self._destination)
        return keys

    def _speaks(self, version: Version) -> None:
        if self.tls.version != version.name:
            self.tls = replace(self.tls, version=version.name)

    def begins_with(self, packet: InitialPacket) -> bool:
        """True for an Initial packet of the other end that is a client's first, while no hello of this end was read."""
        if self.named or self._trials == MOST_TRIALS:
            return False
        self._trials += 1
        return opens_by_itself(packet)

    def server_packet(self, packet: InitialPacket, at: int) -> None:
        """An Initial packet of the server."""
        frames = self._keys_of(packet.version).server.open(packet.packet, packet.number_at)
        if frames is not None:
            self._speaks(packet.version)
            self._frames(self._server, frames, at, "server")

    def _frames(self, crypto: Crypto, frames: bytes, at: int, end: str) -> None:
        pieces, code = crypto_frames(frames)
        for offset, data in pieces:
            crypto.add(offset, data)
        while (message := crypto.take()) is not None:
            kind, body = message
            try:
                self._message(kind, body, at, from_client=crypto is self._client)
            except ValueError:
                break
        if code is not None and not self.tls.alert:
            name = alert_name(code - CRYPTO_ERROR) if code >= CRYPTO_ERROR else f"error {code}"
            self.tls = replace(self.tls, alert=f"{end}: {name}")

    def _message(self, kind: int, body: bytes, at: int, *, from_client: bool) -> None:
        version = self.tls.version
        if from_client and kind == handshake.CLIENT_HELLO:
            if not self.named:
                self.named = True
                self._hello_at = at
                hello = self._hello = Hello(body, from_client=True)
                told = handshake.with_client_hello(self.tls, hello)
                self.tls = replace(told, version=version, ja3="", ja4=f"q{told.ja4[1:]}")
        elif not from_client and kind == handshake.SERVER_HELLO and self._hello is not None:
            hello = Hello(body, from_client=False)
            if hello.is_retry:
                self.tls = replace(self.tls, retried=True)
            elif self.tls.state == HANDSHAKE:
                told = handshake.with_server_hello(self.tls, self._hello, hello, at - self._hello_at)
                self.tls = replace(told, version=version, ja3s="", state=NO_KEY)

    def facts(self) -> Encrypted:
        """How much each end sent; of QUIC nobody can tell exchanges from outside."""
        return Encrypted(self.client_bytes, self.server_bytes)
