"""What stands where the list would be while nothing is in it."""

from dataclasses import replace

from httpresp_capture.records.counters import Counters
from httpresp_capture.records.unread import Unread
from httpresp_tui.model.status_line import StatusLine
from httpresp_tui.widgets.hint import hint

COUNTERS = Counters(
    packets=20,
    flows=4,
    flows_encrypted=2,
    flows_other=1,
    unread=(Unread("QUIC", 12, "packet"), Unread("UDP", 1, "packet")),
)


def test_what_failed_beside_a_capture_that_goes_on_has_not_stopped_it() -> None:
    said = ("--keylog: keys is no key log.",)
    live = StatusLine(label="eth0", failure="eth0 is gone.", counters=COUNTERS)
    assert "Listening on eth0" in hint(live, False, said).plain
    assert hint(replace(live, ended=True), False, said).plain.startswith("The capture has stopped.\n\n--keylog: ")


def test_an_empty_list_says_what_was_not_looked_into() -> None:
    text = hint(StatusLine(label="f.pcap", live=False, ended=True, counters=COUNTERS), False).plain
    assert text.split("\n") == [
        "f.pcap holds no HTTP response that can be read.",
        "",
        "Packets: 20   Connections: 4",
        "Encrypted connections: 2, see ?",
        "Not read: 1 connection of other protocols",
        "Not read: 12 packets of QUIC",
        "Not read: 1 packet of UDP",
    ]


def test_a_list_that_is_filtered_empty_speaks_of_the_filter_only() -> None:
    assert "Not read" not in hint(StatusLine(kept=3, counters=COUNTERS), True).plain


def test_a_list_that_was_cleared_is_not_said_to_have_had_nothing() -> None:
    live = StatusLine(label="eth0", cleared=True, counters=COUNTERS)
    assert hint(live, False).plain.startswith("The list was cleared. No response has come since.\n")
    over = StatusLine(label="f.pcap", live=False, ended=True, cleared=True, counters=COUNTERS)
    assert hint(over, False).plain.startswith("The list was cleared. The capture has ended.\n")


def test_an_empty_list_that_is_held_still_says_what_waits() -> None:
    assert hint(StatusLine(label="eth0", paused=True, waiting=2), False).plain.startswith("Paused: 2 came since.")
    assert "2 came since" in hint(StatusLine(label="eth0", paused=True, waiting=2, cleared=True), False).plain


def test_requests_that_nobody_answers_yet_are_told() -> None:
    text = hint(StatusLine(label="eth0", counters=Counters(packets=9, flows=2, requests=2)), False).plain
    assert "no HTTP responses yet.\n\nPackets: 9   Connections: 2   Requests: 2" in text
