"""How a packet came to where it is being read: when, from where, and through what it was carried."""

from typing import Final, NamedTuple

TUNNELS: Final = (
    "vxlan", "vxlan-gpe", "geneve", "nsh", "gre", "pptp", "mpls", "gtp", "l2tp", "pppoe", "ipip", "6in4", "ip in udp",
    "teredo", "ayiya", "etherip", "erspan", "wccp", "tzsp",
)  # fmt: skip
"""The words of `Way.tunnel`; a number may follow."""


class PacketPath(NamedTuple):
    """Handed down while a frame is opened, layer by layer."""

    at: int
    """Time of capture, ns."""
    interface: str
    vlans: tuple[int, ...] = ()
    """VLAN ids, outermost first."""
    tunnel: str = ""
    """What carries it, outermost first, in words."""
    depth: int = 0
    cut: int = 0
    """Bytes that the snap length has cut off the end of the frame."""

    def into(self, tunnel: str) -> "PacketPath":
        """One tunnel further in."""
        inner = f"{self.tunnel} / {tunnel}" if self.tunnel else tunnel
        return PacketPath(self.at, self.interface, self.vlans, inner, self.depth + 1, self.cut)

    def tagged(self, vlans: tuple[int, ...]) -> "PacketPath":
        """Behind more VLAN tags."""
        return self._replace(vlans=self.vlans + vlans) if vlans else self

    @property
    def mark(self) -> bytes:
        """Tells apart what has the same addresses on another VLAN or in another tunnel."""
        if not self.vlans and not self.tunnel:
            return b""
        return b"".join(vlan.to_bytes(2, "big") for vlan in self.vlans) + self.tunnel.encode()

    @property
    def numbered(self) -> bool:
        """True where an overlay says by a number which network it carries: `vxlan 42`, `gre 7`.

        A label of MPLS has a meaning on one link only (RFC 3031 §3.1): the same packet has another one behind a router.
        """
        return any(" " in part and not part.startswith("mpls ") for part in self.tunnel.split(" / "))
