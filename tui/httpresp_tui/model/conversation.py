"""One connection from start to end, as far as it is kept: requests and responses by their times. No Textual.

What two responses answer (an interim one and the final one) is one request. Bodies are kept from their beginning to
the first gap; `most_bytes` of all of them together go with the conversation, and of the others the sizes are said.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from httpresp_capture.records.evidence import Conflict, Gap
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.flow import Flow

MOST_MESSAGES = 1_000
"""Those around the one that is asked for."""
MOST_BYTES = 524_288


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response, as it went over the wire."""

    response: Response
    """The response, or the one that answers this request."""
    request: Request | None
    """Set where it is the request."""
    at: int
    """When its first byte came, ns."""
    with_body: bool
    """False where bodies before it have used up the room."""

    @property
    def from_client(self) -> bool:
        """Its direction."""
        return self.request is not None

    @property
    def head(self) -> bytes:
        """As it came."""
        return (self.request or self.response).head

    @property
    def body(self) -> bytes:
        """What is kept of it, chunk framing removed."""
        return (self.request or self.response).body if self.with_body else b""

    @property
    def body_bytes(self) -> int:
        """How long it was, as far as it was seen."""
        return (self.request or self.response).body_bytes

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Bytes that were sent and not captured; of requests they are not known."""
        return () if self.from_client else self.response.gaps

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Bytes that came twice and differ."""
        return () if self.from_client else self.response.conflicts

    @property
    def trailers(self) -> bytes:
        """Fields behind the body."""
        return b"" if self.from_client else self.response.trailers


@dataclass(frozen=True, slots=True)
class Conversation:
    """All of it."""

    flow: Flow
    messages: tuple[Message, ...]
    left_out: int
    """Messages that are kept and not shown, since they are too many."""
    begin: int
    """ns; what times are counted from."""


def conversation(responses: Iterable[Response], chosen: Response, most_bytes: int = MOST_BYTES) -> Conversation:
    """Of the responses of a connection that are kept, and the one that the person came from."""
    found: list[tuple[int, int, Request | None, Response]] = []
    asked: set[tuple[int, int]] = set()
    for response in responses:
        request = response.request
        if request is not None and (response.stream, request.first_byte_at) not in asked:
            asked.add((response.stream, request.first_byte_at))
            found.append((request.first_byte_at, 0, request, response))
        if not response.unanswered:
            found.append((response.first_byte_at, 1, None, response))
    # Of one moment, the request was first.
    found.sort(key=lambda each: (each[0], each[3].id, each[1]))
    middle = next((index for index, each in enumerate(found) if each[3].id == chosen.id), 0)
    first = max(0, min(middle - MOST_MESSAGES // 2, len(found) - MOST_MESSAGES))
    kept = found[first : first + MOST_MESSAGES]
    room = most_bytes - len(chosen.body)
    messages: list[Message] = []
    for at, _, request, response in kept:
        size = len((request or response).body)
        fits = response.id == chosen.id or size <= room
        room -= size if fits and response.id != chosen.id else 0
        messages.append(Message(response, request, at, fits))
    flow = chosen.flow
    begin = min((flow.opened_at, *(message.at for message in messages[:1])))
    return Conversation(flow, tuple(messages), len(found) - len(kept), begin)
