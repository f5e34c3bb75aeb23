"""Which charset a body is written in, and its text.

The byte order mark wins over the header (WHATWG Encoding, "decode"); then what the document says of itself.
"""

import codecs
import re

BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
DECLARED = re.compile(
    rb"""(?:<meta[^>]{0,200}?charset|<\?xml[^>]{0,200}?encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})"""
)
SAFE = re.compile(
    r"utf-(8|16)|iso8859-\d+|cp(125\d|8\d\d|932|949|950|1140)|koi8-[rut]|gb\w+|hz|big5\w*|shift_ji\w+|euc_\w+|mac-\w+|tis-620"
)
"""Codecs for text alone; others of Python's (`unicode_escape`, `punycode`) would do more than read."""


def text(data: bytes, content_type: str = "") -> str:
    """The data as text: charset from the byte order mark, the header, a `<meta>` or XML declaration, else UTF-8.

    What cannot be decoded becomes U+FFFD. Bytes that are not UTF-8 and say nothing of themselves are read as
    Windows-1252, as browsers do.
    """
    for mark, name in BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    named = CHARSET.search(content_type)
    name = codec(named[1]) if named else ""
    if not name and (declared := DECLARED.search(data[:1024])):
        name = codec(declared[1].decode("ascii"))
    if name:
        return data.decode(name, "replace")
    try:
        # A cut may fall inside a character: only what comes before the last three bytes decides.
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
    return data.decode("utf-8", "replace")


def codec(label: str) -> str:
    """Python's name for a charset label; empty when it is none that we read with."""
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return ""
    # WHATWG Encoding: these labels mean Windows-1252 on the web.
    if name in ("iso8859-1", "ascii"):
        return "cp1252"
    return name if SAFE.fullmatch(name) else ""
