"""What the vendors' own lists hold and no webhook told: it lands once, it is ours alone, and what was lost is put back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import razorpay
import stripe

from app.domain.lifecycle import InboxState
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Checkout, Dispute, InboxEntry, Pull, Refund, Review, Role, User
from app.services.backoffice import doctor, pull, reconciliation, repair
from app.services.core import installation
from app.services.core.transaction import transaction
from app.services.payments import webhook_monitor
from sandbox.control.acts import ACTS
from sandbox.stripe import payments as stripe_payments
from tests.support.at_once import at_once
from tests.support.backup import restore, snapshot
from tests.support.broken import refusing
from tests.support.paid import CURRENCY, WHOLE, Paid, vendors
from tests.support.world import Caller, World

MONTH = timedelta(days=30)


def pulled(world: World, gateway: str, since: timedelta = timedelta(days=1), *, late: bool = True) -> Pull:
    """What a pass over the gateway's lists found; what it holds of the last minutes is left for its webhooks."""
    if late:
        world.move(minutes=16)
    with world.app.app_context():
        made = pull.run(world.app.extensions["gateways"][gateway], clock.now() - since)
        db.session.expunge_all()
        return made


def counts(made: Pull) -> tuple[int, int, int, int]:
    """Ours, others', landed, before a person."""
    assert made.seen == made.ours + made.others
    return made.ours, made.others, made.landed, made.reviews


def agrees(world: World) -> None:
    """The books are whole, and say payment by payment what the vendors have."""
    with world.app.app_context():
        assert reconciliation.breaches() == []
        assert reconciliation.compare(world.money_taken()) == []


def unheard(world: World, gateway: str) -> tuple[Caller, str]:
    """A booking was paid, and no webhook comes any more."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency=CURRENCY[gateway]))
    begun = world.begin(client, made["checkout"]["id"], gateway)
    world.drop_callbacks()
    world.act(begun)
    assert world.booking(client, made["booking"]["id"])["status"] == "awaiting_payment"
    return client, made["booking"]["id"]


# ------------------------------------------------------------------------------------------- webhooks are off


@vendors
def test_a_payment_that_no_webhook_told_has_its_effect(world: World, gateway: str) -> None:
    client, booking_id = unheard(world, gateway)
    assert counts(pulled(world, gateway)) == (1, 0, 1, 0)
    assert world.booking(client, booking_id)["status"] == "confirmed"
    assert [row.source for row in world.all(InboxEntry) if row.state is InboxState.APPLIED] == ["pull"]
    agrees(world)


@vendors
def test_what_a_pull_found_the_webhook_that_comes_later_does_not_do_again(world: World, gateway: str) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency=CURRENCY[gateway]))
    begun = world.begin(client, made["checkout"]["id"], gateway)
    world.faults(gateway="any", callbacks="hold", times=None)
    world.act(begun)
    assert counts(pulled(world, gateway)) == (1, 0, 1, 0)
    world.sandbox.sandbox.faults.clear()
    world.sandbox.sandbox.courier.release()
    world.settle()
    assert world.notices(client).count("booking_confirmed") == 1
    assert world.all(Refund) == []
    agrees(world)


@vendors
def test_a_pull_of_what_webhooks_told_writes_nothing_down(world: World, gateway: str) -> None:
    """All of it: paid, sent back in part by us and at the vendor's own site, and challenged."""
    paid, third = Paid(world, gateway), WHOLE[gateway] // 3
    paid.sent_back_there(third)
    world.sweep()
    charge = [each for each in paid.vendors({"stripe": "charges", "razorpay": "payments"}[gateway]) if each["captured"]]
    paid.does({"stripe": "charges", "razorpay": "payments"}[gateway], "dispute", charge[0]["id"])
    before = [row.id for row in world.all(InboxEntry)]
    assert counts(pulled(world, gateway)) == (3, 0, 0, 0)
    assert [row.id for row in world.all(InboxEntry)] == before


@vendors
def test_money_sent_back_at_the_vendors_site_without_a_webhook_is_found(world: World, gateway: str) -> None:
    paid, third = Paid(world, gateway), WHOLE[gateway] // 3
    world.drop_callbacks()
    paid.sent_back_there(third)
    assert paid.refunds == []
    assert counts(pulled(world, gateway)) == (2, 0, 1, 0)
    assert (paid.refunds, world.notices(paid.staff).count("refund_elsewhere")) == ([(third, "done")], 1)
    paid.agrees()


@vendors
def test_a_dispute_without_a_webhook_is_found_and_so_is_its_end(world: World, gateway: str) -> None:
    paid = Paid(world, gateway)
    things = {"stripe": "charges", "razorpay": "payments"}[gateway]
    charge = next(each["id"] for each in paid.vendors(things) if each["captured"])
    world.drop_callbacks()
    made = paid.does(things, "dispute", charge)
    assert counts(pulled(world, gateway)) == (2, 0, 1, 0)
    assert (paid.reviews, [str(row.status) for row in world.all(Dispute)]) == (["disputed"], ["open"])
    paid.does("disputes", "lose", made["id"])
    # A bank takes weeks: the payment has left the stretch, its dispute has not.
    world.move(days=40)
    assert counts(pulled(world, gateway)) == (1, 0, 1, 0)
    assert [str(row.status) for row in world.all(Dispute)] == ["lost"]


@vendors
def test_a_refund_that_failed_without_a_webhook_is_found_weeks_later(world: World, gateway: str) -> None:
    """It had gone, and its bank sent it back after a while; only the list says so."""
    paid = Paid(world, gateway)
    paid.cancelled()
    world.sweep()
    world.settle()
    assert paid.refunds == [(WHOLE[gateway], "done")]
    world.drop_callbacks()
    paid.does("refunds", "fail", paid.vendors("refunds")[0]["id"])
    world.move(days=20)
    assert counts(pulled(world, gateway)) == (1, 0, 1, 0)
    assert paid.refunds == [(WHOLE[gateway], "failed")]
    paid.agrees()


def test_what_was_reserved_and_taken_at_the_vendors_site_without_a_webhook_is_found(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "authorise_then_approve"))
    world.act(world.begin(client, made["checkout"]["id"]))
    assert world.booking(client, made["booking"]["id"])["status"] == "pending_approval"
    world.drop_callbacks()
    box = world.sandbox.sandbox
    with box.store.change():
        [intent] = box.store.all("intent")
        stripe_payments.capture(box, intent, intent["amount"])
    assert counts(pulled(world, "stripe")) == (1, 0, 1, 0)
    assert [str(row.status) for row in world.all(Attempt)] == ["paid"]


def test_a_reservation_that_no_webhook_told_goes_to_the_practitioner(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "authorise_then_approve"))
    begun = world.begin(client, made["checkout"]["id"])
    world.drop_callbacks()
    world.act(begun)
    with world.app.app_context():  # before the time to pay is over
        pull.run(world.app.extensions["gateways"]["stripe"], clock.now() - MONTH, clock.now())
    assert world.booking(client, made["booking"]["id"])["status"] == "pending_approval"


@vendors
def test_another_amount_than_was_asked_for_is_before_a_person(world: World, gateway: str) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency=CURRENCY[gateway]))
    begun = world.begin(client, made["checkout"]["id"], gateway)
    world.drop_callbacks()
    world.act(begun, amount=5_000)
    assert counts(pulled(world, gateway)) == (1, 0, 0, 1)
    assert [row.reason for row in world.all(Review)] == ["amount"]
    agrees(world)


@vendors
def test_a_charge_that_the_list_says_took_another_amount_is_before_a_person(world: World, gateway: str) -> None:
    """We heard of it, and not of so much: the books are not what the vendor has."""
    paid = Paid(world, gateway)
    box = world.sandbox.sandbox
    kind, amount = {"stripe": ("intent", "amount_received"), "razorpay": ("payment", "amount")}[gateway]
    with box.store.change():
        [thing] = box.store.all(kind)
        box.store.put(kind, thing["id"], thing | {amount: thing[amount] - 100}, ref=thing.get("order_id"))
    assert counts(pulled(world, gateway)) == (1, 0, 0, 1)
    assert (paid.reviews, paid.state) == (["amount"], ("confirmed", "needs_review"))
    assert counts(pulled(world, gateway)) == (1, 0, 0, 0)


def test_what_razorpay_gave_back_by_itself_is_no_charge_of_ours(world: World) -> None:
    """Its list says `refunded` of it, as of one that we sent back."""
    paid = Paid(world, "razorpay")
    world.drop_callbacks()
    paid.does("orders", "pay-again", paid.begun["next"]["provider_ref"])
    made = pulled(world, "razorpay")
    assert (made.landed, made.reviews, paid.state) == (0, 0, ("confirmed", "paid"))
    paid.agrees()


# ------------------------------------------------------------------------------------------- shared accounts


def _strangers_pay(world: World, gateway: str, notes: dict[str, str]) -> None:
    """Another program of the same account takes a payment, sends a part of it back, and its payer's bank asks for the rest."""
    env = world.sandbox.env
    box = world.sandbox.sandbox
    if gateway == "stripe":
        api = stripe.StripeClient(env["STRIPE_SECRET_KEY"], base_addresses={"api": env["STRIPE_API_BASE"]}).v1
        price = {"currency": "usd", "unit_amount": 700, "product_data": {"name": "A mug"}}
        made = api.checkout.sessions.create(
            {
                "mode": "payment",
                "success_url": "https://mugs.example",
                "metadata": notes,
                "payment_intent_data": {"metadata": notes},
                "line_items": [{"quantity": 1, "price_data": price}],
            }
        )
        ACTS["stripe", "sessions"]["pay"](box, made.id)
        charge = box.store.all("charge")[0]["id"]
        ACTS["stripe", "charges"]["refund"](box, charge, amount=200)
        ACTS["stripe", "charges"]["dispute"](box, charge, amount=500)
    else:
        keys = (env["RAZORPAY_KEY_ID"], env["RAZORPAY_KEY_SECRET"])
        shop: Any = razorpay.Client(auth=keys, base_url=env["RAZORPAY_API_BASE"].removesuffix("/v1"))
        order = shop.order.create({"amount": 70_000, "currency": "INR", "notes": notes})
        payment = ACTS["razorpay", "orders"]["pay"](box, order["id"])["id"]
        ACTS["razorpay", "payments"]["refund"](box, payment, amount=20_000)
        ACTS["razorpay", "payments"]["dispute"](box, payment, amount=50_000)


@vendors
@pytest.mark.parametrize(
    "notes", [{}, {"order": "M-17"}, {"installation": "ANOTHERKIKAO2345", "reference": "OTHER2345678"}]
)
def test_of_another_programs_objects_only_the_number_is_kept(world: World, gateway: str, notes: dict[str, str]) -> None:
    client, booking_id = unheard(world, gateway)
    _strangers_pay(world, gateway, notes)
    assert counts(pulled(world, gateway)) == (1, 3, 1, 0)
    assert world.booking(client, booking_id)["status"] == "confirmed"
    assert {row.attempt_id for row in world.all(InboxEntry)} == {row.id for row in world.all(Attempt)}


def test_another_kikao_that_shows_our_reference_moves_nothing_of_ours(world: World) -> None:
    client, booking_id = unheard(world, "stripe")
    [attempt] = world.all(Attempt)
    box = world.sandbox.sandbox
    with box.store.change():
        [intent] = box.store.all("intent")
        intent["metadata"] = {"installation": "ANOTHERKIKAO2345", "reference": attempt.reference}
        stripe_payments.put(box, "intent", intent)
    assert counts(pulled(world, "stripe")) == (0, 1, 0, 0)
    assert world.booking(client, booking_id)["money"] != "paid"


@vendors
def test_a_payment_begun_before_there_were_names_is_known_by_its_row(world: World, gateway: str) -> None:
    client, booking_id = unheard(world, gateway)
    box = world.sandbox.sandbox
    kind, name = {"stripe": ("intent", "metadata"), "razorpay": ("order", "notes")}[gateway]
    with box.store.change():
        [thing] = box.store.all(kind)
        thing[name] = {"reference": thing[name]["reference"]}
        box.store.put(kind, thing["id"], thing, ref=thing.get("receipt"))
    assert counts(pulled(world, gateway)) == (1, 0, 1, 0)
    assert world.booking(client, booking_id)["status"] == "confirmed"


# ------------------------------------------------------------------------------------------- a restored backup


def _named(world: World) -> None:
    with world.app.app_context(), transaction():
        installation.own_code()


@vendors
def test_a_payment_made_after_the_backup_is_put_back_to_its_checkout(world: World, gateway: str) -> None:
    _named(world)
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency=CURRENCY[gateway]))
    kept = snapshot(world)
    world.act(world.begin(client, made["checkout"]["id"], gateway))
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    [before] = world.all(Attempt)
    restore(world, kept)
    assert world.booking(client, made["booking"]["id"])["status"] == "awaiting_payment"
    made_of_it = pulled(world, gateway)
    assert (counts(made_of_it), made_of_it.unheard) == ((1, 0, 1, 0), 0)
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    [after] = world.all(Attempt)
    assert (after.reference, after.charge_ref, after.provider_ref) == (
        before.reference,
        before.charge_ref,
        before.provider_ref,
    )
    agrees(world)


@vendors
def test_what_came_back_after_the_backup_is_put_back_too(world: World, gateway: str) -> None:
    _named(world)
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, currency=CURRENCY[gateway]))
    kept = snapshot(world)
    world.act(world.begin(client, made["checkout"]["id"], gateway))
    assert owner.post(f"/bookings/{made['booking']['id']}/cancel", {"reason": "ill"}).status_code == 200
    world.sweep()
    world.settle()
    restore(world, kept)
    assert counts(pulled(world, gateway)) == (2, 0, 2, 0)
    assert [(row.amount, str(row.status)) for row in world.all(Refund)] == [(WHOLE[gateway], "done")]
    agrees(world)


@vendors
def test_it_is_put_back_beside_another_try_that_has_begun_since(world: World, gateway: str) -> None:
    _named(world)
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency=CURRENCY[gateway]))
    kept = snapshot(world)
    world.act(world.begin(client, made["checkout"]["id"], gateway))
    restore(world, kept)
    again = world.begin(client, made["checkout"]["id"], gateway)
    with world.app.app_context():
        pull.run(world.app.extensions["gateways"][gateway], clock.now() - MONTH, clock.now())
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    world.act(again)
    world.sweep()
    world.settle()
    assert sorted(str(row.status) for row in world.all(Attempt)) == ["paid", "paid"]
    assert [(row.reason, str(row.status)) for row in world.all(Refund)] == [("second_charge", "done")]
    agrees(world)


@vendors
def test_a_payment_whose_booking_is_lost_waits_for_staff_who_send_it_back(world: World, gateway: str) -> None:
    _named(world)
    staff, client = world.person(Role.STAFF), world.person()
    service = world.service(world.practitioner(), currency=CURRENCY[gateway])
    kept = snapshot(world)
    world.booked(client, service, gateway)
    restore(world, kept)
    assert counts(pulled(world, gateway)) == (1, 0, 0, 1)
    assert counts(pulled(world, gateway)) == (1, 0, 0, 0)
    [review] = world.all(Review)
    [checkout] = world.all(Checkout)
    assert (review.reason, review.amount, checkout.kind) == ("lost_checkout", WHOLE[gateway], "lost")
    assert world.notices(staff).count("review_opened") == 1
    agrees(world)
    with world.app.app_context():
        by = db.session.get_one(User, staff.user_id)
        assert repair.decisions_for(db.session.get_one(Review, review.id)) == ["refund", "write_off"]
        repair.resolve(review.id, "refund", "Nobody could say what it was for", by)
    world.sweep()
    world.settle()
    assert [(row.amount, str(row.status)) for row in world.all(Refund)] == [(WHOLE[gateway], "done")]
    agrees(world)


def test_of_a_lost_booking_a_dispute_is_told_too(world: World) -> None:
    _named(world)
    client = world.person()
    service = world.service(world.practitioner())
    kept = snapshot(world)
    world.booked(client, service)
    charge = world.sandbox.sandbox.store.all("charge")[0]["id"]
    made = ACTS["stripe", "charges"]["dispute"](world.sandbox.sandbox, charge)
    ACTS["stripe", "disputes"]["lose"](world.sandbox.sandbox, made["id"])
    world.settle()
    restore(world, kept)
    assert counts(pulled(world, "stripe")) == (2, 0, 1, 1)
    assert [str(row.status) for row in world.all(Dispute)] == ["lost"]


def test_of_a_payment_that_is_not_in_the_stretch_a_dispute_waits_as_ours_until_it_is_known(world: World) -> None:
    _named(world)
    client = world.person()
    service = world.service(world.practitioner())
    kept = snapshot(world)
    world.booked(client, service)
    world.move(days=10)
    charge = world.sandbox.sandbox.store.all("charge")[0]["id"]
    ACTS["stripe", "charges"]["dispute"](world.sandbox.sandbox, charge)
    world.settle()
    restore(world, kept)
    assert counts(pulled(world, "stripe")) == (1, 0, 0, 1)
    assert [(str(row.owner), str(row.state)) for row in world.all(InboxEntry)] == [("ours", "unmatched")]
    assert counts(pulled(world, "stripe", MONTH)) == (2, 0, 0, 1)
    assert [str(row.status) for row in world.all(Dispute)] == ["open"]


def test_a_place_of_a_group_that_was_sold_again_after_the_restore_is_sold_once(world: World) -> None:
    """One of two had paid before the backup; of the other the books do not know, and somebody else has the place."""
    _named(world)
    first, second, third = (world.person() for _ in range(3))
    service = world.service(world.practitioner(), places=2)
    start = world.slots(service)[0]["start"]
    one = world.book(first, service, start)
    world.act(world.begin(first, one["checkout"]["id"]))
    two = world.book(second, service, start)
    kept = snapshot(world)
    world.act(world.begin(second, two["checkout"]["id"]))
    restore(world, kept)
    world.move(minutes=40)
    world.sweep()
    three = world.book(third, service, start)
    world.act(world.begin(third, three["checkout"]["id"]))
    assert counts(pulled(world, "stripe")) == (3, 0, 1, 0)
    made = ((first, one), (second, two), (third, three))
    words = [world.booking(who, each["booking"]["id"])["status"] for who, each in made]
    assert words == ["confirmed", "expired", "confirmed"]
    assert [(row.reason, row.amount) for row in world.all(Refund)] == [("too_late", WHOLE["stripe"])]
    agrees(world)


# ------------------------------------------------------------------------------------------- again, at once, interrupted


def _as_of_a_till(things: list[Any]) -> Any:
    """Charges of before there were intents, and money given back that was never charged, have neither of both."""
    [thing] = things
    return thing | {"payment_intent": None} | ({"charge": None} if thing["object"] == "refund" else {})


def test_objects_of_others_that_name_no_payment_stop_nothing(world: World) -> None:
    client, booking_id = unheard(world, "stripe")
    _strangers_pay(world, "stripe", {})
    box = world.sandbox.sandbox
    with box.store.change():
        for kind in ("refund", "dispute"):
            thing = _as_of_a_till(box.store.all(kind))
            box.store.put(kind, thing["id"], thing)
    assert counts(pulled(world, "stripe")) == (1, 3, 1, 0)
    assert world.booking(client, booking_id)["status"] == "confirmed"


@pytest.mark.both_engines
def test_a_thing_that_cannot_be_dealt_with_stops_nothing_else_and_the_pass_says_so(world: World) -> None:
    unheard(world, "stripe")
    [refused] = world.all(Attempt)
    other, others_id = unheard(world, "stripe")
    with refusing(world, refused.reference), pytest.raises(pull.Interrupted, match="1 failed here"):
        pulled(world, "stripe")
    assert world.booking(other, others_id)["status"] == "confirmed"
    assert [(row.seen, row.landed, row.ended_at is None) for row in world.all(Pull)] == [(2, 1, False)]
    assert counts(pulled(world, "stripe")) == (2, 0, 1, 0)
    assert [str(row.status) for row in world.all(Attempt)] == ["paid", "paid"]


@pytest.mark.both_engines
@vendors
def test_two_pulls_at_once_do_nothing_twice(world: World, gateway: str) -> None:
    """Also where both find the same lost rows."""
    _named(world)
    clients = [world.person() for _ in range(3)]
    service = world.service(world.practitioner(), currency=CURRENCY[gateway])
    starts = [world.slots(service)[nth]["start"] for nth in range(3)]
    made = world.book(clients[0], service, starts[0])
    kept = snapshot(world)
    world.act(world.begin(clients[0], made["checkout"]["id"], gateway))
    world.booked(clients[1], service, gateway, start=starts[1])
    restore(world, kept)
    third = world.book(clients[2], service, starts[2])
    begun = world.begin(clients[2], third["checkout"]["id"], gateway)
    world.drop_callbacks()
    world.act(begun)
    world.move(minutes=16)

    def one() -> int:
        return pulled(world, gateway, late=False).seen

    assert at_once(one, one, one) == [3, 3, 3]
    assert len(world.all(Attempt)) == 3
    assert [row.reason for row in world.all(Review)] == ["lost_checkout"]
    assert world.all(Refund) == []
    for client, booking in ((clients[0], made), (clients[2], third)):
        assert world.booking(client, booking["booking"]["id"])["status"] == "confirmed"
        assert world.notices(client).count("booking_confirmed") == 1
    agrees(world)


@vendors
@pytest.mark.parametrize("fault", ["500", "reset", "wrong_shape", "429"])
def test_a_pull_that_a_vendor_interrupts_says_so_and_the_next_goes_on(world: World, gateway: str, fault: str) -> None:
    client, booking_id = unheard(world, gateway)
    world.faults(gateway=gateway, route="lists", fault=fault, times=9)
    with pytest.raises(pull.Interrupted):
        pulled(world, gateway)
    assert [(row.error != "", row.ended_at is None) for row in world.all(Pull)] == [(True, False)]
    world.sandbox.sandbox.faults.clear()
    assert counts(pulled(world, gateway)) == (1, 0, 1, 0)
    assert world.booking(client, booking_id)["status"] == "confirmed"


def test_the_doctor_says_that_a_list_was_not_read_to_its_end_until_it_was(world: World) -> None:
    def told() -> list[str]:
        with world.app.app_context():
            return [found.words for found in doctor.examine() if found.name == "list of stripe"]

    world.booked(world.person(), world.service(world.practitioner()))
    assert told() == []
    world.faults(gateway="stripe", route="lists", fault="500", times=9)
    with pytest.raises(pull.Interrupted):
        pulled(world, "stripe")
    [words] = told()
    assert words.startswith("not read to its end (GatewayUnavailable)")
    world.sandbox.sandbox.faults.clear()
    pulled(world, "stripe")
    assert told() == []


@vendors
def test_what_was_read_before_the_interruption_is_dealt_with(world: World, gateway: str) -> None:
    client, booking_id = unheard(world, gateway)
    world.faults(gateway=gateway, route="refund", fault="500", times=9)
    with pytest.raises(pull.Interrupted):
        pulled(world, gateway)
    assert world.booking(client, booking_id)["status"] == "confirmed"
    assert [(row.seen, row.landed) for row in world.all(Pull)] == [(1, 1)]


@vendors
def test_a_vendor_that_is_busy_for_a_moment_is_asked_again(world: World, gateway: str) -> None:
    unheard(world, gateway)
    world.faults(gateway=gateway, route="lists", fault="429", times=1)
    assert counts(pulled(world, gateway)) == (1, 0, 1, 0)


# ------------------------------------------------------------------------------------------- each night, and who hears


def _nights(world: World, number: int = 1) -> Pull:
    """The last of so many nightly passes over Stripe's lists, made without anybody looking up single payments."""
    for _ in range(number):
        world.move(hours=25)
        with world.app.app_context():
            pull.nightly()
    return [row for row in world.all(Pull) if row.gateway == "stripe"][-1]


def test_after_nights_without_an_answer_the_next_pass_begins_where_the_last_came_to(world: World) -> None:
    _named(world)
    before = _nights(world)
    unheard(world, "stripe")
    world.faults(gateway="stripe", route="lists", fault="500", times=99)
    silent = _nights(world, 6)
    assert (silent.error != "", silent.since) == (True, before.until - pull.DEFAULT)
    world.sandbox.sandbox.faults.clear()
    made = _nights(world)
    assert (made.landed, made.since) == (1, before.until - pull.DEFAULT)
    assert _nights(world).since == made.until - pull.DEFAULT


def test_a_week_in_which_nothing_ran_is_made_up_for(world: World) -> None:
    _named(world)
    _nights(world)
    unheard(world, "stripe")
    world.move(days=8)
    assert _nights(world).landed == 1


def test_a_pass_that_somebody_asks_for_leaves_no_gap_behind_it(world: World) -> None:
    """The last days are read by it, and those before it are not."""
    _named(world)
    _nights(world)
    unheard(world, "stripe")
    world.move(days=8)
    assert pulled(world, "stripe").landed == 0
    assert _nights(world).landed == 1


def test_the_first_pass_that_fails_is_made_up_for_from_where_it_began(world: World) -> None:
    _named(world)
    world.faults(gateway="stripe", route="lists", fault="500", times=99)
    first = _nights(world)
    assert _nights(world, 5).since == first.since


def _quiet(_world: World) -> None:
    """Nothing happens."""


@pytest.mark.parametrize("before", [_quiet, lambda world: world.sweep()], ids=["at once", "once before"])
def test_each_night_the_last_days_are_pulled_and_staff_hear_that_webhooks_are_lost(
    world: World, before: Callable[[World], None]
) -> None:
    staff = world.person(Role.STAFF)
    paid = Paid(world, "razorpay")
    before(world)
    world.drop_callbacks()
    paid.sent_back_there(10_000)
    world.move(hours=25)
    world.sweep()
    assert paid.refunds == [(10_000, "done")]
    assert sorted(row.gateway for row in world.all(Pull)) == ["razorpay", "stripe"]
    assert world.notices(staff).count("webhooks_lost") == 1
    world.move(hours=1)
    world.sweep()
    assert (len(world.all(Pull)), world.notices(staff).count("webhooks_lost")) == (2, 1)
    with world.app.app_context():
        assert {beat.gateway: beat.unheard for beat in webhook_monitor.beats()}["razorpay"] == 1
    world.move(hours=24)
    world.sweep()
    assert (len(world.all(Pull)), world.notices(staff).count("webhooks_lost")) == (4, 1)
