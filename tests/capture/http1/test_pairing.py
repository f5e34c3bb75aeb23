"""Which response answers which request, rule by rule: the requests of one connection, without its bytes.

A request is told as what, what it acknowledges, and where it begins; an answer as where it begins, and what it
acknowledges. The server's bytes begin at 1000, those of the client at 0.
"""

import pytest

from httpresp_capture.http.candidates import SHORTEST_REQUEST, SHORTEST_RESPONSE, SURELY_BEGAN
from httpresp_capture.http.pairing import Match, Pairing
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.problems import LOST_IN_GAP, Problem
from httpresp_capture.sink import Timed
from httpresp_capture.streams.position import MASK
from traffic.scenario import Player, Scenario

SERVER = 1_000


def asked(target: str, host: bytes = b"") -> Request:
    head = b"GET " + target.encode() + b" HTTP/1.1\r\n" + (b"Host: " + host + b"\r\n" if host else b"") + b"\r\n"
    return Request(head, "GET", target, 0, 0)


def connection(limit: int = 1_000) -> Pairing:
    """One whose beginning was seen."""
    pairing = Pairing(limit)
    pairing.opened()
    pairing.answers_begin(SERVER)
    return pairing


def target_of(match: Match) -> str | None:
    return match.request.target if match.request is not None else None


def final(pairing: Pairing, start: int, acked: int) -> str | None:
    return target_of(pairing.answer(start, acked, informational=False))


# By order, while nothing is lost


def test_answers_come_in_the_order_of_requests() -> None:
    pairing = connection()
    for number in range(3):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    assert [final(pairing, SERVER + 50 * number, 60) for number in range(3)] == ["/0", "/1", "/2"]
    assert not pairing.careful


def test_an_interim_response_takes_no_request_and_is_of_the_exchange_of_the_final_one() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    assert final(pairing, SERVER, 20) == "/0"
    pairing.asks(asked("/1"), SERVER + 50, 20)
    first = pairing.answer(SERVER + 50, 40, informational=True)
    second = pairing.answer(SERVER + 80, 40, informational=True)
    last = pairing.answer(SERVER + 110, 40, informational=False)
    assert [target_of(match) for match in (first, second, last)] == ["/1"] * 3
    assert [match.stream for match in (first, second, last)] == [2, 2, 2]


def test_a_response_that_nobody_asked_for_says_so() -> None:
    pairing = connection()
    alone = pairing.answer(SERVER, 0, informational=False)
    assert alone.problem is not None
    assert alone.problem.name == "no-request"
    pairing.asks(asked("/0"), SERVER + 50, 0)
    assert final(pairing, SERVER + 50, 20) == "/0"
    more = pairing.answer(SERVER + 100, 20, informational=False)
    assert more.problem is not None
    assert more.problem.name == "too-many-responses"
    assert more.may_answer_head, "it may answer HEAD, for all that is known"


def test_a_request_that_was_captured_after_its_answer_is_not_asked_again() -> None:
    pairing = connection()
    assert final(pairing, SERVER, 20) is None
    pairing.asks(asked("/late"), SERVER, 0)
    pairing.asks(asked("/next"), SERVER + 50, 20)
    assert final(pairing, SERVER + 50, 40) == "/next"


def test_a_request_behind_a_response_that_nobody_asked_for_is_not_taken_for_its_own() -> None:
    pairing = connection()
    assert final(pairing, SERVER, 0) is None
    pairing.asks(asked("/0"), SERVER, 0)
    assert final(pairing, SERVER + 50, 20) == "/0"


def test_the_oldest_of_too_many_requests_is_given_back() -> None:
    pairing = connection(limit=2)
    assert [pairing.asks(asked(f"/{number}"), SERVER, 20 * number) for number in range(3)] == [False, False, True]
    given_up = pairing.give_up()
    assert given_up is not None
    assert given_up.target == "/0"


def test_the_answer_to_a_request_that_was_given_up_is_not_taken_for_that_to_the_next() -> None:
    pairing = connection(limit=2)
    for number in range(4):
        if pairing.asks(asked(f"/{number}"), SERVER, 20 * number):
            pairing.give_up()
    assert [final(pairing, SERVER + 50 * number, 80) for number in range(4)] == [None, None, None, "/3"]


def test_the_answer_to_a_request_that_was_given_up_is_told_by_what_it_acknowledges() -> None:
    pairing = connection(limit=1)
    for number in range(2):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    pairing.give_up()
    assert final(pairing, SERVER, 20) is None
    assert final(pairing, SERVER + 50, 40) == "/1"


def test_all_that_wait_can_be_given_up() -> None:
    pairing = connection()
    for number in range(3):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    pairing.lost_requests(60, surely=True)
    pairing.asks(asked("/4"), SERVER, 80)
    given_up = [pairing.give_up() for _ in range(5)]
    assert [each.target if each is not None else "" for each in given_up] == ["/0", "/1", "/2", "/4", ""]
    assert len(pairing.pending) == 1


def test_a_request_that_ends_after_its_head_stays_where_it_was() -> None:
    pairing = connection()
    before, after = asked("/0"), asked("/0")
    pairing.asks(before, SERVER, 0)
    pairing.asks(asked("/1"), SERVER, 20)
    assert pairing.ended(before, after)
    match = pairing.answer(SERVER, 40, informational=False)
    assert match.request is after
    assert not pairing.ended(before, after), "it waits no longer"


# Requests were lost


def test_a_lost_request_is_forgotten_when_its_answer_has_come() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    assert final(pairing, SERVER, 20) == "/0"
    pairing.lost_requests(20, surely=True)
    assert final(pairing, SERVER + 50, 40) is None
    pairing.asks(asked("/2"), SERVER + 100, 40)
    assert final(pairing, SERVER + 100, 60) == "/2"
    assert not pairing.careful, "all is known again"


def test_where_a_request_surely_began_the_next_answer_is_its_own() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.lost_requests(20, surely=True)
    pairing.asks(asked("/2"), SERVER, 40)
    assert [final(pairing, SERVER + 50 * number, 60) for number in range(3)] == ["/0", None, "/2"]


def test_lost_bytes_that_hold_no_request_take_no_answer() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.lost_requests(20, surely=False)
    pairing.asks(asked("/1"), SERVER, 20 + SHORTEST_REQUEST - 1)
    assert [final(pairing, SERVER, 60), final(pairing, SERVER + 50, 60)] == ["/0", "/1"]


@pytest.mark.parametrize(("length", "host", "known"), [(35, b"", True), (36, b"", False), (61, b"a.test", True)])
def test_how_many_requests_lost_bytes_held_is_bounded_by_the_shortest(length: int, host: bytes, known: bool) -> None:
    """A client names its server's host each time."""
    pairing = connection()
    pairing.asks(asked("/0", host), SERVER, 0)
    pairing.lost_requests(50, surely=True)
    pairing.asks(asked("/2", host), SERVER, 50 + length)
    answers = [final(pairing, SERVER + 50 * number, 200) for number in range(3)]
    assert answers == ["/0", None, "/2" if known else None]


def test_an_answer_was_sent_by_a_server_that_had_its_request() -> None:
    """Requests lost behind what the server had are no candidates."""
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER, 20)
    pairing.lost_requests(40, surely=True)
    pairing.asks(asked("/3"), SERVER, 200)
    assert [final(pairing, SERVER, 40), final(pairing, SERVER + 50, 40)] == ["/0", "/1"]


def test_two_lost_stretches_that_touch_are_one() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.lost_requests(20, surely=True)
    pairing.lost_requests(30, surely=False)
    pairing.asks(asked("/2"), SERVER, 45)
    assert len(pairing.pending) == 3
    assert [final(pairing, SERVER + 50 * number, 80) for number in range(3)] == ["/0", None, "/2"]


# Responses were lost


def test_a_client_that_waits_is_answered_where_it_acknowledged() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER + 50, 20)
    pairing.lost_responses()
    match = pairing.answer(SERVER + 50, 40, informational=False)
    assert target_of(match) == "/1"
    assert [(request.target, stream) for request, stream in match.skipped] == [("/0", 1)]
    assert match.stream == 2


def test_of_a_client_that_does_not_wait_nothing_is_claimed_behind_a_lost_response() -> None:
    pairing = connection()
    for number in range(3):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    assert final(pairing, SERVER, 60) == "/0"
    pairing.lost_responses()
    match = pairing.answer(SERVER + 100, 60, informational=False)
    assert target_of(match) is None
    assert match.problem is not None
    assert match.problem.name == "no-request"


def test_the_only_request_that_is_left_is_the_one_that_is_answered() -> None:
    pairing = connection()
    for number in range(2):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    pairing.lost_responses()
    assert final(pairing, SERVER + 100, 40) is None
    assert final(pairing, SERVER + 150, 40) == "/1", "two answers came, and two requests were there"


def test_an_interim_response_binds_the_final_one_unless_something_was_lost_between() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER, 20)
    assert target_of(pairing.answer(SERVER, 40, informational=True)) == "/0"
    pairing.lost_responses()
    assert final(pairing, SERVER + 200, 40) is None


# A client that does not wait is found out


def told_to_wait(pairing: Pairing) -> str | None:
    """What the answer behind a lost one gets, at the place where a client that waits would have asked for it."""
    pairing.asks(asked("/last"), SERVER + 500, 500)
    pairing.lost_responses()
    return final(pairing, SERVER + 500, 520)


def test_a_client_that_was_never_seen_to_hurry_is_believed_to_wait() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    assert final(pairing, SERVER, 20) == "/0"
    pairing.asks(asked("/1"), SERVER + 50, 20)
    assert told_to_wait(pairing) == "/last"


def test_two_requests_with_the_same_acknowledgement_do_not_wait() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER, 20)
    assert final(pairing, SERVER, 40) == "/0"
    assert told_to_wait(pairing) is None


def test_two_answers_with_the_same_acknowledgement_were_not_waited_for() -> None:
    pairing = connection()
    pairing.lost_requests(0, surely=True)
    assert final(pairing, SERVER, 200) is None
    assert final(pairing, SERVER + 50, 200) is None
    assert told_to_wait(pairing) is None


def test_a_request_that_acknowledged_less_than_the_answer_before_did_not_wait() -> None:
    pairing = connection()
    pairing.lost_requests(0, surely=True)
    pairing.asks(asked("/1"), SERVER + 10, 100)
    assert final(pairing, SERVER, 100) is None
    assert told_to_wait(pairing) is None


def test_a_request_behind_a_lost_one_that_leaves_no_room_for_its_answer_did_not_wait() -> None:
    pairing = connection()
    pairing.lost_requests(0, surely=True)
    pairing.asks(asked("/1"), SERVER, 100)
    assert final(pairing, SERVER, 120) is None
    assert final(pairing, SERVER + 50, 120) is None


def test_a_request_that_was_under_way_when_an_answer_was_sent_that_it_does_not_know_did_not_wait() -> None:
    pairing = connection()
    pairing.lost_requests(0, surely=True)
    pairing.asks(asked("/1"), SERVER + 20, 100)
    assert final(pairing, SERVER + 20, 60) is None, "its server had not got it yet"
    assert told_to_wait(pairing) is None


# The capture began inside


def midstream() -> Pairing:
    return Pairing(1_000)


def test_midstream_the_newest_request_is_answered_where_it_acknowledged() -> None:
    pairing = midstream()
    pairing.asks(asked("/b"), SERVER, 0)
    pairing.asks(asked("/c"), SERVER + 50, 20)
    match = pairing.answer(SERVER + 50, 40, informational=False)
    assert target_of(match) == "/c"
    assert [request.target for request, _ in match.skipped] == ["/b"]
    assert match.may_answer_head, "so much is not proved that the method may be believed"


def test_midstream_a_response_before_what_the_first_request_acknowledged_answers_nothing() -> None:
    pairing = midstream()
    pairing.asks(asked("/b"), SERVER + 50, 0)
    match = pairing.answer(SERVER, 0, informational=False)
    assert target_of(match) is None
    assert match.problem is None, "that its request is missing is no wonder"
    assert final(pairing, SERVER + 50, 20) == "/b"


def test_midstream_a_client_that_waited_for_a_while_is_counted_again() -> None:
    pairing = midstream()
    for number in range(4):
        pairing.asks(asked(f"/{number}"), SERVER + 50 * number, 20 * number)
        assert final(pairing, SERVER + 50 * number, 20 * number + 20) == f"/{number}"
    assert not pairing.careful


def test_midstream_what_was_believed_of_a_client_that_waits_is_believed_no_more_when_it_does_not() -> None:
    pairing = midstream()
    for number in range(4):
        pairing.asks(asked(f"/{number}"), SERVER + 50 * number, 20 * number)
        assert final(pairing, SERVER + 50 * number, 20 * number + 20) == f"/{number}"
    pairing.asks(asked("/4"), SERVER + 200, 80)
    pairing.asks(asked("/5"), SERVER + 200, 100)
    assert pairing.careful
    assert final(pairing, SERVER + 200, 120) is None


# What is left


def left(pairing: Pairing, *, lost: bool = False) -> list[tuple[str, int, str]]:
    return [(request.target, stream, why) for request, stream, why in pairing.unanswered(lost=lost)]


def test_what_was_not_answered_is_left() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER, 20)
    assert final(pairing, SERVER, 40) == "/0"
    assert left(pairing) == [("/1", 2, "")]
    assert left(pairing) == []


def test_of_a_client_that_waits_what_a_loss_took_the_answer_of_is_left() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    assert left(pairing, lost=True) == [("/0", 1, "lost in a gap")]


def test_of_a_client_that_does_not_wait_nobody_says_which_answers_a_loss_took() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER, 20)
    assert left(pairing, lost=True) == []


def test_what_cannot_be_read_was_sent() -> None:
    pairing = connection()
    pairing.unread(0, "nonsense")
    match = pairing.answer(SERVER, 30, informational=False)
    assert match.problem is not None
    assert match.problem.name == "no-request"
    assert "nonsense" in match.problem.detail
    again = pairing.answer(SERVER + 50, 30, informational=False)
    assert again.problem is not None
    assert not again.problem.detail


# What may be refuted is told soon


@pytest.mark.parametrize("body", ["x", ""], ids=["ended", "open"])
def test_the_first_pair_of_a_client_that_seems_to_wait_is_told_when_nothing_refutes_it(body: str) -> None:
    steps = (
        {"from": "client", "bytes": "GET /events HTTP/1.1\r\n\r\n"},
        {"from": "server", "bytes": f"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{body}"},
    )
    player = Player(Scenario("", {"handshake": False}))
    for step in steps:
        for frame in player.frames(step):
            player.watcher.feed(frame)
    player.watcher.pipeline.tick(player.at + 250_000_000)
    player.watcher.collect()
    (row,) = player.watcher.responses.values()
    assert row.request is not None
    assert row.request.target == "/events"
    assert (row.end is None) == (not body)


def test_a_later_request_refutes_nothing_where_the_next_one_waited() -> None:
    """Requests may be here before the answer that they waited for, when that was held for the sake of a lost byte."""
    pairing = midstream()
    pairing.asks(asked("/0"), SERVER, 0)
    assert final(pairing, SERVER, 20) == "/0"
    pairing.asks(asked("/1"), SERVER + 50, 20)
    assert pairing.fits(SERVER + 50, 40, lost=False)
    assert pairing.fits_request(SERVER + 100, SERVER + 50)


# Each border


def wrong(name: str, detail: str = "") -> Problem:
    return Problem(name, 0, detail)


def interim(pairing: Pairing, start: int, acked: int) -> Match:
    return pairing.answer(start, acked, informational=True)


def test_a_connection_whose_beginning_was_seen_counts() -> None:
    pairing = connection()
    assert not pairing.careful
    assert not pairing.midstream
    assert pairing.stream == pairing.requests == 0
    assert interim(pairing, SERVER, 0).problem == wrong("no-request")
    assert not pairing.careful, "an interim response answers nothing"
    for number in range(3):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    assert pairing.requests == 3


def test_of_two_requests_that_come_late_one_was_answered() -> None:
    pairing = connection()
    assert final(pairing, SERVER, 40) is None
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER, 20)
    assert final(pairing, SERVER + 50, 40) == "/1"


def test_who_has_some_of_a_response_did_not_ask_for_it() -> None:
    pairing = connection()
    assert final(pairing, SERVER, 20) is None
    pairing.asks(asked("/0"), SERVER + 1, 0)
    assert final(pairing, SERVER + 50, 20) == "/0"


def test_the_newest_request_may_end_and_none_may_be_left_that_does() -> None:
    pairing = connection()
    before, after = asked("/1"), asked("/1")
    assert not pairing.ended(before, after)
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(before, SERVER, 20)
    assert pairing.ended(before, after)
    assert final(pairing, SERVER, 40) == "/0"
    assert pairing.answer(SERVER + 50, 40, informational=False).request is after


@pytest.mark.parametrize("had", [29, 30, 31])
def test_what_cannot_be_read_is_told_when_the_server_had_some_of_it(had: int) -> None:
    pairing = connection()
    pairing.unread(30, "nonsense")
    match = pairing.answer(SERVER, had, informational=False)
    assert match.problem == wrong("no-request", "what was sent cannot be read: nonsense" if had > 30 else "")


@pytest.mark.parametrize("begin", [SERVER, SHORTEST_RESPONSE, 0])
@pytest.mark.parametrize(
    ("surely", "room", "target"),
    [(True, SHORTEST_RESPONSE, "/1"), (True, SHORTEST_RESPONSE - 1, None), (False, 0, "/1")],
)
def test_a_client_that_waits_had_an_answer_to_each_request_before(
    begin: int, surely: bool, room: int, target: str | None
) -> None:
    pairing = Pairing(1_000)
    pairing.opened()
    pairing.answers_begin(begin)
    pairing.lost_requests(0, surely=surely)
    pairing.lost_responses()
    pairing.asks(asked("/1"), begin + room, 100)
    assert final(pairing, begin + room, 120) == target


@pytest.mark.parametrize(("room", "target"), [(SHORTEST_RESPONSE, "/1"), (SHORTEST_RESPONSE - 1, None)])
def test_midstream_the_shortest_answer_is_one(room: int, target: str | None) -> None:
    pairing = midstream()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER + room, 20)
    assert final(pairing, SERVER + room, 40) == target


@pytest.mark.parametrize(("more", "target"), [(SHORTEST_REQUEST, "/last"), (SHORTEST_REQUEST - 1, None)])
def test_between_two_answers_the_shortest_request_was_asked(more: int, target: str | None) -> None:
    pairing = connection()
    pairing.lost_requests(0, surely=True)
    assert final(pairing, SERVER, 100) is None
    assert final(pairing, SERVER + 50, 100 + more) is None
    assert told_to_wait(pairing) == target


def test_a_proxy_is_asked_for_another_host_each_time() -> None:
    pairing = connection()
    pairing.asks(asked("http://a.test/0", b"a.test"), SERVER, 0)
    pairing.lost_requests(50, surely=True)
    pairing.asks(asked("http://a.test/2", b"a.test"), SERVER, 50 + 2 * SHORTEST_REQUEST)
    answers = [final(pairing, SERVER + 50 * number, 200) for number in range(3)]
    assert answers == ["http://a.test/0", None, None]


# An interim response behind a loss


def informed() -> tuple[Pairing, Request, Request]:
    """Of two requests only the first had come when an interim response was sent, behind a lost one."""
    pairing = connection()
    first, second = asked("/0"), asked("/1")
    pairing.asks(first, SERVER, 0)
    pairing.asks(second, SERVER, 20)
    pairing.lost_responses()
    assert interim(pairing, SERVER + 60, 20).request is first
    return pairing, first, second


def test_the_final_response_is_that_of_the_interim_one() -> None:
    pairing, _, _ = informed()
    assert final(pairing, SERVER + 90, 40) == "/0"


def test_the_final_response_is_that_of_the_interim_one_when_a_request_ended_between() -> None:
    pairing, first, _ = informed()
    after = asked("/0")
    assert pairing.ended(first, after)
    assert pairing.answer(SERVER + 90, 40, informational=False).request is after
    pairing, first, second = informed()
    assert pairing.ended(second, asked("/1"))
    assert pairing.answer(SERVER + 90, 40, informational=False).request is first


def test_the_final_response_is_not_that_of_the_interim_one_when_something_was_lost_between() -> None:
    pairing, _, _ = informed()
    pairing.lost_responses()
    assert final(pairing, SERVER + 90, 40) is None


def test_a_client_waits_for_the_first_interim_response() -> None:
    """What it acknowledged when it asked is where that one begins, and not where the final one does."""
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER + 50, 20)
    pairing.lost_responses()
    assert target_of(interim(pairing, SERVER + 50, 40)) == "/1"
    assert target_of(interim(pairing, SERVER + 70, 40)) == "/1"
    pairing.lost_requests(40, surely=False)
    assert final(pairing, SERVER + 100, 80) == "/1"


def test_behind_an_interim_response_the_final_one_may_be_lost_with_the_next_request() -> None:
    for lost, answered in ((False, "/1"), (True, None)):
        pairing = connection()
        pairing.asks(asked("/0"), SERVER, 0)
        pairing.asks(asked("/1"), SERVER + 50, 20)
        pairing.lost_responses()
        assert target_of(interim(pairing, SERVER + 50, 40)) == "/1"
        if lost:
            pairing.lost_requests(40, surely=False)
        pairing.lost_responses()
        assert final(pairing, SERVER + 100, 80 if lost else 40) == answered


def test_two_requests_with_no_room_for_an_answer_between_do_not_wait() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER + len(b"HTTP/1.1 200\n\n") - 1, 20)
    assert not is_believed_to_wait(pairing)


def test_an_exchange_without_a_request_is_numbered_too() -> None:
    pairing = connection()
    pairing.lost_requests(0, surely=True)
    first = interim(pairing, SERVER, 50)
    second = pairing.answer(SERVER + 20, 50, informational=False)
    third = pairing.answer(SERVER + 60, 50, informational=False)
    assert [match.stream for match in (first, second, third)] == [1, 1, 2]
    assert [match.may_answer_head for match in (first, second, third)] == [False, True, True]
    assert all(match.problem == wrong("no-request", "lost in a gap") for match in (first, second, third))


def test_midstream_only_the_first_response_may_lack_its_request_without_a_word() -> None:
    pairing = midstream()
    assert pairing.answer(SERVER, 0, informational=False).problem is None
    assert pairing.answer(SERVER + 50, 0, informational=False).problem == wrong("no-request")


# What is believed


def test_the_first_pair_that_rests_on_waiting_is_presumed_and_those_behind_are_believed() -> None:
    pairing = midstream()
    pairing.asks(asked("/0"), SERVER, 0)
    early = interim(pairing, SERVER, 20)
    first = pairing.answer(SERVER + 20, 20, informational=False)
    pairing.asks(asked("/1"), SERVER + 50, 20)
    second = pairing.answer(SERVER + 50, 40, informational=False)
    assert [match.presumed for match in (early, first, second)] == [True, True, False]
    assert [match.may_answer_head for match in (early, first, second)] == [False, True, True]


def test_a_pair_that_positions_prove_is_not_doubtful() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.lost_requests(20, surely=True)
    match = pairing.answer(SERVER, 20, informational=False)
    assert target_of(match) == "/0"
    assert pairing.careful
    assert not match.may_answer_head
    assert not match.presumed


# A request that is not whole yet


@pytest.mark.parametrize("base", [0, -20])
@pytest.mark.parametrize(("had", "target"), [(20, "/0"), (21, None)])
def test_a_request_that_is_not_whole_yet_may_have_been_answered(base: int, had: int, target: str | None) -> None:
    pairing = connection()
    pairing.lost_responses()
    pairing.asks(asked("/0"), SERVER, base & MASK)
    pairing.begun = base + 20
    assert final(pairing, SERVER + 50, base + had) == target


def test_who_begins_a_request_before_its_answer_does_not_wait() -> None:
    pairing = connection()
    pairing.lost_responses()
    pairing.asks(asked("/0"), SERVER + 50, 0)
    pairing.begun = 20
    assert final(pairing, SERVER + 50, 40) is None


# Responses that came before it was known that their requests are lost


def test_a_response_without_a_request_may_be_that_of_a_request_that_is_missed_later() -> None:
    pairing = connection()
    assert final(pairing, SERVER, 20) is None
    pairing.lost_requests(0, surely=True)
    pairing.asks(asked("/1"), SERVER + 50, 20)
    assert final(pairing, SERVER + 50, 40) == "/1"


def test_what_is_missed_behind_a_request_has_not_been_answered_before_it() -> None:
    pairing = connection()
    assert final(pairing, SERVER, 0) is None
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.lost_requests(20, surely=True)
    pairing.asks(asked("/2"), SERVER, 40)
    assert final(pairing, SERVER + 50, 60) == "/0"


# What is left of a client that does not wait


def test_all_requests_are_left_where_no_response_is_missing() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER, 20)
    assert left(pairing) == [("/0", 1, ""), ("/1", 2, "")]


@pytest.mark.parametrize("length", [20, 40])
def test_of_two_requests_behind_lost_bytes_the_only_response_is_not_the_seconds(length: int) -> None:
    """The lost bytes may have held a request or none, so it may be the first's."""
    pairing = connection()
    pairing.lost_requests(0, surely=True)
    pairing.asks(asked("/1"), SERVER, length)
    pairing.asks(asked("/2"), SERVER, length + 20)
    assert final(pairing, SERVER, length + 40) is None
    assert len(pairing.pending) == (2 if length == 20 else 3), "what was certainly answered is forgotten"
    assert left(pairing) == [("/2", 2, "")]


def test_a_request_that_no_server_had_when_it_answered_last_is_left() -> None:
    pairing = connection()
    for number in range(3):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    pairing.lost_responses()
    assert final(pairing, SERVER + 100, 40) is None
    assert left(pairing) == [("/2", 2, "lost in a gap")]


def test_late_requests_are_those_of_the_answers_that_came_before_them() -> None:
    pairing = midstream()
    for number in range(3):
        assert final(pairing, SERVER + 50 * number, 20 + 20 * number) is None
    for number in range(3):
        pairing.asks(asked(f"/{number}"), SERVER + 50 * number, 20 * number)
    assert left(pairing) == []
    pairing.asks(asked("/3"), SERVER + 150, 60)
    assert final(pairing, SERVER + 150, 80) == "/3"


def test_a_request_from_before_the_capture_of_answers_may_have_had_one() -> None:
    for ack, detail in ((SERVER - 1, "lost in a gap"), (SERVER, "")):
        pairing = midstream()
        pairing.asks(asked("/0"), ack, 0)
        (request,) = pairing.unanswered(lost=False, heard_from=SERVER)
        assert request[2] == detail


def late_syn(*, answers: int) -> Pairing:
    """One that two requests were sent on at once, and `answers` answered, before its SYN was captured."""
    pairing = midstream()
    for number in range(2):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    for number in range(answers):
        assert final(pairing, SERVER + 50 * number, 40) is None
    pairing.opened()
    return pairing


def test_a_late_syn_leaves_what_was_answered_before_it() -> None:
    pairing = late_syn(answers=2)
    pairing.asks(asked("/2"), SERVER + 100, 40)
    assert final(pairing, SERVER + 100, 60) == "/2"


def test_behind_a_late_syn_only_those_are_unanswered_that_have_no_answer_at_all() -> None:
    for answers, unanswered in ((0, ["/0", "/1"]), (1, ["/1"]), (2, [])):
        assert [request.target for request, _, _ in late_syn(answers=answers).unanswered(lost=False)] == unanswered


def test_an_interim_response_shows_that_what_came_before_answered_others() -> None:
    pairing = connection()
    pairing.lost_requests(0, surely=True)
    pairing.asks(asked("/2"), SERVER + 100, 100)
    assert [final(pairing, SERVER, 40), final(pairing, SERVER + 50, 80)] == [None, None]
    assert target_of(pairing.answer(SERVER + 100, 120, informational=True)) == "/2"
    pairing.lost_responses()
    pairing.asks(asked("/3"), SERVER + 300, 120)
    assert final(pairing, SERVER + 300, 140) == "/3"


def captured_late() -> Pairing:
    """One of a client that waits, whose requests were captured behind their two answers."""
    pairing = midstream()
    assert [final(pairing, SERVER, 40), final(pairing, SERVER + 50, 60)] == [None, None]
    pairing.lost_requests(0, surely=True)
    for number in range(2):
        pairing.asks(asked(f"/{number}"), SERVER + 50 * number, 20 + 20 * number)
    pairing.lost_responses()
    return pairing


def test_a_request_at_whose_place_a_response_stands_alone_is_not_unanswered() -> None:
    assert not captured_late().unanswered(lost=False)
    pairing = captured_late()
    pairing.asks(asked("/2"), SERVER + 100, 60)
    pairing.asks(asked("/3"), SERVER + 150, 80)
    match = pairing.answer(SERVER + 150, 100, informational=False)
    assert target_of(match) == "/3"
    assert [request.target for request, _ in match.skipped] == ["/2"]


@pytest.mark.parametrize("found", [True, False])
def test_behind_what_may_be_a_response_its_request_is_neither_taken_nor_called_unanswered(found: bool) -> None:
    pairing = connection()
    for number in range(3):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    pairing.lost_responses()
    match = pairing.doubtful(SERVER + 50, 20 if found else 60)
    assert target_of(match) == ("/0" if found else None)
    assert match.may_answer_head is not found
    assert final(pairing, SERVER + 100, 60) is None
    pairing.asks(asked("/3"), SERVER + 150, 60)
    assert [request.target for request, _, _ in pairing.unanswered(lost=False)] == (["/2", "/3"] if found else ["/3"])


# What follows a pair that was presumed


class Presumed(Timed):
    """Who reads a response whose pair is presumed."""

    def __init__(self) -> None:
        self.told: list[bool] = []

    def settle(self, confirmed: bool) -> None:
        self.told.append(confirmed)


def is_believed_to_wait(pairing: Pairing) -> bool:
    return left(pairing, lost=True) != []


@pytest.mark.parametrize(
    ("final_one", "more", "told"),
    [(True, 0, []), (True, 1, [False]), (True, -1, [False]), (False, 0, [False]), (False, 1, [])],
)
def test_the_next_request_settles_what_was_presumed(final_one: bool, more: int, told: list[bool]) -> None:
    """If it does not fit: it waited for all of a final response, and for more than what came so far of one that goes
    on. That it fits is said by what follows."""
    pairing = midstream()
    presumed = Presumed()
    pairing.presumed = presumed
    pairing.presumed_final, pairing.presumed_end, pairing.presumed_cut = final_one, SERVER + 50, False
    pairing.asks(asked("/1"), SERVER + 50 + more, 20)
    assert presumed.told == told
    assert is_believed_to_wait(pairing) == (told != [False])


@pytest.mark.parametrize(
    ("more", "lost", "fits"), [(0, False, True), (1, False, False), (1, True, True), (0, True, True), (-1, True, False)]
)
def test_another_response_fits_when_it_was_asked_for_behind_the_one_before(more: int, lost: bool, fits: bool) -> None:
    pairing = midstream()
    pairing.asks(asked("/1"), SERVER + 50 + more, 20)
    assert pairing.fits(SERVER + 50, 40, lost=lost) is fits
    assert is_believed_to_wait(pairing) is fits


def test_what_the_server_did_not_have_asked_for_nothing() -> None:
    for had, fits in ((20, False), (21, True)):
        pairing = midstream()
        pairing.asks(asked("/1"), SERVER + 50, 20)
        assert pairing.fits(SERVER + 50, had, lost=False) is fits
        pairing = midstream()
        pairing.lost_requests(20, surely=True)
        assert pairing.fits(SERVER + 50, had, lost=False) is fits


def test_a_second_request_with_the_same_acknowledgement_refutes_what_was_presumed() -> None:
    pairing = midstream()
    presumed = Presumed()
    pairing.presumed, pairing.presumed_final, pairing.presumed_end = presumed, True, SERVER + 50
    pairing.presumed_cut = False
    for number in (1, 2):
        pairing.asks(asked(f"/{number}"), SERVER + 50, 20 * number)
    assert presumed.told == [False]


@pytest.mark.parametrize(("more", "waits"), [(-1, True), (0, False), (29, False), (30, True)])
def test_who_asked_where_no_response_begins_did_not_wait(more: int, waits: bool) -> None:
    pairing = connection()
    pairing.asks(asked("/1"), SERVER + 50 + more, 20)
    pairing.nothing_begins(SERVER + 50, SERVER + 80)
    assert is_believed_to_wait(pairing) is waits


def test_each_doubt_is_presumed_anew() -> None:
    """After a loss as at first."""
    pairing = connection()
    presumed: list[bool] = []
    for number in range(4):
        if number in (1, 3):
            pairing.lost_requests(100 * number, surely=False)
        pairing.asks(asked(f"/{number}"), SERVER + 50 * number, 100 * number + 50)
        presumed.append(pairing.answer(SERVER + 50 * number, 100 * number + 70, informational=False).presumed)
    assert presumed == [False, True, False, True]


def test_another_response_fits_when_its_request_may_be_lost() -> None:
    pairing = midstream()
    assert pairing.fits(SERVER, 20, lost=False) is False
    pairing.lost_requests(0, surely=True)
    assert pairing.fits(SERVER, 20, lost=False) is True


@pytest.mark.parametrize(("missing", "more", "fits"), [
    (True, 0, True), (True, 1, False), (True, SHORTEST_RESPONSE - 1, False), (True, SHORTEST_RESPONSE, True),
    (True, -1, False), (False, 0, True), (False, 1, False), (False, -1, False),
])  # fmt: skip
def test_another_request_fits_when_it_waited(missing: bool, more: int, fits: bool) -> None:
    """For no more than the response before, unless a request between is missing, and so is its response."""
    pairing = midstream()
    pairing.asks(asked("/1"), SERVER, 20)
    if missing:
        pairing.lost_requests(40, surely=True)
    assert pairing.fits_request(SERVER + 50 + more, SERVER + 50) is fits
    assert is_believed_to_wait(pairing) is fits


@pytest.mark.parametrize("more", [SHORTEST_RESPONSE - 1, SHORTEST_RESPONSE])
def test_a_lost_request_fits_when_its_answer_came_before_the_next_request(more: int) -> None:
    fits = more >= SHORTEST_RESPONSE
    pairing = midstream()
    pairing.lost_requests(20, surely=True)
    pairing.asks(asked("/2"), SERVER + 50 + more, 60)
    assert pairing.fits(SERVER + 50, 60, lost=False) is fits
    pairing = midstream()
    pairing.lost_requests(20, surely=True)
    pairing.asks(asked("/2"), SERVER + 50 + more, 60)
    assert pairing.fits_request(SERVER + 200, SERVER + 50) is fits


def test_how_many_requests_are_lost_is_no_acknowledgement() -> None:
    pairing = midstream()
    assert pairing.fits_request(1, 0) is False
    pairing.lost_requests(40, surely=True)
    assert pairing.fits_request(0, 1) is False


def test_a_request_that_came_before_the_final_response_does_not_take_it() -> None:
    """The interim response said whose it is, also when that request has ended since."""
    for ended in ("/1", "/2"):
        pairing = connection()
        requests = {target: asked(target) for target in ("/0", "/1", "/2")}
        pairing.asks(requests["/0"], SERVER, 0)
        pairing.asks(requests["/1"], SERVER + 50, 20)
        pairing.lost_responses()
        assert interim(pairing, SERVER + 50, 40).request is requests["/1"]
        pairing.asks(requests["/2"], SERVER + 70, 40)
        after = asked(ended)
        assert pairing.ended(requests[ended], after) is True
        requests[ended] = after
        assert pairing.pending == [(requests["/1"], SERVER + 50, 20), (requests["/2"], SERVER + 70, 40)]
        assert pairing.answer(SERVER + 70, 60, informational=False).request is requests["/1"]
        assert pairing.ended(requests["/1"], after) is False


def test_lost_requests_are_not_named_among_what_is_left() -> None:
    pairing = connection()
    pairing.lost_requests(0, surely=True)
    pairing.asks(asked("/1"), SERVER + SHORTEST_RESPONSE, 20)
    assert left(pairing) == [("/1", 1, "")]


# Where a request and a response are that rule each other out


@pytest.mark.parametrize("had", [20, 40])
def test_who_has_some_of_a_response_asked_behind_it(had: int) -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER + 50, 20)
    pairing.lost_responses()
    assert final(pairing, SERVER + 49, had) == "/0"
    assert is_believed_to_wait(pairing)


def test_a_response_that_shows_that_the_client_does_not_wait_has_no_presumed_pair_itself() -> None:
    pairing = midstream()
    pairing.asks(asked("/0"), SERVER, 0)
    assert final(pairing, SERVER, 20) == "/0"
    pairing.asks(asked("/1"), SERVER + 50, 20)
    pairing.asks(asked("/2"), SERVER + 70, 40)
    assert final(pairing, SERVER + 70, 40) is None


@pytest.mark.parametrize("lost", [True, False])
def test_who_asked_before_the_answer_before_was_there_does_not_wait(lost: bool) -> None:
    """Unless that answer was lost."""
    pairing = connection()
    pairing.lost_requests(0, surely=False)
    if lost:
        pairing.lost_responses()
    pairing.asks(asked("/1"), SERVER, 10)
    assert final(pairing, SERVER + 30, 30) == "/1"
    pairing.asks(asked("/2"), SERVER + 60, 30)
    assert is_believed_to_wait(pairing) == lost


# What a gap, a doubt or a bound leaves as it was


def targets(pairing: Pairing) -> list[str | None]:
    """What waits: None for lost requests."""
    return [request.target if request is not None else None for request, _, _ in pairing.pending]


@pytest.mark.parametrize("ack", [SERVER, 0])
def test_one_request_is_no_habit(ack: int) -> None:
    pairing = midstream()
    pairing.asks(asked("/0"), ack, 0)
    assert is_believed_to_wait(pairing)


def test_while_responses_are_counted_none_is_too_short_to_be_waited_for() -> None:
    """A status line may lack its reason and each CR."""
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    assert final(pairing, SERVER, 20) == "/0"
    pairing.asks(asked("/1"), SERVER + len(b"HTTP/1.1 200\n\n"), 20)
    assert is_believed_to_wait(pairing)


def test_a_request_that_was_answered_before_it_came_is_not_too_much() -> None:
    pairing = connection(limit=1)
    assert final(pairing, SERVER, 20) is None
    assert pairing.asks(asked("/late"), SERVER, 0) is False
    assert targets(pairing) == []


def test_where_nothing_waits_nothing_is_given_up() -> None:
    pairing = connection()
    assert pairing.give_up() is None
    assert not pairing.careful


def test_a_request_that_is_given_up_beside_lost_ones_is_one_with_them() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.lost_requests(20, surely=True)
    pairing.give_up()
    assert pairing.pending == [(None, SURELY_BEGAN, 0)]


def test_what_is_missed_behind_a_response_may_have_been_answered_by_it() -> None:
    pairing = connection()
    assert final(pairing, SERVER, 40) is None
    pairing.lost_requests(0, surely=True)
    for number in (1, 2):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    assert left(pairing) == [("/2", 2, "")]


@pytest.mark.parametrize(("start", "known"), [(30, True), (50, True), (60, False)])
def test_of_the_responses_that_nobody_asked_for_so_many_are_remembered(start: int, known: bool) -> None:
    pairing = connection(limit=2)
    for number in range(3):
        assert final(pairing, SERVER + 50 * number, 20 + 20 * number) is None
    pairing.asks(asked("/late"), SERVER, start)
    # It was answered by the older of the two newest, unless that was sent before it came.
    assert (targets(pairing) == []) == (start < 40)
    pairing = connection(limit=2)
    for number in range(3):
        assert final(pairing, SERVER + 50 * number, 20 + 20 * number) is None
    for number in range(3):
        pairing.asks(asked(f"/{number}"), SERVER + 50 * number, 20 * number)
    assert targets(pairing) == ["/2"]
    assert known or start == 60


def test_what_was_there_before_a_pair_answers_nothing_behind_it() -> None:
    pairing = connection()
    assert final(pairing, SERVER, 0) is None
    pairing.asks(asked("/0"), SERVER, 0)
    assert final(pairing, SERVER + 50, 20) == "/0"
    pairing.lost_requests(20, surely=True)
    for number in (2, 3):
        pairing.asks(asked(f"/{number}"), SERVER + 100, 20 * number)
    assert left(pairing) == [("/2", 3, ""), ("/3", 4, "")]


def test_midstream_a_request_may_have_been_answered_before_it_was_captured() -> None:
    pairing = midstream()
    assert final(pairing, SERVER, 20) is None
    for number in (0, 1):
        pairing.asks(asked(f"/{number}"), SERVER, 30 + 20 * number)
    assert left(pairing) == [("/1", 2, "")]


def test_a_capture_of_answers_may_begin_at_the_number_zero() -> None:
    pairing = midstream()
    pairing.asks(asked("/0"), MASK, 0)
    ((_, _, detail),) = pairing.unanswered(lost=False, heard_from=0)
    assert detail == "lost in a gap"


def test_what_was_certainly_answered_waits_no_longer() -> None:
    """By the only response that is here, or by one before it."""
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.lost_requests(20, surely=False)
    pairing.lost_responses()
    assert final(pairing, SERVER + 30, 60) is None
    assert targets(pairing) == [None]
    pairing = connection()
    for number in range(3):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    pairing.lost_responses()
    assert final(pairing, SERVER + 100, 40) is None
    assert targets(pairing) == ["/1", "/2"]


def test_lost_requests_wait_as_long_as_it_is_not_known_how_many_they_are() -> None:
    for more in (0, 1):
        pairing = connection()
        pairing.not_waiting()
        pairing.lost_requests(0, surely=True)
        if more:
            pairing.asks(asked("/1"), SERVER, 20)
        assert final(pairing, SERVER, 40) is None
        assert targets(pairing) == (["/1"] if more else [None])


def test_a_request_that_another_response_may_have_answered_is_not_called_unanswered() -> None:
    """The response for which no request was there yet."""
    pairing = connection()
    assert final(pairing, SERVER, 40) is None
    pairing.lost_requests(0, surely=False)
    pairing.asks(asked("/1"), SERVER, 20)
    pairing.asks(asked("/2"), SERVER + 50, 40)
    match = pairing.answer(SERVER + 50, 60, informational=False)
    assert (target_of(match), match.skipped) == ("/2", ())


# What a client that waits would not have done


@pytest.mark.parametrize("surely", [True, False])
def test_who_asks_again_before_the_answer_does_not_wait(surely: bool) -> None:
    """What is lost behind a request may be another for sure, or the end of what is no request."""
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.lost_requests(20, surely=surely)
    assert final(pairing, SERVER, 45) == "/0"
    pairing.asks(asked("/2"), SERVER + 60, 60)
    assert is_believed_to_wait(pairing) is not surely


@pytest.mark.parametrize(("had", "target"), [(20, "/0"), (21, None)])
def test_a_request_may_be_answered_before_it_is_whole(had: int, target: str | None) -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.lost_requests(20, surely=True)
    pairing.lost_responses()
    assert final(pairing, SERVER, had) == target


def test_who_asks_behind_bytes_that_are_no_response_does_not_wait() -> None:
    """The second request has what came before this response, which is the first's."""
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER + 20, 20)
    pairing.lost_requests(40, surely=False)
    assert final(pairing, SERVER + 20, 40) == "/0"
    assert not is_believed_to_wait(pairing)


def test_that_a_response_answers_nothing_refutes_no_habit() -> None:
    pairing = connection()
    pairing.asks(asked("/0"), SERVER + 50, 0)
    pairing.lost_responses()
    assert final(pairing, SERVER + 20, 0) is None
    assert final(pairing, SERVER + 50, 20) is None
    pairing.asks(asked("/1"), SERVER + 100, 20)
    assert is_believed_to_wait(pairing)


def test_lost_bytes_too_few_for_a_request_are_none() -> None:
    """So the newest request before them is the newest that the server had."""
    for length, target in ((17, "/1"), (18, None)):
        pairing = connection()
        pairing.asks(asked("/0"), SERVER, 0)
        pairing.asks(asked("/1"), SERVER + 20, 20)
        pairing.lost_requests(40, surely=True)
        pairing.asks(asked("/3"), SERVER + 80, 40 + length)
        pairing.lost_responses()
        assert final(pairing, SERVER + 40, 45) == target


# How many requests lost bytes held at most


@pytest.mark.parametrize(("more", "named"), [(18, ["/2"]), (19, []), (36, []), (37, [])])
def test_lost_bytes_held_no_more_requests_than_fit(more: int, named: list[str]) -> None:
    """Each may have had its answer, so that behind two no more than the first is sure to have none."""
    pairing = connection()
    pairing.not_waiting()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.lost_requests(20, surely=True)
    pairing.lost_responses()
    assert final(pairing, SERVER, 20 + more) is None
    for number in (1, 2):
        pairing.asks(asked(f"/{number}"), SERVER + 50, 100 + 20 * number)
    assert [target for target, _, _ in left(pairing)] == named


def test_a_request_that_is_not_whole_may_be_as_many_as_fit() -> None:
    """Of the response and those that are lost, three at most are of the requests that the server had begun to see."""
    pairing = connection()
    pairing.not_waiting()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.lost_responses()
    pairing.begun = 20
    assert final(pairing, SERVER + 50, 20 + 2 * SHORTEST_REQUEST) is None
    assert targets(pairing) == []
    for number in range(1, 5):
        pairing.asks(asked(f"/{number}"), SERVER + 50, 20 * number)
    assert [target for target, _, _ in left(pairing)] == ["/4"]


def test_a_request_that_is_not_whole_is_another_that_may_be_answered() -> None:
    pairing = connection()
    pairing.not_waiting()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.lost_responses()
    pairing.begun = 20
    assert final(pairing, SERVER + 50, 30) is None


# A handshake that is captured late


def test_a_late_handshake_says_that_nothing_was_asked_before() -> None:
    pairing = midstream()
    pairing.opened()
    assert not pairing.careful
    asked_already, answered_already = midstream(), midstream()
    asked_already.asks(asked("/0"), SERVER, 0)
    final(answered_already, SERVER, 0)
    for pairing in (asked_already, answered_already):
        pairing.opened()
        assert pairing.careful, "what has come before is placed by its numbers"


def test_a_late_handshake_brings_no_lost_response_back() -> None:
    pairing = midstream()
    for number in (0, 1):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    pairing.lost_responses()
    pairing.opened()
    assert left(pairing) == []


def test_what_was_answered_before_a_late_handshake_is_not_left() -> None:
    pairing = midstream()
    assert final(pairing, SERVER, 20) is None
    pairing.opened()
    for number in (0, 1):
        pairing.asks(asked(f"/{number}"), SERVER, 30 + 20 * number)
    assert left(pairing) == [("/1", 2, "")]


@pytest.mark.parametrize(("surely", "answers"), [(True, 2), (False, 1)])
def test_a_client_that_waits_had_an_answer_to_a_lost_request_too(surely: bool, answers: int) -> None:
    for less in (0, 1):
        pairing = connection()
        pairing.asks(asked("/0"), SERVER, 0)
        pairing.lost_requests(20, surely=surely)
        pairing.asks(asked("/2"), SERVER + answers * SHORTEST_RESPONSE - less, 60)
        assert is_believed_to_wait(pairing) is (less == 0)


def test_lost_requests_are_placed_by_the_request_right_behind_them() -> None:
    """It acknowledges too little for an answer to one of them, whatever later ones acknowledge."""
    pairing = midstream()
    pairing.lost_requests(0, surely=True)
    pairing.asks(asked("/1"), SERVER + SHORTEST_RESPONSE - 1, 20)
    pairing.asks(asked("/2"), SERVER + 60, 40)
    assert pairing.fits(SERVER, 30, lost=False) is False


def test_of_two_requests_and_one_that_has_begun_none_is_sure() -> None:
    pairing = connection()
    for number in (0, 1):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    pairing.lost_responses()
    pairing.begun = 40
    assert final(pairing, SERVER + 50, 50) is None


# What changes nothing, or only what it should


@pytest.mark.parametrize("number", [SERVER, 0])
def test_a_client_that_once_asked_twice_without_an_answer_is_not_believed_to_wait(number: int) -> None:
    """Though its answers were counted all the time; and positions may begin at zero."""
    pairing = Pairing(1_000)
    pairing.opened()
    pairing.asks(asked("/0"), number, 0)
    pairing.asks(asked("/1"), number, 20)
    assert not is_believed_to_wait(pairing)


def test_a_client_waits_for_the_first_interim_response_where_something_is_lost_behind_it() -> None:
    """As long as nothing was missing the interim ones were counted, like the final one before them."""
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    assert final(pairing, SERVER, 20) == "/0"
    pairing.asks(asked("/1"), SERVER + 50, 20)
    assert target_of(interim(pairing, SERVER + 50, 40)) == "/1"
    assert target_of(interim(pairing, SERVER + 70, 40)) == "/1"
    pairing.lost_requests(40, surely=False)
    assert final(pairing, SERVER + 100, 80) == "/1"


def test_what_may_be_a_response_without_any_request_answers_none() -> None:
    pairing = connection()
    match = pairing.doubtful(SERVER, 0)
    assert (match.request, match.stream, match.may_answer_head) == (None, 1, True)


def test_behind_what_may_be_a_response_nothing_is_counted() -> None:
    """It may have been the answer to the first request, or none."""
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.asks(asked("/1"), SERVER, 20)
    assert target_of(pairing.doubtful(SERVER, 40)) == "/0"
    assert final(pairing, SERVER + 50, 40) is None


def test_what_may_be_a_response_is_of_the_exchange_of_its_request_and_may_be_refuted_once() -> None:
    pairing = midstream()
    pairing.asks(asked("/0"), SERVER, 0)
    first = pairing.doubtful(SERVER, 20)
    assert (target_of(first), first.stream, first.may_answer_head, first.presumed) == ("/0", 1, True, True)
    pairing = midstream()
    pairing.asks(asked("/0"), SERVER, 0)
    assert final(pairing, SERVER, 20) == "/0"
    pairing.asks(asked("/1"), SERVER + 50, 20)
    second = pairing.doubtful(SERVER + 50, 40)
    assert (target_of(second), second.stream, second.may_answer_head, second.presumed) == ("/1", 2, True, False)


def test_what_may_be_a_response_is_one_at_most() -> None:
    """Three requests are sent at once, of which the server had two; one of these may be answered."""
    pairing = connection()
    for number in range(3):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    pairing.lost_responses()
    assert target_of(pairing.doubtful(SERVER + 50, 40)) is None
    assert [request.target for request, _, _ in pairing.unanswered(lost=False)] == ["/2"]
    pairing = midstream()
    for number in range(3):
        pairing.asks(asked(f"/{number}"), SERVER, 20 * number)
    assert target_of(pairing.doubtful(SERVER, 40)) is None
    assert [request.target for request, _, _ in pairing.unanswered(lost=False)] == ["/1", "/2"]


def test_what_may_be_the_final_response_ends_what_the_interim_one_has_shown() -> None:
    pairing, _, _ = informed()
    assert target_of(pairing.doubtful(SERVER + 80, 40)) == "/0"
    assert final(pairing, SERVER + 100, 40) is None


def test_who_waits_for_an_interim_response_may_have_its_final_one_before_the_next() -> None:
    """Bytes in which a request may have been are lost behind it."""
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    assert target_of(interim(pairing, SERVER, 20)) == "/0"
    pairing.lost_requests(20, surely=False)
    assert target_of(pairing.doubtful(SERVER + 30, 60)) == "/0"
    assert final(pairing, SERVER + 80, 60) is None


def test_a_request_that_may_be_answered_is_an_exchange_of_its_own() -> None:
    """It is not said to have no answer, here or where the next one is answered."""
    for last in (True, False):
        pairing = connection()
        pairing.asks(asked("/0"), SERVER, 0)
        pairing.lost_responses()
        assert target_of(pairing.doubtful(SERVER + 50, 20)) == "/0"
        pairing.asks(asked("/1"), SERVER + 100, 20)
        if last:
            assert left(pairing) == [("/1", 2, LOST_IN_GAP)]
        else:
            match = pairing.answer(SERVER + 100, 40, informational=False)
            assert (target_of(match), match.stream, match.skipped) == ("/1", 2, ())


@pytest.mark.parametrize(("limit", "named"), [(1, ["/0"]), (2, [])])
def test_of_the_responses_that_stand_alone_so_many_are_remembered(limit: int, named: list[str]) -> None:
    pairing = Pairing(limit)
    assert [final(pairing, SERVER, 40), final(pairing, SERVER + 50, 60)] == [None, None]
    pairing.lost_requests(0, surely=True)
    for number in range(2):
        pairing.asks(asked(f"/{number}"), SERVER + 50 * number, 20 + 20 * number)
    pairing.lost_responses()
    assert [request.target for request, _, _ in pairing.unanswered(lost=False)] == named


def test_a_request_at_whose_place_a_response_stands_beside_lost_requests_is_not_unanswered() -> None:
    pairing = connection()
    pairing.lost_requests(0, surely=False)
    assert final(pairing, SERVER, 40) is None
    pairing.asks(asked("/1"), SERVER, 20)
    assert left(pairing) == []


@pytest.mark.parametrize(("more", "target"), [(SHORTEST_REQUEST - 1, "/2"), (SHORTEST_REQUEST, None)])
def test_the_next_answer_is_that_of_a_lost_request_if_one_fits(more: int, target: str | None) -> None:
    """All answers were seen, and a request surely began where bytes are missing."""
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    assert final(pairing, SERVER, 20) == "/0"
    pairing.lost_requests(20, surely=True)
    pairing.asks(asked("/2"), SERVER + 50, 20 + more)
    assert final(pairing, SERVER + 50, 60 + more) == target


def test_a_request_that_is_captured_behind_its_answer_refutes_no_habit() -> None:
    """Two answers came for what the lost bytes held and for it."""
    pairing = connection()
    pairing.lost_requests(0, surely=False)
    assert [final(pairing, SERVER, 40), final(pairing, SERVER + 50, 80)] == [None, None]
    pairing.asks(asked("/1"), SERVER + 100, 20)
    assert final(pairing, SERVER + 100, 120) is None
    assert not pairing.pipelines()


def test_a_lost_request_behind_one_that_may_be_answered_is_before_the_next() -> None:
    """Since what may be the first one's answer no other has come."""
    pairing = connection()
    pairing.asks(asked("/0"), SERVER, 0)
    pairing.lost_requests(20, surely=True)
    pairing.asks(asked("/2"), SERVER + 100, 60)
    assert target_of(pairing.doubtful(SERVER, 20)) == "/0"
    assert final(pairing, SERVER + 100, 80) is None
