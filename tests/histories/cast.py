"""Who plays: five clients, two practitioners and two of staff, with a service of every mode and currency."""

from dataclasses import dataclass, field
from datetime import time, timedelta
from hashlib import sha256
from itertools import product
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.modes import MODES
from app.extensions import db
from app.lib import clock
from app.models import (
    Login,
    LoginKind,
    PackageOffer,
    Practitioner,
    Role,
    Scope,
    Service,
    ServiceKind,
    User,
    WeeklyHours,
)
from tests.support.world import Caller

_PRICES = {"EUR": 6_000, "KES": 150_000, "INR": 90_000}
_EVER = timedelta(days=36_500)


class Recorded(FlaskClient):
    """A client that keeps what every call was answered with."""

    seen: list[tuple[str, int]] = []  # noqa: RUF012  (one list for all clients of the process)

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """The answer, which is also kept."""
        answer = super().open(*args, **options)
        self.seen.append((f"{answer.request.method} {answer.request.path}", answer.status_code))
        return answer


@dataclass
class Cast:
    """Everybody, and what can be booked."""

    clients: list[Caller] = field(default_factory=list)
    practitioners: dict[int, Caller] = field(default_factory=dict)  # by the practitioner's id
    staff: list[Caller] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    offers: list[int] = field(default_factory=list)  # of packages


def engage(app: Flask) -> Cast:
    """The people and services are in the tables, as rows: no password is hashed."""
    cast = Cast()
    cast.clients = [_person(app, Role.CLIENT, n) for n in range(5)]
    cast.staff = [_person(app, Role.STAFF, n) for n in range(2)]
    for number, currencies in enumerate((("EUR", "KES"), ("INR", "EUR"))):
        caller = _person(app, Role.PRACTITIONER, number)
        practice = _practice(caller.user_id, number)
        cast.practitioners[practice.id] = caller
        made = _services(practice, currencies)
        cast.services += made
        cast.offers += _offers(made)
    db.session.commit()
    db.session.expunge_all()
    return cast


def _person(app: Flask, role: Role, number: int) -> Caller:
    user = User(
        email=f"{role}{number}@people.test",
        password_hash="!",
        role=role,
        name=f"{role.title()} {number}",
        phone=f"+25471234560{number}" if role is Role.CLIENT else None,
        created_at=clock.now(),
    )
    db.session.add(user)
    db.session.flush()
    caller = Caller(app.test_client(use_cookies=False), user.id, f"token of {role} {number}")
    db.session.add(_login(caller))
    return caller


def _login(caller: Caller) -> Login:
    digest, now = sha256(caller.token.encode()).hexdigest(), clock.now()
    fields = {"digest": digest, "version": 1, "name": "", "created_at": now, "proved_at": now}
    # Used a moment ago for ever, so that no call of a history writes that it was used.
    return Login(
        user_id=caller.user_id,
        kind=LoginKind.PROGRAM,
        scope=Scope.ALL,
        **fields,
        used_at=now + _EVER,
        expires_at=now + _EVER,
    )


def log_in_again(cast: Cast) -> None:
    """Everybody's token is good once more: going back to a backup ends them all."""
    for caller in (*cast.clients, *cast.practitioners.values(), *cast.staff):
        db.session.add(_login(caller))
    db.session.commit()


def _practice(user_id: int, number: int) -> Practitioner:
    made = Practitioner(
        user_id=user_id,
        slug=f"practice-{number}",
        name=f"Practice {number}",
        zone="UTC",
        question_amount=2_501,
        question_currency="EUR",
        created_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    for day in range(7):
        db.session.add(WeeklyHours(practitioner_id=made.id, weekday=day, starts=time(0), ends=time(0)))
    return made


def _services(practice: Practitioner, currencies: tuple[str, ...]) -> list[Service]:
    made = [_service(practice, mode, currency) for mode, currency in product(MODES, currencies)]
    db.session.add_all(made)
    db.session.flush()
    return made


def _offers(services: list[Service]) -> list[int]:
    """Three sessions that cost a little less together, in parts that do not divide, where nothing is reserved first."""
    sold = [service for service in services if not service.mode.reserves]
    made = [
        PackageOffer(
            service_id=service.id,
            sessions=3,
            price_amount=service.price_amount * 3 - (100 if service.currency == "KES" else 1),
            currency=service.currency,
            valid_days=30 if number % 2 else None,
            created_at=clock.now(),
        )
        for number, service in enumerate(sold)
    ]
    db.session.add_all(made)
    db.session.flush()
    return [offer.id for offer in made]


def _service(practice: Practitioner, mode: str, currency: str) -> Service:
    # A group where somebody may come second, and sessions that run into the next hour where somebody must answer.
    group = (mode, currency) in (("pay_then_book", "EUR"), ("hold_then_pay", "KES"), ("approve_then_pay", "INR"))
    kind_to = currency == "EUR" or mode in ("pay_after", "hold_then_pay")  # who comes late or never
    return Service(
        practitioner_id=practice.id,
        title=f"{mode} in {currency}",
        kind=ServiceKind.GROUP if group else ServiceKind.INDIVIDUAL,
        minutes=90 if mode == "approve_then_pay" and currency == "KES" else 60,
        step_minutes=60,
        buffer_after=10 if currency == "INR" else 0,
        places=2 if group else 1,
        price_amount=_PRICES[currency],
        currency=currency,
        mode_code=mode,
        later_tiers=[[2, 50]] if kind_to else [],
        no_show_percent=33 if kind_to else 0,
        free_moves=1 if kind_to else 0,
        created_at=clock.now(),
    )
