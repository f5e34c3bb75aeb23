"""What must hold, whatever the bytes: nothing raises, the events keep their rules, and every row can be written.

Each target takes bytes and returns nothing; an exception is a finding.
"""

import json
from collections.abc import Callable
from random import Random

from exchanges import exchanged
from fuzz.checking import check, check_row
from fuzz.secured import key_log, quic, tls, websocket
from httpresp_capture.checks import CHECKS, Options, examine
from httpresp_capture.checks.evidence import EVIDENCE_LIMIT
from httpresp_capture.http.heads import shown
from httpresp_capture.net.link import DECODERS
from httpresp_capture.records.events import CaptureEvent, ResponseChanged, ResponseSeen
from httpresp_capture.records.evidence import Conflict
from httpresp_capture.records.evidence import Segment as Version
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.problems import Problem
from httpresp_capture.redaction import Redactor
from httpresp_capture.sources.file.contents import Packets
from httpresp_capture.sources.file.formats import contents_of
from httpresp_capture.sources.file.tracee import LineReader
from httpresp_capture.tracee.writer import EventWriter
from planted import SECRETS, everything, exchange
from samples import request, response
from traffic.frames import Framer, Route
from traffic.segments import opening
from traffic.values import ACK, FIN, Ends, Segment
from traffic.watching import Watcher

TIGHT = Limits(flows=4, held_bytes=1_000, held_total=3_000, head_bytes=600, body_bytes=50, pending_requests=2)
"""Small bounds, so that small inputs reach them."""
AT = 1_700_000_000_000_000_000
ASKED = b"HEAD /0 HTTP/1.1\r\n\r\n" + b"".join(b"GET /%d HTTP/1.1\r\nHost: a.test\r\n\r\n" % n for n in range(1, 5))
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
EMPTY_SETTINGS = b"\0\0\0\x04" + bytes(5)
STREAMS = b"".join(b"\0\0\x03\1\5\0\0\0%c\x82\x84\x86" % stream for stream in range(1, 12, 2))
"""Requests on six streams."""
ETHERNET = Interface(0, "fuzz0", 1)
ALL_CHECKS = Options(opt_in=frozenset(check.id for check in CHECKS), salt=b"salt")


def capture_file(data: bytes) -> None:
    """The bytes are a capture file. One in two goes through small bounds and in two chunks."""
    tight = len(data) % 2 == 1
    watcher = Watcher(TIGHT if tight else None)
    reader = contents_of(data, watcher.pipeline, Limits())
    if not isinstance(reader, Packets):
        return
    middle = len(data) // 2 if tight else len(data)
    reader.push(data[:middle])
    watcher.collect()
    reader.push(data[middle:])
    reader.end()
    check(watcher.finish())


def one_direction(data: bytes) -> None:
    """The bytes are what a server (or, by the first byte, a client) sends; the second says how it is cut and lost."""
    if len(data) < 3:
        return
    by_client, size, sent = data[0] & 1, data[1] % 64 + 1, data[2:]
    lossy = data[0] & 2
    framer = Framer(Route(Ends("10.0.0.1", 4_000, "10.0.0.2", 80)))
    segments = [*opening()]
    if by_client:
        segments.append(Segment("client", 0, sent, ACK, 0))
        segments.append(Segment("server", 0, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" * 3, ACK, len(sent)))
    else:
        segments.append(Segment("client", 0, ASKED, ACK, 0))
        for number, at in enumerate(range(0, len(sent), size)):
            if not lossy or (number * 7 + data[0]) % 11:
                segments.append(Segment("server", at, sent[at : at + size], ACK, len(ASKED)))
        segments.append(Segment("server", len(sent), b"", FIN | ACK, len(ASKED)))
    watcher = Watcher(TIGHT if data[0] & 4 else None)
    for number, segment in enumerate(segments):
        frame = framer.frame(segment)
        watcher.pipeline.feed(AT + number * 1_000, frame, 0, len(frame), len(frame), ETHERNET)
    check(watcher.finish())


def http2(data: bytes) -> None:
    """The bytes are what one end of a connection sends that speaks HTTP/2; the first says which, and the second how it
    is cut and lost."""
    if len(data) < 3:
        return
    by_client, size, sent = data[0] & 1, data[1] % 64 + 1, data[2:]
    asked = PREFACE + EMPTY_SETTINGS + (b"" if by_client else STREAMS)
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    segments = [*opening(), Segment("client", 0, asked, ACK, 0), Segment("server", 0, EMPTY_SETTINGS, ACK, len(asked))]
    reached = len(asked) if by_client else len(EMPTY_SETTINGS)
    for number, piece in enumerate(pieces):
        if not data[0] & 2 or (number * 7 + data[0]) % 11:
            segments.append(Segment("client" if by_client else "server", reached, piece, ACK, 0))
        reached += len(piece)
    framer = Framer(Route(Ends("10.0.0.1", 4_000, "10.0.0.2", 80)))
    watcher = Watcher(TIGHT if data[0] & 4 else None)
    for number, segment in enumerate(segments):
        frame = framer.frame(segment)
        watcher.pipeline.feed(AT + number * 400_000_000, frame, 0, len(frame), len(frame), ETHERNET)
    seen = watcher.finish()
    check(seen)
    finals = [row.stream for row in seen.responses if not 100 <= row.status < 200]
    assert len(finals) == len(set(finals)), "a stream has two rows"


def frame(data: bytes) -> None:
    """The first byte chooses a link type, the rest is one frame; it comes whole, then cut by a snap length."""
    if len(data) < 2:
        return
    kinds = sorted(DECODERS)
    interface = Interface(0, "fuzz0", kinds[data[0] % len(kinds)])
    watcher = Watcher(TIGHT)
    for number, end in enumerate((len(data), len(data) * 2 // 3, len(data))):
        watcher.pipeline.feed(AT + number * 1_000, data, 1, end, len(data) - 1, interface)
    seen = watcher.finish()
    assert sum(each.count for each in seen.counters.unread if each.unit == "packet") == seen.counters.not_tcp
    check(seen)


def clock_steps(data: bytes) -> None:
    """Two exchanges; the clock of whoever captured goes by the bytes, forth and back, by nanoseconds or by years."""
    framer = Framer(Route(Ends("10.0.0.1", 4_000, "10.0.0.2", 80)))
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd"
    segments = [*opening(), Segment("client", 0, ASKED, ACK, 0)]
    segments += [
        Segment("server", number * len(answer) + at, answer[at : at + 20], ACK, len(ASKED))
        for number in range(2)
        for at in range(0, len(answer), 20)
    ]
    segments.append(Segment("server", 2 * len(answer), b"", FIN | ACK, len(ASKED)))
    watcher = Watcher()
    at = AT
    for number, segment in enumerate(segments):
        step = data[number % len(data)] if data else 0
        at = min(max(at + (step % 16 - 8) * 10 ** (step // 16), 0), 2**63 - 1)
        frame = framer.frame(segment)
        watcher.pipeline.feed(at, frame, 0, len(frame), len(frame), ETHERNET)
    check(watcher.finish())


def checks(data: bytes) -> None:
    """The bytes are what a server answers; what the checks say of it acts on no terminal and is bounded."""
    framer = Framer(Route(Ends("10.0.0.1", 4_000, "10.0.0.2", 80)))
    segments = [*opening(), Segment("client", 0, ASKED[20:], ACK, 0)]
    segments += [Segment("server", at, data[at : at + 1_000], ACK, len(ASKED)) for at in range(0, len(data), 1_000)]
    segments.append(Segment("server", len(data), b"", FIN | ACK, len(ASKED)))
    watcher = Watcher()
    for number, segment in enumerate(segments):
        frame = framer.frame(segment)
        watcher.pipeline.feed(AT + number * 1_000, frame, 0, len(frame), len(frame), ETHERNET)
    for row in watcher.finish().responses:
        for finding in examine(row, ALL_CHECKS):
            for words in (finding.reason, finding.evidence, finding.parameter, finding.shape, finding.variant):
                assert words.isprintable(), words
                assert len(words) <= EVIDENCE_LIMIT, words


PLANTED = b"s3cr3t-S3CR3T-99"


def redactor(data: bytes) -> None:
    """The bytes are lines between two that hold a secret, a body, a target: the secret is nowhere in what leaves."""
    if PLANTED in data:
        return
    lines = data.replace(b"\n\r\n", b"\n").replace(b"\n\n", b"\n")
    before = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=" + PLANTED + b"; Path=/" + data[:20].partition(b"\n")[0] + b"\r\n"
    head = before + lines + b"\r\nX-Api-Key: " + PLANTED + b"\r\n\r\n"
    place = len(data) * 7 % len(head)
    versions = (Version(head[place : place + 256], 0, 64, 1), Version(data[:256], 0, 64, 2))
    seen = response(
        head,
        data,
        request=request(
            b"GET /?token=" + PLANTED + b" HTTP/1.1\r\n" + lines + b"\r\nCookie: a=" + PLANTED + b"\r\n\r\n"
        ),
        problems=(Problem("no-colon", place, shown(head[place:])), Problem("extra-bytes", len(head), shown(data))),
        conflicts=(Conflict(place, 1, *versions),),
    )
    hider = Redactor(b"salt")
    hidden = hider.response(seen)
    assert hidden.head.count(b"\n") == head.count(b"\n")
    line = EventWriter(redact=hider).line(seen).decode("ascii")
    assert isinstance(json.loads(line), dict)
    assert PLANTED.decode() not in line
    assert PLANTED.hex() not in line
    text = data.decode("latin-1")
    for way in (hider.text, hider.line, hider.target, hider.knowing(seen).text):
        assert isinstance(way(text), str)
    assert PLANTED.decode() not in hider.knowing(seen).text(text + PLANTED.decode())


def planted(data: bytes) -> None:
    """The bytes choose where in an exchange a secret stands, and are a header line of both its sides: the secret is
    nowhere in what is said of it."""
    rng = Random(data[:4])
    secret = rng.choice(SECRETS)
    noise = data[4:200].replace(b"\r", b"").replace(b"\n", b"")
    if any(secret[at : at + 6].encode() in noise for at in range(len(secret) - 5)):
        return
    asked, answered = exchange(rng, secret, extra=(b"X-Noise: " + noise,))
    for name, said in everything(exchanged(answered, asked)):
        assert secret not in said, name
        assert secret.encode().hex() not in said, name


def events(data: bytes) -> None:
    """The bytes are events as JSON lines; whatever is read of them can be written, and read again."""
    reader = LineReader(TIGHT)
    reader.push(data[: len(data) // 2])
    reader.push(data[len(data) // 2 :])
    reader.end()
    rows = responses(reader.take(None))
    for row in rows:
        check_row(row, EventWriter())
    again = LineReader(Limits())
    again.push(b"".join(map(EventWriter().line, rows)))
    again.end()
    assert again.bad_lines == 0
    assert len(responses(again.take(None))) == len(rows)


def responses(made: list[CaptureEvent]) -> list[Response]:
    """The last record of each."""
    found = {event.response.id: event.response for event in made if isinstance(event, ResponseSeen | ResponseChanged)}
    return list(found.values())


TARGETS: dict[str, Callable[[bytes], None]] = {
    "capture-file": capture_file,
    "frame": frame,
    "one-direction": one_direction,
    "http2": http2,
    "clock-steps": clock_steps,
    "checks": checks,
    "redactor": redactor,
    "planted": planted,
    "events": events,
    "tls": tls,
    "quic": quic,
    "key-log": key_log,
    "websocket": websocket,
}
