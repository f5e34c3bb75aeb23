"""Documents written to memory, and responses whose every text is hostile."""

from collections.abc import Callable, Iterable

from httpresp_capture.export.document import Document, ExportOptions
from httpresp_capture.export.leaving import Leaving
from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from samples import request, response

HOSTILE = "\x1b]52;c;AAAA\x07\u202e````\n|<script>&#27;\"',=cmd|' /C calc'!A0\u2028\x9b\x00"
"""What takes a terminal, a table, Markdown, HTML, a shell or a line over."""
WIRE = HOSTILE.encode()
ON_A_LINE = WIRE.replace(b"\n", b"").replace(b"\x00", b"")


def hostile() -> Response:
    """One with that in its reason, fields, bodies, path, method and Host."""
    asked = b"G\x1bT /=1+1/%b/`id`/$(id) HTTP/1.1\r\nHost: =x%b\r\nX-%b: %b\r\nCookie: =a=%b\r\n\r\n"
    told = b"HTTP/1.1 200 %b\r\nContent-Type: text/plain; charset=utf-8\r\n%b: %b\r\nSet-Cookie: -a=%b\r\n\r\n"
    return response(
        told % ((ON_A_LINE,) * 4),
        WIRE,
        request=request(asked.replace(b"%b", ON_A_LINE.replace(b" ", b"+")), body=WIRE, body_bytes=len(WIRE)),
    )


def written(
    make: Callable[[ExportOptions], Document],
    rows: Iterable[Response],
    *,
    redactor: Redactor | None = None,
    comment: str = "",
) -> bytes:
    """The whole document."""
    options = ExportOptions(redactor, "here", "1.0", "f.pcap", comment=lambda _: comment)
    made = make(options)
    parts = [made.begin(), *(made.add(Leaving(row, redactor), None, amends=False) for row in rows), made.end()]
    return b"".join(parts)


def acting(text: str, kept: str = "") -> list[str]:
    """Characters that act on a terminal or hide from a reader."""
    return [each for each in text if not each.isprintable() and each not in kept]
