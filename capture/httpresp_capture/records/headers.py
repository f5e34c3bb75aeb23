"""The fields of a message head: ordered, in the case of the wire, duplicates kept.

Parsed from the raw block when asked for (RFC 9112 §5). Tolerant: a folded line joins the one before with a space
(§5.2), a blank before the colon is left out of the name (§5.1). A line without a colon is no field and is left out; the
raw head has it, and the message's problems tell of it, as of the others. Text is Latin-1: each byte is one character,
so nothing is lost and `str.encode("latin-1")` gives the wire back.
"""

from collections.abc import Iterator


class Headers:
    """An immutable sequence of (name, value) with look-up by name in any case."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[tuple[str, str], ...]) -> None:
        self.items = items
        """Fields in wire order and wire case."""

    @classmethod
    def from_head(cls, head: bytes) -> "Headers":
        """Parse a head block, whose first line (request line or status line) is passed over."""
        cut = head.find(b"\n") + 1
        return cls.from_fields(head[cut:] if cut else b"")

    @classmethod
    def from_fields(cls, block: bytes) -> "Headers":
        """Parse field lines alone, such as a trailer section."""
        items: list[tuple[str, str]] = []
        for line in block.decode("latin-1").replace("\r\n", "\n").split("\n"):
            if not line:
                continue
            if line[0] in " \t" and items:
                name, value = items[-1]
                items[-1] = (name, " ".join(filter(None, (value, line.strip(" \t")))))
                continue
            name, colon, value = line.partition(":")
            if not colon:
                continue
            items.append((name.rstrip(" \t"), value.strip(" \t")))
        return cls(tuple(items))

    @staticmethod
    def first_in(head: bytes, name: bytes) -> str:
        """The first value of one field, straight from the block; `name` is lower case. Empty when it is not there."""
        low = head.lower()
        mark = b"\n" + name + b":"
        at = low.find(mark)
        if at < 0:
            return ""
        start = at + len(mark)
        end = head.find(b"\n", start)
        if end >= 0 and head[end + 1 : end + 2] in (b" ", b"\t"):
            return Headers.from_head(head).get(name.decode("latin-1"))
        return head[start : end if end >= 0 else None].strip(b" \t\r").decode("latin-1")

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field, by any case."""
        low = name.lower()
        for key, value in self.items:
            if key.lower() == low:
                return value
        return default

    def all(self, name: str) -> list[str]:
        """Every value of a field in wire order, one entry a line."""
        low = name.lower()
        return [value for key, value in self.items if key.lower() == low]

    def __contains__(self, name: str) -> bool:
        low = name.lower()
        return any(key.lower() == low for key, _ in self.items)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.items == other.items

    def __hash__(self) -> int:
        return hash(self.items)

    def __repr__(self) -> str:
        return f"Headers({self.items!r})"
