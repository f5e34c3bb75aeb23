"""An open file or pipe as plain bytes: read as they come, gzip undone.

A regular file is read to its end in chunks. Of a pipe each read takes what is there; while nothing comes, `read`
returns after a short wait with None, so that the caller can say how things stand, and can stop.
"""

import os
import select
import stat
from collections.abc import Iterator

from httpresp_capture.sources.file.gzipped import MAGIC, Gunzip

__all__ = ["BytesIn"]

CHUNK = 262_144
"""Read at once. Reading lets go of the interpreter, so this is also how often a screen beside us gets its turn."""
PATIENCE_MS = 100
"""How long a read of a pipe waits before it says that nothing came."""


class BytesIn:
    """Plain bytes of one descriptor, which it owns."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        status = os.fstat(descriptor)
        self.size = status.st_size if stat.S_ISREG(status.st_mode) else None
        """Bytes of a regular file; None for what has no size."""
        self.identity = status.st_dev, status.st_ino
        """Of the file itself, whatever its name."""
        self.taken = 0
        """Bytes read, before decompression."""
        self.gunzip: Gunzip | None = None
        self._decided = False
        """True once the first bytes have told whether this is gzip."""
        self._first = b""
        self._pieces: Iterator[bytes] = iter(())
        self._ended = False
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)

    @property
    def fraction(self) -> float | None:
        """How much of a file was read, 0 to 1. A file may grow meanwhile."""
        return min(1.0, self.taken / self.size) if self.size else None

    def read(self) -> bytes | None:
        """The next bytes; empty at the end; None when nothing came in a while."""
        while True:
            for piece in self._pieces:
                return piece
            if self._ended or (self.gunzip and self.gunzip.trouble):
                return b""
            if self.size is None and not self._poll.poll(PATIENCE_MS):
                return None
            chunk = os.read(self._descriptor, CHUNK)
            self.taken += len(chunk)
            self._ended = not chunk
            self._pieces = self._plain(chunk)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)

    def _plain(self, chunk: bytes) -> Iterator[bytes]:
        if not self._decided:
            chunk = self._first = self._first + chunk
            self._decided = self._ended or len(chunk) >= len(MAGIC)
            if not self._decided:
                return iter(())
            if chunk.startswith(MAGIC):
                self.gunzip = Gunzip()
        if self.gunzip is None:
            return iter((chunk,) if chunk else ())
        if self._ended:
            self.gunzip.end()
        return self.gunzip.push(chunk)
