"""Frames through the pipeline: what came out, with the rules kept that hold for every capture."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent, FlowEnded, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.limits import Limits
from traffic.values import Frame


@dataclass(frozen=True, slots=True)
class Watched:
    """All that a capture gave."""

    responses: tuple[Response, ...]
    """The last record of each, in the order of their ids, but for those of `encrypted`."""
    encrypted: tuple[Response, ...]
    """The same of connections that are not read."""
    ended: tuple[FlowEnded, ...]
    counters: Counters


class Watcher:
    """A pipeline and the events it gave so far."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.pipeline = Pipeline(limits)
        self.responses: dict[int, Response] = {}
        self.ended: list[FlowEnded] = []
        self._interfaces: dict[int, Interface] = {}

    def feed(self, frame: Frame) -> None:
        interface = self._interfaces.get(frame.link_type)
        if interface is None:
            interface = Interface(len(self._interfaces), f"link{frame.link_type}", frame.link_type)
            self._interfaces[frame.link_type] = interface
        self.pipeline.feed(frame.at, frame.data, 0, len(frame.data), frame.wire_length, interface)

    def collect(self) -> None:
        """Take the events; a response is seen once, then changed."""
        for event in self.pipeline.take():
            self._keep(event)

    def _keep(self, event: CaptureEvent) -> None:
        match event:
            case ResponseSeen(response):
                assert response.id == len(self.responses) + 1, f"response {response.id} is told out of order"
                self.responses[response.id] = response
            case ResponseChanged(response):
                before = self.responses.get(response.id)
                assert before is not None, f"response {response.id} changed before it was seen"
                assert before.head == response.head, f"the head of response {response.id} changed"
                if before.end is not None:
                    # Later only this can come to light: bytes that belong to nothing, other versions of its own, and
                    # what went over a WebSocket.
                    late = replace(
                        response, problems=before.problems, conflicts=before.conflicts, websocket=before.websocket
                    )
                    assert late == before, f"response {response.id} changed after its end"
                self.responses[response.id] = response
            case FlowEnded():
                self.ended.append(event)
            case _:
                pass

    def finish(self) -> Watched:
        self.pipeline.finish()
        self.collect()
        assert all(response.end is not None for response in self.responses.values()), "open after the end of capture"
        ordered = [self.responses[number] for number in sorted(self.responses)]
        encrypted = tuple([row for row in ordered if row.encrypted is not None])
        answers = tuple([row for row in ordered if row.encrypted is None])
        return Watched(answers, encrypted, tuple(self.ended), self.pipeline.counters())


def watch(frames: Iterable[Frame], limits: Limits | None = None, keys: bytes | None = None) -> Watched:
    """The whole capture at once; with the lines of a key log, all of them known before."""
    watcher = Watcher(limits)
    if keys is not None:
        watcher.pipeline.expect_secrets()
        watcher.pipeline.add_secrets(keys)
    for number, frame in enumerate(frames):
        watcher.feed(frame)
        if number % 256 == 0:
            watcher.collect()
    return watcher.finish()
