"""What hides the secrets of a header field: by its name, where the whole value or a part of it is secret."""

import re
from collections.abc import Callable

from httpresp_capture.redaction import text
from httpresp_capture.redaction.looks import is_random
from httpresp_capture.redaction.names import Secrecy, is_secret, secrecy, words
from httpresp_capture.redaction.shapes import Tag

_SCHEMES = words(
    "basic bearer digest negotiate ntlm kerberos token apikey api-key key hawk hoba mutual oauth scram-sha-1"
    " scram-sha-256 vapid dpop gnap signature sharedkey sharedkeylite splunk aws4-hmac-sha256 aws4-ecdsa-p256-sha256"
    " googlelogin privatetoken jwt pat secret concealed epsilon deepgram discogs klaviyo-api-key"
)
"""Schemes of Authorization (RFC 9110 §11.1), registered and met; the first word of anything else may be the secret."""


def credentials(tag: Tag, value: str) -> str:
    """`Bearer …`: the scheme is no secret."""
    scheme, blank, rest = value.partition(" ")
    if blank and rest.strip(" ") and scheme.lower() in _SCHEMES:
        return f"{scheme} {tag('credentials', rest)}"
    return tag("credentials", value) if value.lower() not in _SCHEMES else value


def _cookies(tag: Tag, value: str) -> str:
    """Pairs of a Cookie field: names stay."""
    return "; ".join(_cookie(tag, pair.strip(" \t")) for pair in value.split(";"))


def _set_cookie(tag: Tag, value: str) -> str:
    """The first pair of a Set-Cookie field is the cookie, the rest are attributes."""
    pair, semicolon, attributes = value.partition(";")
    if attributes:
        attributes = ";".join(_attribute(tag, part) for part in attributes.split(";"))
    return f"{_cookie(tag, pair)}{semicolon}{attributes}"


def _cookie(tag: Tag, pair: str) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        # RFC 6265bis §5.6: a pair without "=" is a cookie without a name.
        return tag("cookie", name) if name else ""
    return f"{name}={tag('cookie', value)}" if value else pair


def _attribute(tag: Tag, part: str) -> str:
    """Path and Domain are texts of the server's making, and may hold what they should not."""
    name, equals, value = part.partition("=")
    if not equals:
        # What is no flag (RFC 6265bis §5.6 knows two) is what stood behind a semicolon in a value.
        bare = part.strip(" \t")
        return tag("cookie", bare) if len(bare) >= 8 and any(map(str.isdigit, bare)) else part
    shown = text.target(value, tag)
    return f"{name}={tag('token', value) if shown == value and is_secret(name.strip(), value) else shown}"


def _token(tag: Tag, value: str) -> str:
    return tag("token", value)


def _url(tag: Tag, value: str) -> str:
    return text.without_secrets(text.target(value, tag), tag)


def _authority(tag: Tag, value: str) -> str:
    """RFC 9110 §7.2 knows no user part in Host; what stands before an `@` is one all the same."""
    user, at, rest = value.rpartition("@")
    return f"{tag('credentials', user)}@{rest}" if at and user else text.without_secrets(value, tag)


_USER_PART = re.compile(r"(?<![^\s,;=\"])([^\s,;=\"()@/‹›]++)(?=@)")


def _hosts(tag: Tag, value: str) -> str:
    """Hosts among other things, as in Via (RFC 9110 §7.6.3) and Forwarded; none has a user part, but in mistake."""
    if "@" in value:
        value = _USER_PART.sub(lambda found: tag("credentials", found[1]), value)
    return text.without_secrets(value, tag)


def _subprotocols(tag: Tag, value: str) -> str:
    """RFC 6455 §11.3.4. A browser can send no other field, so a token follows its name: `bearer, 8fJ2…`."""
    items = value.split(",")
    for at in range(len(items) - 1, 0, -1):
        before, bare = items[at - 1].strip(" \t"), items[at].strip(" \t")
        kind = secrecy(before)
        tells = kind in (Secrecy.SECRET, Secrecy.DOUBTFUL) or before.lower() in _SCHEMES
        if len(bare) >= 8 and (tells or is_secret(before, bare)):
            items[at] = " " + tag("token", bare)
    return text.without_secrets(",".join(items), tag)


RULES: dict[str, Callable[[Tag, str], str]] = {
    "authorization": credentials,
    "proxy-authorization": credentials,
    "cookie": _cookies,
    "cookie2": _cookies,
    "set-cookie": _set_cookie,
    "set-cookie2": _set_cookie,
    "authentication-info": _token,
    "proxy-authentication-info": _token,
    "x-honeycomb-team": _token,
    "x-ms-client-principal": _token,
    "dpop": _token,
    "sec-websocket-protocol": _subprotocols,
    "host": _authority,
    "x-forwarded-host": _authority,
    "x-original-host": _authority,
    "x-forwarded-server": _authority,
    "via": _hosts,
    "forwarded": _hosts,
    "location": _url,
    "content-location": _url,
    "referer": _url,
    "refresh": _url,
    "origin": _url,
    "x-original-url": _url,
    "x-rewrite-url": _url,
    "x-forwarded-uri": _url,
    "x-accel-redirect": _url,
    "x-request-uri": _url,
    "destination": _url,
}
"""Field name → what hides its secrets. The many others that hold a token have names that say so: `names`."""


def shown_field(name: str, value: str, tag: Tag) -> str:
    """A value with its secrets hidden; the same text when it holds none. `name` in lower case."""
    rule = RULES.get(name)
    if rule is not None:
        return rule(tag, value)
    kind = secrecy(name)
    # In a head a doubtful name means what it says: few words are so short.
    tells = kind in (Secrecy.SECRET, Secrecy.DOUBTFUL) and (is_secret(name, value) or len(value) > 3)
    # What only hints stands in front of ids too, and those of a head are hexadecimal more often than not.
    if tells or (kind is Secrecy.HINTING and is_random(value)):
        return credentials(_as_token(tag), value) if " " in value else tag("token", value)
    return text.without_secrets(value, tag)


def _as_token(tag: Tag) -> Tag:
    return lambda _what, secret: tag("token", secret)
