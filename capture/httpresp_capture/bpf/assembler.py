"""Classic BPF: one instruction, and an assembler with labels.

A conditional jump of this machine reaches 255 instructions forward. The assembler places a jump beside those whose
target is farther, so the rules above it need not count.
"""

import struct
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["LONGEST", "Assembler", "Instruction", "pack"]

LONGEST = 4096
"""BPF_MAXINSNS: the kernel takes no longer program."""

# Opcodes, as in linux/bpf_common.h: class | size or operation | mode or source.
LOAD_WORD, LOAD_HALF, LOAD_BYTE = 0x20, 0x28, 0x30
LOAD_HALF_X, LOAD_BYTE_X = 0x48, 0x50
LOAD_NUMBER, LOAD_MEMORY, LOAD_LENGTH = 0x00, 0x60, 0x80
X_NUMBER, X_MEMORY, X_HEADER_LENGTH = 0x01, 0x61, 0xB1
STORE, STORE_X = 0x02, 0x03
ADD, SHIFT_LEFT, SHIFT_RIGHT, AND = 0x04, 0x64, 0x74, 0x54
ADD_X, SUBTRACT_X = 0x0C, 0x1C
JUMP, EQUAL, GREATER, NOT_LESS, ANY_BIT = 0x05, 0x15, 0x25, 0x35, 0x45
EQUAL_X, NOT_LESS_X = 0x1D, 0x3D
RETURN = 0x06
TO_X, TO_A = 0x07, 0x87


class Instruction(NamedTuple):
    """One `struct sock_filter`."""

    code: int
    yes: int
    """Instructions to skip when the condition holds."""
    no: int
    number: int


def pack(program: Iterable[Instruction]) -> bytes:
    """The bytes that SO_ATTACH_FILTER takes."""
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


class _Jump(NamedTuple):
    code: int
    number: int
    yes: str | None
    no: str | None


class Assembler:
    """Collects instructions in order; `assemble` resolves the labels."""

    def __init__(self) -> None:
        self._items: list[Instruction | _Jump] = []
        self._labels: dict[str, int] = {}

    def emit(self, code: int, number: int = 0) -> None:
        """One instruction that does not jump."""
        self._items.append(Instruction(code, 0, 0, number))

    def branch(self, code: int, number: int, yes: str | None = None, no: str | None = None) -> None:
        """Jump to one of two labels; None goes on with the next instruction."""
        self._items.append(_Jump(code, number, yes, no))

    def goto(self, label: str) -> None:
        """Jump in any case."""
        self._items.append(_Jump(JUMP, 0, label, None))

    def label(self, name: str) -> None:
        """What `branch` and `goto` can name: the next instruction."""
        self._labels[name] = len(self._items)

    def block(self, instructions: Iterable[Instruction]) -> None:
        """A program that is assembled already."""
        self._items.extend(instructions)

    def assemble(self) -> tuple[Instruction, ...]:
        """Resolve labels, lengthening those jumps that reach too far until all fit."""
        far: set[tuple[int, str]] = set()
        while True:
            places = self._places(far)
            more = self._too_far(places) - far
            if not more:
                return tuple(self._resolved(places, far))
            far |= more

    def _places(self, far: set[tuple[int, str]]) -> list[int]:
        places = [0]
        for index, item in enumerate(self._items):
            extra = ((index, "yes") in far) + ((index, "no") in far) if isinstance(item, _Jump) else 0
            places.append(places[-1] + 1 + extra)
        return places

    def _too_far(self, places: list[int]) -> set[tuple[int, str]]:
        return {
            (index, way)
            for index, item in enumerate(self._items)
            if isinstance(item, _Jump) and item.code != JUMP
            for way, label in (("yes", item.yes), ("no", item.no))
            if label is not None and places[self._labels[label]] - places[index] - 1 > 255
        }

    def _resolved(self, places: list[int], far: set[tuple[int, str]]) -> Iterable[Instruction]:
        for index, item in enumerate(self._items):
            if isinstance(item, Instruction):
                yield item
                continue
            here = places[index]
            if item.code == JUMP:
                assert item.yes is not None
                yield Instruction(JUMP, 0, 0, places[self._labels[item.yes]] - here - 1)
                continue
            skips: list[int] = []
            jumps: list[Instruction] = []
            for way, label in (("yes", item.yes), ("no", item.no)):
                target = places[self._labels[label]] if label is not None else places[index + 1]
                if (index, way) in far:
                    skips.append(len(jumps))
                    jumps.append(Instruction(JUMP, 0, 0, target - (here + 1 + len(jumps)) - 1))
                else:
                    skips.append(target - here - 1)
            yield Instruction(item.code, skips[0], skips[1], item.number)
            yield from jumps
