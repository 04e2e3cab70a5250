"""The comparison that ends a soak finds what it is there to find: each kind of damage is made and must be named."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.domain.lifecycle import AttemptStatus, BookingStatus, RefundStatus
from app.extensions import db
from app.models import Attempt, Booking, Delivery, Hold, Notification, Refund
from sandbox.server import Running
from soak import books
from tests.support.world import World


@pytest.fixture
def engine() -> str:
    """One is enough: the comparison reads rows, however they are stored."""
    return "sqlite"


@pytest.fixture
def told(app: Flask, sandbox: Running) -> World:
    """One booking paid and kept, one paid and cancelled, its refund made, all mails sent: nothing differs."""
    world = World(app, sandbox)
    client, service = world.person(), world.service(world.practitioner())
    early, late = [slot["start"] for slot in world.slots(service, days=5)][-2:]
    world.booked(client, service, start=early)
    second = world.booked(client, service, start=late)
    assert client.post(f"/bookings/{second['id']}/cancel", {"reason": "no"}).status_code == 200
    world.sweep()
    world.settle()
    world.sweep()
    assert books.differences(world) == []
    assert books.letters(world, kills=0) == []
    return world


@contextlib.contextmanager
def _damaged(world: World, *statements: Any) -> Iterator[list[str]]:
    """What differs after the statements; afterwards the rows are as before."""
    with world.app.app_context(), contextlib.closing(sqlite3.connect(":memory:")) as copy:
        ours = db.engine.raw_connection().driver_connection
        assert isinstance(ours, sqlite3.Connection)
        ours.backup(copy)
        yield _damage(world, *statements)
        copy.backup(ours)


def _damage(world: World, *statements: Any) -> list[str]:
    with world.rows() as session:
        for statement in statements:
            session.execute(statement)
        session.commit()
    return books.differences(world) + books.letters(world, kills=0)


_KEPT = select(Attempt.id).where(Attempt.id.not_in(select(Refund.attempt_id)))


_DAMAGE = [
    (update(Attempt).where(Attempt.id.in_(_KEPT)).values(status=AttemptStatus.FAILED), "the attempt is failed"),
    (
        update(Attempt).where(Attempt.id.in_(_KEPT)).values(reference="NOBODYKNOWSX"),
        "no attempt has this reference",
    ),
    (update(Attempt).where(Attempt.id.in_(_KEPT)).values(charge_ref="pi_other"), "is not in the books"),
    (update(Attempt).where(Attempt.id.in_(_KEPT)).values(amount=1), "the books say 1 EUR"),
    (update(Booking).values(status=BookingStatus.EXPIRED), "is expired at 0 and keeps 6000"),
    (update(Booking).values(status=BookingStatus.CONFIRMED), "is confirmed at 6000 and keeps 0"),
    (update(Refund).values(attempt_id=_KEPT.scalar_subquery()), "went back"),
    (update(Refund).values(status=RefundStatus.ASKED), "is still asked"),
    (update(Refund).values(provider_ref="re_other"), "nothing went back"),
    (update(Hold).values(released_at=Hold.taken_at), "has no place for good"),
    (update(Delivery).values(done_at=None), "was never sent"),
    (update(Notification).values(dedupe_key=Notification.dedupe_key + "x"), "is lost"),
]


def test_each_kind_of_damage_is_named(told: World) -> None:
    for statement, words in _DAMAGE:
        with _damaged(told, statement) as lines:
            assert [line for line in lines if words in line], words
    assert _damage(told) == []


def test_a_second_refund_for_one_row_is_named(told: World) -> None:
    log = told.sandbox.sandbox.money
    [back] = [entry for entry in log.entries() if entry["kind"] == "refund"]
    with log._path.open("a") as file:
        file.write(json.dumps(back | {"refund_ref": "re_second"}) + "\n")
    assert [line for line in books.differences(told) if "without a row of its own" in line]
