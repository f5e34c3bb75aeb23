"""Checks and formats of other packages: found by their entry points, loaded late, never by root, never a crash."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from httpresp_capture import plugins
from httpresp_capture.checks import CHECKS_BY_ID, Options, examine
from httpresp_capture.event_formats import EVENT_FORMATS
from httpresp_capture.export.event_format import Options as EventOptions
from httpresp_capture.export.reports import REPORTS
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.redaction import Redactor
from samples import TWO_COOKIES, response

DEMO = Path(plugins.__file__).parent / "sources" / "demo.pcapng.gz"
ENTRY_POINTS = """\
[httpresp_tui.checks]
ACME-OWNER = acme_http:OWNER
ACME-RAISES = acme_http:RAISES
ACME-NONE = acme_http:line
ACME-GONE = acme_nowhere:CHECK
HSTS = acme_http:OWNER

[httpresp_tui.event_formats]
acme = acme_http:line
acme-raises = acme_http:raises

[httpresp_tui.report_formats]
acme-report = acme_http:report
"""
MODULE = """\
from httpresp_capture.checks.finding import Check, Hit, Severity

def owner(context):
    if not context.has("x-owner"):
        yield Hit(Severity.LOW, "Nobody owns this route.", "no X-Owner", shape="owner")

def fails(context):
    raise KeyError("x")

def line(response):
    return f"{response.status}\\t{response.host}\\x1b[2J {response.headers.get('set-cookie')}"

def raises(response):
    raise ValueError("no such column")

def report(overview, bar):
    return f"acme: {len(overview.report.breaks(bar))} at {bar.word} or worse\\x1b[2J\\n"

OWNER = Check("ACME-OWNER", "who owns a route", "our handbook", "Name an owner.", owner)
RAISES = Check("ACME-RAISES", "nothing", "our handbook", "None.", fails)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with an installed package in it."""
    folder = tmp_path / "site"
    information = folder / "acme_http-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-http\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
    (folder / "acme_http.py").write_text(MODULE)
    return folder


@pytest.fixture
def installed(package: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package on the import path of a process that is not root; the tables are as before when it is over."""
    monkeypatch.syspath_prepend(str(package))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    tables = (CHECKS_BY_ID, EVENT_FORMATS, REPORTS)
    before = [dict(table) for table in tables]
    yield
    for table, known in zip(tables, before, strict=True):
        table.clear()
        table.update(known)  # pyright: ignore[reportArgumentType, reportCallIssue]
    plugins.TROUBLES.clear()
    plugins._tried.clear()  # pyright: ignore[reportPrivateUsage]
    sys.modules.pop("acme_http", None)


@pytest.mark.usefixtures("installed")
def test_names_are_known_before_anything_is_loaded() -> None:
    assert {"HSTS", "ACME-OWNER", "ACME-GONE"} <= set(plugins.names(plugins.CHECKS))
    names = plugins.names(plugins.EVENTS)
    assert names[: len(EVENT_FORMATS)] == tuple(EVENT_FORMATS)
    assert names[len(EVENT_FORMATS)] == "acme"
    assert "acme_http" not in sys.modules


@pytest.mark.usefixtures("installed")
def test_a_check_of_another_package_runs_beside_the_others() -> None:
    plugins.load(plugins.CHECKS)
    found = [finding for finding in examine(response(), Options()) if finding.check == "ACME-OWNER"]
    assert [(each.reason, each.advice) for each in found] == [("Nobody owns this route.", "Name an owner.")]


@pytest.mark.usefixtures("installed")
def test_what_is_wrong_with_one_is_a_sentence_and_the_others_run() -> None:
    plugins.load(plugins.CHECKS)
    assert plugins.TROUBLES == [
        "the check ACME-NONE of acme-http cannot be loaded: TypeError: it is no Check, but function",
        "the check ACME-GONE of acme-http cannot be loaded: ModuleNotFoundError: No module named 'acme_nowhere'",
        "the check HSTS of acme-http is not loaded: there is one of that name already.",
    ]
    assert {"HSTS", "ACME-OWNER", "ACME-RAISES"} <= CHECKS_BY_ID.keys()
    plugins.TROUBLES.clear()
    assert "ACME-OWNER" in {finding.check for finding in examine(response())}
    examine(response(id=2))
    assert plugins.TROUBLES == ["the check ACME-RAISES of acme-http gave up on a response: KeyError: 'x'"]


@pytest.mark.usefixtures("installed")
def test_root_loads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    plugins.load(plugins.CHECKS)
    assert "acme_http" not in sys.modules
    assert all("is not loaded: this process is root" in trouble for trouble in plugins.TROUBLES)
    assert len(plugins.TROUBLES) == 5


@pytest.mark.usefixtures("installed")
def test_an_event_format_sees_no_secret_and_writes_nothing_that_acts() -> None:
    plugins.load_one(plugins.EVENTS, "acme")
    writer = EVENT_FORMATS["acme"].begin(EventOptions(redact=Redactor(b"salt")))
    line = writer.line(response(TWO_COOKIES))
    assert line.startswith(b"200\t")
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert b"\x1b" not in line
    secret = response(TWO_COOKIES).headers.get("set-cookie").encode()
    assert secret not in line
    assert secret in EVENT_FORMATS["acme"].begin(EventOptions()).line(response(TWO_COOKIES))
    assert writer.line(response(TWO_COOKIES), progress=True) == b""


@pytest.mark.usefixtures("installed")
def test_an_event_format_that_raises_leaves_its_lines_out_and_says_so() -> None:
    plugins.load_one(plugins.EVENTS, "acme-raises")
    writer = EVENT_FORMATS["acme-raises"].begin(EventOptions())
    assert writer.line(response()) + writer.line(response(id=2)) == b""
    assert plugins.TROUBLES == ["the event format acme-raises of acme-http gave up: ValueError: no such column"]


@pytest.mark.usefixtures("installed")
def test_what_is_wanted_and_cannot_be_had_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(CaptureError, match="the event format acme of acme-http is not loaded: this process is root"):
        plugins.load_one(plugins.EVENTS, "acme")


def run(package: Path, *words: str) -> tuple[int, str, str]:
    """The program as another process, which becomes nobody where it is root."""
    nobody = {"SUDO_UID": "65534", "SUDO_GID": "65534"} if os.geteuid() == 0 else {}
    done = subprocess.run(
        [sys.executable, "-m", "httpresp_tui", *words],
        env={**os.environ, "PYTHONPATH": str(package), **nobody},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_the_program_uses_what_is_installed_beside_it(package: Path) -> None:
    (package / "acme_http-1.0.dist-info" / "entry_points.txt").write_text(
        "\n".join(line for line in ENTRY_POINTS.splitlines() if not line.startswith(("ACME-", "HSTS"))).replace(
            "[httpresp_tui.checks]", "[httpresp_tui.checks]\nACME-OWNER = acme_http:OWNER"
        )
    )
    status, out, said = run(package, "check", "--list")
    assert (status, said) == (0, "")
    assert "ACME-OWNER" in out
    status, out, said = run(package, "check", "--demo", "--disable", "all", "--enable", "acme-owner")
    assert status == 0, said
    assert "ACME-OWNER" in run(package, "check", "--demo", "--fail-on", "low", "--format", "sarif")[1]
    assert run(package, "check", "--demo", "--format", "acme-report")[1].startswith("acme: ")
    demo = str(DEMO)
    status, out, said = run(package, "diff", demo, demo)
    assert status == 0, said
    status, out, said = run(package, "--demo", "--format", "acme", "-c", "3")
    assert status == 0, said
    assert len(out.splitlines()) == 3
    status, out, said = run(package, "--demo", "--format", "acme-raises", "-c", "3")
    assert (status, out) == (1, "")
    assert "gave up: ValueError: no such column" in said


@pytest.mark.slow
def test_a_broken_check_costs_the_exit_status_and_nothing_else(package: Path) -> None:
    status, out, said = run(package, "check", "--demo", "--fail-on", "never")
    assert status == 1
    assert out
    assert "Traceback" not in said
    assert "the check ACME-GONE of acme-http cannot be loaded" in said
    assert "the check ACME-RAISES of acme-http gave up on a response" in said
