"""Ratings: give one, read the public ones, answer, hide and show again."""

from uuid import UUID

from flask import request
from pydantic import Field, StrictBool, StrictInt

from app.blueprints.api.base import Shape
from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import Answer, Instant, Nothing, Reason, Taken
from app.lib.text import discreet
from app.models import Rating
from app.services import practice
from app.services.sessions import ratings
from app.services.sessions.ratings import Opinion, Page

_Headers = dict[str, str]


class RatingRequest(Taken):
    """What the client thinks of the session; a private rating is read by the practitioner and staff only."""

    stars: StrictInt = Field(description="a whole number from 1 to 5")
    feedback: str = Field("", description="at most 2000 characters")
    public: StrictBool = False
    recommends: StrictBool | None = Field(None, description="null: would rather not say")
    tags: list[str] = Field([], max_length=50, description="any of: " + ", ".join(ratings.TAGS))


class PublicRating(Shape):
    """What everybody may read; `name` is the first name and an initial, `answer` the practitioner's."""

    id: UUID
    name: str
    stars: int
    feedback: str
    recommends: bool | None
    tags: list[str]
    created_at: Instant
    answer: str
    answered_at: Instant | None

    @classmethod
    def of(cls, rating: Rating) -> "PublicRating":
        """Anybody's view."""
        return cls(
            id=rating.id,
            name=discreet(rating.user.name),
            stars=rating.stars,
            feedback=rating.feedback,
            recommends=rating.recommends,
            tags=rating.tags,
            created_at=rating.created_at,
            answer=rating.answer,
            answered_at=rating.answered_at,
        )


class RatingView(Shape):
    """A rating for those it concerns; a hidden one says why, and counts nowhere."""

    id: UUID
    booking_id: UUID
    name: str
    stars: int
    feedback: str
    public: bool
    recommends: bool | None
    tags: list[str]
    created_at: Instant
    answer: str
    answered_at: Instant | None
    hidden_at: Instant | None
    hidden_reason: str
    allowed_actions: list[str]

    @classmethod
    def of(cls, rating: Rating) -> "RatingView":
        """The caller's view."""
        return cls(
            id=rating.id,
            booking_id=rating.booking_id,
            name=rating.user.name,
            stars=rating.stars,
            feedback=rating.feedback,
            public=rating.public,
            recommends=rating.recommends,
            tags=rating.tags,
            created_at=rating.created_at,
            answer=rating.answer,
            answered_at=rating.answered_at,
            hidden_at=rating.hidden_at,
            hidden_reason=rating.hidden_reason,
            allowed_actions=ratings.may(rating, caller()),
        )


@call(
    "POST /bookings/<uuid:booking_id>/rate",
    "Rate a session that took place, once",
    takes=RatingRequest,
    gives=RatingView,
    status=201,
)
def rate(body: RatingRequest, booking_id: UUID) -> RatingView:
    """The rating; the same once more gives the same one."""
    given = Opinion(body.stars, body.feedback, body.public, body.recommends, tuple(body.tags))
    return RatingView.of(ratings.rate(booking_id, caller(), given))


@call(
    "GET /practitioners/<slug>/ratings",
    "What clients say in public, the newest first; X-Total-Count and X-Pages tell how many",
    gives=list[PublicRating],
    login=False,
    query=("page",),
)
def of_practitioner(slug: str) -> tuple[list[PublicRating], int, _Headers]:
    """One page of them."""
    found = ratings.public(practice.by_slug(slug), _page())
    return [PublicRating.of(rating) for rating in found.items], 200, _counted(found)


@call(
    "GET /ratings",
    "Ratings I gave or received (staff: all); X-Total-Count and X-Pages tell how many",
    gives=list[RatingView],
    query=("page",),
)
def find() -> tuple[list[RatingView], int, _Headers]:
    """One page of them."""
    found = ratings.find(caller(), _page())
    return [RatingView.of(rating) for rating in found.items], 200, _counted(found)


@call("GET /ratings/<uuid:rating_id>", "One rating", gives=RatingView)
def show(rating_id: UUID) -> RatingView:
    """The rating, for those it concerns."""
    return RatingView.of(ratings.get(rating_id, caller()))


@call("POST /ratings/<uuid:rating_id>/answer", "Answer a rating", takes=Answer, gives=RatingView)
def answer(body: Answer, rating_id: UUID) -> RatingView:
    """The answer stands, in place of an earlier one."""
    return RatingView.of(ratings.answer(rating_id, caller(), body.text))


@call("POST /ratings/<uuid:rating_id>/hide", "Hide a rating (staff)", takes=Reason, gives=RatingView)
def hide(body: Reason, rating_id: UUID) -> RatingView:
    """It counts nowhere, and its writer is told why."""
    return RatingView.of(ratings.hide(rating_id, caller(), body.reason))


@call("POST /ratings/<uuid:rating_id>/show", "Show a hidden rating again (staff)", takes=Nothing, gives=RatingView)
def show_again(_body: Nothing, rating_id: UUID) -> RatingView:
    """It counts again."""
    return RatingView.of(ratings.show(rating_id, caller()))


def _page() -> int:
    return request.args.get("page", default=1, type=int)


def _counted(found: Page) -> _Headers:
    return {"X-Total-Count": str(found.total), "X-Pages": str(found.pages)}
