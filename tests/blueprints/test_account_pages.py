"""Accounts in a browser: signing up and in by code and link, a fresh proof, and what people see and end on their pages."""

import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.models import Login, Role, User
from app.services.accounts import credentials
from tests.support.visitor import log_in, token_in
from tests.support.world import PASSWORD, World

_ADDRESS = "amina@people.test"
_CONFIRM = "Confirm that it is you, and not somebody else"
_PHONE = "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36"


class Browser:
    """Somebody's browser without script, who may not be logged in."""

    def __init__(self, world: World, http: FlaskClient | None = None) -> None:
        self.world, self.http = world, http or world.app.test_client()

    def get(self, path: str) -> TestResponse:
        """The page."""
        return self.http.get(path, headers={"User-Agent": _PHONE})

    def post(self, path: str, page: str = "", **fields: str) -> TestResponse:
        """The form of that page, sent."""
        token = token_in(self.get(page or path).text)
        return self.http.post(path, data={"csrf_token": token, **fields}, headers={"User-Agent": _PHONE})

    def is_in(self) -> bool:
        """Whether they are logged in."""
        return self.get("/profile").status_code == 200

    def mailed(self, what: str, to: str = _ADDRESS) -> str:
        """What the newest mail to the address says: a code, or the link of that path."""
        self.world.sweep()
        text = self.world.mails(to)[0]["text"]
        found = re.search(r"^(?:Your code: )?(\d{6})\s*$" if what == "code" else rf"{what}/(\S+)", text, re.MULTILINE)
        assert found, text
        return found[1]

    def sign_up(self, **more: str) -> TestResponse:
        """The form for an account, sent."""
        fields = {"email": _ADDRESS, "name": "Amina Otieno", "password": PASSWORD, "language": "en", "zone": "UTC"}
        return self.post("/register", **(fields | more))


def test_a_stranger_signs_up_with_a_code_and_is_where_they_wanted_to_go(world: World) -> None:
    browser = Browser(world)
    asked = browser.sign_up(next="/wallet")
    assert (asked.status_code, asked.headers["Location"]) == (303, "/register/code?next=/wallet")
    assert not browser.is_in()
    wrong = browser.post("/register/code", code="12")
    assert (wrong.status_code, "does not match" in wrong.text, _ADDRESS in wrong.text) == (422, True, True)
    done = browser.post("/register/code", code=browser.mailed("code"), next="/wallet")
    assert (done.status_code, done.headers["Location"]) == (303, "/wallet")
    assert browser.is_in()


def test_signing_up_looks_the_same_whoever_has_the_address(world: World) -> None:
    """SEC-17: no answer tells who has an account."""
    owner = world.person()
    answers = [Browser(world).sign_up(email=email) for email in (world.email(owner), "nobody@people.test")]
    assert len({(each.status_code, each.headers["Location"]) for each in answers}) == 1


def test_what_was_typed_is_still_there_when_it_cannot_be_and_all_of_it_is_said_at_once(world: World) -> None:
    answer = Browser(world).sign_up(email="amina@", name="")
    assert answer.status_code == 422
    assert 'value="amina@"' in answer.text
    for field in ("email", "name"):
        assert f'id="{field}-error"' in answer.text


def test_a_link_logs_in_with_a_button_in_any_browser_and_opening_it_changes_nothing(world: World) -> None:
    began, other = Browser(world), Browser(world)
    began.sign_up()
    path = f"/login/link/{began.mailed('/login/link')}"
    for _ in range(2):
        assert other.get(path).status_code == 200
    assert world.all(User) == []
    assert other.post(path).status_code == 303
    assert (other.is_in(), began.is_in()) == (True, False)
    assert other.get(path).status_code == 404


def test_who_has_no_password_logs_in_with_a_code(world: World) -> None:
    caller = world.person()
    address = world.email(caller)
    browser = Browser(world)
    asked = browser.post("/login/code", page="/login", email=address, next="/wallet")
    assert asked.headers["Location"] == "/login/code?next=/wallet"
    done = browser.post("/login/code/check", page="/login/code", code=browser.mailed("code", address), next="/wallet")
    assert done.headers["Location"] == "/wallet"
    assert browser.is_in()


def test_asking_for_a_code_looks_the_same_whoever_has_the_address(world: World) -> None:
    owner, pages = world.person(), []
    for email in (world.email(owner), "nobody@people.test"):
        browser = Browser(world)
        answer = browser.post("/login/code", page="/login", email=email)
        page = browser.get(answer.headers["Location"]).text
        pages.append(re.sub(r'value="[^"]{40,}"', "", page.replace(email, "")))
    assert pages[0] == pages[1]


def test_logging_out_makes_a_copied_cookie_worthless(world: World) -> None:
    """SEC-6."""
    browser = Browser(world, log_in(world, world.person()))
    copied = browser.http.get_cookie("session")
    assert copied
    assert browser.is_in()
    assert browser.post("/logout", page="/profile").status_code == 303
    browser.http.set_cookie("session", copied.value)
    assert not browser.is_in()
    assert [row.kind for row in world.all(Login)] == ["program"]


def test_a_session_that_somebody_prepared_beforehand_is_not_the_one_that_is_logged_in(world: World) -> None:
    """ASVS 7.2.4."""
    caller = world.person()
    browser = Browser(world)
    browser.get("/login")
    before = browser.http.get_cookie("session")
    browser.post("/login", email=world.email(caller), password=PASSWORD)
    after = browser.http.get_cookie("session")
    assert before
    assert after
    assert before.value != after.value
    other = Browser(world)
    other.http.set_cookie("session", before.value)
    assert not other.is_in()


def test_who_logs_in_again_or_proves_again_who_they_are_leaves_no_good_copy_of_the_cookie(world: World) -> None:
    """ASVS 7.2.4."""
    caller = world.person()
    browser = Browser(world, log_in(world, caller))
    copies = [browser.http.get_cookie("session")]
    world.move(minutes=16)
    browser.post("/profile/security/password", password="short", proof_password=PASSWORD)
    copies.append(browser.http.get_cookie("session"))
    browser.post("/login", page="/profile", email=world.email(caller), password=PASSWORD)
    for copy in copies:
        assert copy
        thief = Browser(world)
        thief.http.set_cookie("session", copy.value)
        assert not thief.is_in()
    assert browser.is_in()
    assert [row.kind for row in world.all(Login)] == ["program", "browser"]


def test_other_logins_are_ended_with_a_fresh_proof(world: World) -> None:
    """ASVS 7.5.2."""
    caller = world.person()
    other, browser = Browser(world, log_in(world, caller)), Browser(world, log_in(world, caller))
    login_id = next(row.id for row in world.all(Login) if row.kind == "browser")
    world.move(minutes=16)
    for path in (f"/profile/security/logins/{login_id}/end", "/profile/security/logins/end"):
        assert browser.post(path, page="/profile/security").status_code == 403
    assert other.is_in()
    assert browser.post(path, page="/profile/security", proof_password=PASSWORD).status_code == 303
    assert (other.is_in(), browser.is_in()) == (False, True)


@pytest.mark.parametrize("path", ["/login", "/register", "/people/reset/x", "/profile/security/password"])
def test_passwords_are_hidden_and_left_to_whoever_fills_them_in(world: World, path: str) -> None:
    """ASVS 6.2.6 and 6.2.7."""
    page = Browser(world, log_in(world, world.person()) if "profile" in path else None).get(path).text
    fields = [each for each in re.findall(r"<input[^>]*>", page) if 'name="password"' in each]
    assert fields
    for each in fields:
        assert 'type="password"' in each
        assert re.search(r'autocomplete="(current|new)-password"', each)
    assert "onpaste" not in page


def test_every_other_browser_and_program_is_seen_and_ended(world: World) -> None:
    caller = world.person()
    here, lost = Browser(world, log_in(world, caller)), Browser(world, log_in(world, caller))
    assert lost.is_in()
    page = here.get("/profile/security").text
    assert [page.count(text) for text in ("Chrome, Android", "(this one)", "Log out there")] == [2, 1, 1]
    lost_id = max(row.id for row in world.all(Login))
    assert here.post(f"/profile/security/logins/{lost_id}/end", page="/profile/security").status_code == 303
    assert (here.is_in(), lost.is_in(), caller.get("/me").status_code) == (True, False, 200)
    assert here.post("/profile/security/logins/end", page="/profile/security").status_code == 303
    assert (here.is_in(), caller.get("/me").status_code) == (True, 401)


def test_nobody_ends_somebody_elses_login(world: World) -> None:
    caller, stranger = world.person(), world.person()
    browser = Browser(world, log_in(world, stranger))
    login_id = world.all(Login)[0].id
    assert browser.post(f"/profile/security/logins/{login_id}/end", page="/profile/security").status_code == 404
    assert caller.get("/me").status_code == 200


def test_a_new_password_is_asked_for_with_a_fresh_proof_and_then_goes_on_with_what_was_typed(world: World) -> None:
    caller = world.person()
    browser = Browser(world, log_in(world, caller))
    world.move(minutes=16)
    asked = browser.post("/profile/security/password", password="a much better one")
    assert (asked.status_code, 'value="a much better one"' in asked.text) == (403, True)
    wrong = browser.post("/profile/security/password", password="a much better one", proof_password="wrong")
    assert (wrong.status_code, "This is not your password." in wrong.text) == (401, True)
    copied = browser.http.get_cookie("session")
    assert copied
    done = browser.post("/profile/security/password", password="a much better one", proof_password=PASSWORD)
    assert done.status_code == 303
    assert browser.is_in()
    thief = Browser(world)
    thief.http.set_cookie("session", copied.value)
    assert not thief.is_in(), "the new password has ended the login that set it, and begun another"
    with world.rows():
        assert credentials.authenticate(world.email(caller), "a much better one")


def test_a_fresh_proof_by_a_code_from_the_mail(world: World) -> None:
    """Who has no password proves it so."""
    caller = world.person()
    browser = Browser(world, log_in(world, caller))
    world.move(minutes=16)
    path, typed = "/profile/security/password", {"password": "a much better one"}
    mailed = browser.post(path, **typed, proof_mail="1")
    assert (mailed.status_code, "Code from the email" in mailed.text) == (403, True)
    code = browser.mailed("code", world.email(caller))
    wrong = browser.post(path, **typed, proof_code=f"{(int(code) + 1) % 1_000_000:06d}")
    assert (wrong.status_code, 'id="proof_code-error"' in wrong.text) == (422, True)
    assert browser.post(path, **typed, proof_code=code).status_code == 303


def test_a_fresh_proof_is_asked_for_where_money_goes_out_by_hand(world: World) -> None:
    """A refund by staff at an open page that somebody else found."""
    staff, client = world.person(Role.STAFF), world.person()
    service = world.service(world.practitioner())
    made = world.book(client, service)
    begun = world.begin(client, made["checkout"]["id"])
    world.act(begun)
    browser = Browser(world, log_in(world, staff))
    world.move(minutes=16)
    page = f"/staff/payments/{begun['attempt']['id']}"
    asked = browser.post(f"{page}/refund", page=page, amount="10.00", evidence="A gift", seen="1")
    assert (asked.status_code, _CONFIRM in asked.text, 'value="A gift"' in asked.text) == (403, True, True)
    assert world.money_taken()[-1]["kind"] != "refund"


_MOVES_MUCH = (
    ("POST", "/staff/reviews/1/resolve", Role.STAFF),
    ("GET", "/staff/trail.csv?q=Otieno", Role.STAFF),
    ("POST", f"/practice/packages/{UUID(int=1)}/refund", Role.PRACTITIONER),
    ("POST", "/wallet/payouts", Role.CLIENT),
)


@pytest.mark.parametrize(("method", "path", "role"), _MOVES_MUCH, ids=[path for _, path, _ in _MOVES_MUCH])
def test_whatever_sends_money_or_takes_everything_away_asks_for_a_fresh_proof(
    world: World, method: str, path: str, role: Role
) -> None:
    caller = world.practitioner() if role is Role.PRACTITIONER else world.person(role)
    browser = Browser(world, log_in(world, caller))
    before = browser.get(path) if method == "GET" else browser.post(path, page="/profile")
    world.move(minutes=16)
    after = browser.get(path) if method == "GET" else browser.post(path, page="/profile")
    assert (_CONFIRM in before.text, _CONFIRM in after.text, after.status_code) == (False, True, 403)
    proved = browser.post(path, page="/profile", proof_password=PASSWORD)
    assert (proved.status_code, _CONFIRM in proved.text) == (before.status_code, False)
    assert proved.mimetype == before.mimetype


def test_people_who_are_logged_in_fill_no_strangers_mailbox(world: World) -> None:
    """A device known to one account is a stranger at every other address."""
    world.app.config["RATELIMIT_ENABLED"] = True
    try:
        answers = []
        for n in range(11):
            caller = world.person()
            browser = Browser(world)
            browser.http.environ_base["REMOTE_ADDR"] = f"198.51.{n}.1"
            browser.post("/login", email=world.email(caller), password=PASSWORD)
            answers.append(browser.post("/profile/security/address", email=_ADDRESS).status_code)
        assert answers == [303] * 10 + [429]
    finally:
        world.app.config["RATELIMIT_ENABLED"] = False


def test_a_new_address_is_proved_with_a_code_and_one_is_still_logged_in(world: World) -> None:
    browser = Browser(world, log_in(world, world.person()))
    assert browser.post("/profile/security/address", email=_ADDRESS).status_code == 303
    done = browser.post("/profile/security/address/code", code=browser.mailed("code"))
    assert done.status_code == 303
    assert _ADDRESS in browser.get("/profile/security").text


@pytest.mark.usefixtures("quotas")
def test_who_is_logged_in_mails_a_strangers_address_no_more_codes_than_a_stranger(world: World) -> None:
    """It was asked whether the browser is known to the sender's own account, and a known one has no limit per address."""
    browser, caller = Browser(world), world.person()
    browser.post("/login", email=world.email(caller), password=PASSWORD)
    form = {"csrf_token": token_in(browser.get("/profile/security/address").text), "email": _ADDRESS}
    answers = [
        browser.http.post("/profile/security/address", data=form, environ_base={"REMOTE_ADDR": f"198.51.{n}.1"})
        for n in range(12)
    ]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429] * 2


def test_a_token_is_shown_once_and_may_only_read_if_that_is_chosen(world: World) -> None:
    caller = world.person()
    browser = Browser(world, log_in(world, caller))
    made = browser.post("/profile/security/programs", name="My bookkeeping", scope="read", days="30")
    found = re.search(r'id="token"[^>]*>([0-9a-f]+)<', made.text)
    assert found
    assert found[1] not in browser.get("/profile/security").text
    headers = {"Authorization": f"Bearer {found[1]}"}
    assert world.app.test_client().get("/api/v1/me", headers=headers).status_code == 200
    refused = world.app.test_client().post("/api/v1/wallet/top-ups", json={}, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (403, "scope_too_small")


@pytest.mark.parametrize("path", ["/register/code", "/login/code", "/profile/security/address/code"])
def test_where_no_code_was_asked_for_one_is_led_to_where_it_can_be(world: World, path: str) -> None:
    browser = Browser(world, log_in(world, world.person()) if "profile" in path else None)
    assert browser.get(path).status_code == 303


def test_a_known_device_is_known_for_whoever_logged_in_there_and_for_nobody_else(world: World) -> None:
    """SEC-3: guesses from everywhere do not lock the owner out of their own browser."""
    caller = world.person()
    browser = Browser(world)
    browser.post("/login", email=world.email(caller), password=PASSWORD)
    browser.post("/logout", page="/profile")
    world.app.config["RATELIMIT_ENABLED"] = True
    try:
        for n in range(51):
            data = {"email": world.email(caller), "password": "wrong"}
            world.app.test_client().post("/api/v1/auth/token", json=data, environ_base={"REMOTE_ADDR": f"198.51.{n}.1"})
        fresh = {"email": world.email(caller), "password": PASSWORD}
        slowed = world.app.test_client().post("/api/v1/auth/token", json=fresh)
        assert (slowed.status_code, slowed.json["code"]) == (429, "guesses_from_everywhere")
        assert browser.post("/login", **fresh).status_code == 303
    finally:
        world.app.config["RATELIMIT_ENABLED"] = False


def test_who_was_logged_out_from_elsewhere_reads_so_and_is_where_they_were(world: World) -> None:
    """On another device "log out everywhere else" was pressed; a stranger who needs an account reads another sentence."""
    address = world.email(world.person())
    here, elsewhere = Browser(world), Browser(world)
    for browser in (here, elsewhere):
        browser.post("/login", email=address, password=PASSWORD)
    said = "<span>Log out everywhere else</span></summary><p>Every other browser and every program will need to log in again.</p>"
    assert said in here.get("/profile/security").text
    assert here.post("/profile/security/logins/end", page="/profile/security").status_code == 303
    sent = elsewhere.get("/notices")
    assert (sent.status_code, sent.headers["Location"]) == (302, "/login?next=/notices")
    page = elsewhere.get("/login?next=/notices").text
    assert ("You are no longer logged in here." in page, "What you sent was not carried out." in page) == (True, False)
    sent = elsewhere.post("/profile/security/logins/end", page="/login")
    assert sent.headers["Location"].startswith("/login")
    assert "What you sent was not carried out." in elsewhere.get("/login").text
    back = elsewhere.post("/login", email=address, password=PASSWORD, next="/notices")
    assert back.headers["Location"] == "/notices"
    stranger = Browser(world)
    stranger.get("/notices")
    assert "Log in first." in stranger.get("/login").text


def test_what_is_to_be_checked_is_named_where_two_fields_lack_the_same(world: World) -> None:
    """A link that says the same twice leads nobody who listens to it."""
    text = Browser(world).post("/login").text
    assert re.findall(r'<a href="#(\w+)">([^<]+)</a></li>', text) == [
        ("email", "E-mail or phone number: Enter your e-mail address or your phone number."),
        ("password", "Enter your password."),
    ]
