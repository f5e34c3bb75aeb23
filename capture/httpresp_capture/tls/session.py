"""Both directions of a TLS connection: which keys hold when, and what goes on behind a loss.

Records are opened in the order in which they came. Where keys are still missing both directions wait, so that no
answer is read before its question; only the handshake of one goes on while the other waits, since it may bring what
that waits for. What acknowledges bytes of the other direction that are not here yet waits as well: until those come, or
are given up, it is not known what of the other side's messages its sender had.

Behind a gap a record is found by its header, and the number of records that are missing by trial: then it is known how
many bytes of what was carried are missing, too.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from httpresp_capture.records.secrets import Secrets
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
from httpresp_capture.tcp.seqnum import MASK, distance
from httpresp_capture.tls import handshake, records
from httpresp_capture.tls.early import EarlyData
from httpresp_capture.tls.hello import EARLY_DATA, ENCRYPT_THEN_MAC, Hello
from httpresp_capture.tls.names import alert_name
from httpresp_capture.tls.side import CLEAR, HANDSHAKE_KEYS, OPEN, Came, Side
from httpresp_capture.tls.suites import SUITES, Suite

if TYPE_CHECKING:
    from httpresp_capture.tls.protection import Protection, Protection13

MOST_PARKED: Final = 4 << 20
"""Bytes of a connection that wait for keys."""
MOST_FAILURES: Final = 4
"""Records in a row that are not opened by keys that should fit."""
TRIALS: Final = 5_000
"""Sequence numbers that are tried behind a gap."""
LEAST_RECORD: Final = 22
"""Bytes of the shortest record of application data; so many more records may be missing at most."""
HANDSHAKE_END: Final = 160
"""Bytes that a client sends at the end of its handshake, about."""
LARGEST: Final = 16_400
SEARCHED: Final = 1 << 20
"""Bytes behind a gap in which a record is looked for."""
OF_13: Final = 0x13
"""The first byte of the numbers of TLS 1.3's suites."""
CLOSE_NOTIFY: Final = 0
WARNING_BYTES: Final = 2
_LABELS: Final = {
    (HANDSHAKE_KEYS, True): b"CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    (HANDSHAKE_KEYS, False): b"SERVER_HANDSHAKE_TRAFFIC_SECRET",
    (OPEN, True): b"CLIENT_TRAFFIC_SECRET_0",
    (OPEN, False): b"SERVER_TRAFFIC_SECRET_0",
}


class Carrier:
    """What a session tells."""

    __slots__ = ()

    def turn(self) -> None:
        """It is the other end that opened the connection."""
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


class Session:
    """A TLS connection that is followed. `secrets` is None where no key can come."""

    __slots__ = (
        "_carrier",
        "_early",
        "_early_data",
        "_flushing",
        "_secrets",
        "client",
        "client_hello",
        "hello_at",
        "server",
        "server_hello",
        "tls",
    )

    def __init__(self, carrier: Carrier, client: Side, server: Side, secrets: Secrets | None, midstream: bool) -> None:
        self._carrier = carrier
        self._secrets = secrets
        self.client = client
        self.server = server
        self.client_hello: Hello | None = None
        self.server_hello: Hello | None = None
        self.hello_at = 0
        self._early: Protection13 | None = None
        self._early_data = EarlyData()
        self._flushing = False
        self.tls = Tls(state=MIDSTREAM if midstream else HANDSHAKE)

    # What comes

    def data(self, side: Side, data: bytes, at: int, ack: int, packet_len: int) -> int:
        """The next bytes of a direction; by how much what waits has grown."""
        if side.dead:
            return 0
        before = self.parked_bytes
        end = side.outer.next_seq
        if side.gaps_parked or (side.searching and side.parked):
            side.park(Came(data, -1, False, at, ack, end, packet_len))
        elif side.searching:
            self._search(side, Came(data, -1, False, at, ack, end, packet_len))
        else:
            self._split(side, data, Came(b"", 0, False, at, ack, end, packet_len))
        self._go_on()
        return self.parked_bytes - before

    def gap(self, side: Side, length: int, at: int, snapped: bool) -> int:
        """Bytes of a direction are missing; by how much what waits has grown."""
        if side.dead:
            return 0
        before = self.parked_bytes
        came = Came(b"", length, snapped, at, 0, side.outer.next_seq, 0)
        if side.parked:
            # It was given up late: its place is behind what came before it.
            side.park(replace(came, at=side.parked[-1].at))
            side.gaps_parked += 1
        else:
            self._lose(side, came)
        self._go_on()
        return self.parked_bytes - before

    @property
    def parked_bytes(self) -> int:
        """Bytes that wait for keys."""
        return self.client.parked_bytes + self.server.parked_bytes

    @property
    def client_random(self) -> bytes:
        """Of the hello that its secrets are found by; empty before that came."""
        return self.client_hello.random if self.client_hello is not None else b""

    @property
    def waits(self) -> bool:
        """True while something waits for keys."""
        return bool(self.client.parked or self.server.parked)

    @property
    def over(self) -> bool:
        """True when nothing more will be read."""
        return self.client.dead and self.server.dead

    def _split(self, side: Side, data: bytes, came: Came) -> None:
        for whole in self._whole_records(side, data, came):
            if side.dead:
                return
            if (side.parked or self._must_wait(side, whole) or not self._record(side, whole)) and not side.dead:
                side.park(whole)

    def _whole_records(self, side: Side, data: bytes, came: Came) -> list[Came]:
        """The records that end with these bytes."""
        reader = side.records
        if not reader.waiting:
            side.ack, side.packet_len = came.ack, came.packet_len
        reader.add(data)
        found: list[Came] = []
        while (record := reader.take()) is not None:
            found.append(Came(record, 0, False, came.at, side.ack, came.end - reader.waiting, side.packet_len))
            side.ack, side.packet_len = came.ack, came.packet_len
        if reader.malformed:
            self._give_up(MIDSTREAM if self.tls.state == MIDSTREAM else MALFORMED)
        return found

    def _go_on(self) -> None:
        """Read what waits for the other direction alone; what waits is bounded."""
        if self.waits:
            self.retry()
            if self.parked_bytes > MOST_PARKED:
                self.flush()
            if self.parked_bytes > MOST_PARKED:
                self._give_up(NO_KEY)

    def flush(self) -> None:
        """Wait for no other direction any more; what waits then waits for keys."""
        self._flushing = True
        self.retry()
        self._flushing = False

    # Keys that come late

    def retry(self) -> int:
        """A secret came; by how much what waits has grown, which is less than nothing when it did not come in vain."""
        before = self.parked_bytes
        client, server = self.client, self.server
        while client.parked or server.parked:
            first, second = (client, server)
            if not first.parked or (second.parked and second.parked[0].at < first.parked[0].at):
                first, second = second, first
            if not (self._unpark(first) or (not self._is_open(second) and self._unpark(second))):
                break
        return self.parked_bytes - before

    def _unpark(self, side: Side) -> bool:
        """Read the first that waits; False when its key is still missing."""
        if not side.parked:
            return False
        came = side.parked[0]
        if came.missing > 0:
            side.unpark()
            side.gaps_parked -= 1
            self._lose(side, came)
        elif came.missing:
            side.unpark()
            if side.searching:
                return self._search(side, came)
            side.park_first(self._whole_records(side, came.data, came))
        elif (self._is_open(side) and self._is_ahead(side, came)) or not self._record(side, came):
            return False
        elif side.parked:
            side.unpark()
        return True

    def _other(self, side: Side) -> Side:
        return self.server if side is self.client else self.client

    def _must_wait(self, side: Side, came: Came) -> bool:
        """True while the other direction waits, and this one carries data, which may answer that."""
        return self._is_open(side) and (bool(self._other(side).parked) or self._is_ahead(side, came))

    def _is_ahead(self, side: Side, came: Came) -> bool:
        """True when its sender had bytes of the other direction that are not here, and may still come."""
        other = self._other(side)
        if self._flushing or not came.ack or other.dead:
            return False
        if distance(came.ack, other.outer.next_seq) > 0:
            return True
        return other.searching and not other.told_lost and distance(came.ack, other.lost_from) > 0

    def _is_open(self, side: Side) -> bool:
        return side.phase == OPEN

    # Records

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
            if self.server_hello is not None and not self._is_13:
                return self._change_cipher(side)
        elif kind == records.APPLICATION_DATA:
            if self._sends_early(side):
                return self._early_record(side, came)
            if self._is_13:
                return self._protect(side) and self._record(side, came)
            # Neither hello was seen.
            self._give_up(MIDSTREAM)
        return True

    def _open(self, side: Side, came: Came) -> tuple[int, bytes] | None:
        from httpresp_capture.tls.protection import NotOpenedError

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
        elif kind == records.HANDSHAKE:
            self._messages(side, data, came)
        elif kind == records.ALERT:
            self._alert(side, data)

    def _alert(self, side: Side, data: bytes) -> None:
        if len(data) != WARNING_BYTES or data[1] == CLOSE_NOTIFY or self.tls.alert:
            return
        end = "client" if side is self.client else "server"
        self._know(replace(self.tls, alert=f"{end}: {alert_name(data[1])}"))

    # Keys

    @property
    def _is_13(self) -> bool:
        return self.server_hello is not None and self.server_hello.is_13

    @property
    def _suite(self) -> Suite | None:
        return SUITES.get(self.server_hello.suite) if self.server_hello is not None else None

    def _secret(self, label: bytes) -> bytes | None:
        if self._secrets is None or self.client_hello is None:
            return None
        return self._secrets.find(self.client_hello.random, label)

    def _protect(self, side: Side) -> bool:
        """Fetch the keys of TLS 1.3 for what comes next; False when they are missing."""
        phase = max(side.phase, HANDSHAKE_KEYS)
        secret = self._secret(_LABELS[phase, side is self.client])
        suite = self._suite
        if secret is None or suite is None:
            return False
        from httpresp_capture.tls.protection import Protection13

        side.protection = Protection13(secret, suite)
        side.phase = phase
        return True

    def _change_cipher(self, side: Side) -> bool:
        """RFC 5246 §7.1: the keys of the last handshake hold; False when they are missing."""
        if side.next_protection is None and not self._protect_12():
            return False
        side.protection, side.next_protection = side.next_protection, None
        side.phase = OPEN
        side.messages.clear()
        return True

    def _protect_12(self) -> bool:
        client, server, suite = self.client_hello, self.server_hello, self._suite
        secret = self._secret(b"CLIENT_RANDOM")
        if secret is None or client is None or server is None or suite is None:
            return False
        from httpresp_capture.tls.protection import both_directions

        mac_last = client.has(ENCRYPT_THEN_MAC) and server.has(ENCRYPT_THEN_MAC)
        self.client.next_protection, self.server.next_protection = both_directions(
            secret, client.random, server.random, server.chosen_version, suite, mac_last=mac_last
        )
        return True

    # Early data

    def _sends_early(self, side: Side) -> bool:
        hello = self.client_hello
        if side is not self.client or hello is None or not hello.has(EARLY_DATA) or side.early is False:
            return False
        return self.server_hello is None or self._is_13

    def _early_record(self, side: Side, came: Came) -> bool:
        """A record before the client's Finished: early data, or what follows where the server does not take that."""
        from httpresp_capture.tls.protection import NotOpenedError, Protection13

        side.early = True
        secret, hello = self._secret(b"CLIENT_EARLY_TRAFFIC_SECRET"), self.client_hello
        if secret is not None and hello is not None:
            offered = [self.server_hello.suite] if self.server_hello is not None else hello.suites
            suites = [SUITES[number] for number in offered if number in SUITES and number >> 8 == OF_13]
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

    # The handshake

    def _messages(self, side: Side, data: bytes, came: Came) -> None:
        side.messages.add(data)
        while (message := side.messages.take()) is not None:
            kind, body = message
            try:
                self._message(side, kind, body, came.at)
            except ValueError:
                self._give_up(MALFORMED)
            if side.dead:
                return
        if side.messages.too_long:
            self._give_up(MALFORMED)

    def _message(self, side: Side, kind: int, body: bytes, at: int) -> None:
        if kind == handshake.CLIENT_HELLO:
            self._client_hello(side, Hello(body, from_client=True), at)
        elif kind == handshake.SERVER_HELLO and side is self.server:
            self._server_hello(Hello(body, from_client=False), at)
        elif kind == handshake.ENCRYPTED_EXTENSIONS and self._is_13:
            alpn, takes_early = handshake.encrypted_extensions(body)
            self._know(replace(self.tls, alpn=alpn))
            self._read_early(self._early_data.decide(takes_early))
        elif kind == handshake.FINISHED and self._is_13:
            side.phase = OPEN
            side.protection = None
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
        if self._suite is None:
            self._give_up(UNSUPPORTED)
        elif self._secrets is None:
            self._give_up(NO_KEY)
        elif self.client.parked:
            self.retry()

    # Losses

    def _lose(self, side: Side, came: Came) -> None:
        missing = came.missing + side.records.clear()
        side.messages.clear()
        side.searching = True
        if not side.lost:
            side.lost_from = (came.end - missing) & MASK
        side.lost += missing
        side.lost_snapped = came.snapped
        if self.server_hello is None:
            self._give_up(INCOMPLETE)
            return
        side.lost_handshake = side.phase != OPEN
        overhead = HANDSHAKE_END if side.lost_handshake else side.protection.overhead if side.protection else 0
        if side is self.client and (missing > overhead or not side.lost_handshake):
            # What the server says next may answer what is missing here, so that is told before it is known how much.
            guess = max(1, missing - overhead)
            side.told_lost += guess
            self._carrier.plain_gap(side, guess, came.at, came.snapped, came.end, missing)

    def _search(self, side: Side, came: Came) -> bool:
        """Bytes behind a gap; False when its key is missing, and they wait for it."""
        reader = side.records
        reader.add(came.data)
        while side.searching and not side.dead:
            gone, record = reader.find(3 if self._is_13 or self._version_byte > 3 else self._version_byte)
            side.lost += gone
            side.searched += gone
            if side.searched > SEARCHED:
                self._give_up(FAILED)
            if record is None or side.dead:
                break
            protection = side.protection or self._after_handshake(side)
            if protection is None:
                side.park_first([replace(came, data=reader.drain())])
                return False
            if not self._try(side, protection, record, came):
                reader.skip(1)
                side.lost += 1
                side.searched += 1
        return True

    @property
    def _version_byte(self) -> int:
        return self.server_hello.version & 0xFF if self.server_hello is not None else 3

    def _after_handshake(self, side: Side) -> "Protection | None":
        """What protects application data, where the end of the handshake is among what is missing."""
        if self._is_13:
            side.phase = OPEN
            return side.protection if self._protect(side) else None
        if side.next_protection is None and not self._protect_12():
            return None
        side.phase = OPEN
        return side.next_protection

    def _try(self, side: Side, protection: "Protection", record: bytes, came: Came) -> bool:
        """Open a record of unknown number; True when one was found."""
        from httpresp_capture.tls.protection import NotOpenedError

        if not protection.recovers:
            self._give_up(FAILED)
            return True
        start = protection.sequence
        likely = side.lost // LARGEST
        most = min(side.lost // LEAST_RECORD + 2, TRIALS)
        for missing in sorted(range(most), key=lambda number: abs(number - likely)):
            protection.sequence = start + missing
            try:
                protection.open(record)
            except NotOpenedError:
                continue
            side.records.skip(len(record))
            side.protection = protection
            side.searching = False
            side.searched = 0
            carried = self._carried(side, missing, protection)
            self._know(replace(self.tls, state=self._lost_words(side.lost)))
            side.overdue = max(0, side.told_lost - carried)
            if carried > side.told_lost:
                before = came.end - side.records.waiting
                self._carrier.plain_gap(side, carried - side.told_lost, came.at, side.lost_snapped, before, side.lost)
            side.lost = side.told_lost = 0
            protection.sequence -= 1
            end = came.end - side.records.waiting
            # In its turn: what the other direction said before it may have waited for this.
            found = Came(record, 0, False, came.at, came.ack, end, came.packet_len)
            side.park_first([found, *self._whole_records(side, b"", came)])
            return True
        protection.sequence = start
        return False

    def _carried(self, side: Side, missing: int, protection: "Protection") -> int:
        """How many bytes of what is carried are lost with so many records."""
        if not side.lost_handshake:
            return max(1, side.lost - missing * protection.overhead)
        side.lost_handshake = False
        # Of TLS 1.2 the first record is the end of the handshake; TLS 1.3 counts anew behind that.
        if missing <= (0 if self._is_13 else 1):
            return 0
        return max(1, side.lost - missing * protection.overhead - HANDSHAKE_END)

    def _lost_words(self, more: int) -> str:
        before = self.tls.state
        lost = int(before.removeprefix(LOST).split(" ")[0]) if before.startswith(LOST) else 0
        return f"{LOST}{lost + more} bytes"

    # What is known

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

    def end(self) -> None:
        """No more keys come."""
        if not self.tls.is_read and not self.over and self.server_hello is not None:
            self._give_up(NO_KEY)


def _hash_fits(suite: Suite, secret: bytes) -> bool:
    return len(secret) == (48 if suite.hash == "sha384" else 32)
