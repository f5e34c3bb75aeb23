"""What a response lets a browser do: CSP, HSTS and the smaller policies."""

from httpresp_tui.text.explain.parts import directives, seconds_in_words, shortened

FETCH = {
    "default-src": "everything",
    "script-src": "scripts",
    "script-src-elem": "script elements",
    "script-src-attr": "inline handlers",
    "style-src": "styles",
    "style-src-elem": "style elements",
    "style-src-attr": "inline styles",
    "img-src": "images",
    "font-src": "fonts",
    "connect-src": "requests of scripts",
    "media-src": "media",
    "object-src": "plugins",
    "frame-src": "frames",
    "child-src": "frames and workers",
    "worker-src": "workers",
    "manifest-src": "manifests",
    "frame-ancestors": "being framed",
    "form-action": "forms",
    "base-uri": "<base>",
}
SOURCES = {
    "'none'": "nowhere",
    "'self'": "here",
    "*": "anywhere",
    "'unsafe-inline'": "inline (unsafe)",
    "'unsafe-eval'": "eval (unsafe)",
    "'strict-dynamic'": "what trusted scripts load",
    "data:": "data: URLs",
    "blob:": "blob: URLs",
    "https:": "any https site",
    "http:": "any http site",
}
MOST_SOURCES = 4


def content_security_policy(value: str) -> str:
    """Each directive: what, and where it may come from."""
    said: list[str] = []
    for part in value.split(";"):
        name, *sources = part.split()[:60] or [""]
        low = name.lower()
        if low in FETCH:
            words = [source_in_words(source) for source in sources[:MOST_SOURCES]]
            more = f" and {len(sources) - MOST_SOURCES} more" if len(sources) > MOST_SOURCES else ""
            said.append(f"{FETCH[low]}: {', '.join(words) or 'nowhere'}{more}")
        elif low == "upgrade-insecure-requests":
            said.append("http links become https")
        elif low == "sandbox":
            said.append("runs in a sandbox")
        elif low in ("report-uri", "report-to"):
            said.append("violations are reported")
        elif low:
            said.append(shortened(low, 30))
    return " · ".join(said)


def source_in_words(source: str) -> str:
    """One source expression."""
    low = source.lower()
    if low.startswith("'nonce-"):
        return "with its nonce"
    if low.startswith("'sha"):
        return "by hash"
    return SOURCES.get(low, shortened(source, 40))


def report_only(value: str) -> str:
    """A policy that forbids nothing yet."""
    return f"only reported, not enforced: {content_security_policy(value)}"


def strict_transport_security(value: str) -> str:
    """RFC 6797."""
    found = dict(directives(value, ";"))
    if "max-age" not in found:
        return "without max-age: ignored by browsers"
    if found["max-age"] == "0":
        return "browsers forget that this host wants https"
    said = [f"https only for {seconds_in_words(found['max-age'])}"]
    said.append("with all subdomains" if "includesubdomains" in found else "this host alone")
    if "preload" in found:
        said.append("asks to be built into browsers")
    return " · ".join(said)


def x_frame_options(value: str) -> str:
    """RFC 7034."""
    words = {"deny": "may not be framed", "sameorigin": "framed by its own origin only"}
    return words.get(value.strip().lower(), "not a value that browsers know: framing is open")


def x_content_type_options(value: str) -> str:
    """The one value there is."""
    known = value.strip().lower() == "nosniff"
    return "the type is taken as it is said" if known else "not a value that browsers know"


REFERRER = {
    "no-referrer": "no Referer is sent",
    "no-referrer-when-downgrade": "full Referer, none from https to http",
    "origin": "other sites see the origin only",
    "origin-when-cross-origin": "other sites see the origin only",
    "same-origin": "Referer within this origin only",
    "strict-origin": "the origin only, none from https to http",
    "strict-origin-when-cross-origin": "other sites see the origin only, none from https to http",
    "unsafe-url": "the full URL is sent to every site",
}


def referrer_policy(value: str) -> str:
    """The last one known counts."""
    known = [REFERRER[name] for name, _ in directives(value) if name in REFERRER]
    return known[-1] if known else "not a value that browsers know"


def permissions_policy(value: str) -> str:
    """What is switched off is what matters."""
    off = [name for name, argument in directives(value) if argument == "()"]
    return f"switched off: {shortened(', '.join(off), 120)}" if off else ""


def x_xss_protection(value: str) -> str:
    """A filter that browsers have removed."""
    return "off, as it should be" if value.strip().startswith("0") else "browsers have dropped this filter"


ISOLATION = {
    "same-origin": "its own origin only",
    "same-site": "its own site only",
    "cross-origin": "any site",
    "same-origin-allow-popups": "its own origin, and popups it opens",
    "unsafe-none": "no isolation",
    "require-corp": "only resources that agree are loaded",
    "credentialless": "foreign resources are loaded without cookies",
}


def isolation(value: str) -> str:
    """Cross-Origin-Opener/Embedder/Resource-Policy."""
    return ISOLATION.get(value.partition(";")[0].strip().lower(), "")


def feature_policy(value: str) -> str:
    """The old name."""
    return "the old name of Permissions-Policy"
