"""The logo: what was sent is made anew, so that nobody gets a file that somebody else has put together."""

from app.extensions import db
from app.lib import chance, clock
from app.models import House, HouseLogo
from app.services.core import uploads
from app.services.core.errors import NotFound
from app.services.core.transaction import Who
from app.services.house.settings import changing

LIMIT = uploads.LIMIT
_LEAST = 32
_HEIGHT = 96  # pixels: 32 of a page, on a screen of three dots a pixel
_WIDTH = 480  # at most


def change(content: bytes, who: Who) -> None:
    """The picture is the logo, as high as the head of a page and never cropped.

    Raises Invalid (photo_missing, photo_size, photo_type, photo_small, photo_pixels).
    """
    made = uploads.picture(content, field="logo", least=_LEAST, side=_WIDTH)
    made.thumbnail((_WIDTH, _HEIGHT))
    shown = uploads.encoded(made, "WEBP", 90)
    printed = uploads.encoded(made, "PNG")
    with changing("logo", who) as house:
        _forget(house)
        db.session.add(HouseLogo(house_id=house.id, shown=shown, printed=printed, changed_at=clock.now()))
        # Browsers keep a logo for ever by its name, so another one has another.
        house.logo = chance.token()[:32]


def remove(who: Who) -> None:
    """There is no logo of the house's own."""
    with changing("logo", who) as house:
        _forget(house)
        house.logo = None


def _forget(house: House) -> None:
    if found := db.session.get(HouseLogo, house.id):
        db.session.delete(found)
        db.session.flush()


def shown(name: str) -> bytes:
    """The logo of this name, as WebP. Raises NotFound: there is none, or another one by now."""
    house = db.session.get(House, 1)
    found = db.session.get(HouseLogo, 1) if house is not None and house.logo == name else None
    if found is None:
        raise NotFound
    return bytes(found.shown)


def printed() -> bytes:
    """The logo as PNG, for papers; empty where there is none."""
    found = db.session.get(HouseLogo, 1)
    return bytes(found.printed) if found is not None else b""
