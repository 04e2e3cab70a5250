"""What a payer's bank challenges: known by the vendor's id, and never paid out a second time by us."""

from itertools import permutations
from typing import Any

import pytest

from app.domain.lifecycle import DisputePhase, InboxState
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Disputed
from app.models import Dispute, Refund, Review, Role, User
from app.services.backoffice import reconciliation, repair
from app.services.core.errors import Conflict
from sandbox.control.acts import ACTS
from tests.support.credit import held
from tests.support.paid import CHARGES, WHOLE, Paid, vendors
from tests.support.proofs import Pages
from tests.support.world import World


def _challenged(paid: Paid, **wish: Any) -> str:
    """The payer's bank challenges the charge; the vendor's id of the dispute."""
    [charge] = [each for each in paid.vendors(CHARGES[paid.gateway]) if each["captured"]]
    made: str = paid.does(CHARGES[paid.gateway], "dispute", charge["id"], **wish)["id"]
    return made


def _disputes(paid: Paid) -> list[tuple[int, str, str]]:
    rows = sorted(paid.world.all(Dispute), key=lambda row: row.id)
    return [(row.amount, str(row.phase), str(row.status)) for row in rows]


def _swept(paid: Paid) -> None:
    paid.world.sweep()
    paid.world.settle()


def _state(paid: Paid) -> str:
    """The word about the refund that its client reads."""
    word: str = paid.world.booking(paid.client, paid.id)["refunds"][0]["state"]
    return word


# ---------------------------------------------------------------------------------------- refunds and an open dispute


@vendors
def test_a_refund_waits_while_the_payers_bank_challenges_the_charge_and_is_set_off_when_it_is_lost(
    world: World, gateway: str
) -> None:
    """PAY-3, PAY-4: of 900.00 that came in, 900.00 goes out, once, and nothing is owed any more."""
    paid = Paid(world, gateway)
    dispute = _challenged(paid)
    paid.cancelled()
    _swept(paid)
    assert (paid.refunds, paid.vendors("refunds")) == ([(WHOLE[gateway], "asked")], [])
    assert world.notices(paid.staff).count("refund_withheld") == 1
    paid.does("disputes", "lose", dispute)
    _swept(paid)
    [refund] = world.all(Refund)
    assert (str(refund.status), str(refund.means), paid.vendors("refunds")) == ("done", "bank", [])
    assert (held(world, "gateway"), held(world, "write_off"), held(world, "refunds")) == (0, 0, 0)
    paid.agrees()


@vendors
def test_a_dispute_that_is_won_lets_the_refund_go(world: World, gateway: str) -> None:
    """PAY-3: it waited, and goes out by itself."""
    paid = Paid(world, gateway)
    dispute = _challenged(paid)
    paid.cancelled()
    _swept(paid)
    paid.does("disputes", "win", dispute)
    _swept(paid)
    assert paid.refunds == [(WHOLE[gateway], "done")]
    assert (held(world, "gateway"), held(world, "write_off")) == (0, 0)
    paid.agrees()


@vendors
def test_of_a_part_that_is_lost_only_the_rest_is_sent_back(world: World, gateway: str) -> None:
    """PAY-4: a third is the bank's, two thirds go back the way they came."""
    paid = Paid(world, gateway)
    whole, third = WHOLE[gateway], WHOLE[gateway] // 3
    dispute = _challenged(paid, amount=third)
    paid.cancelled()
    _swept(paid)
    paid.does("disputes", "lose", dispute)
    _swept(paid)
    means = {str(row.means): row.amount for row in world.all(Refund)}
    if gateway == "stripe":  # refuses every refund of a charge with a lost dispute: staff end it
        assert sorted(paid.refunds) == [(third, "done"), (whole - third, "failed")]
    else:
        assert means == {"bank": third, "gateway": whole - third}
        assert held(world, "gateway") == 0
    assert held(world, "write_off") == 0
    paid.agrees()


def test_before_cancelling_it_is_said_that_the_money_waits(world: World) -> None:
    """ROW-3: what is said is what is done."""
    paid = Paid(world, "stripe")
    _challenged(paid)
    page = Pages(world, paid.owner).get(f"/bookings/{paid.id}/cancel").text
    assert "will be refunded once the bank has decided about this payment." in page


def test_a_refund_that_stripe_refused_because_of_a_dispute_is_set_off_or_sent_by_itself(world: World) -> None:
    """PAY-4: the refusal comes before the news of the dispute, which was lost on its way."""
    for end, means in (("lose", "bank"), ("win", "gateway")):
        paid = Paid(world, "stripe")
        charge = next(each for each in paid.vendors("charges") if each["payment_intent"] == _last(paid).charge_ref)
        world.drop_callbacks()
        dispute = paid.does("charges", "dispute", charge["id"])["id"]
        paid.cancelled()
        _swept(paid)
        refund = max(world.all(Refund), key=lambda row: row.asked_at)
        assert (str(refund.status), refund.failure_code) == ("failed", "disputed")
        world.sandbox.sandbox.faults.clear()
        paid.does("disputes", end, dispute)
        _swept(paid)
        refund = max(world.all(Refund), key=lambda row: row.asked_at)
        assert (str(refund.status), str(refund.means)) == ("done", means)
        paid.agrees()


def _last(paid: Paid) -> Any:
    return max((row for row in paid.world.all(type(paid.attempt)) if row.charge_ref), key=lambda row: row.created_at)


def test_an_enquiry_takes_nothing_and_holds_nothing_up(world: World) -> None:
    """docs.stripe.com/disputes/how-disputes-work: sending the money back is how an enquiry ends."""
    paid = Paid(world, "stripe")
    dispute = _challenged(paid, enquiry=True)
    paid.cancelled()
    _swept(paid)
    assert paid.refunds == [(6_000, "done")]
    paid.does("disputes", "win", dispute)
    assert _disputes(paid) == [(6_000, "enquiry", "won")]
    paid.agrees()


def test_while_it_is_challenged_staff_cannot_send_the_same_money_by_hand(world: World) -> None:
    """PAY-4: each remedy paid twice."""
    paid = Paid(world, "stripe")
    world.faults(gateway="stripe", route="refund", fault="refund_failed", times=9)
    paid.cancelled()
    _swept(paid)
    _challenged(paid)
    [refund] = world.all(Refund)
    with world.app.app_context():
        staff = db.session.get_one(User, paid.staff.user_id)
        assert repair.remedies_for(db.session.get_one(Refund, refund.id), staff) == [
            "retry",
            "credit",
            "before",
            "not_owed",
        ]
        with pytest.raises(Conflict, match="refund_withheld"):
            repair.settle_refund(refund.id, "bank transfer 77", staff)


# ---------------------------------------------------------------------------------------- what a dispute is known by


def test_each_dispute_of_a_charge_is_its_own(world: World) -> None:
    """PAY-9 (b): 300.00 and then 400.00 of 900.00 are lost, and 700.00 is written off."""
    paid = Paid(world, "razorpay")
    first, second = _challenged(paid, amount=30_000), _challenged(paid, amount=40_000)
    assert len(paid.reviews) == 2
    paid.does("disputes", "lose", first)
    paid.does("disputes", "lose", second)
    assert _disputes(paid) == [(30_000, "chargeback", "lost"), (40_000, "chargeback", "lost")]
    assert held(world, "write_off") == -70_000
    paid.agrees()


def test_a_dispute_that_comes_again_in_a_later_phase_alerts_again(world: World) -> None:
    """PAY-9 (a): a chargeback is won; pre-arbitration is a new dispute on the same payment, due in two days."""
    paid = Paid(world, "razorpay")
    paid.does("disputes", "win", _challenged(paid))
    _challenged(paid, phase="pre_arbitration")
    assert _disputes(paid) == [(90_000, "chargeback", "won"), (90_000, "pre_arbitration", "open")]
    assert paid.reviews == ["disputed", "disputed"]
    assert world.notices(paid.staff).count("dispute_opened") == 2


def test_an_enquiry_that_becomes_a_chargeback_alerts_again_and_holds_refunds(world: World) -> None:
    """Stripe's enquiry keeps its id when the bank is not content."""
    paid = Paid(world, "stripe")
    dispute = _challenged(paid, enquiry=True)
    paid.does("disputes", "escalate", dispute)
    assert (_disputes(paid), paid.reviews) == ([(6_000, "chargeback", "open")], ["disputed", "disputed"])
    paid.cancelled()
    _swept(paid)
    assert (paid.refunds, _state(paid)) == ([(6_000, "asked")], "withheld")


@pytest.mark.in_turn
@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_in_whatever_order_it_is_told_the_books_end_the_same(world: World, order: tuple[int, ...]) -> None:
    """Enquiry, chargeback, withdrawal, lost: 60.00 is written off once, and nothing opens again."""
    paid = Paid(world, "stripe")
    charge, money = paid.attempt.charge_ref or "", Money(6_000, "EUR")
    told = [
        Disputed(charge, money, "warning_needs_response", "du_1", DisputePhase.ENQUIRY),
        Disputed(charge, money, "needs_response", "du_1"),
        Disputed(charge, money, "under_review", "du_1", deducted=money),
        Disputed(charge, money, "lost", "du_1", deducted=money),
    ]
    for nth in order:
        paid.hear(told[nth])
    assert _disputes(paid) == [(6_000, "chargeback", "lost")]
    assert held(world, "write_off") == -6_000
    assert len(paid.reviews) == len(set(paid.reviews)) or paid.reviews.count("disputed") <= 2
    paid.agrees()


def test_what_was_really_taken_is_booked_and_not_what_was_challenged(world: World) -> None:
    """Razorpay's amount_deducted: 500.00 of the 900.00 that were challenged."""
    paid = Paid(world, "razorpay")
    charge = paid.attempt.charge_ref or ""
    paid.hear(Disputed(charge, Money(90_000, "INR"), "created", "disp_1"))
    paid.hear(Disputed(charge, Money(90_000, "INR"), "lost", "disp_1", deducted=Money(50_000, "INR")))
    assert held(world, "write_off") == -50_000
    paid.agrees()


def test_a_dispute_from_before_ids_were_kept_is_not_opened_a_second_time(world: World) -> None:
    """A row that 0018 could find no id for takes the first that is told."""
    paid = Paid(world, "razorpay")
    charge, money = paid.attempt.charge_ref or "", Money(90_000, "INR")
    paid.hear(Disputed(charge, money, "created"))
    paid.hear(Disputed(charge, money, "lost", "disp_1"))
    assert (_disputes(paid), held(world, "write_off")) == ([(90_000, "chargeback", "lost")], -90_000)


# ---------------------------------------------------------------------------------------- deadlines


def test_staff_are_reminded_five_and_two_days_before_evidence_is_due(world: World) -> None:
    """Once for each, however often the clock looks; and no more once the bank has decided."""
    paid = Paid(world, "stripe")
    dispute = _challenged(paid)  # due in nine days
    told = []
    for days in (0, 3, 1, 2, 1, 1):
        world.move(days=days)
        _swept(paid)
        _swept(paid)
        told.append(world.notices(paid.staff).count("dispute_deadline"))
    assert told == [0, 0, 1, 1, 2, 2]
    assert [mail["subject"] for mail in world.mails(world.email(paid.staff))].count(
        f"Evidence due: {paid.attempt.reference}"
    ) == 2
    paid.does("disputes", "lose", dispute)
    assert _disputes(paid)[0][2] == "lost"


def test_news_of_an_earlier_phase_changes_nothing(world: World) -> None:
    """An enquiry that ends well does not end the chargeback that followed it."""
    paid = Paid(world, "stripe")
    charge, money = paid.attempt.charge_ref or "", Money(6_000, "EUR")
    paid.hear(Disputed(charge, money, "needs_response", "du_1"))
    state = paid.hear(Disputed(charge, money, "warning_closed", "du_1", DisputePhase.ENQUIRY))
    assert (state, _disputes(paid)) == (InboxState.IGNORED, [(6_000, "chargeback", "open")])


# ---------------------------------------------------------------------------------------- lost first, asked after


def test_what_was_lost_before_is_not_taken_off_a_refund_twice(world: World) -> None:
    """300.00 of 900.00 are lost, then all is to go back: 600.00 are asked for, and none of them is set off again."""
    paid = Paid(world, "razorpay")
    paid.does("disputes", "lose", _challenged(paid, amount=30_000))
    world.faults(gateway="razorpay", route="refund", fault="no_balance", times=1)
    paid.cancelled()
    _swept(paid)
    second = _challenged(paid, amount=10_000)
    paid.does("disputes", "win", second)
    world.move(hours=5)
    _swept(paid)
    assert paid.refunds == [(60_000, "done")]
    assert (held(world, "gateway"), held(world, "write_off")) == (0, -30_000)
    paid.agrees()


def test_only_what_is_lost_since_is_set_off(world: World) -> None:
    """300.00 lost, 600.00 asked for and waiting, then 400.00 more lost: 200.00 are sent, 900.00 in all."""
    paid = Paid(world, "razorpay")
    first, second = _challenged(paid, amount=30_000), _challenged(paid, amount=40_000)
    paid.does("disputes", "lose", first)
    paid.cancelled()
    _swept(paid)
    paid.does("disputes", "lose", second)
    _swept(paid)
    assert sorted(paid.refunds) == [(20_000, "done"), (40_000, "done")]
    assert (held(world, "gateway"), held(world, "write_off")) == (0, -30_000)
    paid.agrees()


def test_news_that_is_told_after_the_last_word_changes_nothing(world: World) -> None:
    """Stripe does not promise an order: closed, then created and funds_withdrawn."""
    paid = Paid(world, "stripe")
    charge, money = paid.attempt.charge_ref or "", Money(6_000, "EUR")
    paid.hear(Disputed(charge, money, "lost", "du_1", deducted=money))
    for stage in ("needs_response", "under_review", "won"):
        assert paid.hear(Disputed(charge, money, stage, "du_1")) is InboxState.IGNORED
    assert (_disputes(paid), paid.reviews) == ([(6_000, "chargeback", "lost")], ["disputed"])


def test_money_that_waits_for_a_decision_and_was_lost_is_not_sent_back(world: World) -> None:
    """A wrong amount waits in *received*; the bank takes it back; a refund by staff would be its second way back."""
    client, staff = world.person(), world.person(Role.STAFF)
    made = world.book(client, world.service(world.practitioner(), currency="INR"))
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.act(begun, amount=50_000)
    [charge] = [each for each in world.sandbox.sandbox.store.all("payment") if each["captured"]]
    dispute = ACTS["razorpay", "payments"]["dispute"](world.sandbox.sandbox, charge["id"])
    ACTS["razorpay", "disputes"]["lose"](world.sandbox.sandbox, dispute["id"])
    world.settle()
    review = next(each for each in world.all(Review) if each.reason == "amount")
    with world.app.app_context():
        assert repair.decisions_for(db.session.get_one(Review, review.id)) == ["close"]
        repair.resolve(review.id, "close", "lost to the bank", db.session.get_one(User, staff.user_id))
        assert reconciliation.breaches() == []
    assert (world.all(Refund), held(world, "received"), held(world, "write_off")) == ([], 0, 0)


def test_staff_say_how_a_dispute_ended_that_the_gateway_did_not_tell(world: World) -> None:
    """Its news was lost: the refund would wait for ever."""
    paid = Paid(world, "stripe")
    _challenged(paid)
    paid.cancelled()
    _swept(paid)
    [dispute] = world.all(Dispute)
    with world.app.app_context():
        staff = db.session.get_one(User, paid.staff.user_id)
        repair.end_dispute(dispute.id, "lost", "Stripe's dashboard, 30 November", staff)
        with pytest.raises(Conflict):
            repair.end_dispute(dispute.id, "won", "Stripe's dashboard, 30 November", staff)
    [refund] = world.all(Refund)
    assert (_disputes(paid)[0][2], str(refund.means), held(world, "write_off")) == ("lost", "bank", 0)
    paid.agrees()


def test_what_arrived_beside_the_banks_own_is_for_staff_to_see(world: World) -> None:
    """A refund under way when the dispute opens; both arrive."""
    paid = Paid(world, "razorpay")
    world.faults(gateway="razorpay", route="refund", fault="refund_pending", times=1)
    paid.cancelled()
    _swept(paid)
    dispute = _challenged(paid)
    paid.does("disputes", "lose", dispute)
    paid.does("refunds", "succeed", paid.vendors("refunds")[0]["id"])
    assert "refund_twice" in paid.reviews
    assert held(world, "write_off") == -90_000
    paid.agrees()
