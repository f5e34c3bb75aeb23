"""Bytes of one direction → records (RFC 8446 §5.1), on any cut; and the first record behind a gap."""

from typing import Final

HEADER: Final = 5
MOST: Final = 16_384 + 2_048
"""Bytes of a protected record behind its header (RFC 5246 §6.2.3); TLS 1.3 allows fewer."""
CHANGE_CIPHER_SPEC: Final = 20
ALERT: Final = 21
HANDSHAKE: Final = 22
APPLICATION_DATA: Final = 23
HEARTBEAT: Final = 24


class Records:
    """One direction's bytes."""

    __slots__ = ("buffer", "lacks", "malformed", "pieces")

    def __init__(self) -> None:
        self.buffer = bytearray()
        """Of a record that is not whole."""
        self.pieces: list[bytes] = []
        """What there is of the one record of application data that is under way, while `Session.goes_on` reads; then
        the buffer is empty."""
        self.lacks = 0
        """How many bytes of that are to come, more than none; else 0."""
        self.malformed = False
        """True when what came is no record: nothing more comes out."""

    @property
    def waiting(self) -> int:
        """Bytes of a record that is not whole."""
        self._join()
        return len(self.buffer)

    def _join(self) -> None:
        """What was begun the short way goes on the long way."""
        if self.lacks:
            self.lacks = 0
            self.buffer += b"".join(self.pieces)
            self.pieces.clear()

    def add(self, data: bytes) -> None:
        """The next bytes."""
        self._join()
        if not self.malformed:
            self.buffer += data

    def take(self) -> bytes | None:
        """The next whole record, with its header; None when there is none."""
        buffer = self.buffer
        if len(buffer) < HEADER:
            return None
        size = buffer[3] << 8 | buffer[4]
        if buffer[1] != 3 or not CHANGE_CIPHER_SPEC <= buffer[0] <= HEARTBEAT or size > MOST:
            self.malformed = True
            buffer.clear()
            return None
        end = HEADER + size
        if len(buffer) < end:
            return None
        record = bytes(buffer[:end])
        del buffer[:end]
        return record

    def drain(self) -> bytes:
        """Take out all that waits."""
        self._join()
        data = bytes(self.buffer)
        self.buffer.clear()
        return data

    def clear(self) -> int:
        """Forget the beginning of a record; how many bytes that were."""
        size = self.waiting
        self.buffer.clear()
        return size

    def find(self, minor: int) -> tuple[int, bytes | None]:
        """Look for a record of application data: how many bytes before it were let go, and the record, which stays; or
        None, when more is needed. `minor` is the lower byte of the version in the header."""
        buffer = self.buffer
        start = bytes([APPLICATION_DATA, 3, minor])
        at = 0
        while True:
            at = buffer.find(start, at)
            if at < 0:
                gone = max(0, len(buffer) - 2)
                del buffer[:gone]
                return gone, None
            if len(buffer) - at < HEADER:
                break
            size = buffer[at + 3] << 8 | buffer[at + 4]
            if 16 < size <= MOST:
                if len(buffer) - at < HEADER + size:
                    break
                del buffer[:at]
                return at, bytes(buffer[: HEADER + size])
            at += 1
        del buffer[:at]
        return at, None

    def skip(self, size: int) -> None:
        """Take bytes off the front."""
        del self.buffer[:size]
