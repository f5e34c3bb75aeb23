"""What a gRPC call ended with, and the messages in its body."""

import json
from dataclasses import replace

import pytest

from httpresp_capture.query import compile_query
from httpresp_capture.records.error_responses import is_error, is_failed_call
from httpresp_capture.records.evidence import Gap
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.grpc import Messages, failed, is_grpc, message_of, messages_of, status_name, status_of
from httpresp_capture.tracee.writer import EventWriter
from samples import request, response

HEAD = b"HTTP/2 200\r\ncontent-type: application/grpc+proto\r\n\r\n"
ASKED = b"POST /shop.Cart/Get HTTP/2\r\nhost: a.test\r\ncontent-type: application/grpc\r\n\r\n"


def call(trailers: bytes = b"", head: bytes = HEAD, body: bytes = b"") -> Response:
    return response(head, body, protocol="HTTP/2", trailers=trailers, request=request(ASKED))


OK = call(b"grpc-status: 0\r\n")
UNAVAILABLE = call(b"grpc-status: 14\r\ngrpc-message: no%20route %E2%82%AC\r\n")
TRAILERS_ONLY = call(head=b"HTTP/2 200\r\ncontent-type: application/grpc\r\ngrpc-status: 5\r\n\r\n")


def test_the_status_comes_from_the_trailers_or_from_the_head_that_is_all() -> None:
    assert [status_of(one) for one in (OK, UNAVAILABLE, TRAILERS_ONLY, call())] == [0, 14, 5, None]
    assert [failed(one) for one in (OK, UNAVAILABLE, TRAILERS_ONLY, call())] == [False, True, True, False]
    assert [status_name(number) for number in (0, 5, 14, 16, 17)] == ["OK", "NOT_FOUND", "UNAVAILABLE",
                                                                     "UNAUTHENTICATED", "17"]  # fmt: skip
    assert message_of(UNAVAILABLE) == "no route €"


@pytest.mark.parametrize("value", [b"", b"x", b"-1", b"1e3", b"999999999999", b"\xb2"])
def test_a_status_that_is_no_number_is_not_known(value: bytes) -> None:
    assert status_of(call(b"grpc-status: " + value + b"\r\n")) is None


def test_one_answer_for_what_is_an_error() -> None:
    assert [is_error(one) for one in (OK, UNAVAILABLE, TRAILERS_ONLY, call())] == [False, True, True, False]
    # A proxy that says 502 is one error, whatever it says of the call.
    proxied = call(b"grpc-status: 14\r\n", b"HTTP/2 502\r\ncontent-type: application/grpc\r\n\r\n")
    assert (failed(proxied), is_error(proxied), is_failed_call(proxied)) == (True, True, False)
    # Over HTTP/1.1 it is a field like any other.
    assert not is_error(response(b"HTTP/1.1 200 OK\r\ngrpc-status: 5\r\n\r\n"))


def test_a_call_is_known_by_its_type_also_when_a_proxy_answered() -> None:
    proxy = b"HTTP/2 502\r\ncontent-type: text/html\r\n\r\n"
    assert is_grpc(OK)
    assert is_grpc(call(head=proxy))
    assert not is_grpc(response(proxy, protocol="HTTP/2", request=request(b"GET / HTTP/2\r\n\r\n")))
    assert not is_grpc(response())


def test_messages_are_counted_as_far_as_the_body_is_kept() -> None:
    body = b"\0\0\0\0\3abc" + b"\1\0\0\0\0" + b"\0\0\0\0\2xy"
    assert messages_of(call(body=body)) == Messages(3, (3, 0, 2), True)
    assert messages_of(call(body=body[:-1])) == Messages(3, (3, 0, 2), False)
    assert messages_of(call(body=body[:10])) == Messages(1, (3,), False)
    assert messages_of(call()) == Messages(0, (), True)
    assert messages_of(call(body=bytes(5) * 1_000)) == Messages(1_000, (0,) * 64, True)


def test_what_is_no_message_is_counted_for_none() -> None:
    body = b"\0\0\0\0\3abc"
    assert messages_of(call(body=b"<html>no backend</html>")) == Messages(0, (), False)
    assert messages_of(call(body=body + b"\x02\0\0\0\1x")) == Messages(1, (3,), False)
    assert messages_of(replace(call(body=body * 2), gaps=(Gap(60, 8, False),))) == Messages(0, (), False)


def test_the_trailers_of_grpc_web_are_no_message_and_tell_the_status() -> None:
    head = b"HTTP/2 200\r\ncontent-type: application/grpc-web+proto\r\n\r\n"
    lines = b"grpc-status:7\r\ngrpc-message:no%20entry\r\n"
    body = b"\0\0\0\0\3abc" + b"\x80" + len(lines).to_bytes(4, "big") + lines
    shown = call(head=head, body=body)
    assert (status_of(shown), message_of(shown), failed(shown)) == (7, "no entry", True)
    assert messages_of(shown) == Messages(1, (3,), True)
    assert messages_of(call(head=head, body=body[:-1])) == Messages(1, (3,), False)
    assert status_of(call(head=head, body=body[:8])) is None
    assert status_of(replace(shown, gaps=(Gap(60, 8, False),))) is None


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("grpc:14", [2]),
        ("grpc>0", [2, 3]),
        ("grpc:*", [1, 2, 3]),
        ("grpc:0", [1]),
        ("grpc<14", [1, 3]),
        ("grpc:unavail", [2]),
        ("grpc:NOT_FOUND", [3]),
        ('grpc:"no route"', [2]),
        ("is:error", [2, 3]),
        ("-grpc>0", [1, 4]),
    ],
)
def test_filters_ask_for_status_name_and_message(text: str, ids: list[int]) -> None:
    test = compile_query(text)
    rows = [OK, UNAVAILABLE, TRAILERS_ONLY, response()]
    assert [number for number, row in enumerate(rows, 1) if test(row)] == ids


def test_the_event_has_a_member_of_its_own() -> None:
    def member(row: Response) -> object:
        return json.loads(EventWriter().line(row))["httpresp"].get("grpc")

    assert member(call(b"grpc-status: 14\r\ngrpc-message: a%1b\r\n", body=b"\0\0\0\0\3abc")) == {
        "status": 14,
        "name": "UNAVAILABLE",
        "message": "a\x1b",
        "sent": {"count": 0, "sizes": [], "whole": True},
        "received": {"count": 1, "sizes": [3], "whole": True},
    }
    assert member(call()) == {
        "status": None,
        "name": None,
        "message": "",
        "sent": {"count": 0, "sizes": [], "whole": True},
        "received": {"count": 0, "sizes": [], "whole": True},
    }
    assert member(response()) is None
