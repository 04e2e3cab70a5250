"""Receipts and credit notes as people and programs have them: list, page, PDF, mail; and the tax they show."""

from datetime import datetime
from typing import Any

import pytest

from app.lib import clock
from app.models import Attempt, Receipt, Role, User
from tests.support.pdf_text import pdf_text
from tests.support.proofs import Pages
from tests.support.world import Caller, World


def _sold(world: World, owner: Caller, **more: Any) -> tuple[Caller, dict[str, Any]]:
    client = world.person()
    return client, world.booked(client, world.service(owner, free_cancel_hours=0, **more))


def _only(world: World) -> str:
    [paper] = world.all(Receipt)
    return str(paper.id)


def _speak(world: World, caller: Caller, language: str) -> None:
    with world.rows() as session:
        session.get_one(User, caller.user_id).language = language
        session.commit()


def test_a_client_finds_the_receipt_from_the_booking_and_keeps_it_as_a_pdf(world: World) -> None:
    """S2-19, S2-26, cal.com#16209: without script, from the booking to the file, which says number and amount."""
    client, booking = _sold(world, world.practitioner(), title="Trauma therapy")
    mine, receipt = Pages(world, client), _only(world)
    assert f'href="/receipts/{receipt}"' in mine.get(f"/bookings/{booking['id']}").text
    assert "P1-000001" in mine.get("/receipts").text
    page = mine.get(f"/receipts/{receipt}").text
    for word in ("Receipt P1-000001", "Dr. Amina Otieno", "Wanjiku Kamau", "€\xa060", "Card", "Session on"):
        assert word in page
    assert "Trauma" not in page
    file = mine.get(f"/receipts/{receipt}.pdf")
    assert (file.status_code, file.content_type) == (200, "application/pdf")
    assert file.headers["Content-Disposition"] == 'attachment; filename="receipt-P1-000001.pdf"'
    text = pdf_text(file.data)
    for word in ("Receipt P1-000001", "Dr. Amina Otieno", "Wanjiku Kamau", "€\xa060", "Card"):
        assert word in text
    assert "Trauma" not in text
    assert mine.get(f"/receipts/{receipt}.pdf").data == file.data


def test_the_paid_page_and_the_mail_lead_to_the_receipt(world: World) -> None:
    """S2-19: a confirmation mail with the transaction's details."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    world.act(world.begin(client, made["checkout"]["id"]))
    link = f"/receipts/{_only(world)}"
    assert link in Pages(world, client).get(f"/checkouts/{made['checkout']['id']}").text
    world.sweep()
    world.until(lambda: bool(world.mails(world.email(client))))
    [confirmed] = [mail for mail in world.mails(world.email(client)) if "Confirmed" in mail["subject"]]
    [paper] = world.all(Receipt)
    assert f"Receipt P1-000001: € 60, paid with Card, reference {paper.charge_ref}" in confirmed["text"].replace(
        "\xa0", " "
    )
    assert link in confirmed["text"]


def test_money_back_is_a_credit_note_that_names_its_receipt(world: World) -> None:
    """S2-26: cancelled in time; the page also says where the money is now."""
    client, booking = _sold(world, world.practitioner())
    assert client.post(f"/bookings/{booking['id']}/cancel").status_code == 200
    note, receipt = client.get("/receipts").json
    assert (note["number"], note["kind"], note["corrects"]) == ("P1-000002", "credit_note", receipt["id"])
    assert (note["amount"], note["reason"]) == ({"amount": 6_000, "currency": "EUR"}, "cancelled")
    page = Pages(world, client).get(f"/receipts/{note['id']}").text
    for word in ("Credit note P1-000002", "P1-000001", "On its way", "the booking was cancelled"):
        assert word in page
    text = pdf_text(Pages(world, client).get(f"/receipts/{note['id']}.pdf").data)
    assert "Credit note P1-000002" in text
    assert "P1-000001" in text


def test_the_api_gives_what_the_page_gives(world: World) -> None:
    """S2-26: list with totals, one, its PDF; a part of a number finds it."""
    client, booking = _sold(world, world.practitioner())
    found = client.get("/receipts")
    assert (found.headers["X-Total-Count"], found.headers["X-Pages"]) == ("1", "1")
    [receipt] = found.json
    assert client.get(f"/receipts/{receipt['id']}").json == receipt
    assert (receipt["number"], receipt["booking_id"], receipt["about"]) == ("P1-000001", booking["id"], "booking")
    assert (receipt["issuer"], receipt["method"], receipt["tax"]) == ("Dr. Amina Otieno", "Card", None)
    file = client.get(f"/receipts/{receipt['id']}.pdf")
    assert (file.status_code, file.content_type) == (200, "application/pdf")
    assert "P1-000001" in pdf_text(file.data)
    assert len(client.get("/receipts", q="p1-0").json) == 1
    assert client.get("/receipts", q="P9").json == []
    assert client.get("/receipts", page=10**9).json == []
    assert client.get("/receipts", q="%").json == [receipt]


def test_receipts_are_for_those_they_concern(world: World) -> None:
    """Client, their practitioner, staff; to everybody else there is none (invariant 7)."""
    owner, other = world.practitioner(), world.practitioner(name="Dr. Otto")
    client, _ = _sold(world, owner)
    receipt, stranger = _only(world), world.person()
    for person in (client, owner, world.person(Role.STAFF)):
        assert [each["id"] for each in person.get("/receipts").json] == [receipt]
        assert Pages(world, person).get(f"/receipts/{receipt}.pdf").status_code == 200
    for person in (stranger, other):
        assert person.get("/receipts").json == []
        for path in (f"/receipts/{receipt}", f"/receipts/{receipt}.pdf"):
            assert person.get(path).status_code == 404
            assert Pages(world, person).get(path).status_code == 404
    nobody = world.app.test_client()
    assert nobody.get(f"/api/v1/receipts/{receipt}.pdf").status_code == 401
    assert nobody.get(f"/receipts/{receipt}.pdf").status_code in (302, 303)


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("language", "word"), [("ar", "P1-000001"), ("hi", "P1-000001"), ("fa", "P1-000001"), ("sw", "P1-000001")]
)
def test_papers_are_in_the_readers_language_whatever_script_a_name_has(world: World, language: str, word: str) -> None:
    """S2-26: names in Arabic and Devanagari, and characters no font has, make a paper all the same."""
    client = world.person(name="ليلى प्रियंका Wanjiku 🌊")
    world.booked(client, world.service(world.practitioner(name="دکتر گلناز")))
    _speak(world, client, language)
    text = pdf_text(Pages(world, client).get(f"/receipts/{_only(world)}.pdf").data)
    assert word in text
    assert "Wanjiku" in text
    assert "�" in text
    assert "60" in text or "۶۰" in text


def test_a_practitioner_sets_the_tax_that_receipts_show_from_then_on(world: World) -> None:
    """S2-26, tax lines of section 2: page without script, errors beside their field, what was typed is kept."""
    owner = world.practitioner()
    page = Pages(world, owner)
    wrong = page.post("/practice/tax", {"name": "", "percent": "16", "number": "P05"}, page="/practice/tax")
    assert wrong.status_code == 422
    assert "Enter the name of the tax, for example VAT" in wrong.text
    assert 'value="16"' in wrong.text
    for percent in ("51", "-1", "1e1", "7.555", "many", "٧"):
        answer = page.post("/practice/tax", {"name": "VAT", "percent": percent}, page="/practice/tax")
        assert answer.status_code == 422, percent
    long = page.post("/practice/tax", {"name": "x" * 41, "percent": "16"}, page="/practice/tax")
    assert (long.status_code, "at most 40 characters" in long.text) == (422, True)
    typed = {"name": "VAT", "percent": "16,0 %", "number": "P051234567X"}
    assert page.post("/practice/tax", typed, page="/practice/tax").status_code == 303
    client, _ = _sold(world, owner)
    [receipt] = client.get("/receipts").json
    assert receipt["tax"] == {
        "name": "VAT",
        "percent": 16.0,
        "number": "P051234567X",
        "amount": {"amount": 828, "currency": "EUR"},
    }
    text = pdf_text(Pages(world, client).get(f"/receipts/{receipt['id']}.pdf").data)
    for word in ("VAT P051234567X", "Includes VAT of 16%", "€8.28"):
        assert word in text
    assert owner.post("/tax", {"name": "GST", "percent": 5}).json == {"name": "GST", "percent": 5.0, "number": ""}
    assert client.get(f"/receipts/{receipt['id']}").json == receipt


@pytest.mark.parametrize(
    "body", [{"percent": 51}, {"percent": "x"}, {"percent": 7.555}, {"percent": 5}, {"name": "x" * 41}]
)
def test_a_tax_that_cannot_be_meant_is_refused_by_the_api(world: World, body: dict[str, Any]) -> None:
    answer = world.practitioner().post("/tax", body)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")


def test_only_practitioners_have_a_tax(world: World) -> None:
    client = world.person()
    assert client.get("/tax").status_code == client.post("/tax", {"name": "VAT"}).status_code == 404
    assert Pages(world, client).get("/practice/tax").status_code == 404


def test_the_breakdown_of_a_session_paid_afterwards_adds_up(world: World) -> None:
    """S2-16: subtotal, fee, total and the practitioner's part, on the page and in the API; S2-31: the fee is computed."""
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, "pay_after", price_amount=6_005))
    world.move(seconds=(datetime.fromisoformat(made["booking"]["start"]) - clock.now()).total_seconds())
    assert client.post(f"/bookings/{made['booking']['id']}/start").status_code == 200
    assert owner.post(f"/bookings/{made['booking']['id']}/complete").status_code == 200
    checkout_id = world.booking(client, made["booking"]["id"])["checkout_id"]
    euros = {name: amount["amount"] for name, amount in world.checkout(client, checkout_id)["breakdown"].items()}
    assert euros == {"subtotal": 6_005, "fee": 601, "total": 6_005, "net": 5_404}
    page = Pages(world, client).get(f"/checkouts/{checkout_id}").text
    for word in ("Subtotal", "€6.01", "€54.04", "Total", "Pay €60.05 by card"):
        assert word in page.replace("\xa0", " ")
    forged = {
        "gateway": "stripe",
        "amount": 1,
        "currency": "JPY",
        "payee": 7,
        "fee_percent": 0,
        "breakdown": {"fee": 0},
    }
    assert client.post(f"/checkouts/{checkout_id}/attempts", forged).status_code == 201
    again = world.checkout(client, checkout_id)["breakdown"]
    assert again["fee"]["amount"] == 601


def test_paying_afterwards_gives_a_receipt_for_what_was_owed(world: World) -> None:
    """S2-19, S2-31: tracked, receipted, mailed; the mail has the details."""
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, "pay_after"))
    world.move(seconds=(datetime.fromisoformat(made["booking"]["start"]) - clock.now()).total_seconds())
    client.post(f"/bookings/{made['booking']['id']}/start")
    owner.post(f"/bookings/{made['booking']['id']}/complete")
    world.act(world.begin(client, world.booking(client, made["booking"]["id"])["checkout_id"]))
    [receipt] = client.get("/receipts").json
    assert (receipt["about"], receipt["amount"]["amount"]) == ("due", 6_000)
    world.sweep()
    world.until(lambda: any(mail["subject"].endswith(" paid") for mail in world.mails(world.email(client))))
    [paid] = [mail for mail in world.mails(world.email(client)) if mail["subject"].endswith(" paid")]
    assert f"/receipts/{receipt['id']}" in paid["text"]


def test_a_top_up_has_a_receipt_of_the_house(world: World) -> None:
    """S2-26: credit put in is nobody's session; its mail leads to the paper too."""
    client = world.person()
    made = client.post("/wallet/top-ups", {"amount": {"amount": 10_000, "currency": "EUR"}})
    world.act(world.begin(client, made.json["id"]))
    [receipt] = client.get("/receipts").json
    assert (receipt["number"], receipt["issuer"], receipt["about"]) == ("K-000001", "Kikao", "top_up")
    assert "K-000001" in Pages(world, client).get(f"/checkouts/{made.json['id']}").text
    world.sweep()
    world.until(lambda: bool(world.mails(world.email(client))))
    assert any(f"/receipts/{receipt['id']}" in mail["text"] for mail in world.mails(world.email(client)))


def test_a_long_list_has_pages_and_a_search(world: World) -> None:
    """A number that is not there says so; what is typed is kept."""
    client, _ = _sold(world, world.practitioner())
    page = Pages(world, client)
    empty = page.get("/receipts?q=%3Cb%3E9").text
    assert "No receipt has this number" in empty
    assert "&lt;b&gt;9" in empty
    assert page.get("/receipts?page=x").status_code == 200


def test_the_page_of_what_is_paid_names_one_number_the_receipts(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    made = world.book(client, service)
    world.act(world.begin(client, made["checkout"]["id"]))
    [attempt] = world.all(Attempt)
    page = Pages(world, client).get(f"/checkouts/{made['checkout']['id']}").text
    assert "Receipt P1-000001" in page
    for other in (attempt.reference, attempt.charge_ref, attempt.provider_ref):
        assert other not in page
