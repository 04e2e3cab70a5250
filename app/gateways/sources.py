"""Where a vendor's callbacks may come from: addresses and networks, as an operator lists them."""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from app.gateways.errors import SettingsMissing

Networks = tuple[IPv4Network | IPv6Network, ...]


def read_networks(text: str, variable: str) -> Networks:
    """The networks of a comma list; none of an empty one. Raises SettingsMissing, which names the variable."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    try:
        return tuple(ip_network(word) for word in words)
    except ValueError:
        raise SettingsMissing(f"{variable} must be addresses or networks such as 196.201.214.0/24") from None


def is_in(address: str | None, networks: Networks) -> bool:
    """Whether the address lies in one of the networks; nothing that is no address does."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped  # how a socket for both versions shows an IPv4 address
    return any(found in network for network in networks)
