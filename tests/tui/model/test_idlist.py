"""Ids that leave from the front cost nothing, and are gone."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from httpresp_tui.model.fenwick import Heights
from httpresp_tui.model.idlist import IdList, IdQueue


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60)), max_size=60))
def test_an_id_list_is_a_sorted_list_however_its_ids_come_and_leave(steps: list[tuple[int, int]]) -> None:
    ids = IdList()
    known: list[int] = []
    newest, oldest = 1_000, 1_000
    for kind, number in steps:
        if kind == 0:
            newest += number + 1
            ids.add_newer([newest])
            known.append(newest)
        elif kind == 1 and (not known or oldest <= known[0]):
            oldest -= number + 1
            ids.add_older([oldest])
            known.insert(0, oldest)
        elif kind == 2:
            id = 1_000 + number
            ids.insert(id)
            known = sorted({*known, id})
            newest = max(newest, id)
        elif kind == 3 and known:
            id = known[number % len(known)]
            assert ids.discard(id)
            known.remove(id)
        elif kind == 4 and known:
            id = known[number % len(known)]
            ids.forget_before(id)
            known = [each for each in known if each >= id]
            oldest = max(oldest, id)
        assert list(ids) == known
        assert len(ids) == len(known)
        assert [ids[place] for place in range(len(known))] == known
        assert [ids.index(id) for id in known] == list(range(len(known)))
        assert ids.near(1_030) == sum(1 for id in known if id < 1_030)


@given(st.lists(st.integers(0, 400), max_size=40))
def test_a_queue_gives_ids_in_the_order_in_which_they_came(sizes: list[int]) -> None:
    queue = IdQueue()
    known: deque[int] = deque()
    for place, size in enumerate(sizes):
        queue.add(range(place, place + size))
        known.extend(range(place, place + size))
        for _ in range(min(len(known), size // 2 + 3)):
            assert queue.take() == known.popleft()
        assert len(queue) == len(known)
    queue.clear()
    assert len(queue) == 0


@given(st.lists(st.integers(0, 4), max_size=20), st.lists(st.integers(0, 4), max_size=20), st.lists(st.integers(0, 4)))
def test_heights_grow_at_both_ends(laid_out: list[int], newer: list[int], older: list[int]) -> None:
    heights = Heights(laid_out)
    for height in newer:
        heights.append(height)
    for height in older:
        heights.prepend(height)
    known = [*reversed(older), *laid_out, *newer]
    lines = [(place - len(older), line) for place, height in enumerate(known) for line in range(height)]
    assert heights.total == len(lines)
    assert [heights.find(line) for line in range(len(lines))] == lines
    assert [heights.before(place - len(older)) for place in range(len(known))] == [
        sum(known[:place]) for place in range(len(known))
    ]
    if older:
        heights.add(-1, 2)
        assert heights.total == len(lines) + 2
        assert heights.before(0) == sum(older) + 2
