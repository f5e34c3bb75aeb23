"""The detail pane says everything about a response, in bounded time, and lets no control byte through."""

import gzip
import json
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.widgets import Input

from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.evidence import Conflict, Gap, Segment
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.flow import OtherPath
from httpresp_capture.records.outcome import Completeness, EndReason, Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.redaction import Redactor
from httpresp_tui.model.store import Store
from httpresp_tui.text.excerpts import json_excerpt
from httpresp_tui.text.run import Run
from httpresp_tui.widgets.detail import TABS, Detail
from httpresp_tui.widgets.detail_text import DetailText, in_one_case
from httpresp_tui.widgets.images import IMAGES, image_in_words
from httpresp_tui.widgets.json_text import laid_out
from httpresp_tui.widgets.lines import Line, TextStyle, breaks, line, own, rows_of, untrusted
from httpresp_tui.widgets.tab_strip import TabStrip
from httpresp_tui.widgets.tabs import View
from httpresp_tui.widgets.tabs_body import WHOLE
from httpresp_tui.widgets.tabs_headers import headers
from httpresp_tui.widgets.tabs_metadata import COMPLETENESS, FRAMING
from httpresp_tui.widgets.tabs_request import request as request_lines
from httpresp_tui.widgets.tabs_timing import bar_of
from samples import FLOW, FLOW_V6, MS, START, TWO_COOKIES, encrypted, request, response, unanswered
from scripted import STYLE_SHEET

pytestmark = pytest.mark.slow

REDACTOR = Redactor(b"s" * 16)


PARTS: dict[str, Callable[[View], Sequence[Line]]] = {
    "headers": headers,
    "request": lambda view: request_lines(view, WHOLE),
    **{tab.key: tab.build for tab in TABS},
}
"""Tabs, and sections of the first of them."""


def shown(key: str, of: Response, width: int = 100) -> list[str]:
    """The lines of a tab, or of a part of it, as text."""
    return [each.text.rstrip() for each in PARTS[key](View(of, REDACTOR, width))]


def with_body(body: bytes, *fields: bytes, **changes: Any) -> Response:
    """A response that carries this body."""
    head = b"\r\n".join([b"HTTP/1.1 200 OK", *fields, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n"
    return response(head, body, **changes)


def test_interim_and_final_responses_name_each_other() -> None:
    hints = response(b"HTTP/1.1 103 Early Hints\r\n\r\n", id=2, stream=2)
    store = Store()
    store.apply([ResponseSeen(one) for one in (response(id=1, stream=1), hints, response(id=3, stream=2))])
    store.apply([ResponseSeen(one) for one in (response(id=4, stream=3), response(id=5, stream=2, flow=FLOW_V6))])
    run = Run(exchange=store.of_exchange)

    def second_line(id: int) -> str:
        of = store.get(id)
        assert of is not None
        return TABS[0].build(View(of, None, 100, run))[1].text

    assert second_line(2).endswith("same request: final response #3 (200)")
    assert second_line(3).endswith("same request: interim response #2 (103)")
    assert not any("same request" in second_line(id) for id in (1, 4, 5))


def test_what_goes_on_is_not_told_as_its_end() -> None:
    of = response(end=None, ended_at=START + 3_000 * MS)
    timing = shown("timing", of)
    assert any(text.startswith("  transfer") and text.endswith(" so far") for text in timing)
    assert any("last byte so far" in text for text in timing)
    assert not any("in all" in text for text in timing)
    assert any(" so far" in text and "body" in text for text in shown("metadata", of))
    cut = shown("timing", response(end=EndReason.CAPTURE_END))
    assert any("last byte so far" in text for text in cut)
    assert not any("so far" in text for text in shown("timing", response(end=None, ended_at=None)))
    whole = shown("timing", response())
    assert not any("so far" in text for text in (*whole, *shown("metadata", response())))
    assert any("in all" in text for text in whole)


def test_a_request_without_response_has_no_last_byte() -> None:
    timing = shown("timing", unanswered(request=request(at_ms=-50)))
    assert any(text.startswith("  given up") for text in timing)
    assert any(text.startswith("  waited") for text in timing)
    assert not any("last byte" in text or "in all" in text for text in timing)


# --- headers ---


def test_headers_keep_order_case_and_duplicates() -> None:
    assert [text for text in shown("headers", response(TWO_COOKIES)) if not text.startswith("  ↳")] == [
        "HTTP/1.1 200 OK",
        "Set-Cookie: session=3f786850e387550fdab836ed7e6dc881; Path=/; HttpOnly",
        "set-cookie: theme=dark",
        "X-Cache: HIT",
        "Content-Length: 5",
    ]


def test_a_known_header_is_explained_on_the_line_below() -> None:
    lines = shown("headers", with_body(b"", b"Cache-Control: no-store", b"X-Own: no-store"))
    assert lines[1:4] == ["Cache-Control: no-store", "  ↳ never stored", "X-Own: no-store"]


def test_the_status_is_explained_below_its_line() -> None:
    lines = shown("response", response(b"HTTP/1.1 504 Slow\r\n\r\n"))
    assert lines[:2] == ["HTTP/1.1 504 Slow", "  ↳ a proxy got no answer in time from the server behind it"]
    assert not shown("response", response())[1].startswith("  ↳")


def test_a_folded_value_is_shown_as_sent_and_explained_as_meant() -> None:
    lines = shown("headers", with_body(b"", b"Cache-Control: max-age=60,", b"\tprivate"))
    assert lines[1:4] == [
        "Cache-Control: max-age=60,",
        "␉private",
        "  ↳ fresh for 1 minute · browsers only, no shared cache",
    ]


def test_a_problem_stands_under_the_line_at_whose_offset_it_is() -> None:
    head = b"HTTP/1.1 200 OK\r\nX-First: 1\r\nX-Odd : 2\r\nX-Last: 3\r\n\r\n"
    at = head.index(b"X-Odd")
    lines = shown("headers", response(head, problems=(Problem("space-before-colon", at, "'X-Odd '"),)))
    assert lines[2] == "X-Odd : 2"
    assert lines[3] == "  ▲ blank between field name and colon 'X-Odd '  RFC 9112 §5.1"
    assert lines[4] == "X-Last: 3"


def test_a_problem_beyond_the_head_is_not_lost() -> None:
    lines = shown("headers", with_body(b"", problems=(Problem("bad-chunk-size", 90_000, "'zz'"),)))
    assert lines[-1].startswith("  ▲ chunk size that is no hexadecimal number 'zz'")


def test_trailers_have_a_heading() -> None:
    lines = shown("response", with_body(b"hello", trailers=b"Checksum: abc\r\n"))
    at = lines.index("Trailers")
    assert lines[at - 2 : at + 4] == ["hello", "", "Trailers", "Checksum: abc", "", "Request"]


def test_a_request_without_response_is_said() -> None:
    assert shown("headers", unanswered())[0] == "No response was seen to this request."
    assert shown("body", unanswered()) == ["No response was seen."]
    assert "  completeness   no response was captured" in shown("metadata", unanswered())
    assert "    no-response" in shown("metadata", unanswered()), "a conversation has no byte"
    assert any(text.endswith("—  no response") for text in shown("timing", unanswered()))
    assert shown("request", unanswered())[0] == "GET /shop/items?page=2 HTTP/1.1"


def test_of_an_encrypted_connection_every_tab_says_so() -> None:
    row = encrypted()
    assert shown("headers", row)[0] == "This connection is encrypted and not read: no key."
    assert any("--keylog FILE" in text for text in shown("headers", row))
    assert shown("body", row) == ["Encrypted, and not read."]
    told = shown("metadata", row)
    assert "  completeness   encrypted, and not read" in told
    assert "  exchanges      about 4 exchanges  an estimate, from who spoke when" in told
    assert any("TLS 1.3" in text for text in told)
    assert any(text.endswith("—  encrypted") for text in shown("timing", row))


# --- metadata ---


def test_metadata_names_every_field_of_the_event() -> None:
    lines = shown("metadata", response())
    for name, value in {
        "src_ip": "10.0.0.1",
        "dst_ip": "10.0.0.9",
        "src_port": "8080",
        "dst_port": "50322",
        "protocol": "6  TCP",
        "iface": "eth0",
        "completeness": "complete: every byte was captured",
        "ended": "length reached",
        "framing": "Content-Length",
    }.items():
        assert f"  {name:<14} {value}" in lines
    assert any(text.startswith("  packet_len ") for text in lines)


def test_every_word_of_the_contract_has_its_words_here() -> None:
    assert set(COMPLETENESS) == set(Completeness)
    assert set(FRAMING) == set(Framing)


def test_gaps_are_said_in_words() -> None:
    lines = shown("metadata", with_body(b"x", gaps=(Gap(4096, 1448), Gap(9000, 20, snapped=True))))
    assert "  gap            gap of 1,448 bytes at 4,096, not captured" in lines
    assert "                 gap of 20 bytes at 9,000, cut by the snap length" in lines
    assert "  missing        1,468 bytes" in lines


def test_problems_stand_with_offset_and_reference() -> None:
    lines = shown("metadata", with_body(b"", problems=(Problem("bare-lf", 17),)))
    assert lines[:3] == ["Problems", "  ▲ line ends with LF alone  RFC 9112 §2.2", "    bare-lf at byte 17"]


def test_both_versions_of_a_conflict_stand_side_by_side() -> None:
    first = Segment(b"Location: /good", START, 64, 4711)
    conflict = Conflict(120, 15, first, Segment(b"Location: /evil\x1b", START + 3 * MS, 57, 0))
    lines = shown("metadata", with_body(b"", conflicts=(conflict,)), width=86)
    found = [text for text in lines if "Location" in text]
    assert found == [f"  {'Location: /good':<42}Location: /evil␛"]
    assert f"  {'TTL 64 · IP id 4711':<42}TTL 57 · IP id 0" in lines
    assert "  15 bytes at 120" in lines


# --- request ---


def test_the_request_is_shown_as_it_was_sent() -> None:
    assert shown("request", response(request=request()))[:2] == [
        "GET /shop/items?page=2 HTTP/1.1",
        "Host: shop.example:8080",
    ]


def test_a_request_that_was_not_seen_is_said() -> None:
    assert shown("request", response(request=None))[0] == "The request was not seen."


def test_paths_that_differ_are_said_beside_the_first() -> None:
    lines = shown("metadata", response(flow=replace(FLOW_V6, vlan=(5, 100), tunnel="")))
    at = lines.index(next(each for each in lines if each.startswith("  vlan")))
    assert [each.split() for each in lines[at : at + 3]] == [
        ["vlan", "100", "in", "5"],
        ["carried", "VLAN", "7,", "gre", "3", "packets", "of", "the", "server"],
        ["carried", "no", "VLAN", "tag", "packets", "of", "the", "client"],
    ]


# --- the response, whole ---


def test_the_first_tab_has_status_headers_body_and_request_in_one_scroll() -> None:
    asked = request(b"POST /users HTTP/1.1\r\nHost: a.example\r\nContent-Length: 8\r\n\r\n", body=b'{"n":"x"}')
    lines = shown("response", with_body(b'{"id":1}', b"Content-Type: application/json", request=replace_bytes(asked)))
    assert TABS[0].key == "response"
    assert lines[0] == "HTTP/1.1 200 OK"
    at = lines.index("Body    application/json  8 B")
    assert lines[at - 2 : at + 6] == [
        "",
        "Caches  no cache may keep it: it answers POST, without a lifetime and a Content-Location that is the target"
        " (RFC 9110 §9.3.3)",
        "Body    application/json  8 B",
        "{",
        '  "id": 1',
        "}",
        "",
        "Request",
    ]
    assert lines[at + 6 : at + 8] == ["POST /users HTTP/1.1", "Host: a.example"]
    assert lines[-4:] == ["Body of the request", "{", '  "n": "x"', "}"]


def test_what_caches_may_do_stands_before_the_body_of_a_whole_head_alone() -> None:
    def told(of: Response) -> list[str]:
        return [text for text in shown("response", of) if text.startswith("Caches")]

    assert told(with_body(b"", b"Cache-Control: private, max-age=60")) == [
        "Caches  browsers may keep it, shared caches not: private (RFC 9111 §5.2.2.7) · fresh for 1 minute (max-age)"
        " · nothing to check it by"
    ]
    assert not told(response(b"HTTP/1.1 103 Early Hints\r\n\r\n", b""))
    assert not told(response(midstream=True))
    assert not told(unanswered())


def replace_bytes(asked: Request) -> Request:
    """The request with as many bytes as its body has."""
    return replace(asked, body_bytes=len(asked.body))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"line\n" * 2_000, b"text/plain"),
        (b"x" * 20_000, b"text/plain"),
        (json.dumps(list(range(4_000))).encode(), b"application/json"),
        (b"<p>a</p>" * 1_000, b"text/html"),
        (bytes(range(256)) * 20, b"application/octet-stream"),
    ],
    ids=["lines", "one line", "json", "html", "hex"],
)
def test_a_large_body_keeps_the_request_near_and_is_whole_in_its_own_tab(body: bytes, kind: bytes) -> None:
    of = with_body(body, b"Content-Type: " + kind)
    lines = shown("response", of)
    at = lines.index("Request")
    assert lines[at - 2] == "… it goes on in the Body tab"
    assert at < 420
    whole = shown("body", of)
    assert len("".join(whole)) > len("".join(lines[:at]))
    assert not any("goes on" in each for each in whole)


def test_the_body_of_a_request_is_whole_in_the_body_tab() -> None:
    asked = replace_bytes(request(b"POST / HTTP/1.1\r\nHost: a\r\n\r\n", body=b"line\n" * 1_000))
    of = response(request=asked)
    assert shown("response", of)[-1] == "… it goes on in the Body tab"
    whole = shown("body", of)
    assert whole[whole.index("Body of the request") + 1 :] == ["line"] * 1_000


def test_an_image_says_what_it_is_beside_the_headers() -> None:
    image = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\2\x80\0\0\1\xe0\x08\2" + bytes(500)
    lines = shown("response", with_body(image, b"Content-Type: image/png"))
    assert lines[lines.index("Body    image/png  526 B") + 1] == "PNG image, 640 × 480"


def test_a_body_that_is_not_there_says_why_in_its_place() -> None:
    lines = shown("response", with_body(b"", request=request(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")))
    assert "Body    No body: this answers HEAD." in lines
    assert not any(text.startswith("Body") for text in shown("response", unanswered()))
    assert shown("response", unanswered())[-3] == "GET /shop/items?page=2 HTTP/1.1"
    assert "Request" not in shown("response", encrypted())


# --- timing ---


def test_every_phase_has_its_milliseconds_and_a_bar() -> None:
    lines = shown("timing", response(stream=1, request=request(at_ms=1)))
    assert lines[1] == "  handshake     0.300 ms  ▉"
    assert lines[3].startswith("  wait         20.000 ms  ")
    assert "█" in lines[3]


def test_what_was_not_seen_is_said_in_words() -> None:
    midstream = response(request=None, ended_at=None, end=None, flow=replace(FLOW, midstream=True, handshake_ns=None))
    lines = shown("timing", midstream)
    assert lines[1].endswith("—  handshake not seen")
    assert lines[3].endswith("—  request not seen")
    assert lines[4].endswith("—  not ended yet")


def test_a_handshake_of_unknown_length_is_none_that_was_not_seen() -> None:
    set_back = response(stream=1, flow=replace(FLOW, handshake_ns=None))
    assert shown("timing", set_back)[1].endswith("—  how long it took is not known")
    assert "seen, but not how long it took" in "\n".join(shown("metadata", set_back))


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**12), st.integers(8, 300))
def test_a_bar_never_leaves_its_room(start: int, length: int, more: int, room: int) -> None:
    before, bar = bar_of(start, length, start + length + more, room)
    assert before + len(bar) <= room
    assert bar


# --- body ---


def test_json_is_laid_out_with_its_own_digits_order_and_repeated_keys() -> None:
    body = gzip.compress(b'{"b":1.0,"a":[1,2],"a":{},"big":123456789012345678901234567890}')
    lines = shown("body", with_body(body, b"Content-Type: application/json", b"Content-Encoding: gzip"))
    assert lines[0] == f"application/json  63 B out of {len(body)} B of gzip"
    assert lines[2:] == [
        "{",
        '  "b": 1.0,',
        '  "a": [',
        "    1,",
        "    2",
        "  ],",
        '  "a": {},',
        '  "big": 123456789012345678901234567890',
        "}",
    ]


def test_what_was_cut_is_said_above_the_body() -> None:
    cut = with_body(b"x" * 65_536, b"Content-Type: text/plain", body_bytes=3_100_000)
    assert shown("body", cut)[1] == "first 64 KiB of 3.1 MB kept (--body-limit)"


def test_a_body_with_a_gap_is_shown_up_to_it_and_its_coding_is_not_blamed() -> None:
    half = gzip.compress(b"hello " * 500)[:25]
    lines = shown("body", with_body(half, b"Content-Encoding: gzip", body_bytes=2_000, gaps=(Gap(90, 1448),)))
    assert lines[1:3] == ["first 25 B of 2.0 kB kept, up to the first gap", "1,448 bytes were not captured"]
    assert not any("bad-coding" in text for text in lines)


def test_a_coding_that_fails_is_a_problem_beside_what_could_be_read() -> None:
    plain = b"".join(b"line %d\n" % number for number in range(3000))
    broken = bytearray(zlib.compress(plain))
    broken[-1] ^= 1
    lines = shown("body", with_body(bytes(broken), b"Content-Type: text/plain", b"Content-Encoding: deflate"))
    assert lines[1].startswith("▲ bad-coding: deflate: ")
    assert "line 7" in lines


def test_bytes_that_are_no_text_are_shown_in_hex() -> None:
    lines = shown("body", with_body(b"\x00\x01ABC\xff" * 3, b"Content-Type: application/octet-stream"))
    assert lines[2] == "00000000  00 01 41 42 43 ff 00 01  41 42 43 ff 00 01 41 42  ..ABC...ABC...AB"
    assert lines[3].startswith("00000010  43 ff  ")


def test_codings_are_named_in_their_order() -> None:
    body = zlib.compress(gzip.compress(b"hello"))
    first = shown("body", with_body(body, b"Content-Type: text/plain", b"Content-Encoding: gzip, deflate"))[0]
    assert first == f"text/plain  5 B out of {len(body)} B of gzip, deflate"


def test_text_in_another_charset_is_text() -> None:
    wide = with_body("año".encode("utf-16-le"), b"Content-Type: text/html; charset=utf-16le")
    assert shown("body", wide)[2:] == ["año"]
    japanese = with_body("日本語".encode("iso2022_jp"), b"Content-Type: text/plain; charset=ISO-2022-JP")
    assert shown("body", japanese)[2:] == ["日本語"]


def test_a_part_of_a_coded_body_says_which_and_is_shown_in_hex() -> None:
    part = with_body(b"\x01\x02", b"Content-Encoding: gzip", b"Content-Range: bytes 7-8/535", status=206)
    lines = shown("body", part)
    assert lines[1] == "bytes 7 to 8 of 535 of the gzip data, which cannot be decoded by themselves"
    assert lines[3].startswith("00000000  01 02")


TIFF = b"II*\0\x08\0\0\0\2\0" + b"".join(
    struct.pack("<HHII", tag, 3, 1, value) for tag, value in ((256, 16), (257, 32))
)
EXTENTS = struct.pack(">I4sIBBH", 16 + 60_000, b"iloc", 0, 0, 0, 10_000) + b"\0\1\0\0\xff\xff" * 10_000
SIZE = struct.pack(">I4sI4sI4s4xII", 36, b"iprp", 28, b"ipco", 20, b"ispe", 16, 32)
AVIF = struct.pack(">I8s4xI4s4x", 16, b"ftypavif", 12 + len(EXTENTS + SIZE), b"meta") + EXTENTS + SIZE
"""Its 10,000 items have 65,535 extents each, of no byte: whoever reads them is busy for minutes."""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\2\x80\0\0\1\xe0\x08\2", "PNG image, 640 × 480"),
        (b"GIF89a\x10\0\x20\0", "GIF image, 16 × 32"),
        (b"\xff\xd8\xff\xe0\0\4ab\xff\xc0\0\x11\x08\1\xe0\2\x80\3" + bytes(9), "JPEG image, 640 × 480"),
        (TIFF, "TIFF image, 16 × 32"),
        (b"BM" + bytes(16) + b"\x10\0\0\0\x20\0\0\0", "BMP image, 16 × 32"),
        (AVIF, "AVIF image, 16 × 32"),
        (b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x0f\0\0\x1f\0\0", "WebP image, 16 × 32"),
        (b"\0\0\1\0\1\0\x10\x20", "ICO image, 16 × 32"),
        (b"\x89PNG\r\n\x1a\n", "PNG image"),
        (b"<svg/>", ""),
    ],
)
def test_an_image_is_told_by_its_first_bytes(data: bytes, words: str) -> None:
    assert image_in_words(data) == words


@given(st.binary(max_size=60), st.sampled_from([bytes(at) + magic for magic, at, _ in IMAGES]))
def test_no_image_header_can_fail(rest: bytes, magic: bytes) -> None:
    assert "image" in image_in_words(magic + rest)


def test_a_body_that_is_not_there_says_why() -> None:
    assert shown("body", with_body(b"", request=request(b"HEAD / HTTP/1.1\r\n\r\n"))) == ["No body: this answers HEAD."]
    assert shown("body", response(body=b"", body_bytes=2000)) == ["None of the 2.0 kB of this body are kept."]
    assert shown("body", response(body=b"", body_bytes=0, end=None)) == ["No byte of the body has come yet."]


# --- JSON ---


def test_the_json_tab_is_what_is_copied() -> None:
    of = response(TWO_COOKIES, request=request())
    assert "\n".join(shown("json", of)) == json_excerpt(of, REDACTOR).text
    assert "3f786850e387550fdab836ed7e6dc881" not in json_excerpt(of, REDACTOR).text
    assert "3f786850e387550fdab836ed7e6dc881" in json_excerpt(of, None).text


@pytest.mark.parametrize("declared", ["003", "+3", "-3", "3, 3", "\u0663", "9" * 400, "1e3", "NaN", ""])
def test_the_json_tab_of_a_request_whose_length_is_no_number_is_json(declared: str) -> None:
    asked = request(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {declared}\r\n\r\n".encode())
    event = json.loads("\n".join(shown("json", unanswered(request=asked))))
    assert event["args"][1]["value"]["content_length"] == (3 if declared == "003" else 0)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_layout_means_what_the_text_meant(value: object) -> None:
    lines = laid_out(json.dumps(value))
    assert lines is not None
    assert json.loads("\n".join(lines)) == value
    assert lines == json.dumps(value, indent=2).split("\n")


@given(VALUES, st.integers(0, 200))
def test_a_text_that_was_cut_is_laid_out_as_far_as_it_goes(value: object, cut: int) -> None:
    text = json.dumps([value, value])[: 1 + cut]
    lines = laid_out(text)
    if lines is not None:
        assert "".join("".join(lines).split()) == "".join(text.split())


def test_json_lines_are_laid_out_one_after_the_other_and_other_text_is_not() -> None:
    assert laid_out('{"a":1}\n{"b":2}\n') == ["{", '  "a": 1', "}", "{", '  "b": 2', "}"]
    assert laid_out("<html>") is None
    assert laid_out('{"a":1} and then some words') is None


# --- lines and rows ---


@given(st.text(max_size=300), st.integers(1, 40), st.integers(0, 10))
def test_rows_hold_every_character_once_and_fit(text: str, width: int, hang: int) -> None:
    each = untrusted(text).text
    rows = list(breaks(each, width, hang))
    assert "".join(each[start:end] for start, end in rows) == each
    for number, (start, end) in enumerate(rows):
        room = max(1, width - (hang if number else 0))
        assert cell_len(each[start:end]) <= room or end - start == 1


def test_a_row_ends_at_a_blank_where_one_is_near() -> None:
    text = "hidden from scripts and sent to all"
    assert [text[start:end] for start, end in breaks(text, 20, 2)] == ["hidden from scripts ", "and sent to all"]


def test_pieces_keep_their_inks() -> None:
    each = line(own("a: ", TextStyle.NAME), untrusted("b"), own("!", TextStyle.PROBLEM))
    assert each.text == "a: b!"
    assert [(span.start, span.end, span.style) for span in each.spans] == [(0, 3, "name"), (4, 5, "problem")]


# --- the widget ---


class Pane(App[None]):
    """A detail pane on its own."""

    CSS_PATH = STYLE_SHEET

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.left = 0
        self.steps: list[int] = []

    def compose(self) -> ComposeResult:
        yield Detail(REDACTOR, id="detail")

    def on_mount(self) -> None:
        self.query_one(Detail).focus()

    def on_detail_left(self) -> None:
        self.left += 1

    def on_detail_step(self, message: Detail.Step) -> None:
        self.steps.append(message.by)

    @property
    def detail(self) -> Detail:
        return self.query_one(Detail)

    @property
    def text(self) -> DetailText:
        return self.query_one(DetailText)

    def screen_rows(self) -> list[str]:
        """What stands on the screen."""
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]  # pyright: ignore[reportPrivateUsage]  # what a terminal gets is not public


LONG = with_body(json.dumps(list(range(500))).encode(), b"Content-Type: application/json")


async def test_nothing_chosen_is_a_hint() -> None:
    async with Pane().run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app = pilot.app
        assert isinstance(app, Pane)
        assert "No response is chosen." in "\n".join(app.screen_rows())


async def test_brackets_go_round_the_tabs_and_a_click_opens_one() -> None:
    app = Pane()
    async with app.run_test(size=(80, 24)) as pilot:
        app.detail.show(response())
        opened: list[str] = []
        for _ in TABS:
            await pilot.press("right_square_bracket")
            opened.append(app.detail.tab)
        assert opened == ["body", "metadata", "timing", "findings", "json", "response"]
        await pilot.press("left_square_bracket")
        assert app.detail.tab == "json"
        await pilot.click(TabStrip, offset=(15, 0))
        assert app.detail.tab == "body"


async def test_digits_open_tabs_and_stand_before_their_names() -> None:
    app = Pane()
    async with app.run_test(size=(80, 24)) as pilot:
        app.detail.show(response())
        await pilot.pause()
        assert app.screen_rows()[1].split() == [
            word for number, tab in enumerate(TABS, 1) for word in (str(number), tab.title)
        ]
        for number, tab in enumerate(TABS, 1):
            await pilot.press(str(number))
            assert app.detail.tab == tab.key


@pytest.mark.parametrize("width", [30, 34, 50, 60])
async def test_in_a_narrow_pane_every_tab_keeps_its_digit(width: int) -> None:
    app = Pane()
    async with app.run_test(size=(width, 24)) as pilot:
        app.detail.show(response())
        await pilot.pause()
        strip = app.screen_rows()[1]
        assert [number for number in strip if number.isdigit()] == [str(number) for number in range(1, len(TABS) + 1)]
        assert "Response" in strip
        await pilot.click(TabStrip, offset=(strip.index("5"), 0))
        assert app.detail.tab == TABS[4].key


async def test_the_same_response_changes_in_place() -> None:
    app = Pane()
    async with app.run_test(size=(80, 24)) as pilot:
        still_open = replace(LONG, end=None, ended_at=None)
        app.detail.show(still_open)
        await pilot.press("2", "pagedown", "pagedown", "j")
        before = app.text.scroll_offset.y
        assert before > 10
        app.detail.show(LONG)
        await pilot.pause()
        assert (app.detail.tab, app.text.scroll_offset.y) == ("body", before)
        app.detail.show(replace(LONG, id=LONG.id + 1))
        await pilot.pause()
        assert (app.detail.tab, app.text.scroll_offset.y) == ("body", 0)


async def test_search_finds_goes_round_and_is_cleared_before_the_pane_is_left() -> None:
    app = Pane()
    async with app.run_test(size=(80, 24)) as pilot:
        app.detail.show(response(TWO_COOKIES))
        await pilot.press("slash", *"COOKIE", "enter")
        await pilot.pause()
        assert app.text.match_count > 2
        assert app.text.match_number == 1
        assert any(f"1 of {app.text.match_count}" in row for row in app.screen_rows())
        await pilot.press("n", "n", "N")
        assert app.text.match_number == 2
        await pilot.press("escape")
        await pilot.pause()
        assert (app.text.match_count, app.left) == (0, 0)
        await pilot.press("escape")
        assert app.left == 1


async def test_search_history_is_under_the_arrows() -> None:
    app = Pane()
    async with app.run_test(size=(80, 24)) as pilot:
        app.detail.show(response())
        await pilot.press("slash", *"nginx", "enter", "escape", "slash", "up")
        assert app.query_one(Input).value == "nginx"


async def test_j_and_k_in_capitals_ask_for_another_response() -> None:
    app = Pane()
    async with app.run_test(size=(80, 24)) as pilot:
        app.detail.show(response())
        await pilot.press("J", "K")
        assert app.steps == [1, -1]


async def test_wrap_can_be_switched_off_and_the_line_on_top_stays() -> None:
    app = Pane()
    async with app.run_test(size=(80, 24)) as pilot:
        long = b"X-Long: " + b"word " * 400
        app.detail.show(with_body(b"", long, *(b"X-%d: %d" % (n, n) for n in range(60))))
        await pilot.press("pagedown", "pagedown")
        wrapped = app.text.virtual_size.height
        top = app.screen_rows()[3]
        assert top.startswith(" X-")
        await pilot.press("w")
        await pilot.pause()
        assert app.text.virtual_size.height < wrapped
        assert app.screen_rows()[3] == top
        await pilot.press("g", "l")
        await pilot.pause()
        assert app.text.scroll_offset.x > 0


async def test_selected_text_has_the_line_ends_of_the_lines() -> None:
    app = Pane()
    async with app.run_test(size=(40, 24)) as pilot:
        app.detail.show(with_body(b"", b"X-Long: " + b"abcdefghi " * 9))
        await pilot.pause()
        app.text.text_select_all()
        selected = app.screen.get_selected_text()
        assert selected is not None
        assert selected.split("\n")[1] == "X-Long: " + "abcdefghi " * 9


HOSTILE = (
    b"HTTP/1.1 200 OK\x1b]0;owned\x07[/]\r\nX-Esc: \x1b[2J\x1b]52;c;aGk=\x07\r\n"
    b"X-C1: \x9b31m\r\nX-Bidi: \xe2\x80\xaegnp\r\n"
    b"X-Markup: [red]no[/red] [@click=app.quit]x[/]\r\n"
    b"X-Wide: \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9 \xe6\xbc\xa2\r\n"
    b"Set-Cookie: \x1b[5m=1; Domain=\x1b[0m\r\nContent-Security-Policy: script-src \x1bc [b]\r\nno colon \x00\r\n\r\n"
)


@pytest.mark.parametrize("tab", [tab.key for tab in TABS])
async def test_no_control_reaches_the_terminal(tab: str) -> None:
    hostile = response(
        HOSTILE,
        b"\x1b[2J [red]x\xe2\x80\xae\n",
        flow=replace(FLOW, interface="eth\x1b[0m", tunnel="\x9b1m", other_paths=(OtherPath(True, (), "\x9b1m"),)),
        request=request(b"GET /\x1b[1m\xe2\x80\xae HTTP/1.1\r\nHost: \x1b]0;x\x07\r\n\r\n"),
        problems=(Problem("bad-name", 20, "\x1b"),),
        end=EndReason.LENGTH,
    )
    app = Pane()
    async with app.run_test(size=(100, 40)) as pilot:
        app.detail.show(hostile)
        app.detail.show_tab(tab)
        await pilot.pause()
        for row in app.screen_rows():
            assert not [char for char in row if not char.isprintable()]
            assert cell_len(row) <= 100


@pytest.mark.parametrize(
    "value",
    [b"abc def; " * 22_222, "漢字\u0301".encode() * 20_000, b"\x1b" * 200_000],
    ids=["words", "wide", "escapes"],
)
async def test_a_value_of_200_kilobytes_scrolls_and_is_searched_to_its_end(value: bytes) -> None:
    app = Pane()
    async with app.run_test(size=(80, 24)) as pilot:
        app.detail.show(with_body(b"", b"X-Big: " + value, b"X-After: needle"))
        await pilot.press("G")
        assert any("needle" in row for row in app.screen_rows())
        await pilot.press("g", "slash", *"needle", "enter")
        assert app.text.match_count == 1
        assert any("needle" in row for row in app.screen_rows())


async def test_every_ink_can_be_read_on_every_theme() -> None:
    app = Pane()
    async with app.run_test(size=(80, 24)) as pilot:
        for name, theme in app.available_themes.items():
            if name.startswith("ansi"):
                continue  # those colours are the terminal's own
            app.theme = theme.name
            await pilot.pause()
            for ink in set(TextStyle) - {TextStyle.MARK}:
                style = app.text.get_visual_style(f"detail-text--{ink}")
                assert style.foreground is not None
                assert style.background is not None
                contrast = abs(style.foreground.brightness - style.background.brightness)
                assert contrast > 0.15, (name, ink)


async def test_every_tab_fits_a_narrow_pane() -> None:
    app = Pane()
    async with app.run_test(size=(34, 12)) as pilot:
        app.detail.show(response(TWO_COOKIES, request=request()))
        for tab in TABS:
            app.detail.show_tab(tab.key)
            await pilot.pause()
            assert all(cell_len(row) <= 34 for row in app.screen_rows())


def test_rows_of_many_lines_are_counted_once() -> None:
    lines = [Line("x" * 10), Line(), Line("y" * 25)]
    assert [(row.line, row.start, row.end) for row in rows_of(lines, 10)] == [
        (0, 0, 10),
        (1, 0, 0),
        (2, 0, 10),
        (2, 10, 20),
        (2, 20, 25),
    ]


def test_words_are_found_in_any_case_where_they_stand() -> None:
    assert in_one_case("İSTANBUL Größe") == "İstanbul größe"
    assert len(in_one_case("İ" * 50 + "A")) == 51
