"""Accounts and tokens for programs."""

from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import Credentials, Person, Registration, Session
from app.blueprints.common.throttle import per_account, per_address
from app.services.accounts import people


@call(
    "POST /auth/register",
    "Make a client account",
    name="register",
    takes=Registration,
    gives=Session,
    status=201,
    login=False,
    fails=(
        "422 email_invalid language_unknown name_invalid password_length phone_invalid registration_refused zone_unknown",
    ),
)
@per_address
def register(body: Registration) -> Session:
    """A new client account and its first token."""
    user = people.register(
        body.email, body.password, body.name, phone=body.phone, language=body.language, zone=body.zone
    )
    return Session(token=people.issue_token(user), user=Person.of(user))


@call(
    "POST /auth/token",
    "Log in",
    name="create_token",
    takes=Credentials,
    gives=Session,
    login=False,
    fails=("401 login_refused",),
)
@per_address
@per_account
def token(body: Credentials) -> Session:
    """A new token for an existing account."""
    user = people.authenticate(body.email, body.password)
    return Session(token=people.issue_token(user), user=Person.of(user))


@call("GET /me", "Who I am", name="show_me", gives=Person)
def me() -> Person:
    """The account behind the token."""
    return Person.of(caller())
