"""Words that are expected in fields where any word may stand.

What is close to one of them, and no part of any, is a slip and refused with what was meant. Anything else is let
through, and in quotes all of it.
"""

import re
from collections.abc import Collection
from difflib import get_close_matches

from httpresp_capture.query.builders import Build, Values, hooked
from httpresp_capture.query.errors import QueryError, unknown
from httpresp_capture.query.hooks import Hooks
from httpresp_capture.query.predicates import Test
from httpresp_capture.query.values import Operator, Value

SLIP = 0.75
"""How close a word must be to another to be taken for it."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_SIGNS = re.compile(r"[/+;=.\s-]")
"""Between the words of a media type."""
_CHECK = re.compile(r"[A-Z]{2,}(?:-[A-Z]+)+")
"""A name of a check, as reports write them."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


METHODS = _words(
    "acl baseline-control ban bind checkin checkout connect copy delete get head label link lock m-search merge "
    "mkactivity mkcalendar mkcol mkredirectref mkworkspace move notify options orderpatch patch post pri "
    "propfind  proppatch purge put query rebind refresh report search subscribe trace unbind uncheckout unlink "
    "unlock unsubscribe  update updateredirectref version-control"
)
"""Of IANA's registry, of UPnP, and of caches."""
MEDIA_WORDS = _words(
    "application audio example font haptics image message model multipart text video atom avif bmp bzip2 "
    "calendar cbor css csv dash emf epub event flac form-data geo git gif grpc gzip html http  icon javascript "
    "jpeg jpg js json jsonp ld markdown mp4 mpeg mpegurl ms-excel msgpack msword ndjson octet-stream  ogg opus "
    "otf patch pdf pem pkcs7 plain png problem proto protobuf rss rtf sfnt soap sql stream svg tar tiff tls "
    "ttf url urlencoded vcard vtt wasm wav webm webp woff woff2 www-form x-icon xhtml xml yaml zip zstd"
)
"""Types and parts of subtypes (RFC 6838) that are met on the web."""


def method(build: Build) -> Build:
    """A method is matched as a whole; others than those of the registry are allowed (RFC 9110 §16.1)."""
    return _beside(build, "method", METHODS, whole=True)


def media_type(build: Build) -> Build:
    """Each part of a type, between its signs."""
    return _beside(build, "media type", MEDIA_WORDS, _SIGNS)


def finding(operator: Operator, values: Values, hooks: Hooks) -> Test:
    """A check's name, or a part of a parameter or a reason, which may be anything."""
    checks = hooks.checks
    for value in _plain(operator, values):
        known = any(value.text.lower() in check for check in checks)
        if checks and not known and _CHECK.fullmatch(value.text):
            raise unknown("check", value.text, value.start, checks)
    return _beside(hooked("finding"), "check", checks)(operator, values, hooks)


def _plain(operator: Operator, values: Values) -> Values:
    if operator is Operator.MATCHES:
        return ()
    return tuple(value for value in values if not value.quoted and not value.pattern)


def _beside(
    build: Build, what: str, words: Collection[str], signs: re.Pattern[str] | None = None, *, whole: bool = False
) -> Build:
    """With words that are expected, of which a part will do unless they are matched as a `whole`; a value is several
    words where there are `signs` between them."""

    def checked(operator: Operator, values: Values, hooks: Hooks) -> Test:
        for value in _plain(operator, values):
            for word in signs.split(value.text) if signs is not None else (value.text,):
                _check(what, value, word, words, whole=whole)
        return build(operator, values, hooks)

    return checked


def _check(what: str, value: Value, word: str, words: Collection[str], *, whole: bool) -> None:
    low = word.lower()
    if len(low) < 2 or not _WORD.fullmatch(word) or low in words or (not whole and any(low in each for each in words)):
        return
    close = get_close_matches(low, words, 1, SLIP)
    if close:
        meant = close[0].upper() if whole else close[0]
        raise QueryError(
            f"Unknown {what} {word!a}: did you mean {meant!a}? (In quotes, it is looked for as it is.)",
            value.start,
            value.end,
            value.text.replace(word, meant, 1),
        )
