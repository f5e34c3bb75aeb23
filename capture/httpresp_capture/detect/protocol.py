"""A protocol: how it is told from its first bytes, and what reads it.

The table of them is `httpresp_capture.protocols`. To read one more takes a folder for it and a line there:

- `recognise` judges the first bytes of one direction. It is asked again with all bytes so far each time that more come,
  while it answers MORE; the first line of the table that does not answer NO decides.
- `converse` makes a `Conversation` when the protocol was recognised on two streams: what makes the readers of both
  directions and knows what takes both of them to know. What it may ask of the streams is `streams.byte_streams`;
  numbers, events and bounds are the `Sink`'s. `detection.inside` looks at streams of its own, such as what TLS carries,
  with the whole table again; `detection.anew` at the same streams from here on, as behind CONNECT. When the connection
  has ended, `closed` emits `FlowEnded` if `detection.tells_end`.
- A verdict can be taken back: see `Protocol.prevails` and `Conversation.withdrawn`.
"""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Final

from httpresp_capture.detect.undetected import Detection, Undetected
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.record import compiled
from httpresp_capture.records.unread import Kind
from httpresp_capture.streams.byte_streams import Application, ByteStream
from httpresp_capture.streams.receiver import Receiver


class Verdict(Enum):
    """What bytes of one direction tell of a protocol."""

    NO = auto()
    """Another protocol, or none that is known."""
    MORE = auto()
    """Too few bytes to say."""
    CLIENT = auto()
    """It is spoken, and the end that sent them asks."""
    SERVER = auto()
    """It is spoken, and the end that sent them answers."""
    EITHER = auto()
    """It is spoken; which end asks is as the connection knows it."""


@compiled(allow_interpreted_subclasses=True)
class Conversation(Application):
    """One protocol on two streams. `listen` and `restart` of `Application` are the detector's business."""

    __slots__ = ()

    def reader(self, stream: ByteStream, undetected: Undetected | None, *, recognised: bool) -> Receiver:
        """Make who reads a direction from here on.

        It will be told next what `undetected` has kept, which is None where nobody listened: to a direction that was
        ignored (`stream.reader` is `IGNORED`, and it may be inside a message) or that said nothing yet. `recognised`
        where the direction's own bytes showed the protocol; else those of the other one did.
        """
        raise NotImplementedError

    def upgraded(self, request: Request | None) -> None:
        """Both streams begin to speak it here, as `request`, which was answered with 101, has asked (RFC 9110 §7.8);
        `reader` is called for each next."""
        raise NotImplementedError

    def withdrawn(self) -> None:
        """It was another protocol after all; nothing more comes. What was counted for this one is taken back."""


class Protocol:
    """A line of the table."""

    __slots__ = ("converse", "encrypted", "find", "kind", "name", "prevails", "recognise")

    def __init__(
        self,
        name: str,
        recognise: Callable[[bytes], Verdict],
        converse: Callable[[Detection], Conversation] | None = None,
        find: Callable[[bytes, int], tuple[Verdict, int]] | None = None,
        *,
        prevails: bool = False,
        encrypted: bool = False,
        kind: Kind | None = None,
    ) -> None:
        self.name = name
        """As in "the client sent TLS"."""
        self.recognise = recognise
        self.converse = converse
        """Makes what reads it; None while nobody does: then its connections are counted, and nothing of them is
        kept."""
        self.find = find
        """Looks for the beginning of a message within bytes that begin anywhere, the newest of them, which came
        together, at the place that is given: NO, or the verdict and where it begins. For a capture that began after the
        connection did, and behind a gap."""
        self.prevails = prevails
        """True for what is spoken in clear by whoever knows nothing else, as a server of HTTP/1 answers TLS with a 400
        in clear: it takes back what the other direction was taken for; and once a client was recognised, whatever its
        server says is an answer in it. Of any other protocol each direction is recognised for itself."""
        self.encrypted = encrypted
        """How it is counted while nobody reads it."""
        self.kind = kind
        """The same: what it is told as, beside the count."""


def _no(data: bytes) -> Verdict:
    return Verdict.NO


UNKNOWN: Final = Protocol("", _no)
"""What no line of the table knows."""


def recognise(protocols: Sequence[Protocol], data: bytes) -> tuple[Protocol, Verdict]:
    """Judge the first bytes of a direction."""
    if not data:
        return UNKNOWN, Verdict.MORE
    for protocol in protocols:
        verdict = protocol.recognise(data)
        if verdict is not Verdict.NO:
            return protocol, verdict
    return UNKNOWN, Verdict.NO


def find(protocols: Sequence[Protocol], data: bytes, newest: int) -> tuple[Protocol, Verdict, int]:
    """Look for the beginning of a message within bytes that begin anywhere; those from `newest` on came last."""
    for protocol in protocols:
        if protocol.find is not None:
            verdict, start = protocol.find(data, newest)
            if verdict is not Verdict.NO:
                return protocol, verdict, start
    return UNKNOWN, Verdict.NO, 0
