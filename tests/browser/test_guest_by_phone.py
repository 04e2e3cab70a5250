"""A stranger on a 360 px wide phone books and pays by M-Pesa with a name, a phone number and a code."""

import re

from playwright.sync_api import Page, expect

from tests.browser.axe import no_violations
from tests.browser.conftest import Site, last_day_of_next_month, seen

_NUMBER = "+254722000111"


def _texted(site: Site) -> str:
    site.world.sweep()
    found = re.search(r"your code is (\d{6}),", site.world.texts(_NUMBER)[0]["text"])
    assert found
    return found[1]


def _looked_at(page: Page, name: str) -> None:
    seen(page, f"phone-guest-{name}")
    no_violations(page)


def test_a_stranger_books_and_pays_with_three_things_typed_and_eight_taps(site: Site) -> None:
    """From the practitioner's address to the request on the phone: whose number is asked is filled in."""
    guest = site.visitor()
    guest.goto("/practitioners/dr-amina-otieno")
    guest.get_by_role("link", name="Single session", exact=True).click()  # 1
    last_day_of_next_month(guest)  # 2, 3
    guest.locator(".slots a").last.click()  # 4
    _looked_at(guest, "confirm")
    guest.get_by_label("Your name").fill("Akinyi Ouma")
    guest.get_by_label("E-mail or phone number").fill("0722 000 111")
    guest.get_by_role("button", name="Book and pay").click()  # 5
    expect(guest.get_by_role("main")).to_contain_text(_NUMBER)
    _looked_at(guest, "code")
    guest.get_by_label("Code").fill(_texted(site))
    guest.get_by_role("button", name="Continue").click()  # 6
    expect(guest.get_by_label("Phone")).to_have_value(_NUMBER)
    _looked_at(guest, "pay")
    guest.get_by_role("button", name=re.compile("Pay .* M-Pesa")).click()  # 7
    expect(guest.get_by_role("main")).to_contain_text("0722 xxx 111")
    phone = site.visitor()
    phone.goto(f"{site.world.sandbox.url}/phone/{_NUMBER[1:]}")
    phone.get_by_label("Enter M-PESA PIN").fill("1234")
    phone.get_by_role("button", name="Pay", exact=True).click()
    expect(guest.get_by_role("heading", name="Your session is booked")).to_be_visible(timeout=60_000)
    guest.get_by_text("Calendar", exact=True).click()
    _looked_at(guest, "booked")
    guest.get_by_role("link", name="See my booking").click()
    _looked_at(guest, "booking")
    site.world.sweep()
    assert "confirmed for" in site.world.texts(_NUMBER)[0]["text"]
