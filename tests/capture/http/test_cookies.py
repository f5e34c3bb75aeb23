"""Cookies taken apart as browsers do, and the ledger over all of them."""

from dataclasses import replace

import pytest

from exchanges import BEHIND_TLS, START, exchanged, ok
from httpresp_capture.analysis.cookie_ledger import CookieLedger, CookieRow
from httpresp_capture.http.cookies import SetCookie, parse_cookie, parse_cookie_date, parse_set_cookie
from httpresp_capture.records.exchange import Response
from positives import SESSION, THEME

VALUE = b"3f786850e387550fdab836ed7e6dc881"


def cookie(line: str) -> SetCookie:
    parsed = parse_set_cookie(line)
    assert parsed is not None
    return parsed


def test_a_set_cookie_line_is_taken_apart() -> None:
    one = cookie("sid = a=b ; Path=/x; Domain=.Shop.Example; secure; HttpOnly; SameSite=Lax; Max-Age=60")
    assert (one.name, one.value) == ("sid", "a=b")
    assert (one.path, one.domain, one.secure, one.http_only, one.same_site) == ("/x", "shop.example", True, True, "lax")
    assert one.max_age == 60


def test_of_an_attribute_sent_twice_the_last_one_counts() -> None:
    assert cookie("a=b; Path=/x; path=/y").path == "/y"


def test_a_path_that_is_not_absolute_is_none() -> None:
    assert cookie("a=b; Path=x").path == ""


@pytest.mark.parametrize(("line", "name", "value"), [("abc", "", "abc"), ("=abc", "", "abc"), ("a=", "a", "")])
def test_a_cookie_may_lack_its_name_or_its_value(line: str, name: str, value: str) -> None:
    assert (cookie(line).name, cookie(line).value) == (name, value)


@pytest.mark.parametrize("line", ["", "=", " ; Path=/"])
def test_a_line_without_name_and_value_is_no_cookie(line: str) -> None:
    assert parse_set_cookie(line) is None


@pytest.mark.parametrize(
    ("line", "lifetime"),
    [
        ("a=b", None),
        ("a=b; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 60),
        ("a=b; Max-Age=x; Expires=Tue, 14 Nov 2023 22:14:20 GMT", 60),
        ("a=b; Max-Age=-1", -1),
        ("a=b; Max-Age=" + "9" * 30, 10**14),
        ("a=b; Expires=never", None),
    ],
)
def test_max_age_goes_before_expires(line: str, lifetime: int | None) -> None:
    assert cookie(line).lifetime(START) == lifetime


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 14 Nov 2023 22:13:20 GMT",
        "Tuesday, 14-Nov-23 22:13:20 GMT",
        "Tue Nov 14 22:13:20 2023",
        "14 nov 2023 22:13:20",
    ],
)
def test_dates_are_read_in_every_form_that_browsers_read(text: str) -> None:
    assert parse_cookie_date(text) == START // 1_000_000_000


@pytest.mark.parametrize(
    "text", ["", "14 Nov 2023", "99 Nov 2023 22:13:20", "14 Nov 1600 22:13:20", "14 Nov 2023 25:00:00"]
)
def test_a_date_that_is_none_is_none(text: str) -> None:
    assert parse_cookie_date(text) is None


def test_a_request_carries_pairs() -> None:
    assert parse_cookie("a=1; b=2=3;; c; =x") == (("a", "1"), ("b", "2=3"))


def kept(*exchanges: tuple[bytes, bytes]) -> dict[tuple[str, str], CookieRow]:
    """The ledger over exchanges of (request, response), by host and name."""
    ledger = CookieLedger()
    for number, (request, response) in enumerate(exchanges, 1):
        (one,) = exchanged(response, request)
        ledger.add(replace(one, id=number, at=one.at + number))
    return {(row.host, row.name): row for row in ledger.rows()}


def get(path: bytes, host: bytes = b"shop.example", *fields: bytes) -> bytes:
    return b"\r\n".join((b"GET " + path + b" HTTP/1.1", b"Host: " + host, *fields)) + b"\r\n\r\n"


def test_the_ledger_has_one_line_a_cookie_and_host() -> None:
    rows = kept((get(b"/"), ok(SESSION, THEME)), (get(b"/", b"other.test"), ok(THEME)))
    assert set(rows) == {("shop.example:80", "session"), ("shop.example:80", "theme"), ("other.test:80", "theme")}
    session = rows["shop.example:80", "session"]
    assert (session.set_count, session.set_in_clear, session.size, session.session_like) == (1, 1, 39, True)


def test_the_ledger_tells_how_attributes_changed() -> None:
    rows = kept(
        (get(b"/"), ok(SESSION + b"; Secure; Max-Age=60")),
        (get(b"/"), ok(SESSION + b"; Secure; Max-Age=90")),
        (get(b"/"), ok(SESSION)),
    )
    row = rows["shop.example:80", "session"]
    assert [(change.response, change.before, change.after) for change in row.changes] == [(3, "Secure; Max-Age=…", "")]
    assert row.lifetime is None


def test_a_value_that_crosses_the_wire_again_is_found_and_where() -> None:
    rows = kept(
        (BEHIND_TLS, ok(SESSION)),
        (get(b"/cart?x=1", b"static.test", b"Cookie: a=1; session=" + VALUE), ok()),
        (get(b"/pay?s=" + VALUE), ok()),
    )
    row = rows["shop.example:80", "session"]
    assert (row.set_in_clear, row.sent_count, row.sent_in_clear) == (0, 1, 1)
    assert row.sent_to == ("static.test:80/cart",)
    assert row.in_urls == ("shop.example:80/pay",)


def test_a_cookie_that_was_only_sent_stands_with_the_host_that_got_it() -> None:
    rows = kept((get(b"/", b"shop.example", b"Cookie: session=" + VALUE), ok()))
    assert rows["shop.example:80", "session"].set_count == 0


def test_a_cookie_that_is_taken_away_is_counted_so() -> None:
    rows = kept((get(b"/"), ok(SESSION)), (get(b"/"), ok(SESSION + b"; Max-Age=0")))
    row = rows["shop.example:80", "session"]
    assert (row.set_count, row.deleted_count) == (1, 1)


def test_the_ledger_is_bounded() -> None:
    ledger = CookieLedger(max_lines=2)
    (one,) = exchanged(ok(*(b"Set-Cookie: c%d=1" % number for number in range(5))))
    ledger.add(one)
    assert len(ledger.rows()) == 2
    assert ledger.lines_dropped == 3


def test_no_value_is_kept_in_the_ledger() -> None:
    rows = kept((get(b"/"), ok(SESSION)))
    assert VALUE.decode() not in repr(rows)


def test_a_value_that_stands_in_an_attribute_too_is_not_told_there() -> None:
    rows = kept((get(b"/"), ok(SESSION + b"; Path=/in/" + VALUE)))
    assert VALUE.decode() not in repr(rows)
    assert rows["shop.example:80", "session"].attributes.startswith("Path=/in/‹secret 32B #")


def test_a_request_without_answer_is_taken_too() -> None:
    ledger = CookieLedger()
    seen: list[Response] = exchanged(b"", get(b"/", b"shop.example", b"Cookie: session=" + VALUE))
    for one in seen:
        ledger.add(one)
    assert [row.sent_count for row in ledger.rows()] == [1]
