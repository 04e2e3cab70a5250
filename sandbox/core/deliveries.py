"""Callbacks to Kikao: a queue worked off by background threads, with a log of every attempt.

Stripe and Razorpay try again after anything but a 2xx (a redirect is a failure too); M-Pesa delivers once, as observed.
Order is not promised, as with the real ones. The queue is in the store, so a restart goes on where it was.
"""

import heapq
import itertools
import random
import threading
import time
from collections.abc import Sequence
from typing import Any

import requests

from sandbox.core import clock
from sandbox.core.faults import CallbackRule, Faults
from sandbox.core.signing import headers_for
from sandbox.core.store import Doc, Store, StoreClosed
from sandbox.credentials import Credentials

RETRYING = ("stripe", "razorpay")
PATIENCE = {"stripe": 10.0, "razorpay": 5.0, "mpesa": 10.0}  # seconds until a silent receiver has failed
ATTEMPTS = 12
LONGEST_GAP = 60.0
KIND = "delivery"


class Courier:
    """Sends callbacks. `app_url` is where Kikao is; it may change while running."""

    def __init__(self, store: Store, faults: Faults, keys: Credentials, app_url: str, retry_gap: float = 1.0) -> None:
        self.app_url = app_url.rstrip("/")
        self._store = store
        self._faults = faults
        self._keys = keys
        self._gap = retry_gap
        self._waiting: list[tuple[float, int, str]] = []
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._busy = 0
        self._stopped = False

    def start(self, threads: int = 8) -> None:
        """Begin delivering, first what a previous run left over."""
        for row in self._store.due(KIND, float("inf")):
            self._queue(row["id"], row["due"])
        for number in range(threads):
            threading.Thread(target=self._work, name=f"courier-{number}", daemon=True).start()

    def stop(self) -> None:
        """Deliver nothing more; what waits stays in the store."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()

    def send(self, gateway: str, event: str, event_id: str, body: bytes, target: str = "") -> None:
        """Hand over one callback. Without `target` it goes to Kikao's address for that gateway."""
        row = {"gateway": gateway, "event": event, "event_id": event_id, "body": body.decode(), "target": target}
        rule = self._faults.rule(gateway, event)
        mode = rule.callbacks if rule else ""
        for _ in range(rule.copies if rule and mode == "duplicate" else 1):
            self._add(row, mode, rule)

    def release(self, gateway: str | None = None, event: str = "", order: str = "") -> list[Doc]:
        """Deliver what was held, one after the other; the answer is what came of each."""
        held = [d for d in reversed(self._store.all(KIND)) if d["status"] == "held" and d["event"].startswith(event)]
        held = [d for d in held if gateway in (None, d["gateway"])]
        if order == "reverse" or (not order and any(d["mode"] == "reverse" for d in held)):
            held.reverse()
        elif order == "random":
            random.shuffle(held)
        return [self._attempt(d["id"]) for d in held]

    def again(self, delivery_id: str) -> Doc | None:
        """Send one callback once more, whatever came of it before."""
        return self._attempt(delivery_id) if self._store.get(KIND, delivery_id) else None

    def log(self) -> list[Doc]:
        """Every delivery, newest first."""
        return self._store.all(KIND)

    def settle(self, seconds: float) -> bool:
        """Wait until nothing is due or under way (retries to come do not count); False when that took too long."""
        end = time.monotonic() + seconds  # a test may move the sandbox's clock meanwhile
        with self._wake:
            while self._busy or (self._waiting and self._waiting[0][0] <= clock.now()):
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._wake.wait(min(left, 0.05))
        return True

    def forget(self) -> None:
        """Drop everything that waits."""
        with self._wake:
            self._waiting.clear()

    # -------------------------------------------------------------------------------------------- one delivery

    def _add(self, row: Doc, mode: str, rule: CallbackRule | None) -> None:
        status = {"drop": "dropped", "hold": "held", "reverse": "held"}.get(mode, "waiting")
        due = clock.now() + (rule.seconds if rule and mode == "delay" else 0) if status == "waiting" else None
        made = row | {"id": clock.new_id("dl_"), "mode": mode, "status": status, "attempts": [], "due": due}
        made["created"] = clock.iso(clock.now())
        self._save(made)
        if due is not None:
            self._queue(made["id"], due)

    def _attempt(self, delivery_id: str) -> Doc:
        row = self._store.get(KIND, delivery_id)
        if row is None:  # reset, or rolled back after it was queued
            return {}
        result = self._post(row)
        row["attempts"].append(result)
        delivered = 200 <= result["status"] < 300
        again = not delivered and row["gateway"] in RETRYING and len(row["attempts"]) < ATTEMPTS
        row["status"] = "delivered" if delivered else "waiting" if again else "failed"
        row["due"] = clock.now() + min(self._gap * 2 ** (len(row["attempts"]) - 1), LONGEST_GAP) if again else None
        if self._still_there(row) and again:
            self._queue(delivery_id, row["due"])
        return row

    def _post(self, row: Doc) -> Doc:
        moment = clock.now()
        body = row["body"].encode()
        headers = headers_for(row["gateway"], self._keys, body, row["event_id"], moment)
        target = row["target"] or f"{self.app_url}/callbacks/{row['gateway']}"
        result: Doc = {"at": clock.iso(moment), "target": target, "status": 0, "error": ""}
        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy of the machine has no business between two local servers
                answer = session.post(
                    target, data=body, headers=headers, timeout=PATIENCE[row["gateway"]], allow_redirects=False
                )
            result |= {"status": answer.status_code, "answer": answer.text[:500]}
        except requests.RequestException as error:
            result["error"] = type(error).__name__
        return result | {"seconds": round(clock.now() - moment, 3)}

    def _still_there(self, row: Doc) -> bool:
        with self._store.change():
            if self._store.get(KIND, row["id"]) is None:  # a reset came in between
                return False
            self._save(row)
        return True

    def _save(self, row: Doc) -> None:
        self._store.put(KIND, row["id"], row, ref=row["event_id"], due=row["due"])

    # -------------------------------------------------------------------------------------------- the queue

    def _queue(self, delivery_id: str, due: float) -> None:
        with self._wake:
            heapq.heappush(self._waiting, (due, next(self._numbers), delivery_id))
            self._wake.notify_all()  # not one: it might wake settle() instead of a worker

    def _work(self) -> None:
        while (delivery_id := self._next()) is not None:
            try:
                self._attempt(delivery_id)
            except StoreClosed:  # the attempt is not on record, so the next run makes it again: at least once
                return
            finally:
                with self._wake:
                    self._busy -= 1
                    self._wake.notify_all()

    def _next(self) -> str | None:
        """The next delivery that is due, waiting for it; None when stopped."""
        with self._wake:
            while not self._stopped:
                if self._waiting and self._waiting[0][0] <= clock.now():
                    self._busy += 1
                    return heapq.heappop(self._waiting)[2]
                self._wake.wait(self._waiting[0][0] - clock.now() if self._waiting else None)
        return None


def public(rows: Sequence[Doc]) -> list[dict[str, Any]]:
    """Deliveries as the log shows them."""
    hidden = ("due", "body")
    return [{k: v for k, v in row.items() if k not in hidden} | {"last": _last(row)} for row in rows if row]


def _last(row: Doc) -> int:
    return row["attempts"][-1]["status"] if row["attempts"] else 0
