"""Filters that are made of rows: each lets its own row through, and they go together with what is written."""

from dataclasses import replace

import pytest

from httpresp_capture.analysis.finding_hooks import finding_hooks
from httpresp_capture.analysis.findings import Findings
from httpresp_capture.query import compile_query
from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.workload import Workload
from httpresp_tui.model.grouping import GROUPINGS
from httpresp_tui.model.only_this import Term, cookie_terms, term_of_group, terms_of, with_term
from httpresp_tui.model.rows import GroupRow
from httpresp_tui.model.store import Store
from httpresp_tui.model.view import View
from samples import FAILED, FLOW, NOT_FOUND, TWO_COOKIES, encrypted, request, response, unanswered

HOOKS = finding_hooks(Findings())


def terms(of: Response) -> dict[str, Term]:
    return {term.key: term for term in terms_of(of)}


def lets_through(text: str, of: Response) -> bool:
    return compile_query(text, HOOKS).matches(of)


AWKWARD = request(b'GET /a"b/17/x?q=(1|2) HTTP/1.1\r\nHost: a"b\\.example:80\r\n\r\n')
ROWS = (
    response(id=1),
    response(NOT_FOUND, id=2, request=None),
    response(TWO_COOKIES, id=3, request=AWKWARD, workload=Workload(process_name="my app")),
    response(FAILED, id=4, flow=replace(FLOW, client="2001:db8::9")),
    response(b"HTTP/1.1 2x0 OK\r\n\r\n", id=5, status=0),
    unanswered(id=6),
    encrypted(id=7),
    response(id=8, request=request("GET /é HTTP/1.1\r\nHost: münze.example\r\n\r\n".encode())),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.id))
def test_a_row_passes_the_filters_that_are_made_of_it(row: Response) -> None:
    made = [term for term in terms_of(row) if term.text and not term.key.startswith("time")]
    assert {"client", "flow", "status"} <= {term.key for term in made}
    for term in made:
        assert lets_through(term.text, row), term


def test_other_rows_do_not_pass() -> None:
    first = terms(ROWS[0])
    assert not lets_through(first["host"].text, ROWS[2])
    assert not lets_through(first["route"].text, ROWS[2])
    assert not lets_through(first["status"].text, ROWS[3])
    assert not lets_through(first["client"].text, ROWS[3])
    assert not lets_through(first["type"].text, ROWS[2])


def test_a_route_has_its_ids_masked() -> None:
    one, other = (
        response(request=request(b"GET /item/%d/edit HTTP/1.1\r\nHost: h\r\n\r\n" % number)) for number in (12, 345)
    )
    assert terms(one)["route"].text == 'route="GET /item/:id/edit"'
    assert lets_through(terms(one)["route"].text, other)
    assert lets_through("route:/item/:id", other)
    assert not lets_through("route=/item/:id", other)


def test_what_cannot_be_said_says_why() -> None:
    assert (terms(ROWS[1])["route"].text, terms(ROWS[1])["route"].value) == ("", "request not seen")
    odd = response(request=request(b"GET / HTTP/1.1\r\nHost: a\x1b[2Jb\r\n\r\n"))
    assert (terms(odd)["host"].text, terms(odd)["host"].value) == ("", "cannot be written")


def test_cookies_are_named_once() -> None:
    found = cookie_terms([("shop:80", "sid"), ("shop:80", 'a"b'), ("shop:80", "sid")])
    assert [term.text for term in found] == ['jar="sid shop:80"', r'jar="a\"b shop:80"']


HOST = Term("host", "h", "host", 'host="a b"', "")
SLOW = Term("time-3", "3", "", "time>300ms", "")
STATE = Term("status", "s", "status", "is:unanswered", "")


@pytest.mark.parametrize(
    ("before", "term", "after"),
    [
        ("", HOST, 'host="a b"'),
        ("5xx", HOST, '5xx host="a b"'),
        ('5xx host="a b"', HOST, "5xx"),
        ('host="a b"  5xx', HOST, "5xx"),
        ("host=c 5xx", HOST, '5xx host="a b"'),
        ("host:c 5xx", HOST, 'host:c 5xx host="a b"'),
        ("time>1000ms x", SLOW, "x time>300ms"),
        ("4xx | 5xx", HOST, '(4xx | 5xx) host="a b"'),
        ("host=c or 5xx", HOST, '(host=c or 5xx) host="a b"'),
        ("(host=c | 5xx) host=d", HOST, '(host=c | 5xx) host="a b"'),
        ('(4xx | 5xx) host="a b"', HOST, "(4xx | 5xx)"),
        ('"x | y"  z', HOST, '"x | y"  z host="a b"'),
        ("is:error", STATE, "is:error is:unanswered"),
        ("is:unanswered", STATE, ""),
    ],
)
def test_a_term_holds_beside_what_is_there(before: str, term: Term, after: str) -> None:
    assert with_term(before, term) == after
    compile_query(after)


@pytest.mark.parametrize("kind", GROUPINGS)
def test_the_term_of_a_group_lets_its_rows_through_and_no_others(kind: str) -> None:
    store = Store()
    view = View(store)
    view.update(store.apply([ResponseSeen(row) for row in ROWS]))
    view.group_by(kind)
    while not view.step():
        pass
    for index in range(len(view.rows)):
        group = view.rows.row_at(index)
        if isinstance(group, GroupRow) and group.key:
            term = term_of_group(kind, GROUPINGS[kind].title, group)
            passing = {row.id for row in ROWS if lets_through(term.text, row)}
            assert passing == {row.id for row in ROWS if GROUPINGS[kind].of(row) == group.key}, term
