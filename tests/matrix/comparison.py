"""Where our reading and tshark's differ, and which differences are known to be tshark's."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import Completeness, EndReason
from matrix.dissection import Exchange

RENEWED: Final = (
    "TLS 1.2 resumed by a ticket that is renewed: tshark looks the secret up by the new one; told it, it reads the same"
)


@dataclass(frozen=True, slots=True)
class Compared:
    """Both readings of one capture."""

    equal: int
    explained: tuple[str, ...]
    """For each difference that is known, which."""
    different: tuple[str, ...]
    """What nobody explains."""

    @property
    def exchanges(self) -> int:
        return self.equal + len(self.explained) + len(self.different)


def ours(rows: Iterable[Response]) -> dict[tuple[int, int], tuple[Exchange, Response]]:
    """Responses that were read, in tshark's form, by port of the client and stream."""
    found: dict[tuple[int, int], tuple[Exchange, Response]] = {}
    for row in rows:
        if row.is_response:
            one = Exchange(row.flow.client_port, row.stream, row.status, tuple(row.headers), row.body_bytes)
            found[one.place] = one, row
    return found


def compared(rows: Iterable[Response], theirs: Iterable[Exchange], helped: Iterable[Exchange] = ()) -> Compared:
    """Each response that either has seen. `helped` is what tshark reads with the lines of `tickets.completed`."""
    mine = ours(rows)
    other = {one.place: one for one in theirs}
    then = {one.place: one for one in helped}
    equal = 0
    explained: list[str] = []
    different: list[str] = []
    for place in sorted(mine.keys() | other.keys()):
        one, row = mine.get(place, (None, None))
        their = other.get(place)
        if one is not None and one == their:
            equal += 1
        elif one is not None and their is None and one == then.get(place):
            explained.append(RENEWED)
        elif row is not None and (why := known(row, their)):
            explained.append(why)
        else:
            different.append(f"we: {one}\n  tshark: {their}")
    return Compared(equal, tuple(explained), tuple(different))


def known(row: Response, their: Exchange | None) -> str:
    """Why tshark differs there; empty where that is not known."""
    if row.end is EndReason.CLIENT_RESET and their is not None and their.body > row.body_bytes:
        # RFC 9113 §5.4.2: DATA that was under way when the client gave the stream up.
        return "DATA behind the client's RST_STREAM"
    if row.completeness is Completeness.CLOSED_EARLY and their is None:
        return "a body that its end cut short is never whole, and so not shown"
    return ""
