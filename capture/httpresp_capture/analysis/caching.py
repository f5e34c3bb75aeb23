"""Caching that does not do what its headers say: pure, one response at a time."""

from http import HTTPStatus

from httpresp_capture.checks.context import Context, Options
from httpresp_capture.http.caching import Keeper, verdict
from httpresp_capture.http.directives import number
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record

_NEVER_PACKED = ("image/", "audio/", "video/", "font/")


@record
class CachingFault:
    """One contradiction."""

    name: str
    """`shared-cookie`, `vary-encoding`, `vary-star`, `too-old`, `no-date` or `two-orders`."""
    reason: str
    """One sentence."""
    reference: str


FAULTS: dict[str, tuple[str, str]] = {
    "shared-cookie": ("Caches may hand this cookie to everyone.", "RFC 9111 §7.3"),
    "vary-encoding": (
        "It is compressed and may be cached, and caches are not told that others need it otherwise.",
        "RFC 9110 §12.5.3, §12.5.5",
    ),
    "vary-star": ("Vary: * lets no cache use it, whatever its lifetime.", "RFC 9111 §4.1"),
    "too-old": ("A cache handed it out after its lifetime had ended.", "RFC 9111 §4.2"),
    "no-date": ("It may be cached and has no Date to count its age from.", "RFC 9110 §6.6.1"),
    "two-orders": ("no-store stands beside orders to keep it.", "RFC 9111 §5.2.2.5"),
}
"""Name: (what is wrong, where it is said)."""


def caching_faults(response: Response) -> tuple[CachingFault, ...]:
    """What contradicts itself in the caching headers of one response; nothing when its head is not whole."""
    context = Context(response, Options())
    if not context.head_ok or context.status < 200:
        return ()
    return tuple(CachingFault(name, *FAULTS[name]) for name in _names(context))


def _names(context: Context) -> list[str]:
    control = context.cache_control
    keeper = _keeper(context)
    cacheable = keeper is not Keeper.NOBODY
    shared = keeper is Keeper.SHARED
    found: list[str] = []
    if shared and context.cookies:
        found.append("shared-cookie")
    vary = {word.strip().lower() for value in context.all("vary") for word in value.split(",")}
    if cacheable and "*" in vary:
        found.append("vary-star")
    packed = context.first("content-encoding").strip().lower() not in ("", "identity")
    if shared and packed and not vary & {"accept-encoding", "*"} and not context.media_type.startswith(_NEVER_PACKED):
        found.append("vary-encoding")
    age, lifetime = number(context.first("age")), _lifetime(control)
    if age is not None and lifetime is not None and age > lifetime and context.status == 200:
        found.append("too-old")
    if cacheable and context.status == 200 and not context.has("date"):
        found.append("no-date")
    if "no-store" in control and ("public" in control or (number(control.get("max-age", "")) or 0) > 0):
        found.append("two-orders")
    return found


def _keeper(context: Context) -> Keeper:
    """Who keeps what the fields ask caches to keep: nobody what answers PUT, one user what only that one may see."""
    if not context.cacheable:
        return Keeper.NOBODY
    if context.status == HTTPStatus.NOT_MODIFIED:
        # RFC 9111 §3.2: what is kept gets its fields.
        return Keeper.PRIVATE if "private" in context.cache_control else Keeper.SHARED
    return verdict(context.response).keeper


def _lifetime(control: dict[str, str]) -> int | None:
    """Seconds that a shared cache may keep it (RFC 9111 §4.2.1); None when not said, or when staleness is allowed."""
    if "stale-while-revalidate" in control or "stale-if-error" in control:
        return None
    for name in ("s-maxage", "max-age"):
        if name in control:
            return number(control[name])
    return None
