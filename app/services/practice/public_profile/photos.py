"""A practitioner's photo: what was sent is made anew, so that nobody gets a file that somebody else has put together."""

import io
from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from app.extensions import db
from app.lib import chance, clock
from app.models import Practitioner, PractitionerPhoto, User
from app.services.core.errors import Invalid, NotFound, Problem
from app.services.core.transaction import lock, transaction
from app.services.practice.public_profile.profiles import of_user

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

LIMIT = 5 * 1024 * 1024  # bytes of what is sent
SMALL = 144  # pixels of a side: the round of a list, on a screen of three dots a pixel
LARGE = 384  # and that of the profile
LEAST = 96
# Pixels that are unpacked for it, by what Pillow calls its kind: a JPEG is made smaller while it is unpacked, others are not.
_MOST = {"JPEG": 50_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}
_QUALITY = 82


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
    if not content:
        raise Invalid("photo_missing", field="photo")
    if len(content) > LIMIT:
        raise Invalid("photo_size", field="photo", most=LIMIT // 1024**2)
    from PIL import Image  # noqa: PLC0415  (large, and needed here alone)

    try:
        return _unpacked(content)
    except Problem:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:  # more than Pillow opens at all
        raise _too_many("JPEG") from error
    except Exception as error:  # of broken files Pillow says it in a dozen ways
        raise Invalid("photo_type", field="photo") from error


def _unpacked(content: bytes) -> tuple[bytes, bytes]:
    from PIL import Image, ImageOps  # noqa: PLC0415

    with Image.open(io.BytesIO(content), formats=list(_MOST)) as sent:
        if min(sent.size) < LEAST:
            raise Invalid("photo_small", field="photo", least=LEAST)
        if sent.width * sent.height > _MOST[str(sent.format)]:
            raise _too_many(str(sent.format))
        sent.draft("RGB", (2 * LARGE, 2 * LARGE))
        upright = ImageOps.exif_transpose(sent).convert("RGBA")
    white = Image.new("RGBA", upright.size, "white")
    whole = Image.alpha_composite(white, upright).convert("RGB")  # what is transparent is white, as on paper
    small, large = (ImageOps.fit(whole, (side, side), Image.Resampling.LANCZOS) for side in (SMALL, LARGE))
    return _webp(small), _webp(large)


def _too_many(kind: str) -> Invalid:
    return Invalid("photo_pixels", field="photo", most=_MOST[kind] // 1_000_000)


def _webp(picture: "Picture") -> bytes:
    packed = io.BytesIO()
    picture.save(packed, "WEBP", quality=_QUALITY, method=4)
    return packed.getvalue()
