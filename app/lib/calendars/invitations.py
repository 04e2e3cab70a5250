"""Calendar entries of sessions (RFC 5545, 5546): an invitation, its cancellation, or a file to keep. Pure.

A session has one UID for ever; SEQUENCE grows with every change of its booking, so that a calendar knows which word is the last.
icalendar is imported where an entry is made: few processes do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icalendar import Calendar, Event, vCalAddress

REQUEST = "REQUEST"
CANCEL = "CANCEL"
PUBLISH = "PUBLISH"
_PRODUCT = "-//Kikao//Kikao//EN"


@dataclass(frozen=True)
class Session:
    """What a calendar is told of a session; times in any zone, written in UTC."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    url: str
    stamp: datetime
    location: str = ""  # the place, or the address of the room
    cancelled: bool = False


@dataclass(frozen=True)
class Person:
    """Somebody in a calendar entry."""

    name: str
    email: str


@dataclass(frozen=True)
class Invitation:
    """An entry that goes with a mail, and its `method`, which the mail must say too."""

    method: str
    content: bytes


def invitation(session: Session, organiser: Person, attendee: Person) -> Invitation:
    """For a mail to `attendee`: REQUEST puts the session into their calendar or moves it there, CANCEL takes it out."""
    event = _event(session)
    event["organizer"] = _address(organiser)
    guest = _address(attendee)
    guest.params["ROLE"] = "REQ-PARTICIPANT"
    guest.params["PARTSTAT"] = "ACCEPTED"
    guest.params["RSVP"] = "FALSE"
    event.add("attendee", guest, encode=False)
    method = CANCEL if session.cancelled else REQUEST
    return Invitation(method, _calendar(event, method))


def file(session: Session) -> bytes:
    """To be kept or imported by hand; it asks for nothing."""
    return _calendar(_event(session), PUBLISH)


def feed(sessions: Iterable[Session], name: str) -> bytes:
    """Many sessions in one file, for a calendar that looks at its address again and again."""
    calendar = _new(PUBLISH)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    for session in sessions:
        calendar.add_component(_event(session))
    return bytes(calendar.to_ical())


def _event(session: Session) -> "Event":
    from icalendar import Event  # noqa: PLC0415  (see above)

    event = Event()
    event.add("uid", session.uid)
    event.add("sequence", session.sequence)
    event.add("dtstamp", session.stamp.astimezone(UTC))
    event.add("dtstart", session.starts_at.astimezone(UTC))
    event.add("dtend", session.ends_at.astimezone(UTC))
    event.add("summary", session.summary)
    event.add("url", session.url)
    event.add("description", session.url)  # Google and Outlook show no URL
    if session.location:
        event.add("location", session.location)
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if session.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if session.cancelled else "OPAQUE")
    return event


def _address(person: Person) -> "vCalAddress":
    from icalendar import vCalAddress  # noqa: PLC0415  (see above)

    address = vCalAddress(f"mailto:{person.email}")
    # Quotes may not stand in a parameter, whatever people are called.
    address.params["CN"] = person.name.replace('"', "'")
    return address


def _calendar(event: "Event", purpose: str) -> bytes:
    calendar = _new(purpose)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _new(purpose: str) -> "Calendar":
    from icalendar import Calendar  # noqa: PLC0415  (see above)

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", purpose)
    return calendar
