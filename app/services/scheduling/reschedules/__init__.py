"""Moving a session: either side proposes, the other accepts.

The old place is held until the new one is taken.
Where the terms allow it, a client moves a session without asking (report S2-20, S2-21, complaint 22).
"""

from app.services.scheduling.reschedules.move_plans import Plan, moves_freely, plan_for
from app.services.scheduling.reschedules.negotiation import accept, actions, lapse, propose, reject, withdraw
from app.services.scheduling.reschedules.proposals import (
    can_answer,
    can_move,
    is_elsewhere,
    is_in_time_off,
    open_of,
)

__all__ = [
    "Plan",
    "accept",
    "actions",
    "can_answer",
    "can_move",
    "is_elsewhere",
    "is_in_time_off",
    "lapse",
    "moves_freely",
    "open_of",
    "plan_for",
    "propose",
    "reject",
    "withdraw",
]
