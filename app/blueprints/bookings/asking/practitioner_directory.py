"""The directory: practitioners to choose from. Visitors may look at everything."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import words
from app.blueprints.common.access import is_known, person
from app.blueprints.common.forms import SearchForm, options
from app.blueprints.common.throttle import per_search
from app.blueprints.common.times.days import zone_for
from app.blueprints.sessions import rating_parts
from app.domain import languages
from app.domain.modes import BookingMode
from app.domain.money import Money
from app.models import Practitioner, Service
from app.services import practice
from app.services.core import batching
from app.services.practice.slots import FreeSlot
from app.services.scheduling import instant, kept_times

blueprint = Blueprint("choosing", __name__)
_PER_PAGE = 12


@per_search
def practitioners() -> ResponseReturnValue:
    """Practitioners with search, language and currency; registered as booking.practitioners."""
    form = SearchForm(request.args)
    form.language.choices = options([("", _("Any language")), *languages.NAMES.items()])
    form.currency.choices = options([("", _("Any currency")), *((code, code) for code in practice.currencies())])
    asked = {name: (value or "")[:80] for name, value in form.data.items()}
    page = request.args.get("page", 1, type=int)
    here, total = practice.published_page(_PER_PAGE, page, **asked)
    pages = max(1, -(-total // _PER_PAGE))
    return render_template(
        "bookings/practitioners.html",
        form=form,
        cards=_cards(here, asked["currency"]),
        rated=rating_parts.stars_of(here),
        total=total,
        page=min(max(1, page), pages),
        pages=pages,
        asked={name: value for name, value in asked.items() if value},
    )


def _cards(practitioners: Sequence[Practitioner], currency: str) -> list[dict[str, Any]]:
    sold = {
        each.id: [s for s in practice.bookable_services(each) if not currency or s.currency == currency]
        for each in practitioners
    }
    weeks = {
        services[0]: kept_times.days_from_today(services[0], kept_times.WEEK) for services in sold.values() if services
    }
    with batching.about("diary", weeks.values()):
        free = kept_times.next_free(weeks, person() if is_known() else None)
        now = {first.practitioner_id: instant.first_start(sold[first.practitioner_id], weeks[first]) for first in weeks}
        return [_card(each, sold[each.id], free, is_free_now=now.get(each.id) is not None) for each in practitioners]


def _card(
    practitioner: Practitioner, services: list[Service], next_free: Mapping[int, FreeSlot | None], *, is_free_now: bool
) -> dict[str, Any]:
    free = next_free[services[0].id] if services else None
    return {
        "practitioner": practitioner,
        "languages": languages_of(practitioner),
        "price": least_price(services),
        "next_free": free.start if free else None,
        "is_free_now": is_free_now,
        "zone": zone_for(practitioner).key,
    }


def least_price(services: Sequence[Service]) -> Money | None:
    """The least that any of them costs, in the currency of the first: amounts of two currencies are not compared."""
    prices = [service.price for service in services if service.currency == services[0].currency]
    return min(prices, key=lambda price: price.amount, default=None)


def languages_of(practitioner: Practitioner) -> str:
    """What they speak, each language in its own words."""
    return ", ".join(languages.NAMES.get(code, code) for code in practitioner.languages.split(",") if code)


@blueprint.get("/photos/<any(small, large):size>/<photo>.webp")
def photo(size: Literal["small", "large"], photo: str) -> ResponseReturnValue:
    """A practitioner's photo, kept by browsers for ever: another one has another name."""
    response = Response(practice.photos.content_of(photo, size), content_type="image/webp")
    response.cache_control.public = True
    response.cache_control.immutable = True
    response.cache_control.max_age = 31_536_000
    return response


def how_booked(service: Service, mode: BookingMode | None = None) -> str:
    """Return how the service is booked, in the client's words: by its own mode, or by the one for this client."""
    return words.how_booked((mode or service.mode).code, minutes=service.hold_minutes, hours=service.answer_hours)
