"""What a value looks like by itself: read by people, or made by chance.

Letters of either case and digits that follow each other as chance has them are a secret or an id; which of them, only a
name beside it can say. Dates, numbers, UUIDs, and hexadecimal are the most frequent ids, and look like chance to nobody
but `is_unguessable`.
"""

import re
from itertools import pairwise

_TURN = re.compile(r"(?<=[A-Za-z])\d|(?<=\d)[A-Za-z]")
_OPAQUE = re.compile(r"[\w~.+/%=-]{12,4096}+")
"""What base64 and its like are written in."""
_LEAST = 12
_DATE = re.compile(r"[12]\d{3}-?[01]\d-?[0-3]\d(?:[Tt _+][\d:.,]+(?:[Zz]|[+-][\d:]+)?)?")
_HEXADECIMAL = re.compile(r"[\da-f-]+|[\dA-F-]+")
_UUID = re.compile(r"[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}")


def turns(value: str) -> int:
    """How often letters and digits meet, as they do by chance: `8fJ2k9` has five, `summer-sale-2024` none."""
    return len(_TURN.findall(value))


def is_mixed(value: str) -> bool:
    """True for letters that change their case as often as chance does: `kXbQzVnM`, and not `updatePasswordForm`."""
    changes = sum(first.isupper() != second.isupper() for first, second in pairwise(value))
    return len(value) >= _LEAST and 3 * changes >= len(value)


def is_random(value: str) -> bool:
    """True for twelve or more characters as chance makes them, in more than hexadecimal digits."""
    value = value.strip("\"'")
    if _OPAQUE.fullmatch(value) is None or _HEXADECIMAL.fullmatch(value) is not None or _DATE.fullmatch(value):
        return False
    return turns(value) >= 3 or is_mixed(value)


def is_unguessable(value: str) -> bool:
    """The same, or 32 and more hexadecimal digits, as keys, signatures and hashes are written."""
    if is_random(value):
        return True
    value = value.strip("\"'")
    return len(value) >= 32 and _HEXADECIMAL.fullmatch(value) is not None and _UUID.fullmatch(value) is None


def is_unlike_prose(value: str) -> bool:
    """True for what is no word of a sentence, where one may stand: it has digits, or its case changes."""
    return len(value) >= 6 and (any(map(str.isdigit, value)) or is_mixed(value))
