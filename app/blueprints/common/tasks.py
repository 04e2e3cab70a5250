"""What waits for the person who reads, as lines that lead to where it is done."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from app import words
from app.models import User
from app.services.backoffice.overview import to_do
from app.services.backoffice.overview.to_do import Of, Task

_PAGES = {
    Of.BOOKING: ("booking.show", "booking_id"),
    Of.CHECKOUT: ("paying.show", "checkout_id"),
    Of.CONSULTATION: ("consultations.show", "consultation_id"),
}


@dataclass(frozen=True)
class Line:
    """One of them."""

    task: Task
    text: str
    url: str


def lines(user: User) -> list[Line]:
    """Those that no card of the page says (words.TASKS), the most urgent first."""
    return [_line(task) for task in to_do.of(user) if task.kind in words.TASKS]


def _line(task: Task) -> Line:
    endpoint, name = _PAGES[task.of]
    values: dict[str, Any] = {name: task.id}
    return Line(task, str(words.TASKS[task.kind]) % {"who": task.who}, url_for(endpoint, **values))
