"""The interfaces of this machine, for `-D`, for the picker, and for whoever typed one that does not exist.

Linux is asked by netlink and /proc; other systems through Scapy, which is imported only there.
"""

import importlib
import sys
from enum import StrEnum
from pathlib import Path

from httpresp_capture.records import record

__all__ = [
    "InterfaceInfo",
    "State",
    "default_routes",
    "describe_lines",
    "list_interfaces",
    "packet_counts",
    "shown",
]

ON_LINUX = sys.platform == "linux"
PROC = Path("/proc/net")
UP, LOOPBACK, CARRIER = 0x1, 0x8, 0x10000


class State(StrEnum):
    """Whether packets can come."""

    UP = "up"
    NO_LINK = "no link"
    """Switched on, and the cable or the access point is missing."""
    DOWN = "down"


@record
class InterfaceInfo:
    """One interface, or `any`, that can be captured on."""

    name: str
    """May hold whatever bytes somebody gave it: for a terminal take `shown`."""
    index: int
    addresses: tuple[str, ...]
    state: State
    loopback: bool = False
    default_route: bool = False
    packets: int = 0
    """Received and sent since it exists."""
    note: str = ""

    @property
    def remark(self) -> str:
        """What makes it special, in a word or two."""
        return self.note or ("default route" if self.default_route else "loopback" if self.loopback else "")


def list_interfaces() -> list[InterfaceInfo]:
    """The default route first, then what is up, loopback, `any` (where there is such a thing), and what is down."""
    found = _of_linux() if ON_LINUX else _of_scapy()
    return sorted(found, key=_rank)


def packet_counts() -> dict[str, int]:
    """Packets of each interface since it exists; cheap enough to be asked every second. Empty where not known."""
    try:
        lines = (PROC / "dev").read_text(errors="surrogateescape").splitlines()[2:]
    except OSError:
        return {}
    counts: dict[str, int] = {}
    for line in lines:
        name, _, numbers = line.rpartition(":")
        columns = numbers.split()
        counts[name.strip()] = int(columns[1]) + int(columns[9])
    return counts


def default_routes() -> list[str]:
    """Names of the interfaces through which this machine reaches the rest of the world, the preferred one first."""
    found: list[tuple[int, str]] = []
    for line in _lines("route")[1:]:
        name, destination, _, flags, _, _, metric, mask, *_ = line.split()
        if destination == mask == "00000000" and int(flags, 16) & 1:
            found.append((int(metric), name))
    for line in _lines("ipv6_route"):
        destination, length, _, _, _, metric, _, _, flags, name = line.split()
        # The flag is RTF_REJECT: the kernel keeps such a route to nowhere on loopback.
        if destination == "0" * 32 and length == "00" and not int(flags, 16) & 0x200:
            found.append((int(metric, 16), name))
    return list(dict.fromkeys(name for _, name in sorted(found)))


def shown(name: str) -> str:
    """A name that may stand in a message: what a terminal would act on is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in name)


def describe_lines(interfaces: list[InterfaceInfo] | None = None) -> list[str]:
    """For `-D`: one line an interface, in columns."""
    known = list_interfaces() if interfaces is None else interfaces
    names = [shown(interface.name) for interface in known]
    width = max((len(name) for name in names), default=0)
    states = max((len(interface.state) for interface in known), default=0)
    return [
        "  ".join(
            filter(
                None,
                (
                    name.ljust(width),
                    interface.state.ljust(states),
                    f"{interface.packets:>13,} packets",
                    interface.remark,
                    ", ".join(interface.addresses),
                ),
            )
        )
        for name, interface in zip(names, known, strict=True)
    ]


def _rank(interface: InterfaceInfo) -> tuple[bool, bool, bool, bool, int]:
    return (
        not interface.default_route,
        interface.state is not State.UP,
        interface.index == 0,
        interface.loopback,
        interface.index,
    )


def _of_linux() -> list[InterfaceInfo]:
    from httpresp_capture.sources import netlink

    addresses, counts, routes = netlink.addresses(), packet_counts(), default_routes()
    found = [
        InterfaceInfo(
            name=link.name,
            index=link.index,
            addresses=tuple(addresses.get(link.index, ())),
            state=State.DOWN if not link.flags & UP else State.UP if link.flags & CARRIER else State.NO_LINK,
            loopback=bool(link.flags & LOOPBACK),
            default_route=link.name in routes[:1],
            packets=counts.get(link.name, 0),
        )
        for link in netlink.links()
    ]
    everything = sum(interface.packets for interface in found)
    return [*found, InterfaceInfo("any", 0, (), State.UP, packets=everything, note="all interfaces at once")]


def _of_scapy() -> list[InterfaceInfo]:
    from httpresp_capture.sources.other import quiet_scapy

    quiet_scapy()
    importlib.import_module("scapy.arch")  # What fills `conf.ifaces`.
    from scapy.config import conf

    route = str(conf.iface)
    return [
        InterfaceInfo(
            name=str(device.name),
            index=int(device.index),
            addresses=tuple(str(address) for family in (4, 6) for address in device.ips.get(family, ())),
            state=State.UP if device.is_valid() else State.DOWN,
            loopback=bool(int(device.flags) & LOOPBACK),
            default_route=str(device.name) == route,
        )
        for device in conf.ifaces.values()
    ]


def _lines(name: str) -> list[str]:
    try:
        return (PROC / name).read_text(errors="surrogateescape").splitlines()
    except OSError:
        return []
