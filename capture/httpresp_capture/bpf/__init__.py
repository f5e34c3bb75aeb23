"""Which packets the kernel hands over: `-p` and `--host` by a generator of our own, `-f` through libpcap.

    rules       what to keep, and how the command line names it
    body        rules → a program over packets that begin at the IP header
    libpcap     free text → the same
    cooked      that program → one for a packet socket: protocol, VLAN tags, loopback
    openings    the first packet of each connection alone, for a packet socket
    words       rules → tcpdump's language
    assembler   instructions and labels

Knows no socket: a filter is a value, and `sources.linux` attaches it.
"""

from collections.abc import Iterable

from httpresp_capture.bpf.assembler import Instruction, pack
from httpresp_capture.bpf.body import KEEP, assemble_body
from httpresp_capture.bpf.cooked import assemble_cooked
from httpresp_capture.bpf.libpcap import compile_text
from httpresp_capture.bpf.rules import Rules, parse_hosts, parse_ports
from httpresp_capture.bpf.words import describe, expression
from httpresp_capture.records.record import record

__all__ = ["KEEP", "KernelFilter", "Rules", "filter_for_rules", "filter_for_text", "parse_hosts", "parse_ports"]


@record
class KernelFilter:
    """A filter, ready to be attached."""

    words: str
    """What the top line says."""
    body: tuple[Instruction, ...]
    """For packets that begin at the IP header."""
    expression: str
    """For libpcap, where the system has no packet sockets."""

    def program(self, snap_length: int = KEEP, loopback_index: int | None = None) -> bytes:
        """For a cooked packet socket; with an index, without the outgoing copies of that loopback interface."""
        return pack(assemble_cooked(self.body, snap_length, loopback_index))


def filter_for_rules(
    ports: Iterable[int | str] = (), hosts: Iterable[str] = (), tunnels: bool = False, quic: bool = False
) -> KernelFilter:
    """TCP without bare ACKs, on some ports of some hosts."""
    rules = Rules(parse_ports(ports), parse_hosts(hosts), tunnels, quic)
    return KernelFilter(words=describe(rules), body=assemble_body(rules), expression=expression(rules))


def filter_for_text(text: str) -> KernelFilter:
    """What the person wrote, as it is."""
    return KernelFilter(words=text, body=compile_text(text, KEEP), expression=text)
