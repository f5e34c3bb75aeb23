"""What is lost of a connection: one row a stream, no wrong status, and each row that was hit says so."""

from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from httpresp_capture.detect.recognise import HTTP2_PREFACE
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import Completeness
from two_ends import Crossed, Listener, Told, split, talk


def streams_of(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Of each HEADERS and DATA frame: where it begins and ends, and its stream."""
    at = 0
    while at < len(data):
        end = at + 9 + int.from_bytes(data[at : at + 3], "big")
        if data[at + 3] < 2:
            yield at, end, int.from_bytes(data[at + 5 : at + 9], "big")
        at = end


def hit_streams(crossed: list[Crossed], lost: list[tuple[int, int]]) -> tuple[set[int], set[int]]:
    """The streams of which response frames lie in what was lost of the server's bytes; and beside them those between
    two such places, or behind the last, in too few frames to be believed."""
    data = b"".join(part for asks, part in crossed if not asks)
    frames = list(streams_of(data))

    def within(places: list[tuple[int, int]]) -> set[int]:
        return {stream for start, end, stream in frames for first, last in places if first < end and start < last}

    between = [(first, second) for (_, first), (second, _) in pairwise([*lost, (len(data), 0)])]
    few = [(first, last) for first, last in between if sum(first <= a and b <= last for a, b, _ in frames) < 3]
    return within(lost), within(lost + few)


def listen(told: Told, rng: Random, share: float, *, skip: int = 0) -> tuple[list[Response], tuple[set[int], set[int]]]:
    """The rows where a share of the packets is lost, and the first `skip` too; and the streams that lost some."""
    listener = Listener(Limits(pending_requests=100_000), midstream=skip > 0)
    waiting = {True: 0, False: 0}
    reached = {True: 0, False: 0}
    lost: list[tuple[int, int]] = []
    for number, (asks, data) in enumerate(split(told.crossed, rng)):
        start = reached[asks]
        reached[asks] += len(data)
        if number < skip:
            continue
        preface = asks and start < len(HTTP2_PREFACE)
        if rng.random() < share and not preface:
            waiting[asks] += len(data)
            if not asks:
                lost.append((start, start + len(data)))
            continue
        if waiting[asks]:
            listener.miss(asks, waiting[asks])
            waiting[asks] = 0
        listener.hear(asks, data)
    for asks in (True, False):
        if waiting[asks]:
            listener.miss(asks, waiting[asks])
    return listener.finish(), hit_streams(told.crossed, lost)


def check(
    told: Told, rows: list[Response], hit_and_near: tuple[set[int], set[int]], *, midstream: bool = False
) -> None:
    hit, near = hit_and_near
    ids = [row.stream for row in rows]
    assert len(ids) == len(set(ids)), "a stream has two rows"
    assert set(ids) <= told.sent.keys()
    if not midstream:
        # Where the head of the request, and all of the answer, is lost nothing shows that there was one.
        assert told.sent.keys() - set(ids) <= near
    for row in rows:
        sent = told.sent[row.stream]
        assert row.status in (0, sent.status), row
        known = [(":status", str(row.status)), *row.headers] if row.status else list(row.headers)
        assert [pair for pair in sent.fields if pair in known] == known, row
        if row.request is not None and row.request.target:
            assert row.request.target == sent.path
        marked = row.completeness is not Completeness.COMPLETE or bool(row.problems)
        if row.stream in hit:
            assert marked, row
        if row.completeness is Completeness.COMPLETE:
            assert row.body == sent.body
            assert row.status == sent.status or row.problems


def test_without_loss_everything_is_there() -> None:
    told = talk(Random(1), 60)
    rows, hit = listen(told, Random(2), 0)
    assert not any(hit)
    check(told, rows, hit)
    assert len(rows) == 60
    for row in rows:
        sent = told.sent[row.stream]
        assert (row.completeness, row.problems) == (Completeness.COMPLETE, ())
        assert (row.status, row.body, list(row.headers)) == (sent.status, sent.body, sent.fields[1:])
        assert row.request
        assert row.request.complete


@pytest.mark.slow
@given(st.integers(0, 1 << 32), st.sampled_from([0.02, 0.1, 0.3]))
def test_whatever_is_lost_a_stream_is_one_row_and_no_status_is_wrong(seed: int, share: float) -> None:
    rng = Random(seed)
    told = talk(rng, 12, at_once=rng.choice([1, 3, 8]))
    rows, hit = listen(told, rng, share)
    check(told, rows, hit)


@pytest.mark.slow
@given(st.integers(0, 1 << 32), st.integers(1, 60))
@example(1536, 3)
def test_whoever_joins_in_the_middle_is_told_nothing_wrong(seed: int, skip: int) -> None:
    rng = Random(seed)
    told = talk(rng, 12, at_once=rng.choice([1, 3, 8]))
    rows, hit = listen(told, rng, 0, skip=skip)
    check(told, rows, hit, midstream=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_of_20_000_streams_with_5_of_100_packets_lost_none_is_wrong(seed: int) -> None:
    rng = Random(seed)
    streams = rows = known = 0
    for _ in range(40):
        told = talk(rng, 500, most=3_000)
        some, hit = listen(told, rng, 0.05)
        check(told, some, hit)
        streams += len(told.sent)
        rows += len(some)
        known += sum(row.status != 0 for row in some)
    assert streams == 20_000
    assert 0.97 * streams < rows <= streams
    assert known > 0.7 * streams
