"""How people meet and where, on every page that tells of a session: before it is asked for, before it is paid, and after."""

from flask import Flask
from flask_babel import gettext as _

from app.domain.meetings import PROVIDERS, MeetingKind
from app.models import Booking, Checkout, Service
from app.services.bookings import quote
from app.services.bookings.quote import Quote


def register(app: Flask) -> None:
    """Templates can say it."""
    app.jinja_env.globals.update(meeting_facts=meeting_facts)


def meeting_facts(held: Booking | Service | Quote | None) -> list[tuple[str, str]]:
    """How people meet, and where in person, as lines of the facts; nothing of what is no session."""
    if held is None:
        return []
    if PROVIDERS[MeetingKind(held.meeting_kind)].is_online:
        return [(_("How you meet"), _("Online, from the booking page"))]
    return [(_("How you meet"), _("In person")), (_("Where"), held.meeting_where)]


def agreed_of(checkout: Checkout, service: Service | None) -> Booking | Quote | None:
    """What was agreed to of the session a checkout pays for: the booking, or the quote of its draft."""
    if checkout.booking is not None or service is None:
        return checkout.booking
    return quote.of_draft(checkout, service)
