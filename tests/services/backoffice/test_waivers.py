"""A refund that is not owed any more: one of staff says so, and another agrees; who is alone waits a day."""

from typing import Any

import pytest

from app.domain.lifecycle import RefundMeans
from app.extensions import db
from app.models import Change, Refund, Role, User
from app.services.backoffice import reconciliation, repair
from app.services.core.errors import Conflict
from tests.support.credit import held
from tests.support.paid import Paid
from tests.support.world import Caller, World

WHY = "M-Pesa statement of 30 November, receipt TKM8SU72TW."


class Case:
    """A refund that M-Pesa says went back before, and the staff who look at it."""

    def __init__(self, world: World, *, alone: bool = False) -> None:
        self.world, self.paid = world, Paid(world, "razorpay")
        self.first = self.paid.staff
        self.second = self.first if alone else world.person(Role.STAFF)
        world.drop_callbacks()
        self.paid.sent_back_there()  # by a colleague, and the news of it is lost
        world.sandbox.sandbox.faults.clear()
        self.paid.cancelled()
        world.sweep()
        world.settle()
        assert (str(self.refund.status), self.refund.failure_code) == ("failed", "went_back_before")

    @property
    def refund(self) -> Refund:
        """The refund."""
        [row] = self.world.all(Refund)
        return row

    def does(self, who: Caller, act: Any, *args: Any) -> Any:
        """The person acts on it."""
        with self.world.app.app_context():
            return act(self.refund.id, *args, db.session.get_one(User, who.user_id))

    def offers(self, who: Caller) -> list[str]:
        """What the person may do about it."""
        with self.world.rows():
            return repair.remedies_for(
                db.session.get_one(Refund, self.refund.id), db.session.get_one(User, who.user_id)
            )


@pytest.fixture
def case(world: World) -> Case:
    """Two of staff."""
    return Case(world)


def test_it_went_back_before_and_a_second_person_agrees(case: Case) -> None:
    """PAY-1, PAY-4: the books say what the gateway says, the payer has the money once, and both names are in the trail."""
    case.does(case.first, repair.propose_waiver, RefundMeans.BEFORE, WHY)
    assert (str(case.refund.status), held(case.world, "refunds")) == ("failed", 90_000)
    assert "refund_waived" in case.world.notices(case.second)
    assert (case.offers(case.first), case.offers(case.second)) == (["withdraw"], ["agree", "withdraw"])
    case.does(case.second, repair.agree_waiver)
    assert (str(case.refund.status), str(case.refund.means)) == ("done", "before")
    assert (held(case.world, "gateway"), held(case.world, "refunds"), held(case.world, "write_off")) == (0, 0, 0)
    acts = [(row.actor_id, row.to_status) for row in case.world.all(Change) if row.subject in ("act", "refund")]
    assert (case.first.user_id, "waiver_before") in acts
    assert (case.second.user_id, "done") in acts
    case.paid.agrees()


def test_what_is_not_owed_stays_here(case: Case) -> None:
    case.does(
        case.first, repair.propose_waiver, RefundMeans.NOT_OWED, "The client gave it to us, letter of 1 December."
    )
    case.does(case.second, repair.agree_waiver)
    assert (held(case.world, "gateway"), held(case.world, "write_off")) == (-90_000, 90_000)
    with case.world.app.app_context():
        assert reconciliation.breaches() == []


def test_who_says_it_cannot_agree_while_there_is_somebody_else(case: Case) -> None:
    case.does(case.first, repair.propose_waiver, RefundMeans.BEFORE, WHY)
    case.world.move(days=3)
    with pytest.raises(Conflict, match="second_person_needed"):
        case.does(case.first, repair.agree_waiver)
    assert str(case.refund.status) == "failed"


def test_who_is_alone_confirms_it_a_day_later(world: World) -> None:
    """Nobody moves money away alone and at once; the mail goes to the one who runs it."""
    case = Case(world, alone=True)
    case.does(case.first, repair.propose_waiver, RefundMeans.BEFORE, WHY)
    assert "refund_waived" in world.notices(case.first)
    with pytest.raises(Conflict, match="waiver_too_early"):
        case.does(case.first, repair.agree_waiver)
    world.move(hours=25)
    case.does(case.first, repair.agree_waiver)
    assert str(case.refund.means) == "before"


def test_it_is_owed_after_all(case: Case) -> None:
    case.does(case.first, repair.propose_waiver, RefundMeans.BEFORE, WHY)
    case.does(case.second, repair.withdraw_waiver)
    assert case.offers(case.first) == ["retry", "credit", "by_hand", "before", "not_owed"]
    with pytest.raises(Conflict):
        case.does(case.second, repair.agree_waiver)


def test_what_the_gateway_says_meanwhile_ends_it(case: Case) -> None:
    """Said to be not owed, tried again, and done by the gateway: nothing is left to agree to."""
    case.does(case.first, repair.propose_waiver, RefundMeans.NOT_OWED, WHY)
    case.does(case.second, repair.credit_refund)
    with pytest.raises(Conflict):
        case.does(case.second, repair.agree_waiver)
    assert str(case.refund.means) == "wallet"


def test_a_refund_for_which_there_is_no_balance_is_tried_again_for_five_days(world: World) -> None:
    """PAY-23: a new merchant's money settles after two days; nobody has to do anything."""
    paid = Paid(world, "razorpay")
    world.faults(gateway="razorpay", route="refund", fault="no_balance", times=99)
    paid.cancelled()
    for _ in range(4):
        world.sweep()
        world.move(hours=5)
    assert (paid.refunds, world.notices(paid.staff).count("refund_no_balance")) == ([(90_000, "asked")], 1)
    world.sandbox.sandbox.faults.clear()
    world.sweep()
    world.settle()
    assert paid.refunds == [(90_000, "done")]
    assert len(paid.vendors("refunds")) == 1
    paid.agrees()


def test_after_five_days_without_balance_staff_decide(world: World) -> None:
    paid = Paid(world, "razorpay")
    world.faults(gateway="razorpay", route="refund", fault="no_balance", times=99)
    paid.cancelled()
    for _ in range(7):
        world.sweep()
        world.move(days=1)
    assert (paid.refunds, "refund_failed" in world.notices(paid.staff)) == ([(90_000, "failed")], True)


def test_what_is_tried_again_is_not_said_to_be_not_owed_any_more(case: Case) -> None:
    """A stale page: the gateway is asked once more, so whoever said it must say it again."""
    case.does(case.first, repair.propose_waiver, RefundMeans.BEFORE, WHY)
    case.does(case.second, repair.retry_refund)
    case.world.sweep()
    with pytest.raises(Conflict):
        case.does(case.second, repair.agree_waiver)
