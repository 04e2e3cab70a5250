"""Who can be booked, and when."""

from datetime import date

from flask import request

from app.blueprints.api.calls import call
from app.blueprints.api.shapes import PractitionerView, SlotView
from app.blueprints.common.throttle import per_search
from app.services import practice
from app.services.core.errors import Invalid
from app.services.practice import slots
from app.services.sessions import ratings


@call(
    "GET /practitioners",
    "Find practitioners",
    gives=list[PractitionerView],
    login=False,
    query=("q", "language", "currency"),
)
@per_search
def find() -> list[PractitionerView]:
    """Published practitioners, by name."""
    arguments = {name: request.args.get(name, "") for name in ("q", "language", "currency")}
    found = practice.published(**arguments)
    rated = ratings.summaries(found)
    return [PractitionerView.of(practitioner, rated[practitioner.id]) for practitioner in found]


@call("GET /practitioners/<slug>", "One practitioner", gives=PractitionerView, login=False)
@per_search
def show(slug: str) -> PractitionerView:
    """The practitioner at this address."""
    found = practice.by_slug(slug)
    return PractitionerView.of(found, ratings.summary(found))


@call(
    "GET /services/<int:service_id>/slots",
    "Free times on the practitioner's local dates; at most 62 days",
    gives=list[SlotView],
    login=False,
    query=("from", "to"),
)
@per_search
def free(service_id: int) -> list[SlotView]:
    """Every time with places left."""
    first = _date("from")
    last = _date("to")
    return [SlotView.of(slot) for slot in slots.free_slots(practice.bookable(service_id), first, last)]


def _date(name: str) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        raise Invalid("date_invalid", field=name) from None
