"""Fields of a request, where there is something to say of them."""

from httpresp_capture.http.cookies import parse_cookie
from httpresp_capture.records.plurals import many
from httpresp_tui.text.explain.parts import directives, joined_parts, shortened


def cookie(value: str) -> str:
    """How many, and their names."""
    names = [name for name, _ in parse_cookie(value)]
    return joined_parts([many(len(names), "cookie"), *(shortened(name, 40) for name in names)])


def authorization(value: str) -> str:
    """By what the user is known (RFC 9110 §11.6.2)."""
    words = {
        "basic": "user and password, readable",
        "bearer": "a token: whoever has it is the user",
        "digest": "user and password, as a digest",
        "negotiate": "Kerberos or NTLM",
        "aws4-hmac-sha256": "signed with an AWS key",
    }
    return words.get(value.strip().partition(" ")[0].lower(), "")


def asked_range(value: str) -> str:
    """RFC 9110 §14.2."""
    unit, equals, ranges = value.strip().partition("=")
    if not equals:
        return ""
    first = ranges.split(",")[0].strip()
    more = f" and {ranges.count(',')} more" if "," in ranges else ""
    if first.startswith("-"):
        return f"only the last {shortened(first[1:], 20)} {shortened(unit, 20)}{more}"
    start, _, end = first.partition("-")
    until = f"to {shortened(end, 20)}" if end else "to the end"
    return f"only {shortened(unit, 20)} {shortened(start, 20)} {until}{more}"


def asked_caching(value: str) -> str:
    """What the client takes from caches (RFC 9111 §5.2.1)."""
    words = {
        "no-cache": "caches must ask the server first",
        "no-store": "nothing of this is kept",
        "only-if-cached": "from a cache or not at all",
        "no-transform": "not to be altered on the way",
        "max-age": "nothing older than that many seconds",
    }
    said = [words.get(name, shortened(name, 30)) for name, argument in directives(value) if (name, argument) != ZERO]
    if ZERO in directives(value):
        said.append("caches must ask the server first")
    return joined_parts(list(dict.fromkeys(said))) if said else ""


ZERO = ("max-age", "0")
REQUEST_FIXED: dict[str, str] = {
    "dnt": "asks not to be tracked; few listen",
    "early-data": "sent in the first flight of TLS, and maybe twice (RFC 8470)",
    "expect": "the body is sent only when the server agrees",
    "forwarded": "who asked whom on the way, as proxies say (RFC 7239)",
    "if-match": "only if it is still this version (RFC 9110 §13.1.1)",
    "if-modified-since": "only if it has changed since then, else 304",
    "if-none-match": "only if it is another version than this, else 304",
    "if-range": "the range only of this version, else the whole",
    "if-unmodified-since": "only if it has not changed since then, else 412",
    "origin": "the page whose script or form asks",
    "referer": "the page that led here",
    "sec-fetch-dest": "for what the browser wants it",
    "sec-fetch-mode": "how the browser asks",
    "sec-fetch-site": "how far the page that asks is from this one",
    "sec-fetch-user": "a person clicked",
    "sec-gpc": "asks that data are not sold (Global Privacy Control)",
    "te": "transfer codings and trailers that the client takes",
    "upgrade-insecure-requests": "the browser would rather have https",
    "x-csrf-token": "proves that the site's own page asks",
    "x-forwarded-host": "the host that was asked, as proxies say",
    "x-forwarded-proto": "http or https, as the client asked, as proxies say",
    "x-requested-with": "a script asks, and not a form of another site",
}
"""Field name in lower case: what it is, whatever its value."""
