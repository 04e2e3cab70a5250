"""The house: its name, look, contact and own texts, as everybody sees them; staff change them."""

from app.services.house import logos
from app.services.house.current import Current, known, refresh
from app.services.house.pages import text_of
from app.services.house.settings import Contact, Look, change_contact, change_joining, change_look, change_text

__all__ = [
    "Contact",
    "Current",
    "Look",
    "change_contact",
    "change_joining",
    "change_look",
    "change_text",
    "known",
    "logos",
    "refresh",
    "text_of",
]
