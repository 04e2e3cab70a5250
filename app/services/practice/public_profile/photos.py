"""A practitioner's photo: what was sent is made anew, so that nobody gets a file that somebody else has put together."""

from typing import Literal

from sqlalchemy import select

from app.extensions import db
from app.lib import chance, clock
from app.models import Practitioner, PractitionerPhoto, User
from app.services.core import uploads
from app.services.core.errors import NotFound
from app.services.core.transaction import lock, transaction
from app.services.practice.public_profile.profiles import of_user

LIMIT = uploads.LIMIT  # bytes of what is sent
SMALL = 144  # pixels of a side: the round of a list, on a screen of three dots a pixel
LARGE = 384  # and that of the profile
LEAST = 96


def change(user: User, content: bytes) -> None:
    """The picture is the practitioner's photo, cropped to a square around its middle.

    Raises NotFound, Invalid (photo_missing, photo_size, photo_type, photo_small, photo_pixels).
    """
    small, large = squares(content)
    with transaction() as session:
        practitioner = _own(user)
        photo = session.get(PractitionerPhoto, practitioner.id)
        if photo is None:
            photo = PractitionerPhoto(practitioner_id=practitioner.id)
            session.add(photo)
        photo.small = small
        photo.large = large
        photo.changed_at = clock.now()
        # Browsers keep a photo for ever by its name, so another one has another; and nobody finds it by guessing.
        practitioner.photo = chance.token()[:32]


def remove(user: User) -> None:
    """There is no photo, and initials stand in its place. Raises NotFound."""
    with transaction() as session:
        practitioner = _own(user)
        practitioner.photo = None
        if photo := session.get(PractitionerPhoto, practitioner.id):
            session.delete(photo)


def _own(user: User) -> Practitioner:
    """The person's own practice, locked, so that of two changes at once one comes after the other."""
    found = lock(Practitioner, of_user(user).id)
    if found is None:
        raise NotFound
    return found


def content_of(name: str, size: Literal["small", "large"]) -> bytes:
    """The photo of this name, as WebP. Raises NotFound: there is none, or another one by now."""
    column = {"small": PractitionerPhoto.small, "large": PractitionerPhoto.large}[size]
    found = db.session.scalar(select(column).join(Practitioner).where(Practitioner.photo == name))
    if found is None:
        raise NotFound
    return bytes(found)


def squares(content: bytes) -> tuple[bytes, bytes]:
    """The picture's middle, small and large, as WebP without anything that was said in the file.

    Raises Invalid (photo_missing, photo_size, photo_type, photo_small, photo_pixels).
    """
    upright = uploads.picture(content, field="photo", least=LEAST, side=LARGE)
    from PIL import Image, ImageOps  # noqa: PLC0415  (large, and needed here alone)

    white = Image.new("RGBA", upright.size, "white")
    whole = Image.alpha_composite(white, upright).convert("RGB")  # what is transparent is white, as on paper
    small, large = (ImageOps.fit(whole, (side, side), Image.Resampling.LANCZOS) for side in (SMALL, LARGE))
    return uploads.encoded(small, "WEBP"), uploads.encoded(large, "WEBP")
