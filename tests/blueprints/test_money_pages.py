"""The wallet's pages and calls, and the choice of a late payer: whose they are, what they keep, what they refuse."""

from datetime import datetime
from typing import Any

import pytest

from app.models import Checkout, LedgerEntry, Payout, Role
from sandbox.control import acts
from tests.support.credit import stranded
from tests.support.late import late_payment
from tests.support.visitor import Visitor, words
from tests.support.world import Caller, World


@pytest.fixture
def engine() -> str:
    """Pages are the same on both engines; the services' tests cover the other."""
    return "sqlite"


def _credit(world: World, client: Caller, amount: int = 6_000) -> None:
    made = client.post("/wallet/top-ups", {"amount": {"amount": amount, "currency": "EUR"}}).json
    world.act(world.begin(client, made["id"]))


def _late(world: World, client: Caller, **changes: Any) -> str:
    service = world.service(world.practitioner(), "pay_then_book", **changes)
    return str(late_payment(world, client, service)["checkout"]["id"])


# ------------------------------------------------------------------------------------------------ the wallet


def test_the_wallet_is_for_clients_who_are_logged_in(world: World) -> None:
    stranger = world.app.test_client()
    assert "/login" in stranger.get("/wallet").headers["Location"]
    assert stranger.get("/api/v1/wallet").status_code == 401
    for caller in (world.practitioner(), world.person(Role.STAFF)):
        visitor = Visitor(world, caller)
        assert visitor.get("/wallet").status_code == 404
        assert visitor.post("/wallet/top-ups", amount="10", currency="EUR").status_code == 404
        assert ">Wallet<" not in visitor.get("/profile").text
    assert "/wallet" in Visitor(world, world.person()).get("/profile").text


def test_a_top_up_pressed_twice_is_one_bill(world: World) -> None:
    visitor = Visitor(world, world.person())
    fields = {"amount": "12,50", "currency": "EUR", "request_key": "same"}
    first, second = (visitor.post("/wallet/top-ups", **fields) for _ in range(2))
    assert (first.status_code, first.headers["Location"]) == (303, second.headers["Location"])
    [bill] = world.all(Checkout)
    assert (bill.amount, bill.currency, bill.kind) == (1_250, "EUR", "top_up")
    assert "Top up your wallet" in visitor.main(first.headers["Location"])


@pytest.mark.parametrize("amount", ["", "0", "-5", "many", "1e9", "99999999999999", "1.234"])
def test_an_amount_that_cannot_be_meant_comes_back_beside_its_field(world: World, amount: str) -> None:
    visitor = Visitor(world, world.person())
    answer = visitor.post("/wallet/top-ups", amount=amount, currency="EUR")
    assert answer.status_code == 422
    assert 'id="top-up-amount-error"' in answer.text
    assert f'value="{amount}"' in answer.text
    assert world.all(Checkout) == []


@pytest.mark.parametrize("currency", ["", "XXX", "eur", "<b>"])  # XXX: ISO 4217 for "no currency"
def test_a_currency_nobody_takes_is_refused(world: World, currency: str) -> None:
    answer = Visitor(world, world.person()).post("/wallet/top-ups", amount="5", currency=currency)
    assert answer.status_code == 422


def test_an_intent_must_be_ones_own(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    bill = world.book(client, service)["checkout"]["id"]
    answer = Visitor(world, world.person()).post("/wallet/top-ups", amount="5", currency="EUR", then=bill)
    assert answer.status_code == 404


def test_a_payout_is_asked_for_and_stands_in_the_list(world: World) -> None:
    client = world.person()
    stranded(world, client, 6_000)
    visitor = Visitor(world, client)
    assert visitor.post("/wallet/payouts", amount="40", currency="EUR", destination="").status_code == 422
    sent = visitor.post("/wallet/payouts", amount="40", currency="EUR", destination="IBAN DE00")
    assert sent.status_code == 303
    page = visitor.main("/wallet")
    assert "IBAN DE00" in page
    assert "Our staff will send it" in page
    assert "€ 20" in page
    assert len(world.all(Payout)) == 1


def test_looking_changes_nothing(world: World) -> None:
    """Invariant 7: no change on GET."""
    client = world.person()
    bill = _late(world, client)
    visitor = Visitor(world, client)
    before = [(e.id, e.amount) for e in world.all(LedgerEntry)]
    for path in ("/wallet", f"/checkouts/{bill}", "/bookings", "/notices"):
        visitor.main(path)
    assert visitor.get(f"/checkouts/{bill}/offer").status_code == 405
    assert [(e.id, e.amount) for e in world.all(LedgerEntry)] == before


# ------------------------------------------------------------------------------------------------ late money


def test_a_second_choice_is_said_on_the_page(world: World) -> None:
    client = world.person()
    bill = _late(world, client)
    visitor = Visitor(world, client)
    assert "Choose what happens to your money" in visitor.main(f"/checkouts/{bill}")
    assert visitor.post(f"/checkouts/{bill}/offer", choice="credit").status_code == 303
    again = visitor.post(f"/checkouts/{bill}/offer", choice="refund")
    assert again.status_code == 409
    assert "This can no longer be chosen" in words(again)
    assert "Your money is in your wallet" in words(again)


def test_the_page_asks_nobody_else_to_choose(world: World) -> None:
    client = world.person()
    bill = _late(world, client)
    staff = Visitor(world, world.person(Role.STAFF))
    assert "Keep" not in staff.main(f"/checkouts/{bill}")
    for caller in (world.person(), world.person(Role.STAFF)):
        assert Visitor(world, caller).post(f"/checkouts/{bill}/offer", choice="credit").status_code == 404


@pytest.mark.in_turn
@pytest.mark.parametrize("fields", [{}, {"choice": "slot"}, {"choice": "slot", "start": "soon"}, {"choice": "all"}])
def test_a_choice_that_cannot_be_meant_is_refused(world: World, fields: dict[str, str]) -> None:
    client = world.person()
    bill = _late(world, client)
    assert Visitor(world, client).post(f"/checkouts/{bill}/offer", **fields).status_code == 422


def test_a_time_chosen_by_form_leads_to_the_booking(world: World) -> None:
    client = world.person()
    bill = _late(world, client)
    near = world.checkout(client, bill)["offer"]["near"][0]["start"]
    answer = Visitor(world, client).post(f"/checkouts/{bill}/offer", choice="slot", start=near)
    assert answer.status_code == 303
    booking = world.booking(client, answer.headers["Location"].rsplit("/", 1)[-1])
    assert (booking["status"], booking["start"]) == ("confirmed", near)


# ------------------------------------------------------------------------------------------------ calls


def test_a_booking_says_its_fee_its_refunds_and_whether_it_is_challenged(world: World) -> None:
    """Report S2-16."""
    client = world.person()
    booking = world.booked(client, world.service(world.practitioner(), free_cancel_hours=0))
    assert (booking["fee"], booking["refunds"], booking["disputed"]) == ({"amount": 600, "currency": "EUR"}, [], False)
    [charge] = world.sandbox.sandbox.store.all("charge")
    acts.ACTS["stripe", "charges"]["dispute"](world.sandbox.sandbox, charge["id"])
    world.settle()
    assert world.booking(client, booking["id"])["disputed"] is True


def test_the_new_calls_describe_themselves(world: World) -> None:
    paths = world.app.test_client().get("/api/v1/openapi.json").json["paths"]
    assert {"/wallet", "/wallet/top-ups", "/wallet/payouts", "/checkouts/{checkout_id}/offer"} <= set(paths)


@pytest.mark.parametrize("body", [{}, {"amount": 5}, {"amount": {"amount": 1.5, "currency": "EUR"}}, {"amount": []}])
def test_a_body_of_another_shape_is_refused(world: World, body: dict[str, Any]) -> None:
    client = world.person()
    for path in ("/wallet/top-ups", "/wallet/payouts"):
        assert client.post(path, body).status_code == 422


def test_a_top_up_by_key_is_one(world: World) -> None:
    client = world.person()
    body = {"amount": {"amount": 500, "currency": "EUR"}}
    first, second = (client.post("/wallet/top-ups", body, key="k") for _ in range(2))
    assert first.json["id"] == second.json["id"]
    assert len(world.all(Checkout)) == 1


def test_a_reserved_amount_is_not_offered_to_be_paid_again(world: World) -> None:
    """While an approved reservation is being charged nothing says "please pay"."""
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "authorise_then_approve"))
    world.act(world.begin(client, made["checkout"]["id"]))
    world.faults(gateway="stripe", route="capture", fault="500", times=9)
    owner.post(f"/bookings/{made['booking']['id']}/approve")
    booking = world.booking(client, made["booking"]["id"])
    assert (booking["status"], booking["money"]) == ("awaiting_payment", "authorised")
    assert "pay" not in booking["allowed_actions"]
    visitor = Visitor(world, client)
    page = visitor.main(f"/bookings/{booking['id']}")
    assert "Please pay to keep" not in page
    assert "being charged" in page
    assert "Your request is approved" in visitor.main(f"/checkouts/{made['checkout']['id']}")
    world.sandbox.sandbox.faults.clear()
    world.move(minutes=2)
    world.sweep()
    world.settle()
    assert world.booking(client, booking["id"])["status"] == "confirmed"


def test_the_calendar_of_a_debt_never_ends(world: World) -> None:
    """Pay after: owed on My bookings, whatever the clock says."""
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "pay_after"))
    path = f"/bookings/{made['booking']['id']}"
    start = datetime.fromisoformat(made["booking"]["start"])
    world.move(seconds=(start - datetime.fromisoformat(made["booking"]["created_at"])).total_seconds())
    for act in ("start", "complete"):
        assert owner.post(f"{path}/{act}").status_code == 200
    world.move(days=30)
    visitor = Visitor(world, client)
    assert "took place and payment is due" in visitor.main("/bookings")
    assert "Pay for this session" in visitor.main(path)
    assert "Not paid yet" in Visitor(world, owner).main(path)
