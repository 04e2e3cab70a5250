"""A history being played: its hands, and the checks after each step and once all is quiet. What may happen is next door."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from hypothesis import currently_in_test_context, note
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.services.backoffice import reconciliation
from tests.histories import checks, news, places
from tests.histories.books import Books, ends_of, read
from tests.histories.cast import Recorded
from tests.histories.letters import Letter
from tests.histories.shelf import Shelf
from tests.histories.stage import Stage
from tests.support.gateways import GATEWAYS
from tests.support.world import Caller

TALLY: Counter[str] = Counter()

# Until nothing can be under way any more: prompts, holds, retries, deadlines, offers and the last look-up had their time,
# and a refund that nobody hears of has been asked for often enough to be handed to staff.
_TO_THE_END = [timedelta(minutes=3), timedelta(hours=1), timedelta(hours=6), timedelta(hours=26), timedelta(days=3)]
_TO_THE_END += [timedelta(hours=5)] * 4
_WAYS = {currency: (code, code, "stripe", "wallet") for code, currency in GATEWAYS}  # a card pays in every currency


class Breach(AssertionError):
    """Something that must always be true is not."""


def step(**arguments: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule that counts how often it is played."""

    def register(function: Callable[..., None]) -> Any:
        @wraps(function)
        def counted(*given: Any, **named: Any) -> None:
            TALLY[function.__name__] += 1
            function(*given, **named)

        made: Callable[..., Any] = rule(**arguments)
        return made(counted)

    return register


class Played(RuleBasedStateMachine):
    """One history on a stage; `stage` is set on a subclass."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.books = Books.empty()
        self.shelf = Shelf([])
        self.prompt_mail = True
        self.began = self.broken = False
        TALLY["histories"] += 1

    # ---------------------------------------------------------------------------------------- checking

    @invariant()
    def holds(self) -> None:
        """Nothing that must always be true is broken."""
        if not self.began:
            return
        TALLY["steps"] += 1
        if self.prompt_mail:
            self.deliver_all(self.stage.letters.waiting())
        if self.stage.was_written():
            self.check()
        self.no_mistakes()

    def teardown(self) -> None:
        """The gateways behave, every callback arrives, time passes: then the money is where it belongs, to the last unit."""
        if self.broken or not self.began:
            return
        self.stage.sandbox.faults.clear()
        self.deliver_all(self.stage.letters.waiting())
        self.before_the_end()
        for pause in _TO_THE_END:
            if not checks.under_way(self.read()):
                break
            self.let_pass(pause)
        self.after_the_end()
        self.check(quiet=True)
        self.no_mistakes()
        TALLY.update(ends_of(self.books))

    def before_the_end(self) -> None:
        """What must be done before all can become quiet."""

    def after_the_end(self) -> None:
        """What must be true besides, once all is quiet."""

    def let_pass(self, pause: timedelta) -> None:
        """Time passes, what is on its way arrives, and the clock does its work."""
        self.stage.move(pause)
        self.deliver_all(self.stage.letters.waiting())
        self.stage.sweep()
        self.deliver_all(self.stage.letters.waiting())

    def check(self, *, quiet: bool = False) -> None:
        """The books are read again, and in order."""
        TALLY["checks"] += 1
        self.books = self.read()
        found = checks.breaches(self.books, quiet=quiet)
        with self.stage.engine.connect() as connection:
            found += places.breaches(connection, self.books.now)
        found += self.shelf.breaches(self.books)
        with self.stage.app.app_context():
            found += [f"audit: {breach}" for breach in reconciliation.breaches()]
        self.must(not found, "\n".join(found))

    def no_mistakes(self) -> None:
        """Nobody was answered with an internal error, and no sweep stumbled."""
        found = [f"{call} -> {status}" for call, status in Recorded.seen if status >= 500] + self.stage.mistakes.lines
        Recorded.seen.clear()
        self.must(not found, "\n".join(found))

    def read(self) -> Books:
        """The books now."""
        with self.stage.engine.connect() as connection:
            return read(connection, self.stage.time.now(), self.stage.money(), self.stage.payable())

    def must(self, true: object, sentence: str) -> None:
        """A breach ends the history unless it is `true`."""
        if not true:
            self.broken = True
            raise Breach(sentence)

    @staticmethod
    def said(words: str) -> None:
        """What came of a step stands beside it when the history is printed."""
        if currently_in_test_context():  # one that a test tells step by step is not printed
            note(f"    # {words}")

    # ---------------------------------------------------------------------------------------- hands

    def deliver_all(self, letters: list[Letter]) -> None:
        """True callbacks arrive and are taken."""
        for letter in letters:
            status = self.stage.deliver(letter)
            letter.arrived += 1
            self.said(f"{letter.gateway} {letter.event} -> {status}")
            self.must(status == 200, f"the true callback {letter.event} was answered {status}")

    def ask(self, client: int, service_id: int, start: str, places: int) -> None:
        """A client asks for a session."""
        body = {"service_id": service_id, "start": start, "places": places}
        answer = self.stage.cast.clients[client].post("/bookings", body)
        self.said(f"service {service_id} at {start} -> {said_of(answer)}")

    def ask_ahead(self, client: int, service: int, hours: int, places: int) -> None:
        """A client asks for a session that begins so many full hours from now."""
        chosen = self.stage.cast.services[service % len(self.stage.cast.services)]
        hour = self.stage.time.present.replace(minute=0, second=0, microsecond=0)
        self.ask(client, chosen.id, (hour + timedelta(hours=hours)).isoformat(), places)

    def open(self, client: int, service: int, hours: int, far: int) -> None:
        """A booking was asked for; with `far` approved where that is needed, and being paid; with 2 paid."""
        self.ask_ahead(client, service, hours, 1)
        self.books = self.read()
        if far and self.books.bookings and self.books.bookings[-1].status == "pending_approval":
            booking = newest(self.books.bookings, 0)
            self.caller(booking, "practitioner").post(f"/bookings/{booking.id}/approve")
            self.books = self.read()
        if far and self.books.checkouts:
            self.begin_and(newest(self.books.checkouts, 0), 0, "pay" if far > 1 else "")
            self.books = self.read()

    def wait_until(self, booking: Any, minutes: int) -> None:
        """It is so many minutes after the beginning of a session, if that was not past already."""
        until = booking.starts_at + timedelta(minutes=minutes) - self.stage.time.present
        if until > timedelta(0):
            self.stage.move(until)

    def begin_and(self, checkout: Any, way: int, act: str) -> None:
        """The client goes to a gateway and does `act` there."""
        begun = self.begin(checkout, way)
        ref = (begun.get("next") or {}).get("provider_ref")
        if act and ref:
            done = news.payer_does(self.stage, begun["attempt"]["gateway"], {"id": ref}, act)
            self.said(f"{act} {ref}: {done}")

    def begin(self, checkout: Any, way: int, *, phone: str = "", key: str | None = None) -> dict[str, Any]:
        """The answer to beginning to pay one of the ways the currency knows."""
        body = {"gateway": _WAYS[checkout.currency][way], "phone": phone}
        answer = self.client(checkout.client_id).post(f"/checkouts/{checkout.id}/attempts", body, key=key)
        self.said(f"{body['gateway']} for {checkout.title} -> {said_of(answer)}")
        told: dict[str, Any] = answer.get_json()
        return told

    def client(self, user_id: int) -> Caller:
        """The client with this id; for a payer whom a restored backup does not know somebody else, who may do nothing."""
        clients = self.stage.cast.clients
        return next((each for each in clients if each.user_id == user_id), clients[0])

    def caller(self, booking: Any, who: str) -> Caller:
        """Whoever plays this part in the booking; a stranger is another client."""
        cast = self.stage.cast
        match who:
            case "client":
                return self.client(booking.client_id)
            case "practitioner":
                return cast.practitioners[booking.practitioner_id]
            case "staff":
                return cast.staff[0]
            case _:
                return next(each for each in cast.clients if each.user_id != booking.client_id)


def newest(rows: list[Any], which: int) -> Any:
    """The newest, or one of the few before it."""
    return rows[-1 - which % len(rows)]


def said_of(answer: Any) -> str:
    """An answer in a few words."""
    told = answer.get_json()
    return (
        f"{answer.status_code} {told.get('code') or (told.get('next') or {}).get('kind') or told.get('status') or ''}"
    )
