"""Whether the terminal is a light one: asked of it (OSC 11), or told by `COLORFGBG`.

The answer comes among the keys, where Textual has no place for it: it is taken out of what was typed, and nothing else
is. A terminal that does not answer costs nothing. Knows no Textual.
"""

import re
from collections.abc import Callable, Mapping
from time import monotonic

QUESTION = "\x1b]11;?\x1b\\"
"""What is your background? (XTerm Control Sequences, OSC Ps = 11)"""
PATIENCE = 5.0
"""Seconds after which an answer is no longer waited for: a slow connection has had its time."""
PIECE = 0.3
"""Seconds that the rest of an answer may take; then what came of it were keys."""
LIGHT = 0.5
"""Luminance, from 0 to 1, from which a background is light."""
_PART = "([0-9a-f]{1,4})"
_ANSWER = re.compile(f"\x1b\\]11;rgba?:{_PART}/{_PART}/{_PART}(?:/{_PART})?(?:\x07|\x1b\\\\)", re.IGNORECASE)
_BEGUN = re.compile("\x1b(?:\\](?:1(?:1(?:;[rgba:/0-9a-f]{0,26}\x1b?)?)?)?)?$", re.IGNORECASE)


class Answer:
    """Takes the answer out of what the terminal sends, once. Used by the thread that reads it."""

    def __init__(self, tell: Callable[[bool], None], clock: Callable[[], float] = monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._until: float | None = None
        self._held = ""
        self._held_until = 0.0

    def expect(self) -> None:
        """The question is about to be asked."""
        self._until = self._clock() + PATIENCE

    def others(self, text: str) -> str:
        """What was typed, without the answer; what may be a part of it is held back."""
        text = self._held + text
        self._held = ""
        if self._until is None:
            return text
        found = _ANSWER.search(text)
        if found is not None:
            self._until = None
            red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in found.groups()[:3])
            self._tell(0.2126 * red + 0.7152 * green + 0.0722 * blue >= LIGHT)
            return text[: found.start()] + text[found.end() :]
        if self._clock() >= self._until:
            self._until = None
            return text
        begun = _BEGUN.search(text)
        if begun is None:
            return text
        self._held = text[begun.start() :]
        self._held_until = self._clock() + PIECE
        return text[: begun.start()]

    def late(self) -> str:
        """What was held back long enough; asked now and then."""
        if not self._held or self._clock() < self._held_until:
            return ""
        text, self._held = self._held, ""
        return text


def told_by(environ: Mapping[str, str]) -> bool | None:
    """What `COLORFGBG` says, as rxvt, Konsole and others set it; None without it."""
    ground = environ.get("COLORFGBG", "").rpartition(";")[2]
    return int(ground) in (7, *range(9, 16)) if ground.isascii() and ground.isdecimal() else None
