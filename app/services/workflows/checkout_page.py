"""What the payment page may truthfully say: one word for the state of a checkout, and what belongs to it."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.domain.lifecycle import AttemptStatus, CheckoutStatus, ProofStatus
from app.domain.money import Money
from app.gateways.base import CheckoutStep, Gateway, Instructions, WaitForPush
from app.lib import clock
from app.models import Attempt, Checkout, Proof, Refund
from app.services import bookings
from app.services.core import fact_json
from app.services.ledger import checkouts, journal, paid_amounts, refunds, reviews
from app.services.payments import attempts, lost_drafts, manual_payments
from app.services.workflows import unheard_payment
from app.services.workflows.unheard_payment import Unheard

_GIVEN_UP = ("gift_cancelled", "package_ended")  # reasons of refunds


class PayState(StrEnum):
    """What the page says, in a word: the name of its template."""

    CHOOSE = "choose"  # pick a way to pay; the page's `failure` says why the last try ended
    RESUME = "resume"  # a page or modal of the gateway waits: go on, or choose another way
    WAIT = "wait"  # a prompt is on the phone
    CHECKING = "checking"  # no clear answer yet: do not pay again
    RESERVED = "reserved"  # on the card until the practitioner answers
    INSTRUCTIONS = "instructions"  # pay by other means and show it, or somebody looks at what was shown (`is_shown`)
    PAID = "paid"
    RETURNED = "returned"  # it came too late or twice and is going back
    REVIEW = "review"  # a person is looking
    GONE = "gone"  # what is paid for was lost meanwhile (`lost`): nobody is sent on; a live `attempt` is being ended
    CLOSED = "closed"  # nothing was paid and nothing can be; with a `step`, a late proof of other means is still taken


@dataclass(frozen=True)
class PayPage:
    """The state of a checkout, and what belongs to it."""

    state: PayState
    checkout: Checkout
    attempt: Attempt | None = None
    step: CheckoutStep | None = None
    kind: str = ""  # the step's type_code
    failure: str = ""  # a FailureCode of the last try
    methods: list[Gateway] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    proof: Proof | None = None  # what was shown last of a payment by other means
    paid: Money | None = None  # what was really paid, of a bill that is
    forgiven: Money | None = None  # what of the price staff did not ask for any more
    may_come: bool = False  # nobody knows yet whether an earlier try was paid
    unheard: Unheard | None = None  # what is offered to who has paid and is not heard of
    lost: str = ""  # why what is paid for cannot be had any more: a key of payment_states.LOST

    @property
    def is_shown(self) -> bool:
        """Whether a proof waits for somebody to look at it."""
        return self.proof is not None and self.proof.status is ProofStatus.WAITING

    @property
    def rejected(self) -> str:
        """Why the last proof was not enough."""
        return self.proof.reason if self.proof is not None and self.proof.status is ProofStatus.REJECTED else ""

    @property
    def has_ended(self) -> bool:
        """Whether what was paid for has ended since: a booking without a session, a gift or package given back."""
        if any(back.reason in _GIVEN_UP for back in self.refunds):
            return True
        return self.checkout.booking is not None and bookings.is_over(self.checkout.booking)


def of(checkout: Checkout) -> PayPage:
    """The page's state as the tables and the clock have it now."""
    tries = attempts.all_of(checkout)
    back = refunds.of_attempts([attempt.id for attempt in tries])
    if checkout.status is CheckoutStatus.PAID:
        paid = paid_amounts.for_checkout(checkout)
        forgiven = paid_amounts.forgiven_of(checkout, paid)
        return PayPage(PayState.PAID, checkout, _paid(tries), refunds=back, paid=paid, forgiven=forgiven)
    if reviews.of_checkout(checkout):
        return PayPage(PayState.REVIEW, checkout, refunds=back)
    if back and not attempts.may_be_paid(checkout):
        return PayPage(PayState.RETURNED, checkout, _paid(tries), refunds=back)
    # What came may have been another amount, sent back while the place is kept: it can be paid again.
    return replace(_open(checkout, tries), refunds=back)


def _open(checkout: Checkout, tries: list[Attempt]) -> PayPage:
    live = next((attempt for attempt in tries if attempt.is_live), None)
    if live is not None and live.status is AttemptStatus.AUTHORISED:
        return PayPage(PayState.RESERVED, checkout, live)
    if claimed := next((attempt for attempt in tries if attempt.is_claimed), None):
        return PayPage(PayState.CHECKING, checkout, claimed)
    unheard = unheard_payment.of(checkout, tries, payable=checkouts.is_payable(checkout))
    if unheard is not None and unheard.is_asked:
        return PayPage(PayState.CHECKING, checkout, unheard.attempt, unheard=unheard)
    return replace(_unclaimed(checkout, tries, live), unheard=unheard)


def _unclaimed(checkout: Checkout, tries: list[Attempt], live: Attempt | None) -> PayPage:
    if lost := lost_drafts.why_lost(checkout):
        return _gone(checkout, tries, live, lost)
    return _live(checkout, live) if live else _idle(checkout, tries)


def _paid(tries: list[Attempt]) -> Attempt | None:
    """The try that paid, before any that was paid and went back."""
    paid = [attempt for attempt in tries if attempt.status is AttemptStatus.PAID]
    return next((attempt for attempt in paid if journal.is_allocated(attempt.id)), paid[0] if paid else None)


def _gone(checkout: Checkout, tries: list[Attempt], live: Attempt | None, lost: str) -> PayPage:
    """What was drafted is gone: no way on into a payment, but who paid by other means already can still show it."""
    page = PayPage(PayState.GONE, checkout, live, lost=lost, may_come=_may_come(tries))
    told = [attempt for attempt in tries if attempt.step and manual_payments.is_by_hand(attempt)]
    if live is not None and live not in told:
        return page
    return replace(_told(checkout, told[-1]), lost=lost) if told else page


def _live(checkout: Checkout, live: Attempt) -> PayPage:
    step = attempts.step_of(live)
    if isinstance(step, Instructions):
        return _told(checkout, live)
    if step is None or live.is_claimed or not checkouts.is_payable(checkout):
        return PayPage(PayState.CHECKING, checkout, live, methods=_after_prompt(checkout, live))
    if isinstance(step, WaitForPush):
        ends = attempts.prompt_ends(live)
        over = ends is not None and ends <= clock.now()
        return PayPage(
            PayState.CHECKING if over else PayState.WAIT,
            checkout,
            live,
            step,
            step.type_code,
            methods=_after_prompt(checkout, live) if over else [],
        )
    return PayPage(PayState.RESUME, checkout, live, step, step.type_code, live.failure, checkouts.ways(checkout))


def _told(checkout: Checkout, attempt: Attempt) -> PayPage:
    """How to pay by other means, and what became of what was shown; also when time is up, for who paid before it was."""
    step = fact_json.from_json(attempt.step or {})
    proof = manual_payments.last_of(attempt)
    page = PayPage(PayState.INSTRUCTIONS, checkout, attempt, step, Instructions.type_code, proof=proof)
    if page.is_shown:
        return page
    if lost_drafts.why_lost(checkout):
        return replace(page, state=PayState.GONE)
    payable = checkouts.is_payable(checkout)
    return replace(page, methods=checkouts.ways(checkout)) if payable else replace(page, state=PayState.CLOSED)


def _was_rejected(attempt: Attempt) -> bool:
    proof = manual_payments.last_of(attempt)
    return attempt.status is AttemptStatus.FAILED and proof is not None and proof.status is ProofStatus.REJECTED


def _after_prompt(checkout: Checkout, live: Attempt) -> list[Gateway]:
    """The ways to pay while nothing is known: offered only once a prompt has surely run out on the phone.

    Where the gateway was too busy to say, there is hardly a prompt: the other ways are open at once.
    """
    if live.is_claimed:
        return []
    ends = attempts.prompt_over_at(live)
    over = ends is not None and ends <= clock.now()
    ways = checkouts.ways(checkout) if checkouts.is_payable(checkout) else []
    return ways if over else [way for way in ways if live.is_hardly_begun and way.code != live.gateway]


def _idle(checkout: Checkout, tries: list[Attempt]) -> PayPage:
    payable = checkouts.is_payable(checkout)
    told = [attempt for attempt in tries if attempt.step and manual_payments.is_by_hand(attempt)]
    if told and (not payable or _was_rejected(tries[-1])):
        return _told(checkout, told[-1])
    if not payable:
        return PayPage(PayState.CLOSED, checkout, may_come=_may_come(tries))
    failure = tries[-1].failure if tries and tries[-1].status is AttemptStatus.FAILED else ""
    return PayPage(PayState.CHOOSE, checkout, failure=failure, methods=_last_used_first(checkout, tries))


def _may_come(tries: list[Attempt]) -> bool:
    """Whether a prompt that nobody waits for any more may have been paid: its gateway has not said, and is asked on."""
    return any(each.status is AttemptStatus.ABANDONED and each.phone and each.next_look_up_at for each in tries)


def _last_used_first(checkout: Checkout, tries: list[Attempt]) -> list[Gateway]:
    used = tries[-1].gateway if tries else attempts.last_gateway(checkout.client_id)
    methods = checkouts.ways(checkout)
    return sorted(methods, key=lambda gateway: (gateway.code != used, *_order(gateway)))


def _order(gateway: Gateway) -> tuple[bool, int]:
    # The most local first: who serves one currency is what people there pay with. What a person must check comes last.
    return gateway.capabilities.by_hand, len(gateway.capabilities.currencies)
