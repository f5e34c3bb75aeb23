"""Values of JSON that somebody else wrote: of the right type and within bounds, or the default."""

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
    return found if isinstance(found, str) else default


def number_in(value: object, key: str, default: int = 0, least: int = 0) -> int:
    """A whole number under a key, from `least` to what 64 bits hold; one written as a text is read, too."""
    found = optional_in(value, key, least)
    return default if found is None else found


def optional_in(value: object, key: str, least: int = 0) -> int | None:
    """The same, None where there is none."""
    found = member(value, key)
    if isinstance(found, str) and len(found) < 20 and found.removeprefix("-").isdecimal() and found.isascii():
        found = int(found)
    if isinstance(found, int) and not isinstance(found, bool) and least <= found <= MOST:
        return found
    return None


def flag_in(value: object, key: str, default: bool = False) -> bool:
    """True or false under a key."""
    found = member(value, key)
    return found if isinstance(found, bool) else default


def wire(text: str) -> bytes:
    """A text as bytes of a head: on one line, whatever it holds."""
    return text.replace("\r", " ").replace("\n", " ").encode("utf-8", "replace")
