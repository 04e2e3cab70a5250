"""Staff suspend somebody on a phone, who is at their payment page with another browser at that moment."""

import re

from playwright.sync_api import expect

from app.models import Booking, Role
from tests.browser.conftest import Site, no_sideways_scroll, shot

WHY = "He shouted at three practitioners."


def test_somebody_is_suspended_while_they_are_paying(site: Site) -> None:
    """Issue 12: found, read, suspended with a reason; their open page is outside at its next step."""
    world = site.world
    client, owner, staff = world.person(name="Baraka Juma"), world.practitioner(), world.person(Role.STAFF)
    service = world.service(owner)
    world.booked(client, service, start=world.start(service, 0))
    made = world.book(client, service, world.start(service, 4))
    paying = site.known(client)
    paying.goto(f"/checkouts/{made['checkout']['id']}")
    page = site.known(staff)
    page.goto("/staff/people")
    no_sideways_scroll(page)
    shot(page, "staff-people")
    page.get_by_label("Name or email").fill("baraka")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Baraka Juma").click()
    no_sideways_scroll(page)
    shot(page, "staff-person")
    page.get_by_role("link", name="Suspend").click()
    expect(page.get_by_role("main")).to_contain_text("Paid sessions stay")
    page.get_by_role("button", name="Suspend").click()
    expect(page.get_by_role("main")).to_contain_text("Enter a reason")
    page.get_by_label("Why?").fill(WHY)
    no_sideways_scroll(page)
    shot(page, "staff-person-suspend")
    page.get_by_role("button", name="Suspend").click()
    expect(page.get_by_role("main")).to_contain_text("has been suspended and logged out everywhere")
    expect(page.get_by_role("main")).to_contain_text(WHY)
    no_sideways_scroll(page)
    shot(page, "staff-person-suspended")
    paying.reload()
    expect(paying).to_have_url(re.compile("/login"))
    world.sweep()
    assert sorted(row.status for row in world.all(Booking)) == ["cancelled", "confirmed"]


def test_somebody_is_invited_and_makes_their_account(site: Site) -> None:
    """The link opens on a phone, says what it offers, and its button leads to where a practice is founded."""
    world = site.world
    page = site.known(world.person(Role.STAFF))
    page.goto("/staff/invitations")
    no_sideways_scroll(page)
    page.get_by_label("E-mail").fill("amina@people.test")
    page.get_by_label("Name", exact=True).fill("Amina Otieno")
    page.get_by_label("Practitioner").check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("main")).to_contain_text("on its way to amina@people.test")
    no_sideways_scroll(page)
    shot(page, "staff-invitations")
    world.sweep()
    link = re.search(r"/invitations/\S+", world.mails("amina@people.test")[0]["text"])
    assert link
    invited = site.visitor()
    invited.goto(link[0])
    no_sideways_scroll(invited)
    shot(invited, "invitation")
    invited.get_by_role("button", name="Create my account").click()
    expect(invited).to_have_url(re.compile("/practice/found"))
