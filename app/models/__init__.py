"""What Kikao remembers. Tables, constraints and properties; no I/O and no decisions."""

from app.models.audits import Audit, Checkup
from app.models.base import Base
from app.models.bookings.attendees import Attendee, Wait
from app.models.bookings.booking import Booking, Change
from app.models.bookings.intake_forms import (
    Paper,
    PaperDue,
    PaperKind,
    PaperVersion,
    Question,
    ServicePaper,
    SignedPaper,
)
from app.models.bookings.reschedules import Reschedule
from app.models.consultations import Consultation, ConsultationFile, ConsultationMessage
from app.models.idempotency import IdempotentRequest
from app.models.invitations import Invitation
from app.models.ledger.checkouts import Attempt, Checkout
from app.models.ledger.credit_lots import CreditMove
from app.models.ledger.disputes import Dispute, DisputeAddition, DisputeAnswer
from app.models.ledger.journal import LedgerEntry, LedgerTransaction
from app.models.ledger.receipts import PracticeTax, Receipt, ReceiptKind, ReceiptSeries
from app.models.ledger.refunds import Refund, RefundWaiver
from app.models.logins import CodePurpose, Identity, Login, LoginKind, MailedCode, Scope, SignUp
from app.models.notices import Channel, Delivery, Notification, Outcome
from app.models.payments.inbox import ForeignCallbacks, InboxEntry, RejectedCallbacks, Review
from app.models.payments.manual_payments import Proof
from app.models.payments.pulls import Installation, Pull
from app.models.payments.receipt_checks import ForeignPayments, ReceiptCheck
from app.models.people import Role, User
from app.models.practice.external_calendars import BusyFeed, BusyTime
from app.models.practice.houses import House, HouseLogo, HousePage, HouseText, Joining, SetupLink
from app.models.practice.photos import PractitionerPhoto
from app.models.practice.practitioners import (
    Block,
    DayException,
    Practitioner,
    Service,
    ServiceKind,
    TimeOff,
    WeeklyHours,
)
from app.models.practice.slots import GuestHold, Hold, Slot
from app.models.prepaid.gifts import Gift
from app.models.prepaid.packages import Package, PackageOffer, PackageUse
from app.models.prepaid.wallets import Payout
from app.models.quotas import QuotaCount, QuotaStop
from app.models.second_factors import CodeApp, Passkey, RecoveryCode
from app.models.sessions.attendance_reviews import AttendanceReview
from app.models.sessions.notes import BookingNote
from app.models.sessions.ratings import Rating
from app.models.sessions.session_evidence import SessionProof

__all__ = [
    "Attempt",
    "AttendanceReview",
    "Attendee",
    "Audit",
    "Base",
    "Block",
    "Booking",
    "BookingNote",
    "BusyFeed",
    "BusyTime",
    "Change",
    "Channel",
    "Checkout",
    "Checkup",
    "CodeApp",
    "CodePurpose",
    "Consultation",
    "ConsultationFile",
    "ConsultationMessage",
    "CreditMove",
    "DayException",
    "Delivery",
    "Dispute",
    "DisputeAddition",
    "DisputeAnswer",
    "ForeignCallbacks",
    "ForeignPayments",
    "Gift",
    "GuestHold",
    "Hold",
    "House",
    "HouseLogo",
    "HousePage",
    "HouseText",
    "IdempotentRequest",
    "Identity",
    "InboxEntry",
    "Installation",
    "Invitation",
    "Joining",
    "LedgerEntry",
    "LedgerTransaction",
    "Login",
    "LoginKind",
    "MailedCode",
    "Notification",
    "Outcome",
    "Package",
    "PackageOffer",
    "PackageUse",
    "Paper",
    "PaperDue",
    "PaperKind",
    "PaperVersion",
    "Passkey",
    "Payout",
    "PracticeTax",
    "Practitioner",
    "PractitionerPhoto",
    "Proof",
    "Pull",
    "Question",
    "QuotaCount",
    "QuotaStop",
    "Rating",
    "Receipt",
    "ReceiptCheck",
    "ReceiptKind",
    "ReceiptSeries",
    "RecoveryCode",
    "Refund",
    "RefundWaiver",
    "RejectedCallbacks",
    "Reschedule",
    "Review",
    "Role",
    "Scope",
    "Service",
    "ServiceKind",
    "ServicePaper",
    "SessionProof",
    "SetupLink",
    "SignUp",
    "SignedPaper",
    "Slot",
    "TimeOff",
    "User",
    "Wait",
    "WeeklyHours",
]
