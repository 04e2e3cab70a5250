"""News about money from outside, before it is known to be about a payment of ours."""

from enum import StrEnum


class NewsOwner(StrEnum):
    """Whose news is, as far as it says so itself: an account at a vendor may serve other products too."""

    OURS = "ours"  # it names our installation, or came to an address that we signed
    LIKELY = "likely"  # it bears a reference or a refund's key as we make them
    UNKNOWN = "unknown"  # it says nothing of ours: foreign, or ours and quicker than what it would be known by
