"""Invitations: a link by mail makes an account with a role, or gives an existing one the role once its owner agrees."""

import re
from typing import Any

import pytest

from app.domain.lifecycle import Actor
from app.models import Change, Invitation, MailedCode, Role, SignUp, User
from app.services.accounts import credentials, invitation_answers, invitations, logins, rights, sign_ups
from app.services.accounts.invitations import Asked
from app.services.accounts.people import Profile
from app.services.core.errors import Problem
from app.services.core.transaction import Who
from tests.support.at_once import at_once
from tests.support.world import PASSWORD, Caller, World

_ADDRESS = "baraka@people.test"


@pytest.fixture
def staff(world: World) -> Caller:
    """Somebody of staff."""
    return world.person(Role.STAFF, name="Zuhura Wambeti")


def _invite(world: World, staff: Caller | None, email: str = _ADDRESS, role: Role = Role.PRACTITIONER) -> str:
    """Why nobody is invited; empty when the invitation is on its way."""
    who = Who(Actor.STAFF, staff.user_id if staff else None)
    with world.rows():
        try:
            invitations.invite(Asked(email, "Baraka Juma", role, "en"), who)
        except Problem as problem:
            return problem.code
        return ""


def _link(world: World, address: str = _ADDRESS, nth: int = 0) -> str:
    world.sweep()
    found = re.search(r"/invitations/(\S+)", world.mails(address)[nth]["text"])
    assert found
    return found[1]


def _accept(world: World, link: str) -> str:
    """The role that the person has now, or why nothing came of it."""
    with world.rows():
        try:
            return invitation_answers.accept(link, "Africa/Nairobi").role.value
        except Problem as problem:
            return problem.code


def _users(world: World, email: str = _ADDRESS) -> list[User]:
    return [user for user in world.all(User) if user.email == email]


def test_the_link_makes_an_account_with_the_role_once(world: World, staff: Caller) -> None:
    assert _invite(world, staff) == ""
    assert _users(world) == [], "nobody is anything before they have agreed"
    link = _link(world)
    assert (_accept(world, link), _accept(world, link)) == ("practitioner", "link_expired")
    [user] = _users(world)
    assert (user.name, user.role, user.zone, user.password_hash) == (
        "Baraka Juma",
        "practitioner",
        "Africa/Nairobi",
        "",
    )
    assert world.all(Invitation) == []
    steps = [(c.to_status, c.actor, c.actor_id, c.why) for c in world.all(Change) if c.subject == "invitation"]
    assert steps == [
        ("sent", "staff", staff.user_id, "practitioner"),
        ("accepted", "practitioner", user.id, "practitioner"),
    ]


def test_the_mail_names_the_role(world: World, staff: Caller) -> None:
    client = world.person()
    for address, role, said in (
        (_ADDRESS, Role.PRACTITIONER, "create an account, as: Practitioner."),
        (world.email(client), Role.STAFF, "change the role of your account to: Staff."),
    ):
        _invite(world, staff, address, role)
        world.sweep()
        assert said in " ".join(world.mails(address)[0]["text"].split())


def test_pressed_twice_at_once_there_is_one_account(world: World, staff: Caller) -> None:
    _invite(world, staff)
    link = _link(world)
    said = at_once(lambda: _accept(world, link), lambda: _accept(world, link))
    assert sorted(said) == ["link_expired", "practitioner"]
    assert len(_users(world)) == 1


def test_an_account_gets_the_role_only_once_its_owner_agreed_and_logs_in_anew(world: World, staff: Caller) -> None:
    client = world.person()
    email = world.email(client)
    _invite(world, staff, email, Role.STAFF)
    link = _link(world, email)
    assert [user.role for user in _users(world, email)] == ["client"]
    assert client.get("/me").status_code == 200
    assert _accept(world, link) == "staff"
    assert client.get("/me").status_code == 401
    assert "role_changed" in world.notices(client)


def test_whoever_signed_up_with_the_address_before_keeps_no_right(world: World, staff: Caller) -> None:
    with world.rows():
        sign_ups.begin(_ADDRESS, PASSWORD, Profile("A stranger", "", "en", "UTC"))
    _invite(world, staff)
    assert _accept(world, _link(world)) == "practitioner"
    assert world.all(SignUp) == []
    with world.rows(), pytest.raises(Problem, match="login_refused"):
        credentials.authenticate(_ADDRESS, PASSWORD)


def test_the_link_is_stored_nowhere(world: World, staff: Caller) -> None:
    _invite(world, staff)
    link = _link(world)
    rows = [vars(row) for model in (Invitation, MailedCode) for row in world.all(model)]
    assert rows
    assert link not in str(rows)


@pytest.mark.parametrize("days", [0, 8])
def test_what_was_withdrawn_or_ran_out_opens_nothing_and_is_swept(world: World, staff: Caller, days: int) -> None:
    _invite(world, staff)
    link = _link(world)
    if days:
        world.move(days=days)
    else:
        with world.rows():
            [row] = invitations.open_ones()
            invitations.withdraw(row.id, Who(Actor.STAFF, staff.user_id))
    assert _accept(world, link) == "link_expired"
    world.sweep()
    assert world.all(Invitation) == []
    assert _users(world) == []


def test_the_link_is_good_on_the_seventh_day(world: World, staff: Caller) -> None:
    _invite(world, staff)
    link = _link(world)
    world.move(days=6, hours=23)
    world.sweep()
    assert _accept(world, link) == "practitioner"


def test_of_two_invitations_only_the_newer_counts(world: World, staff: Caller) -> None:
    _invite(world, staff)
    old = _link(world)
    assert _invite(world, staff, role=Role.STAFF) == ""
    assert _accept(world, old) == "link_expired"
    assert _accept(world, _link(world)) == "staff"


def test_nobody_comes_in_by_an_invitation_of_staff_who_are_suspended(world: World, staff: Caller) -> None:
    other = world.person(Role.STAFF)
    _invite(world, other, role=Role.STAFF)
    link = _link(world)
    with world.rows():
        rights.suspend(other.user_id, Who(Actor.STAFF, staff.user_id), "Not ours any more")
    assert _accept(world, link) == "link_expired"


def test_nobody_is_invited_to_what_they_are_nor_who_is_suspended(world: World, staff: Caller) -> None:
    client = world.person()
    assert _invite(world, staff, world.email(client), Role.CLIENT) == "role_same"
    with world.rows():
        rights.suspend(client.user_id, Who(Actor.STAFF, staff.user_id), "Shouted")
    assert _invite(world, staff, world.email(client), Role.STAFF) == "person_suspended"
    assert _invite(world, staff, "no address") == "email_invalid"


def test_the_link_of_somebody_suspended_since_opens_nothing(world: World, staff: Caller) -> None:
    client = world.person()
    _invite(world, staff, world.email(client), Role.STAFF)
    link = _link(world, world.email(client))
    with world.rows():
        rights.suspend(client.user_id, Who(Actor.STAFF, staff.user_id), "Shouted")
    assert _accept(world, link) == "link_expired"


def test_the_last_of_staff_does_not_leave_by_an_invitation(world: World, staff: Caller) -> None:
    _invite(world, None, world.email(staff), Role.CLIENT)
    assert _accept(world, _link(world, world.email(staff))) == "last_staff"
    assert staff.get("/me").status_code == 200


def test_the_page_of_the_link_changes_nothing_and_its_button_does(world: World, staff: Caller) -> None:
    _invite(world, staff)
    link = _link(world)
    http = world.app.test_client()
    page = http.get(f"/invitations/{link}")
    assert (page.status_code, "Practitioner" in page.text) == (200, True)
    assert _users(world) == []
    token: Any = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    done = http.post(f"/invitations/{link}", data={"csrf_token": token[1], "zone": "Africa/Nairobi"})
    assert (done.status_code, done.headers["Location"]) == (303, "/practice")
    assert http.get("/practice/found").status_code == 200
    with world.rows() as session:
        [user] = [each for each in session.query(User) if each.email == _ADDRESS]
        assert logins.of(user)
