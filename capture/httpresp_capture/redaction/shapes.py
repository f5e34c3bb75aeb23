"""Text that is a secret by its own shape, whatever stands around it.

Every expression is linear in the text: its repetitions give nothing back, or end where the next match could begin. Each
is tried only where a quick look finds what it begins with.
"""

import re
from collections.abc import Callable

from httpresp_capture.redaction.looks import is_mixed, is_unguessable, turns

Tag = Callable[[str, str], str]
"""(what it is, the secret) → what stands for it."""

_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{6,}+(?:\.[\w-]*+){1,4}")
"""RFC 7515 §7.1, RFC 7516 §7.1: three or five parts; a cut one has two."""
_KEYS = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=/bot))(?:"
    r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}"  # AWS
    r"|AIza[\w-]{30,60}|ya29\.[\w-]{20,}+|GOCSPX-[\w-]{20,60}"  # Google
    r"|gh[opsur]_[A-Za-z0-9]{20,}+|github_pat_\w{20,}+|gl(?:pat|dt|rt|cbt|ptt|agent)-[\w-]{16,}+"  # forges
    r"|xox[a-z]-[\w-]{10,}+|xapp-[\w-]{10,}+"  # Slack
    r"|[sr]k_(?:live|test)_[A-Za-z0-9]{10,}+|whsec_[A-Za-z0-9+/=]{16,}+"  # Stripe
    r"|sk-[A-Za-z0-9_-]{20,}+|SG\.[\w-]{16,64}\.[\w-]{16,64}|key-[0-9a-f]{32}"  # OpenAI and its like, mail services
    r"|npm_[A-Za-z0-9]{30,64}|pypi-[\w-]{50,}+|dop_v1_[0-9a-f]{64}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"
    r"|hv[sbr]\.[\w-]{20,}+|hf_[A-Za-z0-9]{30,64}|dapi[0-9a-f]{32}|EAACEdEose0cBA[0-9A-Za-z]{10,}+"
    r"|\d{8,12}:AA[\w-]{32,36}"  # Telegram
    r")"
)
_BEGINNINGS = (
    "AKIA", "ASIA", "ABIA", "ACCA", "AIza", "ya29.", "GOCSPX-", "ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_",
    "glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glagent-", "xox", "xapp-", "k_live_", "k_test_", "whsec_", "sk-",
    "SG.", "key-", "npm_", "pypi-", "dop_v1_", "shp", "hvs.", "hvb.", "hvr.", "hf_", "dapi", "EAACEdEose0cBA", ":AA",
)  # fmt: skip
"""One of these stands in every such key."""
_HOOK = re.compile(
    r"(hooks\.slack\.com/services/|/services/T[A-Z0-9]{6,14}/B[A-Z0-9]{6,14}/|/api/webhooks/\d{5,25}/)([\w/-]{16,}+)"
    r"|(/hooks/catch/\d{1,12}/)(\w{5,}+)"
    r"|(/bot)(\d{5,12}(?::|%3[Aa])[\w-]{16,}+)"
)
"""Addresses that are secrets themselves: of Slack and its like, Discord, Zapier, Telegram."""
_COOKIELESS = re.compile(r"((?:\(|\)|%2[89])[ASF](?:\(|%28))([^()%/?#\s\"'<>\\]{8,}+)(?=\)|%29)")
"""ASP.NET's session and ticket in a path: `/(S(…))/`, `/(X(1)F(…)S(…))/`."""
_PEM = re.compile(r"(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)([^-]++)")
_USER = re.compile(r"(//)([^/?#\s\"'<>\\]+)(?=@)")
"""RFC 3986 §3.2.1."""
_BEFORE_AUTHORITY = frozenset(":=(,;<>\"'")
"""A scheme ends before an authority, or a reference begins with it (RFC 3986 §4.2); elsewhere it is a path."""
_CODED_USER = re.compile(r"(//|%2F%2F)((?:[^/?#\s\"'<>\\%&=‹›]|%(?!40|2F))++)(?=%40)", re.IGNORECASE)
"""The same, percent-encoded."""
_BARE_USER = re.compile(r"(?<![\w.%+-])([A-Za-z_][\w.%+-]{0,63}+):([^\s/@:\"'<>,;&?#\\‹›]{6,}+)(?=@(?!sha256)[\w.\[-])")
"""Where no URL stands around it: `user:password@host`."""
_ADDRESSES = frozenset(("mailto", "sip", "sips", "acct", "xmpp", "im", "pres", "ssh", "npm", "jsr"))
"""Schemes whose addresses have an `@` and no password."""
_SPOKEN = re.compile(
    r"(?<![\w-])((?:token|secret|password|passwd|pwd|passcode|passphrase|otp|jwt|credentials?|signature|session(?: id)?"
    r"|(?:api|access|secret|private)[ _-]?key)(?: is| was)?:?[ \t]['\"]?)([\w+/.~-]{12,}+)",
    re.IGNORECASE,
)
"""In a sentence: `Invalid token 8fJ2…`."""
_SCHEME = re.compile(
    r"(?<![\w-])(bearer|basic|negotiate|ntlm|kerberos|dpop)([ \t]{1,4}|%20|\+|[-_.:;|/,=])"
    r"(?![\w-]{1,64}=[^=\s])([\w+/=.~:-]{6,}+)",
    re.IGNORECASE,
)
_NO_BLANKS = "-_.:;|/,="
"""What is written for the blank in a place that may not have one: `Bearer_8fJ2…`, but `basic-usage`."""
_SCHEMES = (
    "earer", "EARER", "asic", "ASIC", "egotiate", "NEGOTIATE", "NTLM", "ntlm", "erberos", "KERBEROS", "POP", "pop",
)  # fmt: skip
"""One of these stands where `_SCHEME` matches."""
_SUBPROTOCOL = re.compile(r"(base64url\.bearer\.authorization\.k8s\.io\.)([\w.=-]{4,}+)")


def by_shape(text: str, tag: Tag) -> str:
    """What is a secret whatever stands around it."""
    if "eyJ" in text:
        text = _JWT.sub(lambda found: tag("token", found[0]), text)
    if "-----BEGIN" in text:
        text = _PEM.sub(lambda found: found[1] + tag("key", found[2]), text)
    if "@" in text and "//" in text:
        text = _USER.sub(_user(tag), text)
    if "%40" in text:
        text = _CODED_USER.sub(lambda found: found[1] + tag("credentials", found[2]), text)
    if "@" in text and ":" in text:
        text = _BARE_USER.sub(_bare_user(tag), text)
    if " " in text:
        text = _SPOKEN.sub(_spoken(tag), text)
    if any(word in text for word in _SCHEMES):
        text = _SCHEME.sub(_scheme(tag), text)
    if "k8s.io." in text:
        text = _SUBPROTOCOL.sub(lambda found: found[1] + tag("token", found[2]), text)
    if "/" in text:
        text = _HOOK.sub(_hook(tag), text)
        if "S(" in text or "F(" in text or "A(" in text or "%28" in text:
            text = _COOKIELESS.sub(lambda found: found[1] + tag("token", found[2]), text)
    if len(text) >= 20 and any(word in text for word in _BEGINNINGS):
        text = _KEYS.sub(lambda found: tag("key", found[0]), text)
    return text


def _user(tag: Tag) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        before = found.string[found.start() - 1] if found.start() else ":"
        if before in _BEFORE_AUTHORITY or before.isspace() or ":" in found[2]:
            return found[1] + tag("credentials", found[2])
        return found[0]

    return replaced


def _bare_user(tag: Tag) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        # `image:latest@…` is a word.
        if found[1].lower() in _ADDRESSES or (found[2].isalpha() and found[2].islower()):
            return found[0]
        return tag("credentials", found[0])

    return replaced


def _spoken(tag: Tag) -> Callable[[re.Match[str]], str]:
    return lambda found: found[1] + tag("token", found[2]) if turns(found[2]) >= 3 or is_mixed(found[2]) else found[0]


def _hook(tag: Tag) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        at = found.lastindex or 0
        return found[at - 1] + tag("token", found[at])

    return replaced


def _scheme(tag: Tag) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        value = found[3].rstrip(".:")
        if found[2] in _NO_BLANKS:
            # `basic-4f3a.js` is a file.
            named = found[1].lower() == "basic" and found[2] in "-./"
            return (
                found[0] if named or not is_unguessable(value) else found[1] + found[2] + tag("credentials", found[3])
            )
        # "basic usage" is prose; base64 and hexadecimal have digits, or letters of both cases in the middle.
        coded = len(value) >= 20 or not value.isalpha() or value[1:] != value[1:].lower()
        return found[1] + found[2] + tag("credentials", found[3]) if coded else found[0]

    return replaced
