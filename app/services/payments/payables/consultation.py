"""Paying for a question in writing: it is asked only with the money."""

from datetime import datetime, timedelta

from flask import current_app

from app.domain.lifecycle import CheckoutStatus, ConsultationStatus
from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.lib.chance import new_id
from app.models import Checkout, Consultation, Practitioner
from app.services.core.transaction import GATEWAY, record
from app.services.ledger import splits
from app.services.notifications import notices
from app.services.payments.payables.fulfilment import Fulfilment
from app.services.practice import lock_diary


def try_fulfil(checkout: Checkout, _money: Money, _at: datetime) -> Fulfilment:
    """The question is asked, however late the money came; not if it was given up or is no longer taken."""
    if checkout.status is CheckoutStatus.CANCELLED:
        return Fulfilment.GONE
    draft = checkout.draft or {}
    practitioner = lock_diary(draft["practitioner_id"])
    if practitioner is None or not practitioner.takes_questions:
        return Fulfilment.GONE
    consultation = _new(checkout, practitioner)
    db.session.add(consultation)
    db.session.flush()
    record("consultation", consultation.id, "", consultation.status, GATEWAY)
    _tell(consultation)
    return Fulfilment.DONE


def _new(checkout: Checkout, practitioner: Practitioner) -> Consultation:
    # What was promised is what the client read before paying; the time to answer begins now.
    promised = checkout.draft or {}
    now = clock.now()
    hours = promised.get("hours") or practitioner.question_hours or current_app.config["QUESTION_HOURS"]
    return Consultation(
        id=new_id(),
        client=checkout.client,
        practitioner=practitioner,
        checkout=checkout,
        fee_amount=splits.fee_for(checkout.money).amount,
        price_amount=checkout.amount,
        currency=checkout.currency,
        status=ConsultationStatus.OPEN,
        asked_at=now,
        answer_by=now + timedelta(hours=int(hours)),
        open_days=int(promised.get("days", practitioner.question_days)),
        client_read=1,  # their own question
        practitioner_read=0,
    )


def _tell(consultation: Consultation) -> None:
    # What was asked is nobody else's: a message only says that there is something, and where.
    client = consultation.client
    practitioner = consultation.practitioner
    where = str(consultation.id)
    until = consultation.answer_by.isoformat() if consultation.answer_by else ""
    told = {"who": client.name, "consultation": where, "until": until}
    notices.tell(practitioner.user_id, "question_received", cause=consultation.checkout_id, data=told)
    told = {"who": practitioner.name, "consultation": where, "until": until}
    notices.tell(client.id, "question_sent", cause=consultation.checkout_id, data=told)
