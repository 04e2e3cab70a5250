"""A whole Kikao with people in it, against the real sandbox gateways, on a clock that tests can move."""

import time as time_module
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Integer, inspect, select
from werkzeug.test import TestResponse

from app.extensions import db
from app.lib import clock
from app.models import Attempt, Hold, Notification, Role, User, WeeklyHours
from app.services import practice
from app.services.accounts import logins
from app.services.backoffice import sweeps
from app.services.payments import attempts
from app.services.practice import ServiceForm
from sandbox.control import acts
from sandbox.core import clock as sandbox_clock
from sandbox.server import Running
from tests.support.gateways import BY_CODE, PRICES

PASSWORD = "correct horse"
_HASH = PasswordHasher(1, 8, 1).hash(PASSWORD)  # as small as it may be: a hash says itself what checking it costs
_SOON = timedelta(hours=6)
_SENT = {"stripe": 2}  # how often an SDK sends one call that fails (max_network_retries)
_PATIENCE = 120  # seconds, for what is done elsewhere; a machine that does much else is slow


@dataclass
class Caller:
    """One person's program: the JSON API with their bearer token."""

    http: FlaskClient
    user_id: int
    token: str

    def get(self, path: str, **query: Any) -> TestResponse:
        """GET below /api/v1."""
        return self.http.get(f"/api/v1{path}", query_string=query, headers=self._headers())

    def post(self, path: str, body: dict[str, Any] | None = None, *, key: str | None = None) -> TestResponse:
        """POST below /api/v1, with an Idempotency-Key if given."""
        return self.http.post(f"/api/v1{path}", json=body or {}, headers=self._headers(key))

    def _headers(self, key: str | None = None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token}"}
        return headers | ({"Idempotency-Key": key} if key else {})


class World:
    """What a story needs: people, services, time, and hands to pay with."""

    def __init__(self, app: Flask, sandbox: Running) -> None:
        self.app, self.sandbox = app, sandbox
        self._offset = timedelta(0)
        clock.use(lambda: datetime.now(UTC) + self._offset)
        sandbox_clock.use(lambda: clock.now().timestamp())

    # ---------------------------------------------------------------------------------------- time

    def move(self, **by: float) -> None:
        """Time passes for Kikao and for the gateways: move(minutes=16)."""
        self._offset += timedelta(**by)

    def stand_still(self) -> None:
        """From now on time passes only by `move`: what is asked twice is asked in the same minute."""
        stopped = datetime.now(UTC)
        clock.use(lambda: stopped + self._offset)

    def sweep(self) -> dict[str, int]:
        """One pass of everything the clock does, and what gateways have to tell of it at once has arrived."""
        with self.app.app_context():
            done = sweeps.sweep()
        self.settle()
        return done

    def until(self, true: Callable[[], bool], seconds: float = _PATIENCE) -> None:
        """The sandbox's own clockwork has done what is asked for."""
        end = time_module.monotonic() + seconds
        while not true():
            assert time_module.monotonic() < end, "it did not come true"
            time_module.sleep(0.02)

    def settle(self) -> None:
        """Every callback that is due has been delivered, and what they told unsigned has been asked about."""
        self.deliver()
        self.work()

    def deliver(self) -> None:
        """Every callback that is due has been delivered, and no worker runs."""
        assert self.sandbox.sandbox.courier.settle(_PATIENCE), "callbacks are still under way"

    def work(self) -> None:
        """The job has run that asks a gateway about what unsigned news says was paid; a worker runs it at once."""
        with self.app.app_context():
            told = [attempt_id for attempt_id in attempts.due() if db.session.get_one(Attempt, attempt_id).is_claimed]
            for attempt_id in told:
                attempts.look_up(attempt_id)

    # ---------------------------------------------------------------------------------------- people and services

    def person(self, role: Role = Role.CLIENT, *, name: str = "Wanjiku Kamau", zone: str = "Africa/Nairobi") -> Caller:
        """A new person with a token."""
        with self.app.app_context():
            user = User(
                email=f"{uuid.uuid4().hex[:12]}@people.test",
                password_hash=_HASH,
                role=role,
                name=name,
                phone="+254712345678" if role is Role.CLIENT else None,
                phone_proved_at=clock.now(),  # whichever number they will have
                language="en",
                zone=zone,
                created_at=clock.now(),
            )
            db.session.add(user)
            db.session.commit()
            token = logins.name_program(
                user, "a test", "all", "365"
            )  # stories last for months, also with staff in them
            return Caller(self.app.test_client(), user.id, token)

    def practitioner(self, *, name: str = "Dr. Amina Otieno", zone: str = "Africa/Nairobi") -> Caller:
        """A new practitioner who is open all day, every day."""
        caller = self.person(Role.PRACTITIONER, name=name, zone=zone)
        with self.app.app_context():
            user = db.session.get_one(User, caller.user_id)
            founded = practice.found_practice(user, name=name)
            hours = [
                WeeklyHours(practitioner_id=founded.id, weekday=day, starts=time(0), ends=time(0)) for day in range(7)
            ]
            db.session.add_all(hours)
            db.session.commit()
        return caller

    def service(self, owner: Caller, mode: str = "hold_then_pay", currency: str = "EUR", **changes: Any) -> int:
        """A new service of `owner`: an hour, one place."""
        fields: dict[str, Any] = {
            "title": "Single session",
            "kind": "group" if changes.get("places", 1) > 1 else "individual",
            "minutes": 60,
            "price_amount": PRICES.get(currency),
            "currency": currency,
            "mode_code": mode,
        }
        with self.app.app_context():
            user = db.session.get_one(User, owner.user_id)
            return practice.save_service(user, ServiceForm(**(fields | changes))).id

    def slots(self, service_id: int, days: int = 2) -> list[dict[str, Any]]:
        """Free times from tomorrow on, hours away: what happens today must not depend on when today the tests run."""
        first = (clock.now() + timedelta(days=1)).date()
        query = {"from": first.isoformat(), "to": (first + timedelta(days=days - 1)).isoformat()}
        answer = self.app.test_client().get(f"/api/v1/services/{service_id}/slots", query_string=query)
        soon = clock.now() + _SOON
        return [slot for slot in _body(answer) if datetime.fromisoformat(slot["start"]) >= soon]

    def is_free(self, service_id: int, start: str) -> bool:
        """Whether anybody may book that time now, on whichever day the clock stands."""
        day = datetime.fromisoformat(start).date()
        around = {"from": (day - timedelta(days=1)).isoformat(), "to": (day + timedelta(days=1)).isoformat()}
        answer = self.app.test_client().get(f"/api/v1/services/{service_id}/slots", query_string=around)
        return start in [slot["start"] for slot in _body(answer)]

    def start(self, service_id: int, nth: int = 0) -> str:
        """The nth free time of tomorrow."""
        return str(self.slots(service_id)[nth]["start"])

    # ---------------------------------------------------------------------------------------- booking and paying

    def book(self, client: Caller, service_id: int, start: str | None = None, **more: Any) -> dict[str, Any]:
        """The client's request, which must succeed: {booking, checkout}."""
        body = {"service_id": service_id, "start": start or self.start(service_id), **more}
        answer = client.post("/bookings", body)
        return dict(_body(answer, 201))

    def begin(self, client: Caller, checkout_id: str, gateway: str = "stripe", **more: Any) -> dict[str, Any]:
        """A try to pay, which must begin: {attempt, next}."""
        answer = client.post(f"/checkouts/{checkout_id}/attempts", {"gateway": gateway, **more})
        return dict(_body(answer, 201))

    def act(self, begun: dict[str, Any], act: str = "pay", *, settle: bool = True, **wish: Any) -> None:
        """The payer does `act` at the gateway (pay, decline, fail, cancel, ...) and the callbacks arrive."""
        gateway = BY_CODE[begun["attempt"]["gateway"]]
        acts.ACTS[gateway.code, gateway.things][act](self.sandbox.sandbox, begun["next"]["provider_ref"], **wish)
        if settle:
            self.settle()

    def booked(self, client: Caller, service_id: int, gateway: str = "stripe", **more: Any) -> dict[str, Any]:
        """A booking made, paid and confirmed."""
        made = self.book(client, service_id, **more)
        self.act(self.begin(client, made["checkout"]["id"], gateway))
        booking = self.booking(client, made["booking"]["id"])
        assert booking["status"] == "confirmed", booking
        return booking

    def booking(self, caller: Caller, booking_id: str) -> dict[str, Any]:
        """The booking as the caller sees it."""
        answer = caller.get(f"/bookings/{booking_id}")
        return dict(_body(answer))

    def checkout(self, caller: Caller, checkout_id: str) -> dict[str, Any]:
        """The checkout as the caller sees it."""
        answer = caller.get(f"/checkouts/{checkout_id}")
        return dict(_body(answer))

    # ---------------------------------------------------------------------------------------- looking behind

    def faults(self, **wish: Any) -> None:
        """The sandbox misbehaves as wished: see sandbox/core/faults.py."""
        self.sandbox.sandbox.faults.add(wish)

    def fail_one_call(self, gateway: str, **wish: Any) -> None:
        """One call of ours fails as wished: as often as its SDK sends it, or the SDK's own retry would hide the fault."""
        self.faults(gateway=gateway, times=_SENT.get(gateway, 1), **wish)

    def until_it_thinks(self, made: Callable[[], bool] = lambda: True) -> None:
        """A gateway told to be slow has `made` it and keeps its answer back, until `let_go`."""
        faults = self.sandbox.sandbox.faults
        self.until(faults.paused)
        while not made():  # it was asked something else before, on the same route
            faults.resume()
            self.until(faults.paused)

    def let_go(self) -> None:
        """The slow gateway answers now, and is slow no more."""
        self.sandbox.sandbox.faults.clear()
        self.sandbox.sandbox.faults.resume()

    def drop_callbacks(self) -> None:
        """No callback arrives any more."""
        self.faults(gateway="any", callbacks="drop", times=None)

    def money_taken(self) -> list[dict[str, Any]]:
        """The sandbox's own log of captures and refunds."""
        return list(self.sandbox.sandbox.money.entries())

    def mails(self, to: str | None = None) -> list[Any]:
        """What the mailbox holds, newest first."""
        return list(_body(self._sandbox_http().get("/mailbox.json", query_string={"to": to} if to else {})))

    def texts(self, to: str | None = None) -> list[Any]:
        """The SMS on phones, newest first."""
        return list(_body(self._sandbox_http().get("/sms.json", query_string={"to": to} if to else {})))

    def notices(self, caller: Caller) -> list[str]:
        """The kinds of everything the person was told, oldest first."""
        with self.rows() as session:
            mine = select(Notification.kind).where(Notification.user_id == caller.user_id)
            return list(session.scalars(mine.order_by(Notification.id)))

    def email(self, caller: Caller) -> str:
        """The person's address."""
        with self.app.app_context():
            return db.session.get_one(User, caller.user_id).email

    @contextmanager
    def rows(self) -> Iterator[Any]:
        """The application's own session, for looking at rows."""
        with self.app.app_context():
            yield db.session

    def all(self, model: type) -> list[Any]:
        """Every row of a table, fresh; where rows are dated or numbered, as they came."""
        columns: Any = inspect(model).columns
        keys = [c for c in columns if c.name == "created_at" or (c.primary_key and isinstance(c.type, Integer))]
        with self.rows() as session:
            return list(session.scalars(select(model).order_by(*keys)))

    def live_places(self) -> int:
        """How many places are held now, by the clock."""
        now = clock.now()
        return sum(
            hold.places
            for hold in self.all(Hold)
            if hold.released_at is None and (hold.expires_at is None or hold.expires_at > now)
        )

    def _sandbox_http(self) -> FlaskClient:
        from sandbox.server import create_app

        return create_app(self.sandbox.sandbox).test_client()


def _body(answer: TestResponse, status: int = 200) -> Any:
    """What was answered, with the status it must have."""
    assert answer.status_code == status, answer.text
    return answer.json
