"""The past costs nothing: with four times as many sessions behind them, pages and calls have the database do hardly more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.extensions import db
from app.lib import clock
from app.models import Role
from app.services.backoffice import sweeps
from sandbox.server import Running
from tests.support import past_rows, sessions
from tests.support.visitor import log_in
from tests.support.world import Caller, World

_FEW = 1_000  # as many as a list counts
_MORE = 4_000
_EACH = 20  # instructions of SQLite's machine: it is counted by so many
_LIMIT = 1.5
_CHANGE = 3_000  # what little differs anyway: to read what was added takes an instruction for each row at the least, and many more


@pytest.fixture
def engine() -> str:
    """SQLite alone: its machine counts its instructions, so that what is read is counted and not timed."""
    return "sqlite"


@contextmanager
def _work(app: Flask) -> Iterator[list[int]]:
    """How much SQLite does meanwhile, in instructions of its machine."""
    done = [0]

    def step() -> int:
        done[0] += _EACH
        return 0

    def begin(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(step, _EACH)

    with app.app_context():
        db.session.remove()
        pool = db.engine.pool
    event.listen(pool, "checkout", begin)
    try:
        yield done
    finally:
        event.remove(pool, "checkout", begin)


def test_pages_and_calls_read_hardly_more_with_four_times_the_past(app: Flask, sandbox: Running) -> None:
    world = World(app, sandbox)  # and not the fixture: the copies of a session are no books that an audit would pass
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    past = sessions.held(world, client, owner, service)
    world.move(days=2)
    for nth in range(3):
        world.booked(client, service, start=world.start(service, 3 * nth))
    world.sweep()
    asked = _asked(world, client, owner, service)
    _add(world, past, 1, _FEW)
    few = {name: _done(world, ask) for name, ask in asked.items()}
    _add(world, past, _FEW + 1, _MORE)
    many = {name: _done(world, ask) for name, ask in asked.items()}
    dearer = {name: (few[name], many[name]) for name in asked if many[name] > _LIMIT * few[name] + _CHANGE}
    assert not dearer


def _add(world: World, booking_id: str, first: int, last: int) -> None:
    with world.app.app_context(), db.engine.begin() as connection:
        past_rows.copy(connection, booking_id, last, first)


def _done(world: World, ask: Callable[[], Any]) -> int:
    """The work of the second time, when nothing has to be loaded for the first time."""
    ask()
    with _work(world.app) as done:
        answer = ask()
    assert getattr(answer, "status_code", 200) == 200, answer
    assert done[0] > 0
    return done[0]


def _asked(world: World, client: Caller, owner: Caller, service: int) -> dict[str, Callable[[], Any]]:
    mine, theirs, staffs = (log_in(world, caller) for caller in (client, owner, world.person(Role.STAFF)))
    today = clock.now().date()
    month = {"from": today.isoformat(), "to": (today + timedelta(days=30)).isoformat()}
    pages = {
        **{
            f"a client's {path}": (mine, path) for path in ("/bookings", "/bookings?tab=upcoming", "/bookings?tab=past")
        },
        **{f"a client's {path}": (mine, path) for path in ("/history", "/receipts", "/notices", "/wallet")},
        **{f"a practitioner's {path}": (theirs, path) for path in ("/practice", "/practice/schedule", "/history")},
        **{f"a practitioner's tab {tab}": (theirs, f"/practice/bookings?tab={tab}") for tab in ("upcoming", "past")},
        **{f"staff's {path}": (staffs, path) for path in ("/staff", "/bookings?tab=past", "/bookings?tab=upcoming")},
        "practitioners": (mine, "/practitioners"),
        "a month of free times": (mine, f"/services/{service}"),
    }
    return {
        **{name: partial(browser.get, path) for name, (browser, path) in pages.items()},
        "API: a month of free times": partial(client.get, f"/services/{service}/slots", **month),
        "API: a client's bookings": partial(client.get, "/bookings"),
        "API: a practitioner's bookings": partial(owner.get, "/bookings"),
        "API: what waits for a client": partial(client.get, "/me/tasks"),
        "API: what waits for a practitioner": partial(owner.get, "/me/tasks"),
        "sweep": partial(_sweep, world),
    }


def _sweep(world: World) -> None:
    with world.app.app_context():
        sweeps.sweep()
