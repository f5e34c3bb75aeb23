"""The Findings pages over a mixed, generated list: each row leads to all its responses and only to those, and counts
them; groups add up. What is expected is worked out from the records alone."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from random import Random

import pytest

from exchanges import exchanged, ok
from httpresp_capture.analysis.baseline import Acceptance, Baseline
from httpresp_capture.analysis.clusters import fingerprint_of
from httpresp_capture.analysis.finding_hooks import finding_hooks
from httpresp_capture.analysis.findings import origin_of
from httpresp_capture.analysis.review import Review
from httpresp_capture.checks import Options, examine
from httpresp_capture.http.cookies import parse_cookie, parse_set_cookie
from httpresp_capture.query import compile_query
from httpresp_capture.records.events import CaptureEvent, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.group_columns import group_layout
from httpresp_tui.model.grouping import GROUPINGS
from httpresp_tui.model.inspection import Inspection
from httpresp_tui.model.pages import PAGES, Lead, SectionRow, lead_of_finding, lead_of_section
from httpresp_tui.model.rows import GroupRow, ResponseRow
from httpresp_tui.model.store import Store
from httpresp_tui.model.view import View
from samples import FLOW

TODAY = date(2027, 1, 1)
ACCEPTED = Baseline(
    (
        Acceptance("HSTS", "known", date(2027, 2, 1)),
        Acceptance("ERR-TRACE", "known", date(2027, 2, 1), path="/cart*"),
        Acceptance("CK-HTTPONLY", "was known", date(2026, 2, 1)),
    )
)
KEPT, SEEN, BATCH = 150, 240, 24
HOSTS = (b"shop.example", b"api.example:8080", b'o"d\\d*(a|b)')
PATHS = (b"/cart/%d", b"/feed", b"/a?b=1&sid=5b8e0f3ac1d94e27%d", b"/")
STATUS = (b"200 OK",) * 5 + (b"304 Not Modified", b"404 Gone", b"500 Oops", b"502 Bad", b"302 Found", b"103 Hints")
NAMES = (b"sid", b"theme", b'od"d*', b"a\\b")
VALUES = (b"5b8e0f3ac1d94e27", b"dark", b"4f0c2a77b1e35d96", b"1")
FIELDS: tuple[bytes, ...] = (
    b"Server: nginx", b"Server: nginx", b"Server: Jetty(9.4)", b"X-Powered-By: PHP/5.6",
    b"Vary: *\r\nCache-Control: max-age=60",
    b"Cache-Control: no-store, max-age=9", b"X-Content-Type-Options: nosniff", b"Access-Control-Allow-Origin: *",
    b"Bad Line", b"Strict-Transport-Security: max-age=1", b"Content-Security-Policy: default-src *",
)  # fmt: skip
BODIES = (
    b"hi", b"<title>Oops</title>", b'{"error":{"message":"no row","code":"E%d"}}',
    b"Traceback (most recent call last):\n  File 'a.py', line %d\n",
    b"You have an error in your SQL syntax near 'x' at line %d",
)  # fmt: skip


def conversation(rng: Random) -> tuple[bytes, bytes]:
    """An answer and its request; a cookie is set or sent, not both, so that each is in one row."""
    fields = rng.sample(FIELDS, rng.randrange(4))
    sent = b""
    cookie = rng.choice(NAMES) + b"=" + rng.choice(VALUES)
    match rng.randrange(4):
        case 0:
            fields.append(b"Set-Cookie: " + cookie + rng.choice((b"", b"; Path=/", b"; HttpOnly", b"; Max-Age=0")))
        case 1:
            sent = b"Cookie: " + cookie + b"\r\n"
        case _:
            pass
    path, body = (
        text % rng.randrange(9) if b"%d" in text else text for text in (rng.choice(PATHS), rng.choice(BODIES))
    )
    request = b"GET " + path + b" HTTP/1.1\r\nHost: " + rng.choice(HOSTS) + b"\r\n" + sent + b"\r\n"
    kind = b"Content-Type: " + (b"application/json" if body.startswith(b"{") else b"text/html")
    return (ok(kind, *fields, body=body, status=rng.choice(STATUS)) if rng.randrange(12) else b""), request


def mixed(rng: Random) -> list[Response]:
    """Numbered through, a millisecond apart, on a few connections."""
    found: list[Response] = []
    while len(found) < SEEN:
        for one in exchanged(*conversation(rng)):
            id = len(found) + 1
            flow = replace(FLOW, id=rng.randrange(1, 9), client=f"10.0.0.{rng.randrange(3)}")
            found.append(replace(one, id=id, at=one.at + id * 1_000_000, flow=flow))
    return found[:SEEN]


@dataclass(frozen=True)
class Run:
    """All that came, and the screen's model after it: rows were let go, and each was looked at before."""

    seen: list[Response]
    store: Store
    view: View
    review: Review

    def shown(self, lead: Lead) -> list[int]:
        """Ids in the list once a row was followed."""
        query = compile_query(lead.query, finding_hooks(self.review.findings, lambda: self.review.ledger))
        self.view.set_filter(query.matches)
        finish(self.view)
        return sorted(response.id for response in self.view.visible())

    def leads(self, lead: Lead) -> list[Response]:
        """The same of all that came; what is kept of these is in the list."""
        query = compile_query(lead.query, finding_hooks(self.review.findings, lambda: self.review.ledger))
        found = [response for response in self.seen if query(response)]
        assert self.shown(lead) == [response.id for response in found if self.store.get(response.id) is not None]
        assert set(lead.samples) <= {response.id for response in found}
        return found


def finish(view: View) -> None:
    while not view.step():
        pass


def ran(seed: int) -> Run:
    rng = Random(seed)
    seen = mixed(rng)
    store = Store(KEPT)
    view = View(store)
    review = Review(Options(salt=b"salt"), ACCEPTED, TODAY)
    inspection = Inspection(store, review)
    for at in range(0, SEEN, BATCH):
        events: list[CaptureEvent] = []
        ended: list[CaptureEvent] = []
        for response in seen[at : at + BATCH]:
            is_open = rng.randrange(4) == 0
            events.append(ResponseSeen(replace(response, end=None) if is_open else response))
            ended += [ResponseChanged(response)] if is_open else []
        for batch in (events, ended):
            change = store.apply(batch)
            view.update(change)
            inspection.update(change)
        while not inspection.step():
            pass
        if rng.randrange(3) == 0:
            view.set_classes(frozenset(rng.sample(range(6), 2)))
            view.group_by(rng.choice(list(GROUPINGS)))
    view.set_classes(frozenset())
    finish(view)
    assert len(store) == KEPT
    return Run(seen, store, view, review)


@pytest.fixture(scope="module", params=range(2))
def run(request: pytest.FixtureRequest) -> Run:
    return ran(request.param)


def check_of(acceptance: Acceptance | None) -> str:
    """One check has one acceptance here."""
    return "" if acceptance is None else acceptance.check


def test_a_finding_leads_to_every_response_that_shows_it(run: Run) -> None:
    expected: dict[tuple[object, ...], Counter[int]] = defaultdict(Counter)
    for response in run.seen:
        origin, path = origin_of(response), response.request.path if response.request else ""
        for finding in examine(response, run.review.findings.options):
            accepted = check_of(ACCEPTED.accepts(finding, origin, path, TODAY))
            expected[finding.check, origin, finding.parameter, finding.shape, accepted][response.id] += 1
    rows = {(*row.key, check_of(row.accepted)): row for row in run.review.findings.rows()}
    assert rows.keys() == expected.keys()
    assert len({key[0] for key in rows}) >= 8
    assert {key[-1] for key in rows} == {"", "HSTS", "ERR-TRACE"}
    for key, row in rows.items():
        assert [response.id for response in run.leads(lead_of_finding(row))] == sorted(expected[key]), key
        assert row.count == expected[key].total()


def rows_of(run: Run, page: str) -> list[SectionRow]:
    (wanted,) = (each for each in PAGES if each.key == page)
    return wanted.rows(run.review.overview("test"))


def test_an_error_leads_to_every_response_of_its_cause(run: Run) -> None:
    rows = rows_of(run, "errors")
    failed = [one for one in run.seen if one.status >= 400]
    assert sum(row.values["count"] for row in rows) == len(failed) > 20
    for row in rows:
        behind = run.leads(lead_of_section(row))
        assert len(behind) == row.values["count"]
        assert {one.status for one in behind} == {row.values["status"]}
        assert len({repr(fingerprint_of(one, run.review.findings.options)) for one in behind}) == 1


@pytest.mark.parametrize("page", ["drift", "caching"])
def test_a_row_leads_to_as_many_as_it_counts(page: str, run: Run) -> None:
    for row in rows_of(run, page):
        assert len(run.leads(lead_of_section(row))) == row.values["count"]


def named(response: Response, name: str) -> tuple[int, int]:
    """How often a response sets a cookie, and how often its request sends it."""
    lines = [parse_set_cookie(line) for line in response.headers.all("set-cookie")]
    sent = response.request.headers.all("cookie") if response.request else ()
    return (
        sum(cookie is not None and cookie.name == name for cookie in lines),
        sum(pair[0] == name for line in sent for pair in parse_cookie(line)),
    )


def test_a_cookie_leads_to_all_that_set_it_and_all_that_were_sent_for_it(run: Run) -> None:
    sendings: Counter[int] = Counter()
    rows = run.review.ledger.rows()
    pages = {(page.values["host"], page.values["name"]): page for page in rows_of(run, "cookies")}
    assert len(pages) > 8
    for row in rows:
        page_row = pages.get((row.host, row.name))
        if page_row is None:
            # It was only taken away.
            assert row.set_count + row.sent_count == 0
            continue
        behind = run.leads(lead_of_section(page_row))
        setting = [one.id for one in behind if named(one, row.name)[0]]
        assert setting == [one.id for one in run.seen if named(one, row.name)[0] and origin_of(one) == row.host]
        assert len(setting) == row.set_count + row.deleted_count
        sending = [one.id for one in behind if named(one, row.name)[1]]
        assert len(sending) == row.sent_count
        sendings.update(sending)
        others = {one.id for one in behind} - {*setting, *sending}
        assert all("sid=" in one.request.target for one in behind if one.id in others and one.request)
    assert sendings == Counter(
        one.id for one in run.seen if sum(named(one, row)[1] for row in {row.name for row in rows})
    )


# groups


def groups(view: View) -> Iterator[tuple[GroupRow, list[Response]]]:
    """Each with its responses, from the rows of the list; all are unfolded."""
    rows = view.rows
    at = 0
    while at < len(rows):
        group = rows.row_at(at)
        assert isinstance(group, GroupRow)
        below = [rows.row_at(at + 1 + line) for line in range(group.count)]
        yield group, [row.response for row in below if isinstance(row, ResponseRow)]
        at += 1 + group.count


def in_cells(group: GroupRow, width: int) -> int:
    """What the cells of a width say that there are: `2xx 14`, `rest 3`."""
    cells = [placed.column.cell(group).split() for placed in group_layout(width)]
    return sum(int(cell[1]) for cell in cells if len(cell) == 2 and cell[0] in NAMED and cell[1].isdigit())


NAMED = ("1xx", "2xx", "3xx", "4xx", "5xx", "???", "enc", "err", "rest")
FILTERS: tuple[tuple[str, Callable[[Response], bool]], ...] = (
    ("all", lambda _: True),
    ("some", lambda response: response.id % 3 > 0),
    ("with findings", lambda response: bool(examine(response, Options()))),
)


def total(values: Iterable[int]) -> int:
    return sum(values)


@pytest.mark.slow
@pytest.mark.parametrize("kind", GROUPINGS)
@pytest.mark.parametrize("classes", [(), (2,), (4, 5, 0)])
def test_groups_add_up(kind: str, classes: tuple[int, ...], run: Run) -> None:
    view = run.view
    view.group_by(kind)
    view.set_classes(frozenset(classes))
    for _, predicate in FILTERS:
        view.set_filter(predicate)
        finish(view)
        wanted = [one for one in run.store if predicate(one) and (not classes or one.status_class in classes)]
        told = list(groups(view))
        assert sorted(one.id for _, below in told for one in below) == [one.id for one in wanted]
        assert total(group.count for group, _ in told) == view.shown == len(wanted)
        for group, below in told:
            assert {GROUPINGS[kind].of(one) for one in below} == {group.key}
            assert len(below) == group.count
            assert group.classes == tuple(total(one.status_class == number for one in below) for number in range(7))
            assert group.bytes == total(one.body_bytes for one in below)
            assert group.problems == total(bool(one.problems or one.gaps or one.conflicts) for one in below)
            waits = sorted(one.first_byte_ns for one in below if one.first_byte_ns is not None)
            assert (group.p50_ns in waits) if waits and group.exact else (not waits or group.p50_ns is not None)
            assert {in_cells(group, width) for width in (40, 60, 80, 100, 120, 160, 200)} == {group.count}
    view.group_by(None)
    view.set_classes(frozenset())
