"""Asking somebody something in writing, and writing to each other, through the API."""

from typing import Any

from werkzeug.test import TestResponse

from app.domain.money import Money
from app.models import User
from app.services import practice
from tests.support.proofs import multipart
from tests.support.world import Caller, World

PRICES = {"KES": 50_000, "INR": 40_000, "EUR": 2_500}
QUESTION = "Is it normal to sleep badly before an exam?"
_KIND = "multipart/form-data; boundary=kikao"


def expert(world: World, currency: str = "EUR", **terms: Any) -> tuple[Caller, str]:
    """A practitioner who takes questions, on these terms (question_hours, question_days); and the address of their page."""
    owner = world.practitioner()
    with world.rows() as session:
        user = session.get_one(User, owner.user_id)
        profile = {"headline": "", "about": "", "languages": "en", "zone": "Africa/Nairobi", "published": True}
        price = Money(PRICES[currency], currency)
        return owner, practice.change_profile(
            user, name="Dr. Amina Otieno", question_price=price, **(profile | terms)
        ).slug


def ask(client: Caller, slug: str, question: str = QUESTION) -> str:
    """The client writes the question; gives the checkout's id."""
    answer = client.post(f"/practitioners/{slug}/questions", {"question": question})
    assert answer.status_code == 201, answer.text
    return str(answer.json["checkout"]["id"])


def asked(world: World, currency: str = "EUR", gateway: str = "stripe", **terms: Any) -> tuple[Caller, Caller, str]:
    """Client, practitioner and the id of a question that was paid for."""
    (owner, slug), client = expert(world, currency, **terms), world.person()
    world.act(world.begin(client, ask(client, slug), gateway))
    [found] = client.get("/consultations").json
    return client, owner, str(found["id"])


def answered(world: World, **terms: Any) -> tuple[Caller, Caller, str]:
    """The same, answered."""
    client, owner, question = asked(world, **terms)
    answer = owner.post(f"/consultations/{question}/answer", {"text": "It is."})
    assert answer.status_code == 200, answer.text
    return client, owner, question


def send(
    caller: Caller, question: str, text: str = "", *files: tuple[bytes, str], key: str | None = None
) -> TestResponse:
    """POST /consultations/{id}/messages, as a form with files."""
    headers = {"Authorization": f"Bearer {caller.token}"} | ({"Idempotency-Key": key} if key else {})
    fields: dict[str, Any] = {"text": text}
    fields |= dict(zip(("file", "file_2", "file_3"), files, strict=False))
    return caller.http.post(
        f"/api/v1/consultations/{question}/messages", data=multipart(fields), content_type=_KIND, headers=headers
    )


def sent(caller: Caller, question: str, text: str = "", *files: tuple[bytes, str]) -> dict[str, Any]:
    """The same, which must be taken."""
    answer = send(caller, question, text, *files)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def whole(caller: Caller, question: str) -> dict[str, Any]:
    """The conversation as the caller sees it."""
    answer = caller.get(f"/consultations/{question}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def texts(caller: Caller, question: str) -> list[str]:
    """Everything that was written."""
    return [message["text"] for message in whole(caller, question)["messages"]]
