"""HTTP Archives hold what was captured, are valid by the format's schema, and say what is not known."""

import base64
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exported import acting, hostile, written
from httpresp_capture.export.har import Har
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.tls import READ, Tls
from httpresp_capture.redaction import Redactor
from samples import FLOW, FLOW_V6, NOT_FOUND, OK, REDIRECT, TWO_COOKIES, encrypted, request, response, unanswered

SCHEMA = Path(__file__).parents[1] / "schemas" / "har-1.2.json"


def archive(*rows: Response, redactor: Redactor | None = None, comment: str = "") -> dict[str, Any]:
    """Read again, and valid."""
    jsonschema: Any = pytest.importorskip("jsonschema", reason="jsonschema is a development dependency")
    text = written(Har, rows, redactor=redactor, comment=comment)
    assert not acting(text.decode("ascii"), "\n")
    made = json.loads(text)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft6Validator(schema, format_checker=jsonschema.FormatChecker()).validate(made)
    return made["log"]


def entries(*rows: Response, redactor: Redactor | None = None, comment: str = "") -> list[dict[str, Any]]:
    return archive(*rows, redactor=redactor, comment=comment)["entries"]


def test_an_archive_without_entries_is_valid() -> None:
    log = archive()
    assert (log["version"], log["creator"], log["entries"]) == (
        "1.2",
        {"name": "httpresp-tui", "version": "1.0"},
        [],
    )


def test_a_control_character_beyond_those_of_json_is_escaped() -> None:
    (made,) = entries(response(b"HTTP/1.1 200 a\x7fb\r\n\r\n"))
    assert made["response"]["statusText"] == "a\x7fb"


@pytest.mark.parametrize(("said", "scheme"), [("https", "https"), ("", "http"), ("javascript", "http")])
def test_the_scheme_is_that_of_the_request(said: str, scheme: str) -> None:
    """Of HTTP/2 in clear behind a proxy that ended TLS."""
    (made,) = entries(response(request=request(scheme=said)))
    assert made["request"]["url"] == f"{scheme}://shop.example:8080/shop/items?page=2"


def test_an_entry_holds_both_messages_as_they_were_on_the_wire() -> None:
    head = (
        b"POST /a/b?x=1&y=a%20b&z HTTP/1.1\r\nHost: shop.example\r\n"
        b"Cookie: a=1; b=2\r\nContent-Type: text/plain\r\n\r\n"
    )
    (made,) = entries(response(TWO_COOKIES, request=request(head, body=b"hi", body_bytes=2)), comment="look here")
    asked, told = made["request"], made["response"]
    assert (asked["method"], asked["url"]) == ("POST", "http://shop.example/a/b?x=1&y=a%20b&z")
    assert asked["queryString"] == [
        {"name": "x", "value": "1"},
        {"name": "y", "value": "a b"},
        {"name": "z", "value": ""},
    ]
    assert asked["cookies"] == [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    assert asked["postData"] == {"mimeType": "text/plain", "params": [], "text": "hi"}
    assert (asked["headersSize"], asked["bodySize"]) == (len(head), 2)
    assert (told["status"], told["statusText"], told["httpVersion"]) == (200, "OK", "HTTP/1.1")
    assert [each["name"] for each in told["headers"]] == ["Set-Cookie", "set-cookie", "X-Cache", "Content-Length"]
    assert told["cookies"][0] == {
        "name": "session", "value": "3f786850e387550fdab836ed7e6dc881", "httpOnly": True, "secure": False, "path": "/",
    }  # fmt: skip
    assert told["content"] == {"size": 5, "mimeType": "x-unknown", "text": "hello"}
    assert (made["serverIPAddress"], made["connection"], made["comment"]) == ("10.0.0.1", "7", "look here")


def test_times_are_milliseconds_and_their_sum_is_the_whole() -> None:
    (made,) = entries(response())
    assert made["startedDateTime"] == "2023-11-14T22:13:20.001000Z"
    assert made["timings"] == {
        "blocked": -1, "dns": -1, "connect": 0.3, "ssl": -1, "send": 0, "wait": 20.0, "receive": 5.0,
    }  # fmt: skip
    assert made["time"] == 25.3


def test_only_the_first_exchange_of_a_connection_has_its_handshake() -> None:
    assert entries(response(stream=2))[0]["timings"]["connect"] == -1


def test_a_clock_that_was_set_back_makes_no_negative_time() -> None:
    (made,) = entries(response(at_ms=-50))
    assert made["timings"]["wait"] == 0
    assert made["time"] >= 0


def test_a_body_that_is_no_text_is_base64_and_a_coded_one_is_decoded() -> None:
    data = bytes(range(256))
    plain = b"hello " * 100
    packed = gzip.compress(plain, mtime=0)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    binary, text = entries(response(OK, data), response(head % len(packed), packed))
    content = binary["response"]["content"]
    assert (content["encoding"], base64.b64decode(content["text"])) == ("base64", data)
    content = text["response"]["content"]
    assert (content["text"], content["size"], content["compression"]) == (plain.decode(), 600, 600 - len(packed))


def test_a_body_of_which_the_beginning_was_kept_says_so() -> None:
    (made,) = entries(response(OK, b"hel", body_bytes=5))
    assert made["response"]["content"]["size"] == 5
    assert "beginning" in made["response"]["content"]["comment"]


def test_what_was_not_captured_is_an_entry_that_says_so() -> None:
    without_answer, without_question = entries(unanswered(), response(NOT_FOUND, request=None))
    assert without_answer["response"]["status"] == 0
    assert without_answer["comment"] == "no response was captured"
    assert without_answer["response"]["headersSize"] == -1
    assert without_question["request"]["method"] == ""
    assert without_question["request"]["url"] == "http://10.0.0.1/"
    assert without_question["comment"] == "the request was not captured"


def test_a_connection_that_is_not_read_is_no_entry() -> None:
    assert [each["_id"] for each in entries(encrypted(), response(id=4))] == [4]


def test_urls_are_absolute_whatever_the_target_is() -> None:
    secure = replace(FLOW, tls=Tls(sni="shop.example", state=READ))
    rows = (
        response(request=request(b"GET http://other.example/x HTTP/1.1\r\nHost: shop.example\r\n\r\n")),
        response(request=request(b"CONNECT a.example:443 HTTP/1.1\r\n\r\n")),
        response(request=request(b"GET /x HTTP/1.1\r\nHost: shop.example\r\n\r\n"), flow=secure),
        response(request=request(b"GET /x HTTP/1.1\r\n\r\n"), flow=FLOW_V6),
    )
    assert [each["request"]["url"] for each in entries(*rows)] == [
        "http://other.example/x",
        "http://a.example:443/",
        "https://shop.example/x",
        "http://[2001:db8::1]/x",
    ]


def test_a_redirect_says_where_to() -> None:
    assert entries(response(REDIRECT, b""))[0]["response"]["redirectURL"] == "/login?next=%2F"


def test_hostile_text_comes_back_and_cannot_act() -> None:
    (made,) = entries(hostile())
    assert made["response"]["statusText"].startswith("\x1b]52;")
    assert base64.b64decode(made["response"]["content"]["text"]) == hostile().body


def test_secrets_are_tags_in_every_part() -> None:
    secret = "Zq7Kp2Xw9Lm4Rt8Vb3"
    lines = f"Cookie: sid={secret}\r\nAuthorization: Bearer {secret}\r\n\r\n"
    asked = f"POST /a?access_token={secret} HTTP/1.1\r\nHost: h\r\n{lines}"
    lines = f"Set-Cookie: sid={secret}\r\nContent-Type: application/json\r\n\r\n"
    told = f"HTTP/1.1 302 Found\r\nLocation: /cb?code={secret}\r\n{lines}"
    body = f'{{"access_token":"{secret}"}}'.encode()
    form = f"password={secret}".encode()
    row = response(told.encode(), body, request=request(asked.encode(), body=form, body_bytes=len(form)))
    (made,) = entries(row, redactor=Redactor(b"salt"))
    assert secret not in json.dumps(made)
    assert "‹" in made["response"]["content"]["text"]
    assert "‹" in made["request"]["postData"]["text"]
    assert secret in json.dumps(entries(row))


def test_a_body_in_an_unknown_coding_does_not_leave_while_secrets_are_hidden() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: x-secret\r\nContent-Length: 5\r\n\r\n"
    (made,) = entries(response(head, b"hello"), redactor=Redactor(b"salt"))
    assert "text" not in made["response"]["content"]
    assert "coding" in made["response"]["content"]["comment"]
