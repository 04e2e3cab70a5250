"""The end of a hold and the news of its money at the same instant, a thousand times: never paid, expired and forgotten."""

import contextlib
import itertools
import random
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from app.domain.lifecycle import AttemptStatus, BookingStatus
from app.lib import clock
from app.models import Attempt, Booking, Refund
from app.services import bookings
from app.services.payments import attempts
from app.services.workflows import expiry
from sandbox.control import acts
from sandbox.core.errors import Refused
from sandbox.core.signing import headers_for
from script.support import processes
from script.support.postgres import PostgresCluster
from soak import books, settling
from soak.proof import Outcome, Play, Proof
from soak.stage import build, database, inside, starts
from tests.histories.stage import own_database
from tests.support.world import World

CURRENCIES = {"stripe": "EUR", "razorpay": "INR", "mpesa": "KES"}
_THINGS = {"stripe": "sessions", "razorpay": "orders", "mpesa": "prompts"}
_SUCCESS = {"stripe": "checkout.session.completed", "razorpay": "payment.captured", "mpesa": "stk.0"}
_SPREAD = 0.08
_REPEATS = 20  # a vendor tells again what was not taken
# When the payer pays, and whether somebody else takes the place once it is free by the clock.
_PAID = ("before", "at the instant")
_RIVAL = ("", "", "at the instant", "before")
PLANS = tuple(itertools.product(CURRENCIES, _PAID, _RIVAL))


@dataclass
class Round:
    """One booking whose hold ends, and everybody who has to do with it."""

    gateway: str
    paid: str
    rival: str
    service: int
    start: str
    booking: str
    attempt: str
    ref: str
    deadline: datetime


class Rounds:
    """Plays rounds in one world: gateways in turn, with and without a rival for the place."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.ends = world, Counter[str]()
        self._chance = random.Random(seed)
        self._client, self._other = world.person(), world.person()
        owners = {gateway: world.practitioner(name=gateway, zone="UTC") for gateway in CURRENCIES}
        self._services = {g: world.service(owners[g], currency=CURRENCIES[g], hold_minutes=3) for g in CURRENCIES}
        self._starts = {gateway: starts(clock.now()) for gateway in CURRENCIES}
        self._mistakes: list[str] = []

    def play(self, number: int) -> list[str]:
        """One round; in words, what must not be."""
        self.world.faults(gateway="any", callbacks="hold", times=None)
        this = self._begin(*PLANS[number % len(PLANS)])
        if this.paid == "before":
            self._pay(this)
        early = self._chance.uniform(-0.03, 0.006) if this.rival != "before" else -0.01
        self.world.move(seconds=(this.deadline - clock.now()).total_seconds() - early)
        if this.rival == "before":
            self._take_place(this)
        self._at_once(self._everybody(this))
        mistakes, self._mistakes = self._mistakes, []
        return mistakes + self._judge(this)

    def finish(self) -> list[str]:
        """Days have passed and every refund is made; in words, where the books and the world differ."""
        self.world.sandbox.sandbox.faults.clear()
        return settling.until_quiet(self.world) + books.differences(self.world)

    def _begin(self, gateway: str, paid: str, rival: str) -> Round:
        service, start = self._services[gateway], next(self._starts[gateway])
        made = self.world.book(self._client, service, start)
        phone = {"phone": f"+2547{self._chance.randrange(10**8):08}"} if gateway == "mpesa" else {}
        begun = self.world.begin(self._client, made["checkout"]["id"], gateway, **phone)
        deadline = datetime.fromisoformat(made["booking"]["deadline_at"])
        names = (made["booking"]["id"], begun["attempt"]["id"], begun["next"]["provider_ref"])
        return Round(gateway, paid, rival, service, start, *names, deadline)

    def _everybody(self, this: Round) -> list[Callable[[], None]]:
        """What happens at the instant."""
        busy: list[Callable[[], None]] = [
            lambda: self._tell(this),
            self._sweep,
            lambda: self._look_up(this),
        ]
        if this.rival == "at the instant":
            busy.append(lambda: self._take_place(this))
        self._chance.shuffle(busy)
        return busy

    def _at_once(self, acts_: list[Callable[[], None]]) -> None:
        gate = threading.Barrier(len(acts_))

        def run(act: Callable[[], None], later: float) -> None:
            gate.wait()
            time.sleep(later)
            try:
                act()
            except Exception as error:  # a thread must not take its failure to the grave
                self._mistakes.append(repr(error))

        # Half of the rounds at once, half within some hundredths of a second: who comes first shall differ.
        spread = self._chance.choice((0, _SPREAD))
        threads = [threading.Thread(target=run, args=(act, self._chance.uniform(0, spread))) for act in acts_]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    # ---------------------------------------------------------------------------------------- what happens

    def _pay(self, this: Round) -> None:
        more = {"anyway": True} if this.gateway == "mpesa" else {}
        acts.ACTS[this.gateway, _THINGS[this.gateway]]["pay"](self.world.sandbox.sandbox, this.ref, **more)

    def _tell(self, this: Round) -> None:
        """The success arrives, if the page could still be paid; told again until it was taken, as vendors do."""
        if this.paid != "before":
            try:
                self._pay(this)
            except Refused:
                return  # Kikao had closed the page in time: nobody paid
        box, row = self.world.sandbox.sandbox, self._news(this)
        path = urlsplit(row["target"]).path if row["target"] else f"/callbacks/{this.gateway}"
        http, body = self.world.app.test_client(), row["body"].encode()
        for _ in range(_REPEATS):
            headers = headers_for(this.gateway, box.credentials, body, row["event_id"], clock.now().timestamp())
            if http.post(path, data=body, headers=headers).status_code == 200:
                return
        raise RuntimeError(f"the callback of {this.ref} was not taken")

    def _news(self, this: Round) -> dict[str, Any]:
        held = self.world.sandbox.sandbox.store.all("delivery", 40)
        return next(row for row in held if row["event"] == _SUCCESS[this.gateway] and this.ref in row["body"])

    def _sweep(self) -> None:
        with self.world.app.app_context():
            for booking_id in bookings.overdue():
                expiry.end_booking(booking_id)

    def _look_up(self, this: Round) -> None:
        with self.world.app.app_context():
            attempts.look_up(uuid.UUID(this.attempt))

    def _take_place(self, this: Round) -> None:
        http, headers = self.world.app.test_client(), {"Authorization": f"Bearer {self._other.token}"}
        answer = http.post("/api/v1/bookings", json={"service_id": this.service, "start": this.start}, headers=headers)
        if answer.status_code not in (201, 409):
            raise RuntimeError(f"the rival was answered {answer.status_code}: {answer.text[:200]}")

    # ---------------------------------------------------------------------------------------- the verdict

    def _judge(self, this: Round) -> list[str]:
        self.world.work()  # what nobody signed is asked about
        with self.world.rows() as session:
            booking = session.get_one(Booking, uuid.UUID(this.booking))
            attempt = session.get_one(Attempt, uuid.UUID(this.attempt))
            back = sum(r.amount for r in session.scalars(select(Refund).where(Refund.attempt_id == attempt.id)))
            same = select(Booking).where(Booking.service_id == this.service, Booking.starts_at == booking.starts_at)
            rival = next((one for one in session.scalars(same) if one.id != booking.id), None)
            end = _end(booking, attempt, back, rival)
        self.ends[end.words] += 1
        return [] if end.allowed else [f"{this}: {end.words}"]


@dataclass(frozen=True)
class End:
    """How a round ended, in words, and whether it may."""

    words: str
    allowed: bool


def _end(booking: Booking, attempt: Attempt, back: int, rival: Booking | None) -> End:
    # The status by the clock: where the sweep came a moment before the deadline, the next one writes it.
    status, paid = bookings.status_now(booking), attempt.status is AttemptStatus.PAID
    sits = rival is not None and rival.status is BookingStatus.AWAITING_PAYMENT
    allowed = {
        (True, True): back == 0 and not sits,
        (False, True): status is BookingStatus.EXPIRED and back == attempt.amount,
        (False, False): back == 0,
        (True, False): False,
    }[status is BookingStatus.CONFIRMED, paid]
    words = ["confirmed again" if booking.version > 2 else status.value, "paid" if paid else "not paid"]
    words += ["sent back"] * bool(back) + ["place taken"] * sits
    return End(", ".join(words), allowed)


@contextlib.contextmanager
def on(engine: str) -> Iterator[Play]:
    """Each seed has an empty database of this engine, on one server."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(PostgresCluster()).url if engine == "postgresql" else ""
        yield lambda seed, rounds, step: run(server, rounds, seed, step)


def run(server: str, rounds: int, seed: int, step: Callable[[], None]) -> Outcome:
    """So many rounds on an empty database of this PostgreSQL server, without one of SQLite; then the books."""
    with contextlib.ExitStack() as stack:
        directory = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="kikao-soak-", dir=processes.short_directory()))
        )
        own = own_database(server) if server else database("sqlite", directory)
        played = Rounds(stack.enter_context(inside(build(directory, stack.enter_context(own)))), seed)
        wrong = [line for number in range(rounds) for line in _played(played, number, step)]
        wrong += played.finish()
    ends = {f"= {words}": count for words, count in played.ends.items()}
    paid = sum(count for words, count in ends.items() if ", paid" in words)
    return Outcome(Counter({"rounds": rounds, "payments": paid} | ends), wrong)


def _played(played: Rounds, number: int, step: Callable[[], None]) -> list[str]:
    wrong = played.play(number)
    step()
    return wrong


PROOF = Proof(
    "expiry",
    "a hold ends at the instant of its payment, so many times",
    unit="rounds",
    events="payments",
    each=100,
    seeds=10,
    playing=on,
)
