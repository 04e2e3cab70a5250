"""Cards by Stripe: the adapter, what it sends, what it hears, and Stripe's own words."""

from app.gateways.stripe.stripe_gateway import StripeGateway
from app.gateways.stripe.stripe_settings import StripeSettings

__all__ = ["StripeGateway", "StripeSettings"]
