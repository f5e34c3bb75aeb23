"""Whatever tells of a response that came by TLS says so: URLs, curl, filters, checks."""

from dataclasses import replace

import pytest

from httpresp_capture.checks import Options, examine
from httpresp_capture.export.curl import curl
from httpresp_capture.query import compile_query
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.tls import NO_KEY, READ, Tls
from samples import FLOW, OK, request, response

TLS = Tls("TLS 1.3", "shop.example", "h2", READ, "TLS_AES_128_GCM_SHA256")
COOKIE = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=3f786850e387550fdab836ed7e6dc881; Path=/\r\nContent-Length: 5\r\n\r\n"


def by_tls(head: bytes = OK, tls: Tls = TLS, port: int = 443) -> Response:
    asked = request(b"GET /shop HTTP/1.1\r\nHost: shop.example\r\n\r\n")
    return response(head, request=asked, flow=replace(FLOW, server="192.0.2.1", server_port=port, tls=tls))


@pytest.mark.parametrize(
    "text",
    [
        "url=https://shop.example/shop",
        "tls:1.3",
        "tls:aes_128",
        "sni:shop",
        "alpn=h2",
        "is:decrypted",
        "-tls:1.2",
        "https://shop.example/shop",
    ],
)
def test_filters_know_what_came_by_tls(text: str) -> None:
    assert compile_query(text)(by_tls())


@pytest.mark.parametrize("text", ["tls:1", "sni:shop", "alpn:h2", "is:decrypted", "url:https"])
def test_what_came_in_clear_matches_none_of_them(text: str) -> None:
    assert not compile_query(text)(replace(by_tls(), flow=FLOW))


def test_a_clear_answer_to_a_hello_is_no_https() -> None:
    """A server of clear HTTP answers TLS with a 400 in clear."""
    row = by_tls(tls=replace(TLS, state=NO_KEY))
    assert not row.flow.https
    assert compile_query("url:http://shop.example/shop")(row)


def test_the_curl_command_asks_by_tls() -> None:
    assert "https://shop.example/shop" in curl(by_tls())
    assert "--connect-to ::192.0.2.1:8443" in curl(by_tls(port=8_443))
    assert "--connect-to" not in curl(by_tls())


def test_a_cookie_that_came_by_tls_did_not_cross_the_wire_in_clear() -> None:
    def found(row: Response) -> set[str]:
        return {finding.check for finding in examine(row, Options())}

    clear = replace(by_tls(COOKIE), flow=replace(FLOW, server="192.0.2.1", server_port=80))
    assert "CK-CLEAR" in found(clear)
    assert "CK-CLEAR" not in found(by_tls(COOKIE, port=8_080))
    assert "CK-SECURE" in found(by_tls(COOKIE, port=8_080))
