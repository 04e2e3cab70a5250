"""Accounts."""

from uuid import UUID

from pydantic import Field

from app.blueprints.api.base import Instant, Shape, Taken
from app.blueprints.api.shapes.common import Password
from app.models import Login, LoginKind, Role, Scope, SignUp, User

_CODE_ID = "3c1f6a52-6f4e-4a53-9f0e-6f0b8f3f1d11"


class Registration(
    Taken,
    json_schema_extra={
        "examples": [{"email": "wanjiku@example.org", "password": "correct horse", "name": "Wanjiku Kamau"}]
    },
):
    """A new account."""

    email: str = Field(max_length=254)
    password: Password = Field("", description="Without one a code by mail logs in")
    name: str = Field(max_length=200)
    phone: str = Field("", max_length=40)
    language: str = Field("en", max_length=8)
    zone: str = Field("UTC", max_length=64)


class Credentials(
    Taken,
    json_schema_extra={
        "examples": [
            {"email": "wanjiku@example.org", "password": "correct horse"},
            {"email": "wanjiku@example.org", "code_id": _CODE_ID, "mail_code": "123456"},
        ]
    },
):
    """Address and password; or, without a password, the code that `POST /auth/code` has sent by mail."""

    email: str = Field(max_length=254)
    password: Password = ""
    code_id: UUID | None = Field(None, description="What `POST /auth/code` answered")
    mail_code: str = Field("", max_length=20)
    code: str = Field(
        "", max_length=40, description="Of the second step, where the account has one: of the app, or a recovery code"
    )


class Address(Taken, json_schema_extra={"examples": [{"email": "wanjiku@example.org"}]}):
    """Where the code goes."""

    email: str = Field(max_length=254, description="An e-mail address, or where SMS go out a phone number")
    language: str = Field("en", max_length=8)


class CodeSent(Shape):
    """A code is on its way, if anybody has the address."""

    code_id: UUID


class MailCode(Taken, json_schema_extra={"examples": [{"code": "123456"}]}):
    """Six digits that were sent."""

    code: str = Field(max_length=20)
    second_code: str = Field(
        "", max_length=40, description="Of the second step, where the address has an account with one"
    )


class ProgramToken(Shape):
    """A token or browser that is logged in; the token itself is not shown again."""

    id: int
    kind: LoginKind
    name: str
    scope: Scope
    created_at: Instant
    used_at: Instant
    expires_at: Instant

    @classmethod
    def of(cls, login: Login) -> "ProgramToken":
        """As its owner sees it."""
        return cls(
            id=login.id,
            kind=login.kind,
            name=login.name,
            scope=login.scope,
            created_at=login.created_at,
            used_at=login.used_at,
            expires_at=login.expires_at,
        )


class Person(Shape):
    """An account, as its owner sees it."""

    id: int | None = Field(description="null until the address is proved")
    email: str = Field(description="Empty for who is known by their phone number alone")
    proved: bool = Field(description="Whether the address is proved: before that, nothing but proving it is possible")
    name: str
    role: Role
    phone: str | None
    phone_proved: bool = Field(description="Whether the number is proved: SMS go to no other")
    language: str
    zone: str

    @classmethod
    def of(cls, user: User) -> "Person":
        """The person's own view."""
        return cls(
            id=user.id,
            email=user.email,
            proved=True,
            name=user.name,
            role=user.role,
            phone=user.phone,
            phone_proved=bool(user.proved_phone),
            language=user.language,
            zone=user.zone,
        )

    @classmethod
    def to_be(cls, sign_up: SignUp) -> "Person":
        """Who has signed up and not proved the address."""
        return cls(
            id=None,
            email=sign_up.address,
            proved=False,
            name=sign_up.name,
            role=Role.CLIENT,
            phone=sign_up.phone,
            phone_proved=False,
            language=sign_up.language,
            zone=sign_up.zone,
        )


class Session(Shape):
    """A bearer token and whose it is."""

    token: str
    user: Person
