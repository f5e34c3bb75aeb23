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
ENTITY = r"&(?:quot|apos|#0?3[49]|#x2[27]);"
"""A quotation mark within HTML."""
_MEMBER = re.compile(
    r'"((?:[\w.$@/ -]|\\u00[2-7][\da-fA-F]){1,128}+)"\s{0,20}(?::|=>)\s{0,20}'
    rf'(?:"{NOT_TAGGED}([^"\\]*+(?:\\.[^"\\]*+)*+)|(-?\d{{4,20}})(?![\d.]))',
    re.DOTALL,
)
_NESTED = re.compile(
    rf"(\\{{1,7}}[\"']|'|{ENTITY})([\w.$@/ -]{{1,128}}+)\1\s{{0,20}}:\s{{0,20}}\1"
    rf"{NOT_TAGGED}([^\\\"'&\r\n]*+(?:(?!\1)[\\\"'&][^\\\"'&\r\n]*+)*+)"
)
"""JSON in a string of JSON or in an attribute of HTML, and what Python prints."""
_FLAT = re.compile(r"\{([^{}]{1,4096}+)\}")
_NAMED = re.compile(
    r"(\\{0,7}[\"'])(?:name|key|id|field|header|param|parameter|property|label)\1\s{0,20}:\s{0,20}\1([^\\\"'\r\n]{1,128}+)\1",
    re.IGNORECASE,
)
_VALUED = re.compile(
    rf"((\\{{0,7}}[\"'])(?:value|val|data|content|text)\2\s{{0,20}}:\s{{0,20}}\2){NOT_TAGGED}([^\\\"'\r\n]++)",
    re.IGNORECASE,
)
"""The members of `{"name":"password","value":"…"}`."""
_PAIR = re.compile(rf'(\["([\w.$@/ -]{{1,128}}+)"\s{{0,20}},\s{{0,20}}"){NOT_TAGGED}([^"\\]++)(?="\s{{0,20}}\])')
"""`["password","…"]`: lists of header lines are written so."""
_LIST = re.compile(r'"([\w.$@/ -]{1,128}+)"\s{0,20}:\s{0,20}\[([^\[\]{}]++)\]')
_OBJECT = re.compile(r'"([\w.$@/ -]{1,128}+)"\s{0,20}:\s{0,20}\{([^{}]++)\}')
_INNER = re.compile(r'("([\w.$@/ -]{1,128}+)"\s{0,20}:\s{0,20}")([^"\\]++)(?=")')
_ITEM = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)
_ELEMENT = re.compile(
    r"<(?:[\w.-]{1,64}:)?([A-Za-z_][\w.-]{0,127})(\s[^<>]{0,400})?>(<!\[CDATA\[)?((?:[^<>\]]|\](?!\]>))++)(?=</|\]\]>)"
)
_TAG = re.compile(r"<(?:[\w.-]{1,64}:)?([A-Za-z_][\w.-]{0,127})(\s[^<>]{1,1000}+)>")
_ATTRIBUTE = re.compile(
    rf"(?<![\w.:-])([\w.:-]{{1,64}}+)\s{{0,4}}=\s{{0,4}}(?:\"{NOT_TAGGED}([^\"]++)|'{NOT_TAGGED}([^']++)|{NOT_TAGGED}([^\s\"'<>=]++))"
)
_NAMES, _VALUES = (
    frozenset(("name", "key", "id", "property", "type", "itemprop")),
    frozenset(("value", "content", "data")),
)
"""Attributes that name what others hold."""
_PART = re.compile(
    r"(form-data;([^\r\n]{1,700}+)\r?\n(?:[^\r\n]{1,400}+\r?\n){0,8}+\r?\n)([^\r\n]++)",
    re.IGNORECASE,
)
_PART_NAME = re.compile(r"[ ;]name=\"?([^\"\r\n;]{1,128})", re.IGNORECASE)


def members(text: str, tag: Tag, show: Show) -> str:
    """JSON, also that in a string of JSON, and what Python and Ruby print."""

    def member(found: re.Match[str]) -> str:
        name, value, number = unescaped(found[1]), found[2], found[3]
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
            text = _PAIR.sub(lambda found: found[1] + show(tag, found[2], found[3], member=True), text)
        if "{" in text:
            text = _OBJECT.sub(_object(tag), text)
    if "\\" in text or "'" in text or "&" in text:
        text = _NESTED.sub(nested, text)
    if "{" in text:
        text = _FLAT.sub(lambda found: "{" + _flat(found[1], tag, show) + "}", text)
    return text


def unescaped(text: str) -> str:
    """Without the escapes of ASCII characters that JSON allows anywhere: `tok\\u0065n`."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "\\u00" in text else text


_ESCAPE = re.compile(r"\\u00([2-7][\da-fA-F])")


def _flat(members: str, tag: Tag, show: Show) -> str:
    """Of an object without objects in it, where one member names what another one holds."""
    named = _NAMED.search(members)
    if named is None:
        return members
    return _VALUED.sub(lambda found: found[1] + show(tag, named[2], found[3], member=True), members)


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

    def part(found: re.Match[str]) -> str:
        name = _PART_NAME.search(found[2])
        return found[0] if name is None else found[1] + show(tag, name[1], found[3])

    return _PART.sub(part, text)


def elements(text: str, tag: Tag, show: Show) -> str:
    """XML and HTML: text of elements, values of attributes."""

    def element(found: re.Match[str]) -> str:
        # HTML has <code> and <key> for what anybody may read.
        name, attributes, _, value = found.groups()
        secret = is_named_secret(name) or any(map(is_named_secret, _named(attributes)))
        return found[0][: -len(value)] + tag("token", value) if secret and value.strip() else found[0]

    def opening(found: re.Match[str]) -> str:
        names = _named(found[2])
        whole = is_named_secret(found[1])
        return found[0][: -len(found[2]) - 1] + _ATTRIBUTE.sub(_attribute(names, whole, tag, show), found[2]) + ">"

    if "</" in text or "]]>" in text:
        text = _ELEMENT.sub(element, text)
    return _TAG.sub(opening, text) if "=" in text else text


def _named(attributes: str | None) -> list[str]:
    """What the attributes of an element say that it is."""
    if not attributes or "=" not in attributes:
        return []
    return [_value(found) for found in _ATTRIBUTE.finditer(attributes) if found[1].lower() in _NAMES]


def _value(found: re.Match[str]) -> str:
    return found[2] or found[3] or found[4]


def _attribute(names: list[str], whole: bool, tag: Tag, show: Show) -> Callable[[re.Match[str]], str]:
    """An attribute with the value of what `names` name, or of an element that is secret by its own name."""

    def replaced(found: re.Match[str]) -> str:
        if found[1].lower() not in _VALUES:
            return found[0]
        value = _value(found)
        shown = tag("token", value) if whole else value
        for name in names:
            shown = show(tag, name, shown, member=True) if shown is value else shown
        return found[0][: -len(value)] + shown

    return replaced
