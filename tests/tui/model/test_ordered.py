"""Sorted lists in blocks are what a sorted list would be, whatever comes and leaves."""

from bisect import bisect_left, insort
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_tui.model.ordered import SortedHeights, SortedPairs

STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=80)


@given(STEPS)
def test_pairs_are_a_sorted_list(steps: list[tuple[bool, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SortedPairs, "MOST", 4)
        pairs = SortedPairs()
        known: list[tuple[int, int]] = []
        for add, number in steps:
            pair = (number % 7, number)
            if add and pair not in known:
                pairs.add(pair)
                insort(known, pair)
            elif not add:
                assert pairs.remove(pair) == (pair in known)
                known = [each for each in known if each != pair]
            assert (len(pairs), list(pairs)) == (len(known), known)
            assert [pairs[index] for index in range(len(known))] == known
            for other in ((number % 7, number), (number % 7, number + 1), (9, 0)):
                assert pairs.near(other) == bisect_left(known, other)
                assert pairs.index(other) == (known.index(other) if other in known else None)


@dataclass(eq=False)
class Thing:
    name: int
    lines: int


@given(st.lists(st.tuples(st.sampled_from("+-~="), st.integers(0, 30), st.integers(0, 3)), max_size=80))
def test_heights_are_the_lines_of_a_sorted_list(steps: list[tuple[str, int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SortedHeights, "MOST", 4)
        heights: SortedHeights[Thing] = SortedHeights()
        known: dict[int, tuple[int, int, int, Thing]] = {}
        for step, name, lines in steps:
            if step == "+" and name not in known:
                known[name] = (name % 5, name, 0, Thing(name, lines))
                heights.add(known[name])
            elif step == "-" and name in known:
                assert heights.remove(known.pop(name))
            elif step == "~" and name in known:
                heights.resize(known[name], lines)
            elif step == "=":
                for entry in known.values():
                    entry[3].lines = lines
                heights.reweigh()
            entries = sorted(known.values(), key=lambda entry: entry[:3])
            drawn = [(entry[3], line) for entry in entries for line in range(entry[3].lines)]
            assert heights.total == len(drawn)
            assert [heights.find(line) for line in range(len(drawn))] == drawn
            assert [heights.before(entry) for entry in entries] == [
                sum(each[3].lines for each in entries[:index]) for index in range(len(entries))
            ]
            things = [None, *(entry[3] for entry in entries), None]
            for index, entry in enumerate(entries, 1):
                assert (heights.beside(entry, -1), heights.beside(entry, 1)) == (things[index - 1], things[index + 1])
            assert (heights.edge(1), heights.edge(-1)) == (things[1 if entries else 0], things[-2])
