"""What is said when the app has gone."""

from dataclasses import replace

import pytest

from httpresp_capture.analysis.coverage import Coverage
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.unread import OF_OTHERS, WROTE_NO_KEY, Unread
from httpresp_tui.model.summary import Summary, summary_text


def test_a_calm_run_is_short_and_says_that_nothing_was_lost() -> None:
    summary = Summary("eth0", True, (0, 0, 812, 40, 0, 0), Counters(packets=9000, flows=70))
    assert summary_text(summary).split("\n") == [
        "eth0: 852 responses (2xx 812, 3xx 40)",
        "  errors       0",
        "  lost         0 packets by the kernel, 0 rows here",
        "  packets      9,000 in 70 connections",
    ]


def test_bodies_that_were_let_go_are_said() -> None:
    assert "  let go       1,200 older bodies, over the bytes" in summary_text(Summary("eth0", bodies_forgotten=1200))
    late = Summary("eth0", counters=Counters(held_dropped=55_901))
    assert "  let go       56 kB out of order, over --held-limit" in summary_text(late)


def test_the_file_of_the_packets_is_named() -> None:
    assert "  written      the packets to out␛.pcapng" in summary_text(Summary("eth0", recording="out\x1b.pcapng"))


def test_why_a_command_wrote_no_key_is_said_and_the_way_on() -> None:
    counters = Counters(
        packets=9, flows=1, flows_encrypted=1, encrypted=1, unread=(Unread(WROTE_NO_KEY, 1, "connection"),)
    )
    lines = summary_text(Summary("a-go-program", counters=counters, encrypted=1)).split("\n")
    assert "  not read     1 connection of TLS to which the command wrote no key" in lines
    (said,) = [line for line in lines if line.startswith("  no key       ")]
    assert "Go and Java" in said
    assert "--keylog FILE" in said


def test_that_no_connection_was_seen_to_be_the_commands_is_said_where_nothing_was() -> None:
    counters = Counters(packets=9, flows=1, unread=(Unread(OF_OTHERS, 2, "connection"),))
    assert "  no owner     no connection was seen" in summary_text(Summary("a-go-program", counters=counters))
    for seen in (Summary(by_class=(0, 0, 1, 0, 0, 0)), Summary(encrypted=1), Summary(unanswered=1), Summary(read=1)):
        assert "no owner" not in summary_text(replace(seen, counters=counters))


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
    summary = replace(summary, unanswered=1)
    assert summary_text(summary).split("\n") == [
        "f.pcap: 6 responses (4xx 2, 5xx 3, no status 1), 1 unanswered request",
        "  errors       7",
        "  lost         7 packets while recording, 5 rows here",
        "  not read     1 encrypted connection, 2 connections of other protocols, 3 gaps (4.0 kB)",
        "  packets      1 in 1 connection",
        "  let go       10 oldest responses, over the limit of those kept",
        "  failed       f.pcap is cut off after 9 packets.",
    ]


def test_an_encrypted_connection_is_told_once() -> None:
    """Beside the responses where all of them are rows, or else with what was not read."""
    counters = Counters(packets=9, flows=3, flows_encrypted=2)
    text = summary_text(Summary("f.pcap", encrypted=2, counters=counters))
    assert text.startswith("f.pcap: 0 responses, 2 encrypted connections\n")
    assert "not read" not in text
    assert "not read     2 encrypted connections" in summary_text(Summary("f.pcap", encrypted=1, counters=counters))
    reason = replace(counters, unread=(Unread(WROTE_NO_KEY, 2, "connection"),))
    assert f"not read     2 connections of {WROTE_NO_KEY}" in summary_text(
        Summary("f.pcap", encrypted=2, counters=reason)
    )


NOTHING = Summary("f.pcap", False)


@pytest.mark.parametrize(
    ("counters", "words"),
    [
        (Counters(), "nothing: no packet came"),
        (Counters(packets=5), "nothing: no packet opened a TCP connection or carried anything of one"),
        (Counters(packets=5, flows=1), "nothing: no connection brought a response"),
        (Counters(packets=5, not_tcp=5, unread=(Unread("QUIC", 5, "packet"),)), "5 packets of QUIC"),
        (Counters(packets=5, not_tcp=5), "5 frames without TCP"),
        (Counters(packets=5, malformed=5), "5 malformed frames"),
        (
            Counters(packets=9, flows=2, unread=(Unread("HTTP/2 after 101", 2, "connection"),)),
            "2 connections of HTTP/2 after 101",
        ),
        (Counters(packets=9, fragments=9, fragments_lost=1), "1 IP datagram without all fragments"),
    ],
)
def test_no_responses_never_stands_alone(counters: Counters, words: str) -> None:
    text = summary_text(replace(NOTHING, counters=counters))
    assert f"\n  not read     {words}\n" in text


def test_of_a_live_capture_it_is_said_what_was_not_looked_for() -> None:
    summary = replace(NOTHING, live=True, capture_filter="tcp port 80", counters=Counters(packets=5, flows=1))
    assert summary_text(summary).endswith(
        "\n  not captured what the capture filter leaves out: 'tcp port 80' lets no UDP through, and so no QUIC"
    )
    assert summary_text(replace(summary, capture_filter="udp or tcp")).endswith("leaves out: 'udp or tcp'")
    assert summary_text(replace(summary, capture_filter="tcp, QUIC")).endswith("leaves out: 'tcp, QUIC'")
    assert "filter" not in summary_text(replace(summary, live=False))


def test_a_hostile_name_cannot_act_on_the_terminal() -> None:
    text = summary_text(Summary(label="\x1b]0;x\x07\x9b31m\u202e", failures=("a\x1bb",)))
    assert all(char.isprintable() or char == "\n" for char in text)


def test_a_filter_that_chose_is_said() -> None:
    none = Summary("f.pcap", False, (0, 0, 0, 0, 0, 0), Counters(packets=9, flows=1), read=12)
    assert summary_text(none).startswith("f.pcap: 0 of 12 responses match the filter\n")
    assert "no connection brought" not in summary_text(none)
    one = Summary("f.pcap", False, (0, 0, 1, 0, 0, 0), Counters(packets=9, flows=1), read=1)
    assert summary_text(one).startswith("f.pcap: 1 of 1 response matches the filter (2xx 1)\n")


def test_what_the_kernel_dropped_in_a_live_run_is_said_where_its_lines_are_read() -> None:
    summary = Summary(label="events.jsonl", live=False, counters=Counters(kernel_drops=7, interface_drops=2))
    assert "  lost         9 packets while recording, 0 rows here" in summary_text(summary)


@pytest.mark.parametrize("name", [figure.name for figure in Coverage().losses()])
def test_what_reports_know_as_lost_is_said_here_too(name: str) -> None:
    counters = replace(Counters(packets=9, flows=1), **{name: 37})
    assert " 37" in summary_text(Summary("f.pcap", live=False, counters=counters))


def test_calls_of_grpc_that_failed_are_errors_and_said_to_be_among_them() -> None:
    text = summary_text(Summary("lo", by_class=(0, 0, 9, 0, 2, 1), failed_calls=3))
    assert "errors       6, 3 failed gRPC calls among them" in text
    assert "errors       3\n" in summary_text(Summary("lo", by_class=(0, 0, 9, 0, 2, 1)))
