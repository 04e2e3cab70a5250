"""Confirm and pay, Booked, and a booking's page: the session first, then what one can do, the money below."""

import re
from urllib.parse import urlencode

import pytest

from tests.support.visitor import Visitor, words
from tests.support.world import Caller, World


def _in_order(text: str, *parts: str) -> bool:
    """Whether the text says all of this, in this order."""
    places = [text.find(part) for part in parts]
    assert -1 not in places, (dict(zip(parts, places, strict=True)), text)
    return places == sorted(places)


@pytest.fixture
def client(world: World) -> Caller:
    return world.person()


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        ({}, r"Refunded in full until \w+ \d+ \w+ 2026, 09:00 EAT, then not at all\."),
        (
            {"later_tiers": [[12, 50]]},
            r"Refunded in full until \w+ \d+ \w+ 2026, 09:00 EAT, 50% until \w+ \d+ \w+ 2026, 21:00 EAT, then not at all\.",
        ),
        ({"free_cancel_hours": 0}, r"Refunded in full until the session starts\."),
    ],
    ids=["all or nothing", "a tier between", "until the start"],
)
def test_what_comes_back_until_when_is_one_sentence_with_dates(
    world: World, client: Caller, policy: dict[str, object], sentence: str
) -> None:
    """Two steps until 09:00 of the day before, and 21:00 of it: the session begins on the third day at nine."""
    service = world.service(world.practitioner(), **policy)
    start = next(slot["start"] for slot in world.slots(service, days=4) if slot["start"].startswith("2026-12-03T06:00"))
    page = words(Visitor(world, client).http.get(f"/services/{service}/book?{urlencode({'start': start})}"))
    assert re.search(sentence, page), page


@pytest.mark.parametrize(("currency", "first"), [("KES", "M-Pesa"), ("INR", "UPI")])
def test_the_local_way_to_pay_comes_first_with_its_mark_and_says_what_happens(
    world: World, client: Caller, currency: str, first: str
) -> None:
    """Pages 5: for INR the card was first, and UPI said that a secure page opens."""
    owner = world.practitioner(zone="Asia/Kolkata" if currency == "INR" else "Africa/Nairobi")
    service = world.service(owner, currency=currency)
    booking = world.book(client, service, world.slots(service, days=4)[-1]["start"])
    page = Visitor(world, client).http.get(f"/checkouts/{booking['checkout']['id']}")
    assert _in_order(words(page), f"with {first}", "by card")
    marks = re.findall(r'class="pay-mark pay-mark--(\w+)"', page.text)
    assert marks[:2] == [{"M-Pesa": "mpesa", "UPI": "upi"}[first], "card"]
    assert ("Refunded in full until" in words(page), "Time where" in words(page)) == (True, currency == "INR")
    assert {"M-Pesa": "approve it with your PIN", "UPI": "approve it in your UPI app"}[first] in words(page)


def test_the_way_paid_last_comes_first_the_next_time(world: World, client: Caller) -> None:
    service = world.service(world.practitioner(), currency="KES")
    world.booked(client, service, "stripe")
    booking = world.book(client, service, world.slots(service)[-1]["start"])
    page = Visitor(world, client).http.get(f"/checkouts/{booking['checkout']['id']}").text
    assert re.findall(r'class="pay-mark pay-mark--(\w+)"', page)[:2] == ["card", "mpesa"]


def test_who_has_paid_reads_of_their_session_first_and_of_the_money_below(world: World, client: Caller) -> None:
    """Pages 2, 12, 36: "Paid" and a vendor's id stood where people look for when and where."""
    owner = world.practitioner()
    place = {"meeting_kind": "in_person", "meeting_where": "Oginga Odinga St 4, Kisumu"}
    service = world.service(owner, **place)
    made = world.book(client, service, next(s["start"] for s in world.slots(service, 4) if "-03T06:00" in s["start"]))
    world.act(world.begin(client, made["checkout"]["id"]))
    visitor = Visitor(world, client)
    page = visitor.http.get(f"/checkouts/{made['checkout']['id']}")
    assert re.findall(r"<h1>(.*?)</h1>", page.text) == ["Your session is booked"]
    said = words(page)
    assert _in_order(
        said, "Single session", "Oginga Odinga St 4, Kisumu", "Calendar", "See my booking", "€ 60 paid", "Receipt"
    )
    assert re.search(r"09:00.10:00", said), said
    assert "Refunded in full until" in said
    assert not re.search(r"pi_|cs_|Paid with Receipt", said)


def test_a_bookings_page_has_one_row_of_actions_and_cancelling_is_last_and_quiet(world: World, client: Caller) -> None:
    """Pages 9: Cancel stood first and red, Move below the fold."""
    made = world.booked(client, world.service(world.practitioner()))
    page = Visitor(world, client).http.get(f"/bookings/{made['id']}").text
    row = re.search(r'<div class="btns actions">.*?<section', page, re.DOTALL)
    assert row, page
    assert _in_order(row[0], "Session room", "Move", "Calendar", "Cancel this booking")
    assert ("Cancel this booking" in page.replace(row[0], ""), "btn--danger" in row[0]) == (False, False)


def test_an_open_proposal_stands_first_on_the_bookings_page(world: World, client: Caller) -> None:
    """Pages 1: "Accept the new time" was at 1560 px, below a green "Confirmed and paid"."""
    owner = world.practitioner()
    service = world.service(owner)
    made = world.booked(client, service)
    later = world.slots(service)[-1]["start"]
    assert owner.post(f"/bookings/{made['id']}/reschedule", {"start": later}).status_code in (200, 201)
    said = words(Visitor(world, client).http.get(f"/bookings/{made['id']}"))
    assert _in_order(said, "Accept the new time", "Another time has been proposed", "Session room", "Single session")
    mine = words(Visitor(world, owner).http.get(f"/bookings/{made['id']}"))
    assert _in_order(mine, "You have proposed another time", "Session room", "Single session")
