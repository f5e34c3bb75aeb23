"""The captures of the suite, and the truth about each.

Every response carries its number in `X-Number`, so that one that is missing, doubled or given the wrong body shows in
a sum. `lossy` loses segments that lie wholly inside a body and never the last one, so that what must be found is
known to the byte; `lost` loses whole responses and whatever else stands in one packet.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from json import dumps, loads
from pathlib import Path
from random import Random

from hpack import Encoder

from benchmarks import wire
from benchmarks.wire import Frames, Line, mixed, new_line, pieces, write_pcap

SEED = 4
STATUSES = (b"200 OK",) * 8 + (b"404 Not Found", b"500 Internal Server Error", b"304 Not Modified")
HEAD = (
    b"HTTP/1.1 %b\r\nServer: nginx/1.22.1\r\nDate: Thu, 23 Nov 2023 03:43:09 GMT\r\n"
    b"Content-Type: application/json; charset=utf-8\r\n%bConnection: keep-alive\r\n"
    b"Cache-Control: no-store, max-age=0\r\nX-Number: %d\r\nX-Frame-Options: DENY\r\n"
    b"X-Content-Type-Options: nosniff\r\nVary: Accept-Encoding\r\nSet-Cookie: sid=%d; Path=/; HttpOnly\r\n"
    b'ETag: "%x"\r\n%b\r\n'
)
"""Twelve fields; Content-Length or Transfer-Encoding is one of them, and more may follow the last."""
ASKED = (
    b"GET /api/v1/items/%d?page=2 HTTP/1.1\r\nHost: shop.example.com\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\n\r\n"
)
LOST = re.compile(rb"HTTP/1.1 (\d+) (?s:.*)\nContent-Length: (\d+)\r(?s:.*)\nX-Number: (\d+)\r")
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FILLER = bytes(range(33, 123)) * 12_000


@dataclass(frozen=True, slots=True)
class Truth:
    """What a capture holds; sums, so that it is compared at once."""

    packets: int = 0
    responses: int = 0
    numbers: int = 0
    """Sum of the numbers that the responses carry."""
    statuses: int = 0
    """Sum of the status codes."""
    body_bytes: int = 0
    """Captured bytes of bodies, without framing."""
    missing_bytes: int = 0
    """Bytes that the capture has lost."""


class Talk:
    """Makes conversations, and adds up what is in them."""

    def __init__(self, rng: Random, line: Callable[[Random, int], Line] = new_line) -> None:
        self.rng = rng
        self._line = line
        self.said = 0
        """Responses so far, those that are lost among them."""
        self.responses = self.numbers = self.statuses = self.body_bytes = self.missing_bytes = 0

    def line(self, number: int) -> Line:
        """The connection of that number."""
        return self._line(self.rng, number)

    @property
    def truth(self) -> Truth:
        return Truth(0, self.responses, self.numbers, self.statuses, self.body_bytes, self.missing_bytes)

    def response(self, body: bytes, chunked: bool = False, more: bytes = b"") -> tuple[int, bytes]:
        """The next response: its number, and its bytes."""
        self.responses += 1
        self.said += 1
        number = self.said
        status = self.rng.choice(STATUSES)
        if status.startswith(b"304"):
            body = b""
        self.numbers += number
        self.statuses += int(status[:3])
        self.body_bytes += len(body)
        if chunked and not status.startswith(b"304"):
            framing, sent = b"Transfer-Encoding: chunked\r\n", _chunked(self.rng, body)
        else:
            framing, sent = b"Content-Length: %d\r\n" % len(body), body
        return number, HEAD % (status, framing, number, number, number, more) + sent

    def exchanges(self, line: Line, count: int, make: Callable[[], tuple[int, bytes]]) -> Frames:
        """A kept-alive connection; each segment of data is acknowledged bare, every second one of a long answer."""
        yield from line.opening()
        for turn in range(count):
            number, answer = make()
            yield line.ask(line.from_client(ASKED % number))
            answer = line.from_server(answer)
            for place, piece in enumerate(pieces(answer)):
                yield line.answer(piece)
                if place % 2 or place * wire.MSS + len(piece) == len(answer):
                    yield line.ask()
            if turn % 2:
                yield line.answer()
        yield from line.closing()

    def lossy_exchanges(self, line: Line, count: int) -> Frames:
        """Two of a hundred segments of a body are not captured, as many come twice, five change places."""
        yield from line.opening()
        for _ in range(count):
            number, answer = self.response(FILLER[: self.rng.randrange(4_000, 16_000)])
            yield line.ask(ASKED % number)
            yield from self._battered(line, answer)
            yield line.ask()
        yield from line.closing()

    def streams(self, line: Line, count: int) -> Frames:
        """A connection of HTTP/2: the same exchanges, one stream each, header blocks compressed as usual."""
        asking, answering = Encoder(), Encoder()
        yield from line.opening()
        yield line.ask(line.from_client(PREFACE + _frame(4, 0, 0, b"")))
        yield line.answer(line.from_server(_frame(4, 0, 0, b"") + _frame(4, 1, 0, b"")))
        yield line.ask(line.from_client(_frame(4, 1, 0, b"")))
        for stream in range(1, 2 * count, 2):
            number, answer = self.response(b'{"id":%d,"stock":true}' % (self.said + 1))
            head, _, body = answer.partition(b"\r\n\r\n")
            status, *fields = head.split(b"\r\n")
            told = [(b":status", status.split()[1])]
            pairs = [field.split(b": ", 1) for field in fields]
            told += [(name.lower(), value) for name, value in pairs if name != b"Connection"]
            asked = [(b":method", b"GET"), (b":scheme", b"http"), (b":authority", b"shop.example.com")]
            asked += [(b":path", b"/api/v1/items/%d?page=2" % number), (b"user-agent", b"Mozilla/5.0 (X11; Linux)")]
            yield line.ask(line.from_client(_frame(1, 5, stream, asking.encode(asked))))
            block = _frame(1, 4 if body else 5, stream, answering.encode(told))
            yield line.answer(line.from_server(block + (_frame(0, 1, stream, body) if body else b"")))
            yield line.ask()
        yield from line.closing()

    def thinned(self, frames: Frames) -> Frames:
        """One of a hundred frames is not captured: requests, responses, acknowledgements, handshakes."""
        for frame in frames:
            if self.rng.random() >= 0.01:
                yield frame
                continue
            lost = LOST.search(frame)
            if lost is not None:
                self.responses -= 1
                self.statuses -= int(lost[1])
                self.body_bytes -= int(lost[2])
                self.numbers -= int(lost[3])

    def _battered(self, line: Line, answer: bytes) -> Frames:
        sent = [(len(piece), line.answer(piece)) for piece in pieces(answer)]
        kept: list[bytes] = []
        for place, (size, frame) in enumerate(sent):
            chance = self.rng.random()
            if chance < 0.02 and 0 < place < len(sent) - 1:
                self.missing_bytes += size
                self.body_bytes -= size
                continue
            kept.append(frame)
            if chance > 0.98:
                kept.append(frame)
        for place in range(2, len(kept)):
            if self.rng.random() < 0.05:
                kept[place - 1], kept[place] = kept[place], kept[place - 1]
        yield from kept


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """A frame of HTTP/2."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def _chunked(rng: Random, body: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while at < len(body):
        size = rng.randrange(50, 4_000)
        part = body[at : at + size]
        parts.append(b"%x\r\n%b\r\n" % (len(part), part))
        at += size
    return b"".join(parts) + b"0\r\n\r\n"


Conversations = Iterator[Frames]


def small(talk: Talk, count: int) -> Conversations:
    return _kept_alive(talk, count, 50, lambda: talk.response(b'{"id":%d,"stock":true}' % (talk.said + 1)))


def bulk(talk: Talk, count: int) -> Conversations:
    return _kept_alive(talk, count, 10, lambda: talk.response(FILLER[: talk.rng.randrange(20_000, 400_000)]))


def chunked(talk: Talk, count: int) -> Conversations:
    return _kept_alive(talk, count, 20, lambda: talk.response(FILLER[: talk.rng.randrange(200, 12_000)], chunked=True))


def heads(talk: Talk, count: int) -> Conversations:
    def make() -> tuple[int, bytes]:
        number = talk.said + 1
        policy = b"; ".join([b"script-src-%d 'self' https://cdn%d.example" % (part, part) for part in range(40)])
        cookies = b"".join([b"Set-Cookie: c%d=%064x; Path=/; Secure\r\n" % (part, number) for part in range(16)])
        return talk.response(b"{}", more=b"Content-Security-Policy: %b\r\n%b" % (policy, cookies))

    return _kept_alive(talk, count, 50, make)


def lossy(talk: Talk, count: int) -> Conversations:
    for number in range(max(1, count // 20)):
        yield talk.lossy_exchanges(talk.line(number), 20)


def lost(talk: Talk, count: int) -> Conversations:
    for number in range(max(1, count // 200)):
        line = talk.line(number)
        yield talk.thinned(talk.exchanges(line, min(count, 200), lambda: talk.response(b'{"id":%d}' % talk.said)))


def http2(talk: Talk, count: int) -> Conversations:
    for number in range(max(1, count // 50)):
        yield talk.streams(talk.line(number), 50)


def flows(talk: Talk, count: int) -> Conversations:
    return _kept_alive(talk, count, 1, lambda: talk.response(b"[]"))


def _kept_alive(talk: Talk, count: int, each: int, make: Callable[[], tuple[int, bytes]]) -> Conversations:
    for number in range(max(1, count // each)):
        yield talk.exchanges(talk.line(number), each, make)


@dataclass(frozen=True, slots=True)
class Case:
    """One capture."""

    idea: str
    make: Callable[[Talk, int], Conversations]
    full: int
    """Responses at full size."""
    short: int
    together: int = 32
    """Connections that talk at once."""
    secured: bool = False
    """In TLS; the capture holds the secrets."""


CASES: dict[str, Case] = {
    "small": Case("small kept-alive responses of 12 fields, bare acknowledgements included", small, 155_000, 3_000),
    "bulk": Case("bodies of 20 to 400 kB", bulk, 1_000, 20),
    "chunked": Case("chunked bodies up to 12 kB", chunked, 40_000, 500),
    "lossy": Case("bodies of 4 to 16 kB; 2 % of the segments lost, 2 % repeated, 5 % out of order", lossy, 24_000, 400),
    "lost": Case("small kept-alive responses; one of a hundred packets lost, whatever it is", lost, 167_200, 3_000),
    "http2": Case("the same responses as streams of HTTP/2, 50 a connection", http2, 100_000, 2_000),
    "flows": Case("one exchange a connection, a thousand connections at once", flows, 100_000, 1_500, 1_000),
    "heads": Case("heads of 4 kB", heads, 40_000, 600),
    "tls": Case("small kept-alive responses in TLS 1.3, 50 a connection", small, 20_000, 500, secured=True),
    "tls-http2": Case("the same as streams of HTTP/2 in TLS 1.3", http2, 20_000, 500, secured=True),
    "tls-bulk": Case("bodies of 20 to 400 kB in TLS 1.3", bulk, 300, 10, secured=True),
}


@dataclass(frozen=True, slots=True)
class Capture:
    """A case made into a file."""

    name: str
    path: Path
    truth: Truth


def folder() -> Path:
    """Where captures are kept between runs; nobody else may write there."""
    path = Path(tempfile.gettempdir()) / f"httpresp-benchmarks-{os.getuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid != os.getuid():
        raise SystemExit(f"{path} belongs to somebody else: remove it, or set TMPDIR.")
    return path


def made(name: str, responses: int, where: Path) -> Capture:
    """The capture of a case, found or made now by a process of its own: the one that measures must stay small."""
    path = _path(name, responses, where)
    notes = path.with_suffix(".json")
    if not notes.exists():
        subprocess.run([sys.executable, "-m", "benchmarks.cases", name, str(responses), str(where)], check=True)
    return Capture(name, path, Truth(**loads(notes.read_text())))


def make(name: str, responses: int, where: Path) -> Truth:
    """Write the capture and its notes; the same seed and code give the same bytes."""
    path = _path(name, responses, where)
    truth = write(CASES[name], responses, path)
    path.with_suffix(".json").write_text(dumps(asdict(truth)))
    return truth


def _path(name: str, responses: int, where: Path) -> Path:
    code = sha256(b"".join(Path(file).read_bytes() for file in (__file__, wire.__file__))).hexdigest()[:12]
    return where / f"{name}-{responses}-{code}.pcap{'ng' if CASES[name].secured else ''}"


def write(case: Case, responses: int, path: Path) -> Truth:
    """Write the capture file; what is in it."""
    rng = Random(SEED)
    if case.secured:
        from benchmarks.secured import Ends, write_pcapng

        ends = Ends(path.parent)
        talk = Talk(rng, ends.line)
        with path.open("wb") as file:
            conversations = mixed(rng, case.make(talk, responses), case.together)
            packets = write_pcapng(file.write, rng, conversations, ends.keys)
        return replace(talk.truth, packets=packets)
    talk = Talk(rng)
    with path.open("wb") as file:
        packets = write_pcap(file.write, rng, mixed(rng, case.make(talk, responses), case.together))
    return replace(talk.truth, packets=packets)


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
