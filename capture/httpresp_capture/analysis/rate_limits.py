"""What a server asks a client to wait: Retry-After and the RateLimit fields in the forms that are met.

`RateLimit: "default";r=0;t=30` and `RateLimit: limit=10, remaining=0, reset=30` are two drafts of one header;
`X-RateLimit-Reset` is a count of seconds with some and a point in time with others.
"""

import re

from httpresp_capture.http.cookies import parse_cookie_date
from httpresp_capture.http.directives import directives, number
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.headers import Headers
from httpresp_capture.records.record import record

_SECOND = 1_000_000_000
_EPOCH = 1_000_000_000
"""Seconds above which a number is a point in time: September 2001."""
_LONGEST = 366 * 86_400
_ITEM = re.compile(r";\s*([rt])\s*=\s*(\d{1,12})")
_PREFIXES = ("ratelimit-", "x-ratelimit-", "x-rate-limit-")


@record
class Wait:
    """A server asked not to be asked again before a time."""

    header: str
    """The field that says so, lower case."""
    asked_at: int
    until: int
    """ns."""


def wait_of(response: Response) -> Wait | None:
    """The longest wait that a response asks for; None when it asks for none."""
    low = response.head.lower()
    if b"\nretry-after" not in low and b"limit" not in low:
        return None
    headers = response.headers
    waits: list[Wait] = []
    after = headers.get("retry-after")
    if after and response.status >= 300:
        _add(waits, "retry-after", response, _seconds(after.strip(), response.at))
    for header, remaining, reset in _limits(headers):
        if remaining == 0:
            _add(waits, header, response, None if reset is None else _from_now(reset, response.at))
    return max(waits, key=lambda wait: wait.until) if waits else None


def _add(waits: list[Wait], header: str, response: Response, seconds: int | None) -> None:
    if seconds is not None and 0 < seconds <= _LONGEST:
        waits.append(Wait(header, response.at, response.at + seconds * _SECOND))


def _seconds(text: str, at: int) -> int | None:
    """Retry-After (RFC 9110 §10.2.3): a delay in seconds, or an HTTP date."""
    delay = number(text)
    if delay is not None:
        return delay
    date = parse_cookie_date(text)
    return None if date is None else date - at // _SECOND


def _limits(headers: Headers) -> list[tuple[str, int | None, int | None]]:
    """(field, remaining, seconds to the reset) of every limit that is told."""
    found: list[tuple[str, int | None, int | None]] = []
    for value in headers.all("ratelimit"):
        items = dict(_ITEM.findall(value))
        if items:
            found.append(("ratelimit", number(items.get("r", "")), number(items.get("t", ""))))
        else:
            named = directives([value])
            found.append(("ratelimit", number(named.get("remaining", "")), number(named.get("reset", ""))))
    for prefix in _PREFIXES:
        remaining = headers.get(f"{prefix}remaining").partition(",")[0].strip()
        reset = headers.get(f"{prefix}reset").partition(",")[0].strip()
        if remaining:
            found.append((f"{prefix}reset", number(remaining), number(reset)))
    return found


def _from_now(reset: int, at: int) -> int:
    """A reset told as a point in time, as seconds from now; told as seconds, itself."""
    return reset - at // _SECOND if reset >= _EPOCH else reset
