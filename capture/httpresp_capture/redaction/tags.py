"""The tags that stand for secrets, and what one run knows of the secrets that it has met."""

import re
from hashlib import blake2s

from httpresp_capture.redaction.names import is_plain

TAGGED = re.compile(r"‹[a-z]{1,12} \d{1,19}B(?: #[0-9a-f]{4})?›")
"""What a tag looks like."""
KNOWN = 200
"""Secrets of one response that are looked for in the rest of it."""
CUT = 6
"""Characters of the beginning of a known secret that give it away at the end of a text that was cut."""
_TELLING = 8
"""Characters from which a value is not where it is by chance."""
_HOLDERS = frozenset(("text", "bytes", "url", "secret"))
"""Kinds of tags for what only holds a secret, or is known as one."""


class Tagger:
    """Makes tags with one salt. What is `known` is a secret wherever it stands."""

    def __init__(self, salt: bytes, known: tuple[str, ...] = (), *, collects: bool = False) -> None:
        self.salt = salt
        self.known = known
        self.found: list[str] = []
        """The secrets that were hidden, where somebody `collects` them."""
        self._collects = collects

    def __call__(self, what: str, secret: str) -> str:
        """What stands for a secret. Sixteen bits tell sessions of one capture apart, and reveal no more."""
        quoted = len(secret) > 2 and secret[0] == secret[-1] == '"'
        bare = secret[1:-1] if quoted else secret
        if bare in ("", '""') or TAGGED.fullmatch(bare):
            return secret
        if self._collects and what not in _HOLDERS:
            self.found.append(bare)
        data = bare.encode("latin-1") if _is_latin(bare) else bare.encode("utf-8", "surrogatepass")
        made = f"‹{what} {len(data)}B #{blake2s(data, key=self.salt[:32], digest_size=2).hexdigest()}›"
        return f'"{made}"' if quoted else made

    def telling(self) -> tuple[str, ...]:
        """Those of the secrets found that can be told by their value, the longest first."""
        return tuple(sorted(filter(is_telling, set(self.found)), key=len, reverse=True)[:KNOWN])

    def without_known(self, shown: str) -> str:
        """A text without the secrets that are known."""
        for secret in self.known:
            if secret in shown:
                shown = shown.replace(secret, self("secret", secret))
        return shown

    def without_cut(self, shown: str) -> str:
        """A text that was cut may end within a known secret."""
        bare = shown.removesuffix("…")
        for secret in self.known:
            for length in range(min(len(secret) - 1, len(bare)), CUT - 1, -1):
                if bare.endswith(secret[:length]):
                    return bare[:-length] + self("secret", secret[:length])
        return shown


def is_telling(secret: str) -> bool:
    """False for what may stand elsewhere by chance: `dark`, `accepted`, `1700000000`."""
    return len(secret) >= _TELLING and not is_plain("", secret, member=True) and not secret.isdigit()


def _is_latin(value: str) -> bool:
    return all(character <= "\xff" for character in value)
