"""Callbacks on their way: kept until a history delivers, repeats or drops them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox.core.deliveries import Courier
from sandbox.core.faults import Faults
from sandbox.core.signing import headers_for
from sandbox.core.store import Store
from sandbox.credentials import Credentials

# What is news of what, by a word of the vendor's name for it; of a payment that was made the rest is.
_KINDS = (
    ("dispute", "dispute"),
    ("refund", "return"),
    ("reversal", "return"),
    ("c2b", "menu"),
    ("status", "answer"),  # to our own question about a receipt; M-Pesa's "timeout" may be to either
    ("failed", "failure"),
    ("expired", "failure"),
    ("canceled", "failure"),
    ("stk.0", "payment"),
    ("stk.", "failure"),
)
KINDS = ("payment", "failure", "return", "return there", "dispute", "menu", "answer")


@dataclass
class Letter:
    """One callback, and how often it has arrived."""

    gateway: str
    event: str
    event_id: str
    body: bytes
    path: str
    arrived: int = 0
    dropped: bool = False

    @property
    def waits(self) -> bool:
        """Whether it is still on its way."""
        return not self.arrived and not self.dropped

    @property
    def kind(self) -> str:
        """What it is news of; a return that has no key of ours was made at the vendor's own site."""
        found = next((kind for word, kind in _KINDS if word in self.event), "payment")
        return "return there" if found == "return" and self.gateway != "mpesa" and b"rf_" not in self.body else found

    def headers(self, keys: Credentials, moment: float) -> dict[str, str]:
        """What the vendor sends with it, freshly signed."""
        return headers_for(self.gateway, keys, self.body, self.event_id, moment)

    def mentions(self, *marks: str | None) -> bool:
        """Whether one of the ids stands in it."""
        return any(mark and mark.encode() in self.body for mark in marks)


class Postbag(Courier):
    """A courier that only collects; nobody is called until a history says so."""

    def __init__(self, store: Store, faults: Faults, keys: Credentials, app_url: str) -> None:
        super().__init__(store, faults, keys, app_url)
        self.all: list[Letter] = []
        self.silent: set[tuple[str, str]] = set()  # gateway and kind of news that never arrive
        self._kept = store

    def send(self, gateway: str, event: str, event_id: str, body: bytes, target: str = "") -> None:
        """The callback waits, if the change that causes it is kept."""
        path = urlsplit(target).path or f"/callbacks/{gateway}"
        letter = Letter(gateway, event, event_id, body, path)
        letter.dropped = (gateway, letter.kind) in self.silent
        with self._kept.change():
            self._kept.after_commit(lambda: self.all.append(letter))

    def waiting(self) -> list[Letter]:
        """What is on its way, oldest first."""
        return [letter for letter in self.all if letter.waits]

    def about(self, attempt: Any) -> list[Letter]:
        """What is on its way about an attempt."""
        return [letter for letter in self.waiting() if letter.mentions(*marks_of(attempt))]


def marks_of(attempt: Any) -> tuple[str | None, ...]:
    """The ids by which a vendor speaks of an attempt."""
    return attempt.reference, attempt.provider_ref, attempt.charge_ref
