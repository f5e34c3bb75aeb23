"""Scapy's AsyncSniffer as it comes: `python -m benchmarks.plain_sniffer IFACE`, until SIGTERM; prints what it saw."""

import os
import signal
import sys
import threading

from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.sendrecv import AsyncSniffer


def main() -> int:
    """Count packets."""
    assert Ether is not None  # Its import is what tells Scapy how to read the link layer.
    seen = 0
    ended = threading.Event()

    def end(_number: int, _frame: object) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)

    def count(_: Packet) -> None:
        nonlocal seen
        seen += 1

    sniffer = AsyncSniffer(iface=sys.argv[1], store=False, prn=count)
    sniffer.start()
    while not ended.wait(0.2):
        pass
    print(seen, flush=True)
    return 0


if __name__ == "__main__":
    os._exit(main())  # Its thread may wait for a packet that never comes.
