"""Numbers as a person reads them: one way each, everywhere on the screen.

Sizes count in thousands, as networks do. Times of day are local, as in the logs that stand beside them.
"""

import time
from functools import lru_cache

NOTHING = "—"
"""What is not known, or is not there."""

_SIZES = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))
_DURATIONS = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"))


def size_text(count: int) -> str:
    """`812 B`, `1.3 kB`, `45 kB`, `2.1 MB`."""
    for unit, name in _SIZES:
        if count >= unit * 0.9995:
            value = count / unit
            return f"{value:.1f} {name}" if value < 9.95 else f"{value:.0f} {name}"
    return f"{count} B"


def duration_text(ns: int | None) -> str:
    """`412 µs`, `12.3 ms`, `1.25 s`, `3 min 5 s`; a dash where it is not known."""
    if ns is None:
        return NOTHING
    if ns >= 119_500_000_000:
        minutes, seconds = divmod(round(ns / 1_000_000_000), 60)
        return f"{minutes} min {seconds} s"
    for unit, name in _DURATIONS:
        if ns >= unit * 0.9995:
            return f"{_three_digits(ns / unit)} {name}"
    return f"{ns} ns"


def _three_digits(value: float) -> str:
    """Three significant digits: numbers below each other compare by eye."""
    if value >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


@lru_cache(1024)
def _clock(seconds: int, zone: tuple[str, str]) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def clock_text(ns: int) -> str:
    """`14:03:05.123`, local time."""
    return f"{_clock(ns // 1_000_000_000, time.tzname)}.{ns // 1_000_000 % 1_000:03}"


def day_text(ns: int) -> str:
    """`01-31`, month and day, local time."""
    return time.strftime("%m-%d", time.localtime(ns // 1_000_000_000))


def moment_text(ns: int) -> str:
    """`01-31 14:03:05`, local time."""
    return f"{day_text(ns)} {clock_text(ns)[:8]}"


def date_text(ns: int) -> str:
    """`2026-01-31 14:03:05.123456789`, local time."""
    day = time.strftime("%Y-%m-%d", time.localtime(ns // 1_000_000_000))
    return f"{day} {_clock(ns // 1_000_000_000, time.tzname)}.{ns % 1_000_000_000:09}"


def count_text(count: int) -> str:
    """`1,234`."""
    return f"{count:,}"


def short_count(count: int) -> str:
    """`812`, `12k`, `3M`: at most four characters."""
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if count >= 10 * unit:
            return f"{count // unit}{name}"
    return str(count)


def rate_text(per_second: float) -> str:
    """`5,012/s`, `0.4/s`."""
    return f"{per_second:,.0f}/s" if per_second >= 9.95 or per_second == 0 else f"{per_second:.1f}/s"
