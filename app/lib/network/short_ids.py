"""Short names of bookings and bills, for addresses in an SMS: the same 128 bits in 22 letters."""

import base64
import binascii
from uuid import UUID


def pack(key: UUID | str) -> str:
    """The id in 22 letters, digits, minus and underscore."""
    found = key if isinstance(key, UUID) else UUID(key)
    return base64.urlsafe_b64encode(found.bytes).decode().rstrip("=")


def unpack(text: str) -> UUID | None:
    """The id; None for anything that is not one's only short name."""
    try:
        found = UUID(bytes=base64.urlsafe_b64decode(f"{text}=="))
    except (ValueError, binascii.Error):
        return None
    return found if pack(found) == text else None
