"""Whoever must reach the operator reads how: by the contact that is set, else by answering a mail."""

import pytest

from app.models import User
from app.services.notifications import mail
from tests.support.world import World

_KINDS = ("account_suspended", "password_changed", "account_erased")


def _text(world: World, kind: str) -> str:
    person = world.person()
    with world.rows() as session:
        return mail.compose(session.get_one(User, person.user_id), kind, {"notice": None}).text


@pytest.mark.parametrize("kind", _KINDS)
def test_the_contact_that_is_set_is_named(world: World, kind: str) -> None:
    assert "Write to security@kikao.example." in _text(world, kind)


@pytest.mark.parametrize("kind", _KINDS)
def test_without_one_a_mail_is_to_be_answered(world: World, kind: str) -> None:
    before = world.app.config["SECURITY_CONTACT"]
    world.app.config["SECURITY_CONTACT"] = ""
    try:
        text = _text(world, kind)
    finally:
        world.app.config["SECURITY_CONTACT"] = before
    assert "Reply to any email from us." in text
    assert "Write to" not in text
