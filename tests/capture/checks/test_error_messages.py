"""ERR-*: what a body or a header tells of the inside."""

import pytest

from exchanges import GET, LOCAL, found, ok, page
from httpresp_capture.checks import Confidence, Severity
from positives import FAILED, JSON, PYTHON_TRACE, TEXT

JAVA = b"java.lang.Error\n\tat shop.Cart.add(Cart.java:17)\n\tat shop.Main.main(Main.java:4)\n"
NODE = b"Error: no\n    at add (/srv/shop/cart.js:17:9)\n    at main (/srv/shop/main.js:4:1)\n"
EXPRESS = (
    b"<pre>Error: no<br> &nbsp; &nbsp;at add (/srv/shop/cart.js:17:9)<br> &nbsp; &nbsp;at go (/srv/m.js:4:1)</pre>"
)
DOTNET = b"System.Exception\r\n   at Shop.Cart.Add(Int32 id) in C:\\shop\\Cart.cs:line 17\r\n"
ASP = b"<title>Server Error in '/' Application.</title>"
PHP = b"<b>Fatal error</b>: Uncaught Error in <b>/srv/shop/cart.php</b> on line <b>17</b>"
RUBY = b"app/cart.rb:17:in `add'"
GO = b"panic: no\n\ngoroutine 1 [running]:\nmain.main()"


@pytest.mark.parametrize(
    ("body", "family"),
    [
        (PYTHON_TRACE, "Python"),
        (JAVA, "JVM"),
        (NODE, "Node.js"),
        (EXPRESS, "Node.js"),
        (DOTNET, ".NET"),
        (ASP, "ASP.NET"),
        (PHP, "PHP"),
        (RUBY, "Ruby"),
        (GO, "Go"),
    ],
)
def test_a_stack_trace_is_told_by_its_family(body: bytes, family: str) -> None:
    (finding,) = found("ERR-TRACE", ok(TEXT, body=body, status=FAILED))
    assert (finding.parameter, finding.severity) == (family, Severity.MEDIUM)


@pytest.mark.parametrize(
    "body",
    [
        b"Traceback: see the manual",
        b"\tat shop.Cart.add(Cart.java:17)\n",
        b"    at add (/srv/shop/cart.js:17:9)\n",
        b"Warning: the ferry is late in winter, details on line 5",
        b"we met at noon in the office",
    ],
)
def test_words_that_only_sound_like_a_trace_are_none(body: bytes) -> None:
    assert found("ERR-TRACE", ok(TEXT, body=body, status=FAILED)) == []


def test_a_trace_on_a_page_that_is_fine_may_be_a_manual() -> None:
    (finding,) = found("ERR-TRACE", page(body=b"<pre>" + PYTHON_TRACE + b"</pre>"))
    assert (finding.severity, finding.confidence) == (Severity.LOW, Confidence.TENTATIVE)


def test_a_trace_shows_its_file_and_not_the_directories() -> None:
    (finding,) = found("ERR-TRACE", ok(TEXT, body=PYTHON_TRACE, status=FAILED))
    assert "app.py" in finding.evidence
    assert "/srv" not in finding.evidence


def test_the_offset_of_a_trace_leads_to_its_first_byte() -> None:
    response = ok(TEXT, body=b"sorry\n" + PYTHON_TRACE, status=FAILED)
    (finding,) = found("ERR-TRACE", response)
    assert response[finding.offset :].startswith(b"Traceback")


def test_scripts_and_styles_are_not_read_for_traces() -> None:
    assert found("ERR-TRACE", ok(b"Content-Type: text/javascript", body=PYTHON_TRACE, status=FAILED)) == []
    assert found("ERR-TRACE", ok(b"Content-Type: image/png", body=PYTHON_TRACE, status=FAILED)) == []


def test_a_body_of_control_bytes_is_not_text() -> None:
    assert found("ERR-TRACE", ok(TEXT, body=b"\x00\x01" + PYTHON_TRACE, status=FAILED)) == []


def test_frames_without_an_end_are_no_trace() -> None:
    body = b"  at x (" * 4000 + b"\n" + b"Warning: in /" * 2000 + b" on line x" * 500
    assert found("ERR-TRACE", ok(TEXT, body=body, status=FAILED)) == []


@pytest.mark.parametrize(
    "message",
    [b"ORA-00933: SQL command not properly ended", b"SQLSTATE[42S02]: no such table", b"MongoServerError: E11000"],
)
def test_a_database_error_is_found(message: bytes) -> None:
    (finding,) = found("ERR-SQL", ok(JSON, body=b'{"error": "' + message + b'"}', status=FAILED))
    assert finding.severity is Severity.MEDIUM


def test_a_plain_internal_error_is_no_database_error() -> None:
    assert found("ERR-SQL", page(body=b"<h1>Internal Server Error</h1> internal error", status=FAILED)) == []


def test_the_debug_page_of_django_is_known() -> None:
    body = b"<p>You're seeing this error because you have <code>DEBUG = True</code> in your settings</p>"
    (finding,) = found("ERR-DEBUG", page(body=body, status=b"404 Not Found"))
    assert finding.parameter == "Django"


def test_a_header_that_only_begins_like_a_debugger_is_none() -> None:
    assert found("ERR-DEBUG", ok(b"X-Debugger-Friendly: yes")) == []


def test_a_page_about_an_index_is_no_listing() -> None:
    assert found("ERR-LISTING", page(body=b"<title>Index of /prices</title><p>Prices rose.")) == []


def test_python_lists_directories_too() -> None:
    body = b"<title>Directory listing for /tmp/</title><ul><li><a href=x>x</a></ul>"
    (finding,) = found("ERR-LISTING", page(body=body))
    assert finding.evidence == "Directory listing for /tmp/"


@pytest.mark.parametrize(
    ("field", "named"),
    [
        (b"Via: 1.1 cache.prod.svc.cluster.local", "cache.prod.svc.cluster.local"),
        (b"X-Backend-Server: web3.shop.internal", "web3.shop.internal"),
        (b"Location: http://[fd00:1::7]/", "fd00:1::7"),
    ],
)
def test_internal_names_in_headers_are_found(field: bytes, named: str) -> None:
    (finding,) = found("ERR-INTERNAL", ok(field))
    assert finding.shape == named


@pytest.mark.parametrize(
    "field", [b"Via: 1.1 varnish", b"Location: https://shop.example/10.0.0.1x", b"X-Served-By: c7"]
)
def test_public_names_in_headers_are_no_leak(field: bytes) -> None:
    assert found("ERR-INTERNAL", ok(field)) == []


def test_an_internal_service_may_name_its_neighbours() -> None:
    assert found("ERR-INTERNAL", ok(b"Location: http://10.4.0.7/"), GET, addresses=LOCAL) == []
