"""A SYN in a connection that stands: what follows shows which of both goes on (RFC 5961 §4)."""

import pytest

from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.streams.position import MASK
from httpresp_capture.tcp.assembler import Assembler
from httpresp_capture.tcp.flags import ACK, NEAR, SYN
from httpresp_capture.tcp.overlap import Recent
from httpresp_capture.tcp.packet import Packet, Tally
from httpresp_capture.tcp.reopening import Reopening

LOSS = 1 << 18


def standing(next_seq: int, syn: int, data: bytes = b"") -> tuple[Reopening, Assembler, Assembler]:
    """A SYN at `syn` of a direction that stands at `next_seq`; that direction, and the other one."""
    one, two = (Assembler(None, 1 << 20, Tally(), Recent()) for _ in range(2))
    one.begin(next_seq & MASK)
    path, packet = PacketPath(0, "eth0"), Packet(0, 64, 7, 0, 40)
    return Reopening(one, b"", syn & MASK, SYN, data, len(data), packet, path), one, two


def test_the_data_of_a_syn_is_kept_as_far_as_one_packet_has_it() -> None:
    """RFC 7413."""
    for size, kept in ((0, 0), (1_500, 1_500), (1_501, 0)):
        begun, _, _ = standing(1_000, 50_000_000, bytes(size))
        assert (len(begun.data), begun.length) == (kept, size)


@pytest.mark.parametrize("syn", [50_000_000, MASK, MASK - 1])
def test_a_syn_ack_follows_that_acknowledges_the_syn(syn: int) -> None:
    begun, one, two = standing(10_000_000, syn)
    following = (syn + 1) & MASK
    assert begun.is_followed(two, 7, SYN | ACK, following)
    assert not begun.is_followed(two, 7, SYN | ACK, (following + 1) & MASK)
    assert not begun.is_followed(two, 7, SYN, following), "it acknowledges nothing"
    assert not begun.is_followed(two, 7, 0, following)
    assert not begun.is_followed(one, following, SYN, 0), "a SYN does not follow a SYN"


@pytest.mark.parametrize("far", [40_000_000, -40_000_000])
def test_what_begins_behind_the_syn_and_far_from_what_stands_follows_it(far: int) -> None:
    stands = 1 << 31
    begun, one, two = standing(stands, stands + far)
    for ahead, follows in ((-1, False), (0, True), (1, True), (NEAR, True), (NEAR + 1, False)):
        place = stands + far + 1 + ahead
        assert begun.is_followed(one, place, ACK, 0) is follows, ahead
        assert begun.is_followed(two, 7, ACK, place) is follows, ahead
    assert not begun.is_followed(one, stands, ACK, 0)
    assert not begun.is_followed(two, 7, ACK, stands)


def test_what_is_near_behind_where_the_connection_stands_belongs_to_that() -> None:
    stands = 1 << 31
    for back, follows in ((0, False), (-1, False), (-NEAR, False), (-NEAR - 1, True)):
        begun, one, _ = standing(stands, stands + back - 1)
        assert begun.is_followed(one, stands + back, ACK, 0) is follows, back


def test_where_both_may_have_lost_something_the_syn_must_be_much_nearer() -> None:
    stands = 1 << 31
    for away, ahead, follows in (
        (100, 0, True),
        (LOSS + 10, 10, False),
        (LOSS + 11, 10, True),
        (LOSS + 1, 1, False),
        (LOSS + 2, 1, True),
    ):
        begun, one, _ = standing(stands, stands + away - ahead - 1)
        assert begun.is_followed(one, stands + away, ACK, 0) is follows, (away, ahead)
