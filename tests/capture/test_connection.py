"""How connections begin, end and follow each other on the same ports, where a scenario cannot tell it."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from httpresp_capture.events import EndReason
from traffic.captures import Capture, Recipe, make_capture
from traffic.frames import ETHERNET, Framer, Route
from traffic.values import ACK, FIN, RST, SYN, Ends, Frame, Segment, Way
from traffic.verdict import differences
from traffic.watching import Watched, watch

ENDS = Ends("10.0.0.1", 40_000, "10.0.0.2", 80)
SECOND = 1_000_000_000
ASKED = b"GET /a HTTP/1.1\r\n\r\n"
ANSWERED = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"


class Talk:
    """Segments of one connection, a millisecond apart."""

    def __init__(self, isn_client: int = 1_000, isn_server: int = 5_000, at: int = 0) -> None:
        self.framer = Framer(Route(ENDS, ETHERNET, isn_client=isn_client, isn_server=isn_server))
        self.at = at
        self.frames: list[Frame] = []

    def say(self, way: Way, offset: int, data: bytes = b"", flags: int = ACK, ack: int = 0, after: int = 1) -> None:
        self.at += after * SECOND // 1_000
        frame = self.framer.frame(Segment(way, offset, data, flags, ack))
        self.frames.append(Frame(self.at, ETHERNET, frame, len(frame)))

    def opening(self) -> None:
        self.say("client", -1, flags=SYN)
        self.say("server", -1, flags=SYN | ACK)

    def exchange(self, client: int = 0, server: int = 0) -> None:
        self.say("client", client, ASKED, ack=server)
        self.say("server", server, ANSWERED, ack=client + len(ASKED))

    def closing(self) -> None:
        self.say("server", len(ANSWERED), flags=FIN | ACK, ack=len(ASKED))
        self.say("client", len(ASKED), flags=FIN | ACK, ack=len(ANSWERED) + 1)


def of_one_connection() -> list[Frame]:
    talk = Talk()
    talk.opening()
    talk.exchange()
    talk.closing()
    return talk.frames


def later(frames: list[Frame], seconds: float) -> list[Frame]:
    """The same packets again."""
    return [replace(frame, at=frame.at + int(seconds * SECOND)) for frame in frames]


def statuses(seen: Watched) -> list[int]:
    return [row.status for row in seen.responses]


def test_after_a_minute_of_silence_the_same_numbers_may_be_another_connection() -> None:
    frames = of_one_connection()
    assert statuses(watch([*frames, *later(frames, 59)])) == [200]
    # One packet of another connection lets the table forget.
    other = Talk(at=90 * SECOND)
    other.framer = Framer(Route(Ends("10.0.0.3", 1, "10.0.0.2", 80)))
    other.opening()
    assert statuses(watch([*frames, *other.frames, *later(frames, 100)])) == [200, 200]


def test_what_was_said_sixteen_mebibytes_ago_is_a_copy_after_the_end_too() -> None:
    talk = Talk()
    talk.opening()
    talk.say("client", 0, ASKED)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (300 * 60_000)
    talk.say("server", 0, head, ack=len(ASKED))
    for place in range(300):
        talk.say("server", len(head) + place * 60_000, bytes(60_000), ack=len(ASKED))
    first = talk.frames[:4]
    talk.say("server", len(head) + 300 * 60_000, flags=FIN | ACK, ack=len(ASKED))
    talk.say("client", len(ASKED), flags=FIN | ACK, ack=len(head) + 300 * 60_000 + 1)
    seen = watch([*talk.frames, *later(first, 20)])
    assert statuses(seen) == [200]
    assert seen.counters.flows == 1


def test_a_copy_of_an_earlier_connections_end_does_not_end_the_one_that_is_there() -> None:
    first = of_one_connection()
    second = Talk(700_000_000, 900_000_000, at=first[-1].at)
    second.opening()
    second.frames += later(first[-4:], 0.01)
    second.exchange()
    second.frames += later(first, 0.02)
    second.exchange(len(ASKED), len(ANSWERED))
    second.closing()
    seen = watch([*first, *second.frames])
    assert statuses(seen) == [200, 200, 200]
    assert [row.flow.id for row in seen.responses] == [1, 2, 2]


def test_a_reset_of_an_earlier_connection_is_not_one_of_the_next() -> None:
    first = Talk()
    first.opening()
    first.exchange()
    first.say("server", len(ANSWERED), flags=RST | ACK, ack=len(ASKED))
    second = Talk(700_000_000, 900_000_000, at=first.at)
    second.say("client", -1, flags=SYN)
    second.frames += later(first.frames[-1:], 0.001)
    second.say("server", -1, flags=SYN | ACK)
    second.exchange()
    seen = watch([*first.frames, *second.frames])
    assert statuses(seen) == [200, 200]
    assert [event.reason for event in seen.ended] == [EndReason.SERVER_RST, EndReason.CAPTURE_END]


def with_copies(rng: Random, capture: Capture, farthest: int) -> Iterator[Frame]:
    """A tenth of all packets comes again, up to so many packets later."""
    again: dict[int, list[Frame]] = {}
    for place, frame in enumerate(capture.frames):
        if rng.random() < 0.1:
            again.setdefault(place + rng.randrange(1, farthest), []).append(frame)
        yield frame
        for copy in again.pop(place, ()):
            yield replace(copy, at=frame.at)


@pytest.mark.parametrize("farthest", [50, 400])
@pytest.mark.parametrize("seed", [3, 4, 24])
def test_late_copies_of_any_packets_make_no_responses(seed: int, farthest: int) -> None:
    recipe = Recipe(200, midstream=0, ports_reused=0.6, concurrent=3, route=anywhere)
    capture = make_capture(seed, recipe)
    seen = watch(with_copies(Random(seed), capture, farthest))
    found = [text for text in differences(capture, seen.responses) if "bad-coding" not in text]
    assert not found, found[0]
    assert seen.counters.flows == len(capture.told)


def anywhere(rng: Random, ends: Ends) -> Route:
    """Initial numbers by chance, as RFC 6528 has it."""
    return Route(ends, isn_client=rng.randrange(1 << 32), isn_server=rng.randrange(1 << 32))
