"""What may happen in a history: people book, answer, pay, cancel and wait; gateways fail, lie and repeat themselves."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition

from sandbox.core.faults import BREAKING, SPOILING
from tests.histories import news
from tests.histories.cast import Recorded
from tests.histories.history import TALLY, newest, step
from tests.histories.practice import Practice
from tests.histories.shelf import Shelf

few = st.integers(0, 3)
clients = st.integers(0, 4)
services = st.integers(0, 19)
how_far = st.sampled_from([0, 1, 1, 2, 2])  # asked for, paying, paid
often = st.sampled_from([True, True, False])
hours_ahead = st.sampled_from([1, 2, 3, 26, 27, 50])
pauses = st.sampled_from(
    [timedelta(seconds=s) for s in (0, 0, 6, 25, 130)]
    + [timedelta(minutes=m) for m in (5, 16, 31)]
    + [timedelta(hours=h) for h in (1, 4, 25)]
    + [timedelta(days=4)]
)
faults = st.sampled_from([*sorted(set(BREAKING) - {"timeout"}), *sorted(set(SPOILING) - {"slow"}), "spoken", "spoken"])

has_bookings = precondition(lambda self: self.books.bookings)
has_checkouts = precondition(lambda self: self.books.checkouts)
has_attempts = precondition(lambda self: self.books.attempts)
has_refunds = precondition(lambda self: self.books.refunds)
has_offers = precondition(lambda self: any(row.offer_until for row in self.books.refunds))
has_mail = precondition(lambda self: self.stage.letters.waiting())

SET_UP: dict[str, Any] = {
    "reversals": st.booleans(),
    "reseats": often,
    "by_query": often,
    "prompt_mail": often,
    "opening": st.lists(st.tuples(clients, services, hours_ahead, how_far), min_size=1, max_size=3),
}


class History(Practice):
    """The rules."""

    @initialize(**SET_UP)
    def set_up(self, reversals: bool, reseats: bool, by_query: bool, prompt_mail: bool, opening: list[Any]) -> None:
        """An installation, whether callbacks usually arrive at once, and what was asked for and paid so far."""
        self.prompt_mail, self.began = prompt_mail, True
        Recorded.seen.clear()
        self.stage.begin(reversals=reversals, reseats=reseats, by_query=by_query)
        self.shelf = Shelf(self.stage.cast.services)
        for client, service, hours, far in opening:
            self.open(client, service, hours, far)

    # ---------------------------------------------------------------------------------------- people

    @step(client=clients, service=services, hours=hours_ahead, places=st.sampled_from([1, 1, 2]))
    def book(self, client: int, service: int, hours: int, places: int) -> None:
        """A client asks for a session that begins at a full hour."""
        self.ask_ahead(client, service, hours, places)

    @has_checkouts
    @step(client=clients, which=few)
    def book_the_same(self, client: int, which: int) -> None:
        """Another client, or the same one again, asks for a time that somebody has asked for."""
        checkout = newest(self.books.checkouts, which)
        draft = checkout.draft
        if checkout.booking_id is None and "service_id" not in (draft or {}):
            return
        if draft is None:
            booking = self.books.booking[checkout.booking_id]
            draft = {"service_id": booking.service_id, "start": booking.starts_at.isoformat()}
        self.ask(client, draft["service_id"], draft["start"], 1)

    @has_bookings
    @step(
        which=few,
        who=st.sampled_from(["client", "practitioner", "practitioner", "staff", "stranger"]),
        action=st.sampled_from(
            [
                *("approve", "approve", "decline", "cancel", "cancel", "start", "complete", "no-show", "waive"),
                *("nobody-came", "was-there", "give-back", "took-place", "absent"),
            ]
        ),
    )
    def answer(self, which: int, who: str, action: str) -> None:
        """Somebody does, or tries to do, something with a booking."""
        booking = newest(self.books.bookings, which)
        answer = self.caller(booking, who).post(f"/bookings/{booking.id}/{action}", {"reason": "so it is"})
        self.said(f"{who} {action} {booking.status} -> {answer.status_code}")
        if who == "stranger":
            self.must(answer.status_code == 404, f"a stranger was answered {answer.status_code} to {action}")

    @has_checkouts
    @step(which=few, way=few, act=st.sampled_from(["", "pay", "pay", "pay", "fail", "pay too little"]))
    def pay(self, which: int, way: int, act: str) -> None:
        """A client goes to a gateway, the first time or once more, and perhaps does something there."""
        self.begin_and(newest(self.books.checkouts, which), way, act)

    @has_checkouts
    @step(which=few, way=few, phone=st.sampled_from(["", "+254712000001"]))
    def begin_twice(self, which: int, way: int, phone: str) -> None:
        """The same request to begin arrives twice with one key: one answer, or a clearer one after "not known yet"."""
        checkout, key = newest(self.books.checkouts, which), f"key-{len(self.books.attempts)}"
        first, again = (self.begin(checkout, way, phone=phone, key=key) for _ in range(2))
        if "attempt" in first and first["next"]["kind"] != "checking":
            self.must(first == again, f"a repeated request was answered {again} after {first}")

    @has_checkouts
    @step(which=few, late=st.sampled_from(["pay after all", "pay"]))
    def pay_two_ways(self, which: int, late: str) -> None:
        """A try fails, another way is taken and paid, and then the first try is paid after all."""
        checkout = newest(self.books.checkouts, which)
        first = self.begin(checkout, 0)
        ref = (first.get("next") or {}).get("provider_ref")
        if not ref:
            return
        gateway, thing = first["attempt"]["gateway"], {"id": ref}
        news.payer_does(self.stage, gateway, thing, "fail")
        self.deliver_all(self.stage.letters.waiting())
        self.begin_and(checkout, 2, "pay")
        self.said(f"{late} {ref}: {news.payer_does(self.stage, gateway, thing, late)}")

    @has_bookings
    @step(which=few, spoken=st.booleans(), success=st.booleans())
    def cancel_and_refund(self, which: int, spoken: bool, success: bool) -> None:
        """The practitioner cancels, the money is sent back, and the bank has its own mind about that."""
        if spoken:
            for gateway, route in (("stripe", 3), ("razorpay", 3), ("mpesa", 2)):
                news.misbehave(self.stage, gateway, route, "spoken", after=success, times=1 + which % 2)
        booking = newest(self.books.bookings, which)
        answer = self.caller(booking, "practitioner").post(f"/bookings/{booking.id}/cancel")
        self.stage.sweep()
        self.said(f"{booking.status} -> {answer.status_code}, {news.refund_ends(self.stage, 0, success)}")

    @has_bookings
    @step(
        which=few,
        who=st.sampled_from(["client", "practitioner"]),
        hours=hours_ahead,
        minutes=st.sampled_from([None, None, 30, 120]),
        reply=st.sampled_from(["accept", "accept", "reject", "withdraw", ""]),
    )
    def move_session(self, which: int, who: str, hours: int, minutes: int | None, reply: str) -> None:
        """One side asks for another time, perhaps a longer or shorter session, and is answered, or not."""
        booking = newest(self.books.bookings, which)
        answers = [self.caller(booking, who).post(f"/bookings/{booking.id}/reschedule", self._moved(hours, minutes))]
        if reply:
            other = {"client": "practitioner", "practitioner": "client"}[who]
            by = self.caller(booking, who if reply == "withdraw" else other)
            answers.append(by.post(f"/bookings/{booking.id}/reschedule/{reply}", {}))
        self.said(f"{who} asks to move, {reply} -> {[answer.status_code for answer in answers]}")

    def _moved(self, hours: int, minutes: int | None) -> dict[str, Any]:
        start = self.stage.time.present.replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
        return {"start": start.isoformat()} | ({"minutes": minutes} if minutes else {})

    @has_bookings
    @step(
        which=few,
        word=st.sampled_from(["nobody-came", "was-there", "start"]),
        decision=st.sampled_from(["give-back", "took-place", "absent", ""]),
    )
    def contest_who_came(self, which: int, word: str, decision: str) -> None:
        """The client says one thing and the practitioner does another, and staff decide, or not yet."""
        self.wait_until(newest(self.books.bookings, which), 15)
        acts = [("client", word), ("practitioner", "no-show"), ("client", "was-there"), ("staff", decision)]
        for who, action in acts:
            if action:
                booking = newest(self.books.bookings, which)
                answer = self.caller(booking, who).post(f"/bookings/{booking.id}/{action}", {"reason": "so it is"})
                self.said(f"{who} {action} {booking.status} -> {answer.status_code}")

    @has_bookings
    @step(which=few, ending=st.sampled_from(["complete", "no-show", "cancel"]))
    def hold_the_session(self, which: int, ending: str) -> None:
        """The session begins in time, and ends one way or the other."""
        self.wait_until(newest(self.books.bookings, which), 15)
        for action in ("start", ending):
            booking = newest(self.books.bookings, which)
            answer = self.caller(booking, "practitioner").post(f"/bookings/{booking.id}/{action}")
            self.said(f"{action} -> {answer.status_code}")

    @has_offers
    @step(what=st.sampled_from(["money", "credit", "time", "time"]))
    def late_payer_chooses(self, what: str) -> None:
        """Who paid too late takes the money now, credit, or a near time."""
        self.said(news.choose(self.stage, self.books, what))

    @has_checkouts
    @step(which=few, how=st.sampled_from(["cancels", "cancels twice"]))
    def give_up_paying(self, which: int, how: str) -> None:
        """The client cancels on the way to the gateway."""
        checkout = newest(self.books.checkouts, which)
        for _ in how.split():
            answer = self.client(checkout.client_id).post(f"/checkouts/{checkout.id}/cancel")
            self.said(f"checkout {checkout.status} -> {answer.status_code}")

    # ---------------------------------------------------------------------------------------- time

    @step(pause=pauses, sweep=often)
    def wait(self, pause: timedelta, sweep: bool) -> None:
        """Time passes, and perhaps the clock does its work."""
        self.stage.move(pause)
        if sweep:
            self.said(f"{self.stage.sweep()}")

    @has_bookings
    @step(which=few, minutes=st.sampled_from([-5, 15, 70]))
    def wait_for_the_session(self, which: int, minutes: int) -> None:
        """It is nearly, or just after, the beginning of a session."""
        self.wait_until(newest(self.books.bookings, which), minutes)

    # ---------------------------------------------------------------------------------------- at the gateway

    @has_attempts
    @step(which=few, act=st.sampled_from(sorted(news.PAYER_ACTS) + ["pay"] * 8))
    def payer(self, which: int, act: str) -> None:
        """The payer, or the payer's bank, does something at the gateway."""
        things = self.stage.things()
        if things:
            gateway, thing = things[which % len(things)]
            self.said(f"{act} at {gateway} {thing['id']}: {news.payer_does(self.stage, gateway, thing, act)}")

    @has_refunds
    @step(which=few, success=st.booleans())
    def bank_refunds(self, which: int, success: bool) -> None:
        """A refund goes through at the bank, or fails, perhaps after it had gone through."""
        self.said(news.refund_ends(self.stage, which, success))

    @step(
        gateway=st.sampled_from(sorted(news.ROUTES)),
        route=st.integers(0, 7),
        fault=faults,
        after=st.booleans(),
        times=st.sampled_from([1, 1, 2, 3]),
    )
    def gateway_misbehaves(self, gateway: str, route: int, fault: str, after: bool, times: int) -> None:
        """The next answers of a gateway are bad ones, before or after the work is done."""
        self.said(f"{news.misbehave(self.stage, gateway, route, fault, after=after, times=times)}")

    # ---------------------------------------------------------------------------------------- callbacks

    @has_mail
    @step(order=st.sampled_from(["as sent", "reversed", "newest", "oldest", "middle"]))
    def deliver(self, order: str) -> None:
        """Callbacks arrive, in whatever order."""
        self.deliver_all(news.chosen(self.stage.letters.waiting(), order))

    @has_mail
    @step(which=few)
    def lose(self, which: int) -> None:
        """A callback never arrives, where the gateway can still be asked for what it said."""
        letter = newest(self.stage.letters.waiting(), which)
        letter.dropped = news.may_be_lost(self.books, letter, self.stage)
        self.said(f"{letter.event} lost: {letter.dropped}")

    @has_checkouts
    @step(
        which=few,
        kind=st.sampled_from(
            ["look", "dispute", "dispute_ends", "deliver_again", "forge", "lie", "send_back_there", "pay_again"]
        ),
    )
    def mischief(self, which: int, kind: str) -> None:
        """Somebody only reads, a callback is repeated, forged or lies, a bank challenges a charge, money goes back there."""
        TALLY[f"mischief: {kind}"] += 1
        getattr(self, f"_{kind}")(which)

    def _look(self, which: int) -> None:
        """Somebody reads; nothing changes by it."""
        if not self.books.bookings:
            return
        booking = newest(self.books.bookings, which)
        caller = self.caller(booking, ("client", "practitioner", "staff")[which % 3])
        for path in ("/bookings", f"/bookings/{booking.id}"):
            self.must(caller.get(path).status_code == 200, f"{path} could not be read")
        stranger = self.caller(booking, "stranger").get(f"/bookings/{booking.id}")
        self.must(stranger.status_code == 404, "a stranger sees a booking")
        self.must(self.read().same_as(self.books), "reading has changed something")

    def _deliver_again(self, which: int) -> None:
        """A callback arrives once more."""
        if self.stage.letters.all:
            self.deliver_all([newest(self.stage.letters.all, which)])

    def _forge(self, which: int) -> None:
        """Somebody else sends what looks like a callback; it is refused and leaves nothing."""
        if not self.stage.letters.all:
            return
        letter = newest(self.stage.letters.all, which)
        status = news.forge(self.stage, letter, ("signature", "address", "body")[which % 3])
        self.must(status in (400, 404), f"a forged callback was answered {status}")
        self.must(self.read().same_as(self.books), "a forged callback has changed something")

    def _lie(self, which: int) -> None:
        """To the right address of an M-Pesa payment somebody says that another amount was paid."""
        self.said(news.lie(self.stage, which, (1, 1499, 1501, 150_000)[which]))

    def _send_back_there(self, which: int) -> None:
        """A colleague sends money back at the vendor's own site."""
        self.said(news.sent_back_there(self.stage, which, (None, None, 1_000, 3_000)[which]))

    def _pay_again(self, which: int) -> None:
        """A second payment comes to a paid order, and Razorpay sends it back by itself."""
        self.said(news.paid_again(self.stage, which))

    def _dispute(self, which: int) -> None:
        """A bank challenges a charge."""
        self.said(news.dispute(self.stage, which, (None, None, 1_000, 3_000)[which]))

    def _dispute_ends(self, which: int) -> None:
        """The bank decides, for the payer or for us."""
        self.said(news.dispute_ends(self.stage, which, ("lose", "win", "lose", "win")[which]))
