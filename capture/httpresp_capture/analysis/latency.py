"""Clocks, limits and slowness, learned as responses go by.

- A server's `Date` (with `Age`) against the time of capture. A cached answer makes a clock look slow, nothing makes it
  look fast, so the largest difference seen is the best guess.
- Who came back before the time that Retry-After or a RateLimit field named.
- Responses that are slow against the past of their own route.

All bounded; times are those of the capture.
"""

from collections import OrderedDict

from httpresp_capture.analysis.caching import CachingFault, caching_faults
from httpresp_capture.analysis.findings import origin_of
from httpresp_capture.analysis.percentiles import COARSE, Waits
from httpresp_capture.analysis.rate_limits import Wait, wait_of
from httpresp_capture.analysis.routes import route_of
from httpresp_capture.http.cookies import parse_cookie_date
from httpresp_capture.http.directives import number
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record

SECOND = 1_000_000_000
MAX_SERVERS = 5_000
MAX_WAITS = 10_000
MAX_ROUTES = 10_000
MAX_REMARKS = 1_000
"""Early and slow ones kept, the newest; all are counted."""
CLOCK_OFF_NS = 2 * SECOND
"""`Date` has whole seconds, and the answer takes its time; less than this is nothing."""
BEHIND_ENOUGH = 3
"""Responses before a clock is called slow: one alone may come out of a cache that does not say so."""
SERVERS_ENOUGH = 3
"""Servers whose clocks must agree before it is the capture's that is off."""
ENOUGH = 20
"""Responses of a route before one is called slow."""
SLOW_TIMES = 3
SLOW_FLOOR_NS = 50_000_000
"""What is faster than this annoys nobody, whatever its route is used to."""


@record
class Clock:
    """The clock of one server address against the time of capture."""

    server: str
    count: int
    ahead_ns: int
    """How far it is ahead; negative when behind. Exact to about a second."""
    first_seen: int
    last_seen: int

    @property
    def off(self) -> bool:
        """True when it is wrong by more than whole seconds explain, and, when behind, more than one cached answer."""
        return self.ahead_ns > CLOCK_OFF_NS or (self.ahead_ns < -CLOCK_OFF_NS and self.count >= BEHIND_ENOUGH)


@record
class Early:
    """A client came back before it was asked to."""

    client: str
    origin: str
    wait: Wait
    came_at: int
    response: int
    """Id of the response that it got."""

    @property
    def early_ns(self) -> int:
        """How much too early."""
        return self.wait.until - self.came_at


@record
class Slow:
    """A response that took far longer than its route is used to."""

    response: int
    origin: str
    route: str
    took_ns: int
    """To the first byte."""
    usual_ns: int
    """Median of the route before it."""
    limit_ns: int
    """Three times the 95th percentile before it."""


@record
class Remarks:
    """What there is to say of one response."""

    early: Early | None
    slow: Slow | None
    caching: tuple[CachingFault, ...]


class Timeliness:
    """Feed it ended responses in the order of capture, each once."""

    def __init__(self) -> None:
        self.early_count = 0
        self.slow_count = 0
        self.clocks_dropped = self.slow_dropped = 0
        """Responses of servers, and of routes, that found no place."""
        self.early: list[Early] = []
        self.slow: list[Slow] = []
        self._clocks: dict[str, Clock] = {}
        self._waits: OrderedDict[tuple[str, str], Wait] = OrderedDict()
        self._routes: dict[tuple[str, str], Waits] = {}

    def add(self, response: Response) -> Remarks:
        """Learn from a response, and say what is to be said of it."""
        if response.unanswered or response.status < 200:
            return Remarks(None, None, ())
        self._clock(response)
        origin = origin_of(response)
        early = self._came_back(response, origin)
        return Remarks(early, self._slow(response, origin), caching_faults(response))

    def clocks(self) -> tuple[Clock, ...]:
        """By server address, those that are off first."""
        return tuple(sorted(self._clocks.values(), key=lambda clock: (-abs(clock.ahead_ns), clock.server)))

    def capture_off_ns(self) -> int:
        """How far the capturing machine's own clock is behind: what most servers agree on; 0 when they do not."""
        aheads = sorted(clock.ahead_ns for clock in self._clocks.values())
        if len(aheads) < SERVERS_ENOUGH:
            return 0
        middle = aheads[len(aheads) // 2]
        agreeing = sum(1 for ahead in aheads if abs(ahead - middle) <= CLOCK_OFF_NS)
        return middle if abs(middle) > CLOCK_OFF_NS and agreeing * 2 > len(aheads) else 0

    def _clock(self, response: Response) -> None:
        date = parse_cookie_date(response.header("date"))
        if date is None or not _head_whole(response):
            return
        # RFC 9111 §4.2.3: what comes out of a cache was made Age seconds before it was sent.
        age = number(response.header("age")) or 0
        # The middle of the second that Date names, against the moment when the head began.
        ahead = (date + age) * SECOND + SECOND // 2 - response.first_byte_at
        server = response.flow.server
        before = self._clocks.get(server)
        if before is None:
            if len(self._clocks) >= MAX_SERVERS:
                self.clocks_dropped += 1
                return
            self._clocks[server] = Clock(server, 1, ahead, response.at, response.at)
            return
        self._clocks[server] = Clock(
            server, before.count + 1, max(ahead, before.ahead_ns), before.first_seen, response.at
        )

    def _came_back(self, response: Response, origin: str) -> Early | None:
        request = response.request
        key = response.flow.client, f"{origin} {route_of(response)}"
        early: Early | None = None
        wait = self._waits.get(key)
        if wait is not None and request is not None and request.first_byte_at > wait.asked_at:
            if request.first_byte_at < wait.until:
                early = Early(response.flow.client, origin, wait, request.first_byte_at, response.id)
                self.early_count += 1
                self.early.append(early)
                del self.early[:-MAX_REMARKS]
            else:
                del self._waits[key]
        asked = wait_of(response)
        if asked is not None:
            self._waits[key] = asked
            self._waits.move_to_end(key)
            if len(self._waits) > MAX_WAITS:
                self._waits.popitem(last=False)
        return early

    def _slow(self, response: Response, origin: str) -> Slow | None:
        took = response.first_byte_ns
        if took is None:
            return None
        route = route_of(response)
        past = self._routes.get((origin, route))
        if past is None:
            if len(self._routes) >= MAX_ROUTES:
                self.slow_dropped += 1
                return None
            past = self._routes[origin, route] = Waits(COARSE, 0)
        slow: Slow | None = None
        if past.count >= ENOUGH and took >= SLOW_FLOOR_NS:
            usual, high = past.percentiles(50, 95)
            limit = SLOW_TIMES * (high or 0)
            if took > limit:
                slow = Slow(response.id, origin, route, took, usual or 0, limit)
                self.slow_count += 1
                self.slow.append(slow)
                del self.slow[:-MAX_REMARKS]
        past.add(took)
        return slow


def _head_whole(response: Response) -> bool:
    return not response.midstream and all(gap.offset >= len(response.head) for gap in response.gaps)
