"""What staff can do about a message that did not go out."""

import logging

from app.extensions import db
from app.lib import clock
from app.models import Delivery, User
from app.services.backoffice.repair.staff_acts import locked, principal
from app.services.core.errors import Conflict
from app.services.core.transaction import record, transaction
from app.services.notifications import notices

log = logging.getLogger("app.services.repair")  # a name that operators filter by


def try_send_again(delivery_id: int, staff: User) -> bool:
    """A copy of a message that had not gone out has been tried once more.

    Return whether it is done with now: sent, or not needed because it is no longer true.
    """
    who = principal(staff)
    with transaction():
        delivery = locked(Delivery, delivery_id)
        notice = delivery.notification
        if delivery.done_at is not None:
            raise Conflict("not_allowed", action="mail", status=delivery.outcome)
        record("act", notice.id, "", "mailed", who, why=notice.kind, booking_id=notice.booking_id)
        delivery.due_at = clock.now()
        delivery.claimed_at = None
    try:
        notices.deliver(delivery_id)
    except Exception:  # a mistake in a template: for the log, and no reason to show staff a broken page
        log.exception("mail.again_failed delivery=%s", delivery_id)
    return db.session.get_one(Delivery, delivery_id, populate_existing=True).done_at is not None
