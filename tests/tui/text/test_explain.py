"""Header values said in one line."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.http.caching import verdict
from httpresp_capture.records.evidence import Gap
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.tls import READ, Tls
from httpresp_tui.text.explain import EXPLANATIONS, IN_REQUEST, IN_RESPONSE, explain, explain_asked
from httpresp_tui.text.explain.fixed import FIXED
from httpresp_tui.text.explain.parts import TWO_ROWS
from httpresp_tui.text.explain.statuses import STATUSES
from httpresp_tui.text.explain.verdict import verdict_in_words
from samples import FLOW, request, response


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (
            "Set-Cookie",
            "sid=0123456789; Path=/; HttpOnly; Secure; SameSite=Lax",
            'cookie "sid" · until the browser closes · hidden from scripts · https only'
            " · from other sites only on links",
        ),
        (
            "set-cookie",
            "theme=dark; Max-Age=31536000; Domain=.example.com; Path=/app",
            'cookie "theme" · kept 1 year · scripts can read it · without https too'
            " · SameSite left to browsers · all of example.com · below /app",
        ),
        (
            "Cache-Control",
            "private, max-age=3600, stale-while-revalidate=60, colour=red",
            "browsers only, no shared cache · fresh for 1 hour · then usable 1 minute while it is fetched anew"
            ' · "colour" is not known',
        ),
        ("Cache-Control", "no-store, max-age=0", "never stored · stale at once"),
        (
            "Content-Security-Policy",
            "default-src 'self'; script-src 'self' 'unsafe-inline' 'nonce-abc'; object-src 'none'; img-src *",
            "everything: here · scripts: here, inline (unsafe), with its nonce · plugins: nowhere · images: anywhere",
        ),
        (
            "Content-Security-Policy-Report-Only",
            "default-src https:",
            "only reported, not enforced: everything: any https site",
        ),
        (
            "Strict-Transport-Security",
            "max-age=63072000; includeSubDomains; preload",
            "https only for 2 years · with all subdomains · asks to be built into browsers",
        ),
        ("Strict-Transport-Security", "includeSubDomains", "without max-age: ignored by browsers"),
        ("Access-Control-Allow-Origin", "*", "scripts of any site may read it, without cookies"),
        ("Access-Control-Allow-Origin", "https://a.example", "scripts of https://a.example may read it"),
        ("Access-Control-Allow-Credentials", "TRUE", 'only "true" means anything'),
        ("Access-Control-Max-Age", "600", "the preflight holds for 10 minutes; browsers cap it at 2 hours to 1 day"),
        ("X-Frame-Options", "ALLOWALL", "not a value that browsers know: framing is open"),
        ("Vary", "Accept-Encoding, Origin", "a cache keeps one copy for each accept-encoding and origin"),
        ("Content-Range", "bytes 0-1023/146515", "bytes 0 to 1,023 of 146,515"),
        ("Content-Encoding", "gzip, br", "compressed with gzip, then compressed with Brotli"),
        ("Retry-After", "120", "try again in 2 minutes"),
        ("ETag", 'W/"x"', "weak validator: the same meaning, not the same bytes"),
        ("Server-Timing", 'db;dur=53, app;desc="App";dur=47.2', "db 53 ms · App 47.2 ms"),
        ("Alt-Svc", 'h3=":443"; ma=86400, h2=":443"', "also served as HTTP/3 at :443, HTTP/2 at :443"),
        ("Connection", "keep-alive", "the connection stays open for the next request"),
        ("X-Nobody-Knows", "this", ""),
        ("Content-Type", "text/html; charset=utf-8", "a web page · in utf-8"),
        ("Content-Type", "text/plain", "plain text · no charset: readers guess"),
        ("Content-Type", "application/vnd.api+json", "JSON"),
        ("Content-Type", "multipart/form-data; boundary=xyz", "a form's fields and files · parts are parted by xyz"),
        ("Content-Type", "html", "no media type: browsers guess"),
        ("Server", "nginx/1.22.1", "nginx, a web server or proxy · version 1.22.1, which attackers read too"),
        ("Server", "cloudflare", "cloudflare, the edge of a CDN"),
        ("Server", "own", "the server calls itself own"),
        ("X-Powered-By", "PHP/8.1", "made with PHP/8.1, which attackers read too"),
        ("Via", "1.1 varnish, 2 edge (Envoy)", "came through varnish (1.1), then edge (2)"),
        ("X-Cache", "TCP_MISS from a.example", "not in the cache: fetched from the server"),
        ("X-Cache", "HIT, MISS", "out of a cache · not in the cache: fetched from the server"),
        ("CF-Cache-Status", "DYNAMIC", "not for caching, by the rules of the cache"),
        ("X-Cache-Hits", "1, 0", "times it was had from each cache before: 1, 0"),
        (
            "Cache-Status",
            'Edge; hit; ttl=60, "o"; fwd=stale',
            "Edge had it, fresh for 1 minute · o asked further (stale)",
        ),
        ("CDN-Cache-Control", "max-age=60", "for the CDN alone: fresh for 1 minute"),
        (
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "trace 0af7651916cd43dd8448eb211c80319c · span b7ad6b7169203331 · recorded",
        ),
        ("traceparent", "00-0-0-0", "no trace context that can be read"),
        ("X-RateLimit-Remaining", "0", "no request left: the next is refused"),
        ("X-RateLimit-Remaining", "41", "41 requests left"),
        ("X-RateLimit-Limit", "100", "100 requests in a window"),
        ("X-RateLimit-Reset", "30", "all again in 30 seconds"),
        ("RateLimit", '"default";r=5;t=30', "5 more requests, in 30 seconds all again"),
        ("RateLimit-Policy", '"burst";q=100;w=60', "100 requests in 1 minute"),
        (
            "Link",
            '</a.css>; rel=preload; as=style, <https://a/?p=2>; rel="next"',
            "fetch early: /a.css · next page: https://a/?p=2",
        ),
        ("Allow", "GET, HEAD", "can be asked by GET, HEAD"),
        ("Refresh", "5; url=/next", "the browser goes to /next after 5 seconds"),
        ("X-Robots-Tag", "noindex, nofollow", "not to be found by search engines · its links are not followed"),
        ("X-Request-Id", "4711", "id of this request, for logs"),
        ("Content-Digest", "sha-256=:abc=:", "a checksum: sha-256"),
        ("Upgrade", "websocket", "the connection goes on as websocket, or could"),
    ],
)
def test_a_field_is_said_in_words(name: str, value: str, words: str) -> None:
    assert explain(name, value) == words


BOUND = TWO_ROWS + len(" · …")
"""Two rows of a terminal of 80 columns."""


@given(st.sampled_from(sorted({*EXPLANATIONS, *IN_RESPONSE})), st.text(max_size=80))
def test_no_value_makes_an_explanation_fail_or_grow(name: str, value: str) -> None:
    for words in (explain(name, value), explain(name, value, response())):
        assert len(words) <= BOUND


@given(st.sampled_from(sorted(IN_REQUEST)), st.text(max_size=80))
def test_nor_one_of_a_request(name: str, value: str) -> None:
    assert len(explain_asked(name, value)) <= BOUND


@pytest.mark.parametrize("name", sorted({*EXPLANATIONS, *IN_RESPONSE}))
def test_a_value_of_200_kilobytes_is_said_in_few_words(name: str) -> None:
    for value in ("x" * 200_000, "a=b, " * 40_000, "; ".join(["script-src"] * 20_000), "1" * 9_000):
        assert len(explain(name, value)) <= BOUND
        assert len(explain(name, value, response())) <= BOUND


def test_no_field_is_in_two_tables_and_no_sentence_is_longer_than_two_rows() -> None:
    assert not FIXED.keys() & (EXPLANATIONS.keys() | IN_RESPONSE.keys())
    assert all(0 < len(words) <= TWO_ROWS and name == name.lower() for name, words in FIXED.items())


def test_a_status_is_said_in_a_row_and_none_is_left_out_that_is_registered() -> None:
    assert all(len(words) <= 74 for words in STATUSES.values())
    assert {status.value for status in HTTPStatus} - STATUSES.keys() == {200, 208, 305, 418, 506, 510}


SECURE = replace(FLOW, tls=Tls("TLS 1.3", "shop.example", "h2", READ))


def around(name: str, value: str, status: int = 200, **fields: Any) -> str:
    """What is said of a field in a response, captured 21 ms after `START` to a request for `/shop/items?page=2`."""
    head = f"HTTP/1.1 {status} X\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n{name}: {value}\r\n\r\n".encode()
    return explain(name, value, response(head, **fields))


@pytest.mark.parametrize(
    ("value", "status", "flow", "words"),
    [
        ("/login?n=1", 302, FLOW, "for now at http://shop.example:8080/login?n=1; POST may become GET"),
        ("../a", 301, FLOW, "moved for good to http://shop.example:8080/a; POST may become GET"),
        ("//b.example/", 308, SECURE, "moved for good to https://b.example/, by the same method"),
        ("?page=3", 303, FLOW, "the answer is http://shop.example:8080/shop/items?page=3, by GET"),
        (
            "http://b.example/",
            307,
            SECURE,
            "for now at http://b.example/, by the same method; from https to http",
        ),
        (
            "items?page=2#x",
            302,
            FLOW,
            "for now at http://shop.example:8080/shop/items?page=2#x; POST may become GET: where it came from",
        ),
        ("/users/7", 201, FLOW, "what was made is http://shop.example:8080/users/7"),
        ("http://[", 302, FLOW, "no URL that can be read"),
    ],
)
def test_a_location_is_told_in_full_with_what_its_status_means(value: str, status: int, flow: Flow, words: str) -> None:
    assert around("Location", value, status, flow=flow) == words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"declared": 5}, "all of it came"),
        ({"declared": 2_000, "body_bytes": 2_000}, "2.0 kB, all of it came"),
        ({"declared": 9}, "5 came"),
        ({"declared": 9, "end": None}, "5 came so far"),
        ({"declared": 9, "gaps": (Gap(100, 4),)}, "4 of them not captured"),
        ({"declared": 9, "request": request(b"HEAD / HTTP/1.1\r\n\r\n")}, "as GET would have sent; HEAD sends none"),
        ({"declared": 9, "status": 304}, "as 200 would have sent; 304 sends none"),
        ({"declared": -1}, "no length that can be read"),
    ],
)
def test_a_length_is_held_against_what_came(fields: dict[str, Any], words: str) -> None:
    assert around("Content-Length", "9", **fields) == words


def test_a_length_beside_chunks_is_overruled() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert explain("content-length", "5", response(head)) == "overruled by Transfer-Encoding (RFC 9112 §6.3)"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Tue, 14 Nov 2023 22:13:20 GMT", "agrees with the clock of the capture"),
        ("Tue, 14 Nov 2023 22:13:22 GMT", "agrees with the clock of the capture"),
        ("Tue, 14 Nov 2023 22:23:20 GMT", "10 minutes ahead of the clock of the capture"),
        (
            "Tue, 14 Nov 2023 21:13:20 GMT",
            "1 hour behind the clock of the capture: made then, or that clock is slow",
        ),
        ("now", "no date that can be read"),
    ],
)
def test_a_date_is_held_against_the_clock_of_the_capture(value: str, words: str) -> None:
    said = explain("Date", value, response())
    assert said.replace("59 minutes", "1 hour").replace("about ", "") == words


def test_a_date_with_age_is_when_it_was_sent() -> None:
    head = b"HTTP/1.1 200 OK\r\nAge: 3600\r\n\r\n"
    said = explain("Date", "Tue, 14 Nov 2023 21:13:20 GMT", response(head))
    assert said == "agrees with the clock of the capture, with Age"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("Expires", "Tue, 14 Nov 2023 23:13:20 GMT", "fresh for 1 hour"),
        ("Expires", "Tue, 14 Nov 2023 22:13:20 GMT", "expired already"),
        ("Expires", "0", "no date: expired already"),
        ("Last-Modified", "Mon, 13 Nov 2023 22:13:20 GMT", "changed 1 day before it was sent"),
        ("Last-Modified", "Wed, 15 Nov 2023 22:13:20 GMT", "later than it was sent"),
        ("Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT", "made as it was sent"),
        ("Retry-After", "120", "try again in 2 minutes"),
        ("Retry-After", "Tue, 14 Nov 2023 22:14:20 GMT", "try again in 1 minute"),
        ("Retry-After", "Tue, 14 Nov 2023 22:13:00 GMT", "try again: that time has passed"),
        ("Retry-After", "later", "neither seconds nor a date"),
        (
            "Set-Cookie",
            "a=b; Expires=Thu, 14 Dec 2023 22:13:20 GMT; Secure; HttpOnly; SameSite=Strict",
            'cookie "a" · kept 30 days · hidden from scripts · https only · never from other sites',
        ),
        (
            "Set-Cookie",
            "a=b; Expires=Mon, 13 Nov 2023 22:13:20 GMT; Secure; HttpOnly; SameSite=Strict",
            'cookie "a" · deletes it · hidden from scripts · https only · never from other sites',
        ),
    ],
)
def test_moments_are_counted_from_those_of_the_response(name: str, value: str, words: str) -> None:
    assert around(name, value) == words


def test_expires_beside_max_age_is_overruled() -> None:
    head = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=5\r\n\r\n"
    assert explain("expires", "0", response(head)) == "no date: expired already; max-age comes first (RFC 9111 §5.3)"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("Cookie", "sid=1; theme=dark", "2 cookies · sid · theme"),
        ("Authorization", "Bearer abc", "a token: whoever has it is the user"),
        ("Range", "bytes=0-99", "only bytes 0 to 99"),
        ("Range", "bytes=500-", "only bytes 500 to the end"),
        ("Range", "bytes=-5, 7-8", "only the last 5 bytes and 1 more"),
        ("Cache-Control", "no-cache", "caches must ask the server first"),
        ("Cache-Control", "max-age=0", "caches must ask the server first"),
        ("If-None-Match", '"x"', "only if it is another version than this, else 304"),
        ("X-Forwarded-For", "10.0.0.1, 10.0.0.2", "asked by 10.0.0.1, as proxies say"),
        ("Server", "nginx", ""),
    ],
)
def test_the_fields_of_a_request_have_words_of_their_own(name: str, value: str, words: str) -> None:
    assert explain_asked(name, value) == words


# --- the verdict ---


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("Cache-Control: no-store", "no cache may keep it: no-store (RFC 9111 §5.2.2.5)"),
        (
            "Cache-Control: max-age=3600\nAge: 600",
            "any cache may keep it: max-age (RFC 9111 §5.2.2.1) · fresh for 1 hour (max-age) · came 10 minutes old,"
            " 50 minutes left · …",
        ),
        (
            "Cache-Control: max-age=60, s-maxage=600\nETag: x",
            "any cache may keep it: s-maxage (RFC 9111 §5.2.2.10) · fresh for 10 minutes (s-maxage), in browsers"
            " fresh for 1 minute (max-age) · …",
        ),
        (
            "Cache-Control: private, max-age=60, stale-while-revalidate=30\nAge: 90",
            "browsers may keep it, shared caches not: private (RFC 9111 §5.2.2.7) · fresh for 1 minute (max-age)"
            " · came 90 seconds old, stale · …",
        ),
        (
            "Cache-Control: no-cache\nETag: x",
            "any cache may keep it: status 200 (RFC 9110 §15.1) · checked with the server before each use: no-cache"
            " · checked by ETag",
        ),
        (
            "Vary: *",
            "any cache may keep it: status 200 (RFC 9110 §15.1) · but Vary: * lets it answer no other request"
            " (RFC 9111 §4.1)",
        ),
        (
            "Expires: 0",
            "any cache may keep it: Expires (RFC 9111 §5.3) · stale at once (Expires is no date)"
            " · nothing to check it by",
        ),
        (
            "Last-Modified: Sat, 04 Nov 2023 22:13:20 GMT",
            "any cache may keep it: status 200 (RFC 9110 §15.1) · fresh for 1 day (guessed: a tenth of its age)"
            " · checked by Last-Modified",
        ),
        (
            "Cache-Control: max-age=9, must-revalidate",
            "any cache may keep it: max-age (RFC 9111 §5.2.2.1) · fresh for 9 seconds (max-age) · never used stale"
            " · nothing to check it by",
        ),
    ],
)
def test_the_verdict_of_caches_is_said_in_two_rows(fields: str, words: str) -> None:
    lines = fields.replace("\n", "\r\n")
    head = f"HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n{lines}\r\n\r\n".encode()
    assert verdict_in_words(verdict(response(head))) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("chunked", "sent in chunks, its length not known before"),
        ("gzip, chunked", "for the transfer compressed with gzip, then sent in chunks"),
        ("gzip", "for the transfer compressed with gzip, and the connection ends the body"),
        ("chunked, gzip", "chunked comes last, or the end cannot be found"),
    ],
)
def test_transfer_codings_are_told_apart_from_chunks(value: str, words: str) -> None:
    assert explain("Transfer-Encoding", value) == words


def test_credentials_need_an_origin_that_is_named() -> None:
    """Fetch, "CORS protocol and credentials": beside "*" browsers refuse them."""
    assert explain("Access-Control-Allow-Origin", "*") == "scripts of any site may read it, without cookies"
    assert 'browsers refuse them for "*"' in explain("Access-Control-Allow-Credentials", "true")
