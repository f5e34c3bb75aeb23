"""Which host and path a request is for, and that everything which says so says the same."""

import json
import shlex

import pytest

from httpresp_capture.analysis.findings import origin_of
from httpresp_capture.export.curl import curl
from httpresp_capture.query import compile_query
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.targets import authority_of, host_of, path_of, scheme_of, url_of
from httpresp_tui.model.columns import COLUMNS
from httpresp_tui.model.grouping import GROUPINGS
from httpresp_tui.widgets.detail import title
from samples import OK, request, response
from tracee_lines import line

HOST = b"\r\nHost: shop.example\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "target", "scheme", "host", "path"),
    [
        ("GET", "/a?b=c", "", "shop.example", "/a?b=c"),
        # A URL that is data, wherever it stands.
        ("GET", "/openredir?u=https://evil.example/", "", "shop.example", "/openredir?u=https://evil.example/"),
        ("GET", "/https://evil.example/", "", "shop.example", "/https://evil.example/"),
        ("GET", "//evil.example/a", "", "shop.example", "//evil.example/a"),
        ("GET", "?u=https://evil.example/", "", "shop.example", "?u=https://evil.example/"),
        ("GET", "a?u=https://evil.example/", "", "shop.example", "a?u=https://evil.example/"),
        ("GET", " http://evil.example/", "", "shop.example", " http://evil.example/"),
        ("GET", "1http://evil.example/", "", "shop.example", "1http://evil.example/"),
        # The absolute form.
        ("GET", "http://other.example:8080/a?u=http://x/", "http", "other.example:8080", "/a?u=http://x/"),
        ("GET", "HTTPS://user:word@other.example/", "https", "other.example", "/"),
        ("GET", "http://other.example", "http", "other.example", "/"),
        ("GET", "http://other.example?u=/x@y", "http", "other.example", "/?u=/x@y"),
        ("GET", "http://[2001:db8::1]:80/", "http", "[2001:db8::1]:80", "/"),
        ("GET", "svn+ssh://other.example/a", "svn+ssh", "other.example", "/a"),
        ("GET", "http:///a", "http", "", "/a"),
        # Authority and asterisk.
        ("CONNECT", "other.example:443", "", "other.example:443", "other.example:443"),
        ("OPTIONS", "*", "", "shop.example", "*"),
    ],
)
def test_only_an_absolute_target_names_a_host(method: str, target: str, scheme: str, host: str, path: str) -> None:
    head = f"{method} {target} HTTP/1.1".encode("latin-1") + HOST
    assert (scheme_of(target), host_of(method, target, head), path_of(target)) == (scheme, host, path)


def test_an_authority_ends_where_path_query_or_fragment_begin() -> None:
    for rest in ("", "/a@b", "?u=/@", "#//@x"):
        assert authority_of(f"https://user@shop.example:1{rest}") == "shop.example:1"
    assert authority_of("/a?u=https://shop.example") == authority_of("shop.example:80") == ""


def answer_to(line: bytes, head: bytes = OK) -> Response:
    method, target = line.decode("latin-1").split(" ")[:2]
    return response(head, request=request(line + HOST, method=method, target=target))


def host_everywhere(row: Response) -> dict[str, str]:
    """Who says which host a row is of."""
    cells = {column.key: column.cell(row) for column in COLUMNS}
    return {
        "list": cells["host"],
        "group": GROUPINGS["host"].of(row),
        "findings": origin_of(row).rpartition(":")[0],
        "export": json.loads(line(row))["httpresp"]["request"]["host"],
        "curl": shlex.split(curl(row))[1].removeprefix("http://").partition("/")[0],
        "title": title(row).plain.split()[4].partition("/")[0],
        "query": next(host for host in ("shop.example", "evil.example") if compile_query(f"host={host}").matches(row)),
    }


def test_a_url_in_the_query_changes_the_host_nowhere() -> None:
    said = host_everywhere(answer_to(b"GET /openredir?u=https://evil.example/ HTTP/1.1"))
    assert set(said.values()) == {"shop.example"}, said


def test_an_absolute_target_is_the_host_everywhere() -> None:
    said = host_everywhere(answer_to(b"GET http://evil.example/openredir HTTP/1.1"))
    assert set(said.values()) == {"evil.example"}, said


def test_without_a_name_the_address_is_the_host() -> None:
    row = response(request=request(b"GET /a HTTP/1.0\r\n\r\n"))
    assert GROUPINGS["host"].label(row) == next(c for c in COLUMNS if c.key == "host").cell(row) == "10.0.0.1"
    assert title(row).plain == "#1  200 OK  GET 10.0.0.1/a"


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/ü/日本?q=é", "GET shop.example/ü/日本?q=é"),
        ("/caf\xe9", "GET shop.example/café"),
        ("http://other.example/é", "GET other.example/é"),
    ],
)
def test_the_title_reads_a_target_as_the_list_does(target: str, said: str) -> None:
    wire = target.encode("latin-1") if target == "/caf\xe9" else target.encode()
    row = answer_to(b"GET " + wire + b" HTTP/1.1")
    assert title(row).plain == f"#1  200 OK  {said}"


def test_an_authority_and_an_asterisk_are_no_path() -> None:
    assert title(answer_to(b"CONNECT shop.example:443 HTTP/1.1")).plain == "#1  200 OK  CONNECT shop.example:443"
    assert title(answer_to(b"OPTIONS * HTTP/1.1")).plain == "#1  200 OK  OPTIONS shop.example *"
    assert url_of("http://a.example?x", "a.example") == "a.example/?x"


def test_a_word_is_found_in_utf8_beside_a_latin1_field() -> None:
    row = answer_to(b"GET / HTTP/1.1", "HTTP/1.1 200 OK\r\nX-Name: köln\r\nX-Place: ".encode() + b"caf\xe9\r\n\r\n")
    assert compile_query("köln").matches(row)
    assert compile_query("café").matches(row)
    assert compile_query("header:x-name:köln").matches(row)
