"""Strings from the wire as JSON text.

Only ASCII without control bytes comes out, so that nothing printed or pasted can act on a terminal. Text is UTF-8 where
it is valid UTF-8, else Latin-1, which reads any byte.
"""

from json.encoder import encode_basestring_ascii


def text(data: bytes) -> str:
    """Bytes from the wire as text: UTF-8 when valid, else Latin-1."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def quoted(value: str) -> str:
    """A JSON string, ASCII with escapes; DEL too, which JSON itself lets through."""
    json = encode_basestring_ascii(value)
    return json.replace("\x7f", "\\u007f") if "\x7f" in json else json


def quoted_latin(value: str) -> str:
    """A JSON string of text that was read as Latin-1, and may be UTF-8."""
    if value.isascii() and "\x7f" not in value:
        return encode_basestring_ascii(value)
    return quoted(text(value.encode("latin-1", "replace")))
