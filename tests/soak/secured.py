"""Cases of HTTP/2 (RFC 9113 §10.5) and of TLS whose keys do not come: floods that cost their sender little."""

import ssl
from collections.abc import Callable, Iterator
from itertools import count

from soak.case import Case, Packet, dialogue, timed
from traffic.http2 import PREFACE, block, frame
from traffic.tls import Conversation, frames_of
from traffic.values import PacketPath

Part = tuple[PacketPath, bytes]
OPENED = PREFACE + frame(4)
ASKED = block(":method: GET | :scheme: http | :authority: a.test | :path: /")
ANSWERED = block(":status: 200 | server: a")
HEADERS, RST_STREAM, SETTINGS, PING, CONTINUATION = 1, 3, 4, 6, 9
END_STREAM, END_HEADERS = 1, 4


def spoken(parts: Callable[[], Iterator[Part]]) -> Callable[[], Iterator[Packet]]:
    """One connection that begins with both prefaces."""

    def packets() -> Iterator[Packet]:
        def all_parts() -> Iterator[Part]:
            yield "client", OPENED
            yield "server", frame(SETTINGS)
            yield from parts()

        return timed(dialogue(all_parts()))

    return packets


def streams() -> Iterator[int]:
    return count(1, 2)


def continuations() -> Iterator[Part]:
    yield "client", frame(HEADERS, 0, 1, ASKED)
    while True:
        yield "client", frame(CONTINUATION, 0, 1, block("x-a: " + "b" * 100) * 10)


def rapid_resets() -> Iterator[Part]:
    for stream in streams():
        yield "client", frame(HEADERS, END_STREAM | END_HEADERS, stream, ASKED) + frame(RST_STREAM, 0, stream, bytes(4))


def unanswered_streams() -> Iterator[Part]:
    for stream in streams():
        yield "client", frame(HEADERS, END_STREAM | END_HEADERS, stream, ASKED)


def endless_streams() -> Iterator[Part]:
    """Answered, and never ended."""
    for stream in streams():
        yield "client", frame(HEADERS, END_STREAM | END_HEADERS, stream, ASKED)
        yield "server", frame(HEADERS, END_HEADERS, stream, ANSWERED) + frame(0, 0, stream, b"x" * 900)


def bombs() -> Iterator[Part]:
    """RFC 7541 §7.3: a field of 4 KB in the table, and blocks that name it 1 200 times."""
    value = b"v" * 3_900
    size = len(value) - 127
    literal = b"\x40\x01a\x7f" + bytes([size & 0x7F | 0x80, size >> 7]) + value
    for number, stream in enumerate(streams()):
        yield "client", frame(HEADERS, END_STREAM | END_HEADERS, stream, ASKED)
        bomb = block(":status: 200") + (b"" if number else literal) + b"\xbe" * 1_200
        yield "server", frame(HEADERS, END_STREAM | END_HEADERS, stream, bomb)


def settings() -> Iterator[Part]:
    while True:
        yield "client", frame(SETTINGS, 0, 0, b"\0\1\xff\xff\xff\xff" * 20) + frame(PING, 0, 0, bytes(8)) * 10


def without_keys() -> Iterator[Packet]:
    """One download over TLS whose keys are waited for."""
    made = Conversation(ssl.TLSVersion.TLSv1_3)
    record = b"\x17\x03\x03\x05\x00" + bytes(0x500)

    def parts() -> Iterator[Part]:
        for from_client, data in made.flights:
            yield "client" if from_client else "server", data
        while True:
            yield "server", record

    return timed(dialogue(parts()))


def connections_without_keys() -> Iterator[Packet]:
    """Connection after connection, each with a hello, an answer and some data, and no end."""
    made = Conversation(ssl.TLSVersion.TLSv1_3)
    record = b"\x17\x03\x03\x05\x00" + bytes(0x500)
    flights = [*made.flights, (True, record), (False, record * 5)]

    def frames() -> Iterator[bytes]:
        for number in count():
            for each in frames_of(flights, ports=(1_024 + number % 60_000, 443))[:-3]:
                yield each.data

    return timed(frames())


SECURED: dict[str, Case] = {
    "h2-continuations": Case("a header block of HTTP/2 that never ends", spoken(continuations), 300_000),
    "h2-rapid-reset": Case("a million streams that are reset at once", spoken(rapid_resets), 1_000_000),
    "h2-unanswered": Case("a million streams that nobody answers", spoken(unanswered_streams), 1_000_000),
    "h2-endless": Case("streams whose answers never end", spoken(endless_streams), 300_000),
    "h2-bombs": Case("header blocks of 1 KB that mean 5 MB", spoken(bombs), 10_000),
    "h2-settings": Case("settings and pings without end", spoken(settings), 300_000),
    "tls-no-key": Case("a download whose keys are waited for", without_keys, 300_000, keys=True),
    "tls-no-keys": Case("connections whose keys are waited for", connections_without_keys, 300_000, keys=True),
}
