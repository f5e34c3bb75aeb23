"""The small grammars of header values that checks, caching and explanations read: lists, directives, challenges."""

import re

from httpresp_capture.records.record import record

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEDIA_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}")
_CHALLENGE = re.compile(rf"({_TOKEN})(?:[ \t]+(.*))?", re.DOTALL)
_PARAMETER = re.compile(rf"({_TOKEN})[ \t]*=[ \t]*(.*)", re.DOTALL)


def split_outside_quotes(value: str, separator: str) -> list[str]:
    """The stripped parts between separators that stand outside of quoted strings (RFC 9110 §5.6.1, §5.6.4)."""
    if '"' not in value:
        return [part.strip(" \t") for part in value.split(separator)]
    parts: list[str] = []
    start, quoted, at = 0, False, 0
    while at < len(value):
        character = value[at]
        if character == "\\" and quoted:
            at += 1
        elif character == '"':
            quoted = not quoted
        elif character == separator and not quoted:
            parts.append(value[start:at].strip(" \t"))
            start = at + 1
        at += 1
    parts.append(value[start:].strip(" \t"))
    return parts


def unquoted(value: str) -> str:
    """A token as it is, a quoted string without its quotes."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def directives(values: list[str], separator: str = ",") -> dict[str, str]:
    """`name[=value]` by lower-case name, the first of each: Cache-Control, Strict-Transport-Security, parameters."""
    found: dict[str, str] = {}
    for value in values:
        for part in split_outside_quotes(value, separator):
            name, _, argument = part.partition("=")
            if name:
                found.setdefault(name.strip(" \t").lower(), unquoted(argument.strip(" \t")))
    return found


def media_type(value: str) -> tuple[str, dict[str, str]]:
    """Type in lower case with its parameters (RFC 9110 §8.3.1); an empty type when it cannot be read."""
    essence, _, rest = value.partition(";")
    essence = essence.strip(" \t").lower()
    return (essence if _MEDIA_TYPE.fullmatch(essence) else "", directives([rest], ";"))


def number(text: str) -> int | None:
    """delta-seconds and the like (RFC 9111 §1.2.2); None when it is no number, the ceiling when it is too large."""
    if not (text.isascii() and text.isdigit()):
        return None
    return min(int(text), 2**31) if len(text) < 16 else 2**31


@record
class Challenge:
    """One authentication scheme that a server offers."""

    scheme: str
    """Lower case."""
    parameters: dict[str, str]


def challenges(values: list[str]) -> list[Challenge]:
    """WWW-Authenticate taken apart (RFC 9110 §11.6.1): a comma may part challenges and their parameters alike."""
    found: list[Challenge] = []
    for value in values:
        for part in split_outside_quotes(value, ","):
            parameter = _PARAMETER.fullmatch(part)
            if parameter and found:
                found[-1].parameters.setdefault(parameter[1].lower(), unquoted(parameter[2]))
                continue
            challenge = _CHALLENGE.fullmatch(part)
            if challenge is None:
                continue
            found.append(Challenge(challenge[1].lower(), {}))
            first = _PARAMETER.fullmatch(challenge[2] or "")
            if first:
                found[-1].parameters[first[1].lower()] = unquoted(first[2])
    return found
