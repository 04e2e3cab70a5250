"""What an adapter's test class says of its vendor's wire, and what the contract's tests have at hand."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from app.domain.money import Money
from app.gateways import adapter
from app.gateways.base import (
    CheckoutRequest,
    Fact,
    Gateway,
    InboundCallback,
    RefundRequest,
)
from app.lib import clock
from kikao.testing.wire import PATIENT, SILENCES, Answer, Vendor, vendor

NOW = datetime(2026, 11, 20, 9, 30, 45, tzinfo=UTC)
REFERENCE = "KKAB23CDEF45"
PAYER = {"email": "wanjiru@example.org", "phone": "+254712345678", "name": "Wanjiru Otieno"}


@dataclass(frozen=True)
class News:
    """What a sample must be read as; `fact` None for news that says nothing about our money."""

    fact: Fact | None
    reference: str | None = None
    provider_ref: str | None = None
    echo: Mapping[str, str] | None = None


class AdapterCase(ABC):
    """One vendor's wire; what has no default here must be filled in."""

    code: ClassVar[str]
    environ: ClassVar[dict[str, str]]  # without the API base
    money: ClassVar[Money]  # an ordinary amount
    monies: ClassVar[list[Money]]  # amounts that must arrive as they were sent
    unfit: ClassVar[list[Money]]  # amounts the gateway does not take
    start_route: ClassVar[str]
    look_up_route: ClassVar[str]
    refund_route: ClassVar[str]
    provider_ref: ClassVar[str]
    charge_ref: ClassVar[str]
    refusals: ClassVar[dict[str, Answer]]  # of a start
    look_ups: ClassVar[dict[str, tuple[Answer, Any]]]
    news: ClassVar[dict[str, News]]  # sample file -> what it must be read as
    key_refusal: ClassVar[tuple[str, Answer]]  # when our keys are not taken: the route check() asks, and the answer
    public: ClassVar[tuple[str, ...]] = ()  # endings of variables that hold no secret

    # ------------------------------------------------------------------------------------------------ to fill in

    @abstractmethod
    def arrange(self, there: Vendor) -> None:
        """The vendor answers well to everything around a start, a look-up or a refund."""

    @abstractmethod
    def started(self, request: CheckoutRequest) -> dict[str, Any]:
        """The vendor's good answer to a start."""

    @abstractmethod
    def wrong_starts(self, request: CheckoutRequest) -> Iterator[dict[str, Any]]:
        """Answers of the right form that are about something else, or lack something."""

    def arrange_second_start(self, there: Vendor, request: CheckoutRequest) -> None:  # noqa: B027  (most need nothing)
        """After a start the vendor knows the payment."""

    @abstractmethod
    def payments_started(self, there: Vendor) -> int:
        """How many payments the vendor would have by what it was sent."""

    @abstractmethod
    def amount_sent(self, there: Vendor) -> Money:
        """The amount in the start the vendor got, in our units."""

    @abstractmethod
    def paid_news(self, money: Money) -> bytes:
        """The vendor's callback that this amount was paid."""

    @abstractmethod
    def sign(self, body: bytes) -> InboundCallback:
        """A callback as the vendor sends it."""

    @abstractmethod
    def forgeries(self, body: bytes) -> Iterator[InboundCallback]:
        """Callbacks the vendor did not send."""

    @abstractmethod
    def unknown_news(self) -> Iterator[bytes]:
        """Genuine callbacks of kinds we do not know."""

    # ------------------------------------------------------------------------------------------------ at hand

    @pytest.fixture(autouse=True)
    def _at_a_fixed_time(self) -> Iterator[None]:
        clock.use(lambda: NOW)
        yield
        clock.use(None)

    @pytest.fixture
    def there(self) -> Iterator[Vendor]:
        with vendor() as started:
            self.arrange(started)
            yield started

    @pytest.fixture
    def gateway(self, there: Vendor) -> Gateway:
        return self.build(there)

    def build(self, there: Vendor, timeout: tuple[float, float] = PATIENT, **changes: str) -> Gateway:
        kind: Any = adapter(self.code)
        environ = self.environ | {f"{self.code.upper()}_API_BASE": there.url} | changes
        return kind(kind.Settings.from_environment(environ), timeout=timeout, **self.options())

    def options(self) -> dict[str, Any]:
        return {}

    def request(self, **changes: Any) -> CheckoutRequest:
        plain = CheckoutRequest(
            reference=REFERENCE,
            idempotency_key="attempt-7f3a-start",
            money=self.money,
            description="Session with A. Mwangi",
            expires_at=NOW + timedelta(minutes=10),
            created_at=NOW,
            callback_url="https://kikao.example/callbacks/x/signed-token",
            return_url="https://kikao.example/pay/return/KKAB23CDEF45",
            cancel_url="https://kikao.example/pay/back/KKAB23CDEF45",
            **PAYER,
        )
        return replace(plain, **changes)

    def refund_request(self, **changes: Any) -> RefundRequest:
        plain = RefundRequest(
            refund_key="rf_91b2kikaokey",
            provider_ref=self.provider_ref,
            charge_ref=self.charge_ref,
            money=self.money,
            reason="the practitioner cancelled",
            callback_url="https://kikao.example/callbacks/x/refund-token",
        )
        return replace(plain, **changes)

    def sample(self, name: str) -> bytes:
        return (self.samples() / f"{name}.json").read_bytes()

    def samples(self) -> Path:
        """Where the vendor's news is kept: beside the test, in samples/<code>/."""
        return Path(inspect.getfile(type(self))).parent / "samples" / self.code

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        rows: dict[str, Any] = {
            "silence_at_start": sorted(SILENCES),
            "silence_at_look_up": sorted(SILENCES),
            "refusal": list(self.refusals),
            "state": list(self.look_ups),
            "name": list(self.news),
            "money": self.monies,
        }
        for word in rows.keys() & set(metafunc.fixturenames):
            metafunc.parametrize(word, rows[word], ids=str)
