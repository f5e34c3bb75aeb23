"""A key log as a file: read as it grows, from its beginning again when it was cut short or replaced.

Programs append to it while they run, so it may not be there yet, and a line may be half written: one without an end is
taken for whole when the capture is over, or when nothing has followed for a moment. Of a long one the end is read: what
was written last belongs to the connections that are seen now. Where somebody named it as one and nothing in it can be,
that is said once.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.events import CaptureFailed
from httpresp_capture.records.secrets import LINE
from httpresp_capture.sources.key_log_form import KeyLogForm

__all__ = ["KeyLogFile"]

MOST: Final = 32 << 20
"""Bytes of its end that are read."""
BLOCK: Final = 1 << 20
LAST: Final = 64
"""Bytes by which what was read is known again: more random ones than two lines have alike."""
ALONE: Final = 1.0
"""Seconds after which a line without an end is whole: programs write a line at once."""
UTF8_MARK: Final = b"\xef\xbb\xbf"
"""Before the first line, where PowerShell and editors of Windows have written the file."""


class KeyLogFile:
    """Follows one file; `give` costs some microseconds where nothing has come."""

    def __init__(self, path: str, *, named: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._file = -1
        self._known: tuple[int, int] = (0, 0)
        """Device and number of the file that is open."""
        self._at = 0
        """How far it was read."""
        self._last = b""
        """The last bytes up to there. Where others stand now, it was cut short and has grown again since."""
        self._changed_at = 0
        self._form: KeyLogForm | None = None
        """None where nobody is to be told that it is none."""
        self._named = named
        self._line = b""
        """The last line, which has no end yet."""
        self._line_ended = False
        """True when it was taken for whole."""
        self._came_at = 0.0

    def give(self, take: Callable[[bytes], None], *, last: bool = False) -> list[CaptureFailed]:
        """Hand over what came since the last call, which is the `last` of all or not. What cannot be read now may be
        later.

        Gives back that nothing of what was read can be a key log: once, and only where the file was `named` as one.
        """
        with suppress(OSError):
            found = os.stat(self._path)
            same = (found.st_dev, found.st_ino) == self._known and found.st_size >= self._at
            if same and found.st_mtime_ns != self._changed_at:
                same = os.pread(self._file, len(self._last), self._at - len(self._last)) == self._last
            if not same:
                self._open_again(take)
            self._changed_at = found.st_mtime_ns
            if self._file >= 0 and found.st_size > self._at:
                self._read(take)
        if self._line and not self._line_ended and (last or self._clock() - self._came_at >= ALONE):
            self._line_ended = True
            take(b"\n")
        if self._form is None or not self._form.fault:
            return []
        fault, self._form, self._named = self._form.fault, None, False
        return [CaptureFailed(f"--keylog: {escaped(self._path)} {fault}")]

    def close(self) -> None:
        """Follow it no longer."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _open_again(self, take: Callable[[bytes], None]) -> None:
        self.close()
        self._known = (0, 0)
        self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        found = os.fstat(self._file)
        self._known = found.st_dev, found.st_ino
        self._at = max(0, found.st_size - MOST)
        self._last = b""
        os.lseek(self._file, self._at, os.SEEK_SET)
        self._form = KeyLogForm() if self._named else None
        # What was left of a line belongs to another file, and the end of a long one begins inside a line.
        self._line, self._line_ended = b"#" if self._at else b"", False
        take(b"\n" + self._line)

    def _read(self, take: Callable[[bytes], None]) -> None:
        while data := os.read(self._file, BLOCK):
            text = data if self._at else data.removeprefix(UTF8_MARK)
            self._at += len(data)
            self._last = (self._last + data[-LAST:])[-LAST:]
            if self._form is not None:
                self._form.look(text)
            begun = self._line + text
            take(begun if self._line_ended else text)  # The line was not whole after all: it comes again.
            self._line, self._line_ended = begun.rpartition(b"\n")[2][: LINE + 1], False
        self._came_at = self._clock()
