"""The tables of moves: every pair, the illegal ones too (complaint 15: transitions outside the table)."""

from itertools import product

import pytest

from app.domain.lifecycle import (
    ATTEMPT_MOVES,
    BOOKING_MOVES,
    LIVE_ATTEMPTS,
    MONEY_CONFIRMS,
    REFUND_MOVES,
    TABS,
    WIRE,
    Actor,
    AttemptStatus,
    BookingStatus,
    NotAllowed,
    RefundStatus,
    allowed_actions,
    booking_rule,
    money_word,
    refund_rule,
    rule,
)

B, A, S, R = BookingStatus, Actor, AttemptStatus, RefundStatus

# Written out by hand, apart from the table under test: (status, action) -> (status after, who may).
_PRACTICE = {A.PRACTITIONER, A.STAFF}
_ALL = _PRACTICE | {A.CLIENT}
LEGAL = {
    (B.PENDING_APPROVAL, "approve"): (B.AWAITING_PAYMENT, _PRACTICE),
    (B.PENDING_APPROVAL, "decline"): (B.DECLINED, _PRACTICE),
    (B.AWAITING_PAYMENT, "decline"): (B.DECLINED, _PRACTICE),
    (B.AWAITING_PAYMENT, "authorise"): (B.PENDING_APPROVAL, {A.GATEWAY}),
    (B.PENDING_APPROVAL, "lapse"): (B.AWAITING_PAYMENT, {A.GATEWAY, A.CLOCK}),
    (B.AWAITING_PAYMENT, "confirm"): (B.CONFIRMED, {A.GATEWAY}),
    (B.EXPIRED, "confirm"): (B.CONFIRMED, {A.GATEWAY}),
    (B.PENDING_APPROVAL, "expire"): (B.EXPIRED, {A.CLOCK}),
    (B.AWAITING_PAYMENT, "expire"): (B.EXPIRED, {A.CLOCK}),
    (B.PENDING_APPROVAL, "cancel"): (B.CANCELLED, _ALL),
    (B.AWAITING_PAYMENT, "cancel"): (B.CANCELLED, _ALL),
    (B.CONFIRMED, "cancel"): (B.CANCELLED, _ALL),
    (B.CONFIRMED, "start"): (B.IN_PROGRESS, _ALL),
    (B.IN_PROGRESS, "complete"): (B.COMPLETED, _PRACTICE),
    (B.CONFIRMED, "no-show"): (B.NO_SHOW, _PRACTICE),
    (B.IN_PROGRESS, "no-show"): (B.NO_SHOW, _PRACTICE),
    (B.CONFIRMED, "settle"): (B.COMPLETED, {A.CLOCK}),
    (B.IN_PROGRESS, "settle"): (B.COMPLETED, {A.CLOCK}),
}
# And while staff look at who came: nothing else.
IN_REVIEW = {
    **{
        (status, "give-back"): (B.CANCELLED, _PRACTICE)
        for status in (B.CONFIRMED, B.IN_PROGRESS, B.COMPLETED, B.NO_SHOW)
    },
    **{
        (status, "took-place"): (B.COMPLETED, {A.STAFF})
        for status in (B.CONFIRMED, B.IN_PROGRESS, B.COMPLETED, B.NO_SHOW)
    },
    **{(status, "absent"): (B.NO_SHOW, {A.STAFF}) for status in (B.CONFIRMED, B.IN_PROGRESS, B.COMPLETED, B.NO_SHOW)},
}


@pytest.mark.parametrize(("status", "action", "actor"), list(product(B, BOOKING_MOVES, A)))
def test_a_booking_moves_only_as_the_table_says(status: B, action: str, actor: A) -> None:
    """Acceptance criterion 15, complaint 15: every (status, action, role), the illegal ones included."""
    for in_review, legal in ((False, LEGAL), (True, IN_REVIEW)):
        target, actors = legal.get((status, action), (None, set()))
        if target is not None and actor in actors:
            assert booking_rule(status, action, actor, in_review=in_review) is target
            assert action in allowed_actions(status, actor, in_review=in_review)
        else:
            with pytest.raises(NotAllowed):
                booking_rule(status, action, actor, in_review=in_review)
            assert action not in allowed_actions(status, actor, in_review=in_review)


def test_every_status_stands_in_exactly_one_tab() -> None:
    """S0-2: bookings that appeared in no list."""
    listed = [status for tab in TABS.values() for status in tab]
    assert sorted(listed) == sorted(B)


def test_every_status_has_a_wire_code_from_0_to_4_and_a_label() -> None:
    """S0-7: Pending=0, Confirmed=1, Completed=2, Cancelled=3, NoShow=4."""
    assert set(WIRE) == set(B)
    assert {code for code, _ in WIRE.values()} == {0, 1, 2, 3, 4}
    assert WIRE[B.AWAITING_PAYMENT] == (0, "Pending Payment")
    assert WIRE[B.CONFIRMED][0] == 1
    assert WIRE[B.COMPLETED][0] == 2
    assert WIRE[B.CANCELLED][0] == 3
    assert WIRE[B.NO_SHOW][0] == 4


def test_money_confirms_only_what_waits_for_it_or_only_expired() -> None:
    """Payment never implies approval, and never revives what a person ended (complaint 15)."""
    assert set(MONEY_CONFIRMS) == set(B)
    assert {status for status, yes in MONEY_CONFIRMS.items() if yes} == {B.AWAITING_PAYMENT, B.EXPIRED}


@pytest.mark.parametrize("status", list(S))
def test_paid_is_never_undone_by_any_news(status: S) -> None:
    """Invariant 3: a payment only moves forward."""
    for fact in ATTEMPT_MOVES:
        assert rule(S.PAID, fact) is None
    if status is not S.PAID:
        assert rule(status, "confirmed") is S.PAID


def test_late_success_after_failure_is_a_legal_move() -> None:
    """Complaint 10: failed later becomes paid."""
    assert rule(S.FAILED, "confirmed") is S.PAID
    assert rule(S.ABANDONED, "confirmed") is S.PAID


def test_silence_never_fails_an_attempt() -> None:
    """Sentence 5: only `failed`, the vendor's explicit word, leads to failed."""
    leading = {fact for fact, moves in ATTEMPT_MOVES.items() if S.FAILED in moves.values()}
    assert leading == {"failed"}


def test_live_attempts_are_those_whose_outcome_is_open() -> None:
    assert {S.CREATED, S.PROCESSING, S.AUTHORISED} == LIVE_ATTEMPTS


def test_a_refund_that_was_done_can_fail_later_and_a_failed_one_can_be_done() -> None:
    """Stripe: refund.failed after succeeded."""
    assert refund_rule(R.DONE, "refundfailed") is R.FAILED
    assert refund_rule(R.FAILED, "refunded") is R.DONE
    assert refund_rule(R.DONE, "refunded") is None
    ours = {"retried", "credited", "settled", "set_off", "waived"}
    assert set(REFUND_MOVES) == ours | {"pending", "refunded", "refundfailed"}


@pytest.mark.parametrize(
    ("attempts", "refunds", "reviews", "kept", "word"),
    [
        ([], [], 0, 0, "none"),
        ([S.CREATED], [], 0, 0, "processing"),
        ([S.FAILED, S.PROCESSING], [], 0, 0, "processing"),
        ([S.FAILED], [], 0, 0, "none"),
        ([S.AUTHORISED], [], 0, 0, "authorised"),
        ([S.FAILED, S.PAID], [], 0, 100, "paid"),
        ([S.PAID], [R.ASKED], 0, 0, "refund_pending"),
        ([S.PAID], [R.FAILED], 0, 100, "refund_pending"),
        ([S.PAID], [R.DONE], 0, 0, "refunded"),
        ([S.PAID], [R.DONE], 0, 40, "partly_refunded"),
        ([S.PAID], [R.DONE], 1, 0, "needs_review"),
    ],
)
def test_the_money_word_is_computed_from_the_rows(
    attempts: list[S], refunds: list[R], reviews: int, kept: int, word: str
) -> None:
    assert money_word(attempts, refunds, reviews, kept, price=1_000) == word
