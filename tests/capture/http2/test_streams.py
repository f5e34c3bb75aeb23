"""Streams between two real endpoints: what each row says."""

from dataclasses import replace

import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from hpack import Encoder

from httpresp_capture.detect.recognise import HTTP2_PREFACE
from httpresp_capture.records.events import LateEvidence, ResponseChanged, ResponseGrew, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import Completeness, EndReason, Framing
from two_ends import Fields, Listener, TwoEnds, asking, heard

OK: Fields = [(":status", "200"), ("content-type", "text/plain")]


def names(row: Response) -> list[str]:
    return [problem.name for problem in row.problems]


def raw(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def test_an_exchange_is_told_as_the_head_that_http_1_would_have() -> None:
    ends = TwoEnds()
    stream = ends.ask(asking("/a?b=1", "POST", [("cookie", "a=1"), ("accept", "*/*"), ("cookie", "b=2")]), b"body")
    ends.answer(stream, [*OK, ("content-length", "5"), ("x-a", "1"), ("x-a", "2")], b"hello")
    (row,) = heard(ends.crossed)
    assert row.head == (b"HTTP/2 200\r\ncontent-type: text/plain\r\ncontent-length: 5\r\nx-a: 1\r\nx-a: 2\r\n\r\n")
    assert (row.status, row.protocol, row.reason, row.stream, row.declared) == (200, "HTTP/2", "", 1, 5)
    assert (row.body, row.body_bytes, row.end, row.framing) == (b"hello", 5, EndReason.END_STREAM, Framing.FRAMES)
    assert (row.completeness, row.problems, row.wire_bytes) == (Completeness.COMPLETE, (), row.wire_bytes)
    assert row.request
    assert row.request.head == b"POST /a?b=1 HTTP/2\r\nhost: a.test\r\naccept: */*\r\ncookie: a=1; b=2\r\n\r\n"
    assert (row.request.method, row.request.target, row.request.host) == ("POST", "/a?b=1", "a.test")
    assert (row.request.body, row.request.complete, row.request.scheme) == (b"body", True, "http")


def test_a_row_is_told_with_its_head_and_again_at_its_end() -> None:
    ends = TwoEnds()
    stream = ends.ask()
    ends.answer(stream, OK, b"part", ends=False)
    listener = Listener(Limits(progress_ns=1))
    for asks, data in ends.crossed:
        listener.hear(asks, data)
    (reader,) = listener.sink.growing
    assert reader.tell_growth(listener.at + 10, False)
    count = len(ends.crossed)
    ends.send(stream, b"rest")
    for asks, data in ends.crossed[count:]:
        listener.hear(asks, data)
    assert listener.kinds == [ResponseSeen, ResponseGrew, ResponseChanged]
    assert not listener.sink.growing


def test_interim_responses_are_rows_and_trailers_belong_to_the_final_one() -> None:
    ends = TwoEnds()
    stream = ends.ask()
    ends.answer(stream, [(":status", "103"), ("link", "</a.css>")], ends=False)
    ends.answer(stream, OK, b"body", [("x-sum", "1")])
    hints, final = heard(ends.crossed)
    assert (hints.status, hints.stream, hints.end, hints.header("link")) == (103, 1, EndReason.NO_BODY, "</a.css>")
    assert (final.status, final.body, final.trailers) == (200, b"body", b"x-sum: 1\r\n")
    assert final.request == hints.request


def test_streams_that_are_open_together_are_each_their_own() -> None:
    ends = TwoEnds()
    first, second = ends.ask(asking("/1")), ends.ask(asking("/2"))
    ends.answer(second, OK, b"b", ends=False)
    ends.answer(first, [(":status", "404")], b"a", ends=False)
    ends.send(second, b"bb")
    ends.send(first, b"aa")
    rows = sorted(heard(ends.crossed), key=lambda row: row.stream)
    assert [(row.stream, row.status, row.body) for row in rows] == [(1, 404, b"aaa"), (3, 200, b"bbb")]
    assert [row.request.target for row in rows if row.request] == ["/1", "/2"]


@pytest.mark.parametrize("by_client", [True, False])
def test_a_reset_ends_a_stream_and_its_code_has_a_name(by_client: bool) -> None:
    ends = TwoEnds()
    begun, waiting = ends.ask(), ends.ask()
    ends.answer(begun, OK, b"part", ends=False)
    for stream in (begun, waiting):
        (ends.client if by_client else ends.server).reset_stream(stream, ErrorCodes.ENHANCE_YOUR_CALM)
        ends.cross()
    rows = {row.stream: row for row in heard(ends.crossed)}
    who = "client" if by_client else "server"
    assert rows[begun].end is (EndReason.CLIENT_RESET if by_client else EndReason.SERVER_RESET)
    assert rows[begun].completeness is Completeness.CLOSED_EARLY
    assert [(one.name, one.detail) for one in rows[begun].problems] == [
        ("stream-reset", f"ENHANCE_YOUR_CALM from the {who}")
    ]
    assert rows[waiting].unanswered
    assert rows[waiting].problems[0].detail == f"ENHANCE_YOUR_CALM from the {who}"


def test_what_a_server_going_away_will_not_process_got_no_response() -> None:
    ends = TwoEnds()
    first, second = ends.ask(asking("/1")), ends.ask(asking("/2"))
    ends.server.close_connection(last_stream_id=first)
    # The library sends nothing more; what the server says to the first stream is written by hand.
    block = Encoder().encode([(":status", "200")])
    crossed = [*ends.crossed, (False, ends.server.data_to_send())]
    crossed.append((False, raw(1, 5, first, block)))
    rows = {row.stream: row for row in heard(crossed)}
    assert (rows[first].status, rows[first].end) == (200, EndReason.END_STREAM)
    assert rows[second].unanswered
    assert rows[second].problems[0].detail == "GOAWAY NO_ERROR from the server"


def test_a_connection_that_was_given_up_says_why() -> None:
    ends = TwoEnds()
    begun, waiting = ends.ask(), ends.ask()
    ends.answer(begun, OK, b"part", ends=False)
    ends.server.close_connection(ErrorCodes.INTERNAL_ERROR, last_stream_id=9)
    rows = {row.stream: row for row in heard([*ends.crossed, (False, ends.server.data_to_send())])}
    assert (rows[begun].end, names(rows[begun])) == (EndReason.GOAWAY, ["goaway"])
    assert rows[begun].completeness is Completeness.CLOSED_EARLY
    assert rows[waiting].problems[0].detail == "GOAWAY INTERNAL_ERROR from the server"


def test_what_is_open_ends_with_its_connection() -> None:
    ends = TwoEnds()
    begun, waiting = ends.ask(), ends.ask()
    ends.answer(begun, OK, b"part", ends=False)
    rows = {row.stream: row for row in heard(ends.crossed, EndReason.SERVER_FIN)}
    assert (rows[begun].end, rows[begun].completeness) == (EndReason.SERVER_FIN, Completeness.CLOSED_EARLY)
    assert (rows[waiting].end, rows[waiting].completeness) == (EndReason.UNANSWERED, Completeness.MISSING)


def test_a_pushed_response_answers_the_request_that_was_promised() -> None:
    ends = TwoEnds()
    stream = ends.ask(asking("/"))
    ends.server.push_stream(stream, 2, asking("/style.css"))
    ends.cross()
    ends.answer(stream, OK, b"page")
    ends.answer(2, OK, b"style")
    rows = {row.stream: row for row in heard(ends.crossed)}
    pushed = rows[2].request
    assert (rows[2].body, pushed and pushed.target, rows[2].problems) == (b"style", "/style.css", ())


def test_what_comes_late_on_a_stream_that_is_over_is_no_row() -> None:
    ends = TwoEnds()
    stream = ends.ask(asking(method="POST"), b"part", ends=False)
    ends.answer(stream, OK, b"no")
    ends.client.send_data(stream, b"rest", end_stream=True)
    ends.cross()
    (row,) = heard([*ends.crossed, (True, b"\0\0\4\3\0\0\0\0\1\0\0\0\x08"), (False, b"\0\0\4\3\0\0\0\0\1\0\0\0\0")])
    assert (row.status, row.end) == (200, EndReason.END_STREAM)
    assert row.request
    assert not row.request.complete


def test_a_table_size_that_the_other_end_allows_is_used() -> None:
    ends = TwoEnds()
    ends.client.update_settings({SettingCodes.HEADER_TABLE_SIZE: 65_536})
    ends.cross()
    fields = [(f"x-{number}", "v" * 900) for number in range(8)]
    for _ in range(3):
        ends.answer(ends.ask(), [*OK, *fields])
    for row in heard(ends.crossed):
        assert list(row.headers) == [("content-type", "text/plain"), *fields]
        assert not row.problems


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ([*OK, ("connection", "close")], ["connection-field"]),
        ([*OK, ("transfer-encoding", "chunked"), ("keep-alive", "1")], ["connection-field", "connection-field"]),
        ([*OK, ("X-Upper", "1")], ["uppercase-name"]),
        ([*OK, ("x blank", "1")], ["bad-name"]),
        ([*OK, ("x-a", "1\r\nset-cookie: evil=1")], ["control-bytes"]),
        ([*OK, ("x-a", " 1")], ["blanks-around-value"]),
        ([("content-type", "text/plain"), (":status", "200")], ["bad-pseudo-field"]),
        ([(":status", "200"), (":status", "404")], ["bad-pseudo-field"]),
        ([(":status", "200"), (":path", "/")], ["bad-pseudo-field"]),
        ([("content-type", "text/plain")], ["bad-pseudo-field"]),
        ([(":status", "2x0")], ["bad-status"]),
        ([(":status", "700")], ["status-range"]),
        ([*OK, ("content-length", "9")], ["length-differs"]),
        ([*OK, ("content-length", "4"), ("content-length", "4")], ["repeated-length"]),
        ([*OK, ("content-length", "4"), ("content-length", "5")], ["differing-lengths"]),
        ([*OK, ("content-length", "many")], ["bad-length"]),
    ],
)
def test_a_response_that_breaks_the_rules_says_which(fields: Fields, problems: list[str]) -> None:
    ends = TwoEnds()
    stream = ends.ask()
    block = Encoder().encode(fields)
    (row,) = heard([*ends.crossed, (False, raw(1, 4, stream, block) + raw(0, 1, stream, b"body"))])
    assert names(row) == problems
    assert row.body == b"body"
    # A line end in a value makes no line of its own.
    assert row.head.count(b"\n") == len(list(row.headers)) + 2 == len([f for f in fields if f[0][0] != ":"]) + 2


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ([(":method", "GET"), (":scheme", "http")], ["bad-pseudo-field"]),
        ([(":scheme", "http"), (":path", "/")], ["bad-pseudo-field"]),
        ([(":method", "GET"), (":path", "/")], ["bad-pseudo-field"]),
        ([*asking(), (":status", "200")], ["bad-pseudo-field"]),
        (asking(more=[("host", "b.test")]), ["differing-hosts"]),
        (asking(more=[("host", "a.test")]), []),
        (asking(more=[("te", "trailers")]), []),
        (asking(more=[("te", "gzip")]), ["connection-field"]),
        ([(":method", "CONNECT"), (":authority", "b.test:443")], []),
        ([(":method", "CONNECT"), (":authority", "b.test:443"), (":path", "/")], ["bad-pseudo-field"]),
        (asking("/chat", "CONNECT", [(":protocol", "websocket")]), []),
        (asking("/chat", "GET", [(":protocol", "websocket")]), ["bad-pseudo-field"]),
        (asking("a/b"), ["bad-pseudo-field"]),
        (asking("/a\rb"), ["bad-pseudo-field"]),
        (asking("*"), ["bad-pseudo-field"]),
        (asking("*", "OPTIONS"), []),
        (asking('/ü?a|b="', "QUERY"), []),
        (asking("/", "G\x1bT"), ["bad-pseudo-field"]),
        (
            [(":method", "GET"), (":scheme", "http"), (":authority", "me:secret@a.test"), (":path", "/")],
            ["bad-pseudo-field"],
        ),
        (asking(more=[("content-length", "3")]), ["length-differs"]),
        (asking(more=[("content-length", "0")]), []),
    ],
)
def test_a_request_that_breaks_the_rules_says_which(fields: Fields, problems: list[str]) -> None:
    block = Encoder().encode(fields)
    ends = TwoEnds()
    ends.answer(ends.ask(), OK)
    rows = heard([*ends.crossed, (True, raw(1, 5, 3, block))])
    assert rows[1].request
    assert [problem.name for problem in rows[1].request.problems] == problems
    assert (rows[1].request.protocol, rows[1].request.method) == (
        dict(fields).get(":protocol", ""),
        dict(fields).get(":method", ""),
    )
    assert rows[1].request.head.count(b"host: a.test") <= 1
    assert all("secret" not in problem.detail for problem in rows[1].request.problems)


def test_what_follows_connect_is_a_tunnel() -> None:
    ends = TwoEnds()
    stream = ends.ask([(":method", "CONNECT"), (":authority", "b.test:443")], ends=False)
    ends.answer(stream, [(":status", "200")], b"\x16\x03\x01", ends=False)
    (row,) = heard(ends.crossed)
    assert (row.framing, row.body_bytes) == (Framing.TUNNEL, 3)
    assert row.request
    assert (row.request.target, row.request.host) == ("b.test:443", "b.test:443")


@pytest.mark.parametrize("failed", [False, True])
def test_an_answer_that_has_ended_is_whole_however_its_connection_ends(failed: bool) -> None:
    """Over a WebSocket the client may still say something: its stream stays open behind the last of the answer."""
    listener = Listener()
    ends = TwoEnds()
    stream = ends.ask(asking("/chat", "CONNECT", [(":protocol", "websocket")]), ends=False)
    ends.answer(stream, [(":status", "200")], b"\x81\x02hi")
    for asks, data in ends.crossed:
        listener.hear(asks, data)
    server_said = listener.at
    listener.hear(True, raw(0, 0, stream, b"\x81\x80abcd"))
    client_said = listener.at
    if failed:
        listener.hear(False, raw(7, 0, 0, (1).to_bytes(4, "big") + (2).to_bytes(4, "big")))
    listener.at += 5_000
    (row,) = listener.finish(EndReason.SERVER_RST)
    assert (row.end, row.completeness, row.problems) == (EndReason.END_STREAM, Completeness.COMPLETE, ())
    assert row.ended_at == client_said > server_said
    assert row.websocket
    assert (row.websocket.server.texts, row.websocket.client.texts) == (1, 1)


def test_an_answer_to_head_may_declare_a_length() -> None:
    ends = TwoEnds()
    ends.answer(ends.ask(asking(method="HEAD")), [*OK, ("content-length", "9")])
    (row,) = heard(ends.crossed)
    assert (row.problems, row.declared, row.framing) == ((), 9, Framing.NONE)


def test_a_coding_that_fails_is_said() -> None:
    ends = TwoEnds()
    ends.answer(ends.ask(), [*OK, ("content-encoding", "gzip")], b"no gzip")
    (row,) = heard(ends.crossed)
    assert names(row) == ["bad-coding"]


# Bounds


def test_a_header_block_without_end_is_bounded_and_one_row() -> None:
    ends = TwoEnds()
    stream = ends.ask()
    listener = Listener()
    for asks, data in ends.crossed:
        listener.hear(asks, data)
    listener.hear(False, raw(1, 0, stream, b"\x88"))
    for _ in range(200):
        listener.hear(False, raw(9, 0, stream, b"\x40\x01a\x01b" * 3_000))
    assert sum(map(len, listener.server.block or ())) <= listener.sink.limits.head_bytes
    listener.hear(False, raw(9, 4, stream, b""))
    listener.hear(False, raw(0, 1, stream, b"body"))
    (row,) = listener.finish()
    assert (row.status, names(row), row.body) == (0, ["head-not-seen"], b"body")


def test_a_head_that_decodes_to_far_more_is_cut() -> None:
    ends = TwoEnds()
    stream = ends.ask()
    block = Encoder().encode([(":status", "200"), ("x-bomb", "b" * 3_900)]) + b"\xbe" * 16_000
    (row,) = heard([*ends.crossed, (False, raw(1, 5, stream, block[:16_384]))])
    assert (row.status, names(row)) == (200, ["head-limit"])
    assert len(row.head) < 300_000


def test_streams_that_are_opened_and_reset_at_once_leave_nothing_behind() -> None:
    listener = Listener()
    ends = TwoEnds()
    for asks, data in ends.crossed:
        listener.hear(asks, data)
    block = Encoder().encode(asking())
    for stream in range(1, 6_001, 2):
        listener.hear(True, raw(1, 5, stream, block) + raw(3, 0, stream, b"\0\0\0\x08"))
    assert not listener.exchanges.open
    rows = listener.finish()
    assert len(rows) == 3_000
    assert all(row.unanswered for row in rows)


def test_more_streams_at_once_than_are_followed_are_rows_all_the_same() -> None:
    listener = Listener(replace(Limits(), pending_requests=50))
    for asks, data in TwoEnds().crossed:
        listener.hear(asks, data)
    block = Encoder().encode(asking())
    for stream in range(1, 401, 2):
        listener.hear(True, raw(1, 5, stream, block))
        assert len(listener.exchanges.open) <= 50
    rows = listener.finish()
    assert [row.stream for row in rows] == list(range(1, 401, 2))
    assert rows[0].problems[0].detail == "too many waiting"


def test_of_bodies_that_are_open_together_no_more_is_kept_than_is_allowed() -> None:
    listener = Listener(replace(Limits(), body_bytes=-1))
    for asks, data in TwoEnds().crossed:
        listener.hear(asks, data)
    question, answer = Encoder().encode(asking()), Encoder().encode(OK)
    for stream in (1, 3, 5):
        listener.hear(True, raw(1, 5, stream, question))
        listener.hear(False, raw(1, 4, stream, answer))
    for _ in range(600):
        for stream in (1, 3, 5):
            listener.hear(False, raw(0, 0, stream, bytes(16_384)))
    # A response that comes whole is no exception.
    listener.hear(True, raw(1, 5, 7, question))
    listener.hear(False, raw(1, 4, 7, answer) + raw(0, 1, 7, bytes(16_384)))
    rows = listener.finish()
    assert sum(len(row.body) for row in rows) <= (16 << 20) + 16_384
    assert [row.body_bytes for row in rows] == [600 * 16_384] * 3 + [16_384]
    assert not rows[3].body


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("cut", [False, True])
def test_the_weight_that_a_client_gives_a_stream_is_its_request_s(padded: bool, cut: bool) -> None:
    ends = TwoEnds()
    ends.answer(ends.ask(), OK)
    block, answer = Encoder().encode(asking("/heavy")), Encoder().encode(OK)
    cut_at = 3 if cut else len(block)
    payload = (b"\2" if padded else b"") + b"\0\0\0\1\xff" + block[:cut_at] + (b"\0\0" if padded else b"")
    flags = 0x21 | (8 if padded else 0) | (0 if cut else 4)
    asked = raw(1, flags, 3, payload) + (raw(9, 4, 3, block[3:]) if cut else b"")
    given_later = raw(2, 0, 5, b"\0\0\0\3\x0f") + raw(1, 5, 5, block) + raw(2, 0, 5, b"\0\0\0\3\x1f")
    answers = raw(1, 5, 3, answer) + raw(1, 5, 5, answer)
    rows = heard([*ends.crossed, (True, asked + given_later), (False, answers)])
    assert [(row.stream, row.request.weight) for row in rows if row.request] == [(1, 0), (3, 256), (5, 32)]
    assert [row.request.target for row in rows if row.request][1:] == ["/heavy", "/heavy"]


def exchanged(count: int, limits: Limits | None = None) -> tuple[Listener, Encoder, Encoder]:
    """So many streams that are over, and both encoders."""
    listener, asks, answers = Listener(limits), Encoder(), Encoder()
    listener.hear(True, HTTP2_PREFACE)
    for number in range(count):
        listener.hear(True, raw(1, 5, 2 * number + 1, asks.encode(asking())))
        listener.hear(False, raw(1, 5, 2 * number + 1, answers.encode(OK)))
    return listener, asks, answers


@pytest.mark.parametrize(("stream", "told"), [(1, 0), (3, 1), (17, 1)])
def test_what_comes_behind_the_end_is_told_of_those_that_ended_lately(stream: int, told: int) -> None:
    listener, _, _ = exchanged(9)
    for _ in range(2):
        listener.server.data(raw(0, 1, stream, b"late"), 99_000)
    late = [event.response for event in listener.sink.take() if isinstance(event, LateEvidence)]
    assert [(row.stream, names(row)) for row in late] == [(stream, ["frames-after-end"])] * told


def test_where_bytes_were_lost_nobody_is_blamed_for_what_comes_behind_an_end() -> None:
    listener, _, _ = exchanged(2)
    listener.miss(False, 40)
    listener.server.data(raw(0, 1, 3, b"late"), 99_000)
    assert listener.sink.take() == []


def test_trailers_that_do_not_end_are_kept_as_far_as_a_head_may_be_long() -> None:
    listener, asks, answers = exchanged(0, replace(Limits(), head_bytes=400))
    listener.hear(True, raw(1, 5, 1, asks.encode(asking())))
    listener.hear(False, raw(1, 4, 1, answers.encode(OK)))
    for number in range(20):
        listener.hear(False, raw(1, 4, 1, answers.encode([(f"x-{number}", "y" * 90)])))
    (row,) = listener.finish()
    assert 300 < len(row.trailers) <= 400
    assert "trailers-not-last" in names(row)
