"""The program for a cooked packet socket of Linux, whose packets begin after the link header.

Before the body stand questions that only the kernel can answer, asked at the special addresses of linux/filter.h:
which protocol, which interface, which way. A packet under two or more VLAN tags begins at the second tag, since the
kernel takes only the outermost away; for it the body stands a second and a third time, moved by 4 and by 8 bytes.
"""

from collections.abc import Iterable

from httpresp_capture.bpf import assembler as op
from httpresp_capture.bpf.assembler import LONGEST, Assembler, Instruction
from httpresp_capture.records.errors import CaptureError

__all__ = ["IP_PROTOCOLS", "OUTGOING", "TAG_PROTOCOLS", "assemble_cooked"]

ASK = 0xFFFFF000
"""SKF_AD_OFF; added to it: 0 protocol, 4 packet type, 8 interface."""
OUTGOING = 4
"""PACKET_OUTGOING."""
IP_PROTOCOLS = (0x0800, 0x86DD)
TAG_PROTOCOLS = (0x8100, 0x88A8)
"""802.1Q and 802.1ad."""

_LOADS_AT_A_PLACE = frozenset(
    (op.LOAD_WORD, op.LOAD_HALF, op.LOAD_BYTE, 0x40, op.LOAD_HALF_X, op.LOAD_BYTE_X, op.X_HEADER_LENGTH)
)
_SHIFTS = (0, 4, 8)


def assemble_cooked(
    body: Iterable[Instruction], snap_length: int, loopback_index: int | None = None
) -> tuple[Instruction, ...]:
    """The whole program; with an index, that interface's outgoing copies are dropped.

    Loopback shows each packet twice, going out and coming in.
    """
    body = tuple(body)
    code = Assembler()
    if loopback_index is not None:
        code.emit(op.LOAD_WORD, ASK + 4)
        code.branch(op.EQUAL, OUTGOING, no="protocol")
        code.emit(op.LOAD_WORD, ASK + 8)
        code.branch(op.EQUAL, loopback_index, yes="drop")
        code.label("protocol")
    code.emit(op.LOAD_WORD, ASK)
    for protocol in IP_PROTOCOLS:
        code.branch(op.EQUAL, protocol, yes="moved by 0")
    for protocol in TAG_PROTOCOLS:
        code.branch(op.EQUAL, protocol, yes="tagged")
    code.goto("drop")
    # On its way out a packet begins at its IP header, whatever stands before it.
    code.label("tagged")
    code.emit(op.LOAD_WORD, ASK + 4)
    code.branch(op.EQUAL, OUTGOING, yes="moved by 0")
    for shift in _SHIFTS[1:]:
        code.emit(op.LOAD_HALF, shift - 2)
        for protocol in IP_PROTOCOLS:
            code.branch(op.EQUAL, protocol, yes=f"moved by {shift}")
        if shift == _SHIFTS[-1]:
            break
        for protocol in TAG_PROTOCOLS:
            code.branch(op.EQUAL, protocol, yes=f"another tag {shift}")
        code.goto("drop")
        code.label(f"another tag {shift}")
    code.label("drop")
    code.emit(op.RETURN, 0)
    for shift in _SHIFTS:
        code.label(f"moved by {shift}")
        code.block(_moved(body, shift, snap_length))
    program = code.assemble()
    if len(program) > LONGEST:
        raise CaptureError(
            f"the kernel's filter would have {len(program)} instructions, and {LONGEST} is the most. "
            "Give fewer ports and hosts, or ranges and networks in their place."
        )
    return program


def _moved(body: Iterable[Instruction], shift: int, snap_length: int) -> Iterable[Instruction]:
    """The body for packets that begin `shift` bytes before their IP header. (The length it asks for is too long
    by that much; it is compared with a minimum only.)"""
    for instruction in body:
        if instruction.code in _LOADS_AT_A_PLACE and instruction.number < ASK:
            yield instruction._replace(number=instruction.number + shift)
        elif instruction.code == op.RETURN and instruction.number:
            yield instruction._replace(number=snap_length + shift)
        else:
            yield instruction
