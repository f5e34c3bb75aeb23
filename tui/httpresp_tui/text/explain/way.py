"""Who made a response, and the caches and proxies it came through."""

import re

from httpresp_tui.text.explain.parts import directives, joined_parts, seconds_in_words, shortened

PRODUCTS = {
    "apache": "a web server",
    "nginx": "a web server or proxy",
    "openresty": "nginx with Lua",
    "caddy": "a web server",
    "lighttpd": "a web server",
    "litespeed": "a web server",
    "microsoft-iis": "the web server of Windows",
    "microsoft-httpapi": "HTTP.sys of Windows, before any site",
    "envoy": "a proxy",
    "istio-envoy": "a proxy of a service mesh",
    "haproxy": "a load balancer",
    "varnish": "a cache",
    "squid": "a proxy",
    "traefik": "a proxy",
    "kong": "an API gateway",
    "cloudflare": "the edge of a CDN",
    "cloudfront": "the edge of a CDN",
    "akamaighost": "the edge of a CDN",
    "fastly": "the edge of a CDN",
    "amazons3": "an object store",
    "awselb": "a load balancer",
    "gunicorn": "a Python application server",
    "uvicorn": "a Python application server",
    "hypercorn": "a Python application server",
    "waitress": "a Python application server",
    "werkzeug": "a development server: not for others' use",
    "simplehttp": "Python's own server: not for others' use",
    "kestrel": "the server of ASP.NET Core",
    "jetty": "a Java server",
    "tomcat": "a Java server",
    "apache-coyote": "Tomcat's connector",
    "cowboy": "an Erlang server",
    "puma": "a Ruby server",
    "gws": "Google's own server",
    "esf": "Google's API front end",
}
"""Server software by its product name in lower case."""
_PRODUCT = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:/(\S+))?")


def server(value: str) -> str:
    """Product and version, as the server says (RFC 9110 §10.2.4)."""
    found = _PRODUCT.match(value.strip())
    if found is None:
        return ""
    name, version = found[1], found[2]
    kind = PRODUCTS.get(name.lower(), "")
    said = f"{shortened(name, 40)}, {kind}" if kind else f"the server calls itself {shortened(name, 40)}"
    return f"{said} · version {shortened(version, 30)}, which attackers read too" if version else said


def powered_by(value: str) -> str:
    """What nobody needs to know."""
    return f"made with {shortened(value.strip(), 60)}, which attackers read too"


def via(value: str) -> str:
    """Each proxy, the nearest to the server first (RFC 9110 §7.6.3)."""
    hops: list[str] = []
    for part in value.split(",")[:20]:
        version, _, rest = part.strip().partition(" ")
        by = rest.strip().partition(" (")[0]
        if version:
            hops.append(f"{shortened(by or 'an unnamed proxy', 40)} ({shortened(version, 12)})")
    return f"came through {', then '.join(hops)}" if hops else ""


CACHE_WORDS = {
    "hit": "out of a cache",
    "miss": "not in the cache: fetched from the server",
    "expired": "was stale in the cache: fetched anew",
    "stale": "out of a cache, stale",
    "updating": "out of a cache, stale, while it is fetched anew",
    "revalidated": "out of a cache, after the server said it is still good",
    "refreshhit": "out of a cache, after the server said it is still good",
    "dynamic": "not for caching, by the rules of the cache",
    "bypass": "past the cache, as its rules say",
    "pass": "past the cache, as its rules say",
    "uncacheable": "not for caching",
    "none": "not for caching",
    "error": "made by the cache itself: an error",
}
_WORD = re.compile(r"[A-Za-z]+")


def x_cache(value: str) -> str:
    """`HIT`, `MISS`, `Hit from cloudfront`, `TCP_MISS from …`, `HIT, MISS`: one word a cache."""
    said: list[str] = []
    for part in value.split(",")[:8]:
        words = (word.lower() for word in _WORD.findall(part.replace("_", " ")))
        found = next((CACHE_WORDS[word] for word in words if word in CACHE_WORDS), "")
        if found:
            said.append(found)
    return joined_parts(said) if said else ""


def cache_status(value: str) -> str:
    """RFC 9211: each cache, the nearest to the server first."""
    said: list[str] = []
    for part in value.split(",")[:8]:
        name, *rest = part.split(";")
        found = dict(directives(";".join(rest), ";"))
        if "hit" in found:
            words = "had it"
        elif "fwd" in found:
            words = f"asked further ({shortened(found['fwd'], 20)})"
        else:
            continue
        ttl = f", fresh for {seconds_in_words(found['ttl'])}" if found.get("ttl", "").isdecimal() else ""
        said.append(f"{shortened(name.strip().strip(chr(34)), 30)} {words}{ttl}")
    return joined_parts(said) if said else ""


def x_cache_hits(value: str) -> str:
    """One number a cache."""
    counts = [part.strip() for part in value.split(",")]
    if not all(count.isascii() and count.isdecimal() for count in counts):
        return ""
    return f"times it was had from each cache before: {shortened(', '.join(counts), 60)}"


def forwarded_for(value: str) -> str:
    """The client's address, as proxies say."""
    first = value.partition(",")[0].strip()
    return f"asked by {shortened(first, 60)}, as proxies say" if first else ""
