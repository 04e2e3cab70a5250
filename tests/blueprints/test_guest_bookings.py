"""Booking without an account first: name and address where one books, a code, and the time is kept meanwhile."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from app.domain.modes import FirstTime
from app.domain.quotas import QUOTAS, Rule
from app.models import Booking, GuestHold, Service, SignUp, User
from app.services.practice import slots
from tests.blueprints.test_account_pages import Browser
from tests.support.visitor import words
from tests.support.world import World

_NAME = "Akinyi Odhiambo"
_MAIL = "akinyi@people.test"


@dataclass
class Guest:
    """Somebody without an account, in front of a time."""

    world: World
    service: int
    start: str = ""
    email: str = _MAIL
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.browser = Browser(self.world)
        self.start = self.start or self.world.start(self.service)

    @property
    def path(self) -> str:
        return f"/services/{self.service}/book"

    @property
    def page(self) -> str:
        return f"{self.path}?{urlencode({'start': self.start})}"

    def ask(self, **more: str) -> TestResponse:
        fields = {
            "start": self.start,
            "request_key": "key-of-the-form",
            "places": "1",
            "name": _NAME,
            "email": self.email,
        }
        return self.browser.post(self.path, self.page, **(fields | more))

    def prove(self) -> TestResponse:
        return self.browser.post("/register/code", code=self.browser.mailed("code", self.email))

    @property
    def free(self) -> int:
        """How many places of the time are free."""
        with self.world.rows() as session:
            return slots.places_left(session.get_one(Service, self.service), datetime.fromisoformat(self.start))


@pytest.fixture
def guest(world: World) -> Guest:
    return Guest(world, world.service(world.practitioner()))


def test_a_guest_types_name_address_and_code_and_stands_before_the_payment(guest: Guest) -> None:
    """Pages 11: six fields and a password stood before the first booking."""
    page = guest.browser.get(guest.page).text
    assert 'name="name"' in page
    assert 'name="password"' not in page
    asked = guest.ask(notes="My first time.")
    assert asked.status_code == 303
    seen = words(guest.browser.get(asked.headers["Location"]))
    assert "Single session" in seen
    assert "This time is held for you until" in seen
    assert guest.free == 0
    assert guest.world.all(Booking) == []
    done = guest.prove()
    [booking] = guest.world.all(Booking)
    assert done.headers["Location"].startswith("/checkouts/")
    assert (booking.status, booking.notes) == ("awaiting_payment", "My first time.")
    [made] = [user for user in guest.world.all(User) if user.email == _MAIL]
    assert (booking.client_id, made.name, guest.browser.is_in()) == (made.id, _NAME, True)
    assert guest.world.all(GuestHold) == []


def test_nobody_else_gets_the_time_while_the_guest_types_the_code(guest: Guest) -> None:
    guest.ask()
    other = guest.world.person()
    answer = other.post("/bookings", {"service_id": guest.service, "start": guest.start})
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken")
    rival = Guest(guest.world, guest.service, guest.start, "rival@people.test")
    assert "no longer free" in rival.browser.get(rival.page).text
    assert guest.prove().headers["Location"].startswith("/checkouts/")


def test_a_time_that_no_code_came_for_is_free_again_by_the_clock_alone(guest: Guest) -> None:
    guest.ask()
    guest.world.move(minutes=16)
    assert guest.free == 1
    assert guest.world.all(GuestHold) != []
    guest.world.sweep()
    assert guest.world.all(GuestHold) == []


def test_all_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(guest: Guest) -> None:
    answer = guest.ask(name="", email="akinyi@", notes="About my exam")
    assert answer.status_code == 422
    for text in ('id="name-error"', 'id="email-error"', 'value="akinyi@"', "About my exam"):
        assert text in answer.text
    assert guest.world.all(SignUp) == []
    assert guest.free == 1


def test_another_address_lets_the_time_go_and_keeps_what_was_typed(guest: Guest) -> None:
    guest.ask(notes="About my exam")
    again = guest.browser.post(f"{guest.path}/other-address", "/register/code")
    assert again.status_code == 303  # a page that answers a form cannot be come back to
    form = guest.browser.get(again.headers["Location"]).text
    assert ("About my exam" in form, _MAIL in form, "key-of-the-form" in form) == (True, True, False)
    assert guest.free == 1
    guest.email = "other@people.test"
    guest.ask()
    assert guest.prove().headers["Location"].startswith("/checkouts/")


def test_coming_back_to_the_time_leads_to_the_code_it_waits_for(guest: Guest) -> None:
    guest.ask()
    assert guest.browser.get(guest.page).headers["Location"].startswith("/register/code")


def test_who_sends_the_form_twice_keeps_one_time(guest: Guest) -> None:
    guest.ask()
    token = {"request_key": "key-of-the-form"}
    guest.browser.http.get("/login")
    fields = {"start": guest.start, "places": "1", "name": _NAME, "email": _MAIL, **token}
    assert guest.browser.post(guest.path, "/login", **fields).status_code == 303
    assert len(guest.world.all(GuestHold)) == 1
    guest.prove()
    assert len(guest.world.all(Booking)) == 1


def test_who_has_an_account_books_as_who_they_are(guest: Guest) -> None:
    owner = guest.world.person()
    guest.email = guest.world.email(owner)
    guest.ask(name="Somebody Else")
    guest.prove()
    [booking] = guest.world.all(Booking)
    assert booking.client_id == owner.user_id
    assert "Somebody Else" not in {user.name for user in guest.world.all(User)}


def test_no_answer_tells_whether_the_address_has_an_account(guest: Guest) -> None:
    """SEC-17."""
    known = Guest(guest.world, guest.service, guest.world.slots(guest.service)[-1]["start"])
    known.email = guest.world.email(guest.world.person())
    answers = [each.ask() for each in (guest, known)]
    assert {each.status_code for each in answers} == {303}
    pages = [words(each.browser.get("/register/code")) for each in (guest, known)]
    assert pages[0].replace(_MAIL, "").split("until")[1][6:] == pages[1].replace(known.email, "").split("until")[1][6:]


def test_the_link_of_the_mail_books_only_in_the_browser_that_asked(guest: Guest) -> None:
    """A stranger may have typed somebody else's address: who opens the link elsewhere is asked for nothing they did not see."""
    guest.ask()
    elsewhere = Browser(guest.world)
    path = f"/login/link/{guest.browser.mailed('/login/link', _MAIL)}"
    assert elsewhere.post(path).status_code == 303
    assert (elsewhere.is_in(), guest.world.all(Booking)) == (True, [])
    other = Guest(guest.world, guest.service, guest.world.slots(guest.service)[-1]["start"], "other@people.test")
    other.ask()
    other.browser.post(f"/login/link/{other.browser.mailed('/login/link', other.email)}")
    assert len(guest.world.all(Booking)) == 1


def test_the_link_opened_elsewhere_leads_to_the_time_which_is_free_for_it(guest: Guest) -> None:
    """Mail programs open links in a browser of their own: there stood only that no session is ahead."""
    guest.ask(notes="About my exam")
    elsewhere = Guest(guest.world, guest.service, guest.start)
    path = f"/login/link/{guest.browser.mailed('/login/link', _MAIL)}"
    asked = re.findall(r'name="next" value="([^"]*)"', elsewhere.browser.get(path).text)[-1]  # the page's own form
    answer = elsewhere.browser.post(path, next=unescape(asked))
    assert guest.free == 1
    page = elsewhere.browser.get(answer.headers["Location"]).text
    assert ("Single session" in page, "Book and pay" in page, "About my exam" in page) == (True, True, False)


def test_who_waits_for_a_code_that_was_used_elsewhere_comes_back_to_the_time(guest: Guest) -> None:
    asked = guest.ask().headers["Location"]
    Browser(guest.world).post(f"/login/link/{guest.browser.mailed('/login/link', _MAIL)}")
    assert guest.browser.get(asked).headers["Location"].startswith(guest.path)


def test_what_is_in_the_way_of_who_proved_their_address_stands_over_the_form(world: World) -> None:
    """A first session at a time, and there is one already: they are in, and what they typed stands in the form."""
    client = world.person()
    guest = Guest(world, world.service(world.practitioner(), first_time=FirstTime.ONE), email=world.email(client))
    world.book(client, guest.service, world.slots(guest.service)[-1]["start"])
    guest.ask(notes="About my exam")
    answer = guest.prove()
    assert (answer.status_code, "About my exam" in answer.text) == (409, True)
    assert guest.free == 1


def test_one_network_has_a_bounded_number_of_times_kept_and_books_on_without(world: World) -> None:
    """Five of one practitioner's, too: whoever can write to many addresses closes no diary."""
    service = world.service(world.practitioner())
    starts = [slot["start"] for slot in world.slots(service)][:7]
    guests = [Guest(world, service, start, f"guest{n}@people.test") for n, start in enumerate(starts)]
    pages = []
    for each in guests:
        answer = each.ask(request_key=f"key {each.email}")
        pages.append(words(each.browser.get(answer.headers["Location"])))
    assert len(world.all(GuestHold)) == 5
    assert "is held for you" in pages[4]
    assert "yours once you have entered the code" in pages[5]
    assert guests[6].prove().headers["Location"].startswith("/checkouts/")
    assert QUOTAS[Rule.GUEST_PLACES].most == 20


@pytest.mark.parametrize(("mode", "kept"), [("pay_then_book", False), ("approve_then_pay", True), ("pay_after", True)])
def test_a_time_is_kept_where_the_service_keeps_places_at_all(world: World, mode: str, kept: bool) -> None:
    guest = Guest(world, world.service(world.practitioner(), mode))
    guest.ask()
    assert bool(world.all(GuestHold)) is kept
    assert guest.prove().status_code == 303


def test_who_logged_out_meanwhile_goes_on_as_a_guest_with_what_they_typed(guest: Guest) -> None:
    """A form that was sent after the login had ended lost what was typed."""
    answer = guest.browser.post(guest.path, guest.page, start=guest.start, notes="About my exam", places="1")
    assert (answer.status_code, "About my exam" in answer.text) == (422, True)


def test_places_kept_for_guests_count_for_groups(world: World) -> None:
    service = world.service(world.practitioner(), places=3)
    guest = Guest(world, service)
    guest.ask(places="2")
    assert guest.free == 1
