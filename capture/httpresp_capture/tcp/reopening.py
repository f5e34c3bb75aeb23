"""A SYN in a connection that stands: an end answers it with a challenge, and goes on (RFC 5961 §4).

Only where its sender has forgotten the connection, and says so with a reset, does another begin on the same ports; or
where the connection was over and its end was not captured. So such a SYN ends nothing by itself. It is kept, and what
follows shows which it was: an answer to it, or what goes on behind it, belongs to a new connection.
"""

from typing import Final

from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.streams.position import MASK, distance
from httpresp_capture.tcp.assembler import Assembler
from httpresp_capture.tcp.flags import ACK, NEAR, SYN
from httpresp_capture.tcp.packet import Packet

_WINDOW: Final = 1 << 18
"""Bytes that may be missing of the connection that stands."""

_SYN_DATA: Final = 1_500
"""Bytes of a SYN that are kept (RFC 7413): it has one packet."""


class Reopening:
    """The newest such SYN of a connection."""

    __slots__ = ("data", "direction", "flags", "key", "length", "packet", "path", "seq")

    def __init__(
        self,
        direction: Assembler,
        key: bytes,
        seq: int,
        flags: int,
        data: bytes,
        length: int,
        packet: Packet,
        path: PacketPath,
    ) -> None:
        self.direction = direction
        self.key = key
        self.seq = seq
        self.flags = flags
        self.data = data if length <= _SYN_DATA else b""
        self.length = length
        self.packet = packet
        self.path = path

    def is_followed(self, direction: Assembler, seq: int, flags: int, ack: int) -> bool:
        """True when a segment of `direction` goes on with the SYN, and not with what was said before it."""
        following = (self.seq + 1) & MASK
        if direction is not self.direction:
            if not flags & ACK:
                return False
            if flags & SYN:
                return ack == following
            seq = ack
        elif flags & SYN:
            return False
        away = distance(seq, self.direction.next_seq)
        ahead = distance(seq, following)
        if -NEAR <= away <= 0 or not 0 <= ahead <= NEAR:
            return False
        # Beyond what stands there something is missing in either: the SYN must be much nearer.
        return ahead == 0 or away < 0 or away - ahead > _WINDOW
