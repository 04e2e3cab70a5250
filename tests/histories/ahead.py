"""Money for what is not a session yet: credit, gifts, packages and questions in writing."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.histories.history import Played, newest, said_of, step

few = st.integers(0, 3)
clients = st.integers(0, 4)
ways = st.integers(0, 2)  # a gateway: credit is not bought with credit
seldom = st.sampled_from([False, False, True])
has_packages = precondition(lambda self: self.books.packages and self.books.checkouts)


class Ahead(Played):
    """What is paid ahead, and what becomes of it."""

    @step(client=clients, currency=st.sampled_from(["EUR", "KES", "INR"]), way=ways, out=seldom)
    def top_up(self, client: int, currency: str, way: int, out: bool) -> None:
        """A client puts money into the wallet, and perhaps asks to have some of it paid out."""
        caller, money = self.stage.cast.clients[client], {"amount": 200_000, "currency": currency}
        self._buy(caller.post("/wallet/top-ups", {"amount": money}), way)
        if out:
            wish = {"amount": money | {"amount": 50_000}, "destination": "to my bank"}
            self.said(f"pay out -> {said_of(caller.post('/wallet/payouts', wish))}")

    @step(client=clients, way=ways, then=st.sampled_from(["redeem", "redeem", "redeem twice", "cancel", ""]))
    def give(self, client: int, way: int, then: str) -> None:
        """A client buys a gift; another redeems it, or it is cancelled."""
        buyer, other = (self.stage.cast.clients[n % 5] for n in (client, client + 1))
        money = {"amount": 30_000, "currency": "EUR" if way == 1 else "KES"}
        self._buy(buyer.post("/gifts", {"amount": money}), way)
        bought = [gift for gift in buyer.get("/gifts").get_json() if gift["status"] == "open"]
        if not bought or not then:
            return
        gift = bought[0]
        for _ in range(2 if "twice" in then else 1):
            call = (
                ("/gifts/redeem", {"code": gift["code"]}) if "redeem" in then else (f"/gifts/{gift['id']}/cancel", {})
            )
            answer = (other if "redeem" in then else buyer).post(*call)
            self.said(f"gift: {then} -> {answer.status_code}")

    @step(client=clients, offer=few, way=ways)
    def buy_package(self, client: int, offer: int, way: int) -> None:
        """A client buys several sessions at once."""
        offers = self.stage.cast.offers
        caller = self.stage.cast.clients[client]
        self._buy(caller.post(f"/package-offers/{offers[offer % len(offers)]}/buy", {}), way)

    @has_packages
    @step(which=few, hours=st.sampled_from([2, 26, 50]), places=st.sampled_from([1, 1, 2]))
    def use_package(self, which: int, hours: int, places: int) -> None:
        """A session of the packaged service is asked for, and paid with the package."""
        package = newest(self.books.packages, which)
        hour = self.stage.time.present.replace(minute=0, second=0, microsecond=0)
        client = next(n for n, c in enumerate(self.stage.cast.clients) if c.user_id == package.client_id)
        self.ask(client, package.service_id, (hour + timedelta(hours=hours)).isoformat(), places)
        self.books = self.read()
        checkout = newest(self.books.checkouts, 0)
        if self.books.bookings and self.books.bookings[-1].status == "pending_approval":
            booking = newest(self.books.bookings, 0)
            self.caller(booking, "practitioner").post(f"/bookings/{booking.id}/approve")
        answer = self.client(checkout.client_id).post(f"/checkouts/{checkout.id}/attempts", {"gateway": "package"})
        self.said(f"with a package -> {said_of(answer)}")

    @has_packages
    @step(which=few)
    def refund_package(self, which: int) -> None:
        """Who sold a package sends back what is left of it."""
        package = newest(self.books.packages, which)
        answer = self.stage.cast.practitioners[package.practitioner_id].post(f"/packages/{package.id}/refund", {})
        self.said(f"rest of a {package.status} package -> {said_of(answer)}")

    @step(client=clients, way=ways, then=st.sampled_from(["answer", "answer", "decline", ""]))
    def ask_in_writing(self, client: int, way: int, then: str) -> None:
        """A client pays for a question; it is answered, declined, or left until its deadline."""
        caller, owner = self.stage.cast.clients[client], next(iter(self.stage.cast.practitioners.values()))
        self._buy(caller.post("/practitioners/practice-0/questions", {"question": "How long?"}), way, inside="checkout")
        waiting = [asked for asked in owner.get("/consultations").get_json() if asked["status"] == "open"]
        if waiting and then:
            body = {"text": "An hour."} if then == "answer" else {"reason": "I am away."}
            answer = owner.post(f"/consultations/{waiting[0]['id']}/{then}", body)
            self.said(f"{then} -> {answer.status_code}")

    def _buy(self, answer: Any, way: int, inside: str = "") -> None:
        """What was opened is paid, as far as the gateway takes the currency."""
        self.said(f"opened -> {said_of(answer)}")
        told = answer.get_json()
        if answer.status_code != 201:
            return
        bill = told[inside] if inside else told
        self.books = self.read()
        self.begin_and(next(row for row in self.books.checkouts if str(row.id) == bill["id"]), way, "pay")
        self.deliver_all(self.stage.letters.waiting())
        self.books = self.read()
