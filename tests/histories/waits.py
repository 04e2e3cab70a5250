"""Who waits for a full time: the end that each wait must have, and what of it is still under way."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row

from tests.histories.books import Books

_OPEN = ("waiting", "offered")
_WAITS_FOR_SOMEBODY = ("pending_approval", "awaiting_payment")


def under_way(books: Books) -> bool:
    """Whether the next sweep must end or offer something."""
    return any(_is_due(books, wait) for wait in books.waits)


def breaches(books: Books) -> Iterator[str]:
    """Offers without the place they promise, and waits for what is over; for when all is quiet."""
    for wait in books.waits:
        if _is_due(books, wait):
            yield f"wait {wait.id} is still {wait.status}"
        if wait.status == "taken" and books.booking[wait.booking_id].client_id != wait.client_id:
            yield f"wait {wait.id} was served with somebody else's booking"


def one_place_each(books: Books) -> Iterator[str]:
    """Offers to two people of the same booking, or of a booking that is another's: at every moment."""
    offered = [wait for wait in books.waits if wait.status == "offered"]
    for wait in offered:
        booking = books.booking[wait.booking_id]
        if booking.client_id != wait.client_id:
            yield f"wait {wait.id} is offered a place of somebody else"
    if len({wait.booking_id for wait in offered}) != len(offered):
        yield "one place is offered to two"


def _is_due(books: Books, wait: Row[Any]) -> bool:
    if wait.status not in _OPEN:
        return False
    if wait.status == "offered":
        return books.booking[wait.booking_id].status not in _WAITS_FOR_SOMEBODY
    return bool(wait.starts_at <= books.now)
