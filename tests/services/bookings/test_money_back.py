"""What is said to come back before ending a session, amount and way, is what then does: on every way to pay, at every tier."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.lib import clock
from app.models import Attempt, Booking, Refund, Role
from app.services import bookings
from app.services.ledger import journal
from tests.support.credit import bought, offered, pay_with, top_up
from tests.support.deals import phone
from tests.support.gateways import BY_CODE
from tests.support.proofs import verify
from tests.support.visitor import Visitor
from tests.support.world import Caller, World

TERMS: dict[str, Any] = {"free_cancel_hours": 24, "later_tiers": ((2, 50),), "no_show_percent": 25}
DAYS = 6
Ways = Counter[str]  # minor units by the way they come back


class Paid:
    """A session in some days that is paid, and the two whose it is."""

    def __init__(self, world: World, currency: str) -> None:
        self.world, self.owner, self.client = world, world.practitioner(), world.person()
        self.service = world.service(self.owner, currency=currency, **TERMS)
        self.currency = currency
        self.start = world.slots(self.service, days=DAYS)[-4]["start"]
        self.booking = ""

    def ask(self) -> str:
        """The booking waits for its money; its bill."""
        made = self.world.book(self.client, self.service, self.start)
        self.booking = made["booking"]["id"]
        return str(made["checkout"]["id"])

    def pay(self, gateway: str, bill: str) -> None:
        self.world.act(self.world.begin(self.client, bill, gateway, phone=phone(self.client)))

    def pay_by_credit(self, bill: str) -> None:
        amount = self.world.checkout(self.client, bill)["amount"]["amount"]
        gateway = next(code for code, each in BY_CODE.items() if each.currency == self.currency)
        top_up(self.world, self.client, amount, self.currency, gateway)
        self.world.begin(self.client, bill, "wallet")

    def lengthen(self) -> str:
        """It is moved by half an hour and made longer by as much again; the bill for the difference."""
        later = (datetime.fromisoformat(self.start) + timedelta(minutes=60)).isoformat()
        wish = {"start": later, "minutes": 120}
        path = f"/bookings/{self.booking}/reschedule"
        assert self.owner.post(path, wish).status_code == 200
        assert self.client.post(f"{path}/accept").status_code == 200
        self.start = later
        return str(self.world.booking(self.client, self.booking)["checkout_id"])

    # ------------------------------------------------------------------------------------------------ what is said and done

    def said(self, who: Caller) -> Ways:
        """What the API says would come back if this person cancelled."""
        told = self.world.booking(who, self.booking)["if_cancelled"]
        ways = Counter({way["means"]: way["amount"]["amount"] for way in told["means"]})
        assert told["back"]["amount"] == ways.total()
        return ways

    def said_of_absence(self) -> Ways:
        with self.world.rows():
            found = bookings.if_no_show(bookings.fresh(UUID(self.booking)))
            return Counter({means.value: money.amount for means, money in found.means.items()})

    def done(self) -> Ways:
        """Where the money of this booking is on its way, or has gone."""
        with self.world.rows() as session:
            rows = session.query(Refund).join(Attempt).join(Attempt.checkout).filter_by(booking_id=UUID(self.booking))
            ways = Counter[str]()
            for refund in rows:
                in_hand = journal.custodian_of(refund.attempt) is not None
                ways["by_hand" if in_hand else refund.means.value] += refund.amount
            return ways


def _by(gateway: str) -> Callable[[World], Paid]:
    def pay(world: World) -> Paid:
        one = Paid(world, BY_CODE[gateway].currency)
        one.pay(gateway, one.ask())
        return one

    return pay


def _credit(world: World) -> Paid:
    one = Paid(world, "EUR")
    one.pay_by_credit(one.ask())
    return one


def _package(world: World) -> Paid:
    one = Paid(world, "EUR")
    bought(world, one.client, offered(one.owner, one.service))
    assert pay_with(one.client, one.ask()).status_code == 201
    return one


def _package_over(world: World) -> Paid:
    """The session's package has been sent back since: there is nothing it could go into."""
    one = _package(world)
    [package] = one.owner.get("/packages").json
    answer = one.owner.post(f"/packages/{package['id']}/refund", {})
    assert answer.status_code == 200, answer.text
    return one


def _in_hand(world: World) -> Paid:
    one = Paid(world, "KES")
    one.ask()
    assert verify(one.owner, one.booking, True, evidence="Cash").json["status"] == "confirmed"
    return one


def _at_our_till(world: World) -> Paid:
    one = Paid(world, "KES")
    one.ask()
    assert verify(world.person(Role.STAFF), one.booking, True, evidence="Till").json["status"] == "confirmed"
    return one


def _mixed(gateway: str) -> Callable[[World], Paid]:
    """The session by a gateway, what it costs more since from the wallet."""

    def pay(world: World) -> Paid:
        one = _by(gateway)(world)
        one.pay_by_credit(one.lengthen())
        return one

    return pay


def _credit_then_card(world: World) -> Paid:
    one = _credit(world)
    one.pay("stripe", one.lengthen())
    return one


WAYS: dict[str, Callable[[World], Paid]] = {
    "card": _by("stripe"),
    "UPI": _by("razorpay"),
    "M-Pesa": _by("mpesa"),
    "wallet": _credit,
    "package": _package,
    "package that is over": _package_over,
    "in the practitioner's hand": _in_hand,
    "at our till": _at_our_till,
    "card and wallet": _mixed("stripe"),
    "M-Pesa and wallet": _mixed("mpesa"),
    "wallet and card": _credit_then_card,
}


def _wait_until(world: World, one: Paid, **before: float) -> None:
    start = datetime.fromisoformat(one.start)
    world.move(seconds=(start - timedelta(**before) - clock.now()).total_seconds())


def _cancel(one: Paid, who: Caller) -> None:
    said = one.said(who)
    answer = who.post(f"/bookings/{one.booking}/cancel", {"reason": "A cold."})
    assert answer.status_code == 200, answer.text
    assert one.done() == said, "what was said is not what was done"


@pytest.mark.in_turn
@pytest.mark.parametrize("way", WAYS)
def test_what_is_said_to_come_back_is_what_does(world: World, way: str) -> None:
    """ROW-3: free of charge, half, nothing; by the practitioner; and after a no-show."""
    world.stand_still()
    early, later, last, owners, missed = [WAYS[way](world) for _ in range(5)]
    _wait_until(world, early, hours=30)
    _cancel(early, early.client)
    _wait_until(world, later, hours=12)
    _cancel(later, later.client)
    assert later.done().total() > 0
    _wait_until(world, last, hours=1)
    _cancel(last, last.client)
    assert last.done() == Counter()
    _cancel(owners, owners.owner)
    _wait_until(world, missed, minutes=-30)
    said = missed.said_of_absence()
    assert said.total() > 0
    assert missed.owner.post(f"/bookings/{missed.booking}/no-show", {"reason": ""}).status_code == 200
    assert missed.done() == said


def test_two_payments_give_back_the_terms_part_to_the_unit(world: World) -> None:
    """Bookings 4: half of 90.02 is 45.01 for the client, and not a cent more for its having been paid in two."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, price_amount=6_001, **TERMS)
    start = world.slots(service, days=DAYS)[-4]["start"]
    booking = world.booked(client, service, start=start)
    later = (datetime.fromisoformat(start) + timedelta(minutes=60)).isoformat()
    path = f"/bookings/{booking['id']}"
    assert owner.post(f"{path}/reschedule", {"start": later, "minutes": 90}).status_code == 200
    world.act(world.begin(client, client.post(f"{path}/reschedule/accept").json["checkout_id"]))
    world.move(seconds=(datetime.fromisoformat(later) - timedelta(hours=12) - clock.now()).total_seconds())
    assert client.post(f"{path}/cancel", {"reason": ""}).status_code == 200
    assert sorted(refund.amount for refund in world.all(Refund)) == [1_500, 3_001]


SENTENCES = {
    ("card", 30): "€ 60 will be refunded the way it was paid",
    ("card", 12): "€ 30 will be refunded the way it was paid",
    ("M-Pesa", 30): "KES 1,500 will be refunded the way it was paid",
    ("M-Pesa", 12): "KES 750 becomes wallet credit at once: it cannot be refunded the way it was paid",
    ("wallet", 30): "€ 60 returns to the wallet as credit at once",
    ("package", 30): "The session is returned to the package",
    ("package", 12): "becomes wallet credit at once",
    ("package that is over", 30): "becomes wallet credit at once",
    ("in the practitioner's hand", 30): "KES 1,500 will be given back by hand, because it was paid by hand",
    ("at our till", 30): "KES 1,500 becomes wallet credit at once",
}


@pytest.mark.in_turn
@pytest.mark.parametrize(("way", "hours"), SENTENCES)
def test_the_page_says_which_way_the_money_will_come(world: World, way: str, hours: int) -> None:
    world.stand_still()
    one = WAYS[way](world)
    _wait_until(world, one, hours=hours)
    seen = Visitor(world, one.client).main(f"/bookings/{one.booking}/cancel")
    assert SENTENCES[way, hours] in seen
    said = "will be refunded the way it was paid"
    assert seen.count(said) == SENTENCES[way, hours].count(said)


def test_a_mixed_payment_is_said_part_by_part(world: World) -> None:
    world.stand_still()
    one = WAYS["card and wallet"](world)
    _wait_until(world, one, hours=30)
    seen = Visitor(world, one.client).main(f"/bookings/{one.booking}/cancel")
    assert "€ 120 will be refunded" in seen
    assert "€ 60 will be refunded the way it was paid" in seen
    assert "€ 60 returns to the wallet as credit" in seen


def test_the_room_says_what_a_no_show_does_to_the_money(world: World) -> None:
    world.stand_still()
    one = WAYS["M-Pesa"](world)
    _wait_until(world, one, minutes=-30)
    assert "KES 375 becomes wallet credit at once" in Visitor(world, one.owner).main(f"/bookings/{one.booking}/room")


def test_a_way_that_changed_since_the_page_was_opened_cancels_nothing(world: World) -> None:
    """The amount is the same, the way is not: it is said anew before anything is done."""
    world.stand_still()
    one = WAYS["package"](world)
    visitor = Visitor(world, one.client)
    page = visitor.get(f"/bookings/{one.booking}/cancel").text
    shown = page.split('name="shown" value="')[1].split('"')[0]
    [package] = one.owner.get("/packages").json
    assert one.owner.post(f"/packages/{package['id']}/refund", {}).status_code == 200
    assert visitor.post(f"/bookings/{one.booking}/cancel", reason="", shown=shown).status_code == 409
    assert [row.status for row in world.all(Booking)] == ["confirmed"]


def test_what_is_reserved_is_said_to_be_let_go(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "authorise_then_approve"))
    world.act(world.begin(client, made["checkout"]["id"]))
    told = world.booking(client, made["booking"]["id"])["if_cancelled"]
    let_go = {"amount": 6_000, "currency": "EUR"}
    assert told == {"back": None, "owed": None, "released": let_go, "not_due_any_more": None, "means": []}
    seen = Visitor(world, client).main(f"/bookings/{made['booking']['id']}/cancel")
    assert "€ 60 will be released" in seen


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("way", "says"),
    [
        ("M-Pesa", "A full refund goes to where it was paid from; a partial refund becomes credit"),
        ("package", "A full refund is a session of the package again"),
        ("package that is over", "It cannot be refunded the way it was paid"),
        ("in the practitioner's hand", "It was paid to the practitioner by hand"),
        ("at our till", "It cannot be refunded the way it was paid"),
        ("card", "It is refunded to where it was paid from."),
    ],
)
def test_staff_read_the_way_the_act_would_take(world: World, way: str, says: str) -> None:
    one = WAYS[way](world)
    staff = world.person(Role.STAFF)
    with world.rows() as session:
        mine = session.query(Attempt).join(Attempt.checkout).filter_by(booking_id=UUID(one.booking))
        attempt = str(mine.one().id)
    assert says in Visitor(world, staff).main(f"/staff/payments/{attempt}")


def test_the_rest_of_a_package_is_said_to_become_credit_where_only_all_could_be_sent(world: World) -> None:
    """Bought by M-Pesa, one session used: M-Pesa sends back no part."""
    one = Paid(world, "KES")
    bought(world, one.client, offered(one.owner, one.service, price=300_000), "mpesa")
    assert pay_with(one.client, one.ask()).status_code == 201
    seen = Visitor(world, one.owner).main("/practice/packages")
    assert "KES 2,000 becomes wallet credit at once" in seen
    [package] = one.owner.get("/packages").json
    assert one.owner.post(f"/packages/{package['id']}/refund", {}).status_code == 200
    assert [(row.means, row.amount) for row in world.all(Refund)] == [("wallet", 200_000)]
