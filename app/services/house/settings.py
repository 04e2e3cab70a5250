"""Saying what the house is: each part by itself, checked, noted in the trail, and seen at once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from app.domain import languages
from app.domain.money import CODE
from app.extensions import db
from app.lib import clock
from app.lib.database import insert
from app.lib.papers import colours
from app.lib.phones import numbers
from app.lib.text import clean, is_mail
from app.models import House, HousePage, HouseText, Joining
from app.services.core.errors import Invalid, check_all, needs
from app.services.core.transaction import Who, lock, record, transaction
from app.services.house.current import refresh

NAME = 40  # letters: it begins every SMS
_TAGLINE = 160
_ADDRESS = 500
TEXT = 60_000


@dataclass(frozen=True)
class Look:
    """What is seen of the house at a glance."""

    name: str
    tagline: str
    colour: str


@dataclass(frozen=True)
class Contact:
    """How the house is reached, and what is usual there."""

    email: str
    phone: str
    address: str
    country: str
    currency: str
    languages: tuple[str, ...]


def _line(text: str) -> str:
    """The text in one line."""
    return " ".join(clean(text).split())


def change_look(look: Look, who: Who) -> None:
    """Name, line of the footer and colour are as given. Raises Invalid (too_long, colour_unknown, colour_pale)."""
    name = _line(look.name)
    tagline = _line(look.tagline)
    check_all(
        (
            lambda: needs(len(name) <= NAME, Invalid("too_long", field="name", most=NAME)),
            lambda: needs(len(tagline) <= _TAGLINE, Invalid("too_long", field="tagline", most=_TAGLINE)),
            lambda: _clean_colour(look.colour),
        )
    )
    with changing("look", who) as house:
        house.name = name
        house.tagline = tagline
        house.colour = _clean_colour(look.colour)


def _clean_colour(text: str) -> str:
    colour = text.strip().lower()
    if colour and not colours.is_colour(colour):
        raise Invalid("colour_unknown", field="colour")
    if colour and not colours.is_readable(colour):
        raise Invalid("colour_pale", field="colour", best=colours.nearest_readable(colour))
    return colour


def change_contact(contact: Contact, who: Who) -> None:
    """How to reach the house, and what is usual there, are as given.

    Raises Invalid beside the field (email_invalid, phone_invalid, too_long, languages_none, invalid).
    """
    clean = _clean(contact)
    with changing("contact", who) as house:
        for name, value in vars(clean).items():
            setattr(house, name, list(value) if name == "languages" else value)


def _clean(contact: Contact) -> Contact:
    email = contact.email.strip()
    country = contact.country
    check_all(
        (
            lambda: needs(not email or is_mail(email), Invalid("email_invalid", field="email")),
            lambda: _clean_phone(contact.phone, country),
            lambda: needs(len(contact.address) <= _ADDRESS, Invalid("too_long", field="address", most=_ADDRESS)),
            lambda: needs(not country or country in numbers.countries(), Invalid("invalid", field="country")),
            lambda: needs(
                not contact.currency or re.fullmatch(CODE, contact.currency), Invalid("invalid", field="currency")
            ),
            lambda: needs(
                set(contact.languages) & languages.NAMES.keys(), Invalid("languages_none", field="languages")
            ),
        )
    )
    return Contact(
        email,
        _clean_phone(contact.phone, contact.country),
        "\n".join(filter(None, map(_line, contact.address.splitlines()))),
        contact.country,
        contact.currency,
        _clean_languages(contact.languages),
    )


def _clean_languages(codes: tuple[str, ...]) -> tuple[str, ...]:
    """In one order; none where all are meant, so that a language that comes later is among them."""
    chosen = tuple(code for code in languages.NAMES if code in codes)
    return () if len(chosen) == len(languages.NAMES) else chosen


def _clean_phone(text: str, country: str) -> str:
    if not text.strip():
        return ""
    for region in (country or None, None):
        with suppress(ValueError):
            return numbers.normalise(text, region)
    raise Invalid("phone_invalid", field="phone")


def change_text(kind: HouseText, text: str, who: Who) -> None:
    """The text has a page, or none where it is empty. Raises Invalid (too_long)."""
    text = clean(text)
    if len(text) > TEXT:
        raise Invalid("too_long", field="text", most=TEXT)
    with changing(kind.value, who) as house:
        if page := db.session.get(HousePage, kind.value):
            db.session.delete(page)
            db.session.flush()
        if text:
            db.session.add(HousePage(kind=kind.value, text=text, changed_at=clock.now()))
        there = {*house.texts, kind.value} if text else {*house.texts} - {kind.value}
        house.texts = [each.value for each in HouseText if each.value in there]


def change_joining(joining: Joining, who: Who) -> None:
    """Who may become a practitioner is as given."""
    with changing("joining", who) as house:
        house.joining = joining


@contextmanager
def changing(part: str, who: Who) -> Iterator[House]:
    """The house's row, locked; what is changed meanwhile stands in the trail, and is seen at once."""
    with transaction():
        house = _locked()
        yield house
        house.version += 1
        house.changed_at = clock.now()
        record("house", house.id, "", part, who)
    refresh()


def _locked() -> House:
    row = {
        "id": 1, "version": 0, "name": "", "tagline": "", "colour": "", "email": "", "phone": "", "address": "", "country": "",
        "currency": "", "languages": [], "texts": [], "joining": Joining.INVITATION, "changed_at": clock.now(),
    }  # fmt: skip
    # Of the first two at once the second waits, and finds what the first has made.
    db.session.execute(insert(db.engine, House).values(row).on_conflict_do_nothing())
    found = lock(House, 1)
    if found is None:
        raise RuntimeError("the house is gone in the moment it was made")
    return found
