"""`--linear`: what a response says in one plain line, with the filters and the counts of `--json`."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hostile import hostile_responses
from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.evidence import Gap
from httpresp_capture.records.exchange import Response
from httpresp_tui.cli.command_line import parse
from httpresp_tui.model.linear import linear_line
from samples import FAILED, NOT_FOUND, encrypted, response, unanswered


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            response(NOT_FOUND, b'{"error":404}'),
            "404 Not Found, GET shop.example:8080/shop/items?page=2, application/json, 13 B, after 20.0 ms, "
            "connection 7",
        ),
        (
            replace(response(FAILED), gaps=(Gap(3, 700),)),
            "503 Service Unavailable, GET shop.example:8080/shop/items?page=2, 5 B, after 20.0 ms, connection 7"
            "; bytes are missing",
        ),
        (unanswered(), "no response, GET shop.example:8080/shop/items?page=2, connection 7; malformed"),
        (encrypted(), "encrypted, shop.example (TLS 1.3, h2, about 4 exchanges), connection 7"),
        (response(request=None), "200 OK, request not seen, 10.0.0.1, text/html, 5 B, connection 7"),
    ],
    ids=["error", "gap", "unanswered", "encrypted", "no request"],
)
def test_a_row_is_a_line_of_words(row: Response, expected: str) -> None:
    number, when, line = linear_line(row).split(" ", 2)
    assert number == f"#{row.id}"
    assert len(when) == len("22:13:20.021")
    assert line == expected


def test_nothing_of_the_wire_acts_in_a_line() -> None:
    rows = [event.response for event in hostile_responses() if isinstance(event, ResponseSeen)]
    assert len(rows) > 10
    for row in rows:
        line = linear_line(row)
        assert line.isprintable()
        assert len(line) < 20_000


def run(*words: str, encoding: str = "utf-8") -> "subprocess.CompletedProcess[bytes]":
    environment = {"PYTHONPATH": ":".join(sys.path), "PYTHONIOENCODING": encoding, "TZ": "UTC"}
    program = [sys.executable, "-m", "httpresp_tui", *words]
    return subprocess.run(program, env=environment, capture_output=True, timeout=120, check=True)


def test_it_prints_what_json_prints_in_any_encoding() -> None:
    lines = run("--demo", "--linear", "-Y", "4xx").stdout.decode().splitlines()
    events = run("--demo", "--json", "-Y", "4xx").stdout.splitlines()
    assert lines[0] == "2026-11-23"
    assert len(lines) - 1 == len(events) > 10
    assert all(" 4" in line for line in lines[1:])
    assert run("--demo", "--linear", encoding="ascii").stdout.isascii()


def test_findings_are_told_in_words() -> None:
    lines = run("--demo", "--linear", "--findings", "-Y", "severity>=high").stdout.decode().splitlines()
    assert len(lines) > 3
    assert all("; finding high CK-" in line or "; finding high " in line for line in lines[1:])


def test_what_is_for_programs_does_not_go_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    for word in ("--format=tracee", "--strict-tracee", "--json-progress"):
        with pytest.raises(SystemExit):
            parse(["--demo", "--linear", word])
        assert "--linear prints lines of words" in capsys.readouterr().err
    assert parse(["--demo", "--linear"]).json


def test_a_mistake_names_the_option_that_was_given(capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        (["--linear"], "--linear needs something to read"),
        (["--json"], "--json needs something to read"),
        (["--demo", "--linear", "--max-responses", "9"], "--linear keeps none"),
    ):
        with pytest.raises(SystemExit):
            parse(words)
        assert said in capsys.readouterr().err


def test_a_line_of_the_demo_is_the_one_of_readme() -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    printed = run("--demo", "--linear").stdout.decode()
    shown = [line.strip() for line in readme.splitlines() if line.startswith("    #")]
    assert shown
    for line in shown:
        assert line in printed
