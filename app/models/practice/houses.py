"""The house: what whoever runs this installation says of it, and the link by which the first of its staff comes in."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, status


class Joining(StrEnum):
    """Who may become a practitioner."""

    STAFF = "staff"  # whom staff make one on their page, or by the command
    INVITATION = "invitation"  # these, and whom staff invite by mail
    OPEN = "open"  # these, and every client who wants to


class HouseText(StrEnum):
    """The operator's own words, each of which has a page once there are any."""

    PRIVACY = "privacy"
    TERMS = "terms"
    IMPRINT = "imprint"


class House(Base):
    """The one row of what is seen on every page; what is empty is as Kikao comes."""

    __tablename__ = "houses"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(default=0)  # one more with each change
    name: Mapped[str] = mapped_column(String(60), default="")
    tagline: Mapped[str] = mapped_column(String(160), default="")
    colour: Mapped[str] = mapped_column(String(7), default="")  # "#0f5c50"
    logo: Mapped[str | None] = mapped_column(String(32))  # its name, so that a page that shows it reads nothing else
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    currency: Mapped[str] = mapped_column(String(3), default="")
    languages: Mapped[list[Any]]  # empty: all that Kikao speaks
    texts: Mapped[list[Any]]  # which of HouseText there are
    joining: Mapped[Joining] = status(Joining, default=Joining.INVITATION)
    changed_at: Mapped[datetime]


class HouseLogo(Base):
    """The logo, made anew from what was sent: WebP for pages, PNG for papers."""

    __tablename__ = "house_logos"

    house_id: Mapped[int] = mapped_column(ForeignKey("houses.id"), primary_key=True, autoincrement=False)
    shown: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    printed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    changed_at: Mapped[datetime]


class HousePage(Base):
    """One of the operator's own texts."""

    __tablename__ = "house_pages"

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]


class SetupLink(Base):
    """The one link that makes the first staff account, until it is used, has expired, or somebody is staff. It is not stored."""

    __tablename__ = "setup_links"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
