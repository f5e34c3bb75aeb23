"""Content-Security-Policy, one policy at a time (CSP3). All of a page's are enforced side by side (§8.1)."""

import re

from httpresp_capture.records.record import record

_NONCE = re.compile(r"'(nonce|sha256|sha384|sha512)-[^']*'?", re.IGNORECASE)


@record
class Policy:
    """One policy."""

    directives: dict[str, tuple[str, ...]]
    """Sources in lower case by directive in lower case; the first of each counts."""

    def effective_script(self) -> tuple[str, tuple[str, ...]] | None:
        """The directive that governs scripts, with its sources: script-src, else default-src."""
        for name in ("script-src", "default-src"):
            if name in self.directives:
                return name, self.directives[name]
        return None

    @property
    def protects_scripts(self) -> bool:
        """True when inline scripts of a stranger would not run."""
        script = self.effective_script()
        return script is not None and ("'unsafe-inline'" not in script[1] or inline_is_fallback(script[1]))


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
