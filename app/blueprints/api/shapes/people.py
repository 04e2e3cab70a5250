"""Accounts."""

from pydantic import Field

from app.blueprints.api.base import Shape, Taken
from app.blueprints.api.shapes.common import Password
from app.models import Role, User


class Registration(
    Taken,
    json_schema_extra={
        "examples": [{"email": "wanjiku@example.org", "password": "correct horse", "name": "Wanjiku Kamau"}]
    },
):
    """A new account."""

    email: str = Field(max_length=254)
    password: Password
    name: str = Field(max_length=200)
    phone: str = Field("", max_length=40)
    language: str = Field("en", max_length=8)
    zone: str = Field("UTC", max_length=64)


class Credentials(
    Taken, json_schema_extra={"examples": [{"email": "wanjiku@example.org", "password": "correct horse"}]}
):
    """Address and password."""

    email: str = Field(max_length=254)
    password: Password


class Person(Shape):
    """An account, as its owner sees it."""

    id: int
    email: str
    name: str
    role: Role
    phone: str | None
    language: str
    zone: str

    @classmethod
    def of(cls, user: User) -> "Person":
        """The person's own view."""
        return cls(
            id=user.id,
            email=user.email,
            name=user.name,
            role=user.role,
            phone=user.phone,
            language=user.language,
            zone=user.zone,
        )


class Session(Shape):
    """A bearer token and whose it is."""

    token: str
    user: Person
