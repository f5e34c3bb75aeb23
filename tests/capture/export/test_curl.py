"""The request as a command for curl: what a shell makes of it is the request again, and nothing else runs."""

import shlex
import shutil
import socket
import subprocess
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.export.curl import LONGEST_WORD, curl, printed, quote
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.flow import Flow, Proxied
from httpresp_capture.records.outcome import Framing

SH = shutil.which("bash")


def answered(head: bytes, body: bytes = b"", server: str = "192.0.2.1", port: int = 80) -> Response:
    """A response to the request whose head is given."""
    method, target, _ = head.split(b"\r\n")[0].decode("latin-1").split(" ", 2)
    flow = Flow(1, "192.0.2.9", 40000, server, port, "eth0", 0, None, False)
    request = Request(head=head, method=method, target=target, first_byte_at=0, sent_at=0, body=body)
    return Response(
        id=1,
        flow=flow,
        stream=1,
        at=0,
        first_byte_at=0,
        ended_at=0,
        head=b"HTTP/1.1 200 OK\r\n\r\n",
        status=200,
        protocol="HTTP/1.1",
        packet_len=60,
        framing=Framing.LENGTH,
        declared=0,
        request=request,
    )


def test_a_get_is_its_url_and_its_fields() -> None:
    response = answered(b"GET /a?b=1 HTTP/1.1\r\nHost: example.com\r\nUser-Agent: x/1\r\nAccept: */*\r\n\r\n")
    assert curl(response) == "curl 'http://example.com/a?b=1' -H 'User-Agent: x/1' -H 'Accept: */*'"


def test_http_2_in_clear_is_asked_for() -> None:
    head = b"GET /a HTTP/2\r\nhost: shop.example:8080\r\nuser-agent: x\r\naccept: */*\r\n\r\n"
    command = curl(answered(head, server="10.0.0.1", port=8080))
    assert command == "curl --http2-prior-knowledge http://shop.example:8080/a -H 'user-agent: x' -H 'accept: */*'"


def test_what_curl_would_add_of_its_own_is_taken_out() -> None:
    assert curl(answered(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")) == "curl http://a/ -H User-Agent: -H Accept:"


def test_another_port_than_the_host_says_is_reached_all_the_same() -> None:
    command = curl(answered(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", server="2001:db8::1", port=8080))
    assert "http://a/ --connect-to '::[2001:db8::1]:8080'" in command


def test_a_request_that_was_not_seen_gives_no_command() -> None:
    response = answered(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    response = replace(response, request=None)
    assert curl(response) == ""


def test_a_field_cannot_make_curl_read_a_file() -> None:
    command = curl(answered(b"GET / HTTP/1.1\r\nHost: a\r\n@/etc/passwd: x\r\n\r\n", b"@/etc/passwd"))
    assert "passwd: x" not in command
    assert "--data-raw @/etc/passwd" in command


def test_a_host_that_is_none_is_sent_and_not_visited() -> None:
    command = curl(answered(b"GET / HTTP/1.1\r\nHost: a@evil/$(id)\r\n\r\n"))
    assert command.startswith("curl http://192.0.2.1/ -H 'Host: a@evil/$(id)'")


@given(st.binary(max_size=60).filter(lambda data: b"\0" not in data))
def test_a_quoted_word_is_printable_ascii(data: bytes) -> None:
    word = quote(data)
    assert word.isascii()
    assert word.isprintable()
    if not word.startswith("$"):
        assert shlex.split(word) == [data.decode("ascii")]


@pytest.mark.skipif(SH is None, reason="bash is not installed")
def test_a_shell_gets_back_every_byte_and_runs_nothing() -> None:
    hostile = bytes(range(1, 256)) + b"'; id; $(id) `id` \\ \" \x1b[2J\n"
    out = subprocess.run([SH or "", "-c", f"printf %s {quote(hostile)}"], capture_output=True, check=True).stdout
    assert out == hostile


def cut(head: bytes, body: bytes, sent: int) -> Response:
    """A response to a request of whose body only the first bytes were kept."""
    response = answered(head, body)
    assert response.request is not None
    return replace(response, request=replace(response.request, body_bytes=sent))


POST = b"POST /p HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\n\r\n"


def test_a_body_that_was_cut_is_said_in_the_command() -> None:
    command = curl(cut(POST, b"x" * 4096, 11_791))
    assert command.startswith(": 'first 4,096 of 11,791 bytes of the body'; curl ")
    assert command.endswith(" --data-raw " + "x" * 4096)


def test_a_request_whose_end_was_not_seen_is_said_in_the_command() -> None:
    response = cut(POST, b"abc", 3)
    assert response.request is not None
    response = replace(response, request=replace(response.request, complete=False))
    assert curl(response).startswith(": 'the end of the request was not seen'; curl ")


def test_lines_that_curl_cannot_send_are_counted_in_the_command() -> None:
    command = curl(answered(b"GET / HTTP/1.1\r\nHost: a\r\nb d: 1\r\nX-Zero: a\0b\r\n\r\n"))
    assert command.startswith(": 'without 2 header lines that curl cannot send'; curl http://a/")
    assert "X-Zero" not in command


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (b"Host: a\r\nHost: b", "without 1 header line that curl cannot send"),
        (b"Host: a\r\nContent-Length: 3\r\nContent-Length: 3", "without 1 header line that curl cannot send"),
        (b"Host: a\r\ngarbage", "without 1 header line that curl cannot send"),
        (b"Host: a\r\nX-F: a\r\n b\r\nX-G : b", "2 header lines not as written"),
        (b"Host: a\r\nContent-Length: 003", "1 header line not as written"),
    ],
)
def test_lines_that_curl_writes_otherwise_are_counted_in_the_command(fields: bytes, words: str) -> None:
    row = answered(b"POST / HTTP/1.1\r\n" + fields + b"\r\n\r\n")
    assert row.request is not None
    request = replace(row.request, body=b"abc", body_bytes=3)
    assert curl(replace(row, request=request)).startswith(f": '{words}'; curl ")


def test_a_chunked_body_of_no_bytes_is_one() -> None:
    command = curl(answered(b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"))
    assert "'Transfer-Encoding: chunked'" in command
    assert command.endswith("--data-raw ''")


def test_a_body_of_head_is_left_out_and_said() -> None:
    command = curl(cut(POST.replace(b"POST", b"HEAD"), b"abc", 3))
    assert command.startswith(": 'without the body, which curl sends with no HEAD'; curl --head ")
    assert "abc" not in command


@given(st.binary(max_size=60))
def test_the_format_of_printf_is_printable_ascii(data: bytes) -> None:
    assert printed(data).isascii()
    assert printed(data).isprintable()


@pytest.mark.skipif(SH is None, reason="bash is not installed")
@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_printf_of_any_shell_gives_back_every_byte(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    hostile = bytes(range(256)) + b"'; id; $(id) `id` \\ %s%% \\045 \" 1\0002"
    out = subprocess.run([shell, "-c", f"printf {printed(hostile)}"], capture_output=True, check=True).stdout
    assert out == hostile


@pytest.mark.skipif(SH is None or shutil.which("curl") is None, reason="bash or curl is not installed")
@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"GET /a/../b?x[1]={y} HTTP/1.1\r\nHost: h\r\nX-Odd: caf\xe9 'q'\r\nX-Empty: \r\nUser-Agent: u\r\n\r\n", b""),
        (
            b"POST /p HTTP/1.1\r\nHost: h\r\nAccept: */*\r\nContent-Type: a/b\r\nContent-Length: 8\r\n\r\n",
            b"a=1&b=\n\xe9",
        ),
        (b"DELETE /x%20y HTTP/1.1\r\nHost: h\r\nX-Two: 1\r\nx-two: 2\r\n\r\n", b""),
        (b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", b""),
        (b"GET / HTTP/1.0\r\nHost: h\r\n\r\n", b""),
        (b"HEAD /h HTTP/1.1\r\nHost: h\r\n\r\n", b""),
        (b"POST /p HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nContent-Length: 0\r\n\r\n", b""),
        (b"PUT /p HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nContent-Length: 259\r\n\r\n", bytes(range(256)) + b"%s'"),
        (b"POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 7000\r\n\r\n", b"\0caf\xe9 \\" * 1000),
        (
            b"POST /p HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nContent-Length: %d\r\n\r\n" % (LONGEST_WORD + 9),
            b"x" * LONGEST_WORD + b"\xff$(id)%d\n",
        ),
        (b"GET http://shop.test/a?b HTTP/1.1\r\nHost: shop.test\r\n\r\n", b""),
        (b"GET / HTTP/1.1\r\nHost: shop.test:80\r\n\r\n", b""),
        (b"GET / HTTP/1.1\r\nHost: 127.1\r\n\r\n", b""),
        (b"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", b""),
        (b"GET / HTTP/1.1\r\nHost: h:99999\r\n\r\n", b""),
        (b"GET / HTTP/1.0\r\nUser-Agent: u\r\n\r\n", b""),
        (b"HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", b""),
    ],
    ids=(
        *("get", "post", "delete", "options", "http/1.0", "head", "no bytes", "all bytes", "zero bytes", "long"),
        *("to a proxy", "usual port", "short address", "address in brackets", "no port", "no host", "head, no bytes"),
    ),
)
def test_curl_sends_the_same_request_again(head: bytes, body: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        seen: list[bytes] = []

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                data = b""
                while b"\r\n\r\n" not in data or not data.endswith(b"\r\n\r\n" + body):
                    more = connection.recv(65536)
                    if not more:
                        break
                    data += more
                seen.append(data)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        command = curl(answered(head, body, "127.0.0.1", server.getsockname()[1]))
        subprocess.run([SH or "", "-c", f"{command} -sS -m 100 -o /dev/null"], check=True, timeout=120)
        thread.join(120)
    sent_head, _, sent_body = seen[0].partition(b"\r\n\r\n")
    line, *fields = sent_head.split(b"\r\n")
    wanted_line, *wanted = head[:-4].split(b"\r\n")
    assert line == wanted_line
    assert sorted(fields) == sorted(field.replace(b"X-Empty: ", b"X-Empty:") for field in wanted)
    assert sent_body == body


@pytest.mark.parametrize(
    ("proxied", "words"),
    [
        (Proxied("PROXY v2", "203.0.113.7", 50_000, "192.0.2.1", 80), "--haproxy-protocol http://a/"),
        (Proxied("PROXY v2 / PROXY v1"), "--haproxy-protocol http://a/"),
        (Proxied("SOCKS 5", "", 0, "shop.example", 80), "--socks5-hostname 192.0.2.1:1080 http://a/"),
        (
            Proxied("SOCKS 4a", "", 0, "shop.example", 8_080),
            "--socks4a 192.0.2.1:1080 http://a/ --connect-to ::shop.example:8080",
        ),
        (Proxied("SOCKS 5", "", 0, "\x1b$(reboot)", 80), "--socks5-hostname 192.0.2.1:1080 http://a/"),
    ],
)
def test_a_request_behind_a_preamble_is_sent_behind_one(proxied: Proxied, words: str) -> None:
    port = 80 if "PROXY" in proxied.protocol else 1_080
    row = answered(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", port=port)
    row = replace(row, flow=replace(row.flow, proxied=proxied))
    assert curl(row).startswith(f"curl {words}")
    assert "reboot" not in curl(row)
