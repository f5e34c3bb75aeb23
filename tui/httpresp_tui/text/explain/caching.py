"""Who may keep a response, and for how long (RFC 9111)."""

from httpresp_tui.text.explain.parts import directives, seconds_in_words, shortened

BARE = {
    "no-store": "never stored",
    "no-cache": "stored, but asked for again before each use",
    "private": "browsers only, no shared cache",
    "public": "any cache",
    "must-revalidate": "never used stale",
    "proxy-revalidate": "never used stale by shared caches",
    "must-understand": "only by caches that know this status",
    "no-transform": "not to be altered on the way",
    "immutable": "does not change while fresh",
    "only-if-cached": "from a cache or not at all",
}
TIMED = {
    "max-age": "fresh for {}",
    "s-maxage": "fresh for {} in shared caches",
    "stale-while-revalidate": "then usable {} while it is fetched anew",
    "stale-if-error": "usable {} more if the server fails",
    "max-stale": "stale by {} is accepted",
    "min-fresh": "fresh for another {}",
}


def cache_control(value: str) -> str:
    """Each directive in words, in its order."""
    said: list[str] = []
    for name, argument in directives(value):
        if name in TIMED:
            at_once = name in ("max-age", "s-maxage") and argument == "0"
            said.append("stale at once" if at_once else TIMED[name].format(seconds_in_words(argument)))
        elif name in BARE:
            fields = f" (of {shortened(argument, 30)})" if argument else ""
            said.append(BARE[name] + fields)
        else:
            said.append(f'"{shortened(name, 30)}" is not known')
    return " · ".join(said)


def age(value: str) -> str:
    """A cache answered."""
    return f"out of a cache that has had it for {seconds_in_words(value)}"


def vary(value: str) -> str:
    """What a cache must compare."""
    if value.strip() == "*":
        return "no cache can reuse it"
    return f"a cache keeps one copy for each {' and '.join(name for name, _ in directives(value))}"


def etag(value: str) -> str:
    """Weak or strong."""
    weak = value.startswith("W/")
    return "weak validator: the same meaning, not the same bytes" if weak else "strong validator: the same bytes"


def expires(value: str) -> str:
    """A date, or at once."""
    return "expired already" if value.strip() in ("0", "-1", "") else ""


def pragma(value: str) -> str:
    """HTTP/1.0's word in a response."""
    return "means nothing in a response (RFC 9111 §5.4)" if "no-cache" in value.lower() else ""


def cdn_cache_control(value: str) -> str:
    """RFC 9213: for the caches of a CDN alone, which then read no Cache-Control."""
    return f"for the CDN alone: {cache_control(value)}"
