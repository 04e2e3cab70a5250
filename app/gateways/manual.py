"""Paying by other means: bank, till or cash. The payer is told what to do, and a person says whether the money came."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from app.domain.money import Money, MoneyError
from app.gateways import http
from app.gateways.base import (
    CallbackRejected,
    Capabilities,
    CheckoutRequest,
    Gateway,
    GatewayEvent,
    InboundCallback,
    Instructions,
    PaymentOutcome,
    Pending,
    RefundFailed,
    RefundOutcome,
    RefundRequest,
    RefundSupport,
    SettingsMissing,
)
from app.gateways.settings import GatewaySettings
from app.lib.refusals import Refusals


@dataclass(frozen=True)
class ManualSettings(GatewaySettings):
    """MANUAL_INSTRUCTIONS is what the payer reads; MANUAL_CURRENCIES says what the account behind it takes."""

    prefix: ClassVar[str] = "MANUAL"
    instructions: str
    currencies: str = "KES,INR,EUR,USD,GBP"

    @property
    def codes(self) -> frozenset[str]:
        """The currencies, checked. Raises SettingsMissing for what is no currency code."""
        return frozenset(self._read())

    def _read(self) -> Iterator[str]:
        for word in self.currencies.split(","):
            try:
                yield Money(0, word.strip()).currency
            except MoneyError as error:
                raise SettingsMissing(f"MANUAL_CURRENCIES: {error}") from None


class ManualGateway(Gateway):
    """Bank, till or cash: nobody is called, nothing is heard."""

    code = "manual"
    label = "Bank or cash"
    Settings = ManualSettings
    refusals = Refusals()
    capabilities = Capabilities(
        currencies=frozenset(), by_hand=True, repeatable_start=True, retryable_step=True, refunds=RefundSupport.NONE
    )

    def __init__(self, settings: ManualSettings) -> None:
        self._settings = settings
        self.capabilities = replace(self.capabilities, currencies=settings.codes)

    def start(self, request: CheckoutRequest) -> Instructions:
        """What to pay, how, and the reference by which it will be recognised; the same however often it is asked."""
        http.must_fit(self.capabilities, request.money)
        told = self._settings.instructions
        return Instructions(
            text=f"{told}\nAmount: {request.money}\nReference: {request.reference}",
            provider_ref=f"{self.code}-{request.reference}",
            # The parts, for pages that say amount and reference in the reader's own language.
            details={"instructions": told},
        )

    def read_callback(self, callback: InboundCallback) -> GatewayEvent | None:  # noqa: ARG002
        """Nobody sends any, so whatever comes is forged."""
        raise CallbackRejected("nobody reports payments by hand here")

    def look_up(self, provider_ref: str) -> PaymentOutcome:  # noqa: ARG002
        """Nobody can be asked: open until a person decides."""
        return Pending()

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """There is nowhere to send it to; a person pays it out."""
        return RefundFailed("paid out by hand", refund_key=request.refund_key)

    def check(self) -> list[str]:
        """There is nobody to reach and no key to try."""
        return []
