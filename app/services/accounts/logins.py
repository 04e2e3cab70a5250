"""Logins of browsers and programs: begun, found again by their secret, and ended, here or everywhere."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.lib import chance, clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Login, LoginKind, Role, Scope, User
from app.services.accounts import people
from app.services.core.errors import Invalid, NotFound, check_all, needs
from app.services.core.transaction import keep_actor, lock, set_actor, transaction, version_proved

FRESH = timedelta(minutes=15)  # how long a proof of who one is serves for what asks for a fresh one
_SEEN_EVERY = timedelta(minutes=5)  # a login's last use is written no more often
_PROGRAM_DAYS = ("1", "30", "90", "365")


@dataclass(frozen=True)
class Lifetime:
    """How long a login lives unused, and in all (ASVS 7.3)."""

    idle: timedelta
    whole: timedelta


_BROWSERS = {
    Role.CLIENT: Lifetime(timedelta(days=14), timedelta(days=90)),
    Role.PRACTITIONER: Lifetime(timedelta(days=14), timedelta(days=90)),
    Role.STAFF: Lifetime(timedelta(minutes=30), timedelta(hours=12)),
}
_PROGRAMS = {
    Role.CLIENT: timedelta(days=30),
    Role.PRACTITIONER: timedelta(days=30),
    Role.STAFF: timedelta(hours=12),
}


def begin_in_browser(user: User, browser: str, former: str = "") -> str:
    """The secret of a new login of this browser, whose person has just proved who they are; its `former` one has ended."""
    with transaction():
        if former:
            db.session.execute(delete(Login).where(Login.digest == digest_of(former)))
        return _add(user, LoginKind.BROWSER, browser, _BROWSERS[user.role].whole)


def begin_program(user: User, name: str = "") -> str:
    """A bearer token for the JSON API, good for thirty days, for staff twelve hours; only its digest is kept."""
    with transaction():
        return new_token(user, name)


def new_token(user: User, name: str = "") -> str:
    """A bearer token is stored in the caller's transaction."""
    return _add(user, LoginKind.PROGRAM, name, _PROGRAMS[user.role])


def name_program(user: User, name: str, scope: str, days: str) -> str:
    """A bearer token with a name, which may do what `scope` says for so many days.

    Raises Invalid (program_name_invalid, scope_unknown, token_life).
    """
    name = people.clean_text(name)
    check_all(
        (
            lambda: needs(1 <= len(name) <= 80, Invalid("program_name_invalid", field="name", most=80)),
            lambda: needs(scope in set(Scope), Invalid("scope_unknown", field="scope")),
            lambda: needs(days in _PROGRAM_DAYS, Invalid("token_life", field="days")),
        )
    )
    with transaction():
        return _add(user, LoginKind.PROGRAM, name, timedelta(days=int(days)), Scope(scope))


def of_browser(secret: str) -> Login | None:
    """Return the login a browser's session names; None once it has ended, was idle for too long or belongs to nobody."""
    found = _find(secret, LoginKind.BROWSER)
    return None if found is None or _is_idle(found) else _used(found)


def of_program(token: str) -> Login | None:
    """Return the login a bearer token stands for; None where it has ended, has expired or is none."""
    found = _find(token, LoginKind.PROGRAM)
    return _used(found) if found else None


def of(user: User) -> list[Login]:
    """The person's logins that are alive, the last used first."""
    statement = select(Login).join(Login.user).options(contains_eager(Login.user))
    statement = statement.where(Login.user_id == user.id, *_is_alive())
    found = db.session.scalars(statement.order_by(Login.used_at.desc(), Login.id.desc()))
    return [each for each in found if not _is_idle(each)]


def is_fresh(login: Login) -> bool:
    """Whether the person proved lately who they are."""
    return clock.now() < login.proved_at + FRESH


def prove_again(login: Login) -> str:
    """The person has just proved again who they are, and the login has another secret, which is answered (ASVS 7.2.4)."""
    secret = chance.token()
    with transaction():
        proved = update(Login).where(Login.id == login.id)
        db.session.execute(proved.values(proved_at=clock.now(), digest=digest_of(secret)))
    return secret


def end(user: User, login_id: int) -> None:
    """That login of the person's has ended. Raises NotFound."""
    with transaction():
        mine = delete(Login).where(Login.id == login_id, Login.user_id == user.id)
        if db.session.scalar(mine.returning(Login.id)) is None:
            raise NotFound


def end_of(secret: str) -> None:
    """That login has ended, if it had not yet."""
    with transaction():
        db.session.execute(delete(Login).where(Login.digest == digest_of(secret)))


def end_others(login: Login) -> str:
    """Every other login of the person's has ended, and this one has another secret, which is answered."""
    secret = chance.token()
    with transaction():
        version = end_within(login.user, but=login)
        kept = update(Login).where(Login.id == login.id)
        db.session.execute(kept.values(version=version, digest=digest_of(secret)))
    return secret


def end_within(user: User, *, but: Login | None = None) -> int:
    """Every login but the row of `but` ends with the caller's transaction; the version that logins need from now on."""
    found = lock(User, user.id)
    if found is None:
        return 0
    found.session_version += 1
    keep_actor(found)
    db.session.execute(delete(Login).where(Login.user_id == user.id, Login.id != (but.id if but else 0)))
    return found.session_version


def _expired() -> Select[int]:
    return select(Login.id).where(Login.expires_at <= moments.now())


@found_by(_expired)
def forget_old() -> int:
    """How many logins that had expired are gone."""
    old = _expired().limit(1000)
    if not db.session.scalars(old.limit(1)).first():
        return 0
    with transaction():
        return len(db.session.scalars(delete(Login).where(Login.id.in_(old)).returning(Login.id)).all())


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return sha256(secret.encode()).hexdigest()


def _add(user: User, kind: LoginKind, name: str, life: timedelta, scope: Scope = Scope.ALL) -> str:
    secret = chance.token()
    now = clock.now()
    row = Login(
        user_id=user.id,
        kind=kind,
        scope=scope,
        digest=digest_of(secret),
        version=version_proved(user),
        name=name[:80],
        created_at=now,
        used_at=now,
        proved_at=now,
        expires_at=now + life,
    )
    db.session.add(row)
    _see(user)
    return secret


def _see(user: User) -> None:
    """When somebody was last here is known to the day, also after the login has expired (services/backoffice/erasure)."""
    today = clock.now().date()
    if user.seen_on != today:
        db.session.execute(update(User).where(User.id == user.id).values(seen_on=today))


def _find(secret: str, kind: LoginKind) -> Login | None:
    statement = select(Login).join(Login.user).options(contains_eager(Login.user))
    statement = statement.where(Login.digest == digest_of(secret), Login.kind == kind, *_is_alive())
    return db.session.scalars(statement).one_or_none()


def _is_alive() -> tuple[ColumnElement[bool], ...]:
    return (Login.version == User.session_version, User.active.is_(True), Login.expires_at > clock.now())


def _is_idle(login: Login) -> bool:
    """Whether it is of a browser that was left alone for too long."""
    return login.kind is LoginKind.BROWSER and login.used_at + _BROWSERS[login.user.role].idle <= clock.now()


def _used(login: Login) -> Login:
    """The person acts by this login now, which is written unless it was lately, or the database has no time for it."""
    set_actor(login.user)
    if clock.now() < login.used_at + _SEEN_EVERY:
        return login
    try:
        with transaction():
            db.session.execute(update(Login).where(Login.id == login.id).values(used_at=clock.now()))
            _see(login.user)
    except OperationalError:
        db.session.rollback()
    return login
