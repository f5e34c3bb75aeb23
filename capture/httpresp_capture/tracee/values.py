"""Values of JSON that somebody else wrote: of the right type and within bounds, or the default.

Each member of an event is read by one of these, at the border and once: behind it a number is a number in its range,
and a text is one that can be encoded. A library that decodes by type would refuse a whole line for one wrong member,
where all the others still tell something.
"""

from collections.abc import Mapping
from typing import Any

MOST = (1 << 63) - 1
Object = Mapping[str, Any]
NOTHING: Object = {}


def member(value: object, key: str) -> object:
    """What an object has under a key; None where it is no object, or has none."""
    return value.get(key) if isinstance(value, dict) else None


def object_in(value: object, key: str) -> Object:
    """An object under a key; an empty one where there is none."""
    found = member(value, key)
    return found if isinstance(found, dict) else NOTHING


def list_in(value: object, key: str) -> list[Any]:
    """A list under a key; an empty one where there is none."""
    found = member(value, key)
    return found if isinstance(found, list) else []


def text_in(value: object, key: str, default: str = "") -> str:
    """A text under a key."""
    found = member(value, key)
    return text(found) if isinstance(found, str) else default


def text(value: str) -> str:
    """Without lone surrogates, which JSON can write and no encoding can: no terminal takes them."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def number_in(value: object, key: str, default: int = 0, least: int = 0, most: int = MOST) -> int:
    """A whole number under a key, within its range; one written as a text is read, too."""
    found = optional_in(value, key, least, most)
    return default if found is None else found


def optional_in(value: object, key: str, least: int = 0, most: int = MOST) -> int | None:
    """The same, None where there is none."""
    return number(member(value, key), least, most)


def number(value: object, least: int = 0, most: int = MOST) -> int | None:
    """A whole number within a range, as JSON or as a text; None for everything else."""
    if isinstance(value, str) and len(value) < 21 and value.removeprefix("-").isdecimal() and value.isascii():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    return None


def flag_in(value: object, key: str, default: bool = False) -> bool:
    """True or false under a key."""
    found = member(value, key)
    return found if isinstance(found, bool) else default


def wire(text: str) -> bytes:
    """A text as bytes of a head: on one line, whatever it holds."""
    return text.replace("\r", " ").replace("\n", " ").encode("utf-8", "replace")
