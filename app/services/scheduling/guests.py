"""Booking without an account first: what a guest asks for waits with their account to be, until their address is proved.

Proving is signing up, and makes the account. Meanwhile the places are kept, where the service keeps places at all.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.modes import MODES, BookingMode, for_first_time
from app.models import Service, SignUp, User
from app.services import bookings, practice
from app.services.accounts import sign_ups
from app.services.accounts.people import Profile
from app.services.bookings import attendees, booking_requests, quote, waiting
from app.services.bookings.booking_requests import Requested
from app.services.core.errors import Conflict
from app.services.core.transaction import transaction
from app.services.practice import holds, slots
from app.services.scheduling import kept_times


@dataclass(frozen=True)
class GuestWish:
    """What a guest asks for; `key` is that of the request."""

    service_id: int
    start: datetime
    places: int = 1
    notes: str = ""
    names: tuple[str, ...] = ()
    key: str | None = None
    shown: str = ""  # the mark of the terms (bookings/quote)

    @property
    def kept_until(self) -> datetime | None:
        """Until when its places are kept (UTC); None where they are not."""
        return holds.kept_until(self.key)

    def to_json(self) -> dict[str, object]:
        """As a row keeps it."""
        return {**vars(self), "start": self.start.isoformat(), "names": list(self.names)}


def wish_of(sign_up: SignUp | None) -> GuestWish | None:
    """What the account to be asks for; None where somebody only signs up."""
    kept = sign_up.wish if sign_up else None
    if kept is None:
        return None
    return GuestWish(**{**kept, "start": datetime.fromisoformat(kept["start"]), "names": tuple(kept["names"])})


def mode_for_guests(service: Service) -> BookingMode:
    """How the service is booked by who comes for the first time, as a guest is until they have proved otherwise."""
    return MODES[for_first_time(service.first_time, service.mode_code)]


def begin(
    address: str, profile: Profile, wish: GuestWish, *, may_keep: bool, instead_of: GuestWish | None = None
) -> str:
    """A code is on its way to the address, and the places are kept if they can be; the secret of the account to be is answered.

    `instead_of` is what the same browser asked for before: that is let go.
    Raises NotFound, Invalid, Conflict (slot_taken, terms_changed), and what signing up does.
    """
    slots.check_sane(wish.start)
    with transaction():
        service = practice.lock_bookable(wish.service_id)
        for each in (instead_of, wish):  # sent twice, it is one wish
            holds.let_guest_go(each.key if each else None)
        _check(service, wish)
        if may_keep and wish.key and mode_for_guests(service).holds:
            holds.keep_for_guest(service, wish.start, wish.places, wish.key)
        asked = replace(wish, shown=quote.mark_of(service, mode_for_guests(service)))
        return sign_ups.begin_within(address, profile, asked.to_json())


def release(wish: GuestWish) -> None:
    """What was kept is free again."""
    with transaction():
        holds.let_guest_go(wish.key)


def ask(user: User, wish: GuestWish) -> Requested:
    """What was asked for stands, as the person has proved the address by now. Raises what `bookings.request` does."""
    return bookings.request(
        user,
        wish.service_id,
        wish.start,
        places=wish.places,
        notes=wish.notes,
        names=wish.names,
        request_key=wish.key,
        was_kept=True,
        shown=wish.shown,
    )


def _check(service: Service, wish: GuestWish) -> None:
    mode = mode_for_guests(service)
    booking_requests.check_shown(service, wish.shown, mode)
    booking_requests.check_time(service, wish.start, wish.places, wish.notes, mode)
    attendees.clean(wish.names, service.kind, wish.places)
    waiting.settle(service, wish.start)
    if kept_times.places_left(service, wish.start) < wish.places:
        raise Conflict("slot_taken", field="start")
