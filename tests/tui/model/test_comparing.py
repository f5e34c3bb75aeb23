"""Which two responses are compared."""

from dataclasses import replace

from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.comparing import pair_to_compare, usual_one
from httpresp_tui.model.marks import Marks
from httpresp_tui.model.store import Store
from samples import FAILED, OK, request, response, unanswered


def get(path: str, id: int, head: bytes = OK, host: str = "a.example") -> Response:
    asked = request(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return response(head, id=id, stream=id, request=asked)


def store_of(*responses: Response) -> Store:
    store = Store()
    store.apply([ResponseSeen(each) for each in responses])
    return store


def ids(pair: tuple[Response, Response] | None) -> tuple[int, int] | None:
    return None if pair is None else (pair[0].id, pair[1].id)


FEW = store_of(
    get("/items/1", 1),
    get("/items/2", 2),
    get("/other", 3),
    get("/items/3", 4, FAILED),
    get("/items/4", 5, host="b.example"),
    get("/items/5?x", 6),
    get("/items/6", 7, FAILED),
    unanswered(id=8),
    get("/alone", 9),
)


def usual_of(id: int) -> int | None:
    of = FEW.get(id)
    assert of is not None
    found = usual_one(FEW, of)
    return None if found is None else found.id


def test_the_usual_one_is_the_nearest_of_the_route_with_the_most_frequent_status() -> None:
    assert usual_of(7) == 6
    assert usual_of(4) == 2
    assert usual_of(6) == 2
    assert usual_of(1) == 2, "before the first there is none, so one behind it"
    assert usual_of(3) is None
    assert usual_of(5) is None


def test_without_marks_it_is_the_one_in_hand_and_the_usual_one() -> None:
    assert ids(pair_to_compare(FEW, Marks(), FEW.get(7))) == (6, 7)
    assert ids(pair_to_compare(FEW, Marks(), FEW.get(1))) == (1, 2)
    assert pair_to_compare(FEW, Marks(), FEW.get(9)) is None
    assert pair_to_compare(FEW, Marks(), FEW.get(8)) is None
    assert pair_to_compare(FEW, Marks(), None) is None


def test_marks_come_first() -> None:
    marks = Marks()
    marks.add(9)
    assert ids(pair_to_compare(FEW, marks, FEW.get(3))) == (3, 9)
    assert pair_to_compare(FEW, marks, FEW.get(9)) is None
    marks.add(2)
    assert ids(pair_to_compare(FEW, marks, FEW.get(5))) == (2, 9)
    assert ids(pair_to_compare(FEW, marks, None)) == (2, 9)
    marks.add(4)
    assert ids(pair_to_compare(FEW, marks, FEW.get(4))) == (2, 4)
    marks.add(8)
    assert ids(pair_to_compare(FEW, marks, FEW.get(8))) == (4, 9), "a request without response has nothing to compare"


def test_interim_responses_are_of_no_use() -> None:
    hints = replace(get("/items/1", 1, b"HTTP/1.1 103 Early Hints\r\n\r\n"))
    store = store_of(hints, get("/items/2", 2))
    second = store.get(2)
    assert second is not None
    assert usual_one(store, second) is None
