"""What Kikao remembers. Tables, constraints and properties; no I/O and no decisions."""

from app.models.base import Base
from app.models.bookings import Booking, Change
from app.models.callbacks import InboxEntry, RejectedCallbacks, Review
from app.models.checkouts import Attempt, Checkout
from app.models.notices import Notification
from app.models.people import AccessToken, Role, User
from app.models.practice import DayException, Practitioner, Service, ServiceKind, WeeklyHours
from app.models.refunds import Refund
from app.models.requests import IdempotentRequest
from app.models.slots import Hold, Slot

__all__ = [
    "AccessToken",
    "Attempt",
    "Base",
    "Booking",
    "Change",
    "Checkout",
    "DayException",
    "Hold",
    "IdempotentRequest",
    "InboxEntry",
    "Notification",
    "Practitioner",
    "Refund",
    "RejectedCallbacks",
    "Review",
    "Role",
    "Service",
    "ServiceKind",
    "Slot",
    "User",
    "WeeklyHours",
]
