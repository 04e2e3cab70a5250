"""What a practitioner asks of the time a service is booked for."""

from typing import Annotated, Any

from pydantic import Field

from app.blueprints.api.base import Code, Taken, WallTime
from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import RulesView
from app.domain.agenda import Hours
from app.domain.booking_rules import LIMITS
from app.services import practice
from app.services.practice import RulesForm
from app.services.practice.hours import HOURS_LIMIT


class HoursRequest(Taken, json_schema_extra={"examples": [{"weekday": 1, "opens": "16:00", "closes": "19:00"}]}):
    """An opening on a weekday (0 Monday), by the practitioner's clock; closing at 00:00 is at midnight."""

    weekday: int = Field(ge=0, le=6)
    opens: WallTime
    closes: WallTime

    def opening(self) -> Hours:
        """Return it as the domain knows it."""
        return Hours(self.weekday, self.opens, self.closes)


def _limit(rule: str) -> tuple[Code, Any]:
    least, most = LIMITS[rule]
    return Code("out_of_range", most, least), Field(ge=least, le=most)


class RulesRequest(Taken, json_schema_extra={"examples": [{"lead_hours": 12, "days_ahead": 60, "most_per_day": 4}]}):
    """All of what is asked; what is left out is asked no more."""

    lead_hours: Annotated[int, *_limit("lead_hours")] = 0
    days_ahead: Annotated[int | None, *_limit("days_ahead")] = None
    most_per_day: Annotated[int | None, *_limit("most_per_day")] = None
    most_per_week: Annotated[int | None, *_limit("most_per_week")] = None
    own_hours: list[HoursRequest] = Field([], max_length=HOURS_LIMIT)

    def form(self) -> RulesForm:
        """Return it as the service takes it."""
        numbers = {rule: getattr(self, rule) for rule in LIMITS}
        return RulesForm(**numbers, own_hours=tuple(each.opening() for each in self.own_hours))


@call(
    "GET /services/{service_id}/rules",
    "What I ask of the time one of my services is booked for",
    name="show_booking_rules",
    gives=RulesView,
)
def show(service_id: int) -> RulesView:
    """Also of a service that cannot be booked now."""
    return RulesView.of(practice.own_service(caller(), service_id))


@call(
    "POST /services/{service_id}/rules",
    "Say how long before and how far ahead a service is booked, how often it is given, and at which hours",
    name="set_booking_rules",
    takes=RulesRequest,
    gives=RulesView,
    fails=("422 hours_overlap hours_reversed lead_beyond_horizon own_hours_outside",),
)
def save(body: RulesRequest, service_id: int) -> RulesView:
    """They bind who asks for a session from now on; what is booked stays."""
    return RulesView.of(practice.save_rules(caller(), body.form(), service_id))
