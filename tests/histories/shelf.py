"""What is sold: services as their practitioners edit them, and what everybody was shown who asked for one."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from app.models import Service
from tests.histories.books import Books

_POLICY = ("free_cancel_hours", "later_tiers", "no_show_percent", "free_moves", "free_move_hours")
_STANDING = ("confirmed", "in_progress")


@dataclass(frozen=True)
class Shown:
    """What a service was to whoever asked for it at that time."""

    price: int
    minutes: int
    places: int
    mode: str
    policy: tuple[tuple[str, Any], ...]


# What a practitioner makes of a service, by what they have in mind; a price is a part of the one it began with.
EDITS: dict[str, dict[str, Any]] = {
    "dearer": {"price": (3, 2)},
    "cheaper": {"price": (2, 3)},
    "longer": {"minutes": 90},
    "shorter": {"minutes": 30},
    "with breaks": {"buffer_before": 10, "buffer_after": 20},
    "without breaks": {"buffer_before": 0, "buffer_after": 0},
    "a group": {"kind": "group", "places": 3},
    "a smaller group": {"kind": "group", "places": 2},
    "for one": {"kind": "individual", "places": 1},
    "asked for first": {"mode_code": "approve_then_pay"},
    "booked at once": {"mode_code": "hold_then_pay"},
    "paid before it is booked": {"mode_code": "pay_then_book"},
    "paid afterwards": {"mode_code": "pay_after"},
    "kinder": {"free_cancel_hours": 1, "later_tiers": (), "no_show_percent": 80, "free_moves": 3, "free_move_hours": 1},
    "stricter": {"free_cancel_hours": 48, "later_tiers": ((24, 25),), "no_show_percent": 0, "free_moves": 0},
    "paused": {"active": False},
    "sold again": {"active": True},
}


class Shelf:
    """The model's own memory of every edit; it asks no service row what it was."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._first = {service.id: service.price_amount for service in services}
        always = datetime.min.replace(tzinfo=UTC)
        self._was = {service.id: [(always, _shown(service))] for service in services}

    def changes(self, service_id: int, words: str) -> dict[str, Any]:
        """What the practitioner types for this edit."""
        wish = dict(EDITS[words])
        if part := wish.pop("price", None):
            wish["price_amount"] = self._first[service_id] * part[0] // part[1]
        return wish

    def edited(self, service_id: int, changes: dict[str, Any], at: datetime) -> None:
        """From then on whoever asks is shown this."""
        last = self._was[service_id][-1][1]
        policy = dict(last.policy) | {name: changes[name] for name in _POLICY if name in changes}
        now = replace(
            last,
            price=changes.get("price_amount", last.price),
            minutes=changes.get("minutes", last.minutes),
            places=changes.get("places", last.places),
            mode=changes.get("mode_code", last.mode),
            policy=tuple(policy.items()),
        )
        self._was[service_id].append((at, now))

    def shown(self, service_id: int, at: datetime) -> Shown:
        """What the service was then."""
        return [shown for since, shown in self._was[service_id] if since <= at][-1]

    def breaches(self, books: Books) -> Iterator[str]:
        """Bookings that are not what was shown to who asked, and sessions for one with somebody else in them."""
        in_slot: dict[int, list[Row[Any]]] = defaultdict(list)
        for booking in books.bookings:
            yield from self._differences(books, booking)
            if booking.status in _STANDING:
                in_slot[booking.slot_id].append(booking)
        for together in in_slot.values():
            if len(together) > 1 and any(self._asked(books, each).places == 1 for each in together):
                yield f"a session for one has {[str(each.id) for each in together]} in it"

    def _asked(self, books: Books, booking: Row[Any]) -> Shown:
        drafts = (row for row in books.checkouts if row.booking_id == booking.id and row.kind == "draft_booking")
        draft = next(drafts, None)
        return self.shown(booking.service_id, booking.created_at if draft is None else draft.created_at)

    def _differences(self, books: Books, booking: Row[Any]) -> Iterator[str]:
        shown = self._asked(books, booking)
        of_a_package = any(row.gateway == "package" for row in books.attempts_of(booking))
        pairs: dict[str, tuple[Any, Any]] = {
            "price": (booking.agreed_amount, booking.agreed_amount if of_a_package else shown.price * booking.places),
            "minutes": (booking.agreed_minutes, shown.minutes),
            "mode": (booking.mode_code, shown.mode),
        }
        pairs |= {name: (_plain(booking.policy[name]), _plain(value)) for name, value in shown.policy}
        for name, (is_now, was) in pairs.items():
            if is_now != was:
                yield f"booking {booking.id} has {name} {is_now}, and {was} was shown"


def _shown(service: Service) -> Shown:
    policy = tuple((name, getattr(service, name)) for name in _POLICY)
    return Shown(service.price_amount, service.minutes, service.places, service.mode_code, policy)


def _plain(value: Any) -> Any:
    return [list(each) for each in value] if isinstance(value, list | tuple) else value
