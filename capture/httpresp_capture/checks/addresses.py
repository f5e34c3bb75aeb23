"""What kind of place an address is: this machine, a private network, or the open internet."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path

import publicsuffixlist
from publicsuffixlist import PublicSuffixList

_PRIVATE_4 = tuple(
    IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10")
)
"""RFC 1918, link-local (RFC 3927) and carrier-grade NAT (RFC 6598)."""
_PRIVATE_6 = (IPv6Network("fc00::/7"), IPv6Network("fe80::/10"))
"""Unique local (RFC 4193) and link-local addresses."""

_IPV4 = re.compile(r"(?:(?<=//)|(?<=@)|(?<![\w./-]))\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w.])")
_IPV6 = re.compile(r"(?<![\w:])f[cd][0-9a-f]{2}:[0-9a-f:]{2,35}", re.IGNORECASE)
_NAME = re.compile(
    r"(?<![\w.-])(?:[\w-]{1,63}\.){1,8}(?:svc\.cluster\.local|svc|internal|local|corp)(?![\w.-])", re.IGNORECASE
)


@lru_cache(4096)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_loopback(text: str) -> bool:
    """True for 127.0.0.0/8 and ::1."""
    address = _parsed(text)
    return address is not None and address.is_loopback


@lru_cache(4096)
def is_private(text: str) -> bool:
    """True for addresses that are not routed on the internet: RFC 1918, ULA, link-local. Loopback is not among them."""
    address = _parsed(text)
    if isinstance(address, IPv4Address):
        return any(address in network for network in _PRIVATE_4)
    return address is not None and any(address in network for network in _PRIVATE_6)


def is_public(text: str) -> bool:
    """True for an address that is neither private nor this machine, nor "any", nor a group."""
    address = _parsed(text)
    if address is None or address.is_loopback or address.is_unspecified or address.is_multicast:
        return False
    return not is_private(text)


def is_local(one: str, other: str) -> bool:
    """True when both ends are this machine, or both are private: the way between them is not the internet."""
    return (is_loopback(one) and is_loopback(other)) or (is_private(one) and is_private(other))


def internal_name(text: str) -> str:
    """The first private address or internal host name in a text; empty when there is none."""
    for match in _IPV4.finditer(text):
        if is_private(match[0]):
            return match[0]
    for pattern in (_IPV6, _NAME):
        if match := pattern.search(text):
            return match[0]
    return ""


_LONGEST_NAME = 253
"""RFC 1035 §2.3.4: 255 octets on the wire. What is longer is no name."""


@lru_cache(1)
def _suffixes() -> PublicSuffixList:
    """The public suffix list; reading it takes 30 ms, so it is read when the first domain is judged. Where its module
    stands is asked then: by its first path it may be out of reach, see `system.import_path`."""
    return PublicSuffixList(Path(publicsuffixlist.__file__).with_name("public_suffix_list.dat").read_bytes())


@lru_cache(4096)
def is_public_suffix(domain: str) -> bool:
    """True for a domain under which strangers register names: `co.uk`, `github.io`."""
    return len(domain) <= _LONGEST_NAME and _suffixes().is_public(domain)


@lru_cache(4096)
def site_of(host: str) -> str:
    """The registrable domain of a host; an address, and a public suffix itself, is its own site."""
    host = host_name(host).removesuffix(".")
    if _parsed(host) is not None or len(host) > _LONGEST_NAME:
        return host
    return _suffixes().privatesuffix(host) or host


def host_name(authority: str) -> str:
    """An authority without its port and brackets, lower case."""
    authority = authority.lower().strip()
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority if authority.count(":") > 1 else authority.partition(":")[0]
