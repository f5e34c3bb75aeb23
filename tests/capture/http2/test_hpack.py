"""Header blocks: against the library `hpack`, the public stories, and what only a listener meets."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hpack import Decoder as Oracle
from hpack import Encoder
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.http2 import hpack, huffman
from httpresp_capture.http2.field import PLAIN, UNKNOWN, Field
from httpresp_capture.http2.hpack import Decoder

STORIES = sorted((Path(__file__).parents[3].parent / "shared" / "vectors" / "hpack").glob("*.json.gz"))
MOST = 1 << 20

Section = list[tuple[bytes, bytes]]
Step = tuple[Section, bool, int | None]
"""What is sent, whether it is Huffman coded, and the size of the table from then on."""

names = st.sampled_from([b":status", b":path", b"content-type", b"x-a", b"x-b", b"set-cookie", b"a" * 200])
values = st.one_of(st.sampled_from([b"", b"200", b"/", b"text/html"]), st.binary(max_size=300))
sections = st.lists(st.tuples(names, values), max_size=12)
sizes = st.sampled_from([None, None, 0, 31, 100, 4_096, 16_384])
steps = st.lists(st.tuples(sections, st.booleans(), sizes), max_size=12)


def pairs(fields: list[Field]) -> Section:
    return [(field.name, field.value) for field in fields]


@pytest.mark.skipif(not STORIES, reason="the public HPACK stories are not beside the repository")
@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.name.removesuffix(".json.gz"))
def test_a_story_is_decoded(path: Path) -> None:
    decoder = Decoder(MOST)
    cases: list[dict[str, Any]] = json.loads(gzip.decompress(path.read_bytes()))["cases"]
    for case in cases:
        decoder.allow(case.get("header_table_size") or 0)
        told = [(name, value) for pair in case["headers"] for name, value in pair.items()]
        found = decoder.decode(bytes.fromhex(case["wire"]))
        assert [(name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs(found)] == told
        assert not decoder.error


@pytest.mark.slow
@given(steps)
def test_what_an_encoder_says_is_decoded_as_by_the_library(said: list[Step]) -> None:
    encoder, oracle, decoder = Encoder(), Oracle(), Decoder(MOST)
    oracle.max_allowed_table_size = 16_384
    decoder.allow(16_384)
    for section, coded, size in said:
        if size is not None:
            encoder.header_table_size = size
        block = encoder.encode(section, huffman=coded)
        assert pairs(decoder.decode(block)) == section
        assert [tuple(pair) for pair in oracle.decode(block, raw=True)] == section
        assert not decoder.error


@pytest.mark.slow
@given(steps, st.integers(0, 12))
def test_whoever_joins_late_knows_a_field_or_does_not_and_is_never_wrong(said: list[Step], joined: int) -> None:
    encoder, decoder = Encoder(), Decoder(MOST)
    decoder.lose()
    for number, (section, coded, size) in enumerate(said):
        if size is not None:
            encoder.header_table_size = size
        block = encoder.encode(section, huffman=coded)
        if number < joined:
            continue
        found = decoder.decode(block)
        assert not decoder.error
        assert len(found) == len(section)
        for field, (name, value) in zip(found, section, strict=True):
            assert field.kind == UNKNOWN or (field.name, field.value) == (name, value)
            assert field.kind != UNKNOWN or field.value in (b"", value)


def test_a_table_that_was_emptied_is_known_again() -> None:
    decoder = Decoder(MOST)
    decoder.lose()
    assert [field.kind for field in decoder.decode(b"\xbe")] == [UNKNOWN]
    decoder.decode(b"\x20\x3f\xe1\x1f")  # Size 0, then 4096.
    decoder.decode(b"\xbe")
    assert decoder.error == "index out of the table"


@pytest.mark.parametrize(
    ("block", "error"),
    [
        (b"\x80", "index out of the table"),
        (b"\xbe", "index out of the table"),
        (b"\x7e\x01a", "index out of the table"),
        (b"\xff", "a number is cut"),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff", "a number is cut"),
        (b"\x3f\x80", "a number is cut"),
        (b"\x40", "the name of a field is cut, or its code is wrong"),
        (b"\x40\x05ab", "the name of a field is cut, or its code is wrong"),
        (b"\x48\x05ab", "the value of a field is cut, or its code is wrong"),
        (b"\x48\x81\x00", "the value of a field is cut, or its code is wrong"),  # Padding that is none.
        (b"\x48\x84\xff\xff\xff\xff", "the value of a field is cut, or its code is wrong"),  # EOS.
        (b"\x48\xff", "the value of a field is cut, or its code is wrong"),
    ],
)
def test_a_block_that_cannot_be_decoded_says_why_and_gives_what_came_before(block: bytes, error: str) -> None:
    decoder = Decoder(MOST)
    assert pairs(decoder.decode(b"\x88" + block)) == [(b":status", b"200")]
    assert decoder.error == error
    # What it would have inserted is missing from the table: nothing is known of that now.
    assert [field.kind for field in decoder.decode(b"\xbe")] == [UNKNOWN]


def test_what_a_block_decodes_to_is_bounded_and_the_table_stays_right() -> None:
    encoder, decoder = Encoder(), Decoder(10_000)
    decoder.decode(encoder.encode([(b"x-bomb", b"b" * 3_000)]))
    found = decoder.decode(b"\xbe" * 20_000 + encoder.encode([(b"x-next", b"1")]))
    assert len(found) == 3
    assert decoder.left_out == 20_000 + 1 - 3
    assert pairs(decoder.decode(encoder.encode([(b"x-next", b"1")]))) == [(b"x-next", b"1")]


def test_a_table_larger_than_is_kept_forgets_and_is_not_wrong() -> None:
    encoder, decoder = Encoder(), Decoder(MOST)
    encoder.header_table_size = 1 << 20
    decoder.allow(1 << 20)
    for number in range(600):
        decoder.decode(encoder.encode([(b"x-%d" % number, b"v" * 1_000)]))
    assert decoder.size <= 262_144
    kinds = [decoder.decode(encoder.encode([(b"x-%d" % number, b"v" * 1_000)]))[0].kind for number in (0, 599)]
    assert kinds == [UNKNOWN, PLAIN]


def test_every_symbol_has_its_code() -> None:
    """RFC 7541 §C.4.1, and all bytes there and back through the library."""
    assert huffman.decode(bytes.fromhex("f1e3c2e5f23a6ba0ab90f4ff")) == b"www.example.com"
    block = Encoder().encode([(b"x", bytes(range(256)))], huffman=True)
    assert pairs(Decoder(MOST).decode(block)) == [(b"x", bytes(range(256)))]


def test_what_is_remembered_of_literals_has_a_bound() -> None:
    decoder = Decoder(MOST)
    sizes: list[int] = []
    for number in range(5_000):
        value = b"%d" % number
        (field,) = decoder.decode(b"\0\5x-odd" + bytes([len(value)]) + value)
        assert (field.name, field.value) == (b"x-odd", value)
        sizes.append(len(hpack._remembered))  # pyright: ignore[reportPrivateUsage]
    assert 1_000 < max(sizes) <= 4_096
