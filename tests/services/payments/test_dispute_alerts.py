"""What staff are told of a payer's bank: how much, by when, and where it is dealt with; and that it waits for them once."""

import re
from datetime import datetime

from app.blueprints.common import web
from app.domain.money import Money
from app.gateways.base import Disputed
from app.lib import clock
from app.models import Dispute, Review, Role, User
from app.services.backoffice.overview import money_page, queues
from tests.support.paid import CHARGES, Paid
from tests.support.visitor import Visitor
from tests.support.world import Caller, World


def _challenged(paid: Paid) -> str:
    """The payer's bank challenges the charge; the vendor's id of the dispute."""
    [charge] = [each for each in paid.vendors(CHARGES[paid.gateway]) if each["captured"]]
    made: str = paid.does(CHARGES[paid.gateway], "dispute", charge["id"])["id"]
    return made


def _in_kolkata(world: World, staff: Caller) -> None:
    with world.rows() as session:
        session.get_one(User, staff.user_id).zone = "Asia/Kolkata"
        session.commit()


def _shown(paid: Paid, due: datetime) -> str:
    with paid.world.app.test_request_context():
        return web.when(due, "Asia/Kolkata").replace("\xa0", " ")


def _mailed(paid: Paid, subject: str) -> str:
    paid.world.sweep()
    [text] = [mail["text"] for mail in paid.world.mails(paid.world.email(paid.staff)) if subject in mail["subject"]]
    return str(text).replace("\xa0", " ").replace("\r", "")


def _led(page: str, words: str) -> str:
    """Where the message with these words leads."""
    found = re.search(rf'href="([^"]+)">[^<]*{re.escape(words)}', page)
    assert found, page
    return found[1]


def test_the_alert_of_a_dispute_says_how_much_by_when_and_leads_to_its_page(world: World) -> None:
    """Times are by the clock of who reads."""
    paid = Paid(world, "stripe")
    _in_kolkata(world, paid.staff)
    _challenged(paid)
    [dispute] = world.all(Dispute)
    assert dispute.respond_by is not None
    due = _shown(paid, dispute.respond_by)
    assert "IST" in due
    text = _mailed(paid, "A bank disputes")
    for expected in ("€ 60", paid.attempt.reference, due, f"/staff/disputes/{dispute.id}\n"):
        assert expected in text, text
    visitor = Visitor(world, paid.staff)
    listed = visitor.main("/notices")
    for expected in ("€ 60", paid.attempt.reference, due):
        assert expected in listed, listed
    assert _led(visitor.get("/notices").text, "€ 60".replace(" ", "\xa0")) == f"/staff/disputes/{dispute.id}"


def test_a_reminder_of_evidence_leads_to_the_dispute_and_says_by_when(world: World) -> None:
    paid = Paid(world, "stripe")
    _in_kolkata(world, paid.staff)
    _challenged(paid)
    [dispute] = world.all(Dispute)
    assert dispute.respond_by is not None
    world.move(days=5)
    world.sweep()
    visitor = Visitor(world, paid.staff)
    assert _led(visitor.get("/notices").text, "is waiting for your evidence") == f"/staff/disputes/{dispute.id}"
    assert f"by {_shown(paid, dispute.respond_by)}" in visitor.main("/notices")


def test_a_dispute_of_which_only_the_end_was_told_has_no_deadline_to_keep(world: World) -> None:
    paid = Paid(world, "razorpay")
    paid.hear(Disputed(paid.attempt.charge_ref or "", Money(90_000, "INR"), "lost", "disp_1"))
    [dispute] = world.all(Dispute)
    text = _mailed(paid, "The bank has decided")
    assert "The bank took the money back" in text
    assert "₹ 900" in text
    assert f"/staff/disputes/{dispute.id}\n" in text
    assert "evidence" not in text


def test_a_dispute_without_a_deadline_says_that_none_was_told(world: World) -> None:
    paid = Paid(world, "razorpay")
    paid.hear(Disputed(paid.attempt.charge_ref or "", Money(90_000, "INR"), "created", "disp_1"))
    assert "The gateway has not given a deadline." in _mailed(paid, "A bank disputes")
    assert "The gateway has not given a deadline." in Visitor(world, paid.staff).main("/notices")


def test_a_dispute_that_is_lost_after_staff_closed_its_review_is_told_with_its_amount(world: World) -> None:
    paid = Paid(world, "stripe")
    dispute = _challenged(paid)
    _close_reviews(world)
    paid.does("disputes", "lose", dispute)
    [row] = world.all(Dispute)
    text = _mailed(paid, "The bank has decided")
    assert "€ 60" in text
    assert f"/staff/disputes/{row.id}\n" in text


def test_a_practitioner_who_was_staff_reads_no_alert_of_a_dispute(world: World) -> None:
    """SEC-19."""
    paid = Paid(world, "stripe")
    _challenged(paid)
    with world.rows() as session:
        session.get_one(User, paid.staff.user_id).role = Role.CLIENT
        session.commit()
    assert "€ 60" not in Visitor(world, paid.staff).main("/notices")


# ---------------------------------------------------------------------------------------- one thing that waits


def _waits(world: World) -> dict[str, int]:
    with world.app.app_context():
        tills = sum(till.reviews for till in money_page.tills("UTC"))
        return {name: count for name, count in queues.totals().items() if count} | ({"till": tills} if tills else {})


def _close_reviews(world: World) -> None:
    with world.rows() as session:
        for review in session.query(Review):
            review.resolved_at = clock.now()
            review.resolution = "close"
            review.evidence = "Looked at"
        session.commit()


def test_a_dispute_waits_for_staff_once_while_the_bank_has_not_decided(world: World) -> None:
    """Its review stands in no queue meanwhile, nor in the number of payments to decide about."""
    paid = Paid(world, "stripe")
    dispute = _challenged(paid)
    assert _waits(world) == {"disputes": 1}
    with world.app.app_context():
        assert queues.rows("reviews") == []
    paid.does("disputes", "lose", dispute)
    assert _waits(world) == {"reviews": 1, "till": 1}


def test_an_enquiry_that_became_a_chargeback_waits_once_too(world: World) -> None:
    paid = Paid(world, "stripe")
    [charge] = paid.vendors("charges")
    dispute = paid.does("charges", "dispute", charge["id"], enquiry=True)["id"]
    paid.does("disputes", "escalate", dispute)
    assert _waits(world) == {"disputes": 1}


def test_what_else_is_to_be_decided_of_a_challenged_payment_still_waits(world: World) -> None:
    """Of two disputes of a charge one is lost: what becomes of it waits, and the other is a dispute."""
    paid = Paid(world, "stripe")
    charge, half = paid.attempt.charge_ref or "", Money(3_000, "EUR")
    paid.hear(Disputed(charge, half, "needs_response", "du_1"))
    paid.hear(Disputed(charge, half, "needs_response", "du_2"))
    paid.hear(Disputed(charge, half, "lost", "du_1", deducted=half))
    assert _waits(world) == {"disputes": 1, "reviews": 1, "till": 1}
