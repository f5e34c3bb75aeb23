"""`Session.goes_on`, the short way of nearly every record, gives what the long way gives."""

import ssl
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from httpresp_capture.tls.opening import MOST_FAILURES
from httpresp_capture.tls.session import Session
from httpresp_capture.tls.side import Side
from traffic.tls import Conversation
from traffic.values import Frame
from traffic.watching import watch


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


def never(_session: Session, _side: Side, _data: bytes, _at: int, _ack: int, _packet_len: int) -> bool:
    return False


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@given(mss=st.integers(1, 20_000), moved=st.integers(0, 6), lost=st.integers(0, 3), seed=st.integers(0, 1 << 16))
@settings(deadline=None, max_examples=25)
def test_the_short_way_gives_what_the_long_way_gives(
    version: ssl.TLSVersion, mss: int, moved: int, lost: int, seed: int
) -> None:
    made = talk(version)
    frames: list[Frame] = made.frames(mss=max(mss, 60))
    rng = Random(seed)
    for _ in range(moved):
        at = rng.randrange(8, len(frames) - 4)
        frames[at], frames[at + 1] = frames[at + 1], frames[at]
    for _ in range(lost):
        del frames[rng.randrange(10, len(frames) - 4)]
    taken: list[bool] = []
    short = Session.goes_on

    def counted(session: Session, side: Side, data: bytes, at: int, ack: int, packet_len: int) -> bool:
        taken.append(short(session, side, data, at, ack, packet_len))
        return taken[-1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Session, "goes_on", counted)
        quick = watch(frames, keys=made.keys)
        patched.setattr(Session, "goes_on", never)
        slow = watch(frames, keys=made.keys)
    assert quick.responses == slow.responses
    assert quick.counters == slow.counters
    if not (moved or lost):
        assert any(taken)


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
    quick = watch(made.frames(), keys=made.keys)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Session, "goes_on", never)
        slow = watch(made.frames(), keys=made.keys)
    assert quick.responses == slow.responses
    assert [row.status for row in quick.responses] == [200, 0]
