"""What a payment page offers besides the gateways: credit, what becomes of late money, what a top-up was meant for."""

from dataclasses import dataclass, field

from app.domain.money import Money
from app.models import Checkout
from app.services.core import payment_methods
from app.services.ledger import checkouts, refunds
from app.services.practice.slots import FreeSlot
from app.services.prepaid import packages, wallet
from app.services.prepaid.packages import Held
from app.services.workflows import late_payment
from app.services.workflows.checkout_page import PayPage, PayState
from app.services.workflows.late_payment import Offer


@dataclass(frozen=True)
class Credit:
    """The payer's balance beside a bill: enough, or short of it by so much."""

    balance: Money
    missing: Money  # nothing: it is enough
    top_up: Money | None = (
        None  # the least that can be paid in and is not less than what is missing; the rest stays credit
    )

    @property
    def is_enough(self) -> bool:
        """Whether the bill can be paid with it."""
        return self.missing.amount == 0


@dataclass(frozen=True)
class Choices:
    """What there is to choose; each is absent where it makes no sense."""

    credit: Credit | None = None
    offer: Offer | None = None
    near: list[FreeSlot] = field(default_factory=list)  # to book instead of what is gone, or with what became credit
    words: list[str] = field(default_factory=list)  # of the refunds, in their order
    packages: list[Held] = field(default_factory=list)  # of which one session can pay for this
    then: Checkout | None = None  # what a paid top-up was meant for, while it can still be paid


def of(page: PayPage) -> Choices:
    """What the page may offer now."""
    checkout = page.checkout
    words = [refunds.word_of(refund) for refund in page.refunds]
    offer = late_payment.of(checkout) if "offered" in words else None
    rebook = page.state is PayState.GONE or (page.state is PayState.RETURNED and "credited" in words)
    near = late_payment.near(checkout) if rebook else []
    mine = [packages.held(package) for package in packages.usable(checkout)]
    return Choices(credit_for(checkout), offer, near, words, mine, wallet.meant_for(checkout))


def credit_for(checkout: Checkout) -> Credit | None:
    """The payer's credit in the bill's currency, where there is any and it may pay for this."""
    if not checkouts.takes_credit(checkout) or not checkouts.is_payable(checkout):
        return None
    balance = wallet.spendable(checkout.client, checkout.currency)
    if balance.amount <= 0:
        return None
    missing = Money(max(0, checkout.amount - balance.amount), checkout.currency)
    return Credit(balance, missing, payment_methods.sufficing(missing) if missing.amount else None)
