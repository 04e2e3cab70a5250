"""Who can be booked, and when."""

from datetime import date
from typing import Annotated

from pydantic import Field

from app.blueprints.api.base import Code, Query
from app.blueprints.api.calls import call
from app.blueprints.api.shapes import PractitionerView, SlotView
from app.blueprints.common.throttle import per_search
from app.domain.money import CODE
from app.services import practice
from app.services.scheduling import kept_times
from app.services.sessions import ratings


class PractitionerSearch(Query):
    """Which practitioners."""

    q: str = Field("", description="a part of a name, a title or what they say of themselves")
    language: str = Field("", description="a language they speak", examples=["sw"])
    currency: str = Field("", pattern=f"{CODE}|^$", description="what one of their services costs", examples=["KES"])


class Days(Query):
    """From which day to which, both included."""

    first: Annotated[date, Code("date_invalid")] = Field(alias="from", examples=["2030-01-07"])
    last: Annotated[date, Code("date_invalid")] = Field(alias="to", examples=["2030-01-20"])


@call(
    "GET /practitioners",
    "Find practitioners",
    name="list_practitioners",
    query=PractitionerSearch,
    gives=list[PractitionerView],
    login=False,
)
@per_search
def find(asked: PractitionerSearch) -> list[PractitionerView]:
    """Published practitioners, by name."""
    found = practice.published(asked.q, asked.language, asked.currency)
    rated = ratings.summaries(found)
    return [PractitionerView.of(practitioner, rated[practitioner.id]) for practitioner in found]


@call("GET /practitioners/{slug}", "One practitioner", name="show_practitioner", gives=PractitionerView, login=False)
@per_search
def show(slug: str) -> PractitionerView:
    """The practitioner at this address."""
    found = practice.by_slug(slug)
    return PractitionerView.of(found, ratings.summary(found))


@call(
    "GET /services/{service_id}/slots",
    "Free times on the practitioner's local dates; at most 62 days",
    name="list_slots",
    query=Days,
    gives=list[SlotView],
    login=False,
    fails=("422 range_reversed range_too_long",),
)
@per_search
def free(asked: Days, service_id: int) -> list[SlotView]:
    """Every time with places left; what is kept for who waits is not among them."""
    return [SlotView.of(slot) for slot in kept_times.free_times(practice.bookable(service_id), asked.first, asked.last)]
