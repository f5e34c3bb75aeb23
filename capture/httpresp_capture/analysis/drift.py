"""Header drift: what the responses of a route usually look like, and the odd one that does not.

Of each origin, route, status and type the set of header names, the `Server` value and the flags of cookies are
learned as profiles, of which there are few. Once enough were seen, a rare profile is held against what is usual, and
what differs is named: the one backend that lost its policy.
"""

from collections import Counter
from hashlib import blake2s

from httpresp_capture.analysis.findings import origin_of
from httpresp_capture.analysis.routes import route_of
from httpresp_capture.analysis.sightings import Sightings
from httpresp_capture.checks.context import Context, Options
from httpresp_capture.checks.evidence import cookie_attributes
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record

MAX_GROUPS = 5_000
MAX_PROFILES = 64
"""Of one group; a group with more is too lively to have a usual look."""
ENOUGH = 10
"""Responses of a group before anything is called odd."""
USUAL = 0.9
ODD = 0.1

PASSING = frozenset(
    [
        "date",
        "age",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "set-cookie",
        "trailer",
        "content-range",
        "content-encoding",
        "retry-after",
        "etag",
        "last-modified",
        "expires",
        "warning",
        "location",
        "content-location",
    ]
)
"""Headers whose presence depends on the moment, the client or the content."""


@record
class Group:
    """What is compared with one another."""

    origin: str
    route: str
    status: int
    media_type: str


@record
class Difference:
    """One way in which a response is not as usual."""

    kind: str
    """`missing header`, `extra header`, `server` or `cookie`."""
    name: str
    found: str
    """What it is here; empty for a missing header."""
    usual: str
    """What it is otherwise; empty for an extra header."""
    share: float
    """Of the responses that have what is usual."""


@record
class OddOne:
    """A rare look of a group, with what differs."""

    id: str
    """Of this look, the same in every run: eight hexadecimal digits."""
    group: Group
    differences: tuple[Difference, ...]
    count: int
    of: int
    """Responses of the group."""
    first_seen: int
    last_seen: int
    samples: tuple[int, ...]


@record
class _Profile:
    names: frozenset[str]
    values: tuple[tuple[str, str, str], ...]
    """(kind, name, value) of what is compared by value."""


class _Group:
    __slots__ = ("dropped", "profiles", "total")

    def __init__(self) -> None:
        self.profiles: dict[tuple[frozenset[str], tuple[tuple[str, str, str], ...]], Sightings] = {}
        self.total = 0
        self.dropped = 0


class Drift:
    """Feed it ended responses; ask for the odd ones."""

    def __init__(self, max_groups: int = MAX_GROUPS) -> None:
        self.max_groups = max_groups
        self.groups_dropped = 0
        """Responses of groups that found no place."""
        self._groups: dict[tuple[str, str, int, str], _Group] = {}

    def add(self, response: Response) -> None:
        """Learn from one response; one without a whole head teaches nothing."""
        context = Context(response, Options())
        if not context.head_ok:
            return
        key = _key(context)
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= self.max_groups:
                self.groups_dropped += 1
                return
            group = self._groups[key] = _Group()
        group.total += 1
        profile = _profile(context)
        seen = group.profiles.get((profile.names, profile.values))
        if seen is None:
            if len(group.profiles) >= MAX_PROFILES:
                group.dropped += 1
                return
            seen = group.profiles[profile.names, profile.values] = Sightings(response.at)
        seen.add(response)

    def differences(self, response: Response) -> tuple[Difference, ...]:
        """How one response differs from what is usual for its group so far; empty when it does not, or too few came."""
        context = Context(response, Options())
        if not context.head_ok:
            return ()
        group = self._groups.get(_key(context))
        if group is None:
            return ()
        profile = _profile(context)
        seen = group.profiles.get((profile.names, profile.values))
        if seen is None or not _is_rare(seen, group):
            return ()
        return _differences(profile, *_usual(group))

    def odd_ones(self) -> tuple[OddOne, ...]:
        """Every rare look with what differs, the newest first."""
        found: list[OddOne] = []
        for (origin, route, status, media_type), group in self._groups.items():
            if group.total < ENOUGH or len(group.profiles) < 2:
                continue
            usual = _usual(group)
            for (names, values), seen in group.profiles.items():
                if _is_rare(seen, group) and (different := _differences(_Profile(names, values), *usual)):
                    found.append(
                        OddOne(
                            id=_id((origin, route, status, media_type), names, values),
                            group=Group(origin, route, status, media_type),
                            differences=different,
                            count=seen.count,
                            of=group.total,
                            first_seen=seen.first_seen,
                            last_seen=seen.last_seen,
                            samples=seen.samples,
                        )
                    )
        found.sort(key=lambda odd: (-odd.last_seen, odd.group.origin, odd.group.route))
        return tuple(found)


def look_of(response: Response) -> str | None:
    """The id of how a response looks, that of an `OddOne` where it is odd; None without a whole head."""
    context = Context(response, Options())
    if not context.head_ok:
        return None
    profile = _profile(context)
    return _id(_key(context), profile.names, profile.values)


def _id(key: tuple[str, str, int, str], names: frozenset[str], values: tuple[tuple[str, str, str], ...]) -> str:
    text = repr((key, sorted(names), values))
    return blake2s(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def _key(context: Context) -> tuple[str, str, int, str]:
    return origin_of(context.response), route_of(context.response), context.status, context.media_type


def _profile(context: Context) -> _Profile:
    values = [("server", "server", value) for value in context.all("server")]
    salt = context.options.salt
    values += [("cookie", line.cookie.name, cookie_attributes(line.cookie, salt)) for line in context.cookies]
    return _Profile(frozenset(context.by_name) - PASSING, tuple(sorted(values)))


def _is_rare(seen: Sightings, group: _Group) -> bool:
    return group.total >= ENOUGH and seen.count <= group.total * ODD


def _usual(group: _Group) -> tuple[dict[str, float], dict[tuple[str, str], Counter[str]]]:
    """(share of responses by header name, how often each value by kind and name)."""
    names: Counter[str] = Counter()
    values: dict[tuple[str, str], Counter[str]] = {}
    counted = 0
    for (present, valued), seen in group.profiles.items():
        counted += seen.count
        for name in present:
            names[name] += seen.count
        for kind, name, value in valued:
            values.setdefault((kind, name), Counter())[value] += seen.count
    return {name: count / counted for name, count in names.items()}, values


def _differences(
    profile: _Profile, shares: dict[str, float], values: dict[tuple[str, str], Counter[str]]
) -> tuple[Difference, ...]:
    found = [
        Difference("missing header", name, "", name, share)
        for name, share in shares.items()
        if share >= USUAL and name not in profile.names
    ]
    found += [
        Difference("extra header", name, name, "", 1 - shares[name])
        for name in profile.names
        if shares.get(name, 0.0) <= ODD
    ]
    for kind, name, value in profile.values:
        counts = values[kind, name]
        usual, count = counts.most_common(1)[0]
        share = count / counts.total()
        if value != usual and share >= USUAL and counts.total() >= ENOUGH:
            found.append(Difference(kind, name, value, usual, share))
    found.sort(key=lambda difference: (difference.kind != "missing header", difference.kind, difference.name))
    return tuple(found)
