"""CK-URL: a redirect puts a session or a token into a URL, which ends up in logs, histories and Referer."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

from httpresp_capture.checks.context import Context, Transport
from httpresp_capture.checks.evidence import redacted
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_PATH_SESSION = re.compile(r";jsessionid=([^?#;/]{12,})", re.IGNORECASE)
_SESSIONS = frozenset(("jsessionid", "phpsessid", "sid", "sessionid", "session"))
_TOKENS = frozenset(("access_token", "id_token", "refresh_token", "api_key", "apikey", "password"))
_LENGTH = 12
_URL_LIMIT = 8192


def look(context: Context) -> Iterator[Hit]:
    for header in ("location", "refresh"):
        for nth, value in enumerate(context.all(header)):
            for key, secret, place in _secrets(value[:_URL_LIMIT]):
                in_clear = context.transport is Transport.CLEAR
                if place == "fragment" and not in_clear:
                    # Over TLS a fragment reaches nobody but the browser: the implicit flow of OAuth.
                    continue
                yield Hit(
                    severity=Severity.HIGH if in_clear and key in _TOKENS else Severity.MEDIUM,
                    confidence=Confidence.FIRM,
                    reason=f"{header.capitalize()} carries {key} in the {place} of a URL"
                    + (", in clear text." if in_clear else "."),
                    evidence=f"{key}={redacted(secret, context.options.salt, 'token')}",
                    parameter=key,
                    offset=context.offset(header, nth),
                    shape=place,
                )


def _secrets(url: str) -> Iterator[tuple[str, str, str]]:
    if match := _PATH_SESSION.search(url):
        yield "jsessionid", match[1], "path"
    rest, _, fragment = url.partition("#")
    for place, text in (("query", rest.partition("?")[2]), ("fragment", fragment)):
        for key, value in parse_qsl(text, max_num_fields=None) if text else ():
            key = key.lower()
            known = key in _TOKENS or key in _SESSIONS
            if known and len(value) >= _LENGTH and (key != "sid" or _letters_and_digits(value)):
                yield key, value, place


def _letters_and_digits(value: str) -> bool:
    """A session id has both; the number of an item does not."""
    return any(character.isalpha() for character in value) and any(character.isdigit() for character in value)


CHECK = Check(
    id="CK-URL",
    title="session or token in a URL",
    reference="ASVS 14.2.1; CWE-598",
    advice="Carry it in a cookie or in the body, never in a URL.",
    look=look,
)
