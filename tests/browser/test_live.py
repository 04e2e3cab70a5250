"""Pages that change by themselves, and clocks that run only when somebody must hurry."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Site, book


def test_the_booking_and_the_pay_page_change_without_being_loaded_again(site: Site) -> None:
    """Issue 16 point 7: two windows of the client's, and the callback comes."""
    pay = site.person("client")
    book(pay, "claire-moreau", "Single session")
    expect(pay.get_by_role("button", name=re.compile("Pay .* by card"))).to_be_visible()
    booking = pay.context.new_page()
    booking.goto(pay.get_by_role("link", name="See the booking").get_attribute("href") or "")
    expect(booking.get_by_role("main")).to_contain_text("Pay to keep this place")
    client = site.caller("client")
    checkout = pay.url.rsplit("/", 1)[1].partition("?")[0].partition("#")[0]
    site.world.act(site.world.begin(client, checkout))
    for page, said in ((booking, "Confirmed and paid"), (pay, "Your session is booked")):
        expect(page.get_by_role("main")).to_contain_text(said, timeout=60_000)


def test_what_is_typed_is_not_torn_away_by_news(site: Site) -> None:
    """The page waits with what is new while a number is being typed."""
    pay = site.person("client")
    book(pay, "dr-amina-otieno", "Single session")
    phone = pay.get_by_label("Phone used to pay")
    phone.fill("0700 000 000")
    checkout = pay.url.rsplit("/", 1)[1]
    site.world.act(site.world.begin(site.caller("client"), checkout))
    pay.wait_for_timeout(9_000)
    expect(phone).to_have_value("0700 000 000")
    phone.fill(phone.get_attribute("value") or "")
    expect(pay.get_by_role("main")).to_contain_text("Your session is booked", timeout=60_000)


def test_nothing_ticks_for_who_has_a_day(site: Site) -> None:
    """Finding pages 35: until tomorrow 09:50, and no seconds; who has a quarter of an hour sees them."""
    client = site.person("client")
    book(client, "dr-amina-otieno", "First consultation", "Send request", far=True)
    expect(client.get_by_role("main")).to_contain_text("Waiting for approval")
    practitioner = site.person("practitioner")
    practitioner.goto("/practice")
    answer_by = practitioner.locator(".countdown").first
    expect(answer_by).to_contain_text("tomorrow")
    expect(practitioner.locator(".left:visible")).to_have_count(0)
    book(client, "claire-moreau", "Single session")
    expect(client.locator(".left").first).to_be_visible()
