"""A connection as a conversation: each message once, in the order of time, and bounded."""

from dataclasses import replace

from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.conversation import MOST_MESSAGES, conversation
from httpresp_tui.model.store import Store
from samples import FLOW, MS, NOT_FOUND, OK, START, request, response, unanswered


def exchange(id: int, asked_ms: float, answered_ms: float, head: bytes = OK) -> Response:
    return response(head, id=id, stream=id, at_ms=answered_ms, request=request(at_ms=asked_ms))


def order(*responses: Response) -> list[tuple[str, int]]:
    found = conversation(responses, responses[0])
    return [("→" if each.from_client else "←", each.response.id) for each in found.messages]


def test_it_goes_forth_and_back() -> None:
    assert order(exchange(1, 1, 20), exchange(2, 30, 50)) == [("→", 1), ("←", 1), ("→", 2), ("←", 2)]


def test_requests_that_were_under_way_at_once_stand_before_their_answers() -> None:
    assert order(exchange(1, 1, 20), exchange(2, 2, 30)) == [("→", 1), ("→", 2), ("←", 1), ("←", 2)]


def test_what_two_responses_answer_is_one_request() -> None:
    first = exchange(1, 1, 10, b"HTTP/1.1 103 Early Hints\r\n\r\n")
    assert order(first, replace(exchange(2, 1, 20), stream=1)) == [("→", 1), ("←", 1), ("←", 2)]


def test_a_request_without_response_and_a_response_without_request_stand_alone() -> None:
    assert order(unanswered(id=1), response(id=2, at_ms=90, request=None)) == [("→", 1), ("←", 2)]


def test_it_begins_where_the_connection_opened() -> None:
    found = conversation([exchange(1, 5, 20)], exchange(1, 5, 20))
    assert (found.begin, found.messages[0].at) == (START, START + 5 * MS)


def test_bodies_have_a_bound_and_the_chosen_one_comes_first() -> None:
    seen = [replace(exchange(id, id * 10, id * 10 + 5), body=b"x" * 40, body_bytes=40) for id in (1, 2, 3)]
    found = conversation(seen, seen[2], most_bytes=80)
    assert [len(each.body) for each in found.messages if not each.from_client] == [40, 0, 40]
    assert [each.body_bytes for each in found.messages if not each.from_client] == [40, 40, 40]


def test_messages_have_a_bound_around_the_chosen_one() -> None:
    seen = [exchange(id, id * 10, id * 10 + 5) for id in range(1, MOST_MESSAGES + 1)]
    found = conversation(seen, seen[700])
    assert (len(found.messages), found.left_out) == (MOST_MESSAGES, MOST_MESSAGES)
    assert any(each.response.id == 701 for each in found.messages)


def test_the_store_knows_who_came_on_a_connection() -> None:
    store = Store(3)
    store.apply([ResponseSeen(replace(exchange(id, 1, 20, NOT_FOUND), flow=replace(FLOW, id=id % 2)))
                 for id in range(1, 7)])  # fmt: skip
    assert [each.id for each in store.of_flow(0)] == [4, 6]
    assert store.of_flow(9) == []
