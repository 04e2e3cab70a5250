"""Calendars, history and the trail on a phone: no script, both directions, both schemes."""

import re

import pytest
from playwright.sync_api import expect

from app.models import BusyFeed, User
from app.services.backoffice.overview import diary
from app.services.notifications import calendar_feeds
from app.services.practice import external_calendars
from tests.browser.conftest import LANGUAGES, Site, no_sideways_scroll, no_small_targets, seen, shot
from tests.support.calendars import calendar, elsewhere, entry

WHO = {
    "client": ("/history", "/profile#calendar"),
    "practitioner": ("/practice/calendars", "/history?status=declined"),
    "staff": ("/staff/trail", "/staff/trail?subject=booking", "/staff"),
}


def _lived_in(site: Site) -> None:
    """Demo people with a past: a paid session, and one that was declined."""
    world, client, owner = site.world, site.caller("client"), site.caller("practitioner")
    world.booked(client, world.service(owner, title="A first talk"))
    asked = world.service(owner, "approve_then_pay", title="Second opinion")
    declined = world.book(client, asked, world.start(asked, 5))["booking"]
    owner.post(f"/bookings/{declined['id']}/decline", {"reason": "I am away then, and back on Monday."})


def test_a_practitioner_gives_another_calendar_and_reads_what_is_wrong_with_it(site: Site) -> None:
    """Complaint 25, without script."""
    page = site.person("practitioner", script=False)
    page.goto("/practice/schedule")
    page.get_by_role("link", name="Other calendars").click()
    page.get_by_role("button", name="Read this calendar").click()
    expect(page.get_by_role("main")).to_contain_text("Enter the full address of the calendar")
    no_sideways_scroll(page)
    with elsewhere(site.world) as other:
        other.content = calendar(entry("2026-11-30T10:00:00Z", "2026-11-30T11:00:00Z"))
        page.get_by_label("Calendar address").fill(other.url)
        page.get_by_role("button", name="Read this calendar").click()
        expect(page.get_by_role("main")).to_contain_text("Not read yet")
        site.world.sweep()
        page.reload()
        expect(page.get_by_role("main")).to_contain_text("Last read:")
        other.status = 500
        site.world.move(minutes=16)
        site.world.sweep()
        page.reload()
        expect(page.get_by_role("main")).to_contain_text("There was no answer")
        no_sideways_scroll(page)
        shot(page, "calendars-trouble")
        page.get_by_role("button", name="Stop reading it").click()
        expect(page.get_by_role("main")).to_contain_text("We no longer read this calendar.")
    assert site.world.all(BusyFeed) == []


def test_a_client_is_given_an_address_and_a_new_one(site: Site) -> None:
    page = site.person("client", script=False)
    page.goto("/profile")
    page.get_by_role("button", name="Create an address").click()
    section = page.locator("#calendar")
    first = section.get_by_role("link").inner_text()
    assert re.search(r"/calendar/[0-9a-f]{64}\.ics$", first)
    section.get_by_text("Create a new address").click()
    no_sideways_scroll(page)
    shot(page, "calendar-address")
    section.get_by_role("button", name="Yes, create a new one").click()
    expect(page.get_by_text("This is the calendar address for your sessions.")).to_be_visible()
    assert section.get_by_role("link").inner_text() != first


def test_history_is_looked_through_on_a_phone(site: Site) -> None:
    """S2-25."""
    _lived_in(site)
    page = site.person("client", script=False)
    page.goto("/bookings")
    page.get_by_role("link", name="History, with filters and as a table").click()
    expect(page.locator("main [role=status]")).to_have_text("2 bookings")
    page.get_by_label("Name or session").fill("second")
    page.get_by_label("Status").select_option("Declined")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page.locator("main [role=status]")).to_have_text("1 booking")
    expect(page.get_by_label("Name or session")).to_have_value("second")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as a table (CSV)").click()
    assert download.value.suggested_filename == "kikao.csv"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_fit_a_phone_in_both_directions_and_both_schemes(site: Site, language: str) -> None:
    _lived_in(site)
    with elsewhere(site.world) as other, site.world.rows() as session:
        other.status = 500
        owner = session.query(User).filter_by(email="practitioner@demo.test").one()
        practice = diary.practice_of(owner)
        assert practice is not None
        external_calendars.add(practice, other.url)
        calendar_feeds.renew_address(session.query(User).filter_by(email="client@demo.test").one(), "")
    site.world.sweep()
    site.speak(language)
    for who, paths in WHO.items():
        page = site.person(who)
        for number, path in enumerate(paths):
            page.goto(path)
            seen(page, f"calendar-{who}-{number}-{language}")
            no_small_targets(page, "main label.check, main .btn, main a.tall, main .input")
            page.set_viewport_size({"width": 320, "height": 640})
            no_sideways_scroll(page)
            page.set_viewport_size({"width": 360, "height": 740})
