"""What caches may do with a response, rule by rule of RFC 9111."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.http.caching import HEURISTICALLY_CACHEABLE, Basis, Keeper, Lifetime, Verdict, verdict
from httpresp_capture.records.exchange import Request
from samples import START, request, response

NOW = "Tue, 14 Nov 2023 22:13:20 GMT"
"""`START`, which is when the responses here are captured, but for 21 ms."""
HOUR_LATER = "Tue, 14 Nov 2023 23:13:20 GMT"
TEN_DAYS_AGO = "Sat, 04 Nov 2023 22:13:20 GMT"


def asked(method: str = "GET", *fields: str) -> Request:
    return request("\r\n".join([f"{method} /a HTTP/1.1", "Host: a.example", *fields, "", ""]).encode())


def of(*fields: str, status: int = 200, by: Request | None = None) -> Verdict:
    """The verdict on a response with these fields and a Date."""
    lines = [f"HTTP/1.1 {status} X", *fields]
    if not any(field.startswith("Date:") for field in fields):
        lines.append(f"Date: {NOW}")
    return verdict(response("\r\n".join([*lines, "", ""]).encode(), request=by or asked()))


# --- §3: storing ---


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "CONNECT", "PATCH", "get"])
def test_only_what_answers_get_and_head_is_kept(method: str) -> None:
    found = of("Cache-Control: max-age=60", by=asked(method))
    assert (found.keeper, found.section) == (Keeper.NOBODY, "RFC 9110 §9.2.3")
    assert method in found.why


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_answers_get_or_head_is(method: str) -> None:
    assert of("Cache-Control: max-age=60", by=asked(method)).keeper is Keeper.SHARED


@pytest.mark.parametrize(
    ("fields", "keeper"),
    [
        (("Cache-Control: max-age=60", "Content-Location: /a"), Keeper.SHARED),
        (("Expires: " + HOUR_LATER, "Content-Location: http://a.example/a"), Keeper.SHARED),
        (("Cache-Control: max-age=60", "Content-Location: /b"), Keeper.NOBODY),
        (("Cache-Control: max-age=60",), Keeper.NOBODY),
        (("Content-Location: /a",), Keeper.NOBODY),
    ],
)
def test_what_answers_post_is_kept_when_it_says_how_long_and_for_its_own_target(
    fields: tuple[str, ...], keeper: Keeper
) -> None:
    found = of(*fields, by=asked("POST"))
    assert found.keeper is keeper
    assert (found.section == "RFC 9110 §9.3.3") is (keeper is Keeper.NOBODY)


@pytest.mark.parametrize(
    ("status", "section"), [(101, "RFC 9111 §3"), (103, "RFC 9111 §3"), (304, "RFC 9111 §4.3.4"), (0, "RFC 9111 §3")]
)
def test_interim_responses_and_304_are_not_kept_themselves(status: int, section: str) -> None:
    found = of("Cache-Control: max-age=60", status=status)
    assert (found.keeper, found.section) == (Keeper.NOBODY, section)


def test_no_store_of_the_response_and_of_the_request() -> None:
    assert of("Cache-Control: no-store, max-age=60").section == "RFC 9111 §5.2.2.5"
    assert of("Cache-Control: NO-STORE").keeper is Keeper.NOBODY
    found = of("Cache-Control: public, max-age=60", by=asked("GET", "Cache-Control: no-store"))
    assert (found.keeper, found.why, found.section) == (
        Keeper.NOBODY,
        "the request says no-store",
        "RFC 9111 §5.2.1.5",
    )


def test_must_understand_overrules_no_store_for_a_status_that_caches_know() -> None:
    assert of("Cache-Control: must-understand, no-store, max-age=60").keeper is Keeper.SHARED
    found = of("Cache-Control: must-understand, max-age=60", status=299)
    assert (found.keeper, found.section) == (Keeper.NOBODY, "RFC 9111 §5.2.2.3")
    assert of("Cache-Control: max-age=60", status=299).keeper is Keeper.SHARED


def test_private_is_for_the_cache_of_one_user_unless_it_names_fields() -> None:
    found = of("Cache-Control: private, max-age=60")
    assert (found.keeper, found.why, found.section) == (Keeper.PRIVATE, "private", "RFC 9111 §5.2.2.7")
    assert of('Cache-Control: private="set-cookie", max-age=60').keeper is Keeper.SHARED
    assert of("Cache-Control: private, public, s-maxage=9").keeper is Keeper.PRIVATE
    assert of("Cache-Control: private", status=500).keeper is Keeper.PRIVATE


@pytest.mark.parametrize("allows", ["public", "s-maxage=5", "must-revalidate"])
def test_what_a_user_authorised_is_shared_only_when_that_is_said(allows: str) -> None:
    by = asked("GET", "Authorization: Basic eDp5")
    alone = of("Cache-Control: max-age=60", by=by)
    assert (alone.keeper, alone.why, alone.section) == (
        Keeper.PRIVATE,
        "the request had Authorization",
        "RFC 9111 §3.5",
    )
    assert of(f"Cache-Control: max-age=60, {allows}", by=by).keeper is Keeper.SHARED


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (("Cache-Control: public",), "public"),
        (("Cache-Control: max-age=1",), "max-age"),
        (("Cache-Control: s-maxage=1",), "s-maxage"),
        ((f"Expires: {HOUR_LATER}",), "Expires"),
    ],
)
def test_a_status_that_is_not_kept_by_itself_needs_a_word(fields: tuple[str, ...], why: str) -> None:
    assert of(status=500).keeper is Keeper.NOBODY
    found = of(*fields, status=500)
    assert (found.keeper, found.why) == (Keeper.SHARED, why)


@pytest.mark.parametrize("status", range(200, 600))
def test_some_statuses_are_kept_without_a_word(status: int) -> None:
    expected = Keeper.SHARED if status in HEURISTICALLY_CACHEABLE else Keeper.NOBODY
    assert of(status=status).keeper is expected


def test_s_maxage_allows_nothing_to_the_cache_of_a_user() -> None:
    found = of("Cache-Control: s-maxage=60", status=500, by=asked("GET", "Authorization: x"))
    assert found.keeper is Keeper.SHARED
    assert of("Cache-Control: private, s-maxage=60", status=500).keeper is Keeper.PRIVATE


def test_a_request_that_was_not_seen_is_no_reason() -> None:
    head = f"HTTP/1.1 200 OK\r\nDate: {NOW}\r\nCache-Control: max-age=60\r\n\r\n".encode()
    found = verdict(response(head, request=None))
    assert (found.keeper, found.age) == (Keeper.SHARED, 0)


# --- §4.2.1, §4.2.2: for how long ---


@pytest.mark.parametrize(
    ("fields", "private", "shared"),
    [
        (
            ("Cache-Control: max-age=60, s-maxage=600", f"Expires: {HOUR_LATER}"),
            Lifetime(60, Basis.MAX_AGE),
            Lifetime(600, Basis.S_MAXAGE),
        ),
        (("Cache-Control: max-age=60", f"Expires: {HOUR_LATER}"), Lifetime(60, Basis.MAX_AGE), None),
        ((f"Expires: {HOUR_LATER}",), Lifetime(3_600, Basis.EXPIRES), None),
        ((f"Expires: {TEN_DAYS_AGO}",), Lifetime(0, Basis.EXPIRES), None),
        (("Expires: 0",), Lifetime(0, Basis.EXPIRES, "no date"), None),
        (("Cache-Control: max-age=soon",), Lifetime(0, Basis.MAX_AGE, "no number"), None),
        (("Cache-Control: max-age=-1",), Lifetime(0, Basis.MAX_AGE, "no number"), None),
        (('Cache-Control: max-age="60"',), Lifetime(60, Basis.MAX_AGE), None),
        (("Cache-Control: max-age=60", "Cache-Control: max-age=90"), Lifetime(60, Basis.MAX_AGE), None),
        (("Cache-Control: max-age=99999999999999999999",), Lifetime(2**31, Basis.MAX_AGE), None),
        ((f"Last-Modified: {TEN_DAYS_AGO}",), Lifetime(86_400, Basis.HEURISTIC), None),
        ((f"Last-Modified: {NOW}",), Lifetime(0, Basis.HEURISTIC), None),
        ((f"Last-Modified: {HOUR_LATER}",), Lifetime(None, Basis.NONE), None),
        ((), Lifetime(None, Basis.NONE), None),
    ],
)
def test_the_first_of_s_maxage_max_age_expires_and_a_guess_counts(
    fields: tuple[str, ...], private: Lifetime, shared: Lifetime | None
) -> None:
    found = of(*fields)
    assert (found.lifetime, found.shared_lifetime) == (private, shared or private)


def test_nothing_is_guessed_of_a_status_that_is_not_kept_without_a_word_unless_it_is_public() -> None:
    assert of(f"Last-Modified: {TEN_DAYS_AGO}", status=302).lifetime.basis is Basis.NONE
    public = of("Cache-Control: public", f"Last-Modified: {TEN_DAYS_AGO}", status=302)
    assert public.lifetime == Lifetime(86_400, Basis.HEURISTIC)


def test_without_a_date_it_was_made_when_it_was_captured() -> None:
    found = of(f"Expires: {HOUR_LATER}", "Date: yesterday")
    assert (found.lifetime.seconds, found.age) == (3_600, 0)


# --- §4.2.3: its age ---


@pytest.mark.parametrize(
    ("fields", "age"),
    [
        ((), 0),
        (("Age: 30",), 30),
        (("Age: 30, 90",), 30),
        (("Age: old",), 0),
        (("Date: Tue, 14 Nov 2023 22:12:20 GMT",), 60),
        (("Date: Tue, 14 Nov 2023 22:12:20 GMT", "Age: 30"), 60),
        (("Date: Tue, 14 Nov 2023 22:12:20 GMT", "Age: 90"), 90),
        ((f"Date: {HOUR_LATER}",), 0),
    ],
)
def test_the_age_is_what_date_or_age_makes_it_whichever_is_more(fields: tuple[str, ...], age: int) -> None:
    assert of(*fields).age == age


def test_the_time_that_the_answer_took_is_added_to_age() -> None:
    head = f"HTTP/1.1 200 OK\r\nDate: {NOW}\r\nAge: 30\r\n\r\n".encode()
    slow = response(head, request=request(at_ms=-5_000), at=START)
    assert verdict(slow).age == 35


def test_what_is_left_is_counted_in_the_cache_that_may_keep_it() -> None:
    assert of("Cache-Control: max-age=60, s-maxage=600", "Age: 100").fresh_for == 500
    assert of("Cache-Control: private, max-age=60, s-maxage=600", "Age: 100").fresh_for == -40
    assert of("Age: 5").fresh_for is None


# --- what else is said ---


def test_what_is_told_of_the_use_of_a_stale_one() -> None:
    found = of("Cache-Control: max-age=1, stale-while-revalidate=60, stale-if-error=x, immutable")
    assert (found.while_revalidating, found.on_error, found.immutable) == (60, None, True)
    assert not found.never_stale
    assert not found.never_stale_shared
    assert of("Cache-Control: must-revalidate").never_stale
    for word in ("must-revalidate", "proxy-revalidate", "s-maxage=3"):
        assert of(f"Cache-Control: {word}").never_stale_shared
    assert not of("Cache-Control: proxy-revalidate").never_stale


def test_no_cache_with_names_is_about_those_fields() -> None:
    assert of("Cache-Control: no-cache").always_checked
    assert not of('Cache-Control: no-cache="set-cookie", max-age=5').always_checked


def test_a_star_in_vary_and_the_validators_are_told() -> None:
    found = of("Vary: accept", "Vary: origin, *", 'ETag: "a"', f"Last-Modified: {TEN_DAYS_AGO}")
    assert found.any_vary
    assert found.validators == ("ETag", "Last-Modified")
    assert not of("Vary: accept-*").any_vary


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Cache-Control", "Age", "Date", "Expires", "Vary", "Last-Modified"]),
            st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
        ),
        max_size=6,
    ),
    st.integers(0, 999),
)
def test_no_header_makes_it_fail(fields: list[tuple[str, str]], status: int) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    found = verdict(response(f"HTTP/1.1 {status:03} X\r\n{head}\r\n".encode("latin-1")))
    assert found.age >= 0
    assert all(each.seconds is None or each.seconds >= 0 for each in (found.lifetime, found.shared_lifetime))
