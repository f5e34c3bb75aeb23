"""What caches may do with a response: keep it or not, for whom, for how long, and by which rule (RFC 9111).

`verdict` answers from one response and its request, without a clock: ages are those at the moment of capture. It goes
in the order of the text: may it be stored (§3), how long is it fresh (§4.2.1, §4.2.2), how old did it come (§4.2.3),
and what happens once it is stale (§4.2.4, RFC 5861). Of a request that was not seen, nothing is held against caching.
"""

from enum import StrEnum
from http import HTTPStatus

from httpresp_capture.http.cookies import parse_cookie_date
from httpresp_capture.http.directives import directives, number
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.headers import Headers
from httpresp_capture.records.record import record
from httpresp_capture.records.targets import path_of

HEURISTICALLY_CACHEABLE = frozenset([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501])
"""RFC 9110 §15.1. A 206 only by a cache that knows ranges (§3.3)."""
HEURISTIC_SHARE = 10
"""RFC 9111 §4.2.2: one part in so many of the time since it was last changed."""
_KNOWN = frozenset(HTTPStatus)
"""Statuses that a cache knows."""
SECOND = 1_000_000_000


class Keeper(StrEnum):
    """Who may keep a response."""

    NOBODY = "nobody"
    PRIVATE = "private"
    """The cache of one user: a browser's."""
    SHARED = "shared"
    """A proxy's or a CDN's too."""


class Basis(StrEnum):
    """What a lifetime is taken from, as it is named."""

    S_MAXAGE = "s-maxage"
    MAX_AGE = "max-age"
    EXPIRES = "Expires"
    HEURISTIC = "a tenth of the time since Last-Modified"
    NONE = "no lifetime is given"


@record
class Lifetime:
    """How long a response is fresh."""

    seconds: int | None
    """None where nothing is said and nothing can be guessed: each cache does as it likes."""
    basis: Basis
    flaw: str = ""
    """Why what is said cannot be read, so that it is stale at once (§4.2.1)."""


@record
class Verdict:
    """What caches may do with one response."""

    keeper: Keeper
    why: str
    """What decides who may keep it: a directive, a method, a status."""
    section: str
    """Where that is said: `RFC 9111 §5.2.2.5`."""
    lifetime: Lifetime
    """In the cache of a user; of no meaning where nobody keeps it."""
    shared_lifetime: Lifetime
    """In a shared cache: s-maxage comes first there."""
    age: int
    """Seconds that it was old when it was captured (§4.2.3)."""
    always_checked: bool = False
    """no-cache: used only after the server has said that it is still good (§5.2.2.4)."""
    never_stale: bool = False
    """must-revalidate: not even when the server cannot be reached (§5.2.2.2)."""
    never_stale_shared: bool = False
    """The same in shared caches: proxy-revalidate and s-maxage say it too (§5.2.2.8, §5.2.2.10)."""
    while_revalidating: int | None = None
    """Seconds for which it may be used stale while it is fetched anew (RFC 5861 §3)."""
    on_error: int | None = None
    """Seconds for which it may be used stale when the server fails (RFC 5861 §4)."""
    immutable: bool = False
    """Not asked for anew while it is fresh, not even when a user reloads (RFC 8246)."""
    any_vary: bool = False
    """`Vary: *`: what is kept answers no other request (§4.1)."""
    validators: tuple[str, ...] = ()
    """`ETag`, `Last-Modified`: with what a stale one is checked (§4.3.1)."""

    @property
    def fresh_for(self) -> int | None:
        """Seconds that are left of the lifetime when it was captured, in a shared cache where one may keep it; below
        0 of a stale one, None where no lifetime is known."""
        seconds = (self.shared_lifetime if self.keeper is Keeper.SHARED else self.lifetime).seconds
        return None if seconds is None else seconds - self.age


def verdict(response: Response) -> Verdict:
    """Of a response whose head was seen."""
    headers, request = response.headers, response.request
    control = directives(headers.all("cache-control"))
    keeper, why, section = _keeper(response, request, headers, control)
    return Verdict(
        keeper=keeper,
        why=why,
        section=section,
        lifetime=_lifetime(response, headers, control, shared=False),
        shared_lifetime=_lifetime(response, headers, control, shared=True),
        age=_age(response, request, headers),
        # With names in it, no-cache means those fields alone (§5.2.2.4).
        always_checked="no-cache" in control and not control["no-cache"],
        never_stale="must-revalidate" in control,
        never_stale_shared=any(name in control for name in ("must-revalidate", "proxy-revalidate", "s-maxage")),
        while_revalidating=number(control.get("stale-while-revalidate", "")),
        on_error=number(control.get("stale-if-error", "")),
        immutable="immutable" in control,
        any_vary=any(part.strip(" \t") == "*" for value in headers.all("vary") for part in value.split(",")),
        validators=tuple(name for name in ("ETag", "Last-Modified") if name in headers),
    )


# --- storing ---


def _keeper(
    response: Response, request: Request | None, headers: Headers, control: dict[str, str]
) -> tuple[Keeper, str, str]:
    """RFC 9111 §3, in its order."""
    refused = _refused(response, request, headers, control)
    if refused is not None:
        return Keeper.NOBODY, *refused
    private = _shared_refused(request, control)
    if private is None and (allowed := _allowed(response, headers, control, shared=True)):
        return Keeper.SHARED, *allowed
    if allowed := _allowed(response, headers, control, shared=False):
        return Keeper.PRIVATE, *(private or allowed)
    return Keeper.NOBODY, f"nothing allows it, and {response.status} alone does not", "RFC 9111 §3"


def _refused(
    response: Response, request: Request | None, headers: Headers, control: dict[str, str]
) -> tuple[str, str] | None:
    """Why no cache may keep it, and where that is said."""
    status = response.status
    if request is not None and request.method not in ("GET", "HEAD", "POST"):
        return f"it answers {request.method[:20]}", "RFC 9110 §9.2.3"
    if request is not None and request.method == "POST" and not _is_of_its_target(request, headers, control):
        return "it answers POST, without a lifetime and a Content-Location that is the target", "RFC 9110 §9.3.3"
    if not 200 <= status <= 599:
        return f"{status} is no final status", "RFC 9111 §3"
    if status == 304:
        return "304 renews what is kept already", "RFC 9111 §4.3.4"
    if "must-understand" in control and status not in _KNOWN:
        return f"must-understand, and caches do not know {status}", "RFC 9111 §5.2.2.3"
    # §5.2.2.3: beside must-understand, a cache that knows the status disregards no-store.
    if "no-store" in control and "must-understand" not in control:
        return "no-store", "RFC 9111 §5.2.2.5"
    if request is not None and "no-store" in directives(request.headers.all("cache-control")):
        return "the request says no-store", "RFC 9111 §5.2.1.5"
    return None


def _is_of_its_target(request: Request, headers: Headers, control: dict[str, str]) -> bool:
    """What answers POST is kept for a later GET, when it says how long and that it is what a GET would give."""
    explicit = any(name in control for name in ("max-age", "s-maxage")) or "expires" in headers
    return explicit and path_of(headers.get("content-location")) == request.path


def _shared_refused(request: Request | None, control: dict[str, str]) -> tuple[str, str] | None:
    """Why no shared cache may keep it."""
    if "private" in control and not control["private"]:
        return "private", "RFC 9111 §5.2.2.7"
    # §3.5 names those that allow it all the same.
    allowed = any(name in control for name in ("public", "s-maxage", "must-revalidate"))
    if request is not None and "authorization" in request.headers and not allowed:
        return "the request had Authorization", "RFC 9111 §3.5"
    return None


def _allowed(response: Response, headers: Headers, control: dict[str, str], *, shared: bool) -> tuple[str, str] | None:
    """What lets a cache keep it: at least one of these must be there."""
    if "public" in control:
        return "public", "RFC 9111 §5.2.2.9"
    if "private" in control and not shared:
        return "private", "RFC 9111 §5.2.2.7"
    if "s-maxage" in control and shared:
        return "s-maxage", "RFC 9111 §5.2.2.10"
    if "max-age" in control:
        return "max-age", "RFC 9111 §5.2.2.1"
    if "expires" in headers:
        return "Expires", "RFC 9111 §5.3"
    if response.status in HEURISTICALLY_CACHEABLE:
        return f"status {response.status}", "RFC 9110 §15.1"
    return None


# --- freshness ---


def _lifetime(response: Response, headers: Headers, control: dict[str, str], *, shared: bool) -> Lifetime:
    """RFC 9111 §4.2.1: the first of these that is there."""
    named = ((Basis.S_MAXAGE, "s-maxage"),) if shared else ()
    for basis, name in (*named, (Basis.MAX_AGE, "max-age")):
        if name in control:
            seconds = number(control[name])
            return Lifetime(0, basis, "no number") if seconds is None else Lifetime(seconds, basis)
    made = _date(response, headers)
    if "expires" in headers:
        until = parse_cookie_date(headers.get("expires"))
        # §5.3: a date that cannot be read, above all 0, lies in the past.
        return Lifetime(0, Basis.EXPIRES, "no date") if until is None else Lifetime(max(0, until - made), Basis.EXPIRES)
    changed = parse_cookie_date(headers.get("last-modified"))
    # §4.2.2: only of what may be kept without a word, or is public.
    may_guess = response.status in HEURISTICALLY_CACHEABLE or "public" in control
    if changed is None or changed > made or not may_guess:
        return Lifetime(None, Basis.NONE)
    return Lifetime((made - changed) // HEURISTIC_SHARE, Basis.HEURISTIC)


def _age(response: Response, request: Request | None, headers: Headers) -> int:
    """RFC 9111 §4.2.3, with the moment of capture as that of the response."""
    received = response.at // SECOND
    apparent = max(0, received - _date(response, headers))
    delay = max(0, response.at - request.sent_at) // SECOND if request is not None else 0
    # §5.1: the first of several; one that is no number is as if it were not there.
    return max(apparent, (number(headers.get("age").partition(",")[0].strip()) or 0) + delay)


def _date(response: Response, headers: Headers) -> int:
    """When it was made; RFC 9110 §6.6.1: without a date that can be read, when it was received."""
    made = parse_cookie_date(headers.get("date"))
    return response.at // SECOND if made is None else made
