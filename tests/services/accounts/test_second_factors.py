"""The second factor: codes of an app, recovery codes, passkeys; each answer good once, and everybody told who should know."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.models import Change, CodeApp, Passkey, RecoveryCode, Role, User
from app.services.accounts import code_apps, guessing, logins, passkeys, recovery_codes, second_factors
from app.services.accounts.guessing import Origin
from app.services.accounts.passkeys import Challenge, Purpose
from app.services.backoffice import erasure
from app.services.core.errors import Problem
from app.services.core.transaction import CLOCK
from tests.support.at_once import at_once
from tests.support.device import Device, shown
from tests.support.world import Caller, World

_SITE = "https://kikao.example"


@pytest.fixture
def site(world: World) -> Iterator[World]:
    """Kikao has an address that browsers make passkeys for, and time stands still."""
    before = world.app.config["PUBLIC_URL"]
    world.app.config["PUBLIC_URL"] = _SITE
    world.stand_still()
    yield world
    world.app.config["PUBLIC_URL"] = before


def _with(world: World, caller: Caller, work: Callable[..., Any], *args: Any) -> Any:
    """What the work gives for the person."""
    with world.rows() as session:
        return work(session.get_one(User, caller.user_id), *args)


def _why(world: World, caller: Caller, work: Callable[..., Any], *args: Any) -> str:
    with pytest.raises(Problem) as caught:
        _with(world, caller, work, *args)
    return caught.value.code


def _app(world: World, caller: Caller) -> tuple[str, list[str]]:
    """The person has an app: its secret, and the recovery codes."""
    _with(world, caller, code_apps.begin)
    secret = _with(world, caller, lambda user: code_apps.secret_of(code_apps.waiting(user)))  # type: ignore[arg-type]
    codes = _with(world, caller, second_factors.confirm_app, shown(secret))
    world.move(seconds=30)
    return secret, codes


def _asked(world: World, caller: Caller | None, purpose: Purpose) -> tuple[Challenge, str]:
    """A challenge, and what the browser is told."""
    with world.rows() as session:
        user = session.get_one(User, caller.user_id) if caller else None
        asked = passkeys.challenge(purpose, user)
        if purpose is Purpose.ADD:
            return asked, passkeys.options_to_add(asked, user)
        return asked, passkeys.options_to_use(asked, user)


def _passkey(world: World, caller: Caller, device: Device, name: str = "My phone") -> list[str]:
    """The person has a passkey on the device; recovery codes if it is the first."""
    asked, options = _asked(world, caller, Purpose.ADD)
    codes: list[str] = _with(world, caller, second_factors.add_passkey, device.make(options), asked, name)
    world.move(seconds=1)
    return codes


def _log_in(world: World, answer: str, asked: Challenge | None) -> int | str:
    """Who is in, or why nobody is."""
    with world.rows():
        try:
            return passkeys.use(answer, asked, Purpose.LOG_IN).id
        except Problem as problem:
            return problem.code


# ------------------------------------------------------------------------------------------------ codes of an app


def test_an_app_is_a_factor_once_its_first_code_was_typed_and_its_secret_is_sealed(site: World) -> None:
    amina = site.person()
    _with(site, amina, code_apps.begin)
    assert not _with(site, amina, second_factors.has_any)
    secret = _with(site, amina, lambda user: code_apps.secret_of(code_apps.waiting(user)))
    assert _why(site, amina, second_factors.confirm_app, "000000") == "second_factor_wrong"
    codes = _with(site, amina, second_factors.confirm_app, shown(secret))
    assert _with(site, amina, second_factors.has_any)
    assert len(set(codes)) == recovery_codes.COUNT == 10
    [row] = site.all(CodeApp)
    assert row.secret.startswith("sealed:1:")
    assert secret not in row.secret
    assert _why(site, amina, code_apps.begin) == "code_app_there"


def test_an_app_that_nobody_went_on_with_is_no_factor_and_its_secret_opens_nothing(site: World) -> None:
    amina = site.person()
    _with(site, amina, code_apps.begin)
    secret = _with(site, amina, lambda user: code_apps.secret_of(code_apps.waiting(user)))
    assert _why(site, amina, second_factors.prove, shown(secret)) == "second_factor_wrong"
    site.move(minutes=15)
    assert _why(site, amina, second_factors.confirm_app, shown(secret)) == "code_app_expired"


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_counts_half_a_minute_before_and_after_it_is_shown(site: World, steps: int, good: bool) -> None:
    amina = site.person()
    secret, _ = _app(site, amina)
    site.move(minutes=5)
    code = f"{shown(secret, steps)[:3]} {shown(secret, steps)[3:]}"
    if good:
        _with(site, amina, second_factors.prove, code)
    else:
        assert _why(site, amina, second_factors.prove, code) == "second_factor_wrong"


def test_a_code_of_the_app_is_good_once_and_so_is_none_from_before_it(site: World) -> None:
    amina = site.person()
    secret, _ = _app(site, amina)
    site.move(minutes=5)
    earlier, code = shown(secret, -1), shown(secret)
    _with(site, amina, second_factors.prove, code)
    assert [_why(site, amina, second_factors.prove, each) for each in (code, earlier)] == ["second_factor_wrong"] * 2
    site.move(seconds=30)
    _with(site, amina, second_factors.prove, shown(secret))


def test_the_code_that_set_the_app_up_does_not_log_in_too(site: World) -> None:
    amina = site.person()
    _with(site, amina, code_apps.begin)
    secret = _with(site, amina, lambda user: code_apps.secret_of(code_apps.waiting(user)))
    _with(site, amina, second_factors.confirm_app, shown(secret))
    assert _why(site, amina, second_factors.prove, shown(secret)) == "second_factor_wrong"


@pytest.mark.both_engines
def test_a_code_sent_sixteen_times_at_once_is_good_once(site: World) -> None:
    amina = site.person()
    secret, codes = _app(site, amina)

    def use(code: str) -> bool:
        try:
            _with(site, amina, second_factors.prove, code)
        except Problem:
            return False
        return True

    for code in (shown(secret), codes[0]):
        assert at_once(*[lambda code=code: use(code)] * 16).count(True) == 1  # type: ignore[misc]


def test_nobody_elses_code_counts(site: World) -> None:
    amina, mallory = site.person(), site.person()
    secret, codes = _app(site, mallory)
    _app(site, amina)
    for code in (shown(secret), codes[0]):
        assert _why(site, amina, second_factors.prove, code) == "second_factor_wrong"


# ------------------------------------------------------------------------------------------------ recovery codes


def test_a_recovery_code_is_good_once_however_it_is_typed_and_the_person_is_told(site: World) -> None:
    amina = site.person()
    _, codes = _app(site, amina)
    _with(site, amina, second_factors.prove, f" {codes[3].lower().replace('-', ' ')} ")
    assert _why(site, amina, second_factors.prove, codes[3]) == "second_factor_wrong"
    assert _with(site, amina, recovery_codes.left) == 9
    assert site.notices(amina)[-1] == "recovery_code_used"
    site.sweep()
    assert "9 left" in "".join(mail["text"] for mail in site.mails(site.email(amina)))


def test_of_recovery_codes_only_digests_are_kept_and_new_ones_end_the_old(site: World) -> None:
    amina = site.person()
    _, old = _app(site, amina)
    kept = str([vars(row) for row in site.all(RecoveryCode)])
    assert not [code for code in old if code in kept or code.replace("-", "") in kept]
    assert {len(code.replace("-", "")) for code in old} == {24}, (
        "of 30 letters: beyond 112 bits a plain digest is enough"
    )
    new = _with(site, amina, second_factors.renew_recovery_codes)
    assert _why(site, amina, second_factors.prove, old[0]) == "second_factor_wrong"
    _with(site, amina, second_factors.prove, new[0])
    assert _why(site, site.person(), second_factors.renew_recovery_codes) == "not_found"


# ------------------------------------------------------------------------------------------------ passkeys


def test_a_passkey_logs_in_and_is_asked_for_who_is_there(site: World) -> None:
    amina, phone = site.person(), Device(_SITE)
    assert len(_passkey(site, amina, phone)) == 10
    asked, options = _asked(site, None, Purpose.LOG_IN)
    told = json.loads(options)
    assert (told["rpId"], told["userVerification"], told.get("allowCredentials", [])) == (
        "kikao.example",
        "required",
        [],
    )
    assert _log_in(site, phone.sign(options), asked) == amina.user_id
    [row] = site.all(Passkey)
    assert (row.name, row.sign_count) == ("My phone", 2)


def test_what_the_device_is_asked_to_make_finds_its_person_and_is_not_made_twice(site: World) -> None:
    amina, phone = site.person(), Device(_SITE)
    _passkey(site, amina, phone)
    told = json.loads(_asked(site, amina, Purpose.ADD)[1])
    assert told["attestation"] == "none"
    assert told["authenticatorSelection"]["residentKey"] == "required"
    assert told["authenticatorSelection"]["userVerification"] == "required"
    assert [each["id"] for each in told["excludeCredentials"]] == [
        json.loads(phone.sign('{"rpId":"x","challenge":""}'))["id"]
    ]
    assert told["user"]["id"] == phone.keys[0].handle
    assert told["user"]["id"] not in (str(amina.user_id), site.email(amina))


@pytest.mark.parametrize("purpose", [Purpose.LOG_IN, Purpose.SECOND, Purpose.CONFIRM])
def test_a_challenge_is_good_for_one_purpose_alone(site: World, purpose: Purpose) -> None:
    amina, phone = site.person(), Device(_SITE)
    _passkey(site, amina, phone)
    whose = None if purpose is Purpose.LOG_IN else amina
    asked, options = _asked(site, whose, purpose)
    answer = phone.sign(options)
    for other in {Purpose.SECOND, Purpose.CONFIRM} - {purpose}:
        assert (
            _why(site, amina, lambda user, other=other: passkeys.use(answer, asked, other, user)) == "passkey_refused"
        )
    if whose:
        assert _log_in(site, answer, asked) == "passkey_refused"


def test_a_challenge_is_bound_to_the_browser_that_asked_and_to_the_person_it_was_for(site: World) -> None:
    amina, phone = site.person(), Device(_SITE)
    mallory, other = site.person(), Device(_SITE)
    _passkey(site, amina, phone)
    _passkey(site, mallory, other)
    mine, options = _asked(site, None, Purpose.LOG_IN)
    theirs, _ = _asked(site, None, Purpose.LOG_IN)
    assert _log_in(site, phone.sign(options), theirs) == "passkey_refused"
    assert _log_in(site, phone.sign(options), None) == "passkey_refused"
    assert _log_in(site, phone.sign(options), mine) == amina.user_id
    second, options = _asked(site, amina, Purpose.SECOND)
    answer = other.sign(options)
    assert _why(site, amina, lambda user: passkeys.use(answer, second, Purpose.SECOND, user)) == "passkey_refused"
    assert _why(site, mallory, lambda user: passkeys.use(answer, second, Purpose.SECOND, user)) == "passkey_refused"


@pytest.mark.parametrize("counts", [True, False])
def test_an_answer_is_good_once_also_where_the_device_does_not_count(site: World, counts: bool) -> None:
    """A copied request, cookie and all, is worthless: synced passkeys do not count how often they signed."""
    amina, phone = site.person(), Device(_SITE, counts=counts)
    _passkey(site, amina, phone)
    asked, options = _asked(site, None, Purpose.LOG_IN)
    answer = phone.sign(options)
    site.move(seconds=1)
    assert _log_in(site, answer, asked) == amina.user_id
    assert _log_in(site, answer, asked) == "passkey_refused"


def test_a_device_that_counts_backwards_is_a_copy_and_refused(site: World) -> None:
    amina, phone = site.person(), Device(_SITE)
    _passkey(site, amina, phone)
    asked, options = _asked(site, None, Purpose.LOG_IN)
    phone.keys[0].count = 0
    assert _log_in(site, phone.sign(options), asked) == "passkey_refused"


def test_an_answer_that_is_late_from_another_site_or_from_nobody_is_refused(site: World) -> None:
    amina, phone = site.person(), Device(_SITE)
    _passkey(site, amina, phone)
    asked, options = _asked(site, None, Purpose.LOG_IN)
    phone.origin = "https://kikao.example.evil.test"
    assert _log_in(site, phone.sign(options), asked) == "passkey_refused"
    phone.origin, phone.verifies = _SITE, False
    assert _log_in(site, phone.sign(options), asked) == "passkey_refused"
    phone.verifies = True
    assert _log_in(site, phone.sign(options.replace("kikao.example", "evil.test")), asked) == "passkey_refused"
    assert _log_in(site, phone.sign(options, userHandle="bm9ib2R5"), asked) == "passkey_refused"
    assert _log_in(site, phone.sign(options, signature="AAAA"), asked) == "passkey_refused"
    site.move(minutes=5)
    assert _log_in(site, phone.sign(options), asked) == "passkey_refused"


@pytest.mark.parametrize(
    "answer", ["", "x", "[]", "{}", '{"id": []}', '{"id": "a", "response": 1}', "[" * 100_000, '{"id": "\\ud800"}']
)
def test_what_is_no_answer_is_refused_and_fails_nothing(site: World, answer: str) -> None:
    amina = site.person()
    asked, _ = _asked(site, None, Purpose.LOG_IN)
    assert _log_in(site, answer, asked) in {"passkey_refused", "passkey_unknown"}
    added, _ = _asked(site, amina, Purpose.ADD)
    assert _why(site, amina, second_factors.add_passkey, answer, added, "x") == "passkey_refused"


def test_a_passkey_that_nobody_verified_or_made_for_another_site_is_not_added(site: World) -> None:
    amina = site.person()
    asked, options = _asked(site, amina, Purpose.ADD)
    unverified, elsewhere = Device(_SITE, verifies=False), Device("https://evil.test")
    for device in (unverified, elsewhere):
        answer = device.make(options)
        assert _why(site, amina, second_factors.add_passkey, answer, asked, "x") == "passkey_refused"
    answer = Device(_SITE).make(options)
    other = replace(asked, value="AAAA")
    assert _why(site, amina, second_factors.add_passkey, answer, other, "x") == "passkey_refused"
    assert _why(site, site.person(), second_factors.add_passkey, answer, asked, "x") == "passkey_refused"
    assert site.all(Passkey) == []


def test_one_passkey_is_one_persons(site: World) -> None:
    amina, mallory, phone = site.person(), site.person(), Device(_SITE)
    _passkey(site, amina, phone)
    asked, options = _asked(site, mallory, Purpose.ADD)
    answer = json.loads(phone.make(options))
    site.move(seconds=1)
    _with(site, mallory, second_factors.add_passkey, json.dumps(answer), asked, "x")
    assert _why(site, mallory, second_factors.add_passkey, json.dumps(answer), asked, "x") == "passkey_there"


@pytest.mark.parametrize(
    ("address", "possible"),
    [
        ("https://kikao.example", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
        ("http://kikao.example", False),
        ("https://192.0.2.7", False),
        ("https://[2001:db8::1]", False),
    ],
)
def test_passkeys_are_offered_where_browsers_make_them(site: World, address: str, possible: bool) -> None:
    site.app.config["PUBLIC_URL"] = address
    with site.app.app_context():
        assert passkeys.are_possible() is possible


# ------------------------------------------------------------------------------------------------ set up, removed, lost


def test_the_first_factor_ends_every_login_that_was_begun_without_it(site: World) -> None:
    amina = site.person()
    secret = _with(site, amina, logins.begin_in_browser, "Chrome")
    _app(site, amina)
    with site.rows():
        assert logins.of_browser(secret) is None
    assert amina.get("/me").status_code == 401


def test_a_second_factor_that_is_added_or_removed_is_told_and_stands_in_the_trail(site: World) -> None:
    amina, phone = site.person(), Device(_SITE)
    _app(site, amina)
    assert _passkey(site, amina, phone) == []
    [row] = site.all(Passkey)
    assert _why(site, site.person(), second_factors.remove_passkey, row.id) == "not_found"
    _with(site, amina, second_factors.remove_passkey, row.id)
    assert _with(site, amina, recovery_codes.left) == 10
    _with(site, amina, second_factors.remove_app)
    assert (_with(site, amina, second_factors.has_any), _with(site, amina, recovery_codes.left)) == (False, 0)
    told = site.notices(amina)
    assert told == ["second_factor_added"] * 2 + ["second_factor_removed"] * 2
    steps = [row.to_status for row in site.all(Change) if row.subject == "second_factor"]
    assert steps == ["app_added", "passkey_added", "passkey_removed", "app_removed"]
    site.sweep()
    assert len(site.mails(site.email(amina))) == 4


def test_staff_take_it_off_who_lost_it_and_it_is_told_and_on_record(site: World) -> None:
    amina, staff = site.person(), site.person(Role.STAFF)
    _app(site, amina)
    _passkey(site, amina, Device(_SITE))
    secret = _with(site, amina, logins.begin_in_browser, "Chrome")

    def take_off(by: Caller, why: str) -> str:
        with site.rows() as session:
            try:
                second_factors.take_off(session.get_one(User, amina.user_id), session.get_one(User, by.user_id), why)
            except Problem as problem:
                return problem.code
            return ""

    assert [take_off(site.person(), "x"), take_off(amina, "x"), take_off(staff, " ")] == [
        "forbidden",
        "forbidden",
        "why_needed",
    ]
    assert take_off(staff, "Rang the number we know; she named her last session") == ""
    assert not _with(site, amina, second_factors.has_any)
    assert (site.all(Passkey), site.all(CodeApp), site.all(RecoveryCode)) == ([], [], [])
    with site.rows():
        assert logins.of_browser(secret) is None
    last = [row for row in site.all(Change) if row.subject == "second_factor"][-1]
    assert (last.to_status, last.actor_id, last.subject_id) == ("taken_off", staff.user_id, str(amina.user_id))
    assert "Rang the number" in last.why
    site.sweep()
    assert "Our staff removed the second step from your account" in "".join(
        mail["text"] for mail in site.mails(site.email(amina))
    )
    assert take_off(staff, "once more") == "second_factor_none"


def test_of_somebody_erased_no_second_factor_is_left_nor_why_staff_took_one_off(site: World) -> None:
    amina, staff = site.person(), site.person(Role.STAFF)
    _app(site, amina)
    with site.rows() as session:
        second_factors.take_off(session.get_one(User, amina.user_id), session.get_one(User, staff.user_id), "She rang")
    _app(site, amina)
    _passkey(site, amina, Device(_SITE))
    with site.rows():
        assert erasure.try_erase(amina.user_id, CLOCK, "")
    assert (site.all(Passkey), site.all(CodeApp), site.all(RecoveryCode)) == ([], [], [])
    assert {row.why for row in site.all(Change) if row.subject == "second_factor"} == {"", "erased"}


@pytest.mark.parametrize(
    ("role", "always", "for_money"),
    [(Role.CLIENT, False, False), (Role.PRACTITIONER, False, True), (Role.STAFF, True, True)],
)
def test_in_production_staff_must_have_one_and_practitioners_for_what_moves_money(
    site: World, app: Flask, role: Role, always: bool, for_money: bool
) -> None:
    caller = site.person(role)

    def missing() -> tuple[bool, bool]:
        with site.rows() as session:
            user = session.get_one(User, caller.user_id)
            return second_factors.is_missing(user), second_factors.is_missing(user, for_money=True)

    assert missing() == (False, False)
    app.config["PRODUCTION"] = True
    try:
        assert missing() == (always, for_money)
        _app(site, caller)
        assert missing() == (False, False)
    finally:
        app.config["PRODUCTION"] = False


def test_codes_of_the_second_step_may_be_guessed_five_times(site: World, app: Flask) -> None:
    """Whoever guesses has proved the first factor, so it is counted for the account alone, wherever they are."""
    amina = site.person()
    app.config["RATELIMIT_ENABLED"] = True

    def guess(network: str, *, is_known: bool = False) -> str:
        with site.rows() as session:
            try:
                with guessing.second_guess(session.get_one(User, amina.user_id), Origin(network, is_known)):
                    raise ValueError
            except ValueError:
                return "looked"
            except Problem as problem:
                return problem.code

    try:
        assert [guess(f"198.51.{n}.1") for n in range(7)] == ["looked"] * 5 + ["too_often"] * 2
        for _ in range(9):
            site.move(minutes=5)
            assert [guess("198.51.100.7") for _ in range(5)] == ["looked"] * 5
        site.move(minutes=5)
        assert guess("198.51.100.7") == "too_often"
        assert guess("198.51.100.7", is_known=True) == "looked"
    finally:
        app.config["RATELIMIT_ENABLED"] = False
