"""Private notes on a session nobody came to."""

from typing import Any

import pytest

from app.models import BookingNote, Role
from tests.support.sessions import held, missed
from tests.support.world import Caller, World


def _missed(world: World) -> tuple[Caller, Caller, str]:
    owner, client = world.practitioner(), world.person()
    return client, owner, missed(world, client, owner, world.service(owner))


def _texts(caller: Caller, booking: str) -> list[Any]:
    return [note["text"] for note in caller.get(f"/bookings/{booking}/notes").json]


def test_both_sides_leave_a_note_that_only_they_and_staff_read(world: World) -> None:
    """X11: no rating after a no-show, but a private note of each side, which may be replaced."""
    client, owner, booking = _missed(world)
    path, staff = f"/bookings/{booking}/note", world.person(Role.STAFF)
    assert client.post(path, {"text": "The bus\u202e broke down.\r\nSorry."}).status_code == 200
    assert owner.post(path, {"text": "Waited ten minutes."}).status_code == 200
    assert owner.post(path, {"text": "Waited twenty minutes."}).status_code == 200
    assert _texts(client, booking) == ["The bus broke down.\nSorry."]
    assert _texts(owner, booking) == ["Waited twenty minutes."]
    assert sorted(_texts(staff, booking)) == ["The bus broke down.\nSorry.", "Waited twenty minutes."]
    assert len(world.all(BookingNote)) == 2
    assert world.booking(owner, booking)["allowed_actions"] == ["note"]
    assert world.booking(staff, booking)["allowed_actions"] == []


@pytest.mark.parametrize(
    ("text", "code"), [("", "note_missing"), (" \x07 ", "note_missing"), ("x" * 2_001, "too_long")]
)
def test_an_empty_or_overlong_note_is_refused_beside_its_field(world: World, text: str, code: str) -> None:
    client, _, booking = _missed(world)
    answer = client.post(f"/bookings/{booking}/note", {"text": text})
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, code, "note")
    assert world.all(BookingNote) == []


def test_strangers_and_staff_write_none_and_other_sessions_have_none(world: World) -> None:
    """X11, invariant 7."""
    client, owner, booking = _missed(world)
    stranger = world.person()
    assert stranger.post(f"/bookings/{booking}/note", {"text": "x"}).status_code == 404
    assert stranger.get(f"/bookings/{booking}/notes").status_code == 404
    assert world.person(Role.STAFF).post(f"/bookings/{booking}/note", {"text": "x"}).status_code == 403
    done = held(world, client, owner, world.service(owner, title="Another"))
    refused = client.post(f"/bookings/{done}/note", {"text": "x"})
    assert (refused.status_code, refused.json["code"]) == (409, "not_allowed")
    assert world.all(BookingNote) == []
