"""What must hold, whatever the bytes: nothing raises, the events keep their rules, and every row can be written.

Each target takes bytes and returns nothing; an exception is a finding.
"""

import json
from collections.abc import Callable

from httpresp_capture.events import Interface
from httpresp_capture.export.tracee import EventWriter
from httpresp_capture.limits import Limits
from httpresp_capture.link import DECODERS
from httpresp_capture.sources.formats import ENOUGH, READERS
from traffic.frames import Framer, Route
from traffic.segments import opening
from traffic.values import ACK, FIN, Ends, Segment
from traffic.watching import Watched, Watcher

TIGHT = Limits(flows=4, held_bytes=1_000, held_total=3_000, head_bytes=600, body_bytes=50, pending_requests=2)
"""Small bounds, so that small inputs reach them."""
AT = 1_700_000_000_000_000_000
ASKED = b"HEAD /0 HTTP/1.1\r\n\r\n" + b"".join(b"GET /%d HTTP/1.1\r\nHost: a.test\r\n\r\n" % n for n in range(1, 5))
ETHERNET = Interface(0, "fuzz0", 1)


def capture_file(data: bytes) -> None:
    """The bytes are a capture file. One in two goes through small bounds and in two chunks."""
    reader_type = READERS.get(data[:ENOUGH])
    if reader_type is None:
        return
    tight = len(data) % 2 == 1
    watcher = Watcher(TIGHT if tight else None)
    reader = reader_type(watcher.pipeline.feed)
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


def check(seen: Watched) -> None:
    """The rules of a capture's end, and of every row."""
    writer = EventWriter()
    for row in seen.responses:
        event = json.loads(writer.line(row).decode("ascii"))
        assert isinstance(event, dict)
        assert row.unanswered or row.status in range(1000)
        assert all(gap.length > 0 and gap.offset >= 0 for gap in row.gaps), row.gaps
        assert all(problem.title and problem.offset >= 0 for problem in row.problems), row.problems
        assert len(row.body) <= row.body_bytes, (len(row.body), row.body_bytes)
        assert row.reason is not None
        assert row.headers is not None
        for duration in (row.first_byte_ns, row.transfer_ns, row.duration_ns, row.flow.handshake_ns):
            assert duration is None or duration >= 0, duration
    assert len(seen.responses) == seen.counters.responses + seen.counters.unanswered


TARGETS: dict[str, Callable[[bytes], None]] = {
    "capture-file": capture_file,
    "frame": frame,
    "one-direction": one_direction,
}
