"""Requests as scripts: what they send is what was seen, and no text of the wire is a command of them."""

import ast
import gzip
import shutil
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from exported import acting, hostile, written
from httpresp_capture.export.python_script import PythonScript
from httpresp_capture.export.shell_script import ShellScript
from httpresp_capture.redaction import Redactor
from samples import FLOW, request, response, unanswered

BASH = shutil.which("bash")
HEAD = b"POST /a/../b?x=%41&y HTTP/1.1\r\nHost: shop.example\r\nX-Odd: a'b\xff\r\nContent-Length: 5\r\n\r\n"


def test_a_shell_finds_no_fault_in_it() -> None:
    text = written(ShellScript, [response(), hostile(), unanswered()])
    assert text.startswith(b"#!/usr/bin/env bash\n")
    assert not acting(text.decode("ascii"), "\n")
    # A line is of this program alone, or a command.
    assert {line.split(b" ")[0] for line in text.split(b"\n")} <= {
        b"",
        b"#",
        b"#!/usr/bin/env",
        b"curl",
        b":",
        b"printf",
    }
    if BASH is not None:
        assert subprocess.run([BASH, "-n"], input=text, capture_output=True, check=False).stderr == b""


def test_a_request_that_was_not_seen_and_an_interim_response_are_left_out() -> None:
    rows = [response(request=None), response(b"HTTP/1.1 103 Early Hints\r\n\r\n", b"")]
    for make in (ShellScript, PythonScript):
        assert b"shop.example" not in written(make, rows)


def test_the_python_script_holds_the_wire_as_literals_alone() -> None:
    text = written(PythonScript, [response(), hostile(), unanswered(id=3)]).decode("ascii")
    tree = ast.parse(text)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert [each.name for each in functions] == ["send", "request_1", "request_1", "request_3"]
    for each in functions[1:]:
        (sends,) = each.body
        assert isinstance(sends, ast.Return)
        assert isinstance(sends.value, ast.Call)
        for argument in (*sends.value.args, *(keyword.value for keyword in sends.value.keywords)):
            ast.literal_eval(argument)


def test_what_follows_from_the_body_is_left_to_httpx() -> None:
    head = HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    text = written(PythonScript, [response(request=request(head, body=b"hello", body_bytes=5))])
    assert b"X-Odd" in text
    assert b"content=b'hello'" in text
    assert b"content-length" not in text.lower()
    assert b"transfer-encoding" not in text.lower()


def test_secrets_are_tags_in_both() -> None:
    row = response(request=request(b"GET /a HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer Zq7Kp2Xw9Lm4Rt8Vb3\r\n\r\n"))
    for make in (ShellScript, PythonScript):
        assert b"Zq7Kp2Xw9Lm4Rt8Vb3" not in written(make, [row], redactor=Redactor(b"salt"))
        assert b"Zq7Kp2Xw9Lm4Rt8Vb3" in written(make, [row])
        assert b"Secrets are tags" in written(make, [row], redactor=Redactor(b"salt"))


def test_a_body_whose_coding_hides_a_secret_is_left_out_and_that_is_said() -> None:
    head = HEAD.replace(b"\r\n\r\n", b"\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n")
    body = gzip.compress(b'{"password":"Zq7Kp2Xw9Lm4Rt8Vb3"}', mtime=0)
    row = response(request=request(head, body=body, body_bytes=len(body)))
    for make in (ShellScript, PythonScript):
        text = written(make, [row], redactor=Redactor(b"salt"))
        assert b"without the body, whose coding hides secrets" in text
        assert b"x1f" not in text
        assert b"037" not in text


@pytest.mark.slow
@pytest.mark.parametrize("make", [ShellScript, PythonScript])
def test_what_it_sends_is_what_was_seen(make: type[ShellScript | PythonScript], tmp_path: Path) -> None:
    if make is ShellScript and (BASH is None or shutil.which("curl") is None):
        pytest.skip("bash or curl is not installed")
    if make is PythonScript:
        pytest.importorskip("httpx", reason="httpx is a development dependency")
    came: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        flow = replace(FLOW, server="127.0.0.1", server_port=server.getsockname()[1])
        row = response(flow=flow, request=request(HEAD, body=b"he\0l\xff", body_bytes=5))
        script = tmp_path / "script"
        script.write_bytes(written(make, [row]))

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.settimeout(30)
                while not came or b"he\0l\xff" not in b"".join(came):
                    came.append(client.recv(65_536))
                client.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        program = [str(BASH)] if make is ShellScript else [sys.executable]
        done = subprocess.run([*program, str(script)], capture_output=True, timeout=60, check=False)
        thread.join(60)
    assert done.returncode == 0, done.stderr
    head, _, body = b"".join(came).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /a/../b?x=%41&y HTTP/1.1"
    assert sorted(lines[1:]) == sorted(HEAD.rstrip(b"\r\n").split(b"\r\n")[1:])
    assert body == b"he\0l\xff"
