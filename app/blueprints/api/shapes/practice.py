"""What everybody may see of a practitioner: services, ratings, free times."""

from typing import Annotated

from flask import current_app, url_for
from pydantic import Field

from app.blueprints.api.base import Instant, Shape, one_of
from app.blueprints.api.shapes.common import Amount
from app.domain.agenda import Hours
from app.domain.booking_rules import LIMITS
from app.domain.meetings import MeetingKind
from app.domain.modes import MODES
from app.models import Practitioner, Service, ServiceKind
from app.services import consultations, practice
from app.services.core import payment_methods
from app.services.practice.slots import FreeSlot
from app.services.sessions import ratings


class HoursView(Shape):
    """An opening on a weekday (0 Monday), by the practitioner's clock; closing at 00:00 is at midnight."""

    weekday: int
    opens: str
    closes: str

    @classmethod
    def of(cls, hours: Hours) -> "HoursView":
        """Return the opening in plain words."""
        return cls(weekday=hours.weekday, opens=f"{hours.starts:%H:%M}", closes=f"{hours.ends:%H:%M}")


class RulesView(Shape):
    """What is asked of the time a service is booked for; null is without limit, days and weeks are the practitioner's."""

    lead_hours: int = Field(description="how long before it begins it has to be booked")
    days_ahead: int | None = Field(description="how many days ahead it can be booked")
    most_per_day: int | None = Field(description="how many of its sessions are given on one day")
    most_per_week: int | None = Field(description="and from Monday to Sunday")
    own_hours: list[HoursView] = Field(description="empty: it is given whenever the practitioner is open")

    @classmethod
    def of(cls, service: Service) -> "RulesView":
        """Anybody's view."""
        rules = {rule: getattr(service, rule) for rule in LIMITS}
        return cls(**rules, own_hours=[HoursView.of(each) for each in service.own_hours])


class ClassTimeView(Shape):
    """When a group meets every week, by its practitioner's clock."""

    weekday: int = Field(description="0 is Monday")
    starts: str = Field(examples=["18:00"], max_length=5)


class ServiceView(Shape):
    """What can be booked."""

    id: int
    title: str
    description: str
    introductory: bool = Field(description="for clients who are new; it stands first")
    kind: ServiceKind
    mode: Annotated[str, one_of(MODES)]
    price: Amount
    places: int
    minutes: int
    meeting_kind: MeetingKind
    place: str | None = Field(description="where people meet; null where they meet by a link")
    rules: RulesView
    class_times: list[ClassTimeView] = Field(
        description="a group can be booked at these alone; empty: at any open time"
    )
    methods: list[str]

    @classmethod
    def of(cls, service: Service) -> "ServiceView":
        """Anybody's view."""
        return cls(
            id=service.id,
            title=service.title,
            description=service.description,
            introductory=service.introductory,
            kind=service.kind,
            mode=service.mode_code,
            price=Amount.of(service.price),
            places=service.places,
            minutes=service.minutes,
            meeting_kind=service.meeting_kind,
            place=None if service.is_online else service.meeting_where,
            rules=RulesView.of(service),
            class_times=[ClassTimeView(weekday=day, starts=wall) for day, wall in service.class_times],
            methods=[g.code for g in payment_methods.accepting(service.price, reserving=service.mode.reserves)],
        )


class RatingSummary(Shape):
    """What ratings come to: the average with one decimal, null where there is none, and how many there are."""

    average: float | None
    count: int

    @classmethod
    def of(cls, summary: ratings.Summary) -> "RatingSummary":
        """Return the summary in plain numbers."""
        return cls(average=None if summary.average is None else float(summary.average), count=summary.count)


class PractitionerView(Shape):
    """A practitioner's public side."""

    slug: str
    name: str
    headline: str
    credentials: str = Field(description="training and registration, in the practitioner's own words")
    about: str
    photo: str | None = Field(
        description="the address of a square picture, WebP, 384 pixels wide; null where there is none"
    )
    zone: str
    languages: list[str]
    services: list[ServiceView]
    question_price: Amount | None = Field(description="of a question in writing; null where none are taken")
    question_hours: int = Field(description="within which a question is answered, or the money goes back")
    question_days: int = Field(description="for which both may go on writing after the answer")
    absence: str = Field(description="what is to be read while they are away; empty while they are not")
    rating: RatingSummary

    @classmethod
    def of(cls, practitioner: Practitioner, rating: ratings.Summary) -> "PractitionerView":
        """Anybody's view: active services that can be booked."""
        terms = consultations.terms_of(practitioner)
        return cls(
            slug=practitioner.slug,
            name=practitioner.name,
            headline=practitioner.headline,
            credentials=practitioner.credentials,
            about=practitioner.about,
            photo=_photo(practitioner),
            zone=practitioner.zone,
            languages=[code for code in practitioner.languages.split(",") if code],
            services=[ServiceView.of(service) for service in practice.bookable_services(practitioner)],
            question_price=Amount.of(practitioner.question_price) if practitioner.question_price else None,
            question_hours=terms.hours,
            question_days=terms.days,
            absence=practice.absence_notice.in_force(practitioner),
            rating=RatingSummary.of(rating),
        )


def _photo(practitioner: Practitioner) -> str | None:
    if practitioner.photo is None:
        return None
    path = url_for("choosing.photo", size="large", photo=practitioner.photo)
    return f"{current_app.config['PUBLIC_URL']}{path}"


class SlotView(Shape):
    """A time that can be booked now."""

    start: Instant
    end: Instant
    places_left: int

    @classmethod
    def of(cls, slot: FreeSlot) -> "SlotView":
        """Return the free time as programs read it."""
        return cls(start=slot.start, end=slot.end, places_left=slot.places_left)
