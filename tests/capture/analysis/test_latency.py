"""Clocks that are off, clients that come back too early, routes that are slow, caching that contradicts itself."""

from dataclasses import replace

import pytest

from exchanges import GET, MS, START, exchanged, ok
from httpresp_capture.analysis.caching import FAULTS, caching_faults
from httpresp_capture.analysis.latency import Timeliness
from httpresp_capture.analysis.rate_limits import wait_of
from httpresp_capture.records.exchange import Request, Response

SECOND = 1_000_000_000
LIMITED = b"429 Too Many Requests"


def seen(response: bytes, number: int = 1, after: float = 0, took_ms: float = 20) -> Response:
    """A response whose request was sent `after` seconds after the start and that came so many ms later."""
    (one,) = exchanged(response, GET)
    assert one.request is not None
    sent = START + int(after * SECOND)
    first = sent + int(took_ms * MS)
    request: Request = replace(one.request, first_byte_at=sent, sent_at=sent)
    return replace(one, id=number, at=first, first_byte_at=first, ended_at=first, request=request)


def test_a_clock_that_is_right_is_not_off() -> None:
    timeliness = Timeliness()
    timeliness.add(seen(ok(b"Date: Tue, 14 Nov 2023 22:13:20 GMT")))
    (clock,) = timeliness.clocks()
    assert not clock.off
    assert abs(clock.ahead_ns) < SECOND


@pytest.mark.parametrize(
    ("date", "ahead"),
    [(b"Tue, 14 Nov 2023 22:15:20 GMT", 120), (b"Tue, 14 Nov 2023 22:12:20 GMT", -60)],
)
def test_a_clock_that_is_off_is_told_by_how_much(date: bytes, ahead: int) -> None:
    timeliness = Timeliness()
    for number in range(1, 4):
        timeliness.add(seen(ok(b"Date: " + date), number))
    (clock,) = timeliness.clocks()
    assert clock.off
    assert round(clock.ahead_ns / SECOND) == ahead


def test_one_old_answer_may_come_out_of_a_cache() -> None:
    timeliness = Timeliness()
    timeliness.add(seen(ok(b"Date: Tue, 14 Nov 2023 22:12:20 GMT")))
    assert not timeliness.clocks()[0].off


def test_when_all_servers_agree_it_is_the_captures_clock_that_is_off() -> None:
    timeliness = Timeliness()
    for number in range(1, 5):
        response = seen(ok(b"Date: Tue, 14 Nov 2023 22:14:20 GMT"), number)
        assert timeliness.capture_off_ns() == 0
        timeliness.add(replace(response, flow=replace(response.flow, server=f"198.51.100.{number}")))
        if number == 2:
            timeliness.add(replace(response, flow=replace(response.flow, server="198.51.100.9")))
            break
    assert round(timeliness.capture_off_ns() / SECOND) == 60


def test_an_answer_out_of_a_cache_does_not_make_its_server_late() -> None:
    timeliness = Timeliness()
    timeliness.add(seen(ok(b"Date: Tue, 14 Nov 2023 22:13:20 GMT")))
    timeliness.add(seen(ok(b"Date: Tue, 14 Nov 2023 21:13:20 GMT"), 2))
    timeliness.add(seen(ok(b"Date: Tue, 14 Nov 2023 21:13:20 GMT", b"Age: 3600"), 3))
    (clock,) = timeliness.clocks()
    assert (clock.off, clock.count) == (False, 3)


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ((b"Retry-After: 30",), 30),
        ((b"Retry-After: Tue, 14 Nov 2023 22:14:20 GMT",), 60),
        ((b"RateLimit-Remaining: 0", b"RateLimit-Reset: 50"), 50),
        ((b"X-RateLimit-Remaining: 0", b"X-RateLimit-Reset: 1700000040"), 40),
        ((b'RateLimit: "default";r=0;t=7',), 7),
        ((b"RateLimit: limit=10, remaining=0, reset=9",), 9),
        ((b"Retry-After: 5", b"RateLimit-Remaining: 0", b"RateLimit-Reset: 50"), 50),
    ],
)
def test_a_wait_is_read_in_every_form_that_is_met(fields: tuple[bytes, ...], seconds: int) -> None:
    response = seen(ok(*fields, status=LIMITED), took_ms=0)
    wait = wait_of(response)
    assert wait is not None
    assert wait.until - response.at == seconds * SECOND


@pytest.mark.parametrize(
    "fields",
    [
        (b"Retry-After: soon",),
        (b"Retry-After: 0",),
        (b"Retry-After: 99999999999",),
        (b"RateLimit-Remaining: 3", b"RateLimit-Reset: 50"),
        (b"RateLimit-Remaining: 0",),
        (b"X-Limit: 0",),
    ],
)
def test_no_wait_is_read_where_none_is_asked(fields: tuple[bytes, ...]) -> None:
    assert wait_of(seen(ok(*fields, status=LIMITED))) is None


def test_who_comes_back_too_early_is_told_by_how_much() -> None:
    timeliness = Timeliness()
    timeliness.add(seen(ok(b"Retry-After: 30", status=LIMITED), took_ms=0))
    early = timeliness.add(seen(ok(), 2, after=10)).early
    assert early is not None
    assert (early.client, early.early_ns, early.response) == ("203.0.113.9", 20 * SECOND, 2)
    assert timeliness.add(seen(ok(), 3, after=31)).early is None
    assert timeliness.early_count == 1


def test_a_request_that_was_under_way_did_not_come_back() -> None:
    timeliness = Timeliness()
    timeliness.add(seen(ok(b"Retry-After: 30", status=LIMITED), after=1, took_ms=50))
    assert timeliness.add(seen(ok(), 2, after=1.01)).early is None


def warmed(times: int = 40) -> Timeliness:
    timeliness = Timeliness()
    for number in range(times):
        timeliness.add(seen(ok(), number + 1, after=number, took_ms=20 + number % 5))
    return timeliness


def test_a_response_that_is_slow_for_its_route_is_found() -> None:
    slow = warmed().add(seen(ok(), 99, after=99, took_ms=400)).slow
    assert slow is not None
    assert (slow.response, slow.route) == (99, "GET /shop")
    assert 20 * MS <= slow.usual_ns <= 30 * MS
    assert slow.took_ns > slow.limit_ns


def test_a_little_slower_is_not_slow_and_a_young_route_has_no_past() -> None:
    assert warmed().add(seen(ok(), 99, after=99, took_ms=60)).slow is None
    assert warmed(10).add(seen(ok(), 99, after=99, took_ms=400)).slow is None


def test_what_is_fast_anyway_is_never_slow() -> None:
    timeliness = Timeliness()
    for number in range(40):
        timeliness.add(seen(ok(), number + 1, after=number, took_ms=1))
    assert timeliness.add(seen(ok(), 99, after=99, took_ms=40)).slow is None


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ((b"Cache-Control: public, max-age=60", b"Set-Cookie: a=1", b"Date: x"), "shared-cookie"),
        ((b"Cache-Control: max-age=60", b"Content-Encoding: gzip", b"Date: x"), "vary-encoding"),
        ((b"Cache-Control: max-age=60", b"Vary: *", b"Date: x"), "vary-star"),
        ((b"Cache-Control: max-age=60", b"Age: 61", b"Date: x"), "too-old"),
        ((b"Cache-Control: max-age=60",), "no-date"),
        ((b"Cache-Control: no-store, max-age=60",), "two-orders"),
    ],
)
def test_caching_that_contradicts_itself_is_found(fields: tuple[bytes, ...], fault: str) -> None:
    assert [found.name for found in caching_faults(seen(ok(*fields)))] == [fault]


def test_every_fault_has_a_case_above() -> None:
    assert set(FAULTS) == {"shared-cookie", "vary-encoding", "vary-star", "too-old", "no-date", "two-orders"}


@pytest.mark.parametrize(
    "fields",
    [
        (b"Cache-Control: private, max-age=60", b"Set-Cookie: a=1", b"Date: x"),
        (b"Cache-Control: public, max-age=60", b"Set-Cookie: a=1; Max-Age=0", b"Date: x"),
        (b"Cache-Control: max-age=60", b"Content-Encoding: gzip", b"Vary: accept-encoding", b"Date: x"),
        (b"Cache-Control: max-age=60, stale-while-revalidate=60", b"Age: 61", b"Date: x"),
        (b"Cache-Control: no-store",),
        (),
    ],
)
def test_caching_that_fits_together_is_left_alone(fields: tuple[bytes, ...]) -> None:
    assert caching_faults(seen(ok(*fields))) == ()


@pytest.mark.parametrize(
    "request_head",
    [
        GET.replace(b"GET", b"PUT"),
        GET.replace(b"GET", b"POST"),
        GET.replace(b"\r\n\r\n", b"\r\nCache-Control: no-store\r\n\r\n"),
        GET.replace(b"\r\n\r\n", b"\r\nAuthorization: Basic YTpi\r\n\r\n"),
    ],
)
def test_what_no_shared_cache_keeps_is_not_handed_to_everyone(request_head: bytes) -> None:
    """RFC 9111 §3, §3.5, as the explanation of the response says (`http.caching`)."""
    fields = b"Cache-Control: max-age=60", b"Set-Cookie: a=1", b"Content-Encoding: gzip", b"Date: x"
    (row,) = exchanged(ok(*fields), request_head)
    assert caching_faults(row) == ()
    (row,) = exchanged(ok(*fields), GET)
    assert [fault.name for fault in caching_faults(row)] == ["shared-cookie", "vary-encoding"]


def test_a_304_gives_its_fields_to_what_is_kept() -> None:
    (row,) = exchanged(b"HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=60\r\nSet-Cookie: a=1\r\n\r\n")
    assert [fault.name for fault in caching_faults(row)] == ["shared-cookie"]
