"""Where a vendor's callbacks may come from, as an operator lists it."""

from app.gateways.errors import SettingsMissing
from app.lib.network import addresses
from app.lib.network.addresses import Networks


def read_networks(text: str, variable: str) -> Networks:
    """The networks of a comma list; none of an empty one. Raises SettingsMissing, which names the variable."""
    try:
        return addresses.read(text)
    except ValueError:
        raise SettingsMissing(f"{variable} must be addresses or networks such as 196.201.214.0/24") from None
