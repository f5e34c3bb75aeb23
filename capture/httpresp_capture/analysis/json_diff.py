"""Two JSON texts compared by their structure: which values differ, each by its path (`$.items[2].price`).

Numbers keep their digits, and a key that is repeated in an object is told by its number. Elements of lists are aligned,
so that one which was put in is one difference and not one in each element behind it.
"""

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice

from httpresp_capture.records.record import record

MOST_ALIGNED = 200
"""Elements of a list that are aligned; in longer ones they are compared at the same place."""
DEEPEST = 100
MOST_MEMBERS = 20
"""Members that are told of an object or list which is told as a whole."""
LONGEST = 400
"""Characters of a value that are told."""

Json = dict[str, "Json"] | list["Json"] | str
"""A value; those that hold no others are their JSON text."""


@record
class JsonChange:
    """A value that differs."""

    path: str
    left: str | None
    """None where there is none."""
    right: str | None


def parsed(text: str) -> Json | None:
    """The document; None for what is no JSON, or a single value that is neither object nor list."""
    if text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return None
    try:
        document: object = json.loads(
            text.lstrip("\ufeff"),
            object_pairs_hook=_object,
            parse_int=_Written,
            parse_float=_Written,
            parse_constant=_Written,
        )
        return _value(document, 0)
    except (ValueError, RecursionError):
        return None


class _Written(str):
    """A number as it stands in the text."""

    __slots__ = ()


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        name, number = key, 1
        while name in found and number < 100:
            number += 1
            name = f"{key}#{number}"
        found[name] = value
    return found


def _value(value: object, depth: int) -> Json:
    if depth < DEEPEST:
        if isinstance(value, dict):
            return {str(key): _value(each, depth + 1) for key, each in value.items()}
        if isinstance(value, list):
            return [_value(each, depth + 1) for each in value]
    return _text(value)


def _text(value: object) -> str:
    return str(value) if isinstance(value, _Written) else json.dumps(value, ensure_ascii=False)


def differences(left: Json, right: Json, most: int) -> list[JsonChange]:
    """The first so many of them, in the order of the documents."""
    return list(islice(_differences("$", left, right), most))


def _differences(path: str, left: Json, right: Json) -> Iterator[JsonChange]:
    if left == right:
        return
    if isinstance(left, dict) and isinstance(right, dict):
        for key in dict.fromkeys((*left, *right)):
            below = f"{path}{_step(key)}"
            if key not in right:
                yield JsonChange(below, _shown(left[key]), None)
            elif key not in left:
                yield JsonChange(below, None, _shown(right[key]))
            else:
                yield from _differences(below, left[key], right[key])
    elif isinstance(left, list) and isinstance(right, list):
        yield from _elements(path, left, right)
    else:
        yield JsonChange(path, _shown(left), _shown(right))


def _elements(path: str, left: list[Json], right: list[Json]) -> Iterator[JsonChange]:
    if max(len(left), len(right)) > MOST_ALIGNED:
        yield from _in_place(path, left, right, 0, 0)
        return
    ours, theirs = [_dumped(each) for each in left], [_dumped(each) for each in right]
    # What both begin and end with is not to be searched.
    before = common(ours, theirs)
    after = common(ours[before:][::-1], theirs[before:][::-1])
    matcher = SequenceMatcher(
        None, ours[before : len(ours) - after], theirs[before : len(theirs) - after], autojunk=False
    )
    for tag, *places in matcher.get_opcodes():
        if tag != "equal":
            i, i_end, j, j_end = (before + place for place in places)
            yield from _in_place(path, left[i:i_end], right[j:j_end], i, j)


def common(left: Sequence[object], right: Sequence[object]) -> int:
    """How many of the first are the same."""
    most = min(len(left), len(right))
    return next((at for at in range(most) if left[at] != right[at]), most)


def _in_place(path: str, left: Sequence[Json], right: Sequence[Json], first: int, second: int) -> Iterator[JsonChange]:
    """Element by element from where either begins."""
    for at in range(max(len(left), len(right))):
        if at >= len(right):
            yield JsonChange(f"{path}[{first + at}]", _shown(left[at]), None)
        elif at >= len(left):
            yield JsonChange(f"{path}[{second + at}]", None, _shown(right[at]))
        else:
            yield from _differences(f"{path}[{first + at}]", left[at], right[at])


def _step(key: str) -> str:
    plain = key.isascii() and key.replace("_", "a").isalnum() and not key[:1].isdecimal()
    return f".{key}" if plain else f"[{_quoted(key)}]"


def _quoted(key: str) -> str:
    return json.dumps(key[:LONGEST], ensure_ascii=False)


def _dumped(value: Json) -> str:
    """A value in one text, which is compared faster than its parts."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _shown(value: Json) -> str:
    """A value as it is told; of a large one its beginning."""
    if isinstance(value, str):
        shown = value
    elif isinstance(value, dict):
        members = (f"{_quoted(key)}: {_shown_inside(each)}" for key, each in islice(value.items(), MOST_MEMBERS))
        shown = "{" + ", ".join(members) + "}"
    else:
        shown = "[" + ", ".join(_shown_inside(each) for each in islice(value, MOST_MEMBERS)) + "]"
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def _shown_inside(value: Json) -> str:
    if isinstance(value, str):
        return value[:LONGEST]
    opened, closed = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return f"{opened}… {len(value)}{closed}" if value else opened + closed
