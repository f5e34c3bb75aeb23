"""gzip as a stream: compressed chunks in, plain pieces of bounded size out, any number of members (RFC 1952 §2.2).

A chunk that inflates to a thousand times its size is handed out piece by piece, so it costs no memory. Damage is a
value, `trouble`; what was inflated before it stands.
"""

import zlib
from collections.abc import Iterator

__all__ = ["MAGIC", "Gunzip"]

MAGIC = b"\x1f\x8b"
PIECE = 262_144
"""Largest plain piece."""
SLICE = 16_384
"""Compressed bytes given to zlib at once: at the end of each member it copies the rest of them."""
GZIP_WINDOW = 31
"""zlib's `wbits` for a gzip header and the largest window."""


class Gunzip:
    """One gzip stream."""

    def __init__(self) -> None:
        self.trouble = ""
        """A phrase that follows the name of the file; empty while all is well."""
        self._member = zlib.decompressobj(GZIP_WINDOW)
        self._before = self._member.copy()
        """The state before the latest call, to return to."""
        self._begun = False
        """True inside a member."""
        self._members = 0
        self._taken = 0

    def push(self, chunk: bytes) -> Iterator[bytes]:
        """Inflate the next bytes. The pieces must be used up before the next call."""
        for at in range(0, len(chunk), SLICE):
            if self.trouble:
                return
            yield from self._inflate(chunk[at : at + SLICE])

    def end(self) -> None:
        """The input is over."""
        if not self.trouble and (self._begun or not self._members):
            self.trouble = f"ends in the middle of its gzip data at byte {self._taken}"

    def _inflate(self, compressed: bytes) -> Iterator[bytes]:
        more = False
        while compressed or more:
            if not self._begun:
                compressed = self._pass_padding(compressed)
                if not compressed or self.trouble:
                    return
                self._member = zlib.decompressobj(GZIP_WINDOW)
                self._begun = True
            self._before = self._member.copy()
            try:
                plain = self._member.decompress(compressed, PIECE)
            except zlib.error:
                yield from self._up_to_the_damage(compressed)
                return
            rest = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            self._taken += len(compressed) - len(rest)
            compressed = rest
            # A full piece says that zlib may hold more output, even when it has taken all input.
            more = len(plain) == PIECE and not self._member.eof
            if self._member.eof:
                self._begun = False
                self._members += 1
            if plain:
                yield plain

    def _pass_padding(self, compressed: bytes) -> bytes:
        """Tapes and some tools pad with zeros after a member; anything else there must be another member."""
        if not self._members:
            return compressed
        rest = compressed.lstrip(b"\0")
        self._taken += len(compressed) - len(rest)
        if rest and not rest.startswith(MAGIC[:1]):
            self.trouble = f"goes on after its gzip data, at byte {self._taken}, with bytes that are no gzip"
        return rest

    def _up_to_the_damage(self, compressed: bytes) -> Iterator[bytes]:
        """zlib keeps what it inflated before an error to itself: go there again in single bytes."""
        member = self._before
        for at in range(len(compressed)):
            try:
                plain = member.decompress(compressed[at : at + 1])
            except zlib.error:
                self.trouble = f"has damaged gzip data at byte {self._taken + at}"
                return
            if plain:
                yield plain
