"""Receipts: one for each payment that is kept, a credit note for what goes back, in series without gaps; both engines."""

import threading
import time
import uuid
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Receipt, ReceiptKind, ReceiptSeries, Role, User
from app.services.backoffice import reconciliation, repair
from app.services.core.transaction import at_the_end, transaction
from app.services.ledger import journal, receipts
from app.services.prepaid import wallet
from tests.support.world import Caller, World


def _papers(world: World) -> list[Receipt]:
    return sorted(world.all(Receipt), key=lambda paper: (paper.series, paper.nth))


def test_a_paid_session_has_one_numbered_receipt_in_the_same_commit(world: World) -> None:
    """S2-19, S2-26: who, what in discreet words, when, how much, how, under which reference."""
    owner, client = world.practitioner(), world.person()
    booking = world.booked(client, world.service(owner, title="Trauma therapy"))
    [paper] = _papers(world)
    assert (paper.number, paper.kind, paper.money) == ("P1-000001", ReceiptKind.RECEIPT, Money(6_000, "EUR"))
    assert (paper.client_name, paper.issuer_name, paper.about) == ("Wanjiku Kamau", "Dr. Amina Otieno", "booking")
    assert (paper.title, paper.method, str(paper.booking_id)) == ("", "Card", booking["id"])
    [attempt] = world.all(Attempt)
    assert (paper.charge_ref, paper.reference) == (attempt.charge_ref, attempt.reference)


def test_a_session_is_named_only_for_who_asked_for_it(world: World) -> None:
    """Discreet mode, section 2 of the mission."""
    client = world.person()
    with world.rows() as session:
        session.get_one(User, client.user_id).switches = {"titles": True}
        session.commit()
    world.booked(client, world.service(world.practitioner(), title="Latin grammar"))
    assert [paper.title for paper in _papers(world)] == ["Latin grammar"]


def test_what_goes_back_has_a_credit_note_from_the_same_series(world: World) -> None:
    """S2-26: cancelled in time, all of it; the note names the receipt it corrects."""
    client = world.person()
    booking = world.booked(client, world.service(world.practitioner(), free_cancel_hours=0))
    assert client.post(f"/bookings/{booking['id']}/cancel").status_code == 200
    first, note = _papers(world)
    assert [paper.number for paper in (first, note)] == ["P1-000001", "P1-000002"]
    assert (note.kind, note.corrects_id, note.amount) == (ReceiptKind.CREDIT_NOTE, first.id, 6_000)
    assert note.reason == "cancelled"
    world.sweep()
    world.settle()
    assert len(_papers(world)) == 2


def test_money_that_never_paid_for_anything_has_no_paper(world: World) -> None:
    """A second payment goes back at once: nothing was sold, so nothing is receipted or credited."""
    owner, client, other = world.practitioner(), world.person(), world.person()
    service = world.service(owner, "pay_then_book")
    start = world.start(service)
    made = [world.book(person, service, start) for person in (client, other)]
    begun = [world.begin(p, m["checkout"]["id"]) for p, m in zip((client, other), made, strict=True)]
    for each in begun:
        world.act(each)
    assert [(paper.number, paper.client_id) for paper in _papers(world)] == [("P1-000001", client.user_id)]


def test_credit_is_counted_in_a_series_of_the_house(world: World) -> None:
    """S2-26: a top-up is nobody's session; what is paid with it is."""
    client = world.person()
    service = world.service(world.practitioner())
    made = client.post("/wallet/top-ups", {"amount": {"amount": 10_000, "currency": "EUR"}})
    world.act(world.begin(client, made.json["id"]))
    booked = world.book(client, service)
    paid = client.post(f"/checkouts/{booked['checkout']['id']}/attempts", {"gateway": "wallet"})
    assert paid.status_code == 201
    found = [(paper.number, paper.about, paper.method, paper.practitioner_id) for paper in _papers(world)]
    assert found == [("K-000001", "top_up", "Card", None), ("P1-000001", "booking", "wallet", 1)]


def _tax(world: World, owner: Caller, name: str = "VAT", rate: int = 1_600, number: str = "P051234567X") -> None:
    with world.app.app_context():
        receipts.save_tax(db.session.get_one(User, owner.user_id), name, rate, number)


@pytest.mark.parametrize(
    ("parts", "taxes"),
    [
        ((1_999, 1_999, 2_002), [276, 275, 277]),
        ((1, 1, 5_998), [0, 0, 828]),  # 827 in the last by itself
        ((1, 3, 5_996), [0, 1, 827]),
    ],
)
def test_the_tax_is_frozen_and_parts_give_back_exactly_what_was_in_the_whole(
    world: World, parts: tuple[int, ...], taxes: list[int]
) -> None:
    """S2-26: 16 % in 60.00 is 8.28; refunds in three parts give back 8.28, whatever the tax is by then."""
    owner, client, staff = world.practitioner(), world.person(), world.person(Role.STAFF)
    _tax(world, owner)
    world.booked(client, world.service(owner))
    _tax(world, owner, "GST", 500, "other")
    for amount in parts:
        with world.app.app_context():
            [attempt] = db.session.query(Attempt)
            user = db.session.get_one(User, staff.user_id)
            repair.refund(attempt.id, Money(amount, "EUR"), "asked for it", user)
    receipt, *notes = _papers(world)
    assert (receipt.tax_name, receipt.tax_rate, receipt.tax_number, receipt.tax_amount) == (
        "VAT",
        1_600,
        "P051234567X",
        828,
    )
    assert [(note.tax_rate, note.tax_amount) for note in notes] == [(1_600, tax) for tax in taxes]


@pytest.mark.parametrize("act", ["UPDATE receipts SET amount = amount + 1", "DELETE FROM receipts"])
def test_a_receipt_cannot_be_rewritten(world: World, act: str) -> None:
    """The database itself refuses, whoever asks."""
    world.booked(world.person(), world.service(world.practitioner()))
    with world.rows() as session:
        with pytest.raises(DatabaseError, match="append_only"):
            session.execute(text(act))
        session.rollback()


class _Stop(Exception):
    pass


def _stop() -> None:
    raise _Stop


def _credit(world: World, client: Caller) -> None:
    with world.app.app_context(), transaction():
        here = journal.wallet(client.user_id)
        journal.post("test", f"in:{client.user_id}", journal.Transfer(journal.BY_HAND, here, Money(6_000, "EUR")))


def test_a_transaction_that_fails_leaves_no_gap(world: World) -> None:
    """The number is taken in the transaction it belongs to, and given back with it."""
    client, service = world.person(), world.service(world.practitioner())
    _credit(world, client)
    checkout = world.book(client, service)["checkout"]["id"]
    with world.app.app_context():
        payer = db.session.get_one(User, client.user_id)
        with pytest.raises(_Stop), transaction():
            wallet.pay_inside(uuid.UUID(checkout), payer, None)
            at_the_end("~ after the number", _stop)
    assert (_papers(world), world.all(ReceiptSeries)) == ([], [])
    assert client.post(f"/checkouts/{checkout}/attempts", {"gateway": "wallet"}).status_code == 201
    assert [paper.number for paper in _papers(world)] == ["P1-000001"]


def _insist(client: Caller, path: str, body: dict[str, Any]) -> int:
    """A program's way with "busy": once more, a little later, for a minute."""
    end = time.monotonic() + 60
    while (answer := client.post(path, body)).status_code == 503 and time.monotonic() < end:
        time.sleep(0.05)
    return answer.status_code


def test_many_writers_at_once_give_every_number_once(world: World) -> None:
    """Gapless and unique: twelve clients pay two practitioners from their wallets at the same moment, and half cancel."""
    services = [world.service(world.practitioner(), free_cancel_hours=0) for _ in range(2)]
    bills: list[tuple[Caller, str, str]] = []
    for number in range(12):
        client, service = world.person(), services[number % 2]
        _credit(world, client)
        made = world.book(client, service, world.slots(service)[number]["start"])
        bills.append((client, made["checkout"]["id"], made["booking"]["id"]))
    gate, answers = threading.Barrier(len(bills)), list[Any]()

    def run(number: int, client: Caller, checkout: str, booking: str) -> None:
        gate.wait()
        answers.append(_insist(client, f"/checkouts/{checkout}/attempts", {"gateway": "wallet"}))
        if number % 4 > 1:
            answers.append(_insist(client, f"/bookings/{booking}/cancel", {}))

    threads = [threading.Thread(target=run, args=(number, *bill)) for number, bill in enumerate(bills)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 6 + [201] * 12
    for series in ("P1", "P2"):
        found = [paper.nth for paper in _papers(world) if paper.series == series]
        assert found == list(range(1, 10))


def test_money_that_moved_before_there_were_receipts_gets_them_with_the_next_sweep(world: World) -> None:
    """An installation that is upgraded: every kept payment, and what went back of it, the oldest first."""
    client = world.person()
    service = world.service(world.practitioner(), free_cancel_hours=0)
    kept, gone = (world.booked(client, service, start=world.slots(service)[n]["start"]) for n in (0, 3))
    assert client.post(f"/bookings/{gone['id']}/cancel").status_code == 200
    _forget(world)
    world.sweep()
    found = [(paper.number, paper.kind.value, str(paper.booking_id)) for paper in _papers(world)]
    assert found == [
        ("P1-000001", "receipt", kept["id"]),
        ("P1-000002", "receipt", gone["id"]),
        ("P1-000003", "credit_note", gone["id"]),
    ]
    world.sweep()
    assert len(_papers(world)) == 3


def _forget(world: World) -> None:
    with world.rows() as session:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        if is_sqlite:
            [guard] = session.scalars(text("SELECT sql FROM sqlite_master WHERE name = 'receipts_append_only_delete'"))
            session.execute(text("DROP TRIGGER receipts_append_only_delete"))
            session.execute(text("DELETE FROM receipts"))
            session.execute(text(guard))
            session.execute(text("DELETE FROM receipt_series"))
        else:
            session.execute(text("TRUNCATE receipts, receipt_series"))
        session.commit()


def test_the_audit_misses_a_receipt_that_is_not_there(world: World) -> None:
    world.booked(world.person(), world.service(world.practitioner()))
    with world.rows() as session:
        session.execute(text("UPDATE receipt_series SET last = 2"))
        session.flush()
        assert {breach.code for breach in reconciliation.breaches()} == {"receipt_gap"}
        session.rollback()
    assert all(paper.issued_at <= clock.now() for paper in _papers(world))
