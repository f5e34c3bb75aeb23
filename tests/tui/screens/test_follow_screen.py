"""Follow: a connection from start to end, as exchanges and as bytes."""

from dataclasses import replace
from pathlib import Path

import pytest

from httpresp_capture.exporting.export import Packets
from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.evidence import Conflict, Segment
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.source import FileSource
from httpresp_tui.app import HttprespApp
from httpresp_tui.model.conversation import conversation
from httpresp_tui.screens.follow import FollowScreen
from httpresp_tui.widgets.follow_lines import follow_lines
from samples import FAILED, FLOW, NOT_FOUND, OK, START, encrypted, request, response, with_gap
from scripted import Scripted, running, screen_text, until
from traffic.captures import pcap
from traffic.values import Frame
from wrapped import ethernet
from wrapped import exchange as talk


def exchange(id: int, head: bytes = OK, body: bytes = b"hello", target: bytes = b"/") -> Response:
    asked = request(b"GET %b HTTP/1.1\r\nHost: shop.example\r\n\r\n" % target, at_ms=id * 100)
    return response(head, body, id=id, stream=id, at_ms=id * 100 + 20, request=asked)


def drawn(*responses: Response, as_bytes: bool = False) -> list[str]:
    followed = follow_lines(conversation(responses, responses[-1]), responses[-1].id, as_bytes=as_bytes)
    assert all(not each.text or each.text[0] in "→← " for each in followed.lines[:-1])
    return [each.text for each in followed.lines]


def test_both_directions_are_marked_on_every_line() -> None:
    lines = drawn(exchange(1, target=b"/first"), exchange(2, NOT_FOUND, b'{"a": 1}', target=b"/second"))
    assert "→ GET /first HTTP/1.1" in lines
    assert "← HTTP/1.1 404 Not Found" in lines
    assert (
        lines.index("→ GET /first HTTP/1.1") < lines.index("← HTTP/1.1 200 OK") < lines.index("→ GET /second HTTP/1.1")
    )
    assert "← hello" in lines
    assert '←   "a": 1' in lines
    assert any(each.startswith("← response 404 #2") and "20.0 ms later" in each for each in lines)


def test_as_bytes_it_is_what_was_on_the_wire() -> None:
    lines = drawn(exchange(1, body=b"\x00\x01z"), as_bytes=True)
    assert "→ 00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  GET / HTTP/1.1.." in lines
    assert any(each.startswith("← 00000000  00 01 7a ") and each.endswith("..z") for each in lines)


def test_what_is_missing_and_what_came_twice_stands_in_its_place() -> None:
    gap = with_gap(id=1)
    twice = Conflict(17, 2, Segment(b"ab", START, 64, 1), Segment(b"c\x1b", START + 5, 63, 2))
    lines = drawn(gap, replace(exchange(2), conflicts=(twice,)))
    missing = next(index for index, each in enumerate(lines) if "bytes missing" in each)
    assert missing < next(index for index, each in enumerate(lines) if "#2" in each)
    assert any("2 bytes at byte 17 came twice and differ" in each for each in lines)
    assert any("again" in each and "ttl 63" in each and "c␛" in each for each in lines)


def test_of_an_encrypted_connection_it_says_what_is_known() -> None:
    lines = drawn(encrypted(id=1))
    assert any("TLS 1.3" in each and "not read" in each for each in lines)
    assert any(each.startswith("→ 1.2 kB of the client") for each in lines)
    assert any(each.startswith("← 48 kB of the server") for each in lines)


def test_nothing_of_the_wire_acts() -> None:
    lines = drawn(exchange(1, b"HTTP/1.1 200 \x1b]52;c;eA==\x07\r\nX: \x9b2J\r\n\r\n", b"\x1b[31m[red]", b"/\x1b[2J"))
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for each in lines for char in each)


@pytest.mark.slow
async def test_two_keys_lead_to_the_bytes_and_one_back(tmp_path: Path) -> None:
    events = [ResponseSeen(exchange(id, target=b"/page/%d" % id)) for id in range(1, 9)]
    other = ResponseSeen(replace(exchange(9, target=b"/other"), flow=replace(FLOW, id=99)))
    source = Scripted([*events, other])
    async with running(source, tmp_path) as (app, pilot):
        await pilot.press("k")
        await pilot.press("f")
        await until(pilot, lambda: "→ GET /page/8 HTTP/1.1" in screen_text(app))
        assert "#7 10.0.0.9:50322 → 10.0.0.1:8080" in screen_text(app)
        assert "8 responses" in screen_text(app)
        assert "/other" not in screen_text(app)
        await pilot.press("x")
        await until(pilot, lambda: "47 45 54 20 2f 70 61 67" in screen_text(app))
        await pilot.press("x", "g")
        await until(pilot, lambda: "→ GET /page/1 HTTP/1.1" in screen_text(app))
        await pilot.press("J", "J")
        await until(pilot, lambda: "→ request #2" in screen_text(app).split("\n")[1])
        await pilot.press("K")
        await until(pilot, lambda: "← response 200 #1" in screen_text(app).split("\n")[1])
        source.emit([ResponseSeen(exchange(10, FAILED, target=b"/late"))])
        await until(pilot, lambda: "9 responses" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, FollowScreen))


@pytest.mark.slow
async def test_with_nothing_in_hand_there_is_nothing_to_follow(tmp_path: Path) -> None:
    async with running(Scripted(), tmp_path) as (app, pilot):
        await pilot.press("f")
        await until(pilot, lambda: "No response is chosen" in screen_text(app))


@pytest.mark.slow
async def test_its_packets_are_read_again_from_the_file(tmp_path: Path) -> None:
    capture = tmp_path / "f.pcap"
    frames = [Frame(10**18 + at * 1_000_000, 1, each, len(each)) for at, each in enumerate(map(ethernet, talk(4)))]
    capture.write_bytes(pcap(frames, 1))
    source = FileSource.open(str(capture), Limits())
    app = HttprespApp(source, state_file=tmp_path / "state.json", packets=Packets((capture,)))
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await until(pilot, lambda: app.session.store.ended and app.session.view.shown == 1)
        await pilot.press("f", "p")
        await until(pilot, lambda: " rtt " in screen_text(app))
        await pilot.press("g")
        text = screen_text(app)
        assert "→ client" in text
        assert "← server" in text
        assert [line.split()[4:8] for line in text.split("\n") if " SA " in line] == [["SA", "0", "1", "0"]]
        await pilot.press("p")
        await until(pilot, lambda: "HTTP/1.1 200 OK" in screen_text(app))


@pytest.mark.slow
async def test_without_a_file_it_is_said_why_there_are_no_packets(tmp_path: Path) -> None:
    source = Scripted([ResponseSeen(exchange(1))])
    async with running(source, tmp_path, packets=Packets(why="record them with -w FILE.")) as (app, pilot):
        await pilot.press("f", "p")
        await until(pilot, lambda: "record them with -w FILE." in screen_text(app))
