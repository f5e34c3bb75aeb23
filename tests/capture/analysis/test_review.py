"""A capture as a whole, and the report that is made of it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from exchanges import BEHIND_TLS, exchanged, ok, page
from httpresp_capture.analysis.review import MAX_CACHING_ROWS, Overview, Review
from httpresp_capture.checks import Options, Severity
from httpresp_capture.export.reports import REPORTS
from httpresp_capture.export.sections import SECTIONS
from httpresp_capture.records.exchange import Response
from positives import FAILED, SESSION, TEXT

GOLDEN = Path(__file__).parents[2] / "golden"
SECOND = 1_000_000_000
RETRY = b"GET /search HTTP/1.1\r\nHost: shop.example\r\nCookie: session=3f786850e387550fdab836ed7e6dc881\r\n\r\n"


def numbered(*messages: bytes, request: bytes = BEHIND_TLS, first: int = 1) -> list[Response]:
    """The exchanges one after the other, as one capture would number and time them."""
    seen: list[Response] = []
    for count, message in enumerate(messages, first):
        for one in exchanged(message, request):
            later = (count - first) * SECOND
            asked = one.request
            assert asked is not None
            seen.append(
                replace(
                    one,
                    id=count,
                    at=one.at + later,
                    first_byte_at=one.first_byte_at + later,
                    request=replace(asked, first_byte_at=asked.first_byte_at + later, sent_at=asked.sent_at + later),
                )
            )
    return seen


def overview_of(*responses: Response, options: Options | None = None) -> Overview:
    """What a review of these tells."""
    review = Review(options)
    for response in responses:
        review.add(response)
    return review.overview("f.pcap", "1.0")


USUAL = page(b"X-Frame-Options: DENY", b"X-Cache: HIT")
ODD = page(b"X-Cache: HIT")
EVERYTHING = overview_of(
    *numbered(*[USUAL] * 19, ODD, ok(TEXT, body=b"Out of stock 17", status=FAILED)),
    *numbered(
        ok(b"Retry-After: 60", SESSION, b"Date: Tue, 14 Nov 2023 23:13:20 GMT", status=b"429 Too Many Requests"),
        ok(b"Retry-After: 60", b"Cache-Control: max-age=60", SESSION, status=b"429 Too Many Requests"),
        request=RETRY,
        first=22,
    ),
)


def test_every_section_finds_what_it_is_for() -> None:
    document = json.loads(REPORTS["json"].overview(EVERYTHING, Severity.LOW))
    assert [(row["name"], row["set_in_clear"], row["sent_in_clear"]) for row in document["cookies"]] == [
        ("session", 2, 2)
    ]
    assert [(row["status"], row["shape"], row["count"]) for row in document["errors"]] == [(429, "", 2),
        (500, "Out of stock #", 1)]  # fmt: skip
    (odd,) = document["drift"]
    assert (odd["count"], odd["of"], odd["responses"]) == (1, 20, [20])
    assert [(each["kind"], each["name"]) for each in odd["differences"]] == [("missing header", "x-frame-options")]
    assert [clock["server"] for clock in document["clocks"]] == ["198.51.100.1"]
    assert [(early["header"], early["origin"]) for early in document["early"]] == [("retry-after", "shop.example:80")]
    assert {row["fault"] for row in document["caching"]} == {"shared-cookie"}
    assert document["findings"]


def test_a_line_in_words_is_made_of_the_same_values() -> None:
    text = REPORTS["text"].overview(EVERYTHING, Severity.HIGH)
    assert (
        "\nCookies in clear\n"
        "  shop.example:80  session (session): set in clear 2 times with no attributes; "
        "sent in clear 2 times to shop.example:80/search\n"
    ) in text
    assert (
        "  500 · Out of stock #  ×1: GET /shop at shop.example:80, began suddenly at 2023-11-14T22:13:40.004000Z, "
        "last 2023-11-14T22:13:40.004000Z (#21)\n"
    ) in text
    assert ("  shop.example:80  GET /shop 200: 1 of 20 differ: without x-frame-options (95% have it) (#20)\n") in text
    assert "  198.51.100.1: 3,600.5 s ahead of the capture's clock\n" in text
    assert "  203.0.113.9 came back to shop.example:80 59.0 s before retry-after allowed (#23)\n" in text
    assert "  shop.example:80  ×1: Caches may hand this cookie to everyone. (RFC 9111 §7.3; #23)\n" in text


def test_a_section_that_has_nothing_to_say_is_left_out_of_words_and_empty_in_json() -> None:
    nothing = overview_of()
    assert (
        REPORTS["text"].overview(nothing, Severity.LOW)
        == "0 responses, nothing checked\nconfidence none: no response was seen\n"
    )
    document = json.loads(REPORTS["json"].overview(nothing, Severity.LOW))
    assert all(document[section.key] == [] for section in SECTIONS)


def test_a_long_section_is_cut_in_words_and_whole_in_json() -> None:
    many = overview_of(*(
        one for number in range(1, 31) for one in numbered(ok(TEXT, body=b"x" * number, status=FAILED), first=number)
    ))  # fmt: skip
    assert "  … 10 more\n" in REPORTS["text"].overview(many, Severity.HIGH)
    assert len(json.loads(REPORTS["json"].overview(many, Severity.HIGH))["errors"]) == 30


def test_behind_tls_a_cookie_is_not_in_clear() -> None:
    seen = numbered(page(SESSION))
    assert overview_of(*seen).cookies == ()
    clear = exchanged(page(SESSION))
    assert len(overview_of(*clear).cookies) == 1
    assert overview_of(*clear, options=Options(behind_tls=True)).cookies == ()


@pytest.mark.parametrize(("name", "suffix"), [("text", "txt"), ("json", "json"), ("markdown", "md")])
def test_a_whole_report_is_as_the_golden_file_says(name: str, suffix: str) -> None:
    golden = GOLDEN / f"overview.{suffix}"
    assert REPORTS[name].overview(EVERYTHING, Severity.MEDIUM) == golden.read_text(encoding="utf-8")


HOSTILE = b"X`|<b>\x1b]0;x\x07\xe2\x80\xae"


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_nothing_from_the_wire_acts_in_any_format(name: str) -> None:
    request = b"GET /" + HOSTILE.replace(b" ", b"") + b" HTTP/1.1\r\nHost: " + HOSTILE + b"\r\n\r\n"
    shown = overview_of(
        *exchanged(page(b"Set-Cookie: " + HOSTILE + b"=1", b"Server: " + HOSTILE, status=b"500 " + HOSTILE), request),
        *exchanged(ok(TEXT, body=HOSTILE, status=FAILED), request),
    )
    text = REPORTS[name].overview(shown, Severity.INFO)
    assert all(character.isprintable() or character == "\n" for character in text)


def test_no_secret_stands_in_a_section() -> None:
    for write in (each.overview for each in REPORTS.values()):
        assert "6850e387550f" not in write(EVERYTHING, Severity.INFO)


DROPPED = {"cookies": 1, "errors": 2, "drift": 3, "clocks": 4, "slow": 5, "caching": 6}


def test_what_found_no_place_is_told_in_every_form_that_has_the_sections() -> None:
    overview = replace(overview_of(), **{f"{key}_dropped": count for key, count in DROPPED.items()})
    told = json.loads(REPORTS["json"].overview(overview, Severity.LOW))
    assert {key: told[f"{key}_dropped"] for key in DROPPED} == DROPPED
    for name in ("text", "markdown"):
        text = REPORTS[name].overview(overview, Severity.LOW)
        for words in ("1 sighting of further cookies", "2 failures of further causes", "6 faults of further origins"):
            assert f"{words} found no place" in text


def test_a_review_counts_what_finds_no_place() -> None:
    review = Review()
    review.ledger.max_lines = 0
    star = b"Vary: *\r\nCache-Control: max-age=60\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT"
    for host in range(MAX_CACHING_ROWS + 2):
        (one,) = exchanged(page(star), b"GET / HTTP/1.1\r\nHost: h%d\r\nCookie: a=1\r\n\r\n" % host)
        review.add(one)
    overview = review.overview("f.pcap")
    assert overview.cookies_dropped == MAX_CACHING_ROWS + 2
    assert overview.caching_dropped == 2
