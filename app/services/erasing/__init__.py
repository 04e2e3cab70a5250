"""Erasing a person: what stands in the way, what is overwritten, what the clock does by itself. Money records stay (X4)."""

from app.services.erasing.absence import is_warned, stay
from app.services.erasing.forgetting import erase, erase_for
from app.services.erasing.keeping import keep
from app.services.erasing.obstacles import left_in_wallet, may_erase, obstacles
from app.services.erasing.theirs import Theirs

__all__ = ["Theirs", "erase", "erase_for", "is_warned", "keep", "left_in_wallet", "may_erase", "obstacles", "stay"]
