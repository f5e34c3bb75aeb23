"""What takes both directions of HTTP/1 to know, told on the wire: who asked for what, what is left when it ends, and
what follows when the connection turns to something else."""

from collections.abc import Mapping

import pytest

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import REQUEST_COST
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.problems import Problem
from traffic.scenario import Player, Scenario
from traffic.watching import Watched
from websocket_frames import frame

Step = Mapping[str, object]
SYN_ACK: Step = {"from": "server", "flags": "SYN ACK"}


def client(text: str | bytes = "", **more: object) -> Step:
    return {"from": "client", "bytes": text if isinstance(text, str) else text.decode("latin-1"), **more}


def server(text: str | bytes = "", **more: object) -> Step:
    return {"from": "server", "bytes": text if isinstance(text, str) else text.decode("latin-1"), **more}


def get(target: str, **more: object) -> Step:
    return client(f"GET {target} HTTP/1.1\r\n\r\n", **more)


def ok(status: int = 200, body: str = "", *fields: str, **more: object) -> Step:
    head = "\r\n".join((f"HTTP/1.1 {status} A", *fields, f"Content-Length: {len(body)}", "", ""))
    return server(head + body, **more)


def played(*steps: Step, **told: object) -> Watched:
    return Player(Scenario("", {"steps": steps, **told})).play()


def asked(row: Response) -> str | None:
    return row.request.target if row.request is not None else None


def pairs(seen: Watched) -> list[tuple[int, str | None]]:
    """Status and target of each row; 0 for a request without response."""
    return [(row.status, asked(row)) for row in seen.responses]


def details(row: Response) -> list[tuple[str, str]]:
    return [(problem.name, problem.detail) for problem in row.problems]


# How it begins


def test_a_handshake_that_is_captured_late_is_one() -> None:
    """So many as were asked were seen, and they are counted."""
    both = client("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n")
    answers = ok(201), ok(202)
    assert pairs(played(both, {**SYN_ACK, "ack": -38}, *answers, handshake=False)) == [(201, "/a"), (202, "/b")]
    assert pairs(played(both, *answers, handshake=False)) == [(201, None), (202, None)]


@pytest.mark.parametrize("isn", [1_000, 0xFFFF_FFFF])
def test_a_loss_right_at_the_beginning_may_have_held_requests(isn: int) -> None:
    seen = played(client("x" * 40, lose=True), get("/b"), ok(201, ack=0), ok(202), isn=[isn, 5_000])
    assert pairs(seen) == [(201, None), (202, None)]


def test_what_a_server_says_first_of_all_is_no_answer_to_what_is_asked_later() -> None:
    """RFC 9110 §15.5.9: a server may say 408 before it closes a connection that nothing was asked on."""
    seen = played(ok(408, "", "Connection: close"), get("/a"))
    assert pairs(seen) == [(408, None), (0, "/a")]


def test_bytes_in_the_middle_of_a_message_are_none() -> None:
    seen = played(server("body, and more of it\r\n"), get("/a"), ok(201), handshake=False)
    assert pairs(seen) == [(201, "/a")]
    assert seen.responses[0].problems == ()


@pytest.mark.parametrize("first", [client("body'"), ok(201)])
def test_what_a_client_says_first_in_the_middle_is_no_beginning_of_a_request(first: Step) -> None:
    """The end of a body right before a request line is no part of its method."""
    second = ok(201) if first["from"] == "client" else client("body'")
    seen = played(first, second, get("/b"), ok(202), handshake=False)
    assert pairs(seen) == [(201, None), (202, "/b")]
    request = seen.responses[1].request
    assert request is not None
    assert request.method == "GET"


def test_in_the_middle_one_byte_of_a_message_is_none() -> None:
    (row,) = played(server("x"), get("/a"), ok(201), handshake=False).responses
    assert (row.status, row.problems) == (201, ())


def test_an_odd_answer_may_be_the_first_that_a_server_says_in_a_capture() -> None:
    (row,) = played(get("/a"), server("ICY 200 OK\r\nicy-name: a\r\n\r\n"), handshake=False).responses
    assert (row.status, row.header("icy-name")) == (200, "a")


@pytest.mark.parametrize("isn", [[1_000, 5_000], [5_017, 5_000], [5_000, 5_000]])
def test_where_the_numbers_begin_says_nothing_of_whether_a_client_waits(isn: list[int]) -> None:
    lost = ok(202, "x" * 50, lose=True)
    seen = played(get("/a"), ok(201), get("/b"), lost, get("/c"), ok(203), isn=isn)
    assert pairs(seen) == [(201, "/a"), (0, "/b"), (203, "/c")]


def test_who_asks_again_without_having_the_answer_does_not_wait() -> None:
    """Though it was captured before. So nobody says which response is lost."""
    again = get("/b", ack=-len("HTTP/1.1 201 A\r\nContent-Length: 0\r\n\r\n"))
    lost = ok(203, "x" * 50, lose=True)
    seen = played(get("/a"), ok(201), again, ok(202), get("/c"), lost, get("/d"), ok(204))
    assert pairs(seen)[:3] == [(201, "/a"), (202, "/b"), (204, None)]


def test_a_request_in_the_middle_of_a_capture_that_had_less_than_what_is_here_is_not_answered_by_that() -> None:
    """The client acknowledges less than the first of the server's bytes, so the answer to it may be lost."""
    early = server("HTTP/1.1 201 A\r\nContent-Length: 0\r\n\r\n", ack=18)
    seen = played(early, get("/a", ack=-80), ok(202, ack=0), handshake=False)
    assert (202, "/a") not in pairs(seen)


HALF: Step = client(flags="SYN")
"""All that is captured of a handshake."""


@pytest.mark.parametrize("isn", [5_000, 0xFFFF_FFFF - len("HTTP/1.1 201 A\r\nContent-Length: 0\r\n\r\n")])
def test_the_first_request_is_not_answered_by_what_begins_beyond_what_its_client_had(isn: int) -> None:
    """Half a handshake: the server's first bytes were not captured, and its newest come before what they answer."""
    late = get("/a", ack=-2 * len("HTTP/1.1 201 A\r\nContent-Length: 0\r\n\r\n"))
    seen = played(
        HALF,
        ok(201, lose=True),
        ok(202, ack=2 * len("GET /a HTTP/1.1\r\n\r\n")),
        late,
        handshake=False,
        isn=[1_000, isn],
    )
    assert pairs(seen) == [(202, None)]


def test_behind_a_loss_at_both_ends_nobody_knows_which_request_got_no_answer() -> None:
    """Three requests fit into what the client lacks, and as many answers into what the server does."""
    lost = server("x" * 100, lose=True), ok(201, ack=57), client(), {"tick": 1}, client("x" * 57, lose=True)
    seen = played(*lost, get("/b"), get("/c"), get("/d"), ok(203))
    assert pairs(seen) == [(201, None), (203, None)]


def test_a_loss_of_the_first_that_a_server_says_does_not_say_that_its_client_does_not_wait() -> None:
    """It says something before it is asked, and the client, which is captured later, had nothing of that."""
    greeting = server("x" * 100, lose=True), ok(201, ack=0), client(), {"tick": 1}
    first = get("/a", ack=-100 - len("HTTP/1.1 201 A\r\nContent-Length: 0\r\n\r\n")), ok(202)
    seen = played(*greeting, *first, get("/b"), ok(203, "x" * 50, lose=True), get("/c"), ok(204))
    assert pairs(seen) == [(201, None), (202, "/a"), (0, "/b"), (204, "/c")]


def test_a_request_whose_answer_came_before_the_capture_of_answers_began_says_so() -> None:
    """Behind a loss of its client, of which nobody knows whether it asked."""
    early = client("yyyy"), client("x" * 40, lose=True), get("/a", ack=-30), {"tick": 20}, server("y" * 10)
    (row,) = played(*early, client(flags="FIN ACK"), server(flags="FIN ACK"), handshake=False).responses
    assert (asked(row), details(row)) == ("/a", [("no-response", "lost in a gap")])


@pytest.mark.parametrize("rest", ["\n", "\r\n"])
def test_the_end_of_a_body_is_no_blank_line_before_the_next_message(rest: str) -> None:
    seen = played(server(rest), get("/a"), ok(201), handshake=False)
    assert pairs(seen) == [(201, "/a")]
    assert seen.responses[0].problems == ()


# Who asks while an answer is open


def test_a_request_that_is_sent_within_an_answer_does_not_wait() -> None:
    """Midstream, where only the habit of a client that waits could tell whose answer is whose."""
    begun = server("HTTP/1.1 200 A\r\nContent-Length: 60\r\n\r\n" + "x" * 30)
    rest = server("x" * 30)
    seen = played(get("/a"), begun, get("/b"), rest, ok(202), handshake=False)
    assert pairs(seen)[1] == (202, None)
    seen = played(get("/a"), begun, rest, get("/b"), ok(202), handshake=False)
    assert pairs(seen) == [(200, "/a"), (202, "/b")]


def test_a_request_within_an_answer_that_does_not_end_in_the_capture_refutes_the_pair() -> None:
    """Midstream: the client had no more of it than is here, and asked before it could have had all."""
    seen = played(
        get("/a"), server("HTTP/1.1 200 A\r\nContent-Length: 60\r\n\r\n" + "x" * 30), get("/b"), handshake=False
    )
    assert pairs(seen)[0] == (200, None)


def test_a_pair_is_not_settled_while_bytes_of_the_server_may_yet_come() -> None:
    """Midstream, where two answers behind one request say that the first may be another's."""
    second = "HTTP/1.1 202 A\r\nContent-Length: 0\r\n\r\n"
    late = server(second[20:], seq=20), {"tick": 1}, server(second[:20], seq=-len(second))
    assert pairs(played(get("/a"), ok(201), *late, handshake=False))[0] == (201, None)


def test_a_pair_is_not_settled_while_bytes_of_the_client_may_yet_come() -> None:
    """Midstream, where a request behind it that was sent without its answer shows that the client does not wait."""
    second, had = "GET /b HTTP/1.1\r\n\r\n", -len("HTTP/1.1 201 A\r\nContent-Length: 0\r\n\r\n")
    late = client(second[9:], seq=9, ack=had), {"tick": 1}, client(second[:9], seq=-len(second), ack=had)
    assert pairs(played(get("/a"), ok(201), *late, handshake=False))[0] == (201, None)


# What is left when it ends


def test_requests_without_answers_are_told_when_the_connection_ends() -> None:
    seen = played(get("/a"), ok(201), get("/b"), {"from": "server", "flags": "FIN ACK"})
    assert pairs(seen) == [(201, "/a"), (0, "/b")]
    assert details(seen.responses[1]) == [("no-response", "")]


def test_a_request_whose_answer_may_be_in_a_loss_says_so() -> None:
    seen = played(
        get("/a"), ok(201), get("/b"), server("x" * 90, lose=True), client(flags="FIN ACK"), server(flags="FIN ACK")
    )
    assert pairs(seen) == [(201, "/a"), (0, "/b")]
    assert details(seen.responses[1]) == [("no-response", "lost in a gap")]


def test_a_number_beyond_the_middle_is_no_loss() -> None:
    (row,) = played(get("/a"), server(flags="FIN ACK"), isn=[1_000, 3_000_000_000]).responses
    assert row.problems == (Problem("no-response", 0, ""),)


def test_a_request_from_before_the_capture_of_answers_may_have_had_one() -> None:
    seen = played(server("x" * 40, lose=True), server("y" * 10), get("/a", ack=-30), handshake=False)
    assert [details(row) for row in seen.responses] == [[("no-response", "lost in a gap")]]


@pytest.mark.parametrize("more", [True, False])
def test_a_loss_behind_a_presumed_pair_was_the_answer_to_another_request_if_there_was_one(more: bool) -> None:
    """The first pair of a client that seems to wait. If nothing was asked behind it, the lost bytes refute it: they are
    the answer to its request, or the other way round."""
    lost = server("x" * 90, lose=True)
    last = [get("/b")] if more else []
    end = client(flags="FIN ACK", ack=-90 if more else 0), server(flags="FIN ACK")
    seen = played(get("/a"), ok(201), *last, lost, *end, handshake=False)
    assert pairs(seen) == ([(201, "/a"), (0, "/b")] if more else [(201, None)])


def test_an_interim_answer_keeps_its_request_where_the_final_one_is_lost() -> None:
    """RFC 9110 §15.2: what is lost behind it was the answer to the same request."""
    lost = server("x" * 90, lose=True), client(flags="FIN ACK"), server(flags="FIN ACK")
    seen = played(get("/a"), server("HTTP/1.1 103 A\r\n\r\n"), *lost, handshake=False)
    assert pairs(seen) == [(103, "/a"), (0, "/a")]
    assert details(seen.responses[1]) == [("no-response", "lost in a gap")]


def test_what_is_lost_of_an_answer_itself_does_not_refute_its_pair() -> None:
    """Where its body goes on when the loss begins, that is its own for all that is known."""
    begun = server("HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    lost = server("x" * 90, lose=True), client(flags="FIN ACK"), server(flags="FIN ACK")
    (row,) = played(get("/a"), begun, *lost, handshake=False).responses
    assert (asked(row), row.end) == ("/a", EndReason.GAP)


def test_a_body_behind_an_answer_to_head_shows_that_it_answers_another() -> None:
    head = client("HEAD /a HTTP/1.1\r\n\r\n")
    seen = played(head, server("HTTP/1.1 200 A\r\nContent-Length: 5\r\n\r\nhello"), handshake=False)
    assert seen.responses[0].status == 200
    assert asked(seen.responses[0]) is None


@pytest.mark.parametrize(("had", "target"), [(0, "/a"), (9, None)])
def test_a_request_that_has_begun_may_be_the_one_that_is_answered(had: int, target: str | None) -> None:
    """Where an answer is lost. A server may answer before it has all of a request."""
    lost = server("x" * 40, lose=True)
    seen = played(get("/a"), lost, client("GET /b HT", ack=-40), ok(201, ack=had - 9), client(), {"tick": 20})
    assert pairs(seen)[0] == (201, target)


@pytest.mark.parametrize(("more", "target"), [(0, "/a"), (1, "/a"), (2, None)])
def test_what_the_server_has_and_nobody_captured_may_be_a_request(more: int, target: str | None) -> None:
    """One number alone may be a FIN."""
    seen = played(get("/a"), server("x" * 40, lose=True), ok(201, ack=more))
    assert pairs(seen)[0] == (201, target)


@pytest.mark.parametrize("isn", [1_000, 0xFFFF_FFFF - len("GET /a HTTP/1.1\r\n\r\n")])
@pytest.mark.parametrize(("more", "target"), [(1, "/a"), (2, None)])
def test_the_same_where_an_answer_is_read_before_what_it_answers(more: int, target: str | None, isn: int) -> None:
    """Since no more of it may be held."""
    lost = server("x" * 40, lose=True)
    seen = played(get("/a"), lost, ok(201, "y" * 3_000, ack=more), limits={"held_bytes": 1_000}, isn=[isn, 5_000])
    assert pairs(seen)[0] == (201, target)


def test_an_exchange_is_numbered_where_the_ports_are_used_again() -> None:
    seen = played(get("/a"), ok(201), ok(202))
    assert [row.stream for row in seen.responses] == [1, 2]


@pytest.mark.parametrize("length", [0, 30])
def test_a_connection_with_a_message_under_way_is_waited_for(length: int) -> None:
    """RFC 9112 §9.5 leaves it to the two ends when an idle connection is over."""
    body = f"HTTP/1.1 200 A\r\nContent-Length: {length}\r\n\r\n"
    seen = played(get("/a"), server(body), {"tick": 900}, server("x" * length) if length else get("/b"), ok(202))
    assert len({row.flow.id for row in seen.responses}) == (1 if length else 2)
    assert seen.responses[0].end is EndReason.LENGTH


# Bodies of requests


def post(length: int, body: str = "") -> Step:
    return client(f"POST /a HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{body}")


def test_a_request_that_ends_behind_its_answer_is_whole_in_it() -> None:
    body = server("HTTP/1.1 200 A\r\nContent-Length: 4\r\n\r\nab")
    (row,) = played(post(10, "01234"), body, client("56789"), server("cd")).responses
    assert row.request is not None
    assert (row.request.complete, row.request.body) == (True, b"0123456789")
    assert details(row) == [("early-response", "")]


def test_a_request_that_ends_behind_its_answer_is_not_that_of_what_follows() -> None:
    another = server("HTTP/1.1 202 A\r\nContent-Length: 4\r\n\r\nab")
    seen = played(post(10, "01234"), ok(201), another, client("56789"), server("cd"))
    assert pairs(seen) == [(201, "/a"), (202, None)]


def test_a_request_that_ends_before_its_answer_is_whole_in_it() -> None:
    (row,) = played(post(10, "01234"), client("56789"), ok(201)).responses
    assert row.request is not None
    assert (row.request.complete, row.request.body, row.problems) == (True, b"0123456789", ())


def test_a_request_that_ends_behind_another_answer_changes_nothing_of_that() -> None:
    """The answer to it has ended before, and is not told of again."""
    seen = played(post(10, "01234"), ok(201), client("56789"), get("/b"), server("HTTP/1.1 202 A\r\n\r\nab"))
    first, second = seen.responses
    assert first.request is not None
    assert (first.request.complete, details(first)) == (False, [("early-response", "")])
    assert asked(second) == "/b"


# Too many


def test_the_oldest_of_too_many_requests_is_told_without_an_answer() -> None:
    seen = played(*(get(f"/{number}") for number in range(4)), limits={"pending_requests": 2})
    assert pairs(seen)[:2] == [(0, "/0"), (0, "/1")]
    assert [details(row) for row in seen.responses[:2]] == [[("no-response", "too many waiting")]] * 2
    assert [row.stream for row in seen.responses] == [1, 2, 3, 4]


def test_what_waits_inside_a_tunnel_is_given_up_too() -> None:
    tunnel = client("CONNECT a.test:80 HTTP/1.1\r\n\r\n"), server("HTTP/1.1 200 A\r\n\r\n")
    cost = len("GET /0 HTTP/1.1\r\n\r\n") + REQUEST_COST
    player = Player(Scenario("", {"steps": [], "limits": {"pending_bytes": 8 * cost}}))
    waiting = 0
    for step in (*tunnel, *(get(f"/{number}") for number in range(12))):
        for each in player.frames(step):
            player.watcher.feed(each)
        (connection,) = player.watcher.pipeline.table.connections
        waiting = len(connection.application.waiting())
    assert 0 < waiting <= 9  # An eighth more than the bound.
    rows = player.watcher.finish().responses
    assert [asked(row) for row in rows] == ["a.test:80", *(f"/{number}" for number in range(12))]
    assert details(rows[1]) == [("no-response", "too many waiting")]


def test_the_oldest_request_goes_first_also_from_before_a_tunnel() -> None:
    tunnel = client("CONNECT a.test:80 HTTP/1.1\r\n\r\n"), get("/first"), server("HTTP/1.1 200 A\r\n\r\n")
    cost = len("GET /0 HTTP/1.1\r\n\r\n") + REQUEST_COST
    seen = played(*tunnel, *(get(f"/{number}") for number in range(12)), limits={"pending_bytes": 8 * cost})
    assert next(asked(row) for row in seen.responses if ("no-response", "too many waiting") in details(row)) == "/first"


# What is no HTTP after all


RTSP = "OPTIONS rtsp://a.test/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"
RTSP_ANSWER = "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"


def test_a_request_of_http_that_is_answered_in_another_protocol_got_no_answer() -> None:
    seen = played(get("/a"), server(RTSP_ANSWER), get("/b"), ok(202))
    assert pairs(seen) == [(0, "/a"), (202, "/b")]
    assert details(seen.responses[0]) == [("no-response", 'answered in another protocol: "RTSP/1.0 200 OK"')]
    assert seen.counters.requests == 2


def test_another_protocol_that_looks_like_http_is_counted_as_another() -> None:
    """Its requests are none of HTTP's."""
    asking = client("GET rtsp://a.test/ RTSP/1.0\r\nCSeq: 1\r\n\r\n")
    seen = played(asking, server(RTSP_ANSWER), asking, server(RTSP_ANSWER))
    assert pairs(seen) == []
    assert (seen.counters.requests, seen.counters.flows_other) == (0, 1)


def test_what_is_taken_back_leaves_no_request() -> None:
    """Nobody has answered yet: it was never HTTP."""
    asking = client("GET rtsp://a.test/ RTSP/1.0\r\nCSeq: 1\r\n\r\n")
    seen = played(get("/a"), asking, server(RTSP_ANSWER))
    assert pairs(seen) == []
    assert (seen.counters.requests, seen.counters.flows_other) == (0, 1)


def test_all_that_another_protocol_answers_is_unanswered() -> None:
    """And nothing in its answer is read as HTTP."""
    both = client("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n")
    seen = played(both, server(RTSP_ANSWER + "HTTP/1.1 201 A\r\nContent-Length: 0\r\n\r\n"))
    assert pairs(seen) == [(0, "/a"), (0, "/b")]


def test_what_was_read_as_http_stays_http() -> None:
    """Another protocol's first line behind an exchange takes nothing back."""
    seen = played(get("/a"), ok(201), client("GET rtsp://a.test/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"), ok(400))
    assert pairs(seen) == [(201, "/a"), (400, "rtsp://a.test/ RTSP/1.0")]
    assert seen.counters.flows_other == 0


def test_an_answer_to_what_is_no_http_says_so() -> None:
    seen = played(client("HELO a.test\r\n"), server("HTTP/1.1 400 A\r\nContent-Length: 0\r\n\r\n"))
    (row,) = seen.responses
    assert row.problems == (Problem("no-request", 0, "what the client sent is no HTTP"),)
    (row,) = played(client("\x16\x03\x01\x00\x05hello"), ok(400)).responses
    assert row.problems == (Problem("no-request", 0, "the client sent TLS"),)


def test_a_second_answer_to_one_request_is_not_for_want_of_http() -> None:
    seen = played(get("/a"), ok(201), ok(202))
    assert details(seen.responses[1]) == [("too-many-responses", "")]


def test_a_response_behind_a_loss_of_the_client_is_not_for_want_of_http() -> None:
    seen = played(client("x" * 30, lose=True), client("yyyy"), ok(201, ack=0), ok(202))
    assert all("no HTTP" not in detail for row in seen.responses for _, detail in details(row))


def test_a_server_that_has_said_what_is_no_http_is_not_listened_to_any_more() -> None:
    """Where its client speaks something else after all."""
    asking = client("GET rtsp://a.test/ RTSP/1.0\r\nCSeq: 1\r\n\r\n")
    assert pairs(played(server("220 a.test\r\n"), get("/a"), asking, ok(201))) == []
    assert pairs(played(get("/a"), asking, ok(201))) == [(201, None)]


# What follows HTTP


SWITCH = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {}\r\n\r\n"


@pytest.mark.parametrize("early", [True, False])
def test_what_follows_a_switch_to_what_nobody_reads_is_no_http(early: bool) -> None:
    """Neither what comes behind the 101, nor what the client sent before it."""
    ask = client(
        "GET /a HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: spdy/3\r\n\r\n" + ("GET /in HTTP" if early else "")
    )
    inside = get("/b"), ok(202), client("GET /c HTTP/1.1\r\n\r\n"), ok(203)
    seen = played(ask, server(SWITCH.format("spdy/3")), *inside)
    assert pairs(seen) == [(101, "/a")]
    assert [each.kind for each in seen.counters.unread] == ["another protocol after 101"]


def test_a_switch_by_a_server_whose_client_was_not_recognised_is_one() -> None:
    seen = played(client("GE"), server(SWITCH.format("spdy/3")), client("T /b HTTP/1.1\r\n\r\n"), ok(202))
    assert [status for status, _ in pairs(seen)] == [101]


def test_what_was_asked_before_a_switch_to_http_2_gets_no_answer() -> None:
    """RFC 7540 §3.2: only the request that asked for it is answered there."""
    ask = "GET /a HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n"
    more = "GET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n"
    seen = played(client(ask + more), server(SWITCH.format("h2c")))
    assert pairs(seen)[:3] == [(101, "/a"), (0, "/b"), (0, "/c")]
    assert details(seen.responses[1]) == [("no-response", "the connection was switched to HTTP/2")]
    assert not seen.counters.unread


def test_a_connect_that_succeeds_switches_to_nothing_but_a_tunnel() -> None:
    connect = client("CONNECT a.test:80 HTTP/1.1\r\n\r\n")
    seen = played(connect, server("HTTP/1.1 200 A\r\nUpgrade: websocket\r\n\r\n"), get("/b"), ok(201))
    assert pairs(seen) == [(200, "a.test:80"), (201, "/b")]


def test_an_interim_answer_to_connect_is_told_before_the_tunnel_opens() -> None:
    connect = client("CONNECT a.test:80 HTTP/1.1\r\n\r\n")
    steps = connect, server("HTTP/1.1 100 A\r\n\r\n"), server("HTTP/1.1 200 A\r\n\r\n"), get("/b"), ok(201)
    for handshake in (True, False):
        seen = played(*steps, handshake=handshake)
        assert sorted(pairs(seen)) == [(100, "a.test:80"), (200, "a.test:80"), (201, "/b")]


def test_a_connection_with_a_tunnel_ends_once() -> None:
    connect = client("CONNECT a.test:80 HTTP/1.1\r\n\r\n")
    ended = client(flags="FIN ACK"), server(flags="FIN ACK")
    assert len(played(connect, server("HTTP/1.1 200 A\r\n\r\n"), get("/b"), ok(201), *ended).ended) == 1


def test_what_is_under_way_inside_a_tunnel_is_waited_for() -> None:
    tunnel = client("CONNECT a.test:80 HTTP/1.1\r\n\r\n"), server("HTTP/1.1 200 A\r\n\r\n")
    begun = server("HTTP/1.1 201 A\r\nContent-Length: 4\r\n\r\nab")
    seen = played(*tunnel, get("/b"), begun, {"tick": 900}, server("cd"))
    assert [row.end for row in seen.responses] == [EndReason.SWITCHED, EndReason.LENGTH]
    assert pairs(played(*tunnel, get("/b"), {"tick": 900}, ok(201))) == [(200, "a.test:80"), (201, "/b")]


def test_lost_requests_are_not_waited_for() -> None:
    lost = client("x" * 40, lose=True)
    seen = played(get("/a"), ok(201), lost, client("yy"), server(), {"tick": 900}, get("/b"), ok(202))
    assert len({row.flow.id for row in seen.responses}) == 2


UPGRADE = "GET /a HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


def test_a_frame_that_the_client_sends_too_early_is_read() -> None:
    """Before the 101 has come, and of which HTTP can make nothing."""
    hello = frame(1, b"hello", mask=b"abcd")
    seen = played(client(UPGRADE.encode() + hello), server(SWITCH.format("websocket")), client(hello))
    (row,) = seen.responses
    assert row.websocket is not None
    assert [message.preview for message in row.websocket.messages] == [b"hello", b"hello"]


def test_what_the_client_says_in_a_tunnel_without_waiting_is_read() -> None:
    connect = client("CONNECT a.test:80 HTTP/1.1\r\n\r\n")
    seen = played(connect, client("GET /a HT"), server("HTTP/1.1 200 A\r\n\r\n"), client("TP/1.1\r\n\r\n"), ok(201))
    assert pairs(seen) == [(200, "a.test:80"), (201, "/a")]


def test_an_answer_within_the_packet_of_the_connect_is_read() -> None:
    connect = client("CONNECT a.test:80 HTTP/1.1\r\n\r\n")
    both = server("HTTP/1.1 200 A\r\n\r\nHTTP/1.1 201 B\r\nContent-Length: 0\r\n\r\n")
    assert [status for status, _ in pairs(played(connect, both))] == [200, 201]


def test_a_tunnel_of_which_the_capture_began_later_is_told_at_once() -> None:
    """Its request is presumed for want of another, and what follows can refute nothing."""
    connect = client("CONNECT a.test:80 HTTP/1.1\r\n\r\n")
    seen = played(connect, server("HTTP/1.1 200 A\r\n\r\n"), get("/b"), ok(201), handshake=False)
    assert pairs(seen) == [(200, "a.test:80"), (201, "/b")]
    assert [row.stream for row in seen.responses] == [1, 2]


def test_ports_that_are_used_again_begin_outside_of_the_tunnel() -> None:
    connect = client("CONNECT a.test:80 HTTP/1.1\r\n\r\n")
    ended = client(flags="FIN ACK"), server(flags="FIN ACK")
    anew = client(flags="SYN", isn=900_000), server(flags="SYN ACK", isn=700_000)
    seen = played(connect, server("HTTP/1.1 200 A\r\n\r\n"), get("/b"), ok(201), *ended, *anew, get("/c"), ok(202))
    assert pairs(seen) == [(200, "a.test:80"), (201, "/b"), (202, "/c")]


def test_what_goes_on_after_a_reset_is_not_inside_of_the_tunnel_that_was_before() -> None:
    """What is lost of it is known."""
    tunnel = client("CONNECT a.test:80 HTTP/1.1\r\n\r\n"), server("HTTP/1.1 200 A\r\n\r\n"), get("/b"), ok(201)
    ended = client(flags="FIN ACK"), server(flags="FIN ACK")
    after = get("/c"), ok(202), get("/d"), ok(203, "x" * 50, lose=True)
    seen = played(*tunnel, client(flags="RST ACK"), {"tick": 20}, *after, *ended)
    assert pairs(seen) == [(200, "a.test:80"), (201, "/b"), (202, "/c"), (0, "/d")]
    assert details(seen.responses[3]) == [("no-response", "lost in a gap")]


def test_a_pair_inside_a_tunnel_is_settled_by_what_is_known_inside() -> None:
    """As one outside: nothing was asked for what is lost behind it."""
    tunnel = client("CONNECT a.test:80 HTTP/1.1\r\n\r\n"), server("HTTP/1.1 200 A\r\n\r\n")
    lost = server("x" * 90, lose=True), client(flags="FIN ACK"), server(flags="FIN ACK")
    assert pairs(played(*tunnel, get("/a"), ok(201), *lost, handshake=False)) == [(200, "a.test:80"), (201, None)]


def test_a_request_behind_one_that_opens_a_websocket_gets_no_answer_and_none_is_lost() -> None:
    seen = played(client(UPGRADE + "GET /b HTTP/1.1\r\n\r\n"), server(SWITCH.format("websocket")))
    assert pairs(seen) == [(101, "/a"), (0, "/b")]
    assert details(seen.responses[1]) == [("no-response", "")]


@pytest.mark.parametrize("protocol", ["websocket", "spdy/3"])
def test_repeats_of_a_switch_are_compared_no_more(protocol: str) -> None:
    """What follows is no HTTP, and no message is there to lay a conflict to."""
    switch = SWITCH.format(protocol)
    again = server(switch.replace("101", "200"), seq=-len(switch), stray=True)
    seen = played(client(UPGRADE.replace("websocket", protocol)), server(switch), again)
    assert [row.conflicts for row in seen.responses] == [()]
    assert seen.counters.conflicts == 0
