"""Secrets in any text: a line, a body, a target. Found by their shape (`shapes`), or by a name beside them (`names`).

Every expression is linear in the text: its repetitions give nothing back, or end where the next match could begin.
"""

import re
from collections.abc import Callable

from httpresp_capture.redaction import markup
from httpresp_capture.redaction.looks import is_random, is_unguessable, is_unlike_prose, turns
from httpresp_capture.redaction.markup import ENTITY, NOT_TAGGED
from httpresp_capture.redaction.names import (
    LONGEST_NAME,
    is_secret,
    is_short_secret,
    plainly,
)
from httpresp_capture.redaction.segments import is_secret_segment, is_sent_far_behind
from httpresp_capture.redaction.shapes import Tag, by_shape

_NAME = r"[A-Za-z_$][\w.$%\[\]-]{0,127}+"
_GAP = r"[ \t]{0,4}"
_BLANKS = r"[ \t]{0,16}+"

_TELLING = re.compile(
    "key|token|secret|pas|pw|psw|pin|otp|sig|hmac|jw|assert|verif|credential|auth|sess|sid|csrf|xsrf|bearer|cookie|saml"
    "|wresult|hdn|code|ticket|eyj|-----begin|://|@|%3d|k8s|hook|negotiate|ntlm|kerberos|dpop|basic"
    r"|services/t|/bot\d|\([asf]\(|\)[asf]\(|%28[asf]%28|%29[asf]%28"
    "|reset|confirm|activat|invit|magic|unsubs|shar|capab"
    "|access|authori|bypass|callback|claims|consent|grant|hint|identity|impersonat|log[io]n|mac|oidc|principal|proof"
    "|refresh|signin|sso|unlock|payload|userinfo"
    r"|(?:^|[?&;#\"])[a-z]{1,2}(?:=|\":\s{0,20}\")[\w~%-]{12}|[?&#][\w.~-]{12}"
    r"|a[ksbc][ic]a|aiza|ya29\.|gocspx|gh[opsur]_|github_|gl[a-z]{2,5}-|xox|xapp-|_live_|_test_|whsec_|sk-|sg\."
    r"|npm_|pypi-|dop_v1_|shp|hv[sbr]\.|hf_|dapi|eaacede|:aa"
)
"""What a text in lower case holds wherever any of the expressions below, or a name that is secret, can match."""


def may_tell(text: str) -> bool:
    """False for text that surely holds no secret: a quick look, since most text holds none."""
    if _TELLING.search(text.lower()) is not None:
        return True
    if "%" in text and _TELLING.search(plainly(text).lower()) is not None:
        return True
    return "\\u00" in text and _TELLING.search(markup.unescaped(text).lower()) is not None


_BARE = r"[^&#;\s\"'<>\\]"
_QUERY = re.compile(rf"([?&#;])({_NAME})({_BLANKS}=){NOT_TAGGED}({_BARE}*+(?:;(?!{_NAME}=){_BARE}*+)*)")
_STRAY = r"[+\x00-\x20\x7f\xa0]{0,16}+"
_WHOLE_QUERY = re.compile(rf"([?&#;]{_STRAY})({_NAME})({_STRAY}=){NOT_TAGGED}([^&#;]*+(?:;(?!{_NAME}=)[^&#;]*+)*)")
"""The same where nothing but a URL stands."""
_PARAMETER = re.compile(rf"([;/])({_NAME})({_BLANKS}=){NOT_TAGGED}([^;/?#]++)")
"""RFC 3986 §3.3: of a segment, or all of it."""
_SIGNED = re.compile(rf"([;/])([A-Za-z_][\w.-]{{0,127}}+)([:,]){NOT_TAGGED}([^;/?#]++)")
"""A segment of a name and a value that no `=` parts."""
_PARTED = re.compile(rf"([A-Za-z_][\w.-]{{0,127}}+)([:,/|~! \t+])({_BARE}++)")
"""A piece of a query that is a name and a value, though no `=` parts them."""
_BARE_CODED = r"[^%&#\s\"'<>\\]"
_CODED_QUERY = re.compile(
    rf"(%3F|%26|%23|[?&#;=/]|(?<![\w%.\[\]-]))([A-Za-z_][\w.\[\]-]{{0,127}}+)(%3D){NOT_TAGGED}(['\"]?{_BARE_CODED}*+(?:%(?!26|23){_BARE_CODED}*+)*)",
    re.IGNORECASE,
)
"""A query in a URL in a URL, or one of which the sign is written in the same way."""
_PATH_END = re.compile(r"[?]|#(?![0-9a-f]{4}›)")
_PIECES = re.compile(r"([?&;]|#(?![0-9a-f]{4}›))")
"""Not the sign within a tag."""
_CODED = re.compile(r"[^\s\"'<>,;&?#=‹›]++")
_ASKED = re.compile(r"(?<=/)([^\s/?#&\"'<>{}\\,]{0,128}+)(\?)([^\s\"'<>\\]++)")
"""The last segment of a path, and the query behind it."""
_PATH = re.compile(r"(?:/[^\s/?#&\"'<>{}\\,]++){2,}")
_SIGN = r"[!=<>:]?=[=~>]?|[-=]>|<>|:(?!//)"
_OPERATOR = r"(?:[ \t]{1,4}|[~,|+]|%20)(?:eq|ne|like|contains|co|sw|ew|-)(?:[ \t]{1,4}|[~,|+]|%20)"
"""Of filters in a query: OData, SCIM (RFC 7644 §3.4.2.2), SQL; and a dash."""
_SIGNS = re.compile(r"[=:<]|\",|%3|->|--|[ \t~,|+0](?:eq|ne|like|contains|co|sw|ew|-)[ \t~,|+]")
"""One of these stands between a name and its value."""
_VALUE = (
    rf"(?:(\"){NOT_TAGGED}([^\"\r\n]++)|('){NOT_TAGGED}([^'\r\n]++)"
    rf"|{NOT_TAGGED}([^\s\"'&,;<>(){{}}\[\]\\]++))"
)
_COMPARED = re.compile(rf"(?<![\w%.\[-])([A-Za-z_$][\w.$\[\]-]{{0,127}}+)({_OPERATOR}){_VALUE}")
_ASSIGNED = re.compile(
    rf"(?<![\w%?&#.])(?<![\w\]]\[)(?<!\w-)({_NAME})"
    rf"([\"'`]?\]?{_GAP}(?:{_SIGN}){_GAP}(?:{ENTITY})?|\){_GAP}={_GAP}\(){_VALUE}"
)
"""`name=value`, `name = "value"`, `name: 'value'`, `[name=value]`, `a['name']="value"`, and the `(name)=(value)` of
PostgreSQL."""
_OPTION = re.compile(rf"(?<![\w-])--({_NAME})([ \t]{{1,4}}){_VALUE}")
"""Of a command line."""
_COOKIES = re.compile(
    rf"((?<![\w-])(?:set-)?cookie2?[\"']?{_GAP}:{_GAP}[\"']?){NOT_TAGGED}([^\s=\"'<>]{{1,128}}+=[^\r\n\"'<>\\]++)",
    re.IGNORECASE,
)
"""A field of cookies in a text: all of its pairs."""
_DESCRIBED = re.compile(
    rf"(?<![\w.%-])([A-Za-z_][\w.-]{{0,127}}+)([ \t]{{0,4}}+;[ \t]{{0,4}}+(?:desc|description|value|val|data)=\"?)"
    rf"{NOT_TAGGED}([^\s\"';,]++)"
)
"""What a parameter says of a named item (RFC 9651 §3.1.2), as in Server-Timing."""
_LAST_NAME = re.compile(r"[A-Za-z_][\w.%-]*$")
_FORM = re.compile(r"[\w.%+*\[\]-]{1,128}=[^\s<>\"{}]*+\s*+$")


def without_secrets(text: str, tag: Tag | None = None) -> str:
    """One line of text, or a few, with the secrets in it replaced."""
    tag = tag or _unsalted
    if not may_tell(text):
        return text
    text = _paths(by_shape(text, tag), tag)
    if _SIGNS.search(text) is not None:
        text = _signs(text, tag)
    return text


def without_secrets_of_body(text: str, tag: Tag | None = None) -> str:
    """The same for a body: form, JSON, XML, HTML, multipart or anything else."""
    tag = tag or _unsalted
    if not may_tell(text):
        return text
    # A form is nothing but a query (URL Standard, application/x-www-form-urlencoded).
    is_form = _FORM.match(text) is not None
    text = by_shape(text, tag)
    if is_form:
        text = _query("&" + text, tag, whole=True)[1:]
    text = _paths(text, tag)
    if _SIGNS.search(text) is not None:
        text = _signs(markup.parts(text, tag, _value), tag)
    return text


def _signs(text: str, tag: Tag) -> str:
    """What stands beside its name, in whatever form."""
    if "ookie" in text or "OOKIE" in text:
        text = _COOKIES.sub(lambda found: found[1] + tag("cookie", found[2]), text)
    if '"' in text or "'" in text or "&" in text or "\\" in text:
        text = markup.members(text, tag, _value)
    if "<" in text:
        # Before the pairs: an attribute may say of which name another one is the value.
        text = markup.elements(text, tag, _value)
    return _pairs(text, tag)


def target(text: str, tag: Tag) -> str:
    """A request target or URL: user part, path parameters, segments behind a telling one, query, fragment."""
    if not may_tell(text):
        return text
    whole = text
    text = by_shape(text, tag)
    if not text.startswith("/") and "@" in text and "://" not in text:
        # RFC 9112 §3.2.3: the authority-form has no user part, and clients send one all the same.
        user, _, rest = text.rpartition("@")
        if "/" not in user and "?" not in user:
            text = f"{tag('credentials', user)}@{rest}"
    found = _PATH_END.search(text)
    cut = len(text) if found is None else found.start()
    path, rest = text[:cut], text[cut:]
    if path.count("/") > 1:
        path = _segments(path, tag)
    if ":" in path or "," in path:
        path = _SIGNED.sub(_signed(tag), path)
    if "%" in path:
        path = "/".join([tag("url", piece) if _is_coded_path(piece) else piece for piece in path.split("/")])
    if "=" in path:
        path = _PARAMETER.sub(lambda found: found[1] + found[2] + found[3] + _value(tag, found[2], found[4]), path)
    text = _query(path, tag) + _pieces(path.rpartition("/")[2], _query(rest, tag, whole=True), tag)
    # RFC 9112 §3: a target has no blank; in a line that has too many, what stands behind one is text.
    return without_secrets(text, tag) if " " in whole or "\t" in whole else text


def _pieces(segment: str, query: str, tag: Tag) -> str:
    return "".join([_piece(segment, piece, tag) if len(piece) > 1 else piece for piece in _PIECES.split(query)])


def _piece(segment: str, piece: str, tag: Tag) -> str:
    """A piece of a query that follows this segment: one that holds a secret in a coding, one of a name and a value
    that no `=` parts, or one that is named by the secret: `/reset?8fJ2…`."""
    if _holds_coded(piece, tag):
        return tag("url", piece)
    name, equals, value = piece.partition("=")
    by_itself = is_random(name) and (not equals or turns(name) >= 3)
    if by_itself or (is_unguessable(name) and is_secret_segment(segment, name)):
        return tag("token", name) + equals + value
    return piece if equals else _parted(tag, piece)


def _parted(tag: Tag, text: str) -> str:
    """A name and a value that no `=` parts: `password:8fJ2…`."""
    found = _PARTED.fullmatch(text)
    if found is None or not is_unlike_prose(found[3]) or not is_secret(found[1], found[3], member=True):
        return text
    return f"{found[1]}{found[2]}{tag('token', found[3])}"


def _signed(tag: Tag) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        secret = is_secret_segment(found[2], found[4])
        return f"{found[1]}{found[2]}{found[3]}{tag('token', found[4])}" if secret else found[0]

    return replaced


def _is_coded_path(segment: str) -> bool:
    """True for a segment that has signs of its own in percent-encoding, and a secret behind one."""
    if "%" not in segment:
        return False
    plain = "/" + plainly(segment).replace("%", "")
    return target(plain, _mark) != plain


def _paths(text: str, tag: Tag) -> str:
    """Paths in a text, and its words that are percent-encoded."""
    if text.count("/") > 1:
        text = _PATH.sub(lambda found: _segments(found[0], tag), text)
    if "?" in text:
        text = _ASKED.sub(lambda found: found[1] + found[2] + _pieces(found[1], found[3], tag), text)
    if "%" in text:
        text = _CODED.sub(lambda found: tag("url", found[0]) if _holds_coded(found[0], tag) else found[0], text)
    return text


def _segments(path: str, tag: Tag) -> str:
    """A path without the segments that follow a telling one."""
    segments = path.split("/")
    for at in range(1, len(segments)):
        bare, semicolon, parameters = segments[at].partition(";")
        if is_secret_segment(segments[at - 1], bare) or (
            at > 2 and is_sent_far_behind(segments[max(at - 3, 0) : at - 1], bare)
        ):
            segments[at] = tag("token", bare) + semicolon + parameters
    return "/".join(segments)


def target_without_secrets(text: str) -> str:
    """The same with tags that no salt is needed for: names of things in reports."""
    return target(text, _unsalted)


def _query(text: str, tag: Tag, *, whole: bool = False) -> str:
    def replaced(found: re.Match[str]) -> str:
        value = found[4]
        shown = _value(tag, found[2], value)
        if whole and shown is value and tag is not _mark and ('"' in value or ":" in value):
            # JSON and the like, as it is.
            shown = without_secrets(value, tag)
        return found[1] + found[2] + found[3] + shown

    if "=" in text:
        text = (_WHOLE_QUERY if whole else _QUERY).sub(replaced, text)
    return _CODED_QUERY.sub(replaced, text) if "%3" in text else text


def _value(tag: Tag, name: str, value: str, *, member: bool = False) -> str:
    """What stands for a value: a tag for a secret, and for a URL that holds one."""
    if is_secret(name, value, member=member) or is_short_secret(name, value):
        return tag("token", value)
    if _holds_coded(value, tag):
        return tag("url", value)
    return _chained(tag, value) if "=" in value else _parted(tag, value)


def _holds_coded(value: str, tag: Tag) -> bool:
    """True for a percent-encoded text (a URL, a form, JSON) with a secret in it. What stands in that text is looked at
    as it is: all its codings are off, and nothing here goes deeper by the input's length."""
    if ("%" not in value and "+" not in value) or tag is _mark:
        return False
    plain = plainly(value.replace("+", " "))
    return target(plain, _mark) != plain or without_secrets(plain, _mark) != plain


def _pairs(text: str, tag: Tag) -> str:
    if "?" in text or "&" in text or "#" in text or ";" in text or "%3" in text:
        text = _query(text, tag)
    if ";" in text:
        text = _DESCRIBED.sub(_described(tag), text)
    replaced = _assigned(tag)
    if "--" in text:
        text = _OPTION.sub(lambda found: "--" + replaced(found).removeprefix("--"), text)
    return _ASSIGNED.sub(replaced, _COMPARED.sub(replaced, text))


def _described(tag: Tag) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        name, sign, value = found.groups()
        secret = is_unlike_prose(value) and is_secret(name, value, member=True)
        return f"{name}{sign}{tag('token', value)}" if secret else found[0]

    return replaced


def _assigned(tag: Tag) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        name, sign, double, in_double, single, in_single, bare = found.groups()
        value = in_double or in_single or bare or ""
        # After a colon, an arrow or a word stands prose too: "token: expired".
        sure = "=" in sign and ">" not in sign
        if not is_secret(name, value, member=True) or (bare and not sure and not is_unlike_prose(bare)):
            if "=" not in value:
                return found[0]
            if bare:
                return found[0][: -len(bare)] + _chained(tag, bare)
            # Within quotes stand none of their kind, so this goes no deeper than there are kinds.
            return found[0][: -len(value)] + _ASSIGNED.sub(replaced, value)
        return f"{name}{sign}{double or single or ''}{tag('token', value)}"

    return replaced


def _chained(tag: Tag, value: str) -> str:
    """The value of `x=token=…`, which is none of a secret name itself."""
    parts = value.split("=")
    for at, part in enumerate(parts[:-1]):
        name = _LAST_NAME.search(part[-LONGEST_NAME:])
        if name is None:
            continue
        short = part[-len(name[0]) - 1 : -len(name[0])] == "?" and is_short_secret(name[0], parts[at + 1])
        if short or is_secret(name[0], parts[at + 1], member=True):
            return f"{'='.join(parts[: at + 1])}={tag('token', '='.join(parts[at + 1 :]))}"
    return value


def _mark(what: str, _secret: str) -> str:
    return f"‹{what} 0B›"


def _unsalted(what: str, secret: str) -> str:
    return f"‹{what} {len(secret)}B›"
