"""People who log in by another provider: found by what it calls them and, the first time, by an address it has proved.

Never by an account to be: whoever typed an address there has proved nothing.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.lib import clock
from app.lib.network.openid import code_flow
from app.lib.network.openid.code_flow import Claims, Journey, Unsaid
from app.lib.network.openid.providers import Provider
from app.models import Identity, User
from app.services.accounts import people, sign_ups
from app.services.accounts.people import Profile
from app.services.core import counters
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, Unavailable
from app.services.core.transaction import lock, set_actor, transaction
from app.services.notifications import notices

log = logging.getLogger(__name__)
LIFE = timedelta(minutes=15)  # of a journey to a provider and back


def providers() -> list[Provider]:
    """Those this installation offers."""
    found: dict[str, Provider] = current_app.config["OPENID"]
    return list(found.values())


def provider_of(name: str) -> Provider:
    """The provider of this name. Raises NotFound."""
    found: Provider | None = current_app.config["OPENID"].get(name)
    if found is None:
        raise NotFound
    return found


def label_of(identity: Identity) -> str:
    """What people call the provider; its address where it is offered no more."""
    labels = {each.issuer: each.label for each in providers()}
    return labels.get(identity.issuer, identity.issuer)


def why_away(provider: Provider) -> str:
    """Why nobody can log in by the provider now, in a word or two; empty where it answers."""
    try:
        code_flow.doors_of(provider)
    except Unsaid as error:
        return str(error)
    return ""


def set_out(provider: Provider, journey: Journey, back: str) -> str:
    """Where the person goes to say who they are. Raises Unavailable (provider_away)."""
    try:
        return code_flow.address(provider, journey, back)
    except Unsaid as error:
        log.warning("provider.away name=%s why=%s", provider.name, error)
        raise Unavailable("provider_away", provider=provider.label) from None


def come_back(provider: Provider, journey: Journey, back: str, code: str) -> Claims:
    """Who has come back, by the provider's own word; a journey ends once.

    Raises Conflict (provider_stale), Refused (provider_unsaid).
    """
    if not counters.try_first("journey", journey.state, LIFE):
        raise Conflict("provider_stale")
    try:
        return code_flow.who(provider, journey, back, code)
    except Unsaid as error:
        log.warning("provider.unsaid name=%s why=%s", provider.name, error)
        raise Refused("provider_unsaid", provider=provider.label) from None


def log_in(claims: Claims, language: str, zone: str) -> User:
    """The person whom the provider knows: who came with it before, or has the address it has proved; else a new one.

    Raises Forbidden (provider_unverified), Refused (account_closed).
    """
    try:
        return _person(claims, language, zone)
    except IntegrityError:  # they have come by two browsers in the same moment: now there is one to find
        return _person(claims, language, zone)


def of(user: User) -> Sequence[Identity]:
    """By what the person may log in, the oldest first."""
    return db.session.scalars(select(Identity).where(Identity.user_id == user.id).order_by(Identity.id)).all()


def remove(user: User, identity_id: int) -> None:
    """What that provider calls the person leads to them no more. Raises NotFound."""
    mine = delete(Identity).where(Identity.id == identity_id, Identity.user_id == user.id)
    with transaction():
        if db.session.scalar(mine.returning(Identity.id)) is None:
            raise NotFound


def _person(claims: Claims, language: str, zone: str) -> User:
    with transaction():
        known = _known(claims)
        user = lock(User, known.user_id) if known else _of_address(claims, language, zone)
        if user is None or not user.active:
            raise Refused("account_closed")
        if known:
            known.used_at = clock.now()
        else:
            _link(user, claims)
        set_actor(user)
        return user


def _known(claims: Claims) -> Identity | None:
    theirs = (Identity.issuer == claims.issuer, Identity.subject == claims.subject)
    return db.session.scalars(select(Identity).where(*theirs)).one_or_none()


def _of_address(claims: Claims, language: str, zone: str) -> User | None:
    """Whose proved address it is, who is there from now on if nobody was; accounts to be of the address are given up."""
    if not claims.is_verified:
        raise Forbidden("provider_unverified")
    try:
        email = people.clean_email(claims.email)
    except Invalid:
        raise Forbidden("provider_unverified") from None
    found = people.by_address(email)
    user = lock(User, found.id) if found else _new(email, claims.name, language, zone)
    sign_ups.forget_of(email)
    return user


def _new(email: str, name: str, language: str, zone: str) -> User:
    """A person without a password: the provider, or a code by mail, logs them in."""
    called = people.clean_text(name)[:120] or email.partition("@")[0]
    user = people.new(email, "", people.clean_profile(Profile(called, "", language, zone)))
    db.session.add(user)
    db.session.flush()
    return user


def _link(user: User, claims: Claims) -> None:
    now = clock.now()
    row = Identity(user_id=user.id, issuer=claims.issuer, subject=claims.subject, created_at=now, used_at=now)
    db.session.add(row)
    db.session.flush()
    notices.tell(user.id, "identity_added", cause=row.id)
