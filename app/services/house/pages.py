"""The operator's own texts, as they were written."""

from app.extensions import db
from app.models import HousePage, HouseText
from app.services.core.errors import NotFound


def text_of(kind: HouseText) -> str:
    """What was written. Raises NotFound where nothing was."""
    found = db.session.get(HousePage, kind.value)
    if found is None:
        raise NotFound
    return found.text
