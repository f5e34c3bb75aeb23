"""The body: decoded, then as what it is. JSON, HTML and XML laid out, text as text, images by type and size, all else
in hex.

What was lost, cut, or not decoded stands above it.
"""

from collections.abc import Sequence

from httpresp_capture.content.binary import is_binary
from httpresp_capture.content.bodies import Decoded, text
from httpresp_capture.content.representation import decoded as decoded_body
from httpresp_capture.records.exchange import Response
from httpresp_tui.text.printable import printable_text
from httpresp_tui.text.units import count_text, size_text
from httpresp_tui.widgets.images import image_in_words
from httpresp_tui.widgets.json_text import json_line, laid_out
from httpresp_tui.widgets.lines import Line, TextStyle, line, own, untrusted
from httpresp_tui.widgets.markup_text import looks_like_markup, markup_lines
from httpresp_tui.widgets.tabs import View

MOST_DECODED = 1_048_576
MOST_SHOWN = 131_072
"""Bytes of a decoded body that are laid out; a person who wants more saves it."""
MOST_HEX = 65_536


def body(view: View) -> list[Line]:
    """A line on what it is, lines on what it is not, and the body."""
    response = view.response
    if not response.body:
        return [line(own(absence(response), TextStyle.DIM))]
    decoded = decoded_body(response, max_output=MOST_DECODED)
    lines = [summary(response, decoded), *cuts(response, decoded), Line()]
    return [*lines, *text_lines(decoded.data, response.header("content-type"), binary=bool(decoded.left))]


def absence(response: Response) -> str:
    """Why there is nothing to show."""
    if response.encrypted is not None:
        return "Encrypted, and not read."
    if response.unanswered:
        return "No response was seen."
    if response.body_bytes:
        return f"None of the {size_text(response.body_bytes)} of this body are kept."
    if response.end is None:
        return "No byte of the body has come yet."
    method = response.request.method if response.request else ""
    return "No body: this answers HEAD." if method == "HEAD" else "No body."


def summary(response: Response, decoded: Decoded) -> Line:
    """Type, size, and what the size was on the wire."""
    kind = untrusted(response.header("content-type") or "no type said", TextStyle.STRONG, limit=200)
    size = f"  {size_text(len(decoded.data))}"
    if decoded.codings:
        size += f" out of {size_text(len(response.body))} of {codings_text(decoded)}"
    return line(kind, own(size, TextStyle.DIM))


def codings_text(decoded: Decoded) -> str:
    """`gzip, br`: those that were taken off, in the order in which they were applied, as the header names them."""
    return ", ".join(reversed(decoded.codings))


def cuts(response: Response, decoded: Decoded) -> list[Line]:
    """Whatever keeps the shown body from being the sent one."""
    lines: list[Line] = []
    if len(response.body) < response.body_bytes:
        # Nothing behind a gap is kept: what is shown is always the beginning of the body, without holes.
        why = ", up to the first gap" if response.gaps else " (--body-limit)"
        words = f"first {limit_text(len(response.body))} of {size_text(response.body_bytes)} kept{why}"
        lines.append(line(own(words, TextStyle.LOST)))
    if response.missing_bytes:
        lines.append(line(own(f"{count_text(response.missing_bytes)} bytes were not captured", TextStyle.LOST)))
    if decoded.problem:
        lines.append(line(own(f"▲ {decoded.problem}: ", TextStyle.PROBLEM), untrusted(decoded.detail)))
    elif decoded.detail:
        lines.append(line(untrusted(decoded.detail, TextStyle.LOST)))
    if len(decoded.data) > MOST_SHOWN:
        lines.append(line(own(f"first {limit_text(MOST_SHOWN)} shown here", TextStyle.LOST)))
    return lines


def limit_text(count: int) -> str:
    """`64 KiB`: limits are set in powers of two, and should read as they were set."""
    return f"{count_text(count // 1024)} KiB" if count and count % 1024 == 0 else size_text(count)


def text_lines(data: bytes, content_type: str, *, binary: bool = False) -> Sequence[Line]:
    """A body as lines."""
    image = image_in_words(data)
    if image:
        return [line(own(image, TextStyle.STRONG)), Line(), *hex_lines(data[:256])]
    if binary or is_binary(data, content_type):
        return hex_lines(data)
    shown = text(data[:MOST_SHOWN], content_type)
    kind = content_type.partition(";")[0].strip().lower()
    if "json" in kind or shown.lstrip()[:1] in ("{", "["):
        laid = laid_out(shown)
        if laid is not None:
            return [json_line(each) for each in laid]
    if looks_like_markup(shown) and ("html" in kind or "xml" in kind or not kind):
        return markup_lines(shown, html="xml" not in kind and not shown.lstrip().startswith("<?xml"))
    whole = printable_text(shown, len(shown), lines=True)
    return [Line(each) for each in whole.rstrip("\n").split("\n")]


def hex_lines(data: bytes) -> list[Line]:
    """Offset, sixteen bytes, and what of them is ASCII."""
    lines: list[Line] = []
    for at in range(0, min(len(data), MOST_HEX), 16):
        row = data[at : at + 16]
        pairs = f"{row[:8].hex(' '):<23}  {row[8:].hex(' '):<23}"
        ascii_text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        lines.append(line(own(f"{at:08x}  ", TextStyle.MARK), own(pairs), own(f"  {ascii_text}", TextStyle.STRING)))
    if len(data) > MOST_HEX:
        lines.append(line(own(f"first {limit_text(MOST_HEX)} shown here", TextStyle.LOST)))
    return lines
