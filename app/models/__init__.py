"""What Kikao remembers. Tables, constraints and properties; no I/O and no decisions."""

from app.models.attendees import Attendee, Wait
from app.models.audits import Audit
from app.models.base import Base
from app.models.bookings import Booking, Change
from app.models.busy import BusyFeed, BusyTime
from app.models.callbacks import InboxEntry, RejectedCallbacks, Review
from app.models.checkouts import Attempt, Checkout
from app.models.consultations import Consultation, ConsultationFile, ConsultationMessage
from app.models.disputes import Dispute
from app.models.gifts import Gift
from app.models.ledger import LedgerEntry, LedgerTransaction
from app.models.notes import BookingNote
from app.models.notices import Channel, Delivery, Notification
from app.models.packages import Package, PackageOffer, PackageUse
from app.models.papers import Paper, PaperDue, PaperKind, PaperVersion, Question, ServicePaper, SignedPaper
from app.models.people import AccessToken, Role, User
from app.models.practice import DayException, Practitioner, Service, ServiceKind, WeeklyHours
from app.models.proofs import Proof
from app.models.ratings import Rating
from app.models.receipts import PracticeTax, Receipt, ReceiptKind, ReceiptSeries
from app.models.refunds import Refund
from app.models.requests import IdempotentRequest
from app.models.reschedules import Reschedule
from app.models.session_proofs import SessionProof
from app.models.slots import Hold, Slot
from app.models.wallets import Payout

__all__ = [
    "AccessToken",
    "Attempt",
    "Attendee",
    "Audit",
    "Base",
    "Booking",
    "BookingNote",
    "BusyFeed",
    "BusyTime",
    "Change",
    "Channel",
    "Checkout",
    "Consultation",
    "ConsultationFile",
    "ConsultationMessage",
    "DayException",
    "Delivery",
    "Dispute",
    "Gift",
    "Hold",
    "IdempotentRequest",
    "InboxEntry",
    "LedgerEntry",
    "LedgerTransaction",
    "Notification",
    "Package",
    "PackageOffer",
    "PackageUse",
    "Paper",
    "PaperDue",
    "PaperKind",
    "PaperVersion",
    "Payout",
    "PracticeTax",
    "Practitioner",
    "Proof",
    "Question",
    "Rating",
    "Receipt",
    "ReceiptKind",
    "ReceiptSeries",
    "Refund",
    "RejectedCallbacks",
    "Reschedule",
    "Review",
    "Role",
    "Service",
    "ServiceKind",
    "ServicePaper",
    "SessionProof",
    "SignedPaper",
    "Slot",
    "User",
    "Wait",
    "WeeklyHours",
]
