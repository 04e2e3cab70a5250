"""Nobody is sent into a payment that is certain to come too late: pages, lists, API and vendors know that the time is gone."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest

from app.extensions import db
from app.models import Attempt, Checkout, Practitioner, Service, User
from app.services.core.errors import Conflict
from app.services.payments import attempts
from tests.support.credit import offered
from tests.support.gateways import BY_CODE
from tests.support.proofs import PNG
from tests.support.questions import ask, expert
from tests.support.visitor import Visitor, words
from tests.support.world import Caller, World

GATEWAYS = ["stripe", "razorpay", "mpesa"]


def _draft(world: World, gateway: str = "stripe", **more: Any) -> tuple[Caller, Caller, int, dict[str, Any]]:
    """The practitioner, a client with a draft, the service, and the draft's checkout."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "pay_then_book", BY_CODE[gateway].currency, **more)
    return owner, client, service, world.book(client, service, world.start(service, 3))["checkout"]


def _taken_by_another(world: World, service: int, gateway: str = "stripe") -> None:
    rival = world.person(name="Rival")
    theirs = world.book(rival, service, world.start(service, 3))["checkout"]
    world.act(world.begin(rival, theirs["id"], gateway, phone="+254722000111"))


def _page(world: World, client: Caller, checkout_id: str) -> str:
    return Visitor(world, client).main(f"/checkouts/{checkout_id}")


def _unpublish(world: World, owner: Caller) -> None:
    """The practitioner takes their page back: nothing of theirs is sold any more."""
    with world.app.app_context():
        row = db.session.query(Practitioner).filter_by(user_id=owner.user_id).one()
        row.published = False
        db.session.commit()


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_who_began_to_pay_first_is_not_sent_on_when_another_has_paid(world: World, gateway: str) -> None:
    """ROW-1: the page says that the time is taken, offers others, and no way to pay it."""
    _, client, service, checkout = _draft(world, gateway)
    world.begin(client, checkout["id"], gateway)
    _taken_by_another(world, service, gateway)
    seen = _page(world, client, checkout["id"])
    assert "Someone else has just taken this time" in seen
    assert "Book another time" in seen
    assert "Pay KES" not in seen
    assert "Finish your payment" not in seen
    assert "Enter your PIN on" not in seen
    assert "Nothing is held until you pay" not in seen


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_page_that_waits_changes_by_itself_when_the_time_is_taken(world: World, gateway: str) -> None:
    """ROW-1: the page's own question is answered with a fresh page, also where a window of the gateway is open."""
    _, client, service, checkout = _draft(world, gateway)
    world.begin(client, checkout["id"], gateway)
    visitor = Visitor(world, client)
    marked = visitor.get(f"/checkouts/{checkout['id']}").text.split('name="mark" value="')[1].split('"')[0]

    def ask() -> Any:
        token = visitor.get("/profile").text.split('name="csrf_token" value="')[1].split('"')[0]
        form = {"csrf_token": token, "mark": marked}
        return visitor.http.post(f"/checkouts/{checkout['id']}/check", data=form, headers={"HX-Request": "true"})

    assert "HX-Refresh" not in ask().headers
    _taken_by_another(world, service, gateway)
    assert ask().headers["HX-Refresh"] == "true"


def test_what_is_open_at_the_vendor_is_closed_once_the_time_is_gone(world: World) -> None:
    """ROW-1: the card page can be paid no more; the sweep sees to it where no worker did."""
    _, client, service, checkout = _draft(world)
    begun = world.begin(client, checkout["id"])
    _taken_by_another(world, service)
    world.move(minutes=2)
    world.sweep()
    session = world.sandbox.sandbox.store.get(BY_CODE["stripe"].thing, begun["next"]["provider_ref"])
    assert session["status"] == "expired"
    [mine] = [row for row in world.all(Attempt) if str(row.checkout_id) == checkout["id"]]
    assert not mine.is_live


def test_the_worker_closes_it_in_the_moment_the_time_is_taken(world: World) -> None:
    owner, client, service, checkout = _draft(world)
    begun = world.begin(client, checkout["id"])
    other = world.begin(client, world.book(client, service, world.start(service, 5))["checkout"]["id"])
    _taken_by_another(world, service)
    with world.app.app_context():
        practitioner = db.session.query(Practitioner).filter_by(user_id=owner.user_id).one()
        assert attempts.close_lost(practitioner.id) == 1
    store = world.sandbox.sandbox.store
    assert store.get(BY_CODE["stripe"].thing, begun["next"]["provider_ref"])["status"] == "expired"
    assert store.get(BY_CODE["stripe"].thing, other["next"]["provider_ref"])["status"] == "open"


def test_looking_at_the_page_closes_nothing(world: World) -> None:
    """No change on GET."""
    _, client, service, checkout = _draft(world)
    begun = world.begin(client, checkout["id"])
    _taken_by_another(world, service)
    _page(world, client, checkout["id"])
    store = world.sandbox.sandbox.store
    assert store.get(BY_CODE["stripe"].thing, begun["next"]["provider_ref"])["status"] == "open"


def test_a_time_that_is_free_again_can_be_paid_again(world: World) -> None:
    """The word is computed: when the other one cancels, the draft goes on."""
    _, client, service, checkout = _draft(world)
    rival = world.person(name="Rival")
    theirs = world.book(rival, service, world.start(service, 3))["checkout"]
    world.act(world.begin(rival, theirs["id"]))
    assert world.checkout(client, checkout["id"])["place_left"] is False
    booking = world.checkout(rival, theirs["id"])["booking_id"]
    assert rival.post(f"/bookings/{booking}/cancel").status_code == 200
    seen = world.checkout(client, checkout["id"])
    assert (seen["place_left"], [way["gateway"] for way in seen["methods"]]) == (True, ["stripe"])
    world.act(world.begin(client, checkout["id"]))
    assert world.checkout(client, checkout["id"])["status"] == "paid"


def test_the_api_names_no_way_to_pay_what_is_gone_and_repeats_no_step_into_it(world: World) -> None:
    _, client, service, checkout = _draft(world)
    path = f"/checkouts/{checkout['id']}/attempts"

    def press() -> Any:
        """One and the same press of the button, as a page sends it."""
        with world.app.app_context():
            payer = db.session.get_one(User, client.user_id)
            return attempts.begin(UUID(checkout["id"]), payer, "stripe", request_key="k").step

    assert press() == press() is not None
    _taken_by_another(world, service)
    seen = world.checkout(client, checkout["id"])
    assert (seen["place_left"], seen["methods"]) == (False, [])
    answer = client.post(path, {"gateway": "stripe"})
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken")
    with pytest.raises(Conflict, match="slot_taken"):
        press()


def test_the_list_does_not_ask_for_the_payment_of_a_time_that_is_gone(world: World) -> None:
    _, client, service, checkout = _draft(world)
    world.begin(client, checkout["id"])
    visitor = Visitor(world, client)
    assert "Complete payment" in visitor.main("/bookings")
    _taken_by_another(world, service)
    seen = visitor.main("/bookings")
    assert "Complete payment" not in seen
    assert "Someone else has just taken this time" in seen


@pytest.mark.parametrize("begun", [False, True])
def test_a_practitioner_who_is_gone_is_not_paid(world: World, begun: bool) -> None:
    owner, client, _, checkout = _draft(world)
    if begun:
        world.begin(client, checkout["id"])
    _unpublish(world, owner)
    seen = _page(world, client, checkout["id"])
    assert "This time is no longer offered" in seen
    assert "by card" not in seen.lower()


def test_a_service_that_was_switched_off_is_not_paid(world: World) -> None:
    _, client, service, checkout = _draft(world)
    world.begin(client, checkout["id"])
    with world.app.app_context():
        db.session.get_one(Service, service).active = False
        db.session.commit()
    assert "This time is no longer offered" in _page(world, client, checkout["id"])


def test_seats_of_a_group_that_are_too_few_are_not_paid(world: World) -> None:
    """Two of three are wanted, and two others came first: one is left."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "pay_then_book", places=3)
    start = world.start(service, 3)
    checkout = world.book(client, service, start, places=2)["checkout"]
    world.begin(client, checkout["id"])
    rival = world.person(name="Rival")
    world.act(world.begin(rival, world.book(rival, service, start, places=2)["checkout"]["id"]))
    assert "There are not enough places left" in _page(world, client, checkout["id"])


def test_a_time_that_has_begun_is_not_paid(world: World) -> None:
    """A draft cannot outlive its start; one that does, by hand, says so."""
    _, client, service, checkout = _draft(world)
    world.begin(client, checkout["id"])
    with world.app.app_context():
        row = db.session.get_one(Checkout, UUID(checkout["id"]))
        row.expires_at = datetime.fromisoformat(world.start(service, 3)) + timedelta(days=1)
        db.session.commit()
    world.move(hours=48)
    with world.app.app_context():
        row = db.session.get_one(Checkout, UUID(checkout["id"]))
        row.expires_at = row.expires_at + timedelta(days=2)
        db.session.commit()
    assert "This time has started" in _page(world, client, checkout["id"])


def test_a_question_that_is_not_taken_any_more_is_not_paid(world: World) -> None:
    """Its money would go back: the practitioner takes no questions now."""
    (owner, slug), client = expert(world), world.person()
    bill = ask(client, slug)
    begun = world.begin(client, bill)
    _unpublish(world, owner)
    assert "No new questions accepted at the moment" in _page(world, client, bill)
    world.move(minutes=2)
    world.sweep()
    session = world.sandbox.sandbox.store.get(BY_CODE["stripe"].thing, begun["next"]["provider_ref"])
    assert session["status"] == "expired"


def test_a_package_that_is_not_sold_any_more_is_not_paid(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    offer = offered(owner, world.service(owner), sessions=10, price=10_000)
    bill: dict[str, Any] = client.post(f"/package-offers/{offer}/buy").json
    world.begin(client, bill["id"])
    owner.post(f"/package-offers/{offer}/withdraw")
    assert "This package is no longer for sale" in _page(world, client, bill["id"])


def test_a_top_up_does_not_say_that_it_pays_for_a_time_that_is_gone(world: World) -> None:
    _, client, service, checkout = _draft(world)
    made = client.post("/wallet/top-ups", {"amount": {"amount": 6_000, "currency": "EUR"}, "then": checkout["id"]})
    assert "It lets you pay" in _page(world, client, made.json["id"])
    _taken_by_another(world, service)
    assert "It lets you pay" not in _page(world, client, made.json["id"])


def test_who_paid_by_hand_before_the_time_was_gone_can_still_show_it(world: World) -> None:
    """The page asks for no transfer any more; what was sent already is not lost."""
    _, client, service, checkout = _draft(world, "mpesa")
    world.begin(client, checkout["id"], "manual")
    _taken_by_another(world, service, "mpesa")
    visitor = Visitor(world, client)
    seen = visitor.main(f"/checkouts/{checkout['id']}")
    assert "Someone else has just taken this time" in seen
    assert "1. Pay" not in seen
    assert "Send proof" in seen
    world.move(minutes=1)
    with world.app.app_context():
        owner = db.session.get_one(Service, service).practitioner_id
        attempts.close_lost(owner)
    form = {"csrf_token": visitor.get("/profile").text.split('name="csrf_token" value="')[1].split('"')[0]}
    sent = visitor.http.post(
        f"/checkouts/{checkout['id']}/proof",
        data=form | {"file": (BytesIO(PNG), "paid.png"), "note": ""},
        content_type="multipart/form-data",
    )
    assert sent.status_code == 303, words(sent)
    assert "will check it" in visitor.main(f"/checkouts/{checkout['id']}")


def test_who_comes_back_from_the_card_page_reads_what_becomes_of_a_payment_that_is_too_late(world: World) -> None:
    _, client, service, checkout = _draft(world)
    begun = world.begin(client, checkout["id"])
    _taken_by_another(world, service)
    seen = Visitor(world, client).main(f"/checkouts/{checkout['id']}?checking=1")
    assert "you can choose what happens to it" in seen
    world.act(begun)
    assert "Choose what happens to your money" in _page(world, client, checkout["id"])
