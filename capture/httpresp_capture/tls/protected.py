"""How one direction's records are opened, whatever the suite; `protection` does it, and loads `cryptography`."""


class NotOpenedError(Exception):
    """The record was not protected with these keys, or not with this sequence number."""


class Protection:
    """One direction's, from one change of keys to the next."""

    __slots__ = ("overhead", "recovers", "sequence")

    def __init__(self, overhead: int, *, recovers: bool) -> None:
        self.sequence = 0
        """Number of the next record."""
        self.overhead = overhead
        """Bytes by which a record of application data is longer than what it holds, its header included; of CBC the
        least."""
        self.recovers = recovers
        """True where a record can be opened without those before it."""

    def open(self, record: bytes) -> tuple[int, bytes]:
        """The content type and the plaintext of the next record; raises `NotOpenedError`."""
        raise NotImplementedError
