"""A random history: people book, answer, pay, cancel and wait; gateways fail, lie and repeat themselves; after each step all holds."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.services import audit
from sandbox.faults import BREAKING, SPOILING
from tests.histories import checks, news
from tests.histories.books import Books, ends_of, read
from tests.histories.cast import Recorded
from tests.histories.stage import START, Stage
from tests.support.world import Caller

TALLY: Counter[str] = Counter()

few = st.integers(0, 3)
clients = st.integers(0, 4)
services = st.integers(0, 15)
how_far = st.sampled_from([0, 1, 1, 2, 2])  # asked for, paying, paid
often = st.sampled_from([True, True, False])
seldom = st.sampled_from([False, False, False, True])
hours_ahead = st.sampled_from([1, 2, 3, 26, 27, 50])
pauses = st.sampled_from(
    [timedelta(seconds=s) for s in (0, 0, 6, 25, 130)]
    + [timedelta(minutes=m) for m in (5, 16, 31)]
    + [timedelta(hours=h) for h in (1, 4, 25)]
    + [timedelta(days=4)]
)
# Until nothing can be under way any more: prompts, holds, retries, deadlines, offers and the last look-up have all had their time.
_TO_THE_END = [timedelta(minutes=3), timedelta(hours=1), timedelta(hours=6), timedelta(hours=26), timedelta(days=3)]
_WAYS = {
    "EUR": ("stripe", "stripe", "stripe", "wallet"),
    "KES": ("mpesa", "mpesa", "stripe", "wallet"),
    "INR": ("razorpay", "razorpay", "stripe", "wallet"),
}


def step(**arguments: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule that counts how often it is played."""

    def register(function: Callable[..., None]) -> Any:
        @wraps(function)
        def counted(*given: Any, **named: Any) -> None:
            TALLY[function.__name__] += 1
            function(*given, **named)

        return rule(**arguments)(counted)

    return register


class Breach(AssertionError):
    """Something that must always be true is not."""


class History(RuleBasedStateMachine):
    """One history. The stage it is played on is set on a subclass."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.books: Books | None = None
        self.prompt_mail = True
        self.broken = False
        TALLY["histories"] += 1

    @initialize(
        reversals=st.booleans(),
        reseats=often,
        by_query=seldom,
        prompt_mail=often,
        opening=st.lists(st.tuples(clients, services, hours_ahead, how_far), min_size=1, max_size=3),
    )
    def set_up(self, reversals: bool, reseats: bool, by_query: bool, prompt_mail: bool, opening: list[Any]) -> None:
        """An installation, whether callbacks usually arrive at once, and what was asked for and paid so far."""
        self.prompt_mail = prompt_mail
        Recorded.seen.clear()
        self.stage.begin(reversals=reversals, reseats=reseats, by_query=by_query)
        for client, service, hours, far in opening:
            self._open(client, service, hours, far)

    def _open(self, client: int, service: int, hours: int, far: int) -> None:
        self._book(client, service, hours, 1)
        self.books = self._read()
        if far and self.books.bookings and self.books.bookings[-1].status == "pending_approval":
            booking = self._newest(self.books.bookings, 0)
            self._caller(booking, "practitioner").post(f"/bookings/{booking.id}/approve")
            self.books = self._read()
        if far and self.books.checkouts:
            self._pay(0, 0, "pay" if far > 1 else "")

    # ---------------------------------------------------------------------------------------- people

    @step(client=clients, service=services, hours=hours_ahead, places=st.sampled_from([1, 1, 2]))
    def book(self, client: int, service: int, hours: int, places: int) -> None:
        """A client asks for a session that begins at a full hour."""
        self._book(client, service, hours, places)

    def _book(self, client: int, service: int, hours: int, places: int) -> None:
        chosen = self.stage.cast.services[service % len(self.stage.cast.services)]
        hour = self.stage.time.present.replace(minute=0, second=0, microsecond=0)
        start = (hour + timedelta(hours=hours)).isoformat()
        self._ask(client, chosen.id, start, places)

    @precondition(lambda self: self.books and self.books.checkouts)
    @step(client=clients, which=few)
    def book_the_same(self, client: int, which: int) -> None:
        """Another client, or the same one again, asks for a time that somebody has asked for."""
        checkout = self._newest(self.books.checkouts, which)
        draft = checkout.draft
        if draft is None:
            booking = self.books.booking[checkout.booking_id]
            draft = {"service_id": booking.service_id, "start": booking.starts_at.isoformat()}
        self._ask(client, draft["service_id"], draft["start"], 1)

    @precondition(lambda self: self.books and self.books.bookings)
    @step(
        which=few,
        who=st.sampled_from(["client", "practitioner", "practitioner", "staff", "stranger"]),
        action=st.sampled_from(["approve", "approve", "decline", "cancel", "cancel", "start", "complete", "no-show"]),
    )
    def answer(self, which: int, who: str, action: str) -> None:
        """Somebody does, or tries to do, something with a booking."""
        booking = self._newest(self.books.bookings, which)
        answer = self._caller(booking, who).post(f"/bookings/{booking.id}/{action}", {"reason": "so it is"})
        self._said(f"{who} {action} {booking.status} -> {answer.status_code}")
        if who == "stranger":
            self._must(answer.status_code == 404, f"a stranger was answered {answer.status_code} to {action}")

    @precondition(lambda self: self.books and self.books.checkouts)
    @step(which=few, gateway=few, act=st.sampled_from(["", "pay", "pay", "pay", "fail", "pay too little"]))
    def pay(self, which: int, gateway: int, act: str) -> None:
        """A client goes to a gateway, the first time or once more, and perhaps does something there."""
        self._pay(which, gateway, act)

    def _pay(self, which: int, gateway: int, act: str) -> None:
        checkout = self._newest(self.books.checkouts, which)
        begun = self._begin(checkout, {"gateway": _WAYS[checkout.currency][gateway]})
        ref = (begun.json.get("next") or {}).get("provider_ref")
        if act and ref:
            done = news.payer_does(self.stage, begun.json["attempt"]["gateway"], {"id": ref}, act)
            self._said(f"{act} {ref}: {done}")

    @precondition(lambda self: self.books and self.books.checkouts)
    @step(which=few, phone=st.sampled_from(["", "+254712000001"]), gateway=few)
    def begin_twice(self, which: int, phone: str, gateway: int) -> None:
        """The same request to begin arrives twice with one key: there is one answer."""
        checkout = self._newest(self.books.checkouts, which)
        body, key = {"gateway": _WAYS[checkout.currency][gateway], "phone": phone}, f"key-{len(self.books.attempts)}"
        first, again = (self._begin(checkout, body, key) for _ in range(2))
        if first.status_code == 201:
            same = (first.status_code, first.json) == (again.status_code, again.json)
            self._must(same, f"a repeated request was answered {again.status_code} {again.json}")

    def _begin(self, checkout: Any, body: dict[str, str], key: str | None = None) -> Any:
        answer = self._client(checkout.client_id).post(f"/checkouts/{checkout.id}/attempts", body, key=key)
        said = answer.json.get("code") or answer.json["next"]
        self._said(f"{body['gateway']} for {checkout.title} -> {answer.status_code} {said}")
        return answer

    @precondition(lambda self: self.books and any(row.offer_until for row in self.books.refunds))
    @step(what=st.sampled_from(["money", "credit", "time", "time"]))
    def late_payer_chooses(self, what: str) -> None:
        """Who paid too late takes the money now, credit, or a near time."""
        self._said(news.choose(self.stage, self.books, what))

    @precondition(lambda self: self.books and self.books.checkouts)
    @step(which=few, how=st.sampled_from(["cancels", "cancels twice"]))
    def give_up_paying(self, which: int, how: str) -> None:
        """The client cancels on the way to the gateway."""
        checkout = self._newest(self.books.checkouts, which)
        for _ in how.split():
            answer = self._client(checkout.client_id).post(f"/checkouts/{checkout.id}/cancel")
            self._said(f"checkout {checkout.status} -> {answer.status_code}")

    def _look(self, which: int) -> None:
        """Somebody reads; nothing changes by it."""
        if not self.books.bookings:
            return
        booking = self._newest(self.books.bookings, which)
        who = ("client", "practitioner", "staff")[which % 3]
        caller, stranger = self._caller(booking, who), self._caller(booking, "stranger")
        for path in ("/bookings", f"/bookings/{booking.id}"):
            self._must(caller.get(path).status_code == 200, f"{path} could not be read")
        self._must(stranger.get(f"/bookings/{booking.id}").status_code == 404, "a stranger sees a booking")
        self._must(self._read().same_as(self.books), "reading has changed something")

    # ---------------------------------------------------------------------------------------- time

    @step(pause=pauses, sweep=often)
    def wait(self, pause: timedelta, sweep: bool) -> None:
        """Time passes, and perhaps the clock does its work."""
        self.stage.move(pause)
        if sweep:
            self._said(f"{self.stage.sweep()}")

    @precondition(lambda self: self.books and self.books.bookings)
    @step(which=few, minutes=st.sampled_from([-5, 15, 70]))
    def wait_for_the_session(self, which: int, minutes: int) -> None:
        """It is nearly, or just after, the beginning of a session."""
        booking = self._newest(self.books.bookings, which)
        until = booking.starts_at + timedelta(minutes=minutes) - self.stage.time.present
        if until > timedelta(0):
            self.stage.move(until)

    # ---------------------------------------------------------------------------------------- at the gateway

    @precondition(lambda self: self.books and self.books.attempts)
    @step(which=few, act=st.sampled_from(sorted(news.PAYER_ACTS) + ["pay"] * 8))
    def payer(self, which: int, act: str) -> None:
        """The payer, or the payer's bank, does something at the gateway."""
        things = self.stage.things()
        if things:
            gateway, thing = things[which % len(things)]
            self._said(f"{act} at {gateway} {thing['id']}: {news.payer_does(self.stage, gateway, thing, act)}")

    @precondition(lambda self: self.books and self.books.refunds)
    @step(which=few, success=st.booleans())
    def bank_refunds(self, which: int, success: bool) -> None:
        """A refund goes through at the bank, or fails, perhaps after it had gone through."""
        self._said(str(news.refund_ends(self.stage, which, success)))

    def _dispute(self, which: int) -> None:
        """The payer's bank challenges a charge."""
        self._said(str(news.dispute(self.stage, which)))

    @step(
        gateway=st.sampled_from(sorted(news.ROUTES)),
        route=few,
        fault=st.sampled_from([*sorted(set(BREAKING) - {"timeout"}), *sorted(set(SPOILING) - {"slow"}), "spoken"]),
        after=st.booleans(),
        times=st.sampled_from([1, 1, 2, 3]),
    )
    def gateway_misbehaves(self, gateway: str, route: int, fault: str, after: bool, times: int) -> None:
        """The next answers of a gateway are bad ones, before or after the work is done."""
        self._said(f"{news.misbehave(self.stage, gateway, route, fault, after=after, times=times)}")

    @precondition(lambda self: self.books and self.books.checkouts)
    @step(which=few, kind=st.sampled_from(["look", "dispute", "deliver_again", "lose", "lose", "forge", "lie"]))
    def mischief(self, which: int, kind: str) -> None:
        """Somebody only reads, or a callback is lost, repeated, forged or lies, or a bank challenges a charge."""
        TALLY[kind] += 1
        getattr(self, f"_{kind}")(which)

    # ---------------------------------------------------------------------------------------- callbacks

    @precondition(lambda self: self.stage.letters.waiting())
    @step(order=st.sampled_from(["as sent", "reversed", "newest", "oldest", "middle"]))
    def deliver(self, order: str) -> None:
        """Callbacks arrive, in whatever order."""
        self._deliver(news.chosen(self.stage.letters.waiting(), order))

    def _deliver_again(self, which: int) -> None:
        """A callback arrives once more."""
        if self.stage.letters.all:
            self._deliver([self._newest(self.stage.letters.all, which)])

    def _lose(self, which: int) -> None:
        """A callback never arrives, where the gateway can still be asked for what it said."""
        waiting = self.stage.letters.waiting()
        if not waiting:
            return
        letter = self._newest(waiting, which)
        letter.dropped = news.may_be_lost(self.books, letter, self.stage)
        self._said(f"{letter.event} lost: {letter.dropped}")

    def _forge(self, which: int) -> None:
        """Somebody else sends what looks like a callback; it is refused and leaves nothing."""
        if not self.stage.letters.all:
            return
        how = ("signature", "address", "body")[which % 3]
        letter = self._newest(self.stage.letters.all, which)
        status = news.forge(self.stage, letter, how)
        self._must(status in (400, 404), f"a forged callback was answered {status}")
        self._must(self._read().same_as(self.books), "a forged callback has changed something")

    def _lie(self, which: int) -> None:
        """To the right address of an M-Pesa payment somebody says that another amount was paid."""
        shillings = (1, 1499, 1501, 150_000)[which]
        self._said(str(news.lie(self.stage, which, shillings)))

    # ---------------------------------------------------------------------------------------- after each step

    @invariant()
    def all_holds(self) -> None:
        """Nothing that must always be true is broken."""
        TALLY["steps"] += 1
        if self.books is None and self.stage.time.present == START:
            return
        if self.prompt_mail:
            self._deliver(self.stage.letters.waiting())
        self._check()

    def teardown(self) -> None:
        """The gateways behave, every callback arrives, time passes: then the money is where it belongs, to the last unit."""
        if self.broken or self.books is None:
            return
        self.stage.sandbox.faults.clear()
        self._deliver(self.stage.letters.waiting())
        for pause in _TO_THE_END:
            if not checks.under_way(self._read()):
                break
            self.stage.move(pause)
            self._deliver(self.stage.letters.waiting())
            self.stage.sweep()
            self._deliver(self.stage.letters.waiting())
        self._check(quiet=True)
        TALLY.update(ends_of(self.books))

    def _check(self, *, quiet: bool = False) -> None:
        if not self.stage.was_written() and not quiet:
            self._no_mistakes()
            return
        TALLY["checks"] += 1
        self.books = self._read()
        found = checks.breaches(self.books, quiet=quiet)
        with self.stage.engine.connect() as connection:
            found += checks.places(connection, self.books.now)
        with self.stage.app.app_context():
            found += [f"audit: {each}" for each in audit.breaches()]
        self._must(not found, "\n".join(found))
        self._no_mistakes()

    def _no_mistakes(self) -> None:
        found = [f"{call} -> {status}" for call, status in Recorded.seen if status >= 500]
        Recorded.seen.clear()
        self._must(not found + self.stage.mistakes.lines, "\n".join(found + self.stage.mistakes.lines))

    def _read(self) -> Books:
        with self.stage.engine.connect() as connection:
            return read(connection, self.stage.time.now(), self.stage.money())

    def _deliver(self, letters: list[Any]) -> None:
        for letter in letters:
            status = self.stage.deliver(letter)
            letter.arrived += 1
            self._said(f"{letter.gateway} {letter.event} -> {status}")
            self._must(status == 200, f"the true callback {letter.event} was answered {status}")

    def _ask(self, client: int, service_id: int, start: str, places: int) -> None:
        caller = self.stage.cast.clients[client]
        answer = caller.post("/bookings", {"service_id": service_id, "start": start, "places": places})
        self._said(f"service {service_id} at {start} -> {answer.status_code} {answer.json.get('code', '')}")

    def _caller(self, booking: Any, who: str) -> Caller:
        cast = self.stage.cast
        match who:
            case "client":
                return self._client(booking.client_id)
            case "practitioner":
                return cast.practitioners[booking.practitioner_id]
            case "staff":
                return cast.staff[0]
            case _:
                return next(each for each in cast.clients if each.user_id != booking.client_id)

    def _client(self, user_id: int) -> Caller:
        return next(each for each in self.stage.cast.clients if each.user_id == user_id)

    @staticmethod
    def _newest(rows: list[Any], which: int) -> Any:
        return rows[-1 - which % len(rows)]

    def _must(self, true: object, sentence: str) -> None:
        if not true:
            self.broken = True
            raise Breach(sentence)

    @staticmethod
    def _said(words: str) -> None:
        note(f"    # {words}")
