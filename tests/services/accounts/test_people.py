"""Accounts: what is accepted, what is refused, and what a stranger can learn from either."""

from datetime import timedelta

import pytest

from app.domain import languages
from app.domain.lifecycle import Actor
from app.extensions import db
from app.lib import clock
from app.models import Notification, Role, User
from app.services import house
from app.services.accounts import credentials, people
from app.services.accounts.people import Profile
from app.services.core.errors import Problem, Refused
from app.services.core.transaction import Who
from tests.support.world import PASSWORD, World


def _refused(code: str, field: str | None, function: object, *args: object, **kwargs: object) -> None:
    with pytest.raises(Problem) as caught:
        function(*args, **kwargs)  # type: ignore[operator]
    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_new_account_can_log_in_with_the_address_written_in_any_way(world: World) -> None:
    with world.rows():
        user = people.register("  Wanjiku@People.TEST ", PASSWORD, "Wanjiku Kamau", phone="0712 345 678")
        assert (user.email, user.phone, user.role) == ("wanjiku@people.test", "+254712345678", Role.CLIENT)
        assert credentials.authenticate(" WANJIKU@people.test", PASSWORD).id == user.id
        assert PASSWORD not in user.password_hash


def test_an_address_that_cannot_be_one_is_refused_beside_its_field(world: World) -> None:
    with world.rows():
        for email in ("", "wanjiku", "@people.test", "a@", "a b@people.test", "x" * 250 + "@people.test"):
            _refused("email_invalid", "email", people.register, email, PASSWORD, "Wanjiku")
    assert world.all(User) == []


@pytest.mark.parametrize("email", ["amina@clinic.local", "amina@people.test", "a.b+c@sub.example.co.ke"])
def test_addresses_of_a_clinics_own_network_are_accepted(world: World, email: str) -> None:
    with world.rows():
        assert people.register(email, PASSWORD, "Amina").email == email


@pytest.mark.parametrize(
    ("password", "good"), [("x4#kq9z", False), ("x4#kq9zp", True), ("xy" * 100, True), ("x" * 201, False)]
)
def test_a_password_has_eight_to_two_hundred_characters(world: World, password: str, good: bool) -> None:
    with world.rows():
        if good:
            assert people.register("a@people.test", password, "Amina")
        else:
            _refused("password_length", "password", people.register, "a@people.test", password, "Amina")


_WRONG_IN_A_PROFILE: list[tuple[dict[str, str], str, str]] = [
    ({"name": ""}, "name_invalid", "name"),
    ({"name": "\u202e\u200b \t"}, "name_invalid", "name"),
    ({"name": "x" * 121}, "name_invalid", "name"),
    ({"phone": "12"}, "phone_invalid", "phone"),
    ({"phone": "call me"}, "phone_invalid", "phone"),
    ({"language": "tlh"}, "language_unknown", "language"),
    ({"zone": "Mars/Olympus"}, "zone_unknown", "zone"),
    ({"zone": "../etc/passwd"}, "zone_unknown", "zone"),
]


def test_what_is_wrong_in_a_profile_stands_beside_its_field(world: World) -> None:
    with world.rows():
        user = people.register("a@people.test", PASSWORD, "Amina")
        for changes, code, field in _WRONG_IN_A_PROFILE:
            values = {"name": "Amina", "phone": "", "language": "en", "zone": "UTC"} | changes
            _refused(code, field, people.change_profile, user, Profile(**values))


def test_a_name_cannot_be_written_to_read_as_something_else(world: World) -> None:
    with world.rows():
        user = people.register("a@people.test", PASSWORD, " Ami\u202ena\n\x00 \u200bOtieno ")
        assert user.name == "Amina Otieno"


@pytest.mark.parametrize(
    ("typed", "zone", "kept"),
    [
        ("0712345678", "Africa/Nairobi", "+254712345678"),
        ("254712345678", "UTC", "+254712345678"),
        ("98200 00001", "Asia/Kolkata", "+919820000001"),
        ("06 12 34 56 78", "Europe/Paris", "+33612345678"),
        ("+44 20 7946 0958", "Africa/Nairobi", "+442079460958"),
        ("", "UTC", ""),
    ],
)
def test_a_phone_is_kept_in_one_way_however_it_is_typed(world: World, typed: str, zone: str, kept: str) -> None:
    """S3-24."""
    with world.app.app_context():
        assert people.clean_profile(Profile("Amina", typed, "en", zone)).phone == kept


def test_a_number_without_a_country_is_first_taken_for_one_of_the_houses(world: World) -> None:
    contact = house.Contact("", "", "", "FR", "", ("en",))
    with world.app.app_context():
        house.change_contact(contact, Who(Actor.STAFF))
        assert people.clean_profile(Profile("Amina", "06 12 34 56 78", "en", "UTC")).phone == "+33612345678"
        assert people.clean_profile(Profile("Amina", "0712345678", "en", "Africa/Nairobi")).phone == "+254712345678"


def test_an_address_that_somebody_has_is_refused_whatever_the_password_and_its_owner_is_told(world: World) -> None:
    """SEC-2: registering proves no password."""
    with world.rows():
        owner = people.register("a@people.test", PASSWORD, "Amina")
        for password in ("another one", PASSWORD):
            _refused("registration_refused", "email", people.register, "A@people.test", password, "Mallory")
    [told] = world.all(Notification)
    assert (told.user_id, told.kind) == (owner.id, "registration_attempt")


@pytest.mark.parametrize("password", ["password", "12345678", "QwertyUI", " " * 8, "a@people.test", "Amina Otieno"])
def test_a_password_that_everybody_tries_first_is_refused(world: World, password: str) -> None:
    """ASVS 6.2.4."""
    with world.rows():
        _refused("password_common", "password", people.register, "a@people.test", password, "Amina Otieno")


_NEAR = ["Kikao-2026", "!staff1234", "Clinic99", "people.1990", "1990 otieno!", "amina OTIENO 7"]


@pytest.mark.parametrize("password", _NEAR)
def test_a_password_is_no_word_of_ours_or_of_its_owners_with_digits(
    world: World, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    """ASVS 6.2.11."""
    monkeypatch.setitem(world.app.config, "PUBLIC_URL", "https://clinic.example")
    with world.rows():
        _refused("password_common", "password", people.register, "a@people.test", password, "Amina Otieno")


@pytest.mark.parametrize("password", ["8264019375", "amina likes kikao", "staff of kikao", "ÄÖÜ äöü ß!"])
def test_a_password_may_hold_any_letters_and_such_words_among_others(world: World, password: str) -> None:
    """ASVS 6.2.5."""
    with world.rows():
        people.register("a@people.test", password, "Amina Otieno")
        assert credentials.authenticate("a@people.test", password)


def test_a_password_is_compared_letter_for_letter_and_whole(world: World) -> None:
    """ASVS 6.2.8."""
    password = f" Correct {'horse ' * 30}Battery "
    with world.rows():
        people.register("a@people.test", password, "Amina")
        for other in (password.strip(), password.lower(), password[:72], password[:-2] + "x "):
            _refused("login_refused", "email", credentials.authenticate, "a@people.test", other)
        assert credentials.authenticate("a@people.test", password)


def test_every_wrong_pair_is_refused_in_the_same_words(world: World) -> None:
    with world.rows():
        user = people.register("a@people.test", PASSWORD, "Amina")
        _refused("login_refused", "email", credentials.authenticate, "a@people.test", "wrong")
        _refused("login_refused", "email", credentials.authenticate, "nobody@people.test", PASSWORD)
        _refused("login_refused", "email", credentials.authenticate, "", "")
        user = db.session.get_one(User, user.id)
        user.active = False
        db.session.commit()
        _refused("login_refused", "email", credentials.authenticate, "a@people.test", "wrong")
        _refused("account_closed", "email", credentials.authenticate, "a@people.test", PASSWORD)


def test_a_changed_profile_is_kept(world: World) -> None:
    caller = world.person()
    with world.rows() as session:
        user = session.get_one(User, caller.user_id)
        people.change_profile(user, Profile("Wanjiku K.", "", "sw", "Europe/Paris"))
        people.set_language(user, "fr")
    [kept] = world.all(User)
    assert (kept.name, kept.phone, kept.language, kept.zone) == ("Wanjiku K.", None, "fr", "Europe/Paris")


def test_every_language_of_the_pages_is_one_people_may_choose(world: World) -> None:
    for language in languages.NAMES:
        assert people.clean_profile(Profile("Amina", "", language, "UTC")).language == language


def test_refused_is_the_problem_a_door_turns_into_401(world: World) -> None:
    with world.rows(), pytest.raises(Refused) as caught:
        credentials.authenticate("nobody@people.test", "wrong")
    assert caught.value.status == 401


def test_the_clock_says_when_an_account_was_made(world: World) -> None:
    world.move(days=400)
    with world.rows():
        user = people.register("a@people.test", PASSWORD, "Amina")
    assert clock.now() - user.created_at < timedelta(minutes=1)
