"""The interfaces of this machine, for `-D`, for the picker, and for whoever typed one that does not exist.

psutil tells their addresses, flags and counters, and is loaded when it is asked: a capture begins without it. It does
not tell the default route, which /proc has on Linux and Scapy elsewhere, and cannot read a name that is no UTF-8:
beside such a one no addresses are known, of none of them.
"""

import importlib
import socket
import sys
from enum import StrEnum
from pathlib import Path

from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.record import record

__all__ = [
    "InterfaceInfo",
    "State",
    "default_routes",
    "describe_lines",
    "list_interfaces",
    "packet_counts",
    "rank",
]

ON_LINUX = sys.platform == "linux"
PROC = Path("/proc/net")
ADDRESSES = (socket.AF_INET, socket.AF_INET6)


class State(StrEnum):
    """Whether packets can come."""

    UP = "up"
    NO_LINK = "no link"
    """Switched on, and the cable or the access point is missing."""
    DOWN = "down"
    UNKNOWN = "state not told"


@record
class InterfaceInfo:
    """One interface, or `any`, that can be captured on."""

    name: str
    """May hold whatever bytes somebody gave it: for a terminal take `escaped`."""
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
    addresses, flags, counts, routes = _addresses(), _flags(), packet_counts(), default_routes()
    found = [
        InterfaceInfo(
            name=name,
            index=index,
            addresses=addresses.get(name, ()),
            state=_state(flags[name]) if name in flags else State.UNKNOWN,
            loopback="loopback" in flags.get(name, ()),
            default_route=name in routes[:1],
            packets=counts.get(name, 0),
        )
        for index, name in socket.if_nameindex()
    ]
    if ON_LINUX:
        everything = sum(interface.packets for interface in found)
        found.append(InterfaceInfo("any", 0, (), State.UP, packets=everything, note="all interfaces at once"))
    return sorted(found, key=rank)


def packet_counts() -> dict[str, int]:
    """Packets of each interface since it exists; cheap enough to be asked every second. Empty where not told."""
    import psutil

    try:
        told = psutil.net_io_counters(pernic=True, nowrap=False)
    except OSError:
        return {}
    return {name: counted.packets_sent + counted.packets_recv for name, counted in told.items()}


def default_routes() -> list[str]:
    """Names of the interfaces through which this machine reaches the rest of the world, the preferred one first."""
    if not ON_LINUX:
        return _route_of_scapy()
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


def describe_lines(interfaces: list[InterfaceInfo] | None = None) -> list[str]:
    """For `-D`: one line an interface, in columns."""
    known = list_interfaces() if interfaces is None else interfaces
    names = [escaped(interface.name) for interface in known]
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


def rank(interface: InterfaceInfo) -> tuple[bool, bool, bool, bool, int]:
    """What the list is sorted by."""
    return (
        not interface.default_route,
        interface.state is not State.UP,
        interface.index == 0,
        interface.loopback,
        interface.index,
    )


def _addresses() -> dict[str, tuple[str, ...]]:
    """Addresses of each interface, in the kernel's order; without the zone that a link-local one may come with."""
    import psutil

    try:
        told = psutil.net_if_addrs()
    except UnicodeError:
        return {}
    return {
        name: tuple(each.address.partition("%")[0] for each in found if each.family in ADDRESSES)
        for name, found in told.items()
    }


def _flags() -> dict[str, set[str]]:
    """The flags of each interface (IFF_ of netdevice(7)) in small letters."""
    import psutil

    try:
        told = psutil.net_if_stats()
    except UnicodeError:
        return {}
    return {name: set(each.flags.split(",")) for name, each in told.items()}


def _state(flags: set[str]) -> State:
    return State.DOWN if "up" not in flags else State.UP if "running" in flags else State.NO_LINK


def _route_of_scapy() -> list[str]:
    from httpresp_capture.sources.live.scapy_tap import quiet_scapy

    quiet_scapy()
    for what_fills_it in ("scapy.arch", "scapy.route"):
        importlib.import_module(what_fills_it)
    from scapy.config import conf

    return [str(conf.iface)] if conf.iface else []


def _lines(name: str) -> list[str]:
    try:
        return (PROC / name).read_text(errors="surrogateescape").splitlines()
    except OSError:
        return []
