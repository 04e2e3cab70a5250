"""What was booked before there were links goes on: its practitioner gives one."""

from flask_migrate import downgrade, upgrade

from app.extensions import db
from app.models import Service
from tests.support.world import World


def test_a_booking_from_before_has_no_link_until_its_practitioner_gives_one(world: World) -> None:
    """S3-15: nothing is promised that nobody said; what is agreed otherwise stays as it was."""
    owner, client = world.practitioner(), world.person()
    booking = world.booked(client, world.service(owner, meeting_kind="in_person", meeting_where="Kisumu"))
    with world.app.app_context():
        db.session.remove()
        try:
            downgrade(revision="0005")
        finally:
            upgrade()
    seen = world.booking(client, booking["id"])
    assert (seen["status"], seen["money"], seen["meeting"]["kind"]) == ("confirmed", "paid", "typed")
    assert (seen["meeting"]["url"], seen["meeting"]["place"], seen["call"]["minutes"]) == (None, None, None)
    assert [service.meeting_kind for service in world.all(Service)] == ["typed"]
    given = owner.post(f"/bookings/{booking['id']}/link", {"url": "https://meet.example.com/a"})
    assert given.status_code == 200
