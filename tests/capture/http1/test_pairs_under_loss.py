"""Thousands of exchanges with several requests under way, and an observer who misses packets: no pair is another's.

What nobody can tell is left out of what is asked. A client that always has the same number of requests under way looks,
to whoever missed its first ones, exactly like one that waits for each answer: of such a client the opening is captured.
So does one that sends bursts, where the capture begins inside of one and most of its answers are lost.
"""

import re
from dataclasses import replace

import pytest

from httpresp_capture.records.exchange import Response
from traffic.underway import KINDS, Habit, Line, Rough, lines
from traffic.values import Frame, PacketPath
from traffic.watching import watch

NAME = re.compile(rb"\r\nX-N: (\d+)\r\n")

BODILESS = ("length", "chunked", "HEAD", "HEAD chunked", "204", "304", "POST")
"""Answers that end with their heads, among others: where one ends says less of the next."""
ROUGH = {
    "loss": Rough(lost=0.02),
    "loss in runs": Rough(lost=0.005, bursts_lost=0.01),
    "loss of one direction": Rough(lost=0.05, one_way=1),
    "directions out of step": Rough(lost=0, skewed=0.7),
    "loss and no order": Rough(lost=0.02, skewed=0.5, swapped=0.02),
    "one packet in eight": Rough(habits=("chance", "waits"), lost=0.12, swapped=0.02, kinds=BODILESS),
    "a terrible wire": Rough(lost=0.2),
    "midstream": Rough(habits=("waits", "bursts"), lost=0.01, skewed=0.2, midstream=1),
    "midstream on a terrible wire": Rough(habits=("waits",), lost=0.12, late=0.05, repeated=0.05, midstream=1),
    "packets twice and late": Rough(lost=0.01, late=0.1, repeated=0.05),
    "no opening": Rough(habits=("waits", "bursts"), lost=0.02, late=0.03, opening_lost=1),
    "half a handshake": Rough(habits=("waits", "bursts"), lost=0.02, late=0.05, skewed=0.5, handshake_lost=1),
    "a snap length": Rough(habits=("waits", "bursts"), lost=0.02, late=0.03, snapped=1),
    "responses in bodies": Rough(lost=0.02, kinds=(*KINDS, "batch", "batch", "batch")),
}


def named(row: Response) -> str:
    """What the row's head says that it answers; "" where that was lost."""
    found = NAME.search(row.head)
    return "/" + found.group(1).decode() if found else ""


def wrong_in(line: Line) -> list[str]:
    return [
        f"{line.habit} {line.first}: the answer to {named(row)} was shown as that of {row.request.target}"
        for row in watch(line.frames).responses
        if row.request is not None and named(row) and not agrees(row.request.target, row)
    ]


def agrees(target: str, row: Response) -> bool:
    """A request that was cut has only the beginning of its target."""
    return named(row) == target or (not row.request.complete and named(row).startswith(target)) if row.request else True


@pytest.mark.parametrize("name", ROUGH)
def test_no_pair_is_anothers(name: str) -> None:
    wrong = [text for line in lines(1, ROUGH[name], 1_000) for text in wrong_in(line)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
@pytest.mark.parametrize("name", ROUGH)
def test_no_pair_of_ten_thousand_is_anothers(name: str, seed: int) -> None:
    wrong = [text for line in lines(seed, ROUGH[name], 10_000) for text in wrong_in(line)]
    assert not wrong, "\n".join(wrong)


def test_without_loss_every_answer_has_its_request() -> None:
    for line in lines(3, Rough(lost=0), 1_000):
        rows = watch(line.frames).responses
        assert [row.request.target if row.request else "" for row in rows] == [named(row) for row in rows]
        assert len({named(row) for row in rows}) == line.count


@pytest.mark.parametrize("name", ["packets twice and late", "half a handshake", "no opening", "midstream"])
def test_no_request_that_was_answered_is_called_unanswered(name: str) -> None:
    """Where its answer is a row."""
    for line in lines(1, replace(ROUGH[name], lost=0), 1_000):
        rows = watch(line.frames).responses
        answered = {named(row) for row in rows if row.status >= 200}
        assert not [
            row.request.target for row in rows if row.unanswered and row.request and row.request.target in answered
        ]


def steadily_late(line: Line, way: PacketPath) -> list[Frame]:
    """The frames of a connection of which one direction is captured 60 ms late, from its SYN on."""
    frames = [
        replace(frame, at=frame.at + 60_000_000 * (segment.way == way))
        for (_, segment), frame in zip(line.kept, line.frames, strict=True)
    ]
    return sorted(frames, key=lambda frame: frame.at)


@pytest.mark.parametrize("way", ["client", "server"])
@pytest.mark.parametrize("habit", ["waits", "bursts", "window", "chance"])
def test_of_a_direction_that_is_late_no_request_is_called_unanswered(habit: Habit, way: PacketPath) -> None:
    paired = 0
    for line in lines(5, Rough(habits=(habit,), lost=0), 500):
        rows = watch(steadily_late(line, way)).responses
        assert not [row for row in rows if row.unanswered]
        assert all(agrees(row.request.target, row) for row in rows if row.request)
        paired += sum(row.request is not None and row.status >= 200 for row in rows)
    assert paired >= 499


@pytest.mark.parametrize("way", ["client", "server"])
@pytest.mark.parametrize("first", [4, 9])
def test_where_the_capture_begins_beside_a_late_handshake_no_pair_is_anothers(first: int, way: PacketPath) -> None:
    for line in lines(5, Rough(habits=("waits", "bursts"), lost=0), 500):
        rows = watch(steadily_late(line, way)[first:]).responses
        assert all(agrees(row.request.target, row) for row in rows if row.request and named(row))


def test_of_a_client_that_waits_only_what_was_lost_is_missing() -> None:
    """Each lost packet costs at most the exchange it belongs to."""
    paired = lost = 0
    for line in lines(4, Rough(habits=("waits",), lost=0.01), 3_000):
        rows = [row for row in watch(line.frames).responses if not row.unanswered and row.status >= 200]
        paired += sum(row.request is not None for row in rows)
        lost += line.count - sum(row.request is not None for row in rows)
        assert line.count - sum(row.request is not None for row in rows) <= line.lost
    assert paired > 50 * lost / 3
