"""A row of the Findings screen leads to all its responses, and only to those."""

import time
from dataclasses import replace

import pytest

from exchanges import exchanged, page
from httpresp_capture.analysis.finding_hooks import finding_hooks
from httpresp_capture.analysis.review import Review
from httpresp_capture.query import compile_query
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.pages import PAGES, SectionRow, lead_of_section

SID = b"Set-Cookie: sid=5b8e0f3ac1d94e27; Path=/"
NGINX = b"Server: nginx"
STAR = b"Vary: *\r\nCache-Control: max-age=60\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT"
SENDS = b"GET /cart HTTP/1.1\r\nHost: other.example\r\nCookie: sid=5b8e0f3ac1d94e27; theme=dark*\r\n\r\n"
PLAIN = b"GET /shop HTTP/1.1\r\nHost: shop.example\r\n\r\n"


def reviewed() -> tuple[Review, list[Response]]:
    """Seven that set a cookie, eight that are sent it elsewhere, six whose caching is odd, one unlike its route."""
    conversations = [
        *[(page(NGINX, SID), PLAIN)] * 7,
        *[(page(NGINX), SENDS)] * 8,
        *[(page(NGINX, STAR), b"GET /feed HTTP/1.1\r\nHost: shop.example\r\n\r\n")] * 6,
        *[(page(NGINX), PLAIN)] * 20,
        *[(page(b"Server: Jetty"), PLAIN)] * 2,
    ]
    responses = [
        replace(response, id=id)
        for id, response in enumerate((one for each in conversations for one in exchanged(*each)), 1)
    ]
    review = Review()
    for response in responses:
        review.add(response)
    return review, responses


def rows(key: str) -> tuple[list[SectionRow], Review, list[Response]]:
    review, responses = reviewed()
    (wanted,) = (entry for entry in PAGES if entry.key == key)
    return wanted.rows(review.overview("test")), review, responses


def behind(row: SectionRow, review: Review, responses: list[Response]) -> list[int]:
    lead = lead_of_section(row)
    query = compile_query(lead.query, finding_hooks(review.findings, lambda: review.ledger))
    shown = [response.id for response in responses if query(response)]
    assert set(lead.samples) <= set(shown)
    return shown


def test_a_cookie_leads_to_every_response_that_sets_it_or_was_sent_it() -> None:
    found, review, responses = rows("cookies")
    by_name = {row.values["name"]: row for row in found}
    assert set(by_name) == {"sid", "theme"}
    assert behind(by_name["sid"], review, responses) == list(range(1, 16))
    assert behind(by_name["theme"], review, responses) == list(range(8, 16))


@pytest.mark.parametrize("key", ["drift", "caching"])
def test_a_row_leads_to_as_many_responses_as_it_counts(key: str) -> None:
    found, review, responses = rows(key)
    assert found
    for row in found:
        assert len(behind(row, review, responses)) == row.values["count"]


def test_the_odd_ones_are_those_that_differ() -> None:
    (odd,), review, responses = rows("drift")
    assert behind(odd, review, responses) == [42, 43]


def test_an_error_is_dated_as_everything_else_on_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    review = Review()
    for response in exchanged(page(status=b"500 Oops")):
        review.add(response)
    (errors,) = (entry for entry in PAGES if entry.key == "errors")
    monkeypatch.setenv("TZ", "XYZ-5")
    time.tzset()
    try:
        (row,) = errors.rows(review.overview("test"))
        assert "first seen 11-15 03:13:20, last 11-15 03:13:20 " in row.text
        assert row.values["first_seen"] == "2023-11-14T22:13:20.004000Z"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("cookies", "1 sighting of further cookies"),
        ("errors", "3 failures of further causes"),
        ("drift", "1,000 responses of further routes"),
        ("clocks", ""),
        ("early", ""),
    ],
)
def test_a_page_says_what_found_no_place_on_it(key: str, words: str) -> None:
    overview = replace(Review().overview("test"), cookies_dropped=1, errors_dropped=3, drift_dropped=1_000)
    (wanted,) = (entry for entry in PAGES if entry.key == key)
    figure = wanted.unplaced(overview)
    assert (figure.text if figure is not None else "") == words
