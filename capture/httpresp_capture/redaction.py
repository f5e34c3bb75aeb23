"""Secrets leave as tags that keep equality: `‹cookie 32B #a91f›`.

What is hidden: values of Authorization and its proxy twin, of cookies, of fields whose name says key or token, and of
such keys in queries and bodies. The same secret has the same tag for a whole run, so "the same session as before" can
still be seen; the salt is made anew for each run and kept nowhere, so a tag cannot be looked up or compared with that
of another run. Names, attributes and lengths stay. Nothing here is a promise for secrets in places of their own.
"""

import re
import secrets
from collections.abc import Callable
from hashlib import blake2s

from httpresp_capture.events import Request, Response, replace

SECRET_WORD = (
    r"(?:access|refresh|id|auth|api|bearer|session|csrf|xsrf|reset|security|client)[-_]?(?:token|key|secret|id)"
    r"|token|apikey|secret|passw(?:or)?d|passwd|pwd|signature|sig|jwt|assertion|code_verifier|sid|session"
    r"|x-amz-(?:signature|security-token|credential)|x-goog-signature"
)
"""Keys of queries and bodies whose value is a secret. `id_token` is one, `client_id` is public by design (RFC 6749)."""

_QUERY = re.compile(rf"([?&#;](?!client_id=)(?:{SECRET_WORD})=)([^&#;\s\"'<>]+)", re.IGNORECASE)
_FORM = re.compile(rf"((?:^|&)(?!client_id=)(?:{SECRET_WORD})=)([^&\s]+)", re.IGNORECASE)
_JSON = re.compile(rf'("(?!client_id")(?:{SECRET_WORD})"\s*:\s*")((?:[^"\\]|\\.)+)(?=")', re.IGNORECASE)
_USER = re.compile(r"(://)([^/?#@\s]+)(?=@)")
_NAME = re.compile(
    r"x-(?:api|auth|access|csrf|xsrf|session|amz-security|goog-api|functions|vault|gitlab|github)-?"
    r"(?:key|token|id|secret)?"
    r"|(?:x-)?(?:api-?key|auth-token|access-token|refresh-token|csrf-token|xsrf-token|session-token|id-token)"
    r"|(?:private|job)-token|apikey|token|x-token|x-secret",
    re.IGNORECASE,
)


def _scheme_and_rest(redactor: "Redactor", value: str) -> str:
    """`Bearer …`: the scheme is no secret."""
    scheme, blank, rest = value.partition(" ")
    if not blank:
        return redactor.tag("credentials", value)
    return f"{scheme} {redactor.tag('credentials', rest)}" if rest else value


def _cookies(redactor: "Redactor", value: str) -> str:
    """Pairs of a Cookie field: names stay."""
    return "; ".join(_cookie(redactor, pair.strip(" \t")) for pair in value.split(";"))


def _set_cookie(redactor: "Redactor", value: str) -> str:
    """The first pair of a Set-Cookie field is the cookie, the rest are attributes."""
    pair, semicolon, attributes = value.partition(";")
    return f"{_cookie(redactor, pair)}{semicolon}{attributes}"


def _cookie(redactor: "Redactor", pair: str) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        # RFC 6265bis §5.6: a pair without "=" is a cookie without a name.
        return redactor.tag("cookie", name) if name else ""
    return f"{name}={redactor.tag('cookie', value)}" if value else pair


def _token(redactor: "Redactor", value: str) -> str:
    return redactor.tag("token", value)


def _target(redactor: "Redactor", value: str) -> str:
    return redactor.target(value)


RULES: dict[str, Callable[["Redactor", str], str]] = {
    "authorization": _scheme_and_rest,
    "proxy-authorization": _scheme_and_rest,
    "cookie": _cookies,
    "cookie2": _cookies,
    "set-cookie": _set_cookie,
    "set-cookie2": _set_cookie,
    "authentication-info": _token,
    "proxy-authentication-info": _token,
    "location": _target,
    "content-location": _target,
    "referer": _target,
    "link": _target,
    "refresh": _target,
}
"""Field name → what hides its secrets. Names that only look like a token's are matched by a pattern."""


class Redactor:
    """Hides secrets with one salt; make one a run."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt

    @classmethod
    def fresh(cls) -> "Redactor":
        """One with a salt that nobody knows."""
        return cls(secrets.token_bytes(16))

    @property
    def salt(self) -> bytes:
        """For others whose tags shall be equal to these: `Options.salt` of the checks."""
        return self._salt

    def tag(self, what: str, secret: str) -> str:
        """What stands for a secret. Sixteen bits tell sessions of one capture apart, and reveal no more."""
        if len(secret) > 1 and secret[0] == secret[-1] == '"':
            return f'"{self.tag(what, secret[1:-1])}"'
        if not secret or secret.startswith("‹"):
            return secret
        data = secret.encode("latin-1") if _is_latin(secret) else secret.encode("utf-8", "surrogatepass")
        return f"‹{what} {len(data)}B #{blake2s(data, key=self._salt, digest_size=2).hexdigest()}›"

    def field(self, name: str, value: str) -> str:
        """A header value with its secrets hidden; the same text when it holds none."""
        low = name.lower()
        rule = RULES.get(low)
        if rule is not None:
            return rule(self, value)
        return self.tag("token", value) if _NAME.fullmatch(low) else value

    __call__ = field

    def target(self, target: str) -> str:
        """A request target or URL with secrets of its query and its user part hidden."""
        if "://" in target:
            target = _USER.sub(lambda found: found[1] + self.tag("credentials", found[2]), target)
        if "=" not in target:
            return target
        return _QUERY.sub(lambda found: found[1] + self.tag("token", found[2]), target)

    def text(self, body: str) -> str:
        """A JSON or form body with the values of telling keys hidden."""
        body = _JSON.sub(lambda found: found[1] + self.tag("token", found[2]), body)
        return _FORM.sub(lambda found: found[1] + self.tag("token", found[2]), body)

    def head(self, head: bytes) -> bytes:
        """A head block, or trailers after an empty line. Lines that hold no secret stay as they are on the wire."""
        lines = head.split(b"\n")
        shown = [self._start_line(lines[0])]
        name = ""
        for line in lines[1:]:
            if line[:1] in (b" ", b"\t") and name:
                # A folded line goes on with the value of the line before (RFC 9112 §5.2).
                shown.append(self._line(line, name, line[:1], line[1:]))
                continue
            field_name, colon, value = line.partition(b":")
            name = field_name.rstrip(b" \t").decode("latin-1").lower() if colon else ""
            shown.append(self._line(line, name, field_name + b":", value) if name else line)
        return b"\n".join(shown)

    def request(self, request: Request) -> Request:
        """The request with its secrets hidden; its body is not touched."""
        head, target = self.head(request.head), self.target(request.target)
        if head == request.head and target == request.target:
            return request
        return replace(request, head=head, target=_wire(target, request.target))

    def response(self, response: Response) -> Response:
        """The response, with its request, with their secrets hidden; the bodies are not touched."""
        head = self.head(response.head)
        trailers = self.head(b"\n" + response.trailers)[1:] if response.trailers else b""
        request = None if response.request is None else self.request(response.request)
        if head == response.head and trailers == response.trailers and request is response.request:
            return response
        return replace(response, head=head, trailers=trailers, request=request)

    def _start_line(self, line: bytes) -> bytes:
        if b"=" not in line and b"@" not in line:
            return line
        text = line.decode("latin-1")
        shown = self.target(text)
        return line if shown == text else _encoded(shown)

    def _line(self, line: bytes, name: str, lead: bytes, value: bytes) -> bytes:
        text = value.strip(b" \t\r").decode("latin-1")
        shown = self.field(name, text)
        if shown == text:
            return line
        blanks = value[: len(value) - len(value.lstrip(b" \t"))]
        return lead + blanks + _encoded(shown) + (b"\r" if line.endswith(b"\r") else b"")


def _is_latin(text: str) -> bool:
    return all(character <= "\xff" for character in text)


def _encoded(shown: str) -> bytes:
    """Latin-1 text from the wire with tags in it, as UTF-8; bytes of the wire that were UTF-8 stay so."""
    pieces = re.split("(‹[^›]*›)", shown)
    wire = "".join(piece for piece in pieces if not piece.startswith("‹")).encode("latin-1", "replace")
    try:
        wire.decode()
    except UnicodeDecodeError:
        return shown.encode()
    return b"".join(piece.encode() if piece.startswith("‹") else piece.encode("latin-1", "replace") for piece in pieces)


def _wire(target: str, original: str) -> str:
    """A target with tags, as the Latin-1 text that a record holds."""
    return target if target == original else _encoded(target).decode("latin-1")
