"""Names of fields: which are known, in ours and in other dialects, and what an unknown one was meant to be."""

from difflib import get_close_matches

from httpresp_capture.query.dialects import (
    FIELD_NAMES,
    HEADER_KEYS,
    HEADER_NAMES,
    KNOWN_HEADERS,
    NEAREST,
    REQUEST_HEADER_NAMES,
)
from httpresp_capture.query.errors import QueryError, unknown
from httpresp_capture.query.fields import BY_KEY
from httpresp_capture.query.foreign import OWN, PRESENT_OWN


def known_field(key: str) -> bool:
    """Ours, or of a dialect."""
    return (
        key in BY_KEY
        or key == "is"
        or any(key in table for table in (FIELD_NAMES, HEADER_KEYS, HEADER_NAMES, REQUEST_HEADER_NAMES, OWN))
    )


def unknown_field(key: str, start: int) -> QueryError:
    """With the nearest name; a word that looks like text gets told how to search for it."""
    low = key.lower()
    if low == "tcp.stream":
        return QueryError("Connections have numbers of their own here: write 'flow:' and the number that the list "
                          "shows.", start, start + len(key), "flow")  # fmt: skip
    header = low.removeprefix("http.").replace("_", "-")
    if header in KNOWN_HEADERS or low.startswith("x-"):
        return unknown("field", key, start, (), f"header:{header}")
    protocol = low.partition(".")[0] if "." in low else ""
    known = [*BY_KEY, "is", *HEADER_KEYS, *FIELD_NAMES, *HEADER_NAMES, *REQUEST_HEADER_NAMES, *OWN, *PRESENT_OWN]
    if protocol in NEAREST:
        # A slip of a letter or two is nearer than what the protocol stands for.
        slip = get_close_matches(low, known, 1, 0.9)
        return unknown("field", key, start, known, slip[0] if slip else _last_word(low) or NEAREST[protocol])
    if meant := _last_word(low):
        return unknown("field", key, start, (), meant)
    error = unknown("field", key, start, known)
    if error.suggestion:
        return error
    return QueryError(f"Unknown field {key!a}. To search for the text, put it in quotes.", start, start + len(key))


def _last_word(key: str) -> str:
    """Of `http.status_code` or `response.status`: the field of ours that its last part names."""
    first, _, last = key.rpartition(".")
    if first.partition(".")[0] not in ("http", "http2", "response", "request", "resp", "req", "res"):
        return ""
    name = last.replace("_", "-")
    return name if name in BY_KEY else FIELD_NAMES.get(name, "")
