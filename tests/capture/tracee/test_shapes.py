"""The JSON of a head by its shape: the same as `Headers` says, whatever came before and whatever comes."""

import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from httpresp_capture.records.headers import Headers
from httpresp_capture.tracee.head_shapes import FREQUENT, MOST_LINES, Shapes
from samples import TWO_COOKIES

TOKENS = (b"ETag", b"etag", b"Set-Cookie", b"set-cookie", b"X-100%", b"%s", b"%(a)s", b"Content-Encoding", b"x.*+^|~")
ODD_NAMES = (
    b'"q"',
    b"b\\s",
    b"X A",
    b"X-B ",
    b" X-B",
    b"\tX-C",
    b"",
    b"\xc9",
    b"\xc3\x89",
    b"\xe9",
    b"a\x7f",
    b"a\x00",
)
VALUES = (
    b"", b" ", b"v", b" v", b"v ", b"  v  ", b'W/"35"', b"a\\b", b"\\", b'\\"', b"\\r\\n", b"100%s %d %", b"a: b",
    b"a: ", b":", b"caf\xe9", b"\xe2\x82\xac", b"\x7f", b"\x1b[0m", b"\t", b"v\t", b"\x00", b"a\rb", b"a\r", b"a\nb: c",
    b"a\r\n folded", b"a\r\n\tfolded", b"a\r\nno colon", b"a\n\r", b"\x85", b"\xa0v", b"\x1cv\x1f", b"a\x0bb\x0c",
)  # fmt: skip

values = st.sampled_from(VALUES) | st.binary(max_size=6)
names = st.sampled_from(TOKENS) | st.sampled_from(ODD_NAMES)
colons = st.sampled_from([b": ", b": ", b":", b":  ", b":\t", b" : "])
line_ends = st.sampled_from([b"\r\n"] * 8 + [b"\n", b"\r"])
fields = st.tuples(names, colons, values, line_ends).map(b"".join)
loose = st.sampled_from([b"no colon\r\n", b" folded\r\n", b"\tfolded\r\n", b"\r\n", b"\n", b"\r"])
heads = st.tuples(
    st.sampled_from(
        [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 O\xc9\r\n", b"HTTP/1.1 200\n", b"\r\n", b'"\\: %s\r\n', b""]
    ),
    st.lists(st.one_of(fields, fields, fields, loose), max_size=6).map(b"".join),
    st.sampled_from([b"\r\n", b"\r\n", b"\n", b""]),
).map(b"".join)


def shown(shapes: Shapes, head: bytes) -> tuple[str, str]:
    shape, found = shapes.of(head)
    return shape.members(found), shape.pairs(found)


def expected(head: bytes) -> tuple[str, str]:
    """The same from what `Headers` reads, put together by the JSON encoder."""
    lines = [[as_text(name), as_text(value)] for name, value in Headers.from_head(head)]
    spelled: dict[str, str] = {}
    grouped: dict[str, list[str]] = {}
    for (latin, _), (name, value) in zip(Headers.from_head(head), lines, strict=True):
        spelled.setdefault(latin.lower(), name)
        grouped.setdefault(latin.lower(), []).append(value)
    return ",".join(f"{dumped(spelled[key])}:{dumped(grouped[key])}" for key in spelled), dumped(lines)[1:-1]


def as_text(latin: str) -> str:
    data = latin.encode("latin-1")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return latin


def dumped(value: object) -> str:
    return json.dumps(value, separators=(",", ":")).replace("\x7f", "\\u007f")


def plain(names: list[bytes], value: bytes = b"1") -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + b"".join(b"%b: %b\r\n" % (name, value) for name in names) + b"\r\n"


@pytest.mark.slow
@settings(max_examples=400)
@given(st.lists(heads, max_size=4))
def test_the_fields_are_those_of_the_headers_whatever_was_read_before(several: list[bytes]) -> None:
    shapes = Shapes()
    for head in several * 3:
        assert shown(shapes, head) == expected(head)


@pytest.mark.slow
@settings(max_examples=60)
@given(st.lists(st.sampled_from(TOKENS), max_size=5), st.data())
def test_a_frequent_shape_gives_the_fields_of_the_headers_too(known: list[bytes], data: st.DataObject) -> None:
    shapes = Shapes()
    for number in range(FREQUENT + 2):
        head = plain(known, b"%d" % number)
        assert shown(shapes, head) == expected(head)
    for _ in range(6):
        block = b"".join(b"%b%b%b%b" % (name, data.draw(colons), data.draw(values), b"\r\n") for name in known)
        head = b"HTTP/1.1 200 OK\r\n" + block + b"\r\n"
        assert shown(shapes, head) == expected(head)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("before", [0, 1, FREQUENT + 1])
def test_a_value_is_the_same_however_often_its_shape_came(value: bytes, before: int) -> None:
    shapes = Shapes()
    for _ in range(before):
        shapes.of(plain([b"X-A", b"X-B"]))
    head = b"HTTP/1.1 200 OK\r\nX-A: " + value + b"\r\nX-B: " + value + b"\r\n\r\n"
    assert shown(shapes, head) == expected(head)


def test_values_of_one_name_are_together_though_another_stands_between() -> None:
    shapes = Shapes()
    for number in range(FREQUENT + 2):
        members, pairs = shown(shapes, b"\r\nA: %d\r\nB: 2\r\na: 3\r\nC: 4\r\nb: 5\r\n\r\n" % number)
        assert members == f'"A":["{number}","3"],"B":["2","5"],"C":["4"]'
        assert pairs == f'["A","{number}"],["B","2"],["a","3"],["C","4"],["b","5"]'


def test_two_frequent_shapes_in_turn_are_told_apart() -> None:
    shapes = Shapes()
    for _ in range(FREQUENT + 2):
        assert shown(shapes, plain([b"X-A", b"X-B"]))[0] == '"X-A":["1"],"X-B":["1"]'
        assert shown(shapes, plain([b"X-A", b"X-C"]))[0] == '"X-A":["1"],"X-C":["1"]'


@pytest.mark.parametrize("lines", [MOST_LINES - 2, MOST_LINES - 1, 3 * MOST_LINES])
def test_a_head_may_have_many_lines(lines: int) -> None:
    head = plain([b"X-%d" % number for number in range(lines)])
    shapes = Shapes()
    assert shown(shapes, head) == shown(shapes, head) == expected(head)


def test_content_codings_are_found_by_any_case() -> None:
    shape, found = Shapes().of(b"\r\nA: 1\r\ncontent-ENCODING: gzip\r\nB: 2\r\nContent-Encoding: br\r\n\r\n")
    assert [found[at] for at in shape.codings] == ["gzip", "br"]
    assert Shapes().of(TWO_COOKIES)[0].codings == []


def test_shapes_are_forgotten_before_they_fill_the_memory() -> None:
    shapes = Shapes()
    tracemalloc.start()
    try:
        for number in range(1500):
            shapes.of(plain([b"X-%d-%d-%s" % (number, each, b"a" * 400) for each in range(8)]))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Each holds its names some three times: all of them would be over 15 MB.
    assert held < 8_000_000


def test_a_shape_of_very_long_names_is_not_kept() -> None:
    shapes = Shapes()
    tracemalloc.start()
    try:
        for number in range(100):
            head = plain([b"X-%d-%s" % (number, b"a" * 100_000)])
            assert shown(shapes, head) == expected(head)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 3_000_000
