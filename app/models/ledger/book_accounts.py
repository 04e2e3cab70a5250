"""Where money can be: the accounts of the books. They are asked for by `journal`, which has them all."""

import uuid
from dataclasses import dataclass

from app.models.ledger.checkouts import Attempt


@dataclass(frozen=True)
class Account:
    """Where money can be: what kind of account it is, and whose."""

    name: str
    owner: str = ""


PLATFORM = Account("platform")
BY_HAND = Account("by_hand")
WRITE_OFF = Account("write_off")


def gateway(code: str) -> Account:
    """At a payment provider."""
    return Account("gateway", code)


def custody(code: str, practitioner_id: int) -> Account:
    """Held by a practitioner on whose word alone we have it, paid this way: minus what they hold for us."""
    return Account("gateway", f"{code}:{practitioner_id}")


def custodian_of(attempt: Attempt) -> int | None:
    """The practitioner who said that they have the payment in cash; None where a provider or we have it."""
    return attempt.held_by


def give_custody(attempt: Attempt, practitioner_id: int) -> None:
    """The payment, which is not in the books yet, is in the hands of this practitioner."""
    attempt.held_by = practitioner_id


def clearing(attempt: Attempt) -> Account:
    """Where the payment's money comes from, and is again when it was given back the same way."""
    holder = custodian_of(attempt)
    return gateway(attempt.gateway) if holder is None else custody(attempt.gateway, holder)


def wallet(user_id: int) -> Account:
    """A client's credit."""
    return Account("wallet", str(user_id))


def gift(gift_id: uuid.UUID) -> Account:
    """Given away as a code that nobody has redeemed."""
    return Account("gift", str(gift_id))


def package(package_id: uuid.UUID) -> Account:
    """Paid for sessions of a package that are left."""
    return Account("package", str(package_id))


def practitioner(practitioner_id: int) -> Account:
    """Payable to a practitioner."""
    return Account("practitioner", str(practitioner_id))


def received(attempt: Attempt) -> Account:
    """Taken in by this payment and not allocated yet."""
    return Account("received", str(attempt.id))


def refunds(refund_id: uuid.UUID) -> Account:
    """On its way back."""
    return Account("refunds", str(refund_id))


def payouts(payout_id: uuid.UUID) -> Account:
    """On its way out by hand."""
    return Account("payouts", str(payout_id))
