"""The cookie ledger: one line a cookie and host, over everything that was captured.

It answers what a single response cannot: was it ever set in clear, how did its attributes change, how many values did
it have, and did a value cross the wire again in clear, and where. Values are kept as salted digests alone. Bounded;
what found no place is counted.
"""

from collections.abc import Iterator
from hashlib import blake2s
from urllib.parse import parse_qsl

from httpresp_capture.analysis.findings import origin_of
from httpresp_capture.analysis.sightings import Sightings
from httpresp_capture.checks.context import Context, Options, Transport
from httpresp_capture.checks.evidence import cookie_attributes
from httpresp_capture.http.cookies import SetCookie, parse_cookie
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record
from httpresp_capture.redaction import target_without_secrets

MAX_LINES = 5_000
MAX_CHANGES = 10
MAX_PLACES = 8
MAX_VALUES = 1_000
"""Values remembered of one cookie."""
MAX_SENT = 100_000
"""Values of which is remembered in which line they were counted when they were sent; about 15 MB."""
_URL_VALUE = 16
"""Characters below which a value in a URL may be equal by chance."""


@record
class CookieChange:
    """The attributes of a cookie differ from the last time it was set."""

    at: int
    response: int
    before: str
    after: str


@record
class CookieRow:
    """One cookie of one host."""

    host: str
    """`host:port` that set it, or that it was sent to when nobody was seen to set it."""
    name: str
    session_like: bool
    set_count: int
    """How often it was set; 0 when it was only seen in requests."""
    deleted_count: int
    set_in_clear: int
    first_seen: int
    last_seen: int
    attributes: str
    """As last set, in wire order; values of Expires and Max-Age left out, secrets as tags."""
    changes: tuple[CookieChange, ...]
    changes_dropped: int
    size: int
    """Of name and value, the largest."""
    lifetime: int | None
    """Seconds, as last set; None for a cookie that ends with the browser."""
    values: int
    """How many different values it had, up to `MAX_VALUES`."""
    sent_count: int
    """How often a request carried it."""
    sent_in_clear: int
    sent_to: tuple[str, ...]
    """`host:port/path` of the requests that carried it, the first ones."""
    in_urls: tuple[str, ...]
    """The same for requests that had its value in their query."""
    samples: tuple[int, ...]
    """Ids of responses."""


class _Line:
    """One row while it grows."""

    __slots__ = (
        "attributes",
        "changes",
        "changes_dropped",
        "deleted_count",
        "host",
        "in_urls",
        "lifetime",
        "name",
        "seen",
        "sent_count",
        "sent_in_clear",
        "sent_to",
        "session_like",
        "set_count",
        "set_in_clear",
        "size",
        "values",
    )

    def __init__(self, host: str, name: str, at: int) -> None:
        self.host = host
        self.name = name
        self.session_like = False
        self.set_count = self.deleted_count = self.set_in_clear = 0
        self.seen = Sightings(at)
        """In responses that set it."""
        self.attributes = ""
        self.changes: list[CookieChange] = []
        self.changes_dropped = 0
        self.size = 0
        self.lifetime: int | None = None
        self.values: set[bytes] = set()
        self.sent_count = self.sent_in_clear = 0
        self.sent_to: list[str] = []
        self.in_urls: list[str] = []

    def row(self) -> CookieRow:
        return CookieRow(
            host=self.host,
            name=self.name,
            session_like=self.session_like,
            set_count=self.set_count,
            deleted_count=self.deleted_count,
            set_in_clear=self.set_in_clear,
            first_seen=self.seen.first_seen,
            last_seen=self.seen.last_seen,
            attributes=self.attributes,
            changes=tuple(self.changes),
            changes_dropped=self.changes_dropped,
            size=self.size,
            lifetime=self.lifetime,
            values=len(self.values),
            sent_count=self.sent_count,
            sent_in_clear=self.sent_in_clear,
            sent_to=tuple(self.sent_to),
            in_urls=tuple(self.in_urls),
            samples=self.seen.samples,
        )


class CookieLedger:
    """Feed it responses in the order in which they ended, each once."""

    def __init__(self, options: Options | None = None, max_lines: int = MAX_LINES) -> None:
        self.options = options or Options()
        self.max_lines = max_lines
        self.lines_dropped = 0
        self._lines: dict[tuple[str, str], _Line] = {}
        self._by_value: dict[bytes, _Line] = {}
        """Who set a value first, by its digest."""
        self._sent_as: dict[bytes, _Line] = {}
        """By digest of host, name and value, the line that counts it when it is sent. Whoever sets the value later, it
        stays with that line, so that `of` finds again what was counted."""

    def add(self, response: Response) -> None:
        """Take in the cookies that a request carried, then those that its response sets."""
        context = Context(response, self.options)
        request = response.request
        low = response.head.lower()
        carries = request is not None and (b"\ncookie:" in request.head.lower() or "?" in request.target)
        if not carries and b"\nset-cookie" not in low:
            return
        origin = origin_of(response)
        if request is not None and carries:
            self._sent(context, origin)
        if context.head_ok:
            for cookie in context.every_cookie:
                self._set(cookie, context, origin)

    def of(self, response: Response) -> Iterator[tuple[str, str]]:
        """Host and name of every row that a response, or its request, counts for; nothing is taken in."""
        context = Context(response, self.options)
        origin = origin_of(response)
        if response.request is not None:
            for value in context.request_headers.all("cookie"):
                for name, secret in parse_cookie(value):
                    line = self._sent_as.get(self._sending(origin, name, secret)) or self._setter(origin, name, secret)
                    yield (origin if line is None else line.host), name[:200]
            for secret in _url_values(response.request.target):
                if (line := self._by_value.get(self._digest(secret))) is not None:
                    yield line.host, line.name
        if context.head_ok:
            for cookie in context.every_cookie:
                yield origin, cookie.name[:200]

    def rows(self) -> tuple[CookieRow, ...]:
        """Sessions set or sent in clear first, then by host and name."""
        rows = [line.row() for line in self._lines.values()]
        rows.sort(
            key=lambda row: (not row.session_like, not (row.set_in_clear or row.sent_in_clear), row.host, row.name)
        )
        return tuple(rows)

    def _set(self, cookie: SetCookie, context: Context, origin: str) -> None:
        response = context.response
        line = self._line(origin, cookie.name, response.at)
        if line is None:
            return
        line.seen.add(response)
        if cookie.deleted(response.at):
            line.deleted_count += 1
            return
        flags = cookie_attributes(cookie, self.options.salt)
        if line.set_count and flags != line.attributes:
            if len(line.changes) < MAX_CHANGES:
                line.changes.append(CookieChange(response.at, response.id, line.attributes, flags))
            else:
                line.changes_dropped += 1
        line.attributes = flags
        line.set_count += 1
        line.set_in_clear += context.transport is Transport.CLEAR
        line.session_like = line.session_like or cookie.session_like
        line.size = max(line.size, cookie.size)
        line.lifetime = cookie.lifetime(response.at)
        digest = self._digest(cookie.value)
        if len(line.values) < MAX_VALUES:
            line.values.add(digest)
            self._by_value.setdefault(digest, line)

    def _sent(self, context: Context, origin: str) -> None:
        request = context.response.request
        if request is None:
            return
        place = f"{origin}{target_without_secrets(request.path.partition('?')[0][:2048])}"[:200]
        in_clear = context.transport is Transport.CLEAR
        for value in context.request_headers.all("cookie"):
            for name, secret in parse_cookie(value):
                line = self._owner(name, secret, origin, request.sent_at)
                if line is None:
                    continue
                line.sent_count += 1
                line.sent_in_clear += in_clear
                line.seen.last_seen = max(line.seen.last_seen, request.sent_at)
                _remember(line.sent_to, place)
        for secret in _url_values(request.target):
            line = self._by_value.get(self._digest(secret))
            if line is not None:
                _remember(line.in_urls, place)

    def _owner(self, name: str, secret: str, origin: str, at: int) -> _Line | None:
        """The line that counts a cookie that was sent, as it was first decided."""
        key = self._sending(origin, name, secret)
        line = self._sent_as.get(key) or self._setter(origin, name, secret) or self._line(origin, name, at)
        if line is None:
            return None
        if len(self._sent_as) < MAX_SENT:
            self._sent_as.setdefault(key, line)
        if line.set_count == 0:
            cookie = SetCookie(name, secret, ())
            line.session_like = line.session_like or cookie.session_like
            line.size = max(line.size, cookie.size)
        return line

    def _setter(self, origin: str, name: str, secret: str) -> _Line | None:
        """Who set this value under this name: the host that it is sent to, else the first one, wherever."""
        digest = self._digest(secret)
        own = self._lines.get((origin, name[:200]))
        if own is not None and digest in own.values:
            return own
        line = self._by_value.get(digest)
        return line if line is not None and line.name == name[:200] else None

    def _sending(self, origin: str, name: str, secret: str) -> bytes:
        return self._digest(f"{origin}\0{name}\0{secret}")

    def _line(self, origin: str, name: str, at: int) -> _Line | None:
        name = name[:200]
        line = self._lines.get((origin, name))
        if line is None:
            if len(self._lines) >= self.max_lines:
                self.lines_dropped += 1
                return None
            line = self._lines[origin, name] = _Line(origin, name, at)
        return line

    def _digest(self, value: str) -> bytes:
        return blake2s(value.encode("utf-8", "surrogatepass"), key=self.options.salt[:32], digest_size=8).digest()


def _remember(places: list[str], place: str) -> None:
    if len(places) < MAX_PLACES and place not in places:
        places.append(place)


def _url_values(target: str) -> Iterator[str]:
    query = target.partition("?")[2][:8192]
    for _, value in parse_qsl(query) if query else ():
        if len(value) >= _URL_VALUE:
            yield value
