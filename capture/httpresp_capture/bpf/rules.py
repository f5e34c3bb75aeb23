"""What the kernel is to keep: TCP on some ports of some hosts, and how `-p` and `--host` name them."""

import ipaddress
from collections.abc import Iterable

from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.record import record

__all__ = ["Network", "PortRange", "Rules", "parse_hosts", "parse_ports"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@record
class PortRange:
    """Ports from the first to the last, both included."""

    first: int
    last: int

    @property
    def words(self) -> str:
        """As tcpdump writes it."""
        return f"port {self.first}" if self.first == self.last else f"portrange {self.first}-{self.last}"


@record
class Rules:
    """TCP packets that carry something, to or from any of the ports and any of the hosts; none given means all."""

    ports: tuple[PortRange, ...] = ()
    hosts: tuple[Network, ...] = ()
    tunnels: bool = False
    """Keep whatever a tunnel carries as well: IP in IP, GRE, VXLAN, GTP-U and others. Not judged by port or host."""
    quic: bool = False
    """Keep UDP as well, on the same ports of the same hosts; on 443 where no port is given."""


def parse_ports(given: Iterable[int | str]) -> tuple[PortRange, ...]:
    """`80`, `8000-8100`, or several with commas between."""
    return tuple(_port_range(part.strip(), str(text)) for text in given for part in str(text).split(","))


def _port_range(part: str, text: str) -> PortRange:
    first, dash, last = part.partition("-")
    if not all(number.isascii() and number.isdigit() for number in ((first, last) if dash else (first,))):
        raise CaptureError(f"'{text}' is no port: give a number such as 80, or a range such as 8000-8100.")
    low, high = int(first), int(last if dash else first)
    if not 0 <= low <= high <= 65535:
        raise CaptureError(f"'{text}' is no port: a port is 0 to 65535, and a range begins with the lower one.")
    return PortRange(low, high)


def parse_hosts(given: Iterable[str]) -> tuple[Network, ...]:
    """Addresses or networks of either version. Names are refused: looking one up would send packets."""
    networks: list[Network] = []
    for text in given:
        try:
            networks.append(ipaddress.ip_network(text.strip(), strict=False))
        except ValueError:
            raise CaptureError(
                f"'{text}' is no address: give one such as 10.0.0.5 or 2001:db8::5, or a network such as 10.0.0.0/8. "
                "(Names are not looked up, since that would send packets.)"
            ) from None
    return tuple(networks)
