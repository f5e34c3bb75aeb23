"""Systems without packet sockets of our own: Scapy's L2 listen socket, read raw.

Frames come with their link header and are not dissected. Their filter is libpcap's, given as text. Scapy is imported
when a socket is opened, and not before.
"""

import logging
import os
import select
from contextlib import suppress
from typing import Any

from httpresp_capture.bpf import KernelFilter
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.flow import Interface
from httpresp_capture.sources.live.taps import RAW_IP, Feed, TapLost

__all__ = ["ScapyTap", "quiet_scapy"]

LARGEST = 0x40000
FRAMES_AT_ONCE = 512
LINK_TYPES = {"Ether": 1, "CookedLinux": 113, "CookedLinuxV2": 276, "Loopback": 0, "LoopbackOpenBSD": 108, "IP": RAW_IP}
"""Scapy's class for what a socket gives: its LINKTYPE_ number."""


def quiet_scapy() -> None:
    """Before Scapy is imported: its warnings must not land on the screen, nor files of root in somebody's home."""
    logging.getLogger("scapy").setLevel(logging.CRITICAL)
    if hasattr(os, "geteuid") and os.geteuid() == 0 and os.environ.get("SUDO_UID"):
        os.environ.setdefault("XDG_CACHE_HOME", os.devnull)


class ScapyTap:
    """One of Scapy's sockets."""

    def __init__(self, interface: str, kernel_filter: KernelFilter, promiscuous: bool) -> None:
        quiet_scapy()
        from scapy.config import conf
        from scapy.error import Scapy_Exception
        from scapy.interfaces import resolve_iface

        device: Any = resolve_iface(interface)
        listen: Any = conf.L2listen or device.l2listen()
        try:
            self._socket: Any = listen(iface=device, promisc=promiscuous, filter=kernel_filter.expression)
        except (Scapy_Exception, ImportError) as error:
            raise CaptureError(f"cannot open {interface}: {error}.") from None
        link_type = LINK_TYPES.get(getattr(self._socket.LL, "__name__", ""), 1)
        self._interface = Interface(index=int(device.index), name=interface, link_type=link_type)
        self._dropped = 0

    @property
    def name(self) -> str:
        return self._interface.name

    def fileno(self) -> int:
        return int(self._socket.fileno())

    def drain(self, feed: Feed) -> int:
        newest = count = 0
        while self._buffered() or (count < FRAMES_AT_ONCE and select.select([self._socket], [], [], 0)[0]):
            count += 1
            try:
                _, frame, seconds = self._socket.recv_raw(LARGEST)
            except OSError as error:
                raise TapLost(f"The capture on {self.name} broke off: {error.strerror}.") from None
            if frame:
                newest = int(seconds * 1_000_000_000)
                feed(newest, frame, 0, len(frame), len(frame), self._interface, ())
        return newest

    def _buffered(self) -> int:
        """A BPF device gives several frames at a reading, and Scapy keeps those after the first."""
        buffered = getattr(self._socket, "buffered_frames", None)
        return buffered() if buffered is not None else 0

    def dropped(self) -> int:
        """BPF devices count from their opening on."""
        statistics = getattr(self._socket, "get_stats", None)
        total = (statistics()[1] if statistics is not None else 0) or 0
        more, self._dropped = total - self._dropped, total
        return more

    def shut(self) -> None:
        """These sockets have no such thing; what comes until they are closed is read."""

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()
