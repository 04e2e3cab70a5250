"""Every message there is, as it would be sent, with people and sums that are made up: for staff who read them over."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app

from app import words
from app.domain.lifecycle import BookingStatus
from app.lib import clock, gsm
from app.models import Booking, Notification, Practitioner, Role, User
from app.services.notifications import mail, preferences
from app.services.notifications import sms as texts

_ID = uuid.UUID(int=0xC0FFEE)
_ZONE = "Africa/Nairobi"
# For whoever manages the practice or the house; all others are shown as the client reads them.
_PRACTICE = preferences.GROUPS["practice"].kinds
_OVER = frozenset({"session_completed"})  # sent of a session that took place
_WITHOUT_BOOKING = frozenset(
    {"account_erased", "password_reset", "registration_attempt", "topped_up", "payout_done", "payout_refused"}
) | {
    *(
        "account_unused",
        "gift_bought",
        "gift_received",
        "gift_redeemed",
        "package_bought",
        "package_sold",
        "package_expired",
        "wait_over",
    )
}


@dataclass(frozen=True)
class Preview:
    """One kind of message as it reaches a person; `sms` is empty where none is sent."""

    kind: str
    group: str
    subject: str
    text: str
    sms: str

    @property
    def letters(self) -> int:
        """How many letters of the SMS the network counts."""
        return gsm.length(self.sms)

    @property
    def parts(self) -> int:
        """How many SMS it is paid as."""
        return gsm.parts(self.sms)


def all_of(language: str) -> list[Preview]:
    """Every kind in this language, in the order people are told of them."""
    return [_preview(kind, language) for kind in words.NOTICES]


def _preview(kind: str, language: str) -> Preview:
    client, owner = (
        _person(1, "Wanjiku Kamau", Role.CLIENT, language),
        _person(2, "Amina Otieno", Role.PRACTITIONER, language),
    )
    reader = owner if kind in _PRACTICE else client
    booking = None if kind in _WITHOUT_BOOKING else _booking(client, owner)
    if booking is not None and kind in _OVER:
        booking.status = BookingStatus.COMPLETED
    notice = Notification(id=1, kind=kind, data=_data(), dedupe_key="preview", created_at=clock.now())
    values = notice.data | {"booking": booking, "notice": notice}
    subject, text = mail.compose(reader, kind, values)
    return Preview(kind, _group(kind), subject, text, _sms(reader, kind, values))


def _sms(reader: User, kind: str, values: dict[str, Any]) -> str:
    return texts.compose(reader, kind, values) if kind in preferences.TEXTED else ""


def _group(kind: str) -> str:
    return next((name for name, group in preferences.GROUPS.items() if kind in group.kinds), "always")


def _person(number: int, name: str, role: Role, language: str) -> User:
    return User(
        id=number, name=name, email="somebody@people.test", role=role, language=language, zone=_ZONE, switches={}
    )


def _booking(client: User, owner: User) -> Booking:
    start = (clock.now() + timedelta(days=3)).replace(hour=7, minute=0, second=0, microsecond=0)
    return Booking(
        id=_ID,
        client_id=client.id,
        client=client,
        practitioner=Practitioner(id=1, user_id=owner.id, name="Dr. Amina Otieno", slug="amina-otieno", zone=_ZONE),
        status=BookingStatus.CONFIRMED,
        mode_code="hold_then_pay",
        title="…",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        places=1,
        price_amount=150_000,
        currency="KES",
        deadline_at=start - timedelta(days=1),
        reason="",
        version=2,
        confirmed_at=clock.now(),
    )


def _data() -> dict[str, Any]:
    """Everything any message may name."""
    return {
        "amount": 150_000,
        "currency": "KES",
        "back": 150_000,
        "credited": 50_000,
        "reason": "too_late",
        "checkout": str(_ID),
        "consultation": str(_ID),
        "gift": str(_ID),
        "until": (clock.now() + timedelta(days=1)).isoformat(),
        "was": (clock.now() + timedelta(days=3)).isoformat(),
        "to": (clock.now() + timedelta(days=4)).isoformat(),
        "who": "Dr. Amina Otieno",
        "slug": "amina-otieno",
        "name": "Otieno Kamau",
        "reference": "AB23CD45EF67",
        "evidence": "M-Pesa SJK4H7L2QP",
        "gateway": next(iter(current_app.extensions["gateways"]), "mpesa"),
        "count": 3,
        "sentence": "no wallet is below zero",
        "token": "…",
    }
