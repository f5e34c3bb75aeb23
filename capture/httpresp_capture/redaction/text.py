"""Secrets in any text: a line, a body, a target. Found by their shape (`shapes`), or by a name beside them (`names`).

Every expression is linear in the text: its repetitions give nothing back, or end where the next match could begin.
"""

import re
from collections.abc import Callable

from httpresp_capture.redaction.names import (
    LONGEST_NAME,
    is_named_secret,
    is_secret,
    is_secret_segment,
    is_sent_by_mail,
    plainly,
)
from httpresp_capture.redaction.shapes import Tag, by_shape

_NOT_TAGGED = r"(?!‹[a-z]{1,12} \d)"
_NAME = r"[A-Za-z_][\w.%\[\]-]{0,127}+"
_GAP = r"[ \t]{0,4}"
_BLANKS = r"[ \t]{0,16}+"

_TELLING = re.compile(
    "key|token|secret|pas|pw|psw|pin|otp|sig|hmac|jw|assert|verif|credential|auth|sess|sid|csrf|xsrf|bearer|cookie|saml"
    "|wresult|hdn|code|ticket|eyj|-----begin|://|@|%3d|k8s|hook|negotiate|ntlm|kerberos|dpop|basic"
    r"|services/t|/bot\d|\([asf]\(|\)[asf]\(|%28[asf]%28|%29[asf]%28"
    "|reset|confirm|activat|invit|magic|unsubs|shar|capab"
    r"|a[ksbc][ic]a|aiza|ya29\.|gocspx|gh[opsur]_|github_|gl[a-z]{2,5}-|xox|xapp-|_live_|_test_|whsec_|sk-|sg\."
    r"|npm_|pypi-|dop_v1_|shp|hv[sbr]\.|hf_|dapi|eaacede|:aa"
)
"""What a text in lower case holds wherever any of the expressions below, or a name that is secret, can match."""


def may_tell(text: str) -> bool:
    """False for text that surely holds no secret: a quick look, since most text holds none."""
    if _TELLING.search(text.lower()) is not None:
        return True
    return "%" in text and _TELLING.search(plainly(text).lower()) is not None


_BARE = r"[^&#;\s\"'<>\\]"
_QUERY = re.compile(rf"([?&#;])({_NAME})({_BLANKS}=){_NOT_TAGGED}({_BARE}*+(?:;(?!{_NAME}=){_BARE}*+)*)")
_STRAY = r"[+\x00-\x20\x7f\xa0]{0,16}+"
_WHOLE_QUERY = re.compile(rf"([?&#;]{_STRAY})({_NAME})({_STRAY}=){_NOT_TAGGED}([^&#;]*+(?:;(?!{_NAME}=)[^&#;]*+)*)")
"""The same where nothing but a URL stands."""
_PARAMETER = re.compile(rf"([;/])({_NAME})({_BLANKS}=){_NOT_TAGGED}([^;/?#]++)")
"""RFC 3986 §3.3: of a segment, or all of it."""
_SIGNED = re.compile(rf"([;/])([A-Za-z_][\w.-]{{0,127}}+)([:,]){_NOT_TAGGED}([^;/?#]++)")
"""A segment of a name and a value that no `=` parts."""
_BARE_CODED = r"[^%&#\s\"'<>\\]"
_CODED_QUERY = re.compile(
    rf"(%3F|%26|%23|[?&#;=/]|(?<![\w%.\[\]-]))([A-Za-z_][\w.\[\]-]{{0,127}}+)(%3D){_NOT_TAGGED}({_BARE_CODED}*+(?:%(?!26|23){_BARE_CODED}*+)*)",
    re.IGNORECASE,
)
"""A query in a URL in a URL, or one of which the sign is written in the same way."""
_PIECES = re.compile(r"([?&#;])")
_CODED = re.compile(r"[^\s\"'<>,;&?#=‹›]++")
_PATH = re.compile(r"(?:/[^\s/?#&\"'<>{}\\,]++){2,}")
_ASSIGNED = re.compile(
    rf"(?<![\w%?&#.\[-])({_NAME})({_GAP}(?:=|:(?!//)){_GAP}|\){_GAP}={_GAP}\()"
    rf"(?:(\"){_NOT_TAGGED}([^\"\r\n]++)|('){_NOT_TAGGED}([^'\r\n]++)"
    rf"|{_NOT_TAGGED}([^\s\"'&,;<>(){{}}\[\]\\]++))"
)
"""`name=value`, `name = "value"`, `name: 'value'`, and the `(name)=(value)` of PostgreSQL."""
_LAST_NAME = re.compile(r"[A-Za-z_][\w.%-]*$")
_MEMBER = re.compile(
    r'"([\w.$@/ -]{1,128}+)"\s{0,20}:\s{0,20}'
    rf'(?:"{_NOT_TAGGED}([^"\\]*+(?:\\.[^"\\]*+)*+)|(-?\d{{4,20}})(?![\d.]))',
    re.DOTALL,
)
_NESTED = re.compile(
    r"(\\{1,7}[\"']|')([\w.$@/ -]{1,128}+)\1\s{0,20}:\s{0,20}\1"
    rf"{_NOT_TAGGED}([^\\\"'\r\n]*+(?:(?!\1)[\\\"'][^\\\"'\r\n]*+)*)"
)
"""JSON in a string of JSON, and what Python prints."""
_LIST = re.compile(r'"([\w.$@/ -]{1,128}+)"\s{0,20}:\s{0,20}\[([^\[\]{}]++)\]')
_ITEM = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)
_ELEMENT = re.compile(r"<(?:[\w.-]{1,64}:)?([A-Za-z_][\w.-]{0,127})(?:\s[^<>]{0,400})?>([^<>]++)(?=</)")
_INPUT = re.compile(
    r"(name=[\"']?([\w.\[\]-]{1,128})[\"']?[^<>]{0,400}?[ \t](?:value|content)=)"
    r"(?:\"([^\"]++)|'([^']++))",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(form-data;[^\r\n]{0,200}?[ ;]name=\"?([^\"\r\n;]{1,128})\"?[^\r\n]{0,400}\r?\n(?:[^\r\n]{1,400}\r?\n){0,8}\r?\n)"
    r"([^\r\n]++)",
    re.IGNORECASE,
)


_FORM = re.compile(r"[\w.%+*\[\]-]{1,128}=[^\s<>\"{}]*+\s*+$")


def without_secrets(text: str, tag: Tag | None = None) -> str:
    """One line of text, or a few, with the secrets in it replaced."""
    tag = tag or _unsalted
    if not may_tell(text):
        return text
    text = _paths(by_shape(text, tag), tag)
    if "=" in text or ":" in text or "%3" in text:
        if '"' in text or "'" in text:
            text = _members(text, tag)
        text = _pairs(text, tag)
    return text


def without_secrets_of_body(text: str, tag: Tag) -> str:
    """The same for a body: form, JSON, XML, HTML, multipart or anything else."""
    if not may_tell(text):
        return text
    # A form is nothing but a query (URL Standard, application/x-www-form-urlencoded).
    is_form = _FORM.match(text) is not None
    text = by_shape(text, tag)
    if is_form:
        return _query("&" + text, tag, whole=True)[1:]
    text = _paths(text, tag)
    if "=" in text or ":" in text or "%3" in text:
        text = _members(text, tag)
        if "form-data" in text:
            text = _PART.sub(lambda found: found[1] + _value(tag, found[2], found[3]), text)
        text = _pairs(text, tag)
    if "</" in text:
        text = _ELEMENT.sub(_element(tag), text)
    if "<" in text and "name=" in text.lower():
        text = _INPUT.sub(_input(tag), text)
    return text


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
    cut = min((at for mark in "?#" if (at := text.find(mark)) >= 0), default=len(text))
    path, rest = text[:cut], text[cut:]
    if path.count("/") > 1:
        path = _segments(path, tag)
    if ":" in path or "," in path:
        path = _SIGNED.sub(_signed(tag), path)
    if "%" in path:
        path = "/".join([tag("url", piece) if _is_coded_path(piece) else piece for piece in path.split("/")])
    if "=" in path:
        path = _PARAMETER.sub(lambda found: found[1] + found[2] + found[3] + _value(tag, found[2], found[4]), path)
    text = _query(path, tag) + _query(rest, tag, whole=True)
    if "%" in rest:
        text = "".join([tag("url", piece) if _holds_coded(piece, tag) else piece for piece in _PIECES.split(text)])
    # RFC 9112 §3: a target has no blank; in a line that has too many, what stands behind one is text.
    return without_secrets(text, tag) if " " in whole or "\t" in whole else text


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
    if "%" in text:
        text = _CODED.sub(lambda found: tag("url", found[0]) if _holds_coded(found[0], tag) else found[0], text)
    return text


def _segments(path: str, tag: Tag) -> str:
    """A path without the segments that follow a telling one."""
    segments = path.split("/")
    for at in range(1, len(segments)):
        bare, semicolon, parameters = segments[at].partition(";")
        if is_secret_segment(segments[at - 1], bare) or (
            at > 2 and is_sent_by_mail(segments[max(at - 3, 0) : at - 1], bare)
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
    if is_secret(name, value, member=member):
        return tag("token", value)
    if _holds_coded(value, tag):
        return tag("url", value)
    return _chained(tag, value) if "=" in value else value


def _holds_coded(value: str, tag: Tag) -> bool:
    """True for a percent-encoded text (a URL, a form, JSON) with a secret in it. What stands in that text is looked at
    as it is: all its codings are off, and nothing here goes deeper by the input's length."""
    if "%" not in value or tag is _mark:
        return False
    plain = plainly(value)
    return target(plain, _mark) != plain or without_secrets(plain, _mark) != plain


def _pairs(text: str, tag: Tag) -> str:
    if "?" in text or "&" in text or "#" in text or ";" in text or "%3" in text:
        text = _query(text, tag)
    return _ASSIGNED.sub(_assigned(tag), text)


def _assigned(tag: Tag) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        name, sign, double, in_double, single, in_single, bare = found.groups()
        value = in_double or in_single or bare or ""
        # After a colon stands prose too: "token: expired".
        if not is_secret(name, value, member=True) or (":" in sign and bare and not _looks_random(bare)):
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
        if name is not None and is_secret(name[0], parts[at + 1], member=True):
            return f"{'='.join(parts[: at + 1])}={tag('token', '='.join(parts[at + 1 :]))}"
    return value


def _looks_random(value: str) -> bool:
    return len(value) >= 6 and any(character.isdigit() for character in value)


def _members(text: str, tag: Tag) -> str:
    def member(found: re.Match[str]) -> str:
        name, value, number = found.groups()
        if number is not None:
            known = is_secret(name, number, member=True)
            return found[0][: -len(number)] + f'"{tag("token", number)}"' if known else found[0]
        if not value:
            return found[0]
        return found[0][: -len(value)] + _value(tag, name, value, member=True)

    def nested(found: re.Match[str]) -> str:
        return found[0][: -len(found[3])] + _value(tag, found[2], found[3], member=True)

    def listed(found: re.Match[str]) -> str:
        name, items = found.groups()
        shown = _ITEM.sub(lambda item: f'"{_value(tag, name, item[1], member=True)}"' if item[1] else item[0], items)
        return found[0][: -len(items) - 1] + shown + "]"

    if '"' in text:
        text = _MEMBER.sub(member, text)
        if "[" in text:
            text = _LIST.sub(listed, text)
    if "\\" in text or "'" in text:
        text = _NESTED.sub(nested, text)
    return text


def _element(tag: Tag) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        # HTML has <code> and <key> for what anybody may read.
        return found[0][: -len(found[2])] + tag("token", found[2]) if is_named_secret(found[1]) else found[0]

    return replaced


def _input(tag: Tag) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        value = found[3] or found[4]
        return found[0][: -len(value)] + _value(tag, found[2], value, member=True)

    return replaced


def _mark(what: str, _secret: str) -> str:
    return f"‹{what} 0B›"


def _unsalted(what: str, secret: str) -> str:
    return f"‹{what} {len(secret)}B›"
