"""What was really taken and given back: an append-only file of JSON lines, independent of the sandbox's own state.

Tests compare it with Kikao's books, so a line is written for every movement of money and for nothing else.
"""

import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sandbox.core.clock import iso, now


@dataclass(frozen=True)
class Movement:
    """Money that moved. Amounts are minor units (M-Pesa's shillings times 100)."""

    gateway: str
    kind: str  # capture, refund, or refund_failed: a refund's money that came back to the merchant
    charge_ref: str  # pi_, pay_ or an M-Pesa receipt
    reference: str  # the merchant's own
    amount: int
    currency: str
    refund_ref: str = ""


class MoneyLog:
    """The file `money.jsonl`, one movement to a line; currencies upper case."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def add(self, movement: Movement) -> None:
        """Write one movement."""
        line = {"at": iso(now()), **asdict(movement), "currency": movement.currency.upper()}
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def entries(self) -> list[dict[str, Any]]:
        """Every movement, oldest first."""
        with self._lock:
            if not self._path.exists():
                return []
            return [json.loads(line) for line in self._path.read_text(encoding="utf-8").splitlines()]

    def set_aside(self) -> None:
        """Start an empty log; the old one is renamed, never destroyed."""
        with self._lock:
            if self._path.exists():
                self._path.rename(self._path.with_name(f"money-{int(now() * 1000)}.jsonl"))


def totals(entries: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Net minor units per gateway and currency: taken less given back."""
    net: dict[str, dict[str, int]] = {}
    for entry in entries:
        sign = -1 if entry["kind"] == "refund" else 1
        per_currency = net.setdefault(entry["gateway"], {})
        per_currency[entry["currency"]] = per_currency.get(entry["currency"], 0) + sign * entry["amount"]
    return net
