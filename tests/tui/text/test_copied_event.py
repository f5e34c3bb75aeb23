"""What `y` copies: the event in a person's order, with the request's header lines and both bodies."""

import base64
import gzip
import json
from typing import Any

from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from httpresp_capture.tracee.writer import event
from httpresp_tui.text.copied_event import MOST_BODY, copied_event
from samples import OK, TWO_COOKIES, request, response, unanswered

REDACTOR = Redactor(b"s" * 16)
POSTED = request(
    b"POST /login HTTP/1.1\r\nHost: shop.example\r\nX-Trace: a\r\nx-trace: b\r\n\r\n",
    body=b"user=ann&password=hunter2hunter2",
    body_bytes=32,
)


def copied(of: Response, redactor: Redactor | None = None) -> dict[str, Any]:
    return json.loads(copied_event(of, redactor))


def test_what_a_person_wants_stands_first_and_nothing_of_the_event_is_missing() -> None:
    of = response(TWO_COOKIES, request=POSTED)
    told, whole = copied(of), event(of)
    assert list(told)[:5] == ["eventName", "timestamp", "hostName", "args", "httpresp"]
    assert list(told)[5:] == [name for name in whole if name not in list(told)[:5]]
    for name in set(whole) - {"httpresp"}:
        assert told[name] == whole[name]
    ours = told["httpresp"]
    for name, value in whole["httpresp"].items():
        assert ours[name] == value | ours["request"] if name == "request" else ours[name] == value
    assert ours["request"]["header_lines"] == [["Host", "shop.example"], ["X-Trace", "a"], ["x-trace", "b"]]


def test_both_bodies_are_there_as_text() -> None:
    ours = copied(response(OK, b"hello", request=POSTED))["httpresp"]
    assert (ours["body_text"], ours["body_whole"]) == ("hello", True)
    assert ours["request"]["body_text"] == "user=ann&password=hunter2hunter2"


def test_a_coded_body_is_decoded_and_one_that_is_no_text_is_base64() -> None:
    coded = OK.replace(b"Server: nginx/1.22.1", b"Content-Encoding: gzip")
    packed = gzip.compress(b"caf\xc3\xa9")
    assert copied(response(coded, packed))["httpresp"]["body_text"] == "café"
    image = b"\x89PNG\r\n\x1a\n\0\0"
    ours = copied(response(OK, image))["httpresp"]
    assert base64.b64decode(ours["body_base64"]) == image
    assert "body_text" not in ours


def test_a_body_is_bounded_and_says_so() -> None:
    ours = copied(response(OK, b"x" * (MOST_BODY + 1)))["httpresp"]
    assert (len(ours["body_text"]), ours["body_whole"]) == (MOST_BODY, False)


def test_no_secret_leaves_in_lines_or_bodies() -> None:
    text = copied_event(response(OK, b'{"access_token":"3f786850e387550f"}', request=POSTED), REDACTOR)
    assert "hunter2hunter2" not in text
    assert "3f786850e387550f" not in text
    assert "3f786850e387550f" in copied_event(response(OK, b'{"access_token":"3f786850e387550f"}'), None)
    binary = response(OK, b'\0\1{"password":"hunter2hunter2"}')
    assert b"hunter2hunter2" not in base64.b64decode(copied(binary, REDACTOR)["httpresp"]["body_base64"])


def test_a_coding_that_cannot_be_taken_off_hides_nothing() -> None:
    coded = OK.replace(b"Server: nginx/1.22.1", b"Content-Encoding: unknown-coding")
    told = copied(response(coded, b"\0\1\2"), REDACTOR)["httpresp"]
    assert not told.keys() & {"body_text", "body_base64"}
    assert told["body_whole"] is False
    assert base64.b64decode(copied(response(coded, b"\0\1\2"))["httpresp"]["body_base64"]) == b"\0\1\2"


def test_what_was_not_seen_has_no_body_and_the_text_is_ascii() -> None:
    ours = copied(unanswered())["httpresp"]
    assert not ours.keys() & {"body_text", "body_base64", "body_whole"}
    assert copied(response(request=None))["httpresp"]["request"] is None
    assert copied_event(response(OK, "\x1b[2J\u202e".encode()), None).replace("\n", "").isprintable()
    assert copied_event(response(OK, "\x1b[2J\u202e".encode()), None).isascii()
