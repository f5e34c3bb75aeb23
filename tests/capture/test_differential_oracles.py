"""Where another parser accepts an answer to the letter, we read the same in it: llhttp by httptools, and h11.

Both are fed well-formed traffic of our own and answers joined at random from pieces that are right and wrong. What
they refuse says nothing here: a tolerant reader has more to say. Where they accept and we differ, `explained` says why.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

import h11
import httptools
import pytest

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import Completeness
from splits import Turn, rows_of
from traffic.messages import Style, after_interim, in_chunks, until_close, with_length, without_body

ASKED = b"".join(b"GET /%d HTTP/1.1\r\nHost: a.test\r\n\r\n" % number for number in range(6))


@dataclass(slots=True)
class Read:
    """One response as a parser reads it."""

    status: int = 0
    reason: bytes = b""
    fields: list[tuple[bytes, bytes]] = field(default_factory=list[tuple[bytes, bytes]])
    body: bytes = b""
    whole: bool = False


def by_us(answer: bytes, *, fin: bool) -> list[Read]:
    turns: list[Turn] = [("client", ASKED), ("server", answer)]
    return [read_of(row) for row in rows_of(turns, (), fin=fin) if not row.unanswered]


def read_of(row: Response) -> Read:
    fields = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in row.headers]
    whole = row.completeness is Completeness.COMPLETE
    return Read(row.status, row.reason.encode("latin-1"), fields, row.body, whole)


class _Listener:
    """What httptools calls."""

    def __init__(self) -> None:
        self.reads: list[Read] = []
        self.parser: httptools.HttpResponseParser | None = None

    def on_message_begin(self) -> None:
        self.reads.append(Read())

    def on_status(self, reason: bytes) -> None:
        self.reads[-1].reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.reads[-1].status and self.parser:
            self.reads[-1].status = self.parser.get_status_code()
        self.reads[-1].fields.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        if self.parser:
            self.reads[-1].status = self.parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self.reads[-1].body += body

    def on_message_complete(self) -> None:
        self.reads[-1].whole = True


def by_llhttp(answer: bytes) -> list[Read] | None:
    """None where it refuses, or where the end of the connection would have to be told, which httptools cannot."""
    listener = _Listener()
    parser = listener.parser = httptools.HttpResponseParser(listener)
    try:
        parser.feed_data(answer)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    reads = [read for read in listener.reads if read.whole]
    return reads if len(reads) == len(listener.reads) and reads else None


def by_h11(answer: bytes) -> list[Read] | None:
    """None where it refuses."""
    connection = h11.Connection(h11.CLIENT)
    reads: list[Read] = []
    try:
        connection.receive_data(answer)
        connection.receive_data(b"")
        for _ in range(6):
            connection.send(h11.Request(method="GET", target="/", headers=[("Host", "a.test")]))
            connection.send(h11.EndOfMessage())
            reads.extend(_one_cycle(connection))
            if connection.their_state is not h11.DONE or not connection.trailing_data[0]:
                return reads
            connection.start_next_cycle()
    except h11.ProtocolError:
        return None
    return reads


def _one_cycle(connection: h11.Connection) -> Iterator[Read]:
    current = Read()
    while True:
        event = connection.next_event()
        match event:
            case h11.InformationalResponse() | h11.Response():
                fields = [(bytes(name), bytes(value)) for name, value in event.headers]
                current = Read(event.status_code, bytes(event.reason), fields)
                if isinstance(event, h11.InformationalResponse):
                    current.whole = True
                    yield current
            case h11.Data():
                current.body += bytes(event.data)
            case h11.EndOfMessage():
                current.whole = True
                yield current
                return
            case _:
                return


Oracle = Callable[[bytes], "list[Read] | None"]


def explained(oracle: str, theirs: list[Read], ours: list[Read]) -> str:
    """Why we differ and are right; empty where nothing explains it."""
    if oracle == "llhttp":
        trailing = [read.fields[: len(mine.fields)] == mine.fields for read, mine in zip(theirs, ours, strict=False)]
        same = all(t.status == o.status and t.body == o.body for t, o in zip(theirs, ours, strict=False))
        if len(theirs) == len(ours) and all(trailing) and same:
            return "httptools gives trailers as if they were fields of the head (RFC 9110 §6.5.1 forbids to merge them)"
    return ""


FRAMING_FIELDS = (b"content-length", b"transfer-encoding")


def compared(reads: list[Read], oracle: str) -> list[tuple[object, ...]]:
    """What is held against each other. h11 writes the fields of framing anew (joined, in small letters)."""
    left_out = FRAMING_FIELDS if oracle == "h11" else ()
    return [
        (read.status, [item for item in read.fields if item[0] not in left_out], read.body, read.whole)
        for read in reads
    ]


def disagreement(oracle: str, answer: bytes, theirs: list[Read]) -> str:
    """What differs, or nothing."""
    ours = by_us(answer, fin=oracle == "h11")
    if oracle == "h11":
        # h11 stops after a response that closes; what follows is not its matter.
        ours = ours[: len(theirs)]
    got, wanted = compared(ours, oracle), compared(theirs, oracle)
    if got == wanted or explained(oracle, theirs, ours):
        return ""
    return f"{oracle} on {answer[:300]!r}:\n theirs {str(wanted)[:300]}\n ours   {str(got)[:300]}"


ORACLES: tuple[tuple[str, Oracle], ...] = (("llhttp", by_llhttp), ("h11", by_h11))


def well_formed() -> Iterator[bytes]:
    style = Style(largest=400, traps=True)
    for seed in range(400):
        rng = Random(seed)
        kinds = [rng.choice((with_length, in_chunks, without_body, after_interim)) for _ in range(rng.randrange(1, 4))]
        if rng.random() < 0.3:
            kinds.append(until_close)
        yield b"".join(b"".join(kind(rng, number, style).answers) for number, kind in enumerate(kinds))


PIECES = (
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 204 No Content\r\n",
    b"HTTP/1.1 304 Not Modified\r\n",
    b"HTTP/1.0 200 \r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 404\r\n",
    b"HTTP/1.1 200 OK\n",
    b"http/1.1 200 OK\r\n",
    b"HTTP/1.1  200 OK\r\n",
    b"HTTP/2.0 200 OK\r\n",
    b"HTTP/1.1 99 No\r\n",
    b"HTTP/1.1 600 No\r\n",
)
FIELDS = (
    b"Content-Length: 3\r\n",
    b"Content-Length: 3\r\n",
    b"Content-Length: 0\r\n",
    b"content-length:3\r\n",
    b"Content-Length: 3, 3\r\n",
    b"Content-Length: +3\r\n",
    b"Content-Length : 3\r\n",
    b"Content-Length: 03\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: CHUNKED\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding:\r\n chunked\r\n",
    b"Connection: close\r\n",
    b"X-A: b\r\n",
    b"X-A:\tc \r\n",
    b"X-A: b\n",
    b"X A: b\r\n",
    b"X-A\r\n",
    b": x\r\n",
    b"X-\xe9: \xe9\r\n",
    b"X-N: a\x00b\r\n",
    b"X-F: a\r\n b\r\n",
    b"X-C: a\rb\r\n",
)
BODIES = (
    b"",
    b"abc",
    b"abc",
    b"3\r\nabc\r\n0\r\n\r\n",
    b"3;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
    b"3\nabc\n0\n\n",
    b"03\r\nabc\r\n00\r\n\r\n",
    b"0\r\n\r\n",
    b"3 \r\nabc\r\n0\r\n\r\n",
    b"-3\r\nabc\r\n",
    b"0x3\r\nabc\r\n0\r\n\r\n",
    b"abcd",
    b"3\r\nabcd\r\n0\r\n\r\n",
    b"\r\n",
)


def joined_at_random() -> Iterator[bytes]:
    rng = Random(4)

    def mostly_good(pieces: tuple[bytes, ...], good: int) -> bytes:
        return pieces[rng.randrange(good)] if rng.random() < 0.8 else rng.choice(pieces)

    for _ in range(6_000):
        parts: list[bytes] = []
        for _ in range(rng.choice((1, 1, 2, 3))):
            parts.append(mostly_good(PIECES, 4))
            parts += [mostly_good(FIELDS, 4) for _ in range(rng.randrange(3))]
            parts += (b"\r\n" if rng.random() < 0.95 else b"\n", mostly_good(BODIES, 4))
        yield b"".join(parts)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "oracle"), ORACLES, ids=[name for name, _ in ORACLES])
@pytest.mark.parametrize("answers", [well_formed, joined_at_random])
def test_what_another_parser_accepts_we_read_the_same(
    name: str, oracle: Oracle, answers: Callable[[], Iterator[bytes]]
) -> None:
    accepted = 0
    found: list[str] = []
    for answer in answers():
        theirs = oracle(answer)
        if theirs is None:
            continue
        accepted += 1
        if difference := disagreement(name, answer, theirs):
            found.append(difference)
    assert accepted > 150, "the oracle accepted too little to say anything"
    assert not found, f"{len(found)} of {accepted}:\n" + "\n".join(found[:12])
