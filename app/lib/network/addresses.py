"""Addresses and networks as an operator lists them, and whether somebody's address lies in one."""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Networks = tuple[IPv4Network | IPv6Network, ...]
LOOPBACK: Networks = (IPv4Network("127.0.0.0/8"), IPv6Network("::1"))


def read(text: str) -> Networks:
    """The networks of a comma list; none of an empty one. Raises ValueError."""
    return tuple(ip_network(word.strip()) for word in text.split(",") if word.strip())


def holds(networks: Networks, address: str | None) -> bool:
    """Whether the address lies in one of the networks; nothing that is no address does."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped  # how a socket for both versions shows an IPv4 address
    return any(found in network for network in networks)
