"""How evidence is shown: enough to recognise the thing, never the secret itself.

A secret becomes its first characters, its length and a tag. The tag is salted once a run, so that equal values can be
told to be equal and nothing can be looked up in a table.
"""

import re
from hashlib import blake2s

EVIDENCE_LIMIT = 300
"""Characters of one piece of evidence: it must fit a table's cell and a line of a report."""

_SECRET = re.compile(r"‹[^›]*›")
_NUMBER = re.compile(r"\d+")
_PATH = re.compile(r"(?:[A-Za-z]:)?(?:[\\/][\w.@+ -]{1,80}){2,}(?=[\\/])")


def tag(secret: str, salt: bytes) -> str:
    """Four hexadecimal digits, equal for equal secrets within a run, and equal to those of `redaction` by one salt."""
    latin = all(character <= "\xff" for character in secret)
    data = secret.encode("latin-1") if latin else secret.encode("utf-8", "surrogatepass")
    return blake2s(data, key=salt[:32], digest_size=2).hexdigest()


def redacted(secret: str, salt: bytes) -> str:
    """`‹abcd… 32B #a91f›`. A short value shows less of its beginning: never more than a quarter."""
    return f"‹{secret[: min(4, len(secret) // 4)]}… {len(secret)}B #{tag(secret, salt)}›"


def visible(text: str, limit: int = EVIDENCE_LIMIT) -> str:
    """The text on one line, with everything that could act on a terminal escaped, cut to the limit."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isprintable():
        return text
    escaped = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
    return escaped if len(escaped) <= limit else escaped[: limit - 1] + "…"


def masked(evidence: str) -> str:
    """The shape of evidence: secrets and numbers are places without a value."""
    return _NUMBER.sub("#", _SECRET.sub("‹›", evidence))


def shortened_paths(text: str) -> str:
    """Directories of a file path replaced by an ellipsis: the file tells enough."""
    return _PATH.sub("…", text)
