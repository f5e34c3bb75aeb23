"""WebSocket frames, written by the RFC and read back on any cut, with losses."""

import zlib
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.websocket import WebSocketMessage
from httpresp_capture.websocket.deflate import Inflater, agreed, keeps_context
from httpresp_capture.websocket.frames import PREVIEW, FrameReader
from websocket_frames import frame

AT = 1_700_000_000_000_000_000


@dataclass
class Bench:
    """A reader and the messages that it gave."""

    from_client: bool = False
    inflater: Inflater | None = None
    messages: list[WebSocketMessage] = field(default_factory=list[WebSocketMessage])

    def __post_init__(self) -> None:
        self.reader = FrameReader(self.from_client, self.inflater, self.messages.append)

    def feed(self, data: bytes, cuts: "list[int] | None" = None) -> "Bench":
        """In parts; what the reader says may be passed over is."""
        at: list[int] = cuts or []
        for start, end in zip([0, *at], [*at, len(data)], strict=True):
            part = data[start:end]
            skip = min(self.reader.bytes_to_skip, len(part))
            self.reader.bytes_to_skip -= skip
            if part[skip:]:
                self.reader.data(part[skip:], AT)
        return self


def cut(data: bytes, rng: Random) -> list[int]:
    return sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(12)))


def test_a_text_message() -> None:
    bench = Bench().feed(frame(1, b"hello"))
    assert bench.messages == [WebSocketMessage(False, AT, True, 5, b"hello", True)]
    told = bench.reader.told()
    assert (told.frames, told.texts, told.payload_bytes, told.problem) == (1, 1, 5, "")


def test_the_mask_of_a_client_is_taken_off_the_preview() -> None:
    bench = Bench(from_client=True).feed(frame(1, b"hello", mask=b"\x37\xfa\x21\x3d"), [3, 8])
    assert bench.messages[0].preview == b"hello"


def test_a_message_in_parts_with_a_ping_between_them() -> None:
    bench = Bench().feed(frame(1, b"one ", fin=False) + frame(9, b"?") + frame(0, b"two"))
    assert bench.messages == [WebSocketMessage(False, AT, True, 7, b"one two", True)]
    told = bench.reader.told()
    assert (told.frames, told.pings, told.payload_bytes) == (3, 1, 8)


def test_the_first_bytes_are_the_preview_and_binary_has_none() -> None:
    bench = Bench().feed(frame(1, b"x" * 100_000) + frame(2, b"\x00" * 300))
    assert [(each.length, each.preview) for each in bench.messages] == [(100_000, b"x" * PREVIEW), (300, b"")]


@pytest.mark.parametrize(
    ("payload", "code", "reason"), [(b"\x03\xe8bye", 1000, b"bye"), (b"\x03\xe9", 1001, b""), (b"", 1005, b"")]
)
def test_why_it_was_closed(payload: bytes, code: int, reason: bytes) -> None:
    told = Bench().feed(frame(8, payload)).reader.told()
    assert (told.close_code, told.close_reason) == (code, reason)


@pytest.mark.slow
@given(st.randoms(use_true_random=False))
def test_any_cut_tells_the_same(rng: Random) -> None:
    data = b""
    for _ in range(rng.randrange(1, 8)):
        size = rng.choice((0, 1, 5, 125, 126, 300, 70_000))
        kind = rng.choice((1, 2, 9, 10))
        mask = rng.randbytes(4)
        data += frame(kind, rng.randbytes(min(size, 125) if kind > 8 else size), mask=mask)
    whole, parts = Bench(from_client=True).feed(data), Bench(from_client=True).feed(data, cut(data, rng))
    assert parts.messages == whole.messages
    assert parts.reader.told() == whole.reader.told()
    assert not whole.reader.problem


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (frame(3), "reserved opcode 3"),
        (frame(1, bits=0x40), "reserved bits"),
        (frame(1, bits=0x10), "reserved bits"),
        (frame(9, b"x" * 126), "control frame"),
        (frame(8, fin=False), "control frame"),
        (frame(1, mask=b"abcd"), "masked"),
        (frame(0, b"x"), "continuation of nothing"),
        (frame(1, b"x", fin=False) + frame(1, b"y"), "inside another"),
        (b"\x82\x7f" + b"\xff" * 8, "longer than any"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "reserved"),
    ],
)
def test_what_is_no_frame_ends_the_reading_and_says_why(data: bytes, why: str) -> None:
    bench = Bench().feed(data + frame(1, b"not read"))
    assert why in bench.reader.problem
    assert all(each.preview != b"not read" for each in bench.messages)


def test_a_client_must_mask() -> None:
    assert "not masked" in Bench(from_client=True).feed(frame(1, b"x")).reader.problem


def test_a_gap_inside_a_payload_is_bridged() -> None:
    data = frame(2, b"x" * 1_000) + frame(1, b"behind")
    bench = Bench().feed(data[:100])
    bench.reader.gap(500, AT, False)
    bench.feed(data[600:])
    assert [(each.complete, each.preview) for each in bench.messages] == [(False, b""), (True, b"behind")]
    assert bench.reader.told().problem == ""
    assert bench.reader.told().payload_bytes == 500 + len("behind")


def test_a_preview_ends_where_bytes_are_missing() -> None:
    data = frame(1, b"abcdefgh")
    bench = Bench().feed(data[:4])
    bench.reader.gap(2, AT, False)
    bench.feed(data[6:])
    assert bench.messages == [WebSocketMessage(False, AT, True, 6, b"ab", False)]


def test_a_gap_may_end_with_its_payload() -> None:
    data = frame(2, b"x" * 1_000) + frame(1, b"behind")
    bench = Bench().feed(data[:104])
    bench.reader.gap(900, AT, False)
    assert [each.complete for each in bench.messages] == [False]
    bench.feed(data[1_004:])
    assert [each.preview for each in bench.messages] == [b"", b"behind"]


def test_payload_that_nobody_looks_at_may_be_passed_over_but_for_its_last_byte() -> None:
    bench = Bench().feed(frame(2, b"x" * 1_000)[:104])
    assert bench.reader.bytes_to_skip == 899
    bench = Bench().feed(frame(1, b"x" * 1_000)[:104])
    assert bench.reader.bytes_to_skip == 0
    bench.feed(b"x" * 200)
    assert bench.reader.bytes_to_skip == 699


@pytest.mark.parametrize(("seen", "code", "reason"), [(2, 0, b""), (3, 0, b""), (4, 1000, b""), (6, 1000, b"by")])
def test_a_close_frame_of_which_some_is_missing_makes_nothing_up(seen: int, code: int, reason: bytes) -> None:
    data = frame(8, b"\x03\xe8bye for now")
    bench = Bench().feed(data[:seen])
    bench.reader.gap(2, AT, False)
    told = bench.feed(data[seen + 2 :]).reader.told()
    assert (told.close_code, told.close_reason, told.problem) == (code, reason, "")


def test_a_gap_in_a_ping_leaves_the_message_around_it_whole() -> None:
    first, ping, last = frame(1, b"one ", fin=False), frame(9, b"????"), frame(0, b"two")
    bench = Bench().feed(first + ping[:3])
    bench.reader.gap(2, AT, False)
    bench.feed(ping[5:] + last)
    assert [(each.preview, each.complete) for each in bench.messages] == [(b"one two", True)]


def test_the_newest_close_frame_counts() -> None:
    told = Bench().feed(frame(8, b"\x03\xe8old") + frame(8, b"\x03\xe9new")).reader.told()
    assert (told.close_code, told.close_reason) == (1001, b"new")


@pytest.mark.parametrize(("before", "length"), [(0, 10), (1, 1), (4, 1_000)])
def test_a_gap_that_takes_a_header_ends_the_reading(before: int, length: int) -> None:
    data = frame(1, b"x" * 100)
    bench = Bench().feed(data[:before])
    bench.reader.gap(length, AT, False)
    bench.feed(frame(1, b"more"))
    assert "missing" in bench.reader.problem
    assert all(not each.complete for each in bench.messages)


def test_what_has_not_ended_is_told_at_the_end() -> None:
    bench = Bench().feed(frame(1, b"half", fin=False))
    bench.reader.end(EndReason.SERVER_FIN, AT)
    assert bench.messages == [WebSocketMessage(False, AT, True, 4, b"half", False)]


class TestDeflate:
    """RFC 7692."""

    @staticmethod
    def messages(texts: list[bytes], *, context: bool) -> bytes:
        """As an end sends them."""
        data = b""
        deflate = zlib.compressobj(wbits=-15)
        for text in texts:
            if not context:
                deflate = zlib.compressobj(wbits=-15)
            packed = deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH)
            data += frame(1, packed.removesuffix(b"\x00\x00\xff\xff"), bits=0x40)
        return data

    @pytest.mark.parametrize("context", [True, False])
    def test_previews_are_decompressed(self, context: bool) -> None:
        texts = [b'{"price": 10}', b'{"price": 11}' * 50, b'{"price": 12}']
        bench = Bench(inflater=Inflater(context)).feed(self.messages(texts, context=context))
        assert [each.preview for each in bench.messages] == [text[:PREVIEW] for text in texts]

    def test_after_a_gap_nothing_is_guessed(self) -> None:
        data = self.messages([b"one" * 100, b"one" * 100], context=True)
        bench = Bench(inflater=Inflater(True)).feed(data[:4])
        bench.reader.gap(2, AT, False)
        bench.feed(data[6:])
        assert bench.messages[1].preview == b""

    def test_after_a_gap_an_end_that_begins_anew_is_read_on(self) -> None:
        data = self.messages([b"one" * 100, b"two" * 100], context=False)
        bench = Bench(inflater=Inflater(False)).feed(data[:4])
        bench.reader.gap(2, AT, False)
        bench.feed(data[6:])
        assert [(each.complete, each.preview) for each in bench.messages][1] == (True, (b"two" * 100)[:PREVIEW])

    def test_what_it_may_cost_is_bounded(self) -> None:
        data = self.messages([b"\x00" * 3_000_000, b"behind"], context=True)
        bench = Bench(inflater=Inflater(True)).feed(data)
        assert [len(each.preview) for each in bench.messages] == [PREVIEW, 0]
        assert bench.reader.problem == ""

    def test_what_is_no_deflate_data_has_no_preview(self) -> None:
        bench = Bench(inflater=Inflater(True)).feed(frame(1, b"\xff\xff\xff", bits=0x40) + frame(2, b"x"))
        assert [each.preview for each in bench.messages] == [b"", b""]

    @pytest.mark.parametrize(
        ("extensions", "compressed", "client", "server"),
        [
            ("permessage-deflate", True, True, True),
            ("x-a, Permessage-Deflate; client_no_context_takeover", True, False, True),
            ("permessage-deflate; server_no_context_takeover; client_max_window_bits=15", True, True, False),
            ("x-webkit-deflate-frame", False, True, True),
            ("", False, True, True),
        ],
    )
    def test_what_was_agreed_on(self, extensions: str, compressed: bool, client: bool, server: bool) -> None:
        assert agreed(extensions) is compressed
        assert keeps_context(extensions, client=True) is client
        assert keeps_context(extensions, client=False) is server


def test_a_compressor_that_ends_begins_anew() -> None:
    """RFC 7692 §7.2.3.4: a message may end with a last block, to which a byte 0 is added."""
    inflater = Inflater(context=True)
    for word in (b"one", b"two"):
        compressor = zlib.compressobj(wbits=-15)
        text = inflater.data(compressor.compress(word) + compressor.flush() + b"\0")
        assert text + inflater.end() == word
    assert inflater.works


@pytest.mark.parametrize("block", [b"\x03\x00", b"\x01\x00\x00\xff\xff"])
def test_what_follows_the_end_of_a_compressor_is_not_kept(block: bytes) -> None:
    inflater = Inflater(context=True)
    for _ in range(1_000):
        assert inflater.data(block) == b""
    assert not inflater.works
