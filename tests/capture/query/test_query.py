"""The filter language: what each term matches, what is wrong and where, and that no filter is slow."""

import gzip
import re
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from httpresp_capture.query import Hooks, QueryError, compile_query
from httpresp_capture.query.automaton import TRANSITIONS, Automaton, parser
from httpresp_capture.query.fields import FIELDS
from httpresp_capture.query.patterns import MOST_STEPS, SEEN, SHORT, compile_pattern, cost_of
from httpresp_capture.query.states import STATES
from httpresp_capture.records.evidence import Conflict, Segment
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import Completeness, EndReason, Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.workload import Workload
from samples import (
    FAILED,
    FLOW,
    FLOW_V6,
    GET,
    MS,
    NOT_FOUND,
    REDIRECT,
    START,
    TWO_COOKIES,
    request,
    response,
    unanswered,
    with_gap,
)

POST = b"POST /api/v2/orders HTTP/1.1\r\nHost: api.example.org\r\nUser-Agent: probe/2\r\nContent-Length: 0\r\n\r\n"
JSON = b"HTTP/1.1 201 Created\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\n\r\n"

NGINX = Workload(
    process_id=21, host_process_id=691018, process_name="nginx", executable="/usr/sbin/nginx", host_name="node-3",
    container_id="95e88e281c4b", container=(("name", "web"), ("image", "docker.io/nginx:1.25")),
    kubernetes=(("podName", "web-7d4"), ("podNamespace", "shop")),
)  # fmt: skip
CURL = Workload(process_id=99, host_process_id=99, process_name="curl", host_name="node-4")

SAMPLES = {
    "page": response(),
    "missing": response(NOT_FOUND, b'{"error":404}', flow=replace(FLOW, id=9, server_port=80)),
    "moved": response(REDIRECT, b""),
    "failed": response(FAILED, b"x" * 20_000, flow=FLOW_V6, request=request(sent_at=START - 2_000 * MS)),
    "cookies": response(TWO_COOKIES, workload=NGINX),
    "created": response(JSON, b"{}", request=request(POST)),
    "late": response(
        b"HTTP/1.0 500 Oops\r\n\r\n", request=None, midstream=True, problems=(Problem("no-request", 0),)
    ),
    "lost": with_gap(problems=(Problem("bare-lf", 15),)),
    "silent": unanswered(workload=CURL),
}  # fmt: skip


def matched(text: str, hooks: Hooks | None = None) -> set[str]:
    """Names of the samples that a filter lets through."""
    query = compile_query(text, hooks)
    return {name for name, shown in SAMPLES.items() if query.matches(shown)}


def mistake(text: str, hooks: Hooks | None = None) -> QueryError:
    """The error of a filter that cannot be read."""
    with pytest.raises(QueryError) as caught:
        compile_query(text, hooks)
    return caught.value


ALL = set(SAMPLES)
TWO_HUNDRED = {"page", "cookies", "lost"}
ANSWERED_SHOP = {"page", "missing", "moved", "failed", "cookies", "lost", "silent"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ALL),
        ("   ", ALL),
        # status
        ("404", {"missing"}),
        ("4xx", {"missing"}),
        ("5XX", {"failed", "late"}),
        ("300-499", {"missing", "moved"}),
        ("status:404", {"missing"}),
        ("status=404,503", {"missing", "failed"}),
        ("status:4xx,302", {"missing", "moved"}),
        ("status:400-499", {"missing"}),
        ("status:>=500", {"failed", "late"}),
        ("status >= 500", {"failed", "late"}),
        ("status!=200 status!=0", {"missing", "moved", "failed", "created", "late"}),
        (">=500", {"failed", "late"}),
        ("class:5", {"failed", "late"}),
        ("class:2xx,3xx", TWO_HUNDRED | {"created", "moved"}),
        ("class:0", {"silent"}),
        ("reason:found", {"missing", "moved"}),
        ("reason=found", {"moved"}),
        # the request
        ("host:example.org", {"created"}),
        ("host:*.org", {"created"}),
        ("host=shop.example:8080", ANSWERED_SHOP),
        ("host:10.0.0.1", {"late"}),
        ("path:/api/", {"created"}),
        ("path:/api/*/orders", {"created"}),
        ("path=/api", set()),
        ("url:example.org/api", {"created"}),
        ("url~^http://api", {"created"}),
        ("url:/v[12]/", {"created"}),
        ("method:post", {"created"}),
        ("method:POST,GET", ALL - {"late"}),
        ("-method:GET", {"created", "late"}),
        # the header
        ("type:json", {"missing", "created"}),
        ("type:image/*", set()),
        ("header:x-cache", {"cookies"}),
        ("header:X-CACHE~^hit$", {"cookies"}),
        ("header:x-cache:hi", {"cookies"}),
        ("header:x-cache=hi", set()),
        ("header:x-cache=HIT", {"cookies"}),
        ("header:x-cache!=HIT 200", {"page", "lost"}),
        ("header:x-cache!~^h 200", {"page", "lost"}),
        ("status:5xx host!~10", {"failed"}),
        ("status:5xx host !~ 10", {"failed"}),
        ("header:retry-after>=30", {"failed"}),
        ("header:retry-after>30", set()),
        ("header:x-cach", set()),
        ("set-cookie:theme", {"cookies"}),
        ("set-cookie=theme=dark", {"cookies"}),
        ("server:nginx", {"page", "failed"} - {"failed"} | {"lost"}),
        # numbers
        ("size>10k", {"failed"}),
        (">10k", {"failed"}),
        ("size:>=2 size<=13", {"page", "missing", "cookies", "created", "late", "lost"}),
        ("size:13-20000", {"missing", "failed"}),
        ("time>1s", {"failed"}),
        (">500ms", {"failed"}),
        ("time:10-30ms 2xx", TWO_HUNDRED | {"created"}),
        ("duration=25ms 2xx", TWO_HUNDRED | {"created"}),
        # the connection
        ("src:10.0.0.1", ALL - {"failed"}),
        ("src:10.0.0.0/8", ALL - {"failed"}),
        ("ip:2001:db8::/32", {"failed"}),
        ("dst:2001:db8::9", {"failed"}),
        ("ip:10.0.*", ALL - {"failed"}),
        ("port:80", {"missing"}),
        ("port:80,50322", ALL),
        ("srcport>80", ALL - {"missing"}),
        ("flow:8", {"failed"}),
        ("proto:h1", ALL),
        ("proto:1.0", {"late"}),
        ("proto:h2", set()),
        ("iface:eth", ALL),
        ("tunnel:vxlan", {"failed"}),
        ("tunnel:gre", {"failed"}),
        ("framing:chunked", {"failed"}),
        ("end:fin", {"late"}),
        # what is wrong with them
        ("problem:bare", {"lost"}),
        ("problem=bare-lf", {"lost"}),
        ("problem:*", {"lost", "late", "silent"}),
        ("complete:gap", {"lost"}),
        ("is:error", {"missing", "failed", "late", "silent"}),
        ("is:redirect", {"moved"}),
        ("is:slow", {"failed"}),
        ("is:incomplete", {"late", "lost", "silent"}),
        ("is:malformed", {"lost"}),
        ("is:unanswered", {"silent"}),
        ("is:unpaired", {"late"}),
        ("is:redirect,slow", {"moved", "failed"}),
        # whose it is
        ("process:nginx", {"cookies"}),
        ("process=nginx", {"cookies"}),
        ("process:/usr/sbin/", {"cookies"}),
        ("process~^c", {"silent"}),
        ("-process:*", ALL - {"cookies", "silent"}),
        ("pid:21", {"cookies"}),
        ("pid:691018,99", {"cookies", "silent"}),
        ("pid>50", {"cookies", "silent"}),
        ("pid:0", set()),
        ("container:web", {"cookies"}),
        ("container:95e8", {"cookies"}),
        ("container=docker.io/nginx:1.25", {"cookies"}),
        ("container:curl", set()),
        ("pod:shop/*", {"cookies"}),
        ("pod=web-7d4", {"cookies"}),
        ("pod=shop/web-7d4", {"cookies"}),
        ("hostname:node", {"cookies", "silent"}),
        ("hostname=node-4", {"silent"}),
        # the body
        ("body:error", {"missing"}),
        ("body~x{50}", {"failed"}),
        # words
        ("nginx", {"page", "lost"}),
        ("NGINX", {"page", "lost"}),
        ('"not found"', {"missing"}),
        ("api.example.org/api", {"created"}),
        ("http://api", {"created"}),
        ("probe/2", set()),
        ("10.0.0.1", {"late"}),
        ("/x-cache: h.t/", {"cookies"}),
        ("/^HTTP.1/", ALL - {"silent"}),
        # joined
        ("status:404 | status:503", {"missing", "failed"}),
        ("404 or 503", {"missing", "failed"}),
        ("404||503", {"missing", "failed"}),
        ("(404 | 503) type:json", {"missing"}),
        ("404 | 503 type:json", {"missing"}),
        ("-(404|503) is:error", {"late", "silent"}),
        ("!404 !503 is:error", {"late", "silent"}),
        ("not 404 and not 503 and is:error", {"late", "silent"}),
        ("--404", {"missing"}),
        ("2xx -header:x-cache size<5", {"created"}),
    ],
)
def test_a_filter_lets_through(text: str, names: set[str]) -> None:
    assert matched(text) == names


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        # DevTools
        ("status-code:404", "status:404"),
        ("domain:*.org", "host:*.org"),
        ("mime-type:application/json", "type:application/json"),
        ("has-response-header:x-cache", "header:x-cache"),
        ("larger-than:10k", "size>10k"),
        # mitmproxy
        ("~c 404", "404"),
        ("~d example.org", "host:example.org"),
        ('~hs "x-cache: hit"', "header:x-cache:hit"),
        ("~hq probe", "request-header:user-agent:probe"),
        ("~h probe", "request-header:user-agent:probe"),
        ("~t json", "type:json"),
        ("~b error", "body:error"),
        ("~u /v[12]/", "url~/v[12]/"),
        ("~m POST", "method:POST"),
        ("~src 2001:db8::9", "dst:2001:db8::9"),
        ("~dst 2001:db8::1", "src:2001:db8::1"),
        ("~e", "is:error"),
        ("~c 404 | ~c 503", "404 | 503"),
        ("!~c 404 & ~e", "-404 is:error"),
        ("!(~c 404) ~e", "-404 is:error"),
        # Wireshark
        ("http.response.code == 404", "404"),
        ("http.response.code==404||http.response.code==503", "404|503"),
        ("http.response.code >= 400 && http.response.code < 500", "4xx"),
        ("http.response.code in {404 500..599}", "404 | 5xx"),
        ("http.response.code != 200 && tcp.port == 8080", "-200 port:8080"),
        ("ip.addr == 10.0.0.0/8", "ip:10.0.0.0/8"),
        ("ip.src eq 10.0.0.1", "src:10.0.0.1"),
        ("tcp.srcport == 80", "srcport:80"),
        ('http.host contains "example.org"', "host:example.org"),
        ('http.host matches "^api[.]"', "host:api."),
        ("http.request.method == POST", "method:POST"),
        ('http.request.uri contains "/api"', "path:/api"),
        ("http.content_type contains json", "type:json"),
        ('http.server contains "nginx"', "server:nginx"),
        ("not http.response.code == 200", "-200"),
    ],
)
def test_the_dialects_of_other_tools_mean_the_same(theirs: str, ours: str) -> None:
    assert matched(theirs) == matched(ours)
    assert matched(ours) not in (set(), ALL)


@pytest.mark.parametrize(
    ("text", "message", "place", "suggestion"),
    [
        ("http.foo == 1", "Unknown field 'http.foo': did you mean 'host'?", "http.foo", "host"),
        ("200 hots:a", "Unknown field 'hots': did you mean 'host'?", "hots", "host"),
        ("http.respone.code == 1", "Unknown field 'http.respone.code': did you mean 'http.response.code'?",
         "http.respone.code", "http.response.code"),
        ("zzzz=2", "Unknown field 'zzzz'. To search for the text, put it in quotes.", "zzzz", ""),
        ("is:eror", "Unknown state 'eror': did you mean 'error'?", "eror", "error"),
        ("problem:bare-fl", "Unknown problem 'bare-fl': did you mean 'bare-lf'?", "bare-fl", "bare-lf"),
        ("~srcc 1", "Unknown filter '~srcc': did you mean '~src'?", "~srcc", "~src"),
        ("method:PSOT", "Unknown method 'PSOT': did you mean 'POST'? (In quotes, it is looked for as it is.)", "PSOT",
         "POST"),
        ("method=GET,ge", "Unknown method 'ge': did you mean 'GET'? (In quotes, it is looked for as it is.)", "ge",
         "GET"),
        ("type:text/htlm", "Unknown media type 'htlm': did you mean 'html'? (In quotes, it is looked for as it is.)",
         "text/htlm", "text/html"),
        ("status:abc", "'abc' is no number.", "abc", ""),
        ("status:500-400", "The range '500-400' is empty.", "500-400", ""),
        ("status~4..", "This field is a number: compare it with = < or >.", "4..", ""),
        ("size>5parsec", "'5parsec' is no number with a unit of b, k, kb, m, mb, g, gb, ki, kib, mi, mib, gi, gib.",
         "5parsec", ""),
        (">5", "'5' needs a unit: 5ms or 5k", "5", ""),
        ("src:10.0.0", "'10.0.0' is no address; write 10.0.0.1, 10.0.0.0/8, 2001:db8::/32 or 10.0.*", "10.0.0", ""),
        ("class:abc", "A status class is 1xx to 5xx, or 0 for none.", "abc", ""),
        ("host>a", "This field is text: use : for a part, = for the whole, ~ for a regular expression.", "a", ""),
        ("is:marked", "'is:marked' is not available yet.", "marked", ""),
        ("finding:hsts", "'finding' is not available yet.", "hsts", ""),
        ("404)", "This bracket closes nothing.", ")", ""),
        ("a (b", "This bracket is not closed.", "(", ""),
        ('a "b', "This quote is not closed.", '"b', ""),
        ("| a", "Something is missing before '|'.", "|", ""),
        ("host~(a", "This is no regular expression: missing ), unterminated subpattern.", "(a", ""),
        (r"host~(a+)\1", "Some texts make this regular expression very slow: it has a reference to a group beside a "
         "repetition.", r"(a+)\1", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_named_where_it_stands(text: str, message: str, place: str, suggestion: str) -> None:
    error = mistake(text)
    assert str(error) == message
    assert text[error.start : error.end] == place
    assert error.suggestion == suggestion


@pytest.mark.parametrize(
    "text",
    [
        "method:PURGE",
        "method:FOO",
        "method:P*",
        "method~psot",
        'method:"PSOT"',
        "type:jpg",
        "type:vnd.api+json",
        "type:x-foo",
        "type:text/x-c",
        "type:application/x-javascript",
        "type:application/dns-message",
        "type:csv",
        'type:"htlm"',
        "type:/htlm/",
        "type:text/tab-separated-values",
        "type:application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ],
)
def test_words_that_may_be_right_are_let_through(text: str) -> None:
    compile_query(text)


@pytest.mark.parametrize(
    "text", ["status:", "host~", "404 |", "-", "header:", "status:404,", "is:", "~c", "not ", "size>"]
)
def test_something_missing_is_marked_at_the_end(text: str) -> None:
    error = mistake(text)
    assert (error.start, error.end) == (len(text), len(text))


def test_what_the_user_typed_is_ascii_in_a_message() -> None:
    assert str(mistake("status:\x1b[31m\u202e")).isascii()
    assert str(mistake("is:\u202e")).isascii()


def test_a_filter_may_be_full_of_brackets_and_is_refused_in_time() -> None:
    assert "brackets" in str(mistake("(" * 5000 + "a" + ")" * 4000))
    assert "brackets" in str(mistake("-" * 9000 + "a"))


def test_hooks_answer_what_a_response_does_not_hold() -> None:
    hooks = Hooks({"finding": lambda shown: ["hsts", "cookie"] if shown.status == 200 else [],
                   "marked": lambda shown: ["yes"] if shown.status == 404 else []})  # fmt: skip
    assert matched("finding:hst", hooks) == TWO_HUNDRED
    assert matched("is:marked", hooks) == {"missing"}
    assert matched("-is:marked is:error 4xx", hooks) == set()


def test_the_slow_limit_is_the_callers() -> None:
    assert matched("is:slow", Hooks({}, slow_ns=20 * MS)) == ALL - {"late", "silent"}


def test_a_word_that_is_not_ascii_is_found_in_utf8_and_latin1() -> None:
    for reason in ("Très".encode(), "Très".encode("latin-1")):
        shown = response(b"HTTP/1.1 200 " + reason + b"\r\n\r\n")
        assert compile_query("TRÈS").matches(shown)
        assert compile_query("reason:très").matches(shown)
        assert not compile_query("trés").matches(shown)


def test_a_coded_body_is_searched_decoded() -> None:
    shown = response(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"the needle"))
    assert compile_query("body:needle").matches(shown)
    assert not compile_query("body:noodle").matches(shown)


def test_every_example_of_the_table_can_be_read() -> None:
    hooks = Hooks({field.key: lambda _: ["x"] for field in FIELDS if field.reserved}, span=lambda: None)
    for field in FIELDS:
        for example in field.example.split("  "):
            compile_query(example, hooks)
            assert field.key in example


def test_every_state_can_be_asked() -> None:
    hooks = Hooks({key: lambda _: () for key in ("marked", "encrypted")})
    shown = response(conflicts=(Conflict(0, 1, Segment(b"a", 0, 1, 1), Segment(b"b", 0, 1, 1)),), end=None)
    held = {state.key for state in STATES if compile_query(f"is:{state.key}", hooks).matches(shown)}
    assert held == {"open", "incomplete", "conflicting"}
    assert shown.completeness is Completeness.OPEN


def test_a_redirect_is_any_status_of_its_class_but_304() -> None:
    redirects = [status for status in range(600) if compile_query("is:redirect").matches(response(status=status))]
    assert redirects == [status for status in range(300, 400) if status != 304]


def test_a_head_cut_response_and_an_old_one_can_be_asked_anything() -> None:
    odd: list[Response] = [
        response(b"", b"", status=0, framing=Framing.CLOSE, end=EndReason.BROKEN),
        response(b"HTTP/1.1 2", b"", end=EndReason.HEAD_LIMIT),
        response(request=None),
    ]
    for field in FIELDS:
        if not field.reserved:
            for shown in odd:
                assert compile_query(field.example, Hooks({}, span=lambda: None)).matches(shown) in (True, False)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(\w+)\1\1b",
        r"(a|b)*\1",
        "(?=.*a)b",
        "(?<!a)b*",
        "(a)?b*(?(1)c|d)",
        "a++b",
        "(?>a*)b",
        "(.*a){200}",
        "(a{0,40}){40}",
        "(ab|cd){500}",
        "a{0,60000}b",
        "a" * 2000,
        # Not loops over characters: a group, a place between characters, a look-ahead.
        "(a){2000}z",
        r"(?:\b){2000}z",
        "(?=a){2000}z",
        # A loop, and too long: a set costs more than a letter, a reference as much as what it refers to.
        "[ab]{2000}z",
        r"(a{1000})\1z",
    ],
)
def test_a_pattern_that_no_automaton_can_read_or_that_is_too_large_is_refused(pattern: str) -> None:
    with pytest.raises(QueryError):
        compile_pattern(pattern, 0, len(pattern))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^\d{1,3}(\.\d{1,3}){3}$", "x\n10.0.0.1\n"),
        ("(foo|bar)?baz", "foobaz"),
        ("set-cookie:.*secure", "Set-Cookie: a=b; Secure"),
        ("[a-z]+-[0-9]+", "id x-77"),
        ("needle", "hay\n" * 10_000 + "needle"),
        (r"(a)\1", "aa"),
        ("(?=[bc])b", "ba"),
        ("(a+)+c", "aac"),
        ("[a-f0-9]{64}", "0123456789abcdef" * 4),
        (r"(?:\d{1,3}\.){3}\d{1,3}", "at 192.0.2.1 now"),
        (r"\bcafé\b.*ü", "LE CAFÉ Ü"),
        ("a.*b", "a" + " " * 60_000 + "b"),
    ],
)
def test_an_ordinary_pattern_finds_what_it_says(pattern: str, text: str) -> None:
    assert compile_pattern(pattern, 0, 0).search(text)
    assert not compile_pattern(pattern, 0, 0).search("zzz")


WORST = {
    "powers": ("a*a*a*b", "a" * SEEN),
    "choices": ("(a?){12}b", "a" * SEEN),
    "nested": ("(a+)+$", "a" * SEEN + "!"),
    "alternatives": ("(a|a)*b", "a" * SEEN),
    "any": ("(.*.*)*x", "a" * SEEN),
    "beginnings": ("foo.*bar.*baz", "foo bar " * (SEEN // 8)),
    "words": (r"(\w+\s?)+!", "lorem ipsum " * (SEEN // 12)),
}


@pytest.mark.parametrize("name", WORST)
def test_a_text_costs_a_look_up_a_character_whatever_the_pattern(name: str) -> None:
    """What takes long is working out a set of positions: a few dozen for a text of 64 KiB, and none the second time."""
    pattern, text = WORST[name]
    automaton = Automaton(parser.parse(pattern, re.IGNORECASE | re.MULTILINE))
    assert not automaton.search(text)
    assert automaton.steps < 200
    before = automaton.steps
    assert not automaton.search(text)
    assert automaton.steps == before
    assert not compile_pattern(pattern, 0, 0).search(text)


@pytest.mark.slow
def test_sets_that_are_always_new_are_worked_out_once_a_character_and_not_kept_without_end() -> None:
    rng = Random(7)
    automaton = Automaton(parser.parse("[ab]*a[ab]{60}c", re.IGNORECASE | re.MULTILINE))
    for _ in range(3):
        text = "".join(rng.choice("ab") for _ in range(SEEN))
        before = automaton.steps
        assert not automaton.search(text)
        assert automaton.steps - before <= SEEN
        assert automaton.kept <= TRANSITIONS


@pytest.mark.parametrize("pattern", ["a", "foo|bar", r"\d{1,3}", "[a-f0-9]{64}", r"(a)\1", "(foo|bar)?baz", ".{200}x"])
def test_what_is_left_to_re_can_try_little_from_any_place(pattern: str) -> None:
    cost = cost_of(parser.parse(pattern))
    assert not cost.unbounded
    assert cost.choices * cost.width <= MOST_STEPS


@pytest.mark.parametrize("pattern", ["(?:(?:){65535}){65535}z", "(?:(?:(?:){65535}){65535}a)*b"])
def test_nothing_however_often_is_nothing(pattern: str) -> None:
    """Left to `re`, or written out turn by turn, it takes minutes."""
    assert compile_pattern(pattern, 0, 0).search("zb")
    assert not compile_pattern(pattern, 0, 0).search("aaa")


@pytest.mark.parametrize(
    ("pattern", "characters"),
    [
        ("foo", SEEN),
        ("set-cookie:.*secure", SHORT),
        (r"(?:a(?:\B){100})*z", 0),
        ("a*[ab]?[ab]?[ab]?" + "a" * 90 + "z", 0),
        ("a*b*", 0),
    ],
)
def test_texts_are_left_to_re_up_to_where_the_worst_of_them_is_still_cheap(pattern: str, characters: int) -> None:
    assert compile_pattern(pattern, 0, 0).left_to_re == characters


def test_characters_are_sorted_into_classes_by_runs_of_neighbours() -> None:
    """A text of 30,000 different characters, and classes that each leave out one of them."""
    characters = [chr(0x4E00 + at) for at in range(30_000)]
    automaton = Automaton(parser.parse("".join(f"[^{characters[7 * at]}]" for at in range(90)) + "z*", re.IGNORECASE))
    assert not automaton.search("".join(reversed(characters[:89])))
    assert automaton.search("".join(characters))
    assert not automaton.search("".join(characters[7 * at] for at in range(90)))


PIECES = st.sampled_from(
    [
        "a",
        "b",
        ".",
        "[ab]",
        "[^a]",
        r"\w",
        r"\W",
        r"\b",
        r"\B",
        "^",
        "$",
        r"\A",
        r"\Z",
        r"\s",
        r"\n",
        "é",
        "(?i:A)",
        "(?-i:B)",
    ]
)
EXPRESSIONS = st.recursive(
    PIECES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        inner.map(lambda part: f"(?:{part})*"),
        inner.map(lambda part: f"(?:{part})+?"),
        inner.map(lambda part: f"(?:{part})?"),
        inner.map(lambda part: f"(?:{part}){{1,2}}"),
        inner.map(lambda part: f"(?:(?:){{3}}{part}){{2}}"),
    ),
    max_leaves=6,
)


@given(EXPRESSIONS, st.text(alphabet="abAB \n_é-", max_size=8))
def test_the_automaton_finds_what_re_finds(pattern: str, text: str) -> None:
    assume(text or r"\B" not in pattern)  # Python's \B is not in an empty text before 3.14, and is since.
    automaton = Automaton(parser.parse(pattern, re.IGNORECASE | re.MULTILINE))
    wanted = re.search(pattern, text, re.IGNORECASE | re.MULTILINE) is not None
    assert automaton.search(text) == wanted
    assert automaton.search(text) == wanted


def test_the_worst_text_for_a_pattern_with_stars_ends() -> None:
    assert not compile_query("host:" + "*a" * 50 + "b").matches(
        response(request=request(b"GET / HTTP/1.1\r\nHost: " + b"a" * 10_000 + b"\r\n\r\n"))
    )


@given(st.text(alphabet=st.sampled_from('ab:=~!<>|&()"/-.,{}\\ 4x0\n*é'), max_size=40))
def test_any_text_is_a_filter_or_a_mistake_with_a_place(text: str) -> None:
    place = (0, 0)
    try:
        query = compile_query(text)
    except QueryError as error:
        place = (error.start, error.end)
    else:
        for shown in SAMPLES.values():
            assert query.matches(shown) in (True, False)
    assert 0 <= place[0] <= place[1] <= len(text)


def test_get_stands_for_every_request_of_the_samples() -> None:
    asked: list[Any] = [shown.request for shown in SAMPLES.values() if shown.request]
    assert {each.head for each in asked} == {GET, POST}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tunnel:vxlna", "vxlan"),
        ("completeness:cmplete", "complete"),
        ("proxied:soks", "socks"),
        ("proto:h4", "h3"),
        ("framing:chnked", "chunked"),
        ("end:rts", "rst"),
        ("problem:bare-lff", "bare-lf"),
    ],
)
def test_a_slip_in_the_word_of_a_field_is_refused_with_what_was_meant(text: str, meant: str) -> None:
    with pytest.raises(QueryError) as caught:
        compile_query(text)
    assert caught.value.suggestion == meant


def test_where_nothing_is_close_the_words_are_named() -> None:
    with pytest.raises(QueryError, match="there are complete, head only, head cut, gap"):
        compile_query("complete:ful")


@pytest.mark.parametrize("text", ["class:9xx", "class:7"])
def test_no_status_class_is_over_five(text: str) -> None:
    with pytest.raises(QueryError, match="1xx to 5xx"):
        compile_query(text)


@pytest.mark.parametrize(
    "text",
    [
        "tunnel:vx",
        'tunnel:"vxlan 42"',
        "tunnel:42",
        "tunnel:gre,vxlan",
        "tunnel~^v",
        "proxied:shop.example",
        "proxied:acme",
        "proto:icy",
        "proto:h2",
    ],
)
def test_what_may_match_is_taken(text: str) -> None:
    assert not compile_query(text).everything


def test_the_words_of_caching_are_those_of_its_table() -> None:
    from httpresp_capture.analysis.caching import FAULTS
    from httpresp_capture.query.fields import CACHING

    assert tuple(FAULTS) == CACHING
