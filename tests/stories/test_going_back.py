"""The rehearsal: a backup, a day of payments, refunds and disputes after it, the way back, and the vendors' lists."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.domain.lifecycle import AttemptStatus
from app.domain.money import Money
from app.extensions import db
from app.models import Attempt, Dispute, Notification, Refund, Review, Role, User
from app.services.backoffice import reconciliation, repair
from app.services.core import restorations
from tests.support.going_back import back_up, go_back, log_in_again, nothing_left, type_in
from tests.support.paid import CHARGES, CURRENCY, WHOLE, Paid, vendors
from tests.support.world import Caller, World

pytestmark = pytest.mark.usefixtures("tidy")
MPESA_PHONE = {"phone": "+254712345678"}


@pytest.fixture
def tidy(app: Flask) -> Iterator[None]:
    """Nothing stays on the server."""
    with nothing_left(app):
        yield


def _agrees(world: World) -> None:
    """The books are whole, and say payment by payment what the vendors have."""
    with world.app.app_context():
        assert reconciliation.breaches() == []
        assert reconciliation.compare(world.money_taken()) == []


def _work(world: World) -> None:
    world.sweep()
    world.settle()
    world.sweep()


@pytest.mark.both_engines
@vendors
def test_what_was_paid_after_the_backup_is_paid_after_the_way_back(world: World, gateway: str, tmp_path: Path) -> None:
    """One began before the backup, one after it, of one the booking is younger; webhooks told it all to the books that are gone."""
    staff, owner = world.person(Role.STAFF), world.practitioner()
    service = world.service(owner, currency=CURRENCY[gateway])
    starts = [slot["start"] for slot in world.slots(service)]
    early, late, younger = (world.person() for _ in range(3))
    first = world.book(early, service, starts[0])
    begun = world.begin(early, first["checkout"]["id"], gateway)
    second = world.book(late, service, starts[1])
    file = back_up(world.app, tmp_path)
    world.act(begun)
    world.act(world.begin(late, second["checkout"]["id"], gateway))
    world.booked(younger, service, gateway, start=starts[2])
    _work(world)
    mails = len(world.mails(world.email(late)))
    said = go_back(world.app, file, "--pull")
    assert "Kikao may start" in said
    _work(world)
    early, late, staff = (log_in_again(world, each) for each in (early, late, staff))
    for client, made in ((early, first), (late, second)):
        assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
        assert world.notices(client).count("booking_confirmed") == 1
    assert len(world.mails(world.email(late))) == mails + 1  # told once more: nobody knows that they had been
    assert [row.amount for row in world.all(Attempt) if row.status is AttemptStatus.PAID] == [WHOLE[gateway]] * 3
    [review] = world.all(Review)
    assert (review.reason, world.all(Refund)) == ("lost_checkout", [])
    _agrees(world)
    _give_back(world, staff, review)
    assert [(row.amount, str(row.status)) for row in world.all(Refund)] == [(WHOLE[gateway], "done")]
    _agrees(world)
    assert type_in(world.app, "money", "pull", "--since", "3d").exit_code == 0
    assert len(world.all(Review)) == 1
    _agrees(world)


def _give_back(world: World, staff: Caller, review: Review) -> None:
    with world.app.app_context():
        who = db.session.get_one(User, staff.user_id)
        repair.resolve(review.id, "refund", "Nobody could say what it was for", who)
    _work(world)


@pytest.mark.both_engines
@vendors
def test_what_went_back_after_the_backup_does_not_go_back_twice(world: World, gateway: str, tmp_path: Path) -> None:
    """Cancelled and refunded in the time that is gone; the client, whose session stands again, cancels once more."""
    client, owner = world.person(), world.practitioner()
    made = world.booked(client, world.service(owner, currency=CURRENCY[gateway], free_cancel_hours=0), gateway)
    file = back_up(world.app, tmp_path)
    assert client.post(f"/bookings/{made['id']}/cancel").status_code == 200
    _work(world)
    assert _returned(world) == [WHOLE[gateway]]
    go_back(world.app, file, "--pull")
    client = log_in_again(world, client)
    client.post(f"/bookings/{made['id']}/cancel")
    _work(world)
    assert _returned(world) == [WHOLE[gateway]]
    assert sum(row.amount for row in world.all(Refund)) == WHOLE[gateway]
    _agrees(world)


def _returned(world: World) -> list[int]:
    return [entry["amount"] for entry in world.money_taken() if entry["kind"] == "refund"]


@vendors
def test_a_refund_that_was_asked_for_in_the_backup_is_not_sent_a_second_time(
    world: World, gateway: str, tmp_path: Path
) -> None:
    """Stripe forgets a key after a day, and sends any part twice: before work begins its list has to say what was done under it."""
    paid = Paid(world, gateway)
    part = Money(WHOLE[gateway] // 3, CURRENCY[gateway])
    with world.app.app_context():
        staff = db.session.get_one(User, paid.staff.user_id)
        repair.refund(paid.attempt.id, part, "Agreed on the phone, case 17.", staff)
    file = back_up(world.app, tmp_path)
    _work(world)
    assert _returned(world) == [part.amount]
    world.move(days=2)
    go_back(world.app, file, "--pull")
    _work(world)
    assert _returned(world) == [part.amount]
    assert paid.refunds == [(part.amount, "done")]
    _agrees(world)


@vendors
def test_what_was_paid_before_the_backup_and_told_only_after_it_is_found(
    world: World, gateway: str, tmp_path: Path
) -> None:
    """A vendor tries a webhook for days: the books that are gone heard it, those of the backup never will."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency=CURRENCY[gateway]))
    begun = world.begin(client, made["checkout"]["id"], gateway)
    world.faults(gateway="any", callbacks="hold", times=9)
    world.act(begun)
    world.move(hours=5)
    file = back_up(world.app, tmp_path)
    world.sandbox.sandbox.faults.clear()
    world.sandbox.sandbox.courier.release()
    world.settle()
    assert [row.status for row in world.all(Attempt)] == [AttemptStatus.PAID]
    go_back(world.app, file, "--pull")
    assert [row.status for row in world.all(Attempt)] == [AttemptStatus.PAID]
    _agrees(world)


@vendors
def test_a_dispute_of_the_time_that_is_gone_is_before_staff_again(world: World, gateway: str, tmp_path: Path) -> None:
    paid = Paid(world, gateway)
    file = back_up(world.app, tmp_path)
    charge = next(each["id"] for each in paid.vendors(CHARGES[gateway]) if each["captured"])
    paid.does(CHARGES[gateway], "dispute", charge)
    go_back(world.app, file, "--pull")
    assert ([str(row.status) for row in world.all(Dispute)], paid.reviews) == (["open"], ["disputed"])


# ------------------------------------------------------------------------------------------------ M-Pesa has no list


def test_m_pesa_that_was_begun_before_the_backup_is_found_by_its_query(world: World, tmp_path: Path) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency="KES"))
    begun = world.begin(client, made["checkout"]["id"], "mpesa", **MPESA_PHONE)
    file = back_up(world.app, tmp_path)
    world.act(begun)
    go_back(world.app, file, "--pull")
    world.move(minutes=2)
    _work(world)
    client = log_in_again(world, client)
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    _agrees(world)


def test_of_m_pesa_begun_after_the_backup_staff_read_that_only_its_statement_knows(
    world: World, tmp_path: Path
) -> None:
    """No list, no look-up: nothing is made up, and nobody believes that all is known."""
    staff, client = world.person(Role.STAFF), world.person()
    made = world.book(client, world.service(world.practitioner(), currency="KES"))
    file = back_up(world.app, tmp_path)
    world.act(world.begin(client, made["checkout"]["id"], "mpesa", **MPESA_PHONE))
    go_back(world.app, file, "--pull")
    _work(world)
    assert world.all(Attempt) == []
    [told] = [row for row in world.all(Notification) if row.kind == "books_restored"]
    assert (told.user_id, "M-Pesa" in told.data["name"]) == (staff.user_id, True)
    [mail] = world.mails(world.email(staff))
    assert "M-Pesa" in mail["text"]
    assert "compare with their statements" in " ".join(mail["text"].split())
    with world.app.app_context():
        assert [breach.code for breach in reconciliation.compare(world.money_taken())] != []


# ------------------------------------------------------------------------------------------------ when it does not go through


def test_work_does_not_begin_while_one_of_the_vendors_cannot_be_asked(world: World, tmp_path: Path) -> None:
    file = back_up(world.app, tmp_path)
    world.faults(gateway="razorpay", route="lists", fault="500", times=9)
    done = type_in(world.app, "restore", file, "--replace", "--pull")
    assert (done.exit_code, "run it again" in done.output) == (1, True)
    with world.app.app_context():
        since = restorations.behind()
    assert since is not None
    world.sandbox.sandbox.faults.clear()
    alone = type_in(world.app, "money", "pull", "--since", since.isoformat(), "--gateway", "stripe")
    assert (alone.exit_code, "may start" in alone.output) == (0, False)
    assert type_in(world.app, "money", "pull", "--since", "1d").exit_code == 0
    with world.app.app_context():
        assert restorations.behind() == since  # a day is not what was asked for
    assert "may start" in type_in(world.app, "money", "pull", "--since", since.isoformat()).output
    with world.app.app_context():
        assert restorations.behind() is None
