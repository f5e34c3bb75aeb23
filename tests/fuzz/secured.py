"""Fuzz targets of what is encrypted, and of what is spoken behind a 101: TLS, QUIC, key logs and WebSocket."""

from functools import cache
from random import Random

from fuzz.checking import check
from httpresp_capture.records.secrets import Secrets
from traffic.quic import datagrams, talk
from traffic.tls import Conversation, frames_of
from traffic.values import Frame
from traffic.watching import Watcher

ASKED = b"GET /chat HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
OPENED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
DEFLATING = OPENED[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
"""The same with RFC 7692."""
Said = list[tuple[bool, bytes]]


@cache
def spoken() -> tuple[Said, bytes]:
    """A connection of TLS 1.3, and its keys."""
    made = Conversation()
    for number in range(3):
        made.ask(b"GET /%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % number)
        made.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + b"a" * 300)
    made.close()
    return made.flights, made.keys


def harmed(said: Said, data: bytes) -> Said:
    """Four bytes of the input say what happens to one flight: which, where, and what stands there then."""
    changed = list(said)
    for at in range(0, min(len(data) - 3, 64), 4):
        which, place, way, byte = data[at : at + 4]
        number = which % len(changed)
        by_client, flight = changed[number]
        if not flight:
            continue
        place = place * 7 % len(flight)
        match way % 4:
            case 0:
                flight = flight[:place] + bytes([byte]) + flight[place + 1 :]
            case 1:
                flight = flight[:place] + flight[place + byte :]
            case 2:
                flight = flight[:place] + bytes([byte]) * way + flight[place:]
            case _:
                flight = flight[: place + 1]
        changed[number] = by_client, flight
    return changed


def run(frames: list[Frame], keys: bytes | None, rng: Random, loss: float) -> None:
    """Through a pipeline, with keys that come somewhere on the way."""
    watcher = Watcher()
    if keys is not None:
        watcher.pipeline.expect_secrets()
    when = rng.randrange(len(frames) + 1)
    for number, frame in enumerate(frames):
        if number == when and keys is not None:
            watcher.pipeline.add_secrets(keys)
        if rng.random() >= loss:
            watcher.feed(frame)
    check(watcher.finish())
    assert not watcher.pipeline.sink.growing
    assert not watcher.pipeline.sink.waiting_for_secrets
    assert watcher.pipeline.sink.parked_bytes == 0


def tls(data: bytes) -> None:
    """The bytes harm a connection of TLS: its hellos, its records, its length; with its keys, and without."""
    said, keys = spoken()
    rng = Random(data)
    for known in (keys, None):
        run(frames_of(harmed(said, data)), known, rng, 0.1 if data[:1] > b"\x80" else 0.0)


def quic(data: bytes) -> None:
    """The bytes harm a connection of QUIC."""
    run(datagrams([each for each in harmed(talk(), data) if len(each[1]) >= 8]), None, Random(data), 0.0)


def key_log(data: bytes) -> None:
    """The bytes are a key log: whatever stands in it, what is kept is bounded, and the right lines still count."""
    _, keys = spoken()
    secrets = Secrets()
    secrets.add(data)
    secrets.add(b"\n" + keys)
    found = Secrets()
    found.add(keys)
    line = next(line for line in keys.split(b"\n") if line.startswith(b"CLIENT_TRAFFIC_SECRET_0"))
    label, random, _ = line.split()
    wanted = found.find(bytes.fromhex(random.decode()), label)
    assert wanted is not None
    assert secrets.find(bytes.fromhex(random.decode()), label) == wanted


def websocket(data: bytes) -> None:
    """The bytes are what an end says behind a 101; the first says which, whether messages are compressed, and how it is
    cut."""
    if len(data) < 2:
        return
    opened = DEFLATING if data[0] & 2 else OPENED
    said = [(True, ASKED), (False, opened), (bool(data[0] & 1), data[1:])]
    run(frames_of(said, mss=data[0] // 4 + 1), None, Random(data), 0.1 if data[0] & 128 else 0.0)
