"""Names of fields: which are known, in ours and in other dialects, and what an unknown one was meant to be."""

from difflib import get_close_matches

from httpresp_capture.query.dialects import FIELD_NAMES, HEADER_KEYS, HEADER_NAMES, NEAREST, REQUEST_HEADER_NAMES
from httpresp_capture.query.errors import QueryError, unknown
from httpresp_capture.query.fields import BY_KEY


def known_field(key: str) -> bool:
    """Ours, or of a dialect."""
    return (
        key in BY_KEY
        or key == "is"
        or any(key in table for table in (FIELD_NAMES, HEADER_KEYS, HEADER_NAMES, REQUEST_HEADER_NAMES))
    )


def unknown_field(key: str, start: int) -> QueryError:
    """With the nearest name; a word that looks like text gets told how to search for it."""
    low = key.lower()
    protocol = low.partition(".")[0] if "." in low else ""
    known = [*BY_KEY, "is", *HEADER_KEYS, *FIELD_NAMES, *HEADER_NAMES]
    if protocol in NEAREST:
        # A slip of a letter or two is nearer than what the protocol stands for.
        slip = get_close_matches(low, known, 1, 0.9)
        return unknown("field", key, start, known, slip[0] if slip else NEAREST[protocol])
    error = unknown("field", key, start, known)
    if error.suggestion:
        return error
    return QueryError(f"Unknown field {key!a}. To search for the text, put it in quotes.", start, start + len(key))
