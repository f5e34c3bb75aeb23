"""What tshark reads of a capture with its keys: the responses, in the same form as ours."""

import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from matrix.place import program

DATA, HEADERS = 0, 1
"""Types of frames (RFC 9113 §6)."""
DEFINED: Final = range(100, 1_000)

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One response. `stream` is HTTP/2's, or counts from 1 in its connection."""

    client_port: int
    stream: int
    status: int
    fields: Fields
    body: int
    """Bytes: chunk framing and padding removed, content coding not."""

    @property
    def place(self) -> tuple[int, int]:
        return self.client_port, self.stream


def by_tshark(capture: Path, keys: Path, port: int) -> list[Exchange]:
    """Of the server on `port`, in no particular order."""
    command = [str(program("tshark")), "-n", "-2", "-r", str(capture), "-T", "pdml", "-J", "tcp http http2"]
    options = {"tls.keylog_file": keys, "http.decompress_body": "FALSE", "tcp.reassemble_out_of_order": "TRUE"}
    command += [word for name, value in options.items() for word in ("-o", f"{name}:{value}")]
    command += [
        "-d",
        f"tcp.port=={port},tls",
        "-d",
        f"tls.port=={port},http",
        "-Y",
        f"tcp.srcport=={port}&&(http||http2)",
    ]
    done = subprocess.run(command, capture_output=True, check=True)
    reading = _Reading()
    for packet in ElementTree.fromstring(done.stdout).iter("packet"):
        reading.packet(packet)
    return list(reading.exchanges())


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self._http1: dict[int, list[Exchange]] = defaultdict(list)
        self._heads: dict[tuple[int, int], list[Fields]] = defaultdict(list)
        self._bodies: dict[tuple[int, int], int] = defaultdict(int)

    def packet(self, packet: ElementTree.Element) -> None:
        port = 0
        for layer in packet.iter("proto"):
            if layer.get("name") == "tcp":
                port = int(_shown(layer, "tcp.dstport"))
            elif layer.get("name") == "http":
                self._message(port, layer)
            elif layer.get("name") == "http2":
                for frame in layer.iter("field"):
                    if frame.get("name") == "http2.stream":
                        self._frame(port, frame)

    def _message(self, port: int, layer: ElementTree.Element) -> None:
        status = _shown(layer, "http.response.code")
        if not status:
            return
        lines = [_text(line).partition(":") for line in _named(layer, "http.response.line")]
        fields = tuple([(name, value.strip()) for name, _, value in lines])
        body = sum(int(data.get("size", "0")) for data in layer.iter("field") if _is_body(data))
        before = self._http1[port]
        before.append(Exchange(port, len(before) + 1, int(status), fields, body))

    def _frame(self, port: int, frame: ElementTree.Element) -> None:
        place = port, int(_shown(frame, "http2.streamid") or "0", 0)
        kind = int(_shown(frame, "http2.type") or "-1")
        if kind == DATA:
            padding = sum(int(each.get("size", "0")) for each in _named(frame, "http2.padding"))
            padded = 1 + padding if padding else 0
            self._bodies[place] += int(_shown(frame, "http2.length")) - padded
        elif kind == HEADERS:
            pairs = [
                (_text(next(_named(each, "http2.header.name"))), _text(next(_named(each, "http2.header.value"))))
                for each in _named(frame, "http2.header")
            ]
            self._heads[place].append(tuple(pairs))

    def exchanges(self) -> Iterator[Exchange]:
        for several in self._http1.values():
            yield from several
        for place, heads in self._heads.items():
            for head in heads:
                status = int(dict(head).get(":status", "0"))
                if status:  # Else it is a trailer section.
                    fields = tuple([field for field in head if not field[0].startswith(":")])
                    yield Exchange(*place, status, fields, self._bodies[place])


def _is_body(field: ElementTree.Element) -> bool:
    """True for the body behind its chunks; one that is coded has no name."""
    return field.get("name") == "http.file_data" or field.get("show", "").startswith("Content-encoded entity body")


def _named(parent: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (field for field in parent.iter("field") if field.get("name") == name)


def _shown(parent: ElementTree.Element, name: str) -> str:
    return next((field.get("show", "") for field in _named(parent, name)), "")


def _text(field: ElementTree.Element) -> str:
    """As on the wire."""
    return bytes.fromhex(field.get("value", "")).decode("latin-1").rstrip("\r\n")
