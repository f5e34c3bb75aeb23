"""When a response was captured, as a filter says it; what is nearly a time is refused with what was meant."""

from collections.abc import Iterator
from time import tzset

import pytest

from httpresp_capture.query import Hooks, Query, QueryError, compile_query
from httpresp_capture.query.hooks import Span
from samples import MS, START, response

SECOND = 1_000 * MS
MINUTE, HOUR = 60 * SECOND, 3_600 * SECOND
MIDNIGHT = START - (22 * HOUR + 13 * MINUTE + 20 * SECOND)
"""2023-11-14, UTC."""
DAY = Hooks({}, span=lambda: (MIDNIGHT + 8 * HOUR, MIDNIGHT + 20 * HOUR))
"""A capture from 08:00 to 20:00."""
NIGHT = Hooks({}, span=lambda: (MIDNIGHT + 22 * HOUR, MIDNIGHT + 26 * HOUR))
"""One from 22:00 to 02:00."""
UNBEGUN = Hooks({}, span=lambda: None)


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setenv("TZ", "UTC")
    tzset()
    yield
    monkeypatch.undo()
    tzset()


def passes(query: Query, hours: float, minutes: float = 0, seconds: float = 0) -> bool:
    """Whether a response passes that came at a time of that day."""
    return query.matches(response(at_ms=(MIDNIGHT - START) / MS + (hours * 3_600 + minutes * 60 + seconds) * 1_000))


def check_edges(text: str, first: int | None, last: int | None, hooks: Hooks = DAY) -> None:
    """The first and the last second that a filter lets through; None at an end that it leaves open."""
    query = compile_query(text, hooks)
    if first is not None:
        assert [passes(query, 0, 0, first + step) for step in (-1, 0)] == [False, True]
    if last is not None:
        assert [passes(query, 0, 0, last + step) for step in (0, 1)] == [True, False]
    assert [passes(query, hours) for hours in (-48, 72)] == [first is None, last is None]


def clock(hours: int, minutes: int = 0, seconds: int = 0) -> int:
    return hours * 3_600 + minutes * 60 + seconds


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("since:10m", clock(19, 50), None),
        ("since:1h30m", clock(18, 30), None),
        ("since:10 minutes ago", clock(19, 50), None),
        ("after:90s", clock(19, 58, 30), None),
        ("before:2h", None, clock(17, 59, 59)),
        ("since:14:05", clock(14, 5), None),
        ("since:14:05:30", clock(14, 5, 30), None),
        ("before:14:05", None, clock(14, 4, 59)),
        ("at:14:05", clock(14, 5), clock(14, 5, 59)),
        ("at:14:05:30", clock(14, 5, 30), clock(14, 5, 30)),
        ("at:14:05..14:07", clock(14, 5), clock(14, 7, 59)),
        ("at:14:05:00..14:06:59", clock(14, 5), clock(14, 6, 59)),
        ("at:14:05:30..14:05", clock(14, 5, 30), clock(14, 5, 59)),
        ("at:14:05..", clock(14, 5), None),
        ("at:..14:05", None, clock(14, 5, 59)),
        ("at:10m..5m", clock(19, 50), clock(19, 55)),
        ("at>=14:05", clock(14, 5), None),
        ("at>14:05", clock(14, 6), None),
        ("at<14:05", None, clock(14, 4, 59)),
        ("at<=14:05", None, clock(14, 5, 59)),
        ("at:2023-11-14", 0, clock(23, 59, 59)),
        ("at:2023-11-14T14:05..14:07", clock(14, 5), clock(14, 7, 59)),
        ("since:2023-11-14 14:05", clock(14, 5), None),
        ('since:"2023-11-14 14:05:10"', clock(14, 5, 10), None),
        ("since:2023-11-14T14:05+02:00", clock(12, 5), None),
        ("since:2023-11-14T14:05Z", clock(14, 5), None),
        ('frame.time >= "Nov 14, 2023 14:05:10"', clock(14, 5, 10), None),
        ("frame.time_epoch >= 1699970710", clock(14, 5, 10), None),
        # Not yet: it is that of the newest packet's day.
        ("before:21:00", None, clock(20, 59, 59)),
        ("-since:10m", None, clock(19, 49, 59)),
    ],
)
def test_a_time_is_a_border(text: str, first: int | None, last: int | None) -> None:
    check_edges(text, first, last)


def test_below_a_second_nothing_is_rounded() -> None:
    query = compile_query("at:14:05:30.25..14:05:30.49", DAY)
    assert [passes(query, 14, 5, 30 + part) for part in (0.249, 0.25, 0.499, 0.5)] == [False, True, True, False]


@pytest.mark.parametrize("text", ["at:9999-12-31T23:59..14:05", "at:9999-12-31T23:59-14:00..13:00"])
@pytest.mark.parametrize("hooks", [DAY, UNBEGUN])
def test_a_range_from_the_last_day_that_there_is_holds_nothing(text: str, hooks: Hooks) -> None:
    assert not passes(compile_query(text, hooks), 14, 5)
    assert passes(compile_query("before:9999-12-31T23:59", hooks), 14, 5)


def test_a_minute_in_which_the_capture_began_is_of_it() -> None:
    began = Hooks({}, span=lambda: (MIDNIGHT + 14 * HOUR + 5 * MINUTE + 30 * SECOND, MIDNIGHT + 26 * HOUR))
    check_edges("at:14:05", clock(14, 5), clock(14, 5, 59), began)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("since:23:50", clock(23, 50), None),
        ("since:00:10", clock(24, 10), None),
        ("before:23:50", None, clock(23, 49, 59)),
        ("at:23:50..00:10", clock(23, 50), clock(24, 10, 59)),
        ("at:2023-11-14T23:50..00:10", clock(23, 50), clock(24, 10, 59)),
    ],
)
def test_a_time_of_day_is_the_last_one_within_the_capture(text: str, first: int | None, last: int | None) -> None:
    check_edges(text, first, last, NIGHT)


def test_where_the_capture_is_not_known_a_time_of_day_is_of_the_first_response() -> None:
    query = compile_query("since:14:05")
    assert [passes(query, hours) for hours in (14, 15, 14, 26)] == [False, True, False, True]


def test_before_the_first_packet_a_span_begins_before_the_first_response() -> None:
    assert passes(compile_query("since:10m", UNBEGUN), 14)
    assert not passes(compile_query("before:10m", UNBEGUN), 14)


def test_where_the_end_is_not_known_a_span_has_nothing_to_count_from() -> None:
    with pytest.raises(QueryError, match="counts back from the newest packet") as caught:
        compile_query("404 since:10m")
    assert (caught.value.start, caught.value.end) == (10, 13)


def test_it_is_settled_once_and_says_so() -> None:
    newest = [MIDNIGHT + 10 * HOUR]

    def span() -> Span:
        return MIDNIGHT, newest[0]

    query = compile_query("5xx | since:1h", Hooks({}, span=span))
    newest[0] += HOUR
    assert (passes(query, 9, 30), query.moves) == (True, True)
    assert not passes(compile_query("since:1h", Hooks({}, span=span)), 9, 30)
    assert not compile_query("at:2023-11-14T10:00..11:00", DAY).moves
    assert not compile_query("5xx", DAY).moves


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("since:10", "10m"),
        ("since:-10m", "10m"),
        ("since:2pm", "14:00"),
        ("since:12am", "00:00"),
        ('since:"2:05 pm"', "14:05"),
        ("since:14.05", "14:05"),
        ("since:14h05", "14:05"),
        ("since:1405", "14:05"),
        ("since:noon", "12:00"),
        ("since:2023/11/14", "2023-11-14"),
        ("since:14.11.2023", "2023-11-14"),
        ("since:14:05..14:07", "at:14:05..14:07"),
        ("at:14:05-14:07", "at:14:05..14:07"),
        ("at:10m", "since:10m"),
        ("time:14:05", "at:14:05"),
        ("time>14:05", "since:14:05"),
        ("since 10m", "since:10m"),
        ("last 10 minutes", "since:10 minutes"),
        ("between 14:05..14:07", "at:14:05..14:07"),
    ],
)
def test_what_is_nearly_a_time_is_refused_with_what_was_meant(text: str, meant: str) -> None:
    with pytest.raises(QueryError) as caught:
        compile_query(text, DAY)
    assert caught.value.suggestion == meant
    assert repr(meant) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("since:14:65", "no time of day"),
        ("since:25:00", "no time of day"),
        ("since:2023-13-01", "no date"),
        ("since:10y", "units are s, m, h, d and w"),
        ("since:yesterday", "write 10m, 14:05"),
        ("since<10m", "with : or ="),
        ("since~10m", "with : or ="),
        ("at~14", "with : or ="),
        ("since:10m,5m", "One time"),
        ("at:..", "at least one end"),
        ("at:5m..10m", "is empty"),
        ("at:2023-11-15..2023-11-14", "is empty"),
        ("since:99999d", "hundred years"),
        ("since:", "missing"),
    ],
)
def test_what_is_no_time_is_said(text: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        compile_query(text, DAY)


@pytest.mark.parametrize("text", ["last", "after", "until", "since", '"since 10m"', "14:05"])
def test_a_word_stays_a_word(text: str) -> None:
    word = response(b"HTTP/1.1 200 OK\r\nX-Said: since 10m, last, until after 14:05\r\nContent-Length: 5\r\n\r\n")
    assert compile_query(text, DAY).matches(word)
    assert not compile_query(text, DAY).matches(response(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"))
