"""From rules to a program that begins at the IP header.

What it keeps: TCP segments that carry bytes or open or close a connection. A bare ACK (no payload, no SYN, FIN or
RST) tells us nothing and is about half of all packets, so it ends here, in the kernel. What cannot be judged is kept:
fragments, packets too short to tell, IPv6 headers deeper than we walk, and lengths of 0 (the sender's card cuts such
a packet, so its length is not written yet).

Memory: M[0] holds where the IP packet ends, 0 when that is not known; M[1] is a short-term place.
"""

import ipaddress
from collections.abc import Iterable

from httpresp_capture.bpf import assembler as op
from httpresp_capture.bpf.assembler import Assembler, Instruction
from httpresp_capture.bpf.rules import PortRange, Rules

__all__ = ["KEEP", "TUNNEL_PORTS", "TUNNEL_PROTOCOLS", "assemble_body"]

KEEP = 0x40000
"""Bytes to keep of a packet: more than the largest."""
TUNNEL_PROTOCOLS = (4, 41, 47, 97, 115, 137)
"""IPv4 in IP, IPv6 in IP, GRE, EtherIP, L2TP, MPLS."""
TUNNEL_PORTS = (1701, 2152, 3544, 4754, 4789, 4790, 6081, 6635, 8472, 37008)
"""UDP ports of L2TP, GTP-U, Teredo, GRE, VXLAN and VXLAN-GPE, Geneve, MPLS, VXLAN as Linux had it, TZSP."""

QUIC_PORT = 443
"""Where it is spoken (RFC 9114 §3.1)."""
TCP, UDP, FRAGMENT, AUTHENTICATION = 6, 17, 44, 51
EXTENSIONS = (0, 43, 60)
"""Hop-by-hop options, routing, destination options: all in the one shape of RFC 6564."""
DEPTH = 4
"""IPv6 extension headers walked before we give up and keep the packet."""


def assemble_body(rules: Rules) -> tuple[Instruction, ...]:
    """The program for packets whose first byte is that of the IP header."""
    code = Assembler()
    code.emit(op.LOAD_BYTE, 0)
    code.emit(op.AND, 0xF0)
    code.branch(op.EQUAL, 0x40, yes="v4")
    code.branch(op.EQUAL, 0x60, yes="v6", no="drop")
    _version_4(code, rules)
    _version_6(code, rules)
    _segment(code, rules)
    code.label("keep")
    code.emit(op.RETURN, KEEP)
    code.label("drop")
    code.emit(op.RETURN, 0)
    return code.assemble()


def _version_4(code: Assembler, rules: Rules) -> None:
    """RFC 791 §3.1; leaves the offset of the TCP header in X."""
    code.label("v4")
    code.emit(op.LOAD_BYTE, 9)
    code.branch(op.EQUAL, TCP, yes="v4 tcp")
    if rules.tunnels:
        for protocol in TUNNEL_PROTOCOLS:
            code.branch(op.EQUAL, protocol, yes="keep")
    if rules.tunnels or rules.quic:
        code.branch(op.EQUAL, UDP, no="drop")
        code.emit(op.LOAD_HALF, 6)
        code.branch(op.ANY_BIT, 0x1FFF, yes="keep")
        code.emit(op.X_HEADER_LENGTH, 0)
        _datagram(code, rules, version=4, offsets=(12, 16))
    else:
        code.goto("drop")
    code.label("v4 tcp")
    if rules.hosts:
        _hosts(code, rules, version=4, offsets=(12, 16), found="v4 host")
    code.label("v4 host")
    code.emit(op.LOAD_HALF, 6)
    code.branch(op.ANY_BIT, 0x1FFF, yes="keep")
    code.branch(op.ANY_BIT, 0x2000, no="v4 whole")
    code.emit(op.LOAD_NUMBER, 0)
    code.goto("v4 end")
    code.label("v4 whole")
    code.emit(op.LOAD_HALF, 2)
    code.label("v4 end")
    code.emit(op.STORE, 0)
    code.emit(op.X_HEADER_LENGTH, 0)
    code.goto("tcp")


def _version_6(code: Assembler, rules: Rules) -> None:
    """RFC 8200 §3 and §4: walk the extension headers, the next header in A and its offset in X."""
    code.label("v6")
    code.emit(op.X_NUMBER, 40)
    code.emit(op.LOAD_BYTE, 6)
    for depth in range(DEPTH + 1):
        last = depth == DEPTH
        code.branch(op.EQUAL, TCP, yes="v6 tcp")
        code.branch(op.EQUAL, FRAGMENT, yes="v6 fragment")
        for header in EXTENSIONS:
            code.branch(op.EQUAL, header, yes="keep" if last else f"extension {depth}")
        code.branch(op.EQUAL, AUTHENTICATION, yes="keep" if last else f"authentication {depth}")
        if rules.tunnels:
            for protocol in TUNNEL_PROTOCOLS:
                code.branch(op.EQUAL, protocol, yes="keep")
        if rules.tunnels or rules.quic:
            code.branch(op.EQUAL, UDP, yes="v6 udp", no="drop")
        else:
            code.goto("drop")
        if last:
            break
        # RFC 4302 §2.2: the length of this one counts words of 4 bytes less 2, the others words of 8 less 1.
        for name, less, shift in (("authentication", 2, 2), ("extension", 1, 3)):
            code.label(f"{name} {depth}")
            code.emit(op.LOAD_BYTE_X, 0)
            code.emit(op.STORE, 1)
            code.emit(op.LOAD_BYTE_X, 1)
            code.emit(op.ADD, less)
            code.emit(op.SHIFT_LEFT, shift)
            code.emit(op.ADD_X)
            code.emit(op.TO_X)
            code.emit(op.LOAD_MEMORY, 1)
            if name == "authentication":
                code.goto(f"header {depth + 1}")
        code.label(f"header {depth + 1}")
    _fragment_6(code, rules)
    if rules.tunnels or rules.quic:
        code.label("v6 udp")
        _datagram(code, rules, version=6, offsets=(8, 24))
    code.label("v6 tcp")
    if rules.hosts:
        _hosts(code, rules, version=6, offsets=(8, 24), found="v6 host")
    code.label("v6 host")
    code.emit(op.LOAD_HALF, 4)
    code.branch(op.EQUAL, 0, yes="v6 end")
    code.emit(op.ADD, 40)
    code.label("v6 end")
    code.emit(op.STORE, 0)
    code.goto("tcp")


def _fragment_6(code: Assembler, rules: Rules) -> None:
    """RFC 8200 §4.5: the first fragment is judged by its ports, those after it are kept."""
    code.label("v6 fragment")
    code.emit(op.LOAD_BYTE_X, 0)
    kept = (TCP, AUTHENTICATION, *EXTENSIONS, *(TUNNEL_PROTOCOLS if rules.tunnels else ()))
    kept += (UDP,) if rules.tunnels or rules.quic else ()
    for header in kept:
        code.branch(op.EQUAL, header, yes="v6 fragment kept")
    code.goto("drop")
    code.label("v6 fragment kept")
    if rules.tunnels or rules.quic:
        code.branch(op.EQUAL, TCP, no="keep")
    if rules.hosts:
        _hosts(code, rules, version=6, offsets=(8, 24), found="v6 fragment host")
    code.label("v6 fragment host")
    code.emit(op.LOAD_HALF_X, 2)
    code.branch(op.ANY_BIT, 0xFFF8, yes="keep")
    code.emit(op.LOAD_BYTE_X, 0)
    code.branch(op.EQUAL, TCP, no="keep")
    code.emit(op.LOAD_NUMBER, 0)
    code.emit(op.STORE, 0)
    code.emit(op.TO_A)
    code.emit(op.ADD, 8)
    code.emit(op.TO_X)
    code.goto("tcp")


def _segment(code: Assembler, rules: Rules) -> None:
    """RFC 9293 §3.1, the offset of the header in X: ports, then whether it is a bare ACK."""
    if rules.quic:
        code.label("quic")
        _ports(code, rules.ports or (PortRange(QUIC_PORT, QUIC_PORT),), found="keep")
    code.label("tcp")
    if rules.ports:
        _ports(code, rules.ports, found="port")
        code.label("port")
    code.emit(op.LOAD_MEMORY, 0)
    code.branch(op.EQUAL, 0, yes="keep")
    # A load beyond the end would drop the packet unseen; kept, it is counted as malformed or cut.
    code.emit(op.LOAD_LENGTH)
    code.branch(op.NOT_LESS_X, 0, no="keep")
    code.emit(op.SUBTRACT_X)
    code.branch(op.NOT_LESS, 14, no="keep")
    code.emit(op.STORE_X, 1)
    code.emit(op.LOAD_BYTE_X, 12)
    code.emit(op.AND, 0xF0)
    code.emit(op.SHIFT_RIGHT, 2)
    code.emit(op.ADD_X)
    code.emit(op.X_MEMORY, 0)
    code.branch(op.EQUAL_X, 0, no="keep")
    code.emit(op.X_MEMORY, 1)
    code.emit(op.LOAD_BYTE_X, 13)
    code.branch(op.ANY_BIT, 0x07, no="drop")


def _datagram(code: Assembler, rules: Rules, version: int, offsets: tuple[int, int]) -> None:
    """RFC 768, the offset of the header in X: the port of a tunnel, or a host and a port of QUIC."""
    if rules.tunnels:
        for offset in (0, 2):
            code.emit(op.LOAD_HALF_X, offset)
            for port in TUNNEL_PORTS:
                code.branch(op.EQUAL, port, yes="keep")
    if not rules.quic:
        code.goto("drop")
    elif rules.hosts:
        _hosts(code, rules, version, offsets, found="quic")
    else:
        code.goto("quic")


def _ports(code: Assembler, several: Iterable[PortRange], found: str) -> None:
    """Go to `found` when either port is among these, else drop it; the offset of the header is in X."""
    for offset in (0, 2):
        code.emit(op.LOAD_HALF_X, offset)
        for index, ports in enumerate(several):
            if ports.first == ports.last:
                code.branch(op.EQUAL, ports.first, yes=found)
                continue
            below = f"below {found} {offset} {index}"
            code.branch(op.NOT_LESS, ports.first, no=below)
            code.branch(op.GREATER, ports.last, no=found)
            code.label(below)
    code.goto("drop")


def _hosts(code: Assembler, rules: Rules, version: int, offsets: tuple[int, int], found: str) -> None:
    """Go to `found` when the source or the destination is in one of the networks. X is left as it was."""
    networks = [network for network in rules.hosts if network.version == version]
    for offset in offsets:
        for index, network in enumerate(networks):
            other = f"{found} {offset} {index}"
            _network(code, network, offset, found, other)
            code.label(other)
    code.goto("drop")


def _network(
    code: Assembler,
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
    offset: int,
    found: str,
    other: str,
) -> None:
    address, mask = network.network_address.packed, network.netmask.packed
    for at in range(0, len(address), 4):
        bits = int.from_bytes(mask[at : at + 4])
        if bits:
            code.emit(op.LOAD_WORD, offset + at)
            if bits != 0xFFFFFFFF:
                code.emit(op.AND, bits)
            code.branch(op.EQUAL, int.from_bytes(address[at : at + 4]), no=other)
    code.goto(found)
