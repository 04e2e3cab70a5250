"""Addresses of the internet: whose they are, and whether they lie in a network that an operator lists."""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Networks = tuple[IPv4Network | IPv6Network, ...]
LOOPBACK: Networks = (IPv4Network("127.0.0.0/8"), IPv6Network("::1"))
_HOME = 64  # bits of an IPv6 address that name a customer's network; in the rest a machine may be anything it likes


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
