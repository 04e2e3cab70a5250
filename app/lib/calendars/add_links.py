"""Links by which somebody puts an entry into their calendar by hand. Pure: nobody is asked, and who does not press tells nobody.

The addresses are those that the calendars' own "new event" pages read: calendar.google.com/calendar/render with `dates` in basic
UTC, outlook.live.com and outlook.office.com/calendar/0/deeplink/compose with `startdt` and `enddt`.
"""

from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

from app.lib.calendars.invitations import Session

_GOOGLE = "https://calendar.google.com/calendar/render"
_OUTLOOK = {"Outlook.com": "https://outlook.live.com", "Microsoft 365": "https://outlook.office.com"}
_COMPOSE = "/calendar/0/deeplink/compose"


class Link(NamedTuple):
    """One calendar's name, as its maker writes it, and the address."""

    name: str
    url: str


def of(session: Session) -> list[Link]:
    """For each calendar that takes an entry by a link, the link; other calendars open the file."""
    return [Link("Google", _google(session)), *(Link(name, _outlook(base, session)) for name, base in _OUTLOOK.items())]


def _google(session: Session) -> str:
    return _address(
        _GOOGLE,
        action="TEMPLATE",
        text=session.summary,
        dates=f"{_basic(session.starts_at)}/{_basic(session.ends_at)}",
        location=session.location,
        details=session.url,
    )


def _outlook(base: str, session: Session) -> str:
    return _address(
        base + _COMPOSE,
        path="/calendar/action/compose",
        rru="addevent",
        subject=session.summary,
        startdt=_extended(session.starts_at),
        enddt=_extended(session.ends_at),
        location=session.location,
        body=session.url,
    )


def _address(base: str, **values: str) -> str:
    return f"{base}?{urlencode(values, quote_via=quote)}"  # %20: Outlook shows a plus as it is


def _basic(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _extended(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
