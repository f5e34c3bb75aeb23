"""What the values of options are read into: counts, sizes, seconds. A mistake says how it is written."""

import os
import re
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}


def filter_text(word: str) -> str:
    """A filter as UTF-8, which it is in a locale that knows ASCII alone, too."""
    return os.fsencode(word).decode("utf-8", "surrogateescape")


class Names:
    """Names as choices of an option, looked for only where the option is given: those of other packages are among
    them."""

    def __init__(self, names: Callable[[], tuple[str, ...]]) -> None:
        self._names = names

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())


def event_formats() -> tuple[str, ...]:
    """Every format that events can be printed in; nothing is loaded."""
    from httpresp_capture import plugins

    return plugins.names(plugins.EVENTS)


def report_formats() -> tuple[str, ...]:
    """Every format that `check` can report in; nothing is loaded."""
    from httpresp_capture import plugins

    return plugins.names(plugins.REPORT_FORMATS)


EXPORT_FORMATS = (
    "har", "csv", "ndjson", "parquet", "pcapng", "markdown", "curl", "python", "bodies", "bundle",
)  # fmt: skip
"""The names of `exporting.formats.FORMATS`, which `--help` does not load."""


def export_order(text: str) -> tuple[str, str]:
    """The format and the file of `har:out.har`."""
    name, colon, path = text.partition(":")
    if name in EXPORT_FORMATS and colon and path:
        return name, path
    if name in EXPORT_FORMATS:
        raise ArgumentTypeError(f"which file? Write {name}:FILE.")
    from difflib import get_close_matches  # Loaded where something is wrong.

    suffix = os.path.splitext(text)[1].lower().lstrip(".")
    close = get_close_matches(name if colon else suffix, EXPORT_FORMATS, 1, 0.6)
    if not colon:
        meant = SUFFIXES.get(suffix, close[0] if close else "har")
        raise ArgumentTypeError(
            f"in which format? Write {meant}:{text}, or one of {', '.join(EXPORT_FORMATS)} before it."
        )
    hint = f": did you mean {close[0]}?" if close else f". There are {', '.join(EXPORT_FORMATS)}."
    raise ArgumentTypeError(f"unknown format {name!a}{hint}")


SUFFIXES = {"md": "markdown", "sh": "curl", "py": "python", "zip": "bundle", "json": "ndjson", "pcap": "pcapng"}
"""Which format is meant by a name that ends so."""


def number(least: int, most: int) -> Callable[[str], int]:
    """A whole number in a range; `1,000` and `1_000` are read too."""

    def read(text: str) -> int:
        digits = text.replace(",", "").replace("_", "")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 16 and least <= int(digits) <= most):
            raise ArgumentTypeError(f"{text!a} is no number from {least:,} to {most:,}.")
        return int(digits)

    return read


def size(least: int = 0, everything: bool = False) -> Callable[[str], int]:
    """Bytes, `65536` or `64Ki`; with `everything` also `all`, which is -1."""

    def read(text: str) -> int:
        if everything and text.lower() in ("all", "-1"):
            return -1
        found = re.fullmatch(r"([0-9]{1,12})([kmg]i?)?b?", text.lower())
        if found is None or int(found[1]) * _UNITS[found[2] or ""] < least:
            ways = "65536, 64Ki or 'all'" if everything else f"65536 or 64Ki, and at least {least}"
            raise ArgumentTypeError(f"{text!a} is no size: write {ways}.")
        return int(found[1]) * _UNITS[found[2] or ""]

    return read


def duration(text: str) -> float:
    """Seconds of `duration:60`, as tshark writes it, or of `60`."""
    found = re.fullmatch(r"(?:duration:)?([0-9]{1,9}(?:\.[0-9]{1,6})?)s?", text)
    if found is None or float(found[1]) <= 0:
        raise ArgumentTypeError(f"{text!a} is no duration: write duration:60 for a minute.")
    return float(found[1])
