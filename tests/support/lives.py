"""A client who has done everything there is to do, and said so in words that can be found again."""

from typing import Any

from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Booking, Identity, Payout, Practitioner, Role, User
from app.services import practice
from app.services.backoffice import repair
from tests.support import papers
from tests.support.credit import stranded
from tests.support.proofs import PDF, Pages, multipart, shown, verify
from tests.support.sessions import rated
from tests.support.world import World

NAME, EMAIL, PHONE = "Zuhura Wambeti", "zuhura.wambeti@letters.test", "+254799888777"
MARK = "quagga"  # in everything that anybody types
# Of everything that must be gone: the name in parts, the address, the number as people and as vendors write it.
TRACES = ("Zuhura", "Wambeti", EMAIL, "799888777", MARK)
NOTES = f"Zuhura slept better. ({MARK})"


class Life:
    """One client, one practitioner, one member of staff, and all that happened between them."""

    def __init__(self, world: World) -> None:
        self.world, self.staff = world, world.person(Role.STAFF, name="Staff Member")
        self.owner, self.client = world.practitioner(), world.person(name=NAME)
        with world.rows() as session:
            user = session.get_one(User, self.client.user_id)
            user.email, user.phone = EMAIL, PHONE
            known = {"subject": f"zuhura-{MARK}", "created_at": clock.now(), "used_at": clock.now()}
            session.add(Identity(user_id=user.id, issuer="https://id.example.org", **known))
            session.commit()

    def live(self) -> "Life":
        """Everything has happened and every payment has settled."""
        for step in (
            self._held, self._given_back, self._missed, self._by_hand, self._asked, self._wallet, self._moved,
            self._refused, self._waited, self._never_paid,
        ):  # fmt: skip
            step()
        self.world.move(days=8)
        for _ in range(3):
            self.world.sweep()
            self.world.settle()
        return self

    def user(self) -> User:
        """The client's row; inside world.rows()."""
        return db.session.get_one(User, self.client.user_id)

    def user_name(self) -> str:
        """What the client is called now."""
        with self.world.rows():
            return self.user().name

    def _service(self, mode: str = "hold_then_pay", currency: str = "EUR", **more: Any) -> int:
        return self.world.service(self.owner, mode, currency, **more)

    def _at_its_time(self, booking_id: str) -> None:
        [row] = [b for b in self.world.all(Booking) if str(b.id) == booking_id]
        self.world.move(seconds=(row.starts_at - clock.now()).total_seconds() + 700)

    def _held(self) -> None:
        """A session with everybody in it, forms, notes, a proof, a rating and its answer."""
        service = self._service(kind="family")
        paper = papers.intake(self.owner, [service])
        booking = self.world.booked(
            self.client, service, notes=f"My sister comes too ({MARK})", attendees=["Wambeti Junior", "Halima Wambeti"]
        )["id"]
        papers.signed(self.client, booking, paper, papers.ANSWERS | {"q1": f"I cannot sleep ({MARK})"})
        self._at_its_time(booking)
        assert self.owner.post(f"/bookings/{booking}/start", key=f"start {MARK}").status_code == 200
        pdf = PDF.replace(b"endobj", f"({MARK} Zuhura)endobj".encode())
        sent = Pages(self.world, self.owner).http.post(
            f"/api/v1/bookings/{booking}/complete",
            data=multipart({"notes": NOTES, "file": (pdf, f"{MARK}.pdf")}),
            content_type="multipart/form-data; boundary=kikao",
            headers={"Authorization": f"Bearer {self.owner.token}"},
        )
        assert sent.json is not None
        assert sent.json["status"] == "completed", sent.text
        rating = rated(self.client, booking, 4, feedback=f"She listened ({MARK})", public=True)
        assert (
            self.owner.post(f"/ratings/{rating['id']}/answer", {"text": f"Thank you Zuhura {MARK}"}).status_code == 200
        )
        hidden = self.staff.post(f"/ratings/{rating['id']}/hide", {"reason": f"Names a child {MARK}"})
        assert hidden.status_code == 200, hidden.text

    def _given_back(self) -> None:
        """Paid by UPI, cancelled with a reason, paid back."""
        service = self._service(currency="INR")
        body = {"service_id": service, "start": self.world.start(service, 30), "notes": MARK}
        made = self.client.post("/bookings", body, key=f"{EMAIL} {MARK}")
        assert made.status_code == 201, made.text
        self.world.act(self.world.begin(self.client, made.json["checkout"]["id"], "razorpay"))
        path = f"/bookings/{made.json['booking']['id']}/cancel"
        assert self.client.post(path, {"reason": f"I am ill ({MARK})"}).status_code == 200

    def _missed(self) -> None:
        """Paid by M-Pesa and missed; both sides keep a note."""
        service = self._service(currency="KES")
        booking = self.world.booked(self.client, service, "mpesa", start=self.world.start(service, 12))["id"]
        self._at_its_time(booking)
        gone = self.owner.post(f"/bookings/{booking}/no-show", {"reason": f"Zuhura did not come ({MARK})"})
        assert gone.status_code == 200, gone.text
        for who in (self.client, self.owner):
            assert who.post(f"/bookings/{booking}/note", {"text": f"The bus, says Wambeti ({MARK})"}).status_code == 200

    def _by_hand(self) -> None:
        """Paid at a till, with two proofs: one refused, one taken."""
        made = self.world.book(self.client, self._service(currency="KES"))
        checkout, booking = made["checkout"]["id"], made["booking"]["id"]
        pdf = PDF.replace(b"endobj", f"({MARK})endobj".encode())
        shown(self.client, checkout, content=pdf, name="zuhura-wambeti.pdf", note=f"From my sister ({MARK})")
        assert verify(self.owner, booking, accept=False, reason=f"Not readable, Zuhura ({MARK})").status_code == 200
        shown(self.client, checkout, content=pdf, name=f"{MARK}.pdf")
        assert (
            verify(self.owner, booking, accept=True, evidence=f"Seen on the account of Wambeti ({MARK})").status_code
            == 200
        )
        self._at_its_time(booking)
        self.owner.post(f"/bookings/{booking}/start")
        assert self.owner.post(f"/bookings/{booking}/complete").status_code == 200

    def _asked(self) -> None:
        """A question in writing with its answer, and one that was never paid."""
        with self.world.rows() as session:
            user = session.get_one(User, self.owner.user_id)
            price = Money(2_500, "EUR")
            profile = {"headline": "", "about": "", "languages": "en", "zone": "Africa/Nairobi", "published": True}
            practice.change_profile(user, name="Dr. Amina Otieno", question_price=price, **profile)
            slug = session.query(Practitioner).filter_by(user_id=user.id).one().slug
        for number in (1, 2):
            made = self.client.post(f"/practitioners/{slug}/questions", {"question": f"Question {number} ({MARK})?"})
            assert made.status_code == 201, made.text
            if number == 1:
                self.world.act(self.world.begin(self.client, made.json["checkout"]["id"]))
        [asked] = self.client.get("/consultations").json
        answered = self.owner.post(f"/consultations/{asked['id']}/answer", {"text": f"Dear Zuhura ({MARK})"})
        assert answered.status_code == 200, answered.text

    def _wallet(self) -> None:
        """Credit that could not go back to its card, and was paid out."""
        money = {"amount": 5_000, "currency": "EUR"}
        stranded(self.world, self.client, 5_000)
        out = self.client.post("/wallet/payouts", {"amount": money, "destination": f"Wambeti, till 7 ({MARK})"})
        assert out.status_code == 201, out.text
        with self.world.rows() as session:
            staff = session.get_one(User, self.staff.user_id)
            repair.settle_payout(session.query(Payout).one().id, f"Sent to Zuhura ({MARK})", staff)

    def _moved(self) -> None:
        """A proposal to move, refused with words, and a session that is cancelled by the practitioner."""
        service = self._service(currency="KES")
        booking = self.world.booked(self.client, service, "mpesa", start=self.world.start(service, 20))["id"]
        wish = {"start": self.world.start(service, 35), "reason": f"My shift changed ({MARK})"}
        proposed = self.owner.post(f"/bookings/{booking}/reschedule", wish)
        assert proposed.status_code in (200, 201), proposed.text
        refused = self.client.post(f"/bookings/{booking}/reschedule/reject", {"reason": f"Not for me ({MARK})"})
        assert refused.status_code == 200, refused.text
        over = self.owner.post(f"/bookings/{booking}/cancel", {"reason": f"Sorry Zuhura ({MARK})"})
        assert over.status_code == 200, over.text
        with self.world.rows() as session:
            found = session.query(Attempt).filter(Attempt.phone.is_not(None)).first()
            assert found is not None
            assert found.phone == PHONE

    def _refused(self) -> None:
        """A request the practitioner says no to."""
        booking = self.world.book(self.client, self._service("approve_then_pay"), notes=MARK)["booking"]["id"]
        said = self.owner.post(f"/bookings/{booking}/decline", {"reason": f"Zuhura, I am away ({MARK})"}, key=MARK)
        assert said.status_code == 200, said.text

    def _waited(self) -> None:
        """A time that somebody else has."""
        service = self._service()
        start = self.world.slots(service, days=14)[-1]["start"]
        self.world.booked(self.world.person(name="Other Client"), service, start=start)
        waits = self.client.post(f"/services/{service}/waits", {"start": start})
        assert waits.status_code == 201, waits.text

    def _never_paid(self) -> None:
        """A draft with notes and names that came to nothing."""
        service = self._service("pay_then_book", kind="family")
        start = self.world.slots(service, days=14)[-30]["start"]
        self.world.book(self.client, service, start, notes=MARK, attendees=["Wambeti Junior"])
