"""What is said of our account at somebody else's, for `flask doctor` and the daily look (services/backoffice/checkups)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Sight(StrEnum):
    """What a look has shown."""

    TROUBLE = "trouble"  # it does not work, or is about to end
    SILENT = "silent"  # no answer: nobody knows
    UNSEEN = "unseen"  # an answer, and it is not for our keys to see


@dataclass(frozen=True)
class Remark:
    """One thing about an account that a person should know; what is well is not said.

    `words` are whole sentences that say what to do, hold no secret, and stay the same as long as it stands as it does.
    """

    topic: str  # what it is about, in a word that stays the same: "keys", "webhook"
    words: str
    sight: Sight = Sight.TROUBLE


def of_end(topic: str, thing: str, end: date, today: date, *, days: int, advice: str) -> list[Remark]:
    """A remark about a thing that ends soon (within so many days) or has ended; none before."""
    if (end - today).days > days:
        return []
    verb = "ends on" if end >= today else "ended on"
    return [Remark(topic, f"{thing} {verb} {end}: {advice}")]
