"""Beginning to pay, by whatever way: a gateway, credit, or a package."""

import uuid

from app.models import Attempt, User
from app.services.core.errors import Invalid
from app.services.ledger import checkouts, journal
from app.services.payments import attempts
from app.services.payments.attempts import Started
from app.services.prepaid import packages, wallet


def begin(
    checkout_id: uuid.UUID,
    client: User,
    way: str,
    *,
    phone: str = "",
    package_id: uuid.UUID | None = None,
    request_key: str | None = None,
) -> Started:
    """The client's payment is under way at the gateway `way`; credit ("wallet") and packages (`package_id`, or the one
    that ends first) pay at once.

    Raises NotFound, Invalid (unknown_gateway, idempotency_key_reused), Conflict (insufficient_balance), and what
    attempts.begin and packages.pay raise.
    """
    if way == journal.WALLET:
        return Started(_with_credit(checkout_id, client, request_key), None)
    if way == journal.PACKAGE:
        attempt, _ = attempts.or_close(checkout_id, lambda: packages.pay(checkout_id, client, package_id, request_key))
        return Started(attempt, None)
    return attempts.begin(checkout_id, client, way, phone=phone, request_key=request_key)


def _with_credit(checkout_id: uuid.UUID, client: User, request_key: str | None) -> Attempt:
    if not checkouts.takes_credit(checkouts.get(checkout_id, client)):
        raise Invalid("unknown_gateway", field="gateway")
    attempt, _ = attempts.or_close(checkout_id, lambda: wallet.pay(checkout_id, client, request_key))
    return attempt
