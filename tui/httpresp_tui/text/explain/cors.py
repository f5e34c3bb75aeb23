"""Which other origins may read a response (WHATWG Fetch, "CORS protocol")."""

from httpresp_tui.text.explain.parts import directives, seconds_in_words, shortened


def allow_origin(value: str) -> str:
    """One origin, any, or none."""
    origin = value.strip()
    if origin == "*":
        return "scripts of any site may read it, without cookies"
    if origin.lower() == "null":
        return "sandboxed pages and local files may read it, whoever wrote them"
    if "," in origin or " " in origin:
        return "more than one origin: browsers refuse it"
    return f"scripts of {shortened(origin, 80)} may read it"


def allow_credentials(value: str) -> str:
    """Only the exact word counts, and only beside an origin that is named (Fetch, "CORS protocol and credentials")."""
    if value.strip() != "true":
        return 'only "true" means anything'
    return 'with the user\'s cookies, where an origin is named: browsers refuse them for "*"'


def allow_methods(value: str) -> str:
    """For preflighted requests."""
    return "any method without cookies" if value.strip() == "*" else f"methods: {joined(value, upper=True)}"


def allow_headers(value: str) -> str:
    """For preflighted requests."""
    return "any request field but Authorization" if value.strip() == "*" else f"request fields: {joined(value)}"


def expose_headers(value: str) -> str:
    """What scripts may read beside the harmless seven."""
    return "scripts may read every field" if value.strip() == "*" else f"scripts may read {joined(value)}"


def max_age(value: str) -> str:
    """How long a preflight is remembered."""
    return (
        "the preflight is asked each time"
        if value.strip() in ("0", "-1")
        else (f"the preflight holds for {seconds_in_words(value.strip())}; browsers cap it at 2 hours to 1 day")
    )


def joined(value: str, *, upper: bool = False) -> str:
    """A list as it reads in a sentence."""
    names = [name.upper() if upper else name for name, _ in directives(value)]
    return shortened(", ".join(names), 120)
