"""Receipts, tax and statements on a phone-sized screen without script, light and dark, also from right to left."""

import pytest
from playwright.sync_api import Page, expect

from app.extensions import db
from app.models import User
from app.services.accounts import people
from tests.browser.conftest import Site, no_sideways_scroll, shot
from tests.support.pdf_text import pdf_text
from tests.support.world import Caller, World


def _demo(world: World, name: str) -> Caller:
    with world.app.app_context():
        user = db.session.scalars(db.select(User).where(User.email == f"{name}@demo.test")).one()
        return Caller(world.app.test_client(), user.id, people.issue_token(user))


def _speak(world: World, language: str) -> None:
    with world.rows() as session:
        for user in session.query(User):
            user.language = language
        session.commit()


def _set_tax(page: Page) -> None:
    page.goto("/practice/profile")
    page.get_by_role("link", name="Tax on your receipts").click()
    page.get_by_label("Percent").fill("much")
    page.get_by_label("What the tax is called").fill("VAT")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Please give a percentage from 0 to 50")
    expect(page.get_by_label("Percent")).to_have_value("much")
    no_sideways_scroll(page)
    shot(page, "tax-wrong")
    page.get_by_label("Percent").fill("16")
    page.get_by_label("Your tax number").fill("P051234567X")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("receipts say from now on that 16% is in the price")).to_be_visible()


def _kept(page: Page, name: str) -> str:
    with page.expect_download() as started:
        page.get_by_role("link", name=name).click()
    return started.value.path().read_bytes().decode("latin-1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_receipts_and_statements_are_found_read_and_kept(site: Site, scheme: str) -> None:
    """S2-16, S2-19, S2-26 as people see them; nothing is wider than 360 px."""
    world, client, owner = site.world, _demo(site.world, "client"), _demo(site.world, "practitioner")
    mine, theirs = site.person("client", script=False), site.person("practitioner", script=False)
    staff = site.person("staff", script=False)
    for page in (mine, theirs, staff):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    _set_tax(theirs)
    service = world.service(owner, free_cancel_hours=0)
    gone = world.booked(client, service, start=world.slots(service)[5]["start"])
    client.post(f"/bookings/{gone['id']}/cancel")
    kept = world.booked(client, service)

    mine.goto(f"/bookings/{kept['id']}")
    shot(mine, f"receipt-booking-{scheme}")
    mine.get_by_role("link", name="Receipt P").click()
    no_sideways_scroll(mine)
    expect(mine.get_by_role("main")).to_contain_text("Includes VAT of 16%")
    shot(mine, f"receipt-{scheme}")
    assert "P1-000003" in pdf_text(_kept(mine, "Download as PDF").encode("latin-1"))
    mine.get_by_role("link", name="All receipts").click()
    no_sideways_scroll(mine)
    shot(mine, f"receipts-{scheme}")
    mine.get_by_role("link", name="Credit note P1-000002").click()
    expect(mine.get_by_role("main")).to_contain_text("Where the money is now")
    no_sideways_scroll(mine)
    shot(mine, f"credit-note-{scheme}")

    theirs.goto("/practice")
    theirs.get_by_role("link", name="Statements and receipts").click()
    no_sideways_scroll(theirs)
    shot(theirs, f"statements-{scheme}")
    theirs.locator("article a").first.click()
    no_sideways_scroll(theirs)
    expect(theirs.get_by_role("main")).to_contain_text("Closing balance")
    shot(theirs, f"statement-{scheme}")
    assert "Closing balance" in _kept(theirs, "Download as a table (CSV)")
    assert "Statement for" in pdf_text(_kept(theirs, "Download as PDF").encode("latin-1"))

    staff.goto("/practice/statements")
    staff.get_by_role("link", name="Dr. Amina Otieno").click()
    staff.locator("article a").first.click()
    expect(staff.get_by_role("main")).to_contain_text("Closing balance")
    assert "Statement for" in pdf_text(_kept(staff, "Download as PDF").encode("latin-1"))
    if scheme == "light":
        _right_to_left(site, mine, theirs, f"/bookings/{kept['id']}")


def _right_to_left(site: Site, mine: Page, theirs: Page, booking: str) -> None:
    receipt = mine.url.removeprefix(site.url)
    _speak(site.world, "ar")
    month = theirs.url.removeprefix(site.url)
    pages = [(mine, receipt), (mine, "/receipts"), (mine, booking)]
    pages += [(theirs, month), (theirs, "/practice/statements"), (theirs, "/practice/tax")]
    for number, (page, path) in enumerate(pages):
        page.emulate_media(color_scheme="dark" if number % 2 else "light")
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        no_sideways_scroll(page)
        shot(page, f"receipts-ar-{number}")
