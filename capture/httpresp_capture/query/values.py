"""Values of a filter: numbers with units, ranges, classes, addresses."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from httpresp_capture.query.errors import QueryError
from httpresp_capture.records.record import record

NumberTest = Callable[[int], bool]


class Operator(StrEnum):
    """What stands between a field and its value. `!=` is the negation of `=` and never gets here."""

    HAS = ":"
    IS = "="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    MATCHES = "~"


@record
class Value:
    """One value, with its place in the filter."""

    text: str
    start: int
    end: int
    quoted: bool = False
    pattern: bool = False
    """Written between slashes."""


SIZES = {
    "": 1,
    "b": 1,
    "k": 10**3,
    "kb": 10**3,
    "m": 10**6,
    "mb": 10**6,
    "g": 10**9,
    "gb": 10**9,
    "ki": 2**10,
    "kib": 2**10,
    "mi": 2**20,
    "mib": 2**20,
    "gi": 2**30,
    "gib": 2**30,
}
TIMES = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "min": 60 * 10**9}
PLAIN = {"": 1}
SPELT = {
    "byte": "b", "bytes": "b", "msec": "ms", "msecs": "ms", "usec": "us", "sec": "s", "secs": "s", "second": "s",
    "seconds": "s", "mins": "min", "minute": "min", "minutes": "min",
}  # fmt: skip
"""Units as some write them."""

_NUMBER = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)([a-zµ]*)", re.IGNORECASE)
_RANGE = re.compile(r"(.+?)(?:-|\.\.)(.+)")
_WILD_CLASS = re.compile(r"([1-5])(?:xx|\*\*?|\?\?)", re.IGNORECASE)
_WILD_TEN = re.compile(r"([1-5][0-9])[x*?]", re.IGNORECASE)
_CLASS = re.compile(r"([0-9])(?:xx)?", re.IGNORECASE)


def is_unit(text: str, units: Mapping[str, int]) -> bool:
    """True for one of these units, however it is written."""
    low = text.lower()
    return SPELT.get(low, low) in units and low != ""


def number(value: Value, units: dict[str, int], text: str | None = None) -> int:
    """`10k`, `1.5s`: a number in the smallest unit."""
    found = _NUMBER.fullmatch(value.text if text is None else text)
    unit = found[2].lower() if found else ""
    unit = SPELT.get(unit, unit)
    if found is None or unit not in units:
        if found is not None and unit == "" and "ms" in units:
            raise QueryError(f"{value.text!a} needs a unit: {found[1]}ms or {found[1]}s", value.start, value.end,
                             f"{found[1]}ms")  # fmt: skip
        known = ", ".join(dict.fromkeys(name for name in units if name))
        hint = f" with a unit of {known}" if known else ""
        raise QueryError(f"{value.text!a} is no number{hint}.", value.start, value.end)
    whole, _, fraction = found[1].partition(".")
    # Decimal by hand: a float would lose nanoseconds.
    return int(whole) * units[unit] + (int(fraction) * units[unit] // 10 ** len(fraction) if fraction else 0)


def number_test(operator: Operator, value: Value, units: dict[str, int]) -> NumberTest:
    """A comparison, an equality or a range `400-499`."""
    if operator is Operator.MATCHES or value.pattern:
        raise QueryError("This field is a number: compare it with = < or >.", value.start, value.end)
    text = value.text
    if operator is Operator.HAS:
        for sign in (Operator.AT_LEAST, Operator.AT_MOST, Operator.MORE, Operator.LESS):
            if text.startswith(sign):
                rest = Value(text[len(sign) :], value.start + len(sign), value.end)
                return number_test(sign, rest, units)
    if operator in (Operator.HAS, Operator.IS):
        span = _RANGE.fullmatch(text)
        if span is not None:
            low, high = _range_end(value, span[1], span[2], units), number(value, units, span[2])
            if low > high:
                raise QueryError(f"The range {text!a} is empty.", value.start, value.end)
            return lambda n: low <= n <= high
    return ordered(operator, number(value, units))


def ordered(operator: Operator, limit: int) -> NumberTest:
    """How a number must stand to the limit."""
    match operator:
        case Operator.LESS:
            return lambda n: n < limit
        case Operator.AT_MOST:
            return lambda n: n <= limit
        case Operator.MORE:
            return lambda n: n > limit
        case Operator.AT_LEAST:
            return lambda n: n >= limit
        case _:
            return lambda n: n == limit


def _range_end(value: Value, first: str, last: str, units: dict[str, int]) -> int:
    """The lower end; without a unit of its own it has that of the upper one, as in `100-500ms`."""
    if first.replace(".", "", 1).isdigit():
        unit = _NUMBER.fullmatch(last)
        return number(value, units, first + (unit[2] if unit else ""))
    return number(value, units, first)


def status_class(value: Value) -> int | None:
    """4 for `4xx` (and `4`); None for anything else."""
    found = _CLASS.fullmatch(value.text)
    return int(found[1]) if found else None


def status_span(text: str) -> tuple[int, int] | None:
    """Lowest and highest code of `5xx`, `5**` or, as nginx has it, `50x`; None for what is none of these."""
    if found := _WILD_CLASS.fullmatch(text):
        return int(found[1]) * 100, int(found[1]) * 100 + 99
    if found := _WILD_TEN.fullmatch(text):
        return int(found[1]) * 10, int(found[1]) * 10 + 9
    return None


def address_test(value: Value) -> Callable[[str], bool]:
    """An address, a network in CIDR notation, or the beginning of an address with a star."""
    text = value.text.strip("[]")
    if text.endswith("*"):
        start = text[:-1].lower()
        return lambda address: address.startswith(start)
    try:
        if "/" in text:
            network = ip_network(text, strict=False)
            seen: dict[str, bool] = {}

            def inside(address: str) -> bool:
                known = seen.get(address)
                if known is None:
                    if len(seen) > 65_536:
                        seen.clear()
                    known = seen[address] = _in(address, network)
                return known

            return inside
        wanted = str(ip_address(text))
    except ValueError:
        raise QueryError(
            f"{value.text!a} is no address; write 10.0.0.1, 10.0.0.0/8, 2001:db8::/32 or 10.0.*",
            value.start,
            value.end,
        ) from None
    return lambda address: address == wanted


def _in(address: str, network: IPv4Network | IPv6Network) -> bool:
    try:
        return ip_address(address) in network
    except ValueError:
        return False
