"""The program for a cooked packet socket that takes the first packet of each TCP connection, and nothing else."""

from httpresp_capture.bpf import assembler as op
from httpresp_capture.bpf.assembler import Assembler, Instruction
from httpresp_capture.bpf.cooked import ASK, IP_PROTOCOLS

__all__ = ["assemble_openings"]

IP4, IP6 = IP_PROTOCOLS
TCP = 6
SYN, SYN_AND_ACK = 0x02, 0x12
FRAGMENT = 0x1FFF
KEPT = 128
"""Bytes: the headers up to the ports."""


def assemble_openings() -> tuple[Instruction, ...]:
    """SYN without ACK (RFC 9293 §3.5), of IPv4 and of IPv6 without extension headers."""
    code = Assembler()
    code.emit(op.LOAD_WORD, ASK)
    code.branch(op.EQUAL, IP4, yes="four")
    code.branch(op.EQUAL, IP6, no="drop")
    code.emit(op.LOAD_BYTE, 6)
    code.branch(op.EQUAL, TCP, no="drop")
    code.emit(op.LOAD_BYTE, 40 + 13)
    code.goto("flags")
    code.label("four")
    code.emit(op.LOAD_BYTE, 9)
    code.branch(op.EQUAL, TCP, no="drop")
    code.emit(op.LOAD_HALF, 6)
    code.branch(op.ANY_BIT, FRAGMENT, yes="drop")
    code.emit(op.X_HEADER_LENGTH, 0)
    code.emit(op.LOAD_BYTE_X, 13)
    code.label("flags")
    code.emit(op.AND, SYN_AND_ACK)
    code.branch(op.EQUAL, SYN, no="drop")
    code.emit(op.RETURN, KEPT)
    code.label("drop")
    code.emit(op.RETURN, 0)
    return code.assemble()
