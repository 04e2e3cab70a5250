"""Forms of a practitioner, and a client who signs them, through the API."""

from typing import Any

from werkzeug.test import TestResponse

from tests.support.world import Caller

SECRET = "Nightmares since the flood 🌊 of March"
NAME = "Wanjiku Achieng Kamau"
WORRY = {"key": "", "label": "What worries you most?", "kind": "long", "required": True, "options": []}
QUESTIONS = [
    WORRY,
    {"label": "Have you seen somebody before?", "kind": "yes_no"},
    {"label": "How did you hear of us?", "kind": "choice", "options": ["A friend", "The clinic"]},
    {"label": "Born on", "kind": "date"},
]
ANSWERS = {"q1": SECRET, "q2": "no", "q3": "A friend", "q4": "1990-02-28"}


def intake(owner: Caller, services: list[int], **changes: Any) -> int:
    """The owner asks these questions with these services; gives the form's id."""
    body = {"kind": "intake", "title": "Before we meet", "questions": QUESTIONS, "services": services} | changes
    return made(owner.post("/forms", body))


def agreement(owner: Caller, services: list[int], **changes: Any) -> int:
    """The owner asks for agreement to this text."""
    text = "What you say stays between us.\n\nUnless a life is in danger."
    body = {"kind": "agreement", "title": "Confidentiality", "body": text, "services": services} | changes
    return made(owner.post("/forms", body))


def made(answer: TestResponse) -> int:
    """The id of what was made."""
    assert answer.status_code in (200, 201), answer.text
    return int(answer.json["id"])


def change(owner: Caller, paper_id: int, **changes: Any) -> dict[str, Any]:
    """The form with these changes."""
    [now] = [paper for paper in owner.get("/forms").json if paper["id"] == paper_id]
    answer = owner.post(f"/forms/{paper_id}", now | changes)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def sign(client: Caller, booking_id: str, paper_id: int, answers: dict[str, str] | None = None, **more: Any) -> Any:
    """POST /bookings/{id}/forms/{form}/sign."""
    body = {"answers": ANSWERS if answers is None else answers, "name": NAME} | more
    return client.post(f"/bookings/{booking_id}/forms/{paper_id}/sign", body, key=more.pop("key", None))


def signed(client: Caller, booking_id: str, paper_id: int, answers: dict[str, str] | None = None) -> dict[str, Any]:
    """The same, which must be taken."""
    answer = sign(client, booking_id, paper_id, answers)
    assert answer.status_code == 200, answer.text
    assert answer.json["signed_at"]
    found: dict[str, Any] = answer.json
    return found
