"""People read and are told everything in their own language, from right to left where it is written so."""

import re

import pytest
from flask_babel import force_locale

from app import words
from app.models import Booking, Checkout, User
from app.services.backoffice import previews
from tests.support.proofs import Pages
from tests.support.world import Caller, World

LEFT, RIGHT = ("sw", "hi", "fr"), ("ar", "fa")


def _speaks(world: World, caller: Caller, language: str) -> None:
    with world.rows() as session:
        session.get_one(User, caller.user_id).language = language
        session.commit()


def _said(world: World, language: str, sentence: object) -> str:
    with world.app.test_request_context(), force_locale(language):
        return str(sentence)


@pytest.mark.in_turn
@pytest.mark.parametrize("language", LEFT + RIGHT)
def test_a_payment_that_fails_says_so_in_the_payers_language(world: World, language: str) -> None:
    """S4-29: the sentence of the failure, the direction of the page, and no English one beside it."""
    client = world.person()
    _speaks(world, client, language)
    made = world.book(client, world.service(world.practitioner(), currency="KES"))
    world.act(world.begin(client, made["checkout"]["id"], "mpesa"), "cancel")
    page = Pages(world, client).get(f"/checkouts/{made['checkout']['id']}").text
    assert re.search(rf'<html[^>]*lang="{language}"[^>]*dir="{"rtl" if language in RIGHT else "ltr"}"', page)
    ours, english = (_said(world, code, words.FAILURES["cancelled_by_payer"]) for code in (language, "en"))
    assert ours != english
    assert ours in page
    assert english not in page


@pytest.mark.in_turn
@pytest.mark.parametrize("language", LEFT + RIGHT)
def test_mails_and_notices_are_in_the_readers_language_each_side_its_own(world: World, language: str) -> None:
    """S4-29: the client reads one language, the practitioner another, of the same event."""
    client, owner = world.person(), world.practitioner()
    _speaks(world, client, language)
    world.booked(client, world.service(owner))
    world.sweep()
    theirs, english = (world.mails(world.email(who))[0] for who in (client, owner))
    ours = _said(world, language, words.NOTICES["booking_confirmed"])
    assert ours != _said(world, "en", words.NOTICES["booking_confirmed"])
    assert ours.partition("%")[0].strip() in Pages(world, client).get("/notices").text
    assert re.search(r"\bHello\b", english["text"])
    assert not re.search(r"\b(Hello|Your session|confirmed)\b", theirs["text"])


@pytest.mark.in_turn
@pytest.mark.parametrize("language", LEFT + RIGHT)
def test_no_line_of_any_mail_stays_english(world: World, language: str) -> None:
    """S4-29: but for names, times and addresses, which have no language."""
    with world.app.test_request_context():
        theirs, english = (previews.all_of(each) for each in (language, "en"))
    for mine, other in zip(theirs, english, strict=True):
        both = set(mine.mail.text.splitlines()) & set(other.mail.text.splitlines())
        left = [line for line in both if len(re.findall(r"[A-Za-z]{2,}", re.sub(r"\S+://\S+", "", line))) > 1]
        assert left == [], mine.kind
        assert mine.mail.subject != other.mail.subject, mine.kind


def test_what_is_bought_is_named_in_its_buyers_language(world: World) -> None:
    """S4-29: the title is kept, and read in receipts and messages for years."""
    client = world.person()
    _speaks(world, client, "fr")
    made = client.post("/gifts", {"amount": {"amount": 10_000, "currency": "EUR"}})
    assert made.status_code == 201, made.text
    [checkout] = world.all(Checkout)
    assert checkout.title == "Code cadeau"


def test_a_persons_own_language_comes_before_the_browsers_and_that_before_english(world: World) -> None:
    """S4-29: who borrows a phone still reads what they chose."""
    client = world.person()
    _speaks(world, client, "fr")
    mine, visitor = Pages(world, client).http, world.app.test_client()
    for http, asked, shown in ((mine, "sw", "fr"), (visitor, "sw", "sw"), (visitor, "xx", "en")):
        page = http.get("/practitioners", headers={"Accept-Language": asked}).text
        assert re.search(rf'<html[^>]*lang="{shown}"', page), (asked, shown)


@pytest.mark.parametrize("language", RIGHT)
def test_a_number_or_address_keeps_its_own_direction_in_a_page_from_right_to_left(world: World, language: str) -> None:
    """S4-29: a phone number in Arabic or Persian text is read from left to right."""
    client = world.person()
    _speaks(world, client, language)
    made = world.book(client, world.service(world.practitioner(), currency="KES"))
    world.begin(client, made["checkout"]["id"], "mpesa")
    page = Pages(world, client).get(f"/checkouts/{made['checkout']['id']}").text
    assert re.search(r'<(bdi|span)[^>]*dir="ltr"[^>]*>\s*0?712 xxx 678', page), re.findall(r".{80}xxx.{30}", page)
    assert [b.status for b in world.all(Booking)] == ["awaiting_payment"]


@pytest.mark.parametrize("language", RIGHT)
def test_what_was_paid_from_a_phone_reads_the_same_way_round(world: World, language: str) -> None:
    """S4-29: every fact of a page has its own direction, so neither numbers nor what people wrote are turned round."""
    client = world.person()
    _speaks(world, client, language)
    made = world.book(client, world.service(world.practitioner(), currency="KES"), notes="I sleep badly.")
    world.act(world.begin(client, made["checkout"]["id"], "mpesa"))
    pages = Pages(world, client)
    assert "<bdi>0712 xxx 678</bdi>" in pages.get(f"/checkouts/{made['checkout']['id']}").text
    assert "<bdi>I sleep badly.</bdi>" in pages.get(f"/bookings/{made['booking']['id']}").text
    assert "0712\u00a0345\u00a0678" in pages.get("/profile").text


@pytest.mark.parametrize("language", LEFT + RIGHT)
def test_a_practitioner_reads_the_ways_to_pay_in_their_own_language(world: World, language: str) -> None:
    """S4-29: M-Pesa and UPI are names, "Bank or cash" is not."""
    owner = world.practitioner()
    world.service(owner, currency="KES")
    _speaks(world, owner, language)
    page = Pages(world, owner).get("/practice/services").text
    assert "Bank or cash" not in page
    assert _said(world, language, words.METHODS["Bank or cash"]) in page
