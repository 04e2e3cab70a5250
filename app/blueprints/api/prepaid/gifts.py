"""Gifts: credit for somebody else, handed over as a code."""

from uuid import UUID

from pydantic import Field

from app.blueprints.api.base import Shape
from app.blueprints.api.calls import call, caller, request_key
from app.blueprints.api.prepaid.wallet import Sum
from app.blueprints.api.shapes import Amount, CheckoutView, Instant, Nothing, Taken
from app.domain.lifecycle import GiftStatus
from app.models import Gift
from app.services.prepaid import gifts


class GiftRequest(Taken, json_schema_extra={"examples": [{"amount": {"amount": 150_000, "currency": "KES"}}]}):
    """How much to give; it is in the currency it can be spent in."""

    amount: Sum


class CodeRequest(Taken, json_schema_extra={"examples": [{"code": "ABCD-EFGH-JKLM-NPQR"}]}):
    """A gift's code, as it was typed: spaces, dashes and small letters do not matter."""

    code: str = Field(max_length=80)


class GiftView(Shape):
    """A gift that was bought: open (with its code, for its buyer alone), redeemed or cancelled."""

    id: UUID
    checkout_id: UUID
    amount: Amount
    status: GiftStatus
    code: str
    bought_at: Instant
    ended_at: Instant | None

    @classmethod
    def of(cls, gift: Gift) -> "GiftView":
        """The buyer's view."""
        return cls(
            id=gift.id,
            checkout_id=gift.checkout_id,
            amount=Amount.of(gift.money),
            status=gift.status,
            code=gifts.code_of(gift),
            bought_at=gift.bought_at,
            ended_at=gift.ended_at,
        )


class Redeemed(Shape):
    """What is in the wallet now because of the code."""

    amount: Amount


@call(
    "POST /gifts",
    "Buy credit for somebody else",
    name="buy_gift",
    takes=GiftRequest,
    gives=CheckoutView,
    status=201,
    fails=(
        "403 clients_only",
        "422 amount_not_taken",
    ),
)
def buy(body: GiftRequest) -> CheckoutView:
    """Something to be paid; the code is there once it is."""
    return CheckoutView.of(gifts.buy(caller(), body.amount.money(), request_key()))


@call("GET /gifts", "The gifts I bought", name="list_gifts", gives=list[GiftView], fails=("503 sealed_away",))
def find() -> list[GiftView]:
    """The newest first."""
    return [GiftView.of(gift) for gift in gifts.bought_by(caller())]


@call("GET /gifts/{gift_id}", "A gift I bought", name="show_gift", gives=GiftView, fails=("503 sealed_away",))
def show(gift_id: UUID) -> GiftView:
    """With its code while it can be redeemed."""
    return GiftView.of(gifts.get(gift_id, caller()))


@call(
    "POST /gifts/redeem",
    "Redeem a code",
    name="redeem_gift",
    takes=CodeRequest,
    gives=Redeemed,
    fails=(
        "403 clients_only",
        "409 gift_cancelled gift_held gift_used",
        "422 gift_unknown",
        "429 too_often",
    ),
)
def redeem(body: CodeRequest) -> Redeemed:
    """It is in the wallet, once."""
    return Redeemed(amount=Amount.of(gifts.redeem(caller(), body.code).money))


@call(
    "POST /gifts/{gift_id}/cancel",
    "Cancel a gift nobody has redeemed",
    name="cancel_gift",
    takes=Nothing,
    gives=GiftView,
    fails=("409 gift_cancelled gift_used under_review",),
)
def cancel(_body: Nothing, gift_id: UUID) -> GiftView:
    """Its money goes back to who bought it."""
    return GiftView.of(gifts.cancel(gift_id, caller()))
