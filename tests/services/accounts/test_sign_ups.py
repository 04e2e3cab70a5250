"""Signing up: an account to be has no rights until its address is proved; no answer tells who has one (SEC-4, SEC-17)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.models import MailedCode, SignUp, User
from app.services.accounts import credentials, logins, mailed_codes, sign_ups
from app.services.accounts.people import Profile
from app.services.core.errors import Problem, Refused
from tests.support.at_once import at_once
from tests.support.world import PASSWORD, World

_ADDRESS = "amina@people.test"
_AMINA = Profile("Amina Otieno", "0712 345 678", "en", "Africa/Nairobi")


def _begin(world: World, password: str = PASSWORD, email: str = _ADDRESS) -> str:
    with world.rows():
        return sign_ups.begin(email, password, _AMINA)


def _mails(world: World, address: str = _ADDRESS) -> list[Any]:
    """What has reached the address, newest first."""
    world.sweep()
    return world.mails(address)


def _code(world: World, nth: int = 0) -> str:
    """The code of the nth newest mail to the address."""
    found = re.search(r"Your code: (\d{6})", _mails(world)[nth]["text"])
    assert found, _mails(world)
    return found[1]


def _prove(world: World, secret: str, code: str) -> str:
    """What became of it: the person's address, or why not."""
    with world.rows():
        found = sign_ups.of_secret(secret)
        if found is None:
            return "gone"
        try:
            return sign_ups.prove(found, code).email
        except Problem as problem:
            return problem.code


def _follow(world: World, nth: int = 0, secret: str = "") -> User:
    """The link of the nth newest mail, opened in a browser that began the sign-up with `secret`."""
    found = re.search(r"/login/link/(\S+)", _mails(world)[nth]["text"])
    assert found
    with world.rows():
        row = mailed_codes.of_link(found[1], mailed_codes.CodePurpose.SIGN_UP)
        return sign_ups.follow(row, sign_ups.of_secret(secret))


def test_the_code_from_the_mail_makes_the_account_with_what_was_typed(world: World) -> None:
    secret = _begin(world)
    assert world.all(User) == []
    assert _prove(world, secret, _code(world)) == _ADDRESS
    [user] = world.all(User)
    assert (user.name, user.phone, user.zone) == ("Amina Otieno", "+254712345678", "Africa/Nairobi")
    with world.rows():
        assert credentials.authenticate(_ADDRESS, PASSWORD).id == user.id
    assert (world.all(SignUp), world.all(MailedCode), _prove(world, secret, "123456")) == ([], [], "gone")


def test_an_account_needs_no_password(world: World) -> None:
    secret = _begin(world, password="")
    assert _prove(world, secret, _code(world)) == _ADDRESS
    with world.rows():
        for guess in ("", " ", PASSWORD):
            with pytest.raises(Refused):
                credentials.authenticate(_ADDRESS, guess)


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1} {2}", "{1}-{2}"])
def test_a_code_may_be_typed_with_blanks_and_dashes(world: World, typed: str) -> None:
    secret = _begin(world)
    code = _code(world)
    assert _prove(world, secret, typed.format(code, code[:3], code[3:])) == _ADDRESS


def test_a_code_may_be_typed_in_the_digits_of_ones_own_script(world: World) -> None:
    secret = _begin(world)
    typed = _code(world).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert _prove(world, secret, typed) == _ADDRESS


def test_of_a_million_codes_five_may_be_tried_however_many_try_at_once(world: World) -> None:
    secret = _begin(world)
    right = _code(world)
    wrong = [f"{(int(right) + n) % 1_000_000:06d}" for n in range(1, 9)]
    answers = at_once(*[lambda code=code: _prove(world, secret, code) for code in wrong])
    assert sorted(answers) == ["code_expired"] * 3 + ["code_wrong"] * 5
    assert _prove(world, secret, right) == "code_expired"


def test_another_code_counts_and_the_older_one_no_more(world: World) -> None:
    secret = _begin(world)
    old = _code(world)
    world.move(seconds=1)
    with world.rows():
        found = sign_ups.of_secret(secret)
        assert found
        sign_ups.send_again(found)
    assert _prove(world, secret, old) == "code_wrong"
    assert _prove(world, secret, _code(world)) == _ADDRESS


def test_a_code_lives_a_quarter_of_an_hour_and_the_account_to_be_a_day(world: World) -> None:
    world.stand_still()
    secret = _begin(world)
    code = _code(world)
    world.move(minutes=15)
    assert _prove(world, secret, code) == "code_expired"
    world.move(hours=23)
    world.sweep()
    assert len(world.all(SignUp)) == 1
    world.move(minutes=45)
    assert _prove(world, secret, "123456") == "gone"
    world.sweep()
    assert (world.all(SignUp), world.all(MailedCode), world.all(User)) == ([], [], [])


def test_several_may_name_an_address_and_who_proves_it_has_it_alone(world: World) -> None:
    """Nobody keeps an address from its owner by naming it first, and nobody else's earlier sign-up keeps a right."""
    mallory = _begin(world, password="mallory knows this")
    amina = _begin(world)
    assert _prove(world, amina, _code(world)) == _ADDRESS
    assert _prove(world, mallory, _code(world, 1)) == "gone"
    with world.rows():
        with pytest.raises(Refused):
            credentials.authenticate(_ADDRESS, "mallory knows this")
        assert credentials.authenticate(_ADDRESS, PASSWORD)


def test_who_follows_a_link_that_somebody_else_caused_gives_them_no_password_to_the_account(world: World) -> None:
    """A stranger signs up with my address and a password of theirs; I open the mail and press the button."""
    stranger = _begin(world, password="mallory knows this")
    user = _follow(world)
    assert (user.email, user.password_hash) == (_ADDRESS, "")
    assert _prove(world, stranger, _code(world)) == "gone"


def test_who_follows_the_link_in_the_browser_that_signed_up_keeps_the_password(world: World) -> None:
    secret = _begin(world)
    _follow(world, secret=secret)
    with world.rows():
        assert credentials.authenticate(_ADDRESS, PASSWORD)


def test_the_code_of_one_sign_up_proves_no_other(world: World) -> None:
    """Mallory signs up with Amina's address and with their own: their own code opens nothing of hers."""
    hers = _begin(world, password="mallory knows this")
    with world.rows():
        sign_ups.begin("mallory@people.test", PASSWORD, _AMINA)
    found = re.search(r"Your code: (\d{6})", _mails(world, "mallory@people.test")[0]["text"])
    assert found
    assert _prove(world, hers, found[1]) == "code_wrong"


def test_signing_up_with_an_address_that_has_an_account_answers_alike_and_leads_into_it(world: World) -> None:
    """No answer tells who has an account; the mail says it, to who may know."""
    first = _begin(world)
    _prove(world, first, _code(world))
    again = _begin(world, password="another one of mine")
    assert "already" in _mails(world)[0]["text"]
    assert _prove(world, again, _code(world)) == _ADDRESS
    assert len(world.all(User)) == 1
    with world.rows():
        assert credentials.authenticate(_ADDRESS, PASSWORD)
        with pytest.raises(Refused):
            credentials.authenticate(_ADDRESS, "another one of mine")


def test_the_address_of_a_suspended_account_makes_no_other(world: World) -> None:
    _prove(world, _begin(world), _code(world))
    with world.rows():
        db.session.query(User).update({"active": False})
        db.session.commit()
    again = _begin(world)
    assert _prove(world, again, _code(world)) == "login_refused"
    assert len(world.all(User)) == 1


def test_two_that_prove_one_address_at_once_make_one_account(world: World) -> None:
    first, second = _begin(world), _begin(world)
    codes = {first: _code(world, 1), second: _code(world)}
    answers = at_once(*[lambda secret=secret: _prove(world, secret, codes[secret]) for secret in codes])
    assert len(world.all(User)) == 1
    assert _ADDRESS in answers
    assert set(answers) <= {_ADDRESS, "gone", "link_expired", "code_expired"}


def test_a_name_that_a_stranger_typed_is_not_in_the_mail(world: World) -> None:
    """Else Kikao would post whatever somebody wants to whoever they want."""
    with world.rows():
        sign_ups.begin(_ADDRESS, "", Profile("You have won, see evil.test", "", "en", "UTC"))
    assert "evil" not in str(_mails(world))


def test_a_mail_server_that_is_away_costs_nobody_the_code(world: World) -> None:
    before = world.app.config["SMTP_URL"]
    world.app.config["SMTP_URL"] = "smtp://127.0.0.1:9"
    try:
        secret = _begin(world)
        assert _mails(world) == []
    finally:
        world.app.config["SMTP_URL"] = before
    world.move(seconds=timedelta(minutes=2).total_seconds())
    world.sweep()
    assert _prove(world, secret, _code(world)) == _ADDRESS


def test_a_copy_of_the_tables_opens_nothing(world: World) -> None:
    secret = _begin(world)
    kept = str([vars(row) for row in [*world.all(SignUp), *world.all(MailedCode)]])
    assert secret not in kept
    assert _code(world) not in kept
    assert logins.digest_of(secret) in kept
