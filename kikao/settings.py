"""How a gateway's settings are read from the environment."""

from app.gateways.settings import GatewaySettings

__all__ = ["GatewaySettings"]
