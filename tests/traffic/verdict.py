"""What came out of a capture, held against what was sent: every difference as a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass

from httpresp_capture.records.evidence import Gap
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import Completeness, EndReason, Framing
from traffic.captures import Capture, Told
from traffic.segments import Range
from traffic.values import Ends, Placed

KEPT = 65_536

ENDS: dict[Framing, tuple[EndReason, ...]] = {
    Framing.NONE: (EndReason.NO_BODY,),
    Framing.LENGTH: (EndReason.LENGTH, EndReason.NO_BODY),
    Framing.CHUNKED: (EndReason.LAST_CHUNK,),
    Framing.CLOSE: (EndReason.SERVER_FIN,),
    Framing.TUNNEL: (EndReason.SWITCHED,),
}
"""How each framing ends where nothing is lost."""


UNPAIRED = {"no-request", "too-many-responses"}
"""What may be said of a response whose request is not known."""


@dataclass(frozen=True, slots=True)
class Harm:
    """What the capture lacks of one exchange."""

    ranges: tuple[tuple[int, int], ...]
    """Missing bytes of the response, offsets from its first byte."""
    request: bool
    """Bytes of the head of its request are missing, so nobody can say what it answers."""

    def touches(self, start: int, end: int) -> bool:
        """True when bytes between these offsets are missing."""
        return any(first < end and start < last for first, last in self.ranges)


def harm_of(placed: Placed, missing: tuple[Range, ...]) -> Harm:
    hit = tuple(
        (max(lost.start, placed.start) - placed.start, min(lost.end, placed.end) - placed.start)
        for lost in missing
        if lost.way == "server" and lost.start < placed.end and placed.start < lost.end
    )
    request = any(
        lost.way == "client" and lost.start < placed.request_head_end and placed.request_start < lost.end
        for lost in missing
    )
    return Harm(hit, request)


def exact_differences(placed: Placed, got: Response, *, paired: bool = True) -> Iterator[str]:
    """A response that was captured whole must be right in everything."""
    sent = placed.expected
    if got.status != sent.status or got.reason != sent.reason:
        yield f"status {got.status} {got.reason!r}, sent {sent.status} {sent.reason!r}"
    if got.head != sent.head:
        yield f"head {got.head!r}, sent {sent.head!r}"
    if got.headers.items != sent.fields:
        yield f"fields {got.headers.items!r}, sent {sent.fields!r}"
    if got.framing is not sent.framing:
        yield f"framing {got.framing}, sent {sent.framing}"
    if got.declared != sent.declared:
        yield f"declared {got.declared}, sent {sent.declared}"
    if sent.framing is not Framing.TUNNEL:
        if got.body_bytes != len(sent.body):
            yield f"body of {got.body_bytes}, sent {len(sent.body)}"
        if got.body != sent.body[:KEPT]:
            yield "the bytes of the body differ"
        if got.wire_bytes != sent.wire:
            yield f"{got.wire_bytes} on the wire, sent {sent.wire}"
    if got.trailers.rstrip(b"\r\n") != sent.trailers.rstrip(b"\r\n"):
        yield f"trailers {got.trailers!r}, sent {sent.trailers!r}"
    if got.gaps or got.midstream or got.conflicts:
        yield f"gaps {got.gaps}, midstream {got.midstream}, conflicts {got.conflicts}"
    if got.end not in ENDS[sent.framing]:
        yield f"ended by {got.end}, sent {sent.framing}"
    if got.completeness is not Completeness.COMPLETE:
        yield f"is {got.completeness}"
    if (paired and got.problems) or {problem.name for problem in got.problems} - UNPAIRED:
        yield f"problems {got.problems}"
    if paired:
        yield from _pairing_differences(placed, got)


def _pairing_differences(placed: Placed, got: Response) -> Iterator[str]:
    sent = placed.expected
    if got.request is None:
        yield f"no request, sent {sent.method} {sent.target}"
    elif (got.request.method, got.request.target) != (sent.method, sent.target):
        yield f"paired with {got.request.method} {got.request.target}, sent {sent.method} {sent.target}"


def differences(capture: Capture, responses: tuple[Response, ...]) -> list[str]:
    """All that is wrong, one sentence each; empty for a perfect inspector."""
    rows: dict[Ends, list[Response]] = {}
    for response in responses:
        flow = response.flow
        rows.setdefault(Ends(flow.client, flow.client_port, flow.server, flow.server_port), []).append(response)
    connections: dict[Ends, list[Told]] = {}
    for told in capture.told:
        connections.setdefault(told.ends, []).append(told)
    out = [f"{ends}: nobody spoke there" for ends in rows if ends not in connections]
    for ends, several in connections.items():
        out += [
            f"{ends}: {text}"
            for text in connection_differences(several, sorted(rows.get(ends, []), key=_by_connection))
        ]
    return out


def _by_connection(row: Response) -> tuple[int, int]:
    """Two connections between the same ends may live at once, on two VLANs; each has its own order."""
    return row.flow.id, row.id


Sent = tuple[Placed, Harm, Told]


def connection_differences(several: list[Told], rows: list[Response]) -> Iterator[str]:
    """All connections between the same ends, one after the other, against the rows between these ends."""
    sent = [(placed, harm_of(placed, told.missing), told) for told in several for placed in told.placed]
    unanswered = {row.request.target for row in rows if row.unanswered and row.request}
    explained = set(unanswered)
    place, lost, strange = 0, [], []
    for row in rows:
        if row.unanswered:
            continue
        hit = place_of(row, sent, place)
        if hit is None:
            strange.append(row)
            continue
        lost += sent[place:hit]
        place = hit + 1
        kind = " pipelined" if sent[hit][2].pipelined else ""
        for text in row_differences(*sent[hit], row):
            yield f"#{sent[hit][0].expected.serial} {sent[hit][0].expected.method}{kind}: {text}"
    lost += sent[place:]
    for row in strange:
        if row.completeness is Completeness.COMPLETE:
            yield f"row that nobody sent: {row}"
        elif row.request:
            explained.add(row.request.target)
    if len(strange) > sum(1 for _, harm, _ in lost if harm.ranges):
        yield f"{len(strange)} rows that fit nothing, more than were damaged: {strange[-1]}"
    for placed, harm, told in lost:
        status_line = placed.expected.head.index(b"\n") + 1
        if not harm.touches(0, status_line):
            yield f"#{placed.expected.serial} {placed.expected.status} is missing; not there: {harm}"
        elif not harm.request and not told.pipelined and placed.expected.target not in explained | answered(rows):
            yield f"#{placed.expected.serial} was lost, and its request does not say so"
        unanswered.discard(placed.expected.target)
    for told in several:
        if told.pipelined and told.missing:
            unanswered -= {placed.expected.target for placed in told.placed}
    if unanswered:
        yield f"said to be unanswered, and were answered: {sorted(unanswered)}"


def answered(rows: list[Response]) -> set[str]:
    return {row.request.target for row in rows if row.request}


def place_of(row: Response, sent: list[Sent], start: int) -> int | None:
    """Where a row belongs among what was sent, from `start` on.

    Interim answers of one request may be alike to the letter: then the row is the one that was captured whole.
    """
    fits = [n for n in range(start, len(sent)) if is_of(row, sent[n][0])]
    if not fits:
        return None
    serial = sent[fits[0]][0].expected.serial

    def distance(n: int) -> tuple[bool, bool, bool, int]:
        head, whole = sent[n][0].expected.head, not sent[n][1].ranges
        return head != row.head, not head.startswith(row.head), head == row.head and not whole, n

    return min((n for n in fits if sent[n][0].expected.serial == serial), key=distance)


def is_of(row: Response, placed: Placed) -> bool:
    """True when the row's head is what was sent or the beginning of it, or bears its number."""
    sent = placed.expected
    if row.status != sent.status or not row.head:
        return False
    return sent.head.startswith(row.head) or row.header("x-serial") == str(sent.serial)


def row_differences(placed: Placed, harm: Harm, told: Told, row: Response) -> Iterator[str]:
    """A row against what was sent and what of it was captured."""
    sent = placed.expected
    # Where requests were lost among others that wait, nobody can say which is which: then to have none is honest.
    unknown = harm.request or (told.pipelined and bool(told.missing) and row.request is None)
    known_method = not unknown or sent.method not in ("HEAD", "CONNECT")
    if not harm.ranges:
        if known_method:
            yield from exact_differences(placed, row, paired=not unknown)
        elif (row.status, row.head) != (sent.status, sent.head):
            yield f"head {row.head!r}, sent {sent.head!r}"
        return
    if row.completeness is Completeness.COMPLETE:
        yield f"says that it is complete, and lacks {harm.ranges}"
    if harm.touches(0, len(sent.head)):
        return
    if row.head != sent.head or row.status != sent.status:
        yield f"head {row.head!r}, sent {sent.head!r}"
    last = harm.ranges[-1][1]
    if sent.framing is Framing.LENGTH and known_method and last < sent.wire:
        gaps = tuple(Gap(start, end - start) for start, end in harm.ranges)
        if row.gaps != gaps:
            yield f"gaps {row.gaps}, lost {gaps}"
        if row.body_bytes != len(sent.body) - row.missing_bytes or row.wire_bytes != sent.wire - row.missing_bytes:
            yield f"{row.body_bytes} of {len(sent.body)} bytes of body, and {row.missing_bytes} lost"
