"""Password and address: changed by who has just proved who they are, and everybody who should know is told."""

import re
import uuid
from typing import Any

import pytest

from app.models import MailedCode, User
from app.services.accounts import credentials, logins
from app.services.core.errors import Problem
from tests.support.world import PASSWORD, Caller, World

_NEW = "a much better one"


@pytest.fixture
def amina(world: World) -> Caller:
    """Somebody with an account."""
    return world.person(name="Amina Otieno")


def _begin(world: World, caller: Caller) -> str:
    with world.rows() as session:
        return logins.begin_in_browser(session.get_one(User, caller.user_id), "Chrome")


def _is_in(world: World, secret: str) -> bool:
    with world.rows():
        return logins.of_browser(secret) is not None


def _mails(world: World, address: str) -> list[Any]:
    """What has reached the address, newest first."""
    world.sweep()
    return world.mails(address)


def _link(world: World, address: str, path: str) -> str:
    found = re.search(rf"{path}/(\S+)", _mails(world, address)[0]["text"])
    assert found
    return found[1]


def _code(world: World, address: str) -> str:
    found = re.search(r"^(?:Your code: )?(\d{6})\s*$", _mails(world, address)[0]["text"], re.MULTILINE)
    assert found, _mails(world, address)[0]["text"]
    return found[1]


def _logs_in(world: World, address: str, password: str) -> bool:
    with world.rows():
        try:
            credentials.authenticate(address, password)
        except Problem:
            return False
        return True


def _why(world: World, work: object, *args: object) -> str:
    with world.rows(), pytest.raises(Problem) as caught:
        work(*args)  # type: ignore[operator]
    return caught.value.code


def _move(world: World, caller: Caller, code_id: uuid.UUID, code: str) -> str:
    """Why the person's address does not change."""
    with world.rows() as session, pytest.raises(Problem) as caught:
        credentials.change_address(session.get_one(User, caller.user_id), code_id, code)
    return caught.value.code


def test_a_new_password_ends_every_login_and_the_person_is_told(world: World, amina: Caller) -> None:
    here, there = _begin(world, amina), _begin(world, amina)
    with world.rows() as session:
        user = session.get_one(User, amina.user_id)
        credentials.change_password(user, _NEW)
    assert (_is_in(world, here), _is_in(world, there), amina.get("/me").status_code) == (False, False, 401)
    address = world.email(amina)
    assert (_logs_in(world, address, PASSWORD), _logs_in(world, address, _NEW)) == (False, True)
    assert world.notices(amina) == ["password_changed"]
    assert "password" in _mails(world, address)[0]["subject"].lower()


def test_a_reset_link_sets_a_password_once_and_ends_every_login(world: World, amina: Caller) -> None:
    secret, address = _begin(world, amina), world.email(amina)
    with world.rows():
        credentials.send_reset_link(f" {address.upper()} ")
    token = _link(world, address, "/people/reset")
    with world.rows():
        credentials.reset_password(token, _NEW)
    assert (_is_in(world, secret), amina.get("/me").status_code) == (False, 401)
    assert _logs_in(world, address, _NEW)
    assert _why(world, credentials.reset_password, token, PASSWORD) == "link_expired"


def test_a_reset_link_lives_an_hour_and_the_newest_ends_the_others(world: World, amina: Caller) -> None:
    world.stand_still()
    address = world.email(amina)
    with world.rows():
        credentials.send_reset_link(address)
    first = _link(world, address, "/people/reset")
    world.move(minutes=59, seconds=59)
    with world.rows():
        credentials.send_reset_link(address)
        credentials.reset_password(_link(world, address, "/people/reset"), _NEW)
    assert _why(world, credentials.reset_password, first, PASSWORD) == "link_expired"
    with world.rows():
        credentials.send_reset_link(address)
    late = _link(world, address, "/people/reset")
    world.move(hours=1)
    assert _why(world, credentials.reset_password, late, PASSWORD) == "link_expired"


def test_a_bad_new_password_costs_no_link(world: World, amina: Caller) -> None:
    address = world.email(amina)
    with world.rows():
        credentials.send_reset_link(address)
    token = _link(world, address, "/people/reset")
    assert _why(world, credentials.reset_password, token, "password") == "password_common"
    with world.rows():
        assert credentials.reset_password(token, _NEW)


@pytest.mark.parametrize("token", ["", "x", "x.y", "eyJhIjoxfQ.AAAA", "☃"])
def test_a_link_that_nobody_made_opens_nothing(world: World, token: str) -> None:
    assert _why(world, credentials.reset_password, token, _NEW) == "link_expired"


def test_nobody_is_written_to_who_has_no_account_and_the_answer_is_the_same(world: World) -> None:
    with world.rows():
        credentials.send_reset_link("nobody@people.test")
        assert credentials.send_login_code("nobody@people.test", "en")
    assert _mails(world, "nobody@people.test") == []
    assert [row.mailed_at is not None for row in world.all(MailedCode)] == [True, True]


def test_a_code_by_mail_logs_in_once_and_with_the_address_it_went_to(world: World, amina: Caller) -> None:
    address = world.email(amina)
    with world.rows():
        code_id = credentials.send_login_code(address, "en")
        stranger = world.email(world.person())
    code = _code(world, address)
    assert _why(world, credentials.by_code, code_id, code, stranger) == "code_expired"
    with world.rows():
        assert credentials.by_code(code_id, code, address.upper()).id == amina.user_id
    assert _why(world, credentials.by_code, code_id, code, address) in {"code_expired", "link_expired"}


def test_who_names_another_address_learns_nothing_of_a_code_and_costs_it_no_try(world: World, amina: Caller) -> None:
    """Guesses are counted for the address that is named: it must be the code's."""
    address = world.email(amina)
    with world.rows():
        code_id = credentials.send_login_code(address, "en")
        stranger = world.email(world.person())
    code = _code(world, address)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    answers = [_why(world, credentials.by_code, code_id, each, stranger) for each in [wrong, code] * 4]
    assert answers == ["code_expired"] * 8
    with world.rows():
        assert credentials.by_code(code_id, code, address).id == amina.user_id


def test_a_code_to_log_in_is_no_proof_for_anything_else(world: World, amina: Caller) -> None:
    address = world.email(amina)
    with world.rows():
        code_id = credentials.send_login_code(address, "en")
    code, link = _code(world, address), _link(world, address, "/login/link")
    assert _move(world, amina, code_id, code) == "code_expired"
    assert _why(world, credentials.reset_password, link, _NEW) == "link_expired"
    with world.rows() as session, pytest.raises(Problem) as caught:
        credentials.check_own_code(session.get_one(User, amina.user_id), code_id, code)
    assert caught.value.code == "code_expired"


def test_a_new_address_is_proved_first_and_the_old_one_is_told(world: World, amina: Caller) -> None:
    old, new = world.email(amina), "amina.new@people.test"
    here, there = _begin(world, amina), _begin(world, amina)
    with world.rows() as session:
        user = session.get_one(User, amina.user_id)
        code_id = credentials.ask_new_address(user, f" {new.upper()} ")
    assert world.email(amina) == old
    with world.rows() as session:
        user = session.get_one(User, amina.user_id)
        credentials.change_address(user, code_id, _code(world, new))
    assert (world.email(amina), _is_in(world, here), _is_in(world, there)) == (new, False, False)
    assert (_logs_in(world, old, PASSWORD), _logs_in(world, new, PASSWORD)) == (False, True)
    assert "address" in _mails(world, old)[0]["text"].lower()
    assert _mails(world, old)[0]["to"] == [old]


def test_an_address_that_somebody_has_is_refused_only_to_who_reads_its_mail(world: World, amina: Caller) -> None:
    taken = world.email(world.person())
    with world.rows() as session:
        code_id = credentials.ask_new_address(session.get_one(User, amina.user_id), taken)
    right = _code(world, taken)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    assert [_move(world, amina, code_id, code) for code in (wrong, right)] == ["code_wrong", "address_taken"]


def test_nobody_elses_code_changes_my_address(world: World, amina: Caller) -> None:
    mallory = world.person()
    with world.rows() as session:
        code_id = credentials.ask_new_address(session.get_one(User, mallory.user_id), "evil@people.test")
    assert _move(world, amina, code_id, _code(world, "evil@people.test")) == "code_expired"
    assert "evil" not in world.email(amina)


def test_the_name_of_who_asks_is_not_in_the_mail_to_the_new_address(world: World) -> None:
    """It goes to an address that nobody has proved: it would be a letter of whoever typed it."""
    mallory = world.person(name="You have won evil.test")
    with world.rows() as session:
        credentials.ask_new_address(session.get_one(User, mallory.user_id), "victim@people.test")
    assert "evil" not in str(_mails(world, "victim@people.test"))
