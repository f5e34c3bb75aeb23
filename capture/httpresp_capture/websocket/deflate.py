"""permessage-deflate (RFC 7692): the text of compressed messages, as far as a preview needs it.

The compressor of an end may look back into its earlier messages, so all of them must go through, in order. What one
direction may cost is bounded: beyond `MOST` bytes nothing is decompressed any more, and previews stay empty.
"""

import zlib
from typing import Final

__all__ = ["Inflater", "agreed", "keeps_context"]

EXTENSION: Final = "permessage-deflate"
MOST: Final = 1 << 20
"""Decompressed bytes of one direction."""
BLOCK: Final = 1 << 14
ANEW: Final = 1 << 12
"""What it costs of `MOST` that the compressor ended (a last block, RFC 7692 §7.2.3.4): it may do so without a word."""
END_OF_MESSAGE: Final = b"\x00\x00\xff\xff"
"""What the sender leaves out (RFC 7692 §7.2.1)."""


def agreed(extensions: str) -> bool:
    """True when the `Sec-WebSocket-Extensions` of the response name it."""
    return any(each.split(";", 1)[0].strip().lower() == EXTENSION for each in extensions.split(","))


def keeps_context(extensions: str, *, client: bool) -> bool:
    """False when that end begins anew with each message (§7.1.1)."""
    word = f"{'client' if client else 'server'}_no_context_takeover"
    return word not in [each.strip().lower() for each in extensions.replace(",", ";").split(";")]


class Inflater:
    """One direction."""

    __slots__ = ("_context", "_inflate", "_left")

    def __init__(self, context: bool) -> None:
        self._context = context
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._left = MOST

    @property
    def works(self) -> bool:
        """False when the bound was reached, bytes are missing or are no deflate data: nothing more comes out."""
        return self._left > 0

    def lose(self) -> None:
        """Bytes of a message are missing: what looks back at them cannot be read."""
        if self._context:
            self._left = 0
        else:
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)

    def data(self, data: bytes) -> bytes:
        """Some compressed bytes of a message; what they decompress to, empty once it no longer works."""
        parts: list[bytes] = []
        try:
            while data and self._left > 0:
                part = self._inflate.decompress(data, min(BLOCK, self._left))
                data = self._inflate.unconsumed_tail
                self._left -= len(part)
                parts.append(part)
                if self._inflate.eof:
                    # It would keep all that follows.
                    data = self._inflate.unused_data
                    self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
                    self._left -= ANEW
        except zlib.error:
            self._left = 0
        return b"".join(parts)

    def end(self) -> bytes:
        """The message is over; the rest of it."""
        rest = self.data(END_OF_MESSAGE)
        if not self._context:
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        return rest
