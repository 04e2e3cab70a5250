"""What a booking asks its client to sign: read from the service's forms and what was signed."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.domain.lifecycle import TABS
from app.extensions import db
from app.models import (
    Booking,
    Notification,
    Paper,
    PaperDue,
    PaperKind,
    PaperVersion,
    ServicePaper,
    SignedPaper,
)
from app.services.bookings.status_changes import status_now
from app.services.core import batching
from app.services.core.errors import Conflict
from app.services.notifications import notices

# What must be signed before somebody may do this to a booking.
_NEEDED: dict[str, frozenset[PaperDue]] = {
    "approve": frozenset({PaperDue.APPROVAL}),
    "start": frozenset({PaperDue.APPROVAL, PaperDue.SESSION}),
}


@dataclass(frozen=True)
class Asked:
    """One form of a booking: the version to sign, or the one that was signed, and by when."""

    paper: Paper
    version: PaperVersion
    signed: SignedPaper | None
    due: PaperDue  # "approval" only where somebody approves

    @property
    def is_missing(self) -> bool:
        """Whether something waits for it."""
        return self.signed is None and self.due is not PaperDue.OPTIONAL


def of_booking(booking: Booking) -> list[Asked]:
    """Every form the booking asks for or has signed, the first due first (S3-27)."""
    here = select(Paper).join(PaperVersion).join(SignedPaper).where(SignedPaper.booking_id == booking.id)
    found = {paper.id: paper for paper in (*_asked_now(booking.service_id), *db.session.scalars(here))}
    return _read(booking, [found[key] for key in sorted(found)])


def missing(booking: Booking, action: str = "start") -> list[Asked]:
    """The forms that must be signed before `action` and are not; none where the action waits for no form."""
    needed = _NEEDED.get(action)
    if needed is None:
        return []
    found = _read(booking, _asked_now(booking.service_id))
    return [asked for asked in found if asked.is_missing and asked.due in needed]


def is_open(booking: Booking) -> bool:
    """Whether its forms can still be signed: not once it has ended."""
    return status_now(booking) in (*TABS["waiting"], *TABS["upcoming"])


def waiting(booking: Booking) -> list[Asked]:
    """The forms that are missing and can still be signed."""
    return missing(booking) if is_open(booking) else []


def check(booking: Booking, action: str) -> None:
    """Nothing is missing for `action`. Raises Conflict (form_missing), which names the forms."""
    if found := missing(booking, action):
        raise Conflict("form_missing", forms=", ".join(asked.version.title for asked in found))


def tell_missing(booking: Booking) -> None:
    """The client will be told once which forms wait for them, if any do; inside the caller's transaction."""
    if found := missing(booking):
        notices.tell(
            booking.client_id, "forms_to_fill", booking=booking, cause=",".join(str(each.paper.id) for each in found)
        )


def still_wait(notice: Notification) -> bool:
    """Whether forms of the message's booking are still to be signed."""
    return notice.booking is not None and bool(waiting(notice.booking))


@batching.batched("service", list)
def _asked_now(services: Collection[int]) -> dict[int, list[Paper]]:
    asked = select(ServicePaper.service_id, Paper).join(Paper, Paper.id == ServicePaper.paper_id)
    active = asked.where(ServicePaper.service_id.in_(services), Paper.active.is_(True)).order_by(Paper.id)
    return batching.grouped((service_id, paper) for service_id, paper in db.session.execute(active))


def _read(booking: Booking, found: list[Paper]) -> list[Asked]:
    if not found:
        return []
    signed = _signed(booking.id)
    read = [_asked(paper, booking, [each for each in signed if each.version.paper_id == paper.id]) for paper in found]
    return sorted(read, key=lambda asked: list(PaperDue).index(asked.due))


@batching.batched("booking", list)
def _signed(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[SignedPaper]]:
    """What the bookings' clients have signed, the latest first."""
    clients = {each: db.session.get_one(Booking, each).client_id for each in ids}  # who asks has loaded them
    theirs = select(SignedPaper).where(SignedPaper.user_id.in_(set(clients.values())))
    rows = db.session.scalars(theirs.options(selectinload(SignedPaper.version)).order_by(SignedPaper.signed_at.desc()))
    found = batching.grouped((signed.user_id, signed) for signed in rows)
    return {booking_id: found.get(client_id, []) for booking_id, client_id in clients.items()}


def _asked(paper: Paper, booking: Booking, signed: list[SignedPaper]) -> Asked:
    counts = next((each for each in signed if each.booking_id == booking.id), None) or _carried(paper, signed)
    nobody_approves = paper.due is PaperDue.APPROVAL and not booking.mode.needs_approval
    due = PaperDue.SESSION if nobody_approves else paper.due
    return Asked(paper, counts.version if counts else paper.current, counts, due)


def _carried(paper: Paper, signed: list[SignedPaper]) -> SignedPaper | None:
    """What was signed for an earlier booking and still counts; an agreement only while it is unchanged."""
    if not paper.once:
        return None
    if paper.kind is PaperKind.AGREEMENT:
        signed = [each for each in signed if each.version_id == paper.current.id]
    return next(iter(signed), None)
