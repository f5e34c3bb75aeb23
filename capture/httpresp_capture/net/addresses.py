"""IP addresses as text."""


def address_text(packed: bytes) -> str:
    """An address of 4 or 16 bytes. IPv4 is written here, since every connection has two and the library takes its
    time."""
    if len(packed) == 4:
        return f"{packed[0]}.{packed[1]}.{packed[2]}.{packed[3]}"
    from ipaddress import ip_address  # Loaded with the first address of IPv6.

    return str(ip_address(packed))
