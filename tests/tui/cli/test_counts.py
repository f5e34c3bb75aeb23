"""One capture, counted everywhere the same: top line, summary, lines of JSON, reports, filters."""

import io
import json
from datetime import date
from pathlib import Path

import pytest

from exchanges import RAW_IP, frames_of, ok, page
from httpresp_capture.analysis.baseline import Baseline
from httpresp_capture.query import compile_query
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.source import FileSource
from httpresp_tui.cli.arguments import Arguments, CheckArguments
from httpresp_tui.cli.check import check
from httpresp_tui.cli.headless import print_events
from httpresp_tui.model.session import Session
from traffic.captures import pcap

FRAMES = [
    frame
    for number, answer in enumerate((page(), b"", ok(status=b"404 Not Found"), b"", b"HTTP/1.1 20x ?\r\n\r\n"))
    for frame in frames_of(answer, addresses=(f"203.0.113.{number}", "198.51.100.1"))
]


def test_responses_and_requests_without_one_are_told_apart_everywhere(tmp_path: Path) -> None:
    path = written(tmp_path)
    out, said = io.BytesIO(), io.StringIO()
    print_events(FileSource.open(str(path), Limits()), Arguments(json=True), out, said)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    # Evidence that came late is not another response.
    names = [line["eventName"] for line in lines if "amends" not in line["httpresp"]]
    responses, unanswered = (names.count(f"net_packet_http_{kind}") for kind in ("response", "request"))
    assert (responses, unanswered) == (3, 2)
    first = said.getvalue().split("\n")[0]
    assert first == "some.pcap: 3 responses (2xx 1, 4xx 1, no status 1), 2 unanswered requests"

    report, said = io.StringIO(), io.StringIO()
    source = FileSource.open(str(path), Limits())
    check(source, CheckArguments(format="json"), Baseline(), report, said, date(2026, 1, 1))
    document = json.loads(report.getvalue())
    assert (document["responses"], document["coverage"]["unanswered"]) == (responses, unanswered)
    assert said.getvalue().split("\n")[0] == first

    session = Session(FileSource.open(str(path), Limits()))
    session.source.run(session.mailbox.put_waiting)
    while session.mailbox.waiting or session.view.pending:
        session.take(0.05)
    standing = session.status_line(0)
    assert (standing.kept, standing.unanswered) == (responses + unanswered, unanswered)
    summary = session.summary()
    assert (sum(summary.by_class), summary.unanswered) == (responses, unanswered)
    is_error = compile_query("is:error").matches
    errors = summary.by_class[0] + summary.by_class[4] + summary.by_class[5] + summary.unanswered
    assert errors == sum(map(is_error, session.view.visible()))


def test_a_run_that_stops_early_says_that_packets_were_read_ahead(tmp_path: Path) -> None:
    path = str(written(tmp_path))
    for count, is_told in ((1, True), (None, False)):
        said = io.StringIO()
        print_events(FileSource.open(path, Limits()), Arguments(json=True, count=count), io.BytesIO(), said)
        assert ("\n  stopped      when nothing more was wanted" in said.getvalue()) == is_told
        assert f" {len(FRAMES)} in 5 connections" in said.getvalue()


def written(folder: Path) -> Path:
    path = folder / "some.pcap"
    path.write_bytes(pcap(FRAMES, RAW_IP.link_type))
    return path


def taken(session: Session) -> Session:
    """All that its source has to tell, in one batch."""
    session.source.run(session.mailbox.put_waiting)
    while session.mailbox.waiting or session.view.pending:
        session.take(0.05)
    return session


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_screen_shows_no_more_than_were_asked_for(count: int, tmp_path: Path) -> None:
    session = taken(Session(FileSource.open(str(written(tmp_path)), Limits()), stop_after=count))
    shown = [response for response in session.view.visible() if response.is_response]
    assert len(shown) == sum(session.summary().by_class) == count
    assert all(response.end is not None for response in shown)


def test_what_came_and_left_at_once_is_counted_and_was_not_looked_at(tmp_path: Path) -> None:
    everything = taken(Session(FileSource.open(str(written(tmp_path)), Limits()))).summary()
    session = taken(Session(FileSource.open(str(written(tmp_path)), Limits()), max_responses=1))
    summary = session.summary()
    assert (summary.by_class, summary.unanswered) == (everything.by_class, everything.unanswered)
    assert summary.forgotten == session.inspection.missed == sum(summary.by_class) + summary.unanswered - 1
