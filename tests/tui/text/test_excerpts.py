"""What is taken out of a response says what it leaves out, and its secrets stay."""

import base64
import gzip
import shlex
from dataclasses import replace

from httpresp_capture.records.exchange import Request
from httpresp_capture.redaction import Redactor
from httpresp_tui.text.excerpts import body_excerpt, curl_excerpt, value_excerpt
from samples import GET, request, response

REDACTOR = Redactor(b"s" * 16)
POST = b"POST /items HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\n"


def posted(body: bytes, *fields: bytes, sent: int | None = None) -> Request:
    """A request with this body, of which so many bytes were sent."""
    head = POST + b"".join(field + b"\r\n" for field in fields) + b"\r\n"
    return replace(request(head), body=body, body_bytes=len(body) if sent is None else sent)


def test_only_the_first_part_of_a_request_is_said_in_the_copy_and_in_its_name() -> None:
    excerpt = curl_excerpt(response(request=posted(b"x" * 4096, sent=11_791)), REDACTOR)
    assert excerpt.what == "first part of the request of response #1 as curl; first 4,096 of 11,791 bytes of the body"
    assert excerpt.text.startswith(": 'first 4,096 of 11,791 bytes of the body'; curl ")


def test_a_whole_request_has_nothing_to_say() -> None:
    excerpt = curl_excerpt(response(request=request(GET)), REDACTOR)
    assert excerpt.what == "request of response #1 as curl"
    assert excerpt.text.startswith("curl ")


def test_bytes_that_are_no_text_stay_what_they_are_with_secrets_hidden() -> None:
    excerpt = curl_excerpt(response(request=posted(b'\xff\xe9{"password":"hunter"}')), REDACTOR)
    assert r"\377\351{" in excerpt.text
    assert r"\357\277\275" not in excerpt.text
    assert "hunter" not in excerpt.text
    assert excerpt.what.endswith("; secrets are tags")


def test_a_coded_body_that_hides_secrets_is_left_out_and_one_that_hides_none_is_sent() -> None:
    secret = curl_excerpt(
        response(request=posted(gzip.compress(b'{"password":"hunter"}'), b"Content-Encoding: gzip")), REDACTOR
    )
    assert "without the body, whose coding hides secrets" in secret.what
    assert "--data" not in secret.text
    open_body = gzip.compress(b'{"page":1}', mtime=0)
    plain = curl_excerpt(response(request=posted(open_body, b"Content-Encoding: gzip")), REDACTOR)
    assert "printf" in plain.text
    assert plain.what == "request of response #1 as curl"
    assert shlex.split(plain.text.split(" | ")[1])[0] == "curl"


def test_a_secret_of_the_head_is_hidden_in_the_body_and_in_a_value_of_another_field() -> None:
    head = b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=3f786850e3\r\nX-Echo: you are 3f786850e3\r\nContent-Length: 5\r\n\r\n"
    seen = response(head, b"you are 3f786850e3")
    assert "3f786850e3" not in body_excerpt(seen, REDACTOR).text
    assert "3f786850e3" not in value_excerpt(seen, "X-Echo", "you are 3f786850e3", REDACTOR).text
    assert "3f786850e3" in body_excerpt(seen, None).text


def test_a_body_that_is_no_text_hides_its_secrets_too() -> None:
    seen = response(body=b'\0\1{"password":"hunter2hunter2"}')
    copied = body_excerpt(seen, REDACTOR)
    assert copied.what.endswith(" as base64")
    assert b"hunter" not in base64.b64decode(copied.text)
    assert base64.b64decode(body_excerpt(seen, None).text) == seen.body
