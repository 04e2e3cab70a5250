"""Forms that clients fill in and sign: intake questions and agreements, their versions, and what was signed.

In the code they are papers, because a form is what WTForms has; to people they are forms.
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.chance import new_id
from app.models.base import Base, status
from app.models.bookings.booking import Booking
from app.models.people import User
from app.models.practice.practitioners import Practitioner, Service


class PaperKind(StrEnum):
    """What is signed."""

    INTAKE = "intake"  # answers to questions
    AGREEMENT = "agreement"  # a text, by saying "I agree"; it may ask questions too


class PaperDue(StrEnum):
    """By when it must be signed."""

    APPROVAL = "approval"
    SESSION = "session"
    OPTIONAL = "optional"


@dataclass(frozen=True)
class Question:
    """One question; `key` stays the same through all versions of its form."""

    key: str
    label: str
    kind: str = "text"  # text | long | choice | yes_no | date
    required: bool = False
    options: tuple[str, ...] = ()  # of a choice


class ServicePaper(Base):
    """Whoever books the service is asked for the form."""

    __tablename__ = "service_papers"

    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"), primary_key=True, index=True)


class Paper(Base):
    """A practitioner's form: when it is due and who is asked for it. What it says is in its versions."""

    __tablename__ = "papers"

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"), index=True)
    kind: Mapped[PaperKind] = status(PaperKind)
    due: Mapped[PaperDue] = status(PaperDue)
    once: Mapped[bool]  # signed for one booking it counts for the later ones: an agreement until its text changes
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    practitioner: Mapped[Practitioner] = relationship()
    services: Mapped[list[Service]] = relationship(secondary="service_papers", order_by=Service.id)
    versions: Mapped[list["PaperVersion"]] = relationship(back_populates="paper", order_by="PaperVersion.number")

    @property
    def current(self) -> "PaperVersion":
        """What is asked now."""
        return self.versions[-1]


class PaperVersion(Base):
    """What a form said from one day on. Append-only: the database refuses to change what people have signed."""

    __tablename__ = "paper_versions"
    __table_args__ = (UniqueConstraint("paper_id", "number"), CheckConstraint("number >= 1", name="number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text, default="")
    items: Mapped[list[Any]]  # the questions, as JSON
    created_at: Mapped[datetime]
    paper: Mapped[Paper] = relationship(back_populates="versions")

    @property
    def questions(self) -> list[Question]:
        """What is asked, in order."""
        return [Question(**(item | {"options": tuple(item["options"])})) for item in self.items]

    @property
    def digest(self) -> str:
        """SHA-256 of everything it says: the same text gives the same digest."""
        said = {"kind": self.paper.kind, "title": self.title, "body": self.body, "questions": self.items}
        return sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def items_of(questions: Iterable[Question]) -> list[dict[str, Any]]:
    """The questions as a version keeps them."""
    return [asdict(question) | {"options": list(question.options)} for question in questions]


class SignedPaper(Base):
    """A form somebody filled in and signed for a booking: which text, when, and, sealed, with which name and answers."""

    __tablename__ = "signed_papers"
    __table_args__ = (UniqueConstraint("booking_id", "version_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[int] = mapped_column(ForeignKey("paper_versions.id"), index=True)
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bookings.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    content: Mapped[str] = mapped_column(Text)  # sealed: {"name": ..., "answers": {key: text}}
    digest: Mapped[str] = mapped_column(String(64))  # of the version's text when it was signed
    signed_at: Mapped[datetime]
    version: Mapped[PaperVersion] = relationship()
    booking: Mapped[Booking] = relationship()
    user: Mapped[User] = relationship()
