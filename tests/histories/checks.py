"""What must be true at every moment, and what must be true once all is quiet. Knows nothing of the application's own audit."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.domain.checkout_kinds import OWED
from app.domain.lifecycle import (
    ATTEMPT_MOVES,
    BOOKING_MOVES,
    LIVE_ATTEMPTS,
    REFUND_MOVES,
    RESCHEDULE_MOVES,
    WAIT_MOVES,
    AttemptStatus,
    BookingStatus,
    CheckoutStatus,
    RefundMeans,
    RefundStatus,
    RescheduleStatus,
    WaitStatus,
)
from app.domain.modes import MODES
from tests.histories import waits
from tests.histories.books import Books, Charge, Rows

_B, _C, _A, _R = BookingStatus, CheckoutStatus, AttemptStatus, RefundStatus
STANDING = frozenset({_B.CONFIRMED, _B.IN_PROGRESS, _B.COMPLETED, _B.NO_SHOW})
_PAID_BEFORE = frozenset(mode.code for mode in MODES.values() if mode.charges != "after_completion")

# ------------------------------------------------------------------------------------------------ the trail

_PAIRS: dict[str, set[tuple[str, str]]] = {
    "booking": {(s, m.target) for m in BOOKING_MOVES.values() for s in m.sources}
    | {("", mode.opening) for mode in MODES.values() if mode.opening}
    | {("", _B.CONFIRMED)},
    "checkout": {("", _C.OPEN), (_C.OPEN, _C.PAID), (_C.OPEN, _C.CANCELLED), (_C.OPEN, _C.EXPIRED)}
    | {(_C.EXPIRED, _C.PAID), ("", _C.CANCELLED)},
    # What a restored backup has lost is put back as what nobody waits for any more.
    "attempt": {("", _A.CREATED), ("", _A.ABANDONED)}
    | {pair for moves in ATTEMPT_MOVES.values() for pair in moves.items()},
    "refund": {("", _R.ASKED)} | {pair for moves in REFUND_MOVES.values() for pair in moves.items()},
    "wait": {("", WaitStatus.WAITING)} | {pair for moves in WAIT_MOVES.values() for pair in moves.items()},
    "reschedule": {("", RescheduleStatus.OPEN)}
    | {pair for moves in RESCHEDULE_MOVES.values() for pair in moves.items()},
}


def trail(books: Books) -> Iterator[str]:
    """Breaches of the lifecycle tables, and statuses without their row in the trail."""
    last: dict[tuple[str, str], str] = {}
    for change in books.changes:
        key = change.subject, change.subject_id
        if change.subject not in _PAIRS:
            continue
        if change.from_status != last.get(key, ""):
            yield f"{key} moved from {change.from_status!r} while it was {last.get(key)!r}"
        if (change.from_status, change.to_status) not in _PAIRS[change.subject]:
            yield f"{key} moved from {change.from_status!r} to {change.to_status!r}, which no table allows"
        last[key] = change.to_status
    kinds = ("booking", books.bookings), ("checkout", books.checkouts), ("attempt", books.attempts)
    more = ("refund", books.refunds), ("wait", books.waits), ("reschedule", books.reschedules)
    for subject, rows in (*kinds, *more):
        for row in rows:
            if last.get((subject, str(row.id))) != row.status:
                yield f"{subject} {row.id} is {row.status}, the trail says {last.get((subject, str(row.id)))}"


# ------------------------------------------------------------------------------------------------ payments


def one_live_try(books: Books) -> Iterator[str]:
    """Breaches of one live attempt per checkout, and of one payment per checkout."""
    live = Counter(row.checkout_id for row in books.attempts if row.status in LIVE_ATTEMPTS)
    yield from (f"{n} live attempts for checkout {key}" for key, n in live.items() if n > 1)
    for checkout in books.checkouts:
        paid = any(row.checkout_id == checkout.id and row.status == _A.PAID for row in books.attempts)
        if checkout.status == _C.PAID and not paid:
            yield f"checkout {checkout.id} is paid without a paid attempt"


def one_page_at_a_time(books: Books) -> Iterator[str]:
    """Bills that could be paid at two places at this moment: somebody gave a try up without its gateway's word."""
    open_at = Counter(books.by_reference[ref].checkout_id for ref in books.payable if ref in books.by_reference)
    yield from (f"checkout {key} can be paid at {n} places at once" for key, n in open_at.items() if n > 1)


def silence_is_not_failure(books: Books) -> Iterator[str]:
    """Tries called failed although their page is still open at the gateway: no answer was taken for a no."""
    for ref in books.payable:
        attempt = books.by_reference.get(ref)
        if attempt is not None and attempt.status == _A.FAILED:
            yield f"attempt {ref} is called failed, and can be paid at {attempt.gateway}"


def confirmed_are_paid(books: Books) -> Iterator[str]:
    """Bookings that stand although no money of the right amount was taken for them."""
    captured = defaultdict(set)
    for charge in books.charges:
        if attempt := books.by_reference.get(charge.reference):
            captured[attempt.id].add((charge.amount, charge.currency))
    for attempt in books.attempts:
        if (
            attempt.gateway in ("wallet", "package") and attempt.status == _A.PAID
        ):  # no gateway's log has it, the ledger does
            captured[attempt.id].add((attempt.amount, attempt.currency))
    for booking in books.bookings:
        if booking.status not in STANDING or booking.mode_code not in _PAID_BEFORE:
            continue
        paid = [row for row in books.attempts_of(booking) if row.status == _A.PAID]
        right = any((row.amount, booking.currency) in captured[row.id] for row in paid)
        # An STK query says that it was paid and not how much: until the callback comes, what was asked for is believed.
        right = right or any(row.gateway == "mpesa" and row.charge_ref is None for row in paid)
        if not right and not any(books.reviews_of[row.id] for row in paid):
            yield f"booking {booking.id} is {booking.status} and its money was never taken"


def refunds_have_rows(books: Books) -> Iterator[str]:
    """Money that went back without a row that says so, or more than came in."""
    for charge in books.charges:
        attempt = books.by_reference.get(charge.reference)
        if attempt is None:
            yield f"charge {charge.ref} is for {charge.reference}, which nobody asked for"
            continue
        asked = sum(row.amount for row in _rows_for(books, attempt, charge))
        # What a colleague sent back at the vendor's own site is ours to know once its news has come.
        if not 0 <= charge.back - charge.unheard <= min(asked, charge.amount):
            yield f"charge {charge.ref}: {charge.back} went back of {charge.amount}, rows say {asked}"


def messages(books: Books) -> Iterator[str]:
    """Messages told twice for one cause."""
    told = Counter((row.user_id, row.kind, row.booking_id, str(row.data)) for row in books.notices if row.booking_id)
    entered = Counter((row.booking_id, row.to_status) for row in books.changes if row.subject == "booking")
    for (user, kind, booking, _), count in told.items():
        status = _TOLD_ONCE_PER.get(kind)
        if status and count > entered[booking, status]:
            yield f"{kind} was told {count} times to {user} for booking {booking}"
    tries = Counter(row.dedupe_key for row in books.notices if row.outcome == "sent" and row.tries > 1)
    yield from (f"a message was sent more than once: {key}" for key in tries)


_TOLD_ONCE_PER = {
    "request_received": _B.PENDING_APPROVAL,
    "request_sent": _B.PENDING_APPROVAL,
    "request_approved": _B.AWAITING_PAYMENT,
    "booking_confirmed": _B.CONFIRMED,
    "booking_confirmed_practitioner": _B.CONFIRMED,
    "request_declined": _B.DECLINED,
    "booking_cancelled": _B.CANCELLED,
    "booking_expired": _B.EXPIRED,
    "request_unanswered": _B.EXPIRED,
}


def _rows_for(books: Books, attempt: Row[Any], charge: Charge) -> Rows:
    named = (charge.ref, "") if attempt.charge_ref in (None, charge.ref) else (charge.ref,)
    return [row for row in books.refunds_of[attempt.id] if row.charge_ref in named]


# ------------------------------------------------------------------------------------------------ all quiet


def every_charge_has_its_place(books: Books) -> Iterator[str]:
    """Captured money that is nowhere, or in two places."""
    for charge in books.charges:
        attempt = books.by_reference[charge.reference]
        if not books.reviews_of[attempt.id] and attempt.id not in books.decided:
            yield from _place_of(books, attempt, charge)


def _place_of(books: Books, attempt: Row[Any], charge: Charge) -> Iterator[str]:
    rows = _rows_for(books, attempt, charge)
    returned = sum(row.amount for row in rows)
    what = f"{charge.gateway} {charge.ref} of {charge.amount} for {charge.reference}"
    if attempt.status != _A.PAID:
        yield f"{what}: taken, while the attempt is {attempt.status}"
    elif attempt.charge_ref not in (None, charge.ref) or not _pays(books, attempt):
        if returned != charge.amount:
            yield f"{what}: bought nothing, and {returned} of it is on its way back"
    elif books.checkout[attempt.checkout_id].kind == "package" or _is_sent_back_there(books, attempt):
        return  # any part of it may go back; the audit compares what is left to the unit
    elif (kept := _kept(books, attempt)) != charge.amount - returned:
        yield f"{what}: {kept} should be kept, and {returned} is on its way back"


def _pays(books: Books, attempt: Row[Any]) -> bool:
    """Whether this is the attempt that paid its checkout: the first to be believed."""
    if books.checkout[attempt.checkout_id].status != _C.PAID:
        return False
    rivals = [a for a in books.attempts if a.checkout_id == attempt.checkout_id and a.status == _A.PAID]
    first = {
        row.subject_id: n
        for n, row in enumerate(books.changes)
        if row.subject == "attempt" and row.to_status == _A.PAID
    }
    return bool(min(rivals, key=lambda row: first[str(row.id)]).id == attempt.id)


def _kept(books: Books, attempt: Row[Any]) -> int:
    """What the practice keeps: all for a booking that stands, what the policy says for one that was cancelled."""
    checkout = books.checkout[attempt.checkout_id]
    if checkout.booking_id is None:
        return 0 if _came_to_nothing(books, checkout) else int(attempt.amount)  # else it became credit, or was answered
    booking = books.booking[checkout.booking_id]
    here = _here_at_the_end(books, booking)
    if attempt.id not in here:
        return int(attempt.amount)  # a fee, or what was still owed of a session nobody came to
    whole = sum(here.values())
    agreed = whole + _dropped(books, booking)
    back = max(0, whole - agreed + -(-agreed * _percent_back(books, booking) // 100))
    before = sum(list(here.values())[: list(here).index(attempt.id)])
    mine = here[attempt.id]
    given = -(-back * (before + mine) // whole) + (-back * before // whole) if whole else 0
    return mine - given


def _end_of(books: Books, booking: Row[Any]) -> int:
    """The number of the change that ended the booking; of one that stands a number beyond all."""
    ends = [n for n, row in enumerate(books.changes) if (row.subject, row.subject_id) == ("booking", str(booking.id))]
    return max(ends) if booking.status not in STANDING or booking.status == _B.NO_SHOW else len(books.changes)


def _here_at_the_end(books: Books, booking: Row[Any]) -> dict[Any, int]:
    """What each payment for the booking had brought by its end, less the credit that a shorter session gave; oldest first."""
    end = _end_of(books, booking)
    paid = {row.subject_id for row in books.changes[:end] if (row.subject, row.to_status) == ("attempt", _A.PAID)}
    found = {}
    for each in sorted(books.attempts_of(booking), key=lambda row: (row.created_at, row.id)):
        if str(each.id) in paid and _pays(books, each):
            moved = sum(row.amount for row in books.refunds_of[each.id] if row.reason.startswith("moved:"))
            found[each.id] = int(each.amount) - moved
    return found


def _dropped(books: Books, booking: Row[Any]) -> int:
    """The difference that was open when the booking ended, and ended with it: it is part of what was agreed."""
    end = _end_of(books, booking)
    with_it = {
        row.subject_id
        for row in books.changes[end + 1 :]
        if (row.subject, row.to_status) == ("checkout", _C.CANCELLED) and row.at == books.changes[end].at
    }
    bills = [row for row in books.checkout.values() if row.booking_id == booking.id and row.kind == "difference"]
    return sum(int(bill.amount) for bill in bills if str(bill.id) in with_it)


def _is_sent_back_there(books: Books, attempt: Row[Any]) -> bool:
    """Whether a colleague sent some of it back at the vendor's own site, by no policy of ours."""
    return any(row.reason.startswith("at_gateway:") for row in books.refunds_of[attempt.id])


def _came_to_nothing(books: Books, checkout: Row[Any]) -> bool:
    gift = any(row.checkout_id == checkout.id and row.status == "cancelled" for row in books.gifts)
    asked = (row for row in books.consultations if row.checkout_id == checkout.id)
    return gift or any(row.status in ("declined", "expired") for row in asked)


def _is_undecided(books: Books, booking: Row[Any]) -> bool:
    """Whether staff are to say who came to a session that its client had started."""
    mine = (row for row in books.attendance if row.booking_id == booking.id)
    return any(row.status == "open" and row.claim == "had_started" for row in mine)


def _percent_back(books: Books, booking: Row[Any]) -> int:
    """How much of what was paid the frozen policy gives back for this end, a broken unit in the client's favour."""
    if _is_undecided(books, booking):
        return 0
    if booking.status == _B.NO_SHOW:
        return int(booking.policy["no_show_percent"])
    if booking.status in STANDING:
        return 0
    if booking.ended_by != "client":
        return 100
    left = (_counted_from(booking) - booking.cancelled_at).total_seconds()
    tiers = [(booking.policy["free_cancel_hours"], 100), *booking.policy["later_tiers"]]
    return next((int(percent) for hours, percent in tiers if left >= hours * 3600), 0)


def _counted_from(booking: Row[Any]) -> datetime:
    """A session that was moved without asking when cancelling already cost something goes by its earlier start."""
    pinned = booking.policy.get("counted_from")
    return min(booking.starts_at, datetime.fromisoformat(pinned)) if pinned else booking.starts_at


def prices_are_met(books: Books) -> Iterator[str]:
    """Sessions that stand for which more or less is kept and owed than they cost."""
    for booking in books.bookings:
        if booking.status not in STANDING - {_B.NO_SHOW} or booking.mode_code not in _PAID_BEFORE:
            continue
        tries = [row for row in books.attempts_of(booking) if row.status == _A.PAID]
        if any(books.reviews_of[row.id] or row.id in books.decided or _is_sent_back_there(books, row) for row in tries):
            continue
        kept = sum(_kept(books, row) for row in tries if _pays(books, row))
        bills = [row for row in books.checkouts if row.booking_id == booking.id]
        owed = sum(row.amount for row in bills if row.kind == "difference" and row.status == _C.OPEN)
        waived = sum(row.amount for row in bills if row.kind == "difference" and row.status == _C.CANCELLED)
        if not booking.price_amount - waived <= kept + owed <= booking.price_amount:
            yield f"booking {booking.id} costs {booking.price_amount}: {kept} is kept and {owed} owed"


def refunds_are_settled(books: Books) -> Iterator[str]:
    """Refunds still on their way that staff were not told of, and rows that say something else than the gateway's log."""
    for row in books.refunds:
        if row.status not in (_R.DONE, _R.FAILED) and not is_with_staff(books, row):
            yield f"refund {row.key} ({row.reason}) is still {row.status} after {row.tries} tries"
    done: dict[str, int] = defaultdict(int)
    for charge in books.charges:
        attempt = books.by_reference[charge.reference]
        rows = _rows_for(books, attempt, charge)
        done[charge.ref] = sum(row.amount for row in rows if row.status == _R.DONE and not went_another_way(row))
        doubt = books.reviews_of[attempt.id] or any(is_with_staff(books, row) for row in rows)
        if done[charge.ref] != charge.back and not doubt:
            yield f"charge {charge.ref}: the log sent {charge.back} back, our rows say {done[charge.ref]}"


def is_with_staff(books: Books, refund: Row[Any]) -> bool:
    """Whether staff know that it waits: for a gateway that cannot be asked (M-Pesa), or for the payer's bank."""
    for_the_bank = refund.status == _R.ASKED and is_withheld(books, refund)
    kind = "refund_withheld" if for_the_bank else "refund_silent"
    told = any(row.kind == kind and row.dedupe_key.endswith(refund.key) for row in books.notices)
    return told and bool(for_the_bank or refund.status == _R.SENT)


def is_withheld(books: Books, refund: Row[Any]) -> bool:
    """Whether the payer's bank challenges the charge now, and may take the same money."""
    of_it = (row for row in books.disputes if row.attempt_id == refund.attempt_id)
    return any(row.status == "open" and row.phase != "enquiry" for row in of_it)


def went_another_way(refund: Row[Any]) -> bool:
    """Whether the money was credited, or given by hand, instead of being sent back."""
    return bool(refund.means != RefundMeans.GATEWAY)


def nothing_for_the_ended(books: Books) -> Iterator[str]:
    """Declined and expired bookings that cost their client something."""
    for booking in books.bookings:
        if booking.status not in (_B.DECLINED, _B.EXPIRED):
            continue
        for attempt in books.attempts_of(booking):
            rows = books.refunds_of[attempt.id]
            known = any(r.status == _R.FAILED or went_another_way(r) or is_with_staff(books, r) for r in rows)
            told = books.reviews_of[attempt.id] or known
            net = sum(c.amount - c.back for c in books.charges if c.reference == attempt.reference)
            if net and not told:
                yield f"booking {booking.id} was {booking.status} and cost {net}"


def under_way(books: Books) -> bool:
    """Whether time, a gateway or the next sweep may still change something."""
    return bool(
        any(row.next_look_up_at is not None or row.status in LIVE_ATTEMPTS for row in books.attempts)
        or any(row.status in (_R.ASKED, _R.SENT) and not is_with_staff(books, row) for row in books.refunds)
        or any(row.status in (_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT) for row in books.bookings)
        or any(row.status == _C.OPEN and row.kind not in OWED for row in books.checkouts)
        or any(row.mailed_at is None for row in books.notices)
        or any(row.status == "open" for row in books.consultations)
        or any(row.state == "received" for row in books.inbox)
        or waits.under_way(books)
    )


def nothing_is_paid_twice(books: Books) -> Iterator[str]:
    """Money that went back by us while the payer's bank had it, and more set off than the bank took."""
    for attempt in books.attempts:
        rows = [row for row in books.refunds_of[attempt.id] if row.means == RefundMeans.BANK]
        lost = [row for row in books.disputes if row.attempt_id == attempt.id and row.status == "lost"]
        if sum(row.amount for row in rows) > sum(row.deducted for row in lost):
            yield f"attempt {attempt.reference}: more was set off than the payer's bank took"


def all_is_settled(books: Books) -> Iterator[str]:
    """Things that wait although nothing is left to wait for."""
    for attempt in books.attempts:
        if attempt.status in LIVE_ATTEMPTS:
            yield f"attempt {attempt.reference} at {attempt.gateway} is still {attempt.status}"
    for checkout in books.checkouts:
        if checkout.status == _C.OPEN and checkout.kind not in OWED and checkout.expires_at <= books.now:
            yield f"checkout {checkout.id} is still open"
    for booking in books.bookings:
        if booking.status in (_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT) and booking.deadline_at <= books.now:
            yield f"booking {booking.id} is still {booking.status}"
    for asked in books.consultations:
        if asked.status == "open" and asked.answer_by <= books.now:
            yield f"question {asked.id} is still open"
    yield from (f"news {row.event_key} is still received" for row in books.inbox if row.state == "received")
    yield from (f"message {row.dedupe_key} was not sent" for row in books.notices if row.mailed_at is None)


ALWAYS: tuple[Callable[[Books], Iterator[str]], ...] = (
    trail,
    one_live_try,
    one_page_at_a_time,
    silence_is_not_failure,
    confirmed_are_paid,
    refunds_have_rows,
    messages,
    waits.one_place_each,
)
WHEN_QUIET = (
    every_charge_has_its_place,
    prices_are_met,
    refunds_are_settled,
    nothing_for_the_ended,
    nothing_is_paid_twice,
    all_is_settled,
    waits.breaches,
)


def breaches(books: Books, *, quiet: bool = False) -> list[str]:
    """Every broken rule, in words; with `quiet` also what may be otherwise only while something is under way."""
    return [sentence for check in (*ALWAYS, *(WHEN_QUIET if quiet else ())) for sentence in check(books)]
