"""HTTP/2 over TLS of which packets are lost: one row a stream, no wrong status, and each row that was hit says so."""

import ssl
from collections.abc import Iterator
from random import Random

import pytest

from http2_loss import check, hit_streams
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from traffic.tls import MSS, Conversation, frames_of
from traffic.values import Frame
from traffic.watching import watch
from two_ends import Told, talk

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
OVERHEAD = {V12: 24, V13: 17}
"""Bytes of a record of AES-GCM that are not data: nonce and tag, or tag and kind."""
MANY = Limits(pending_requests=100_000)
Hit = tuple[set[int], set[int]]
OPENING = 3
"""Packets before the first that carries anything."""


def carried(told: Told, version: ssl.TLSVersion) -> tuple[Conversation, int, int]:
    """The connection, and which of its flights are the first that carries something, and the one behind the last."""
    ciphers = "" if version is V13 else "ECDHE-ECDSA-AES128-GCM-SHA256"
    made = Conversation(version, ciphers=ciphers, alpn=("h2",))
    begins = len(made.flights)
    for asks, data in told.crossed:
        (made.ask if asks else made.answer)(data)
    ends = len(made.flights)
    return made.close(), begins, ends


def places_lost(flights: list[tuple[bool, bytes]], lost: list[tuple[int, int]], overhead: int) -> list[tuple[int, int]]:
    """What of the server's data lies in records that were hit: `lost` are places in its bytes of TLS."""
    stream = b"".join(data for asks, data in flights if not asks)
    at = plain = 0
    found: list[tuple[int, int]] = []
    while at < len(stream):
        size = int.from_bytes(stream[at + 3 : at + 5], "big")
        end = at + 5 + size
        if any(first < end and at < last for first, last in lost):
            if found and found[-1][1] == plain:
                found[-1] = (found[-1][0], plain + size - overhead)
            else:
                found.append((plain, plain + size - overhead))
        at, plain = end, plain + size - overhead
    return found


def listen(told: Told, rng: Random, share: float, version: ssl.TLSVersion) -> tuple[list[Response], Hit]:
    """The rows where a share of the packets is lost, but for those of the handshake and the first that the client
    sends; and the streams that lost some."""
    made, begins, ends = carried(told, version)
    kept: list[Frame] = []
    lost: list[tuple[int, int]] = []
    reached = 0
    frames = iter(frames_of(made.flights))
    kept += [next(frames) for _ in range(OPENING)]
    for number, from_client, data in pieces(made.flights):
        frame = next(frames)
        gone = number > begins and rng.random() < share
        if not gone:
            kept.append(frame)
        if number >= begins and not from_client:
            if gone:
                lost.append((reached, reached + len(data)))
            reached += len(data)
    seen = watch([*kept, *frames], MANY, keys=made.keys)
    assert not seen.encrypted
    places = places_lost(made.flights[begins:ends], lost, OVERHEAD[version])
    return list(seen.responses), hit_streams(told.crossed, places)


def pieces(flights: list[tuple[bool, bytes]]) -> Iterator[tuple[int, bool, bytes]]:
    """What each packet carries: the number of its flight, its sender, its bytes."""
    for number, (from_client, data) in enumerate(flights):
        for at in range(0, len(data), MSS):
            yield number, from_client, data[at : at + MSS]


@pytest.mark.slow
@pytest.mark.parametrize("version", [V12, V13])
def test_without_loss_everything_is_there(version: ssl.TLSVersion) -> None:
    told = talk(Random(1), 60)
    rows, hit = listen(told, Random(2), 0, version)
    assert hit == (set(), set())
    check(told, rows, hit)
    assert [(row.stream, row.status, row.body) for row in sorted(rows, key=lambda row: row.stream)] == [
        (stream, sent.status, sent.body) for stream, sent in sorted(told.sent.items())
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "version"), [(1, V13), (2, V13), (3, V12)])
def test_of_20_000_streams_with_5_of_100_packets_lost_none_is_wrong(seed: int, version: ssl.TLSVersion) -> None:
    rng = Random(seed)
    streams = rows = known = 0
    for _ in range(40):
        told = talk(rng, 500, most=3_000)
        some, hit = listen(told, rng, 0.05, version)
        check(told, some, hit)
        streams += len(told.sent)
        rows += len(some)
        known += sum(row.status != 0 for row in some)
    assert streams == 20_000
    assert 0.9 * streams < rows <= streams
    assert known > 0.5 * streams
