"""Addresses of the internet as whose they are."""

from ipaddress import IPv6Address, ip_address, ip_network

_HOME = 64  # bits of an IPv6 address that name a customer's network; in the rest a machine may be anything it likes


def network_of(address: str) -> str:
    """What one customer of a provider has: the IPv4 address, or the /64 of an IPv6 address; other text as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((found, _HOME), strict=False))
