"""The control bits of a TCP header (RFC 9293 §3.1), and how near a segment must lie to belong to what stands."""

from typing import Final

FIN: Final = 0x01
SYN: Final = 0x02
RST: Final = 0x04
ACK: Final = 0x10
URG: Final = 0x20
NEAR: Final = 1 << 20
"""Bytes that may lie between where a direction stands and what the other has acknowledged: a large window."""
