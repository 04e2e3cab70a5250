"""Gifts and packages as people use them: on pages, without script."""

import re

import pytest

from app.models import Package, PackageOffer, Practitioner, Role
from tests.support.credit import balance, bought, gift, offered
from tests.support.proofs import Pages
from tests.support.visitor import words
from tests.support.world import Caller, World


def _cast(world: World) -> tuple[Caller, Caller, int]:
    owner, client = world.practitioner(), world.person()
    return client, owner, world.service(owner, free_cancel_hours=1)


def _slug(world: World) -> str:
    with world.rows() as session:
        return str(session.query(Practitioner).order_by(Practitioner.id).first().slug)


def _pay(world: World, client: Caller, location: str) -> None:
    world.act(world.begin(client, location.rsplit("/", 1)[-1]))


def test_a_gift_is_bought_handed_over_and_redeemed_on_pages(world: World) -> None:
    """Complaints: gift codes. The code is on the buyer's page alone; the friend types it into the wallet."""
    buyer, friend = world.person(), world.person(name="Ravi Deshpande")
    mine, theirs = Pages(world, buyer), Pages(world, friend)
    assert "No gifts yet" in words(mine.get("/gifts"))
    sent = mine.post("/gifts", {"amount": "50", "currency": "EUR", "request_key": "k"}, page="/gifts")
    assert sent.status_code == 303
    assert "Pay for your gift" in words(mine.get(sent.location))
    assert "There is no code until it is paid for." in words(mine.get("/gifts"))
    _pay(world, buyer, sent.location)
    assert "The code is ready" in words(mine.get(sent.location))
    page = words(mine.get("/gifts"))
    code = re.search(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", page)
    assert code
    assert "Not redeemed yet" in page
    assert code[0] not in words(theirs.get("/gifts"))
    done = theirs.post("/wallet/gifts", {"code": code[0].lower().replace("-", " ")}, page="/wallet")
    assert (done.status_code, done.location) == (303, "/wallet")
    shown = words(theirs.get("/wallet"))
    for said in ("has been added to your wallet", "€ 50", "From a gift"):
        assert said in shown, said
    assert "Redeemed" in words(mine.get("/gifts"))
    assert code[0] not in mine.get("/gifts").text
    assert "redeemed" in words(mine.get("/notices"))


@pytest.mark.parametrize("typed", ["AAAA-BBBB-CCCC-DDDD", "", "<b>x</b>"])
def test_an_unknown_code_stays_beside_its_field(world: World, typed: str) -> None:
    theirs = Pages(world, world.person())
    refused = theirs.post("/wallet/gifts", {"code": typed}, page="/wallet")
    assert refused.status_code == 422
    assert "We do not recognise this code." in words(refused)
    assert 'id="code-error"' in refused.text
    assert "<b>x</b>" not in refused.text


def test_a_used_code_says_so_and_a_cancelled_gift_too(world: World) -> None:
    buyer, friend = world.person(), world.person()
    first, second = gift(world, buyer), gift(world, buyer)
    mine, theirs = Pages(world, buyer), Pages(world, friend)
    assert friend.post("/gifts/redeem", {"code": first["code"]}).status_code == 200
    late = Pages(world, world.person()).post("/wallet/gifts", {"code": first["code"]}, page="/wallet")
    assert (late.status_code, "This code has already been used." in words(late)) == (409, True)
    refused = mine.post(f"/gifts/{first['id']}/cancel", page="/gifts")
    assert (refused.status_code, "This code has already been used." in words(refused)) == (409, True)
    assert mine.post(f"/gifts/{second['id']}/cancel", page="/gifts").status_code == 303
    assert "The gift is cancelled" in words(mine.get("/gifts"))
    dead = theirs.post("/wallet/gifts", {"code": second["code"]}, page="/wallet")
    assert "has cancelled this gift" in words(dead)
    assert theirs.post(f"/gifts/{second['id']}/cancel", page="/gifts").status_code == 404


@pytest.mark.parametrize("amount", ["", "0", "-5", "ten", "1e99", "12.345"])
def test_an_amount_that_is_none_is_kept_and_refused(world: World, amount: str) -> None:
    refused = Pages(world, world.person()).post("/gifts", {"amount": amount, "currency": "EUR"}, page="/gifts")
    assert refused.status_code == 422
    assert 'id="amount-error"' in refused.text
    assert f'value="{amount}"' in refused.text


def test_a_package_is_offered_bought_used_and_seen_by_both_on_pages(world: World) -> None:
    """Complaint cal.com#13401: packages; S4-6: the payable kind `package`."""
    client, owner, service = _cast(world)
    theirs, mine = Pages(world, owner), Pages(world, client)
    assert "No packages yet" in words(theirs.get("/practice/packages"))
    form = {"service_id": str(service), "sessions": "5", "price": "250", "valid_days": "90"}
    assert theirs.post("/practice/packages", form, page="/practice/packages").status_code == 303
    public = f"/practitioners/{_slug(world)}"
    for said in ("Several sessions together", "5 × Single session", "€ 250", "90 days"):
        assert said in words(mine.get(public)), said
    assert "Log in to buy" in words(world.app.test_client().get(public))
    [offer] = world.all(PackageOffer)
    sent = mine.post(f"/packages/offers/{offer.id}/buy", page=public)
    assert "Payment needed" in words(mine.get("/packages"))
    _pay(world, client, sent.location)
    assert "Your package is ready." in words(mine.get(sent.location))
    assert "5 of 5 sessions left" in words(mine.get("/packages"))

    made = world.book(client, service)
    pay = f"/checkouts/{made['checkout']['id']}"
    page = mine.get(pay)
    assert "Use one session from your package" in words(page)
    [package] = world.all(Package)
    press = {"gateway": "package", "package_id": str(package.id), "request_key": "one"}
    assert mine.post(f"{pay}/pay", press, page=pay).status_code == 303
    for said in ("€ 50 paid", "Package"):
        assert said in words(mine.get(pay)), said
    booking = f"/bookings/{made['booking']['id']}"
    for reader in (mine, theirs):
        assert "Paid with Package" in words(reader.get(booking))
    for reader, where in ((mine, "/packages"), (theirs, "/practice/packages")):
        assert "4 of 5 sessions left" in words(reader.get(where))
    assert booking in mine.get("/packages").text
    assert "The session is returned to the package it was paid with" in words(mine.get(f"{booking}/cancel"))

    refund = f"/practice/packages/{package.id}/refund"
    assert "Refund what is left: € 200" in words(theirs.get("/practice/packages"))
    assert theirs.post(refund, page="/practice/packages").status_code == 303
    again = theirs.post(refund, page="/practice/packages")
    assert (again.status_code, "This package is no longer valid" in words(again)) == (409, True)
    assert "Ended and refunded" in words(mine.get("/packages"))


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("typed", "sentence", "field"),
    [
        ({"sessions": "0"}, "Enter a number from 2 to 100 for “How many”.", "sessions"),
        ({"sessions": ""}, "Enter a number from 2 to 100 for “How many”.", "sessions"),
        ({"sessions": "many"}, "Enter a number from 2 to 100 for “How many”.", "sessions"),
        ({"valid_days": "soon"}, "Enter a number from 1 to 1095 for “Days to book them in”.", "valid_days"),
        ({"price": "1000"}, "at most", "package-price"),
        ({"price": "free"}, "price", "package-price"),
        ({"service_id": ""}, "Choose a service.", "service_id"),
        ({"service_id": "abc"}, "Choose a service.", "service_id"),
    ],
)
def test_a_package_that_cannot_be_offered_stays_on_the_page(
    world: World, typed: dict[str, str], sentence: str, field: str
) -> None:
    _, owner, service = _cast(world)
    form = {"service_id": str(service), "sessions": "5", "price": "250", "valid_days": ""} | typed
    refused = Pages(world, owner).post("/practice/packages", form, page="/practice/packages")
    assert refused.status_code == 422
    assert sentence in words(refused)
    assert f'id="{field}-error"' in refused.text
    assert world.all(PackageOffer) == []


def test_a_used_up_package_is_said_in_the_second_tab(world: World) -> None:
    """Two tabs, one session left: the second hears a clear sentence and nothing is charged."""
    client, owner, service = _cast(world)
    mine = Pages(world, client)
    package = bought(world, client, offered(owner, service, 2, 8_000))
    pays = [f"/checkouts/{world.book(client, service, world.start(service, n))['checkout']['id']}" for n in range(3)]
    press = {"gateway": "package", "package_id": package["id"]}
    answers = [mine.post(f"{pay}/pay", press, page=pays[2]) for pay in pays]
    assert [answer.status_code for answer in answers] == [303, 303, 409]
    assert "All sessions in this package have been used." in words(answers[2])
    stranger = Pages(world, world.person())
    assert stranger.post(f"{pays[2]}/pay", press).status_code == 404


def test_pages_are_for_those_they_are_for(world: World) -> None:
    """Invariant 7."""
    client, owner, service = _cast(world)
    offer = offered(owner, service)
    package = bought(world, client, offer)
    practice, visitor = Pages(world, owner), world.app.test_client()
    for path in ("/gifts", "/packages"):
        assert practice.get(path).status_code == 404
        assert "/login" in visitor.get(path).location
    assert Pages(world, client).get("/practice/packages").status_code == 404
    other = Pages(world, world.practitioner(name="Ravi Deshpande"))
    assert other.post(f"/practice/packages/{package['id']}/refund").status_code == 404
    assert other.post(f"/practice/packages/offers/{offer}/withdraw").status_code == 404
    assert Pages(world, world.person(Role.STAFF)).post(f"/packages/offers/{offer}/buy").status_code == 404
    assert practice.post(f"/practice/packages/offers/{offer}/withdraw").status_code == 303
    assert "Several sessions together" not in words(visitor.get(f"/practitioners/{_slug(world)}"))
    assert balance(client) == []
