"""Every kind of message as it would be sent, with made-up people and sums, for staff who read them over."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app

from app.domain.lifecycle import BookingStatus
from app.domain.meetings import MeetingKind
from app.lib import clock
from app.lib.phones import gsm
from app.models import Booking, Notification, Practitioner, Role, Slot, User
from app.services.notifications import mail
from app.services.notifications import sms as texts
from app.services.notifications.letters import Mail
from app.services.notifications.message_kinds import KINDS, Group, Kind

_ID = uuid.UUID(int=0xC0FFEE)
_ZONE = "Africa/Nairobi"
_OVER = frozenset({"session_completed"})  # sent of a session that took place


@dataclass(frozen=True)
class Preview:
    """One kind of message as it reaches a person; `sms` is empty where none is sent."""

    kind: str
    group: str
    mail: Mail
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
    """Return every kind in this language, group by group."""
    return [_preview(kind, row, language) for kind, row in KINDS.items()]


def _preview(kind: str, row: Kind, language: str) -> Preview:
    client = _person(1, "Wanjiku Kamau", Role.CLIENT, language)
    owner = _person(2, "Amina Otieno", Role.PRACTITIONER, language)
    # What is for whoever manages a practice is shown as they read it, all others as the client does.
    reader = owner if row.group is Group.PRACTICE else client
    booking = _booking(client, owner) if row.of_booking else None
    if booking is not None and kind in _OVER:
        booking.status = BookingStatus.COMPLETED
    notice = Notification(id=1, kind=kind, data=_data(), dedupe_key="preview", created_at=clock.now())
    values = notice.data | {"booking": booking, "notice": notice}
    written = mail.compose(reader, kind, values)
    text_message = texts.compose(reader, kind, values) if row.texted else ""
    return Preview(kind, row.group.value, written, text_message)


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
        meeting_kind=MeetingKind.GENERATED,
        meeting_where="",
        slot=Slot(capacity=1),
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
        "dispute": 7,
        "end": "lost",
        "due": (clock.now() + timedelta(days=5)).isoformat(),
        "until": (clock.now() + timedelta(days=1)).isoformat(),
        "was": (clock.now() + timedelta(days=3)).isoformat(),
        "since": (clock.now() - timedelta(days=1)).isoformat(),
        "problem": "no_answer",
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
