"""Credit: what there is of it, putting money in, having it paid out; and what a late payer chooses."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.blueprints.api.base import Code, Moment, Shape, prose
from app.blueprints.api.calls import call, caller, request_key
from app.blueprints.api.shapes import Amount, BookingView, CheckoutView, Instant, Taken
from app.domain.lifecycle import PayoutStatus
from app.domain.money import CODE, Money
from app.models import Payout
from app.services.core.errors import Invalid
from app.services.ledger import checkouts
from app.services.prepaid import wallet
from app.services.prepaid.wallet import Movement
from app.services.workflows import late_payment


class Sum(Taken, json_schema_extra={"examples": [{"amount": 150_000, "currency": "KES"}]}):
    """Minor units and an ISO 4217 code."""

    amount: int = Field(gt=0, lt=10**12)
    currency: Annotated[str, Code("amount_invalid")] = Field(pattern=CODE, max_length=3)

    def money(self) -> Money:
        """Return the amount as money."""
        return Money(self.amount, self.currency)


class TopUpRequest(Taken, json_schema_extra={"examples": [{"amount": {"amount": 150_000, "currency": "KES"}}]}):
    """How much to put in; `then` is the checkout it is meant for."""

    amount: Sum
    then: UUID | None = None


class PayoutRequest(
    Taken,
    json_schema_extra={
        "examples": [{"amount": {"amount": 150_000, "currency": "KES"}, "destination": "M-Pesa 0712 345 678"}]
    },
):
    """How much to pay out by hand, and where to, in the client's words."""

    amount: Sum
    destination: Annotated[
        str, prose(wallet.DESTINATION_LIMIT, filled=True), Code("destination_missing", wallet.DESTINATION_LIMIT)
    ]


class OfferChoice(Taken, json_schema_extra={"examples": [{"choice": "slot", "start": "2030-01-07T09:00:00Z"}]}):
    """slot (with `start`, one of the near times or any other free one), credit or refund."""

    choice: Literal["slot", "credit", "refund"]
    start: Moment | None = Field(None, description="needed for slot")


class MovementView(Shape):
    """A line of the statement; plus came in, minus went out."""

    at: Instant
    kind: str
    amount: Amount
    booking_id: UUID | None

    @classmethod
    def of(cls, line: Movement) -> "MovementView":
        """Return one movement of the wallet as programs read it."""
        return cls(at=line.at, kind=line.kind, amount=Amount.of(line.money), booking_id=line.booking_id)


class WalletView(Shape):
    """Credit per currency, and the newest movements.

    `payable` is what of it may be paid out, for it could not go back the way it came; `held` what cannot be used while a
    bank looks at the payment it came of.
    """

    balances: list[Amount]
    payable: list[Amount]
    held: list[Amount]
    movements: list[MovementView]


class PayoutView(Shape):
    """A wish to be paid out; `evidence` says how it was sent, or why not."""

    id: UUID
    amount: Amount
    destination: str
    status: PayoutStatus
    evidence: str
    asked_at: Instant

    @classmethod
    def of(cls, payout: Payout) -> "PayoutView":
        """The client's view."""
        return cls(
            id=payout.id,
            amount=Amount.of(payout.money),
            destination=payout.destination,
            status=payout.status,
            evidence=payout.evidence,
            asked_at=payout.asked_at,
        )


class Chosen(Shape):
    """What became of late money: the checkout it was paid for, and the booking it pays for now, if it does."""

    checkout: CheckoutView
    booking: BookingView | None


@call("GET /wallet", "My credit", name="show_wallet", gives=WalletView)
def show() -> WalletView:
    """Balances and statement."""
    there = wallet.balances(caller())
    return WalletView(
        balances=[Amount.of(balance) for balance in there],
        payable=[Amount.of(part) for part in wallet.each(caller(), there, wallet.payable)],
        held=[Amount.of(part) for part in wallet.each(caller(), there, wallet.held)],
        movements=[MovementView.of(line) for line in wallet.statement(caller())],
    )


@call(
    "POST /wallet/top-ups",
    "Put money in",
    name="top_up_wallet",
    takes=TopUpRequest,
    gives=CheckoutView,
    status=201,
    fails=(
        "403 forbidden",
        "404 not_found",
        "422 amount_not_taken",
    ),
)
def top_up(body: TopUpRequest) -> CheckoutView:
    """Something to be paid that becomes credit."""
    made = wallet.top_up(caller(), body.amount.money(), "Wallet top-up", then=body.then, request_key=request_key())
    return CheckoutView.of(made)


@call(
    "POST /wallet/payouts",
    "Ask to be paid out",
    name="request_payout",
    takes=PayoutRequest,
    gives=PayoutView,
    status=201,
    fails=("409 credit_held credit_not_payable insufficient_balance",),
)
def ask_payout(body: PayoutRequest) -> PayoutView:
    """The credit is set aside until staff have sent it."""
    return PayoutView.of(wallet.ask_payout(caller(), body.amount.money(), body.destination))


@call(
    "POST /checkouts/{checkout_id}/offer",
    "Choose what happens with late money",
    name="choose_offer",
    takes=OfferChoice,
    gives=Chosen,
    fails=(
        "403 clients_only",
        "409 already_asked attempt_unresolved balance_due day_full offer_closed price_has_risen slot_taken week_full",
        "422 no_method places_out_of_range slot_not_offered slot_past too_far_ahead too_many_attendees too_soon",
    ),
)
def choose(body: OfferChoice, checkout_id: UUID) -> Chosen:
    """The money pays for another time, is credit, or goes back now."""
    booking = None
    if body.choice == "slot":
        if body.start is None:
            raise Invalid("invalid", field="start", why="a time is needed")
        booking = late_payment.take_time(checkout_id, caller(), body.start)
    elif body.choice == "credit":
        late_payment.take_credit(checkout_id, caller())
    else:
        late_payment.take_money(checkout_id, caller())
    view = CheckoutView.of(checkouts.get(checkout_id, caller()))
    return Chosen(checkout=view, booking=BookingView.of(booking, caller()) if booking else None)
