"""Turns give way to keys, for a while."""

from httpresp_tui.model.pacing import AFTERWARDS, HOLD, BatchSize, TimeSlices, work_for


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_nothing_is_held_before_a_key_came() -> None:
    assert TimeSlices(Clock()).held == 0.0


def test_a_key_holds_turns_until_it_has_been_painted() -> None:
    clock = Clock()
    turns = TimeSlices(clock)
    turns.key_came()
    assert turns.held > AFTERWARDS
    turns.painted()
    assert 0 < turns.held <= AFTERWARDS + 1e-9
    clock.now += AFTERWARDS * 2
    assert turns.held == 0.0


def test_a_key_that_changes_nothing_holds_turns_no_longer_than_one_that_does() -> None:
    clock = Clock()
    turns = TimeSlices(clock)
    turns.key_came()
    clock.now += HOLD * 2
    assert turns.held == 0.0


def test_a_paint_without_a_key_holds_nothing() -> None:
    turns = TimeSlices(Clock())
    turns.painted()
    assert turns.held == 0.0


async def test_urgent_work_waits_for_nobody() -> None:
    clock = Clock()
    turns = TimeSlices(clock)
    turns.key_came()
    await turns.next(urgent=True)
    assert turns.held > 0


def test_work_is_done_once_at_least() -> None:
    done: list[int] = []

    def step() -> bool:
        done.append(1)
        return False

    assert not work_for(-1.0, step)
    assert done == [1]


def test_a_stride_gives_back_what_its_work_does() -> None:
    assert BatchSize(8).take(lambda size: size * 2) == 16
