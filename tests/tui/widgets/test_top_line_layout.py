"""The top line in words, at any width."""

from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len

from httpresp_capture.analysis.coverage import not_read_words
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.unread import Unread
from httpresp_tui.model.rate import Rate
from httpresp_tui.model.status_line import StatusLine
from httpresp_tui.widgets.layout import Layout, resolve
from httpresp_tui.widgets.top_line_layout import laid_out

BUSY = StatusLine(
    label="wlan0",
    capture_filter="tcp port 80",
    counters=Counters(kernel_drops=12, flows_encrypted=34, gaps=3, gap_bytes=4321),
    shown=812,
    kept=1234,
    rate=56.2,
)


def line(standing: StatusLine, width: int) -> str:
    left, right = ("".join(piece.text for piece in side) for side in laid_out(standing, width))
    return f"{left} | {right}"


def test_a_wide_line_says_everything_in_full() -> None:
    assert line(BUSY, 200) == (
        " LIVE   wlan0  capture filter tcp port 80 | 812 of 1,234 responses  56/s"
        "  lost 12 packets, 0 rows  34 encrypted connections  3 gaps, 4.3 kB missing"
    )


def test_80_columns_have_room_for_every_part() -> None:
    assert line(BUSY, 80) == " LIVE   wlan0  -f tcp port 80 | 812/1,234  56/s  lost 12+0  34 enc  3 gaps"


def test_the_file_that_packets_are_written_to_is_named() -> None:
    writing = replace(BUSY, recording="/home/ann/captures/of-the-incident.pcapng")
    assert " -w /home/ann/captures/of-the-incident.pcap…" in line(writing, 200)
    assert " -w of-the-incident.pca" in line(writing, 90)


def test_what_was_let_go_is_said() -> None:
    assert "  7 oldest let go" in line(replace(BUSY, forgotten=7), 200)
    assert "  1 older body let go" in line(replace(BUSY, bodies_forgotten=1), 200)
    assert "  7 oldest and 12 bodies let go" in line(replace(BUSY, forgotten=7, bodies_forgotten=12), 200)


def test_the_state_the_count_and_the_drops_never_leave() -> None:
    assert line(BUSY, 10) == " LIVE   wlan0 | 812/1,234  lost 12+0"


@pytest.mark.parametrize("width", range(45, 220, 5))
def test_it_fits_wherever_it_can(width: int) -> None:
    left, right = laid_out(BUSY, width)
    assert sum(cell_len(piece.text) for piece in (*left, *right)) + 2 <= width


def test_requests_without_response_are_rows_and_no_responses() -> None:
    def first(**given: Any) -> str:
        return "".join(piece.text for piece in laid_out(StatusLine(label="f", **given), 200)[1]).split("  ")[0]

    assert first(shown=15, kept=15, unanswered=3) == "12 responses + 3 unanswered"
    assert first(shown=4, kept=4, unanswered=3) == "1 response + 3 unanswered"
    assert first(shown=5, kept=15, unanswered=3) == "5 of 15 rows"
    assert first(shown=5, kept=15) == "5 of 15 responses"
    assert first(shown=5, kept=15, scanning=True) == "5… of 15 responses"


def test_zero_drops_are_said() -> None:
    calm = replace(BUSY, counters=Counters(), shown=5, kept=5)
    assert "lost 0 packets, 0 rows" in line(calm, 200)
    assert "0 lost" in line(calm, 60)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, " LIVE "),
        ({"paused": True, "waiting": 1234}, " PAUSED +1,234 "),
        ({"live": False}, " READING "),
        ({"live": False, "fraction": 0.636}, " READING 63 % "),
        ({"live": False, "fraction": 1.0, "ended": True}, " ENDED "),
        ({"failure": "eth0 is gone.", "ended": True}, " FAILED "),
        ({"failure": "eth0 is gone."}, " LIVE "),
        ({"failure": "eth0 is gone.", "paused": True, "waiting": 1}, " PAUSED +1 "),
    ],
)
def test_the_state_has_one_word(change: dict[str, object], words: str) -> None:
    assert line(replace(BUSY, **change), 200).startswith(words)  # pyright: ignore[reportArgumentType]


DISK_FULL = "Packets are no longer written to the file: No space left on device."


@pytest.mark.parametrize("ended", [False, True])
def test_what_failed_is_said_and_gives_way_to_a_word(ended: bool) -> None:
    """The sentence stands below the list, and the capture may go on."""
    status = replace(BUSY, failure=DISK_FULL, ended=ended, capture_filter="", recording="")
    wide, narrow = line(status, 300), line(status, 80)
    assert DISK_FULL[:50] in wide
    assert "Packets" not in narrow
    assert ("failed" in narrow, "FAILED" in narrow) == (not ended, ended)


def test_a_failure_cannot_act_on_the_terminal() -> None:
    assert "\x1b" not in line(replace(BUSY, failure="\x1b]0;x\x07 is gone"), 300)


def test_the_word_is_its_own_progress_bar() -> None:
    left, _ = laid_out(StatusLine(live=False, fraction=0.5), 80)
    assert [(piece.text, piece.style) for piece in left[:2]] == [(" READIN", "reading"), ("G 50 % ", "rest")]


UNREAD = StatusLine(
    label="f.pcap",
    live=False,
    ended=True,
    counters=Counters(
        flows_other=1,
        unread=(
            Unread("WebSocket after 101", 2, "connection"),
            Unread("without a byte of payload", 9, "connection"),
            Unread("QUIC", 1200, "packet"),
            Unread("UDP", 44, "packet"),
        ),
    ),
)


def test_an_encrypted_connection_is_named_once() -> None:
    reasons = (Unread("TLS whose key did not come", 2, "connection"),)
    counters = Counters(flows_encrypted=3, unread=reasons)
    text = line(StatusLine(label="f.pcap", live=False, ended=True, counters=counters), 200)
    assert "3 encrypted connections" in text
    assert "not read" not in text
    assert not_read_words(counters) == ["1 encrypted connection", "2 connections of TLS whose key did not come"]
    assert not_read_words(replace(counters, flows_encrypted=2)) == ["2 connections of TLS whose key did not come"]


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (200, "  not read 1 other connection, 2 WebSocket after 101, 1,200 QUIC …"),
        (80, "  not read 1 other connection …"),
        (60, "  some not read"),
        (45, ""),
    ],
)
def test_what_was_not_looked_into_is_named_where_there_is_room(width: int, words: str) -> None:
    text = line(UNREAD, width)
    assert text.endswith(words)
    assert ("not read" in text) == bool(words)


def test_the_name_of_a_file_cannot_act() -> None:
    assert line(StatusLine(label="a\x1b[2Jb\u202e.pcap"), 200).startswith(" LIVE   a␛[2Jb‹U+202E›.pcap")


def test_what_a_long_step_has_freed_is_given_back() -> None:
    standing = StatusLine("lo", capture_filter="tcp port (8000 or 8080)", shown=22, kept=22, unanswered=1, rate=0.3)
    widths = range(60, 100)
    assert [line(standing, width).count("tcp port (8000 or 8080)") for width in widths if width >= 79] == [1] * 21
    for width in widths:
        left, right = laid_out(standing, width)
        assert width - 14 < sum(cell_len(piece.text) for piece in (*left, *right)) + 2 <= width or width > 85


def test_a_long_filter_is_cut_and_leaves_before_the_numbers() -> None:
    long = replace(BUSY, capture_filter="tcp and host 10.0.0.1 and not port 22 and " * 9)
    assert "-f tcp and hos…" in line(long, 84)
    assert "-f" not in line(long, 64)


@pytest.mark.parametrize(
    ("wanted", "width", "height", "found"),
    [
        (Layout.AUTO, 80, 24, Layout.ALONE),
        (Layout.AUTO, 120, 24, Layout.ALONE),
        (Layout.AUTO, 120, 50, Layout.BELOW),
        (Layout.AUTO, 160, 24, Layout.BESIDE),
        (Layout.BESIDE, 120, 24, Layout.BESIDE),
        (Layout.BESIDE, 80, 24, Layout.ALONE),
        (Layout.BELOW, 80, 24, Layout.BELOW),
        (Layout.BELOW, 200, 15, Layout.ALONE),
        (Layout.ALONE, 200, 50, Layout.ALONE),
    ],
)
def test_the_detail_stands_where_there_is_room(wanted: Layout, width: int, height: int, found: Layout) -> None:
    assert resolve(wanted, width, height) is found


def test_the_layouts_go_round() -> None:
    assert Layout.AUTO.next.next.next.next is Layout.AUTO


def test_a_rate_is_that_of_the_last_seconds() -> None:
    rate = Rate()
    assert rate.add(100.0, 0) == 0
    assert rate.add(100.5, 50) == 50
    assert rate.add(102.0, 50) == 50
    assert rate.add(103.4, 0) == pytest.approx(100 / 3)
    assert rate.add(110.0, 0) == 0


def test_one_is_not_told_as_many() -> None:
    for count, words in ((1, "0 of 1 response "), (2, "0 of 2 responses ")):
        _, right = laid_out(StatusLine(label="f", live=False, shown=0, kept=count), 200)
        assert f"{''.join(piece.text for piece in right)} ".startswith(words)


def test_what_the_kernel_dropped_in_a_live_run_is_said_where_its_lines_are_read() -> None:
    assert "lost 12 packets, 0 rows" in line(replace(BUSY, live=False), 200)
