"""A content coding that fails is said on the response itself, when the response ends."""

import gzip
import zlib

import pytest

from exchanges import exchanged, ok

TEXT = b"all work and no play " * 200


def problems_of(body: bytes, coding: bytes = b"gzip", *, declared: int | None = None) -> list[str]:
    answer = ok(b"Content-Encoding: " + coding, body=body)
    if declared is not None:
        answer = answer.replace(b"Content-Length: %d" % len(body), b"Content-Length: %d" % declared)
    (response,) = exchanged(answer)
    return [problem.name for problem in response.problems]


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(TEXT), b"gzip"),
        (gzip.compress(gzip.compress(TEXT)), b"gzip, gzip"),
        (zlib.compress(TEXT), b"deflate"),
        (zlib.compress(TEXT)[2:-4], b"deflate"),
        (TEXT, b"identity"),
    ],
    ids=("gzip", "gzip twice", "deflate", "raw deflate", "identity"),
)
def test_a_coding_that_can_be_undone_is_no_problem(body: bytes, coding: bytes) -> None:
    assert problems_of(body, coding) == []


def test_plain_text_that_claims_to_be_gzip_is_one() -> None:
    assert problems_of(TEXT) == ["bad-coding"]


def test_a_wrong_checksum_and_an_early_end_are_one() -> None:
    packed = gzip.compress(TEXT)
    assert problems_of(packed[:-8] + bytes(8)) == ["bad-coding"]
    assert problems_of(packed[:-20]) == ["bad-coding"]


def test_of_a_body_that_was_cut_short_by_the_connection_only_the_cut_is_said() -> None:
    packed = gzip.compress(TEXT)
    assert problems_of(packed[:-20], declared=len(packed)) == []


def test_a_bomb_is_named_and_not_decoded_to_its_end() -> None:
    assert problems_of(gzip.compress(bytes(30_000_000))) == ["decompression-bomb"]
