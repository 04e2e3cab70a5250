"""Erasing somebody, in one transaction: everything personal is gone, money records stay under a pseudonym (X4)."""

import logging
from typing import Any

from sqlalchemy import select

from app.domain.lifecycle import OPEN_WAITS, WAIT_MOVES, Actor, CheckoutStatus
from app.extensions import db
from app.lib import chance, clock
from app.models import Attempt, Booking, Checkout, User, Wait
from app.services.accounts import people
from app.services.backoffice.erasure import mentions, scrub, vendor_ids
from app.services.backoffice.erasure.blockers import left_in_wallet, may_erase, obstacles
from app.services.backoffice.erasure.ownership import Theirs
from app.services.core.errors import Conflict, Forbidden, Invalid
from app.services.core.transaction import Who, lock, record, transaction
from app.services.ledger import checkouts, journal
from app.services.notifications import notices

log = logging.getLogger("app.services.erasing.forgetting")  # a name that operators filter by


def erase(user: User, typed: str, *, give_up: bool = False) -> None:
    """The person is erased at their own wish, and signed out everywhere; `typed` is their address.

    With `give_up` credit that is left is the platform's. A confirmation goes to the old address, which is forgotten then.
    The door has asked for a fresh proof. Raises Forbidden (erase_not_alone), Invalid (erase_not_typed),
    Conflict (erase_<obstacle>). Once more it does nothing.
    """
    if not may_erase(user):
        raise Forbidden("erase_not_alone")
    if people.as_kept(typed, user.zone) != user.address:
        raise Invalid("erase_not_typed", field="typed")
    try_erase(user.id, Who(Actor.CLIENT, user.id), "erased on request", give_up=give_up)


def try_erase(user_id: int, who: Who, why: str, *, give_up: bool = False) -> bool:
    """The person is erased. Return whether it was done now, and not before. Raises Conflict (erase_<obstacle>)."""
    with transaction(ends=user_id):
        _lock_all(Theirs(user_id))
        user = lock(User, user_id)
        if user is None or user.erased_at is not None:
            return False
        _check(user, give_up=give_up)
        _let_go(user, who)
        _overwrite(user, who, why)
        return True


def _check(user: User, *, give_up: bool) -> None:
    found = [word for word in obstacles(user) if not (give_up and word == "credit")]
    if found:
        raise Conflict(f"erase_{found[0]}")


def _lock_all(their: Theirs) -> None:
    """Attempts, checkouts, bookings: the order everybody keeps. Then the waits, of which a sweep may make bookings."""
    for model, mine in (
        (Attempt, their.attempts),
        (Checkout, their.checkouts),
        (Booking, their.bookings),
        (Wait, their.waits),
    ):
        rows: Any = select(model).where(model.id.in_(mine)).order_by(model.created_at, model.id)
        rows = rows.with_for_update(key_share=True).execution_options(populate_existing=True, yield_per=500)
        for _ in db.session.scalars(rows):
            pass


def _let_go(user: User, who: Who) -> None:
    """What nobody has begun to pay ends, places are not waited for any more, and credit is given up."""
    still_open = select(Checkout).where(Checkout.client_id == user.id, Checkout.status == CheckoutStatus.OPEN)
    for checkout in db.session.scalars(still_open).all():
        checkouts.set_status(checkout, CheckoutStatus.CANCELLED, who)
    waits = select(Wait).where(Wait.client_id == user.id, Wait.status.in_(OPEN_WAITS))
    for wait in db.session.scalars(waits).all():
        action = "leave" if wait.status in WAIT_MOVES["leave"] else "lapse"
        target = WAIT_MOVES[action][wait.status]
        record("wait", wait.id, wait.status, target, who)
        wait.status = target
        wait.settled_at = clock.now()
    for money in left_in_wallet(user):
        transfer = journal.Transfer(journal.wallet(user.id), journal.WRITE_OFF, money)
        journal.post("given_up", f"given_up:{user.id}:{money.currency}", transfer)


def _overwrite(user: User, who: Who, why: str) -> None:
    mark = chance.token()[:12]
    old_name = user.name
    old_address = user.address
    pseudonym = f"Erased person {mark[:4]}"
    their = Theirs(user.id)
    vendor_ids.hide(their, user, mark)
    scrub.scrub(their, pseudonym)
    mentions.cover(their, pseudonym)
    user.name = pseudonym
    user.address = f"erased-{mark}@erased.invalid"
    user.phone = None
    user.phone_proved_at = None
    user.feed_key = None
    user.seen_on = None
    user.password_hash = ""
    user.switches = {}
    user.zone = "UTC"
    user.active = False
    user.session_version = user.session_version + 1
    user.erased_at = clock.now()
    record("person", user.id, "", "erased", who, why=why)
    notices.tell(user.id, notices.FAREWELL, data={"address": old_address, "name": old_name})
    log.info("person.erased user=%s", user.id)
