"""Scenarios: a conversation, what the wire does to it, and what must be seen, in TOML.

A file holds one table a scenario; its name is a sentence. `steps` is what is captured, in order. Each connection opens
with a handshake by itself unless `handshake = false`. A step is an inline table:

    from = "client" | "server"   who sends
    bytes = "…"                  what; Latin-1, so "\\u00ff" is one byte. `copies = N` says it N times
    frames = ["…"]               or what, as frames of HTTP/2 in the words of `traffic.http2`
    mss = N                      cut into segments of N bytes, numbered from 1, to which these apply:
    lose = true | [2, 3]         not captured; the sequence goes on
    order = [2, 1]               captured in this order (a number twice: captured twice)
    seq = ±N                     sent so far from where it belongs (a repeat, an overlap, a hole)
    flags = "SYN ACK FIN RST URG PSH"      with data or without; ACK alone is the default. SYN and FIN take their place
    isn = N                      with SYN: the sequence begins here
    ack = ±N                     acknowledges so far from what was sent
    stray = true                 of no end of the connection: what follows goes on as if it had not been sent
    snap = N                     the last N bytes of the frame are cut by the snap length
    ttl, id, urgent, window      as in the headers
    after = N                    ms since the step before (1 where nothing is said)
    flow = "b"                   another connection
    tick = N                     no packet; N seconds pass

The number of a direction's first byte is 0 over IPv6, where the scenario says no other: a number as every other one.

`expect` is the list of rows, in the order of their ids: every key is a field of the row, `request` is "METHOD target"
or false. Where nothing is said, `problems` and `gaps` and `conflicts` are empty, and the row is whole, with the
framing, end, length, body and sizes of what was sent (`traffic.defaults`); "any" asks for nothing. Beside it may stand
`rows = "any order"`, `said` (one of these problems on any row), `counters`, `ended` (reasons of the flows), `flow` (of
the first row) and `limits`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from httpresp_capture.records.limits import Limits
from httpresp_capture.streams.position import MASK
from traffic.frames import ETHERNET, Framer, Route
from traffic.http2 import in_words
from traffic.values import ACK, FIN, PSH, RST, SYN, URG, Ends, Frame, PacketPath, Segment
from traffic.watching import Watched, Watcher

FLAGS = {"FIN": FIN, "SYN": SYN, "RST": RST, "PSH": PSH, "ACK": ACK, "URG": URG}
STEP_KEYS = frozenset(
    [
        "from",
        "bytes",
        "copies",
        "frames",
        "mss",
        "lose",
        "order",
        "seq",
        "flags",
        "isn",
        "ack",
        "stray",
        "snap",
        "ttl",
        "id",
        "urgent",
        "window",
        "after",
        "flow",
        "tick",
    ]
)
SCENARIO_KEYS = frozenset(
    ["steps", "expect", "rows", "said", "handshake", "limits", "counters", "ended", "flow", "isn"]
)
START = 1_700_000_000_000_000_000
MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story."""

    title: str
    told: Mapping[str, Any]


@dataclass(slots=True)
class Connection:
    """Where both directions of one connection stand."""

    framer: Framer
    next: dict[PacketPath, int] = field(default_factory=lambda: {"client": 0, "server": 0})


def load(folder: Path) -> list[Scenario]:
    """Every scenario of a folder; a key that is not known is an error."""
    out: list[Scenario] = []
    for path in sorted(folder.glob("*.toml")):
        for title, told in tomllib.loads(path.read_text("utf-8")).items():
            unknown = told.keys() - SCENARIO_KEYS | {k for step in told["steps"] for k in step.keys() - STEP_KEYS}
            assert not unknown, f"{path.name}: {title}: unknown {unknown}"
            assert all(scenario.title != title for scenario in out), f"{path.name}: {title} stands twice"
            out.append(Scenario(title, told))
    return out


def other(way: PacketPath) -> PacketPath:
    return "server" if way == "client" else "client"


class Player:
    """Plays one scenario into a pipeline."""

    def __init__(self, scenario: Scenario, *, v6: bool = False) -> None:
        self.told = scenario.told
        self.v6 = v6
        self.watcher = Watcher(Limits(**self.told.get("limits", {})))
        self.connections: dict[str, Connection] = {}
        self.at = START

    def play(self) -> Watched:
        for step in self.told["steps"]:
            if "tick" in step:
                self.at += step["tick"] * 1000 * MS
                self.watcher.pipeline.tick(self.at)
                continue
            for frame in self.frames(step):
                self.watcher.feed(frame)
                self.watcher.collect()
        return self.watcher.finish()

    def connection(self, name: str) -> Connection:
        found = self.connections.get(name)
        if found is None:
            port = 40_000 + len(self.connections)
            ends = Ends("2001:db8::1", port, "2001:db8::2", 80) if self.v6 else Ends("10.0.0.1", port, "10.0.0.2", 80)
            client, server = self.told.get("isn", (MASK, MASK) if self.v6 else (1_000, 5_000))
            found = self.connections[name] = Connection(
                Framer(Route(ends, ETHERNET, isn_client=client, isn_server=server))
            )
        return found

    def frames(self, step: Mapping[str, Any]) -> Iterator[Frame]:
        """The frames of one step; the first of a connection brings its handshake along."""
        name = step.get("flow", "a")
        new = name not in self.connections
        line = self.connection(name)
        if new and self.told.get("handshake", True):
            yield self.frame(line, Segment("client", -1, b"", SYN), {})
            yield self.frame(line, Segment("server", -1, b"", SYN | ACK), {})
            yield self.frame(line, Segment("client", 0, b"", ACK), {})
        numbered = list(self.segments(line, step))
        lost = step.get("lose", [])
        if lost is True:
            lost = list(range(1, len(numbered) + 1))
        for number in step.get("order", range(1, len(numbered) + 1)):
            if number not in lost:
                yield self.frame(line, numbered[number - 1], step)

    def segments(self, line: Connection, step: Mapping[str, Any]) -> Iterator[Segment]:
        way: PacketPath = step["from"]
        flags = sum(FLAGS[name] for name in step.get("flags", "ACK").split())
        data = step.get("bytes", "").encode("latin-1") + b"".join(map(in_words, step.get("frames", ())))
        data *= step.get("copies", 1)
        if "isn" in step:
            self.begin_anew(line, way, step["isn"])
        offset = line.next[way] + step.get("seq", 0)
        size = step.get("mss", max(len(data), 1))
        ack = line.next[other(way)] + step.get("ack", 0)
        if flags & SYN:
            yield Segment(way, step.get("seq", 0) - 1, data, flags, ack)
            if not step.get("stray"):
                line.next[way] = max(line.next[way], len(data))
            return
        for at in range(0, max(len(data), 1), size):
            piece = data[at : at + size]
            last = at + size >= len(data)
            yield Segment(way, offset + at, piece, flags if last else flags & ~FIN, ack)
        end = offset + len(data) + (1 if flags & FIN else 0)
        if not step.get("stray"):
            line.next[way] = max(line.next[way], end)

    def begin_anew(self, line: Connection, way: PacketPath, isn: int) -> None:
        """A new sequence for one direction; the ports stay."""
        route = line.framer.route
        client, server = (isn, route.isn_server) if way == "client" else (route.isn_client, isn)
        line.framer = Framer(Route(route.ends, route.link_type, isn_client=client, isn_server=server))
        line.next[way] = 0

    def frame(self, line: Connection, segment: Segment, step: Mapping[str, Any]) -> Frame:
        self.at += step.get("after", 1) * MS
        data = line.framer.frame(
            segment,
            ttl=step.get("ttl", 64),
            ip_id=step.get("id"),
            urgent=step.get("urgent", 0),
            window=step.get("window", 502),
        )
        return Frame(self.at, ETHERNET, data[: len(data) - step.get("snap", 0)], len(data))
