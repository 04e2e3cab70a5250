"""Inviting people to have an account with a role: a link goes out by mail, is good for seven days, and can be withdrawn."""

from dataclasses import dataclass

from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import CodePurpose, Invitation, Joining, MailedCode, Role, User
from app.services import house
from app.services.accounts import mailed_codes, people
from app.services.accounts.mailed_codes import Wish
from app.services.accounts.people import Profile
from app.services.core.errors import Conflict, NotFound
from app.services.core.transaction import CLOCK, Who, lock, record, transaction


@dataclass(frozen=True)
class Asked:
    """Whom staff want to have as what; `language` is that of the mail."""

    email: str
    name: str
    role: Role
    language: str = "en"


def invite(asked: Asked, who: Who) -> Invitation:
    """A link is on its way that is good for seven days; an earlier one to the same address is not any more.

    Raises Invalid beside the field, Conflict (role_same, person_suspended, joining_closed).
    """
    _check_house(asked.role)
    profile = people.clean_profile(Profile(asked.name, "", asked.language, "UTC"))
    email = people.clean_email(asked.email)
    try:
        return _invite(Asked(email, profile.name, asked.role, profile.language), who)
    except IntegrityError:  # somebody else invited the same address in this very moment: the later one counts
        return _invite(Asked(email, profile.name, asked.role, profile.language), who)


def _check_house(role: Role) -> None:
    if role is Role.PRACTITIONER and house.known().joining is Joining.STAFF:
        raise Conflict("joining_closed", field="role")


def _invite(asked: Asked, who: Who) -> Invitation:
    with transaction() as session:
        _check_account(people.by_address(asked.email), asked.role)
        for earlier in session.scalars(select(Invitation).where(Invitation.email == asked.email)).all():
            end(earlier, "withdrawn", who)
        code_id = mailed_codes.ask_within(Wish(CodePurpose.INVITATION, asked.email, asked.language))
        row = Invitation(
            code_id=code_id,
            invited_by=who.user_id,
            created_at=clock.now(),
            expires_at=clock.now() + mailed_codes.life_of(CodePurpose.INVITATION),
            **vars(asked),
        )
        session.add(row)
        session.flush()
        record("invitation", row.code_id, "", "sent", who, why=row.role)
        return row


def _check_account(account: User | None, role: Role) -> None:
    if account is None:
        return
    if not account.active:
        raise Conflict("person_suspended", field="email")
    if account.role is role:
        raise Conflict("role_same", field="email")


def open_ones() -> list[Invitation]:
    """Every invitation that can still be taken, the newest first."""
    statement = select(Invitation).where(Invitation.expires_at > clock.now())
    return list(db.session.scalars(statement.order_by(Invitation.created_at.desc(), Invitation.id.desc())))


def withdraw(invitation_id: int, who: Who) -> None:
    """Its link opens nothing any more. Raises NotFound."""
    with transaction():
        found = lock(Invitation, invitation_id)
        if found is None:
            raise NotFound
        end(found, "withdrawn", who)


def withdraw_all_of(staff: User, who: Who) -> None:
    """Nobody comes in by an invitation of somebody whose rights have ended. In the caller's transaction."""
    for each in db.session.scalars(select(Invitation).where(Invitation.invited_by == staff.id)).all():
        end(each, "withdrawn", who)


def _expired() -> Select[int]:
    return select(Invitation.id).where(Invitation.expires_at <= moments.now())


@found_by(_expired)
def forget_old() -> int:
    """How many invitations ran out and are gone."""
    return sum(_expire(invitation_id) for invitation_id in db.session.scalars(_expired().limit(500)).all())


def _expire(invitation_id: int) -> bool:
    with transaction():
        found = lock(Invitation, invitation_id)
        if found is None or found.expires_at > clock.now():
            return False
        end(found, "expired", CLOCK)
        return True


def end(invitation: Invitation, how: str, who: Who) -> None:
    """It is open no more: accepted, withdrawn or expired. In the caller's transaction."""
    record("invitation", invitation.code_id, "sent", how, who, why=invitation.role)
    db.session.execute(delete(MailedCode).where(MailedCode.id == invitation.code_id))
    db.session.delete(invitation)
    db.session.flush()
