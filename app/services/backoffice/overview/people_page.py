"""People as staff may know them: who they are, how they log in, what stands with them; nothing of what sessions are about."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.domain.lifecycle import TABS
from app.domain.money import Money
from app.extensions import db
from app.models import Booking, Change, Login, LoginKind, Practitioner, Role, User
from app.services.accounts import logins, second_factors
from app.services.ledger import journal

PAGE = 30
SHOWN = 50  # sessions and steps on one person's page
STATES = ("active", "suspended")


@dataclass(frozen=True)
class Wish:
    """Whom to look for: by a part of the name or address, by role, by whether they may log in (a word of STATES)."""

    q: str = ""
    role: Role | None = None
    state: str = ""


@dataclass(frozen=True)
class Page:
    """One page of people and how many there are in all."""

    items: list[User]
    page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def find(wish: Wish, page: int = 1) -> Page:
    """One page of the people who fit, by name; who was erased is nobody any more."""
    conditions = _conditions(wish)
    total = db.session.scalar(select(func.count(User.id)).where(*conditions)) or 0
    page = min(max(1, page), max(1, -(-total // PAGE)))
    rows = select(User).where(*conditions).order_by(User.name, User.id)
    return Page(list(db.session.scalars(rows.offset((page - 1) * PAGE).limit(PAGE))), page, total)


def every(wish: Wish) -> Iterator[User]:
    """Everybody who fits, by address."""
    yield from db.session.scalars(select(User).where(*_conditions(wish)).order_by(User.address))


def _conditions(wish: Wish) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [User.erased_at.is_(None)]
    if wish.role:
        found.append(User.role == wish.role)
    if wish.state in STATES:
        found.append(User.active.is_(wish.state == "active"))
    if q := wish.q.strip():
        found.append(or_(*(text.icontains(q, autoescape=True) for text in (User.name, User.address))))
    return found


# ------------------------------------------------------------------------------------------------ one person

_OF_ACCOUNT = ("person", "second_factor")  # subjects of the trail whose id is the person's


@dataclass(frozen=True)
class Person:
    """What staff see of one person."""

    user: User
    practice: Practitioner | None
    logins: dict[LoginKind, list[Login]]
    credit: list[Money]
    coming: list[Booking]  # sessions that stand, as a client or as who gives them; the next first
    steps: list[tuple[Change, str]]  # of the account, the newest first, with who did it


def person(user_id: int) -> Person | None:
    """The person; None where nobody has that number, or has it no more."""
    user = db.session.get(User, user_id)
    if user is None or user.erased_at is not None:
        return None
    practice = db.session.scalars(select(Practitioner).where(Practitioner.user_id == user.id)).one_or_none()
    alive = logins.of(user)
    return Person(
        user=user,
        practice=practice,
        logins={kind: [login for login in alive if login.kind is kind] for kind in LoginKind},
        credit=journal.balances(journal.wallet(user.id)),
        coming=list(db.session.scalars(_coming(user, practice))),
        steps=[(change, name or "") for change, name in db.session.execute(_steps(user))],
    )


def _coming(user: User, practice: Practitioner | None) -> Select[Booking]:
    theirs = Booking.client_id == user.id
    if practice is not None:
        theirs |= Booking.practitioner_id == practice.id
    stands = select(Booking).where(theirs, Booking.status.in_(TABS["upcoming"]))
    return stands.order_by(Booking.starts_at, Booking.created_at).limit(SHOWN)


def _steps(user: User) -> Select[Change, str]:
    rows = select(Change, User.name).outerjoin(User, User.id == Change.actor_id)
    mine = rows.where(Change.subject.in_(_OF_ACCOUNT), Change.subject_id == str(user.id))
    return mine.order_by(Change.at.desc(), Change.id.desc()).limit(SHOWN)


# ------------------------------------------------------------------------------------------------ what may be done


def acts(user: User, staff: User) -> list[str]:
    """What this member of staff may do with the person: words of words.PERSON_ACTS; nobody acts on themselves."""
    if user.id == staff.id:
        return []
    second_step = ["second_step"] if second_factors.has_any(user) else []
    return ["suspend", "role", "logout", *second_step] if user.active else ["restore", "role", *second_step]


def effects(known: Person, act: str) -> list[str]:
    """What the act brings about, as words of words.PERSON_EFFECTS."""
    return [word for word, acts_, is_so in _EFFECTS if act in acts_ and is_so(known)]


def _is(*roles: Role) -> Callable[[Person], bool]:
    return lambda known: known.user.role in roles


def _always(_known: Person) -> bool:
    return True


_P = Role.PRACTITIONER
_EFFECTS: tuple[tuple[str, tuple[str, ...], Callable[[Person], bool]], ...] = (
    ("sure_who_asks", ("second_step",), _always),
    ("factors_gone", ("second_step",), _always),
    ("logins_end", ("suspend", "role", "logout", "second_step"), _always),
    ("old_out_of_reach", ("role",), _always),
    ("practice_closes", ("suspend", "role"), _is(_P)),
    ("requests_end", ("suspend",), _is(Role.CLIENT, _P)),
    ("requests_end", ("role",), _is(_P)),
    ("questions_wait", ("suspend", "role"), _is(_P)),
    ("paid_stays", ("suspend",), _is(Role.CLIENT, _P)),
    ("paid_stays", ("role",), _is(_P)),
    ("late_money", ("suspend",), _is(Role.CLIENT, _P)),
    ("credit_waits", ("role",), lambda known: bool(known.credit)),
    ("invitations_end", ("suspend", "role"), _is(Role.STAFF)),
    ("practice_opens", ("restore",), _is(_P)),
    ("stays_ended", ("restore",), _always),
)
