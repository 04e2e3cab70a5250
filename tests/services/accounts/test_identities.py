"""Logging in by another provider: only what it has signed, for us and now, and only by an address that it has proved."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
from sqlalchemy import select

from app.lib.network.openid import code_flow
from app.lib.network.openid.code_flow import Claims, Unsaid
from app.lib.network.openid.providers import Provider, of_environment
from app.models import Identity, Login, SignUp, User
from app.services.accounts import code_apps, credentials, identities, second_factors, sign_ups
from app.services.accounts.people import Profile
from app.services.core.errors import Refused
from tests.support.at_once import at_once
from tests.support.device import shown
from tests.support.provider import Traveller, query
from tests.support.visitor import token_in, words
from tests.support.world import PASSWORD, World

_ADDRESS = "amina@people.test"
_LIES = (
    *("wrong_nonce", "wrong_audience", "second_audience", "expired", "other_issuer", "alg_none", "our_own_secret"),
    *("wrong_key", "no_subject"),
)


def _amina(world: World) -> User:
    """Somebody whose address is proved, with a password."""
    caller = world.person(name="Amina Otieno")
    with world.rows() as session:
        user: User = session.get_one(User, caller.user_id)
        user.email = _ADDRESS
        session.commit()
        return user


def _rows(world: World) -> tuple[list[str], int, int]:
    """Whose accounts there are, and how many identities and logins of browsers."""
    browsers = [each for each in world.all(Login) if each.kind == "browser"]
    return [user.email for user in world.all(User)], len(world.all(Identity)), len(browsers)


# ------------------------------------------------------------------------------------------------ who is let in


def test_who_is_new_here_gets_an_account_because_the_provider_has_proved_the_address(world: World) -> None:
    browser = Traveller(world)
    answer = browser.log_in("Amina@People.test", " Amina\u202e  Otieno ", next_page="/practitioners")
    assert (answer.status_code, answer.location) == (303, "/practitioners")
    assert browser.is_in
    [user] = world.all(User)
    assert (user.email, user.name, user.role, user.password_hash) == (_ADDRESS, "Amina Otieno", "client", "")
    assert "Sandbox" in words(browser.http.get("/profile/security"))


def test_the_person_of_that_address_is_logged_in_and_told_of_it(world: World) -> None:
    amina = _amina(world)
    browser = Traveller(world)
    browser.log_in(_ADDRESS, "Somebody Else")
    assert browser.is_in
    [user] = world.all(User)
    assert (user.id, user.name, user.password_hash) == (amina.id, "Amina Otieno", amina.password_hash)
    world.sweep()
    [mail] = world.mails(_ADDRESS)
    assert "Another site can now log you in" in mail["subject"]
    Traveller(world).log_in(_ADDRESS)
    world.sweep()
    assert len(world.mails(_ADDRESS)) == 1, "told once"


def test_afterwards_it_is_the_provider_s_name_of_them_that_is_recognised_and_not_the_address(world: World) -> None:
    amina = _amina(world)
    Traveller(world).log_in(_ADDRESS)
    with world.rows() as session:
        session.get_one(User, amina.id).email = "amina@elsewhere.test"
        session.commit()
    browser = Traveller(world)
    browser.log_in(_ADDRESS, is_verified=False)
    assert browser.is_in
    assert _rows(world) == (["amina@elsewhere.test"], 1, 2)


def test_an_address_that_is_not_proved_there_leads_nowhere(world: World) -> None:
    _amina(world)
    browser = Traveller(world)
    for email in (_ADDRESS, "new@people.test"):
        answer = browser.log_in(email, is_verified=False)
        assert (answer.status_code, browser.is_in) == (403, False)
        assert "Confirm it there first" in words(answer)
    world.faults(gateway="openid", route="token", fault="verified_in_words")
    assert browser.log_in(_ADDRESS).status_code == 403, "a word is no yes"
    assert browser.log_in("not an address").status_code == 403
    assert _rows(world) == ([_ADDRESS], 0, 0)


def test_an_account_to_be_is_given_up_and_never_linked(world: World) -> None:
    """Whoever signed up with somebody else's address has proved nothing, and their password opens nothing."""
    with world.rows():
        secret = sign_ups.begin(_ADDRESS, "mallory knows this", Profile("Mallory", "", "en", "UTC"))
    browser = Traveller(world)
    browser.log_in(_ADDRESS)
    [user] = world.all(User)
    assert (browser.is_in, user.name, user.password_hash, world.all(SignUp)) == (True, "Amina Otieno", "", [])
    with world.rows():
        assert sign_ups.of_secret(secret) is None
        with pytest.raises(Refused):
            credentials.authenticate(_ADDRESS, "mallory knows this")


def test_a_suspended_person_stays_outside_however_they_come(world: World) -> None:
    amina = _amina(world)
    Traveller(world).log_in(_ADDRESS)
    with world.rows() as session:
        session.get_one(User, amina.id).active = False
        session.commit()
    for email in (_ADDRESS, _ADDRESS.upper()):
        browser = Traveller(world)
        answer = browser.log_in(email)
        assert (answer.status_code, browser.is_in) == (401, False)
        assert "This account is closed." in words(answer)


def test_after_the_provider_whoever_has_a_second_factor_is_asked_for_it_as_everywhere(world: World) -> None:
    """ASVS 6.3.4 and 6.8.4: whatever the provider asked for, its word is one factor."""
    world.stand_still()
    amina = _amina(world)
    with world.rows() as session:
        user = session.get_one(User, amina.id)
        code_apps.begin(user)
        waiting = code_apps.waiting(user)
        assert waiting
        secret = code_apps.secret_of(waiting)
        second_factors.confirm_app(user, shown(secret))
    world.move(seconds=30)
    for _ in range(2):  # by the address, and by the provider's own name of her
        browser = Traveller(world)
        answer = browser.log_in(_ADDRESS, next_page="/practitioners")
        assert (answer.status_code, answer.location) == (303, "/login/second?next=/practitioners")
        assert not browser.is_in
    form = {"csrf_token": token_in(browser.http.get(answer.location).text), "code": shown(secret)}
    answer = browser.http.post("/login/second", data=form | {"next": "/practitioners"})
    assert (answer.location, browser.is_in) == ("/practitioners", True)


@pytest.mark.both_engines
def test_two_browsers_in_the_same_moment_make_one_account(world: World) -> None:
    claims = Claims("https://id.example.org", "amina", _ADDRESS, is_verified=True, name="Amina")

    def log_in() -> int:
        with world.app.app_context():
            return identities.log_in(claims, "en", "UTC").id

    assert len(set(at_once(*[log_in] * 4))) == 1
    assert (len(world.all(User)), len(world.all(Identity))) == (1, 1)


# ------------------------------------------------------------------------------------------------ what is not believed


@pytest.mark.parametrize("lie", _LIES)
def test_a_token_that_is_not_the_provider_s_word_to_us_now_logs_nobody_in(world: World, lie: str) -> None:
    _amina(world)
    browser = Traveller(world)
    world.faults(gateway="openid", route="token", fault=lie)
    answer = browser.log_in(_ADDRESS)
    assert (answer.status_code, browser.is_in) == (401, False)
    assert "We could not confirm who you are" in words(answer)
    assert _rows(world) == ([_ADDRESS], 0, 0)


def test_what_the_token_leaves_out_is_asked_for_and_must_be_of_the_same_person(world: World) -> None:
    """OpenID Connect Core 5.3.2."""
    world.faults(gateway="openid", route="token", fault="no_email", times=2)
    world.faults(gateway="openid", route="person", fault="other_subject")
    assert Traveller(world).log_in(_ADDRESS).status_code == 401
    browser = Traveller(world)
    browser.log_in(_ADDRESS)
    assert (browser.is_in, [user.name for user in world.all(User)]) == (True, ["Amina Otieno"])


def test_an_address_is_proved_where_it_is_said_and_not_by_a_word_beside_none(world: World) -> None:
    """The ID token says `email_verified` without an address, and who is asked for one says it and not whose it is."""
    _amina(world)
    world.faults(gateway="openid", route="token", fault="verified_nothing")
    world.faults(gateway="openid", route="person", fault="not_said_verified")
    browser = Traveller(world)
    assert (browser.log_in(_ADDRESS).status_code, browser.is_in) == (403, False)
    assert _rows(world) == ([_ADDRESS], 0, 0)


def test_only_the_browser_that_set_out_comes_back_and_only_by_its_own_state(world: World) -> None:
    amina, mallory = Traveller(world), Traveller(world)
    theirs = mallory.say(mallory.set_out(), "mallory@people.test", "Mallory")
    assert amina.come_back(theirs).status_code == 409, "she set out nowhere"
    hers = amina.say(amina.set_out(), _ADDRESS, "Amina Otieno")
    answer = amina.come_back(theirs)
    assert (answer.status_code, amina.is_in) == (409, False)
    assert "started in another browser" in words(answer)
    assert amina.come_back(hers).status_code == 409, "a journey that went wrong is over"
    assert world.all(User) == []


def test_another_issuer_s_answer_is_not_taken_for_this_one_s(world: World) -> None:
    """RFC 9207."""
    browser = Traveller(world)
    back = browser.say(browser.set_out(), _ADDRESS, "Amina Otieno").replace("iss=http", "iss=https")
    assert (browser.come_back(back).status_code, browser.is_in) == (409, False)


def test_a_journey_ends_once_whoever_kept_a_copy_of_its_cookie(world: World) -> None:
    browser, copy = Traveller(world), Traveller(world)
    back = browser.say(browser.set_out(), _ADDRESS, "Amina Otieno")
    cookie = browser.http.get_cookie("session")
    assert cookie
    copy.http.set_cookie("session", cookie.value)
    browser.come_back(back)
    answer = copy.come_back(back)
    assert (browser.is_in, copy.is_in, answer.status_code) == (True, False, 409)


def test_a_journey_ends_after_a_quarter_of_an_hour(world: World) -> None:
    world.stand_still()
    browser = Traveller(world)
    there = browser.set_out()
    world.move(minutes=15)
    assert browser.come_back(browser.say(there, _ADDRESS, "Amina Otieno")).status_code == 409


def test_the_way_out_has_a_challenge_and_each_journey_secrets_of_its_own(world: World) -> None:
    browser = Traveller(world)
    first, second = query(browser.set_out()), query(browser.set_out())
    assert (first["response_type"], first["code_challenge_method"], first["scope"]) == (
        "code",
        "S256",
        "openid email profile",
    )
    assert first["redirect_uri"] == f"{world.app.config['PUBLIC_URL']}/login/with/sandbox/back"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 43
        assert first[name] != second[name]


def test_where_the_provider_sends_people_is_a_page_that_changes_nothing(world: World) -> None:
    browser = Traveller(world)
    there = browser.set_out()
    back = browser.say(there, _ADDRESS, "Amina Otieno")
    page = browser.http.get(back.partition(world.app.config["PUBLIC_URL"])[2])
    assert (page.status_code, world.all(User), browser.is_in) == (200, [], False)


# ------------------------------------------------------------------------------------------------ when it is no use


def test_who_says_no_there_reads_so_in_plain_words_and_may_log_in_another_way(world: World) -> None:
    browser = Traveller(world)
    answer = browser.come_back(browser.say(browser.set_out(), _ADDRESS, "", act="no"))
    assert "Sandbox did not let you in" in words(answer)
    assert "Send me a code instead" in words(answer)
    assert "The person said no" not in answer.text, "the provider's own words are not ours to repeat"


@pytest.mark.parametrize("fault", ["500", "html", "reset", "wrong_shape", "other_issuer"])
def test_a_provider_that_is_away_or_not_itself_is_said_in_plain_words(world: World, fault: str) -> None:
    code_flow._known.clear()
    world.faults(gateway="openid", route="discovery", fault=fault)
    answer = Traveller(world).press()
    assert answer.status_code == 503
    assert "Sandbox is not responding right now" in words(answer)
    Traveller(world).set_out()


@pytest.mark.parametrize(
    ("route", "fault"),
    [("token", "500"), ("token", "html"), ("token", "reset"), ("keys", "wrong_shape"), ("keys", "500")],
)
def test_a_provider_that_breaks_off_logs_nobody_in(world: World, route: str, fault: str) -> None:
    browser = Traveller(world)
    world.faults(gateway="openid", route=route, fault=fault)
    assert (browser.log_in(_ADDRESS).status_code, browser.is_in) == (401, False)


def test_an_unknown_provider_is_a_page_that_does_not_exist(world: World) -> None:
    http = world.app.test_client()
    token = token_in(http.get("/login").text)
    assert http.post("/login/with/nobody", data={"csrf_token": token}).status_code == 404
    assert http.get("/login/with/nobody/back?code=x&state=y").status_code == 404


def test_no_secret_of_a_log_in_stands_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    browser = Traveller(world)
    world.faults(gateway="openid", route="token", fault="wrong_nonce")
    with caplog.at_level("DEBUG", logger="app"):
        back = browser.say(browser.set_out(), _ADDRESS, "Amina Otieno")
        browser.come_back(back)
    assert "provider.unsaid name=sandbox why=id token: InvalidClaimError nonce" in caplog.text
    assert query(back)["code"] not in caplog.text
    assert query(back)["state"] not in caplog.text
    assert _ADDRESS not in caplog.text


# ------------------------------------------------------------------------------------------------ taking it away


def test_a_provider_is_removed_with_a_fresh_proof(world: World) -> None:
    amina = _amina(world)
    browser = Traveller(world)
    browser.log_in(_ADDRESS)
    world.move(hours=1)
    [row] = world.all(Identity)
    path = f"/profile/security/identities/{row.id}/remove"
    form = {"csrf_token": token_in(browser.http.get("/profile").text)}
    assert browser.http.post(path, data=form).status_code == 403
    assert browser.http.post(path, data=form | {"proof_password": PASSWORD}).status_code == 303
    assert world.all(Identity) == []
    with world.rows() as session:
        assert identities.of(session.scalars(select(User).where(User.id == amina.id)).one()) == []


# ------------------------------------------------------------------------------------------------ settings and calls


_SET = {
    "OIDC_PROVIDERS": "clinic",
    "OIDC_CLINIC_ISSUER": "https://sso.clinic.example",
    "OIDC_CLINIC_CLIENT_ID": "kikao",
    "OIDC_CLINIC_CLIENT_SECRET": "x",
}


def test_a_provider_is_named_by_its_settings() -> None:
    [clinic] = of_environment(_SET, is_strict=True).values()
    assert (clinic.label, clinic.issuer, clinic.host) == (
        "Clinic",
        "https://sso.clinic.example",
        "sso.clinic.example:443",
    )
    [clinic] = of_environment(_SET | {"OIDC_CLINIC_LABEL": "The clinic"}, is_strict=True).values()
    assert clinic.label == "The clinic"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"OIDC_PROVIDERS": "Clinic"}, "OIDC_PROVIDERS names 'Clinic'"),
        ({"OIDC_PROVIDERS": "clinic,../x"}, "OIDC_PROVIDERS names '../x'"),
        ({"OIDC_CLINIC_CLIENT_SECRET": " "}, "OIDC_CLINIC_CLIENT_SECRET must be set"),
        ({"OIDC_CLINIC_ISSUER": ""}, "OIDC_CLINIC_ISSUER must be set"),
        ({"OIDC_CLINIC_ISSUER": "http://sso.clinic.example"}, "OIDC_CLINIC_ISSUER must be an https address"),
        ({"OIDC_CLINIC_ISSUER": "https://me:you@sso.clinic.example"}, "OIDC_CLINIC_ISSUER must be an https address"),
        ({"OIDC_CLINIC_ISSUER": "https://["}, "OIDC_CLINIC_ISSUER must be an https address"),
    ],
)
def test_settings_that_are_wrong_say_which(changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence.replace(".", r"\.")):
        of_environment(_SET | changes, is_strict=True)


class _Stranger(BaseHTTPRequestHandler):
    """A provider whose discovery document names whatever the test says."""

    said: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(self.said).encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def stranger() -> Iterator[str]:
    """The issuer of a provider that the test makes up."""
    server = HTTPServer(("127.0.0.1", 0), _Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    issuer = f"http://127.0.0.1:{server.server_port}"
    _Stranger.said = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/keys",
    }
    yield issuer
    server.shutdown()
    server.server_close()


def _odd(issuer: str, *, is_strict: bool = False) -> Provider:
    return Provider("odd", "Odd", issuer, "kikao", "secret", is_strict)


@pytest.mark.parametrize(
    "inside",
    ["https://127.0.0.1:1/token", "https://169.254.169.254/token", "https://10.0.0.1/token", "file:///etc/passwd"],
)
def test_a_provider_s_document_leads_us_nowhere_inside_our_own_network(stranger: str, inside: str) -> None:
    _Stranger.said["token_endpoint"] = inside
    with pytest.raises(Unsaid, match=r"internal_address|without https"):
        code_flow.who(_odd(stranger), code_flow.new_journey(), "http://localhost/back", "code")


def test_outside_development_every_address_of_a_provider_is_https(stranger: str) -> None:
    assert code_flow.doors_of(_odd(stranger)).token == f"{stranger}/token"
    with pytest.raises(Unsaid, match="without https"):
        code_flow.doors_of(_odd(stranger, is_strict=True))
