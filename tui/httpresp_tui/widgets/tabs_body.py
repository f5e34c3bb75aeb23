"""The body: decoded, then as what it is. JSON, HTML and XML laid out, text as text, images by type and size, all else
in hex.

What was lost, cut, or not decoded stands above it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from httpresp_capture.content.binary import is_binary
from httpresp_capture.content.bodies import Decoded, text
from httpresp_capture.content.representation import decoded as decoded_body
from httpresp_capture.content.representation import decoded_request
from httpresp_capture.records.exchange import Request, Response
from httpresp_tui.text.printable import printable_text
from httpresp_tui.text.units import count_text, size_text
from httpresp_tui.widgets.images import image_in_words
from httpresp_tui.widgets.json_text import json_line, laid_out
from httpresp_tui.widgets.lines import Line, TextRun, TextStyle, heading, line, own, untrusted
from httpresp_tui.widgets.markup_text import looks_like_markup, markup_lines
from httpresp_tui.widgets.tabs import View

MOST_DECODED = 1_048_576


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a decoded body is laid out; a person who wants more saves it."""

    shown: int
    """Bytes of a text."""
    hex: int
    """Bytes of what is none."""
    lines: int
    rest: str
    """Where the rest stands; empty where this is all that is laid out anywhere."""


WHOLE = Room(shown=131_072, hex=65_536, lines=1_000_000, rest="")
"""In a tab of its own; a text of so many bytes has no more lines."""


def body(view: View) -> list[Line]:
    """A line on what it is, lines on what it is not, and the body; then the same of the request, if it has one."""
    asked = view.response.request
    lines = answered_body(view.response)
    if asked is None or not asked.body_bytes:
        return lines
    return [*lines, Line(), heading("Body of the request"), *asked_body(asked)]


def answered_body(response: Response) -> list[Line]:
    """The response's."""
    if not response.body:
        return [line(own(absence(response), TextStyle.DIM))]
    decoded = decoded_body(response, max_output=MOST_DECODED)
    lines = [line(*summary_runs(response, decoded)), *cuts(response, decoded), Line()]
    return [*lines, *text_lines(decoded.data, response.header("content-type"), binary=bool(decoded.left))]


def asked_body(asked: Request, room: Room = WHOLE) -> list[Line]:
    """The request's."""
    lines: list[Line] = []
    if len(asked.body) < asked.body_bytes:
        kept = f"first {count_text(len(asked.body))} of {count_text(asked.body_bytes)} bytes kept"
        lines.append(line(own(kept, TextStyle.LOST)))
    decoded = decoded_request(asked, max_output=MOST_DECODED)
    if decoded.detail:
        lines.append(line(untrusted(decoded.detail, TextStyle.LOST)))
    return [*lines, *text_lines(decoded.data, asked.headers.get("content-type"), room, binary=bool(decoded.left))]


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


def summary_runs(response: Response, decoded: Decoded) -> tuple[TextRun, ...]:
    """Type, size, and what the size was on the wire."""
    kind = untrusted(response.header("content-type") or "no type said", TextStyle.STRONG, limit=200)
    size = f"  {size_text(len(decoded.data))}"
    if decoded.codings:
        size += f" out of {size_text(len(response.body))} of {codings_text(decoded)}"
    return kind, own(size, TextStyle.DIM)


def codings_text(decoded: Decoded) -> str:
    """`gzip, br`: those that were taken off, in the order in which they were applied, as the header names them."""
    return ", ".join(reversed(decoded.codings))


def cuts(response: Response, decoded: Decoded, room: Room = WHOLE) -> list[Line]:
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
    if not room.rest and len(decoded.data) > room.shown:
        lines.append(line(own(f"first {limit_text(room.shown)} shown here", TextStyle.LOST)))
    return lines


def limit_text(count: int) -> str:
    """`64 KiB`: limits are set in powers of two, and should read as they were set."""
    return f"{count_text(count // 1024)} KiB" if count and count % 1024 == 0 else size_text(count)


def text_lines(data: bytes, content_type: str, room: Room = WHOLE, *, binary: bool = False) -> Sequence[Line]:
    """A body as lines."""
    image = image_in_words(data)
    if image:
        return [line(own(image, TextStyle.STRONG)), Line(), *hex_lines(data[:256], room)]
    if binary or is_binary(data, content_type):
        return hex_lines(data, room)
    lines = _laid_out(text(data[: room.shown], content_type), content_type)
    if room.rest and (len(data) > room.shown or len(lines) > room.lines):
        return [*lines[: room.lines], line(own(room.rest, TextStyle.LOST))]
    return lines


def _laid_out(shown: str, content_type: str) -> Sequence[Line]:
    kind = content_type.partition(";")[0].strip().lower()
    if "json" in kind or shown.lstrip()[:1] in ("{", "["):
        laid = laid_out(shown)
        if laid is not None:
            return [json_line(each) for each in laid]
    if looks_like_markup(shown) and ("html" in kind or "xml" in kind or not kind):
        return markup_lines(shown, html="xml" not in kind and not shown.lstrip().startswith("<?xml"))
    whole = printable_text(shown, len(shown), lines=True)
    return [Line(each) for each in whole.rstrip("\n").split("\n")]


def hex_lines(data: bytes, room: Room) -> list[Line]:
    """Offset, sixteen bytes, and what of them is ASCII."""
    lines: list[Line] = []
    for at in range(0, min(len(data), room.hex), 16):
        row = data[at : at + 16]
        pairs = f"{row[:8].hex(' '):<23}  {row[8:].hex(' '):<23}"
        ascii_text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        lines.append(line(own(f"{at:08x}  ", TextStyle.MARK), own(pairs), own(f"  {ascii_text}", TextStyle.STRING)))
    if len(data) > room.hex:
        lines.append(line(own(room.rest or f"first {limit_text(room.hex)} shown here", TextStyle.LOST)))
    return lines
