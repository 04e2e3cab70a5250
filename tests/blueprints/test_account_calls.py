"""Accounts for programs: the contract's register, prove and token, and what each answers to whom."""

import re
import uuid
from typing import Any

import pytest

from app.blueprints.api.calls import CALLS
from app.models import User
from app.services.accounts import logins
from tests.support.world import PASSWORD, World

_ADDRESS = "amina@people.test"
_SIGN_UP = {"email": _ADDRESS, "password": PASSWORD, "name": "Amina Otieno"}


def _call(world: World, path: str, body: dict[str, Any] | None = None, token: str = "", verb: str = "POST") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return world.app.test_client().open(f"/api/v1{path}", method=verb, json=body or {}, headers=headers)


def _code(world: World, address: str = _ADDRESS) -> str:
    world.sweep()
    found = re.search(r"Your code: (\d{6})", world.mails(address)[0]["text"])
    assert found
    return found[1]


def _said(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def test_register_gives_a_token_that_can_do_nothing_but_prove_the_address(world: World) -> None:
    """SEC-4; contract: 403 proof_needed."""
    made = _call(world, "/auth/register", _SIGN_UP)
    assert made.status_code == 201
    token, user = made.json["token"], made.json["user"]
    assert (user["id"], user["email"], user["proved"]) == (None, _ADDRESS, False)
    for verb, path in (("GET", "/me"), ("POST", "/bookings"), ("POST", "/wallet/top-ups"), ("GET", "/auth/tokens")):
        assert _said(_call(world, path, token=token, verb=verb)) == (403, "proof_needed")
    assert world.all(User) == []
    proved = _call(world, "/auth/prove", {"code": _code(world)}, token)
    assert (proved.status_code, proved.json["user"]["proved"]) == (200, True)
    assert _call(world, "/me", token=proved.json["token"], verb="GET").json["email"] == _ADDRESS
    assert _said(_call(world, "/me", token=token, verb="GET")) == (401, "login_needed")


def test_register_answers_the_same_whoever_has_the_address_and_proves_no_password(world: World) -> None:
    """SEC-2: 40 guesses, then a token. SEC-17."""
    owner = world.email(world.person())
    answers = [
        _call(world, "/auth/register", _SIGN_UP | {"email": email, "password": password})
        for email in (owner, "nobody@people.test")
        for password in (PASSWORD, "another one")
    ]
    shapes = [(each.status_code, sorted(each.json), each.json["user"]["id"]) for each in answers]
    assert shapes == [(201, ["token", "user"], None)] * 4
    assert {_said(_call(world, "/me", token=each.json["token"], verb="GET")) for each in answers} == {
        (403, "proof_needed")
    }


def test_proving_an_address_that_has_an_account_leads_into_it(world: World) -> None:
    caller = world.person()
    address = world.email(caller)
    made = _call(world, "/auth/register", _SIGN_UP | {"email": address})
    proved = _call(world, "/auth/prove", {"code": _code(world, address)}, made.json["token"])
    assert proved.json["user"]["id"] == caller.user_id


@pytest.mark.parametrize("token", ["", "nobody's"])
def test_without_the_token_of_a_sign_up_nothing_is_proved(world: World, token: str) -> None:
    _call(world, "/auth/register", _SIGN_UP)
    assert _said(_call(world, "/auth/prove", {"code": _code(world)}, token)) == (401, "login_needed")


def test_with_proof_off_an_account_is_there_at_once_and_its_address_is_refused_a_second_time(world: World) -> None:
    """KIKAO_PROOF=off, for who tests over the contract."""
    world.app.config["PROOF"] = False
    try:
        made = _call(world, "/auth/register", _SIGN_UP)
        assert (made.status_code, made.json["user"]["proved"]) == (201, True)
        assert _call(world, "/me", token=made.json["token"], verb="GET").status_code == 200
        for password in (PASSWORD, "another one"):
            again = _call(world, "/auth/register", _SIGN_UP | {"password": password})
            assert _said(again) == (422, "registration_refused")
    finally:
        world.app.config["PROOF"] = True


def test_a_program_logs_in_with_a_code_by_mail(world: World) -> None:
    caller = world.person()
    address = world.email(caller)
    sent = _call(world, "/auth/code", {"email": address})
    assert sent.status_code == 202
    body = {"email": address, "code_id": sent.json["code_id"], "mail_code": _code(world, address)}
    assert _call(world, "/auth/token", body).json["user"]["id"] == caller.user_id
    assert _call(world, "/auth/token", body).status_code == 422


def test_asking_for_a_code_answers_the_same_whoever_has_the_address(world: World) -> None:
    sent = _call(world, "/auth/code", {"email": "nobody@people.test"})
    assert (sent.status_code, list(sent.json)) == (202, ["code_id"])
    body = {"email": "nobody@people.test", "code_id": sent.json["code_id"], "mail_code": "123456"}
    assert _said(_call(world, "/auth/token", body)) == (422, "code_wrong")


def test_json_that_is_sent_as_a_form_is_counted_like_any_other_guess(world: World) -> None:
    """SEC-1: sixty guesses, then in."""
    address = world.email(world.person())
    http = world.app.test_client()
    world.app.config["RATELIMIT_ENABLED"] = True
    try:
        sent = f'{{"email": "{address}", "password": "wrong"}}'
        kinds = ["application/x-www-form-urlencoded", "application/json", "text/plain"]
        for n in range(30):
            http.post("/api/v1/auth/token", data=sent, content_type=kinds[n % 3])
        answer = http.post("/api/v1/auth/token", json={"email": address, "password": PASSWORD})
        assert (answer.status_code, answer.json["code"]) == (429, "too_often")
        assert int(answer.headers["Retry-After"]) <= 300
    finally:
        world.app.config["RATELIMIT_ENABLED"] = False


def _calls() -> list[tuple[str, str]]:
    """Every call for who is logged in, with something in its address."""
    parts = re.compile(r"\{(\w+)\}")
    somewhere = {"slug": "amina", "month": "2030-01"}
    numbers = ("login_id", "service_id", "offer_id", "slot_id", "paper_id", "time_off_id")

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        return somewhere.get(name) or ("1" if name in numbers else str(uuid.UUID(int=1)))

    return [(each.method, parts.sub(fill, each.path)) for each in CALLS if each.login]


def test_a_token_that_may_only_read_changes_nothing_and_one_of_an_account_to_be_opens_nothing(world: World) -> None:
    caller = world.person()
    with world.rows() as session:
        reader = logins.name_program(session.get_one(User, caller.user_id), "reads", "read", "1")
    to_be = _call(world, "/auth/register", _SIGN_UP).json["token"]
    said = {
        (verb, path): _said(_call(world, path, token=reader, verb=verb)) for verb, path in _calls() if verb != "GET"
    }
    assert {pair: answer for pair, answer in said.items() if answer != (403, "scope_too_small")} == {}
    assert len(said) > 50
    said = {(verb, path): _said(_call(world, path, token=to_be, verb=verb)) for verb, path in _calls()}
    assert {pair: answer for pair, answer in said.items() if answer != (403, "proof_needed")} == {}


def test_logins_are_listed_and_ended_by_their_owner_alone(world: World) -> None:
    caller, stranger = world.person(), world.person()
    [mine] = caller.get("/auth/tokens").json
    assert (mine["kind"], mine["scope"], mine["name"]) == ("program", "all", "a test")
    assert caller.token not in str(mine)
    assert stranger.post(f"/auth/tokens/{mine['id']}/end").status_code == 404
    assert caller.post(f"/auth/tokens/{mine['id']}/end").status_code == 200
    assert _said(caller.get("/me")) == (401, "login_needed")


def test_logging_out_ends_the_token_of_the_call_and_no_other(world: World) -> None:
    caller = world.person()
    other = _call(world, "/auth/token", {"email": world.email(caller), "password": PASSWORD}).json["token"]
    assert caller.post("/auth/logout").status_code == 200
    assert (caller.get("/me").status_code, _call(world, "/me", token=other, verb="GET").status_code) == (401, 200)


def test_my_data_is_given_by_a_fresh_proof_and_not_by_a_token_alone(world: World) -> None:
    caller = world.person()
    assert _said(caller.post("/me/export", {})) == (401, "password_wrong")
    sent = _call(world, "/auth/code", {"email": world.email(caller)}).json
    given = caller.post("/me/export", {"code_id": sent["code_id"], "mail_code": _code(world, world.email(caller))})
    assert (given.status_code, given.content_type) == (200, "application/zip")
    given.close()
