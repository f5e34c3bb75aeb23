"""HPACK (RFC 7541): the header blocks of one direction, decoded by someone who only listens.

An endpoint must give the connection up where a listener goes on: what refers to entries that were inserted before the
capture began, or in bytes that were lost, is *unknown*. It is never wrong, since an index counts back from the newest
entry (§2.3.3): what was inserted since is counted right.

Everything is bounded: the table, and what one block decodes to, which may be thousands of times its size.
"""

from typing import Final

from httpresp_capture.http2 import huffman
from httpresp_capture.http2.field import UNKNOWN, Field, Name, unknown

_STATIC: Final = 61
"""Entries of the static table (Appendix A); indices of the dynamic table follow."""
STATIC: Final[tuple[Field, ...]] = (
    unknown(),
    *(
        Field(Name(name), value)
        for name, value in (
            (b":authority", b""), (b":method", b"GET"), (b":method", b"POST"), (b":path", b"/"),
            (b":path", b"/index.html"), (b":scheme", b"http"), (b":scheme", b"https"), (b":status", b"200"),
            (b":status", b"204"), (b":status", b"206"), (b":status", b"304"), (b":status", b"400"),
            (b":status", b"404"), (b":status", b"500"), (b"accept-charset", b""),
            (b"accept-encoding", b"gzip, deflate"), (b"accept-language", b""), (b"accept-ranges", b""),
            (b"accept", b""), (b"access-control-allow-origin", b""), (b"age", b""), (b"allow", b""),
            (b"authorization", b""), (b"cache-control", b""), (b"content-disposition", b""),
            (b"content-encoding", b""), (b"content-language", b""), (b"content-length", b""),
            (b"content-location", b""), (b"content-range", b""), (b"content-type", b""), (b"cookie", b""),
            (b"date", b""), (b"etag", b""), (b"expect", b""), (b"expires", b""), (b"from", b""), (b"host", b""),
            (b"if-match", b""), (b"if-modified-since", b""), (b"if-none-match", b""), (b"if-range", b""),
            (b"if-unmodified-since", b""), (b"last-modified", b""), (b"link", b""), (b"location", b""),
            (b"max-forwards", b""), (b"proxy-authenticate", b""), (b"proxy-authorization", b""), (b"range", b""),
            (b"referer", b""), (b"refresh", b""), (b"retry-after", b""), (b"server", b""), (b"set-cookie", b""),
            (b"strict-transport-security", b""), (b"transfer-encoding", b""), (b"user-agent", b""), (b"vary", b""),
            (b"via", b""), (b"www-authenticate", b""),
        )
    ),
)  # fmt: skip
"""By index, from 1."""
DEFAULT_SIZE: Final = 4_096
"""RFC 9113 §6.5.2: SETTINGS_HEADER_TABLE_SIZE before anything is said."""
_SIZE_MOST: Final = 262_144
"""Bytes of a dynamic table that are kept, whatever the two ends agree on; what is older becomes unknown."""
_SIZE_UNTOLD: Final = 65_536
"""The same while nobody told the size: what common clients and servers allow at most."""
_UNKNOWN: Final = STATIC[0]
_LARGEST_STATIC: Final = max([field.size for field in STATIC])
_NO_INDEX: Final = "index out of the table"
_NO_NUMBER: Final = "a number is cut"
_NO_NAME: Final = "the name of a field is cut, or its code is wrong"
_NO_VALUE: Final = "the value of a field is cut, or its code is wrong"
_REMEMBERED: Final = 4_096
_REMEMBERED_LONGEST: Final = 128
_remembered: dict[bytes, Field] = {}
"""Literals as on the wire that say the same in every connection: many servers send all their fields so, each time."""


class Decoder:
    """The dynamic table of one direction."""

    __slots__ = ("allowed", "capacity", "error", "left_out", "most", "open_ended", "size", "table")

    def __init__(self, most: int) -> None:
        self.table: list[Field] = []
        """The newest entry stands last."""
        self.size = 0
        self.capacity = DEFAULT_SIZE
        self.allowed = DEFAULT_SIZE
        """The largest table that the other end was seen to allow. Never lowered: the encoder may learn of that later,
        and says itself when it makes its table smaller (§4.2)."""
        self.open_ended = False
        """True while there may be older entries that are not known."""
        self.most = most
        """Bytes that one block may decode to, each field counted as in §4.1."""
        self.left_out = 0
        """Fields of the last block beyond that."""
        self.error = ""
        """What is wrong with the last block; empty for nothing."""

    def lose(self) -> None:
        """Blocks are missing: nothing is known of the table."""
        self.table.clear()
        self.size = 0
        self.open_ended = True
        self.capacity = max(self.capacity, self.allowed, _SIZE_UNTOLD)

    def allow(self, size: int) -> None:
        """The other end allows a table of so many bytes."""
        self.allowed = max(self.allowed, min(size, _SIZE_MOST))

    def decode(self, block: bytes) -> list[Field]:
        """The fields of a header block; where it cannot be decoded `error` says so, and those before that are given."""
        fields: list[Field] = []
        table = self.table
        error = ""
        self.left_out = 0
        before, literal, kept = self.size, 0, -1
        at = 0
        end = len(block)
        while at < end:
            first = block[at]
            at += 1
            if first >= 0x80:  # §6.1: an indexed field.
                index = first & 0x7F
                if index == 0x7F:
                    index, at = _integer(block, at, 0x7F)
                if index > _STATIC:
                    if index <= _STATIC + len(table):
                        fields.append(table[_STATIC - index])
                    elif self.open_ended:
                        fields.append(_UNKNOWN)
                    else:
                        error = _NO_INDEX
                        break
                elif index > 0:
                    fields.append(STATIC[index])
                else:
                    error = _NO_INDEX if index == 0 else _NO_NUMBER
                    break
            elif first & 0xE0 == 0x20:  # §6.3: a size update.
                size, at = _integer(block, at, 0x1F) if first & 0x1F == 0x1F else (first & 0x1F, at)
                if size < 0:
                    error = _NO_NUMBER
                    break
                self._resize(size)
            else:  # §6.2: a literal, with incremental indexing or without.
                began = at - 1
                mask = 0x3F if first & 0x40 else 0x0F
                index = first & mask
                if index == mask:
                    index, at = _integer(block, at, mask)
                field, at, error = self._literal(block, began, at, index)
                if error:
                    break
                if mask == 0x3F:
                    self.size += field.size
                    table.append(field)
                    if self.size > self.capacity:
                        self._evict()
                fields.append(field)
                literal += field.size
                if literal > self.most:
                    kept = self._cut(fields, kept)
                    literal = 0
        # No field is larger than the table was, or than the literals of the block are together.
        if kept >= 0 or len(fields) * (before + literal + _LARGEST_STATIC) > self.most:
            self._cut(fields, kept)
        self.error = error
        if error:
            self.lose()
        return fields

    def _cut(self, fields: list[Field], kept: int) -> int:
        """Leave out what goes beyond `most`, and all behind it; how many are kept if there is such. `kept` is the same
        of the last time, -1 for none."""
        if kept < 0:
            room = self.most
            for place, field in enumerate(fields):
                room -= field.size
                if room < 0:
                    kept = place
                    break
            if kept < 0:
                return kept
        self.left_out += len(fields) - kept
        del fields[kept:]
        return kept

    def _literal(self, block: bytes, began: int, at: int, index: int) -> tuple[Field, int, str]:
        """The rest of a literal that began at `began`, where it ends, and what is wrong with it; `index` is that of its
        name, 0 where that is a literal too."""
        if index < 0:
            return _UNKNOWN, at, _NO_NUMBER
        name_start, value_at = _span(block, at) if index == 0 else (at, at)
        if value_at < 0:
            return _UNKNOWN, at, _NO_NAME
        start, end = _span(block, value_at)
        raw = b""
        if index <= _STATIC and 0 < end - began <= _REMEMBERED_LONGEST:
            # What it says does not depend on the table.
            raw = block[began:end]
            known = _remembered.get(raw)
            if known is not None:
                return known, end, ""
        error = _NO_NAME
        try:
            named: Name | None = None
            if index == 0:
                named = Name(_string(block, at, name_start, value_at))
            elif index <= _STATIC:
                named = STATIC[index].named
            elif index <= _STATIC + len(self.table):
                other = self.table[_STATIC - index]
                named = other.named if other.kind != UNKNOWN else None
            elif not self.open_ended:
                return _UNKNOWN, at, _NO_INDEX
            error = _NO_VALUE
            if end < 0:
                return _UNKNOWN, at, error
            value = _string(block, value_at, start, end)
        except huffman.HuffmanError:
            return _UNKNOWN, at, error
        field = Field(named, value) if named is not None else unknown(value)
        if raw:
            if len(_remembered) >= _REMEMBERED:
                _remembered.clear()
            _remembered[raw] = field
        return field, end, ""

    def _resize(self, size: int) -> None:
        """§4.3. The SETTINGS that allow a larger size may not be here: up to some size it is believed all the same."""
        self.capacity = min(size, max(self.allowed, _SIZE_UNTOLD))
        if size > self.capacity:
            self.open_ended = True
        self._evict()
        if size < 32:
            self.open_ended = False  # Nothing has room in it, so nothing unknown is left.

    def _evict(self) -> None:
        """§4.4: the oldest entries go until the others fit."""
        table = self.table
        count = 0
        size = self.size
        while size > self.capacity:
            size -= table[count].size
            count += 1
        if count:
            del table[:count]
        self.size = size


def _integer(block: bytes, at: int, value: int) -> tuple[int, int]:
    """§5.1: the rest of a number whose prefix is full, and where it ends; -1 where it is cut, or larger than any
    index, length or size can be."""
    shift = 0
    end = len(block)
    while at < end and shift <= 28:
        byte = block[at]
        at += 1
        value += (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    return -1, at


def _span(block: bytes, at: int) -> tuple[int, int]:
    """§5.2: where the bytes of a string begin, and where they end; -1 where it is cut."""
    if at >= len(block):
        return at, -1
    length = block[at] & 0x7F
    at += 1
    if length == 0x7F:
        length, at = _integer(block, at, 0x7F)
        if length < 0:
            return at, -1
    end = at + length
    return (at, end) if end <= len(block) else (at, -1)


def _string(block: bytes, at: int, start: int, end: int) -> bytes:
    """The string at `at`, of which `_span` tells where it is; raises `HuffmanError`."""
    return block[start:end] if block[at] < 0x80 else huffman.decode(block[start:end])
