"""What was booked before agreements were kept goes on: as it is at the upgrade is what was agreed."""

from flask_migrate import downgrade, upgrade

from app.extensions import db
from app.models import Booking
from tests.support import practices
from tests.support.world import World


def test_a_booking_from_before_was_agreed_as_it_is_now(world: World) -> None:
    """Bookings 14: its price, its length and whom it is for, though its service is another by then."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, kind="couples", minutes=50, step_minutes=30, price_amount=7_001)
    made = world.booked(client, service)
    practices.edit(world, owner, service, minutes=90, price_amount=9_000)
    with world.app.app_context():
        db.session.remove()
        try:
            downgrade(revision="0026")
        finally:
            upgrade()
    [booking] = world.all(Booking)
    assert str(booking.id) == made["id"]
    assert (booking.agreed_amount, booking.agreed_minutes, booking.kind.value) == (7_001, 50, "couples")
