"""What is lost of a connection of HTTP/2, and what its rows may and must say then."""

from collections.abc import Iterator
from itertools import pairwise

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import Completeness
from two_ends import Crossed, Told


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
