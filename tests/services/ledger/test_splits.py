"""Whose money it is, to the unit: the platform's fee of a price that does not divide."""

import pytest

from app.domain.money import Money
from app.extensions import db
from app.models import Attempt, Booking, Role, User
from app.services.backoffice import repair
from app.services.ledger import journal
from tests.support.world import World


def _booked(world: World) -> Booking:
    """A session for 60.05, paid: ten percent of it is 6.005."""
    world.booked(world.person(), world.service(world.practitioner(), price_amount=6_005))
    [booking] = world.all(Booking)
    return booking


def _had(world: World, booking: Booking) -> tuple[int, int]:
    """What the practitioner and the platform have."""
    with world.app.app_context():
        places = (journal.practitioner(booking.practitioner_id), journal.PLATFORM)
        practitioner, platform = (journal.balance(place, "EUR").amount for place in places)
        return practitioner, platform


def _send_back(world: World, *amounts: int) -> None:
    staff = world.person(Role.STAFF)
    for amount in amounts:
        with world.app.app_context():
            [attempt] = db.session.query(Attempt)
            repair.refund(attempt.id, Money(amount, "EUR"), "asked for it", db.session.get_one(User, staff.user_id))


def test_half_a_unit_of_the_fee_is_rounded_up(world: World) -> None:
    """S2-16: 6.005 is 6.01 for the platform, and the two together are what was paid."""
    booking = _booked(world)
    assert booking.fee_amount == 601
    assert _had(world, booking) == (5_404, 601)


def test_of_a_part_that_stays_the_fee_is_rounded_to_the_nearest_unit(world: World) -> None:
    """S2-16: of the 30.05 that stay, 3.0075 are the fee."""
    booking = _booked(world)
    _send_back(world, 3_000)
    assert _had(world, booking) == (2_704, 301)


@pytest.mark.parametrize("parts", [(6_005,), (2_002, 2_002, 2_001), (1, 1, 6_003)])
def test_when_all_of_it_has_gone_back_nobody_has_a_unit_too_much(world: World, parts: tuple[int, ...]) -> None:
    """S2-16: in however many parts it goes."""
    booking = _booked(world)
    _send_back(world, *parts)
    assert _had(world, booking) == (0, 0)
