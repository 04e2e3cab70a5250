"""My bookings: every one of them in tabs, and before them what waits to be done."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app import words
from app.blueprints.bookings.booking_summary import MoneySummary, other_side
from app.blueprints.common import tasks as task_lines
from app.blueprints.common.access import members_only, person
from app.blueprints.common.throttle import per_search
from app.models import Booking, Checkout, Refund, User, Wait
from app.services import bookings
from app.services.core import batching
from app.services.ledger import balance_due, checkouts
from app.services.payments import lost_drafts
from app.services.scheduling import waitlist
from app.services.workflows import late_payment

_COUNTED = ("waiting", "upcoming")  # tabs whose number is news


@dataclass(frozen=True)
class Tasks:
    """What waits to be done without being a booking: drafts and debts to pay, late payments to decide on, waits."""

    drafts: list[Checkout]
    owed: list[Checkout]
    late: list[Refund]
    waits: list[Wait]

    def __len__(self) -> int:
        return len(self.drafts) + len(self.owed) + len(self.late) + len(self.waits)


_NO_TASKS = Tasks([], [], [], [])


@dataclass(frozen=True)
class Card:
    """One booking in the list."""

    booking: Booking
    who: str
    money: MoneySummary


@dataclass(frozen=True)
class UnbookedSession:
    """What is paid for, when nothing is booked: when it would be, and with whom."""

    starts_at: datetime | None
    who: str
    lost: str  # why it cannot be had any more: a key of payment_states.LOST


@members_only
@per_search
def mine() -> ResponseReturnValue:
    """Every booking, in tabs that together leave none out; registered as booking.mine."""
    user = person()
    counts = bookings.counts(user, _COUNTED)
    tasks = _tasks_of(user)
    to_do = task_lines.lines(user)
    tab = request.args.get("tab") or ("waiting" if counts["waiting"] or tasks or to_do else "upcoming")
    q = request.args.get("q", "")[:80]
    page = request.args.get("page", 1, type=int)
    found = bookings.find(user, bookings.Search(tab=tab, q=q), page=page)
    counts["waiting"] += len(tasks) + len(to_do)
    is_first = tab == "waiting" and not q and page == 1
    with batching.batch(found.items):
        return render_template(
            "bookings/mine.html",
            tab=tab,
            tabs_=[(key, str(text), counts.get(key, 0)) for key, text in words.TABS.items()],
            q=q,
            found=found,
            cards=[_card(booking, user) for booking in found.items],
            tasks=tasks if is_first else _NO_TASKS,
            to_do=to_do if is_first else [],
            session_of=_session_of,
        )


def _tasks_of(user: User) -> Tasks:
    return Tasks(
        drafts=checkouts.open_drafts(user),
        owed=balance_due.of(user),
        late=late_payment.waiting_for(user),
        waits=waitlist.of(user),
    )


def _session_of(checkout: Checkout) -> UnbookedSession:
    service = checkouts.service_of(checkout)
    return UnbookedSession(
        checkouts.starts_at(checkout), service.practitioner.name if service else "", lost_drafts.why_lost(checkout)
    )


def _card(booking: Booking, user: User) -> Card:
    return Card(booking, other_side(booking, user), MoneySummary.of(booking, user))
