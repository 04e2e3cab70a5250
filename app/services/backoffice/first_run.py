"""The first minutes of an installation: one link, printed for whoever runs the machine, makes the first staff account.

The link is kept as a digest, is good for a day, works once, and not at all once somebody is staff.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from flask import current_app
from sqlalchemy import exists, select

from app.domain.lifecycle import Actor
from app.extensions import db
from app.lib import chance, clock
from app.lib.database import insert
from app.models import Role, SetupLink, User
from app.services.accounts import passwords, people
from app.services.accounts.people import Profile
from app.services.core.errors import Conflict, NotFound
from app.services.core.transaction import Who, lock, record, transaction

LIFE = timedelta(hours=24)
_NONE = "0" * 64  # compared where there is no link, so that it takes as long


def is_over() -> bool:
    """Whether anybody is staff here."""
    return bool(db.session.scalar(select(exists().where(User.role == Role.STAFF))))


def new_link() -> str:
    """The address that makes the first staff account; an earlier one opens nothing any more. Raises Conflict (staff_there)."""
    token = chance.token()
    now = clock.now()
    fresh = {"digest": _digest(token), "made_at": now, "expires_at": now + LIFE}
    with transaction() as session:
        if is_over():
            raise Conflict("staff_there")
        added = insert(db.engine, SetupLink).values(id=1, **fresh)
        session.execute(added.on_conflict_do_update(index_elements=[SetupLink.id], set_=fresh))
    return f"{current_app.config['PUBLIC_URL']}/setup/{token}"


def check(token: str) -> None:
    """The link would make a staff account now. Raises NotFound (link_expired)."""
    _check(db.session.get(SetupLink, 1, populate_existing=True), token)


def _check(link: SetupLink | None, token: str) -> None:
    is_right = hmac.compare_digest(link.digest if link is not None else _NONE, _digest(token))
    if not is_right or link is None or link.expires_at <= clock.now() or is_over():
        raise NotFound("link_expired")


@dataclass(frozen=True)
class Wish:
    """Who wants to be the first of the staff."""

    name: str
    email: str
    password: str
    language: str
    zone: str


def make_staff(token: str, wish: Wish) -> User:
    """There is a first staff account, whose address is taken as proved; the link opens nothing any more.

    Of two who press at once one becomes staff. Raises NotFound (link_expired), Invalid beside the field.
    """
    check(token)
    email = people.clean_email(wish.email)
    profile = people.clean_profile(Profile(wish.name, "", wish.language, wish.zone))
    passwords.check(wish.password, email, profile.name)
    user = people.new(email, passwords.hashed(wish.password), profile, Role.STAFF)
    with transaction() as session:
        link = lock(SetupLink, 1)
        _check(link, token)
        if people.by_address(email) is not None:
            raise Conflict("address_taken", field="email")
        session.delete(link)
        session.add(user)
        session.flush()
        record("person", user.id, "", Role.STAFF.value, Who(Actor.STAFF, user.id), why="set-up")
        return user


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
