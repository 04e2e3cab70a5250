"""What becomes of a rating: the practitioner answers it, staff hide it or show it again."""

import uuid

from app.domain.lifecycle import RATING_MOVES, Actor
from app.lib import clock
from app.lib.text import clean
from app.models import Booking, Rating, User
from app.services import bookings
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.core.transaction import Who, lock, record, transaction
from app.services.notifications import notices
from app.services.sessions.ratings.new_ratings import clean_text
from app.services.sessions.ratings.rating_queries import role_in


def may(rating: Rating, user: User) -> list[str]:
    """What the person may do with the rating now. Raises NotFound."""
    part = role_in(rating, user)
    if part is Actor.STAFF:
        return [action for action, moves in RATING_MOVES.items() if rating.status in moves]
    return ["answer"] if part is Actor.PRACTITIONER and _can_be_answered(rating) else []


def answer(rating_id: uuid.UUID, user: User, text: str) -> Rating:
    """The practitioner's one answer stands under the rating, in place of an earlier one.

    The client is told of the first.
    Raises NotFound, Forbidden, Invalid (answer_missing, too_long), Conflict (not_allowed: it is hidden, or their own).
    """
    text = clean_text(text, "answer")
    if not text:
        raise Invalid("answer_missing", field="answer")
    with transaction():
        rating, _ = _locked(rating_id, user, Actor.PRACTITIONER)
        if not _can_be_answered(rating):
            raise Conflict("not_allowed", action="answer", status=rating.status.value)
        if text != rating.answer:
            rating.answer = text
            rating.answered_at = clock.now()
        _tell_writer(rating, "rating_answered")
        return rating


def hide(rating_id: uuid.UUID, user: User, reason: str) -> Rating:
    """The rating counts nowhere, and who wrote it is told why.

    Raises NotFound, Forbidden, Invalid, Conflict (not_allowed).
    """
    reason = clean(reason)
    if not reason:
        raise Invalid("reason_missing", field="reason")
    if len(reason) > bookings.REASON_LIMIT:
        raise Invalid("too_long", field="reason", most=bookings.REASON_LIMIT)
    with transaction():
        rating = _transition(rating_id, user, "hide", reason)
        rating.hidden_at = clock.now()
        rating.hidden_reason = reason
        _tell_writer(rating, "rating_hidden", {"reason": reason}, cause=rating.hidden_at)
        return rating


def show(rating_id: uuid.UUID, user: User) -> Rating:
    """The rating counts again, and who wrote it is told.

    Raises NotFound, Forbidden, Conflict (not_allowed).
    """
    with transaction():
        rating = _transition(rating_id, user, "show")
        rating.hidden_at = None
        rating.hidden_reason = ""
        _tell_writer(rating, "rating_shown", cause=clock.now())
        return rating


def _can_be_answered(rating: Rating) -> bool:
    return rating.hidden_at is None and not rating.of_client


def _transition(rating_id: uuid.UUID, user: User, action: str, why: str = "") -> Rating:
    """The rating, locked, its next status in the trail; the caller sets it."""
    rating, who = _locked(rating_id, user, Actor.STAFF)
    target = RATING_MOVES[action].get(rating.status)
    if target is None:
        raise Conflict("not_allowed", action=action, status=rating.status.value)
    record("rating", rating.id, rating.status, target, who, why=why, booking_id=rating.booking_id)
    return rating


def _locked(rating_id: uuid.UUID, user: User, part: Actor) -> tuple[Rating, Who]:
    rating = lock(Rating, rating_id)
    if rating is None:
        raise NotFound
    if role_in(rating, user) is not part:
        raise Forbidden("forbidden")
    return rating, Who(part, user.id)


def _tell_writer(rating: Rating, kind: str, data: dict[str, str] | None = None, cause: object = "") -> None:
    booking: Booking = rating.booking
    notices.tell(rating.user_id, kind, booking=booking, cause=cause, data={"rating": str(rating.id), **(data or {})})
