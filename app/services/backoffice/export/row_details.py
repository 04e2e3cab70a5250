"""What a row of an export says beyond its own columns: what stands elsewhere, and what is sealed."""

import json
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import (
    Attendee,
    Booking,
    Change,
    Consultation,
    ConsultationMessage,
    DisputeAddition,
    LedgerEntry,
    Notification,
    Paper,
    SignedPaper,
)
from app.services.backoffice.export.rows import More, plain
from app.services.core import encryption
from app.services.core.errors import Unavailable


def of_booking(booking: Booking) -> dict[str, Any]:
    """Return with whom it was, who came, and what became of it."""
    names = select(Attendee.name).where(Attendee.booking_id == booking.id).order_by(Attendee.created_at, Attendee.name)
    return {
        "practitioner": booking.practitioner.name,
        "attendees": list(db.session.scalars(names)),
        "history": _history(booking),
    }


def _history(booking: Booking) -> list[dict[str, Any]]:
    trail = select(Change).where(Change.booking_id == booking.id).order_by(Change.at, Change.id)
    return [
        {"at": c.at.isoformat(), "of": c.subject, "from": c.from_status, "to": c.to_status, "by": c.actor.value}
        for c in db.session.scalars(trail)
    ]


def of_session(booking: Booking) -> dict[str, Any]:
    """Return whose session it was, what the practitioner noted, and what became of it."""
    return {
        "client": booking.client.name,
        "session_notes": _opened(booking, "session_notes"),
        "history": _history(booking),
    }


def of_addition(addition: DisputeAddition) -> dict[str, Any]:
    """Return the practitioner's own words to a client's bank; a chosen message stands with its conversation."""
    return {"text": _opened(addition, "text")}


def _opened(row: Booking | SignedPaper | ConsultationMessage | DisputeAddition, column: str) -> str | None:
    """What was sealed, in plain words; None while its key is missing."""
    try:
        return encryption.read(row, column)
    except Unavailable:
        return None


def of_signed_form(signed: SignedPaper) -> dict[str, Any]:
    """Return what was asked and what was answered."""
    version = signed.version
    text = _opened(signed, "content")
    content = json.loads(text) if text else {"name": None, "answers": {}}
    asked = {question.key: question.label for question in version.questions}
    answers = [{"question": asked.get(key, key), "answer": answer} for key, answer in content["answers"].items()]
    return {
        "title": version.title,
        "text": version.body,
        "version": version.number,
        "name": content["name"],
        "answers": answers,
    }


def conversation(asked: Consultation, author_id: int | None = None) -> list[dict[str, Any]]:
    """What was written in a conversation, all of it or one side's own words."""
    return [
        {
            "at": each.written_at.isoformat(),
            "by": "client" if each.author_id == asked.client_id else "practitioner",
            "text": _opened(each, "text"),
            "files": [f"files/question-{file.id}-{file.file_name}" for file in each.files],
        }
        for each in asked.messages
        if author_id in (None, each.author_id)
    ]


def of_message(notice: Notification) -> dict[str, Any]:
    """Return what the message was about and how each copy of it went out."""
    data = {key: value for key, value in notice.data.items() if key != "token"}  # a key to the account, while it lasts
    sent = [
        {"by": d.channel.value, "at": d.done_at and d.done_at.isoformat(), "outcome": d.outcome}
        for d in notice.deliveries
    ]
    return {"data": data, "sent": sent}


def with_file(name: str) -> More:
    """Return what names the file of a row, under `name`."""
    return lambda proof: {"file": f"files/{name}-{proof.id}-{proof.file_name}"}


def of_entry(entry: LedgerEntry) -> dict[str, Any]:
    """Return when the money moved and why."""
    return {"at": entry.transaction.at.isoformat(), "kind": entry.transaction.kind}


def of_form(paper: Paper) -> dict[str, Any]:
    """Return every version of the form."""
    return {"versions": [plain(version) for version in paper.versions]}
