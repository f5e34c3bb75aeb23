"""What is wrong, as a person meets it: badges, the Findings screen, the tab, filters, and accepting."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from httpresp_capture.analysis.baseline import parse
from httpresp_capture.analysis.review import Review
from httpresp_capture.checks import Options, Severity
from httpresp_capture.query import QueryError
from httpresp_capture.records.events import CaptureEvent, ResponseChanged, ResponseSeen
from httpresp_tui.app import HttprespApp
from httpresp_tui.model.inspection import Inspection
from httpresp_tui.model.settings import Settings
from httpresp_tui.model.store import Store
from httpresp_tui.screens.findings import FindingsScreen, Position
from samples import FLOW, NOT_FOUND, OK, TWO_COOKIES, request, response
from scripted import Scripted, running, screen_text, status, until

pytestmark = pytest.mark.slow

BASIC = (
    b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="staff"\r\n'
    b"Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 5\r\n\r\n"
)
FINE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
    b"Content-Length: 5\r\n\r\n"
)
HOSTILE = (
    b'HTTP/1.1 401 [/]\r\nWWW-Authenticate: Basic realm="\x1b]52;c;ZXZpbA==\x07\x9b2J[red]"\r\n'
    b"Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 5\r\n\r\n"
)


def seen(*heads: bytes, host: bytes = b"shop.example", **fields: Any) -> list[CaptureEvent]:
    return [
        ResponseSeen(
            response(
                head,
                id=id,
                at_ms=20 * id,
                request=request(b"GET /%d HTTP/1.1\r\nHost: %b\r\n\r\n" % (id, host), at_ms=20 * id - 5),
                **fields,
            )
        )
        for id, head in enumerate(heads, 1)
    ]


def examined(app: HttprespApp, count: int) -> Callable[[], bool]:
    return lambda: app.session.inspection.findings.responses == count


def row_with(app: HttprespApp, text: str) -> str:
    return next(line for line in screen_text(app).split("\n") if text in line)


async def test_a_row_wears_the_letter_of_its_worst_finding(tmp_path: Path) -> None:
    async with running(Scripted(seen(FINE, BASIC)), tmp_path) as (app, pilot):
        await until(pilot, lambda: row_with(app, " /2 ").rstrip().endswith(" M"))
        assert not row_with(app, " /1 ").rstrip().endswith(("H", "M", "L"))


async def test_a_response_is_looked_at_again_when_it_has_ended(tmp_path: Path) -> None:
    (first,) = seen(BASIC)
    assert isinstance(first, ResponseSeen)
    opened = replace(first.response, end=None, ended_at=0)
    source = Scripted([ResponseSeen(opened)])
    async with running(source, tmp_path) as (app, pilot):
        await until(pilot, lambda: app.session.inspection.worst(opened) is Severity.MEDIUM)
        assert app.session.inspection.findings.responses == 0
        source.emit([ResponseChanged(first.response)])
        await until(pilot, examined(app, 1))


async def test_the_screen_rolls_findings_up_and_enter_leads_to_the_responses(tmp_path: Path) -> None:
    async with running(Scripted(seen(BASIC, FINE, BASIC, FINE)), tmp_path) as (app, pilot):
        await until(pilot, examined(app, 4))
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "AU-BASIC" in screen_text(app))
        row = row_with(app, "AU-BASIC    shop.example:80")
        assert row.split()[:2] == ["M", "medium"]
        assert " 2 " in row
        assert "1 medium" in screen_text(app)
        assert "The server asks for a password by Basic in clear text." in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.session.view.shown == 2 and app.screen is app.main)
        assert app.filter_line.input.value == 'found="AU-BASIC www-authenticate basic shop.example:8080"'
        await until(pilot, lambda: app.rows.current is not None and app.rows.current.id == 1)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, FindingsScreen))
        await pilot.press("q")
        await until(pilot, lambda: app.screen is app.main)
        assert app.is_running


async def test_a_row_leads_to_responses_of_classes_that_were_hidden_too(tmp_path: Path) -> None:
    async with running(Scripted(seen(BASIC, FINE, BASIC, FINE)), tmp_path) as (app, pilot):
        await until(pilot, examined(app, 4))
        await pilot.press("2")
        await until(pilot, lambda: app.session.view.shown == 2)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "AU-BASIC" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.main)
        await until(pilot, lambda: [response.id for response in app.session.view.visible()] == [1, 3])


async def test_the_pages_beside_the_findings_lead_to_responses_too(tmp_path: Path) -> None:
    async with running(Scripted(seen(FINE, NOT_FOUND, FINE)), tmp_path) as (app, pilot):
        await until(pilot, examined(app, 3))
        await pilot.press("exclamation_mark", "right_square_bracket")
        await until(pilot, lambda: "No cookie crossed the wire in clear." in screen_text(app))
        await until(pilot, lambda: "⏎ Responses" not in screen_text(app) and "Info too" not in screen_text(app))
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "Errors 1" in screen_text(app) and "404" in row_with(app, "GET /"))
        assert "⏎ Responses" in screen_text(app)
        assert "Accept" not in screen_text(app)
        await pilot.press("right_square_bracket", "right_square_bracket")
        await until(pilot, lambda: "⏎ Responses" not in screen_text(app))
        await pilot.press("left_square_bracket", "left_square_bracket", "enter")
        await until(pilot, lambda: app.session.view.shown == 1 and app.screen is app.main)
        assert app.filter_line.input.value.startswith("cause=")


async def test_inventory_is_shown_when_it_is_asked_for(tmp_path: Path) -> None:
    async with running(Scripted(seen(OK)), tmp_path) as (app, pilot):
        await until(pilot, examined(app, 1))
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "medium" in screen_text(app))
        assert "VER-SERVER" not in screen_text(app)
        await pilot.press("i")
        await until(pilot, lambda: "VER-SERVER" in screen_text(app))


@pytest.mark.parametrize(
    ("heads", "words"), [((), "No response has ended yet"), ((FINE,), "Nothing of severity low or worse")]
)
async def test_an_empty_screen_says_why(heads: tuple[bytes, ...], words: str, tmp_path: Path) -> None:
    async with running(Scripted(seen(*heads)), tmp_path) as (app, pilot):
        await until(pilot, examined(app, len(heads)))
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: words in screen_text(app))
        for words in ("⏎ Responses", "a Accept"):
            assert words not in screen_text(app)
        await pilot.press("enter", "a", "j", "escape")
        await until(pilot, lambda: app.screen is app.main)


async def test_accepting_asks_for_a_reason_and_adds_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "accepted.toml"
    file.write_text("# ours, since spring\n", encoding="utf-8")
    async with running(Scripted(seen(BASIC)), tmp_path, baseline_file=file) as (app, pilot):
        await until(pilot, examined(app, 1))
        await pilot.press("exclamation_mark", "a")
        await until(pilot, lambda: "Accept this finding" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "A reason is needed" in screen_text(app))
        await pilot.press(*"intranet", "tab", *["backspace"] * 10, *"2001-01-01", "enter")
        await until(pilot, lambda: "a date from today on" in screen_text(app))
        await pilot.press(*["backspace"] * 10, *"2999-12-31", "enter")
        await until(pilot, lambda: "1 accepted" in screen_text(app))
        assert row_with(app, "AU-BASIC ").startswith("✓ medium")
        assert "0 medium" in screen_text(app)
        assert "intranet, until 2999-12-31" in screen_text(app)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# ours, since spring\n")
    (accepted,) = parse(text).accepted
    assert (accepted.check, accepted.origin, accepted.reason) == ("AU-BASIC", "shop.example:8080", "intranet")
    assert accepted.expires == date(2999, 12, 31)


async def test_without_a_file_accepting_says_how(tmp_path: Path) -> None:
    async with running(Scripted(seen(BASIC)), tmp_path) as (app, pilot):
        await until(pilot, examined(app, 1))
        await pilot.press("exclamation_mark", "a")
        await until(pilot, lambda: "What is accepted is kept in a file." in screen_text(app))


async def test_a_file_that_cannot_be_written_accepts_nothing(tmp_path: Path) -> None:
    async with running(Scripted(seen(BASIC)), tmp_path, baseline_file=tmp_path) as (app, pilot):
        await until(pilot, examined(app, 1))
        await pilot.press("exclamation_mark", "a", *"why", "enter")
        await until(pilot, lambda: "Cannot write" in screen_text(app))
        assert app.session.inspection.findings.accepted_count == 0


async def test_what_a_server_says_cannot_act_from_a_finding(tmp_path: Path) -> None:
    events = seen(HOSTILE, host=b"[red]evil\x1b[2J", flow=FLOW)
    async with running(Scripted(events), tmp_path, baseline_file=tmp_path / "b", size=(120, 40)) as (app, pilot):
        await until(pilot, examined(app, 1))
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "AU-BASIC" in screen_text(app))
        await pilot.press("a")
        await until(pilot, lambda: "Accept this finding" in screen_text(app))
        assert "[red]evil" in screen_text(app)
        await pilot.press("escape", "enter")
        await until(pilot, lambda: app.screen is app.main and app.session.view.shown == 1)
        assert app.filter_line.input.value.startswith('found="AU-BASIC ')
        await pilot.press("enter", "left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: "advice" in screen_text(app))
        assert not any(0x7F <= ord(c) < 0xA0 or (ord(c) < 32 and c != "\n") for c in screen_text(app))


async def test_the_tab_tells_reason_evidence_and_advice(tmp_path: Path) -> None:
    async with running(Scripted(seen(BASIC)), tmp_path, size=(120, 60)) as (app, pilot):
        app.detail.show_tab("findings")
        await until(pilot, lambda: "advice" in screen_text(app))
        assert 'evidence       Basic realm="staff"' in screen_text(app)
        assert "AU-BASIC  RFC 7617" in screen_text(app)


async def test_findings_and_severities_filter(tmp_path: Path) -> None:
    async with running(Scripted(seen(FINE, BASIC)), tmp_path, filter_text="severity>=medium") as (app, pilot):
        assert app.session.view.shown == 1
        app.filter_line.replace("-finding:au-")
        await until(pilot, lambda: " /1 " in screen_text(app))
        app.filter_line.replace("severity:terrible")
        await until(pilot, lambda: "severity" in screen_text(app).split("\n")[2])
    with pytest.raises(QueryError):
        HttprespApp(Scripted(), filter_text="severity:terrible")


async def test_the_copied_event_says_host_losses_and_findings(tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    source = Scripted([*seen(TWO_COOKIES), status(kernel_drops=3)])
    settings = Settings(copy_command=f"tee {copied}")
    review = Review(Options(salt=b"0123456789abcdef"))
    async with running(source, tmp_path, settings=settings, host_name="probe", review=review) as (app, pilot):
        await pilot.press("y")
        await until(pilot, lambda: copied.exists() and copied.read_text().endswith("}"))
        app.detail.show_tab("json")
        assert app.redactor is not None
        tag = app.redactor.field("set-cookie", "session=3f786850e387550fdab836ed7e6dc881").rpartition("#")[2][:4]
    event = json.loads(copied.read_text())
    assert event["hostName"] == "probe"
    assert event["httpresp"]["lost"]["kernel_drops"] == 3
    evidence = next(each["evidence"] for each in event["httpresp"]["findings"] if each["parameter"] == "session")
    assert tag in evidence


async def test_clearing_forgets_what_was_found(tmp_path: Path) -> None:
    async with running(Scripted(seen(BASIC)), tmp_path) as (app, pilot):
        await until(pilot, examined(app, 1))
        await pilot.press("ctrl+l", "exclamation_mark")
        await until(pilot, lambda: "No response has ended yet" in screen_text(app))


async def test_findings_of_several_days_have_dates(tmp_path: Path) -> None:
    first, second = seen(BASIC, BASIC)
    assert isinstance(second, ResponseSeen)
    source = Scripted([first])
    async with running(source, tmp_path, size=(140, 24)) as (app, pilot):
        await until(pilot, examined(app, 1))
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: re.search(r" \d\d:\d\d:\d\d +\d\d:\d\d:\d\d", row_with(app, "AU-BASIC")))
        source.emit([ResponseSeen(replace(second.response, at=second.response.at + 3 * 86_400_000_000_000))])
        await until(pilot, lambda: re.search(r" 11-14 \d\d:\d\d:\d\d +11-17 \d\d:\d\d:\d\d", row_with(app, "AU-BASIC")))
        moments = r", 11-14 \d\d:\d\d:\d\d to 11-17 \d\d:\d\d:\d\d, #"
        await until(pilot, lambda: re.search(moments, screen_text(app)))


async def test_at_eighty_columns_a_finding_says_what_it_is_and_below_when_it_was_seen(tmp_path: Path) -> None:
    async with running(Scripted(seen(BASIC, FINE, BASIC)), tmp_path) as (app, pilot):
        await until(pilot, examined(app, 3))
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "AU-BASIC" in screen_text(app))
        assert "what" in row_with(app, "parameter")
        assert re.search(r"2× at shop.example:8080, 11-14 \d\d:\d\d:\d\d, #1 #3", screen_text(app))


def test_its_keys_are_asked_for_before_it_is_drawn() -> None:
    screen = FindingsScreen(Inspection(Store(), Review()), "eth0", date(2030, 1, 1), Position())
    assert not screen.is_useful("findings.accept")
    assert not screen.is_useful("findings.info")
    assert screen.is_useful("findings.leave")
