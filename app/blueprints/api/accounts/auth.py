"""Accounts and tokens for programs."""

from uuid import UUID

from flask import current_app, g, request

from app.blueprints.api.calls import bearer, call, caller
from app.blueprints.api.shapes import Credentials, Nothing, Person, Registration, Session
from app.blueprints.api.shapes.people import Address, CodeSent, MailCode, ProgramToken
from app.lib.network.addresses import network_of
from app.models import User
from app.services.accounts import credentials, guessing, logins, mailed_codes, people, second_factors, sign_ups
from app.services.accounts.guessing import Origin
from app.services.accounts.people import Profile
from app.services.core.errors import Forbidden, Refused


def _origin() -> Origin:
    return Origin(network_of(request.remote_addr or ""))


@call(
    "POST /auth/register",
    "Sign up as a client",
    name="register",
    takes=Registration,
    gives=Session,
    status=201,
    login=False,
    fails=(
        "422 email_invalid language_unknown name_invalid password_common password_length phone_invalid zone_unknown",
        "422 registration_refused",  # where addresses are not proved
        "429 codes_too_often too_often",
        "503 log_in_busy",
    ),
)
def register(body: Registration) -> Session:
    """An account to be, and a token that can do nothing but prove the address with the code that is mailed to it.

    With KIKAO_PROOF=off the account is there at once.
    """
    profile = Profile(body.name, body.phone, body.language, body.zone)
    if not current_app.config["PROOF"]:
        return _register_at_once(body)
    guessing.before_code(body.email, _origin())
    token = sign_ups.begin(body.email, body.password, profile)
    found = sign_ups.of_secret(token)
    if found is None:
        raise Refused("login_needed")
    return Session(token=token, user=Person.to_be(found))


@call(
    "POST /auth/prove",
    "Prove the address that one signed up with",
    name="prove_address",
    takes=MailCode,
    gives=Session,
    login=False,
    token=True,
    fails=(
        "401 login_needed login_refused second_factor_wrong",
        "403 second_factor_needed",
        "404 link_expired",
        "422 code_expired code_wrong",
        "429 too_often guesses_from_everywhere",
    ),
)
def prove(body: MailCode) -> Session:
    """The account, and a token with all its rights. Where the address had an account before, it is that one.

    The token sent is the one that signing up gave.
    """
    found = sign_ups.of_secret(bearer())
    if found is None:
        raise Refused("login_needed")
    with guessing.guess(found.address, _origin()):
        row = sign_ups.right_code(found, body.code)
    if user := mailed_codes.account_of(row.address):
        _second(user, body.second_code)
    return _session(sign_ups.settle(row, found))


@call(
    "POST /auth/code",
    "Have a code sent to log in with",
    name="send_code",
    takes=Address,
    gives=CodeSent,
    status=202,
    login=False,
    fails=("422 address_invalid email_invalid number_not_texted phone_invalid", "429 codes_too_often too_often"),
)
def code(body: Address) -> CodeSent:
    """The answer is the same whether anybody has the address or not."""
    guessing.before_code(body.email, _origin())
    return CodeSent(code_id=credentials.send_login_code(body.email, body.language))


@call(
    "POST /auth/token",
    "Log in",
    name="create_token",
    takes=Credentials,
    gives=Session,
    login=False,
    fails=(
        "401 account_closed login_needed login_refused second_factor_wrong",
        "403 second_factor_needed",
        "404 link_expired",
        "422 code_expired code_wrong",
        "429 too_often guesses_from_everywhere",
        "503 log_in_busy",
    ),
)
def token(body: Credentials) -> Session:
    """A new token for an existing account; without the code of its second step, where it has one, 403 `second_factor_needed`."""
    if body.code_id and not body.password:
        return _session(_by_mail(body, body.code_id))
    with guessing.guess(body.email, _origin()):
        user = credentials.authenticate(body.email, body.password)
    _second(user, body.code)
    return _session(user)


def _by_mail(body: Credentials, code_id: UUID) -> User:
    """Who reads the mail of the address; the code is used up only with the second factor, so that it can be sent with one."""
    with guessing.guess(body.email, _origin()):
        row = credentials.right_code(code_id, body.mail_code, body.email)
    if user := mailed_codes.account_of(row.address):
        _second(user, body.code)
    return credentials.by_link(row)


def _second(user: User, typed: str) -> None:
    """The second factor is proved, by who has one.

    Raises Forbidden (second_factor_needed), Refused (second_factor_wrong), TooMany.
    """
    if second_factors.has_any(user):
        if not typed.strip():  # who asks whether one is needed has guessed nothing
            raise Forbidden("second_factor_needed")
        with guessing.second_guess(user, _origin()):
            second_factors.prove(user, typed)


@call("GET /auth/tokens", "Where I am logged in", name="list_tokens", gives=list[ProgramToken])
def tokens() -> list[ProgramToken]:
    """Browsers and programs, the last used first."""
    return [ProgramToken.of(each) for each in logins.of(caller())]


@call("POST /auth/tokens/{login_id}/end", "Log a browser or program out", name="end_token", gives=Nothing)
def end(login_id: int) -> Nothing:
    """It is worthless at once."""
    logins.end(caller(), login_id)
    return Nothing()


@call("POST /auth/logout", "Log out", name="log_out", gives=Nothing, fails=("404 not_found",))
def end_this() -> Nothing:
    """The token of this call is worthless from now on."""
    logins.end(caller(), g.login.id)
    return Nothing()


@call("GET /me", "Who I am", name="show_me", gives=Person)
def me() -> Person:
    """The account behind the token."""
    return Person.of(caller())


def _register_at_once(body: Registration) -> Session:
    guessing.before_account(_origin())
    user = people.register(
        body.email, body.password, body.name, phone=body.phone, language=body.language, zone=body.zone
    )
    return _session(user)


def _session(user: User) -> Session:
    second_factors.check_set_up(user)
    return Session(token=logins.begin_program(user), user=Person.of(user))
