"""Both directions of a TLS connection, in the order of the wire.

Records are opened in the order in which they came. Where keys are still missing both directions wait, so that no
answer is read before its question; only the handshake of one goes on while the other waits, since it may bring what
that waits for. What acknowledges bytes of the other direction that are not here yet waits as well: until those come, or
are given up, it is not known what of the other side's messages its sender had.
"""

from dataclasses import replace
from typing import Final

from httpresp_capture.records.tls import EMPTY, FAILED, HANDSHAKE, NO_KEY
from httpresp_capture.streams.position import MASK, distance
from httpresp_capture.tls.joined import Joined
from httpresp_capture.tls.protected import NotOpenedError
from httpresp_capture.tls.records import APPLICATION_DATA, HEADER, MOST
from httpresp_capture.tls.side import OPEN, Came, Side

MOST_PARKED: Final = 4 << 20
"""Bytes of a connection that wait for keys."""


class Session(Joined):
    """A TLS connection that is followed."""

    __slots__ = ()

    def data(self, side: Side, data: bytes, at: int, ack: int, packet_len: int) -> int:
        """The next bytes of a direction; by how much what waits has grown. `goes_on` is a copy of a part of this."""
        if side.dead:
            return 0
        before = self.parked_bytes
        end = side.outer.next_seq
        if side.joining:
            self._wait_to_join(side, Came(data, -1, False, at, ack, end, packet_len))
            return self.parked_bytes - before
        if side.parked and (side.searching or side.parked[-1].missing):
            # Bytes that have not been parted into records wait already: these come behind them.
            side.park(Came(data, -1, False, at, ack, end, packet_len))
        elif side.searching:
            self._search(side, Came(data, -1, False, at, ack, end, packet_len))
        else:
            self._split(side, data, Came(b"", 0, False, at, ack, end, packet_len))
        self._go_on()
        return self.parked_bytes - before

    def goes_on(self, side: Side, data: bytes, at: int) -> bytes:
        """The same as `data` for what nearly all of a connection is, for speed: bytes of records of application data,
        while nothing is missing and nothing waits. What it leaves, from the first of anything else on, is to be given
        to `data`.

        It is what `Losses._whole_records`, `Opening._open` and `_content`, `Inside.plain` and `Carried.data` do of that
        and no more; changed there, it is changed here.
        """
        other = self.server if side is self.client else self.client
        if side.parked or other.parked:
            return data
        records = side.records
        size = len(data)
        lacks = records.lacks
        if lacks > size:
            records.pieces.append(data)
            records.lacks = lacks - size
            return b""
        protection, inner, outer = side.protection, side.inner, side.outer
        if (
            protection is None
            or inner is None
            or side.phase != OPEN
            or not side.reads
            or side.searching
            or other.searching
            or side.overdue
            or side.dead
            or records.buffer
        ):
            return data
        start = 0
        while start < size:
            reader = inner.reader
            if reader is None:
                return data[start:]
            if lacks:
                ack, packet_len = side.ack, side.packet_len
                end = lacks
            else:
                if size - start < HEADER or data[start] != APPLICATION_DATA or data[start + 1] != 3:
                    return data[start:]
                length = data[start + 3] << 8 | data[start + 4]
                if length > MOST:
                    return data[start:]
                ack, packet_len = outer.ack, outer.packet_len
                end = start + HEADER + length
                if end > size:
                    side.ack, side.packet_len = ack, packet_len
                    records.pieces.append(data[start:])
                    records.lacks = end - size
                    return b""
            if ack and ack != other.outer.next_seq and not other.dead and distance(ack, other.outer.next_seq) > 0:
                return data[start:]
            record = data[start:end] if not lacks else b"".join([*records.pieces, data[:end]])
            try:
                kind, plain = protection.open(record)
            except NotOpenedError:
                return data[start:]
            side.failures = 0
            if side.early:
                side.early = False
            if lacks:
                records.lacks = lacks = 0
                records.pieces.clear()
            start = end
            if kind != APPLICATION_DATA:
                behind = outer.next_seq - size + end
                self._content(side, kind, plain, Came(b"", 0, False, at, ack, behind, packet_len))
                return data[end:]
            length = len(plain)
            if not length:
                continue
            inner.ack = other.inner_ack(ack) if other.marks else other.acked
            inner.packet_len = packet_len
            inner.next_seq = (inner.next_seq + length) & MASK
            if reader.bytes_to_skip > length:
                reader.bytes_to_skip -= length
                reader.last_at = at
            else:
                reader.data(plain, at)
            side.marks.append((outer.next_seq - size + end, inner.next_seq, 0))
        return b""

    def gap(self, side: Side, length: int, at: int, snapped: bool) -> int:
        """Bytes of a direction are missing; by how much what waits has grown."""
        if side.dead:
            return 0
        before = self.parked_bytes
        came = Came(b"", length, snapped, at, 0, side.outer.next_seq, 0)
        if side.joining:
            side.settle()
        if side.parked or side.joining:
            # It was given up late: its place is behind what came before it.
            side.park(replace(came, at=side.parked[-1].at if side.parked else at))
            if side.joining:
                return self.parked_bytes - before
        else:
            self._lose(side, came)
        self._go_on()
        return self.parked_bytes - before

    @property
    def parked_bytes(self) -> int:
        """Bytes that wait for keys."""
        return self.client.parked_bytes + self.server.parked_bytes

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
            read = not (side.parked or side.joining or self._must_wait(side, whole)) and self._record(side, whole)
            # That record may be the one by which it is known that keys are to be sought.
            if (not read or side.joining) and not side.dead:
                side.park(whole)
        self._end_malformed(side)

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
        if not side.parked or side.joining:
            return False
        came = side.parked[0]
        if came.missing > 0:
            side.unpark()
            self._lose(side, came)
        elif came.missing:
            side.unpark()
            if side.searching:
                return self._search(side, came)
            side.park_first(self._whole_records(side, came.data, came))
            self._end_malformed(side)
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

    def _state_unread(self) -> str:
        """Why nothing was read, though no key was missing."""
        sides = (self.client, self.server)
        if any(side.failures for side in sides):
            return FAILED
        empty = all(side.phase == OPEN and not side.lost and not side.searching for side in sides)
        return EMPTY if empty else HANDSHAKE

    def end(self) -> None:
        """No more keys come: nothing waits any longer."""
        if self._joining is not None:
            self._end_join()
        if self.over:
            return
        if self.server_hello is not None and (self.waits or not self.tls.is_read):
            self._give_up(NO_KEY if self.waits else self._state_unread())
        elif self.waits:
            self.client.die()
            self.server.die()
