"""Where a response points to: links, methods and other protocols."""

import re

from httpresp_tui.text.explain.parts import directives, joined_parts, seconds_in_words, shortened

RELATIONS = {
    "preload": "fetch early",
    "modulepreload": "fetch early",
    "prefetch": "may be next",
    "preconnect": "connect early to",
    "dns-prefetch": "look up early",
    "stylesheet": "style sheet",
    "next": "next page",
    "prev": "page before",
    "first": "first page",
    "last": "last page",
    "canonical": "the one address of this",
    "alternate": "the same in another form",
    "describedby": "described by",
    "service-desc": "API described by",
}
_LINK = re.compile(r"<([^>]*)>([^<]*)")


def link(value: str) -> str:
    """RFC 8288: each target with what it is."""
    said: list[str] = []
    for found in list(_LINK.finditer(value))[:6]:
        relation = dict(directives(found[2], ";")).get("rel", "").rstrip(", ").strip('"').lower()
        words = RELATIONS.get(relation.partition(" ")[0], shortened(relation, 30) or "related")
        said.append(f"{words}: {shortened(found[1], 50)}")
    return joined_parts(said) if said else ""


def allow(value: str) -> str:
    """RFC 9110 §10.2.1."""
    names = ", ".join(name.upper() for name, _ in directives(value))
    return f"can be asked by {shortened(names, 100)}" if names else "can be asked by no method"


def upgrade(value: str) -> str:
    """RFC 9110 §7.8."""
    return f"the connection goes on as {shortened(value.strip(), 40)}, or could"


def refresh(value: str) -> str:
    """Seconds, and maybe an address."""
    seconds, _, rest = value.partition(";")
    to = rest.strip().partition("=")[2].strip("'\" ")
    target = f"goes to {shortened(to, 60)}" if to else "loads again"
    text = seconds.strip()
    return f"the browser {target} after {seconds_in_words(text)}" if text.isdecimal() else ""


def robots(value: str) -> str:
    """What search engines are told."""
    words = {
        "noindex": "not to be found by search engines",
        "nofollow": "its links are not followed",
        "none": "not to be found, its links not followed",
        "noarchive": "no copy is shown",
        "nosnippet": "no words of it are shown",
    }
    said = [words[name] for name, _ in directives(value) if name in words]
    return joined_parts(said) if said else ""
