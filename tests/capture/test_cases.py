"""Small captures made after public bug reports, where they lie beside the repository: each gives what is right.

`PAIRS` says of each capture which responses it holds and which request each of them answers; a scenario of
`tests/scenarios`, or a test beside the room that it concerns, stands in the repository for each kind.
"""

import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from file_rows import rows_of
from httpresp_capture.content.charsets import text
from httpresp_capture.export.curl import curl
from httpresp_capture.query import compile_query
from httpresp_capture.records.events import CaptureEvent, ResponseGrew
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import Completeness
from httpresp_capture.redaction import Redactor
from httpresp_capture.sources.file.source import FileSource
from httpresp_tui.model.columns import COLUMNS
from httpresp_tui.text.excerpts import curl_excerpt
from httpresp_tui.widgets.detail import TABS, title
from httpresp_tui.widgets.tabs import View
from tracee_lines import line

ROOT = Path(__file__).parents[2]
CASES = ROOT.parent / "shared" / "cases"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the captures of bug reports are not beside the repository")

SECRETS_OF_REQUEST = (
    "AIzaSyEXAMPLEEXAMPLEEXAMPLE123456789", "4/0AX4example", "ST-123-abc", "SECRET1", "SECRET2", "SECRET3", "SECRET4",
)  # fmt: skip
SECRETS_OF_RESPONSE = ("SECRET5", "SECRET6", "SECRET7", "SECRET8")
SECRETS = SECRETS_OF_REQUEST + SECRETS_OF_RESPONSE
"""All of redact_names.pcap."""
THREE = ("201 GET /1", "202 GET /2", "203 GET /3")
TWO = ("201 GET /1", "202 GET /2")

PAIRS: dict[str, tuple[str, ...]] = {
    "bogus_reset_exact.pcap": TWO,
    "bogus_reset_far.pcap": TWO,
    "bogus_reset_handshake.pcap": ("201 GET /1",),
    "bogus_reset_in_window.pcap": TWO,
    "bogus_segment_100k.pcap": THREE,
    "curl_copy_12k.pcap": ("200 POST /api/items",),
    "first_exchange_reordered.pcap": THREE,
    "first_exchange_reordered_second.pcap": THREE,
    "junk_answer_cgi.pcap": ("200 GET /1", "202 GET /2", "203 GET /3"),
    "junk_answer_icy.pcap": ("200 GET /1", "202 GET /2", "203 GET /3"),
    "junk_answer_no_version.pcap": ("200 GET /1", "202 GET /2", "203 GET /3"),
    "late_evidence_head_with_body.pcap": ("200 HEAD /1", "202 GET /2"),
    "late_evidence_injected_first.pcap": ("302 GET /",),
    "late_evidence_injected_second.pcap": ("200 GET /",),
    "loss_midstream_respb_lost.pcap": ("0 HEAD /b", "200 HEAD /c"),
    "missing_last_crlf_plain.pcap": ("200 GET /1", "202 GET /2", "203 GET /3"),
    "missing_last_crlf_zeros.pcap": ("200 GET /1", "202 GET /2", "203 GET /3"),
    "one_way_tag_gre_keys.pcap": ("201 GET /1",),
    "one_way_tag_vlan_10_20.pcap": ("201 GET /1",),
    "one_way_tag_vlan_one.pcap": ("201 GET /1",),
    "one_way_tag_vlan_vid0.pcap": ("201 GET /1",),
    "proxy_protocol_v1.pcap": THREE,
    "proxy_protocol_v2.pcap": THREE,
    "proxy_protocol_v2_local.pcap": THREE,
    "pcapng_length.pcapng": ("200 GET /", "200 GET /22"),
    "responses_only_head.pcap": ("200 -", "202 -", "203 -"),
    "rtsp_lookalike_airplay.pcap": (),
    "slow_answer_310s.pcap": TWO,
    "slow_answer_stream_keepalive.pcap": ("200 GET /1", "202 GET /2"),
    "socks_in_front_v4.pcap": TWO,
    "socks_in_front_v5.pcap": TWO,
    "stranger_hides_answer_control_rdp.pcap": ("400 -",),
    "stranger_hides_answer_control_ssh.pcap": ("400 -",),
    "stranger_hides_answer_tls.pcap": ("400 -",),
    "target_title_connect.pcap": ("200 CONNECT shop.example:443",),
    "unread_layers_chdlc104.pcap": ("200 GET /",),
    "unread_layers_cisco_cmd.pcap": ("200 GET /",),
    "unread_layers_etag.pcap": ("200 GET /",),
    "unread_layers_mpls_udp.pcap": ("200 GET /",),
    "unread_layers_pktap149.pcap": ("200 GET /",),
    "unread_layers_pktap258.pcap": ("200 GET /",),
    "unread_layers_ppi192.pcap": ("200 GET /",),
    "unread_layers_tzsp.pcap": ("200 GET /",),
    "unread_layers_wccp.pcap": ("200 GET /",),
}
"""Capture: status, method and target of every row, in any order; `-` for no request, status 0 for no response."""

NAMED: dict[str, dict[str, str | None]] = {
    "loss_pipelined_middle_lost_GET.pcap": {"a": "/a", "b": None, "c": "/c"},
    "loss_pipelined_middle_lost_HEAD.pcap": {"a": "/a", "b": None, "c": "/c"},
    "loss_posthead_lost.pcap": {"a": "/a", "b": None, "c": "/c"},
    "loss_response_overtakes_request.pcap": {"a": "/a", "b": "/b", "c": "/c", "d": "/d"},
}
"""Capture: the request of each response, by the name that its `X-N` carries."""


def pair_of(row: Response) -> str:
    request = row.request
    return f"{row.status} {request.method} {request.target}" if request is not None else f"{row.status} -"


@pytest.mark.parametrize("name", PAIRS)
def test_each_response_has_its_own_request(name: str) -> None:
    assert sorted(pair_of(row) for row in rows_of(CASES / name)) == sorted(PAIRS[name])


@pytest.mark.parametrize("name", NAMED)
def test_what_is_not_proved_has_no_request(name: str) -> None:
    rows = rows_of(CASES / name)
    answers = {row.header("x-n"): row for row in rows if row.head}
    assert {key: row.request.target if row.request is not None else None for key, row in answers.items()} == NAMED[name]
    for row in answers.values():
        assert row.request is not None or row.problems
        assert row.completeness is Completeness.COMPLETE


def test_only_an_absolute_target_names_a_host() -> None:
    (row,) = rows_of(CASES / "url_in_query.pcap")
    assert row.request is not None
    assert row.request.host == "shop.example"
    assert row.request.path == "/openredir?u=https://evil.example/"


def test_what_the_snap_length_cut_is_called_so() -> None:
    first, second = rows_of(CASES / "offload_snapped.pcap")
    assert first.completeness is Completeness.SNAPPED
    assert [gap.snapped for gap in first.gaps] == [True]
    assert pair_of(second) == "200 GET /2"


@pytest.mark.parametrize("name", ["missing_last_crlf_plain.pcap", "missing_last_crlf_zeros.pcap"])
def test_a_missing_last_line_is_a_problem_of_its_own_message(name: str) -> None:
    first, *others = rows_of(CASES / name)
    assert first.problems
    assert not first.trailers
    assert not any(row.problems for row in others)


@pytest.mark.parametrize("name", ["junk_answer_cgi.pcap", "junk_answer_icy.pcap", "junk_answer_no_version.pcap"])
def test_a_malformed_first_line_is_one_row_with_a_problem(name: str) -> None:
    first, *others = rows_of(CASES / name)
    assert first.problems
    assert first.header("content-length") == "1"
    assert not any(row.problems for row in others)


@pytest.mark.parametrize("label", ["utf16le", "windows31j", "x_sjis"])
def test_every_label_of_the_web_is_known(label: str) -> None:
    (row,) = rows_of(CASES / f"charset_labels_{label}.pcap")
    expected = row.body.decode("utf-16-le" if label == "utf16le" else "cp932")
    assert text(row.body, row.header("content-type")) == expected


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The program itself, with its output as bytes."""
    paths = os.pathsep.join((str(ROOT / "capture"), str(ROOT / "tui")))
    return subprocess.run(
        [sys.executable, "-m", "httpresp_tui", *words],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )


def controls(output: bytes) -> str:
    """Characters that could act on a terminal; a line may end and a tab may stand."""
    text = output.decode("utf-8", "replace")
    return "".join(one for one in text if unicodedata.category(one) in ("Cc", "Cf") and one not in "\n\t")


def events_of(name: str, *words: str) -> list[dict[str, Any]]:
    done = run("-r", str(CASES / name), "--json", *words)
    assert done.returncode == 0, done.stderr.decode()
    assert not controls(done.stdout + done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_clock_that_is_set_back_and_forth_gives_no_duration() -> None:
    rows = rows_of(CASES / "time_back_2h.pcap")
    assert len(rows) == 60
    assert {row.flow.handshake_ns for row in rows} == {None}
    assert {row.first_byte_ns for row in rows} == {None}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("*.pcap*")))
def test_every_line_that_goes_out_is_json_with_values_in_range(name: str) -> None:
    events = events_of(name) + events_of(name, "--redact")
    for event in events:
        for key, value in event.get("httpresp", {}).get("timing", {}).items():
            assert value is None or value >= 0, key


def test_a_wide_encoding_without_a_mark_is_text() -> None:
    (row,) = rows_of(CASES / "charset_labels_utf16le.pcap")
    assert "\x00" not in text(row.body, row.header("content-type"))


@pytest.mark.parametrize("name", ["range_gzip_first.pcap", "range_gzip_middle.pcap"])
def test_a_part_of_a_coded_content_is_no_fault(name: str) -> None:
    (row,) = rows_of(CASES / name)
    assert not row.problems


@pytest.mark.parametrize(
    ("name", "check", "severity"),
    [
        ("late_evidence_injected_first.pcap", "INJECT", "high"),
        ("late_evidence_injected_second.pcap", "INJECT", "medium"),
        ("late_evidence_head_with_body.pcap", "FRAMING", "medium"),
    ],
)
@pytest.mark.slow
def test_late_evidence_reaches_what_has_no_screen(name: str, check: str, severity: str) -> None:
    done = run("check", "-r", str(CASES / name), "--fail-on", severity, "--format", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 3, done.stderr.decode()
    assert check in json.dumps(report)
    assert any(event["httpresp"]["problems"] for event in events_of(name))


def test_each_response_is_counted_once() -> None:
    done = run("check", "-r", str(CASES / "late_evidence_injected_second.pcap"))
    assert b"1 response" in done.stdout
    assert b"responses" not in done.stdout.replace(b"1 response", b"").splitlines()[0]


@pytest.mark.parametrize("form", ["text", "markdown", "junit", "json", "sarif"])
@pytest.mark.slow
def test_nothing_from_the_wire_acts_in_a_report(form: str) -> None:
    path = str(CASES / "hostile_reason.pcap")
    done = run("check", "-r", path, "--format", form)
    assert done.stdout
    assert not controls(done.stdout + done.stderr)
    if form == "junit":
        assert ElementTree.fromstring(done.stdout).tag in ("testsuite", "testsuites")


@pytest.mark.slow
def test_nothing_from_the_wire_acts_in_a_comparison() -> None:
    done = run("diff", str(CASES / "hostile_reason.pcap"), str(CASES / "two_policies.pcap"))
    assert done.stdout
    assert not controls(done.stdout + done.stderr)


@pytest.mark.parametrize("encoding", ["ascii", "cp437", "latin-1", "cp1252"])
@pytest.mark.slow
def test_any_encoding_gets_the_report_and_the_status(encoding: str) -> None:
    path = str(CASES / "late_evidence_injected_first.pcap")
    done = run("check", "-r", path, "--fail-on", "high", PYTHONIOENCODING=encoding)
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr
    assert b"INJECT" in done.stdout


def test_a_header_of_quotes_is_hidden_like_any_other() -> None:
    events = events_of("hostile_quotes.pcap", "--redact")
    assert len(events) == 7
    assert not any('""""' in json.dumps(event) for event in events)


@pytest.mark.slow
def test_secrets_are_hidden_by_the_name_that_they_have() -> None:
    (before,) = events_of("redact_names.pcap", "--no-redact")
    (after,) = events_of("redact_names.pcap", "--redact")
    (row,) = rows_of(CASES / "redact_names.pcap")
    copied = curl_excerpt(row, Redactor(b"s" * 16)).text
    assert [secret for secret in SECRETS_OF_RESPONSE if secret not in json.dumps(before)] == []
    assert [secret for secret in SECRETS_OF_REQUEST if secret not in curl(row)] == []
    assert [secret for secret in SECRETS if secret in json.dumps(after) + copied] == []


@pytest.mark.parametrize(
    ("name", "said", "host", "target"),
    [
        ("utf8", "GET shop.example/ü/日本?q=é", "shop.example", "/ü/日本?q=é"),
        ("connect", "CONNECT shop.example:443", "shop.example:443", "shop.example:443"),
    ],
)
def test_a_target_is_read_the_same_in_title_list_and_json(name: str, said: str, host: str, target: str) -> None:
    (row,) = rows_of(CASES / f"target_title_{name}.pcap")
    asked = json.loads(line(row))["httpresp"]["request"]
    cells = {column.key: column.cell(row) for column in COLUMNS}
    assert title(row).plain.endswith(f"  {said}")
    assert (asked["host"], asked["target"]) == (host, target)
    assert cells["path"] == target
    assert compile_query(target[1:4]).matches(row)


def test_a_stream_that_is_open_shows_what_has_come() -> None:
    events: list[CaptureEvent] = []
    FileSource.open(str(CASES / "open_stream.pcap"), Limits(progress_ns=1_000_000_000)).run(events.extend)
    grown = [event.response for event in events if isinstance(event, ResponseGrew)]
    (body,) = [tab for tab in TABS if tab.key == "body"]
    assert len(grown) > 5
    for number, row in enumerate(grown):
        shown = "\n".join(each.text for each in body.build(View(row, Redactor(b"s" * 16), 100)))
        assert f'data: {{"n": {2 * number}}}' in shown or f"{row.body_bytes} B" in shown
        assert "No byte of the body" not in shown


@pytest.mark.slow
def test_a_stream_that_is_open_says_in_lines_how_much_has_come() -> None:
    *lines, last = events_of("open_stream.pcap", "--json-progress")
    sizes = [each["httpresp"]["size"]["body"] for each in lines]
    assert sizes[-1] > 0
    assert sizes == sorted(set(sizes))
    assert all(each["httpresp"]["progress"] for each in lines)
    assert last["httpresp"]["size"]["body"] > sizes[-1]
    assert last["httpresp"]["end"] == "end of capture"


def test_a_second_policy_only_makes_the_first_stricter() -> None:
    done = run("check", "-r", str(CASES / "two_policies.pcap"), "--format", "json")
    assert "CSP-WEAK" not in done.stdout.decode()


def test_a_transfer_coding_is_taken_off_or_named() -> None:
    (event,) = events_of("transfer_gzip.pcap")
    assert event["httpresp"]["size"]["decoded"] != event["httpresp"]["size"]["body"]


def test_a_copied_command_sends_the_same_bytes_or_says_what_it_leaves_out() -> None:
    (row,) = rows_of(CASES / "curl_copy_12k.pcap")
    assert row.request is not None
    if len(row.request.body) < row.request.body_bytes:
        assert f"{row.request.body_bytes:,}" in curl(row)


@pytest.mark.slow
def test_nothing_is_unread_in_silence() -> None:
    for path in sorted(CASES.glob("unread_layers_*.pcap")):
        done = run("-r", str(path), "--json")
        assert done.stdout, path.name
