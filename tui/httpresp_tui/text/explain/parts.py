"""The small grammar that most explained fields share: directives, and lengths of time in words."""

from httpresp_capture.records.plurals import many

SEPARATOR = " · "
TWO_ROWS = 138
"""Characters that fit two rows of a terminal of 80 columns, under a header and indented."""
MOST = 400
"""Characters of a value that are read for its explanation: one line says no more."""


def directives(value: str, separator: str = ",") -> list[tuple[str, str]]:
    """`name=value` pairs in their order, names in lower case, quotes taken off."""
    found: list[tuple[str, str]] = []
    for part in value.split(separator):
        name, _, argument = part.strip().partition("=")
        if name.strip():
            found.append((name.strip().lower(), argument.strip().strip('"')))
    return found


UNITS = (("year", 31_536_000), ("day", 86_400), ("hour", 3_600), ("minute", 60))


def seconds_in_words(text: str) -> str:
    """`3600` as `1 hour`; what is no number in quotation marks."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 12:
        return f'"{text[:20]}"'
    count = int(text)
    for unit, length in UNITS:
        if count >= length and (count % length == 0 or count >= 2 * length):
            amount = count // length
            about = "" if count % length == 0 else "about "
            return f"{about}{many(amount, unit)}"
    return many(count, "second")


def shortened(text: str, most: int = 60) -> str:
    """The beginning of a long quotation."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def joined_parts(parts: list[str]) -> str:
    """Parts side by side, as many as two rows hold; the most important come first."""
    kept = shortened(parts[0], TWO_ROWS)
    for part in parts[1:]:
        if len(kept) + len(SEPARATOR) + len(part) > TWO_ROWS:
            return kept if kept.endswith("…") or len(kept) > TWO_ROWS - 4 else f"{kept}{SEPARATOR}…"
        kept += SEPARATOR + part
    return kept
