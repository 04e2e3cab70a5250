"""Erasing a person: what stands in the way, what is overwritten, what the clock does by itself. Money records stay (X4)."""

from app.services.backoffice.erasure.absence import stay
from app.services.backoffice.erasure.blockers import left_in_wallet, may_erase, obstacles
from app.services.backoffice.erasure.ownership import Theirs
from app.services.backoffice.erasure.person import erase, try_erase
from app.services.backoffice.erasure.retention import keep

__all__ = ["Theirs", "erase", "keep", "left_in_wallet", "may_erase", "obstacles", "stay", "try_erase"]
