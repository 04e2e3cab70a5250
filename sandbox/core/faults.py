"""Mischief on demand: what a test or a demo asked the sandbox to do wrong, and doing it.

A `Fault` spoils the answer to one API call. A `CallbackRule` spoils what is sent to Kikao. Both are in memory only:
a restarted sandbox behaves.
"""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, g, request

from sandbox.core.errors import Mistaken

GATEWAYS = ("stripe", "razorpay", "mpesa")
OTHERS = ("africastalking", "twilio", "openid")  # carriers of SMS and a provider of log-ins: they call nobody back
ROUTES = {
    "stripe": (
        *("create", "retrieve", "list", "expire", "intent", "capture"),
        *("cancel", "charge", "refund", "events", "lists", "webhooks"),
    ),
    "razorpay": ("order", "retrieve", "payments", "capture", "refund", "lists", "webhooks"),
    "mpesa": ("token", "push", "query", "refund", "status", "register"),
    "africastalking": ("send", "account"),
    "twilio": ("send", "account"),
    "openid": ("discovery", "keys", "token", "person"),
}
BREAKING = ("500", "429", "400", "html", "empty", "reset", "timeout", "malformed", "wrong_shape")
# How a vendor says "not now" in words of its own, on any of its routes: its module gives them a shape.
TURNING_AWAY = {"mpesa": ("spike_arrest", "quota", "policy", "busy")}
SPOILING = ("slow", "wrong_amount", "wrong_currency", "missing_id", "foreign_url")
# Answers that are the vendor's own word rather than a broken line; the gateways' own code asks for them.
SPOKEN = {
    ("stripe", "refund"): ("refund_pending", "refund_failed"),
    ("razorpay", "refund"): ("refund_pending", "refund_failed", "no_balance"),
    ("mpesa", "refund"): ("refund_failed", "queue_timeout"),
    ("mpesa", "query"): ("pending_200", "contradict"),
    ("mpesa", "status"): ("queue_timeout", "result_busy", "result_unclear", "masked", "pending", "no_payee"),
    ("openid", "discovery"): ("other_issuer",),
    ("openid", "token"): (
        *("wrong_nonce", "wrong_audience", "second_audience", "expired", "other_issuer", "alg_none", "our_own_secret"),
        *("wrong_key", "unverified", "verified_in_words", "no_subject", "no_email", "verified_nothing"),
    ),
    ("openid", "person"): ("other_subject", "not_said_verified"),
}
CALLBACK_MODES = ("drop", "hold", "reverse", "duplicate", "delay")


@dataclass
class Fault:
    """One fault, used up after `times` calls."""

    gateway: str
    route: str
    fault: str
    times: int = 1
    when: str = "before"  # before: nothing was done; after: it was done and the answer is lost
    stored: bool = False  # Stripe only: the failure is what a replay of the idempotency key gets for ever
    seconds: float = 30.0  # for timeout and slow
    message: str = ""

    def __post_init__(self) -> None:
        _one_of("gateway", self.gateway, (*GATEWAYS, *OTHERS))
        _one_of("route", self.route, (*ROUTES[self.gateway], "any"))
        spoken = SPOKEN.get((self.gateway, self.route), ())
        _one_of("fault", self.fault, (*BREAKING, *SPOILING, *spoken, *TURNING_AWAY.get(self.gateway, ())))
        _one_of("when", self.when, ("before", "after"))
        _numbers(self.times, self.seconds)


@dataclass
class CallbackRule:
    """What happens to callbacks of a gateway; `times` of None means until cleared."""

    gateway: str
    callbacks: str
    times: int | None = None
    event: str = ""  # only events whose name starts with this
    copies: int = 2
    seconds: float = 5.0

    def __post_init__(self) -> None:
        _one_of("gateway", self.gateway, (*GATEWAYS, "any"))
        _one_of("callbacks", self.callbacks, CALLBACK_MODES)
        _numbers(self.times or 1, self.copies, self.seconds)


class Faults:
    """Everything asked for and not used up, in the order it was asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._rules: list[CallbackRule] = []
        self._paused: set[threading.Event] = set()
        self._over = False

    def add(self, wish: dict[str, Any]) -> None:
        """Take one wish from /control/faults. Raises Mistaken."""
        try:
            made = CallbackRule(**wish) if "callbacks" in wish else Fault(**wish)
        except TypeError as error:
            raise Mistaken(str(error).replace("__init__() ", "")) from None
        with self._lock:
            if isinstance(made, CallbackRule):
                self._rules.append(made)
            else:
                self._faults.append(made)

    def take(self, gateway: str, route: str, words: tuple[str, ...] = ()) -> Fault | None:
        """The next fault for this call, one use of it spent."""
        words = words or (*BREAKING, *SPOILING, *TURNING_AWAY.get(gateway, ()))
        with self._lock:
            for fault in self._faults:
                if fault.gateway == gateway and fault.route in (route, "any") and fault.fault in words:
                    _spend(fault, self._faults)
                    return fault
        return None

    def rule(self, gateway: str, event: str) -> CallbackRule | None:
        """The first rule for this callback, one use of it spent."""
        with self._lock:
            for rule in self._rules:
                if rule.gateway in (gateway, "any") and event.startswith(rule.event):
                    _spend(rule, self._rules)
                    return rule
        return None

    def stop_holding(self, gateway: str | None) -> None:
        """End the hold and reverse rules (of one gateway, or of all)."""
        with self._lock:
            self._rules = [
                r for r in self._rules if r.callbacks not in ("hold", "reverse") or gateway not in (None, r.gateway)
            ]

    def clear(self) -> None:
        """Behave."""
        with self._lock:
            self._faults = []
            self._rules = []

    def pause(self, seconds: float) -> None:
        """So long, or until `resume`, the call is not answered."""
        going = threading.Event()
        with self._lock:
            if self._over:
                return
            self._paused.add(going)
        going.wait(seconds)
        with self._lock:
            self._paused.discard(going)

    def paused(self) -> bool:
        """Whether a call waits for its answer now; what it does before waiting is done."""
        with self._lock:
            return bool(self._paused)

    def resume(self, *, for_ever: bool = False) -> None:
        """Every call that waits goes on at once; `for_ever`: and none waits any more."""
        with self._lock:
            self._over = self._over or for_ever
            for going in self._paused:
                going.set()
            self._paused.clear()

    def listed(self) -> list[dict[str, Any]]:
        """What is still to happen."""
        with self._lock:
            return [vars(one).copy() for one in (*self._faults, *self._rules)]


def _spend(one: Fault | CallbackRule, among: list[Any]) -> None:
    if one.times is not None:
        one.times -= 1
        if one.times <= 0:
            among.remove(one)


Shape = Callable[[str, str], Response]  # a vendor's own error answer for ("500" | "429" | "400" | its own, message)


def guard(gateway: str, route: str, shape: Shape, work: Callable[[], Response]) -> Response:
    """The answer to one API call, spoilt if a fault says so."""
    request.get_data()  # the server would wait for an unread body before it cuts a connection
    fault = _faults().take(gateway, route)
    if fault is None:
        return work()
    if fault.stored:
        g.stored_fault = fault  # the idempotency layer plays it, so that a replay gets the same
        return work()
    return play(fault, shape, work)


def play(fault: Fault, shape: Shape, work: Callable[[], Response]) -> Response:
    """Do the work or not, and give the answer the fault wants."""
    if fault.fault in SPOILING:
        return _spoil(fault, work)
    if fault.when == "after":
        work()
    return _break(fault, shape)


def _break(fault: Fault, shape: Shape) -> Response:
    if fault.fault in ("500", "429", "400", *TURNING_AWAY.get(fault.gateway, ())):
        return shape(fault.fault, fault.message)
    if fault.fault in ("reset", "timeout"):
        return Response(_Cut(fault.seconds if fault.fault == "timeout" else 0, _faults()))
    if fault.fault == "html":
        return Response("<!doctype html><title>Maintenance</title><h1>We will be back</h1>", mimetype="text/html")
    body = {"empty": "", "malformed": '{"surprise": [1, 2', "wrong_shape": "{}"}[fault.fault]
    return Response(body, mimetype="application/json")


class _Cut:
    """A body that breaks the connection: raised while the server iterates, outside Flask's error handling."""

    def __init__(self, seconds: float, faults: Faults) -> None:
        self._seconds = seconds
        self._faults = faults

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self._faults.pause(self._seconds)
        raise ConnectionResetError("the sandbox was asked to cut this connection")


def _spoil(fault: Fault, work: Callable[[], Response]) -> Response:
    if fault.fault == "slow":
        if fault.when == "before":
            _faults().pause(fault.seconds)
        response = work()
        if fault.when == "after":
            _faults().pause(fault.seconds)
        return response
    response = work()
    if response.status_code == 200 and response.is_json:
        response.set_data(json.dumps(_twist(response.get_json(), fault.fault)))
    return response


_AMOUNTS = ("amount", "amount_total", "amount_subtotal", "amount_received", "amount_captured", "amount_paid")
_IDS = ("id", "CheckoutRequestID", "ConversationID", "access_token")


def _twist(value: Any, how: str) -> Any:
    if isinstance(value, list):
        return [_twist(item, how) for item in value]
    if not isinstance(value, dict):
        return value
    return {k: _twisted(k, _twist(v, how), how) for k, v in value.items() if how != "missing_id" or k not in _IDS}


def _twisted(key: str, value: Any, how: str) -> Any:
    if how == "wrong_amount" and key in _AMOUNTS and isinstance(value, int):
        return value + 100
    if how == "wrong_currency" and key == "currency":
        return "nok" if str(value).islower() else "NOK"
    if how == "foreign_url" and key == "url" and value:
        return "https://pay.example.net/c/pay"
    return value


def _faults() -> Faults:
    faults: Faults = current_app.extensions["sandbox"].faults
    return faults


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise Mistaken(f"{name} must be one of {', '.join(allowed)}")


def _numbers(*values: object) -> None:
    if not all(isinstance(value, int | float) and value >= 0 for value in values):
        raise Mistaken("times, copies and seconds are numbers")
