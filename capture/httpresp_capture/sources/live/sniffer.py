"""Scapy's AsyncSniffer over our taps: its thread, its loop, and none of its dissection.

Its loop asks `select` of the first socket which sockets are ready, and gives each to the session's `recv`, which
drains it and returns no packets. EOFError takes a socket out of the loop, and the loop ends with the last. Our
`select` gives up after `PATIENCE` and names every socket, so that the clock is looked at on the same thread, and
so that a stop is heard; to say so it claims not to block (`nonblocking_socket`), which spares the control pipe.

AsyncSniffer keeps an exception to itself. None reaches it: `drain` is the border.
"""

import select
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from scapy.error import Scapy_Exception
from scapy.sendrecv import AsyncSniffer
from scapy.sessions import DefaultSession
from scapy.supersocket import SuperSocket

from httpresp_capture.sources.live.taps import Tap

__all__ = ["sniff"]

PATIENCE = 0.1
"""Seconds."""


class TapSocket(SuperSocket):
    """A tap in the shape that AsyncSniffer takes."""

    desc = "a tap of httpresp-tui"
    nonblocking_socket = True

    def __init__(self, tap: Tap) -> None:
        self.tap = tap

    def fileno(self) -> int:
        return self.tap.fileno()

    def close(self) -> None:
        """Left to the owner of the tap, who still reads its drops."""

    @staticmethod
    def select(sockets: list[Any], remain: float | None = None) -> list[Any]:
        """All of them when none is ready, for the sake of the clock. AsyncSniffer gives no time to `remain`."""
        return select.select(sockets, [], [], PATIENCE if remain is None else remain)[0] or sockets


class DrainSession(DefaultSession):
    """Drains instead of receiving."""

    def __init__(self, drain: Callable[[Tap], bool]) -> None:
        super().__init__()
        self._drain = drain

    def recv(self, sock: Any) -> Iterator[Any]:
        if not self._drain(sock.tap):
            raise EOFError
        return iter(())


def sniff(taps: Iterable[Tap], drain: Callable[[Tap], bool], stopping: threading.Event) -> None:
    """Give each tap that is ready to `drain`, on a thread of AsyncSniffer's, until `stopping` or until all are lost.

    `drain` returns False for a tap that is lost; it must not raise.
    """
    started = threading.Event()
    sniffer = AsyncSniffer(
        opened_socket=[TapSocket(tap) for tap in taps],
        session=DrainSession(drain),
        store=False,
        started_callback=started.set,
    )
    sniffer.start()
    thread = sniffer.thread
    assert thread is not None
    # A stop before the loop has begun would be forgotten by it.
    while not started.wait(0.05) and thread.is_alive():
        pass
    while thread.is_alive() and not stopping.wait(0.05):
        pass
    if thread.is_alive():
        with suppress(Scapy_Exception):  # It has ended meanwhile.
            sniffer.stop(join=False)
    sniffer.join()
    if sniffer.exception is not None:
        raise sniffer.exception
