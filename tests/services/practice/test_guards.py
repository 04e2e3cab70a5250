"""The database itself refuses what must never be, whatever the code above it does (invariant 1)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from app.lib import clock
from app.models import Attempt, Booking, Hold, InboxEntry, Slot
from tests.support.world import World

pytestmark = pytest.mark.both_engines


def test_overlapping_open_slots_are_refused_and_adjacent_ones_are_not(world: World) -> None:
    service = world.service(world.practitioner())
    world.book(world.person(), service)
    with world.rows() as session:
        slot = session.query(Slot).one()
        values = {c: getattr(slot, c) for c in ("practitioner_id", "service_id", "capacity")}

        def another(shift: float) -> Slot:
            by = timedelta(minutes=shift)
            return Slot(
                **values,
                starts_at=slot.starts_at + by,
                ends_at=slot.ends_at + by,
                busy_from=slot.busy_from + by,
                busy_until=slot.busy_until + by,
            )

        session.add(another(60))
        session.commit()
        session.add(another(30))
        with pytest.raises(IntegrityError):
            session.commit()
        session.rollback()
        slot = session.query(Slot).order_by(Slot.id).first()
        slot.closed_at = clock.now()
        session.add(another(-30))
        session.commit()
        slot.closed_at = None
        with pytest.raises(IntegrityError):
            session.commit()


def test_more_live_places_than_a_slot_has_are_refused(world: World) -> None:
    service = world.service(world.practitioner(), places=2)
    start = world.start(service)
    first = world.book(world.person(), service, start)
    world.book(world.person(), service, start)
    with world.rows() as session:
        hold = session.query(Hold).filter_by(booking_id=_uuid(first)).one()
        hold.places = 2
        with pytest.raises(IntegrityError):
            session.commit()
        session.rollback()
        hold = session.query(Hold).filter_by(booking_id=_uuid(first)).one()
        hold.released_at = clock.now()
        session.commit()
        other = session.query(Hold).filter(Hold.booking_id != _uuid(first)).one()
        other.places = 2
        session.commit()
        hold = session.query(Hold).filter_by(booking_id=_uuid(first)).one()
        hold.released_at = None
        with pytest.raises(IntegrityError):
            session.commit()


@pytest.mark.parametrize("value", ["NULL", "'unknown'", "''", "'CONFIRMED'"])
def test_a_booking_is_never_without_a_known_status(world: World, value: str) -> None:
    """S0-1, S0-35: NOT NULL with a check constraint."""
    world.book(world.person(), world.service(world.practitioner()))
    with world.rows() as session, pytest.raises(IntegrityError):
        session.execute(text(f"UPDATE bookings SET status = {value}"))
        session.commit()


def _values(attempt: Attempt) -> dict[str, Any]:
    """All that is in the row but its id."""
    return {each.key: getattr(attempt, each.key) for each in inspect(Attempt).column_attrs if each.key != "id"}


def test_one_event_is_stored_once_and_one_charge_belongs_to_one_attempt(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    world.booked(client, service)
    with world.rows() as session:
        entry = session.query(InboxEntry).first()
        copy = {c.name: getattr(entry, c.name) for c in InboxEntry.__table__.columns if c.name != "id"}
        session.add(InboxEntry(**copy))
        with pytest.raises(IntegrityError):
            session.commit()
        session.rollback()
        attempt = session.query(Attempt).one()
        for name in ("provider_ref", "charge_ref", "reference"):
            twin = _values(attempt)
            for unique in {"provider_ref", "charge_ref", "reference"} - {name}:
                twin[unique] = "another"
            session.add(Attempt(**twin))
            with pytest.raises(IntegrityError):
                session.commit()
            session.rollback()


def test_a_checkout_has_at_most_one_live_attempt(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    made = world.book(client, service)
    world.begin(client, made["checkout"]["id"])
    with world.rows() as session:
        attempt = session.query(Attempt).one()
        twin = _values(attempt)
        session.add(Attempt(**twin | {"reference": "OTHER", "provider_ref": "other"}))
        with pytest.raises(IntegrityError):
            session.commit()


def _uuid(made: dict[str, dict[str, str]]) -> object:
    from uuid import UUID

    return UUID(made["booking"]["id"])


def test_every_booking_keeps_the_price_and_policy_it_was_made_with(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    made = world.book(client, service)
    with world.rows() as session:
        session.execute(text("UPDATE services SET price_amount = 1, free_cancel_hours = 0, title = 'Other'"))
        session.commit()
    booking = world.booking(client, made["booking"]["id"])
    assert booking["price"]["amount"] == 6000
    assert booking["title"] == "Single session"
    assert world.all(Booking)[0].policy["free_cancel_hours"] == 24
