"""Which segments of a path are secrets: those behind one whose name says so, unless they only lead somewhere."""

import re

from httpresp_capture.redaction.looks import is_mixed, is_unguessable, turns
from httpresp_capture.redaction.names import Secrecy, name_words, secrecy, words

_STEP = re.compile(r"[A-Za-z][A-Za-z_.-]*\d{0,2}|\d{1,19}|[a-z]+(?:[-_.][a-z0-9]+){0,9}\.[a-z][a-z0-9]{1,4}")
"""A segment that leads somewhere (`oauth2`, `v1`, `17`, `app-4f3a.js`)."""
_MAILED_FAR = words(
    "reset verify verification confirm confirmation activate activation invite invitation magic unsubscribe"
)
_HOOKS = words("hook hooks webhook webhooks")
_SENT_BY_MAIL = _MAILED_FAR | _HOOKS | words("share shared capability")
"""Segments in front of what only who was sent it can know, if it does not read like a word."""
_UNGUESSABLE = 12


def is_secret_segment(before: str, segment: str) -> bool:
    """True for the segment of a path that follows one whose name says so: `/reset-token/8fJ2…`, `/invite/…`."""
    if len(segment) < 8 or (_STEP.fullmatch(segment) is not None and not is_mixed(segment)):
        return False
    kind = secrecy(before)
    if kind is Secrecy.HINTING and is_unguessable(segment):
        return True
    if kind in (Secrecy.SECRET, Secrecy.DOUBTFUL):
        return True
    if len(segment) < _UNGUESSABLE or not (any(map(str.isdigit, segment)) or is_mixed(segment)):
        return False
    # `/magic-link/…`, `/passwordReset/…`
    return not _SENT_BY_MAIL.isdisjoint(name_words(before))


def is_sent_far_behind(before: list[str], segment: str) -> bool:
    """True where somebody's name stands between: `/reset/MTc/8fJ2…`, `/hooks/catch/17/8fJ2…`."""
    if len(segment) < 16 or (turns(segment) < 3 and not is_mixed(segment)):
        return False
    found = {word for each in before for word in name_words(each)}
    return not _MAILED_FAR.isdisjoint(found) or (not _HOOKS.isdisjoint(found) and is_unguessable(segment))
