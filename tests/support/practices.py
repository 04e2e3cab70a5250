"""What a practitioner changes while clients are at it: services, days, hours, the profile."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from app.domain.agenda import Absence
from app.extensions import db
from app.models import Practitioner, Service, User
from app.services import practice
from app.services.practice import Hours, ServiceForm
from tests.support.world import Caller, World


def edit(world: World, owner: Caller, service_id: int, **changes: Any) -> None:
    """The service is as it was but for `changes`."""
    edit_in(world.app, owner, service_id, **changes)


def edit_in(app: Flask, owner: Caller, service_id: int, **changes: Any) -> None:
    """In this application the service is as it was but for `changes`. Raises Invalid."""
    with app.app_context():
        service = db.session.get_one(Service, service_id)
        now = {field.name: getattr(service, field.name) for field in fields(ServiceForm)}
        now |= {"kind": service.kind.value, "meeting_kind": service.meeting_kind.value}
        now["class_times"] = tuple(tuple(each) for each in service.class_times)
        now["later_tiers"] = tuple(tuple(tier) for tier in service.later_tiers)
        practice.save_service(db.session.get_one(User, owner.user_id), ServiceForm(**(now | changes)), service_id)


def close_day(world: World, owner: Caller, start: str) -> None:
    """The practitioner is away on the day of this time."""
    with world.app.app_context():
        user = db.session.get_one(User, owner.user_id)
        zone = ZoneInfo(practice.of_user(user).zone)
        day = datetime.fromisoformat(start).astimezone(zone).date()
        practice.time_off.add(user, Absence(day, day), "Away")


def open_day(world: World, owner: Caller, day: date, starts: time, ends: time) -> None:
    """That date has these hours, whatever the week says."""
    with world.app.app_context():
        practice.add_exception(db.session.get_one(User, owner.user_id), day, starts, ends)


def open_again(world: World, owner: Caller) -> None:
    """No day differs any more."""
    with world.app.app_context():
        user = db.session.get_one(User, owner.user_id)
        for off in practice.time_off.coming(practice.of_user(user)):
            practice.time_off.remove(user, off.id)


def weekly(world: World, owner: Caller, hours: Sequence[Hours]) -> None:
    """The weekly hours are these."""
    with world.app.app_context():
        practice.set_hours(db.session.get_one(User, owner.user_id), hours)


def withdraw(world: World, owner: Caller) -> None:
    """The practitioner's page is taken down."""
    with world.app.app_context():
        db.session.query(Practitioner).filter_by(user_id=owner.user_id).one().published = False
        db.session.commit()


def own_hours(world: World, owner: Caller, service_id: int, weekday: int, starts: time, ends: time) -> None:
    """The service is given on that weekday alone, between these times."""
    edit(world, owner, service_id, own_hours=(Hours(weekday, starts, ends),))
