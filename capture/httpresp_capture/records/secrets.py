"""TLS secrets as programs write them down: the NSS key log, https://www.ietf.org/archive/id/draft-ietf-tls-keylogfile.

A line names a kind of secret, the client random of the connection, and the secret, the latter two in hexadecimal. The
text may come from a file that grows or from a capture file's own blocks, cut anywhere. Nothing here is ever shown: the
`repr` of a `Secrets` says how many there are.
"""

from hashlib import sha256
from itertools import islice
from typing import Final

from httpresp_capture.records.record import compiled

CONNECTIONS: Final = 100_000
"""Connections whose secrets are kept; those that came first leave."""
SESSIONS: Final = 20_000
"""Sessions that may be resumed and are kept; those that were named first leave."""
LINE: Final = 1_024
"""Bytes of a line; a longer one is none."""
RANDOM: Final = 32
MASTER: Final = b"CLIENT_RANDOM"
"""Up to TLS 1.2, one for both ends; the others are of TLS 1.3."""
EARLY: Final = b"CLIENT_EARLY_TRAFFIC_SECRET"
CLIENT_HANDSHAKE: Final = b"CLIENT_HANDSHAKE_TRAFFIC_SECRET"
SERVER_HANDSHAKE: Final = b"SERVER_HANDSHAKE_TRAFFIC_SECRET"
CLIENT_TRAFFIC: Final = b"CLIENT_TRAFFIC_SECRET_0"
SERVER_TRAFFIC: Final = b"SERVER_TRAFFIC_SECRET_0"
LABELS: Final = frozenset({MASTER, EARLY, CLIENT_HANDSHAKE, SERVER_HANDSHAKE, CLIENT_TRAFFIC, SERVER_TRAFFIC})
"""What records are protected with; the log holds secrets for other purposes, too."""


@compiled(allow_interpreted_subclasses=True)
class Secrets:
    """The secrets of many connections, by client random."""

    def __init__(self) -> None:
        self.bad_lines = 0
        """Lines that are no comment, and no secret either."""
        self.fresh: dict[bytes, None] = {}
        """Client randoms of which a secret came since somebody took them from here."""
        self.used: dict[bytes, None] | None = None
        """Client randoms whose secrets opened something since `take_used`; None where nobody asks."""
        self._told: dict[tuple[bytes, bytes], None] = {}
        """Client random and label of what was taken."""
        self._known: dict[bytes, dict[bytes, bytes]] = {}
        self._sessions: dict[bytes, bytes] = {}
        """Client randoms of the connections that began a session up to TLS 1.2, by a digest of what names it."""
        self._rest = b""
        self._too_long = False

    def __repr__(self) -> str:
        return f"<secrets of {len(self._known)} connections>"

    def __len__(self) -> int:
        return len(self._known)

    def add(self, text: bytes) -> None:
        """More of a key log; its last line may be cut, and goes on with the next call."""
        lines = (self._rest + text).split(b"\n")
        rest = lines.pop()
        if self._too_long and lines:
            lines[0] = b"#"
            self._too_long = False
        for line in lines:
            self._add_line(line)
        if len(rest) > LINE:
            self.bad_lines += not self._too_long
            self._too_long = True
            rest = b""
        self._rest = rest

    def find(self, client_random: bytes, label: bytes) -> bytes | None:
        """One secret; None while it has not come."""
        secrets = self._known.get(client_random)
        found = None if secrets is None else secrets.get(label)
        if found is not None and self.used is not None and (client_random, label) not in self._told:
            self.used[client_random] = None
        return found

    def name_session(self, name: bytes, client_random: bytes) -> None:
        """A ticket (RFC 5077 §3.3) or session id (RFC 5246 §7.4.1.3) stands for the secret of this connection."""
        digest = sha256(name).digest()
        self._sessions.pop(digest, None)
        self._sessions[digest] = client_random
        if len(self._sessions) > SESSIONS:
            del self._sessions[next(iter(self._sessions))]

    def session(self, name: bytes) -> bytes:
        """The client random of the connection that was given this name; empty where that was not seen."""
        return self._sessions.get(sha256(name).digest(), b"") if name else b""

    def take_used(self) -> bytes:
        """All secrets of connections of which one opened something since the last call, as lines of a key log; each
        once."""
        if not self.used:
            return b""
        used, self.used = self.used, {}
        lines: list[bytes] = []
        for random in used:
            for label, secret in self._known.get(random, {}).items():
                if (random, label) not in self._told:
                    self._told[random, label] = None
                    lines.append(b"%b %b %b\n" % (label, random.hex().encode(), secret.hex().encode()))
        while len(self._told) > 4 * CONNECTIONS:
            del self._told[next(iter(self._told))]
        return b"".join(lines)

    def newest(self, count: int) -> list[bytes]:
        """Client randoms of the connections that came last, the newest first."""
        return list(islice(reversed(self._known), count))

    def known(self, client_random: bytes) -> dict[bytes, bytes]:
        """The secrets of a connection by their labels, to be tried: they count as used by `find` alone."""
        return self._known.get(client_random, {})

    def has(self, client_random: bytes) -> bool:
        """True when some secret of a connection came."""
        return client_random in self._known

    def _add_line(self, line: bytes) -> None:
        words = line.split()
        if not words or words[0].startswith(b"#"):
            return
        if len(words) != 3 or len(line) > LINE:
            self.bad_lines += 1
            return
        label = words[0]
        try:
            random, secret = bytes.fromhex(words[1].decode("ascii")), bytes.fromhex(words[2].decode("ascii"))
        except ValueError:
            self.bad_lines += label != b"RSA"
            return
        if label not in LABELS:
            return
        if len(random) != RANDOM or not secret:
            self.bad_lines += 1
            return
        known = self._known.get(random)
        if known is None:
            if len(self._known) >= CONNECTIONS:
                del self._known[next(iter(self._known))]
            known = self._known[random] = {}
        known[label] = secret
        self.fresh[random] = None
        if len(self.fresh) > CONNECTIONS:
            del self.fresh[next(iter(self.fresh))]
