"""Sessions that took place, or to which nobody came, and the call that rates one."""

from typing import Any

from werkzeug.test import TestResponse

from app.lib import clock
from app.models import Booking
from tests.support.world import Caller, World


def _begin(world: World, client: Caller, service: int) -> str:
    """A paid booking whose time has come: its id."""
    booking = world.booked(client, service)
    [row] = [b for b in world.all(Booking) if str(b.id) == booking["id"]]
    world.move(seconds=(row.starts_at - clock.now()).total_seconds())
    return str(booking["id"])


def held(world: World, client: Caller, owner: Caller, service: int) -> str:
    """A session that took place: its booking's id."""
    booking_id = _begin(world, client, service)
    assert owner.post(f"/bookings/{booking_id}/start").status_code == 200
    done = owner.post(f"/bookings/{booking_id}/complete")
    assert done.json["status"] == "completed", done.text
    return booking_id


def missed(world: World, client: Caller, owner: Caller, service: int) -> str:
    """A session the client did not come to: its booking's id."""
    booking_id = _begin(world, client, service)
    world.move(minutes=11)
    done = owner.post(f"/bookings/{booking_id}/no-show")
    assert done.json["status"] == "no_show", done.text
    return booking_id


def rate(caller: Caller, booking_id: str, stars: Any = 5, *, key: str | None = None, **more: Any) -> TestResponse:
    """POST /bookings/{id}/rate."""
    return caller.post(f"/bookings/{booking_id}/rate", {"stars": stars, **more}, key=key)


def rated(caller: Caller, booking_id: str, stars: int = 5, **more: Any) -> dict[str, Any]:
    """The same, which must be taken: the rating."""
    answer = rate(caller, booking_id, stars, **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def given_unpaid(world: World) -> tuple[Caller, Caller, str]:
    """A session that was given and is owed for: practitioner, client, the bill's id."""
    owner, client = world.practitioner(), world.person()
    booking = world.book(client, world.service(owner, "pay_after"))["booking"]
    [row] = world.all(Booking)
    world.move(seconds=(row.starts_at - clock.now()).total_seconds())
    assert owner.post(f"/bookings/{booking['id']}/start").status_code == 200
    assert owner.post(f"/bookings/{booking['id']}/complete").status_code == 200
    return owner, client, str(world.booking(client, booking["id"])["checkout_id"])
