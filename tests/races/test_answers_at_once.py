"""An answer that waits for another one finds what that one has made, and locks it in everybody's order (PAY-18)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from app.extensions import db
from app.models import Checkout
from tests.support.at_once import somebody_waits
from tests.support.world import Caller, World


@pytest.fixture
def engine() -> str:
    """SQLite has one writer: nobody waits in the middle of a transaction."""
    return "postgresql"


@contextmanager
def _held_once_it_has_opened_a_checkout() -> Iterator[tuple[threading.Event, threading.Event]]:
    """The first transaction that opens a checkout says so, and waits before it commits."""
    reached, go_on = threading.Event(), threading.Event()

    def wait(session: Any, _context: Any) -> None:
        if not reached.is_set() and any(isinstance(row, Checkout) for row in session.new):
            reached.set()
            assert go_on.wait(60)

    event.listen(db.session.session_factory, "after_flush", wait)
    yield reached, go_on
    event.remove(db.session.session_factory, "after_flush", wait)


def test_what_an_approval_opened_is_locked_before_the_booking_by_the_decline_that_waited_for_it(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    booking = world.book(client, world.service(owner, "approve_then_pay"))["booking"]["id"]
    said: dict[str, int] = {}
    locked: list[str] = []

    def answer(caller: Caller, action: str) -> None:
        said[action] = caller.post(f"/bookings/{booking}/{action}", {"reason": "because"}).status_code

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if threading.current_thread().name == "cancel" and "FOR NO KEY UPDATE" in statement:
            locked.append(statement.partition("FROM ")[2].split()[0])

    with world.app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        engine = db.engine
    with _held_once_it_has_opened_a_checkout() as (reached, go_on):
        approval = threading.Thread(target=answer, args=(owner, "approve"))
        approval.start()
        assert reached.wait(60), said
        cancel = threading.Thread(target=answer, args=(client, "cancel"), name="cancel")
        cancel.start()
        world.until(lambda: somebody_waits(world))
        go_on.set()
        approval.join()
        cancel.join()
    event.remove(engine, "before_cursor_execute", note)
    assert said == {"approve": 200, "cancel": 200}
    assert [checkout.status for checkout in world.all(Checkout)] == ["cancelled"]
    assert "checkouts" in locked, "never locked, and yet written"
    last_booking = len(locked) - 1 - locked[::-1].index("bookings")
    assert locked.index("checkouts") < last_booking, locked
