"""The same conversation cut in every other way: whole, byte by byte, at each place, and with bytes following.

`every_split` takes the two byte streams of a conversation and yields what came of each way to cut what the server
sent. Whatever the cut, the same responses must come out; `essence` is what must be the same of each.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from httpresp_capture.records.exchange import Response
from traffic.frames import ETHERNET, Framer, Route
from traffic.segments import opening
from traffic.values import ACK, FIN, Ends, Frame, PacketPath, Segment
from traffic.watching import watch

ENDS = Ends("10.0.0.1", 40_000, "10.0.0.2", 80)
START = 1_700_000_000_000_000_000
FOLLOWING = b"HTTP/1.1 299 Following\r\nContent-Length: 0\r\n\r\n"

Turn = tuple[PacketPath, bytes]


def cut_frames(turns: Iterable[Turn], cuts: Iterable[int], *, fin: bool = False) -> list[Frame]:
    """The frames of a conversation; what the server sends is cut at these offsets of its stream."""
    framer = Framer(Route(ENDS))
    sent: dict[PacketPath, int] = {"client": 0, "server": 0}
    places = sorted(set(cuts))
    segments = opening()
    for way, data in turns:
        start, end = sent[way], sent[way] + len(data)
        borders = [start, *(place for place in places if way == "server" and start < place < end), end]
        other: PacketPath = "server" if way == "client" else "client"
        segments += [
            Segment(way, first, data[first - start : last - start], ACK, sent[other])
            for first, last in pairwise(borders)
        ]
        sent[way] = end
    if fin:
        segments.append(Segment("server", sent["server"], b"", FIN | ACK, sent["client"]))
        segments.append(Segment("client", sent["client"], b"", FIN | ACK, sent["server"] + 1))
    frames = [framer.frame(segment) for segment in segments]
    return [Frame(START, ETHERNET, data, len(data)) for data in frames]


def rows_of(turns: Iterable[Turn], cuts: Iterable[int], *, fin: bool = False) -> tuple[Response, ...]:
    return watch(cut_frames(turns, cuts, fin=fin)).responses


def every_split(turns: list[Turn], *, fin: bool = False) -> Iterator[tuple[str, tuple[Response, ...]]]:
    """(how it was cut, the rows) for each way to cut what the server sent."""
    size = sum(len(data) for way, data in turns if way == "server")
    yield "whole", rows_of(turns, (), fin=fin)
    yield "byte by byte", rows_of(turns, range(size), fin=fin)
    for place in range(1, size):
        yield f"cut at {place}", rows_of(turns, (place,), fin=fin)


def followed(turns: list[Turn]) -> list[Turn]:
    """The same with another request, whose answer comes in the segment of the last bytes."""
    last = max(place for place, (way, _) in enumerate(turns) if way == "server")
    before, after = turns[:last], turns[last + 1 :]
    return [*before, ("client", b"GET /following HTTP/1.1\r\n\r\n"), ("server", turns[last][1] + FOLLOWING), *after]


Essence = tuple[object, ...]


def essence(row: Response) -> Essence:
    """What does not depend on how the bytes were cut into packets (the words of a problem may: they quote one)."""
    problems = sorted((problem.name, problem.offset) for problem in row.problems)
    request = (row.request.method, row.request.target) if row.request else None
    return (
        row.status, row.head, row.protocol, row.framing, row.declared, row.body, row.body_bytes, row.wire_bytes,
        row.trailers, row.end, row.gaps, problems, row.completeness, request,
    )  # fmt: skip
