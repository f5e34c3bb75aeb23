"""Which two responses `=` compares: the marked ones, else the one in hand with the usual one of its route."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from httpresp_capture.analysis.routes import route_of
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.marks import Marks
from httpresp_tui.model.store import Store, is_interim

MOST_ASKED = 20_000
"""Responses before and behind among which those of the route are looked for."""
ENOUGH = 40
"""Responses of the route that say which status is the usual one."""

Pair = tuple[Response, Response]
"""The older one first: it is the left side."""


def pair_to_compare(store: Store, marks: Marks, in_hand: Response | None) -> Pair | None:
    """Two marked responses; one marked and the one in hand; the one in hand and the usual one of its route.

    Of more than two marks those count that are nearest to the response in hand.
    """
    marked = [found for id in marks if (found := store.get(id)) is not None and found.is_response]
    here = in_hand.id if in_hand is not None else store.next_id
    if len(marked) > 1:
        first, second, *_ = sorted(marked, key=lambda each: abs(each.id - here))
        return _ordered(first, second)
    if in_hand is None or not in_hand.is_response:
        return None
    if marked and marked[0].id != in_hand.id:
        return _ordered(marked[0], in_hand)
    usual = usual_one(store, in_hand)
    return None if usual is None else _ordered(usual, in_hand)


def usual_one(store: Store, response: Response) -> Response | None:
    """Of the responses of the same host and route, the nearest one with the status that is the most frequent there,
    one before it rather than one behind; None where there is no other."""
    before = list(islice(_of_its_route(store, response, -1), ENOUGH))
    others = before or list(islice(_of_its_route(store, response, 1), ENOUGH))
    if not others:
        return None
    status = Counter(other.status for other in others).most_common(1)[0][0]
    return next(other for other in others if other.status == status)


def _of_its_route(store: Store, response: Response, step: int) -> Iterator[Response]:
    """Outwards from the response. Without its request, those whose request was not seen either are of its route."""
    host, route = response.host, route_of(response)
    for id in range(response.id + step, response.id + step * MOST_ASKED, step):
        if not store.first_id <= id < store.next_id:
            return
        other = store.get(id)
        if (
            other is not None
            and other.is_response
            and other.host == host
            and not is_interim(other)
            and route_of(other) == route
        ):
            yield other


def _ordered(one: Response, other: Response) -> Pair:
    return (one, other) if one.id < other.id else (other, one)
