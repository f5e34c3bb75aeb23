"""The packets of one connection, read again from the captures that hold it."""

from pathlib import Path

import pytest

from httpresp_capture.exporting.packet_list import PacketList
from httpresp_capture.iterator import responses
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.exchange import Response
from httpresp_capture.tcp.packet_notes import PacketStory
from traffic.captures import Recipe, make_capture, pcap, pcapng
from traffic.values import Frame
from wrapped import ethernet, exchange


def rows(path: Path) -> list[Response]:
    with responses(path) as found:
        return list(found)


def story(*paths: Path, of: list[Response]) -> PacketStory:
    found = PacketList(paths, of)
    fractions = list(found.steps())
    assert fractions
    assert not found.failure
    return found.notes.story()


def test_it_is_the_whole_connection_from_its_syn_on(tmp_path: Path) -> None:
    capture = tmp_path / "f.pcapng"
    capture.write_bytes(pcapng(make_capture(5, Recipe(40)).frames))
    by_flow: dict[int, list[Response]] = {}
    for row in rows(capture):
        if row.flow.transport == "TCP":
            by_flow.setdefault(row.flow.id, []).append(row)
    for of in by_flow.values():
        told = story(capture, of=of)
        assert told.packets[0].at == of[0].flow.opened_at
        assert any(packet.at == of[-1].at and not packet.from_client for packet in told.packets)
        assert told.server.bytes >= sum(len(row.head) for row in of)
        if not of[0].flow.midstream:
            assert (told.packets[0].flags, told.packets[0].seq, told.packets[0].from_client) == ("SYN", 0, True)


def test_of_several_captures_it_is_told_in_the_order_of_time(tmp_path: Path) -> None:
    frames = [Frame(10**18 + at * 1_000_000, 1, each, len(each)) for at, each in enumerate(map(ethernet, exchange(4)))]
    whole, one, other = (tmp_path / name for name in ("whole.pcap", "a.pcap", "b.pcap"))
    for path, some in ((whole, frames), (one, frames[0::2]), (other, frames[1::2])):
        path.write_bytes(pcap(some, 1))
    chosen = rows(whole)[:1]
    assert story(one, other, of=chosen) == story(whole, of=chosen)
    assert len(story(whole, of=chosen).packets) > 3


def test_what_holds_no_packets_is_said(tmp_path: Path) -> None:
    capture = tmp_path / "f.pcap"
    capture.write_bytes(pcap([Frame(10**18, 1, each, len(each)) for each in map(ethernet, exchange(4))], 1))
    chosen = rows(capture)[:1]
    events = tmp_path / "events.json"
    events.write_bytes(b'{"eventName":"net_packet_http_response"}\n')
    with pytest.raises(CaptureError, match="holds events"):
        list(PacketList((events,), chosen).steps())
    with pytest.raises(CaptureError):
        list(PacketList((tmp_path / "gone.pcap",), chosen).steps())
