"""Answering an invitation: its link makes the account with the role, or gives an existing one the role once its owner agrees."""

from dataclasses import dataclass
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain.lifecycle import Actor
from app.extensions import db
from app.models import CodePurpose, Invitation, User
from app.services.accounts import invitations, mailed_codes, people, rights, sign_ups
from app.services.accounts.people import Profile
from app.services.core.errors import NotFound
from app.services.core.transaction import Who, transaction


@dataclass(frozen=True)
class Offer:
    """What a mailed link opens: the role, and the account that would change, where the address has one."""

    invitation: Invitation
    account: User | None


def of_link(token: str) -> Offer:
    """What the link offers. Raises NotFound (link_expired), also where the account is suspended."""
    code = mailed_codes.of_link(token, CodePurpose.INVITATION)
    invitation = db.session.scalars(select(Invitation).where(Invitation.code_id == code.id)).one_or_none()
    account = people.by_address(code.address)
    if invitation is None or (account is not None and not account.active):
        raise NotFound("link_expired")
    return Offer(invitation, account)


def accept(token: str, zone: str = "UTC") -> User:
    """Who reads the mail of the address has an account with the role: a new one, or their own, whose logins have ended.

    Raises NotFound (link_expired), Conflict (role_same, last_staff).
    """
    zone = zone if zone in available_timezones() else "UTC"
    try:
        return _accept(token, zone)
    except IntegrityError:  # the address was proved by a sign-up in this very moment: that one is the account
        return _accept(token, zone)


def _accept(token: str, zone: str) -> User:
    account = of_link(token).account
    with transaction(ends=account.id if account else None):
        invitation = of_link(token).invitation
        mailed_codes.use_up(mailed_codes.of_link(token, CodePurpose.INVITATION))
        user = _change(account.id, invitation) if account else _make(invitation, zone)
        invitations.end(invitation, "accepted", Who(Actor(user.role.value), user.id))
        return user


def _change(user_id: int, invitation: Invitation) -> User:
    user = rights.lock_with_staff(user_id)
    if user is None or not user.active:
        raise NotFound("link_expired")
    rights.take_role(user, invitation.role, Who(Actor(user.role.value), user.id), "accepted")
    return user


def _make(invitation: Invitation, zone: str) -> User:
    profile = Profile(invitation.name, "", invitation.language, zone)
    user = people.new(invitation.email, "", profile, invitation.role)
    db.session.add(user)
    db.session.flush()
    sign_ups.forget_of(invitation.email)
    return user
