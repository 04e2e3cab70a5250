"""What staff decide meanwhile: reviews, refunds that do not get through, and credit that is to be paid out."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from app.domain.lifecycle import RefundMeans
from app.extensions import db
from app.models import Payout, Refund, Review, User
from app.services.backoffice import repair
from app.services.core.errors import Problem
from tests.histories.ahead import Ahead
from tests.histories.history import step

few = st.integers(0, 3)
WHY = "Seen in the gateway's own list."
has_reviews = precondition(lambda self: any(row.resolved_at is None for row in self.books.reviews))
has_stuck = precondition(lambda self: any(row.status in ("failed", "sent") for row in self.books.refunds))

# What one of two staff does about a refund, by the word of repair.remedies_for; nobody lies about what the gateway did.
_REMEDIES: dict[str, Callable[[Any, User], Any]] = {
    "retry": repair.retry_refund,
    "chase": repair.chase_refund,
    "credit": repair.credit_refund,
    "by_hand": lambda key, staff: repair.settle_refund(key, WHY, staff),
    "not_owed": lambda key, staff: repair.propose_waiver(key, RefundMeans.NOT_OWED, WHY, staff),
    "agree": repair.agree_waiver,
    "withdraw": repair.withdraw_waiver,
}


class Desk(Ahead):
    """Two of staff at work."""

    @has_reviews
    @step(which=few, how=few)
    def staff_decide(self, which: int, how: int) -> None:
        """A review is closed with one of the decisions that are open to it."""
        waiting = [row.id for row in self.books.reviews if row.resolved_at is None]

        def decide(staff: User) -> str:
            review = db.session.get_one(Review, waiting[which % len(waiting)])
            decisions = repair.decisions_for(review)
            decision = decisions[how % len(decisions)]
            repair.resolve(review.id, decision, WHY, staff)
            return f"{review.reason}: {decision}"

        self._at_work(which, decide)

    @has_stuck
    @step(which=few, how=st.integers(0, 5))
    def staff_mend(self, which: int, how: int) -> None:
        """A refund that does not get through is tried again, or ends another way."""
        stuck = [row.id for row in self.books.refunds if row.status in ("failed", "sent")]

        def mend(staff: User) -> str:
            refund = db.session.get_one(Refund, stuck[which % len(stuck)])
            remedies = [each for each in repair.remedies_for(refund, staff) if each in _REMEDIES]
            if not remedies:
                return "nothing to be done"
            remedy = remedies[how % len(remedies)]
            _REMEDIES[remedy](refund.id, staff)
            return f"refund {refund.key}: {remedy}"

        self._at_work(how, mend)

    @step(which=few, settle=st.booleans())
    def staff_pay_out(self, which: int, settle: bool) -> None:
        """Credit is paid out by hand, or is in the wallet again."""

        def pay(staff: User) -> str:
            payout = db.session.query(Payout).filter_by(status="asked").order_by(Payout.asked_at).first()
            if payout is None:
                return "no payout"
            (repair.settle_payout if settle else repair.refuse_payout)(payout.id, WHY, staff)
            return f"payout of {payout.money}: {'sent' if settle else 'refused'}"

        self._at_work(which, pay)

    def _at_work(self, which: int, act: Callable[[User], str]) -> None:
        with self.stage.app.app_context():
            staff = db.session.get_one(User, self.stage.cast.staff[which % 2].user_id)
            try:
                self.said(act(staff))
            except Problem as problem:
                db.session.rollback()
                self.said(f"not possible: {problem.code}")
