"""A WebSocket on a connection: what it carried is told of the response that opened it."""

from dataclasses import replace
from random import Random

import pytest

from httpresp_capture.process.event_codec import EventDecoder, EventEncoder
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent, ResponseGrew, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.websocket import WebSocket
from httpresp_capture.redaction import Redactor
from httpresp_capture.sources.file.tracee import LineReader
from httpresp_capture.tracee.writer import EventWriter
from traffic.tls import frames_of
from traffic.values import Frame
from traffic.watching import Watched, Watcher, watch
from websocket_frames import frame

ASKED = b"GET /chat HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
OPENED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
MASK = b"\x01\x02\x03\x04"
SAID = (
    (True, frame(1, b"hello", mask=MASK)),
    (False, frame(1, b'{"price": 10}') + frame(9, b"?")),
    (True, frame(10, b"?", mask=MASK)),
    (False, frame(2, bytes(70_000))),
    (True, frame(8, b"\x03\xe8bye", mask=MASK)),
    (False, frame(8, b"\x03\xe8")),
)


def opened(said: tuple[tuple[bool, bytes], ...] = SAID, *, beside: bytes = b"", mss: int = 1_400) -> list[Frame]:
    return frames_of([(True, ASKED), (False, OPENED + beside), *said], mss=mss)


def told(seen: Watched) -> WebSocket:
    (response,) = seen.responses
    assert response.status == 101
    assert response.websocket is not None
    return response.websocket


@pytest.mark.parametrize("mss", [1, 1_400])
def test_both_directions_are_told(mss: int) -> None:
    seen = watch(opened(SAID if mss > 1 else SAID[:3] + SAID[4:], mss=mss))
    websocket = told(seen)
    assert websocket.ended
    assert (websocket.client.texts, websocket.client.pongs, websocket.client.close_code) == (1, 1, 1000)
    assert websocket.client.close_reason == b"bye"
    assert (websocket.server.texts, websocket.server.pings, websocket.server.close_code) == (1, 1, 1000)
    assert [each.preview for each in websocket.messages if each.text] == [b"hello", b'{"price": 10}']
    assert not seen.counters.unread


def test_what_stands_behind_the_101_in_its_packet_is_the_first_frame() -> None:
    websocket = told(watch(opened((), beside=frame(1, b"first"))))
    assert [each.preview for each in websocket.messages] == [b"first"]


def test_a_loss_in_a_payload_is_bridged() -> None:
    frames = opened()
    large = [number for number, each in enumerate(frames) if len(each.data) > 1_400]
    del frames[large[len(large) // 2]]
    websocket = told(watch(frames))
    assert not websocket.server.problem
    assert [each.complete for each in websocket.messages if not each.text] == [False]
    assert websocket.server.close_code == 1000


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_lost_nothing_is_made_up(seed: int) -> None:
    rng = Random(seed)
    frames = [each for each in opened() if rng.random() > 0.1]
    for response in watch(frames).responses:
        if response.websocket is not None:
            for message in response.websocket.messages:
                assert b"hello".startswith(message.preview) or b'{"price": 10}'.startswith(message.preview)
            assert {response.websocket.client.close_code, response.websocket.server.close_code} <= {0, 1000}


class Growing(Watcher):
    """Keeps what has grown."""

    def __init__(self) -> None:
        super().__init__(Limits(progress_ns=250_000_000))
        self.grown: list[WebSocket] = []

    def _keep(self, event: CaptureEvent) -> None:
        super()._keep(event)
        if isinstance(event, ResponseGrew):
            assert event.response.websocket is not None
            self.grown.append(event.response.websocket)


def test_an_open_one_is_told_as_it_grows_and_once_more_at_its_end() -> None:
    watcher = Growing()
    for each in opened():
        watcher.feed(each)
        watcher.pipeline.tell_growth(each.at, quiet=True)
        watcher.pipeline.tell_growth(each.at, quiet=True)  # Nothing has come since.
        watcher.collect()
    grown = watcher.grown
    assert not grown[0].ended
    assert [each.client.texts for each in grown[:2]] == [1, 1]
    sizes = [each.server.payload_bytes for each in grown]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 40, "payload that is passed over counts"
    seen = watcher.finish()
    assert told(seen).ended
    assert told(seen).server.payload_bytes >= sizes[-1]
    assert not watcher.pipeline.sink.growing


def whole() -> Response:
    return watch(opened()).responses[0]


def test_it_passes_the_line_between_processes() -> None:
    response = whole()
    (event,) = EventDecoder().decode(EventEncoder().encode([ResponseSeen(response)]))
    assert isinstance(event, ResponseSeen)
    assert event.response == response


def test_it_is_written_as_json_and_read_again() -> None:
    response = whole()
    reader = LineReader(Limits())
    reader.push(EventWriter().line(response, Counters()))
    reader.end()
    again = [event.response for event in reader.take(1.0) if isinstance(event, ResponseSeen)]
    assert [each.websocket for each in again] == [response.websocket]


def test_texts_are_bodies_and_do_not_leave_with_secrets_hidden() -> None:
    shown = Redactor(b"salt").response(whole())
    assert shown.websocket is not None
    assert {each.preview for each in shown.websocket.messages} == {b""}
    assert replace(shown, websocket=None).head == whole().head
