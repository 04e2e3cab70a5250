"""Credit: what there is of it, putting money in, having it paid out; and what a late payer chooses."""

from uuid import UUID

from pydantic import Field

from app.blueprints.api.base import Shape
from app.blueprints.api.calls import call, caller, request_key
from app.blueprints.api.shapes import Amount, BookingView, CheckoutView, Instant, Taken
from app.domain.money import Money, MoneyError
from app.models import Payout
from app.services.core.errors import Invalid
from app.services.ledger import checkouts
from app.services.prepaid import wallet
from app.services.prepaid.wallet import Movement
from app.services.workflows import late_payment


class Sum(Taken):
    """Minor units and an ISO 4217 code."""

    amount: int = Field(gt=0, lt=10**12)
    currency: str = Field(min_length=3, max_length=3)

    def money(self) -> Money:
        """Return the amount as money. Raises Invalid."""
        try:
            return Money(self.amount, self.currency)
        except MoneyError:
            raise Invalid("amount_invalid", field="amount.currency") from None


class TopUpRequest(Taken):
    """How much to put in; `then` is the checkout it is meant for."""

    amount: Sum
    then: UUID | None = None


class PayoutRequest(Taken):
    """How much to pay out by hand, and where to, in the client's words."""

    amount: Sum
    destination: str = Field(max_length=400)


class OfferChoice(Taken):
    """slot (with `start`, one of the near times or any other free one), credit or refund."""

    choice: str = Field(max_length=10)
    start: Instant | None = None


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
    status: str
    evidence: str
    asked_at: Instant

    @classmethod
    def of(cls, payout: Payout) -> "PayoutView":
        """The client's view."""
        return cls(
            id=payout.id,
            amount=Amount.of(payout.money),
            destination=payout.destination,
            status=payout.status.value,
            evidence=payout.evidence,
            asked_at=payout.asked_at,
        )


class Chosen(Shape):
    """What became of late money: the checkout it was paid for, and the booking it pays for now, if it does."""

    checkout: CheckoutView
    booking: BookingView | None


@call("GET /wallet", "My credit", gives=WalletView)
def show() -> WalletView:
    """Balances and statement."""
    there = wallet.balances(caller())
    return WalletView(
        balances=[Amount.of(balance) for balance in there],
        payable=[Amount.of(part) for part in wallet.each(caller(), there, wallet.payable)],
        held=[Amount.of(part) for part in wallet.each(caller(), there, wallet.held)],
        movements=[MovementView.of(line) for line in wallet.statement(caller())],
    )


@call("POST /wallet/top-ups", "Put money in", takes=TopUpRequest, gives=CheckoutView, status=201)
def top_up(body: TopUpRequest) -> CheckoutView:
    """Something to be paid that becomes credit."""
    made = wallet.top_up(caller(), body.amount.money(), "Wallet top-up", then=body.then, request_key=request_key())
    return CheckoutView.of(made)


@call("POST /wallet/payouts", "Ask to be paid out", takes=PayoutRequest, gives=PayoutView, status=201)
def ask_payout(body: PayoutRequest) -> PayoutView:
    """The credit is set aside until staff have sent it."""
    return PayoutView.of(wallet.ask_payout(caller(), body.amount.money(), body.destination))


@call(
    "POST /checkouts/<uuid:checkout_id>/offer", "Choose what happens with late money", takes=OfferChoice, gives=Chosen
)
def choose(body: OfferChoice, checkout_id: UUID) -> Chosen:
    """The money pays for another time, is credit, or goes back now."""
    booking = None
    if body.choice == "slot":
        if body.start is None or body.start.tzinfo is None:
            raise Invalid("invalid", field="start", why="a time with its zone is needed")
        booking = late_payment.take_time(checkout_id, caller(), body.start)
    elif body.choice == "credit":
        late_payment.take_credit(checkout_id, caller())
    elif body.choice == "refund":
        late_payment.take_money(checkout_id, caller())
    else:
        raise Invalid("invalid", field="choice", why="slot, credit or refund")
    view = CheckoutView.of(checkouts.get(checkout_id, caller()))
    return Chosen(checkout=view, booking=BookingView.of(booking, caller()) if booking else None)
