"""What the money for a checkout came to: the answer every payable gives."""

from enum import Enum, auto


class Fulfilment(Enum):
    """Whether the payer has what was paid for, and what becomes of the money where they do not."""

    DONE = auto()  # it is theirs
    GONE = auto()  # it cannot be had any more: the money goes back at once
    MISSED = auto()  # only time ran out: before the money goes back, the payer may choose another time or credit
