"""Where a session is held: how each kind of service gets its link, and what a link may look like. Pure, like agenda."""

import re
import unicodedata
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

LINK_LIMIT = 500
PLACE_LIMIT = 200
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


class MeetingKind(StrEnum):
    """How people meet for a service."""

    GENERATED = "generated"  # a room of its own for every session
    FIXED = "fixed"  # the practitioner's own room, the same every time
    TYPED = "typed"  # the practitioner gives a link for each session
    IN_PERSON = "in_person"


class BadPlace(Exception):
    """Not a link or place that people could be sent to; `code` names a sentence in words/."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class BookingFacts:
    """What a provider may know of a booking: nothing about anybody in it."""

    where: str  # what the service says, as `check` gave it
    room: str  # a name nobody can guess
    base: str  # the address below which rooms come into being by being opened


class MeetingProvider(ABC):
    """One way to give a booking its link; a fifth is a class here and a line in PROVIDERS."""

    is_online = True

    @abstractmethod
    def link(self, booking: BookingFacts) -> str:
        """The booking's link (or, in person, its place); empty while nobody has given one."""

    def check(self, where: str) -> str:
        """What a service of this kind keeps of what was typed. Raises BadPlace."""
        del where
        return ""


class GeneratedRoom(MeetingProvider):
    """Jitsi's manner: a room is there as soon as somebody opens its address."""

    def link(self, booking: BookingFacts) -> str:
        """An address nobody can guess."""
        return f"{booking.base.rstrip('/')}/{booking.room}"


class FixedLink(MeetingProvider):
    """The service's own link."""

    def link(self, booking: BookingFacts) -> str:
        """What the practitioner set, for every booking."""
        return booking.where

    def check(self, where: str) -> str:
        """A link. Raises BadPlace."""
        return clean_link(where)


class TypedLink(MeetingProvider):
    """The practitioner gives one for each booking."""

    def link(self, booking: BookingFacts) -> str:
        """None yet."""
        del booking
        return ""


class InPerson(MeetingProvider):
    """No link: people come to a place."""

    is_online = False

    def link(self, booking: BookingFacts) -> str:
        """The place."""
        return booking.where

    def check(self, where: str) -> str:
        """The place in words. Raises BadPlace."""
        text = " ".join(where.split())
        if not text:
            raise BadPlace("place_missing")
        if len(text) > PLACE_LIMIT:
            raise BadPlace("too_long", most=PLACE_LIMIT)
        if any(unicodedata.category(letter).startswith("C") for letter in text):
            raise BadPlace("place_invalid")
        return text


PROVIDERS: dict[MeetingKind, MeetingProvider] = {
    MeetingKind.GENERATED: GeneratedRoom(),
    MeetingKind.FIXED: FixedLink(),
    MeetingKind.TYPED: TypedLink(),
    MeetingKind.IN_PERSON: InPerson(),
}


def clean_link(text: str) -> str:
    """The link, tidy. Raises BadPlace (link_missing, too_long, link_scheme, link_secret, link_invalid).

    Plain ASCII only: what looks like another address, or turns its own writing round, cannot be spelt in it.
    """
    text = text.strip()
    if not text:
        raise BadPlace("link_missing")
    if len(text) > LINK_LIMIT:
        raise BadPlace("too_long", most=LINK_LIMIT)
    if not text.lower().startswith("https://"):
        raise BadPlace("link_scheme")
    if not re.fullmatch(r"[!#-;=?-\[\]_a-z~%]+", text, re.IGNORECASE | re.ASCII):
        raise BadPlace("link_invalid")
    _check_address(text)
    return text


def _check_address(link: str) -> None:
    try:
        parts = urlsplit(link)
        host = parts.hostname or ""
        _ = parts.port  # raises where it is no number
    except ValueError:
        raise BadPlace("link_invalid") from None
    if "@" in parts.netloc:
        raise BadPlace("link_secret")
    if not _HOST.fullmatch(host):
        raise BadPlace("link_invalid")
