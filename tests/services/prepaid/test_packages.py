"""Packages: several sessions paid for at once, used one by one, given back by the policy, and never lost."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from app.domain.lifecycle import RefundMeans
from app.domain.money import Money
from app.lib import clock
from app.models import Attempt, Booking, Package, PackageUse, Practitioner, Refund, Role, User
from app.services.backoffice import reconciliation, repair
from tests.support import practices
from tests.support.at_once import at_once
from tests.support.credit import balance, bought, fee_of, gift, held, offered, pay_with, top_up
from tests.support.gateways import PRICED
from tests.support.proofs import Pages
from tests.support.visitor import words
from tests.support.world import Caller, World


@pytest.fixture(autouse=True)
def no_fee(world: World) -> Iterator[None]:
    """What a session is worth is all the practitioner's, so that the sums are easy to read."""
    with fee_of(world, 0):
        yield


def _cast(world: World, mode: str = "hold_then_pay", **more: Any) -> tuple[Caller, Caller, int]:
    owner, client = world.practitioner(), world.person()
    return client, owner, world.service(owner, mode, **more)


def _package(world: World, client: Caller, owner: Caller, service: int, **more: Any) -> dict[str, Any]:
    return bought(world, client, offered(owner, service, **more))


def _mine(client: Caller) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/packages").json[0]
    return found


def _booked(world: World, client: Caller, service: int, nth: int = 0) -> dict[str, Any]:
    """A session booked and paid with the package."""
    made = world.book(client, service, world.start(service, nth))
    answer = pay_with(client, made["checkout"]["id"])
    assert (answer.status_code, answer.json["next"]["kind"]) == (201, "done"), answer.text
    return world.booking(
        client,
        made["booking"]["id"] if made["booking"] else world.checkout(client, made["checkout"]["id"])["booking_id"],
    )


FOR_THREE = [(code, currency, 2 * price) for code, currency, price in PRICED]


@pytest.mark.parametrize(("gateway", "currency", "price"), FOR_THREE)
def test_a_package_is_bought_by_any_gateway_and_exists_only_then(
    world: World, gateway: str, currency: str, price: int
) -> None:
    """S4-6: the payable kind `package`; the money waits in its own account and is nobody's income yet."""
    client, owner, service = _cast(world, currency=currency)
    offer = offered(owner, service, 3, price, 90)
    bill = client.post(f"/package-offers/{offer}/buy").json
    assert (bill["kind"], bill["amount"]["amount"], client.get("/packages").json) == ("package", price, [])
    world.act(world.begin(client, bill["id"], gateway))
    mine = _mine(client)
    assert (mine["sessions"], mine["left"], mine["state"], mine["rest"]["amount"]) == (3, 3, "open", price)
    assert (held(world, "package"), held(world, "practitioner")) == (price, 0)
    assert (owner.get("/packages").json, world.notices(client)) == ([mine], ["package_bought"])
    assert "package_sold" in world.notices(owner)


def test_each_session_is_worth_its_part_and_the_parts_are_the_price(world: World) -> None:
    """100.34 in three: 33.45, 33.45, 33.44; fee and practitioner are posted with each, like any payment."""
    client, owner, service = _cast(world)
    _package(world, client, owner, service, price=10_034)
    for nth, (worth, fees) in enumerate([(3_345, 335), (3_345, 670), (3_344, 1_004)]):
        with fee_of(world, 10):
            booking = _booked(world, client, service, nth)
        assert (booking["status"], booking["money"], booking["paid_with"]) == ("confirmed", "paid", ["package"])
        assert (booking["price"]["amount"], held(world, "platform")) == (worth, fees)
    assert (held(world, "package"), held(world, "practitioner")) == (0, 9_030)
    assert (_mine(client)["left"], _mine(client)["state"]) == (0, "used_up")


@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book"])
def test_a_package_pays_at_once_where_one_pays_first(world: World, mode: str) -> None:
    client, owner, service = _cast(world, mode)
    _package(world, client, owner, service)
    made = world.book(client, service)
    methods = world.checkout(client, made["checkout"]["id"])["methods"]
    assert methods[-1] == {"gateway": "package", "label": "Package", "needs_phone": False}
    assert pay_with(client, made["checkout"]["id"]).status_code == 201
    booking = world.booking(client, world.checkout(client, made["checkout"]["id"])["booking_id"])
    assert (booking["status"], booking["price"]["amount"]) == ("confirmed", 3_334)
    assert _mine(client)["bookings"] == [booking["id"]]


def test_a_package_pays_after_approval(world: World) -> None:
    client, owner, service = _cast(world, "approve_then_pay")
    _package(world, client, owner, service)
    made = world.book(client, service)["booking"]
    assert owner.post(f"/bookings/{made['id']}/approve").status_code == 200
    bill = world.booking(client, made["id"])["checkout_id"]
    assert pay_with(client, bill).status_code == 201
    assert world.booking(client, made["id"])["status"] == "confirmed"


def test_a_package_pays_what_is_due_after_the_session(world: World) -> None:
    client, owner, service = _cast(world, "pay_after")
    _package(world, client, owner, service)
    made = world.book(client, service)["booking"]
    world.move(hours=26)
    for act in ("start", "complete"):
        assert owner.post(f"/bookings/{made['id']}/{act}", {"notes": ""}).status_code == 200
    bill = world.booking(client, made["id"])["checkout_id"]
    assert pay_with(client, bill).status_code == 201
    done = world.booking(client, made["id"])
    assert (done["money"], done["paid_with"], _mine(client)["left"]) == ("paid", ["package"], 2)


def test_what_a_card_reserves_first_is_not_for_packages(world: World) -> None:
    """Nothing is charged there before the yes, and a session of a package is charged or not."""
    client, owner, service = _cast(world)
    reserving = world.service(owner, "authorise_then_approve", title="Reserved")
    body = {"service_id": reserving, "sessions": 3, "price": 10_000}
    refused = owner.post("/package-offers", body)
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (422, "package_reserves", "service_id")
    _package(world, client, owner, service)
    bill = world.book(client, reserving)["checkout"]["id"]
    assert pay_with(client, bill).json["code"] == "unknown_gateway"


# ------------------------------------------------------------------------------------------------ refused


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"sessions": 0}, "out_of_range", "sessions"),
        ({"sessions": 1}, "out_of_range", "sessions"),
        ({"sessions": 101}, "out_of_range", "sessions"),
        ({"sessions": -3}, "out_of_range", "sessions"),
        ({"valid_days": 0}, "out_of_range", "valid_days"),
        ({"price": 18_001}, "package_dearer", "price"),
        ({"price": 0}, "amount_invalid", "price"),
        ({"price": 2}, "amount_invalid", "price"),
        ({"price": 10}, "amount_not_taken", "price"),
        ({"sessions": "many"}, "invalid", "sessions"),
    ],
)
def test_a_package_that_makes_no_sense_is_not_offered(
    world: World, change: dict[str, Any], code: str, field: str
) -> None:
    _, owner, service = _cast(world)
    answer = owner.post("/package-offers", {"service_id": service, "sessions": 3, "price": 10_000} | change)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, code, field), answer.text


def test_somebody_elses_service_offer_and_package_do_not_exist(world: World) -> None:
    client, owner, service = _cast(world)
    mine = _package(world, client, owner, service)
    other, stranger = world.practitioner(name="Ravi Deshpande"), world.person()
    body = {"service_id": service, "sessions": 3, "price": 10_000}
    offer = owner.get("/package-offers").json[0]["id"]
    assert other.post("/package-offers", body).status_code == 404
    assert other.post(f"/package-offers/{offer}/withdraw").status_code == 404
    for number in (999_999, 2**40):
        assert owner.post(f"/package-offers/{number}/withdraw").status_code == 404
        assert client.post(f"/package-offers/{number}/buy").status_code == 404
    for who in (other, stranger):
        assert who.get(f"/packages/{mine['id']}").status_code == 404
        assert who.post(f"/packages/{mine['id']}/refund").status_code == 404
    assert client.post(f"/packages/{mine['id']}/refund").status_code == 403
    assert owner.post(f"/package-offers/{offer}/buy").status_code == 403
    bill = world.book(stranger, service)["checkout"]["id"]
    assert pay_with(stranger, bill, mine["id"]).status_code == 404
    assert pay_with(stranger, bill).json["code"] == "no_package"


def test_a_package_of_another_service_pays_nothing(world: World) -> None:
    client, owner, service = _cast(world)
    mine = _package(world, client, owner, service)
    other = world.service(owner, title="Another")
    bill = world.book(client, other)["checkout"]["id"]
    answer = pay_with(client, bill, mine["id"])
    assert (answer.status_code, answer.json["code"]) == (409, "package_other")
    assert pay_with(client, bill).json["code"] == "no_package"
    assert (_mine(client)["left"], world.checkout(client, bill)["attempts"]) == (3, [])


def test_a_package_pays_no_session_that_was_made_longer_whatever_its_service_is_by_then(world: World) -> None:
    """Bookings 3: an hour was agreed and bought; two of them are not one, although the service takes two by now."""
    client, owner, service = _cast(world, "pay_after")
    _package(world, client, owner, service)
    free = [slot["start"] for slot in world.slots(service, days=3)]
    booking = world.book(client, service, free[20])["booking"]
    path = f"/bookings/{booking['id']}"
    assert owner.post(f"{path}/reschedule", {"start": free[24], "minutes": 120}).status_code == 200
    assert client.post(f"{path}/reschedule/accept").status_code == 200
    practices.edit(world, owner, service, minutes=120)
    world.move(seconds=(datetime.fromisoformat(free[24]) - clock.now()).total_seconds() + 60)
    assert owner.post(f"{path}/start").status_code == 200
    bill = owner.post(f"{path}/complete").json["checkout_id"]
    answer = pay_with(client, bill)
    assert (answer.status_code, answer.json["code"]) == (409, "package_other")
    assert world.checkout(client, bill)["amount"]["amount"] == 12_000


def test_when_no_session_is_left_another_way_must_pay(world: World) -> None:
    client, owner, service = _cast(world)
    _package(world, client, owner, service, sessions=2, price=8_000)
    for nth in (0, 1):
        _booked(world, client, service, nth)
    made = world.book(client, service, world.start(service, 2))
    answer = pay_with(client, made["checkout"]["id"])
    assert (answer.status_code, answer.json["code"]) == (409, "package_used_up")
    world.act(world.begin(client, made["checkout"]["id"]))
    assert world.booking(client, made["booking"]["id"])["paid_with"] == ["stripe"]


def test_two_places_are_not_paid_with_one_session(world: World) -> None:
    client, owner, service = _cast(world, places=3)
    _package(world, client, owner, service)
    bill = world.book(client, service, places=2)["checkout"]["id"]
    assert pay_with(client, bill).json["code"] == "unknown_gateway"


def test_two_tabs_with_the_last_session_at_once_one_wins(world: World) -> None:
    """The law: balances are sums, and no package goes below nothing, by parallel payers too."""
    client, owner, service = _cast(world)
    _package(world, client, owner, service, sessions=2, price=8_000)
    _booked(world, client, service)
    bills = [world.book(client, service, world.start(service, nth))["checkout"]["id"] for nth in range(4)]
    answers = at_once(*(lambda bill=bill: pay_with(client, bill) for bill in bills))
    codes = sorted(answer.status_code for answer in answers)
    assert codes.count(201) == 1, codes
    assert all(code in (201, 409, 503) for code in codes), codes
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} <= {"package_used_up"}
    assert (_mine(client)["left"], held(world, "package")) == (0, 0)


def test_one_bill_paid_twice_at_once_and_with_the_same_key_uses_one_session(world: World) -> None:
    client, owner, service = _cast(world)
    _package(world, client, owner, service)
    made = world.book(client, service)
    at_once(*(lambda: pay_with(client, made["checkout"]["id"], key="once") for _ in range(3)))
    at_once(*(lambda: pay_with(client, made["checkout"]["id"]) for _ in range(3)))
    assert (_mine(client)["left"], len(world.all(PackageUse))) == (2, 1)


def test_the_same_offer_and_the_same_purchase_pressed_twice_are_one(world: World) -> None:
    client, owner, service = _cast(world)
    offer = offered(owner, service)
    assert offered(owner, service) == offer
    assert len({client.post(f"/package-offers/{offer}/buy").json["id"] for _ in range(2)}) == 1
    assert offered(owner, service, days=30) != offer


def test_a_withdrawn_offer_is_not_sold_and_what_was_bought_stays(world: World) -> None:
    client, owner, service = _cast(world)
    offer = offered(owner, service)
    mine, late = bought(world, client, offer), world.person()
    bill = late.post(f"/package-offers/{offer}/buy").json
    begun = world.begin(late, bill["id"])
    owner.post(f"/package-offers/{offer}/withdraw")
    assert client.post(f"/package-offers/{offer}/buy").status_code == 404
    world.act(begun)
    assert (late.get("/packages").json, world.checkout(late, bill["id"])["status"]) == ([], "cancelled")
    [back] = world.all(Refund)
    assert (back.reason, back.amount) == ("not_bought", 10_000)
    assert (_mine(client)["id"], _booked(world, client, service)["status"]) == (mine["id"], "confirmed")


# ------------------------------------------------------------------------------------------------ money back


def test_cancelled_in_time_the_session_is_in_the_package_again(world: World) -> None:
    client, owner, service = _cast(world, free_cancel_hours=2)
    _package(world, client, owner, service)
    booking = _booked(world, client, service)
    assert client.post(f"/bookings/{booking['id']}/cancel", {"reason": ""}).status_code == 200
    assert (_mine(client)["left"], held(world, "package"), balance(client)) == (3, 10_000, [])
    [back] = world.all(Refund)
    assert (back.means, back.status, back.amount) == (RefundMeans.PACKAGE, "done", 3_334)
    again = _booked(world, client, service, 1)
    assert (again["price"]["amount"], _mine(client)["left"]) == (3_334, 2)


def test_cancelled_late_a_part_is_credit_and_the_session_stays_used(world: World) -> None:
    """The tiers frozen on the booking: half of what the session is worth, 33.33."""
    client, owner, service = _cast(world, free_cancel_hours=200, later_tiers=((1, 50),))
    _package(world, client, owner, service, price=9_999)
    booking = _booked(world, client, service)
    client.post(f"/bookings/{booking['id']}/cancel", {"reason": ""})
    assert (_mine(client)["left"], balance(client)) == (2, [(1_667, "EUR")])


def test_cancelled_too_late_nothing_comes_back(world: World) -> None:
    client, owner, service = _cast(world, free_cancel_hours=200)
    _package(world, client, owner, service)
    booking = _booked(world, client, service)
    client.post(f"/bookings/{booking['id']}/cancel", {"reason": ""})
    assert (_mine(client)["left"], balance(client), held(world, "practitioner")) == (2, [], 3_334)


def test_cancelled_by_the_practitioner_the_session_always_comes_back(world: World) -> None:
    client, owner, service = _cast(world, free_cancel_hours=200)
    _package(world, client, owner, service)
    booking = _booked(world, client, service)
    owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "I am ill"})
    assert (_mine(client)["left"], held(world, "practitioner")) == (3, 0)
    world.sweep()
    [mail] = [m for m in world.mails(world.email(client)) if m["subject"].startswith("Cancelled")]
    assert "is back in your package" in str(mail)
    assert "You get €" not in str(mail)

    client, owner, service = _cast(world)
    _package(world, client, owner, service)
    booking = _booked(world, client, service)
    world.move(hours=26)
    for act in ("start", "complete"):
        owner.post(f"/bookings/{booking['id']}/{act}", {"notes": ""})
    assert (world.booking(client, booking["id"])["status"], _mine(client)["left"]) == ("completed", 2)


def test_the_rest_is_refunded_by_who_sold_it_and_the_package_is_over(world: World) -> None:
    client, owner, service = _cast(world)
    mine = _package(world, client, owner, service)
    booking = _booked(world, client, service)
    bill = world.book(client, service, world.start(service, 1))["checkout"]["id"]
    ended = owner.post(f"/packages/{mine['id']}/refund")
    assert (ended.json["state"], ended.json["left"], ended.json["rest"]["amount"]) == ("ended", 0, 0)
    world.sweep()
    world.settle()
    [back] = world.all(Refund)
    assert (back.amount, back.status, back.reason) == (6_666, "done", "package_ended")
    assert pay_with(client, bill).json["code"] == "package_over"
    assert owner.post(f"/packages/{mine['id']}/refund").json["code"] == "package_over"
    # A session that comes back later finds no package any more: it is credit.
    owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "ill"})
    assert balance(client) == [(3_334, "EUR")]


def test_staff_who_refund_a_part_of_a_package_end_it_and_the_rest_is_credit(world: World) -> None:
    client, owner, service = _cast(world)
    staff_id = world.person(Role.STAFF).user_id
    _package(world, client, owner, service)
    with world.rows() as session:
        [attempt] = session.query(Attempt).all()
        repair.refund(attempt.id, Money(4_000, "EUR"), "agreed", session.get_one(User, staff_id))
    assert (_mine(client)["state"], balance(client), held(world, "package")) == ("ended", [(6_000, "EUR")], 0)


def test_staff_put_a_session_back_into_its_package(world: World) -> None:
    client, owner, service = _cast(world)
    staff_id = world.person(Role.STAFF).user_id
    _package(world, client, owner, service)
    _booked(world, client, service)
    with world.rows() as session:
        attempt = session.query(Attempt).filter_by(gateway="package").one()
        assert repair.way_back(attempt) == "package"
        repair.refund(attempt.id, attempt.money, "the line was bad", session.get_one(User, staff_id))
    assert (_mine(client)["left"], "session_returned" in world.notices(client)) == (3, True)


def test_when_its_time_is_over_the_rest_is_credit(world: World) -> None:
    """Never lost silently: wallet credit, and a message."""
    client, owner, service = _cast(world)
    _package(world, client, owner, service, days=3)
    _booked(world, client, service)
    bill = world.book(client, service, world.slots(service, 5)[100]["start"])["checkout"]["id"]
    world.move(minutes=10)
    assert pay_with(client, bill).status_code == 201
    world.move(days=4)
    assert (_mine(client)["state"], _mine(client)["left"]) == ("expired", 0)
    bill = world.book(client, service)["checkout"]["id"]
    assert pay_with(client, bill).json["code"] == "package_over"
    assert world.sweep()["packages"] == 1
    assert (balance(client), _mine(client)["state"]) == ([(3_333, "EUR")], "expired")
    assert "Whatever was not booked in time is now credit in your wallet." in Pages(world, client).get("/packages").text
    assert "package_expired" in world.notices(client)
    assert world.sweep()["packages"] == 0


def test_the_end_of_a_package_binds_the_booking_and_not_when_the_session_is(world: World) -> None:
    """Bookings 25: booked on its last day for a month later, and moved further since: the session stays paid."""
    client, owner, service = _cast(world)
    _package(world, client, owner, service, days=3)
    world.move(days=2, hours=23)
    later = world.slots(service, 40)[-1]["start"]
    made = world.book(client, service, later)
    assert pay_with(client, made["checkout"]["id"]).status_code == 201
    world.move(days=1)
    world.sweep()
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    moved = client.post(
        f"/bookings/{made['booking']['id']}/reschedule", {"start": world.slots(service, 60)[-1]["start"]}
    )
    assert moved.status_code in (200, 201), moved.text
    assert (balance(client), _mine(client)["state"]) == ([(6_666, "EUR")], "expired")


def test_a_session_asked_for_in_time_is_paid_with_the_package_once_it_is_approved(world: World) -> None:
    """The client has done their part in time; what is then left is credit, and what is asked for later is not in time."""
    client, owner, service = _cast(world, "approve_then_pay")
    _package(world, client, owner, service, days=1)
    world.move(hours=23)
    asked = world.book(client, service, world.slots(service, 20)[-1]["start"])["booking"]["id"]
    world.move(hours=2)
    assert (world.sweep()["packages"], _mine(client)["state"]) == (0, "expired")
    late = world.book(client, service, world.slots(service, 21)[-1]["start"])["booking"]["id"]
    for booking in (asked, late):
        assert owner.post(f"/bookings/{booking}/approve").status_code == 200
    assert world.sweep()["packages"] == 0
    assert pay_with(client, world.booking(client, late)["checkout_id"]).json["code"] == "package_over"
    assert pay_with(client, world.booking(client, asked)["checkout_id"]).status_code == 201
    assert (world.sweep()["packages"], balance(client)) == (1, [(6_666, "EUR")])


def test_a_session_paid_for_afterwards_counts_as_booked_when_it_was(world: World) -> None:
    client, owner, service = _cast(world, "pay_after")
    _package(world, client, owner, service, days=1)
    made = world.book(client, service, world.slots(service, 20)[-1]["start"])["booking"]
    world.move(days=2)
    assert world.sweep()["packages"] == 0
    [row] = [b for b in world.all(Booking) if str(b.id) == made["id"]]
    world.move(seconds=(row.starts_at - clock.now()).total_seconds())
    for act in ("start", "complete"):
        assert owner.post(f"/bookings/{made['id']}/{act}").status_code == 200
    assert pay_with(client, world.booking(client, made["id"])["checkout_id"]).status_code == 201
    assert (world.sweep()["packages"], balance(client)) == (1, [(6_666, "EUR")])


def test_a_request_that_came_to_nothing_holds_up_no_package(world: World) -> None:
    client, owner, service = _cast(world, "approve_then_pay")
    _package(world, client, owner, service, days=1)
    asked = world.book(client, service, world.slots(service, 20)[-1]["start"])["booking"]["id"]
    world.move(days=2)
    owner.post(f"/bookings/{asked}/decline", {"reason": "I am away"})
    world.sweep()
    assert (balance(client), _mine(client)["state"]) == ([(10_000, "EUR")], "expired")


def test_who_buys_and_who_owns_a_package_read_what_its_end_binds(world: World) -> None:
    client, owner, service = _cast(world)
    _package(world, client, owner, service, days=3)
    with world.rows() as session:
        slug = session.query(Practitioner).one().slug
    mine = Pages(world, client)
    sold = words(mine.get(f"/practitioners/{slug}"))
    assert "book within 3 days" in sold
    for page in (sold, words(mine.get("/packages"))):
        assert "The sessions themselves can be later." in page
    assert "book by" in words(mine.get("/packages"))
    world.sweep()
    [mail] = [m for m in world.mails(world.email(client)) if m["subject"].startswith("Your package with")]
    assert "You can book with it until" in mail["text"]


def test_a_package_is_paid_from_the_wallet_and_goes_back_there(world: World) -> None:
    client, owner, service = _cast(world)
    top_up(world, client, 10_000)
    bill = client.post(f"/package-offers/{offered(owner, service)}/buy").json
    assert client.post(f"/checkouts/{bill['id']}/attempts", {"gateway": "wallet"}).status_code == 201
    assert balance(client) == []
    owner.post(f"/packages/{_mine(client)['id']}/refund")
    assert balance(client) == [(10_000, "EUR")]


def test_the_package_that_ends_first_is_used_first(world: World) -> None:
    client, owner, service = _cast(world)
    _package(world, client, owner, service)
    soon = _package(world, client, owner, service, days=10)
    _booked(world, client, service)
    with world.rows() as session:
        assert [str(use.package_id) for use in session.query(PackageUse)] == [soon["id"]]


def test_a_package_pays_after_another_way_has_failed(world: World) -> None:
    client, owner, service = _cast(world, currency="KES")
    _package(world, client, owner, service, price=400_000)
    made = world.book(client, service)
    world.drop_callbacks()
    begun = world.begin(client, made["checkout"]["id"], "mpesa", phone="0712345678")
    world.act(begun, "cancel")
    world.move(minutes=2)
    world.sweep()
    assert pay_with(client, made["checkout"]["id"]).status_code == 201
    booking = world.booking(client, made["booking"]["id"])
    assert (booking["status"], booking["paid_with"], _mine(client)["left"]) == ("confirmed", ["package"], 2)
    assert [attempt["status"] for attempt in world.checkout(client, made["checkout"]["id"])["attempts"]] == [
        "failed",
        "paid",
    ]


def test_the_audit_finds_a_package_without_its_money(world: World) -> None:
    """Outstanding packages equal their ledger accounts."""
    client, owner, service = _cast(world)
    _package(world, client, owner, service)
    _booked(world, client, service)
    with world.rows() as session:
        [row] = session.query(Package).all()
        row.price_amount = 9_999
        session.commit()
        assert "package_balance" in [breach.code for breach in reconciliation.breaches()]
        row.price_amount = 10_000
        session.commit()


def test_a_session_moved_to_be_shorter_gives_the_difference_as_credit(world: World) -> None:
    """What is left of its worth is not a whole session any more: it comes back as credit too, never twice."""
    client, owner, service = _cast(world)
    _package(world, client, owner, service)
    booking = _booked(world, client, service)
    later = world.slots(service, 4)[60]["start"]
    moved = owner.post(f"/bookings/{booking['id']}/reschedule", {"start": later, "minutes": 30})
    assert moved.status_code == 200, moved.text
    assert client.post(f"/bookings/{booking['id']}/reschedule/accept").status_code == 200
    assert (balance(client), _mine(client)["left"]) == ([(1_667, "EUR")], 2)
    owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "ill"})
    assert (balance(client), _mine(client)["left"], held(world, "practitioner")) == ([(3_334, "EUR")], 2, 0)


def test_staff_read_the_story_of_what_was_paid_ahead(world: World) -> None:
    client, owner, service = _cast(world)
    mine = _package(world, client, owner, service)
    _booked(world, client, service)
    owner.post(f"/packages/{mine['id']}/refund")
    gift(world, client)
    staff = Pages(world, world.person(Role.STAFF))
    for attempt in world.all(Attempt):
        page = staff.get(f"/staff/payments/{attempt.id}")
        assert page.status_code == 200
        assert "package" in page.text or "Gift, not redeemed yet" in page.text
    assert staff.get("/staff").status_code == 200
