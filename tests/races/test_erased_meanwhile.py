"""Erased in one tab while another tab asks for something: one of the two sees the other (X4)."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from app.extensions import db
from app.models import Booking, Checkout, SignedPaper, User, Wait
from app.services.accounts import logins, people
from app.services.backoffice import erasure
from app.services.core.errors import Conflict, Refused
from app.services.core.transaction import CLOCK
from tests.support.world import Caller, World

_SECRET = "quagga"
Act = Callable[[World, Caller, int], Any]


def _erase(world: World, client: Caller, said: list[object]) -> None:
    with world.app.app_context():
        try:
            said.append(erasure.try_erase(client.user_id, CLOCK, "erased on request"))
        except Conflict as problem:
            said.append(problem.code)


def _book(world: World, client: Caller, service: int) -> Any:
    return client.post("/bookings", {"service_id": service, "start": world.start(service), "notes": _SECRET})


def _gift(_world: World, client: Caller, _service: int) -> Any:
    return client.post("/gifts", {"amount": {"amount": 5_000, "currency": "EUR"}})


def _top_up(_world: World, client: Caller, _service: int) -> Any:
    return client.post("/wallet/top-ups", {"amount": {"amount": 5_000, "currency": "EUR"}})


def _wait(world: World, client: Caller, service: int) -> Any:
    start = world.start(service)
    world.book(world.person(name="Other"), service, start)
    return client.post(f"/services/{service}/waits", {"start": start})


@pytest.mark.parametrize("act", [_book, _gift, _top_up, _wait])
def test_what_is_asked_after_the_login_check_is_refused_to_somebody_erased_since(world: World, act: Act) -> None:
    client, service = world.person(), world.service(world.practitioner())
    said: list[object] = []
    others: list[threading.Thread] = []

    def erase_once_read(_session: Any, row: object) -> None:
        """The login check has the person as they were; what it does with them is still to come."""
        if not others and isinstance(row, User) and row.id == client.user_id:
            others.append(threading.Thread(target=_erase, args=(world, client, said)))
            others[0].start()
            others[0].join()

    event.listen(db.session.session_factory, "loaded_as_persistent", erase_once_read)
    try:
        answer = act(world, client, service)
    finally:
        event.remove(db.session.session_factory, "loaded_as_persistent", erase_once_read)
    assert (said, answer.status_code, answer.json["code"]) == ([True], 401, "login_needed")
    for model in (Booking, Checkout, Wait, SignedPaper):
        assert [row for row in world.all(model) if getattr(row, "client_id", None) == client.user_id] == []


@pytest.mark.parametrize(("act", "stands"), [(_book, "erase_upcoming"), (_top_up, True)])
def test_erasing_waits_for_what_has_begun_and_then_sees_it(world: World, act: Act, stands: object) -> None:
    """A session to come stands in the way; a bill that nobody pays is cancelled."""
    client, service = world.person(), world.service(world.practitioner())
    said: list[object] = []
    others: list[threading.Thread] = []

    def erase_before_the_commit(session: Any) -> None:
        if not others and any(isinstance(row, Checkout) for row in session.identity_map.values()):
            others.append(threading.Thread(target=_erase, args=(world, client, said)))
            others[0].start()
            others[0].join(0.5)
            assert said == []

    event.listen(db.session.session_factory, "before_commit", erase_before_the_commit)
    try:
        assert act(world, client, service).status_code == 201
    finally:
        event.remove(db.session.session_factory, "before_commit", erase_before_the_commit)
    others[0].join()
    assert said == [stands]
    assert [c.status for c in world.all(Checkout)] == (["cancelled"] if stands is True else ["open"])


def test_a_name_that_is_changed_meanwhile_does_not_come_back(world: World) -> None:
    client = world.person()
    with world.rows():
        found = logins.of_program(client.token)
        assert found is not None
        user = found.user
        other = threading.Thread(target=_erase, args=(world, client, []))
        other.start()
        other.join()
        with pytest.raises(Refused, match="login_needed"):
            people.change_profile(user, people.Profile("Zuhura Wambeti", "", "en", "UTC"))
    [row] = [u for u in world.all(User) if u.id == client.user_id]
    assert row.name.startswith("Erased person ")
