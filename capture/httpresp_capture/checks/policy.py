"""Content-Security-Policy, one policy at a time (CSP3). All of a page's are enforced side by side (§8.1)."""

import re
from typing import Final

from httpresp_capture.records.record import record

_NONCE = re.compile(r"'(nonce|sha256|sha384|sha512)-[^']*'?", re.IGNORECASE)

ELEMENTS: Final = "script-src-elem"
"""What governs script elements, and where they come from."""
HANDLERS: Final = "script-src-attr"
"""What governs event handlers in attributes."""


@record
class Policy:
    """One policy."""

    directives: dict[str, tuple[str, ...]]
    """Sources in lower case by directive in lower case; the first of each counts."""

    def governs(self, name: str) -> tuple[str, tuple[str, ...]] | None:
        """The directive that stands for `name` (CSP3 §6.8.3), with its sources: itself, script-src, default-src; None
        where scripts of this kind are let in whatever they are."""
        for each in (name, "script-src", "default-src"):
            if each in self.directives:
                return each, self.directives[each]
        return None

    @property
    def runs_nothing(self) -> bool:
        """True for a sandbox in which no script runs (HTML §7.6)."""
        flags = self.directives.get("sandbox")
        return flags is not None and "allow-scripts" not in flags

    @property
    def protects_scripts(self) -> bool:
        """True when inline scripts of a stranger would not run, neither elements nor event handlers."""
        found = (self.governs(ELEMENTS), self.governs(HANDLERS))
        return self.runs_nothing or all(each is not None and not lets_inline(each[1]) for each in found)


def lets_inline(sources: tuple[str, ...]) -> bool:
    """True when inline scripts run, whatever they are."""
    return "'unsafe-inline'" in sources and not inline_is_fallback(sources)


def inline_is_fallback(sources: tuple[str, ...]) -> bool:
    """A nonce, a hash or 'strict-dynamic' switches 'unsafe-inline' off; it stands there for old browsers only."""
    return "'strict-dynamic'" in sources or any(_NONCE.fullmatch(source) for source in sources)


def policies(values: list[str]) -> tuple[Policy, ...]:
    """The policies in the header's lines; one line may hold several, parted by commas."""
    found: list[Policy] = []
    for value in values:
        for text in value.split(","):
            by_name: dict[str, tuple[str, ...]] = {}
            for part in text.split(";"):
                words = part.lower().split()
                if words:
                    by_name.setdefault(words[0], tuple(words[1:]))
            if by_name:
                found.append(Policy(by_name))
    return tuple(found)


def without_nonces(text: str) -> str:
    """The text of a directive without what differs from one response to the next."""
    return _NONCE.sub(r"'\1-…'", text)
