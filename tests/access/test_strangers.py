"""Another practitioner is as much a stranger as another client: what is not theirs does not exist for them (invariant 7)."""

from typing import Any

import pytest

from app.models import Booking, Role
from tests.support.proofs import Pages
from tests.support.world import Caller, World

STRANGERS = (Role.CLIENT, Role.PRACTITIONER)


def _stranger(world: World, role: Role) -> Caller:
    return world.practitioner(name="Dr. Ravi Deshpande") if role is Role.PRACTITIONER else world.person()


@pytest.mark.parametrize("role", STRANGERS)
def test_somebody_elses_bill_is_neither_read_nor_paid_nor_given_up(world: World, role: Role) -> None:
    """Invariant 7: price, title and ways to pay of a checkout are its client's and staff's alone."""
    stranger = _stranger(world, role)
    bill = world.book(world.person(), world.service(world.practitioner()))["checkout"]["id"]
    body: dict[str, Any] = {"gateway": "stripe"}
    assert stranger.get(f"/checkouts/{bill}").status_code == 404
    assert stranger.post(f"/checkouts/{bill}/attempts", body).status_code == 404
    assert stranger.post(f"/checkouts/{bill}/cancel").status_code == 404
    assert Pages(world, stranger).get(f"/checkouts/{bill}").status_code == 404
    assert world.checkout(world.person(Role.STAFF), bill)["status"] == "open"


@pytest.mark.parametrize("role", STRANGERS)
def test_somebody_elses_session_shows_nobody_who_comes_and_is_not_cancelled(world: World, role: Role) -> None:
    """Invariant 7: a roster is full of names."""
    stranger, owner = _stranger(world, role), world.practitioner()
    world.booked(world.person(), world.service(owner, places=3))
    [booking] = world.all(Booking)
    address = f"/sessions/{booking.slot_id}"
    assert Pages(world, owner).get(address).status_code == 200
    pages = Pages(world, stranger)
    assert pages.get(address).status_code == 404
    assert pages.post(f"{address}/cancel", {"reason": "Because."}).status_code == 404
    assert [each.status for each in world.all(Booking)] == ["confirmed"]
