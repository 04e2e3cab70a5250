"""Cards by Stripe: the adapter, what it sends, what it hears, and Stripe's own words."""

from app.gateways.stripe.stripe_gateway import StripeGateway, StripeSettings

__all__ = ["StripeGateway", "StripeSettings"]
