"""Errors by cause: what of a thousand failed answers is one and the same failure.

The cause is guessed from a fingerprint: status, type, title, family of the stack trace and the shape of the body with
everything masked that differs from one request to the next. gRPC fails with status 200 and says so in `grpc-status`.
"""

import json
import re
from hashlib import blake2s

from httpresp_capture.analysis.findings import origin_of
from httpresp_capture.analysis.routes import route_of
from httpresp_capture.analysis.sightings import Sightings
from httpresp_capture.checks.context import Context, Options
from httpresp_capture.checks.err_sql import phrase_in
from httpresp_capture.checks.err_trace import trace_in
from httpresp_capture.checks.evidence import visible, without_literals
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.headers import Headers
from httpresp_capture.records.record import record
from httpresp_capture.redaction import without_secrets, without_secrets_of_body

MAX_CLUSTERS = 2_000
MAX_PLACES = 8
MAX_ROUTES = 20_000
SUDDEN_BEFORE = 10
"""Answers of a route before the first failure from which it can be said that something changed."""
SUDDEN_SHARE = 0.2
"""Share of failures since then."""

_TITLE = re.compile(r"<title[^>]{0,100}>\s*([^<]{1,200})", re.IGNORECASE)
_HEADING = re.compile(r"<h1[^>]{0,100}>\s*([^<]{1,200})", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,300}>")
_MASKS = (
    (re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"), "#"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,16}"), "#"),
    (re.compile(r"\b(?=[0-9a-fA-F]{0,64}\d)[0-9a-fA-F]{8,64}\b"), "#"),
    (re.compile(r"\b(?=[\w+/-]{0,80}\d)(?=[\w+/-]{0,80}[A-Za-z])[\w+/-]{20,80}"), "#"),
    (re.compile(r"\d+"), "#"),
    (re.compile(r"#(?:[.,:#-]+#)+"), "#"),
    (re.compile(r"\s+"), " "),
)
_TELLING = ("title", "error", "message", "code", "type", "detail", "reason", "status", "error_description", "name")
"""Keys of a JSON error whose values tell the cause (RFC 9457 and custom)."""
_SHAPE = 240

GRPC_CODES = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
]
"""By number, as in gRPC's status codes."""


@record
class Fingerprint:
    """What makes two failures one."""

    status: int
    media_type: str
    title: str
    stack: str
    """Family of the stack trace, e.g. `Python`; empty for none."""
    shape: str
    grpc: str = ""
    """Name of the gRPC code; empty for a failure of HTTP."""

    @property
    def id(self) -> str:
        """Eight hexadecimal digits, the same in every run."""
        text = "\0".join((str(self.status), self.media_type, self.title, self.stack, self.shape, self.grpc))
        return blake2s(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()

    @property
    def label(self) -> str:
        """A few words for the cause."""
        code = f"gRPC {self.grpc}" if self.grpc else str(self.status)
        return " · ".join(part for part in (code, self.stack, self.title or self.shape[:80]) if part)


@record
class Cluster:
    """One cause, over all responses that show it."""

    fingerprint: Fingerprint
    count: int
    first_seen: int
    last_seen: int
    origins: tuple[str, ...]
    routes: tuple[str, ...]
    samples: tuple[int, ...]
    before: int
    """Answers that the routes of this cause had given before it was first seen there."""
    since: int
    """Answers of these routes since, this cause among them."""
    elsewhere: int = 0
    """How often at further origins and routes than those that are named."""

    @property
    def share(self) -> float:
        """How much of what these routes answered since is this failure."""
        return self.count / self.since if self.since else 1.0

    @property
    def began_suddenly(self) -> bool:
        """The routes had worked, and then it began: look at what was deployed at `first_seen`."""
        return self.before >= SUDDEN_BEFORE and self.share >= SUDDEN_SHARE


class _Tally:
    __slots__ = ("elsewhere", "fingerprint", "places", "seen")

    def __init__(self, fingerprint: Fingerprint, at: int) -> None:
        self.fingerprint = fingerprint
        self.seen = Sightings(at)
        self.places: dict[tuple[str, str], int] = {}
        """Origin and route → how much it had answered when this cause was first seen there."""
        self.elsewhere = 0


class ErrorClusters:
    """Feed it ended responses, good ones too: they say since when a route fails."""

    def __init__(self, options: Options | None = None, max_clusters: int = MAX_CLUSTERS) -> None:
        self.options = options or Options()
        self.max_clusters = max_clusters
        self.dropped = 0
        """Failures that found no place."""
        self._by_id: dict[str, _Tally] = {}
        self._answers: dict[tuple[str, str], int] = {}

    def add(self, response: Response) -> Fingerprint | None:
        """Count a response in; gives the fingerprint of a failure."""
        if response.unanswered or response.status < 200:
            return None
        place = origin_of(response), route_of(response)
        answered = self._answers.get(place, 0)
        if answered or len(self._answers) < MAX_ROUTES:
            self._answers[place] = answered + 1
        fingerprint = fingerprint_of(response, self.options)
        if fingerprint is None:
            return None
        tally = self._by_id.get(fingerprint.id)
        if tally is None:
            if len(self._by_id) >= self.max_clusters:
                self.dropped += 1
                return fingerprint
            tally = self._by_id[fingerprint.id] = _Tally(fingerprint, response.at)
        tally.seen.add(response)
        if place not in tally.places:
            if len(tally.places) < MAX_PLACES:
                tally.places[place] = answered
            else:
                tally.elsewhere += 1
        return fingerprint

    def clusters(self) -> tuple[Cluster, ...]:
        """The most frequent first."""
        made = [self._cluster(tally) for tally in self._by_id.values()]
        made.sort(key=lambda cluster: (-cluster.count, cluster.first_seen, cluster.fingerprint.id))
        return tuple(made)

    def _cluster(self, tally: _Tally) -> Cluster:
        seen = tally.seen
        before = sum(tally.places.values())
        total = sum(self._answers.get(place, 0) for place in tally.places)
        return Cluster(
            fingerprint=tally.fingerprint,
            count=seen.count,
            first_seen=seen.first_seen,
            last_seen=seen.last_seen,
            origins=tuple(dict.fromkeys(origin for origin, _ in tally.places)),
            routes=tuple(dict.fromkeys(route for _, route in tally.places)),
            samples=seen.samples,
            before=before,
            since=max(total - before, seen.count),
            elsewhere=tally.elsewhere,
        )


def fingerprint_of(response: Response, options: Options | None = None) -> Fingerprint | None:
    """The fingerprint of a failed response; None for one that did not fail, or of which too little was seen."""
    context = Context(response, options or Options())
    if not context.head_ok:
        return None
    grpc = _grpc_failure(context)
    if grpc is not None:
        code, message = grpc
        return Fingerprint(context.status, context.media_type, masked(message), "", "", code)
    if context.status < 400:
        return None
    text = context.text
    trace = trace_in(text)
    title = _title(text) if text else ""
    return Fingerprint(
        status=context.status,
        media_type=context.media_type,
        title=title,
        stack=trace[0] if trace else "",
        shape=_shape(text, context.media_type),
    )


def masked(text: str) -> str:
    """A text with everything masked that differs from one request to the next, on one line, bounded."""
    text = without_secrets(text[: _SHAPE * 4])
    if phrase_in(text):
        text = without_literals(text)
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return visible(text.strip(), _SHAPE)


def _grpc_failure(context: Context) -> tuple[str, str] | None:
    """(name of the code, message) of a gRPC answer that is not OK: in the trailers, without a body in the head."""
    if not context.media_type.startswith("application/grpc"):
        return None
    trailers = Headers.from_fields(context.response.trailers)
    status = trailers.get("grpc-status") or context.first("grpc-status")
    if not (status.isascii() and status.isdigit()) or status.strip("0") == "":
        return None
    number = int(status[:9])
    name = GRPC_CODES[number] if number < len(GRPC_CODES) else status[:9]
    return name, trailers.get("grpc-message") or context.first("grpc-message")


def _title(text: str) -> str:
    match = _TITLE.search(text, 0, 16_384) or _HEADING.search(text, 0, 16_384)
    return masked(match[1]) if match else ""


def _shape(text: str, media_type: str) -> str:
    if not text:
        return ""
    if media_type.endswith("json") and (shape := _json_shape(text)):
        return shape
    if "<" in text[:200]:
        # What a tag says of its text is gone with the tag.
        text = _TAG.sub(" ", without_secrets_of_body(text[:16_384]))
    return masked(text)


def _json_shape(text: str) -> str:
    """The keys of a JSON error, with the masked values of those that tell the cause."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if isinstance(value, dict) and isinstance(value.get("error"), dict):
        value = value["error"]
    if not isinstance(value, dict):
        return ""
    parts: list[str] = []
    for key in sorted(map(str, value))[:20]:
        item = value.get(key)
        telling = key.lower() in _TELLING and isinstance(item, str | int)
        parts.append(f"{key[:40]}={masked(str(item))[:80]}" if telling else key[:40])
    return visible(", ".join(parts), _SHAPE)
