"""The parts of a running sandbox, handed to whoever needs them."""

import threading
from dataclasses import dataclass, field
from functools import partial

from flask import current_app

from sandbox.core.deliveries import Courier
from sandbox.core.faults import Faults
from sandbox.core.money_log import MoneyLog, Movement
from sandbox.core.store import Store
from sandbox.credentials import Credentials

NEIGHBOUR = "SHOP-"  # how another product on the same account begins its references


@dataclass
class Sandbox:
    """One running sandbox."""

    store: Store
    money: MoneyLog
    faults: Faults
    courier: Courier
    credentials: Credentials
    prompt_seconds: float  # how long an STK prompt lives on a phone
    stopping: threading.Event
    base_url: str = ""  # set once the ports are known
    smtp_port: int = 0
    keys_in_flight: set[str] = field(default_factory=set)  # idempotency keys being worked on

    def moved(self, movement: Movement) -> None:
        """Money of Kikao's moved in the change under way: it is logged when that change is kept."""
        if movement.reference.startswith(NEIGHBOUR):
            return
        self.store.after_commit(partial(self.money.add, movement))


def box() -> Sandbox:
    """The sandbox that serves the current request."""
    found: Sandbox = current_app.extensions["sandbox"]
    return found
