"""The kernel's filter against three judges: libpcap, rules written out in Python, and the kernel itself."""

import ctypes
import ipaddress
import random
import socket
import struct
from collections.abc import Callable, Iterable

import pytest

from httpresp_capture.bpf import KEEP, KernelFilter, filter_for_rules, filter_for_text, libpcap
from httpresp_capture.bpf.assembler import Instruction
from httpresp_capture.bpf.body import TUNNEL_PORTS, TUNNEL_PROTOCOLS
from httpresp_capture.bpf.openings import assemble_openings
from httpresp_capture.records.errors import CaptureError

SYN, ACK, FIN, RST, PUSH = 0x02, 0x10, 0x01, 0x04, 0x08
CHOICES: tuple[tuple[tuple[int | str, ...], tuple[str, ...]], ...] = (
    ((), ()),
    ((80,), ()),
    ((80, 443, "8000-8100"), ()),
    ((), ("10.0.0.1",)),
    ((), ("10.0.0.0/8", "2001:db8::/33")),
    (("1-79", 8080), ("10.0.0.2", "2001:db8::6", "192.168.0.0/22")),
    (tuple(range(2, 700, 3)), ("::1", "0.0.0.0/0")),
)


def run(program: Iterable[Instruction], packet: bytes, ask: dict[int, int] | None = None) -> int:
    """A classic BPF machine, as in the paper of McCanne and Jacobson; a load beyond the end drops the packet."""
    program, asked, a, x, memory, at = tuple(program), ask or {}, 0, 0, [0] * 16, 0
    while True:
        code, yes, no, k = program[at]
        at += 1
        match code & 7:
            case 0:
                mode, size = code & 0xE0, {0: 4, 8: 2, 16: 1}[code & 0x18]
                place = k + (x if mode == 0x40 else 0)
                if mode == 0x00:
                    a = k
                elif mode == 0x60:
                    a = memory[k]
                elif mode == 0x80:
                    a = len(packet)
                elif k >= 0xFFFFF000:
                    a = asked[k - 0xFFFFF000]
                elif place + size > len(packet):
                    return 0
                else:
                    a = int.from_bytes(packet[place : place + size])
            case 1:
                if code & 0xE0 == 0xA0 and k >= len(packet):
                    return 0
                x = {0x00: k, 0x60: memory[k & 15], 0xA0: 4 * (packet[k] & 15) if code & 0xE0 == 0xA0 else 0}[
                    code & 0xE0
                ]
            case 2:
                memory[k] = a
            case 3:
                memory[k] = x
            case 4:
                value = x if code & 8 else k
                operations = {0x00: a + value, 0x10: a - value, 0x50: a & value}
                shifts = {0x60: a << (value & 31), 0x70: a >> (value & 31)}
                a = (operations | shifts)[code & 0xF0] & 0xFFFFFFFF
            case 5:
                value = x if code & 8 else k
                if code & 0xF0 == 0:
                    at += k
                else:
                    holds = {0x10: a == value, 0x20: a > value, 0x30: a >= value, 0x40: bool(a & value)}[code & 0xF0]
                    at += yes if holds else no
            case 6:
                return k
            case _:
                a, x = (x, x) if code & 0x80 else (a, a)


def tcp(source: int, target: int, flags: int, payload: bytes = b"", options: bytes = b"") -> bytes:
    return (
        struct.pack("!HHIIBBHHH", source, target, 1, 2, (20 + len(options)) // 4 << 4, flags, 9, 0, 0)
        + options
        + payload
    )


def ip4(
    inside: bytes,
    source: str = "10.0.0.1",
    target: str = "10.0.0.2",
    protocol: int = 6,
    options: bytes = b"",
    fragment: int = 0,
    length: int | None = None,
) -> bytes:
    whole = 20 + len(options) + len(inside) if length is None else length
    first = 0x40 | (20 + len(options)) // 4
    head = struct.pack("!BBHHHBBH", first, 0, whole, 7, fragment, 64, protocol, 0)
    return head + socket.inet_aton(source) + socket.inet_aton(target) + options + inside


def ip6(
    inside: bytes,
    source: str = "2001:db8::5",
    target: str = "2001:db8::6",
    header: int = 6,
    length: int | None = None,
) -> bytes:
    head = struct.pack("!IHBB", 0x6 << 28, len(inside) if length is None else length, header, 64)
    return head + socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, target) + inside


def random_packet(chance: random.Random) -> bytes:
    ports = [79, 80, 443, 7999, 8000, 8080, 8100, 8101, 65535]
    flags = chance.choice([ACK, ACK, ACK | PUSH, SYN, SYN | ACK, FIN | ACK, RST, 0])
    options = chance.choice([b"", b"", b"\x01\x01\x08\x0a" + bytes(8)])
    segment = tcp(chance.choice(ports), chance.choice(ports), flags, bytes(chance.choice([0, 0, 1, 30])), options)
    protocol = chance.choice([6, 6, 6, 6, 17, 1, 4, 47])
    length = chance.choice([None, None, None, 0, 40, 41])
    if chance.random() < 0.6:
        addresses = ["10.0.0.1", "10.0.0.2", "192.168.3.9", "192.168.4.1", "1.2.3.4"]
        source, target = chance.choice(addresses), chance.choice(addresses)
        extra = chance.choice([b"", b"", b"\x01\x01\x01\x00"])
        fragment = chance.choice([0, 0, 0, 0x4000, 0x2000, 0x2005, 7])
        packet = ip4(segment, source, target, protocol, extra, fragment, length)
    else:
        addresses = ["::1", "2001:db8::5", "2001:db8::6", "2001:db8:8000::1", "fe80::1"]
        packet = ip6(segment, chance.choice(addresses), chance.choice(addresses), protocol, length)
    packet += bytes(chance.choice([0, 0, 0, 6]))
    return packet[: chance.choice([len(packet), len(packet), len(packet), chance.randrange(len(packet) + 1)])]


def random_packets(count: int) -> list[bytes]:
    chance = random.Random(20)
    return [random_packet(chance) for _ in range(count)]


def expected(packet: bytes, ports: Iterable[int | str], hosts: Iterable[str]) -> bool:
    """The rules as one would say them, for whole packets without IPv6 extension headers."""
    version = packet[0] >> 4
    if version == 4:
        header, protocol = (packet[0] & 15) * 4, packet[9]
        addresses, end = (packet[12:16], packet[16:20]), struct.unpack_from("!H", packet, 2)[0]
        fragment = struct.unpack_from("!H", packet, 6)[0]
    else:
        header, protocol, fragment = 40, packet[6], 0
        addresses, end = (packet[8:24], packet[24:40]), struct.unpack_from("!H", packet, 4)[0]
        end = end and end + 40
    if protocol != 6:
        return False
    networks = [ipaddress.ip_network(host) for host in hosts]
    seen = [ipaddress.ip_address(address) for address in addresses]
    if networks and not any(address in network for address in seen for network in networks):
        return False
    if fragment & 0x1FFF:
        return True
    wanted = [range(int(str(p).split("-")[0]), int(str(p).split("-")[-1]) + 1) for p in ports]
    if wanted and not any(port in some for port in struct.unpack_from("!HH", packet, header) for some in wanted):
        return False
    payload = end - header - (packet[header + 12] >> 4) * 4
    return bool(fragment & 0x2000 or end == 0 or payload or packet[header + 13] & (SYN | FIN | RST))


def is_whole(packet: bytes) -> bool:
    return len(packet) >= 60 and packet[0] >> 4 in (4, 6)


@pytest.fixture
def libpcap_verdict() -> Callable[[bytes, bytes], bool]:
    """bpf_filter() of libpcap over packed instructions."""
    pcap = libpcap.library()
    if pcap is None:
        pytest.skip("libpcap is not installed")
    pcap.bpf_filter.restype = ctypes.c_uint
    pcap.bpf_filter.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint, ctypes.c_uint]
    return lambda program, packet: bool(pcap.bpf_filter(program, packet, len(packet), len(packet)))


def packed(program: Iterable[Instruction]) -> bytes:
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


@pytest.mark.parametrize(("ports", "hosts"), CHOICES)
def test_our_verdicts_are_those_of_libpcap_on_thousands_of_packets(
    ports: tuple[int | str, ...], hosts: tuple[str, ...], libpcap_verdict: Callable[[bytes, bytes], bool]
) -> None:
    ours = filter_for_rules(ports, hosts)
    body, theirs = packed(ours.body), packed(filter_for_text(ours.expression).body)
    verdicts: list[bool] = []
    for packet in random_packets(4_000):
        # Without ports, a segment too short to be judged is kept by ours, and libpcap's loads drop it.
        if not is_whole(packet):
            continue
        verdicts.append(libpcap_verdict(body, packet))
        assert verdicts[-1] == libpcap_verdict(theirs, packet), packet.hex()
    assert any(verdicts)
    assert not all(verdicts)


@pytest.mark.parametrize(("ports", "hosts"), CHOICES)
def test_our_verdicts_are_those_of_the_rules_in_plain_words(
    ports: tuple[int | str, ...], hosts: tuple[str, ...]
) -> None:
    body = filter_for_rules(ports, hosts).body
    for packet in filter(is_whole, random_packets(2_000)):
        assert bool(run(body, packet)) == expected(packet, ports, hosts), packet.hex()


def test_our_machine_and_that_of_libpcap_agree(libpcap_verdict: Callable[[bytes, bytes], bool]) -> None:
    some = [80], ["10.0.0.0/8", "2001:db8::5"]
    for filtered in (
        filter_for_rules(),
        filter_for_rules(*some, tunnels=True),
        filter_for_rules(quic=True),
        filter_for_rules(*some, tunnels=True, quic=True),
    ):
        for packet in random_packets(1_000):
            assert bool(run(filtered.body, packet)) == libpcap_verdict(packed(filtered.body), packet), packet.hex()


@pytest.mark.parametrize(
    ("kept", "packet"),
    [
        (True, ip4(tcp(80, 5000, SYN))),
        (True, ip4(tcp(80, 5000, FIN | ACK))),
        (True, ip4(tcp(80, 5000, RST))),
        (True, ip4(tcp(80, 5000, ACK, b"x"))),
        (False, ip4(tcp(80, 5000, ACK))),
        (False, ip4(tcp(80, 5000, ACK, options=b"\x01\x01\x08\x0a" + bytes(8)))),
        (False, ip4(tcp(80, 5000, ACK)) + bytes(6)),
        (True, ip4(tcp(80, 5000, ACK), length=0)),
        (False, ip6(tcp(80, 5000, ACK))),
        (True, ip6(tcp(80, 5000, ACK), length=0)),
        (True, ip6(tcp(80, 5000, ACK, b"x"))),
        (False, ip4(bytes(30), protocol=17)),
        (True, ip4(tcp(80, 5000, ACK)[:10])),
        (False, b"\x00\x01\x08\x00\x06\x04\x00\x01"),
    ],
)
def test_only_segments_that_tell_something_are_kept(kept: bool, packet: bytes) -> None:
    assert bool(run(filter_for_rules().body, packet)) is kept


OPTIONS, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION = 0, 43, 44, 51, 60


def extended(headers: Iterable[int], inside: bytes, last: int = 6) -> bytes:
    """An IPv6 packet with extension headers of 16 bytes each before what is inside."""
    after = last
    for header in reversed(tuple(headers)):
        length = 2 if header == AUTHENTICATION else 1
        inside = bytes((after, length)) + bytes(14) + inside
        after = header
    return ip6(inside, header=after)


@pytest.mark.parametrize("headers", [(OPTIONS,), (AUTHENTICATION,), (OPTIONS, DESTINATION, ROUTING, AUTHENTICATION)])
def test_ipv6_extension_headers_are_walked_to_the_segment(headers: tuple[int, ...]) -> None:
    body = filter_for_rules([80]).body
    assert run(body, extended(headers, tcp(80, 5000, ACK, b"x")))
    assert not run(body, extended(headers, tcp(80, 5000, ACK)))
    assert not run(body, extended(headers, tcp(81, 5000, ACK, b"x")))
    assert not run(body, extended(headers, tcp(80, 5000, ACK, b"x"), last=17))


def test_more_extension_headers_than_are_walked_keep_the_packet() -> None:
    assert run(filter_for_rules([80]).body, extended((DESTINATION,) * 5, tcp(81, 5000, ACK)))


def test_an_ipv6_fragment_is_judged_by_its_ports_if_it_has_them() -> None:
    body = filter_for_rules([80]).body
    first, later = bytes((6, 0, 0, 1)) + bytes(4), bytes((6, 0, 0, 9)) + bytes(4)
    assert run(body, ip6(first + tcp(80, 1, ACK), header=FRAGMENT))
    assert not run(body, ip6(first + tcp(81, 1, ACK), header=FRAGMENT))
    assert run(body, ip6(later + b"anything", header=FRAGMENT))
    assert not run(body, ip6(bytes((17, 0, 0, 9)) + bytes(12), header=FRAGMENT))


@pytest.mark.parametrize(
    "packet",
    [
        ip4(bytes(40), protocol=4),
        ip4(bytes(40), protocol=41),
        ip4(bytes(40), protocol=47),
        ip4(struct.pack("!HHHH", 50000, 4789, 40, 0) + bytes(32), protocol=17),
        ip4(struct.pack("!HHHH", 2152, 50000, 40, 0) + bytes(32), protocol=17),
        ip6(struct.pack("!HHHH", 50000, 6081, 40, 0) + bytes(32), header=17),
        ip6(bytes(40), header=41),
        *(ip4(bytes(40), protocol=protocol) for protocol in TUNNEL_PROTOCOLS),
        *(ip4(struct.pack("!HHHH", 50000, port, 40, 0) + bytes(32), protocol=17) for port in TUNNEL_PORTS),
    ],
)
def test_tunnels_are_kept_when_they_are_asked_for(packet: bytes) -> None:
    assert run(filter_for_rules([80], tunnels=True).body, packet)
    assert not run(filter_for_rules().body, packet)


def test_asking_for_tunnels_changes_nothing_for_tcp() -> None:
    plain, tunnels = filter_for_rules([80]).body, filter_for_rules([80], tunnels=True).body
    for packet in filter(is_whole, random_packets(1_000)):
        if packet[9 if packet[0] >> 4 == 4 else 6] == 6:
            assert bool(run(plain, packet)) == bool(run(tunnels, packet)), packet.hex()


def udp(source: int, target: int) -> bytes:
    return struct.pack("!HHHH", source, target, 40, 0) + bytes(32)


@pytest.mark.parametrize(
    ("packet", "kept", "kept_of_some"),
    [
        (ip4(udp(50000, 443), protocol=17), True, False),
        (ip4(udp(443, 50000), protocol=17), True, False),
        (ip4(udp(50000, 80), protocol=17), False, True),
        (ip4(udp(9005, 50000), protocol=17), False, True),
        (ip4(udp(9011, 50000), protocol=17), False, False),
        (ip4(udp(50000, 80), "192.168.3.9", "1.2.3.4", 17), False, False),
        (ip4(udp(50000, 443), protocol=17, fragment=0x2005), True, True),
        (ip6(udp(50000, 443), header=17), True, False),
        (ip6(udp(50000, 80), header=17), False, True),
        (ip6(udp(50000, 80), "::1", "fe80::1", 17), False, False),
        (ip4(bytes(40), protocol=47), False, False),
    ],
)
@pytest.mark.parametrize("tunnels", [False, True])
def test_quic_is_kept_when_it_is_asked_for(packet: bytes, kept: bool, kept_of_some: bool, tunnels: bool) -> None:
    some = filter_for_rules([80, "9000-9010"], ["10.0.0.0/8", "2001:db8::5"], tunnels, quic=True)
    is_tunnel = tunnels and packet[9] == 47
    assert bool(run(filter_for_rules(tunnels=tunnels, quic=True).body, packet)) is (kept or is_tunnel)
    assert bool(run(some.body, packet)) is (kept_of_some or is_tunnel)
    assert not run(filter_for_rules().body, packet)


def test_asking_for_quic_changes_nothing_for_tcp() -> None:
    plain, quic = filter_for_rules([80]).body, filter_for_rules([80], quic=True).body
    for packet in filter(is_whole, random_packets(1_000)):
        if packet[9 if packet[0] >> 4 == 4 else 6] == 6:
            assert bool(run(plain, packet)) == bool(run(quic, packet)), packet.hex()


def test_what_is_asked_of_quic_is_said() -> None:
    assert filter_for_rules(quic=True).words == "tcp, QUIC"
    assert filter_for_rules([80], tunnels=True, quic=True).words == "tcp port 80, tunnels, QUIC"
    assert "udp port 443" in filter_for_rules(quic=True).expression


def unpacked(program: bytes) -> list[Instruction]:
    return [Instruction(*values) for values in struct.iter_unpack("=HBBI", program)]


PROTOCOL, WAY, INTERFACE = 0, 4, 8
INCOMING, OUTGOING = 0, 4


def verdict(program: bytes, packet: bytes, protocol: int = 0x0800, way: int = INCOMING, interface: int = 1) -> int:
    return run(unpacked(program), packet, {PROTOCOL: protocol, WAY: way, INTERFACE: interface})


def test_a_second_and_a_third_tag_move_the_question() -> None:
    program, good, bad = filter_for_rules([80]).program(), ip4(tcp(80, 1, SYN)), ip4(tcp(81, 1, SYN))
    one, two = b"\x40\x07\x08\x00", b"\x00\x07\x81\x00\x60\x08\x08\x00"
    assert verdict(program, one + good, 0x8100) == KEEP + 4
    assert verdict(program, two + good, 0x88A8) == KEEP + 8
    assert not verdict(program, one + bad, 0x8100)
    assert not verdict(program, two + bad, 0x88A8)
    assert not verdict(program, b"\x40\x07\x08\x06" + good, 0x8100)
    assert verdict(program, good, 0x8100, way=OUTGOING) == KEEP


def test_what_is_not_ip_is_dropped_even_if_it_looks_so() -> None:
    assert not verdict(filter_for_rules().program(), ip4(tcp(80, 1, SYN)), protocol=0x8847)


def test_the_outgoing_copy_of_loopback_alone_is_dropped() -> None:
    packet = ip4(tcp(80, 1, SYN))
    for program in (filter_for_rules().program(loopback_index=1), filter_for_text("tcp").program(loopback_index=1)):
        assert not verdict(program, packet, way=OUTGOING, interface=1)
        assert verdict(program, packet, way=OUTGOING, interface=2)
        assert verdict(program, packet, interface=1)


def test_the_snap_length_is_what_the_program_returns() -> None:
    assert verdict(filter_for_rules().program(snap_length=96), ip4(tcp(80, 1, SYN))) == 96
    assert verdict(filter_for_text("tcp").program(), ip4(tcp(80, 1, SYN))) == KEEP


def test_free_text_is_compiled_for_packets_that_begin_at_the_ip_header() -> None:
    text = filter_for_text("tcp dst port 80 and src net 10.0.0.0/8")
    assert text.words == "tcp dst port 80 and src net 10.0.0.0/8"
    assert verdict(text.program(), ip4(tcp(5000, 80, ACK)))
    assert not verdict(text.program(), ip4(tcp(80, 5000, ACK)))
    assert verdict(text.program(), b"\x00\x07\x08\x00" + ip4(tcp(5000, 80, ACK)), protocol=0x8100)


@pytest.mark.parametrize(
    "text", ["tcp \udcff", "tcp porrt 80", "ether host 02:00:00:00:00:01", "tcp port", "udp and tcp["]
)
def test_what_libpcap_refuses_is_told_in_its_words(text: str) -> None:
    with pytest.raises(CaptureError, match=r"^-f '.+': \S.+\.\n") as refused:
        filter_for_text(text)
    assert f"'{text}'" in str(refused.value)


def test_without_libpcap_the_person_learns_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libpcap, "library", lambda: None)
    with pytest.raises(CaptureError, match="apt install libpcap"):
        filter_for_text("tcp")
    assert filter_for_rules([80]).program()


@pytest.mark.parametrize(
    ("ports", "hosts", "words"),
    [
        ((), (), "tcp"),
        ((80,), (), "tcp port 80"),
        (("8000-8100",), (), "tcp portrange 8000-8100"),
        (("80,443",), (), "tcp port (80 or 443)"),
        (("80,443,8000-8100",), (), "tcp and (port (80 or 443) or portrange 8000-8100)"),
        (("80,443",), ("10.0.0.1", "10.0.0.2"), "tcp and port (80 or 443) and host (10.0.0.1 or 10.0.0.2)"),
        ((80,), ("10.0.0.1",), "tcp and port 80 and host 10.0.0.1"),
        ((), ("10.1.2.3/8", "::1"), "tcp and (net 10.0.0.0/8 or host ::1)"),
    ],
)
def test_a_filter_is_told_in_the_words_of_tcpdump(
    ports: tuple[int | str, ...], hosts: tuple[str, ...], words: str
) -> None:
    assert filter_for_rules(ports, hosts).words == words
    assert filter_for_text(words).body


@pytest.mark.parametrize("port", ["http", "80-", "-80", "70000", "90-80", "", "٨٠"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(CaptureError, match="is no port"):
        filter_for_rules([port])


@pytest.mark.parametrize("host", ["example.com", "10.0.0.256", "10.0.0.0/33", ""])
def test_a_host_that_is_no_address_is_refused(host: str) -> None:
    with pytest.raises(CaptureError, match="is no address"):
        filter_for_rules(hosts=[host])


def test_more_than_the_kernel_takes_is_refused_with_a_way_on() -> None:
    with pytest.raises(CaptureError, match="ranges and networks"):
        filter_for_rules(range(1, 4_000, 2)).program()


@pytest.mark.skipif(not hasattr(socket, "AF_PACKET"), reason="filters are attached to sockets of Linux")
@pytest.mark.parametrize("filtered", [filter_for_rules(), filter_for_rules(range(1, 800, 2), ["::1"], tunnels=True)])
def test_the_kernel_accepts_the_program_and_judges_the_same(filtered: KernelFilter) -> None:
    """Over a pair of Unix sockets, which need no privilege; the body alone, since there is no protocol to ask for."""
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with left, right:
        right.setblocking(False)
        program = packed(filtered.body)
        held = ctypes.create_string_buffer(program, len(program))
        right.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HL", len(program) // 8, ctypes.addressof(held)))
        for packet in filter(None, random_packets(1_000)):
            left.send(packet)
            try:
                kept = bool(right.recv(65536))
            except BlockingIOError:
                kept = False
            assert kept == bool(run(filtered.body, packet)), packet.hex()


@pytest.mark.parametrize(
    ("flags", "kept"),
    [(SYN, True), (SYN | 0xC0, True), (SYN | ACK, False), (ACK, False), (FIN | ACK, False), (RST, False)],
)
def test_of_connections_that_are_opened_the_first_packet_alone_is_kept(flags: int, kept: bool) -> None:
    program = assemble_openings()
    segment = struct.pack(">HHIIBBHHH", 50_000, 443, 1, 0, 0x50, flags, 0, 0, 0)
    options = b"\x46" + struct.pack(">BHHHBBH", 0, 44, 1, 0, 64, 6, 0) + bytes(8) + bytes(4)
    plain = b"\x45" + struct.pack(">BHHHBBH", 0, 40, 1, 0x4000, 64, 6, 0) + bytes(8)
    six = b"\x60\0\0\0\0\x14\x06\x40" + bytes(32)
    for head, protocol in ((plain, 0x0800), (options, 0x0800), (six, 0x86DD)):
        assert bool(run(program, head + segment, {0: protocol})) is kept
        assert not run(program, head + segment, {0: 0x88CC})
    for place, value in ((9, 17), (7, 1)):  # UDP, and a later fragment.
        other = bytearray(plain + segment)
        other[place] = value
        assert not run(program, bytes(other), {0: 0x0800})
    assert not run(program, six[:6] + b"\x11" + six[7:] + segment, {0: 0x86DD})
