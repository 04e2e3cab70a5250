"""What staff give and take: people are suspended and restored, and play another part, at once everywhere.

Each act waits for what the person has under way in other transactions; later ones find the right gone. What nobody has paid
for ends after the commit (services/backoffice/open_affairs): money may be on its way for it, and a gateway is asked first.
"""

from sqlalchemy import select

from app.domain.lifecycle import Actor
from app.extensions import db
from app.models import Joining, Practitioner, Role, User
from app.services import house
from app.services.accounts import invitations, logins
from app.services.core import outbox
from app.services.core.errors import Conflict, Invalid, NotFound, Refused
from app.services.core.transaction import Who, lock, record, transaction
from app.services.notifications import notices

WHY_LIMIT = 500


def suspend(user_id: int, who: Who, why: str) -> User:
    """The person cannot log in, and every login of theirs has ended; they are told.

    Raises NotFound, Invalid (why_needed, too_long), Conflict (own_rights, last_staff, person_suspended), Refused (login_needed).
    """
    why = clean_why(why)
    with transaction(ends=user_id):
        user = _lock_for(user_id, who)
        if not user.active:
            raise Conflict("person_suspended")
        check_not_last(user)
        user.active = False
        record("person", user.id, "active", "suspended", who, why=why)
        _end_all_of(user, who)
        notices.tell(user.id, "account_suspended", cause=user.session_version)
        return user


def restore(user_id: int, who: Who, why: str) -> User:
    """The person can log in again; what had ended stays ended.

    Raises NotFound, Invalid (why_needed, too_long), Conflict (own_rights, person_active), Refused (login_needed).
    """
    why = clean_why(why)
    with transaction(ends=user_id):
        user = _lock_for(user_id, who)
        if user.active:
            raise Conflict("person_active")
        user.active = True
        record("person", user.id, "suspended", "active", who, why=why)
        notices.tell(user.id, "account_restored", cause=user.session_version)
        return user


def change_role(user_id: int, role: Role, who: Who, why: str) -> User:
    """The person plays this part from now on, and logs in anew for it; what the part before opened is out of reach.

    Raises NotFound, Invalid (why_needed, too_long), Refused (login_needed),
    Conflict (own_rights, last_staff, role_same, mail_missing).
    """
    why = clean_why(why)
    with transaction(ends=user_id):
        user = _lock_for(user_id, who)
        take_role(user, role, who, why)
        return user


def become_practitioner(user: User) -> None:
    """The client gives sessions from now on, and logs in anew for it; what clients see is out of reach.

    Raises NotFound unless the house is open to them, Conflict (role_same, mail_missing).
    """
    if house.known().joining is not Joining.OPEN:
        raise NotFound
    with transaction(ends=user.id):
        found = lock_with_staff(user.id)
        if found is None or not found.active or found.role is not Role.CLIENT:
            raise NotFound
        take_role(found, Role.PRACTITIONER, Who(Actor.CLIENT, user.id), "asked")


def end_logins(user_id: int, who: Who, why: str) -> User:
    """Every browser and program of the person's is logged out.

    Raises NotFound, Invalid (why_needed, too_long), Conflict (own_rights), Refused (login_needed).
    """
    why = clean_why(why)
    with transaction(ends=user_id):
        user = _lock_for(user_id, who)
        logins.end_within(user)
        record("person", user.id, "", "logged_out", who, why=why)
        return user


def take_role(user: User, role: Role, who: Who, why: str) -> None:
    """The person plays this part from now on, in the caller's transaction, which locked `user` by `lock_with_staff`.

    Raises Conflict (last_staff, role_same, mail_missing).
    """
    if user.role is role:
        raise Conflict("role_same")
    if not user.email:  # what the practice and staff must know is mailed
        raise Conflict("mail_missing")
    check_not_last(user)
    record("person", user.id, user.role, role, who, why=why)
    user.role = role
    _end_all_of(user, who)
    notices.tell(user.id, "role_changed", cause=user.session_version, data={"role": role.value})


def lock_with_staff(user_id: int) -> User | None:
    """The person, locked after their diary and after everybody of staff, in the caller's transaction; None when there is none.

    All of staff: of two who act on each other at once one is too late, and somebody is left. The diary: who books there at
    this moment reads afterwards whether it may be booked (practice.lock_diary).
    """
    diary = db.session.scalar(select(Practitioner.id).where(Practitioner.user_id == user_id))
    if diary is not None:
        lock(Practitioner, diary)
    staff = select(User).where(User.role == Role.STAFF, User.active.is_(True)).order_by(User.id)
    for _ in db.session.scalars(staff.with_for_update(key_share=True).execution_options(populate_existing=True)):
        pass
    return lock(User, user_id)


def check_not_last(user: User) -> None:
    """Somebody of staff is left without the person. Raises Conflict (last_staff)."""
    others = select(User.id).where(User.role == Role.STAFF, User.active.is_(True), User.id != user.id)
    if user.role is Role.STAFF and db.session.scalars(others.limit(1)).first() is None:
        raise Conflict("last_staff")


def clean_why(why: str) -> str:
    """The reason, tidy. Raises Invalid (why_needed, too_long)."""
    why = " ".join(why.split())
    if not why:
        raise Invalid("why_needed", field="why")
    if len(why) > WHY_LIMIT:
        raise Invalid("too_long", field="why", most=WHY_LIMIT)
    return why


def _lock_for(user_id: int, who: Who) -> User:
    """The person staff act on, once it is sure that whoever acts is of staff still."""
    if who.user_id == user_id:
        raise Conflict("own_rights")
    user = lock_with_staff(user_id)
    if who.user_id is not None:
        staff = db.session.get(User, who.user_id)
        if staff is None or not staff.active or staff.role is not Role.STAFF:
            raise Refused("login_needed")
    if user is None or user.erased_at is not None:
        raise NotFound
    return user


def _end_all_of(user: User, who: Who) -> None:
    logins.end_within(user)
    invitations.withdraw_all_of(user, who)
    outbox.after_commit("app.jobs.accounts.end_open", user.id)
