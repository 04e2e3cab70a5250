"""The second step of logging in, by page and by program: asked for whatever the first one was, and of whom it is required."""

import html
import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.models import CodePurpose, MailedCode, Passkey, Role, User
from app.services.accounts import code_apps, mailed_codes, second_factors, sign_ups
from app.services.accounts.people import Profile
from tests.support.device import Device, shown
from tests.support.visitor import log_in, token_in, words
from tests.support.world import PASSWORD, Caller, World

_SITE = "https://kikao.example"
_STEP = "/login/second"


class Tab:
    """A browser that nobody has logged in with yet."""

    def __init__(self, world: World, http: FlaskClient | None = None) -> None:
        self.http = http or world.app.test_client()

    def get(self, path: str) -> TestResponse:
        return self.http.get(path)

    def post(self, path: str, page: str = "/login", **fields: str) -> TestResponse:
        found = token_in(self.http.get(page, follow_redirects=True).text)
        return self.http.post(path, data={"csrf_token": found, **fields})

    @property
    def is_in(self) -> bool:
        return self.http.get("/profile").status_code == 200


@pytest.fixture
def site(world: World) -> Iterator[World]:
    """Kikao has an address that browsers make passkeys for, and time stands still."""
    before = world.app.config["PUBLIC_URL"]
    world.app.config["PUBLIC_URL"] = _SITE
    world.stand_still()
    yield world
    world.app.config["PUBLIC_URL"] = before


@pytest.fixture
def production(site: World) -> Iterator[World]:
    """What production requires is required."""
    site.app.config["PRODUCTION"] = True
    yield site
    site.app.config["PRODUCTION"] = False


def _app(world: World, caller: Caller) -> tuple[str, list[str]]:
    with world.rows() as session:
        user = session.get_one(User, caller.user_id)
        code_apps.begin(user)
        waiting = code_apps.waiting(user)
        assert waiting
        secret = code_apps.secret_of(waiting)
        codes = second_factors.confirm_app(user, shown(secret))
    world.move(seconds=30)
    return secret, codes


def _newest(world: World, purpose: CodePurpose) -> MailedCode:
    return [row for row in world.all(MailedCode) if row.purpose is purpose][-1]


def _link(world: World, purpose: CodePurpose) -> str:
    with world.app.app_context():
        return mailed_codes.link_of(_newest(world, purpose).id)


def _digits(world: World, purpose: CodePurpose) -> str:
    with world.app.app_context():
        return mailed_codes.digits_of(_newest(world, purpose).id)


def _by_password(world: World, tab: Tab, email: str) -> TestResponse:
    return tab.post("/login", email=email, password=PASSWORD)


def _by_code(world: World, tab: Tab, email: str) -> TestResponse:
    tab.post("/login/code", email=email)
    return tab.post("/login/code/check", "/login/code", code=_digits(world, CodePurpose.LOG_IN))


def _by_link(world: World, tab: Tab, email: str) -> TestResponse:
    tab.post("/login/code", email=email)
    path = f"/login/link/{_link(world, CodePurpose.LOG_IN)}"
    return tab.post(path, path)


def _by_reset(world: World, tab: Tab, email: str) -> TestResponse:
    tab.post("/people/forgot", "/people/forgot", email=email)
    path = f"/people/reset/{_link(world, CodePurpose.NEW_PASSWORD)}"
    return tab.post(path, path, password="a much better one")


def _by_signing_up(world: World, tab: Tab, email: str) -> TestResponse:
    fields = {"name": "Amina", "email": email, "language": "en", "zone": "UTC"}
    tab.post("/register", "/register", **fields)
    return tab.post("/register/code", "/register/code", code=_digits(world, CodePurpose.SIGN_UP))


_FIRST = [_by_password, _by_code, _by_link, _by_reset, _by_signing_up]


@pytest.mark.parametrize("first", _FIRST, ids=lambda each: each.__name__)
def test_the_second_step_is_asked_for_whatever_the_first_one_was(site: World, first: Any) -> None:
    """A password and a code by mail are not two factors: who has the mail has both."""
    amina, tab = site.person(), Tab(site)
    secret, _ = _app(site, amina)
    answer = first(site, tab, site.email(amina))
    assert (answer.status_code, answer.headers["Location"]) == (303, _STEP)
    assert not tab.is_in
    assert tab.post(_STEP, _STEP, code="000000").status_code == 401
    assert not tab.is_in
    assert tab.post(_STEP, _STEP, code=shown(secret)).status_code == 303
    assert tab.is_in


def test_after_the_second_step_people_are_where_they_were_going(site: World) -> None:
    amina, tab = site.person(), Tab(site)
    _, codes = _app(site, amina)
    answer = tab.post("/login", "/login?next=/receipts", email=site.email(amina), password=PASSWORD, next="/receipts")
    assert answer.headers["Location"] == f"{_STEP}?next=/receipts"
    assert 'name="next" value="/receipts"' in tab.get(answer.headers["Location"]).text
    answer = tab.post(_STEP, _STEP, code=codes[0], next="/receipts")
    assert answer.headers["Location"] == "/receipts"


def test_the_first_step_is_good_for_ten_minutes_and_no_longer_than_the_account_stays_as_it_is(site: World) -> None:
    amina = site.person()
    secret, codes = _app(site, amina)
    late, changed = Tab(site), Tab(site)
    _by_password(site, late, site.email(amina))
    site.move(minutes=10)
    answer = late.post(_STEP, code=shown(secret))
    assert (answer.headers["Location"], late.is_in) == ("/login", False)
    _by_password(site, changed, site.email(amina))
    _by_reset(site, Tab(site), site.email(amina))
    answer = changed.post(_STEP, code=codes[0])
    assert (answer.headers["Location"], changed.is_in) == ("/login", False)


def test_nobody_takes_the_second_step_first(site: World) -> None:
    amina, tab = site.person(), Tab(site)
    _, codes = _app(site, amina)
    for answer in (tab.get(_STEP), tab.post(_STEP, code=codes[0])):
        assert answer.headers["Location"] == "/login"
    assert not tab.is_in


def test_guesses_at_the_second_step_are_counted_before_the_answer(site: World, limits: None) -> None:
    amina, tab = site.person(), Tab(site)
    _, codes = _app(site, amina)
    _by_password(site, tab, site.email(amina))
    answers = [tab.post(_STEP, _STEP, code=f"{n:06d}").status_code for n in range(6)]
    assert answers == [401] * 5 + [429]
    assert tab.post(_STEP, _STEP, code=codes[0]).status_code == 429


# ------------------------------------------------------------------------------------------------ passkeys


def _add_passkey(tab: Tab, device: Device) -> TestResponse:
    page = "/profile/security/second"
    options = tab.post("/profile/security/passkeys/challenge", page)
    assert options.content_type == "application/json"
    return tab.post("/profile/security/passkeys", page, name="My phone", answer=device.make(options.text))


def test_a_passkey_is_added_and_logs_in_without_a_password_and_without_a_second_step(site: World) -> None:
    amina, phone = site.person(), Device(_SITE)
    here = Tab(site, log_in(site, amina))
    old = here.http.get_cookie("session")
    answer = _add_passkey(here, phone)
    assert answer.status_code == 200
    codes = re.findall(r"(?:[2-9A-Z]{4}-){5}[2-9A-Z]{4}", words(answer))
    assert len(set(codes)) == 10
    assert "attachment" not in answer.headers.get("Content-Disposition", "")
    assert 'download="kikao-recovery-codes.txt"' in answer.text
    assert here.is_in
    copy = Tab(site)
    assert old
    copy.http.set_cookie("session", old.value)
    assert not copy.is_in, "whoever has a copy of the old cookie has nothing"
    site.move(seconds=1)
    tab = Tab(site)
    options = tab.post("/login/passkey/challenge").text
    assert tab.post("/login/passkey", answer=phone.sign(options), next="/receipts").headers["Location"] == "/receipts"
    assert tab.is_in
    assert "My phone" in words(tab.get("/profile/security"))
    assert "10 recovery codes left" in words(tab.get("/profile/security"))


def test_a_passkey_is_a_second_step_and_a_challenge_serves_once(site: World) -> None:
    amina, phone = site.person(), Device(_SITE)
    _add_passkey(Tab(site, log_in(site, amina)), phone)
    site.move(seconds=1)
    tab = Tab(site)
    _by_password(site, tab, site.email(amina))
    options = tab.post("/login/passkey/challenge", _STEP).text
    assert json.loads(options)["allowCredentials"]
    assert tab.post(_STEP, _STEP, answer="{}").status_code == 422
    assert tab.post(_STEP, _STEP, answer=phone.sign(options)).status_code == 422, "its challenge was used up"
    options = tab.post("/login/passkey/challenge", _STEP).text
    assert tab.post(_STEP, _STEP, answer=phone.sign(options)).status_code == 303
    assert tab.is_in


def test_a_passkey_that_was_removed_logs_nobody_in(site: World) -> None:
    amina, phone = site.person(), Device(_SITE)
    here = Tab(site, log_in(site, amina))
    _add_passkey(here, phone)
    [row] = site.all(Passkey)
    site.move(seconds=1)
    here.post(f"/profile/security/passkeys/{row.id}/remove", "/profile/security")
    tab = Tab(site)
    answer = tab.post("/login/passkey", answer=phone.sign(tab.post("/login/passkey/challenge").text))
    assert (answer.status_code, tab.is_in) == (422, False)
    assert "We do not recognise this passkey" in html.unescape(answer.text)


# ------------------------------------------------------------------------------------------------ an app, and a fresh proof


def test_an_app_is_connected_by_a_picture_or_a_key_that_is_typed(site: World) -> None:
    amina = site.person()
    tab = Tab(site, log_in(site, amina))
    assert tab.post("/profile/security/app", "/profile/security/second").headers["Location"] == "/profile/security/app"
    page = tab.get("/profile/security/app")
    found = re.search(r'id="key" dir="ltr">([A-Z2-7]{32})<', page.text)
    assert found
    assert "<svg" in page.text
    assert (
        f'href="otpauth://totp/Kikao:{site.email(amina).replace("@", "%40")}?secret={found[1]}&amp;issuer=Kikao"'
        in page.text
    )
    assert tab.post("/profile/security/app/check", "/profile/security/app", code="123").status_code == 422
    answer = tab.post("/profile/security/app/check", "/profile/security/app", code=shown(found[1]))
    assert "Save these codes now: they will not be shown again" in words(answer)
    assert tab.is_in
    assert tab.get("/profile/security/app").status_code == 303, "the key is not shown again"


@pytest.mark.parametrize("way", ["app", "recovery", "passkey"])
def test_a_second_factor_is_a_fresh_proof_and_what_was_sent_goes_on(site: World, way: str) -> None:
    amina, phone = site.person(), Device(_SITE)
    secret, codes = _app(site, amina)
    tab = Tab(site, log_in(site, amina))
    _add_passkey(tab, phone)
    site.move(minutes=16)
    path = "/profile/security/password"
    assert tab.post(path, path, password="a much better one").status_code == 403
    assert tab.post(path, path, password="a much better one", proof_second="000000").status_code == 401
    if way == "passkey":
        proof = {"proof_passkey": phone.sign(tab.post("/login/passkey/challenge", path).text)}
    else:
        proof = {"proof_second": shown(secret) if way == "app" else codes[0]}
    assert tab.post(path, path, password="a much better one", **proof).status_code == 303
    other = Tab(site)
    assert other.post("/login", email=site.email(amina), password="a much better one").status_code == 303


def test_who_has_a_second_factor_proves_nothing_by_password_or_mail(site: World) -> None:
    """Who sits at an open page may read its owner's mail and may have seen the password: then the second factor is what is left."""
    amina = site.person()
    _app(site, amina)
    tab = Tab(site, log_in(site, amina))
    site.move(minutes=16)
    path = "/profile/security/password"
    for proof in ({"proof_password": PASSWORD}, {"proof_mail": "1"}, {"proof_code": "123456"}):
        asked = tab.post(path, path, password="a much better one", **proof)
        assert asked.status_code == 403
        assert 'name="proof_second"' in asked.text
        assert not re.search('name="proof_(password|mail|code)"', asked.text), "what would not count is not offered"
    with site.rows() as session:
        assert session.query(MailedCode).filter_by(purpose=CodePurpose.CONFIRM).count() == 0


def test_a_fresh_proof_by_passkey_of_somebody_else_is_none(site: World) -> None:
    amina, mallory, theirs = site.person(), site.person(), Device(_SITE)
    _app(site, amina)
    _add_passkey(Tab(site, log_in(site, mallory)), theirs)
    tab = Tab(site, log_in(site, amina))
    site.move(minutes=16)
    path = "/profile/security/password"
    answer = theirs.sign(tab.post("/login/passkey/challenge", path).text)
    assert tab.post(path, path, password="a much better one", proof_passkey=answer).status_code == 422


# ------------------------------------------------------------------------------------------------ of whom it is required

_OPEN = ("/profile/security",)


def test_staff_of_production_without_a_second_factor_get_to_no_page_but_where_it_is_set_up(production: World) -> None:
    staff = production.person(Role.STAFF)
    tab = Tab(production, log_in(production, staff))
    rules = [
        rule for rule in production.app.url_map.iter_rules() if "GET" in (rule.methods or set()) and not rule.arguments
    ]
    private = [
        rule.rule
        for rule in rules
        if production.app.test_client().get(rule.rule).headers.get("Location", "").startswith("/login?")
    ]
    assert {"/staff", "/staff/trail.csv", "/profile", "/bookings"} <= set(private)
    for path in private:
        answer = tab.get(path)
        led = answer.status_code == 303 and answer.headers["Location"] == "/profile/security/second"
        assert led or answer.status_code == 404 or path.startswith(_OPEN), path  # 404: for others than staff
    assert tab.post("/staff/audit", "/profile/security/second").headers["Location"] == "/profile/security/second"


def test_staff_of_production_without_a_second_factor_do_nothing_at_any_address(production: World) -> None:
    """Also where something is named in the address, and by forms: a stranger gets as far."""
    staff = production.person(Role.STAFF)
    tab, stranger = Tab(production, log_in(production, staff)), production.app.test_client()
    wrong = []
    for rule in production.app.url_map.iter_rules():
        if rule.rule.startswith(("/static", "/api", "/callbacks", *_OPEN)):
            continue
        path = _somewhere(production, rule)
        for verb in {"GET", "POST"} & (rule.methods or set()):
            answer = _ask(tab.http, verb, path, "/profile/security")
            alike = _ask(stranger, verb, path, "/login")
            led = answer.headers.get("Location") == "/profile/security/second"
            if rule.endpoint == "people.logout":
                tab = Tab(production, log_in(production, staff))
            elif not led and answer.status_code not in (404, alike.status_code):
                wrong.append((verb, path, answer.status_code, alike.status_code))
    assert wrong == [("GET", "/login", 303, 200), ("GET", "/register", 303, 200)]


def _ask(http: FlaskClient, verb: str, path: str, page: str) -> TestResponse:
    return http.post(path, data={"csrf_token": token_in(http.get(page).text)}) if verb == "POST" else http.get(path)


def _somewhere(world: World, rule: Rule) -> str:
    """An address of the rule, with something of each kind in it."""
    parts: dict[str, Any] = {}
    for name in rule.arguments:
        kind = type(rule._converters[name]).__name__
        some = {"UUIDConverter": uuid.UUID(int=1), "IntegerConverter": 1}
        parts[name] = some.get(kind) or next(iter(getattr(rule._converters[name], "items", ["something"])))
    with world.app.test_request_context():
        return world.app.url_map.bind("localhost").build(rule.endpoint, parts)


def test_who_was_led_to_set_it_up_goes_on_to_where_they_were_going(production: World) -> None:
    staff = production.person(Role.STAFF)
    tab = Tab(production, log_in(production, staff))
    assert tab.get("/staff/trail?q=x").headers["Location"] == "/profile/security/second"
    page = _add_passkey(tab, Device(_SITE))
    assert 'href="/staff/trail?q=x"' in page.text
    assert tab.get("/staff/trail?q=x").status_code == 200


def test_a_practitioner_of_production_needs_one_for_what_moves_money_and_for_nothing_else(production: World) -> None:
    owner = production.practitioner()
    service = production.service(owner)
    tab = Tab(production, log_in(production, owner))
    led = [f"/practice/services/{service}", "/practice/services/new", "/practice/tax"]
    assert {tab.get(path).headers["Location"] for path in led} == {"/profile/security/second"}
    refund = "/practice/packages/00000000-0000-0000-0000-000000000001/refund"
    assert tab.post(refund, "/profile").headers["Location"] == "/profile/security/second"
    assert [tab.get(path).status_code for path in ("/practice", "/practice/services", "/practice/packages")] == [
        200
    ] * 3
    _app(production, owner)
    tab = Tab(production, log_in(production, owner))
    assert [tab.get(path).status_code for path in led] == [200] * 3


def test_nobody_is_asked_for_one_outside_of_production(site: World) -> None:
    tab = Tab(site, log_in(site, site.person(Role.STAFF)))
    assert tab.get("/staff").status_code == 200


# ------------------------------------------------------------------------------------------------ by program


def _token(world: World, **body: Any) -> tuple[int, str]:
    answer = world.app.test_client().post("/api/v1/auth/token", json=body)
    return answer.status_code, answer.json.get("code", "")


def test_a_program_sends_the_code_with_the_password(site: World) -> None:
    amina = site.person()
    secret, codes = _app(site, amina)
    address = site.email(amina)
    assert _token(site, email=address, password=PASSWORD) == (403, "second_factor_needed")
    assert _token(site, email=address, password="wrong", code=shown(secret)) == (401, "login_refused")
    assert _token(site, email=address, password=PASSWORD, code="000000") == (401, "second_factor_wrong")
    assert _token(site, email=address, password=PASSWORD, code=shown(secret)) == (200, "")
    assert _token(site, email=address, password=PASSWORD, code=codes[0]) == (200, "")
    assert _token(site, email=address, password=PASSWORD, code=codes[0]) == (401, "second_factor_wrong")


def test_who_learns_that_a_code_is_needed_has_guessed_nothing(site: World, limits: None) -> None:
    amina = site.person()
    secret, _ = _app(site, amina)
    pair = {"email": site.email(amina), "password": PASSWORD}
    assert {_token(site, **pair) for _ in range(6)} == {(403, "second_factor_needed")}
    assert _token(site, **pair, code=shown(secret)) == (200, "")


def test_a_code_by_mail_is_not_used_up_by_who_is_asked_for_the_second_factor(site: World) -> None:
    amina = site.person()
    secret, _ = _app(site, amina)
    address = site.email(amina)
    sent = site.app.test_client().post("/api/v1/auth/code", json={"email": address})
    mail = {"email": address, "code_id": sent.json["code_id"], "mail_code": _digits(site, CodePurpose.LOG_IN)}
    assert _token(site, **mail) == (403, "second_factor_needed")
    assert _token(site, **mail, code=shown(secret)) == (200, "")
    site.move(seconds=30)
    assert _token(site, **mail, code=shown(secret))[0] == 422


def test_proving_an_address_that_has_an_account_needs_its_second_factor(site: World) -> None:
    amina = site.person()
    secret, _ = _app(site, amina)
    with site.rows():
        token = sign_ups.begin(site.email(amina), "", Profile("Amina", "", "en", "UTC"))
    code = _digits(site, CodePurpose.SIGN_UP)

    def prove(**more: str) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {token}"}
        answer = site.app.test_client().post("/api/v1/auth/prove", json={"code": code, **more}, headers=headers)
        return answer.status_code, answer.json.get("code", "")

    assert prove() == (403, "second_factor_needed")
    assert prove(second_code="000000") == (401, "second_factor_wrong")
    assert prove(second_code=shown(secret)) == (200, "")


def test_staff_of_production_get_and_use_no_token_without_a_second_factor(production: World) -> None:
    staff = production.person(Role.STAFF)
    address = production.email(staff)
    assert _token(production, email=address, password=PASSWORD) == (403, "second_factor_needed")
    assert staff.get("/me").json["code"] == "second_factor_needed"
    secret, _ = _app(production, staff)
    assert _token(production, email=address, password=PASSWORD, code=shown(secret)) == (200, "")


def test_a_practitioners_program_of_production_moves_no_money_without_one(production: World) -> None:
    owner = production.practitioner()
    path = "/packages/00000000-0000-0000-0000-000000000001/refund"
    assert owner.post(path).json["code"] == "second_factor_needed"
    tax = {"name": "VAT", "percent": "16", "number": "P05"}
    assert owner.post("/tax", tax).json["code"] == "second_factor_needed"
    assert owner.get("/package-offers").status_code == 200


def test_a_program_takes_its_persons_data_away_with_the_second_factor(site: World) -> None:
    amina = site.person()
    secret, _ = _app(site, amina)
    answer = site.app.test_client().post(
        "/api/v1/auth/token", json={"email": site.email(amina), "password": PASSWORD, "code": shown(secret)}
    )
    amina.token = answer.json["token"]
    site.move(seconds=30)
    assert amina.post("/me/export", {"second_code": "000000"}).status_code == 401
    with amina.post("/me/export", {"second_code": shown(secret)}) as answer:
        assert answer.status_code == 200
