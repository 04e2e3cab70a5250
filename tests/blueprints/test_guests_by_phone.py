"""Booking as a guest by phone number: a code by SMS, an account that the number is the address of, and messages by SMS."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from app.domain.lifecycle import Actor
from app.domain.quotas import QUOTAS, Rule
from app.models import Booking, Delivery, Notification, Role, SignUp, User
from app.services.accounts import rights
from app.services.core.errors import Problem
from app.services.core.transaction import Who
from app.services.notifications import notices
from tests.blueprints.test_account_pages import Browser
from tests.blueprints.test_guest_bookings import Guest
from tests.support.visitor import words
from tests.support.world import World

_TYPED = "0712 345 678"
_NUMBER = "+254712345678"


@pytest.fixture
def guest(world: World) -> Guest:
    return Guest(world, world.service(world.practitioner(), currency="KES"), email=_TYPED)


@pytest.fixture
def counted(world: World, app: Flask) -> Iterator[World]:
    """Limits are on, as they are outside of tests."""
    app.config["RATELIMIT_ENABLED"] = True
    world.stand_still()
    yield world
    app.config["RATELIMIT_ENABLED"] = False


def _code(world: World, number: str = _NUMBER) -> str:
    world.sweep()
    found = [re.search(r"your code is (\d{6}),", text["text"]) for text in world.texts(number)]
    return next(each[1] for each in found if each)


def _prove(guest: Guest, number: str = _NUMBER) -> str:
    answer = guest.browser.post("/register/code", code=_code(guest.world, number))
    return answer.headers["Location"] if answer.status_code == 303 else words(answer)


def _account(world: World, address: str = _NUMBER) -> User:
    [found] = [user for user in world.all(User) if user.address == address]
    return found


# ------------------------------------------------------------------------------------------------ booking


def test_a_guest_types_name_number_and_code_and_stands_before_the_payment_with_the_number_filled_in(
    guest: Guest,
) -> None:
    """Three things typed where the phone is the address: the M-Pesa number is one of them."""
    assert "E-mail or phone number" in words(guest.browser.get(guest.page))
    asked = guest.ask()
    seen = words(guest.browser.get(asked.headers["Location"]))
    assert "+254712345678" in seen
    assert "SMS" in seen
    assert "This time is held for you until" in seen
    assert guest.free == 0
    page = guest.browser.get(_prove(guest)).text
    phone = re.search(r'<input[^>]*id="phone-mpesa"[^>]*>', page)
    assert phone, page
    assert f'value="{_NUMBER}"' in phone[0]
    made = _account(guest.world)
    [booking] = guest.world.all(Booking)
    assert (booking.client_id, made.email, made.proved_phone) == (made.id, "", _NUMBER)


@pytest.fixture
def without_sms(app: Flask) -> Iterator[None]:
    """The operator has switched no SMS on."""
    carrier = app.extensions["messenger"]
    app.extensions["messenger"] = None
    yield
    app.extensions["messenger"] = carrier


@pytest.mark.usefixtures("without_sms")
def test_where_no_sms_goes_out_nobody_reads_of_phones_and_a_number_is_no_address(guest: Guest) -> None:
    page = guest.browser.get(guest.page).text
    assert ("E-mail or phone number" in page, "SMS" in page, 'autocomplete="email"' in page) == (
        False,
        False,
        True,
    )
    answer = guest.ask()
    assert (answer.status_code, "Check the email address." in words(answer)) == (422, True)
    assert guest.world.all(SignUp) == []


@pytest.mark.parametrize("typed", ["0712", "Akinyi", "+1 202 555 0100"], ids=["short", "a name", "no SMS there"])
def test_what_no_code_can_go_to_is_said_beside_the_field_and_kept(guest: Guest, typed: str) -> None:
    answer = guest.ask(email=typed)
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert 'id="email-error"' in answer.text
    assert guest.world.all(SignUp) == []


def test_another_number_lets_the_time_go_and_keeps_what_was_typed(guest: Guest) -> None:
    guest.ask(notes="About my exam")
    again = guest.browser.post(f"{guest.path}/other-address", "/register/code")
    form = guest.browser.get(again.headers["Location"]).text
    assert ("About my exam" in form, _NUMBER in form, guest.free) == (True, True, 1)
    guest.ask(email="0722 000 111")
    assert _prove(guest, "+254722000111").startswith("/checkouts/")


def test_another_code_comes_by_sms_and_counts_alone(guest: Guest) -> None:
    guest.ask()
    first = _code(guest.world)
    guest.world.move(seconds=61)
    guest.browser.post("/register/code/again", "/register/code")
    assert guest.browser.post("/register/code", code=first).status_code == 422
    assert _prove(guest).startswith("/checkouts/")


# ------------------------------------------------------------------------------------------------ the account


def test_who_has_the_number_comes_back_to_the_same_account_by_a_code(guest: Guest) -> None:
    guest.ask()
    _prove(guest)
    later = Guest(guest.world, guest.service, guest.world.slots(guest.service)[-1]["start"], "+254 712 345678")
    later.ask(name="Somebody Else", request_key="another key")
    assert _prove(later).startswith("/checkouts/")
    assert len({booking.client_id for booking in guest.world.all(Booking)}) == 1
    assert _account(guest.world).name == "Akinyi Odhiambo"


def test_who_has_the_number_logs_in_by_a_code(guest: Guest) -> None:
    guest.ask()
    _prove(guest)
    browser = Browser(guest.world)
    asked = browser.post("/login/code", "/login", email=_TYPED)
    page = words(browser.get(asked.headers["Location"]))
    assert _NUMBER in page
    browser.post("/login/code/check", asked.headers["Location"], code=_code(guest.world))
    assert browser.is_in()


def test_a_program_logs_in_with_a_code_by_sms_too(guest: Guest) -> None:
    guest.ask()
    _prove(guest)
    http = guest.world.app.test_client()
    sent = http.post("/api/v1/auth/code", json={"email": _NUMBER})
    given = {"email": _NUMBER, "code_id": sent.json["code_id"], "mail_code": _code(guest.world)}
    user = http.post("/api/v1/auth/token", json=given).json["user"]
    assert (user["email"], user["phone"], user["phone_proved"]) == ("", _NUMBER, True)


def test_a_number_in_somebodys_profile_is_not_their_address(guest: Guest) -> None:
    """A family shares a phone: who reads its SMS is not let into accounts that have an address of their own."""
    owner = guest.world.person()
    with guest.world.rows() as session:
        session.get_one(User, owner.user_id).phone = _NUMBER
        session.commit()
    guest.ask()
    _prove(guest)
    [booking] = guest.world.all(Booking)
    assert booking.client_id != owner.user_id


def test_no_answer_tells_whether_a_number_has_an_account(guest: Guest) -> None:
    """SEC-17."""
    guest.ask()
    _prove(guest)
    pages = []
    for number in ("+254712345678", "+254722000111"):
        browser = Browser(guest.world)
        answer = browser.post("/login/code", "/login", email=number)
        pages.append((answer.status_code, words(browser.get(answer.headers["Location"])).replace(number, "")))
    assert pages[0] == pages[1]
    guest.world.sweep()
    assert guest.world.texts("+254722000111") == []


def test_a_person_of_a_number_proves_by_sms_once_more_who_they_are_and_adds_a_mail_address(guest: Guest) -> None:
    """The number stays theirs, the old address is told by SMS, and mails come from then on."""
    guest.ask()
    _prove(guest)
    guest.world.move(minutes=20)
    asked = guest.browser.post("/profile/security/address", "/profile/security/address", email="akinyi@people.test")
    guest.browser.post(
        "/profile/security/address", "/profile/security/address", email="akinyi@people.test", proof_mail="1"
    )
    done = guest.browser.post(
        "/profile/security/address",
        "/profile/security/address",
        email="akinyi@people.test",
        proof_code=_code(guest.world),
    )
    assert (asked.status_code, done.status_code) == (403, 303)
    code = guest.browser.mailed("code", "akinyi@people.test")
    guest.browser.post("/profile/security/address/code", done.headers["Location"], code=code)
    made = _account(guest.world, "akinyi@people.test")
    assert (made.email, made.proved_phone) == ("akinyi@people.test", _NUMBER)
    guest.world.sweep()
    assert "address" in guest.world.texts(_NUMBER)[0]["text"]


def test_the_number_that_is_the_address_is_not_changed_in_the_profile(guest: Guest) -> None:
    guest.ask()
    _prove(guest)
    fields = {"name": "Akinyi", "phone": "0722 000 111", "language": "en", "zone": "Africa/Nairobi"}
    answer = guest.browser.post("/profile", "/profile", **fields)
    assert answer.status_code == 422
    assert _account(guest.world).phone == _NUMBER


def test_who_has_no_mail_address_becomes_neither_practitioner_nor_staff(guest: Guest) -> None:
    guest.ask()
    _prove(guest)
    staff = guest.world.person(Role.STAFF)
    with guest.world.rows(), pytest.raises(Problem) as refused:
        rights.change_role(_account(guest.world).id, Role.STAFF, Who(Actor.STAFF, staff.user_id), "They help us.")
    assert refused.value.code == "mail_missing"


# ------------------------------------------------------------------------------------------------ messages


def test_messages_to_a_number_go_by_sms_alone_also_those_that_others_get_by_mail(guest: Guest) -> None:
    guest.ask()
    _prove(guest)
    made = _account(guest.world)
    [booking] = guest.world.all(Booking)
    with guest.world.rows() as session:
        notices.tell(made.id, "payment_failed", booking=session.get_one(Booking, booking.id), data={"amount": "KES 1"})
        session.commit()
    guest.world.sweep()
    assert "payment failed" in guest.world.texts(_NUMBER)[0]["text"]
    mine = {notice.id for notice in guest.world.all(Notification) if notice.user_id == made.id}
    copies = [copy for copy in guest.world.all(Delivery) if copy.notification_id in mine]
    assert {copy.channel for copy in copies} == {"sms"}
    assert guest.world.mails() == [] or all("712345678" not in mail["to"] for mail in guest.world.mails())


def test_who_is_known_by_their_number_reads_of_sms_alone_where_they_choose_messages(guest: Guest) -> None:
    guest.ask()
    _prove(guest)
    page = guest.browser.get("/profile").text
    assert ('name="bookings.sms" checked' in page, 'name="bookings.mail"' in page) == (True, False)
    guest.browser.post("/profile/messages", "/profile", **{"reminders.sms": "on"})
    assert 'name="bookings.sms" checked' not in guest.browser.get("/profile").text


# ------------------------------------------------------------------------------------------------ how many codes


def test_a_number_gets_few_codes_whoever_asks_from_wherever(counted: World) -> None:
    service = counted.service(counted.practitioner())
    starts = [slot["start"] for slot in counted.slots(service)]
    answers = []
    for nth in range(QUOTAS[Rule.TEXTED_CODES_TO_NUMBER].most + 1):
        each = Guest(counted, service, starts[nth], _TYPED)
        each.browser.http.environ_base["REMOTE_ADDR"] = f"198.51.{nth}.7"
        answers.append(each.ask(request_key=f"key {nth}").status_code)
    assert answers == [303, 303, 303, 429]
    assert len(counted.all(SignUp)) == 3


# ------------------------------------------------------------------------------------------------ erasing


def test_nothing_of_the_number_is_left_once_its_person_is_erased_and_they_are_told_by_sms(guest: Guest) -> None:
    guest.ask()
    answer = _prove(guest)
    guest.browser.post(f"{answer}/cancel", answer)
    made = _account(guest.world)
    assert _NUMBER in words(guest.browser.get("/me/data"))
    guest.browser.post("/me/data/erase", "/me/data", typed="0712 345 678")
    erased = next(user for user in guest.world.all(User) if user.id == made.id)
    assert (erased.erased_at is not None, erased.phone, "erased-" in erased.address) == (True, None, True)
    guest.world.sweep()
    assert "erased" in guest.world.texts(_NUMBER)[0]["text"]
    assert [row for row in guest.world.all(SignUp) if row.address == _NUMBER] == []
