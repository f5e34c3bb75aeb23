"""What holds of a row of a scenario where the scenario says nothing else: it is whole, and is what was sent.

By rules that are plain and know no tricks: its head was sent, behind that its body, as far as the plain lines of the
head say, and it ends as they say. A row that comes otherwise says so itself. Of HTTP/2, whose streams are mixed on the
wire and whose heads are coded there, no sizes are held.
"""

import re
from collections.abc import Mapping
from typing import Final

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import Completeness, EndReason, Framing
from traffic.scenario import Player, Scenario
from traffic.values import RST, SYN

ENDS: Final[Mapping[Framing, EndReason]] = {
    Framing.NONE: EndReason.NO_BODY,
    Framing.LENGTH: EndReason.LENGTH,
    Framing.CHUNKED: EndReason.LAST_CHUNK,
    Framing.FRAMES: EndReason.END_STREAM,
    Framing.CLOSE: EndReason.SERVER_FIN,
    Framing.TUNNEL: EndReason.SWITCHED,
}
CHUNK_SIZE: Final = re.compile(rb"([0-9a-fA-F]+)[ \t]*(?:;[^\r\n]*)?\r?\n")
TRAILERS: Final = re.compile(rb"(?:[^\r\n]+\r?\n)*\r?\n")
"""RFC 9112 §7.1."""
UNANSWERED: Final[Mapping[str, object]] = {
    "status": 0,
    "completeness": str(Completeness.MISSING),
    "framing": str(Framing.NONE),
    "end": str(EndReason.UNANSWERED),
    "declared": -1,
    "body": "",
    "body_bytes": 0,
    "wire_bytes": 0,
}


class Defaults:
    """Those of the rows of one scenario, which are asked for in the order of their ids."""

    def __init__(self, scenario: Scenario) -> None:
        self._sent = sent_by_servers(scenario)
        self._read: dict[int, int] = {}
        """Client's port: how far the rows so far have read what its server sent."""

    def of(self, row: Response) -> Mapping[str, object]:
        """By the words of `expect`."""
        if row.unanswered:
            return UNANSWERED
        how = framing(row)
        found: dict[str, object] = {
            "completeness": str(Completeness.COMPLETE),
            "framing": str(how),
            "end": str(EndReason.END_STREAM if row.protocol == "HTTP/2" and row.status >= 200 else ENDS[how]),
            "declared": declared(row.head),
        }
        if row.protocol == "HTTP/2":
            return found
        port = row.flow.client_port
        sent = self._sent.get(port, b"")
        start = sent.find(row.head, self._read.get(port, 0))
        assert start >= 0, f"no server sent {row.head!r} there"
        behind = self._read[port] = start + len(row.head)
        body, length = body_of(sent[behind:], how, declared(row.head))
        return {
            **found,
            "body": body.decode("latin-1"),
            "body_bytes": len(body),
            "wire_bytes": len(row.head) + length,
        }


def sent_by_servers(scenario: Scenario) -> dict[int, bytes]:
    """Client's port: all that its server sent, in order, whatever of it was captured; of two versions the first."""
    player = Player(scenario)
    pieces: dict[int, dict[int, bytes]] = {}
    before: dict[int, bytes] = {}
    for step in scenario.told["steps"]:
        if "tick" in step:
            continue
        line = player.connection(step.get("flow", "a"))
        port = line.framer.route.ends.client_port
        for segment in player.segments(line, step):
            if segment.way != "server" or segment.flags & RST or step.get("stray"):
                continue
            if segment.flags & SYN:
                before[port] = before.get(port, b"") + joined(pieces.pop(port, {}))
            for at, byte in enumerate(segment.data, segment.offset + (1 if segment.flags & SYN else 0)):
                pieces.setdefault(port, {}).setdefault(at, bytes([byte]))
    return {port: before.get(port, b"") + joined(pieces.get(port, {})) for port in pieces.keys() | before.keys()}


def joined(pieces: Mapping[int, bytes]) -> bytes:
    return b"".join([pieces[at] for at in sorted(pieces)])


def value(head: bytes, name: bytes) -> bytes:
    """Of the first header of a name; empty where there is none."""
    found = re.search(rb"\n" + name + rb":[ \t]*([^\r\n]*)", head, re.IGNORECASE)
    return found[1] if found else b""


def framing(row: Response) -> Framing:
    """RFC 9112 §6.3, of heads that say it in one plain line; a head that is cut says nothing."""
    method = row.request.method if row.request else ""
    if not row.head.endswith(b"\n"):
        return Framing.NONE
    if row.status == 101 or (method == "CONNECT" and 200 <= row.status < 300):
        return Framing.TUNNEL
    if method == "HEAD" or 100 <= row.status < 200 or row.status in (204, 304):
        return Framing.NONE
    if row.protocol == "HTTP/2":
        return Framing.FRAMES
    if value(row.head, b"transfer-encoding").lower() == b"chunked":
        return Framing.CHUNKED
    return Framing.LENGTH if declared(row.head) >= 0 else Framing.CLOSE


def declared(head: bytes) -> int:
    length = value(head, b"content-length")
    return int(length) if length.isdigit() and not value(head, b"transfer-encoding") else -1


def body_of(sent: bytes, how: Framing, length: int) -> tuple[bytes, int]:
    """The body that `sent` begins with, and how many bytes it takes there, its framing included."""
    match how:
        case Framing.LENGTH:
            return sent[:length], min(length, len(sent))
        case Framing.CLOSE:
            return sent, len(sent)
        case Framing.CHUNKED:
            body, at = b"", 0
            while (chunk := CHUNK_SIZE.match(sent, at)) and (size := int(chunk[1], 16)) <= len(sent):
                if not size:
                    trailers = TRAILERS.match(sent, chunk.end())
                    return body, trailers.end() if trailers else len(sent)
                body += sent[chunk.end() : chunk.end() + size]
                at = chunk.end() + size + 2
            return body, at
        case _:
            return b"", 0
