"""Where a vendor's callbacks may come from, as an operator lists it."""

from app.gateways.errors import SettingsMissing
from app.lib.network import addresses
from app.lib.network.addresses import Networks


def read_networks(text: str, variable: str) -> Networks:
    """The networks of a comma list; none where nothing is said. Raises SettingsMissing, which names the variable."""
    try:
        found = addresses.read(text)
    except ValueError:
        found = ()
    if text and not found:  # a comma alone would let everybody in
        raise SettingsMissing(f"{variable} must be addresses or networks such as 196.201.214.0/24")
    return found
