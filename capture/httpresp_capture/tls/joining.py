"""A connection whose beginning was not captured: which secret of the key log opens it, and the number of its records.

Both are found by trial, in steps, so that the capture is never held up: what comes meanwhile waits. Only of TLS 1.3:
the keys of TLS 1.2 are made of the server's random, too, which stands in no key log. Keys that were renewed (RFC 8446
§4.6.3) before the capture began are not found.
"""

from collections.abc import Generator
from typing import Final

from httpresp_capture.records.record import record
from httpresp_capture.records.secrets import CLIENT_TRAFFIC, SERVER_TRAFFIC, Secrets
from httpresp_capture.tls.protected import NotOpenedError
from httpresp_capture.tls.protection import Protection13
from httpresp_capture.tls.records import HEADER
from httpresp_capture.tls.side import Side
from httpresp_capture.tls.suites import SUITES

ROUNDS: Final = ((512, 0, 64), (32, 64, 1_024), (4, 1_024, 16_384))
"""How many of the newest connections in the log are tried with which record numbers, round after round."""
OTHER: Final = 65_536
"""Numbers that are tried of the other direction, whose secret is known then."""
PATIENCE_NS: Final = 2_000_000_000
"""So long a connection waits for a record, and for the log."""
OFFERED: Final = (0x1301, 0x1302, 0x1303)
"""Suites that are tried; nearly nobody takes the others of TLS 1.3."""
LOOKED_THROUGH: Final = 1 << 18
"""Bytes of a direction in which a record is looked for."""
MOST_RECORD: Final = 16_384 + 256
ENOUGH: Final = 16
"""Records behind each other that are surely records. More are not looked at: where a long row of them ends in what is
none, each of them would be the first of another."""
_START: Final = b"\x17\x03\x03"


@record
class Sample:
    """A record to try keys with: the shorter, the cheaper."""

    start: int
    """Bytes before the first of the records that follow each other here."""
    index: int
    """How many of them come before it."""
    data: bytes


@record
class Found:
    """What opens the sample of a direction."""

    client_random: bytes
    suite: int
    of_client: bool
    sequence: int
    """The number of the sample."""


def sample_of(data: bytes) -> Sample | None:
    """The shortest of a few records that follow each other, or of one that ends with the data."""
    start = data.find(_START)
    while start >= 0:
        found = _row(data, start)
        if found:
            shortest = min(found, key=len)
            return Sample(start, found.index(shortest), shortest)
        start = data.find(_START, start + 1)
    return None


def _row(data: bytes, at: int) -> list[bytes]:
    """Whole records, each behind the other; empty where it is not sure that these are records."""
    found: list[bytes] = []
    while len(found) < ENOUGH and len(data) - at >= HEADER:
        size = data[at + 3] << 8 | data[at + 4]
        if not data.startswith(_START, at) or not 16 < size <= MOST_RECORD:
            return []
        end = at + HEADER + size
        if end > len(data):
            break
        found.append(data[at:end])
        at = end
    return found if len(found) > 1 or at == len(data) else []


class Half:
    """One direction while its keys are sought."""

    __slots__ = ("before", "dropped", "sample", "sequence", "side")

    def __init__(self, side: Side) -> None:
        self.side = side
        self.sample: Sample | None = None
        self.before = 0
        """Bytes before the sample that were let go, or are missing."""
        self.dropped = 0
        """Bytes behind the sample that were let go."""
        self.sequence = -1
        """The number of the sample, once that is found."""

    def look(self) -> None:
        """Choose a sample from what waits, up to the first gap; bytes before a gap that hold none are let go."""
        side = self.side
        while self.sample is None and side.parked:
            parts: list[bytes] = []
            for came in side.parked:
                if came.missing > 0:
                    break
                parts.append(came.data)
            data = b"".join(parts)
            self.sample = sample_of(data)
            gapped = len(parts) < len(side.parked)
            if self.sample is not None or not (gapped or len(data) > LOOKED_THROUGH):
                return
            for _ in range(len(parts) + gapped):
                came = side.parked[0]
                self.before += len(came.data) + max(0, came.missing)
                side.unpark()

    def overflow(self) -> None:
        """Too much waits: let it go."""
        self.look()
        side = self.side
        self.dropped += sum([len(came.data) + max(0, came.missing) for came in side.parked])
        side.parked.clear()
        side.parked_bytes = 0


class Joining:
    """The search for both directions."""

    __slots__ = ("_began_at", "_known", "_secrets", "_steps", "client", "found", "over", "server", "trying")

    def __init__(self, secrets: Secrets, client: Side, server: Side, at: int) -> None:
        self._secrets = secrets
        self._began_at = at
        self._steps: Generator[None] | None = None
        self.client = Half(client)
        self.server = Half(server)
        self._known: Found | None = None
        """What was found of one direction."""
        self.trying = self.client
        self.found: Found | None = None
        """Of `trying`, when that was found."""
        self.over = False
        """True when nothing is left to try."""

    def half(self, side: Side) -> Half:
        """That of a direction."""
        return self.client if side is self.client.side else self.server

    def seek(self, at: int, trials: int) -> int:
        """Go on, with so many trials at most; how many are left."""
        if self._steps is None:
            self._steps = self._begin(at)
            if self._steps is None:
                return trials
        while trials > 0 and self.found is None:
            trials -= 1
            if next(self._steps, self) is self:
                self.over = self.found is None
                break
        return trials

    def stop(self) -> None:
        """Try no more: what is under way holds this."""
        self._steps = None

    def seek_other(self, half: Half, found: Found) -> None:
        """Look for the other direction with what was `found` of the one."""
        self._known, self.found, self._steps = found, None, None
        self.trying = half

    def _begin(self, at: int) -> Generator[None] | None:
        """The trials; None while there is nothing to try, or `over` when that was waited for too long."""
        known, halves = self._known, (self.client, self.server)
        for half in halves if known is None else (self.trying,):
            half.look()
        if known is not None:
            half = self.trying
            waits = half.side.parked
            self.over = half.sample is None and bool(waits) and at - waits[0].at > PATIENCE_NS
            return self._second(half, known) if half.sample is not None else None
        found = [each for each in halves if each.sample is not None]
        if found and len(self._secrets):
            self.trying = min(found, key=lambda each: len(each.sample.data) if each.sample is not None else 0)
            return self._first(self.trying)
        self.over = at - self._began_at > PATIENCE_NS
        return None

    def _first(self, half: Half) -> Generator[None]:
        # It may be the other way round: who is the client is a guess where no hello was seen.
        for newest, low, high in ROUNDS:
            for random in self._secrets.newest(newest):
                for of_client in (half is self.client, half is not self.client):
                    for suite in OFFERED:
                        yield from self._try(half, random, suite, of_client, low, high)

    def _second(self, half: Half, found: Found) -> Generator[None]:
        yield from self._try(half, found.client_random, found.suite, not found.of_client, 0, OTHER)

    def _try(self, half: Half, random: bytes, suite: int, of_client: bool, low: int, high: int) -> Generator[None]:
        secret = self._secrets.known(random).get(CLIENT_TRAFFIC if of_client else SERVER_TRAFFIC)
        if secret is None or half.sample is None or (len(secret) == 48) is not (SUITES[suite].hash == "sha384"):
            return
        protection = Protection13(secret, SUITES[suite])
        data = half.sample.data
        for sequence in range(low, high):
            protection.sequence = sequence
            try:
                protection.open(data)
            except NotOpenedError:
                yield
                continue
            self.found = Found(random, suite, of_client, sequence)
            yield
            return


def hellos(found: Found) -> tuple[bytes, bytes]:
    """What of both hellos (RFC 8446 §4.1) is known then, as their bodies."""
    suite = found.suite.to_bytes(2, "big")
    client = b"\x03\x03" + found.client_random + b"\0\0\2" + suite + b"\1\0"
    return client, b"\x03\x03" + bytes(32) + b"\0" + suite + b"\0" + b"\0\6\0\x2b\0\2\3\4"
