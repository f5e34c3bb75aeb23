"""Two captures held against each other."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from exchanges import exchanged, ok, page
from httpresp_capture.analysis.comparison import Comparison, Side, compare
from httpresp_capture.checks import Options
from httpresp_capture.export.reports import COMPARISONS
from httpresp_capture.records.exchange import Response
from positives import FAILED, SESSION, TEXT

GOLDEN = Path(__file__).parents[2] / "golden"
MS = 1_000_000
POLICY = b"Content-Security-Policy: default-src 'none'"


def get(path: bytes, host: bytes = b"shop.example") -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"


def waited(response: Response, milliseconds: int) -> Response:
    """The same, when its first byte came so long after its request."""
    asked = response.request
    return response if asked is None else replace(response, first_byte_at=asked.sent_at + milliseconds * MS)


def side(*messages: tuple[bytes, bytes], wait: int = 1, any_origin: bool = False) -> Side:
    """A capture of these responses and requests; the first waits `wait` ms, the next one more each."""
    made = Side(Options(salt=b"salt"), any_origin=any_origin)
    for count, (response, request) in enumerate(messages):
        for one in exchanged(response, request):
            made.add(waited(replace(one, id=count + 1), wait + count))
    return made


BEFORE = side(
    (page(POLICY), get(b"/a")),
    (page(POLICY), get(b"/b/17")),
    (page(POLICY, b"X-Build: 1"), get(b"/b/18")),
    (ok(TEXT, body=b"old trouble 5", status=FAILED), get(b"/c")),
    (ok(b"Server: nginx/1.22.1", TEXT, body=b"here"), get(b"/old")),
)
AFTER = side(
    (page(b"X-New: 1"), get(b"/a")),
    (page(b"X-New: 1"), get(b"/b/21")),
    (page(SESSION, b"X-New: 1"), get(b"/b/22")),
    (ok(TEXT, body=b"new trouble 6", status=FAILED), get(b"/c")),
    (ok(TEXT, body=b"here"), get(b"/new")),
    wait=10,
)
CHANGED = compare(BEFORE, AFTER)


def test_a_header_that_is_gone_is_said_once_with_all_its_routes() -> None:
    changes = {(change.name, change.gained): change for change in CHANGED.headers}
    lost = changes["content-security-policy", False]
    assert (lost.origin, lost.routes) == ("shop.example:80", ("GET /a 2xx", "GET /b/* 2xx"))
    assert (lost.before.count, lost.before.of, lost.after.count, lost.after.of) == (3, 3, 0, 3)
    assert changes["x-new", True].after.count == 3
    # One of two on its route is neither usual nor rare.
    assert ("x-build", False) not in changes


def test_findings_are_new_and_gone_by_what_they_say() -> None:
    new = {row.check for row in CHANGED.findings_new}
    gone = {row.check for row in CHANGED.findings_gone}
    assert {"CK-CLEAR", "CSP-MISSING"} <= new
    assert "VER-SERVER" in gone
    assert "NOSNIFF" not in new | gone


def test_causes_of_errors_are_new_and_gone_whatever_their_numbers() -> None:
    assert [cluster.fingerprint.shape for cluster in CHANGED.errors_new] == ["new trouble #"]
    assert [cluster.fingerprint.shape for cluster in CHANGED.errors_gone] == ["old trouble #"]


def test_routes_are_new_and_gone() -> None:
    assert CHANGED.routes_new == (("shop.example:80", "GET /new"),)
    assert CHANGED.routes_gone == (("shop.example:80", "GET /old"),)


def test_latency_is_that_of_routes_in_both() -> None:
    by_route = {each.route: each for each in CHANGED.latency}
    assert set(by_route) == {"GET /a", "GET /b/*", "GET /c"}
    several = by_route["GET /b/*"]
    assert (several.count_before, several.p50_before, several.p95_before) == (2, 2 * MS, 3 * MS)
    assert (several.count_after, several.p50_after, several.p95_after) == (2, 11 * MS, 12 * MS)
    assert CHANGED.latency[0].route == "GET /a"


def test_the_status_mix_names_every_code() -> None:
    assert CHANGED.statuses == ((200, 4, 4), (500, 1, 1))


def test_a_capture_held_against_itself_has_no_difference() -> None:
    same = compare(BEFORE, BEFORE)
    assert [*same.headers, *same.routes_new, *same.routes_gone] == []
    assert [*same.findings_new, *same.findings_gone, *same.errors_new, *same.errors_gone] == []
    assert COMPARISONS["text"](same, "a", "b") == (
        "a (5 responses) → b (5 responses)\n"
        "before: confidence full: every head was whole, and nothing was lost\n"
        "after: confidence full: every head was whole, and nothing was lost\n"
        "\nNo difference\n  nothing is new, gone, or far slower or faster\n"
    )


def test_hosts_are_left_out_when_asked() -> None:
    staging = (page(POLICY), get(b"/a", b"staging.example"))
    production = (page(), get(b"/a", b"www.example"))
    apart = compare(side(staging), side(production))
    assert not apart.in_common
    assert "use --any-origin" in COMPARISONS["text"](apart, "a", "b")
    together = compare(side(staging, any_origin=True), side(production, any_origin=True))
    assert together.in_common
    assert [change.name for change in together.headers] == ["content-security-policy"]
    assert {row.check for row in together.findings_new} == {"CSP-MISSING"}


def test_responses_without_requests_are_one_route() -> None:
    made = compare(side((page(), b"")), side((page(), b"")))
    assert [(each.route, each.p50_before) for each in made.latency] == [("", None)]


def test_json_holds_all_that_the_words_tell() -> None:
    document = json.loads(COMPARISONS["json"](CHANGED, "a.pcap", "b.pcap"))
    coverage = document["before"].pop("coverage")
    assert document["before"] == {"source": "a.pcap", "responses": 5}
    assert (coverage["confidence"], coverage["checked"]) == ("full", 5)
    assert {row["check"] for row in document["findings_new"]} == {row.check for row in CHANGED.findings_new}
    assert document["headers"][0]["change"] in ("gained", "lost")
    assert document["latency"][0]["p50_after_ns"] == 10 * MS


def test_words_say_what_changed() -> None:
    text = COMPARISONS["text"](CHANGED, "a.pcap", "b.pcap")
    for line in (
        "  shop.example:80  content-security-policy lost: 3 of 3 → 0 of 3 at GET /a 2xx, GET /b/* 2xx\n",
        "  shop.example:80  GET /new\n",
        "  HIGH   CK-CLEAR  shop.example:80  session  ×1: ",
    ):
        assert line in text
    # One response of a route is too few to speak of its latency.
    assert "p50" not in text


def test_latency_is_told_where_there_are_enough_and_it_changed() -> None:
    many = [(page(), get(b"/a"))] * 3
    text = COMPARISONS["text"](compare(side(*many), side(*many, wait=10)), "a", "b")
    assert "  shop.example:80  GET /a: p50 2 ms → 11 ms, p95 3 ms → 12 ms (3 → 3 responses)\n" in text
    assert "p50" not in COMPARISONS["text"](compare(side(*many), side(*many)), "a", "b")


@pytest.mark.parametrize(("name", "suffix"), [("text", "txt"), ("json", "json"), ("markdown", "md")])
def test_a_whole_comparison_is_as_the_golden_file_says(name: str, suffix: str) -> None:
    golden = GOLDEN / f"comparison.{suffix}"
    assert COMPARISONS[name](CHANGED, "before.pcap", "after.pcap") == golden.read_text(encoding="utf-8")


HOSTILE = b"X`|<b>\x1b]0;x\x07\xe2\x80\xae"


@pytest.mark.parametrize("name", sorted(COMPARISONS))
def test_nothing_from_the_wire_acts_in_any_format(name: str) -> None:
    def hostile(made: bytes) -> Comparison:
        path = b"/" + made
        one = side((page(b"Set-Cookie: " + made + b"=1", made + b": 1"), get(path, made)), (page(), get(b"/b")))
        other = side((ok(TEXT, body=made, status=FAILED), get(path + b"2", made)), (page(made + b": 1"), get(b"/b")))
        return compare(one, other)

    text = COMPARISONS[name](hostile(HOSTILE), "a\x1b", "b\x9b")
    assert all(character.isprintable() or character == "\n" for character in text)
