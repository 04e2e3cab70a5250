"""What is set for Stripe."""

import re
from dataclasses import dataclass, field

from app.gateways.base import SettingsMissing
from app.gateways.settings import GatewaySettings
from app.gateways.stripe.stripe_codes import slow_methods

LIVE = "https://api.stripe.com"
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True)
class StripeSettings(GatewaySettings):
    """STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET and, to try things out, STRIPE_API_BASE.

    STRIPE_SLOW_METHODS: ways to pay that settle days later. STRIPE_CHECKOUT_HOST: the account's own domain for its page.
    """

    prefix = "STRIPE"
    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    api_base: str = LIVE
    slow_methods: str = ""
    checkout_host: str = ""

    def __post_init__(self) -> None:
        """Raises SettingsMissing for what cannot be meant."""
        slow_methods(self.slow_methods)
        if not all(_HOST.fullmatch(each) for each in self.checkout_hosts):
            raise SettingsMissing("STRIPE_CHECKOUT_HOST must be a host name alone, such as pay.example.com")

    @property
    def checkout_hosts(self) -> list[str]:
        """The account's own domains of the page: two while one is changed, for pages that were opened before."""
        return [each.strip() for each in self.checkout_host.split(",")] if self.checkout_host else []

    @property
    def is_live(self) -> bool | None:
        """Whether the key is of Stripe's live mode (sk_live_…, rk_test_…); None where it does not say."""
        _, _, rest = self.secret_key.partition("_")
        return {"live": True, "test": False}.get(rest.partition("_")[0])
