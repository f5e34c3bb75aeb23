"""`Session.goes_on`, the short way of nearly every record, gives what the long way gives."""

import ssl
from functools import cache
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from httpresp_capture.records.secrets import Secrets
from httpresp_capture.records.tls import LOST, Tls
from httpresp_capture.streams.byte_streams import ByteStream
from httpresp_capture.streams.receiver import Receiver
from httpresp_capture.tls.opening import MOST_FAILURES, Carrier
from httpresp_capture.tls.session import Session
from httpresp_capture.tls.side import Came, Side
from plain_rooms import replaces_parts
from traffic.tls import MSS, Conversation, frames_of
from traffic.tls13 import Written
from traffic.values import Frame
from traffic.watching import Watched, watch

pytestmark = replaces_parts


@cache
def talk(version: ssl.TLSVersion) -> Conversation:
    """Requests alone and two at a time, answers of less than a record and of several."""
    made = Conversation(version)
    for number, size in enumerate((5, 40_000, 0, 700, 16_384, 1)):
        made.ask(b"GET /%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % number)
        if size == 700:
            made.ask(b"GET /again HTTP/1.1\r\nHost: shop.example\r\n\r\n")
            made.answer(b"HTTP/1.1 201 OK\r\nContent-Length: 3\r\n\r\nabc")
        made.answer(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
    return made.close()


def state_of(session: Session) -> list[tuple[int, int, int]]:
    """Where both of what is carried are."""
    inner = [side.inner for side in (session.client, session.server)]
    return [(each.next_seq, each.ack, each.packet_len) for each in inner if each is not None]


def both_ways(frames: list[Frame], keys: bytes) -> tuple[Watched, int]:
    """What the short way gives, which is what the long way gives; and how many bytes were read the short way."""
    taken = 0
    short = Session.goes_on
    states: list[list[tuple[int, int, int]]] = []

    def never(session: Session, _side: Side, data: bytes, _at: int) -> bytes:
        states.append(state_of(session))
        return data

    def counted(session: Session, side: Side, data: bytes, at: int) -> bytes:
        nonlocal taken
        states.append(state_of(session))
        left = short(session, side, data, at)
        taken += len(data) - len(left)
        return left

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Session, "goes_on", counted)
        quick = watch(frames, keys=keys)
        quick_states, states = states, []
        patched.setattr(Session, "goes_on", never)
        slow = watch(frames, keys=keys)
    assert quick == slow
    assert quick_states == states
    return quick, taken


def joined(flights: list[tuple[bool, bytes]], since: int) -> list[tuple[bool, bytes]]:
    """What one end says on end as one flight, from that one on: records share their segments."""
    made = flights[:since]
    for from_client, data in flights[since:]:
        if len(made) > since and made[-1][0] is from_client:
            made[-1] = from_client, made[-1][1] + data
        else:
            made.append((from_client, data))
    return made


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@given(
    mss=st.integers(60, 20_000),
    moved=st.integers(0, 6),
    lost=st.integers(0, 3),
    shared=st.booleans(),
    seed=st.integers(0, 1 << 16),
)
@example(mss=5_017, moved=0, lost=2, shared=True, seed=6_662)  # Two records in the packet behind a loss.
@settings(deadline=None, max_examples=25)
def test_the_short_way_gives_what_the_long_way_gives(
    version: ssl.TLSVersion, mss: int, moved: int, lost: int, shared: bool, seed: int
) -> None:
    made = talk(version)
    frames = frames_of(joined(made.flights, 6) if shared else made.flights, mss=mss)
    rng = Random(seed)
    for _ in range(moved):
        at = rng.randrange(8, len(frames) - 4)
        frames[at], frames[at + 1] = frames[at + 1], frames[at]
    for _ in range(lost):
        del frames[rng.randrange(10, len(frames) - 4)]
    _, taken = both_ways(frames, made.keys)
    if not (moved or lost):
        assert taken > 30_000


GET = b"GET /%d HTTP/1.1\r\nHost: shop.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
CHANGE = b"\x14\x03\x03\0\x01\x01"
"""ChangeCipherSpec, which counts as no record in TLS 1.3."""


def exchanges(count: int) -> Written:
    made = Written().shake()
    for number in range(count):
        made.ask(GET % number).answer(OK)
    return made


def frame_of(made: Written, data: bytes, frames: list[Frame]) -> int:
    """Where the frame of that flight is."""
    (place,) = [place for place, (_, said) in enumerate(made.flights) if said == data]
    before = sum([-(-len(said) // MSS) for _, said in made.flights[:place]])
    return 3 + before if frames[3 + before].data.endswith(data) else -1


class Taker(Receiver):
    """What a direction carries."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = b""

    def data(self, data: bytes, at: int) -> None:
        self.taken += data


class Heard(Carrier):
    """What one session tells, whose keys are known."""

    def __init__(self, keys: bytes) -> None:
        self._secrets = Secrets()
        self._secrets.add(keys)

    def plain(self, side: Side, data: bytes, came: Came) -> None:
        if side.inner is None:
            side.inner = ByteStream()
            side.inner.reader = Taker()
        assert side.inner.reader is not None
        side.inner.reader.data(data, came.at)

    def plain_gap(self, side: Side, length: int, at: int, snapped: bool, end: int, outer: int) -> None: ...

    def known(self, tls: Tls) -> None: ...

    def secrets(self) -> Secrets:
        return self._secrets


def test_while_a_record_is_sought_neither_direction_goes_the_short_way() -> None:
    """What is missing was no record, so that the next opens with the number that is due; only the search tells it."""
    made = exchanges(2)
    session = Session(Heard(made.keys), Side(ByteStream()), Side(ByteStream()), False)
    client, server = session.client, session.server
    for from_client, data in made.flights:
        side = client if from_client else server
        left = session.goes_on(side, data, 1)
        if left:
            session.data(side, left, 1, 0, len(data))
    session.gap(server, len(CHANGE), 2, False)
    (_, asked), (_, answered) = made.ask(GET % 2).answer(OK).flights[-2:]
    assert session.goes_on(client, asked, 3) == asked
    assert session.goes_on(server, answered, 3) == answered
    session.data(server, answered, 3, 0, len(answered))
    assert session.tls.state == f"{LOST}{len(CHANGE)} bytes"
    assert session.goes_on(client, asked, 4) == b""
    readers = [side.inner.reader for side in (client, server) if side.inner is not None]
    said = [b"".join([GET % number for number in range(3)]), OK * 3]
    assert [reader.taken for reader in readers if isinstance(reader, Taker)] == said


@pytest.mark.parametrize("lost_answers", [1, 2])
def test_who_asks_behind_a_loss_of_answers_is_read_when_it_is_known_what_was_lost(lost_answers: int) -> None:
    made = exchanges(2)
    for number in range(lost_answers):
        made.ask(GET % (7 + number))
    for _ in range(lost_answers):
        made.answer(OK)
    lost = [data for _, data in made.flights[-lost_answers:]]
    made.ask(GET % 2).ask(GET % 3).answer(OK).answer(OK)
    frames = frames_of(made.flights)
    for data in lost:
        del frames[frame_of(made, data, frames)]
        made.flights.remove((False, data))
    seen, taken = both_ways(frames, made.keys)
    assert sum([row.status == 200 for row in seen.responses]) == 4
    assert taken


@pytest.mark.parametrize("lost_requests", [1, 3, 5])
def test_what_was_told_lost_too_much_is_taken_off_what_follows(lost_requests: int) -> None:
    """Of requests that are lost it is told at once how much that is, before it is known how many records it was."""
    made = exchanges(2)
    lost = [GET % (7 + number) for number in range(lost_requests)]
    for request in lost:
        made.ask(request)
    lost_flights = [data for _, data in made.flights[-lost_requests:]]
    for number in range(2, 8):
        made.ask(b"GET /%d HTTP/1.1\r\n\r\n" % number)
    for _ in range(lost_requests + 6):
        made.answer(OK)
    frames = frames_of(made.flights)
    places = {frame_of(made, data, frames) for data in lost_flights}
    both_ways([frame for place, frame in enumerate(frames) if place not in places], made.keys)


def test_records_that_no_key_opens_are_given_up_only_when_they_follow_each_other() -> None:
    made = exchanges(1)
    for number in range(1, MOST_FAILURES + 3):
        made.ask(GET % number).answer(OK)
        made.flights.append((False, b"\x17\x03\x03\0\x30" + bytes(48)))
    both_ways(frames_of(made.flights), made.keys)


@pytest.mark.parametrize("mss", [MSS, 30, 100_000])
def test_what_stands_behind_records_in_their_segment_is_read_as_well(mss: int) -> None:
    """Renewed keys, an empty record, padding, an alert, and what is no record."""
    made = exchanges(1)
    for number in range(1, 5):
        made.ask(GET % number)
    made.answer(OK)
    made.answer(b"").answer(OK[:20], padding=30).answer(OK[20:])
    made.flights.append((False, made.server.record(22, b"\x18\0\0\x01\0")))
    made.server = made.server.renewed()
    made.answer(OK)
    made.flights.append((False, made.server.record(21, b"\x02\x50")))
    made.answer(OK)
    made.flights.append((False, b"\x16\x09\0"))
    seen, taken = both_ways(frames_of(joined(made.flights, 3), mss=mss), made.keys)
    assert [row.status for row in seen.responses] == [200] * 5
    assert taken


def test_whole_records_are_read_though_what_follows_in_their_segment_is_none() -> None:
    made = exchanges(2)
    made.flights[-1] = (False, made.flights[-1][1] + b"no record")
    seen, _ = both_ways(frames_of(made.flights), made.keys)
    assert [row.status for row in seen.responses] == [200, 200]


def test_nothing_is_read_once_it_was_given_up() -> None:
    """Records of the client that no key opens, and then an answer."""
    made = Conversation(ssl.TLSVersion.TLSv1_3)
    for _ in range(2):
        made.ask(b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        made.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    made.close()
    answers = [number for number, (from_client, data) in enumerate(made.flights) if not from_client and data[0] == 23]
    at = answers[-2]
    made.flights[at:at] = [(True, b"\x17\x03\x03\0\x30" + bytes(48))] * MOST_FAILURES
    seen, _ = both_ways(made.frames(), made.keys)
    assert [row.status for row in seen.responses] == [200, 0]
