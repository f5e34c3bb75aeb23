"""Which charset a body is written in, and its text.

The byte order mark wins over the header (WHATWG Encoding, "decode"); then what the document says of itself. Labels mean
what that standard says, as in browsers: `iso-8859-1` is Windows-1252, `shift_jis` is Windows-31J. The few others that
are met (`cp437`, and what browsers refuse to read at all, such as `hz-gb-2312`) are Python's.
"""

import codecs
import re

import webencodings

BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
DECLARED = re.compile(
    rb"""(?:<meta[^>]{0,200}?charset|<\?xml[^>]{0,200}?encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""",
    re.IGNORECASE,
)
SAFE = re.compile(r"iso8859-\d+|iso2022_\w+|cp\d+|koi8_t|hz|euc_\w+|johab|mac-\w+|ptcp154")
"""Codecs of Python's for text alone; others (`unicode_escape`, `punycode`) would do more than read."""
OURS = {"iso-2022-jp": "iso2022_jp_ext", "gbk": "gb18030"}
"""By the standard's name: the codec of Python's that reads all of it (half-width katakana, four-byte sequences)."""


def text(data: bytes, content_type: str = "") -> str:
    """The data as text: charset from the byte order mark, the header, a `<meta>` or XML declaration, else UTF-8.

    What cannot be decoded becomes U+FFFD. Bytes that are not UTF-8 and say nothing of themselves are read as
    Windows-1252, as browsers do.
    """
    for mark, name in BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    named = CHARSET.search(content_type)
    found = codec(named[1]) if named else None
    if found is None and (declared := DECLARED.search(data[:1024])):
        found = codec(_of_declaration(declared[1].decode("ascii")))
    if found is not None:
        return found.decode(data, "replace")[0]
    try:
        # A cut may fall inside a character: only what comes before the last three bytes decides.
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
    return data.decode("utf-8", "replace")


def codec(label: str) -> codecs.CodecInfo | None:
    """The codec that a charset label means; None when it is none that we read with."""
    known = webencodings.lookup(label)
    if known is not None and known.name != "replacement":
        return codecs.lookup(OURS[known.name]) if known.name in OURS else known.codec_info
    # "replacement" stands for what browsers would rather not decode; a reader of bytes wants to see it.
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    return found if SAFE.fullmatch(found.name) else None


def _of_declaration(label: str) -> str:
    """HTML §13.2.3.2: who could read the declaration did not read UTF-16, and `x-user-defined` there is a slip."""
    known = webencodings.lookup(label)
    if known is not None and known.name.startswith("utf-16"):
        return "utf-8"
    return "windows-1252" if known is not None and known.name == "x-user-defined" else label
