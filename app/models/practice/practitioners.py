"""A practitioner's public side: profile, weekly hours, exceptions, services."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Dialect,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    false,
    select,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from app.domain.agenda import Absence, ClassTime, Hours
from app.domain.booking_rules import LIMITS, BookingRules
from app.domain.meetings import PROVIDERS, MeetingKind
from app.domain.modes import MODES, BookingMode, FirstTime
from app.domain.money import Money
from app.models.base import Base, status
from app.models.people import Role, User


class ServiceKind(StrEnum):
    """Whom a session is for."""

    INDIVIDUAL = "individual"
    COUPLES = "couples"
    FAMILY = "family"
    GROUP = "group"


class Practitioner(Base):
    """Someone who gives sessions. Locking this row locks the diary: all slots of one practitioner are decided one by one."""

    __tablename__ = "practitioners"
    __table_args__ = (
        CheckConstraint("question_amount > 0", name="question_amount"),
        CheckConstraint("(question_amount IS NULL) = (question_currency IS NULL)", name="question_price"),
        CheckConstraint("question_hours BETWEEN 1 AND 720", name="question_hours"),
        CheckConstraint("question_days BETWEEN 0 AND 90", name="question_days"),
        Index("uq_practitioners_photo", "photo", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    headline: Mapped[str] = mapped_column(String(160), default="")
    credentials: Mapped[str] = mapped_column(String(200), default="", server_default="")  # training, registration
    about: Mapped[str] = mapped_column(Text, default="")
    photo: Mapped[str | None] = mapped_column(String(32))  # the name of what PractitionerPhoto has; empty: none
    languages: Mapped[str] = mapped_column(String(80), default="")  # comma-separated codes of the languages spoken
    zone: Mapped[str] = mapped_column(String(64))
    published: Mapped[bool] = mapped_column(default=True)
    question_amount: Mapped[int | None] = mapped_column(BigInteger)  # of a question in writing; empty: none are taken
    question_currency: Mapped[str | None] = mapped_column(String(3))
    question_hours: Mapped[int | None]  # to answer in; empty: the installation's (KIKAO_QUESTION_HOURS)
    question_days: Mapped[int] = mapped_column(default=7)  # both go on writing for so long after the answer
    available_until: Mapped[datetime | None]  # until when sessions may begin at once; empty: not now
    holiday_country: Mapped[str] = mapped_column(String(2), default="")  # whose holidays are closed; empty: nobody's
    holiday_region: Mapped[str] = mapped_column(String(10), default="")
    worked_holidays: Mapped[list[Any]] = mapped_column(default=list)  # ISO dates that are open all the same
    absence_text: Mapped[str] = mapped_column(
        String(300), default=""
    )  # what everybody reads, from and until local days
    absence_from: Mapped[date | None]
    absence_until: Mapped[date | None]
    created_at: Mapped[datetime]
    user: Mapped[User] = relationship()
    services: Mapped[list["Service"]] = relationship(back_populates="practitioner", order_by="Service.id")

    @property
    def question_price(self) -> Money | None:
        """What an answer in writing costs; None where none is given."""
        if self.question_amount is None or self.question_currency is None:
            return None
        return Money(self.question_amount, self.question_currency)

    @property
    def is_offered(self) -> bool:
        """Whether anybody may see it and book: it is published, and whose it is gives sessions."""
        return self.published and self.user.gives_sessions

    @property
    def takes_questions(self) -> bool:
        """Whether anybody may ask something in writing now."""
        return self.is_offered and self.question_amount is not None

    def is_of(self, user: User) -> bool:
        """Whether it is the person's own today: a role that was taken away opens nothing (SEC-19)."""
        return user.id == self.user_id and user.role is Role.PRACTITIONER

    @classmethod
    def ids_of(cls, user: User) -> Select[int]:
        """SQL: the id of the practice that is the person's own today; none once the role was taken away (SEC-19)."""
        own = true() if user.role is Role.PRACTITIONER else false()
        return select(cls.id).where(cls.user_id == user.id, own)


class WeeklyHours(Base):
    """A stretch of local time on a weekday (0 Monday) when sessions may be booked; `ends` 00:00 means midnight."""

    __tablename__ = "weekly_hours"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"), index=True)
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]


class DayException(Base):
    """Hours of a local date that differs from the week: it is open just from `starts` to `ends`; closed days are TimeOff."""

    __tablename__ = "day_exceptions"
    __table_args__ = (Index("ix_day_exceptions_practitioner_id_day", "practitioner_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"))
    day: Mapped[date]
    starts: Mapped[time]
    ends: Mapped[time]
    note: Mapped[str] = mapped_column(String(120), default="")


class TimeOff(Base):
    """Local days without sessions, both included; from a time on the first, until a time on the last, where there is one."""

    __tablename__ = "time_off"
    __table_args__ = (
        CheckConstraint("first <= last", name="order"),
        Index("ix_time_off_practitioner_id_last", "practitioner_id", "last"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"))
    first: Mapped[date]
    last: Mapped[date]
    starts: Mapped[time | None]
    ends: Mapped[time | None]
    name: Mapped[str] = mapped_column(String(120), default="")  # for the practitioner alone

    @property
    def absence(self) -> Absence:
        """From when to when, for arithmetic."""
        return Absence(self.first, self.last, self.starts, self.ends)


class WeekOfHours(TypeDecorator[tuple[Hours, ...]]):
    """Openings of a week, as a list of weekday, start and end; the times are local."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[Hours, ...] | None, _dialect: Dialect) -> list[list[Any]]:
        """As JSON spells them."""
        return [[each.weekday, each.starts.isoformat(), each.ends.isoformat()] for each in value or ()]

    def process_result_value(self, value: list[list[Any]] | None, _dialect: Dialect) -> tuple[Hours, ...]:
        """As the domain knows them."""
        return tuple(Hours(day, time.fromisoformat(begin), time.fromisoformat(end)) for day, begin, end in value or ())


class Service(Base):
    """What can be booked: kind, length, price in minor units, and the policy it is booked under."""

    __tablename__ = "services"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 5 AND 720", name="minutes"),
        CheckConstraint("places BETWEEN 1 AND 500", name="places"),
        CheckConstraint("price_amount > 0", name="price"),
        CheckConstraint("buffer_before >= 0 AND buffer_after >= 0", name="buffers"),
        CheckConstraint("no_show_percent BETWEEN 0 AND 100", name="no_show_percent"),
        CheckConstraint("free_moves BETWEEN 0 AND 10", name="free_moves"),
        *(CheckConstraint(f"{rule} BETWEEN {least} AND {most}", name=rule) for rule, (least, most) in LIMITS.items()),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    introductory: Mapped[bool] = mapped_column(default=False, server_default=false())  # for who is new: it stands first
    kind: Mapped[ServiceKind] = status(ServiceKind)
    minutes: Mapped[int]
    step_minutes: Mapped[int]  # a session may begin this often, counted from the start of the opening hours
    buffer_before: Mapped[int] = mapped_column(default=0)
    buffer_after: Mapped[int] = mapped_column(default=0)
    places: Mapped[int] = mapped_column(default=1)
    price_amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    mode_code: Mapped[str] = mapped_column(String(30))
    first_time: Mapped[FirstTime] = status(FirstTime, default=FirstTime.ALIKE, server_default=FirstTime.ALIKE)
    hold_minutes: Mapped[int] = mapped_column(default=15)
    answer_hours: Mapped[int] = mapped_column(default=24)
    pay_hours: Mapped[int] = mapped_column(default=24)
    free_cancel_hours: Mapped[int] = mapped_column(default=24)
    later_tiers: Mapped[list[Any]] = mapped_column(default=list)  # [hours before, percent back], ever later, ever less
    no_show_percent: Mapped[int] = mapped_column(default=0)  # comes back to who did not come
    free_moves: Mapped[int] = mapped_column(default=0)  # how often a client may move a session without asking
    free_move_hours: Mapped[int] = mapped_column(default=24)  # and until how long before it
    lead_hours: Mapped[int] = mapped_column(default=0, server_default="0")  # booked so long before; as the next three:
    days_ahead: Mapped[int | None]  # domain/booking_rules, where empty is without limit
    most_per_day: Mapped[int | None]
    most_per_week: Mapped[int | None]
    own_hours: Mapped[tuple[Hours, ...]] = mapped_column(WeekOfHours, default=tuple, server_default="[]")
    class_times: Mapped[list[Any]] = mapped_column(default=list)  # [weekday, "18:00"] of a group; empty: any open time
    active: Mapped[bool] = mapped_column(default=True)
    meeting_kind: Mapped[MeetingKind] = status(MeetingKind, default=MeetingKind.GENERATED)
    meeting_where: Mapped[str] = mapped_column(String(500), default="")  # a fixed link, or a place
    created_at: Mapped[datetime]
    practitioner: Mapped[Practitioner] = relationship(back_populates="services")

    @property
    def price(self) -> Money:
        """The price of one place."""
        return Money(self.price_amount, self.currency)

    @property
    def mode(self) -> BookingMode:
        """The booking mode this service is sold under."""
        return MODES[self.mode_code]

    @property
    def booking_rules(self) -> BookingRules:
        """What is asked of the time it is booked for."""
        return BookingRules(**{rule: getattr(self, rule) for rule in LIMITS})

    @property
    def classes(self) -> list[ClassTime]:
        """The fixed times of a group, for arithmetic; none: it may be asked for at any open time."""
        return [ClassTime(weekday, time.fromisoformat(wall)) for weekday, wall in self.class_times]

    @property
    def is_sold(self) -> bool:
        """Whether anybody may book it now."""
        return self.active and self.practitioner.is_offered

    @property
    def is_online(self) -> bool:
        """Whether people meet by a link."""
        return PROVIDERS[self.meeting_kind].is_online


class Block(Base):
    """A client who can ask this practitioner for nothing any more; what was agreed before stands."""

    __tablename__ = "blocks"

    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    created_at: Mapped[datetime]
    client: Mapped[User] = relationship()
