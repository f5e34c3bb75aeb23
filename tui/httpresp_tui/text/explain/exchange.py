"""Fields whose meaning depends on the response they stand in: what was asked, what came, and when."""

from urllib.parse import urljoin, urlsplit

from httpresp_capture.http.cookies import parse_cookie_date
from httpresp_capture.http.directives import directives, number
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import Framing
from httpresp_tui.text.explain.parts import seconds_in_words, shortened
from httpresp_tui.text.units import count_text, size_text

SECOND = 1_000_000_000
AGREES = 2
"""Seconds between two clocks that are nothing: a Date has whole ones, and the answer takes its time."""

MOVES = {
    201: "what was made is {}",
    300: "the server would choose {}",
    301: "moved for good to {}; POST may become GET",
    302: "for now at {}; POST may become GET",
    303: "the answer is {}, by GET",
    307: "for now at {}, by the same method",
    308: "moved for good to {}, by the same method",
}
"""By status (RFC 9110 §10.2.2, §15.4)."""


def location(value: str, response: Response) -> str:
    """Where to, in full: relative to what was asked (RFC 9110 §10.2.2)."""
    words = MOVES.get(response.status, "{}")
    request = response.request
    scheme = "https" if response.flow.https else "http"
    try:
        base = urljoin(f"{scheme}://{response.host}/", request.path) if request is not None else ""
        target = urljoin(base, value.strip()) if base else value.strip()
        is_plain = urlsplit(target).scheme == "http"
    except ValueError:
        return "no URL that can be read"
    said = words.format(shortened(target, 80))
    if request is not None and target.partition("#")[0] == base:
        said += ": where it came from"
    return f"{said}; from https to http" if scheme == "https" and is_plain else said


def content_length(value: str, response: Response) -> str:
    """What was said, and what came."""
    request = response.request
    declared = response.declared
    if response.framing is Framing.CHUNKED:
        return "overruled by Transfer-Encoding (RFC 9112 §6.3)"
    if declared < 0:
        return "no length that can be read"
    size = f"{size_text(declared)}, " if declared >= 1_000 else ""
    if request is not None and request.method == "HEAD":
        return f"{size}as GET would have sent; HEAD sends none"
    if response.status == 304:
        return f"{size}as 200 would have sent; 304 sends none"
    came, missing = response.body_bytes, response.missing_bytes
    if came == declared:
        return f"{size}all of it came"
    if missing and came + missing >= declared:
        return f"{size}{count_text(missing)} of them not captured"
    so_far = " so far" if response.end is None else ""
    return f"{size}{count_text(came)} came{so_far}"


def date(value: str, response: Response) -> str:
    """The server's clock against that of the capture."""
    made = parse_cookie_date(value)
    if made is None:
        return "no date that can be read"
    age = number(response.header("age")) or 0
    # The middle of the second that it names, as `analysis.latency` has it.
    ahead = (made + age) * SECOND + SECOND // 2 - response.first_byte_at
    off = round(abs(ahead) / SECOND)
    if off <= AGREES:
        with_age = ", with Age" if age else ""
        return f"agrees with the clock of the capture{with_age}"
    words = seconds_in_words(str(off))
    if ahead > 0:
        return f"{words} ahead of the clock of the capture"
    return f"{words} behind the clock of the capture: made then, or that clock is slow"


def expires(value: str, response: Response) -> str:
    """Counted from Date (RFC 9111 §4.2.1)."""
    control = directives(response.headers.all("cache-control"))
    overruled = "; max-age comes first (RFC 9111 §5.3)" if "max-age" in control else ""
    until = parse_cookie_date(value)
    if until is None:
        return f"no date: expired already{overruled}"
    made = parse_cookie_date(response.header("date"))
    seconds = until - (response.at // SECOND if made is None else made)
    words = f"fresh for {seconds_in_words(str(seconds))}" if seconds > 0 else "expired already"
    return words + overruled


def last_modified(value: str, response: Response) -> str:
    """How long it has not changed."""
    changed = parse_cookie_date(value)
    if changed is None:
        return "no date that can be read"
    made = parse_cookie_date(response.header("date"))
    seconds = (response.at // SECOND if made is None else made) - changed
    if seconds < 0:
        return "later than it was sent"
    return f"changed {seconds_in_words(str(seconds))} before it was sent" if seconds else "made as it was sent"


def retry_after(value: str, response: Response) -> str:
    """A number of seconds, or a date (RFC 9110 §10.2.3)."""
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return f"try again in {seconds_in_words(text)}"
    until = parse_cookie_date(text)
    if until is None:
        return "neither seconds nor a date"
    seconds = until - response.at // SECOND
    return f"try again in {seconds_in_words(str(seconds))}" if seconds > 0 else "try again: that time has passed"
