"""A practitioner's public page: who they are, when they are free next, what they give and ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from app.blueprints.bookings.asking.practitioner_directory import blueprint, languages_of, least_price
from app.blueprints.common.access import is_known, person
from app.blueprints.common.forms import AskForm
from app.blueprints.common.throttle import per_search
from app.blueprints.common.times.days import zone_for
from app.blueprints.sessions import rating_parts
from app.lib import chance
from app.models import Practitioner, Service
from app.services import consultations, practice
from app.services.core import batching
from app.services.practice.slots import FreeSlot
from app.services.prepaid import packages
from app.services.scheduling import instant, kept_times

_AHEAD = timedelta(days=92)  # so far the next times are looked for
_NEXT = 3
_SHORT = 320  # letters of what they say that stand before the services; the rest is one press away


@dataclass(frozen=True)
class Soon:
    """What can be had soon: the next times of the service that stands first, and what could begin at once, and when."""

    service: Service
    times: list[FreeSlot]
    at_once: tuple[Service, datetime] | None


@dataclass(frozen=True)
class RefundTerms:
    """What comes back of some services when a client cancels; without titles those of all."""

    titles: list[str]
    service: Service


@blueprint.get("/practitioners/<slug>")
@per_search
def practitioner(slug: str) -> ResponseReturnValue:
    """What a practitioner says, gives and asks for."""
    form = AskForm(data={"request_key": chance.reference(20)})
    return render_template("bookings/asking/practitioner.html", form=form, **on_page(practice.by_slug(slug)))


def on_page(practitioner: Practitioner) -> dict[str, Any]:
    """What a practitioner's page shows."""
    services = practice.bookable_services(practitioner)
    about = [part.strip() for part in practitioner.about.split("\n") if part.strip()]
    return {
        "practitioner": practitioner,
        "services": services,
        "price_from": least_price(services),
        "soon": _soon(services) if services else None,
        "refund_terms": _refund_terms(services),
        "about": about[:1] if len(practitioner.about) > _SHORT else about,
        "more_about": about[1:] if len(practitioner.about) > _SHORT else [],
        "zone": zone_for(practitioner).key,
        "absence": practice.absence_notice.in_force(practitioner),
        "offers": packages.offered_by(practitioner),
        "speaks": languages_of(practitioner),
        "terms": consultations.terms_of(practitioner),
        **rating_parts.on_profile(practitioner),
    }


def _soon(services: Sequence[Service]) -> Soon:
    first = services[0]
    days = kept_times.days_from_today(first, _AHEAD)
    with batching.about("diary", [days]):
        times = kept_times.first_free(first, days, person() if is_known() else None, _NEXT)
        return Soon(first, times, instant.first_start(services, days))


def _refund_terms(services: Sequence[Service]) -> list[RefundTerms]:
    """Each sort of terms once."""
    alike: dict[tuple[int, tuple[tuple[int, int], ...]], list[Service]] = {}
    for service in services:
        tiers = tuple((hours, percent) for hours, percent in service.later_tiers)
        alike.setdefault((service.free_cancel_hours, tiers), []).append(service)
    every = list(alike.values())
    return [RefundTerms([each.title for each in group] if len(every) > 1 else [], group[0]) for group in every]
