"""The books: balanced, append-only, and never below zero in a wallet; on both engines."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.domain.money import Money
from app.models import LedgerEntry, LedgerTransaction
from app.services.backoffice import reconciliation
from app.services.core.errors import Conflict
from app.services.core.transaction import transaction
from app.services.ledger import journal
from tests.support.world import World

pytestmark = pytest.mark.both_engines


def _balances(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in world.all(LedgerEntry):
        found[entry.account] = found.get(entry.account, 0) + entry.amount
    return {account: amount for account, amount in found.items() if amount}


def test_a_paid_session_is_the_practitioners_less_the_frozen_fee(world: World) -> None:
    """S2-16, S2-17, invariant 2: 10 % of 60.00, computed by us."""
    world.booked(world.person(), world.service(world.practitioner()))
    assert _balances(world) == {"gateway": -6_000, "practitioner": 5_400, "platform": 600}


def test_a_cancelled_session_leaves_nothing_behind(world: World) -> None:
    """S2-22: everything back, the fee too."""
    client = world.person()
    booking = world.booked(client, world.service(world.practitioner(), free_cancel_hours=0))
    client.post(f"/bookings/{booking['id']}/cancel")
    assert _balances(world) == {"gateway": -6_000, "refunds": 6_000}
    world.sweep()
    world.settle()
    assert _balances(world) == {}


@pytest.mark.parametrize("table", ["ledger_transactions", "ledger_entries", "changes"])
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_the_books_and_the_trail_cannot_be_rewritten(world: World, table: str, act: str) -> None:
    """Invariant 5: the database itself refuses, whoever asks."""
    world.booked(world.person(), world.service(world.practitioner()))
    with world.rows() as session:
        with pytest.raises(DatabaseError, match="append_only"):
            session.execute(text(act.format(table)))
        session.rollback()


def _credit(world: World, user_id: int, amount: int, key: str) -> None:
    with world.app.app_context(), transaction():
        there = journal.wallet(user_id)
        journal.post("test", key, journal.Transfer(journal.BY_HAND, there, Money(amount, "KES")))


def test_a_wallet_is_never_spent_below_zero(world: World) -> None:
    """Invariant 5."""
    client = world.person()
    _credit(world, client.user_id, 500, "in")
    with world.app.app_context(), pytest.raises(Conflict) as caught, transaction():
        away = journal.Transfer(journal.wallet(client.user_id), journal.BY_HAND, Money(501, "KES"))
        journal.post("test", "out", away)
    assert (caught.value.code, caught.value.values["missing"]) == ("insufficient_balance", 1)
    assert sum(e.amount for e in world.all(LedgerEntry) if e.account == "wallet") == 500


def test_of_two_movements_at_once_a_wallet_must_cover_both(world: World) -> None:
    client = world.person()
    _credit(world, client.user_id, 500, "in")
    away = journal.Transfer(journal.wallet(client.user_id), journal.BY_HAND, Money(300, "KES"))
    with world.app.app_context(), pytest.raises(Conflict) as caught, transaction():
        journal.post_all([journal.Movement("test", key, (away,)) for key in ("one", "two")])
    assert (caught.value.code, caught.value.values["missing"]) == ("insufficient_balance", 100)
    assert sum(e.amount for e in world.all(LedgerEntry) if e.account == "wallet") == 500


def test_movements_at_once_stand_in_the_books_as_one_after_the_other(world: World) -> None:
    client = world.person()
    there = journal.wallet(client.user_id)
    into = journal.Transfer(journal.BY_HAND, there, Money(500, "KES"))
    away = journal.Transfer(there, journal.WRITE_OFF, Money(200, "KES"))
    nothing = journal.Transfer(there, journal.BY_HAND, Money(0, "KES"))
    with world.app.app_context(), transaction():
        moved = {"in": into, "none": nothing, "out": away}
        journal.post_all([journal.Movement("test", key, (transfer,)) for key, transfer in moved.items()])
    rows = sorted(world.all(LedgerTransaction), key=lambda row: row.id)
    entries = [(e.transaction_id, e.account, e.amount) for e in sorted(world.all(LedgerEntry), key=lambda e: e.id)]
    assert [row.key for row in rows] == ["in", "out"]
    assert entries == [
        (rows[0].id, "by_hand", -500),
        (rows[0].id, "wallet", 500),
        (rows[1].id, "wallet", -200),
        (rows[1].id, "write_off", 200),
    ]


def test_the_database_refuses_a_wallet_below_zero_too(world: World) -> None:
    """Invariant 5, whatever code forgets to ask."""
    client = world.person()
    _credit(world, client.user_id, 500, "in")
    with world.rows() as session:
        made = session.scalars(text("SELECT id FROM ledger_transactions")).one()
        with pytest.raises(DatabaseError, match="wallet_not_below_zero"):
            session.execute(
                text(
                    "INSERT INTO ledger_entries (transaction_id, account, owner, amount, currency)"
                    " VALUES (:made, 'wallet', :owner, -501, 'KES')"
                ),
                {"made": made, "owner": str(client.user_id)},
            )
        session.rollback()


def test_one_cause_is_posted_once(world: World) -> None:
    client = world.person()
    _credit(world, client.user_id, 500, "once")
    with pytest.raises(DatabaseError):
        _credit(world, client.user_id, 500, "once")
    assert len(world.all(LedgerTransaction)) == 1


def test_what_was_taken_is_what_the_sandbox_says(world: World) -> None:
    """`flask money audit --against sandbox`: charge by charge, and in sum."""
    client = world.person()
    booking = world.booked(client, world.service(world.practitioner(), free_cancel_hours=0))
    client.post(f"/bookings/{booking['id']}/cancel")
    world.sweep()
    world.settle()
    with world.rows():
        log = world.money_taken()
        assert reconciliation.compare(log) == []
        assert [b.code for b in reconciliation.compare(log[:1])] == ["other_payment", "other_sum"]
        assert [b.code for b in reconciliation.compare([*log, log[0] | {"charge_ref": "pi_other"}])] == [
            "unknown_charge",
            "other_payment",
            "other_sum",
        ]
