"""People who book, pay, change their minds and give up, through the JSON API and at the gateways, whatever dies meanwhile."""

import random
import threading
import time
import uuid
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import requests

from soak.stage import Offer

_PATIENCE = 4.0  # seconds for which somebody tries again before they give up and close the browser
_THINGS = {"stripe": "sessions", "razorpay": "orders", "mpesa": "prompts"}
_REFUSALS = {"stripe": ("decline",), "razorpay": ("fail",), "mpesa": ("cancel", "timeout", "insufficient")}
_RUSH = 3  # payers for each of the popular times


class GaveUp(Exception):
    """No answer in time, or a refusal; in one word. This story ends here."""


@dataclass(frozen=True)
class Begun:
    """A payment that waits for its payer at a gateway."""

    gateway: str
    ref: str


@dataclass
class Crowd:
    """What the payers share: a place to stop, and payments left for somebody else to complete at a chosen moment."""

    stop: threading.Event = field(default_factory=threading.Event)
    left: "deque[Begun]" = field(default_factory=lambda: deque(maxlen=30))
    done: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str) -> int:
        """One more of these; how many there were before."""
        with self.lock:
            self.done[what] += 1
            return self.done[what] - 1


class Line:
    """One program's connection; it follows no proxy of the machine."""

    def __init__(self, base: str, token: str = "") -> None:
        self._base, self._session = base, requests.Session()
        self._session.trust_env = False
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> Any:
        """The answer; asked again after silence. Raises GaveUp."""
        return self._patiently("GET", path, None, {})

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer; sent again after silence, with the same Idempotency-Key. Raises GaveUp."""
        return self._patiently("POST", path, body or {}, {"Idempotency-Key": uuid.uuid4().hex})

    def _patiently(self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]) -> Any:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            answer = self._once(method, path, body, headers)
            if answer is not None and answer.status_code < 400:
                return answer.json()
            if answer is not None and answer.status_code < 500 and "in_progress" not in answer.text:
                raise GaveUp(str(answer.json().get("code", answer.status_code)))
            time.sleep(0.2)
        raise GaveUp("no answer")

    def _once(
        self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]
    ) -> requests.Response | None:
        try:
            return self._session.request(method, self._base + path, json=body, headers=headers, timeout=15)
        except requests.RequestException:
            return None  # killed before it answered, or not there yet


class Hands:
    """What payers do at the gateways, and what may be asked of the sandbox."""

    def __init__(self, url: str) -> None:
        self._url, self._session = url, requests.Session()
        self._session.trust_env = False

    def act(self, begun: Begun, act: str) -> bool:
        """Whether the gateway let the payer do it."""
        path = f"/control/{begun.gateway}/{_THINGS[begun.gateway]}/{begun.ref}/{act}"
        return self.post(path).status_code < 300

    def prompt_on(self, phone: str) -> Begun | None:
        """The open M-Pesa prompt on a phone: its owner sees it, whatever Kikao knows of it."""
        prompts = self.get("/control/mpesa/prompts")["prompts"]
        for prompt in prompts:
            if prompt["phone"] == phone.removeprefix("+") and prompt["result"] == -1:
                return Begun("mpesa", prompt["id"])
        return None

    def get(self, path: str) -> Any:
        """What the sandbox says."""
        return self._session.get(self._url + path, timeout=60).json()

    def post(self, path: str, body: Any = None) -> requests.Response:
        """A wish to the sandbox."""
        return self._session.post(self._url + path, json={} if body is None else body, timeout=60)


class Payer(threading.Thread):
    """One client after another story: books, pays or not, cancels or not."""

    def __init__(
        self, number: int, app: str, sandbox: str, token: str, offers: tuple[Offer, ...], crowd: Crowd
    ) -> None:
        super().__init__(name=f"payer-{number}", daemon=True)
        self._number, self._app, self._offers, self._crowd = number, app, offers, crowd
        self._client, self._hands = Line(f"{app}/api/v1", token), Hands(sandbox)
        self._chance = random.Random()
        self.failures: list[str] = []

    def seeded(self, seed: int) -> "Payer":
        """The same, making the choices of this seed."""
        self._chance.seed(f"{seed}:{self._number}")
        return self

    def run(self) -> None:
        """Story after story until the crowd is told to stop."""
        while not self._crowd.stop.wait(self._chance.random() * 0.2):
            try:
                self._story(self._chance.choice(self._offers))
            except GaveUp as end:
                self._crowd.count(f"ended by {end}")
            except Exception as error:  # a mistake of ours must be seen, not end the load
                self.failures.append(repr(error))

    def _story(self, offer: Offer) -> None:
        made = self._client.post("/bookings", {"service_id": offer.service, "start": self._start(offer)})
        self._crowd.count("asked")
        booking, checkout = made["booking"], made["checkout"]
        if booking and booking["status"] == "pending_approval":
            checkout = self._answered(offer, booking["id"])
        if checkout is None or self._cancels(0.06, booking):
            return
        self._pay(offer, checkout["id"])
        if booking:
            self._afterwards(offer, booking["id"])

    def _start(self, offer: Offer) -> str:
        # A third of the times are popular: several payers want each of them.
        if self._chance.random() < 0.35:
            popular = self._crowd.count(f"popular {offer.service}") // _RUSH
            return offer.starts[popular % (len(offer.starts) // 4)]
        return self._chance.choice(offer.starts)

    def _answered(self, offer: Offer, booking_id: str) -> dict[str, Any] | None:
        """The practitioner's answer, and the bill if it was yes."""
        owner, dice = Line(f"{self._app}/api/v1", offer.owner), self._chance.random()
        if dice < 0.08:
            return None
        if dice < 0.2:
            owner.post(f"/bookings/{booking_id}/decline", {"reason": "I am away that week."})
            return None
        owner.post(f"/bookings/{booking_id}/approve")
        bill = self._client.get(f"/bookings/{booking_id}")["checkout_id"]
        return {"id": bill} if bill else None

    def _cancels(self, share: float, booking: dict[str, Any] | None) -> bool:
        if booking is None or self._chance.random() >= share:
            return False
        self._client.post(f"/bookings/{booking['id']}/cancel", {"reason": "I changed my mind."})
        self._crowd.count("cancelled")
        return True

    def _pay(self, offer: Offer, checkout_id: str) -> None:
        begun = self._begin(checkout_id, self._chance.choice(offer.gateways))
        dice = self._chance.random()
        if dice < 0.25:
            self._crowd.left.append(begun)
        elif dice < 0.33:
            self._crowd.count("left unpaid")
        elif dice < 0.43:
            self._hands.act(begun, self._chance.choice(_REFUSALS[begun.gateway]))
            self._settle(self._begin(checkout_id, begun.gateway))
        elif dice < 0.51 and len(offer.gateways) > 1:
            other = self._begin(checkout_id, next(g for g in offer.gateways if g != begun.gateway))
            self._settle(begun)  # the first page was still open in another tab
            self._settle(other)
        else:
            self._settle(begun)

    def _settle(self, begun: Begun) -> None:
        if self._hands.act(begun, "pay"):
            self._crowd.count("paid")

    def _begin(self, checkout_id: str, gateway: str) -> Begun:
        phone = f"+2547{self._number:02}{self._crowd.count(f'phone {self._number}') % 1_000_000:06}"
        body = {"gateway": gateway} | ({"phone": phone} if gateway == "mpesa" else {})
        try:
            for _ in range(10):
                following = self._client.post(f"/checkouts/{checkout_id}/attempts", body)["next"]
                if following.get("provider_ref"):
                    return Begun(gateway, following["provider_ref"])
                time.sleep(0.2)
        except GaveUp:
            if gateway != "mpesa":
                raise
        # Kikao may have been killed before it learnt of the prompt; the phone shows it all the same.
        if gateway == "mpesa" and (prompt := self._hands.prompt_on(phone)):
            self._crowd.count("prompts Kikao never heard of")
            return prompt
        raise GaveUp("nothing to pay")

    def _afterwards(self, offer: Offer, booking_id: str) -> None:
        """A third of what was paid is cancelled again, some of it before the news of the money is there."""
        dice = self._chance.random()
        if dice < 0.1:
            self._cancels(1, {"id": booking_id})
        elif dice < 0.35:
            self._crowd.stop.wait(0.5)
            self._cancels(1, {"id": booking_id})
        elif dice < 0.42:
            self._crowd.stop.wait(0.5)
            Line(f"{self._app}/api/v1", offer.owner).post(f"/bookings/{booking_id}/cancel", {"reason": "I am ill."})
            self._crowd.count("cancelled")
