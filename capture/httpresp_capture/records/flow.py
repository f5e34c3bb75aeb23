"""Where a message came by: the interface, the connection, and the paths of its packets."""

from typing import Final

from httpresp_capture.records.record import record
from httpresp_capture.records.tls import Tls

TRANSPORTS: Final = {"TCP": 6, "UDP": 17}
"""Transport protocols of connections, and their numbers in the IP header (RFC 9293, RFC 768)."""


@record
class Interface:
    """Where packets come from: a network interface, or one interface of a capture file."""

    index: int
    name: str
    link_type: int
    """LINKTYPE_ number, as in https://www.tcpdump.org/linktypes.html."""


@record
class OtherPath:
    """Packets of a connection that were carried otherwise than its first one."""

    from_client: bool
    """The direction; what comes back may be carried as the first packet was."""
    vlan: tuple[int, ...]
    tunnel: str
    """As in `Flow`."""


@record
class Proxied:
    """What a PROXY header or a SOCKS handshake says of a connection beyond this one. Text from the wire, Latin-1.

    It is what the sender claims. An end of which nothing was said is empty, with port 0.
    """

    protocol: str
    """`PROXY v1`, `PROXY v2`, `SOCKS 4`, `SOCKS 4a` or `SOCKS 5`; several with ` / ` between, outermost first."""
    client: str = ""
    """Where the connection came from, before the proxy: an address, or the path of a UNIX socket."""
    client_port: int = 0
    server: str = ""
    """Where it was made to (PROXY), or shall go (SOCKS): an address, a path, or a host name."""
    server_port: int = 0

    def with_inner(self, inner: "Proxied") -> "Proxied":
        """With what was found behind it: who spoke first is nearer, so the inner one knows better."""
        client, client_port = (inner.client, inner.client_port) if inner.client else (self.client, self.client_port)
        server, server_port = (inner.server, inner.server_port) if inner.server else (self.server, self.server_port)
        return Proxied(f"{self.protocol} / {inner.protocol}", client, client_port, server, server_port)


@record
class Flow:
    """One connection, seen from its client."""

    id: int
    """Counts from 1 in the order of first packets."""
    client: str
    client_port: int
    server: str
    server_port: int
    interface: str
    """Name of the interface on which its first packet was captured."""
    opened_at: int
    """ns; the time of its first packet, SYN or not."""
    handshake_ns: int | None
    """SYN to SYN-ACK; None where either was not seen. (The final ACK carries nothing and is dropped in the kernel.)"""
    midstream: bool
    """True when the capture began after the connection did."""
    vlan: tuple[int, ...] = ()
    """VLAN ids, outermost first."""
    tunnel: str = ""
    """What carried it, outermost first, e.g. `vxlan 42` or `gre`; empty for none."""
    other_paths: tuple[OtherPath, ...] = ()
    """How else packets of it were carried: `vlan` and `tunnel` are those of its first packet."""
    proxied: Proxied | None = None
    """What a PROXY header or a SOCKS handshake at its beginning said."""
    transport: str = "TCP"
    """One of `TRANSPORTS`."""
    tls: Tls | None = None
    """What it showed of its TLS; None for one in clear."""

    @property
    def https(self) -> bool:
        """True when what is read on it came out of TLS."""
        return self.tls is not None and self.tls.is_read

    @property
    def real_client(self) -> str:
        """Address of the client that is farthest back: the one that a proxy names, else the one that opened it."""
        proxied = self.proxied
        return proxied.client if proxied is not None and proxied.client else self.client

    @property
    def real_client_port(self) -> int:
        """Its port."""
        proxied = self.proxied
        return proxied.client_port if proxied is not None and proxied.client else self.client_port

    @property
    def version(self) -> int:
        """IP version, 4 or 6."""
        return 6 if ":" in self.server else 4
