"""One response as the checks see it: the common rules, each worked out at most once and only when it is asked for.

- `head_ok`: nothing of the head is missing. No check runs without it: what is absent from a torn head proves nothing.
- `doc_like`: a page that a browser would show; what headers protect pages is asked of these alone.
- `transport`: whether these bytes crossed this wire in clear, and whether the user's way to the service did.
"""

import re
from enum import Enum
from functools import cached_property, lru_cache

from httpresp_capture.checks import addresses
from httpresp_capture.checks.body_text import decoded_body, text_of
from httpresp_capture.checks.policy import Policy, policies
from httpresp_capture.http.cookies import SetCookie, parse_cookie_date, parse_set_cookie
from httpresp_capture.http.directives import directives, media_type, number
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.headers import Headers
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.record import record
from httpresp_capture.redaction import Redactor

_TORN_HEAD = frozenset(("head-cut", "head-limit", "http-0.9", "bad-status"))
_PAGES = frozenset(("text/html", "application/xhtml+xml"))
_TLS_PORT = 443
MAX_COOKIES = 180
"""Of one response that are looked at: more than this no browser keeps for a site (RFC 6265 §6.1 asks for 50)."""
_NO_CONTENT = frozenset((204, 205, 304))
_RANDOM = re.compile(r"(?=[\w+/=-]{0,64}?[A-Za-z])(?=[\w+/=-]{0,64}?\d)[\w+/=-]{8}")
"""What a secret looks like, and most words do not."""


@lru_cache(4)
def _redactor(salt: bytes) -> Redactor:
    """One a salt, so that it remembers the lines that come in every head."""
    return Redactor(salt)


class Transport(Enum):
    """How a response travelled."""

    CLEAR = "clear"
    BEHIND_TLS = "behind TLS"
    """In clear here, on a hop behind something that speaks TLS with the user."""
    TLS = "TLS"
    """Encrypted here; we have the keys."""


@record
class Options:
    """What the user says of the place that the capture was taken at."""

    behind_tls: bool = False
    """All of it is behind a TLS terminator, whether the requests say so or not."""
    opt_in: frozenset[str] = frozenset()
    """Ids of noisy checks that shall run too."""
    off: frozenset[str] = frozenset()
    """Ids of checks that shall not run."""
    salt: bytes = b""
    """Of the tags that stand for secrets; random once a run."""


@record
class CookieLine:
    """A Set-Cookie line with its place."""

    cookie: SetCookie
    offset: int


class Context:
    """A response, taken apart on demand."""

    def __init__(self, response: Response, options: Options) -> None:
        self.response = response
        self.options = options
        self.status = response.status
        self._places: dict[str, list[int]] = {}
        """Where the lines of a field begin, by name."""

    # the head

    @cached_property
    def headers(self) -> Headers:
        return self.response.headers

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """Every value of a field in wire order, by lower-case name."""
        found: dict[str, list[str]] = {}
        for name, value in self.headers.items:
            found.setdefault(name.lower(), []).append(value)
        return found

    def all(self, name: str) -> list[str]:
        """Every value of a field; `name` in lower case."""
        return self.by_name.get(name, [])

    def first(self, name: str) -> str:
        """The first value of a field, empty when it is absent; `name` in lower case."""
        values = self.by_name.get(name)
        return values[0] if values else ""

    def has(self, name: str) -> bool:
        return name in self.by_name

    def offset(self, name: str, nth: int = 0) -> int:
        """Where the nth line of a field begins in the head; 0 when it is not found."""
        places = self._places.get(name)
        if places is None:
            pattern = rb"\n" + re.escape(name.encode("latin-1", "replace")) + rb"[ \t]*:"
            places = [match.start() + 1 for match in re.finditer(pattern, self.response.head, re.IGNORECASE)]
            self._places[name] = places
        return places[nth] if nth < len(places) else 0

    @cached_property
    def head_ok(self) -> bool:
        """Status line and header block are complete: no gap, no cut, not over the limit."""
        response = self.response
        head = response.head
        return (
            bool(head)
            and response.status > 0
            and not response.midstream
            and response.end is not EndReason.HEAD_LIMIT
            and all(gap.offset >= len(head) for gap in response.gaps)
            and all(problem.name not in _TORN_HEAD for problem in response.problems)
        )

    @property
    def gapless(self) -> bool:
        """Nothing of the message was lost: what framing says of itself can be held against it."""
        return self.head_ok and not self.response.gaps

    @cached_property
    def media_type(self) -> str:
        """Lower case; empty when absent or unreadable."""
        return media_type(self.first("content-type"))[0]

    @cached_property
    def charset(self) -> str:
        """As declared in Content-Type, lower case."""
        return media_type(self.first("content-type"))[1].get("charset", "").lower()

    @cached_property
    def cookies(self) -> tuple[CookieLine, ...]:
        """Cookies that this response really sets: those that it deletes are left out."""
        found: list[CookieLine] = []
        for nth, line in enumerate(self.all("set-cookie")[:MAX_COOKIES]):
            cookie = parse_set_cookie(line)
            if cookie is not None and not cookie.deleted(self.response.at):
                found.append(CookieLine(cookie, self.offset("set-cookie", nth)))
        return tuple(found)

    @property
    def every_cookie(self) -> list[SetCookie]:
        """All of them, those that are deleted too."""
        lines = self.all("set-cookie")[:MAX_COOKIES]
        return [cookie for line in lines if (cookie := parse_set_cookie(line)) is not None]

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """Every enforced Content-Security-Policy of the header."""
        return policies(self.all("content-security-policy"))

    @cached_property
    def cache_control(self) -> dict[str, str]:
        return directives(self.all("cache-control"))

    @cached_property
    def cacheable(self) -> str:
        """The words that let a cache keep it and hand it out unasked (RFC 9111 §3, §4.2.1); empty when none do."""
        control = self.cache_control
        if "no-store" in control or "no-cache" in control:
            return ""
        if "public" in control:
            return "Cache-Control: public"
        if "private" in control:
            return ""
        for name in ("s-maxage", "max-age"):
            if (number(control.get(name, "")) or 0) > 0:
                return f"Cache-Control: {name}={control[name]}"
        expires = parse_cookie_date(self.first("expires"))
        if not control and expires is not None and expires * 1_000_000_000 > self.response.at:
            return f"Expires: {self.first('expires')}"
        return ""

    # the body

    @property
    def answers_head(self) -> bool:
        request = self.response.request
        return request is not None and request.method == "HEAD"

    @cached_property
    def has_body(self) -> bool:
        """A body was seen, or is announced and not known to be empty."""
        response = self.response
        if self.answers_head or self.status in _NO_CONTENT or self.status < 200:
            return False
        if response.body_bytes > 0 or response.declared > 0:
            return True
        return response.end is None and response.framing in (Framing.CHUNKED, Framing.CLOSE)

    @cached_property
    def doc_like(self) -> bool:
        """A page: 2xx, HTML, with a body."""
        return 200 <= self.status < 300 and self.media_type in _PAGES and self.has_body

    @cached_property
    def decoded(self) -> bytes:
        """The first bytes of the body with the content coding removed."""
        return b"" if self.answers_head else decoded_body(self.response)

    @cached_property
    def text(self) -> str:
        """The same as text; empty where it is none."""
        return text_of(self.decoded, self.media_type, self.first("content-type"))

    @cached_property
    def whole_body(self) -> bool:
        """All of the body was captured and kept."""
        response = self.response
        return response.end is not None and not response.gaps and len(response.body) == response.body_bytes

    def body_offset(self, index: int) -> int:
        """Where a place in the body stands in the message; its beginning when the body is compressed or chunked."""
        plain = not self.has("content-encoding") and self.response.framing is not Framing.CHUNKED
        return len(self.response.head) + (index if plain else 0)

    # secrets

    @cached_property
    def redactor(self) -> Redactor:
        """Knows the secrets of this response, and tags them as exports do."""
        return _redactor(self.options.salt).knowing(self.response)

    @cached_property
    def shown(self) -> Response:
        """The response with its secrets hidden: what may be quoted of its bytes."""
        return self.redactor.response(self.response)

    def without_known(self, text: str) -> str:
        """A text without the secrets of this response, by their value."""
        return self.redactor.line(text) if _RANDOM.search(text) else text

    # the place

    @cached_property
    def request_headers(self) -> Headers:
        """Of the paired request; empty when it was not seen."""
        request = self.response.request
        return request.headers if request is not None else Headers(())

    @cached_property
    def transport(self) -> Transport:
        if self.response.flow.https or "tls" in self.response.flow.tunnel.split():
            return Transport.TLS
        # Nobody serves plain HTTP on 443: what comes so was decrypted on the way by a mirror.
        mirrored = self.response.flow.server_port == _TLS_PORT and self.status != 400
        if mirrored or self.options.behind_tls or self._says_https():
            return Transport.BEHIND_TLS
        return Transport.CLEAR

    def _says_https(self) -> bool:
        request = self.response.request
        if request is None or b"forwarded" not in request.head.lower():
            return False
        if self.request_headers.get("x-forwarded-proto").partition(",")[0].strip().lower() == "https":
            return True
        nearest = self.request_headers.get("forwarded").partition(",")[0]
        return directives([nearest], ";").get("proto", "").lower() == "https"

    @property
    def edge_tls(self) -> bool:
        """The user's way to the service is encrypted, here or further out."""
        return self.transport is not Transport.CLEAR

    @cached_property
    def local(self) -> bool:
        """Both ends are this machine, or both are private."""
        flow = self.response.flow
        return addresses.is_local(flow.client, flow.server)

    @property
    def public(self) -> bool:
        """The answer came from an address of the open internet."""
        return addresses.is_public(self.response.flow.server)

    @property
    def path(self) -> str:
        request = self.response.request
        return request.path if request is not None else ""

    @cached_property
    def host(self) -> str:
        """The name that the client asked for, without port; empty when the request was not seen."""
        request = self.response.request
        return addresses.host_name(request.host) if request is not None else ""
