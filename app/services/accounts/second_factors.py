"""The second factor: who has one, who must, how it is proved, added, removed, and taken off by staff when it is lost.

Every login of somebody who has a second factor was begun with it: the first one that is set up ends all that were before, and
from then on every door asks for it (blueprints/common/entering, api/accounts/auth).
"""

from flask import current_app
from sqlalchemy import exists, or_, select
from sqlalchemy.exc import IntegrityError

from app.domain.lifecycle import Actor
from app.extensions import db
from app.lib import chance
from app.models import CodeApp, Passkey, Role, User
from app.services.accounts import code_apps, logins, passkeys, people, recovery_codes
from app.services.accounts.passkeys import Challenge
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.services.core.transaction import Who, lock, record, set_actor, transaction
from app.services.notifications import notices

_REASON = 500  # letters
# Who must have one in production, and who must before what moves money.
_ALWAYS = (Role.STAFF,)
_FOR_MONEY = (Role.STAFF, Role.PRACTITIONER)


def has_any(user: User) -> bool:
    """Whether the person has set up a passkey, or an app that shows codes."""
    passkey = exists().where(Passkey.user_id == user.id)
    app = exists().where(CodeApp.user_id == user.id, CodeApp.confirmed_at.is_not(None))
    return bool(db.session.scalar(select(or_(passkey, app))))


def is_missing(user: User, *, for_money: bool = False) -> bool:
    """Whether the person must have one here, for anything or `for_money`, and has none."""
    must = current_app.config["PRODUCTION"] and user.role in (_FOR_MONEY if for_money else _ALWAYS)
    return bool(must) and not has_any(user)


def check_set_up(user: User, *, for_money: bool = False) -> None:
    """Raises Forbidden (second_factor_needed) where `is_missing`."""
    if is_missing(user, for_money=for_money):
        raise Forbidden("second_factor_needed")


def who_waits(user_id: int, version: int) -> User | None:
    """Who proved the first factor while the account had this version, and may still prove the second."""
    found = db.session.get(User, user_id)
    if found is None or not found.active or found.session_version != version:
        return None
    set_actor(found)
    return found


def prove(user: User, typed: str) -> None:
    """What was typed was a code of the person's app, or a recovery code; it is used up.

    The door has counted the guess. Raises Forbidden (second_factor_needed) where nothing was typed, Refused (second_factor_wrong)
    beside the field `code`, Unavailable (sealed_away).
    """
    if not typed.strip():
        raise Forbidden("second_factor_needed")
    with transaction():
        is_right = _try_use(user, typed)
        if not is_right:
            raise Refused("second_factor_wrong", field="code")


def _try_use(user: User, typed: str) -> bool:
    app = code_apps.of(user)
    if app and code_apps.is_code(typed):
        return code_apps.try_use_within(app, typed)
    return _try_recover(user, typed)


def _try_recover(user: User, typed: str) -> bool:
    if not recovery_codes.try_use_within(user, typed):
        return False
    _note(user, "recovery_used")
    notices.tell(user.id, "recovery_code_used", cause=chance.reference(), data={"count": recovery_codes.left(user)})
    return True


# ------------------------------------------------------------------------------------------------ setting up


def confirm_app(user: User, typed: str) -> list[str]:
    """The app that was begun is a second factor. Where it is the first, every login ends; return recovery codes, to be shown once.

    Raises Invalid (code_app_expired; second_factor_wrong beside the field `code`).
    """
    with transaction():
        lock(User, user.id)
        app = code_apps.waiting(user)
        if app is None:
            raise Invalid("code_app_expired")
        is_first = not has_any(user)
        if not code_apps.try_use_within(app, typed):
            raise Invalid("second_factor_wrong", field="code")
        app.confirmed_at = app.used_at
        return _added(user, "app", is_first=is_first)


def add_passkey(user: User, answer: str, asked: Challenge | None, name: str) -> list[str]:
    """The person has one more passkey. Where it is the first factor, every login ends; return recovery codes, to be shown once.

    Raises Invalid (passkey_refused), Conflict (passkey_there).
    """
    made = passkeys.read_new(answer, asked, user)
    try:
        with transaction():
            lock(User, user.id)
            is_first = not has_any(user)
            passkeys.add_within(user, made, asked.handle if asked else "", people.clean_text(name)[:80])
            return _added(user, "passkey", is_first=is_first)
    except IntegrityError:
        raise Conflict("passkey_there") from None


def renew_recovery_codes(user: User) -> list[str]:
    """Ten new codes, to be shown this once; the older ones are worthless. Raises NotFound without a second factor."""
    with transaction():
        lock(User, user.id)
        if not has_any(user):
            raise NotFound
        _note(user, "codes_renewed")
        return recovery_codes.renew_within(user)


def _added(user: User, what: str, *, is_first: bool) -> list[str]:
    _note(user, f"{what}_added")
    notices.tell(user.id, "second_factor_added", cause=chance.reference())
    if not is_first:
        return []
    logins.end_within(user)
    return recovery_codes.renew_within(user)


# ------------------------------------------------------------------------------------------------ removing


def remove_app(user: User) -> None:
    """The app's codes count no more. The door has asked for a fresh proof. Without an app it does nothing."""
    with transaction():
        lock(User, user.id)
        if code_apps.of(user) is None:
            return
        code_apps.forget_within(user)
        _removed(user, "app_removed")


def remove_passkey(user: User, passkey_id: int) -> None:
    """The passkey opens nothing any more. The door has asked for a fresh proof. Raises NotFound."""
    with transaction():
        lock(User, user.id)
        passkeys.remove_within(user, passkey_id)
        _removed(user, "passkey_removed")


def take_off(user: User, staff: User, why: str) -> None:
    """Staff, who have made sure who it is, let somebody in who lost everything: no second factor is left, every login ends.

    The person is told by mail, and `why` stands in the trail. Raises Invalid (why_needed) beside that field,
    Forbidden for anybody but staff, Conflict (own_rights, second_factor_none).
    """
    why = people.clean_text(why)[:_REASON]
    if staff.role is not Role.STAFF:
        raise Forbidden("forbidden")
    if staff.id == user.id:
        raise Conflict("own_rights")
    if not why:
        raise Invalid("why_needed", field="why")
    with transaction():
        lock(User, user.id)
        if not has_any(user):
            raise Conflict("second_factor_none")
        _forget_all(user)
        logins.end_within(user)
        record("second_factor", user.id, "", "taken_off", Who(Actor.STAFF, staff.id), why=why)
        notices.tell(user.id, "second_factor_removed", cause=chance.reference(), data={"by_staff": True})


def _removed(user: User, step: str) -> None:
    if not has_any(user):
        _forget_all(user)
    _note(user, step)
    notices.tell(user.id, "second_factor_removed", cause=chance.reference())


def _forget_all(user: User) -> None:
    code_apps.forget_within(user)
    passkeys.forget_within(user)
    recovery_codes.forget_within(user)


def _note(user: User, step: str) -> None:
    record("second_factor", user.id, "", step, Who(Actor(user.role.value), user.id))
    db.session.flush()
