"""A TLS connection as its records and messages tell of it: which keys hold when, and what a record holds.

Early data (RFC 8446 §2.3), renewed keys, renegotiation and a second hello are parts of this; which record is read when,
and what goes on behind a loss, is not.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from httpresp_capture.records.secrets import EARLY, MASTER, Secrets
from httpresp_capture.records.tls import (
    FAILED,
    HANDSHAKE,
    INCOMPLETE,
    LOST,
    MALFORMED,
    MIDSTREAM,
    NO_KEY,
    READ,
    UNSUPPORTED,
    Tls,
)
from httpresp_capture.tls import handshake, records
from httpresp_capture.tls.early import EarlyData
from httpresp_capture.tls.hello import EARLY_DATA, ENCRYPT_THEN_MAC, Hello
from httpresp_capture.tls.names import alert_name
from httpresp_capture.tls.protected import NotOpenedError
from httpresp_capture.tls.resumption import name_session, secret_of_session, ticket_of
from httpresp_capture.tls.side import CLEAR, HANDSHAKE_KEYS, LABELS, OPEN, Came, Side
from httpresp_capture.tls.suites import SUITES, Suite

if TYPE_CHECKING:
    from httpresp_capture.tls.protection import Protection13

MOST_FAILURES: Final = 4
"""Records in a row that are not opened by keys that should fit."""
OF_13: Final = 0x13
"""The first byte of the numbers of TLS 1.3's suites."""
CLOSE_NOTIFY: Final = 0
WARNING_BYTES: Final = 2


class Carrier:
    """What a session tells."""

    __slots__ = ()

    def turn(self) -> None:
        """It is the other end that opened the connection."""
        raise NotImplementedError

    def joins(self) -> int:
        """Its keys are sought: `Session.seek` is to be called from now on; the time, ns."""
        raise NotImplementedError

    def plain(self, side: Side, data: bytes, came: Came) -> None:
        """The next bytes that a direction carries, and the record that brought them."""
        raise NotImplementedError

    def plain_gap(self, side: Side, length: int, at: int, snapped: bool, end: int, outer: int) -> None:
        """`length` bytes that a direction carries are missing, which were `outer` bytes up to number `end` of its TCP
        stream."""
        raise NotImplementedError

    def known(self, tls: Tls) -> None:
        """More is known of the connection."""
        raise NotImplementedError

    def secrets(self) -> Secrets | None:
        """Those that are known by now; None while none can come."""
        return None


NOBODY: Final = Carrier()
"""Of a session that is over."""


class Opening:
    """What is known of a connection, and how its records are opened."""

    __slots__ = (
        "_carrier",
        "_early",
        "_early_data",
        "_flushing",
        "client",
        "client_hello",
        "hello_at",
        "server",
        "server_hello",
        "tls",
    )

    def __init__(self, carrier: Carrier, client: Side, server: Side, midstream: bool) -> None:
        self._carrier = carrier
        self.client = client
        self.server = server
        self.client_hello: Hello | None = None
        self.server_hello: Hello | None = None
        self.hello_at = 0
        self._early: Protection13 | None = None
        self._early_data = EarlyData()
        self._flushing = False
        self.tls = Tls(state=MIDSTREAM if midstream else HANDSHAKE)

    @property
    def client_random(self) -> bytes:
        """Of the hello that its secrets are found by; empty before that came."""
        return self.client_hello.random if self.client_hello is not None else b""

    def _record(self, side: Side, came: Came) -> bool:
        """Read a record; False when its key is missing."""
        kind = came.data[0]
        if side.phase == CLEAR and side.protection is None:
            return self._clear_record(side, kind, came)
        if self._is_13:
            if kind != records.APPLICATION_DATA:
                return True  # RFC 8446 §5: a ChangeCipherSpec for middleboxes, or an alert in clear.
            if side.protection is None and not self._protect(side):
                return False
        elif kind == records.CHANGE_CIPHER_SPEC:
            return self._change_cipher(side)  # Renegotiation.
        opened = self._open(side, came)
        if opened is not None:
            self._content(side, opened[0], opened[1], came)
        return True

    def _clear_record(self, side: Side, kind: int, came: Came) -> bool:
        if kind == records.HANDSHAKE:
            self._messages(side, came.data[records.HEADER :], came)
        elif kind == records.ALERT:
            self._alert(side, came.data[records.HEADER :])
        elif kind == records.CHANGE_CIPHER_SPEC:
            if self.server_hello is None:
                side.ciphered = True
            elif not self._is_13:
                return self._change_cipher(side)
        elif kind == records.APPLICATION_DATA:
            if self._sends_early(side):
                return self._early_record(side, came)
            if self._is_13:
                return self._protect(side) and self._record(side, came)
            # Neither hello was seen.
            self._give_up(MIDSTREAM)
            return not side.joining  # Else it waits with what follows.
        return True

    def _open(self, side: Side, came: Came) -> tuple[int, bytes] | None:
        """Content type and content of a record. `Session.goes_on` does the same of those that are opened."""
        assert side.protection is not None
        try:
            opened = side.protection.open(came.data)
        except NotOpenedError:
            if side.early:
                return None  # Early data that the server does not take (RFC 8446 §4.2.10).
            side.failures += 1
            if side.failures == MOST_FAILURES:
                self._give_up(FAILED)
            else:
                missing = max(1, len(came.data) - side.protection.overhead)
                self._carrier.plain_gap(side, missing, came.at, False, came.end, len(came.data))
            return None
        side.failures = 0
        if side.early:
            side.early = False
        return opened

    def _content(self, side: Side, kind: int, data: bytes, came: Came) -> None:
        """What a record held. `Session.goes_on` does the same of most application data."""
        if kind == records.APPLICATION_DATA:
            if side.phase == HANDSHAKE_KEYS:
                return
            self._state_read()
            if side.overdue:
                gone = min(side.overdue, len(data))
                side.overdue -= gone
                data = data[gone:]
            if data:
                self._carrier.plain(side, data, came)
                side.reads = True
        elif kind == records.HANDSHAKE:
            self._messages(side, data, came)
        elif kind == records.ALERT:
            self._alert(side, data)

    def _alert(self, side: Side, data: bytes) -> None:
        if len(data) != WARNING_BYTES or data[1] == CLOSE_NOTIFY or self.tls.alert:
            return
        end = "client" if side is self.client else "server"
        self._know(replace(self.tls, alert=f"{end}: {alert_name(data[1])}"))

    @property
    def _is_13(self) -> bool:
        return self.server_hello is not None and self.server_hello.is_13

    @property
    def _suite(self) -> Suite | None:
        return SUITES.get(self.server_hello.suite) if self.server_hello is not None else None

    def _secret(self, label: bytes) -> bytes | None:
        secrets = self._carrier.secrets()
        if secrets is None or self.client_hello is None:
            return None
        return secrets.find(self.client_hello.random, label)

    def _protect(self, side: Side) -> bool:
        """Fetch the keys of TLS 1.3 for what comes next; False when they are missing."""
        phase = max(side.phase, HANDSHAKE_KEYS)
        secret = self._secret(LABELS[phase, side is self.client])
        suite = self._suite
        if secret is None or suite is None:
            return False
        from httpresp_capture.tls.protection import Protection13

        side.protection = Protection13(secret, suite)
        side.phase = phase
        return True

    def _change_cipher(self, side: Side) -> bool:
        """RFC 5246 §7.1: the keys of the last handshake hold; False when they are missing."""
        if self._hopeless:
            self._give_up(self._hopeless)
            return True
        if side.next_protection is None and not self._protect_12():
            return False
        side.protection, side.next_protection = side.next_protection, None
        side.phase = OPEN
        side.messages.clear()
        return True

    def _protect_12(self) -> bool:
        client, server, suite = self.client_hello, self.server_hello, self._suite
        secret = self._secret(MASTER) or secret_of_session(client, server, self._carrier.secrets())
        if secret is None or client is None or server is None or suite is None:
            return False
        from httpresp_capture.tls.protection import both_directions

        mac_last = client.has(ENCRYPT_THEN_MAC) and server.has(ENCRYPT_THEN_MAC)
        self.client.next_protection, self.server.next_protection = both_directions(
            secret, client.random, server.random, server.chosen_version, suite, mac_last=mac_last
        )
        return True

    def _sends_early(self, side: Side) -> bool:
        hello = self.client_hello
        if side is not self.client or hello is None or not hello.has(EARLY_DATA) or side.early is False:
            return False
        return self.server_hello is None or self._is_13

    def _early_record(self, side: Side, came: Came) -> bool:
        """A record before the client's Finished: early data, or what follows where the server does not take that."""
        from httpresp_capture.tls.protection import Protection13

        side.early = True
        secret, hello = self._secret(EARLY), self.client_hello
        if secret is not None and hello is not None:
            offered = [self.server_hello.suite] if self.server_hello is not None else hello.suites
            suites = [SUITES[number] for number in dict.fromkeys(offered) if number in SUITES and number >> 8 == OF_13]
            tried = [self._early] if self._early is not None else []
            tried = tried or [Protection13(secret, suite) for suite in suites if _hash_fits(suite, secret)]
            for protection in tried:
                try:
                    kind, data = protection.open(came.data)
                except NotOpenedError:
                    continue
                self._early = protection
                self._early_content(side, kind, data, came)
                return True
        return self._is_13 and self._protect(side) and self._record(side, came)

    def _early_content(self, side: Side, kind: int, data: bytes, came: Came) -> None:
        if kind == records.APPLICATION_DATA:
            self._read_early(self._early_data.add(data, came))
        elif kind == records.HANDSHAKE and data[:1] == bytes([handshake.END_OF_EARLY_DATA]):
            side.early = False
            self._read_early(self._early_data.decide(taken=True))

    def _read_early(self, several: list[tuple[bytes, Came]]) -> None:
        for data, came in several:
            self._state_read()
            self._carrier.plain(self.client, data, came)

    def _messages(self, side: Side, data: bytes, came: Came) -> None:
        side.messages.add(data)
        while (message := side.messages.take()) is not None:
            kind, body = message
            try:
                self._message(side, kind, body, came.at)
            except ValueError:
                self._give_up(INCOMPLETE if side.ciphered else MALFORMED)
            if side.dead:
                return
        if side.messages.too_long:
            # Protected messages that are taken for clear ones are nobody's fault.
            self._give_up(INCOMPLETE if side.ciphered else MALFORMED)

    def _message(self, side: Side, kind: int, body: bytes, at: int) -> None:
        if kind == handshake.CLIENT_HELLO:
            self._client_hello(side, Hello(body, from_client=True), at)
        elif kind == handshake.SERVER_HELLO and side is self.server:
            self._server_hello(Hello(body, from_client=False), at)
        elif kind == handshake.CERTIFICATE and side is self.server:
            if not self.tls.certificate_not_after:
                self._know(handshake.with_certificate(self.tls, body, is_13=self._is_13))
        elif kind == handshake.SERVER_HELLO_DONE and side is self.server:
            if self.tls.resumed is None:
                self._know(replace(self.tls, resumed=False))  # RFC 5246 §7.3: of a full handshake alone.
        elif kind == handshake.ENCRYPTED_EXTENSIONS and self._is_13:
            alpn, takes_early = handshake.encrypted_extensions(body)
            self._know(replace(self.tls, alpn=alpn))
            self._read_early(self._early_data.decide(takes_early))
        elif kind == handshake.FINISHED and self._is_13:
            side.phase = OPEN
            side.protection = None
        elif kind == handshake.NEW_SESSION_TICKET and not self._is_13 and side is self.server:
            name_session(ticket_of(body), self.client_hello, self.server_hello, self._carrier.secrets())
        elif kind == handshake.KEY_UPDATE and self._is_13 and side.protection is not None:
            from httpresp_capture.tls.protection import Protection13

            if isinstance(side.protection, Protection13):
                side.protection = side.protection.updated()

    def _client_hello(self, side: Side, hello: Hello, at: int) -> None:
        if side is self.server:
            if self.client_hello is not None or self.server_hello is not None:
                return
            self.client, self.server = self.server, self.client
            self._carrier.turn()
        self.client_hello = hello
        self.client.next_protection = self.server.next_protection = None
        if self.tls.state == MIDSTREAM:
            self.tls = replace(self.tls, state=HANDSHAKE)
        if self.hello_at:
            return  # Another one, asked for or of a renegotiation: who asks for what is said already.
        self.hello_at = at
        self._know(handshake.with_client_hello(self.tls, hello))

    def _server_hello(self, hello: Hello, at: int) -> None:
        if hello.is_retry:
            self._know(replace(self.tls, retried=True))
            self._early_data.decide(taken=False)  # RFC 8446 §4.2.10.
            if self.client.early:
                self.client.early = False
            return
        if self.client_hello is None:
            self._give_up(MIDSTREAM)
            return
        first = self.server_hello is None
        self.server_hello = hello
        self.client.next_protection = self.server.next_protection = None
        if not first:
            return
        self._know(handshake.with_server_hello(self.tls, self.client_hello, hello, at - self.hello_at))
        if not hello.is_13:
            name_session(hello.session, self.client_hello, hello, self._carrier.secrets())
        if self._is_13 and self._hopeless:
            self._give_up(self._hopeless)
        elif self.client.parked:
            self.retry()

    @property
    def _hopeless(self) -> str:
        """Why nothing of what is protected will be read; empty where it may be."""
        if self._suite is None:
            return UNSUPPORTED
        return NO_KEY if self._carrier.secrets() is None else ""

    def _state_read(self) -> None:
        if not self.tls.is_read:
            self._know(replace(self.tls, state=READ))

    def _know(self, tls: Tls) -> None:
        self.tls = tls
        self._carrier.known(tls)

    def _give_up(self, state: str) -> None:
        """Nothing more is read of either direction."""
        self.client.die()
        self.server.die()
        if not self.tls.is_read:
            self._know(replace(self.tls, state=state))
        elif state != self.tls.state:
            self._know(replace(self.tls, state=f"{LOST}the rest: {state}"))

    def forget(self) -> None:
        """Nothing more comes, and nothing more is told."""
        self._carrier = NOBODY

    def retry(self) -> int:
        """See `Session`."""
        raise NotImplementedError


def _hash_fits(suite: Suite, secret: bytes) -> bool:
    return len(secret) == (48 if suite.hash == "sha384" else 32)
