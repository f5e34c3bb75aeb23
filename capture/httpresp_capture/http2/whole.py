"""Messages that come whole, as most do: a request in one HEADERS frame, and the response to it in another with at most
one DATA frame behind it, all in the same bytes.

They are read here in one go, and there is no `Stream` for them: of a request that came whole its record alone is kept
until it is answered. What `Endpoint.frame`, `Exchanges.section`, `OpenStreams.over` and `Row.record` do of them, and no
more; changed there, it is changed here. What is not that simple is left to these: a frame of another kind, padding, a
section that breaks a rule, a body that is coded, a stream of which more has come.
"""

from struct import Struct
from typing import Final

from httpresp_capture.detect import http2_frames
from httpresp_capture.detect.http2_frames import HEADER
from httpresp_capture.http2 import field, frames, sections
from httpresp_capture.http2.exchanges import BODIES_KEPT, Exchanges
from httpresp_capture.http2.field import Field
from httpresp_capture.http2.hpack import Decoder
from httpresp_capture.http2.open_streams import PROTOCOL
from httpresp_capture.http2.overlaps import Overlaps
from httpresp_capture.http2.stream import BODILESS
from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.limits import REQUEST_COST
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.record import compiled
from httpresp_capture.streams.byte_streams import ByteStream

_UNPACK: Final = Struct(">HBBBI").unpack_from
_WHOLE: Final = frames.END_HEADERS | frames.END_STREAM
_WHOLE_PRIORITISED: Final = _WHOLE | frames.PRIORITISED
_PASSED_OVER: Final = frozenset((frames.PING, frames.WINDOW_UPDATE))
"""Frames that say nothing of a message."""


@compiled(allow_interpreted_subclasses=True)
class WholeMessages(frames.FrameReader):
    """Reads those of one direction; what else there is of it, `Endpoint` reads."""

    __slots__ = ("asks", "decoder", "direction", "exchanges", "most_of_head", "overlaps")

    def __init__(self, exchanges: Exchanges, direction: ByteStream | None, *, asks: bool) -> None:
        super().__init__()
        self.exchanges = exchanges
        self.direction = direction
        """Where the size of packets is known; None where no packet can be told."""
        self.asks = asks
        self.most_of_head = exchanges.sink.limits.head_bytes
        self.decoder = Decoder(self.most_of_head)
        self.overlaps = Overlaps(exchanges)

    def read_whole(self, data: bytes, at: int, begins: int) -> int:
        """Read the frames that `data` begins with, at a border of frames and `begins` bytes into the direction, as far
        as they are whole and simple; where they end. A section that is not simple goes where it belongs."""
        # Said by name, since what is unpacked is of no type to the compiler.
        high: int
        low: int
        kind: int
        flags: int
        stream: int
        position = 0
        end = len(data)
        while end - position >= HEADER:
            high, low, kind, flags, stream = _UNPACK(data, position)
            length = high << 8 | low
            start = position + HEADER
            behind = start + length
            if behind > end or length > self.longest:
                break
            if kind == frames.HEADERS:
                if not 0 < stream <= http2_frames.HIGHEST or length > self.most_of_head:
                    break
                if not self.asks:
                    if flags | frames.END_STREAM != _WHOLE:
                        break
                    behind = self._answer(stream, flags, data, position, behind, at, begins)
                elif flags == _WHOLE:
                    self._request(stream, data[start:behind], 0, length + HEADER, at)
                elif flags == _WHOLE_PRIORITISED and length >= 5:
                    self._request(stream, data[start + 5 : behind], data[start + 4] + 1, length + HEADER, at)
                else:
                    break
            elif kind not in _PASSED_OVER or not http2_frames.is_sound(kind, length, stream & http2_frames.HIGHEST):
                break
            position = behind
        return position

    def _request(self, id: int, block: bytes, weight: int, wire: int, at: int) -> None:
        exchanges = self.exchanges
        sink = exchanges.sink
        fields = self.decoder.decode(block)
        request: Request | None = None
        # Only of a stream that is new.
        if id > exchanges.highest and len(exchanges.open) < sink.limits.pending_requests:
            request = self._clean_request(fields, weight, wire, at)
        if request is None:
            exchanges.section(True, id, self.section(fields), True, wire, at, at, 0)
            if weight:
                exchanges.weigh(id, weight)
            return
        exchanges.highest = id
        exchanges.open[id] = request
        exchanges.requests += 1
        sink.requests += 1
        sink.asked += len(request.head) + REQUEST_COST
        if sink.asked > sink.asked_most:
            sink.bound_pending(at)

    def _clean_request(self, fields: list[Field], weight: int, wire: int, at: int) -> Request | None:
        """The record of a request of which `fields` are all; None where there is more to say. See `sections.read` and
        `sections.request_head`."""
        decoder = self.decoder
        if decoder.error or decoder.left_out:
            return None
        method: Field | None = None
        scheme: Field | None = None
        authority: Field | None = None
        path: Field | None = None
        cookie: bytes | None = None
        lines: list[bytes] = []
        for each in fields:
            kind = each.kind
            if kind == field.PLAIN:
                lines.append(each.line)
            elif kind <= field.PATH:
                if lines or cookie is not None:
                    return None
                if kind == field.METHOD and method is None:
                    method = each
                elif kind == field.SCHEME and scheme is None:
                    scheme = each
                elif kind == field.AUTHORITY and authority is None:
                    authority = each
                elif kind == field.PATH and path is None:
                    path = each
                else:
                    return None
            elif kind == field.COOKIE:
                cookie = each.value if cookie is None else b"%b; %b" % (cookie, each.value)
            else:
                return None
        if method is None or scheme is None or authority is None or path is None:
            return None
        if cookie is not None:
            lines.append(b"cookie: %b\r\n" % cookie)
        return Request(
            b"%b %b HTTP/2\r\n%b%b\r\n" % (method.value, path.value, authority.line, b"".join(lines)),
            method.text,
            path.text,
            at,
            at,
            wire,
            0,
            b"",
            True,
            (),
            scheme.text,
            "",
            weight,
        )

    def _answer(self, id: int, flags: int, data: bytes, position: int, behind: int, at: int, begins: int) -> int:
        """A HEADERS frame of the server: `data[position:behind]`; where what was read of the stream ends."""
        exchanges = self.exchanges
        overlaps = self.overlaps
        fields = self.decoder.decode(data[position + HEADER : behind])
        request = exchanges.open.get(id)
        if isinstance(request, Request):
            if flags == _WHOLE:
                if self._clean_answer(id, request, fields, data, position, behind, behind, at):
                    overlaps.frame_at(begins + position, id, 0)
                    return behind
            elif len(data) - behind >= HEADER:
                high: int
                low: int
                kind: int
                data_flags: int
                stream: int
                high, low, kind, data_flags, stream = _UNPACK(data, behind)
                length = high << 8 | low
                end = behind + HEADER + length
                if (
                    kind == frames.DATA
                    and data_flags == frames.END_STREAM
                    and stream == id
                    and end <= len(data)
                    and length <= self.longest
                    and self._clean_answer(id, request, fields, data, position, behind + HEADER, end, at)
                ):
                    # Its frames follow each other: one entry stands for both.
                    overlaps.frame_at(begins + position, id, 0)
                    return end
        overlaps.frame(begins + position, id)
        length = behind - position
        exchanges.section(
            False, id, self.section(fields), flags & frames.END_STREAM > 0, length, at, at, self.packet_len()
        )
        return behind

    def _clean_answer(
        self, id: int, request: Request, fields: list[Field], data: bytes, position: int, start: int, end: int, at: int
    ) -> bool:
        """Tell the response to `request` of which `fields` and the body `data[start:end]` are all, and which begins at
        `position`; False where there is more to say."""
        exchanges = self.exchanges
        sink = exchanges.sink
        decoder = self.decoder
        if decoder.error or decoder.left_out or not fields or fields[0].kind != field.STATUS:
            return False
        size = end - start
        status = fields[0].number
        declared = -1
        lines: list[bytes] = []
        for each in fields:
            kind = each.kind
            if kind != field.PLAIN:
                if kind == field.LENGTH and declared < 0:
                    declared = each.number
                elif not ((kind == field.STATUS and not lines) or (kind == field.CODED and not size)):
                    return False
            lines.append(each.line)
        bodiless = request.method == "HEAD" or status in BODILESS
        if size if bodiless else declared not in (-1, size):
            return False
        if size > exchanges.body_limit or exchanges.kept > BODIES_KEPT:
            return False
        lines.append(b"\r\n")
        del exchanges.open[id]
        sink.last_id += 1
        sink.responses += 1
        response = Response(
            sink.last_id,
            exchanges.connection.made or exchanges.connection.flow(),
            id,
            at,
            at,
            at,
            b"".join(lines),
            status,
            PROTOCOL,
            self.packet_len(),
            Framing.FRAMES if size else Framing.NONE,
            declared,
            request,
            end - position,
            size,
            data[start:end],
            b"",
            EndReason.END_STREAM,
        )
        sink.emit(ResponseSeen(response))
        exchanges.has_ended(response)
        return True

    def section(self, fields: list[Field]) -> sections.Section:
        """What the decoder has found in a block, taken apart."""
        decoder = self.decoder
        section = sections.read(fields)
        if decoder.error:
            section.problem("bad-header-block", decoder.error)
            section.unknown += 1
        if decoder.left_out:
            section.problem("head-limit", f"{decoder.left_out} fields left out")
        return section

    def packet_len(self) -> int:
        """Size of the packet that brought the newest bytes."""
        return self.direction.packet_len if self.direction is not None else 0
