"""Puts the frames of a capture on an interface at a rate: `python -m benchmarks.replay FILE IFACE RATE SECONDS`.

One system call sends a batch (sendmmsg), so that the load leaves the machine to who listens. Prints what was sent, as
JSON.
"""

import ctypes
import json
import os
import socket
import sys
import time
from pathlib import Path

BATCH = 256


class _Piece(ctypes.Structure):
    """struct iovec"""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """struct mmsghdr, with the msghdr in it laid open"""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("pieces", ctypes.c_void_p),
        ("piece_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
        ("sent", ctypes.c_uint),
    )


def replay(path: Path, interface: str, rate: int, seconds: float) -> dict[str, float]:
    """Send all frames of the file again and again."""
    data = path.read_bytes()
    held = ctypes.create_string_buffer(data, len(data))
    base = ctypes.addressof(held)
    places: list[tuple[int, int]] = []
    at = 24
    while at < len(data):
        size = int.from_bytes(data[at + 8 : at + 12], "little")
        places.append((base + at + 16, size))
        at += 16 + size
    pieces = (_Piece * len(places))(*places)
    messages = (_Message * len(places))()
    for place, message in enumerate(messages):
        message.pieces = ctypes.addressof(pieces) + place * ctypes.sizeof(_Piece)
        message.piece_count = 1
    library = ctypes.CDLL(None, use_errno=True)
    size = ctypes.sizeof(_Message)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as out:
        out.bind((interface, 0))
        handle, first = out.fileno(), ctypes.addressof(messages)
        sent = place = 0
        began = time.monotonic()
        end = began + seconds
        while (now := time.monotonic()) < end:
            ahead = sent / rate - (now - began)
            if ahead > 0.002:
                time.sleep(ahead)
            many = min(BATCH, len(places) - place)
            done = library.sendmmsg(handle, ctypes.c_void_p(first + place * size), many, 0)
            if done < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            sent += done
            place = (place + done) % len(places)
        # To the end of the round, so that every connection is whole.
        while place:
            done = library.sendmmsg(handle, ctypes.c_void_p(first + place * size), min(BATCH, len(places) - place), 0)
            sent += done
            place = (place + done) % len(places)
        took = time.monotonic() - began
    return {"sent": sent, "rounds": sent / len(places), "seconds": took, "rate": sent / took}


if __name__ == "__main__":
    file, name, pace, length = sys.argv[1:5]
    print(json.dumps(replay(Path(file), name, int(pace), float(length))))
