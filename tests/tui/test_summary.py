"""What is said when the app has gone."""

from httpresp_capture.events import Counters
from httpresp_tui.summary import Summary, summary_text


def test_a_calm_run_is_short_and_says_that_nothing_was_lost() -> None:
    summary = Summary("eth0", True, (0, 0, 812, 40, 0, 0), Counters(packets=9000, flows=70))
    assert summary_text(summary).split("\n") == [
        "eth0: 852 responses (2xx 812, 3xx 40)",
        "  errors       0",
        "  drops        kernel 0, ours 0",
        "  packets      9,000 in 70 connections",
    ]


def test_bodies_that_were_let_go_are_said() -> None:
    assert "  let go       1,200 older bodies, over the bytes" in summary_text(Summary("eth0", bodies_forgotten=1200))


def test_the_file_of_the_packets_is_named() -> None:
    assert "  written      the packets to out␛.pcapng" in summary_text(Summary("eth0", recording="out\x1b.pcapng"))


def test_whatever_was_lost_or_not_read_is_said() -> None:
    counters = Counters(
        packets=1,
        flows=1,
        interface_drops=7,
        flows_encrypted=1,
        flows_other=2,
        gaps=3,
        gap_bytes=4000,
        unanswered=1,
    )
    summary = Summary("f.pcap", False, (1, 0, 0, 0, 2, 3), counters, 5, 10, ("f.pcap is cut off after 9 packets.",))
    assert summary_text(summary).split("\n") == [
        "f.pcap: 6 responses (4xx 2, 5xx 3, no status 1)",
        "  errors       5",
        "  drops        recorder 7, ours 5",
        "  not read     1 encrypted connection, 2 connections of other protocols, 3 gaps (4.0 kB), "
        "1 request without response",
        "  packets      1 in 1 connection",
        "  let go       10 oldest responses, over the limit of those kept",
        "  failed       f.pcap is cut off after 9 packets.",
    ]


def test_a_hostile_name_cannot_act_on_the_terminal() -> None:
    text = summary_text(Summary(label="\x1b]0;x\x07\x9b31m\u202e", failures=("a\x1bb",)))
    assert all(char.isprintable() or char == "\n" for char in text)
