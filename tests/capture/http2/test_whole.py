"""Messages that come whole are read in one go, and told as by the long way: which is the way of the same bytes when the
first of them comes alone."""

from dataclasses import replace
from random import Random

import pytest
from hpack import Encoder
from hypothesis import given, settings
from hypothesis import strategies as st

from httpresp_capture.detect.recognise import HTTP2_PREFACE
from httpresp_capture.records.events import CaptureEvent
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import EndReason, Framing
from two_ends import Fields, Listener, asking

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
OK: Fields = [(":status", "200"), ("content-type", "text/plain")]
TIGHT = Limits(pending_requests=3, pending_bytes=16_000, body_bytes=20, head_bytes=260)

Packet = tuple[bool, bytes]
"""Whether the client sent it, and the bytes; none of them for a gap."""


def raw(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


class Talker:
    """Both ends of a connection that keep most of the rules, or all."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.encoders = {True: Encoder(), False: Encoder()}
        self.next_id = 1
        self.waiting: list[int] = []
        """Streams that have no answer."""
        self.held = {True: b"", False: b""}
        """The end of a frame that goes on in the next packet of its direction."""
        self.odd = rng.choice([0, 0.02, 0.1])
        """How often a message is out of the ordinary."""
        self.broken = rng.choice([0, 0, 0, 0.03])
        """The same of what costs a reader its header table."""

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def some(self, usual: Fields, more: Fields, odd: Fields) -> Fields:
        fields = usual + [pair for pair in more if self.chance(0.6)]
        fields += [pair for pair in odd if self.chance(self.odd / 2)]
        if self.chance(self.odd):
            self.rng.shuffle(fields)
        return fields[1:] if self.chance(self.odd) else fields

    def request(self) -> Fields:
        fields = asking(self.rng.choice(["/", "/a?b=1"]), self.rng.choice(["GET", "POST", "HEAD"]))
        wrongs = ["CONNECT", "G T", ""], ["", "http\r"], ["me@a.test", ""], ["*", "a/b", "/a b"]
        for place, wrong in enumerate(wrongs):
            if self.chance(self.odd):
                fields[place] = (fields[place][0], self.rng.choice(wrong))
        more = [("accept", "*/*"), ("cookie", "a=1"), ("user-agent", "x" * self.rng.randrange(60)), ("cookie", "b=2")]
        odd = [("host", "a.test"), ("te", "gzip"), ("content-length", "0"), ("X-Upper", "1"), ("x-odd", "a\r\nb")]
        odd += [(":protocol", "websocket"), (":status", "200"), ("content-encoding", "gzip"), *fields]
        return self.some(fields, more, odd)

    def answer(self, size: int) -> Fields:
        status = self.rng.choice(["200", "404", "500"])
        if self.chance(self.odd):
            status = self.rng.choice(["204", "304", "103", "700", "2x0", "101", "201"])
        more = [("server", "a"), ("date", str(self.rng.randrange(9))), ("content-length", str(size)), ("etag", '"1"')]
        odd = [("content-length", str(size)), ("content-length", "7"), ("content-encoding", "gzip"), ("x-odd", " 1")]
        odd += [("connection", "close"), ("x-long", "y" * 350), (":status", "201"), ("cookie", "c=3"), ("", "empty")]
        return self.some([(":status", status)], more, odd)

    def head(self, asks: bool, stream: int, fields: Fields, *, ends: bool) -> bytes:
        """A HEADERS frame, or several."""
        block = self.encoders[asks].encode(fields, huffman=self.chance(0.7))
        if self.chance(self.broken):
            block = block[: self.rng.randrange(len(block) + 1)]
        if self.chance(self.broken):
            block += b"\x88" * 17_000  # Longer than a frame may be.
        flags = 1 if ends else 0
        if self.chance(self.odd):
            cut = self.rng.randrange(len(block) + 1)
            return raw(HEADERS, flags, stream, block[:cut]) + raw(CONTINUATION, 4, stream, block[cut:])
        if self.chance(0.1):
            return raw(HEADERS, flags | 0x24, stream, bytes(4) + bytes([self.rng.randrange(256)]) + block)
        if self.chance(self.odd):
            return raw(HEADERS, flags | 0x0C, stream, b"\2" + block + b"\0\0")
        if self.chance(self.broken):
            return raw(HEADERS, flags | 0x24, stream, block[: self.rng.randrange(7)])  # Without what it promises.
        return raw(HEADERS, flags | 4, stream, block)

    def asked(self) -> bytes:
        stream = self.next_id
        self.next_id += 2
        if self.chance(self.odd):
            stream = self.rng.choice([0, 1, abs(stream - 2), stream + 1, stream + 8, stream | 1 << 31])
        else:
            self.waiting.append(stream)
        ends = self.chance(0.9)
        return self.head(True, stream, self.request(), ends=ends) + (
            raw(DATA, 1, stream, b"question") if not ends and self.chance(0.7) else b""
        )

    def answered(self) -> bytes:
        if self.waiting and not self.chance(self.odd):
            stream = self.waiting.pop(self.rng.randrange(len(self.waiting)))
        else:
            stream = self.rng.randrange(1, self.next_id + 4)
        body = b"b" * self.rng.choice([0, 5, 5, 30])
        if self.chance(self.broken):
            body = bytes(17_000)
        if not body and self.chance(0.7):
            return self.head(False, stream, self.answer(0), ends=True)
        data = raw(DATA, 1, stream, body)
        if self.chance(self.odd):
            data = raw(DATA, 1, self.rng.choice([1, stream + 2]), body)
        elif self.chance(self.odd):
            data = raw(DATA, 9, stream, b"\2" + body + b"\0\0")
        elif self.chance(self.odd):
            data = raw(WINDOW_UPDATE, 1, stream, b"\0\0\1\0")
        elif self.chance(0.1):
            data = raw(DATA, 0, stream, body)
            if self.chance(0.7):
                data += self.head(False, stream, [("x-sum", "1")], ends=True)
        return self.head(False, stream, self.answer(len(body)), ends=False) + data

    def aside(self, asks: bool) -> bytes:
        """What says nothing, or much."""
        stream = self.rng.randrange(self.next_id + 2)
        common = [raw(WINDOW_UPDATE, 0, stream, b"\0\0\1\0"), raw(PING, 0, 0, bytes(8)), raw(SETTINGS, 1, 0, b"")]
        common += [raw(PRIORITY, 0, stream | 1, bytes(5))]
        rare = [raw(RST_STREAM, 0, stream | 1, b"\0\0\0\x08"), raw(0x0C, 0, stream, b"unheard of")]
        rare += [raw(GOAWAY, 0, 0, bytes(8)), raw(PING, 0, 1, bytes(8)), raw(PING, 0, 0, bytes(7))]
        if not asks and self.chance(self.odd):
            return raw(PUSH_PROMISE, 4, 1, b"\0\0\0\2" + self.encoders[False].encode(asking()))
        return self.rng.choice(rare if self.chance(self.odd) else common)

    def packet(self) -> Packet:
        asks = self.chance(0.5) if self.waiting else True
        if self.chance(self.broken):
            return asks, b""
        parts = [self.asked() if asks else self.answered() for _ in range(self.rng.choice([1, 1, 1, 2, 4]))]
        if self.chance(0.3):
            parts.insert(self.rng.randrange(len(parts) + 1), self.aside(asks))
        data = self.held[asks] + b"".join(parts)
        cut = len(data) - (self.rng.randrange(len(data)) if self.chance(0.1) else 0)
        self.held[asks] = data[cut:]
        return asks, data[:cut]


def told(packets: list[Packet], limits: Limits, *, long: bool) -> tuple[list[CaptureEvent], list[object]]:
    """All events of a connection, and what was counted."""
    listener = Listener(limits)
    sink, exchanges = listener.sink, listener.exchanges
    bounded: list[int] = []
    sink.bound_pending = bounded.append
    listener.client.data(HTTP2_PREFACE, 1)
    at = 1
    for asks, data in packets:
        at += 1_000
        endpoint = listener.client if asks else listener.server
        if not data:
            endpoint.gap(20, at, False)
        elif long and endpoint.searching is None and endpoint.begun is None and not endpoint.left:
            endpoint.data(data[:1], at)
            endpoint.data(data[1:], at)
        else:
            endpoint.data(data, at)
    counted: list[object] = [bounded, sink.asked, sink.requests, sink.responses, sink.unanswered, sink.bodies_cut]
    counted += [exchanges.requests, exchanges.highest, exchanges.kept, list(exchanges.open), exchanges.waiting()]
    for endpoint in (listener.client, listener.server):
        endpoint.end(EndReason.CAPTURE_END, at)
        counted += [endpoint.passed, endpoint.last_at, [field.line for field in endpoint.decoder.table]]
    exchanges.closed(EndReason.CAPTURE_END, at)
    return sink.take(), counted


@given(st.integers(0, 1 << 32), st.integers(1, 25), st.sampled_from([Limits(), TIGHT]))
@settings(max_examples=300)
def test_the_short_way_tells_what_the_long_way_tells(seed: int, count: int, limits: Limits) -> None:
    talker = Talker(Random(seed))
    packets = [talker.packet() for _ in range(count)]
    assert told(packets, limits, long=False) == told(packets, limits, long=True)


@pytest.mark.slow
@given(st.integers(0, 1 << 32), st.integers(10, 80), st.sampled_from([Limits(), TIGHT]))
@settings(max_examples=2_000)
def test_it_does_so_in_long_connections(seed: int, count: int, limits: Limits) -> None:
    talker = Talker(Random(seed))
    packets = [talker.packet() for _ in range(count)]
    assert told(packets, limits, long=False) == told(packets, limits, long=True)


@pytest.mark.parametrize("size", [16_384, 16_385])
def test_a_body_in_a_frame_that_is_too_long_is_for_the_long_way(size: int) -> None:
    """Which says so (RFC 9113 §4.2)."""
    question = raw(HEADERS, 5, 1, Encoder().encode(asking()))
    answer = raw(HEADERS, 4, 1, Encoder().encode(OK)) + raw(DATA, 1, 1, bytes(size))
    packets = [(True, question), (False, answer)]
    assert told(packets, Limits(), long=False) == told(packets, Limits(), long=True)


def test_a_request_that_came_whole_is_kept_as_its_record_alone() -> None:
    listener = Listener()
    listener.hear(True, HTTP2_PREFACE)
    question, answer = Encoder().encode(asking("/a", more=[("cookie", "a=1"), ("cookie", "b=2")])), Encoder().encode(OK)
    listener.hear(True, raw(HEADERS, 0x25, 1, bytes(5) + question) + raw(WINDOW_UPDATE, 0, 0, b"\0\0\1\0"))
    request = listener.exchanges.open[1]
    assert isinstance(request, Request)
    assert request.weight == 1
    assert request.head == b"GET /a HTTP/2\r\nhost: a.test\r\ncookie: a=1; b=2\r\n\r\n"
    listener.hear(False, raw(HEADERS, 4, 1, answer) + raw(DATA, 1, 1, b"body"))
    (row,) = listener.finish()
    assert row.request is request
    assert (row.head, row.body) == (b"HTTP/2 200\r\ncontent-type: text/plain\r\n\r\n", b"body")
    assert (row.end, row.framing, row.wire_bytes) == (EndReason.END_STREAM, Framing.FRAMES, 2 * 9 + len(answer) + 4)
    assert row.ended_at == row.at == row.first_byte_at == request.sent_at + 1_000


def test_more_of_a_request_that_came_whole_is_told_with_it() -> None:
    listener = Listener(replace(Limits(), pending_requests=2))
    listener.hear(True, HTTP2_PREFACE)
    encoder = Encoder()
    for stream in (1, 3):
        listener.hear(True, raw(HEADERS, 5, stream, encoder.encode(asking(f"/{stream}"))))
    listener.hear(True, raw(HEADERS, 5, 1, encoder.encode([("x-sum", "1")])))
    assert [request.target for request in listener.exchanges.waiting()] == ["/1", "/3"]
    first, second = listener.finish()
    assert first.request
    assert second.request
    assert (first.unanswered, first.stream, first.request.target) == (True, 1, "/1")
    assert first.request.sent_at > second.request.sent_at > first.request.first_byte_at
