"""What the packets of a connection tell: each note in a dialogue that has it, and none in one that has not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.tcp import packet_notes
from httpresp_capture.tcp.flags import ACK, FIN, RST, SYN
from httpresp_capture.tcp.packet_notes import Header, PacketNotes, PacketStory

MS = 1_000_000
HERE, THERE = 0xFFFFFFF0, 5_000
"""The first numbers of both ends; those of the client wrap."""


def told(*packets: tuple[int, str, int, int, int, int], window: int = 500, most: int = 100) -> PacketStory:
    """Of (ms, direction, seq, ack, length, flags), positions counted from each SYN."""
    notes = PacketNotes(most)
    for at, way, seq, ack, length, flags in packets:
        out = way == ">"
        own, other = (HERE, THERE) if out else (THERE, HERE)
        notes.add(Header(at * MS, out, (own + seq) & 0xFFFFFFFF, (other + ack) & 0xFFFFFFFF, length, flags, window, 64))
    return notes.story()


OPENING = ((0, ">", 0, 0, 0, SYN), (10, "<", 0, 1, 0, SYN | ACK), (11, ">", 1, 1, 0, ACK))


def notes_of(*packets: tuple[int, str, int, int, int, int]) -> list[tuple[str, ...]]:
    return [packet.notes for packet in told(*OPENING, *packets).packets[len(OPENING) :]]


def test_an_ordinary_exchange_has_nothing_to_be_said() -> None:
    story = told(
        *OPENING, (12, ">", 1, 1, 100, ACK), (30, "<", 1, 101, 1_000, ACK), (31, ">", 101, 1_001, 0, ACK),
        (32, ">", 101, 1_001, 0, FIN | ACK), (40, "<", 1_001, 102, 0, FIN | ACK), (41, ">", 102, 1_002, 0, ACK),
    )  # fmt: skip
    assert [packet.notes for packet in story.packets] == [()] * 9
    assert [(packet.seq, packet.ack) for packet in story.packets[3:6]] == [(1, 1), (1, 101), (101, 1_001)]
    assert (story.client.bytes, story.server.bytes, story.client.packets, story.server.packets) == (100, 1_000, 6, 3)
    assert (story.client.missing, story.silences) == (0, 0)


def test_round_trips_are_told_by_who_acknowledges() -> None:
    story = told(*OPENING, (20, ">", 1, 1, 100, ACK), (60, "<", 1, 101, 500, ACK), (62, ">", 101, 501, 0, ACK))
    assert [packet.round_trip_ns for packet in story.packets] == [None, 10 * MS, 1 * MS, None, 40 * MS, 2 * MS]
    assert (story.client.least_ns, story.client.smoothed_ns) == (10 * MS, (7 * 10 * MS + 40 * MS) // 8)
    assert story.server.least_ns == 1 * MS


def test_a_repeat_is_said_and_tells_no_round_trip() -> None:
    story = told(*OPENING, (20, ">", 1, 1, 100, ACK), (220, ">", 1, 1, 100, ACK), (240, "<", 1, 101, 0, ACK))
    assert story.packets[4].notes == ("repeat",)
    assert story.packets[5].round_trip_ns is None
    assert story.client.repeats == 1


def test_a_loss_is_said_where_it_is_and_what_fills_it_is_late() -> None:
    lost = (20, "<", 1, 1, 100, ACK), (21, "<", 201, 1, 100, ACK)
    assert notes_of(*lost) == [(), ("100 bytes before it have not come",)]
    assert told(*OPENING, *lost).server.missing == 100
    filled = told(*OPENING, *lost, (22, "<", 101, 1, 100, ACK))
    assert filled.packets[-1].notes == ("late: fills what had not come",)
    assert (filled.server.missing, filled.server.late) == (0, 1)


def test_what_fills_a_part_leaves_the_rest() -> None:
    story = told(*OPENING, (21, "<", 201, 1, 100, ACK), (22, "<", 51, 1, 50, ACK))
    assert story.server.missing == 150


def test_duplicate_acknowledgements_are_counted() -> None:
    three = [(25 + each, ">", 1, 101, 0, ACK) for each in range(3)]
    notes = notes_of((20, "<", 1, 1, 100, ACK), (21, "<", 201, 1, 100, ACK), *three)
    assert notes[2:] == [(), ("duplicate acknowledgement 1",), ("duplicate acknowledgement 2",)]


def test_an_acknowledgement_that_opens_the_window_is_no_duplicate() -> None:
    notes = PacketNotes()
    notes.add(Header(0, False, THERE, 0, 100, ACK, 500, 64))
    notes.add(Header(1, False, THERE + 200, 0, 100, ACK, 500, 64))
    for at, window in enumerate((500, 600, 600)):
        notes.add(Header(2 + at, True, HERE, THERE + 100, 0, ACK, window, 64))
    assert [packet.notes for packet in notes.story().packets[2:]] == [(), (), ("duplicate acknowledgement 1",)]


def test_a_keep_alive_is_no_repeat() -> None:
    notes = notes_of((20, ">", 1, 1, 100, ACK), (30, "<", 1, 101, 0, ACK), (500, ">", 100, 1, 0, ACK))
    assert notes[-1] == ("keep-alive",)
    assert notes_of((20, ">", 1, 1, 100, ACK), (500, ">", 100, 1, 1, ACK))[-1] == ("keep-alive",)
    assert notes_of((20, ">", 1, 1, 100, ACK), (30, ">", 101, 1, 0, ACK), (40, ">", 99, 1, 0, ACK))[-2:] == [(), ()]


def test_an_end_that_is_sent_again_is_a_repeat() -> None:
    story = told(*OPENING, (20, ">", 1, 1, 0, FIN | ACK), (230, ">", 1, 1, 0, FIN | ACK))
    assert (story.packets[-1].notes, story.client.repeats) == (("repeat",), 1)


def test_silence_is_said() -> None:
    story = told(*OPENING, (1_511, ">", 1, 1, 10, ACK))
    assert (story.packets[-1].notes, story.silences) == (("after 1.5 s of silence",), 1)


def test_a_closed_window_is_said_once_in_the_facts() -> None:
    notes = PacketNotes()
    for at, window in enumerate((500, 0, 0, 300)):
        notes.add(Header(at * MS, True, 1, 1, 0, ACK, window, 64))
    story = notes.story()
    assert [packet.notes[-1:] for packet in story.packets] == [
        (), ("zero window: it takes no more",), ("zero window: it takes no more",), ("the window opens again",)
    ]  # fmt: skip
    assert story.client.zero_windows == 1


def test_an_acknowledgement_of_what_was_not_captured_is_said() -> None:
    assert notes_of((20, "<", 1, 501, 10, ACK)) == [("acknowledges 500 bytes that were not captured",)]


def test_of_what_began_before_the_capture_positions_begin_at_one() -> None:
    notes = PacketNotes()
    notes.add(Header(0, True, 77_000, 9_000, 10, ACK, 1, 64))
    notes.add(Header(1, False, 9_000, 77_010, 20, ACK, 1, 64))
    assert [(packet.seq, packet.ack) for packet in notes.story().packets] == [(1, None), (1, 11)]


def test_a_reset_takes_no_place() -> None:
    assert notes_of((20, "<", 900, 1, 0, RST)) == [()]


def test_packets_have_a_bound_and_the_facts_none() -> None:
    story = told(*OPENING, *((20 + each, ">", 1 + each, 1, 1, ACK) for each in range(10)), most=5)
    assert (len(story.packets), story.left_out, story.client.packets) == (5, 8, 12)


def test_what_is_never_acknowledged_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packet_notes, "MOST_UNDER_WAY", 3)
    sent = [(20 + each, ">", 1 + each, 1, 1, ACK) for each in range(5)]
    first, third, last = (told(*OPENING, *sent, (90, "<", 1, ack, 0, ACK)).packets[-1] for ack in (3, 4, 6))
    assert (first.round_trip_ns, third.round_trip_ns, last.round_trip_ns) == (None, 68 * MS, 66 * MS)


def test_of_what_is_missing_the_first_parts_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packet_notes, "MOST_HOLES", 2)
    late = [(30 + each, "<", 1 + place, 1, 10, ACK) for each, place in enumerate((200, 400, 600))]
    story = told(*OPENING, (20, "<", 1_001, 1, 10, ACK), *late)
    assert story.server.missing == 200 + 190
    assert story.packets[-1].notes == ("repeat",)
    assert told(*OPENING, *((20 + each, "<", 101 * each, 1, 1, ACK) for each in range(1, 4))).server.missing == 200


@given(st.lists(st.builds(
    Header, st.integers(0, 10**12), st.booleans(), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1),
    st.integers(0, 70_000), st.integers(0, 255), st.integers(0, 65_535), st.integers(0, 255),
), max_size=12))  # fmt: skip
def test_any_packets_make_a_story(headers: list[Header]) -> None:
    notes = PacketNotes()
    for header in headers:
        notes.add(header)
    story = notes.story()
    assert len(story.packets) == len(headers)
    assert story.client.missing >= 0
