"""A session that mails have named keeps that name in calendars."""

from flask_migrate import downgrade, upgrade

from app.extensions import db
from app.models import Booking
from tests.support.world import World


def test_what_was_booked_keeps_the_host_that_its_mails_named_and_what_comes_has_none(world: World) -> None:
    """Finding 9: its name was made of PUBLIC_URL each time."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    old = world.booked(client, service)
    with world.app.app_context():
        db.session.remove()
        try:
            downgrade(revision="0027")
        finally:
            upgrade()
    new = world.booked(client, service, start=world.start(service, 3))
    names = {str(booking.id): booking.calendar_uid for booking in world.all(Booking)}
    assert names == {old["id"]: f"{old['id']}@127.0.0.1", new["id"]: new["id"]}
