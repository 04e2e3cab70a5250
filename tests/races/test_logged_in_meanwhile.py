"""A new password, or "log out everywhere", while somebody who has the old one logs in: nothing of theirs outlives it."""

from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher
from werkzeug.test import TestResponse

from app.models import Login, LoginKind, User
from app.services.accounts import credentials, passwords
from tests.support.at_once import Meanwhile
from tests.support.visitor import log_in, token_in
from tests.support.world import PASSWORD, Caller, World

Door = Callable[[World, Caller], TestResponse]


def _by_page(world: World, caller: Caller) -> TestResponse:
    http = world.app.test_client()
    form = {"csrf_token": token_in(http.get("/login").text), "email": world.email(caller), "password": PASSWORD}
    return http.post("/login", data=form)


def _by_program(world: World, caller: Caller) -> TestResponse:
    body = {"email": world.email(caller), "password": PASSWORD}
    return world.app.test_client().post("/api/v1/auth/token", json=body)


def _token_on_the_page(world: World, caller: Caller) -> TestResponse:
    """A browser that was logged in all the time makes a token for a year, with the old password as its fresh proof."""
    http = log_in(world, caller)
    world.move(hours=1)
    form = {"csrf_token": token_in(http.get("/profile").text), "name": "mine", "scope": "all", "days": "365"}
    return http.post("/profile/security/programs", data=form | {"proof_password": PASSWORD})


@pytest.mark.both_engines
@pytest.mark.parametrize("door", [_by_page, _by_program, _token_on_the_page])
def test_a_password_that_was_right_when_it_was_looked_at_opens_nothing_once_it_is_replaced(
    world: World, monkeypatch: pytest.MonkeyPatch, door: Door
) -> None:
    """A hash takes a tenth of a second, and the new password may come in it: whoever keeps logging in meets that moment."""
    amina = world.person()
    changed: list[object] = []

    class Slow(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:
            found = super().verify(hash, password)
            if not changed:
                changed.append(Meanwhile(lambda: _change_password(world, amina)).result())
            return found

    monkeypatch.setattr(passwords, "_hasher", Slow())
    answer = door(world, amina)
    assert changed
    assert answer.status_code == 401
    assert [row.kind for row in world.all(Login) if row.version == 2] == []
    assert {row.kind for row in world.all(Login)} <= {LoginKind.BROWSER, LoginKind.PROGRAM}


def _change_password(world: World, caller: Caller) -> int:
    with world.rows() as session:
        return credentials.change_password(session.get_one(User, caller.user_id), "a much better one").session_version
