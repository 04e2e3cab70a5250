"""What was asked and answered before there were conversations is their beginning, both ways."""

import json

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from app.extensions import db
from tests.migrations.test_migrations import bare, empty_url  # noqa: F401  (fixtures)

_AT = "2026-11-20 10:00:00"
_PAID, _OPEN, _ASKED = (f"{n:032x}" for n in (1, 2, 3))
_PEOPLE = (
    "INSERT INTO users (id, email, password_hash, role, name, language, zone, active, session_version, created_at)"
    f" VALUES (1, 'a@people.test', 'x', 'client', 'Wanjiku', 'en', 'UTC', true, 1, '{_AT}'),"
    f" (2, 'b@people.test', 'x', 'practitioner', 'Amina', 'en', 'UTC', true, 1, '{_AT}')",
    "INSERT INTO practitioners (id, user_id, slug, name, headline, about, languages, zone, published, created_at)"
    f" VALUES (1, 2, 'amina', 'Amina', '', '', 'en', 'UTC', true, '{_AT}')",
)
_CHECKOUT = (
    "INSERT INTO checkouts (id, kind, client_id, draft, title, amount, currency, status, manual_capture, expires_at, created_at)"
    f" VALUES (:id, 'consultation', 1, :draft, 'Question', 2500, 'EUR', :status, false, '{_AT}', '{_AT}')"
)
_CONSULTATION = (
    "INSERT INTO consultations (id, client_id, practitioner_id, checkout_id, question, fee_amount, price_amount, currency,"
    " status, answer, asked_at, answered_at)"
    f" VALUES (:id, 1, 1, :checkout, 'Why?', 250, 2500, 'EUR', 'answered', 'So.', '{_AT}', '{_AT}')"
)


def test_questions_and_answers_are_the_first_messages_and_come_back(bare: Flask) -> None:  # noqa: F811
    upgrade(revision="0009")
    for statement in _PEOPLE:
        _run(statement)
    for checkout, status, question in ((_PAID, "paid", "Why?"), (_OPEN, "open", "When?")):
        _run(_CHECKOUT, id=checkout, status=status, draft=json.dumps({"practitioner_id": 1, "question": question}))
    _run(_CONSULTATION, id=_ASKED, checkout=_PAID)
    upgrade(revision="0011")
    messages = "SELECT number, author_id, text FROM consultation_messages ORDER BY number, text"
    assert _read(messages) == [(1, 1, "When?"), (1, 1, "Why?"), (2, 2, "So.")]
    assert [
        each for (each,) in _read("SELECT CAST(draft AS VARCHAR(200)) FROM checkouts") if "question" in str(each)
    ] == []
    assert _read("SELECT status, closes_at = answered_at, client_read, open_days FROM consultations") == [
        ("answered", True, 2, 0)
    ]
    downgrade(revision="0009")
    assert _read("SELECT question, answer, status FROM consultations") == [("Why?", "So.", "answered")]
    drafts = sorted(str(each) for (each,) in _read("SELECT CAST(draft AS VARCHAR(200)) FROM checkouts"))
    assert ["When?" in drafts[0], "Why?" in drafts[1]] == [True, True]


def _run(statement: str, **values: object) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


def _read(statement: str) -> list[tuple[object, ...]]:
    db.session.remove()
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]
