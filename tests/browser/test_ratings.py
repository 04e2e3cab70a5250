"""A rating on a phone-sized screen: given without script and by keyboard, read, answered, counted; also right to left."""

import re

from playwright.sync_api import Page, expect

from app.lib import clock
from app.models import Booking, Role
from tests.browser.conftest import Site, no_sideways_scroll, shot
from tests.support.sessions import held, missed, rated
from tests.support.world import Caller

LONG = "She listened for the whole hour and I left with a plan. " + "Averylongword" * 20


def _held(site: Site) -> tuple[Caller, Caller, int, str]:
    world = site.world
    client, owner = site.caller("client"), site.caller("practitioner")
    service = world.service(owner)
    return client, owner, service, held(world, client, owner, service)


def _targets_are_large(page: Page) -> None:
    """Every star can be hit by a thumb."""
    for box in (label.bounding_box() for label in page.locator(".rating label").all()):
        assert box is not None
        assert min(box["width"], box["height"]) >= 44


def test_a_session_is_rated_without_script_and_answered(site: Site) -> None:
    """S2-15, S2-34: stars, words to tap, text, visibility; nothing is wider than 360 px, in both directions."""
    _, owner, service, booking = _held(site)
    client = site.person("client", script=False)
    client.goto(f"/bookings/{booking}/rate")
    _targets_are_large(client)
    no_sideways_scroll(client)
    shot(client, "rating-form")
    client.get_by_role("button", name="Send the rating").click()
    expect(client.get_by_role("alert")).to_contain_text("Choose one to five stars.")
    no_sideways_scroll(client)
    shot(client, "rating-form-wrong")
    client.locator(".rating label").nth(3).click()
    expect(client.get_by_label("4 stars: good")).to_be_checked()
    client.get_by_label("Listens well").check()
    client.get_by_label("Explains clearly").check()
    client.get_by_label("In your own words").fill(LONG)
    client.get_by_label("Yes", exact=True).check()
    client.get_by_label("Everybody can read it").check()
    shot(client, "rating-form-filled")
    client.get_by_role("button", name="Send the rating").click()
    expect(client.get_by_text("Thank you for your rating.")).to_be_visible()
    no_sideways_scroll(client)
    shot(client, "rating-given")

    for n in (5, 5, 3, 1):
        other = site.world.person(name="Achieng Odhiambo")
        rated(other, held(site.world, other, owner, service), n, public=n != 1, feedback="Fine." if n == 3 else "")
    theirs = site.person("practitioner", script=False)
    theirs.goto("/practice/ratings")
    expect(theirs.get_by_role("main")).to_contain_text("from 4 public ratings")
    no_sideways_scroll(theirs)
    shot(theirs, "ratings-received")
    card = theirs.locator("article", has_text="Averylongword")
    card.get_by_label("Your answer").fill("Thank you. " + "Andanotherlongword" * 15)
    card.get_by_role("button", name="Send the answer").click()
    expect(theirs.get_by_text("Your answer is saved.")).to_be_visible()
    no_sideways_scroll(theirs)

    public = site.visitor(script=False)
    for path, name in (("/practitioners/dr-amina-otieno", "ratings-profile"), ("/practitioners", "ratings-list")):
        public.goto(path)
        expect(public.get_by_role("main")).to_contain_text("4.3")
        no_sideways_scroll(public)
        shot(public, name)

    site.speak("ar")
    staff = site.person("staff", script=False)
    staff.goto("/practitioners/dr-amina-otieno")
    rating = str(staff.locator("a[href^='/ratings/']").first.get_attribute("href"))
    pages = ((client, f"/bookings/{booking}"), (theirs, "/practice/ratings"), (theirs, rating), (staff, rating))
    for number, (page, path) in enumerate((*pages, (staff, "/practitioners/dr-amina-otieno"))):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        no_sideways_scroll(page)
        page.emulate_media(color_scheme="dark" if number % 2 else "light")
        shot(page, f"rating-rtl-{number}")


def test_stars_are_chosen_with_the_arrow_keys(site: Site) -> None:
    """S2-34: the whole form by keyboard alone."""
    *_, booking = _held(site)
    page = site.person("client")
    page.goto(f"/bookings/{booking}")
    page.locator("#stars-0").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_label("3 stars: all right")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Listens well")).to_be_checked()
    page.emulate_media(color_scheme="dark")
    shot(page, "rating-form-dark")
    page.get_by_role("button", name="Send the rating").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/bookings/{booking}$"))
    expect(page.get_by_text("Thank you for your rating.")).to_be_visible()
    site.speak("ar")
    again = held(site.world, site.caller("client"), *_owner_and_service(site))
    page.goto(f"/bookings/{again}/rate")
    page.locator(".rating label").nth(1).click()
    expect(page.locator("#stars-1")).to_be_checked()
    no_sideways_scroll(page)
    shot(page, "rating-form-rtl")


def _owner_and_service(site: Site) -> tuple[Caller, int]:
    owner = site.caller("practitioner")
    with site.world.rows() as session:
        return owner, session.query(Booking).first().service_id


def test_a_missed_session_has_a_private_note_and_no_stars(site: Site) -> None:
    """X11 as people see it."""
    world = site.world
    client, owner = site.caller("client"), site.caller("practitioner")
    booking = missed(world, client, owner, world.service(owner))
    page = site.person("client", script=False)
    page.goto(f"/bookings/{booking}")
    assert page.locator(".rating").count() == 0
    page.get_by_role("textbox", name="Your private note").fill("The bus broke down. " + "Averylongword" * 20)
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_text("Your note is saved.")).to_be_visible()
    no_sideways_scroll(page)
    shot(page, "note-client")
    staff = site.person("staff", script=False)
    staff.goto(f"/bookings/{booking}")
    expect(staff.get_by_role("main")).to_contain_text("The bus broke down.")
    no_sideways_scroll(staff)
    shot(staff, "note-staff")
    assert world.person(Role.STAFF).get(f"/bookings/{booking}/notes").json[0]["written_at"] < clock.now().isoformat()
