"""The Huffman code of HPACK and QPACK (RFC 7541 §5.2, Appendix B).

Decoded a byte at a time: from each inner node of the code tree, each byte leads to another node and gives the symbols
that it completes. These steps are worked out when they are first needed.
"""

from typing import Final, TypeAlias

_LENGTHS: Final = (
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
    28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12,
    10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6,
    5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22,
    22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20,
    22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28,
    27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28,
    27, 27, 27, 27, 27, 26, 30,
)  # fmt: skip
"""Bits of each symbol's code. The code is canonical, so these are all of it; the last symbol is EOS."""
_EOS: Final = 256
_SYMBOL: Final = -2
"""Children at or below this are symbols: `_SYMBOL - child`."""
_NONE: Final = -1


class HuffmanError(ValueError):
    """A coded string that holds EOS, or whose last bits are no padding."""


def _tree() -> list[list[int]]:
    """Two children for each inner node; the root is the first."""
    nodes: list[list[int]] = [[_NONE, _NONE]]
    code = 0
    before = 0
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(_LENGTHS)):
        code <<= length - before
        before = length
        node = 0
        for shift in range(length - 1, 0, -1):
            bit = (code >> shift) & 1
            child = nodes[node][bit]
            if child == _NONE:
                child = len(nodes)
                nodes[node][bit] = child
                nodes.append([_NONE, _NONE])
            node = child
        nodes[node][code & 1] = _SYMBOL - symbol
        code += 1
    return nodes


def _padding() -> list[bool]:
    """By node: whether it is reached from the root by at most seven 1 bits, as padding is."""
    found = [False] * len(_NODES)
    node = 0
    for _ in range(8):
        found[node] = True
        node = _NODES[node][1]
    return found


_NODES: Final = _tree()
_PADDING: Final = _padding()
_PADDED: Final = 256
"""Behind the steps of a node: one to itself where padding may end there."""
Row: TypeAlias = "list[tuple[Row, bytes] | None]"
"""The steps of one node by byte: the row of the next node, and the symbols; None until it is first needed."""
_ROWS: Final[dict[int, Row]] = {}
"""By node, those that were reached so far."""
_NODE_OF: Final[dict[int, int]] = {}
"""By the `id` of a row, its node: rows stay."""


def _row(node: int) -> Row:
    """The steps of a node."""
    row = _ROWS.get(node)
    if row is None:
        row = _ROWS[node] = [None] * (_PADDED + 1)
        _NODE_OF[id(row)] = node
        if _PADDING[node]:
            row[_PADDED] = (row, b"")
    return row


def _step(row: Row, byte: int) -> tuple[Row, bytes]:
    """Where a byte leads from a node, and what symbols it completes."""
    at = _NODE_OF[id(row)]
    out = bytearray()
    for shift in range(7, -1, -1):
        at = _NODES[at][(byte >> shift) & 1]
        if at <= _SYMBOL:
            symbol = _SYMBOL - at
            if symbol == _EOS:
                raise HuffmanError("EOS in a string")
            out.append(symbol)
            at = 0
    step = row[byte] = (_row(at), bytes(out))
    return step


_ROOT: Final = _row(0)


def decode(data: bytes) -> bytes:
    """The string that `data` codes; raises `HuffmanError`."""
    row = _ROOT
    parts: list[bytes] = []
    for byte in data:
        step = row[byte]
        if step is None:
            step = _step(row, byte)
        row, symbols = step
        parts.append(symbols)
    if row[_PADDED] is None:
        raise HuffmanError("the last bits are no padding")
    return b"".join(parts)
