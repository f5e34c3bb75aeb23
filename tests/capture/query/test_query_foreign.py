"""What users of other tools type means what it means there, or is refused with what to write: never silently none."""

import re
from collections.abc import Callable

import pytest

from httpresp_capture.query import QueryError, compile_query
from httpresp_capture.query.foreign import OWN
from httpresp_capture.records.exchange import Response
from samples import FAILED, FLOW_V6, MS, NOT_FOUND, REDIRECT, START, TWO_COOKIES, request, response, unanswered

UPLOAD = request(
    b"POST /api/orders?id=7&draft=yes HTTP/1.1\r\nHost: api.example\r\nContent-Type: application/json\r\n"
    b"Cookie: sid=1; theme=dark\r\n\r\n",
    body=b'{"sku":"needle"}',
)
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\nETag: abc\r\nConnection: close\r\n\r\n"
SAMPLES: dict[str, Response] = {
    "page": response(),
    "missing": response(NOT_FOUND, b'{"error":404}', request=request(b"DELETE /post/1 HTTP/1.1\r\nHost: a\r\n\r\n")),
    "moved": response(REDIRECT, b""),
    "failed": response(FAILED, b"x" * 20_000, flow=FLOW_V6, request=request(sent_at=START - 2_000 * MS)),
    "cookies": response(TWO_COOKIES, stream=2),
    "created": response(b"HTTP/1.1 201 Created\r\nContent-Type: image/png\r\n\r\n", b"{}", request=UPLOAD),
    "gateway": response(BAD_GATEWAY, b"no", trailers=b"X-Sum: 1\r\n"),
    "orphan": response(b"HTTP/1.0 500 Oops\r\n\r\n", request=None),
    "silent": unanswered(),
}
ALL = set(SAMPLES)


def matched(text: str) -> set[str]:
    query = compile_query(text)
    return {name for name, shown in SAMPLES.items() if query.matches(shown)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # Wireshark: is it there?
        ("http", ALL),
        ("tcp", ALL),
        ("http.request", ALL - {"orphan"}),
        ("http.response", ALL - {"silent"}),
        ("!http.response", {"silent"}),
        ("http.request and not http.response", {"silent"}),
        ("http.response && http.response.code >= 500", {"failed", "gateway", "orphan"}),
        ("(http.set_cookie)", {"cookies"}),
        ("http.set_cookie || http.location", {"cookies", "moved"}),
        ("http.cookie", {"created"}),
        ("http.response.code", ALL - {"silent"}),
        ("http.content_type && !http.location", {"page", "missing", "created"}),
        ("http.request.uri.query", {"page", "moved", "failed", "cookies", "created", "gateway", "silent"}),
        ("http.file_data 404", {"missing"}),
        ("http.time", ALL - {"orphan", "silent"}),
        ("http.trailer", {"gateway"}),
        ("ipv6", {"failed"}),
        ("http2", set()),
        ("ip.addr", ALL),
        # Wireshark: fields that we have under no name
        ('http.request.uri.path == "/api/orders"', {"created"}),
        ('http.request.uri.query contains "draft"', {"created"}),
        ('http.request.uri.query.parameter == "id=7"', {"created"}),
        ('http.request.uri.query.parameter == "id"', set()),
        ('http.request.version == "HTTP/1.1"', ALL - {"orphan"}),
        ('http.response.line contains "ETag: abc"', {"gateway"}),
        ('http.request.line contains "theme=dark"', {"created"}),
        ('http.response.code.desc contains "Gateway"', {"gateway"}),
        ("http.time > 1.5", {"failed"}),
        ("http.time > 300 ms", {"failed"}),
        ("http.response_number == 2", {"cookies"}),
        ("http.content_length >= 13", {"missing"}),
        ('http.connection == "close"', {"gateway"}),
        ('http.cookie_pair contains "theme"', {"created"}),
        ('http contains "nginx"', {"page"}),
        ('frame matches "etag: a.c"', {"gateway"}),
        # methods
        ("POST", {"created"}),
        ("DELETE", {"missing"}),
        ("POST,DELETE", {"created", "missing"}),
        ("POST | DELETE", {"created", "missing"}),
        ("-GET -POST", {"missing", "orphan"}),
        ("post", {"missing"}),
        ('"POST"', {"missing"}),
        # status
        ("50x", {"failed", "gateway", "orphan"}),
        ("50X", {"failed", "gateway", "orphan"}),
        ("status:50x,404", {"failed", "gateway", "orphan", "missing"}),
        ("status=40*", {"missing"}),
        ("5*", {"failed", "gateway", "orphan"}),
        ("5** | 4??", {"failed", "gateway", "orphan", "missing"}),
        ("404,502", {"missing", "gateway"}),
        ("4xx,3xx", {"missing", "moved"}),
        ("500..599", {"failed", "gateway", "orphan"}),
        ("500+", {"failed", "gateway", "orphan"}),
        ("status :404", {"missing"}),
        ("status : 404", {"missing"}),
        ("4xx/3xx", {"missing", "moved"}),
        ("status_code == 404", {"missing"}),
        ("statusCode:404", {"missing"}),
        # blanks between a number and its unit
        (">300 ms", {"failed"}),
        ("> 300 ms", {"failed"}),
        ("> 300ms", {"failed"}),
        (">= 2 s", {"failed"}),
        ("> 1.5 secs", {"failed"}),
        ("time > 300 msec", {"failed"}),
        ("time:>300 ms 503", {"failed"}),
        ("duration>=0.02 seconds 503", {"failed"}),
        ("> 10 kB", {"failed"}),
        ("size > 10 KB", {"failed"}),
        ("size>10000 bytes", {"failed"}),
        (">300 ms | 404", {"failed", "missing"}),
        ("(> 300 ms)", {"failed"}),
        ("> 300 m", set()),
        # mitmproxy
        ("~q", {"silent"}),
        ("~s", ALL - {"silent"}),
        ("~a", {"created"}),
        ("~all & ~s & ~c 404", {"missing"}),
        ("~bq needle", {"created"}),
        ("~b needle", {"created"}),
        ("~b error", {"missing"}),
        ("~tq json", {"created"}),
        ("~src 10.0.0.9:50322 & ~c 404", {"missing"}),
        ("~dst 10.0.0.1:8080 & ~c 404", {"missing"}),
        # browsers
        ("set-cookie-name:theme", {"cookies"}),
        ("set-cookie-name=session", {"cookies"}),
        ("set-cookie-value=dark", {"cookies"}),
        ("remote-ip:10.0.0.1 404", {"missing"}),
        ("user-agent:curl 404", set()),
        ("content-length>=13", {"missing"}),
        ("proto:http/1.0", {"orphan"}),
        ("proto:http1 404", {"missing"}),
        ("end:FIN", {"orphan", "created"}),
        ("end=open", set()),
        ("complete:closed", set()),
        ("framing=content-length 302", {"moved"}),
        ("type=application/json", {"missing"}),
        ("type=*json", {"missing"}),
        ("path=/post/1", {"missing"}),
        # what only looks like a field of Wireshark
        ("api.example", {"created"}),
        ("tcp.example.org/x", set()),
    ],
)
def test_it_means_what_it_means_there(text: str, names: set[str]) -> None:
    assert matched(text) == names


@pytest.mark.parametrize(
    ("text", "part", "suggestion"),
    [
        ("http.foo", "http.foo", "host"),
        ("http.respone", "http.respone", "http.response"),
        ("http.etag", "http.etag", "header:etag"),
        ('http.etag == "abc"', "http.etag", "header:etag"),
        ("http.x_cache", "http.x_cache", "host"),
        ("x-cache:hit", "x-cache", "header:x-cache"),
        ("etag:abc", "etag", "header:etag"),
        ("tls.handshake.type == 1", "tls.handshake.type", "sni"),
        ("tcp.flags.reset", "tcp.flags.reset", "port"),
        ("tcp.stream eq 0", "tcp.stream", "flow"),
        ("frame.number == 3", "frame.number", "iface"),
        ("status 404", "status 404", "status:404"),
        ("status is 404", "status is 404", "status:404"),
        ("status code 404", "status code 404", "status:404"),
        ("method is POST", "method is POST", "method:POST"),
        ("400 - 499", "400 - 499", "400-499"),
        ("400 to 499", "400 to 499", "400-499"),
        ("400 .. 499", "400 .. 499", "400-499"),
        ("time > 1", "1", "1ms"),
        ("http.status == 404", "http.status", "status"),
        ("http.status_code == 404", "http.status_code", "status"),
        ("http.method", "http.method", "method"),
        ('http.uri contains "x"', "http.uri", "url"),
        ("response.status == 404", "response.status", "status"),
        ('http.response.content_type == "a/b"', "http.response.content_type", "type"),
        ("method POST", "method POST", "method:POST"),
        ("port 80", "port 80", "port:80"),
        ("tcp port 80", "port 80", "port:80"),
        ("host 10.0.0.1", "host 10.0.0.1", "ip:10.0.0.1"),
        ("host example.org 404", "host example.org", "host:example.org"),
        ("domain api.example:8080", "domain api.example:8080", "domain:api.example:8080"),
        ("path /api", "path /api", "path:/api"),
        ("@status:404", "@status:404", "status:404"),
        (".status == 404", ".status == 404", "status == 404"),
        ("$host:a 404", "$host:a", "host:a"),
        ("/error/i", "/error/i", "/error/"),
        ("404 /a\\/b/gi", "/a\\/b/gi", "/a\\/b/"),
        ("src host 10.0.0.1", "src host 10.0.0.1", "src:10.0.0.1"),
        ("net 10.0.0.0/8", "net 10.0.0.0/8", "ip:10.0.0.0/8"),
        ("dst 2001:db8::9", "dst 2001:db8::9", "dst:2001:db8::9"),
        ("5x", "5x", "5xx"),
        ("status:5", "5", "5xx"),
        ("status=50", "50", "50x"),
        ("300ms", "300ms", ">300ms"),
        ("404 300 ms", "300 ms", ">300ms"),
        ("10kB", "10kB", ">10kB"),
        ("lower(http.host) contains x", "lower", ""),
        ("len(http.host) > 3", "len", ""),
        ('zzz contains "x"', "zzz", ""),
        ('_ws.col.info contains "x"', "_ws.col.info", ""),
        ("==404", "==404", ""),
        ("end:reset", "reset", ""),
        ("complete:yes", "yes", ""),
        ("framing:chunk-ed", "chunk-ed", "chunked"),
        ("type=json", "json", ""),
        ("path=login", "login", ""),
        ("url=example.org/x", "example.org/x", ""),
        ("host:http://a", "http://a", "url:"),
        ("host:a/b", "a/b", "url:"),
        ("proto:https", "https", ""),
        ("~websocket", "~websocket", ""),
        ("~comment x", "~comment", ""),
        ("resource-type:image", "resource-type", ""),
        ("is:from-cache", "from-cache", ""),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_write(text: str, part: str, suggestion: str) -> None:
    with pytest.raises(QueryError) as caught:
        compile_query(text)
    assert text[caught.value.start : caught.value.end] == part
    assert caught.value.suggestion.startswith(suggestion)
    if suggestion and ":" in suggestion and not suggestion.startswith("header"):
        compile_query(caught.value.suggestion)


def is_looked_for(text: str, query: str) -> bool:
    """True when a filter finds the text in a head, in any case, and nothing where it is missing."""
    heads = [b"HTTP/1.1 299 Z\r\nQ: zz%szz\r\n\r\n" % part for part in (text.upper().encode(), b"")]
    return [compile_query(query).matches(response(head, request=None)) for head in heads] == [True, False]


def test_a_text_in_quotes_is_always_a_text() -> None:
    for text in ("http.response", "POST", "300 ms", "50x", "status 404", "lower(x)", "tcp", "/a/i", "@a:b", "host a.b"):
        assert is_looked_for(text, f'"{text}"')


def test_words_that_people_look_for_stay_words() -> None:
    for text in (
        "get",
        "options",
        "error",
        "2s",
        "10k",
        "host",
        "status",
        "port",
        "x-cache",
        "5",
        "1.2.3",
        "ip",
        "iplayer",
    ):
        assert is_looked_for(text, text), text


WIRESHARK = """
accept accept_encoding accept_language authbasic authorization bad_header_name cache_control chat chunked_trailer_part
connection content_encoding content_length content_length_header content_type cookie cookie_pair date file_data host
http2_settings last_modified leading_crlf location proxy_authenticate proxy_authorization referer request
request.full_uri request.line request.method request.uri request.uri.path request.uri.query
request.uri.query.parameter request.version request_number response response.code response.code.desc response.line
response.phrase response.version response_for.uri response_number sec_websocket_accept sec_websocket_extensions
sec_websocket_key sec_websocket_protocol sec_websocket_version server set_cookie te_and_length te_unknown time trailer
transfer_encoding upgrade user_agent www_authenticate x_forwarded_for
"""
UNREAD = """
authcitrix body.segment body.segments chunk_boundary chunk_data chunk_size chunkd_and_length citrix
next_request_in next_response_in notification path_segment prev_request_in prev_response_in proxy_connect_host
proxy_connect_port request_in response_in ssl_port subdissector_failed tls_port unknown_header
"""


@pytest.mark.parametrize("name", WIRESHARK.split())
def test_a_field_of_wireshark_is_read_alone_and_with_a_value(name: str) -> None:
    compile_query(f"http.{name}")
    compile_query(f"!http.{name} && http.{name} || 404")


@pytest.mark.parametrize("name", UNREAD.split())
def test_a_field_of_wireshark_that_says_nothing_here_is_refused(name: str) -> None:
    for text in (f"http.{name}", f"http.{name} == 1", f"!http.{name}", f"404 && http.{name} contains x"):
        with pytest.raises(QueryError, match=re.escape(f"Unknown field 'http.{name}'")):
            compile_query(text)


def test_every_field_of_others_can_be_asked() -> None:
    odd: list[Callable[[], Response]] = [lambda: response(b"", b""), unanswered, lambda: response(request=None)]
    for key, build in OWN.items():
        assert build is not None
        for make in odd:
            number = key in ("http.time", "http.request_number", "http.response_number")
            if "." in key or key.startswith("set-"):
                assert compile_query(f"{key} == {1 if number else 'x'}").matches(make()) in (True, False)
