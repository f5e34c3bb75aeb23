"""10 000 responses of all framings, over everything that carries them, against the truth of who sent them.

A response that was captured whole is exact: status, reason, fields, lengths, body, trailers, how it ended, and the
request it answers. Nothing is there that was not sent. Of a response that lost bytes the row says what is missing.

What cannot be known is not asked for, and it is little: a response of which bytes of the status line are lost may be
absent, and its request then says that it got none; an answer to HEAD or CONNECT whose request was lost is compared
by its head alone; on a connection that pipelines, where a gap may have held any number of requests, a response after
a lost request may stand without one, but never with another's.
"""

import pytest

from httpresp_capture.records.outcome import Completeness
from traffic.captures import Recipe, make_capture
from traffic.verdict import differences, harm_of
from traffic.watching import watch


def told_briefly(found: list[str]) -> str:
    return f"{len(found)} differences, among them:\n" + "\n".join(text[:600] for text in found[:8])


@pytest.mark.slow
def test_ten_thousand_responses_are_exact() -> None:
    capture = make_capture(20_231, Recipe(10_000))
    seen = watch(capture.frames)
    found = differences(capture, seen.responses)
    assert not found, told_briefly(found)
    sent = sum(len(told.placed) for told in capture.told)
    assert sent >= 10_000
    assert seen.counters.packets == len(capture.frames)
    assert seen.counters.flows == len(capture.told)
    assert seen.counters.conflicts == 0
    assert seen.counters.malformed == 0
    assert seen.counters.kernel_drops == seen.counters.not_tcp == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 7))
def test_with_four_in_a_thousand_segments_lost_every_other_response_is_exact(seed: int) -> None:
    capture = make_capture(seed, Recipe(2_000, lost=0.004, traps=False))
    seen = watch(capture.frames)
    found = differences(capture, seen.responses)
    assert not found, told_briefly(found)
    hit = sum(bool(harm_of(placed, told.missing).ranges) for told in capture.told for placed in told.placed)
    assert hit > 20, "the wire was too kind for this to mean anything"
    assert seen.counters.gaps > 0


def test_on_a_terrible_wire_nothing_is_invented_and_nothing_damaged_is_called_whole() -> None:
    capture = make_capture(5, Recipe(1_000, reordered=0.2, repeated=0.2, lost=0.05, traps=False))
    seen = watch(capture.frames)
    heads = {placed.expected.head: placed for told in capture.told for placed in told.placed}
    whole = [row for row in seen.responses if row.completeness is Completeness.COMPLETE]
    assert len(whole) > 300
    assert [row.head for row in whole if row.head not in heads] == []


@pytest.mark.slow
def test_the_same_frames_give_the_same_events() -> None:
    capture = make_capture(9, Recipe(300, lost=0.01))
    assert watch(capture.frames) == watch(capture.frames)
