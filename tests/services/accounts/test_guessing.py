"""Guesses at accounts are counted before the answer, for all doors and processes together (SEC-1 to 3)."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from flask import Flask

from app.models import User
from app.services.accounts import guessing, passwords
from app.services.accounts.guessing import Origin
from app.services.core.errors import TooMany, Unavailable
from tests.support.at_once import at_once
from tests.support.world import World

_ADDRESS = "amina@people.test"
_HERE = Origin("198.51.100.7")


@pytest.fixture
def counted(world: World, app: Flask) -> Iterator[World]:
    """Limits are on, as they are outside of tests."""
    app.config["RATELIMIT_ENABLED"] = True
    world.stand_still()
    yield world
    app.config["RATELIMIT_ENABLED"] = False


def _guess(world: World, origin: Origin = _HERE, email: str = _ADDRESS, *, right: bool = False) -> str:
    """What came of looking at one password: looked, or why nobody looked."""
    with world.app.app_context():
        try:
            with guessing.guess(email, origin):
                if not right:
                    raise ValueError
        except ValueError:
            return "looked"
        except TooMany as problem:
            return problem.code
        return "looked"


def _everywhere(world: World, count: int) -> list[str]:
    return [_guess(world, Origin(f"198.51.{n}.1")) for n in range(count)]


def test_ten_guesses_at_an_account_from_one_network_and_no_more(counted: World) -> None:
    answers = [_guess(counted) for _ in range(12)]
    assert answers == ["looked"] * 10 + ["too_often"] * 2
    counted.move(minutes=5)
    assert _guess(counted) == "looked"


def test_an_address_written_in_another_way_is_the_same_account(counted: World) -> None:
    answers = [_guess(counted, email=f"{' ' * (n % 3)}AMINA@people.test") for n in range(12)]
    assert answers.count("looked") == 10


def _spellings(count: int) -> list[str]:
    """The address, its domain in letters that every mail server reads as the same ones."""
    wide = str.maketrans({letter: chr(ord(letter) + 0xFEE0) for letter in "people"})
    mailbox, domain = _ADDRESS.split("@")
    return [f"{mailbox}@{domain[:n].translate(wide)}{domain[n:]}" for n in range(count)]


def test_an_address_in_letters_of_full_width_is_the_same_account(counted: World) -> None:
    assert len(set(_spellings(7))) == 7
    answers = [_guess(counted, email=email) for email in _spellings(7) * 2]
    assert answers.count("looked") == 10


def test_sixteen_guesses_at_once_are_ten(counted: World) -> None:
    """It is counted before the answer: who guesses in parallel gets no more looks."""
    answers = at_once(*[lambda: _guess(counted)] * 16)
    assert answers.count("looked") == 10


def test_what_was_right_is_not_counted(counted: World) -> None:
    assert [_guess(counted, right=True) for _ in range(30)] == ["looked"] * 30


def test_what_nobody_had_time_to_look_at_is_not_counted(counted: World) -> None:
    """While strangers keep the server busy, who knows the password was sent away ten times, and then for five minutes."""
    for _ in range(12):
        with counted.app.app_context(), suppress(Unavailable), guessing.guess(_ADDRESS, _HERE):
            raise Unavailable("log_in_busy")
    assert [_guess(counted) for _ in range(11)] == ["looked"] * 10 + ["too_often"]


def test_guesses_from_everywhere_slow_strangers_down_and_no_known_device(counted: World) -> None:
    answers = _everywhere(counted, 60)
    assert answers == ["looked"] * 50 + ["guesses_from_everywhere"] * 10
    assert _guess(counted, Origin("203.0.113.9", is_known=True)) == "looked"
    assert _guess(counted, Origin("203.0.113.9")) == "guesses_from_everywhere"


def test_one_stopped_account_stops_no_other_on_the_same_mobile_network(counted: World) -> None:
    for _ in range(12):
        _guess(counted)
    assert _guess(counted, email="wanjiku@people.test") == "looked"


def test_a_network_may_do_much_and_not_everything(counted: World) -> None:
    """Thousands share a mobile network's address; who tries one password on everybody is stopped all the same."""
    answers = [_guess(counted, email=f"{n}@people.test") for n in range(310)]
    assert answers.count("looked") == 300


def _ask(world: World, network: str, email: str = _ADDRESS) -> str:
    """Why no code is mailed; empty where one is."""
    with world.app.app_context():
        try:
            guessing.before_code(email, Origin(network))
        except TooMany as problem:
            return problem.code
        return ""


def test_codes_are_mailed_so_often_to_one_address_and_no_more(counted: World) -> None:
    assert [_ask(counted, "198.51.100.7") for _ in range(6)] == [""] * 5 + ["codes_too_often"]
    assert [_ask(counted, f"198.51.{n}.1") for n in range(7)] == [""] * 5 + ["codes_too_often"] * 2


def test_no_spelling_of_an_address_fills_a_mailbox(counted: World) -> None:
    """Letters of full width, and what stands behind a plus: all of it arrives in one mailbox (SEC-10)."""
    plus = [_ADDRESS.replace("@", f"+{n}@") for n in range(7)]
    answers = [_ask(counted, f"198.51.{n}.1", email) for n, email in enumerate([*_spellings(7), *plus])]
    assert answers == [""] * 10 + ["codes_too_often"] * 4


def test_who_is_logged_in_may_guess_their_own_password_ten_times(counted: World) -> None:
    """An open page that somebody found is no way to the password."""
    caller = counted.person()

    def guess() -> bool:
        with counted.rows() as session:
            try:
                with guessing.own_guess(session.get_one(User, caller.user_id)):
                    raise ValueError
            except ValueError:
                return True
            except TooMany:
                return False

    assert [guess() for _ in range(12)] == [True] * 10 + [False] * 2


def test_beyond_two_at_work_and_two_that_wait_who_comes_with_a_password_is_asked_to_come_back(world: World) -> None:
    """SEC-18: sixteen wrong logins at once held every thread of the server."""

    def check() -> str:
        with world.app.app_context():
            try:
                return str(passwords.is_right(None, "a wrong one"))
            except Unavailable as problem:
                return problem.code

    answers = at_once(*[check] * 16)
    assert set(answers) == {"False", "log_in_busy"}
    assert answers.count("False") >= 4
    assert check() == "False"
