"""Secrets in what has a form of its own: members of JSON, elements of XML and HTML, parts of multipart.

Every expression is linear in the text, as in `text`.
"""

import re
from collections.abc import Callable
from typing import Protocol

from httpresp_capture.redaction.names import is_named_secret, is_secret, is_value_of
from httpresp_capture.redaction.shapes import Tag


class Show(Protocol):
    """What stands for a value with this name; the same text when it holds no secret."""

    def __call__(self, tag: Tag, name: str, value: str, *, member: bool = False) -> str: ...


NOT_TAGGED = r"(?!‹[a-z]{1,12} \d)"
_MEMBER = re.compile(
    r'"([\w.$@/ -]{1,128}+)"\s{0,20}(?::|=>)\s{0,20}'
    rf'(?:"{NOT_TAGGED}([^"\\]*+(?:\\.[^"\\]*+)*+)|(-?\d{{4,20}})(?![\d.]))',
    re.DOTALL,
)
_NESTED = re.compile(
    r"(\\{1,7}[\"']|')([\w.$@/ -]{1,128}+)\1\s{0,20}:\s{0,20}\1"
    rf"{NOT_TAGGED}([^\\\"'\r\n]*+(?:(?!\1)[\\\"'][^\\\"'\r\n]*+)*)"
)
"""JSON in a string of JSON, and what Python prints."""
_LIST = re.compile(r'"([\w.$@/ -]{1,128}+)"\s{0,20}:\s{0,20}\[([^\[\]{}]++)\]')
_OBJECT = re.compile(r'"([\w.$@/ -]{1,128}+)"\s{0,20}:\s{0,20}\{([^{}]++)\}')
_INNER = re.compile(r'("([\w.$@/ -]{1,128}+)"\s{0,20}:\s{0,20}")([^"\\]++)(?=")')
_ITEM = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)
_ELEMENT = re.compile(r"<(?:[\w.-]{1,64}:)?([A-Za-z_][\w.-]{0,127})(?:\s[^<>]{0,400})?>([^<>]++)(?=</)")
_INPUT = re.compile(
    r"(name=[\"']?([\w.\[\]-]{1,128})[\"']?[^<>]{0,400}?[ \t](?:value|content)=)"
    r"(?:\"([^\"]++)|'([^']++))",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(form-data;[^\r\n]{0,200}?[ ;]name=\"?([^\"\r\n;]{1,128})\"?[^\r\n]{0,400}\r?\n(?:[^\r\n]{1,400}\r?\n){0,8}\r?\n)"
    r"([^\r\n]++)",
    re.IGNORECASE,
)


def members(text: str, tag: Tag, show: Show) -> str:
    """JSON, also that in a string of JSON, and what Python and Ruby print."""

    def member(found: re.Match[str]) -> str:
        name, value, number = found.groups()
        if number is not None:
            known = is_secret(name, number, member=True)
            return found[0][: -len(number)] + f'"{tag("token", number)}"' if known else found[0]
        if not value:
            return found[0]
        return found[0][: -len(value)] + show(tag, name, value, member=True)

    def nested(found: re.Match[str]) -> str:
        return found[0][: -len(found[3])] + show(tag, found[2], found[3], member=True)

    def listed(found: re.Match[str]) -> str:
        name, items = found.groups()
        shown = _ITEM.sub(lambda item: f'"{show(tag, name, item[1], member=True)}"' if item[1] else item[0], items)
        return found[0][: -len(items) - 1] + shown + "]"

    if '"' in text:
        text = _MEMBER.sub(member, text)
        if "[" in text:
            text = _LIST.sub(listed, text)
        if "{" in text:
            text = _OBJECT.sub(_object(tag), text)
    if "\\" in text or "'" in text:
        text = _NESTED.sub(nested, text)
    return text


def _object(tag: Tag) -> Callable[[re.Match[str]], str]:
    """An object that a secret name stands for: `"password":{"value":"…"}`, `{"$eq":"…"}`."""

    def replaced(found: re.Match[str]) -> str:
        if not is_named_secret(found[1]):
            return found[0]
        inner = _INNER.sub(
            lambda member: member[1] + (tag("token", member[3]) if is_value_of(member[2], member[3]) else member[3]),
            found[2],
        )
        return found[0][: -len(found[2]) - 1] + inner + "}"

    return replaced


def parts(text: str, tag: Tag, show: Show) -> str:
    """RFC 7578: parts of a form."""
    if "form-data" not in text:
        return text
    return _PART.sub(lambda found: found[1] + show(tag, found[2], found[3]), text)


def elements(text: str, tag: Tag, show: Show) -> str:
    """XML and HTML: text of elements, values of inputs."""

    def element(found: re.Match[str]) -> str:
        # HTML has <code> and <key> for what anybody may read.
        return found[0][: -len(found[2])] + tag("token", found[2]) if is_named_secret(found[1]) else found[0]

    def field(found: re.Match[str]) -> str:
        value = found[3] or found[4]
        return found[0][: -len(value)] + show(tag, found[2], value, member=True)

    if "</" in text:
        text = _ELEMENT.sub(element, text)
    if "<" in text and "name=" in text.lower():
        text = _INPUT.sub(field, text)
    return text
