"""How evidence is shown: enough to recognise the thing, nothing of a secret itself.

A secret becomes its length and a tag. The tag is salted once a run, so that equal values can be told to be equal and
nothing can be looked up in a table. Everything that is said of a response goes out through `visible`: reasons as well
as evidence, names as well as values.
"""

import re
from functools import lru_cache

from httpresp_capture.http.cookies import SetCookie
from httpresp_capture.records.escaping import escaped
from httpresp_capture.redaction import Redactor, is_telling, without_secrets

EVIDENCE_LIMIT = 300
"""Characters of one piece of evidence: it must fit a table's cell and a line of a report."""
_LOOKED_AT = 8_192
"""Characters in which secrets are looked for before the text is cut: a cut one could not be told."""

_SECRET = re.compile(r"‹[^›]*›")
_NUMBER = re.compile(r"\d+")
_PATH = re.compile(r"(?:[A-Za-z]:)?(?:[\\/][\w.@+ -]{1,80}){2,}(?=[\\/])")
_LITERAL = re.compile(r"'[^']*'?|\"[^\"]*\"?|=[ \t]{0,4}\([^)]*\)?")


def redacted(secret: str, salt: bytes, what: str = "cookie") -> str:
    """`‹cookie 32B #a91f›`, as `redaction` writes it with the same salt."""
    return Redactor(salt).tag(what, secret)


def cookie_line(cookie: SetCookie, salt: bytes, *, value: bool = False) -> str:
    """`name=‹cookie 32B #a91f›; Path=/`, or the name and the attributes alone."""
    pair = f"{cookie.name}={redacted(cookie.value, salt)}" if value and cookie.value else cookie.name
    return f"{pair}; {cookie_attributes(cookie, salt)}" if cookie.attributes else pair


def cookie_attributes(cookie: SetCookie, salt: bytes) -> str:
    """Without the value of the cookie, which servers write into paths too, and other secrets."""
    known = (cookie.value,) if cookie.value in cookie.flags and is_telling(cookie.value) else ()
    return _attributes(cookie.flags, known, salt)


@lru_cache(1024)
def _attributes(flags: str, known: tuple[str, ...], salt: bytes) -> str:
    return Redactor(salt, known).field("set-cookie", f"; {flags}").removeprefix("; ")


def visible(text: str, limit: int = EVIDENCE_LIMIT) -> str:
    """The text on one line, without secrets, with everything that could act on a terminal escaped, cut to the limit."""
    if len(text) <= EVIDENCE_LIMIT:
        return _visible(text, limit)
    return _escaped(without_secrets(text[:_LOOKED_AT]), limit)


@lru_cache(2048)
def _visible(text: str, limit: int) -> str:
    """Most reasons and names come again and again."""
    return _escaped(without_secrets(text), limit)


def _escaped(text: str, limit: int) -> str:
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    shown = escaped(text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def beginning(text: str, length: int) -> str:
    """The first characters of what may hold a secret: hidden before it is cut, since half of one could not be told, and
    a tag is shown whole."""
    shown = without_secrets(text[:_LOOKED_AT])
    tag = shown.rfind("‹", 0, length)
    return shown[: max(length, shown.find("›", tag) + 1 if tag >= 0 else 0)]


def without_literals(text: str) -> str:
    """A message of a database without the values that it quotes, closed or cut: `Duplicate entry '…' for key '…'`."""
    return _LITERAL.sub(lambda found: "=(…)" if found[0].startswith("=") else f"{found[0][0]}…{found[0][0]}", text)


def masked(evidence: str) -> str:
    """The shape of evidence: secrets and numbers are places without a value."""
    return _NUMBER.sub("#", _SECRET.sub("‹›", evidence))


def shortened_paths(text: str) -> str:
    """Directories of a file path replaced by an ellipsis: the file tells enough."""
    return _PATH.sub("…", text)
