"""The same news settled twice at once: the entry says what the first of the two made of it (PAY-19)."""

import threading
import time
import uuid

import pytest
from sqlalchemy import text

from app.domain.money import Money
from app.gateways.base import Confirmed, GatewayEvent
from app.models import Attempt, InboxEntry
from app.services.core.transaction import lock, transaction
from app.services.payments import inbox
from tests.support.world import World


@pytest.fixture
def engine() -> str:
    """SQLite has one writer: nobody waits in the middle of a transaction."""
    return "postgresql"


def _stored(world: World, reference: str) -> int:
    """News that waits, as after a crash between storing and applying it."""
    with world.app.app_context(), transaction():
        event = GatewayEvent("said", "stkCallback", Confirmed(Money(150_000, "KES"), "QK12"), reference)
        stored = inbox._store_once(inbox._row("mpesa", event, "said", "callback", b""))
        assert stored
        return stored.id


def _waiting(world: World) -> int:
    with world.rows() as session:
        statement = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return int(session.scalar(text(statement)) or 0)


def _settled_at_once(world: World, entry: int, hold: uuid.UUID) -> list[str]:
    """What two that settle the entry at once are told; both have read it before either may go on."""
    said: list[str] = []

    def settle() -> None:
        with world.app.app_context():
            said.append(str(inbox.settle(entry)))

    pair = [threading.Thread(target=settle) for _ in range(2)]
    with world.app.app_context(), transaction():
        lock(Attempt, hold)
        for thread in pair:
            thread.start()
        deadline = time.monotonic() + 60
        while _waiting(world) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    for thread in pair:
        thread.join()
    return said


def test_of_two_that_settle_the_news_that_paid_none_calls_it_ignored(world: World) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency="KES"))
    world.begin(client, made["checkout"]["id"], "mpesa")
    [attempt] = world.all(Attempt)
    entry = _stored(world, attempt.reference)
    assert _settled_at_once(world, entry, attempt.id) == ["applied", "applied"]
    [row] = [each for each in world.all(InboxEntry) if each.id == entry]
    assert (str(row.state), row.tries) == ("applied", 1)
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_who_does_not_find_its_payment_does_not_write_over_who_did(world: World) -> None:
    """Read before the payment was there, written after somebody else had applied it."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency="KES"))
    world.begin(client, made["checkout"]["id"], "mpesa")
    entry = _stored(world, "NOBODYS22222")
    with world.app.app_context(), transaction() as session:
        stale = session.get_one(InboxEntry, entry)
        with world.app.app_context(), transaction() as other:
            other.execute(text(f"UPDATE inbox SET state = 'applied' WHERE id = {entry}"))
        assert str(stale.state) == "received"
        assert str(inbox._keep_unmatched(stale)) == "applied"
    assert [str(each.state) for each in world.all(InboxEntry) if each.id == entry] == ["applied"]
