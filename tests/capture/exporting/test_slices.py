"""A slice of packets holds the chosen connections, whole, and no other; with their keys alone where these are asked."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from exchanges import frames_of, ok
from httpresp_capture.export.document import ExportOptions
from httpresp_capture.exporting import connections, slices
from httpresp_capture.exporting.export import ExportError, Order, Packets
from httpresp_capture.exporting.slices import SliceExport
from httpresp_capture.iterator import responses
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import OtherPath
from httpresp_capture.records.secrets import Secrets
from httpresp_capture.sources.file.writer import PcapngWriter
from traffic.captures import Recipe, make_capture, pcap, pcapng
from traffic.tls import Conversation
from traffic.values import Frame
from wrapped import ethernet, exchange, ip4, tcp

TSHARK = shutil.which("tshark")
Said = tuple[int, bytes, bytes, str, bytes]


def said(response: Response) -> Said:
    """What does not change with the numbers of a run."""
    request = response.request
    asked = b"" if request is None else request.head
    return response.at, response.head, response.body, str(response.completeness), asked


def rows(path: Path) -> list[Response]:
    with responses(path) as found:
        return list(found)


def sliced(
    chosen: Iterable[Response], *captures: Path, keys: bool = False, key_log: Path | None = None
) -> tuple[Path, SliceExport]:
    path = captures[0].with_name(f"slice-{len(list(captures[0].parent.iterdir()))}.pcapng")
    export = SliceExport(Order(path, ExportOptions(), packets=Packets(captures, key_log=key_log), with_keys=keys))
    for response in chosen:
        export.add(response)
    for _ in export.steps():
        pass
    export.keep()
    return path, export


def framed(packets: Iterable[bytes], step: int = 1_000_000, start: int = 10**18) -> list[Frame]:
    return [Frame(start + number * step, 1, each, len(each)) for number, each in enumerate(packets)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_read_again_it_says_of_the_chosen_connections_what_the_whole_said(seed: int, tmp_path: Path) -> None:
    """Tunnels, VLANs, ports that are used again, segments lost, repeated and out of order."""
    capture = tmp_path / "f.pcapng"
    capture.write_bytes(pcapng(make_capture(seed, Recipe(120, lost=0.01)).frames))
    all_rows = rows(capture)
    flows = {row.flow.id for row in all_rows}
    chosen = set(Random(seed).sample(sorted(flows), len(flows) // 3))
    path, export = sliced((row for row in all_rows if row.flow.id in chosen), capture)
    wanted = Counter(said(row) for row in all_rows if row.flow.id in chosen)
    found = Counter(said(row) for row in rows(path))
    assert wanted == found
    assert export.packets


def test_of_several_captures_the_packets_stand_in_the_order_of_time(tmp_path: Path) -> None:
    frames = framed(ethernet(each) for each in exchange(4))
    parts = [tmp_path / "a.pcap", tmp_path / "b.pcap"]
    for part, some in zip(parts, (frames[0::2], frames[1::2]), strict=True):
        part.write_bytes(pcap(some, 1))
    whole = tmp_path / "whole.pcap"
    whole.write_bytes(pcap(frames, 1))
    path, export = sliced(rows(whole), *parts)
    assert (export.packets, export.contents) == (4, "4 packets of 1 connection")
    assert [said(row) for row in rows(path)] == [said(row) for row in rows(whole)]


def test_another_connection_between_the_same_sockets_is_no_part_of_it(tmp_path: Path) -> None:
    capture = tmp_path / "f.pcap"
    closing = [ip4(tcp(5000, 80, 99, 499, 0x14), bytes((10, 0, 0, 1, 10, 0, 0, 2)))]
    first = exchange(4, path=b"/one") + closing
    second = exchange(4, isn=(70_000, 90_000), path=b"/two")
    capture.write_bytes(pcap(framed(ethernet(each) for each in first + second), 1))
    one, two = rows(capture)
    for row in (one, two):
        (again,) = rows(sliced([row], capture)[0])
        assert again.request is not None
        assert row.request is not None
        assert again.request.target == row.request.target


def test_by_a_clock_that_stands_still_its_own_opening_is_a_part_of_it(tmp_path: Path) -> None:
    frames = [replace(frame, at=10**18) for frame in frames_of(ok(body=b"hello"))]
    capture = tmp_path / "f.pcap"
    capture.write_bytes(pcap(frames, frames[0].link_type))
    assert sliced(rows(capture), capture)[1].packets == len(frames)


def test_the_same_sockets_on_another_vlan_are_no_part_of_it(tmp_path: Path) -> None:
    capture = tmp_path / "f.pcap"
    tagged = [
        bytes(12) + b"\x81\x00" + vlan.to_bytes(2, "big") + b"\x08\x00" + packet
        for pair in zip(exchange(4, path=b"/10"), exchange(4, isn=(7_000, 9_000), path=b"/20"), strict=True)
        for vlan, packet in zip((10, 20), pair, strict=True)
    ]
    capture.write_bytes(pcap(framed(tagged), 1))
    for row in rows(capture):
        path, export = sliced([row], capture)
        assert export.packets == 4
        assert [each.flow.vlan for each in rows(path)] == [row.flow.vlan]


def test_pieces_of_a_datagram_go_together(tmp_path: Path) -> None:
    addresses = bytes((10, 0, 0, 2, 10, 0, 0, 1))
    packets = exchange(4)
    answer = packets.pop()[20:]
    other = [ip4(b"x" * 24, addresses, 17, 0x2000, ip_id=9), ip4(b"y" * 8, addresses, 17, 3, ip_id=9)]
    pieces = [ip4(answer[:32], addresses, fragment=0x2000, ip_id=8), ip4(answer[32:], addresses, fragment=4, ip_id=8)]
    capture = tmp_path / "f.pcap"
    mixed = [*packets, other[0], pieces[1], other[1], pieces[0]]
    capture.write_bytes(pcap(framed(ethernet(each) for each in mixed), 1))
    path, export = sliced(rows(capture), capture)
    assert export.packets == 5
    assert [said(row) for row in rows(path)] == [said(row) for row in rows(capture)]


def test_pieces_that_wait_for_the_rest_have_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_HELD", 2)
    addresses = bytes((10, 0, 0, 2, 10, 0, 0, 1))
    packets = exchange(4)
    answer = packets.pop()[20:]
    pieces = [ip4(answer[:32], addresses, fragment=0x2000, ip_id=8), ip4(answer[32:], addresses, fragment=4, ip_id=8)]
    other = ip4(b"x" * 24, addresses, 17, 0x2000, ip_id=9)
    capture = tmp_path / "f.pcap"
    for between, count in ([], 5), ([other, other], 4):
        mixed = [*packets, pieces[1], *between, pieces[0]]
        capture.write_bytes(pcap(framed(ethernet(each) for each in mixed), 1))
        assert sliced(rows(capture), capture)[1].packets == count


def test_a_connection_that_went_too_many_ways_may_have_gone_any(tmp_path: Path) -> None:
    capture = tmp_path / "f.pcap"
    capture.write_bytes(pcap(framed(ethernet(each) for each in exchange(4)), 1))
    (row,) = rows(capture)
    for count, found in (connections.MOST_PATHS, 4), (1, 0):
        ways = tuple(OtherPath(True, (vlan,), "") for vlan in range(1, count + 1))
        export = SliceExport(Order(tmp_path / "s.pcapng", ExportOptions(), packets=Packets((capture,))))
        export.add(replace(row, flow=replace(row.flow, vlan=(99,), other_paths=ways)))
        if found:
            list(export.steps())
        else:
            with pytest.raises(ExportError, match="no packet"):
                list(export.steps())
        assert export.packets == found
        export.drop()


def encrypted_capture(folder: Path) -> tuple[Path, Path, list[Conversation]]:
    """Two connections of TLS, their capture and their key log."""
    made: list[Conversation] = []
    frames: list[Frame] = []
    for number in range(2):
        conversation = Conversation()
        conversation.ask(b"GET /%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % number)
        conversation.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        made.append(conversation.close())
        frames += conversation.frames(ports=(50_000 + number, 443), start=10**18 + number * 10**9)
    capture, log = folder / "f.pcapng", folder / "keys"
    capture.write_bytes(pcapng(frames))
    log.write_bytes(b"".join(each.keys for each in made))
    return capture, log, made


def test_keys_go_along_where_they_are_asked_for_and_those_of_the_slice_alone(tmp_path: Path) -> None:
    capture, log, made = encrypted_capture(tmp_path)
    first, second = rows(capture)
    assert first.encrypted is not None
    path, _ = sliced([second], capture, keys=True, key_log=log)
    (again,) = rows(path)
    assert (again.status, again.body) == (200, b"ok")
    data = path.read_bytes()
    secrets = [[line.split()[2] for line in each.keys.split(b"\n") if line.count(b" ") == 2] for each in made]
    assert any(secret in data for secret in secrets[1])
    assert not any(secret in data for secret in secrets[0])
    without, _ = sliced([second], capture, key_log=log)
    assert not any(secret in without.read_bytes() for secret in secrets[1])
    # What is in a capture goes along in the same way.
    again_path, _ = sliced(rows(path), path, keys=True)
    assert [row.status for row in rows(again_path)] == [200]


def test_keys_in_a_capture_stay_behind_where_they_are_not_asked_for(tmp_path: Path) -> None:
    capture, log, made = encrypted_capture(tmp_path)
    with capture.open("ab") as file:
        PcapngWriter(file.write, goes_on=True).key_log(log.read_bytes())
    path, export = sliced(rows(capture), capture)
    assert export.packets
    secrets = [line.split()[2] for each in made for line in each.keys.split(b"\n") if line.count(b" ") == 2]
    assert not any(secret in path.read_bytes() for secret in secrets)


def test_a_secret_that_comes_is_looked_for_once_however_many_connections_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture, log, _ = encrypted_capture(tmp_path)
    with capture.open("ab") as file:
        for line in log.read_bytes().splitlines(keepends=True):
            PcapngWriter(file.write, goes_on=True).key_log(line)
    row = rows(capture)[1]
    tls = row.flow.tls
    assert tls is not None
    more = [replace(row, flow=replace(row.flow, tls=replace(tls, client_random=f"{each:064}"))) for each in range(50)]
    asked: list[bytes] = []

    class Asked(Secrets):
        def known(self, client_random: bytes) -> dict[bytes, bytes]:
            asked.append(client_random)
            return super().known(client_random)

    monkeypatch.setattr(slices, "Secrets", Asked)
    path, _ = sliced([row, *more], capture, keys=True)
    assert [row.status for row in rows(path)] == [200]
    assert set(asked) == {bytes.fromhex(tls.client_random)}


def test_keys_stand_before_the_packets_wherever_they_stood_in_the_capture(tmp_path: Path) -> None:
    capture, log, made = encrypted_capture(tmp_path)
    with capture.open("ab") as file:
        PcapngWriter(file.write, goes_on=True).key_log(log.read_bytes())
    path, export = sliced([rows(capture)[1]], capture, keys=True)
    assert export.packets
    data = path.read_bytes()
    hello = made[1].frames()[3].data[-40:]
    assert 0 < data.find(b"CLIENT_TRAFFIC_SECRET_0") < data.find(hello)
    assert data.count(b"CLIENT_TRAFFIC_SECRET_0") == 1


@pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")
def test_tshark_reads_it_and_opens_it_with_the_keys_in_it(tmp_path: Path) -> None:
    capture, log, _ = encrypted_capture(tmp_path)
    path, export = sliced([rows(capture)[1]], capture, keys=True, key_log=log)
    command = [str(TSHARK), "-n", "-r", str(path), "-T", "fields", "-e", "frame.number", "-e", "http.request.uri"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == export.packets
    assert [line.split("\t")[1] for line in lines if line.split("\t")[1]] == ["/1"]


def test_without_packets_it_says_the_way_on(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="record them"):
        SliceExport(Order(tmp_path / "s.pcapng", ExportOptions(), packets=Packets(why="record them with -w FILE.")))
    events = tmp_path / "f.ndjson"
    events.write_bytes(b'{"eventName":"net_packet_http_response"}\n')
    export = SliceExport(Order(tmp_path / "s.pcapng", ExportOptions(), packets=Packets((events,))))
    with pytest.raises(ExportError, match="holds events"):
        list(export.steps())
    export.drop()
    assert [path.name for path in tmp_path.iterdir()] == ["f.ndjson"]


def test_a_capture_that_does_not_hold_the_connection_is_said(tmp_path: Path) -> None:
    capture = tmp_path / "f.pcap"
    capture.write_bytes(pcap(framed(ethernet(each) for each in exchange(4)), 1))
    (row,) = rows(capture)
    export = SliceExport(Order(tmp_path / "s.pcapng", ExportOptions(), packets=Packets((capture,))))
    export.add(replace(row, flow=replace(row.flow, client_port=9)))
    with pytest.raises(ExportError, match="no packet"):
        list(export.steps())
    export.drop()
