"""Fields of a head: order, case and duplicates as on the wire, and what is not quite a field."""

from httpresp_capture.records.headers import Headers

HEAD = b"HTTP/1.1 200 OK\r\nServer: x\r\nSet-Cookie: a=1\r\nset-cookie:b=2\t\r\nX-Empty:\r\n\r\n"


def test_fields_keep_their_order_their_case_and_their_duplicates() -> None:
    headers = Headers.from_head(HEAD)
    assert list(headers) == [("Server", "x"), ("Set-Cookie", "a=1"), ("set-cookie", "b=2"), ("X-Empty", "")]
    assert headers.all("SET-COOKIE") == ["a=1", "b=2"]
    assert headers.get("Set-cookie") == "a=1"
    assert "x-empty" in headers
    assert "x-other" not in headers
    assert len(headers) == 4


def test_a_folded_line_joins_the_one_before_with_one_blank() -> None:
    headers = Headers.from_head(b"HTTP/1.1 200 OK\r\nX: a\r\n \t b\r\n\tc\r\n\r\n")
    assert list(headers) == [("X", "a b c")]
    assert Headers.first_in(b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", b"x") == "a b"


def test_a_line_without_a_colon_is_no_field_and_a_blank_before_the_colon_is_not_in_the_name() -> None:
    assert list(Headers.from_head(b"HTTP/1.1 200 OK\nnonsense\nLength : 5\n\n")) == [("Length", "5")]


def test_bytes_that_are_no_ascii_survive_as_latin_1() -> None:
    headers = Headers.from_head("HTTP/1.1 200 OK\r\nX: é\r\n\r\n".encode())
    assert headers.get("x").encode("latin-1").decode() == "é"


def test_one_field_is_found_without_parsing_the_rest() -> None:
    assert Headers.first_in(HEAD, b"set-cookie") == "a=1"
    assert Headers.first_in(HEAD, b"cookie") == ""
    assert Headers.first_in(b"HTTP/1.1 200 OK\r\nX: 1", b"x") == "1"


def test_headers_are_equal_by_their_fields() -> None:
    assert Headers.from_head(HEAD) == Headers.from_head(HEAD)
    assert hash(Headers.from_head(HEAD)) == hash(Headers.from_head(HEAD))
    assert Headers.from_fields(b"A: 1\r\n") != Headers.from_fields(b"A: 2\r\n")
