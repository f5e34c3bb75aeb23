"""Cookies as a browser reads them: one Set-Cookie line taken apart (RFC 6265 §5.2).

What a browser would refuse is still parsed: a checker has to see it to say so. Where RFC 6265 drops a line without
`=`, RFC 6265bis keeps it as a nameless cookie, and so do browsers and this room.
"""

import re
from calendar import timegm

from httpresp_capture.records.record import record

_SESSION_NAME = re.compile(
    r"sess|sid$|^sid|token|auth|jwt|login|remember|jsessionid|phpsessid|asp\.net_sessionid|connect\.sid|_session$",
    re.IGNORECASE,
)
_NOT_A_SESSION = re.compile(r"^(?:xsrf-token|csrf.*|_ga.*|_gid|_fbp|consent.*)$", re.IGNORECASE)
_SESSION_VALUE = 16
"""Characters below which a value can hardly be a credential."""

_DATE_PARTS = re.compile(r"[^\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_CLOCK = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|$)")
_DAY = re.compile(r"(\d{1,2})(?:\D|$)")
_YEAR = re.compile(r"(\d{2,4})(?:\D|$)")
_MONTHS = {
    name: index
    for index, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}


@record
class SetCookie:
    """One cookie that a server sets."""

    name: str
    value: str
    attributes: tuple[tuple[str, str], ...]
    """As sent, in order: name in the case of the wire, value, empty where there was none."""

    def attribute(self, name: str) -> str | None:
        """The value of an attribute, the last one as §5.3 has it; None when it is absent."""
        for key, value in reversed(self.attributes):
            if key.lower() == name:
                return value
        return None

    @property
    def secure(self) -> bool:
        return self.attribute("secure") is not None

    @property
    def http_only(self) -> bool:
        return self.attribute("httponly") is not None

    @property
    def same_site(self) -> str | None:
        """Lower case; None when absent."""
        value = self.attribute("samesite")
        return None if value is None else value.lower()

    @property
    def domain(self) -> str:
        """Lower case without a leading dot (§5.2.3); empty for a cookie of one host."""
        return (self.attribute("domain") or "").removeprefix(".").lower()

    @property
    def path(self) -> str:
        """As sent; empty when absent or not absolute (§5.2.4)."""
        value = self.attribute("path") or ""
        return value if value.startswith("/") else ""

    @property
    def max_age(self) -> int | None:
        """Seconds (§5.2.2); None when absent or no number."""
        value = self.attribute("max-age") or ""
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()):
            return None
        return int(value) if len(digits) < 15 else (-1 if value.startswith("-") else 10**14)

    @property
    def expires(self) -> int | None:
        """Seconds since the epoch; None when absent or unreadable."""
        return parse_cookie_date(self.attribute("expires") or "")

    def lifetime(self, at: int) -> int | None:
        """Seconds that it will live from `at` (ns), Max-Age before Expires; None for a cookie of the session."""
        if self.max_age is not None:
            return self.max_age
        return None if self.expires is None else self.expires - at // 1_000_000_000

    def deleted(self, at: int) -> bool:
        """True when the line takes the cookie away rather than setting it."""
        lifetime = self.lifetime(at)
        return lifetime is not None and lifetime <= 0

    @property
    def session_like(self) -> bool:
        """True when it looks as if who has the value is logged in."""
        return (
            len(self.value) >= _SESSION_VALUE
            and _SESSION_NAME.search(self.name) is not None
            and _NOT_A_SESSION.match(self.name) is None
        )

    @property
    def size(self) -> int:
        """Name and value together: what browsers limit to 4,096 bytes."""
        return len(self.name) + len(self.value)

    @property
    def flags(self) -> str:
        """Attributes in one line, without the values that change from one response to the next."""
        return "; ".join(
            name if not value else f"{name}=…" if name.lower() in ("expires", "max-age") else f"{name}={value}"
            for name, value in self.attributes
        )


def parse_set_cookie(line: str) -> SetCookie | None:
    """One Set-Cookie value; None when there is neither a name nor a value."""
    pair, *rest = line.split(";")
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", pair
    name, value = name.strip(" \t"), value.strip(" \t")
    if not name and not value:
        return None
    attributes: list[tuple[str, str]] = []
    for part in rest:
        key, _, argument = part.partition("=")
        if key.strip(" \t"):
            attributes.append((key.strip(" \t"), argument.strip(" \t")))
    return SetCookie(name, value, tuple(attributes))


def parse_cookie(line: str) -> tuple[tuple[str, str], ...]:
    """The pairs of one Cookie request line (§4.2.1)."""
    pairs: list[tuple[str, str]] = []
    for part in line.split(";"):
        name, equals, value = part.partition("=")
        if equals and name.strip(" \t"):
            pairs.append((name.strip(" \t"), value.strip(" \t")))
    return tuple(pairs)


def parse_cookie_date(text: str) -> int | None:
    """Seconds since the epoch by the forgiving algorithm of §5.1.1; None when it fails."""
    clock: tuple[int, int, int] | None = None
    day = month = year = None
    for part in _DATE_PARTS.findall(text[:100]):
        if clock is None and (match := _CLOCK.match(part)):
            clock = (int(match[1]), int(match[2]), int(match[3]))
        elif day is None and (match := _DAY.match(part)):
            day = int(match[1])
        elif month is None and part[:3].lower() in _MONTHS:
            month = _MONTHS[part[:3].lower()]
        elif year is None and (match := _YEAR.match(part)):
            year = int(match[1])
    if clock is None or day is None or month is None or year is None:
        return None
    if 70 <= year <= 99:
        year += 1900
    elif year <= 69:
        year += 2000
    hour, minute, second = clock
    if not 1 <= day <= 31 or year < 1601 or hour > 23 or minute > 59 or second > 59:
        return None
    return timegm((year, month, day, hour, minute, second))
