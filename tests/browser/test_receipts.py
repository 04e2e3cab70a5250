"""Receipts, tax and statements on a phone-sized screen without script, light and dark, also from right to left."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, seen
from tests.support.pdf_text import pdf_text


def _set_tax(page: Page) -> None:
    page.goto("/practice/profile")
    page.get_by_role("link", name="Tax on your receipts").click()
    page.get_by_label("Percentage").fill("much")
    page.get_by_label("Name of the tax").fill("VAT")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a percentage from 0 to 50")
    expect(page.get_by_label("Percentage")).to_have_value("much")
    seen(page, "tax-wrong")
    page.get_by_label("Percentage").fill("16")
    page.get_by_label("Your tax number").fill("P051234567X")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Receipts will now say that the price includes 16%")).to_be_visible()


def _kept(page: Page, name: str) -> str:
    with page.expect_download() as started:
        page.get_by_role("link", name=name).click()
    return started.value.path().read_bytes().decode("latin-1")


def test_receipts_and_statements_are_found_read_and_kept(site: Site) -> None:
    """S2-16, S2-19, S2-26 as people see them; nothing is wider than 360 px."""
    world, client, owner = site.world, site.caller("client"), site.caller("practitioner")
    mine, theirs = site.person("client", script=False), site.person("practitioner", script=False)
    staff = site.person("staff", script=False)
    _set_tax(theirs)
    service = world.service(owner, free_cancel_hours=0)
    gone = world.booked(client, service, start=world.slots(service)[5]["start"])
    client.post(f"/bookings/{gone['id']}/cancel")
    kept = world.booked(client, service)

    mine.goto(f"/bookings/{kept['id']}")
    seen(mine, "receipt-booking")
    mine.get_by_role("link", name="Receipt P").click()
    expect(mine.get_by_role("main")).to_contain_text("Includes VAT of 16%")
    seen(mine, "receipt")
    assert "P1-000003" in pdf_text(_kept(mine, "Download as PDF").encode("latin-1"))
    mine.get_by_role("link", name="All receipts").click()
    seen(mine, "receipts")
    mine.get_by_role("link", name="Credit note P1-000002").click()
    expect(mine.get_by_role("main")).to_contain_text("Where the money is now")
    seen(mine, "credit-note")

    theirs.goto("/practice")
    theirs.get_by_role("link", name="Statements and receipts").click()
    seen(theirs, "statements")
    theirs.locator("article a").first.click()
    expect(theirs.get_by_role("main")).to_contain_text("Closing balance")
    seen(theirs, "statement")
    assert "Closing balance" in _kept(theirs, "Download as a table (CSV)")
    assert "Statement for" in pdf_text(_kept(theirs, "Download as PDF").encode("latin-1"))

    staff.goto("/practice/statements")
    staff.get_by_role("link", name="Dr. Amina Otieno").click()
    staff.locator("article a").first.click()
    expect(staff.get_by_role("main")).to_contain_text("Closing balance")
    assert "Statement for" in pdf_text(_kept(staff, "Download as PDF").encode("latin-1"))
    _right_to_left(site, mine, theirs, f"/bookings/{kept['id']}")


def _right_to_left(site: Site, mine: Page, theirs: Page, booking: str) -> None:
    receipt = mine.url.removeprefix(site.url)
    site.speak("ar")
    month = theirs.url.removeprefix(site.url)
    pages = [(mine, receipt), (mine, "/receipts"), (mine, booking)]
    pages += [(theirs, month), (theirs, "/practice/statements"), (theirs, "/practice/tax")]
    for number, (page, path) in enumerate(pages):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        seen(page, f"receipts-ar-{number}")
