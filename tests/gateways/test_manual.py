"""Bank, till or cash, by the contract. There is no vendor behind it: what the contract asks of a wire is asked of none."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.domain.money import Money
from app.gateways import build, configured
from app.gateways.base import (
    CallbackRejected,
    CheckoutRequest,
    Gateway,
    InboundCallback,
    Instructions,
    Pending,
    RefundFailed,
    SettingsMissing,
)
from app.gateways.manual import ManualGateway, ManualSettings
from kikao.testing.contract import PAYER, REFERENCE, GatewayContract
from kikao.testing.wire import PATIENT, Answer, Vendor

TOLD = "Pay to till 123456 and give the reference."
KES = Money(150_000, "KES")
BODY = b'{"paid": true}'


class TestManualContract(GatewayContract):
    code = "manual"
    environ = {"MANUAL_INSTRUCTIONS": TOLD, "MANUAL_CURRENCIES": "KES, EUR"}  # noqa: RUF012
    public = ("_INSTRUCTIONS", "_CURRENCIES")
    money = KES
    monies = [KES, Money(1, "EUR"), Money(123_456_789, "KES")]  # noqa: RUF012
    unfit = [Money(0, "KES"), Money(-5, "KES"), Money(100, "INR")]  # noqa: RUF012
    start_route = look_up_route = refund_route = ""
    provider_ref = f"manual-{REFERENCE}"
    charge_ref = f"manual-{REFERENCE}"
    refusals = {}  # noqa: RUF012
    look_ups = {"whatever became of it": (Answer(), Pending())}  # noqa: RUF012
    news = {}  # noqa: RUF012
    key_refusal = ("", Answer(status=401))

    # ------------------------------------------------------------------------------------------------ no wire

    def build(self, there: Vendor, timeout: tuple[float, float] = PATIENT, **changes: str) -> Gateway:  # noqa: ARG002
        return ManualGateway(ManualSettings.from_environment(self.environ | changes))

    def arrange(self, there: Vendor) -> None:
        """Nobody is asked, so nobody answers."""

    def started(self, request: CheckoutRequest) -> dict[str, Any]:  # noqa: ARG002
        return {}

    def wrong_starts(self, request: CheckoutRequest) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        yield from ()

    def payments_started(self, there: Vendor) -> int:
        assert there.seen == []
        return 1  # the reference is the payment: it stays the same however often it is told

    def amount_sent(self, there: Vendor) -> Money:  # noqa: ARG002
        raise AssertionError("a payment by hand sends nothing, so no test may ask what was sent")

    def paid_news(self, money: Money) -> bytes:  # noqa: ARG002
        return BODY

    def sign(self, body: bytes) -> InboundCallback:
        return InboundCallback(body, {"content-type": "application/json"}, REFERENCE)

    def forgeries(self, body: bytes) -> Iterator[InboundCallback]:
        yield InboundCallback(body, {})
        yield self.sign(body)

    def unknown_news(self) -> Iterator[bytes]:
        yield from ()

    # ------------------------------------------------------------------------------------------------ what it means here

    def test_a_start_without_a_clear_answer_is_unknown(self, gateway: Gateway, there: Vendor) -> None:
        """A start needs no answer: nobody is asked."""
        assert isinstance(gateway.start(self.request()), Instructions)
        assert there.seen == []

    def test_a_look_up_without_a_clear_answer_is_unknown_and_never_failed(
        self, gateway: Gateway, there: Vendor
    ) -> None:
        """Nor is anybody asked what became of it."""
        assert gateway.look_up("manual-of-nobody") == Pending()
        assert there.seen == []

    def test_of_a_vendor_that_cannot_be_reached_it_is_certain_that_nothing_was_sent(self, gateway: Gateway) -> None:
        """There is none to reach, so a start does not fail for it."""
        assert isinstance(gateway.start(self.request()), Instructions)

    def test_a_call_that_is_turned_away_unread_was_not_sent(self, gateway: Gateway) -> None:
        """Nor one to turn it away."""
        assert gateway.start(self.request()) == gateway.start(self.request())

    @pytest.mark.parametrize("status", [301])
    def test_a_redirect_is_no_answer_and_the_other_host_is_never_asked(
        self, gateway: Gateway, there: Vendor, status: int
    ) -> None:
        """Nor one to point elsewhere."""
        there.on("GET /", Answer(b"", status, {"Location": "/elsewhere"}))
        assert isinstance(gateway.start(self.request()), Instructions)
        assert there.seen == []

    def test_an_explicit_no_is_refused(self, gateway: Gateway) -> None:
        """Nobody is there to say no; what the account does not take is refused (`unfit`), everything else is told."""
        assert all(gateway.start(self.request(money=money)).provider_ref for money in self.monies)

    def test_a_start_is_refused_when_the_vendor_does_not_take_our_keys(self, gateway: Gateway) -> None:
        """There are no keys: whatever stands in the environment besides, the start is the same."""
        other = self.build(None, MANUAL_SECRET_KEY="wrong")  # type: ignore[arg-type]
        assert other.start(self.request()) == gateway.start(self.request())

    def test_a_look_up_is_unknown_when_the_vendor_does_not_take_our_keys(self, gateway: Gateway) -> None:
        assert gateway.look_up(self.provider_ref) == Pending()

    def test_a_check_complains_in_a_sentence_about_keys_and_about_silence(self, gateway: Gateway) -> None:
        assert gateway.check() == []

    def test_the_amount_that_is_sent_is_the_amount_that_was_asked(
        self, gateway: Gateway, there: Vendor, money: Money
    ) -> None:
        """The payer reads the amount, the reference and the installation's own words, and nothing else is sent anywhere."""
        step = gateway.start(self.request(money=money))
        assert isinstance(step, Instructions)
        assert step.text == f"{TOLD}\nAmount: {money}\nReference: {REFERENCE}"
        assert step.details["instructions"] == TOLD
        assert not any(value in step.text for value in PAYER.values())
        assert there.seen == []

    def test_the_amount_in_the_news_is_the_amount_that_was_paid(self, gateway: Gateway, money: Money) -> None:
        """No news from outside is ever believed, whatever amount it names."""
        with pytest.raises(CallbackRejected):
            gateway.read_callback(self.sign(b'{"amount": %d}' % money.amount))

    def test_a_sample_is_read_as_what_it_means(self, gateway: Gateway) -> None:
        with pytest.raises(CallbackRejected):
            gateway.read_callback(self.sign(BODY))

    # ------------------------------------------------------------------------------------------------ its own

    def test_a_refund_is_never_sent_and_never_tried_again(self, gateway: Gateway) -> None:
        asked = self.refund_request()
        said = RefundFailed("paid out by hand", refund_key=asked.refund_key)
        assert gateway.refund(asked) == gateway.look_up_refund(asked) == said

    def test_after_a_no_the_same_instructions_can_be_paid_again(self, gateway: Gateway) -> None:
        can = gateway.capabilities
        assert (can.by_hand, can.retryable_step, can.repeatable_start, can.refunds) == (True, True, True, "none")
        assert can.currencies == {"KES", "EUR"}


def test_instructions_alone_enable_it_and_a_list_may_name_it() -> None:
    assert configured({"MANUAL_INSTRUCTIONS": TOLD}) == ["manual"]
    assert configured({"MANUAL_INSTRUCTIONS": TOLD, "GATEWAYS": "stripe"}) == ["stripe"]
    assert configured({"GATEWAYS": "manual"}) == ["manual"]


def test_five_currencies_unless_told_otherwise() -> None:
    built = build(["manual"], {"MANUAL_INSTRUCTIONS": TOLD})["manual"]
    assert built.capabilities.currencies == {"KES", "INR", "EUR", "USD", "GBP"}


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"MANUAL_INSTRUCTIONS": "  "}, "MANUAL_INSTRUCTIONS"),
        ({"MANUAL_INSTRUCTIONS": TOLD, "MANUAL_CURRENCIES": "KES,shillings"}, "MANUAL_CURRENCIES.*shillings"),
        ({"MANUAL_INSTRUCTIONS": TOLD, "MANUAL_CURRENCIES": "KES,,EUR"}, "MANUAL_CURRENCIES"),
    ],
)
def test_what_is_missing_or_wrong_stops_the_start_by_name(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsMissing, match=named):
        build(["manual"], environ)
