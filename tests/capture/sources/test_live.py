"""The live source on real sockets: loopback, and a veth pair into a network namespace of its own."""

import ctypes
import http.server
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from functools import partial
from itertools import permutations
from pathlib import Path

import pytest

from capturing import needs_capture
from httpresp_capture.bpf import filter_for_rules
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.events import CaptureEvent, CaptureFailed, CaptureStatus, ResponseSeen
from httpresp_capture.records.flow import Interface
from httpresp_capture.sources.live import capture_loop as draining
from httpresp_capture.sources.live.interfaces import InterfaceInfo, State
from httpresp_capture.sources.live.linux import inner_tags
from httpresp_capture.sources.live.recorder import Recorder
from httpresp_capture.sources.live.refusals import is_down, no_permission, no_such_interface
from httpresp_capture.sources.live.scapy_tap import ScapyTap
from httpresp_capture.sources.live.source import LiveSource
from httpresp_capture.sources.live.taps import Feed, Interfaces, Tap

both_sockets = pytest.mark.parametrize("ring", [True, False], ids=["ring", "plain"])


class Kept(Pipeline):
    """Keeps what it is fed: time, frame, length on the wire, interface, VLAN ids."""

    __slots__ = ("frames",)

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[tuple[int, bytes, int, str, tuple[int, ...]]] = []

    def feed(
        self,
        at: int,
        buffer: bytes,
        start: int,
        end: int,
        wire_length: int,
        interface: Interface,
        vlans: tuple[int, ...] = (),
    ) -> None:
        self.frames.append((at, buffer[start:end], wire_length, interface.name, vlans))

    def take(self) -> list[CaptureEvent]:
        return []

    def counters(self) -> Counters:
        return Counters(packets=len(self.frames))

    def stream(self, source_port: int) -> bytes:
        """What a port sent over IPv4; no packet may be here twice."""
        frames = [frame for _, frame, *_ in self.frames]
        assert len(set(frames)) == len(frames)
        return stream(frames, source_port)


def stream(frames: list[bytes], source_port: int) -> bytes:
    """What a port sent, by sequence number: a busy machine sends a range again, and one segment before another."""
    parts: list[tuple[int, bytes]] = []
    first = -1
    for frame in frames:
        if frame[20:22] == source_port.to_bytes(2):
            start = int.from_bytes(frame[24:28]) + (frame[33] >> 1 & 1)  # a SYN takes a number
            first = start if first < 0 else first
            parts.append(((start - first) % 2**32, frame[20 + (frame[32] >> 4) * 4 :]))
    sent = bytearray()
    for at, payload in sorted(parts):
        assert at <= len(sent), "a hole"
        sent[at : at + len(payload)] = payload
    return bytes(sent)


def test_a_stream_is_put_together_in_whatever_order_it_was_seen() -> None:
    def segment(seq: int, payload: bytes, flags: int = 0x10) -> bytes:
        return (
            bytes(20)
            + (80).to_bytes(2)
            + bytes(2)
            + seq.to_bytes(4)
            + bytes((0, 0, 0, 0, 0x50, flags))
            + bytes(6)
            + payload
        )

    opened = segment(6, b"", 0x02)
    for frames in permutations([segment(7, b"abc"), segment(10, b"de"), segment(12, b"f"), segment(10, b"de")]):
        assert stream([opened, *frames], 80) == b"abcdef"
    with pytest.raises(AssertionError, match="a hole"):
        stream([opened, segment(7, b"abc"), segment(12, b"f")], 80)


class Running:
    """A source on a thread; `events` is whole once `end` has returned."""

    def __init__(self, source: LiveSource) -> None:
        self.events: list[CaptureEvent] = []
        self.source = source
        self.thread = threading.Thread(target=source.run, args=(self.events.extend,))
        self.thread.start()

    def end(self) -> list[CaptureEvent]:
        self.source.stop()
        return self.wait()

    def wait(self) -> list[CaptureEvent]:
        self.thread.join(timeout=180)
        assert not self.thread.is_alive()
        return self.events

    @property
    def failures(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, CaptureFailed)]


class Page(http.server.BaseHTTPRequestHandler):
    """Answers with as many bytes as the path says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"x" * int(self.path[1:])
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def serving(address: str = "127.0.0.1", family: int = socket.AF_INET) -> Generator[int]:
    class Server(http.server.ThreadingHTTPServer):
        address_family = socket.AddressFamily(family)

    with Server((address, 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def get(port: int, size: int, address: str = "127.0.0.1") -> bytes:
    with socket.create_connection((address, port), timeout=120) as client:
        client.sendall(b"GET /%d HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n" % size)
        return b"".join(iter(partial(client.recv, 65536), b""))


def last_status(events: list[CaptureEvent]) -> CaptureStatus:
    """The last event of all, which says that nothing follows."""
    last = events[-1]
    assert isinstance(last, CaptureStatus)
    assert last.ended
    assert not any(isinstance(event, CaptureStatus) and event.ended for event in events[:-1])
    return last


@needs_capture
@both_sockets
@pytest.mark.parametrize("interface", ["lo", "any"])
def test_each_packet_of_loopback_comes_once_and_bare_acks_do_not(interface: str, ring: bool) -> None:
    kept = Kept()
    with serving() as port:
        running = Running(LiveSource.open([interface], ports=[port], ring=ring, pipeline=kept, buffer_mb=4))
        answer = get(port, 10)
        events = running.end()
    assert kept.stream(port) == answer
    flags = [frame[33] & 0x07 or len(frame) - 20 - (frame[32] >> 4) * 4 for _, frame, *_ in kept.frames]
    assert all(flags), "a bare ACK came through"
    assert [name for _, _, _, name, _ in kept.frames] == ["lo"] * len(kept.frames)
    times = [at for at, *_ in kept.frames]
    # The kernel stamps a packet before it queues it: those of two processors may change places.
    assert min(times) > 1_700_000_000_000_000_000
    assert last_status(events).at in (times[-1], max(times))
    assert running.failures == []


@needs_capture
@both_sockets
def test_a_response_is_seen_by_the_whole_way(ring: bool) -> None:
    with serving() as port:
        running = Running(LiveSource.open(["lo"], ports=[port], ring=ring, buffer_mb=8))
        for size in (0, 10, 5_000, 2_000_000):
            get(port, size)
        events = running.end()
    seen = [event.response for event in events if isinstance(event, ResponseSeen)]
    assert [response.declared for response in seen] == [0, 10, 5_000, 2_000_000]
    assert {response.flow.interface for response in seen} == {"lo"}
    counters = last_status(events).counters
    assert (counters.responses, counters.kernel_drops, counters.gaps) == (4, 0, 0)


@needs_capture
@both_sockets
def test_frames_of_64_kb_are_whole(ring: bool) -> None:
    kept = Kept()
    with serving() as port:
        running = Running(LiveSource.open(["lo"], ports=[port], ring=ring, pipeline=kept, buffer_mb=16))
        answer = get(port, 1_000_000)
        running.end()
    assert kept.stream(port) == answer
    assert max(len(frame) for _, frame, *_ in kept.frames) > 32_000


@needs_capture
def test_what_stands_in_a_block_that_the_kernel_still_holds_is_read_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("httpresp_capture.sources.live.ring.RETIRE_MS", 600_000)
    kept = Kept()
    with serving() as port:
        running = Running(LiveSource.open(["lo"], ports=[port], ring=True, pipeline=kept, buffer_mb=16))
        answer = get(port, 3_000_000)
        running.end()
    assert kept.stream(port) == answer


@pytest.mark.slow
@needs_capture
def test_what_stands_in_such_a_block_is_read_when_the_interface_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("httpresp_capture.sources.live.ring.RETIRE_MS", 600_000)
    kept = Kept()
    with veth() as link:
        running = Running(LiveSource.open([link.name], ports=[18080], ring=True, pipeline=kept, buffer_mb=4))
        link.inject([tagged(tags, 18080) for tags in TAGS.values()])
        link.ip(f"link set {link.name} down")
        running.wait()
    assert [vlans for *_, vlans in kept.frames] == list(TAGS)


@needs_capture
@both_sockets
def test_the_snap_length_cuts_frames_and_tells_their_length(ring: bool) -> None:
    kept = Kept()
    with serving() as port:
        running = Running(LiveSource.open(["lo"], ports=[port], ring=ring, pipeline=kept, snaplen=96, buffer_mb=4))
        get(port, 5_000)
        running.end()
    assert max(len(frame) for _, frame, *_ in kept.frames) == 96
    assert all(length == int.from_bytes(frame[2:4]) for _, frame, length, *_ in kept.frames)


@needs_capture
@both_sockets
def test_ipv6_is_captured_too(ring: bool) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    with serving("::1", socket.AF_INET6) as port:
        running = Running(LiveSource.open(["lo"], hosts=["::1"], ports=[port], ring=ring, buffer_mb=4))
        get(port, 70, "::1")
        events = running.end()
    assert last_status(events).counters.responses == 1


@needs_capture
def test_free_text_filters_in_the_kernel() -> None:
    kept = Kept()
    with serving() as port:
        text = f"tcp src port {port} and tcp[tcpflags] & tcp-push != 0"
        source = LiveSource.open(["lo"], filter_text=text, pipeline=kept, buffer_mb=4)
        assert source.filter_text == text
        running = Running(source)
        answer = get(port, 10)
        running.end()
    assert kept.stream(port) == answer
    assert all(frame[20:22] == port.to_bytes(2) for _, frame, *_ in kept.frames)


@needs_capture
def test_a_stop_before_the_run_ends_it_at_once_with_what_was_there() -> None:
    kept = Kept()
    with serving() as port:
        source = LiveSource.open(["lo"], ports=[port], pipeline=kept, buffer_mb=4)
        answer = get(port, 10)
        source.stop()
        events = Running(source).wait()
    assert kept.stream(port) == answer
    assert last_status(events).counters.packets == len(kept.frames)


@needs_capture
@both_sockets
def test_the_filter_is_locked_and_a_tap_that_was_shut_takes_nothing_more(ring: bool) -> None:
    kept = Kept()
    with serving() as port:
        source = LiveSource.open(["lo"], ports=[port], pipeline=kept, buffer_mb=4, ring=ring)
        (tap,) = source._taps  # pyright: ignore[reportPrivateUsage]
        everything = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0xFFFF))
        other = socket.socket(fileno=os.dup(tap.fileno()))
        with other, pytest.raises(PermissionError):
            other.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HL", 1, ctypes.addressof(everything)))
        before = get(port, 10)
        tap.shut()
        get(port, 20)
        source.stop()
        Running(source).wait()
    assert kept.stream(port) == before


class Raising(Kept):
    __slots__ = ()

    def feed(self, *_: object, **__: object) -> None:
        raise ZeroDivisionError("on purpose")


@needs_capture
@both_sockets
def test_an_error_of_our_own_ends_the_capture_with_a_sentence(ring: bool) -> None:
    with serving() as port:
        running = Running(LiveSource.open(["lo"], ports=[port], ring=ring, pipeline=Raising(), buffer_mb=4))
        get(port, 10)
        events = running.wait()
    [message] = running.failures
    assert message.startswith(
        "An error of httpresp-tui itself ended the capture: ZeroDivisionError: on purpose at test_"
    )
    last_status(events)


@pytest.mark.slow
@needs_capture
@both_sockets
@pytest.mark.parametrize("interfaces", [("lo", "lo"), ("lo", "any"), ("any", "lo", "any")], ids=" ".join)
def test_an_interface_that_is_named_twice_gives_each_response_once(interfaces: tuple[str, ...], ring: bool) -> None:
    with serving() as port:
        running = Running(LiveSource.open(interfaces, ports=[port], ring=ring, buffer_mb=4))
        get(port, 10)
        events = running.end()
    assert running.source.label == ("any" if "any" in interfaces else "lo")
    (seen,) = [event.response for event in events if isinstance(event, ResponseSeen)]
    assert (seen.flow.interface, seen.stream) == ("lo", 1)
    assert last_status(events).counters.flows == 1


@pytest.mark.slow
@needs_capture
@both_sockets
def test_two_interfaces_are_read_into_one_capture(ring: bool) -> None:
    with veth() as link, serving() as port, serving(link.address) as other:
        running = Running(LiveSource.open(["lo", link.name, "lo"], ports=[port, other], ring=ring, buffer_mb=4))
        assert running.source.label == f"lo, {link.name}"
        get(port, 10)
        link.get(link.address, other)
        events = running.end()
    seen = [event.response for event in events if isinstance(event, ResponseSeen)]
    assert {response.flow.interface for response in seen} == {"lo", link.name}
    assert len(seen) == 2


@needs_capture
def test_packets_are_recorded_as_they_come(tmp_path: Path) -> None:
    from scapy.utils import RawPcapNgReader

    path, kept = tmp_path / "kept.pcapng", Kept()
    with serving() as port:
        source = LiveSource.open(["lo"], ports=[port], pipeline=kept, write_path=path, buffer_mb=4)
        source.begin()
        running = Running(source)
        get(port, 10)
        running.end()
    with RawPcapNgReader(str(path)) as reader:
        frames = [frame for frame, _ in reader]
    assert frames == [frame for _, frame, *_ in kept.frames]


@needs_capture
def test_a_recording_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    source = LiveSource.open(["lo"], write_path=tmp_path / "no" / "such" / "folder", buffer_mb=4)
    with pytest.raises(CaptureError, match=r"cannot write .*folder: No such file or directory\."):
        source.begin()
    events = Running(source).wait()
    assert next(event.message for event in events if isinstance(event, CaptureFailed)).startswith("cannot write")
    last_status(events)


def test_a_tagged_packet_is_recorded_with_its_tags(tmp_path: Path) -> None:
    from scapy.utils import RawPcapNgReader

    interface = Interface(index=3, name="eth0", link_type=101)
    recorder = Recorder(tmp_path / "tagged.pcapng")
    recorder.write(1_000_000_007, b"..E..", 2, 3, 40, interface, (5, 7))
    recorder.write(1_000_000_008, b"E", 0, 1, 1, interface, ())
    recorder.close(1_000_000_009, {"eth0": 4})
    with RawPcapNgReader(str(tmp_path / "tagged.pcapng")) as reader:
        (tagged, first), (plain, second) = list(reader)
    assert tagged == bytes(12) + b"\x81\x00\x00\x05\x81\x00\x00\x07\x08\x00E"
    assert (first.linktype, first.wirelen, first.tslow) == (1, 40 + 22, 1_000_000_007)
    assert (plain, second.linktype, second.ifname) == (b"E", 101, b"eth0")


@needs_capture
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_scapys_own_socket_serves_where_there_is_no_other() -> None:
    kept = Kept()
    with serving() as port:
        kernel_filter = filter_for_rules([port])
        with closing(ScapyTap("lo", kernel_filter, promiscuous=False)) as tap:
            taps: list[Tap] = [tap]
            running = Running(LiveSource(taps, kernel_filter, kept))
            answer = get(port, 10)
            running.end()
    # Scapy shows both copies of a loopback packet, those of one perhaps between those of another.
    ethernet = [frame[14:] for _, frame, *_ in kept.frames]
    assert stream(ethernet, port) == answer
    assert running.failures == []


class Link:
    """Our end of a veth pair; the other stands in a namespace."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.name, self.peer, self.space = f"ht{number}a", f"ht{number}b", f"ht{number}"
        self.address, self.other = "10.203.77.1", "10.203.77.2"

    def ip(self, words: str, inside: bool = False) -> None:
        prefix = ["ip", "-n", self.space] if inside else ["ip"]
        subprocess.run([*prefix, *words.split()], check=True, capture_output=True)

    def get(self, address: str, port: int) -> None:
        """Ask from inside the namespace."""
        request = (
            f"import socket; c = socket.create_connection(('{address}', {port}), 10);"
            "c.sendall(b'GET /10 HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n');"
            "assert c.recv(1000)\nwhile c.recv(1000): pass"
        )
        inside = ["ip", "netns", "exec", self.space, sys.executable, "-c", request]
        subprocess.run(inside, check=True, capture_output=True, timeout=120)

    def inject(self, frames: list[bytes]) -> None:
        """Put Ethernet frames on the wire from inside the namespace."""
        send = (
            "import socket, sys; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW);"
            f"s.bind(('{self.peer}', 0)); [s.send(bytes.fromhex(a)) for a in sys.argv[1:]]"
        )
        inside = ["ip", "netns", "exec", self.space, sys.executable, "-c", send, *(frame.hex() for frame in frames)]
        subprocess.run(inside, check=True, capture_output=True, timeout=120)


@contextmanager
def veth() -> Generator[Link]:
    link = Link(os.getpid() % 100_000)
    try:
        link.ip(f"netns add {link.space}")
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespaces here: {error}")
    try:
        link.ip(f"link add {link.name} type veth peer name {link.peer} netns {link.space}")
        link.ip(f"address add {link.address}/24 dev {link.name}")
        link.ip(f"link set {link.name} up")
        link.ip(f"address add {link.other}/24 dev {link.peer}", inside=True)
        link.ip(f"link set {link.peer} up", inside=True)
        yield link
    finally:
        subprocess.run(["ip", "link", "del", link.name], check=False, capture_output=True)
        link.ip(f"netns del {link.space}")


def tagged(tags: bytes, port: int, payload: bytes = b"x") -> bytes:
    """An Ethernet frame to everybody, its IPv4 packet under the tags, from a port of 10.9.9.1."""
    segment = struct.pack("!HHIIBBHHH", port, 5000, 1, 2, 0x50, 0x18, 9, 0, 0) + payload
    packet = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 7, 0, 64, 6, 0) + bytes((10, 9, 9, 1, 10, 9, 9, 2))
    return b"\xff" * 6 + b"\x02\0\0\0\0\1" + tags + b"\x08\x00" + packet + segment


TAGS = {
    (): b"",
    (5,): b"\x81\x00\x00\x05",
    (6,): b"\x88\xa8\xe0\x06",
    (5, 7): b"\x88\xa8\x00\x05\x81\x00\x40\x07",
    (5, 7, 9): b"\x88\xa8\x00\x05\x81\x00\x00\x07\x81\x00\x60\x09",
}


@pytest.mark.slow
@needs_capture
@both_sockets
@pytest.mark.parametrize("interface", ["here", "any"])
def test_vlan_tags_are_told_and_taken_off_at_any_depth(ring: bool, interface: str) -> None:
    kept = Kept()
    with veth() as link:
        name = link.name if interface == "here" else "any"
        running = Running(LiveSource.open([name], ports=[18080], ring=ring, pipeline=kept, buffer_mb=4))
        link.inject([tagged(tags, 18080) for tags in TAGS.values()])
        link.inject([tagged(tags, 18081) for tags in TAGS.values()])
        running.end()
    assert [vlans for _, _, _, name, vlans in kept.frames if name == link.name] == list(TAGS)
    plain = tagged(b"", 18080)[14:]
    assert [(frame, wire) for _, frame, wire, *_ in kept.frames] == [(plain, len(plain))] * len(TAGS)


@needs_capture
@both_sockets
def test_a_tagged_packet_on_its_way_out_begins_at_its_ip_header_too(ring: bool) -> None:
    kept = Kept()
    with veth() as link, socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        running = Running(LiveSource.open([link.name], ports=[18080], ring=ring, pipeline=kept, buffer_mb=4))
        sender.bind((link.name, 0))
        for tags in TAGS.values():
            sender.send(tagged(tags, 18080))
        running.end()
    plain = tagged(b"", 18080)[14:]
    assert [frame for _, frame, *_ in kept.frames] == [plain] * len(TAGS)


@pytest.mark.slow
@needs_capture
@both_sockets
@pytest.mark.parametrize(
    ("words", "ending"), [("link set {} down", "went down"), ("link del {}", "is gone")], ids=["down", "gone"]
)
def test_an_interface_that_leaves_is_said_and_what_was_captured_stays(ring: bool, words: str, ending: str) -> None:
    with veth() as link:
        with serving(link.address) as port:
            running = Running(LiveSource.open([link.name], ports=[port], ring=ring, buffer_mb=4))
            link.get(link.address, port)
        link.ip(words.format(link.name))
        events = running.wait()
    assert running.failures == [f"The interface {link.name} {ending}. What was captured stays."]
    assert last_status(events).counters.responses == 1


@needs_capture
@both_sockets
def test_an_interface_that_is_down_on_its_way_out_is_gone(ring: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    with veth() as link:
        index = socket.if_nametoindex(link.name)
        running = Running(LiveSource.open([link.name], ports=[80], ring=ring, buffer_mb=4))
        # Between the two steps of the kernel it is still known, or another one has its name.
        answers = iter((index, index, index + 1))

        def index_now(_: str) -> int:
            return next(answers)

        monkeypatch.setattr(socket, "if_nametoindex", index_now)
        link.ip(f"link set {link.name} down")
        running.wait()
        monkeypatch.undo()
    assert running.failures == [f"The interface {link.name} is gone. What was captured stays."]


@needs_capture
def test_the_capture_goes_on_while_one_interface_is_left() -> None:
    with veth() as link, serving() as port:
        running = Running(LiveSource.open([link.name, "lo"], ports=[port], buffer_mb=4))
        link.ip(f"link del {link.name}")
        lost = threading.Event()
        while not running.failures:
            lost.wait(0.01)
        get(port, 10)
        events = running.end()
    assert last_status(events).counters.responses == 1
    assert len(running.failures) == 1


class Script:
    """A tap that says what it was told to say; each step is one drain."""

    name = "made up"

    def __init__(self, steps: list[list[bytes]], drops: list[int]) -> None:
        self._steps, self._drops = list(steps), list(drops)
        self._interface = Interface(index=7, name=self.name, link_type=101)
        self._ready, self._far = socket.socketpair()
        self._far.send(b"always ready")
        self.ended = threading.Event()

    def fileno(self) -> int:
        return self._ready.fileno()

    def drain(self, feed: Feed) -> int:
        if not self._steps:
            self.ended.set()
            return 0
        for frame in self._steps.pop(0):
            feed(1_000, frame, 0, len(frame), len(frame), self._interface, ())
        return 1_000

    def dropped(self) -> int:
        return self._drops.pop(0) if self._drops else 0

    def shut(self) -> None: ...

    def close(self) -> None:
        self._ready.close()
        self._far.close()


class Ticked(Kept):
    """Keeps the times at which it was told that nothing comes."""

    __slots__ = ("finished", "ticks")

    def __init__(self) -> None:
        super().__init__()
        self.ticks: list[int] = []
        self.finished = 0

    def tick(self, at: int) -> None:
        self.ticks.append(at)

    def finish(self) -> None:
        self.finished += 1


def run_script(script: Script, pipeline: Pipeline, write_path: Path | None = None) -> Running:
    taps: list[Tap] = [script]
    running = Running(LiveSource(taps, filter_for_rules(), pipeline, write_path))
    assert script.ended.wait(180)
    running.end()
    return running


def test_what_the_kernel_dropped_is_added_up_to_the_end() -> None:
    events = run_script(Script([[b"one"], [b"two"]], [3, 4, 5]), Kept()).events
    found = [event.counters.kernel_drops for event in events if isinstance(event, CaptureStatus)]
    assert found == sorted(found)
    assert found[0] == 3
    assert found[-1] in (7, 12)
    assert last_status(events).counters.packets == 2


def test_when_nothing_comes_the_pipeline_is_told_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "TICK_EVERY", 0)
    pipeline = Ticked()
    run_script(Script([], []), pipeline)
    assert pipeline.ticks == sorted(pipeline.ticks)
    assert pipeline.ticks[0] > 1_700_000_000_000_000_000
    assert pipeline.finished == 1


def test_an_error_at_the_end_is_said_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def finish(_: Pipeline) -> None:
        raise KeyError("on purpose")

    monkeypatch.setattr(Ticked, "finish", finish)
    running = run_script(Script([[b"one"]], []), Ticked())
    [message] = running.failures
    assert "KeyError" in message
    last_status(running.events)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full, /dev/full")
def test_a_full_disk_ends_the_recording_and_not_the_capture() -> None:
    running = run_script(Script([[b"E" * 300_000], [b"two"]], []), Kept(), Path("/dev/full"))
    assert running.failures == ["Packets are no longer written to the file: No space left on device."]
    assert last_status(running.events).counters.packets == 2


def test_a_recording_ends_with_what_the_kernel_dropped(tmp_path: Path) -> None:
    path = tmp_path / "kept.pcapng"
    run_script(Script([[b"E"]], [3]), Kept(), path)
    name, received, dropped = b"made up", (4).to_bytes(8, "little"), (3).to_bytes(8, "little")
    written = path.read_bytes()
    assert name in written
    assert received + b"\x05\x00\x08\x00" + dropped in written


HERE = [
    InterfaceInfo("eth0", 2, ("10.0.0.5",), State.UP, default_route=True, packets=12_345),
    InterfaceInfo("lo", 1, ("127.0.0.1",), State.UP, loopback=True),
    InterfaceInfo("wlan0", 3, (), State.DOWN),
]


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
def test_a_missing_interface_is_refused_with_those_that_are_there() -> None:
    with pytest.raises(CaptureError, match=r"^no interface 'lo0'. Did you mean lo\?\n") as refused:
        LiveSource.open(["lo0"])
    assert "loopback" in str(refused.value)


def test_the_refusal_of_a_name_lists_and_asks() -> None:
    assert str(no_such_interface("elh0", HERE)) == (
        "no interface 'elh0'. Did you mean eth0?\n\n"
        "  The interfaces here:\n"
        "      eth0   up           12,345 packets  default route  10.0.0.5\n"
        "      lo     up                0 packets  loopback  127.0.0.1\n"
        "      wlan0  down              0 packets"
    )
    assert str(no_such_interface("\x1b[31m", [])).startswith("no interface '\\x1b[31m'.\n")


def test_an_interface_that_is_down_is_refused() -> None:
    assert str(is_down("wlan0")) == (
        "the interface wlan0 is down.\n\n  To bring it up:\n      sudo ip link set wlan0 up"
    )


def test_the_refusal_without_permission_shows_every_way_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/home/ann/.local/bin/httpresp-tui"])
    monkeypatch.setitem(sys.modules, "__main__", type(sys)("__main__"))
    assert str(no_permission(["wlan0"], "tcp")) == (
        "no permission to capture on wlan0 (CAP_NET_RAW is needed).\n"
        "\n"
        "  Once, as root; it gives root up as soon as the socket is open:\n"
        "      sudo /home/ann/.local/bin/httpresp-tui -i wlan0\n"
        "  Without root:\n"
        "      httpresp-tui --demo                                           sample traffic\n"
        "      httpresp-tui -r capture.pcap                                  a file\n"
        '      dumpcap -i wlan0 -f "tcp port 80" -w - | httpresp-tui -r -    in the group "wireshark"\n'
        "      ssh server sudo tcpdump -U -w - tcp port 80 | httpresp-tui -r -"
    )
    long = ["check", "-i", "wlan0", "-i", "lo", "-Y", "type:json&-host:cdn", "--baseline", "a.toml"]
    monkeypatch.setattr(sys, "argv", ["/home/ann/.local/bin/httpresp-tui", *long])
    assert (
        "\n      sudo /home/ann/.local/bin/httpresp-tui check -i wlan0 -i lo"
        " -Y 'type:json&-host:cdn' --baseline a.toml\n"
    ) in str(no_permission(["wlan0", "lo"], "tcp"))
    # What was chosen after the command line was typed is added to it.
    monkeypatch.setattr(sys, "argv", ["/bin/httpresp-tui", "-w", "my file.pcapng", "-c", "5"])
    assert "\n      sudo /bin/httpresp-tui -w 'my file.pcapng' -c 5 -i 'a b'\n" in str(no_permission(["a b"], "tcp"))
    assert "'tcp and (port 80 or port 81)'" in str(no_permission(["wlan0"], "tcp and (port 80 or port 81)"))
    # A command is captured wherever it speaks, and what stands behind the dashes is its own.
    monkeypatch.setattr(sys, "argv", ["/bin/httpresp-tui", "--json", "--", "curl", "-i", "http://a.example/"])
    assert "\n      sudo /bin/httpresp-tui --json -- curl -i http://a.example/\n" in str(no_permission(["any"], "tcp"))
    monkeypatch.setattr(sys, "argv", ["/bin/httpresp-tui", "--", "curl", "http://a.example/"])
    assert "\n      sudo /bin/httpresp-tui -- curl http://a.example/\n" in str(no_permission(["any"], "tcp"))


def test_free_text_beside_ports_is_refused() -> None:
    with pytest.raises(CaptureError, match="put the ports and hosts into it"):
        LiveSource.open(["lo"], filter_text="tcp", ports=[80])


def test_an_interface_that_vanished_keeps_its_name() -> None:
    names = {4: "eth4"}

    def name_of(index: int) -> str:
        try:
            return names[index]
        except KeyError:
            raise OSError from None

    interfaces = Interfaces(name_of)
    assert interfaces[4].name == "eth4"
    names.clear()
    assert interfaces[4].name == "eth4"
    assert interfaces[9].name == "interface 9"


IP4 = struct.pack("!BBHHHBBH8x", 0x45, 0, 2048, 7, 0, 64, 6, 0)
IP6 = struct.pack("!IHBB32x", 0x60000800, 2000, 6, 64)


@pytest.mark.parametrize("certain", [True, False])
@pytest.mark.parametrize(
    ("tags", "ids"),
    [
        (b"\x00\x07\x08\x00", (7,)),
        (b"\xff\xff\x81\x00\x00\x09\x86\xdd", (4095, 9)),
        (b"\x40\x07\x88\xa8\x60\x08\x81\x00\x00\x09\x08\x00", (7, 8, 9)),
    ],
)
def test_inner_tags_are_walked_to_the_packet(certain: bool, tags: bytes, ids: tuple[int, ...]) -> None:
    frame = b"..." + tags + IP4
    found = inner_tags(frame, 3, len(frame), len(tags) + 2048, certain)
    assert found == (3 + len(tags), ids)


@pytest.mark.parametrize(("packet", "length"), [(IP4, 2048), (IP6, 2040)])
def test_a_packet_that_looks_like_a_tag_is_known_by_its_length(packet: bytes, length: int) -> None:
    assert inner_tags(packet, 0, len(packet), length, certain=False) == (0, ())


@pytest.mark.parametrize("certain", [True, False])
def test_a_tag_that_is_cut_off_is_left_alone(certain: bool) -> None:
    assert inner_tags(b"\x00\x07\x08", 0, 3, 60, certain) == (0, ())
