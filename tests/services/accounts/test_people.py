"""Accounts: what is accepted, what is refused, and what a stranger can learn from either."""

import re
from datetime import timedelta

import pytest

from app.domain import languages
from app.extensions import db
from app.lib import clock
from app.models import AccessToken, Notification, Role, User
from app.services.accounts import people
from app.services.accounts.people import Profile
from app.services.core.errors import Invalid, NotFound, Problem, Refused
from tests.support.world import PASSWORD, World


def _refused(code: str, field: str | None, function: object, *args: object, **kwargs: object) -> None:
    with pytest.raises(Problem) as caught:
        function(*args, **kwargs)  # type: ignore[operator]
    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_new_account_can_log_in_with_the_address_written_in_any_way(world: World) -> None:
    with world.rows():
        user = people.register("  Wanjiku@People.TEST ", PASSWORD, "Wanjiku Kamau", phone="0712 345 678")
        assert (user.email, user.phone, user.role) == ("wanjiku@people.test", "+254712345678", Role.CLIENT)
        assert people.authenticate(" WANJIKU@people.test", PASSWORD).id == user.id
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


def _logs_in(world: World, asked: dict[str, str]) -> bool:
    browser = world.app.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/login").text)
    assert token
    return browser.post("/login", data={"csrf_token": token[1], **asked}).status_code == 303


@pytest.mark.parametrize("password", ["  secret pass  ", "secret pass"])
def test_a_password_is_what_was_typed_blanks_and_all_on_pages_and_for_programs(world: World, password: str) -> None:
    """S3-35: log-in."""
    program, [other] = world.app.test_client(), {"  secret pass  ", "secret pass"} - {password}
    account = {"email": "q@people.test", "password": password, "name": " Q "}
    made = program.post("/api/v1/auth/register", json=account)
    assert (made.status_code, made.json["user"]["name"]) == (201, "Q")

    def may_enter(given: str) -> tuple[bool, bool]:
        asked = {"email": "q@people.test", "password": given}
        by_call = world.app.test_client().post("/api/v1/auth/token", json=asked).status_code == 200
        return by_call, _logs_in(world, asked)

    assert may_enter(password) == (True, True)
    assert may_enter(other) == (False, False)
    headers = {"Authorization": f"Bearer {made.json['token']}"}
    for given in (password, other):
        with program.post("/api/v1/me/export", json={"password": given}, headers=headers) as export:
            assert (export.status_code == 200) == (given == password)


@pytest.mark.parametrize(
    ("password", "good"), [("1234567", False), ("12345678", True), ("x" * 200, True), ("x" * 201, False)]
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
    assert people.clean_profile(Profile("Amina", typed, "en", zone)).phone == kept


def test_registering_again_with_the_same_password_gives_the_same_account(world: World) -> None:
    """S1-F21: a double click."""
    with world.rows():
        first = people.register("a@people.test", PASSWORD, "Amina")
        assert people.register("A@people.test", PASSWORD, "Amina").id == first.id
    assert len(world.all(User)) == 1


def test_an_address_that_somebody_has_tells_a_stranger_nothing_and_its_owner_everything(world: World) -> None:
    with world.rows():
        owner = people.register("a@people.test", PASSWORD, "Amina")
        for _ in range(3):
            _refused("registration_refused", "email", people.register, "a@people.test", "another one", "Mallory")
    [told] = world.all(Notification)
    assert (told.user_id, told.kind) == (owner.id, "registration_attempt")


def test_every_wrong_pair_is_refused_in_the_same_words(world: World) -> None:
    with world.rows():
        user = people.register("a@people.test", PASSWORD, "Amina")
        _refused("login_refused", "email", people.authenticate, "a@people.test", "wrong")
        _refused("login_refused", "email", people.authenticate, "nobody@people.test", PASSWORD)
        _refused("login_refused", "email", people.authenticate, "", "")
        user = db.session.get_one(User, user.id)
        user.active = False
        db.session.commit()
        _refused("login_refused", "email", people.authenticate, "a@people.test", PASSWORD)


def test_a_bearer_token_lives_thirty_days_and_is_not_in_the_tables(world: World) -> None:
    caller = world.person()
    assert caller.token not in {token.digest for token in world.all(AccessToken)}
    world.move(days=29, hours=23)
    assert caller.get("/me").status_code == 200
    world.move(hours=2)
    assert caller.get("/me").status_code == 401


def test_a_token_of_a_closed_account_opens_nothing(world: World) -> None:
    caller = world.person()
    with world.rows() as session:
        session.get_one(User, caller.user_id).active = False
        session.commit()
    assert caller.get("/me").status_code == 401


def _link(world: World) -> str:
    notice = world.all(Notification)[-1]
    assert notice.kind == "password_reset"
    return str(notice.data["token"])


def test_a_reset_link_sets_a_new_password_and_ends_every_session_and_older_link(world: World) -> None:
    with world.rows():
        user = people.register("a@people.test", PASSWORD, "Amina")
        session_id = user.get_id()
        people.send_reset_link("A@people.test")
        people.send_reset_link("a@people.test")
    links = [str(notice.data["token"]) for notice in world.all(Notification)]
    assert len(links) == 2
    with world.rows():
        assert people.person_of_session(session_id) is not None
        people.reset_password(links[0], "a better one")
        assert people.person_of_session(session_id) is None
        assert people.authenticate("a@people.test", "a better one")
        _refused("login_refused", "email", people.authenticate, "a@people.test", PASSWORD)
        for link in links:
            _refused("link_expired", None, people.reset_password, link, "yet another one")


def test_a_reset_link_lives_one_hour(world: World) -> None:
    """By our clock, like everything else."""
    with world.rows():
        people.register("a@people.test", PASSWORD, "Amina")
        people.send_reset_link("a@people.test")
    link = _link(world)
    world.move(hours=1, seconds=2)
    with world.rows():
        _refused("link_expired", None, people.reset_password, link, "a better one")


def test_a_reset_link_that_was_touched_or_comes_from_elsewhere_is_refused(world: World) -> None:
    with world.rows():
        people.register("a@people.test", PASSWORD, "Amina")
        people.send_reset_link("a@people.test")
    link = _link(world)
    with world.rows():
        for wrong in ("", "x", link[:-2], f"{link}x", link.replace(".", "", 1)):
            with pytest.raises(NotFound):
                people.reset_password(wrong, "a better one")
        with pytest.raises(Invalid):
            people.reset_password(link, "short")
        assert people.reset_password(link, "a better one")


def test_asking_for_a_reset_of_an_unknown_address_does_nothing_and_says_nothing(world: World) -> None:
    with world.rows():
        assert people.send_reset_link("nobody@people.test") is None
    assert world.all(Notification) == []


@pytest.mark.parametrize("given", ["", ".", "x.1", "1", "1.", "1.2.3", "-1.1"])
def test_a_session_that_makes_no_sense_is_nobodys(world: World, given: str) -> None:
    caller = world.person()
    with world.rows():
        assert people.person_of_session(given) is None
        assert people.person_of_session(f"{caller.user_id}.1") is not None


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
        people.authenticate("nobody@people.test", "wrong")
    assert caught.value.status == 401


def test_the_clock_says_when_an_account_was_made(world: World) -> None:
    world.move(days=400)
    with world.rows():
        user = people.register("a@people.test", PASSWORD, "Amina")
    assert clock.now() - user.created_at < timedelta(minutes=1)
