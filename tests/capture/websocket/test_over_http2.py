"""A WebSocket on a stream of HTTP/2 (RFC 8441): told of the answer to its CONNECT."""

import socket
import zlib
from typing import Any

import pytest
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RemoteSettingsChanged, ResponseReceived, StreamEnded
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, TextMessage
from wsproto.events import Event as WebSocketEvent
from wsproto.extensions import Extension, PerMessageDeflate

from httpresp_capture.records.events import ResponseGrew
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import Completeness, EndReason, Framing
from httpresp_capture.records.websocket import WebSocket
from peers import Relay, serving
from two_ends import Fields, Listener, TwoEnds, asking, heard
from websocket_frames import frame

MASK = b"\x01\x02\x03\x04"
OPENED: Fields = [(":status", "200"), ("sec-websocket-protocol", "chat")]
DEFLATED: Fields = [*OPENED, ("sec-websocket-extensions", "permessage-deflate; server_no_context_takeover")]


class Chat(TwoEnds):
    """One WebSocket, open."""

    def __init__(self, answer: Fields = OPENED, protocol: str = "websocket") -> None:
        super().__init__()
        self.stream = self.ask(asking("/chat", "CONNECT", [(":protocol", protocol)]), ends=False)
        self.answer(self.stream, answer, ends=False)

    def say(self, data: bytes, *, ends: bool = False) -> None:
        """As the client."""
        self.client.send_data(self.stream, data, end_stream=ends)
        self.cross()

    def hear(self, data: bytes, *, ends: bool = False) -> None:
        """As the server."""
        self.send(self.stream, data, ends=ends)


def said(chat: Chat) -> Chat:
    chat.say(frame(1, b"hello", mask=MASK) + frame(9, b"?", mask=MASK)[:3])
    chat.hear(frame(1, b'{"price": 10}') + frame(2, bytes(70_000)))
    chat.say(frame(9, b"?", mask=MASK)[3:])
    return chat


def deflated(compressor: Any, text: bytes) -> bytes:
    """RFC 7692 §7.2.1."""
    return (compressor.compress(text) + compressor.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\0\0\xff\xff")


def told(row: Response) -> WebSocket:
    assert row.websocket is not None
    return row.websocket


def test_both_directions_are_told() -> None:
    chat = said(Chat())
    chat.say(frame(8, b"\x03\xe8bye", mask=MASK))
    chat.hear(frame(8, b"\x03\xe8"), ends=True)
    chat.say(b"", ends=True)
    (row,) = heard(chat.crossed)
    websocket = told(row)
    assert (row.end, row.completeness, row.framing) == (EndReason.END_STREAM, Completeness.COMPLETE, Framing.TUNNEL)
    assert (row.problems, row.body, row.body_bytes) == ((), b"", 0)
    assert row.wire_bytes > 70_000
    assert websocket.ended
    assert (websocket.client.texts, websocket.client.pings, websocket.client.close_code) == (1, 1, 1000)
    assert websocket.client.close_reason == b"bye"
    assert (websocket.server.texts, websocket.server.binaries, websocket.server.close_code) == (1, 1, 1000)
    assert websocket.server.payload_bytes == 70_000 + len(b'{"price": 10}') + 2
    assert [(each.from_client, each.preview) for each in websocket.messages if each.text] == [
        (True, b"hello"),
        (False, b'{"price": 10}'),
    ]


def test_what_the_client_says_behind_the_servers_end_is_told_too() -> None:
    chat = said(Chat())
    chat.hear(frame(8, b"\x03\xe9"), ends=True)
    chat.say(frame(8, b"\x03\xe9", mask=MASK), ends=True)
    chat.ask()
    first, _ = heard(chat.crossed)
    assert (told(first).client.close_code, first.end) == (1001, EndReason.END_STREAM)


def test_a_reset_behind_the_servers_end_says_nothing_more() -> None:
    chat = said(Chat())
    chat.hear(frame(8, b"\x03\xe8"), ends=True)
    chat.client.reset_stream(chat.stream, ErrorCodes.CANCEL)
    chat.cross()
    (row,) = heard(chat.crossed)
    assert (row.end, row.problems, told(row).ended) == (EndReason.END_STREAM, (), True)


def test_a_reset_ends_it_in_the_middle_of_a_message() -> None:
    chat = said(Chat())
    chat.hear(frame(1, b"half", fin=False))
    chat.client.reset_stream(chat.stream, ErrorCodes.CANCEL)
    chat.cross()
    (row,) = heard(chat.crossed)
    assert (row.end, told(row).ended) == (EndReason.CLIENT_RESET, True)
    assert [(each.preview, each.complete) for each in told(row).messages][-1] == (b"half", False)


def test_what_the_client_sent_without_waiting_for_the_answer_is_read() -> None:
    ends = TwoEnds()
    stream = ends.ask(asking("/chat", "CONNECT", [(":protocol", "websocket")]), ends=False)
    ends.client.send_data(stream, frame(1, b"early", mask=MASK)[:7])
    ends.cross()
    ends.answer(stream, OPENED, ends=False)
    ends.client.send_data(stream, frame(1, b"early", mask=MASK)[7:])
    ends.cross()
    (row,) = heard(ends.crossed)
    assert [each.preview for each in told(row).messages] == [b"early"]


def test_texts_that_are_compressed_are_read_as_the_answer_says() -> None:
    chat = Chat(DEFLATED)
    text = b"what is said twice"
    compressor = zlib.compressobj(wbits=-15)
    for _ in range(2):
        chat.say(frame(1, deflated(compressor, text), mask=MASK, bits=0x40))
        chat.hear(frame(1, deflated(zlib.compressobj(wbits=-15), text), bits=0x40))
    websocket = told(heard(chat.crossed)[0])
    assert websocket.compressed
    assert [each.preview for each in websocket.messages] == [text] * 4
    assert not websocket.client.problem + websocket.server.problem


def test_it_grows_with_what_either_end_says() -> None:
    chat = Chat()
    listener = Listener(Limits(progress_ns=1))
    heard_of = 0
    grown: list[WebSocket] = []
    for asked in (False, True):
        (chat.say if asked else chat.hear)(frame(1, b"more", mask=MASK if asked else b""))
        for asks, data in chat.crossed[heard_of:]:
            listener.hear(asks, data)
        heard_of = len(chat.crossed)
        (reader,) = listener.sink.growing
        assert reader.tell_growth(listener.at + 10, False)
        assert not reader.tell_growth(listener.at + 20, False), "nothing more came"
        (event,) = listener.sink.take()
        assert isinstance(event, ResponseGrew)
        grown.append(told(event.response))
    assert [(each.client.texts, each.server.texts, each.ended) for each in grown] == [(0, 1, False), (1, 1, False)]


def test_a_loss_in_its_payload_is_bridged_and_any_other_ends_the_reading() -> None:
    chat = Chat()
    before = len(chat.crossed)
    chat.hear(frame(2, bytes(10_000)) + frame(1, b"behind"))
    (sent,) = [data for asks, data in chat.crossed[before:] if not asks and len(data) > 1_000]
    for start, end, previews, problem in ((500, 900, [b"", b"behind"], ""), (0, 900, [], "missing")):
        listener = Listener()
        for asks, data in chat.crossed[:before]:
            listener.hear(asks, data)
        listener.hear(False, sent[:start])
        listener.miss(False, end - start)
        listener.hear(False, sent[end:])
        (row,) = listener.finish()
        assert [each.preview for each in told(row).messages] == previews
        assert problem in told(row).server.problem
        assert bool(problem) is bool(told(row).server.problem)


@pytest.mark.slow
@pytest.mark.parametrize("compressed", [False, True])
def test_hypercorn_and_the_client_of_wsproto_are_read(compressed: bool) -> None:
    with serving("hypercorn") as port:
        relay = Relay(port)
        heard_back = talk(relay.port, ["hello", "hello again", "x" * 70_000, "bye"], compressed=compressed)
        (row,) = relay.rows()
    assert heard_back == ["hello", "hello again", "x" * 70_000]
    websocket = told(row)
    assert (row.status, row.problems, websocket.compressed, websocket.ended) == (200, (), compressed, True)
    assert [each.preview for each in websocket.messages if each.from_client] == [
        b"hello", b"hello again", b"x" * 256, b"bye",
    ]  # fmt: skip
    assert [each.preview for each in websocket.messages if not each.from_client] == [
        b"hello", b"hello again", b"x" * 256,
    ]  # fmt: skip
    assert (websocket.server.close_code, websocket.server.close_reason) == (1000, b"said")
    assert websocket.client.close_code == 1000
    assert (websocket.client.problem, websocket.server.problem) == ("", "")
    assert (websocket.client.payload_bytes < 1_000) is compressed


def talk(port: int, texts: list[str], *, compressed: bool) -> list[str]:
    """Say each text once the one before has come back; what came back."""
    http = H2Connection()
    http.initiate_connection()
    extensions: list[Extension] = [PerMessageDeflate()] if compressed else []
    more = [(":protocol", "websocket"), ("sec-websocket-version", "13")]
    if compressed:
        more.append(("sec-websocket-extensions", f"permessage-deflate; {extensions[0].offer()}"))
    ends: Connection | None = None
    came: list[str] = []
    part = ""
    waiting = bytearray()
    with socket.create_connection(("127.0.0.1", port)) as peer:

        def say(event: WebSocketEvent) -> None:
            assert ends is not None
            waiting.extend(ends.send(event))

        stream = 0
        while True:
            while stream and waiting and (room := http.local_flow_control_window(stream)):
                cut = min(len(waiting), room, http.max_outbound_frame_size)
                http.send_data(stream, bytes(waiting[:cut]))
                del waiting[:cut]
            peer.sendall(http.data_to_send())
            data = peer.recv(65_536)
            if not data:
                return came
            for event in http.receive_data(data):
                match event:
                    case RemoteSettingsChanged() if not stream:
                        stream = http.get_next_available_stream_id()
                        http.send_headers(stream, asking("/chat", "CONNECT", more))
                    case ResponseReceived():
                        answer = {bytes(name): bytes(value) for name, value in event.headers}
                        if compressed:
                            extensions[0].finalize(answer[b"sec-websocket-extensions"].decode())
                        ends = Connection(ConnectionType.CLIENT, extensions)
                        say(TextMessage(texts[0]))
                    case DataReceived():
                        assert ends is not None
                        http.acknowledge_received_data(event.flow_controlled_length, stream)
                        if event.data:
                            ends.receive_data(event.data)
                        for said in ends.events():
                            match said:
                                case TextMessage():
                                    part += said.data
                                    if said.message_finished:
                                        came.append(part)
                                        part = ""
                                        say(TextMessage(texts[len(came)]))
                                case CloseConnection():
                                    say(said.response())
                                case _:
                                    pass
                    case StreamEnded():
                        # Its end may come in one piece with its close, which is answered all the same.
                        http.send_data(stream, bytes(waiting), end_stream=True)
                        http.close_connection()
                        peer.sendall(http.data_to_send())
                        return came
                    case _:
                        pass


def test_another_protocol_and_a_refusal_are_no_websocket() -> None:
    assert heard(said(Chat(protocol="connect-udp")).crossed)[0].websocket is None
    assert heard(said(Chat([(":status", "403")])).crossed)[0].websocket is None
