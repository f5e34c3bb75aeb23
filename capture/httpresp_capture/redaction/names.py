"""Which names say that their value is a secret: of fields, query and form keys, JSON members, attributes, segments.

A name is taken apart into words (`X-Shopify-Access-Token`, `accessToken`, `access%5Ftoken`), since whole lists of names
are never complete. What only sometimes is a secret (`code`, `key`) is decided by its value: `code=404` and `key=name`
are read by people, `code=4/0AX4…` is not.
"""

import re
from enum import Enum
from functools import lru_cache
from urllib.parse import unquote

from httpresp_capture.redaction.looks import is_unguessable

LONGEST_NAME = 128
NESTED = 4
"""URLs in URLs."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words(text: str) -> frozenset[str]:
    """A set, written as a reader likes it."""
    return frozenset(text.split())


_SECRET = words(
    "token secret password passwd passwort passphrase passcode pwd psw pw pass pin otp totp signature sig hmac jwt jws"
    " jwe assertion verifier credential credentials authorization authentication session sessionid sessid sess"
    " jsessionid phpsessid csrf xsrf bearer cookie samlresponse samlrequest samlart wresult hdnea hdnts hdntl"
    " secretkey privatekey authkey masterkey sharedkey accountkey licensekey signingkey encryptionkey"
    " subscriptionkey functionkey storagekey tokens secrets passwords sessions"
)
_SHORT = re.compile("[a-uw-zA-UW-Z]|[ksprt][ktw]|at|dp|dq|it|qi|ts")
"""Names that say nothing: of a token, a key or a part of one (RFC 7518 §6.3.2), as of anything else. Not `v`, which is
the version of an asset."""
_SHORT_VALUE = re.compile(r"(?:[\w~-]|%[\dA-Fa-f]{2}){12,}+=*")
_SECRET_ENDS = ("token", "secret", "password", "passwd", "signature", "sessionid", "sessid", "apikey", "jwt")
"""`csrftoken`, `userpassword`, `aspsessionid`: words that were not parted."""
_DOUBTFUL = words("key keys accesskey auth oauth code codes ticket tickets sid sign")
_SECRET_KEYS = words(
    "api access secret private auth subscription license licence app application client master shared account function"
    " functions host admin server service storage signing sign encryption session consumer merchant developer dev read"
    " write query insert maps fastly clickhouse rapidapi security"
)
"""Before `key`."""
_OPEN_KEYS = words(
    "public primary foreign cache surrogate sort partition routing idempotency websocket row hash object lookup unique"
    " natural group order translation message option config setting meta dedupe deduplication event index item feature"
    " flag node label field column locale correlation shard short arrow hot map composite parent"
)
_SECRET_CODES = words(
    "auth authorization authentication oauth verification verify otp totp invite invitation recovery backup device user"
    " reset mfa sms pin activation confirmation confirm access login security"
)
"""Before `code`; any other word makes it the number of something: `status_code`, `country_code`."""
_ABOUT = words(
    "type types name names expires expiry expiration expire exp ttl age length len size count limit limits remaining"
    " used usage status method methods mode algorithm alg algo version url uri endpoint error errors required policy"
    " result scope scopes issuer audience input header headers field fields format kind enabled provider domain path"
    " created updated at time timestamp timeout id ids index number num email user username affinity duration start"
    " started end valid invalid min max challenge agent support supported lifetime"
)
"""As the last word: what is said of a secret is none."""
_HINTS = words(
    "access auth authn authorize authorise authorized bypass callback claims consent grant hint identity impersonate"
    " login logon mac oauth oidc principal proof refresh saml signin sso unlock userinfo"
)
"""Somewhere in a name: there is a secret nearby."""
_EMPTY = frozenset(("value", "val", "str", "string"))
"""Say nothing as the last word."""
_COMPARING = frozenset(("eq", "ne", "equals", "is", "raw", "plain", "text", "contains", "like"))
_SESSIONS = frozenset(("session", "sess", "sso"))
_CLAIMS = frozenset(("data", "claims", "userinfo", "payload"))
"""Of OpenID Connect, as proxies hand them on."""
_OPEN_PREFIXES = ("access-control-",)


# Not secret, though long and random: `state` (RFC 6749 §10.12) and `nonce` (RFC 7616 §3.3, OpenID Connect) are used
# once and prove nothing by themselves, and who looks for a broken login needs to see whether they are the same.


class Secrecy(Enum):
    """What a name says of its value."""

    OPEN = "open"
    HINTING = "hinting"
    """Who logs in, or something about a secret: one itself where its value looks like it (`looks`)."""
    DOUBTFUL = "doubtful"
    """A secret, unless its value reads like a word or a number: see `is_plain`."""
    SECRET = "secret"


def plainly(text: str) -> str:
    """Without percent-encoding, and without that of the texts in it as far as anybody nests them."""
    for _ in range(NESTED):
        if "%" not in text:
            break
        text = unquote(text, errors="replace")
    return text


def name_words(name: str) -> list[str]:
    """`X-Shopify-Access-Token`, `accessToken`, `access%5Ftoken` taken apart, in lower case."""
    return [word.lower() for word in _WORD.findall(plainly(name[-LONGEST_NAME:]))]


@lru_cache(8192)
def secrecy(name: str) -> Secrecy:
    """What a name says of its value; percent-encoded names too."""
    if plainly(name[-LONGEST_NAME:]).lower().startswith(_OPEN_PREFIXES):
        return Secrecy.OPEN
    parts = name_words(name)
    while len(parts) > 1 and (parts[-1].isdigit() or parts[-1] in _EMPTY):
        parts.pop()
    if len(parts) > 1 and parts[0] == "x":
        del parts[0]
    if not parts:
        return Secrecy.OPEN
    last = parts[-1]
    before = parts[-2] if len(parts) > 1 else ""
    if last in ("id", "ids") and before in _SESSIONS:
        return Secrecy.SECRET
    if last in _DOUBTFUL:
        return _doubtful(last, before)
    tells = "".join(parts) in _SECRET or any(word in _SECRET or word.endswith(_SECRET_ENDS) for word in parts)
    if tells and last not in _ABOUT:
        return Secrecy.SECRET
    if "oidc" in parts and last in _CLAIMS:
        return Secrecy.SECRET
    return Secrecy.HINTING if tells or not _HINTS.isdisjoint(parts) else Secrecy.OPEN


def _doubtful(last: str, before: str) -> Secrecy:
    match last:
        case "key" | "keys":
            if before in _OPEN_KEYS:
                return Secrecy.OPEN
            return Secrecy.SECRET if before in _SECRET_KEYS else Secrecy.DOUBTFUL
        case "code" | "codes":
            if not before:
                return Secrecy.DOUBTFUL
            return Secrecy.SECRET if before in _SECRET_CODES else Secrecy.OPEN
        case _:
            return Secrecy.DOUBTFUL


_WORDS = r"(?:[a-z]{1,20}|[A-Z][a-z]{1,20}|[A-Z]{1,5})"
_PLAIN = re.compile(rf"{_WORDS}(?:[_. -]{_WORDS}){{0,7}}|[A-Za-z]{{1,3}}|\d{{1,3}}")
_PLAIN_CODE = re.compile(r"[A-Za-z]{1,3}|\d{1,3}")
_PLAIN_MEMBER = re.compile(
    rf"{_PLAIN.pattern}|[A-Z]{{1,20}}(?:[_. -][A-Z0-9]{{1,20}}){{0,7}}|\d{{1,5}}|[A-Za-z]{{1,5}}[-_]?\d{{1,6}}"
)
_NEVER = frozenset(("", "true", "false", "null", "none", "undefined", "yes", "no", "on", "off", "*"))
"""No name makes a secret of these."""


def is_secret(name: str, value: str, *, member: bool = False) -> bool:
    """True when the name and the value together say so. `member`: of a JSON object, where `code` is an error's."""
    kind = secrecy(name)
    if kind is Secrecy.OPEN or value.lower() in _NEVER:
        return False
    if kind is Secrecy.HINTING:
        return is_unguessable(value)
    if value.isdigit() and name.lower().endswith("tokens"):
        # What a model has read and written, and what is left of a limit.
        return False
    return kind is Secrecy.SECRET or not is_plain(name, value, member=member)


def is_short_secret(name: str, value: str) -> bool:
    """True for a value in a query or a form that looks like a secret, where the name is too short to say anything."""
    if len(name) > 2 or _SHORT.fullmatch(name) is None or _SHORT_VALUE.fullmatch(value) is None:
        return False
    return is_unguessable(value)


def is_named_secret(name: str) -> bool:
    """True when the name alone says so, whatever the value."""
    return secrecy(name) is Secrecy.SECRET


def is_value_of(name: str, value: str) -> bool:
    """True for the member of an object with a secret name that is the secret, and not said of it."""
    last = (name_words(name) or [""])[-1]
    if name.startswith("$") or last in _EMPTY or last in _COMPARING:
        return value.lower() not in _NEVER
    return last not in _ABOUT and is_unguessable(value)


def is_plain(name: str, value: str, *, member: bool = False) -> bool:
    """True for what a person would write where a doubtful name stands: a word, a short number, an error's number."""
    if member:
        return _PLAIN_MEMBER.fullmatch(value) is not None
    low = name.lower()
    if low.endswith("keys") and value.isdigit():
        return True
    # Of a query or a form: OAuth's `code` and CAS's `ticket` are far more frequent there than a word.
    exact = low.endswith(("code", "ticket", "sid"))
    return (_PLAIN_CODE if exact else _PLAIN).fullmatch(value) is not None
