"""A house that took money before there were books has them after the upgrade, and they are in order."""

from flask_migrate import downgrade, upgrade

from app.extensions import db
from app.models import LedgerEntry
from app.services.backoffice import reconciliation
from tests.support.world import World


def test_money_taken_before_the_ledger_stands_in_it_where_it_is(world: World) -> None:
    """Revision 0003: kept, paid back, and on its way back; compared with what the sandbox says it took."""
    service = world.service(world.practitioner(), "hold_then_pay", "INR", free_cancel_hours=0, places=4)
    start = world.start(service)
    for _ in range(2):
        world.booked(world.person(), service, "razorpay", start=start)
    gone = world.person()
    gone_booking = world.booked(gone, service, "razorpay", start=start)
    gone.post(f"/bookings/{gone_booking['id']}/cancel")
    world.sweep()
    world.settle()
    with world.app.app_context():
        db.session.remove()
        try:
            downgrade(revision="0002")
        finally:
            upgrade()
        assert reconciliation.breaches() == []
        assert reconciliation.compare(world.money_taken()) == []
    held = [entry.amount for entry in world.all(LedgerEntry) if entry.account == "practitioner"]
    assert sum(held) == 2 * 90_000
