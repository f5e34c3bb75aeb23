"""A content coding that fails is said on the response itself, when the response ends."""

import gzip
import zlib

import pytest

from exchanges import exchanged, ok
from httpresp_capture.content.representation import decoded
from httpresp_capture.query import compile_query
from httpresp_capture.records.exchange import Response
from httpresp_capture.tracee.writer import event

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


def test_bytes_after_the_end_are_said_and_the_body_stands() -> None:
    (response,) = exchanged(ok(b"Content-Encoding: gzip", body=gzip.compress(TEXT) + b"junk"))
    (problem,) = response.problems
    assert (problem.name, problem.detail) == ("coding-extra", "4 bytes after the end of the gzip data")
    assert (decoded(response).data, decoded(response).complete) == (TEXT, True)
    assert problems_of(gzip.compress(gzip.compress(TEXT) + b"junk"), b"gzip, gzip") == ["coding-extra"]
    assert problems_of(gzip.compress(TEXT) + gzip.compress(TEXT)) == []


def test_a_bomb_is_named_and_not_decoded_to_its_end() -> None:
    assert problems_of(gzip.compress(bytes(30_000_000))) == ["decompression-bomb"]


def chunked(body: bytes, coding: bytes, *fields: bytes, size: int = 40) -> bytes:
    """A response whose body goes out in chunks, coded for the transfer."""
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(body[at : at + size]), body[at : at + size]) for at in range(0, len(body), size)
    )
    lines = [b"HTTP/1.1 200 OK", *fields, b"Transfer-Encoding: " + coding]
    return b"\r\n".join(lines) + b"\r\n\r\n" + chunks + b"0\r\n\r\n"


def the(response: bytes) -> Response:
    (seen,) = exchanged(response)
    return seen


@pytest.mark.parametrize(
    "coding", [b"gzip, chunked", b"x-gzip, chunked", b"GZIP,Chunked", b"gzip\r\nTransfer-Encoding: chunked"]
)
def test_a_transfer_coding_is_taken_off_before_the_body_is_read(coding: bytes) -> None:
    response = the(chunked(gzip.compress(TEXT), coding, b"Content-Type: text/plain"))
    plain = decoded(response)
    assert (plain.data, plain.codings, plain.complete) == (
        TEXT,
        (coding.split(b",")[0].split(b"\r")[0].lower().decode(),),
        True,
    )
    assert event(response)["httpresp"]["size"]["decoded"] == len(TEXT)
    assert compile_query('body:"all work"').matches(response)
    assert response.problems == ()


def test_a_transfer_coding_without_chunks_ends_with_the_connection() -> None:
    """RFC 9112 §6.1 allows a response that."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: gzip\r\n\r\n" + gzip.compress(TEXT)
    response = the(answer)
    assert response.problems == ()
    assert decoded(response).data == TEXT
    assert event(response)["httpresp"]["size"]["decoded"] == len(TEXT)


def test_content_and_transfer_codings_come_off_in_the_reverse_order() -> None:
    packed = gzip.compress(zlib.compress(TEXT))
    plain = decoded(the(chunked(packed, b"gzip, chunked", b"Content-Encoding: deflate")))
    assert (plain.data, plain.codings) == (TEXT, ("gzip", "deflate"))


def test_the_lines_of_a_repeated_content_encoding_are_one_list() -> None:
    assert problems_of(gzip.compress(zlib.compress(TEXT)), b"deflate\r\nContent-Encoding: gzip") == []


def test_a_transfer_coding_that_fails_is_a_problem_and_one_that_nobody_knows_is_named() -> None:
    assert "bad-coding" in [problem.name for problem in the(chunked(TEXT, b"gzip, chunked")).problems]
    plain = decoded(the(chunked(TEXT, b"compress, chunked")))
    assert (plain.data, plain.left, plain.complete) == (TEXT, ("compress",), False)
    assert plain.detail == "coding 'compress' is not known"


@pytest.mark.parametrize("coding", [b"chunked", b"chunked, gzip"])
def test_chunks_alone_are_no_coding(coding: bytes) -> None:
    response = the(chunked(TEXT, coding))
    assert "bad-coding" not in [problem.name for problem in response.problems]
    assert decoded(response).codings == ()
    assert event(response)["httpresp"]["size"]["decoded"] == len(TEXT)


def part(first: int, last: int, *, of: bytes, coding: bytes = b"gzip", size: bytes | None = None) -> bytes:
    """A 206 with a range of coded bytes, both ends included."""
    body = of[first : last + 1]
    said = b"%d" % len(of) if size is None else size
    fields = b"Content-Encoding: " + coding, b"Content-Range: bytes %d-%d/%s" % (first, last, said)
    return ok(*fields, body=body, status=b"206 Partial Content")


PACKED = gzip.compress(bytes(range(256)) * 3 + TEXT)


@pytest.mark.parametrize(
    ("first", "last", "size"), [(0, 200, None), (0, 200, b"*")], ids=("beginning", "beginning of unknown")
)
def test_the_beginning_of_a_coded_body_is_read_as_far_as_it_goes(first: int, last: int, size: bytes | None) -> None:
    response = the(part(first, last, of=PACKED, size=size))
    assert response.problems == ()
    plain = decoded(response)
    assert (plain.codings, plain.complete, plain.problem) == (("gzip",), False, "")
    assert (bytes(range(256)) * 3 + TEXT).startswith(plain.data)
    assert plain.data
    assert f"bytes {first} to {last}" in plain.detail
    assert event(response)["httpresp"]["size"]["decoded"] is None


@pytest.mark.parametrize(
    ("first", "last", "size"),
    [(100, 300, None), (100, 300, b"*"), (5, len(PACKED) - 1, None)],
    ids=("middle", "middle of unknown", "end"),
)
@pytest.mark.parametrize("coding", [b"gzip", b"br", b"deflate", b"zstd"])
def test_another_part_of_a_coded_body_is_no_fault(first: int, last: int, size: bytes | None, coding: bytes) -> None:
    response = the(part(first, last, of=PACKED, coding=coding, size=size))
    assert response.problems == ()
    plain = decoded(response)
    assert (plain.data, plain.codings, plain.left) == (response.body, (), (coding.decode(),))
    assert (plain.complete, plain.problem) == (False, "")
    assert f"bytes {first} to {last}" in plain.detail
    assert event(response)["httpresp"]["size"]["decoded"] is None


def test_a_range_that_is_the_whole_is_held_to_its_coding() -> None:
    whole = len(PACKED) - 1
    assert decoded(the(part(0, whole, of=PACKED))).complete
    torn = PACKED[:-8] + bytes(8)
    assert [problem.name for problem in the(part(0, whole, of=torn)).problems] == ["bad-coding"]


def test_a_part_that_the_server_coded_by_itself_is_read() -> None:
    packed = gzip.compress(TEXT)
    answer = ok(
        b"Content-Encoding: gzip", b"Content-Range: bytes 100-4299/9000", body=packed, status=b"206 Partial Content"
    )
    assert decoded(the(answer)).data == TEXT


def test_parts_of_a_coded_body_in_one_multipart_are_no_fault() -> None:
    body = b"".join(
        b"--cut\r\nContent-Range: bytes %d-%d/%d\r\n\r\n%s\r\n" % (at, at + 9, len(PACKED), PACKED[at : at + 10])
        for at in (20, 60)
    )
    fields = b"Content-Type: multipart/byteranges; boundary=cut", b"Content-Encoding: gzip"
    response = the(ok(*fields, body=body + b"--cut--\r\n", status=b"206 Partial Content"))
    assert response.problems == ()
    assert "cannot be decoded by themselves" in decoded(response).detail


def test_a_part_sent_with_a_transfer_coding_is_what_is_left_of_it() -> None:
    answer = chunked(
        gzip.compress(PACKED[100:301]), b"gzip, chunked", b"Content-Encoding: gzip", b"Content-Range: bytes 100-300/535"
    ).replace(b"200 OK", b"206 Partial Content")
    plain = decoded(the(answer))
    assert (plain.data, plain.codings, plain.left) == (PACKED[100:301], ("gzip",), ("gzip",))
