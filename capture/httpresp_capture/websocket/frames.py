"""The frames of one direction (RFC 6455 §5.2), on any cut of its bytes.

A frame's payload is looked at only where it is previewed or says why the end closes; else it is counted and may be
passed over. Without the length in its header the next frame cannot be found: where that is missing, or is no header of
WebSocket, reading stops and says so.
"""

from collections.abc import Callable
from typing import Final

from httpresp_capture.records.evidence import Segment
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.websocket import WebSocketDirection, WebSocketMessage
from httpresp_capture.streams.receiver import FOREVER, Receiver
from httpresp_capture.websocket.deflate import Inflater

__all__ = ["FrameReader"]

CONTINUATION: Final = 0
TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10
FINAL: Final = 0x80
COMPRESSED: Final = 0x40
"""RSV1, which permessage-deflate takes (RFC 7692 §6)."""
MASKED: Final = 0x80
MOST_CONTROL: Final = 125
"""Payload bytes of a control frame (§5.5)."""
NO_CODE: Final = 1005
"""§7.4.1: a close frame without a code."""
PREVIEW: Final = 256
"""Bytes of a text message."""


class FrameReader(Receiver):
    """Counts frames; gives each message, when it has ended, to `take`."""

    __slots__ = (
        "_at",
        "_begun",
        "_broken",
        "_code",
        "_compressed",
        "_control",
        "_cut",
        "_fin",
        "_from_client",
        "_head",
        "_inflater",
        "_length",
        "_mask",
        "_masked_at",
        "_opcode",
        "_preview",
        "_reason",
        "_remaining",
        "_take",
        "_text",
        "counts",
        "problem",
    )

    def __init__(self, from_client: bool, inflater: Inflater | None, take: Callable[[WebSocketMessage], None]) -> None:
        super().__init__()
        self._from_client = from_client
        self._inflater = inflater
        self._take = take
        self.counts = {CONTINUATION: 0, TEXT: 0, BINARY: 0, CLOSE: 0, PING: 0, PONG: 0, FINAL: 0}
        """Frames by opcode; under `FINAL`, payload bytes."""
        self.problem = ""
        """Why nothing more is read; empty while it is."""
        self._code = 0
        self._reason = b""
        self._head = b""
        """The beginning of a frame's header."""
        self._opcode = CONTINUATION
        self._fin = False
        self._mask = b""
        self._masked_at = 0
        self._remaining = 0
        """Payload bytes of this frame that are still to come."""
        self._control = b""
        self._cut = False
        """True when some of a control frame is missing."""
        # The message that the frames carry: control frames come between its frames.
        self._begun = False
        self._broken = False
        """True when some of it is missing."""
        self._text = False
        self._compressed = False
        self._length = 0
        self._preview = b""
        self._at = 0

    def told(self) -> WebSocketDirection:
        """What came so far."""
        counts = self.counts
        frames = sum(counts[opcode] for opcode in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG))
        passed = 0 if self.problem else self.skip_budget - self.bytes_to_skip
        return WebSocketDirection(
            frames,
            counts[TEXT],
            counts[BINARY],
            counts[PING],
            counts[PONG],
            counts[FINAL] + passed,
            self._code,
            self._reason,
            self.problem,
        )

    def amount(self) -> int:
        """Frames and bytes of payload so far."""
        return sum(self.counts.values()) + (0 if self.problem else self.skip_budget - self.bytes_to_skip)

    def data(self, data: bytes, at: int) -> None:
        """The next bytes."""
        self._settle_skipped()
        position, size = 0, len(data)
        while position < size and not self.problem:
            if self._remaining:
                part = data[position : position + self._remaining]
                position += len(part)
                self._remaining -= len(part)
                self.counts[FINAL] += len(part)
                self._payload(part, at)
                if not self._remaining:
                    self._frame_ends(at)
            else:
                taken = self._header(data[position : position + 14], at)
                position += taken
        self.last_at = at
        self._skip()

    def gap(self, length: int, at: int, snapped: bool) -> None:
        """Inside a payload it is bridged, since the frame's length is known."""
        self._settle_skipped()
        if self.problem:
            return
        if not 0 < length <= self._remaining:
            self._give_up("bytes are missing, and with them the next frame")
            return
        if self._opcode >= CLOSE:
            self._cut = True
        else:
            self._broken = True
            if self._inflater is not None and self._compressed:
                self._inflater.lose()
        self._remaining -= length
        self._masked_at += length
        if not self._remaining:
            self._frame_ends(at)
        self._skip()

    def end(self, reason: EndReason, at: int) -> None:
        """Nothing follows."""
        self._settle_skipped()
        if self._begun:
            self._message(complete=False)

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        """The first version was read."""

    def _settle_skipped(self) -> None:
        """Count what was passed over since."""
        passed = self.skip_budget - self.bytes_to_skip
        if not self.problem and passed:
            self.counts[FINAL] += passed
            self._remaining -= passed
            self._length += passed
        self.bytes_to_skip = self.skip_budget = 0

    def _skip(self) -> None:
        """Payload that nobody looks at, but for its last byte, which is waited for, may be passed over."""
        if self.problem:
            self.bytes_to_skip = self.skip_budget = FOREVER
        elif self._remaining > 1 and self._opcode < CLOSE and not self._wants():
            self.bytes_to_skip = self.skip_budget = self._remaining - 1

    def _wants(self) -> bool:
        """True when the payload is looked at."""
        if self._broken:
            return False
        if self._compressed:
            return self._inflater is not None and self._inflater.works
        return self._text and len(self._preview) < PREVIEW

    def _header(self, data: bytes, at: int) -> int:
        """Take of `data` what belongs to the header; how many bytes that was."""
        have = len(self._head)
        head = self._head + data
        needed = 2
        if len(head) >= 2:
            short = head[1] & 0x7F
            needed += (2 if short == 126 else 8 if short == 127 else 0) + (4 if head[1] & MASKED else 0)
        if len(head) < needed:
            self._head = head
            return len(data)
        self._head = b""
        self._open(head[:needed], at)
        return needed - have

    def _open(self, head: bytes, at: int) -> None:
        opcode, short = head[0] & 0x0F, head[1] & 0x7F
        masked = head[1] >= MASKED
        wide = 2 if short == 126 else 8 if short == 127 else 0
        length = int.from_bytes(head[2 : 2 + wide], "big") if wide else short
        problem = self._wrong(head[0], opcode, length, masked)
        if problem:
            self._give_up(problem)
            return
        self.counts[opcode] += 1
        self._opcode = opcode
        self._fin = head[0] >= FINAL
        self._mask = head[-4:] if masked else b""
        self._masked_at = 0
        self._remaining = length
        if opcode in (TEXT, BINARY):
            self._begun = True
            self._broken = False
            self._text = opcode == TEXT
            self._compressed = bool(head[0] & COMPRESSED)
            self._length = 0
            self._preview = b""
        self._control = b""
        self._cut = False
        if not length:
            self._frame_ends(at)

    def _wrong(self, first: int, opcode: int, length: int, masked: bool) -> str:
        """Why this is no frame that may stand here; empty when it is one."""
        if opcode not in self.counts:
            return f"a frame of the reserved opcode {opcode}"
        if first & 0x30 or (first & COMPRESSED and (self._inflater is None or opcode not in (TEXT, BINARY))):
            return "a frame with reserved bits"
        if opcode >= CLOSE and (length > MOST_CONTROL or not first & FINAL):
            return "a control frame that is too long, or a part"
        if length >= 1 << 63:
            return "a frame longer than any"
        if masked is not self._from_client:
            return "a frame of the server that is masked" if masked else "a frame of the client that is not masked"
        if opcode == CONTINUATION and not self._begun:
            return "a continuation of nothing"
        if opcode in (TEXT, BINARY) and self._begun:
            return "a message inside another"
        return ""

    def _payload(self, data: bytes, at: int) -> None:
        self._at = at
        if self._opcode >= CLOSE:
            if self._opcode == CLOSE and not self._cut:
                self._control += self._plain(data)
            self._masked_at += len(data)
            return
        wants = self._wants()
        if wants and self._compressed and self._inflater is not None:
            self._preview += self._inflater.data(self._plain(data))[: PREVIEW - len(self._preview)]
        elif wants:
            self._preview += self._plain(data[: PREVIEW - len(self._preview)])
        self._length += len(data)
        self._masked_at += len(data)

    def _plain(self, data: bytes) -> bytes:
        """Without the mask (§5.3)."""
        mask = self._mask
        if not mask:
            return data
        turned = mask[self._masked_at & 3 :] + mask[: self._masked_at & 3]
        size = len(data)
        key = int.from_bytes((turned * (size // 4 + 1))[:size], "big")
        return (int.from_bytes(data, "big") ^ key).to_bytes(size, "big")

    def _frame_ends(self, at: int) -> None:
        if self._opcode == CLOSE:
            unknown = 0 if self._cut else NO_CODE
            self._code = int.from_bytes(self._control[:2], "big") if len(self._control) >= 2 else unknown
            self._reason = self._control[2:]
        elif self._opcode < CLOSE and self._fin:
            self._at = at
            self._message(complete=True)

    def _message(self, *, complete: bool) -> None:
        complete = complete and not self._broken
        if self._compressed and self._inflater is not None and complete:
            self._preview = (self._preview + self._inflater.end())[:PREVIEW]
        self._begun = False
        preview = self._preview if self._text else b""
        self._take(WebSocketMessage(self._from_client, self._at, self._text, self._length, preview, complete))

    def _give_up(self, why: str) -> None:
        if self._begun:
            self._message(complete=False)
        self.problem = why
        self._remaining = 0
        self.bytes_to_skip = self.skip_budget = FOREVER
