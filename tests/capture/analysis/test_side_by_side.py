"""Two responses held against each other: what differs is told, and nothing else."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.analysis.diff_rows import Change, Row, Section
from httpresp_capture.analysis.field_diff import MOST_FIELDS, fields
from httpresp_capture.analysis.json_diff import JsonChange, differences, parsed
from httpresp_capture.analysis.side_by_side import MOST_BODY, MOST_ROWS, side_by_side
from httpresp_capture.analysis.text_diff import MOST_LINES, lines
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.headers import Headers
from samples import request, response


def with_fields(*fields: str, body: bytes = b"hello", **changes: Any) -> Response:
    head = "\r\n".join(["HTTP/1.1 200 OK", *fields, "", ""]).encode("latin-1")
    return response(head, body, **changes)


def section(title: str, left: Response, right: Response) -> Section:
    return next(each for each in side_by_side(left, right) if each.title == title)


def headers(left: str, right: str) -> list[Row]:
    """What becomes of header blocks, a line each."""
    return list(fields(Headers.from_fields(left.encode()), Headers.from_fields(right.encode())))


def brief(rows: list[Row]) -> list[str]:
    return [f"{row.change} {row.name}" for row in rows]


# --- the whole ---


def test_a_response_differs_in_nothing_from_itself() -> None:
    of = with_fields("Server: a", "Set-Cookie: b=c", trailers=b"T: 1\r\n")
    sections = side_by_side(of, of)
    assert [each.title for each in sections] == ["Status", "Headers", "Body", "Trailers", "Request"]
    assert sum(each.differences for each in sections) == 0
    assert all(row.change is Change.SAME for each in sections for row in each.rows)


def test_status_protocol_and_completeness_are_told() -> None:
    other = response(b"HTTP/1.0 500 Oops\r\n\r\n", b"")
    rows = section("Status", with_fields(), other).rows
    assert rows[0] == Row(Change.CHANGED, "status", "200 OK", "500 Oops")
    assert rows[1] == Row(Change.CHANGED, "protocol", "HTTP/1.1", "HTTP/1.0")
    assert rows[2].change is Change.SAME


# --- fields ---


def test_fields_are_aligned_by_name_and_stand_in_the_order_of_the_left() -> None:
    rows = headers("A: 1\nB: 2\nC: 3\n", "a: 1\nX: 9\nC: 4\nY: 8\n")
    assert brief(rows) == ["same A", "new X", "gone B", "changed C", "new Y"]


def test_repeated_fields_are_aligned_by_their_number() -> None:
    rows = headers("Via: a\nVia: b\n", "Via: a\n")
    assert brief(rows) == ["same Via", "gone Via"]


def test_cookies_are_aligned_by_their_names_and_told_by_part() -> None:
    rows = headers(
        "Set-Cookie: a=1; Path=/; HttpOnly\nSet-Cookie: b=2\n", "Set-Cookie: b=2\nSet-Cookie: a=7; path=/; Secure\n"
    )
    assert brief(rows) == ["changed Set-Cookie", "same Set-Cookie"]
    assert rows[0].parts == (
        Row(Change.CHANGED, "a", "1", "7"),
        Row(Change.GONE, "httponly"),
        Row(Change.NEW, "secure"),
    )


def test_a_policy_is_told_by_directive_and_source() -> None:
    (row,) = headers(
        "Content-Security-Policy: default-src 'self'; script-src 'self' 'unsafe-inline'; object-src 'none'\n",
        "Content-Security-Policy: default-src 'self'; script-src 'self' https://a; img-src *\n",
    )
    assert [part.name for part in row.parts] == ["script-src", "object-src", "img-src"]
    assert row.parts[0].parts == (Row(Change.GONE, "", "'unsafe-inline'"), Row(Change.NEW, "", "", "https://a"))
    assert row.parts[1] == Row(Change.GONE, "object-src", "'none'")


def test_a_list_is_told_by_its_members() -> None:
    (row,) = headers("Cache-Control: max-age=60, private\n", "Cache-Control: private, max-age=90\n")
    assert row.parts == (Row(Change.CHANGED, "max-age", "60", "90"),)


def test_of_many_fields_the_first_are_compared_and_that_is_said() -> None:
    many = with_fields(*(f"X-{number}: 1" for number in range(MOST_FIELDS + 1)))
    found = section("Headers", many, with_fields("X-1: 1"))
    assert found.notes == (f"The first {MOST_FIELDS} fields are compared.",)
    assert len(found.rows) == MOST_FIELDS
    assert not section("Headers", with_fields("A: 1"), with_fields("A: 2")).notes


def test_what_differs_between_any_two_is_not_counted() -> None:
    left = with_fields("Date: a", "X-Request-Id: 1", "Server: b")
    right = with_fields("Date: c", "X-Request-Id: 2", "Server: b")
    found = section("Headers", left, right)
    assert brief(list(found.rows)) == ["passing Date", "passing X-Request-Id", "same Server"]
    assert found.differences == 0


@given(st.lists(st.sampled_from("abcdef"), max_size=8), st.lists(st.sampled_from("abcdef"), max_size=8))
def test_every_field_of_both_is_there_once_and_in_order(left: list[str], right: list[str]) -> None:
    rows = headers("".join(f"{name}: {name}\n" for name in left), "".join(f"{name}: {name}\n" for name in right))
    assert [row.name for row in rows if row.change is not Change.NEW] == left
    assert sorted(row.name for row in rows if row.change is not Change.GONE) == sorted(right)


# --- bodies ---


def rows_of(left: bytes, right: bytes, *kinds: str) -> tuple[Row, ...]:
    """The rows of two bodies but for the first, which is their size."""
    one = with_fields(*kinds, body=left, body_bytes=len(left))
    other = with_fields(*kinds, body=right, body_bytes=len(right))
    return section("Body", one, other).rows[1:]


def test_json_is_compared_by_its_paths_whatever_its_layout() -> None:
    left = b'{"id":1,"name":"a","tags":["x","y"],"gone":{"deep":[1]}}'
    right = b'{\n "name": "b", "id": 1,\n "tags": ["x", "n", "y"], "new": null}'
    assert rows_of(left, right) == (
        Row(Change.CHANGED, "$.name", '"a"', '"b"'),
        Row(Change.NEW, "$.tags[1]", "", '"n"'),
        Row(Change.GONE, "$.gone", '{"deep": [… 1]}'),
        Row(Change.NEW, "$.new", "", "null"),
    )


def test_the_same_json_written_otherwise_is_said() -> None:
    found = section("Body", with_fields(body=b'{"a": 1}'), with_fields(body=b'{"a":1}'))
    assert found.notes == ("The same JSON, written otherwise.",)


def test_codings_are_taken_off() -> None:
    text = json.dumps({"a": 1}).encode()
    packed = gzip.compress(text)
    left = with_fields("Content-Encoding: gzip", body=packed, body_bytes=len(packed))
    found = section("Body", left, with_fields(body=text, body_bytes=len(text)))
    assert brief(list(found.rows)) == ["same bytes"]


def test_text_is_compared_line_by_line_with_what_stands_around() -> None:
    left = "\n".join(f"line {number}" for number in range(20))
    right = left.replace("line 10", "other").replace("line 15\n", "")
    assert brief(list(rows_of(left.encode(), right.encode()))) == [
        "same line 9",
        "same line 10",
        "changed line 11",
        "same line 12",
        "same line 13",
        "same line 14",
        "same line 15",
        "gone line 16",
        "same line 17",
        "same line 18",
    ]


@given(st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=30), st.lists(st.sampled_from("abc"), max_size=30))
def test_the_differing_lines_make_one_text_of_the_other(left: list[str], right: list[str]) -> None:
    rows = list(lines("\n".join(left), "\n".join(right), []))
    ours, theirs = "\n".join(left).splitlines(), "\n".join(right).splitlines()
    gone = [row.left for row in rows if row.change in (Change.GONE, Change.CHANGED)]
    new = [row.right for row in rows if row.change in (Change.NEW, Change.CHANGED)]
    kept = list(ours)
    for each in gone:
        kept.remove(each)
    assert sorted([*kept, *new]) == sorted(theirs)
    assert all(row.left != row.right for row in rows if row.change is Change.CHANGED)


def test_bytes_say_where_they_part() -> None:
    left, right = bytes(range(64)), bytes(range(40)) + b"\xff" + bytes(range(41, 64))
    assert rows_of(left, right)[0].name == "from byte 40"
    assert rows_of(left, right)[0].right.split()[8] == "ff"


def test_what_is_cut_is_said() -> None:
    found = section("Body", with_fields(body=b"abc", body_bytes=9_000), with_fields(body=b"abd", body_bytes=3))
    assert found.notes == ("Of the left body the first 3 of 9,000 bytes are kept.",)
    big = b"x\n" * MOST_BODY
    found = section("Body", with_fields(body=big, body_bytes=len(big)), with_fields(body=b"y\n", body_bytes=2))
    assert "compared" in found.notes[0]
    assert f"The first {MOST_LINES:,} lines are compared." in found.notes


def test_of_many_differences_the_first_are_told() -> None:
    left, right = ({str(number): number + add for number in range(3 * MOST_ROWS)} for add in (0, 1))
    found = section("Body", with_fields(body=json.dumps(left).encode()), with_fields(body=json.dumps(right).encode()))
    assert found.notes[-1] == f"There are more differences than the first {MOST_ROWS:,}."
    assert found.differences == MOST_ROWS + 1, "and the size"


# --- requests ---


def test_requests_are_compared_too_their_query_by_its_names() -> None:
    left = with_fields(request=request(b"GET /a?page=1&x=2 HTTP/1.1\r\nHost: h\r\nAccept: b\r\n\r\n"))
    right = with_fields(request=request(b"GET /a?page=3&y HTTP/1.1\r\nHost: h\r\nAccept: c\r\n\r\n"))
    assert brief(list(section("Request", left, right).rows)) == [
        "same method",
        "same path",
        "changed ?page",
        "gone ?x",
        "new ?y",
        "same Host",
        "changed Accept",
    ]


@pytest.mark.parametrize(
    ("left", "right", "note"),
    [
        (None, request(), "The request of the left was not seen."),
        (request(), None, "The request of the right was not seen."),
        (None, None, "Neither request was seen."),
    ],
)
def test_a_request_that_was_not_seen_is_said(left: Any, right: Any, note: str) -> None:
    assert section("Request", with_fields(request=left), with_fields(request=right)).notes == (note,)


# --- JSON alone ---

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=10,
)


@given(VALUES, VALUES)
def test_documents_differ_exactly_when_something_is_told(left: object, right: object) -> None:
    ours, theirs = parsed(json.dumps([left])), parsed(json.dumps([right]))
    assert ours is not None
    assert theirs is not None
    told = differences(ours, theirs, 10_000)
    assert bool(told) is (json.dumps(left, sort_keys=True) != json.dumps(right, sort_keys=True))
    assert not differences(ours, ours, 10)


def test_numbers_keep_their_digits_and_repeated_keys_their_number() -> None:
    left, right = parsed('{"a": 1.0, "a": 2}'), parsed('{"a": 1.00, "a": 2}')
    assert left is not None
    assert right is not None
    assert differences(left, right, 9) == [JsonChange("$.a", "1.0", "1.00")]
    assert "a#2" in left


@pytest.mark.parametrize("text", ["", "12", '"a"', "{", "<html>", "[" * 100_000, '{"a":1} x'])
def test_what_is_no_document_is_none(text: str) -> None:
    assert parsed(text) is None


def test_a_document_of_any_depth_is_compared() -> None:
    deep = "[" * 500 + "1" + "]" * 500
    left, right = parsed(deep), parsed(deep.replace("1", "2"))
    assert left is not None
    assert right is not None
    assert len(differences(left, right, 9)) == 1
