"""Two header blocks held against each other: fields aligned by name, cookies by theirs, and what differs in a field.

Every list is bounded: what is beyond is left out of the comparison.
"""

from collections.abc import Iterator

from httpresp_capture.analysis.diff_rows import Change, Row
from httpresp_capture.http.cookies import parse_set_cookie
from httpresp_capture.http.directives import split_outside_quotes
from httpresp_capture.records.headers import Headers

MOST_FIELDS = 500
"""Fields of a head that are aligned."""
MOST_PARTS = 200
LONGEST = 65_536
"""Characters of a value that are taken apart."""
PASSING = frozenset(
    [
        *("date", "age", "etag", "last-modified", "expires", "x-request-id", "x-correlation-id", "x-trace-id"),
        *("traceparent", "tracestate", "x-amz-request-id", "x-amz-id-2", "x-amz-cf-id", "x-amzn-requestid", "cf-ray"),
        *("x-amzn-trace-id", "x-runtime", "x-response-time", "server-timing", "x-timer", "x-varnish", "x-azure-ref"),
        *("x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit-remaining", "ratelimit-reset", "keep-alive"),
        *("x-cache-hits", "x-b3-traceid", "x-b3-spanid", "x-cloud-trace-context"),
    ]
)
"""Fields that differ between any two responses of a server that changes nothing."""

_Key = tuple[str, str, int]
"""Name in lower case, name of a cookie, and the how-manieth of these."""


def fields(left: Headers, right: Headers) -> Iterator[Row]:
    """Every field of either, in the order of the left; what the right has alone stands where it stands there."""
    ours, theirs = _keyed(left), _keyed(right)
    for key in _merged(list(ours), list(theirs)):
        mine, yours = ours.get(key), theirs.get(key)
        name = (mine or yours or ("", ""))[0]
        if mine is None or yours is None:
            yield Row(Change.NEW, name, "", (yours or ("", ""))[1]) if mine is None else Row(Change.GONE, name, mine[1])
        elif mine[1] == yours[1]:
            yield Row(Change.SAME, name, mine[1], yours[1])
        else:
            change = Change.PASSING if key[0] in PASSING else Change.CHANGED
            yield Row(change, name, mine[1], yours[1], tuple(_differing_parts(key[0], mine[1], yours[1])))


def _keyed(headers: Headers) -> dict[_Key, tuple[str, str]]:
    """Each line by what it is to be aligned with."""
    found: dict[_Key, tuple[str, str]] = {}
    counts: dict[tuple[str, str], int] = {}
    for name, value in headers.items[:MOST_FIELDS]:
        low = name.lower()
        cookie = parse_set_cookie(value) if low == "set-cookie" else None
        kind = low, cookie.name if cookie is not None else ""
        counts[kind] = counts.get(kind, 0) + 1
        found[*kind, counts[kind]] = name, value
    return found


def _merged(left: list[_Key], right: list[_Key]) -> list[_Key]:
    """The keys of both, once each: those of the right alone behind the one that they follow there."""
    merged = list(left)
    known = set(left)
    at = 0
    places = {key: place for place, key in enumerate(left)}
    inserted: list[tuple[int, int, _Key]] = []
    for order, key in enumerate(right):
        if key in known:
            at = max(at, places[key] + 1)
        else:
            inserted.append((at, order, key))
    for place, _, key in reversed(inserted):
        merged.insert(place, key)
    return merged


# --- parts of a field ---

_BY_SEMICOLON = frozenset(
    [
        *("set-cookie", "content-security-policy", "content-security-policy-report-only", "content-type"),
        *("strict-transport-security", "content-disposition", "cookie", "x-xss-protection"),
    ]
)
_BY_COMMA = frozenset(
    [
        *("cache-control", "vary", "allow", "permissions-policy", "accept", "accept-encoding", "accept-language"),
        *("access-control-allow-methods", "access-control-allow-headers", "access-control-expose-headers", "link"),
        *("via", "server-timing", "alt-svc", "connection", "keep-alive", "accept-ch", "cache-status"),
    ]
)
_POLICIES = ("content-security-policy", "content-security-policy-report-only")


def _differing_parts(name: str, left: str, right: str) -> Iterator[Row]:
    """Which directive, attribute or member differs; nothing of a field that has no parts."""
    separator = ";" if name in _BY_SEMICOLON else "," if name in _BY_COMMA else ""
    if not separator:
        return
    policy = name in _POLICIES
    ours, theirs = parts(left, separator, policy=policy), parts(right, separator, policy=policy)
    for key in dict.fromkeys((*ours, *theirs)):
        mine, yours = ours.get(key), theirs.get(key)
        if mine == yours:
            continue
        if mine is None or yours is None:
            change = Change.NEW if mine is None else Change.GONE
            yield Row(change, key, mine or "", yours or "")
        elif policy:
            yield Row(Change.CHANGED, key, mine, yours, tuple(_sources(mine, yours)))
        else:
            yield Row(Change.CHANGED, key, mine, yours)


def parts(value: str, separator: str, *, policy: bool = False) -> dict[str, str]:
    """Each part by its name in lower case: `max-age=60` and `max-age=90` are one that differs."""
    found: dict[str, str] = {}
    for part in split_outside_quotes(value[:LONGEST], separator)[:MOST_PARTS]:
        name, _, argument = part.partition(" " if policy else "=")
        if name.strip():
            found.setdefault(name.strip().lower(), argument.strip())
    return found


def _sources(left: str, right: str) -> Iterator[Row]:
    """The sources of one directive of a policy."""
    ours, theirs = left.split()[:MOST_PARTS], right.split()[:MOST_PARTS]
    yield from (Row(Change.GONE, "", source) for source in ours if source not in theirs)
    yield from (Row(Change.NEW, "", "", source) for source in theirs if source not in ours)
