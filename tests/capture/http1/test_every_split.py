"""However the server's bytes are cut into segments, the same responses come out.

Every scenario that says nothing about the wire is told again: whole, byte by byte, cut at each place, and with the
next response following in the same segment.
"""

from pathlib import Path

import pytest

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import Completeness, Framing
from splits import Turn, essence, every_split, followed, rows_of
from traffic.scenario import Scenario, load

LONGEST = 400
"""Longer streams have no more borders, only more of the same."""


def turns_of(scenario: Scenario) -> list[Turn] | None:
    """What both sides say, where that is all there is to the scenario."""
    turns: list[Turn] = []
    if not scenario.told["expect"] or scenario.told.keys() - {"steps", "expect", "said", "counters", "rows"}:
        return None
    for step in scenario.told["steps"]:
        if step.keys() - {"from", "bytes", "mss"}:
            return None
        turns.append((step["from"], step["bytes"].encode("latin-1")))
    size = sum(len(data) for way, data in turns if way == "server")
    return turns if 0 < size <= LONGEST else None


def ends_whole(rows: tuple[Response, ...]) -> bool:
    """True when every word was said and every answer asked for: what follows is the next exchange's."""
    return all(
        row.completeness is Completeness.COMPLETE and row.framing is not Framing.TUNNEL and row.request is not None
        for row in rows
    )


TOLD = [
    (scenario.title, turns)
    for scenario in load(Path(__file__).parents[2] / "scenarios")
    if (turns := turns_of(scenario))
]


@pytest.mark.parametrize(("title", "turns"), TOLD, ids=[title for title, _ in TOLD])
def test_every_cut_gives_the_same_rows(title: str, turns: list[Turn]) -> None:
    splits = every_split(turns)
    _, whole = next(splits)
    wanted = [essence(row) for row in whole]
    assert wanted, title
    for how, rows in splits:
        assert [essence(row) for row in rows] == wanted, how


WHOLE = [(title, turns) for title, turns in TOLD if ends_whole(rows_of(turns, ()))]


@pytest.mark.parametrize(("title", "turns"), WHOLE, ids=[title for title, _ in WHOLE])
def test_what_follows_in_the_same_segment_changes_nothing(title: str, turns: list[Turn]) -> None:
    alone = [essence(row) for row in rows_of(turns, ())]
    rows = [essence(row) for row in rows_of(followed(turns), ())]
    assert rows[:-1] == alone, title
    assert rows[-1][0] == 299


def test_there_are_stories_enough() -> None:
    assert len(TOLD) > 50
    assert len(WHOLE) > 30
