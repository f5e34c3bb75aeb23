"""Numbers in the words of a report, text that Markdown must not take for its own, and the wall round a report."""

from httpresp_capture.records import escaping


def as_text(latin: str) -> str:
    """Latin-1 text of a head, read as UTF-8 where its bytes are that."""
    if latin.isascii():
        return latin
    try:
        return latin.encode("latin-1").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return latin


def times(count: int) -> str:
    """`once`, `3 times`."""
    return "once" if count == 1 else f"{count} times"


def seconds(nanoseconds: int) -> str:
    """`850 ms`, `12.3 s`."""
    if nanoseconds < 1_000_000_000:
        return f"{nanoseconds / 1_000_000:.3g} ms"
    return f"{nanoseconds / 1_000_000_000:,.1f} s"


def code(text: str) -> str:
    """A code span that the text cannot end (CommonMark §6.1), fit for a table's cell."""
    fence = "`"
    while fence in text:
        fence += "`"
    return f"{fence} {text} {fence}".replace("|", "\\|") if "`" in text else f"`{text}`".replace("|", "\\|")


def escaped(text: str) -> str:
    """A sentence that may hold names from the wire: what Markdown or HTML would take for its own is escaped."""
    return "".join(f"\\{character}" if character in "\\`*_[]<>|#&" else character for character in text)


def walled(report: str) -> str:
    """A report in which nothing acts on a terminal and XML finds no character that it forbids, whatever its values let
    through: line ends apart, everything that is not printable is escaped."""
    return escaping.escaped(report, kept="\n")
