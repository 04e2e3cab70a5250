"""Logins end: by who is logged in, by time, by a new password, by suspension. A copied cookie or token is worthless then."""

from datetime import timedelta

import pytest

from app.lib import clock
from app.models import Login, LoginKind, Role, Scope, User
from app.services.accounts import logins
from app.services.core.errors import Invalid, NotFound
from tests.support.world import Caller, World


def _begin(world: World, caller: Caller) -> str:
    with world.rows() as session:
        return logins.begin_in_browser(session.get_one(User, caller.user_id), "Chrome, Android")


def _is_in(world: World, secret: str) -> bool:
    with world.rows():
        return logins.of_browser(secret) is not None


def _change(world: World, caller: Caller, **values: object) -> None:
    with world.rows() as session:
        user = session.get_one(User, caller.user_id)
        for name, value in values.items():
            setattr(user, name, value)
        session.commit()


def test_of_a_secret_only_its_digest_is_kept(world: World) -> None:
    secret = _begin(world, world.person())
    assert secret not in str([vars(row) for row in world.all(Login)])
    assert _is_in(world, secret)


def test_a_bearer_token_does_not_log_a_browser_in_and_a_cookie_is_no_bearer_token(world: World) -> None:
    caller = world.person()
    assert not _is_in(world, caller.token)
    with world.rows():
        assert logins.of_program(_begin(world, caller)) is None


def test_ending_one_login_leaves_the_others_and_is_done_by_its_owner_alone(world: World) -> None:
    caller, stranger = world.person(), world.person()
    secret, other = _begin(world, caller), _begin(world, caller)
    with world.rows() as session:
        mine, theirs = session.get_one(User, caller.user_id), session.get_one(User, stranger.user_id)
        found = logins.of_browser(secret)
        assert found
        login_id = found.id
        with pytest.raises(NotFound):
            logins.end(theirs, login_id)
        logins.end(mine, login_id)
        with pytest.raises(NotFound):
            logins.end(mine, login_id)
    assert (_is_in(world, secret), _is_in(world, other)) == (False, True)


def test_ending_the_others_ends_programs_too_and_a_copy_of_ones_own_cookie(world: World) -> None:
    caller = world.person()
    kept, other = _begin(world, caller), _begin(world, caller)
    with world.rows():
        found = logins.of_browser(kept)
        assert found
        renewed = logins.end_others(found)
    assert [_is_in(world, each) for each in (renewed, kept, other)] == [True, False, False]
    assert caller.get("/me").status_code == 401


def test_a_login_whose_row_outlived_a_new_version_of_the_account_is_worthless(world: World) -> None:
    """A version is raised in the transaction of whatever ends all logins; a row that a backup brings back is not alive."""
    caller = world.person()
    secret = _begin(world, caller)
    _change(world, caller, session_version=2)
    assert not _is_in(world, secret)
    assert caller.get("/me").status_code == 401


def test_a_suspended_person_is_out_at_once_everywhere(world: World) -> None:
    caller = world.person()
    secret = _begin(world, caller)
    _change(world, caller, active=False)
    assert not _is_in(world, secret)
    assert caller.get("/me").status_code == 401


@pytest.mark.parametrize(
    ("role", "idle", "whole"),
    [
        (Role.CLIENT, timedelta(days=14), timedelta(days=90)),
        (Role.PRACTITIONER, timedelta(days=14), timedelta(days=90)),
        (Role.STAFF, timedelta(minutes=30), timedelta(hours=12)),
    ],
)
def test_a_browser_that_was_left_alone_is_out_and_so_is_one_that_never_rests(
    world: World, role: Role, idle: timedelta, whole: timedelta
) -> None:
    """ASVS 7.3.1 and 7.3.2; SEC-12."""
    world.stand_still()
    caller = world.person(role)
    rested, busy = _begin(world, caller), _begin(world, caller)
    second = timedelta(seconds=1)
    begun = clock.now()
    while clock.now() < begun + whole - idle:
        world.move(seconds=(idle - second).total_seconds())
        assert _is_in(world, busy)
    assert not _is_in(world, rested)
    world.move(seconds=(begun + whole - second - clock.now()).total_seconds())
    assert _is_in(world, busy)
    world.move(seconds=1)
    assert not _is_in(world, busy)


@pytest.mark.parametrize(("role", "life"), [(Role.CLIENT, timedelta(days=30)), (Role.STAFF, timedelta(hours=12))])
def test_a_bearer_token_expires(world: World, role: Role, life: timedelta) -> None:
    world.stand_still()
    caller = world.person(role)
    with world.rows() as session:
        caller.token = logins.begin_program(session.get_one(User, caller.user_id))
    world.move(seconds=life.total_seconds() - 1)
    assert caller.get("/me").status_code == 200
    world.move(seconds=1)
    assert caller.get("/me").status_code == 401


def test_logins_that_have_expired_are_swept(world: World) -> None:
    caller = world.person()
    _begin(world, caller)
    world.move(days=89)
    _begin(world, caller)
    world.move(days=1)
    world.sweep()
    assert [row.kind for row in world.all(Login)] == [LoginKind.PROGRAM, LoginKind.BROWSER]


def test_when_a_login_was_last_used_is_known_to_five_minutes(world: World) -> None:
    """Every call would be a write else."""
    world.stand_still()
    caller = world.person()
    begun = clock.now()
    for minutes, seen in [(4, 0), (1, 5), (4, 5), (3, 12)]:
        world.move(minutes=minutes)
        caller.get("/me")
        assert world.all(Login)[0].used_at == begun + timedelta(minutes=seen)


def test_a_program_is_named_and_may_do_as_much_and_as_long_as_is_said(world: World) -> None:
    caller = world.person()
    with world.rows() as session:
        user = session.get_one(User, caller.user_id)
        token = logins.name_program(user, " Diary\u202e ", "read", "90")
        [row] = [each for each in logins.of(user) if each.name == "Diary"]
        assert (row.name, row.scope, row.expires_at - row.created_at) == ("Diary", Scope.READ, timedelta(days=90))
        found = logins.of_program(token)
        assert found
        assert found.id == row.id


@pytest.mark.parametrize(
    ("wish", "code", "field"),
    [
        (("", "read", "30"), "program_name_invalid", "name"),
        (("x" * 81, "read", "30"), "program_name_invalid", "name"),
        (("Diary", "write", "30"), "scope_unknown", "scope"),
        (("Diary", "all", "3000"), "token_life", "days"),
        (("Diary", "all", ""), "token_life", "days"),
    ],
)
def test_a_program_that_cannot_be_is_refused_beside_its_field(
    world: World, wish: tuple[str, str, str], code: str, field: str
) -> None:
    caller = world.person()
    with world.rows() as session, pytest.raises(Invalid) as caught:
        logins.name_program(session.get_one(User, caller.user_id), *wish)
    assert (caught.value.code, caught.value.field) == (code, field)
