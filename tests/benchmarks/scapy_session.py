"""Scapy's own way to HTTP: every packet dissected, its TCPSession for reassembly."""

import sys

from scapy.layers.http import HTTPResponse
from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.sendrecv import sniff
from scapy.sessions import TCPSession


def main() -> int:
    """Read a capture and count the responses."""
    found = 0

    def count(packet: Packet) -> None:
        nonlocal found
        found += HTTPResponse in packet

    assert Ether is not None  # Its import is what tells Scapy how to read the link layer.
    sniff(offline=sys.argv[1], session=TCPSession, store=False, prn=count)
    print(found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
