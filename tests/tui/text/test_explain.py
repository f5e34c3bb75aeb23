"""Header values said in one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_tui.text.explain import EXPLANATIONS, explain


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (
            "Set-Cookie",
            "sid=0123456789; Path=/; HttpOnly; Secure; SameSite=Lax",
            'cookie "sid" (10 characters) · until the browser closes · hidden from scripts · https only'
            " · from other sites only on links",
        ),
        (
            "set-cookie",
            "theme=dark; Max-Age=31536000; Domain=.example.com; Path=/app",
            'cookie "theme" (4 characters) · kept 1 year · scripts can read it · sent without https too'
            " · SameSite left to the browser · all of example.com · below /app",
        ),
        (
            "Cache-Control",
            "private, max-age=3600, stale-while-revalidate=60, colour=red",
            "browsers only, no shared cache · fresh for 1 hour · then usable 1 minute while it is fetched anew"
            ' · "colour" is not known',
        ),
        ("Cache-Control", "no-store, max-age=0", "never stored · stale at once"),
        (
            "Content-Security-Policy",
            "default-src 'self'; script-src 'self' 'unsafe-inline' 'nonce-abc'; object-src 'none'; img-src *",
            "everything: here · scripts: here, inline (unsafe), with its nonce · plugins: nowhere · images: anywhere",
        ),
        (
            "Content-Security-Policy-Report-Only",
            "default-src https:",
            "only reported, not enforced: everything: any https site",
        ),
        (
            "Strict-Transport-Security",
            "max-age=63072000; includeSubDomains; preload",
            "https only for 2 years · with all subdomains · asks to be built into browsers",
        ),
        ("Strict-Transport-Security", "includeSubDomains", "without max-age: ignored by browsers"),
        ("Access-Control-Allow-Origin", "*", "scripts of any site may read it, without cookies"),
        ("Access-Control-Allow-Origin", "https://a.example", "scripts of https://a.example may read it"),
        ("Access-Control-Allow-Credentials", "TRUE", 'only "true" means anything'),
        ("Access-Control-Max-Age", "600", "the preflight holds for 10 minutes; browsers cap it at 2 hours to 1 day"),
        ("X-Frame-Options", "ALLOWALL", "not a value that browsers know: framing is open"),
        ("Vary", "Accept-Encoding, Origin", "a cache keeps one copy for each accept-encoding and origin"),
        ("Content-Range", "bytes 0-1023/146515", "bytes 0 to 1,023 of 146,515"),
        ("Content-Encoding", "gzip, br", "compressed with gzip, then compressed with Brotli"),
        ("Retry-After", "120", "try again in 2 minutes"),
        ("ETag", 'W/"x"', "weak validator: the same meaning, not the same bytes"),
        ("Server-Timing", 'db;dur=53, app;desc="App";dur=47.2', "db 53 ms · App 47.2 ms"),
        ("Alt-Svc", 'h3=":443"; ma=86400, h2=":443"', "also served as HTTP/3 at :443, HTTP/2 at :443"),
        ("X-Nobody-Knows", "this", ""),
    ],
)
def test_a_field_is_said_in_words(name: str, value: str, words: str) -> None:
    assert explain(name, value) == words


@given(st.sampled_from(sorted(EXPLANATIONS)), st.text(max_size=80))
def test_no_value_makes_an_explanation_fail(name: str, value: str) -> None:
    assert isinstance(explain(name, value), str)


@pytest.mark.parametrize("name", sorted(EXPLANATIONS))
def test_a_value_of_200_kilobytes_is_said_in_few_words(name: str) -> None:
    for value in ("x" * 200_000, "a=b, " * 40_000, "; ".join(["script-src"] * 20_000)):
        assert len(explain(name, value)) < 60_000


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("chunked", "sent in chunks, its length not known before"),
        ("gzip, chunked", "for the transfer compressed with gzip, then sent in chunks"),
        ("gzip", "for the transfer compressed with gzip, and the connection ends the body"),
        ("chunked, gzip", "chunked comes last, or the end cannot be found"),
    ],
)
def test_transfer_codings_are_told_apart_from_chunks(value: str, words: str) -> None:
    assert explain("Transfer-Encoding", value) == words


def test_credentials_need_an_origin_that_is_named() -> None:
    """Fetch, "CORS protocol and credentials": beside "*" browsers refuse them."""
    assert explain("Access-Control-Allow-Origin", "*") == "scripts of any site may read it, without cookies"
    assert 'browsers refuse them for "*"' in explain("Access-Control-Allow-Credentials", "true")
