"""The rules in tcpdump's language: short for the person, and exact for a system whose filter is libpcap's."""

from collections.abc import Iterable
from itertools import groupby

from httpresp_capture.bpf.body import EXTENSIONS, QUIC_PORT, TUNNEL_PORTS, TUNNEL_PROTOCOLS
from httpresp_capture.bpf.rules import Rules

__all__ = ["describe", "expression"]


def describe(rules: Rules) -> str:
    """What the top line says: `tcp port (80 or 8080)`. Leaves the bare ACKs unsaid, as nothing is lost with them."""
    ports = _listed(ports.words for ports in rules.ports)
    hosts = _listed(_hosts(rules, (4, 6)))
    if not ports and not hosts:
        words = "tcp"
    elif len(ports) == 1 and not hosts:
        words = f"tcp {ports[0]}"
    else:
        words = " and ".join(["tcp", *(_either(group) for group in (ports, hosts) if group)])
    more = [*(["tunnels"] if rules.tunnels else []), *(["QUIC"] if rules.quic else [])]
    return ", ".join([words, *more])


def expression(rules: Rules) -> str:
    """The same verdicts from libpcap, IPv6 extension headers aside: whatever has one is kept."""
    kept = [_version_4(rules), _version_6(rules)]
    if rules.tunnels:
        kept += [f"proto {protocol}" for protocol in TUNNEL_PROTOCOLS]
        kept += [f"udp port {port}" for port in TUNNEL_PORTS]
        kept.append("(ip proto 17 and ip[6:2] & 0x1fff != 0)")
    if rules.quic:
        ports = _either(f"udp {ports.words}" for ports in rules.ports) or f"udp port {QUIC_PORT}"
        hosts = _either(_hosts(rules, (4, 6)))
        kept.append(f"({ports} and {hosts})" if hosts else ports)
        kept.append("(ip proto 17 and ip[6:2] & 0x1fff != 0)")
    return _either(word for word in kept if word)


def _version_4(rules: Rules) -> str:
    hosts = _hosts(rules, (4,))
    if rules.hosts and not hosts:
        return ""
    judged = (
        "(ip[6:2] & 0x2000 != 0 or ip[2:2] = 0 or len < ((ip[0] & 0xf) << 2) + 14"
        " or ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0 or tcp[13] & 7 != 0)"
    )
    whole = " and ".join(filter(None, (_ports(rules), judged)))
    return " and ".join(filter(None, ("(ip proto 6", _either(hosts), f"(ip[6:2] & 0x1fff != 0 or ({whole})))")))


def _version_6(rules: Rules) -> str:
    hosts = _hosts(rules, (6,))
    if rules.hosts and not hosts:
        return ""
    judged = "(ip6[4:2] = 0 or len < 54 or ip6[4:2] - ((ip6[52] & 0xf0) >> 2) != 0 or ip6[53] & 7 != 0)"
    whole = " and ".join(filter(None, ("ip6[6] = 6", _ports(rules), judged)))
    deeper = " or ".join(f"ip6[6] = {header}" for header in (*EXTENSIONS, 44, 51))
    return " and ".join(filter(None, ("(ip6", _either(hosts), f"({deeper} or ({whole})))")))


def _ports(rules: Rules) -> str:
    return _either(f"tcp {ports.words}" for ports in rules.ports)


def _hosts(rules: Rules, versions: Iterable[int]) -> list[str]:
    return [
        f"host {network.network_address}" if network.prefixlen == network.max_prefixlen else f"net {network}"
        for network in rules.hosts
        if network.version in versions
    ]


def _listed(words: Iterable[str]) -> list[str]:
    """Ids behind a qualifier that is said once (pcap-filter(7)): `port 80`, `port 81` are `port (80 or 81)`."""
    pairs = [word.split(" ", 1) for word in words]
    return [
        f"{qualifier} {_either(pair[1] for pair in alike)}" for qualifier, alike in groupby(pairs, lambda pair: pair[0])
    ]


def _either(words: Iterable[str]) -> str:
    words = list(words)
    return words[0] if len(words) == 1 else f"({' or '.join(words)})" if words else ""
