"""A Kikao that has been lived in: two clients with two practitioners, and of everything that can happen one for each pair."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

from sqlalchemy import select

from app.domain.agenda import Absence
from app.domain.money import Money
from app.lib import clock
from app.lib.network.openid.code_flow import Claims
from app.models import Booking, Passkey, Role, User
from app.services import practice
from app.services.accounts import identities, logins
from app.services.notifications import calendar_feeds
from app.services.practice import external_calendars
from sandbox.stripe import disputes as stripe_disputes
from tests.support import credit, papers, practices, proofs, questions, sessions
from tests.support.late import late_payment
from tests.support.pictures import picture
from tests.support.world import Caller, World

_FEE_FREE_HOURS = 72
LOST = "a lost phone"  # a program that everybody has some of, and none is used
_PROGRAMS = 3
_ISSUER = "https://id.example.org"


def _passkey(user: User, nth: int) -> Passkey:
    """A passkey of somebody's that nobody has in their hands."""
    name, now = f"{user.id}-{nth}", clock.now()
    values = {"handle": name, "credential_id": name, "public_key": b"", "sign_count": 0, "name": LOST}
    return Passkey(user_id=user.id, created_at=now, used_at=now, **values)


@dataclass
class Pair:
    """A client and a practitioner, and what there is between them."""

    world: World
    name: str  # the client's
    client: Caller
    owner: Caller
    services: dict[str, int] = field(default_factory=dict)
    slug: str = ""

    @property
    def people(self) -> set[int]:
        """Their ids."""
        return {self.client.user_id, self.owner.user_id}

    def open(self, phone: str) -> None:
        """The client has this number; the practice has its services, forms, packages, days and calendars."""
        make, owner = self.world.service, self.owner
        self.services = {
            "card": make(owner, title="By card", kind="family"),
            "upi": make(owner, currency="INR", title="By UPI"),
            "push": make(owner, currency="KES", title="By phone"),
            "asked": make(owner, "approve_then_pay", title="Asked"),
            "drafted": make(owner, "pay_then_book", title="Drafted"),
            "reserved": make(owner, "authorise_then_approve", title="Authorised"),
            "after": make(owner, "pay_after", title="Afterwards", free_cancel_hours=_FEE_FREE_HOURS),
            "group": make(owner, places=3, title="Group"),
            "ended": make(owner, title="Not offered any more"),
        }
        self.paper = papers.intake(owner, [self.services["card"], self.services["asked"]])
        with self.world.rows() as session:
            user = session.get_one(User, owner.user_id)
            profile = {"headline": "", "about": "", "languages": "en", "zone": "Africa/Nairobi", "published": True}
            price = Money(2_500, "EUR")
            self.slug = practice.change_profile(user, name=user.name, question_price=price, **profile).slug
            practice.photos.change(user, picture())
            away = clock.now().date() + timedelta(days=20)
            practice.time_off.add(user, Absence(away, away), "Away")
            practice.add_exception(user, away + timedelta(days=1), time(10), time(12), "Late")
            external_calendars.add(practice.of_user(user), f"https://calendar.example.org/{owner.user_id}.ics")
            client = session.get_one(User, self.client.user_id)
            client.phone = phone
            session.commit()
            for each in (user, client):
                calendar_feeds.renew_address(each, "")

    def ask_first(self, starts: list[str]) -> None:
        """What takes place soon is booked: a session, one that will be missed, one that is paid afterwards."""
        world, client, services = self.world, self.client, self.services
        held = world.booked(
            client, services["card"], start=starts[0], attendees=["Halima", "Baraka"], notes="We are two"
        )
        self.held = str(held["id"])
        papers.signed(client, self.held, self.paper)
        self.missed = str(world.booked(client, services["upi"], "razorpay", start=starts[1])["id"])
        self.owed = str(world.book(client, services["after"], starts[2])["booking"]["id"])
        self.left = str(world.book(client, services["after"], starts[9])["booking"]["id"])

    def meet(self) -> None:
        """The session has begun and is over, with a proof, a rating and its answer."""
        assert self.owner.post(f"/bookings/{self.held}/start").status_code == 200
        self._complete(self.held)
        rating = sessions.rated(self.client, self.held, 4, feedback="She listened")
        assert self.owner.post(f"/ratings/{rating['id']}/answer", {"text": "Thank you"}).status_code == 200

    def _complete(self, booking: str) -> None:
        sent = self.owner.http.post(
            f"/api/v1/bookings/{booking}/complete",
            data=proofs.multipart({"notes": "Slept better", "file": (proofs.PDF, "session.pdf")}),
            content_type="multipart/form-data; boundary=kikao",
            headers={"Authorization": f"Bearer {self.owner.token}"},
        )
        assert sent.status_code == 200, sent.text

    def miss(self) -> None:
        """The client did not come, and both have noted something."""
        assert self.owner.post(f"/bookings/{self.missed}/no-show", {"reason": "Waited"}).status_code == 200
        for who in (self.client, self.owner):
            assert who.post(f"/bookings/{self.missed}/note", {"text": "The bus"}).status_code == 200

    def owe(self) -> None:
        """What is owed, after which nothing can be booked: for a session, for one given up too late, for a longer one."""
        assert self.owner.post(f"/bookings/{self.owed}/start").status_code == 200
        assert self.owner.post(f"/bookings/{self.owed}/complete").status_code == 200
        assert self.client.post(f"/bookings/{self.left}/cancel", {"reason": "ill"}).status_code == 200
        path = f"/bookings/{self.moved}/reschedule"
        assert self.owner.post(path, {"start": self.later, "minutes": 90}).status_code == 200
        assert self.client.post(f"{path}/accept").status_code == 200

    def go_on(self, starts: list[str]) -> None:
        """Everything else, none of it at an end."""
        self._bookings(iter(starts))
        self._credit()
        self._questions()

    def _bookings(self, starts: Any) -> None:
        world, client, owner, services = self.world, self.client, self.owner, self.services
        confirmed = world.booked(client, services["card"], start=next(starts), attendees=["Halima"])
        moved = owner.post(f"/bookings/{confirmed['id']}/reschedule", {"start": next(starts), "reason": "Exams"})
        assert moved.status_code == 200, moved.text
        cancelled = world.booked(client, services["upi"], "razorpay", start=next(starts))
        assert client.post(f"/bookings/{cancelled['id']}/cancel", {"reason": "ill"}).status_code == 200
        declined = world.book(client, services["asked"], next(starts))["booking"]["id"]
        assert owner.post(f"/bookings/{declined}/decline", {"reason": "away"}).status_code == 200
        approved = world.book(client, services["asked"], next(starts))["booking"]["id"]
        papers.signed(client, approved, self.paper)
        assert owner.post(f"/bookings/{approved}/approve").status_code == 200
        world.book(client, services["asked"], next(starts))
        self.moved = str(world.booked(client, services["card"], start=next(starts))["id"])
        self.later = next(starts)
        next(starts)  # they will meet for longer than an hour
        world.act(world.begin(client, world.book(client, services["reserved"], next(starts))["checkout"]["id"]))
        late_payment(world, client, services["drafted"], start=next(starts))
        shown = world.book(client, services["push"], next(starts), notes="By hand")["checkout"]["id"]
        proofs.shown(client, shown)
        for name, gateway in (("upi", "razorpay"), ("push", "mpesa"), ("drafted", "stripe")):
            begun = world.begin(client, world.book(client, services[name], next(starts))["checkout"]["id"], gateway)
        world.act(begun, "pay", amount=1, currency="eur")  # the draft: another amount, so a person must look
        self.full = next(starts)
        world.booked(world.person(name="Somebody Else"), services["group"], start=self.full, places=3)
        waits = client.post(f"/services/{services['group']}/waits", {"start": self.full})
        assert waits.status_code == 201, waits.text

    def _credit(self) -> None:
        world, client = self.world, self.client
        for name in ("card", "ended"):
            credit.bought(world, client, credit.offered(self.owner, self.services[name]))
        practices.edit(world, self.owner, self.services["ended"], active=False)
        credit.gift(world, client)
        credit.top_up(world, client, 5_000)
        credit.stranded(world, client, 1_000)
        money = {"amount": 1_000, "currency": "EUR"}
        out = client.post("/wallet/payouts", {"amount": money, "destination": "Till 7"})
        assert out.status_code == 201, out.text
        # An enquiry, which holds nothing up.
        stripe_disputes.dispute(world.sandbox.sandbox, world.sandbox.sandbox.store.all("charge")[0]["id"], enquiry=True)
        world.settle()

    def _questions(self) -> None:
        world, client = self.world, self.client
        for _ in range(2):
            world.act(world.begin(client, questions.ask(client, self.slug)))
        first, _ = [str(each["id"]) for each in client.get("/consultations").json]
        assert self.owner.post(f"/consultations/{first}/answer", {"text": "It is."}).status_code == 200
        for who in (client, self.owner):
            questions.sent(who, first, "See here", (proofs.PDF, "letter.pdf"))
        # Of a question, too: whoever was asked may add to the answer.
        sandbox = world.sandbox.sandbox
        stripe_disputes.dispute(sandbox, sandbox.store.all("charge")[0]["id"], enquiry=True)
        world.settle()
        questions.ask(client, self.slug, "When?")


class Town:
    """Two pairs that have nothing to do with each other, staff; and time has passed that no sweep has seen."""

    def __init__(self, world: World) -> None:
        self.world, self.staff = world, world.person(Role.STAFF, name="Staff Member")
        names = (("Zuhura Wambeti", "Dr. Amina Otieno"), ("Njeri Barasa", "Dr. Tariq Malik"))
        self.pairs = [Pair(world, one, world.person(name=one), world.practitioner(name=other)) for one, other in names]
        for pair, phone in zip(self.pairs, ("+254712345678", "+254722345678"), strict=True):
            pair.open(phone)
        self._live()
        world.settle()
        world.drop_callbacks()  # from here on nothing but the requests of the test reaches the application
        world.move(minutes=20)  # holds have lapsed, look-ups and messages are due

    def pair_of(self, user_id: int) -> Pair:
        """The pair this person is one of; for anybody else the first."""
        return next((pair for pair in self.pairs if user_id in pair.people), self.pairs[0])

    def _live(self) -> None:
        starts = [slot["start"] for slot in self.world.slots(self.pairs[0].services["card"], 7)]
        for pair in self.pairs:
            pair.ask_first(starts)
        self._each("held", Pair.meet)
        self._each("missed", Pair.miss)
        for pair in self.pairs:
            pair.go_on(starts[100:])
        self._each("owed", Pair.owe)
        with self.world.rows() as session:
            for user in session.scalars(select(User)).all():
                for n in range(_PROGRAMS):
                    logins.name_program(user, LOST, "all", "30")
                    identities.log_in(
                        Claims(_ISSUER, f"{user.id}-{n}", user.email, is_verified=True, name=""), "en", "UTC"
                    )
            session.add_all(_passkey(user, nth) for user in session.scalars(select(User)) for nth in range(_PROGRAMS))
            session.commit()

    def _each(self, name: str, act: Callable[[Pair], None]) -> None:
        """The time of both bookings has come, and this happens."""
        [row] = [each for each in self.world.all(Booking) if str(each.id) == getattr(self.pairs[0], name)]
        self.world.move(seconds=(row.starts_at - clock.now()).total_seconds() + 700)
        for pair in self.pairs:
            act(pair)
