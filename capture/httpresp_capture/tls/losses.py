"""What goes on behind a loss: a record is found by its header, and how many records are missing by trial.

Then it is known how many bytes of what was carried are missing, too.
"""

import re
from dataclasses import replace
from typing import Final

from httpresp_capture.records.tls import (
    BEGINNING,
    FAILED,
    INCOMPLETE,
    LOST,
    MALFORMED,
    MIDSTREAM,
)
from httpresp_capture.streams.position import MASK
from httpresp_capture.tls.opening import Opening
from httpresp_capture.tls.protected import NotOpenedError, Protection
from httpresp_capture.tls.side import OPEN, Came, Side

LOST_BYTES: Final = re.compile(f"{LOST}(?:{BEGINNING} and )?([0-9]+) bytes")
TRIALS: Final = 5_000
"""Sequence numbers that are tried behind a gap."""
TRIAL: Final = 50
"""A number that is tried costs as much as so many bytes that are looked through."""
LEAST_RECORD: Final = 22
"""Bytes of the shortest record of application data; so many more records may be missing at most."""
HANDSHAKE_END: Final = 160
"""Bytes that a client sends at the end of its handshake, about."""
LARGEST: Final = 16_400
SEARCHED: Final = 1 << 20
"""Bytes behind a gap in which a record is looked for."""


class Losses(Opening):
    """The same where bytes are missing."""

    __slots__ = ()

    def _whole_records(self, side: Side, data: bytes, came: Came) -> list[Came]:
        """The records that end with these bytes. `Session.goes_on` does the same of most."""
        reader = side.records
        if not reader.waiting:
            side.ack, side.packet_len = came.ack, came.packet_len
        reader.add(data)
        found: list[Came] = []
        while (record := reader.take()) is not None:
            found.append(Came(record, 0, False, came.at, side.ack, came.end - reader.waiting, side.packet_len))
            side.ack, side.packet_len = came.ack, came.packet_len
        return found

    def _end_malformed(self, side: Side) -> None:
        """Behind the whole records stands what is none."""
        if side.records.malformed and not side.dead:
            self._give_up(MIDSTREAM if self.tls.state == MIDSTREAM else MALFORMED)

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
        if self._hopeless:
            self._give_up(self._hopeless)
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

    def _after_handshake(self, side: Side) -> Protection | None:
        """What protects application data, where the end of the handshake is among what is missing."""
        if self._is_13:
            side.phase = OPEN
            return side.protection if self._protect(side) else None
        if side.next_protection is None and not self._protect_12():
            return None
        side.phase = OPEN
        return side.next_protection

    def _try(self, side: Side, protection: Protection, record: bytes, came: Came) -> bool:
        """Open a record of unknown number; True when one was found."""
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
            side.ack, side.packet_len = came.ack, came.packet_len  # Of what follows: it came with the end of this.
            side.park_first([found, *self._whole_records(side, b"", came)])
            self._end_malformed(side)
            return True
        protection.sequence = start
        side.searched += most * TRIAL
        return False

    def _carried(self, side: Side, missing: int, protection: Protection) -> int:
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
        told = LOST_BYTES.search(before)
        lost = int(told[1]) if told is not None else 0
        return f"{LOST}{f'{BEGINNING} and ' if BEGINNING in before else ''}{lost + more} bytes"
