"""Giving a rating: by each side, once, after a session that took place."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from app import words
from app.domain.lifecycle import Actor, BookingStatus
from app.extensions import db
from app.lib import clock
from app.lib.text import clean
from app.models import Booking, Rating, User
from app.services import bookings
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound, check_all, needs
from app.services.core.transaction import Who, lock, record, transaction
from app.services.ledger import attendance_reviews
from app.services.notifications import notices
from app.services.sessions.ratings.rating_queries import given_by

TEXT_LIMIT = 2000
TAGS = tuple(words.RATING_TAGS)
# Why a booking in another status than completed cannot be rated; any other is simply not over yet.
_WHY_NOT = {BookingStatus.NO_SHOW: "no_show_not_rated"}
_ACTIONS = {Actor.CLIENT: "rate", Actor.PRACTITIONER: "rate-client"}


@dataclass(frozen=True)
class Opinion:
    """What somebody thinks of a session.

    `stars` are from 1 to 5; `recommends` is None where they would rather not say.
    """

    stars: int
    feedback: str = ""
    public: bool = False
    recommends: bool | None = None
    tags: tuple[str, ...] = ()


def rate(booking_id: uuid.UUID, user: User, opinion: Opinion) -> Rating:
    """The client has rated the session and the practitioner will be told (report S2-6, S2-15).

    The same once more (two tabs, a repeated press) gives the rating that is there; something else is refused.
    Raises NotFound, Forbidden, Invalid (stars_invalid, too_long, tag_unknown),
    Conflict (not_completed, no_show_not_rated, who_came_open, already_rated).
    """
    return _rate(booking_id, user, Actor.CLIENT, _tidy(opinion))


def rate_client(booking_id: uuid.UUID, user: User, stars: int, note: str = "") -> Rating:
    """The practitioner has rated the client, who will be told; the note is for those two and staff alone.

    Repeated and refused as `rate` is.
    Raises NotFound, Forbidden, Invalid (stars_invalid, too_long),
    Conflict (not_completed, no_show_not_rated, who_came_open, already_rated).
    """
    return _rate(booking_id, user, Actor.PRACTITIONER, _tidy(Opinion(stars, note), "note"))


def actions(booking: Booking, user: User) -> list[str]:
    """What the person may do about rating the booking now. Raises NotFound."""
    part = bookings.role_in(booking, user)
    if part not in _ACTIONS or _why_not(booking) or given_by(booking, part) is not None:
        return []
    return [_ACTIONS[part]]


def _rate(booking_id: uuid.UUID, user: User, part: Actor, opinion: Opinion) -> Rating:
    with transaction():
        booking = lock(Booking, booking_id)
        if booking is None:
            raise NotFound
        if bookings.role_in(booking, user) is not part:
            raise Forbidden("forbidden")
        before = _same(booking, part, opinion)
        return before if before is not None else _give(booking, user, part, opinion)


def _same(booking: Booking, part: Actor, opinion: Opinion) -> Rating | None:
    found = given_by(booking, part)
    if found is None:
        return None
    given = Opinion(found.stars, found.feedback, found.public, found.recommends, tuple(found.tags))
    if given != opinion:
        raise Conflict("already_rated")
    return found


def _why_not(booking: Booking) -> str:
    """The code of why neither side can rate the session now; empty where they can."""
    if booking.status is not BookingStatus.COMPLETED:
        return _WHY_NOT.get(booking.status, "not_completed")
    return "who_came_open" if attendance_reviews.is_open(booking.id) else ""


def _give(booking: Booking, user: User, part: Actor, opinion: Opinion) -> Rating:
    if code := _why_not(booking):
        raise Conflict(code, status=booking.status.value)
    rating = Rating(
        booking_id=booking.id,
        user_id=user.id,
        of_client=part is Actor.PRACTITIONER,
        practitioner_id=booking.practitioner_id,
        stars=opinion.stars,
        feedback=opinion.feedback,
        public=opinion.public,
        recommends=opinion.recommends,
        tags=list(opinion.tags),
        answer="",
        hidden_reason="",
        created_at=clock.now(),
    )
    db.session.add(rating)
    db.session.flush()
    record("rating", rating.id, "", rating.status, Who(part, user.id), booking_id=booking.id)
    _tell_other(rating, booking)
    return rating


def _tell_other(rating: Rating, booking: Booking) -> None:
    told = booking.client_id if rating.of_client else booking.practitioner.user_id
    kind = "client_rated" if rating.of_client else "rating_received"
    notices.tell(told, kind, booking=booking, data={"rating": str(rating.id)})


def _tidy(opinion: Opinion, words: str = "feedback") -> Opinion:
    # A true is a 1 to Python and 4.0 a 4, but neither is a number of stars that somebody chose.
    fine = type(opinion.stars) is int and 1 <= opinion.stars <= 5
    check_all(
        (
            lambda: needs(fine, Invalid("stars_invalid", field="stars")),
            lambda: clean_text(opinion.feedback, words),
        )
    )
    feedback = clean_text(opinion.feedback, words)
    return Opinion(opinion.stars, feedback, opinion.public, opinion.recommends, _tags(opinion.tags))


def _tags(chosen: Iterable[str]) -> tuple[str, ...]:
    given = set(chosen)
    if not given <= set(TAGS):
        raise Invalid("tag_unknown", field="tags")
    return tuple(tag for tag in TAGS if tag in given)


def clean_text(text: str, field: str) -> str:
    """The text as it is stored. Raises Invalid (too_long) beside `field`."""
    text = clean(text)
    if len(text) > TEXT_LIMIT:
        raise Invalid("too_long", field=field, most=TEXT_LIMIT)
    return text
