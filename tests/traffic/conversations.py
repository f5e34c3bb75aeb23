"""What two ends say to each other on one connection, in order, and where each message lies in their byte streams.

A connection is a list of bursts. In a burst both sides may send at once; what comes in a later burst was sent after
all of the earlier one had arrived, as it is between ends that wait for each other.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Literal

from traffic.messages import CLOSING, KEEPING, NOISE, Exchange, Style
from traffic.values import PacketPath, Placed

Ending = Literal["server FIN", "client FIN", "server RST", "client RST", "open"]


@dataclass(frozen=True, slots=True)
class Burst:
    """Bytes on their way at the same time."""

    client: bytes = b""
    server: bytes = b""

    def of(self, way: PacketPath) -> bytes:
        return self.client if way == "client" else self.server


@dataclass(slots=True)
class Conversation:
    """Bursts, the responses in them, and how it ends."""

    bursts: list[Burst] = field(default_factory=list[Burst])
    placed: list[Placed] = field(default_factory=list[Placed])
    ending: Ending = "open"
    pipelined: bool = False
    client_bytes: int = 0
    server_bytes: int = 0

    def say(self, client: bytes = b"", server: bytes = b"") -> None:
        """Add a burst, unless it is empty."""
        if not client and not server:
            return
        self.bursts.append(Burst(client, server))
        self.client_bytes += len(client)
        self.server_bytes += len(server)


def talk(rng: Random, serial: int, count: int, style: Style, *, may_pipeline: bool = True) -> Conversation:
    """A connection of `count` exchanges (the last may close it), numbered from `serial`."""
    closes = rng.random() < 0.6
    exchanges = [rng.choice(KEEPING)(rng, serial + n, style) for n in range(count - closes)]
    if closes:
        exchanges.append(rng.choice(CLOSING)(rng, serial + count - 1, style))
    conversation = Conversation()
    conversation.pipelined = may_pipeline and rng.random() < 0.35
    if conversation.pipelined:
        _in_batches(rng, conversation, exchanges)
    else:
        for exchange in exchanges:
            take_turns(conversation, exchange)
    last = exchanges[-1]
    if last.switches:
        for _ in range(rng.randrange(4)):
            start = rng.randrange(len(NOISE) - 900)
            conversation.say(
                b"\x82" + NOISE[start : start + rng.randrange(400)], b"\x81" + NOISE[start + 400 : start + 900]
            )
    if last.closes:
        conversation.ending = "server FIN"
    else:
        conversation.ending = rng.choice(("server FIN", "client FIN", "client FIN", "server RST", "client RST", "open"))
    return conversation


def _place(conversation: Conversation, exchange: Exchange, server: int, client: int) -> None:
    """Note where the answers of one exchange lie: they follow each other from `server` on."""
    head = exchange.request.index(b"\r\n\r\n") + 4
    for one in exchange.expected:
        conversation.placed.append(Placed(one, server, client, client + head))
        server += one.wire


def take_turns(conversation: Conversation, exchange: Exchange) -> None:
    """A request, then its answers; a request that waits for 100 is sent in two parts."""
    client, server = conversation.client_bytes, conversation.server_bytes
    _place(conversation, exchange, server, client)
    if exchange.waits:
        conversation.say(client=exchange.request[: exchange.waits])
        conversation.say(server=b"".join(exchange.answers[:-1]))
        conversation.say(client=exchange.request[exchange.waits :])
        conversation.say(server=exchange.answers[-1])
    else:
        conversation.say(client=exchange.request)
        conversation.say(server=b"".join(exchange.answers))


def _in_batches(rng: Random, conversation: Conversation, exchanges: list[Exchange]) -> None:
    """Requests without waiting, answers joined; and while answers come, the next requests go out."""
    batches: list[list[Exchange]] = []
    at = 0
    while at < len(exchanges):
        size = rng.randrange(1, 6)
        batches.append(exchanges[at : at + size])
        at += size
    asked = [b"".join([exchange.request for exchange in batch]) for batch in batches]
    answered = [b"".join([b"".join(exchange.answers) for exchange in batch]) for batch in batches]
    client = server = 0
    for exchange in exchanges:
        _place(conversation, exchange, server, client)
        client += len(exchange.request)
        server += sum(map(len, exchange.answers))
    conversation.say(client=asked[0])
    for number, answers in enumerate(answered):
        conversation.say(server=answers, client=asked[number + 1] if number + 1 < len(asked) else b"")
