"""The directory: practitioners to choose from, and the public page of one. Visitors may look at everything."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import words
from app.blueprints.common.access import is_known, person
from app.blueprints.common.forms import AskForm, SearchForm, options
from app.blueprints.common.throttle import per_search
from app.blueprints.common.times.days import zone_for
from app.blueprints.sessions import rating_parts
from app.domain import languages
from app.domain.modes import BookingMode
from app.lib import chance
from app.models import Practitioner, Service
from app.services import consultations, practice
from app.services.practice.slots import FreeSlot
from app.services.prepaid import packages
from app.services.scheduling import kept_times

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
    firsts = [services[0] for services in sold.values() if services]
    free = kept_times.next_free(firsts, person() if is_known() else None)
    return [_card(each, sold[each.id], free) for each in practitioners]


def _card(
    practitioner: Practitioner, services: list[Service], next_free: Mapping[int, FreeSlot | None]
) -> dict[str, Any]:
    free = next_free[services[0].id] if services else None
    return {
        "practitioner": practitioner,
        "languages": _languages(practitioner),
        "price": min((s.price for s in services), key=lambda price: price.amount, default=None),
        "next_free": free.start if free else None,
        "zone": zone_for(practitioner).key,
    }


def _languages(practitioner: Practitioner) -> str:
    return ", ".join(languages.NAMES.get(code, code) for code in practitioner.languages.split(",") if code)


@blueprint.get("/practitioners/<slug>")
@per_search
def practitioner(slug: str) -> ResponseReturnValue:
    """What a practitioner says, gives and asks for."""
    form = AskForm(data={"request_key": chance.reference(20)})
    return render_template("bookings/practitioner.html", form=form, **on_page(practice.by_slug(slug)))


@blueprint.get("/photos/<any(small, large):size>/<photo>.webp")
def photo(size: Literal["small", "large"], photo: str) -> ResponseReturnValue:
    """A practitioner's photo, kept by browsers for ever: another one has another name."""
    response = Response(practice.photos.content_of(photo, size), content_type="image/webp")
    response.cache_control.public = True
    response.cache_control.immutable = True
    response.cache_control.max_age = 31_536_000
    return response


def on_page(practitioner: Practitioner) -> dict[str, Any]:
    """What a practitioner's page shows."""
    services = [(service, how_booked(service)) for service in practice.bookable_services(practitioner)]
    return {
        "practitioner": practitioner,
        "services": services,
        "absence": practice.absence_notice.in_force(practitioner),
        "offers": packages.offered_by(practitioner),
        "speaks": _languages(practitioner),
        "terms": consultations.terms_of(practitioner),
        **rating_parts.on_profile(practitioner),
    }


def how_booked(service: Service, mode: BookingMode | None = None) -> str:
    """Return how the service is booked, in the client's words: by its own mode, or by the one for this client."""
    return words.how_booked((mode or service.mode).code, minutes=service.hold_minutes, hours=service.answer_hours)
