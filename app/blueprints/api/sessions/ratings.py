"""Ratings: give one of the session or of its client, read the public ones, answer, hide and show again."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.blueprints.api.base import Code, Shape, one_of, prose
from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import Answer, Instant, NeededReason, Nothing, Pages, Taken
from app.lib.text import discreet
from app.models import Rating
from app.services import practice
from app.services.sessions import ratings
from app.services.sessions.ratings import Opinion, Page

_Tag = Annotated[str, one_of(ratings.TAGS)]
_Headers = dict[str, str]


class RatingRequest(
    Taken,
    json_schema_extra={"examples": [{"stars": 5, "feedback": "She listened.", "public": True, "recommends": True}]},
):
    """What the client thinks of the session; a private rating is read by the practitioner and staff only."""

    stars: Annotated[int, Code("stars_invalid")] = Field(ge=1, le=5)
    feedback: Annotated[str, prose(ratings.TEXT_LIMIT)] = ""
    public: bool = False
    recommends: bool | None = Field(None, description="null: would rather not say")
    tags: Annotated[list[_Tag], Code("tag_unknown")] = Field([], max_length=50)


class ClientRatingRequest(Taken, json_schema_extra={"examples": [{"stars": 5, "note": "Well prepared."}]}):
    """What the practitioner thinks of the client; these two and staff read the note, others whom the client asks the average."""

    stars: Annotated[int, Code("stars_invalid")] = Field(ge=1, le=5)
    note: Annotated[str, prose(ratings.TEXT_LIMIT)] = ""


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
    of_client: bool = Field(description="whether the practitioner rated the client, and not the client the session")
    name: str = Field(description="of who wrote it")
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
            of_client=rating.of_client,
            name=rating.by,
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
    "POST /bookings/{booking_id}/rate",
    "Rate a session that took place, once",
    name="rate_session",
    takes=RatingRequest,
    gives=RatingView,
    status=201,
    fails=(
        "403 forbidden",
        "409 already_rated no_show_not_rated not_completed who_came_open",
    ),
)
def rate(body: RatingRequest, booking_id: UUID) -> RatingView:
    """The rating; the same once more gives the same one."""
    given = Opinion(body.stars, body.feedback, body.public, body.recommends, tuple(body.tags))
    return RatingView.of(ratings.rate(booking_id, caller(), given))


@call(
    "POST /bookings/{booking_id}/rate-client",
    "Rate the client of a session that took place, once (practitioner)",
    name="rate_client",
    takes=ClientRatingRequest,
    gives=RatingView,
    status=201,
    fails=(
        "403 forbidden",
        "409 already_rated no_show_not_rated not_completed who_came_open",
    ),
)
def rate_client(body: ClientRatingRequest, booking_id: UUID) -> RatingView:
    """The rating; the same once more gives the same one."""
    return RatingView.of(ratings.rate_client(booking_id, caller(), body.stars, body.note))


@call(
    "GET /practitioners/{slug}/ratings",
    "What clients say in public, the newest first",
    name="list_ratings_of_practitioner",
    query=Pages,
    gives=list[PublicRating],
    login=False,
    counts=("X-Total-Count", "X-Pages"),
)
def of_practitioner(asked: Pages, slug: str) -> tuple[list[PublicRating], int, _Headers]:
    """One page of them."""
    found = ratings.public(practice.by_slug(slug), asked.page)
    return [PublicRating.of(rating) for rating in found.items], 200, _counted(found)


@call(
    "GET /ratings",
    "Ratings I gave or received (staff: all)",
    name="list_ratings",
    query=Pages,
    gives=list[RatingView],
    counts=("X-Total-Count", "X-Pages"),
)
def find(asked: Pages) -> tuple[list[RatingView], int, _Headers]:
    """One page of them."""
    found = ratings.find(caller(), asked.page)
    return [RatingView.of(rating) for rating in found.items], 200, _counted(found)


@call("GET /ratings/{rating_id}", "One rating", name="show_rating", gives=RatingView)
def show(rating_id: UUID) -> RatingView:
    """The rating, for those it concerns."""
    return RatingView.of(ratings.get(rating_id, caller()))


@call(
    "POST /ratings/{rating_id}/answer",
    "Answer a rating",
    name="answer_rating",
    takes=Answer,
    gives=RatingView,
    fails=(
        "403 forbidden",
        "409 not_allowed",
    ),
)
def answer(body: Answer, rating_id: UUID) -> RatingView:
    """The answer stands, in place of an earlier one."""
    return RatingView.of(ratings.answer(rating_id, caller(), body.text))


@call(
    "POST /ratings/{rating_id}/hide",
    "Hide a rating (staff)",
    name="hide_rating",
    takes=NeededReason,
    gives=RatingView,
    fails=(
        "403 forbidden",
        "409 not_allowed",
    ),
)
def hide(body: NeededReason, rating_id: UUID) -> RatingView:
    """It counts nowhere, and its writer is told why."""
    return RatingView.of(ratings.hide(rating_id, caller(), body.reason))


@call(
    "POST /ratings/{rating_id}/show",
    "Show a hidden rating again (staff)",
    name="unhide_rating",
    takes=Nothing,
    gives=RatingView,
    fails=(
        "403 forbidden",
        "409 not_allowed",
    ),
)
def show_again(_body: Nothing, rating_id: UUID) -> RatingView:
    """It counts again."""
    return RatingView.of(ratings.show(rating_id, caller()))


def _counted(found: Page) -> _Headers:
    return {"X-Total-Count": str(found.total), "X-Pages": str(found.pages)}
