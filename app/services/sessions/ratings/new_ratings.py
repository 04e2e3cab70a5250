"""Giving a rating: by the client, once, after a session that took place."""

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
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.core.transaction import Who, lock, record, transaction
from app.services.notifications import notices
from app.services.sessions.ratings.rating_queries import of_booking

TEXT_LIMIT = 2000
TAGS = tuple(words.RATING_TAGS)
# Why a booking in another status than completed cannot be rated; any other is simply not over yet.
_WHY_NOT = {BookingStatus.NO_SHOW: "no_show_not_rated"}


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
    """The session is rated and the practitioner will be told (report S2-6, S2-15).

    The same once more (two tabs, a repeated press) gives the rating that is there; something else is refused.
    Raises NotFound, Forbidden, Invalid (stars_invalid, too_long, tag_unknown),
    Conflict (not_completed, no_show_not_rated, already_rated).
    """
    opinion = _tidy(opinion)
    with transaction():
        booking = lock(Booking, booking_id)
        if booking is None:
            raise NotFound
        if bookings.role_in(booking, user) is not Actor.CLIENT:
            raise Forbidden("forbidden")
        before = _same(booking, opinion)
        return before if before is not None else _give(booking, user, opinion)


def actions(booking: Booking, user: User) -> list[str]:
    """What the person may do about rating the booking now. Raises NotFound."""
    if bookings.role_in(booking, user) is not Actor.CLIENT or booking.status is not BookingStatus.COMPLETED:
        return []
    return ["rate"] if of_booking(booking) is None else []


def _same(booking: Booking, opinion: Opinion) -> Rating | None:
    found = of_booking(booking)
    if found is None:
        return None
    given = Opinion(found.stars, found.feedback, found.public, found.recommends, tuple(found.tags))
    if given != opinion:
        raise Conflict("already_rated")
    return found


def _give(booking: Booking, user: User, opinion: Opinion) -> Rating:
    if booking.status is not BookingStatus.COMPLETED:
        raise Conflict(_WHY_NOT.get(booking.status, "not_completed"), status=booking.status.value)
    rating = Rating(
        booking_id=booking.id,
        user_id=user.id,
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
    record("rating", rating.id, "", rating.status, Who(Actor.CLIENT, user.id), booking_id=booking.id)
    notices.tell(booking.practitioner.user_id, "rating_received", booking=booking, data={"rating": str(rating.id)})
    return rating


def _tidy(opinion: Opinion) -> Opinion:
    # A true is a 1 to Python and 4.0 a 4, but neither is a number of stars that somebody chose.
    if type(opinion.stars) is not int or not 1 <= opinion.stars <= 5:
        raise Invalid("stars_invalid", field="stars")
    feedback = clean_text(opinion.feedback, "feedback")
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
