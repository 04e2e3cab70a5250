"""The photo that everybody sees of a practitioner."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class PractitionerPhoto(Base):
    """A practitioner's face in two sizes, made anew from what was sent: square, WebP, and nothing said in it but the picture.

    Its name is in `practitioners.photo`, so that a page that shows it reads nothing here.
    """

    __tablename__ = "practitioner_photos"

    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"), primary_key=True, autoincrement=False)
    small: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    large: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    changed_at: Mapped[datetime]
