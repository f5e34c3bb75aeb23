"""The detector, rule by rule, with a table of protocols of its own: `ask` prevails as HTTP/1 does, `two` is read as
HTTP/2 is, `lock` is encrypted and nobody reads it, `kin` is told by its kind."""

from dataclasses import dataclass, field

import pytest

from httpresp_capture.detect.detector import Detector
from httpresp_capture.detect.protocol import Conversation, Protocol, Verdict, recognise
from httpresp_capture.detect.undetected import Detection, Undetected
from httpresp_capture.records.evidence import Segment
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.unread import Kind
from httpresp_capture.sink import Sink
from httpresp_capture.streams.byte_streams import ByteStream, Streams
from httpresp_capture.streams.receiver import IGNORED, Receiver
from samples import FLOW, request

Told = list[bytes | str]
REQUEST = request()


class Stream(ByteStream):
    """One that counts how often its repeats were said to be of no interest."""

    def __init__(self) -> None:
        super().__init__()
        self.dropped = 0

    def drop_recent(self) -> None:
        self.dropped += 1


class Pair(Streams):
    """Two streams, each end's bytes given by hand."""

    def __init__(self, *, midstream: bool = False) -> None:
        self.sink = Sink(Limits())
        self.detector = Detector(self.sink, PROTOCOLS, self)
        super().__init__(self.detector)
        self.one, self.two = Stream(), Stream()
        self.client, self.server = self.one, self.two
        self.midstream = midstream
        self.asked = 0
        self.talks: list[Talk] = []
        self.order: list[tuple[ByteStream, bytes]] = []

    def flow(self) -> Flow:
        return FLOW

    def used_at(self) -> int:
        return 0

    def asked_by_client(self) -> None:
        self.asked += 1

    def say(self, stream: Stream, *parts: bytes) -> None:
        for data in parts:
            if stream.reader is None:
                stream.reader = self.detector.listen(stream)
            stream.reader.data(data, 5)

    def gap(self, stream: Stream, length: int) -> None:
        if stream.reader is None:
            stream.reader = self.detector.listen(stream)
        stream.reader.gap(length, 5, False)

    @property
    def counted(self) -> tuple[int, int, dict[str, int]]:
        """Connections encrypted, others, and those of each kind."""
        return (
            self.sink.flows_encrypted,
            self.sink.flows_other,
            {each.kind: each.count for each in self.sink.unread.told()},
        )


@dataclass
class Talk(Conversation):
    """A conversation that writes down what it is told."""

    detection: Detection
    name: str
    told: list[str] = field(default_factory=list[str])
    given: list[tuple[str, bool, bool]] = field(default_factory=list[tuple[str, bool, bool]])
    """Of each reader that was asked for: whose, whether nobody had listened, whether its own bytes showed it."""
    busy: bool = False

    def __post_init__(self) -> None:
        connection = self.detection.connection
        assert isinstance(connection, Pair)
        self.pair = connection
        connection.talks.append(self)

    def reader(self, stream: ByteStream, undetected: Undetected | None, *, recognised: bool) -> Receiver:
        who = "client" if stream is self.pair.client else "server"
        self.given.append((who, undetected is None, recognised))
        return Reader(self.pair, stream)

    def upgraded(self, request: Request | None) -> None:
        self.told.append("upgraded" if request is REQUEST else "upgraded for none")

    def withdrawn(self) -> None:
        self.told.append("withdrawn")

    def opened(self) -> None:
        self.told.append("opened")

    def restart(self) -> None:
        self.told.append("restart")

    def closed(self, reason: EndReason, at: int) -> None:
        self.told.append(f"closed {at}")

    def forget(self) -> None:
        self.told.append("forget")

    def give_up_oldest(self, at: int) -> None:
        self.told.append(f"gave up {at}")

    def waiting(self) -> list[Request]:
        return [REQUEST]

    def under_way(self) -> bool:
        return self.busy


class Reader(Receiver):
    """Who reads a stream once it is known what it speaks."""

    def __init__(self, pair: Pair, stream: ByteStream) -> None:
        super().__init__()
        self.pair, self.stream = pair, stream
        self.told: Told = []
        self.times: list[int] = []

    def data(self, data: bytes, at: int) -> None:
        self.told.append(data)
        self.times.append(at)
        self.pair.order.append((self.stream, data))

    def urgent(self) -> None:
        self.told.append("urgent")

    def gap(self, length: int, at: int, snapped: bool) -> None:
        self.told.append(f"gap {length}")

    def end(self, reason: EndReason, at: int) -> None:
        self.told.append("end")

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        self.told.append("conflict")


def begins(words: dict[bytes, Verdict], data: bytes) -> Verdict:
    for word, verdict in words.items():
        if data.startswith(word):
            return verdict
        if word.startswith(data):
            return Verdict.MORE
    return Verdict.NO


def ask(data: bytes) -> Verdict:
    return begins({b"ask\n": Verdict.CLIENT, b"HTTP/1.1 \n": Verdict.SERVER}, data)


def find_ask(data: bytes, newest: int) -> tuple[Verdict, int]:
    for word, verdict in ((b"ask\n", Verdict.CLIENT), (b"HTTP/1.1 \n", Verdict.SERVER)):
        start = data.find(word)
        if start >= 0:
            return verdict, start
    return Verdict.NO, 0


PROTOCOLS = (
    Protocol("ask", ask, lambda detection: Talk(detection, "ask"), find_ask, prevails=True),
    Protocol(
        "two",
        lambda data: begins({b"two\n": Verdict.CLIENT, b"2\n": Verdict.SERVER, b"2 or two\n": Verdict.EITHER}, data),
        lambda detection: Talk(detection, "two"),
    ),
    Protocol("lock", lambda data: begins({b"lock\n": Verdict.CLIENT}, data), encrypted=True),
    Protocol("kin", lambda data: begins({b"kin\n": Verdict.EITHER}, data), kind=Kind.SWITCHED),
)
STRANGE = b"\xff" * 20


def told(stream: ByteStream) -> Told:
    assert isinstance(stream.reader, Reader)
    return stream.reader.told


def undetected(stream: ByteStream) -> Undetected:
    assert isinstance(stream.reader, Undetected)
    return stream.reader


def test_a_question_and_its_answer_are_read_whole() -> None:
    pair = Pair()
    assert (pair.detector.asks_unknown(), pair.detector.speaks()) == (True, False)
    pair.say(pair.one, b"a", b"sk", b"\n1")
    (talk,) = pair.talks
    assert (pair.detector.asks_unknown(), pair.detector.speaks(), pair.asked) == (False, True, 1)
    assert told(pair.one) == [b"a", b"sk", b"\n1"]
    pair.say(pair.two, b"HTTP/1.1 \n")
    pair.say(pair.one, b"2")
    assert (told(pair.one), told(pair.two)) == ([b"a", b"sk", b"\n1", b"2"], [b"HTTP/1.1 \n"])
    assert talk.given == [("client", False, True), ("server", True, False)]
    assert pair.detector.overruled() is None
    assert pair.counted == (0, 0, {})


def test_whoever_asks_is_the_client_whoever_that_was_taken_for() -> None:
    for first, asks in ((b"ask\n", True), (b"HTTP/1.1 \n", False), (b"two\n", True), (b"2\n", False)):
        pair = Pair()
        pair.say(pair.two, first)
        assert (pair.client is pair.two) is asks, first
    pair = Pair()
    pair.say(pair.two, b"2 or two\n")
    assert pair.client is pair.one, "it tells not who asks"
    assert [talk.name for talk in pair.talks] == ["two"]


def test_an_answer_is_read_behind_the_question_that_was_not_clear() -> None:
    pair = Pair(midstream=True)
    pair.say(pair.one, STRANGE)
    pair.say(pair.two, b"HTTP/1.1 \n")
    assert pair.order == [(pair.one, STRANGE), (pair.two, b"HTTP/1.1 \n")]
    assert pair.talks[0].given == [("client", False, False), ("server", False, True)]


@pytest.mark.parametrize("heard", [False, True])
def test_an_answer_in_the_middle_is_one_to_a_client_that_may_be_within_a_message(heard: bool) -> None:
    pair = Pair(midstream=not heard)
    if heard:
        pair.gap(pair.one, 5)
    pair.say(pair.two, b"HTTP/1.1 \n")
    assert pair.talks[0].given == [("client", not heard, False), ("server", False, True)]


@pytest.mark.parametrize("begun", [b"as", b"HTT", b""])
def test_an_answer_does_not_wait_for_a_client_of_which_too_little_came(begun: bytes) -> None:
    pair = Pair()
    if begun:
        pair.say(pair.one, begun)
    pair.say(pair.two, b"HTTP/1.1 \n")
    assert told(pair.two) == [b"HTTP/1.1 \n"]
    assert isinstance(pair.one.reader, Undetected)
    pair.say(pair.one, b"k\n" if begun == b"as" else STRANGE)
    assert told(pair.one) == ([b"as", b"k\n"] if begun == b"as" else [begun, STRANGE] if begun else [STRANGE])


def test_a_client_of_another_protocol_is_none_of_http_however_it_is_answered() -> None:
    pair = Pair()
    pair.say(pair.one, b"DESCRIBE x RTSP/1.0\r\n")
    pair.say(pair.two, b"HTTP/1.1 \n")
    assert pair.one.reader is IGNORED
    assert told(pair.two) == [b"HTTP/1.1 \n"]
    assert pair.detector.overruled() == ""
    pair.say(pair.one, b"ask\n")
    pair.say(pair.two, b"more")
    assert told(pair.two) == [b"HTTP/1.1 \n", b"more"]


def test_urgent_bytes_are_told_to_who_reads_them_then() -> None:
    pair = Pair()
    pair.say(pair.one, b"as")
    undetected(pair.one).urgent()
    pair.say(pair.one, b"k\n")
    assert told(pair.one) == ["urgent", b"as", b"k\n"]


def test_of_what_does_not_prevail_each_direction_is_recognised_for_itself() -> None:
    pair = Pair()
    pair.say(pair.two, b"2")
    pair.say(pair.one, b"two\n")
    assert told(pair.one) == [b"two\n"]
    assert isinstance(pair.two.reader, Undetected)
    pair.say(pair.two, b"\n")
    assert told(pair.two) == [b"2", b"\n"]
    assert pair.talks[0].given == [("client", False, True), ("server", False, True)]


def test_what_both_ends_had_said_of_it_is_read_of_both() -> None:
    pair = Pair()
    pair.say(pair.two, STRANGE)
    pair.say(pair.one, b"two\n")
    assert (told(pair.one), told(pair.two)) == ([b"two\n"], [STRANGE])


@pytest.mark.parametrize(
    ("first", "counted"), [(b"lock\n", (1, 0, {})), (b"kin\n", (0, 1, {"another protocol after 101": 1}))]
)
def test_what_nobody_reads_is_counted_and_ignored(first: bytes, counted: tuple[int, int, dict[str, int]]) -> None:
    pair = Pair()
    pair.say(pair.one, first)
    assert (pair.counted, pair.detector.speaks(), pair.detector.asks_unknown()) == (counted, False, False)
    assert pair.one.reader is IGNORED
    assert (pair.one.dropped, pair.two.dropped) == (1, 1)
    assert pair.two.reader is None, "its first bytes may yet show something else"
    pair.say(pair.two, STRANGE)
    assert pair.two.reader is IGNORED
    assert pair.counted == counted
    pair = Pair()
    pair.say(pair.two, b"2")
    pair.say(pair.one, first)
    assert pair.two.reader is IGNORED, "it has spoken"


def test_a_line_of_the_table_says_how_it_is_called_and_counted() -> None:
    pair = Pair()
    line = Protocol("bolt", lambda data: begins({b"bolt\n": Verdict.CLIENT}, data), encrypted=True, kind=Kind.SWITCHED)
    pair.application = pair.detector = Detector(pair.sink, (PROTOCOLS[0], line), pair)
    pair.say(pair.one, b"bolt\n")
    assert pair.counted == (1, 0, {"another protocol after 101": 1})
    pair.say(pair.two, b"HTTP/1.1 \n")
    assert pair.counted == (0, 0, {})
    assert pair.detector.overruled() == "bolt"


def test_of_no_bytes_nothing_can_be_said_yet() -> None:
    """Whatever the lines of the table would answer."""
    assert recognise((Protocol("none", lambda _: Verdict.NO),), b"")[1] is Verdict.MORE
    assert recognise((Protocol("any", lambda _: Verdict.EITHER),), b"")[1] is Verdict.MORE


def test_an_answer_in_clear_takes_the_verdict_back() -> None:
    for first, name in ((b"lock\n", "lock"), (b"kin\n", "kin")):
        pair = Pair()
        pair.say(pair.one, first)
        pair.say(pair.two, b"HTTP/1.1 \n")
        assert pair.counted == (0, 0, {})
        assert pair.detector.overruled() == name
        assert told(pair.two) == [b"HTTP/1.1 \n"]
        assert pair.one.reader is IGNORED


def test_what_was_read_is_withdrawn_when_the_answer_is_in_clear() -> None:
    pair = Pair()
    pair.say(pair.one, b"two\n")
    pair.say(pair.two, b"HTTP/1.1 \n")
    first, second = pair.talks
    assert (first.name, first.told, second.name) == ("two", ["withdrawn"], "ask")
    assert pair.detector.overruled() == "two"
    assert pair.one.reader is IGNORED
    assert told(pair.two) == [b"HTTP/1.1 \n"]
    assert pair.counted == (0, 0, {})


def test_a_server_that_answers_in_clear_shows_that_its_client_spoke_something_else() -> None:
    pair = Pair()
    pair.say(pair.two, b"HTTP/1.1 \n")
    pair.say(pair.one, b"lo")
    assert isinstance(pair.one.reader, Undetected)
    pair.say(pair.one, b"ck\n")
    assert (pair.one.reader, pair.detector.overruled()) == (IGNORED, "lock")
    assert told(pair.two) == [b"HTTP/1.1 \n"]
    assert pair.counted == (0, 0, {})


def test_from_the_beginning_something_unknown_is_that_after_4096_bytes_or_when_both_have_spoken() -> None:
    pair = Pair()
    pair.say(pair.one, b"\xff" * 4_096)
    assert pair.counted == (0, 0, {})
    pair.say(pair.one, b"\xff")
    assert (pair.counted, pair.one.reader) == ((0, 1, {}), IGNORED)
    pair = Pair()
    pair.gap(pair.two, 5)
    pair.say(pair.one, STRANGE)
    assert pair.counted == (0, 0, {}), "the other end has said nothing that was seen"
    pair = Pair()
    pair.say(pair.two, STRANGE)
    pair.say(pair.one, STRANGE)
    assert (pair.counted, pair.one.reader, pair.two.reader) == ((0, 1, {}), IGNORED, IGNORED)


@pytest.mark.parametrize(("midstream", "gapped"), [(True, False), (False, True)])
def test_in_the_middle_a_message_may_begin_anywhere(midstream: bool, gapped: bool) -> None:
    pair = Pair(midstream=midstream)
    if gapped:
        pair.gap(pair.one, 5)
    pair.say(pair.one, STRANGE, STRANGE + b"ask\n", b"more")
    assert told(pair.one) == [b"ask\n", b"more"]


def test_in_the_middle_the_end_of_a_body_may_look_like_the_beginning_of_a_message() -> None:
    pair = Pair(midstream=True)
    pair.say(pair.one, b"ask\nask\n")
    assert told(pair.one) == [b"ask\nask\n"]


def begins_somewhere(data: bytes, newest: int) -> tuple[Verdict, int]:
    assert newest == 0, "all of it is looked at"
    return Verdict.CLIENT, data.find(b"ask")


@pytest.mark.parametrize(
    ("verdict", "said", "read"),
    [
        (Verdict.CLIENT, b"xxask\n", b"ask\n"),
        (Verdict.CLIENT, b"xask\n", b"ask\n"),
        (Verdict.CLIENT, b"x\nask\n", b"x\nask\n"),
        (Verdict.CLIENT, b"x\n", b"x\n"),
        (Verdict.SERVER, b"xxask\n", b"xxask\n"),
    ],
)
def test_in_the_middle_the_end_of_a_body_may_stand_glued_to_the_first_line_of_a_request(
    verdict: Verdict, said: bytes, read: bytes
) -> None:
    pair = Pair(midstream=True)
    table = (
        Protocol("ask", lambda _: verdict, lambda detection: Talk(detection, "ask"), begins_somewhere, prevails=True),
    )
    pair.application = pair.detector = Detector(pair.sink, table, pair)
    pair.say(pair.one, said)
    assert told(pair.one) == [read]


def test_in_the_middle_what_begins_a_message_is_read_as_it_came() -> None:
    for first, second in ((b"as", b"k\n"), (b"tw", b"o\n")):
        pair = Pair(midstream=True)
        pair.say(pair.one, first, second)
        assert told(pair.one) == [first, second]


@pytest.mark.parametrize(("begun", "most"), [(b"", 4_096), (b"HTTP/1.", 16_384)])
def test_in_the_middle_the_newest_bytes_are_kept_in_which_a_head_may_have_begun(begun: bytes, most: int) -> None:
    pair = Pair(midstream=True)
    pair.say(pair.one, b"\xff" * (most - len(begun) - 9) + begun + b"\xff" * 9)
    assert undetected(pair.one).size == most
    pair.say(pair.one, b"\xff" * 9)
    assert undetected(pair.one).size == 512
    assert undetected(pair.one).total == most + 9


def test_a_head_that_began_long_ago_is_none() -> None:
    pair = Pair(midstream=True)
    pair.say(pair.one, b"\xff" * 10 + b"HTTP/1." + b"\xff" * 4_089)
    assert undetected(pair.one).size == 4_106
    pair.say(pair.one, b"\xff")
    assert undetected(pair.one).size == 512


def test_what_is_asked_of_the_application_is_asked_of_who_reads() -> None:
    pair = Pair()
    detector = pair.detector
    detector.opened()
    detector.give_up_oldest(1)
    assert (detector.waiting(), detector.under_way(), detector.may_answer()) == ([], False, True)
    pair.say(pair.one, b"ask\n")
    (talk,) = pair.talks
    assert (detector.waiting(), detector.under_way(), detector.may_answer()) == ([REQUEST], False, True)
    talk.busy = True
    assert detector.under_way()
    detector.opened()
    detector.give_up_oldest(7)
    detector.closed(EndReason.IDLE, 9)
    detector.forget()
    assert talk.told == ["opened", "gave up 7", "closed 9", "forget"]
    assert not detector.speaks()
    detector.forget()
    detector.closed(EndReason.IDLE, 9)
    assert talk.told[4:] == []
    assert pair.counted == (0, 0, {})


def test_silence_is_no_end_while_something_was_said_that_is_not_clear_yet() -> None:
    for midstream in (False, True):
        pair = Pair(midstream=midstream)
        assert not pair.detector.under_way()
        pair.say(pair.one, b"as")
        assert pair.detector.under_way() is not midstream
        pair.client = pair.server = None
        assert not pair.detector.under_way(), "it is forgotten"
    pair = Pair()
    pair.say(pair.one, b"lock\n")
    pair.say(pair.two, b"l")
    assert not pair.detector.under_way(), "nobody reads it"


def test_whether_the_server_may_answer() -> None:
    for midstream in (False, True):
        pair = Pair(midstream=midstream)
        assert pair.detector.may_answer() is not midstream
        pair.say(pair.one, b"ask\n")
        assert pair.detector.may_answer()
    pair = Pair()
    pair.say(pair.one, b"lock\n")
    assert not pair.detector.may_answer()


@pytest.mark.parametrize("who", ["one", "two", "gap", ""])
def test_a_connection_in_which_nothing_was_recognised_is_counted_at_its_end(who: str) -> None:
    pair = Pair()
    if who == "gap":
        pair.gap(pair.two, 5)
    elif who:
        pair.say(pair.one if who == "one" else pair.two, b"a")
    pair.detector.listen(pair.one)
    pair.detector.closed(EndReason.IDLE, 1)
    kind = "in which nothing was recognised" if who else "without a byte of payload"
    assert pair.counted == (0, 0, {kind: 1})


def test_one_that_listened_and_heard_nothing_is_silent() -> None:
    pair = Pair()
    pair.one.reader = pair.detector.listen(pair.one)
    pair.detector.closed(EndReason.IDLE, 1)
    assert pair.counted == (0, 0, {"without a byte of payload": 1})


def test_what_goes_on_after_its_end_may_speak_the_same_or_something_else() -> None:
    for said, names in ((b"ask\n", ["ask"]), (b"two\n", ["ask", "two"])):
        pair = Pair()
        pair.say(pair.one, b"ask\n")
        pair.detector.restart()
        (talk,) = pair.talks
        assert talk.told == ["restart"]
        assert (pair.detector.speaks(), pair.detector.asks_unknown()) == (False, True)
        pair.detector.opened()
        assert talk.told == ["restart", "opened"], "who read it may do so once more"
        pair.one.reader = None
        pair.say(pair.one, said)
        assert [each.name for each in pair.talks] == names
        pair.detector.forget()
        assert talk.told[-1] == "forget"
    pair = Pair()
    pair.detector.restart()
    assert pair.detector.asks_unknown()
    pair.say(pair.one, b"lock\n")
    pair.say(pair.two, b"HTTP/1.1 \n")
    pair.detector.restart()
    assert pair.detector.overruled() is None


def test_what_was_read_and_was_not_spoken_is_counted_and_ignored_but_for_who_may_yet_show_what_is() -> None:
    for which in ("one", "two", ""):
        pair = Pair()
        pair.say(pair.one, b"ask\n")
        listening = {"one": pair.one, "two": pair.two, "": None}[which]
        pair.detector.not_spoken(listening)
        assert pair.counted == (0, 1, {})
        assert (pair.detector.speaks(), pair.detector.asks_unknown()) == (False, False)
        assert (pair.one.dropped, pair.two.dropped) == (1, 1)
        for stream in (pair.one, pair.two):
            assert (stream.reader is IGNORED) is (stream is not listening)
    pair = Pair()
    pair.say(pair.one, b"ask\n")
    pair.detector.not_spoken(pair.two)
    pair.say(pair.two, b"HTTP/1.1 \n")
    assert [talk.name for talk in pair.talks] == ["ask"], "who read it before reads it again"
    assert pair.counted == (0, 0, {})
    assert pair.talks[0].given[-2:] == [("client", True, False), ("server", False, True)]


def test_an_upgrade_speaks_the_new_protocol_at_once_where_somebody_reads_that() -> None:
    pair = Pair()
    pair.say(pair.one, b"ask\n")
    assert not pair.detector.upgraded("lock", REQUEST)
    assert not pair.detector.upgraded("three", REQUEST)
    assert [talk.name for talk in pair.talks] == ["ask"]
    assert pair.detector.upgraded("two", REQUEST)
    talk = pair.talks[1]
    assert (talk.name, talk.told) == ("two", ["upgraded"])
    assert talk.given == [("client", True, False), ("server", True, False)]
    pair.say(pair.one, b"x")
    assert told(pair.one) == [b"x"]
    assert pair.detector.speaks()
    pair.detector.restart()
    pair.one.reader = None
    pair.say(pair.one, b"two\n")
    assert len(pair.talks) == 2


def test_behind_a_tunnel_both_streams_are_looked_at_anew_and_counted_as_that_until_it_is_read() -> None:
    pair = Pair()
    pair.sink.unread.add_connection(Kind.CONNECT)  # Another one.
    pair.say(pair.one, b"ask\n")
    inner = pair.detector.anew(Kind.CONNECT)
    assert not inner.tells_end
    assert pair.counted == (0, 0, {"inside CONNECT": 2})
    assert (pair.one.dropped, pair.two.dropped) == (1, 1)
    assert undetected(pair.one).detection is undetected(pair.two).detection is inner
    inner.closed(EndReason.IDLE, 1)
    pair.say(pair.one, b"lock\n")
    assert pair.counted == (0, 0, {"inside CONNECT": 2}), "it is counted once"
    pair.say(pair.two, b"HTTP/1.1 \n")
    assert pair.counted == (0, 0, {"inside CONNECT": 1}), "it is read"
    assert told(pair.two) == [b"HTTP/1.1 \n"]


def test_behind_a_tunnel_what_is_taken_back_is_counted_as_that_until_the_answer_is_read() -> None:
    pair = Pair()
    pair.sink.unread.add_connection(Kind.CONNECT)  # Another one.
    inner = pair.detector.anew(Kind.CONNECT)
    pair.say(pair.one, b"two\n")
    assert pair.counted == (0, 0, {"inside CONNECT": 1})
    pair.say(pair.two, b"HTTP/1.1 \n")
    assert pair.counted == (0, 0, {"inside CONNECT": 1})
    assert inner.overruled() == "two"
    inner.not_spoken(None)
    assert pair.counted == (0, 0, {"inside CONNECT": 2})


def test_streams_that_these_carry_are_looked_at_with_the_whole_table() -> None:
    pair, carried = Pair(), Pair()
    pair.detector.tells_end = False
    inner = pair.detector.inside(carried)
    assert carried.application is inner
    assert (inner.connection, inner.sink, inner.tells_end) == (carried, pair.sink, False)
    assert Pair().detector.inside(Pair()).tells_end
    carried.detector = inner
    carried.say(carried.one, b"lock\n")
    assert pair.counted == (1, 0, {})


PROXY = b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 80\r\n"


def test_headers_before_the_protocol_are_taken_off_and_told() -> None:
    for parts in (
        [PROXY + b"ask\n"],
        [PROXY, b"ask\n"],
        [PROXY[:9], PROXY[9:] + b"as", b"k\n"],
        [PROXY + PROXY + b"ask\n"],
    ):
        pair = Pair()
        pair.made = FLOW
        pair.say(pair.one, *parts)
        assert b"".join(part for part in told(pair.one) if isinstance(part, bytes)) == b"ask\n"
        assert pair.proxied is not None
        assert pair.proxied.client == "192.0.2.1"
        assert pair.made is None, "the record is another one now"


def test_behind_a_gap_no_header_stands() -> None:
    pair = Pair()
    pair.gap(pair.one, 5)
    pair.say(pair.one, PROXY + b"ask\n")
    assert pair.proxied is None
    assert told(pair.one) == [b"ask\n"]


def test_what_goes_on_after_its_end_may_stand_behind_a_header_of_its_own() -> None:
    pair = Pair()
    pair.say(pair.one, PROXY + b"ask\n")
    first = pair.proxied
    pair.detector.restart()
    pair.one.reader = None
    pair.say(pair.one, PROXY + b"ask\n")
    assert pair.proxied == first


def test_only_the_client_says_such_a_header_where_it_is_known_who_that_is() -> None:
    pair = Pair()
    pair.say(pair.two, PROXY)
    assert pair.proxied is None
    pair = Pair(midstream=True)
    pair.say(pair.two, PROXY)
    assert pair.proxied is not None
    assert pair.client is pair.two
    pair = Pair(midstream=True)
    pair.say(pair.one, PROXY)
    assert pair.client is pair.one


SOCKS4, GRANTED4 = b"\x04\x01\x00\x50\xc0\x00\x02\x07\x00", b"\x00\x5a\x00\x50\xc0\x00\x02\x07"


@pytest.mark.parametrize("turned", [False, True])
def test_a_socks_handshake_is_taken_off_both_directions(turned: bool) -> None:
    pair = Pair(midstream=turned)
    asks, answers = (pair.two, pair.one) if turned else (pair.one, pair.two)
    pair.say(asks, SOCKS4)
    assert pair.proxied is None, "it was not granted yet"
    pair.say(answers, GRANTED4)
    assert pair.proxied is not None
    assert pair.proxied.server == "192.0.2.7"
    assert pair.client is asks
    pair.say(asks, b"ask\n")
    assert told(asks) == [b"ask\n"]
    assert pair.counted == (0, 0, {})


@pytest.mark.parametrize("granted_first", [False, True])
def test_a_server_opens_no_socks_handshake_where_it_is_known_who_that_is(granted_first: bool) -> None:
    pair = Pair()
    for stream, data in (
        ((pair.one, GRANTED4), (pair.two, SOCKS4))
        if granted_first
        else (
            (pair.two, SOCKS4),
            (pair.one, GRANTED4),
        )
    ):
        pair.say(stream, data)
    assert pair.proxied is None
    assert pair.client is pair.one
    assert pair.counted == (0, 1, {})


def test_who_answers_in_http_has_granted_nothing() -> None:
    pair = Pair()
    pair.say(pair.two, b"HTTP/1.1 \n")
    pair.say(pair.one, SOCKS4)
    assert pair.proxied is None
    assert (told(pair.one), told(pair.two)) == ([SOCKS4], [b"HTTP/1.1 \n"])
    pair = Pair()
    pair.gap(pair.two, 5)
    pair.say(pair.two, GRANTED4)
    pair.say(pair.one, SOCKS4)
    assert pair.proxied is None, "its beginning is missing"


def test_what_stands_behind_a_socks_request_is_not_looked_for_before_it_is_granted() -> None:
    pair = Pair(midstream=True)
    pair.one.reader = pair.detector.listen(pair.one)
    for at, data in ((1, SOCKS4), (5, STRANGE), (7, b"ask\n")):
        pair.one.reader.data(data, at)
    assert isinstance(pair.one.reader, Undetected)
    pair.say(pair.two, GRANTED4)
    assert told(pair.one) == [b"ask\n"]
    assert isinstance(pair.one.reader, Reader)
    assert pair.one.reader.times == [7], "when it came"


def test_what_stands_behind_a_socks_request_is_judged_once_it_is_granted() -> None:
    pair = Pair()
    pair.say(pair.one, SOCKS4 + b"ask\n")
    assert isinstance(pair.one.reader, Undetected)
    pair.say(pair.two, GRANTED4)
    assert told(pair.one) == [b"ask\n"]
    pair = Pair()
    pair.say(pair.two, GRANTED4 + b"HTTP/1.1 \n")
    pair.say(pair.one, SOCKS4 + b"ask\n")
    assert (told(pair.one), told(pair.two)) == ([b"ask\n"], [b"HTTP/1.1 \n"])


def test_a_gap_in_the_direction_that_is_not_clear_is_told_to_who_reads_the_other() -> None:
    pair = Pair()
    pair.say(pair.two, b"HTTP/1.1 \n")
    pair.gap(pair.one, 7)
    assert told(pair.one) == ["gap 7"]
