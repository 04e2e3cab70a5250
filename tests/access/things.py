"""Everything in the town that an address can name, and whose it is."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, product
from typing import Any

from sqlalchemy import func, null, select
from werkzeug.routing import Rule

from app.domain.lifecycle import Actor
from app.lib.network.short_ids import pack
from app.models import (
    Attempt,
    Attendee,
    Booking,
    BusyFeed,
    Checkout,
    CodePurpose,
    Consultation,
    ConsultationFile,
    ConsultationMessage,
    DayException,
    Delivery,
    Dispute,
    Gift,
    HouseText,
    Identity,
    InboxEntry,
    Invitation,
    Login,
    Package,
    PackageOffer,
    Paper,
    PaperVersion,
    Passkey,
    Payout,
    Practitioner,
    Proof,
    Rating,
    Receipt,
    Refund,
    Review,
    Role,
    Service,
    ServicePaper,
    TimeOff,
    User,
    Wait,
)
from app.services import house
from app.services.accounts import invitations, mailed_codes
from app.services.accounts.invitations import Asked
from app.services.accounts.mailed_codes import Wish
from app.services.core.signed_urls import seat_token
from app.services.core.transaction import Who
from tests.support.pictures import picture
from tests.support.town import LOST, Town

Names = tuple[str, ...]


@dataclass(frozen=True)
class Thing:
    """What an address names, by the names of its arguments; and the ids of the two people it lies between, if there are any."""

    values: dict[str, str]
    client: int | None = None
    practitioner: int | None = None

    @property
    def ids(self) -> list[str]:
        """What in it is nowhere else: long enough not to be part of any other text."""
        return [value for value in self.values.values() if len(value) == len(str(uuid.UUID(int=0)))]

    def sides_of(self, user_id: int) -> set[str]:
        """The parts this person has in it."""
        sides = {"client": self.client, "practitioner": self.practitioner}
        return {side for side, whose in sides.items() if whose == user_id}


_LINKS = 100
_NOBODY = null()
# The values of the arguments, then the client's id as a user and the practitioner's as a practitioner.
_KINDS: dict[Names, Any] = {
    ("booking_id",): select(Booking.id, Booking.client_id, Booking.practitioner_id),
    ("booking_id", "paper_id"): select(
        Booking.id, ServicePaper.paper_id, Booking.client_id, Booking.practitioner_id
    ).join(ServicePaper, ServicePaper.service_id == Booking.service_id),
    ("client_id",): select(Booking.client_id, _NOBODY, Booking.practitioner_id).distinct(),
    ("checkout_id",): select(Checkout.id, Checkout.client_id, Booking.practitioner_id).outerjoin(Booking),
    ("consultation_id",): select(Consultation.id, Consultation.client_id, Consultation.practitioner_id),
    ("consultation_id", "file_id"): select(
        Consultation.id, ConsultationFile.id, Consultation.client_id, Consultation.practitioner_id
    )
    .join(ConsultationMessage, ConsultationMessage.checkout_id == Consultation.checkout_id)
    .join(ConsultationFile),
    ("dispute_id",): select(Dispute.id, _NOBODY, func.coalesce(Booking.practitioner_id, Consultation.practitioner_id))
    .join(Attempt, Attempt.id == Dispute.attempt_id)
    .join(Checkout, Checkout.id == Attempt.checkout_id)
    .outerjoin(Booking, Booking.id == Checkout.booking_id)
    .outerjoin(Consultation, Consultation.checkout_id == Checkout.id),
    ("exception_id",): select(DayException.id, _NOBODY, DayException.practitioner_id),
    ("feed_id",): select(BusyFeed.id, _NOBODY, BusyFeed.practitioner_id),
    ("gift_id",): select(Gift.id, Gift.buyer_id, _NOBODY),
    ("identity_id",): select(Identity.id, Identity.user_id, _NOBODY),
    ("login_id",): select(Login.id, Login.user_id, _NOBODY).where(Login.name == LOST),
    ("offer_id",): select(PackageOffer.id, _NOBODY, Service.practitioner_id).join(Service),
    ("package_id",): select(Package.id, Package.client_id, Package.practitioner_id),
    ("passkey_id",): select(Passkey.id, Passkey.user_id, _NOBODY),
    ("paper_id",): select(Paper.id, _NOBODY, Paper.practitioner_id),
    ("paper_id", "number"): select(Paper.id, PaperVersion.number, _NOBODY, Paper.practitioner_id).join(PaperVersion),
    ("proof_id",): select(Proof.id, Checkout.client_id, Booking.practitioner_id)
    .join(Attempt, Attempt.id == Proof.attempt_id)
    .join(Checkout, Checkout.id == Attempt.checkout_id)
    .join(Booking, Booking.id == Checkout.booking_id),
    ("rating_id",): select(Rating.id, Rating.user_id, Rating.practitioner_id),
    ("receipt_id",): select(Receipt.id, Receipt.client_id, Receipt.practitioner_id),
    ("service_id",): select(Service.id, _NOBODY, Service.practitioner_id),
    ("slot_id",): select(Booking.slot_id, _NOBODY, Booking.practitioner_id).distinct(),
    ("slug",): select(Practitioner.slug, _NOBODY, Practitioner.id),
    ("time_off_id",): select(TimeOff.id, _NOBODY, TimeOff.practitioner_id),
    ("wait_id",): select(Wait.id, Wait.client_id, Service.practitioner_id).join(Service),
    # Only staff have to do with these: nobody is a side of them.
    ("attempt_id",): select(Attempt.id, _NOBODY, _NOBODY),
    ("delivery_id",): select(Delivery.id, _NOBODY, _NOBODY),
    ("entry_id",): select(InboxEntry.id, _NOBODY, _NOBODY),
    ("invitation_id",): select(Invitation.id, _NOBODY, _NOBODY),
    ("payout_id",): select(Payout.id, _NOBODY, _NOBODY),
    ("refund_id",): select(Refund.id, _NOBODY, _NOBODY),
    ("review_id",): select(Review.id, _NOBODY, _NOBODY),
    ("user_id",): select(User.id, _NOBODY, _NOBODY),
}
# What else an address may say, which is nobody's. A rule that is a choice says itself what can be chosen.
_WORDS = {
    "colour": "7a1f5c",
    "filename": "kikao.css",
    "gateway_code": "stripe",
    "month": "2026-11",
    "name": "waiting",
    "provider": "sandbox",
    "token": "nobody",
}
_NEVER = {"UUIDConverter": str(uuid.UUID(int=1)), "IntegerConverter": "900000000", "UnicodeConverter": "nobody"}
_ODD = _NEVER | {
    "IntegerConverter": str(10**20),
    "UnicodeConverter": "%F0%9F%92%A9'\"<x>",
    "PathConverter": "../config.py",
}


class Things:
    """Everything in the town, by the arguments that name it; secrets by the rule they are part of."""

    def __init__(self, town: Town) -> None:
        self._world = town.world
        self._logo = self._said_of_the_house()
        self._invitations = self._unused_invitations()
        with town.world.rows() as session:
            homes = {row.id: row.user_id for row in session.scalars(select(Practitioner))}
            found = {names: session.execute(statement).all() for names, statement in _KINDS.items()}
        self._kinds = {
            names: [Thing(dict(zip(names, map(str, row), strict=False)), row[-2], homes.get(row[-1])) for row in rows]
            for names, rows in found.items()
        }
        self._secrets = self._known_secrets()
        self._links = self._unused_links()

    def _known_secrets(self) -> dict[str, dict[str, str]]:
        with self._world.rows() as session:
            booking, checkout, attendee, key, photo = (
                session.scalars(statement).first()
                for statement in (
                    select(Booking.id), select(Checkout.id), select(Attendee.id), select(User.feed_key).where(User.feed_key != ""),
                    select(Practitioner.photo),
                )
            )  # fmt: skip
            reset = mailed_codes.ask(Wish(CodePurpose.NEW_PASSWORD, "nobody@people.test"))
            return {
                "/b/<key>": {"key": pack(booking)},
                "/c/<key>": {"key": pack(checkout)},
                "/callbacks/": {"token": "nobody"},
                "/calendar/<key>.ics": {"key": key},
                "/house/logo/": {"name": self._logo},
                "/photos/": {"photo": photo},
                "/people/reset/<token>": {"token": mailed_codes.link_of(reset)},
                "/seats/": {"token": seat_token(self._world.app, attendee)},
            }

    def _unused_links(self) -> Iterator[str]:
        """A link is good once: of these there are many, and the next is taken each time."""
        wishes = [Wish(CodePurpose.LOG_IN, f"nobody-{n}@people.test") for n in range(_LINKS)]
        with self._world.app.app_context():
            return cycle([mailed_codes.link_of(mailed_codes.ask(wish)) for wish in wishes])

    def _unused_invitations(self) -> Iterator[str]:
        """These are good once too."""
        with self._world.app.app_context():
            asked = (Asked(f"invited-{n}@people.test", "Baraka", Role.CLIENT) for n in range(_LINKS // 2))
            made = [invitations.invite(each, Who(Actor.STAFF)) for each in asked]
            return cycle([mailed_codes.link_of(each.code_id) for each in made])

    def _said_of_the_house(self) -> str:
        """It has a logo, whose name is answered, and its own texts."""
        who = Who(Actor.STAFF)
        with self._world.app.app_context():
            for kind in HouseText:
                house.change_text(kind, "# Words\n\nof ours", who)
            house.logos.change(picture((200, 100), "PNG"), who)
            return house.known().logo

    def of(self, rule: Rule) -> list[Thing]:
        """Everything the rule's arguments can name together."""
        names = tuple(name for name in re.findall(r"(\w+)>", rule.rule) if name in _OWNED)
        found = self._kinds[names] if names else [Thing({})]
        words = {name: word for name, word in (_WORDS | self._secret(rule)).items() if name in rule.arguments}
        more = [words | choice for choice in _choices(rule)]
        return [Thing(each.values | words, each.client, each.practitioner) for each in found for words in more]

    def named(self, kind: str) -> list[Thing]:
        """Everything of one kind."""
        return self._kinds[(kind,)]

    def _secret(self, rule: Rule) -> dict[str, str]:
        if rule.rule.startswith("/login/link/"):
            return {"token": next(self._links)}
        if rule.rule.startswith("/invitations/"):
            return {"token": next(self._invitations)}
        return next((known for start, known in self._secrets.items() if rule.rule.startswith(start)), {})

    def hidden_from(self, user_id: int) -> set[str]:
        """The ids of everything that others have and this person has no part in."""
        theirs = (each for things in self._kinds.values() for each in things if each.client or each.practitioner)
        return {value for each in theirs if not each.sides_of(user_id) for value in each.ids}

    def missing(self) -> list[Names]:
        """The kinds of which the two people of a pair have none, or nobody has any."""
        whose = {names: {(each.client, each.practitioner) for each in things} for names, things in self._kinds.items()}
        return [
            names for names, owners in whose.items() if len(owners - {(None, None)}) < 2 and owners != {(None, None)}
        ]


_OWNED = {name for names in _KINDS for name in names}


def _choices(rule: Rule) -> list[dict[str, str]]:
    """Every way to choose the rule's words, such as `settle` of <any(settle, refuse):act>."""
    choices = re.findall(r"<any\(([^)]*)\):(\w+)>", rule.rule)
    names = [name for _, name in choices]
    return [dict(zip(names, chosen, strict=True)) for chosen in product(*(words.split(", ") for words, _ in choices))]


def nobodys(kind: str) -> Thing:
    """One of the kind that never existed."""
    kinds = {"service_id": "IntegerConverter", "slug": "UnicodeConverter"}
    return Thing({kind: _NEVER[kinds.get(kind, "UUIDConverter")]})


def never(rule: Rule, thing: Thing) -> Thing:
    """What the same words of the rule would name if it had ever existed."""
    return Thing({name: _never(rule, name) if name in _OWNED else value for name, value in thing.values.items()})


def _never(rule: Rule, name: str) -> str:
    return _NEVER[type(rule._converters[name]).__name__]


def address(rule: Rule, values: dict[str, str]) -> str:
    """The rule with these values."""
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda match: values[match[1]], rule.rule)


def never_address(rule: Rule) -> str:
    """The rule with values of which none ever existed."""
    words = _WORDS | _choices(rule)[0]
    return address(rule, {name: words.get(name) or _never(rule, name) for name in rule.arguments})


def odd(rule: Rule) -> str:
    """The rule with values that cannot be."""
    kinds = {name: type(converter).__name__ for name, converter in rule._converters.items()}
    choices = _choices(rule)[0]
    return address(rule, {name: choices.get(name) or _ODD[kind] for name, kind in kinds.items()})
