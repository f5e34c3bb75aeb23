"""What is lost of a connection: one row a stream, no wrong status, and each row that was hit says so."""

from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from http2_loss import check, hit_streams, streams_of
from httpresp_capture.detect.recognise import HTTP2_PREFACE
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import Completeness
from two_ends import Listener, Told, TwoEnds, asking, split, talk


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


def test_a_loss_that_is_told_before_the_request_that_it_hit_was_read_may_have_held_the_head() -> None:
    """As of what TLS carries, where one direction may wait: trailers behind it are trailers, and no head."""
    ends = TwoEnds()
    begun = len(ends.crossed)
    stream = ends.ask(asking("/hit"))
    answered = len(ends.crossed)
    ends.answer(stream, [(":status", "200")], b"X", trailers=[("x-end", "1")])
    for number in range(3):
        ends.answer(ends.ask(asking(f"/{number}")), [(":status", "204")])
    listener = Listener()
    for asks, data in ends.crossed[:begun]:
        listener.hear(asks, data)
    server = b"".join(data for asks, data in ends.crossed[answered:] if not asks)
    head = next(end for _, end, id in streams_of(server) if id == stream)
    listener.miss(False, head)
    for asks, data in ends.crossed[begun:]:
        if asks:
            listener.hear(asks, data)
    listener.hear(False, server[head:])
    row = next(row for row in listener.finish() if row.stream == stream)
    assert (row.status, list(row.headers), row.body, row.trailers) == (0, [], b"X", b"x-end: 1\r\n")
    assert [problem.name for problem in row.problems] == ["head-not-seen"]
