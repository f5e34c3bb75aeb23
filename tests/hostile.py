"""Text that a server would send to take a terminal over, in every place a server can put text. Runs as a program.

`python -m hostile FILE` shows the app over it; FILE is no folder, so the state cannot be written either, and its name
is hostile too. Each sequence carries a marker, so that a test can tell whether what came out of a terminal was it.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from httpresp_capture.records.events import CaptureEvent, CaptureFailed, ResponseChanged, ResponseSeen
from samples import FLOW, request, response
from scripted import Scripted, status

MARK = "HtPwNd"
"""In every piece, so that it is seen whether a piece came out, and behind what."""

PIECES: dict[str, str] = {
    "clipboard": f"\x1b]52;c;{MARK}\x07",
    "title": f"\x1b]0;{MARK}\x1b\\",
    "link": f"\x1b]8;;http://{MARK}\x1b\\x\x1b]8;;\x1b\\",
    "colour": f"\x1b[31;5;9m{MARK}",
    "erase": f"\x1b[2J\x1b[H{MARK}",
    "device": f"\x1bP{MARK}\x1b\\",
    "reset": f"\x1bc{MARK}",
    "c1 csi": f"\x9b31;5;9m{MARK}",
    "c1 osc": f"\x9d52;c;{MARK}\x9c",
    "bells": f"\x07\x08\x0e\x0f\x7f\x00{MARK}",
    "bidi": f"\u202e{MARK}\u202c\u2066\u061c\u200f",
    "zero width": f"\u200b\u200d\ufeff\u2060{MARK}\U000e0041",
    "wide": f"漢字🏳️‍🌈{MARK}ｆｕｌｌ",
    "marks": "e" + "\u0301" * 50 + MARK,
    "markup": f"[/][b red]{MARK}[@click=app.exit]x[/] [on {MARK}]$error",
    "lines": f"a\x0bb\x0cc\x85d\u2028e{MARK}",
}


def wire(text: str) -> bytes:
    """As a server would send it: UTF-8, and the C1 controls raw too."""
    return text.encode("utf-8", "surrogatepass") + "".join(c for c in text if "\x80" <= c <= "\x9f").encode("latin-1")


def hostile_responses() -> list[CaptureEvent]:
    """One response a piece, with the piece everywhere; and one with values of 200 KB."""
    found: list[CaptureEvent] = []
    for id, text in enumerate(PIECES.values(), 1):
        found.append(ResponseSeen(_response(id, wire(text))))
        found.append(ResponseChanged(_response(id, wire(text))))
    long = wire("".join(PIECES.values())) * 600
    return [*found, ResponseSeen(_response(len(PIECES) + 1, long[:200_000]))]


def _response(id: int, text: bytes) -> Any:
    line = text.replace(b"\n", b"").replace(b"\r", b"")
    head = (
        b"HTTP/1.1 404 " + line + b"\r\nContent-Type: text/" + line + b"\r\nX-" + line + b": " + line
        + b"\r\nSet-Cookie: " + line + b"=" + line + b"; Path=" + line
        + b"\r\nServer: " + line + b"\r\nContent-Security-Policy: " + line
        + b"\r\nLocation: " + line + b"\r\nETag: " + line + b"\r\n\r\n"
    )  # fmt: skip
    asked = request(
        b"GET /x HTTP/1.1\r\nHost: " + line + b"\r\nCookie: " + line + b"\r\n\r\n",
        target="/" + line.decode("latin-1"),
        method=line.decode("latin-1"),
    )
    name = line[:2000].decode("latin-1")
    flow = replace(FLOW, id=id, client=name, server=name, interface=name, tunnel=name)
    return response(
        head, b"<p>" + text + b"</p>", id=id, at_ms=20 * id, flow=flow, request=asked, protocol=name,
        trailers=b"X-Trailer: " + line + b"\r\n", status=404,
    )  # fmt: skip


def hostile_source() -> Scripted:
    """Its name and its failure are hostile as well."""
    every = "".join(PIECES.values())
    return Scripted(hostile_responses(), [CaptureFailed(every), status()], label=every)


def main() -> None:
    """Show the app, and say the summary."""
    from httpresp_tui.app import HttprespApp
    from httpresp_tui.model.settings import Settings

    app = HttprespApp(
        hostile_source(),
        capture_filter="".join(PIECES.values()),
        settings=Settings(copy_command="true"),
        state_file=Path(sys.argv[1]) / "state.json",
        redact=False,
    )
    app.run()
    print(app.summary())


if __name__ == "__main__":
    main()
