"""Forms on a phone-sized screen without script: a practitioner writes them, a client reads and signs, also right to left."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, no_sideways_scroll, seen

TEXT = "What you say stays between us.\n\nUnless a life is in danger: then I may tell somebody who can help."
LONG = "Averylongwordwithoutaspace" * 12


def _write(owner: Page) -> None:
    """An intake of three questions and an agreement, for every service."""
    owner.goto("/practice/services")
    owner.get_by_role("main").get_by_role("link", name="Forms").click()
    no_sideways_scroll(owner)
    owner.get_by_role("link", name="New questions").click()
    owner.get_by_label("Title", exact=True).fill("Before we meet")
    owner.get_by_label("Question", exact=True).fill("What worries you most?")
    owner.get_by_label("Answer", exact=True).select_option("long")
    owner.get_by_label("Answer required").check()
    owner.get_by_role("button", name="Add a question").click()
    owner.get_by_label("Question", exact=True).nth(1).fill("How did you hear of me?")
    owner.get_by_label("Answer", exact=True).nth(1).select_option("choice")
    no_sideways_scroll(owner)
    owner.get_by_role("button", name="Save and publish").last.click()
    expect(owner.get_by_role("main")).to_contain_text("Enter 2 to 20 different answers")
    seen(owner, "forms-edit-error")
    owner.get_by_label("Answers to choose from").nth(1).fill("A friend\nThe clinic")
    owner.get_by_role("button", name="Add a question").click()
    owner.get_by_label("Question", exact=True).nth(2).fill("Born on")
    owner.get_by_label("Answer", exact=True).nth(2).select_option("date")
    owner.get_by_role("button", name="Save and publish").last.click()
    owner.get_by_text("is saved as version 1").wait_for()
    owner.get_by_role("link", name="New agreement").click()
    owner.get_by_label("Title", exact=True).fill("Confidentiality")
    owner.get_by_label("Text", exact=True).fill(TEXT)
    owner.get_by_label("When it is due").select_option("approval")
    owner.get_by_role("button", name="Save and publish").last.click()
    owner.get_by_text("is saved as version 1").wait_for()
    seen(owner, "forms-list")


def _ask(client: Page) -> str:
    """The client asks for a session that needs an approval; gives the booking's address."""
    client.goto("/practitioners/dr-amina-otieno")
    client.get_by_role("link", name=re.compile("First consultation")).first.click()
    client.locator("a.slot").last.click()
    client.get_by_role("button", name="Send request").click()
    client.wait_for_url(re.compile("/bookings/"))
    return client.url


def _sign(client: Page) -> None:
    """Both forms, what is due first at first, with the faults people make."""
    client.get_by_role("link", name="Read and sign 2 forms").click()
    client.get_by_text("I have read this and I agree").wait_for()
    seen(client, "forms-agreement")
    client.get_by_label("I have read this and I agree").check()
    client.get_by_label("Your full name").fill("Wanjiku Kamau")
    client.get_by_role("button", name="Sign and send").click()
    expect(client.get_by_label("What worries you most?")).to_be_visible()
    client.get_by_label("What worries you most?").fill("Nightmares 🌊 " + LONG)
    client.get_by_label("A friend").check()
    client.get_by_label("Born on").fill("1990-02-28")
    client.get_by_role("button", name="Sign and send").click()
    expect(client.get_by_role("alert")).to_contain_text("Type your full name. It is your signature.")
    expect(client.get_by_label("What worries you most?")).to_have_value("Nightmares 🌊 " + LONG)
    expect(client.get_by_label("A friend")).to_be_checked()
    expect(client.get_by_label("Born on")).to_have_value("1990-02-28")
    seen(client, "forms-fill-error")
    client.get_by_label("Your full name").fill("Wanjiku Kamau")
    client.get_by_role("button", name="Sign and send").click()
    client.get_by_text("2 of 2 signed").wait_for()


def test_forms_are_written_signed_and_read_without_script(site: Site) -> None:
    """S3-27 as people see it: everything typed is kept, what is missing stands instead of the button, nothing is too wide."""
    owner, client = site.person("practitioner", script=False), site.person("client", script=False)
    _write(owner)
    address = _ask(client)
    seen(client, "forms-booking")
    owner.goto(address)
    expect(owner.get_by_role("main")).to_contain_text("You can approve once this is signed: Confidentiality")
    expect(owner.get_by_role("button", name="Approve")).to_have_count(0)
    seen(owner, "forms-missing")
    client.goto(address)
    _sign(client)
    no_sideways_scroll(client)
    client.get_by_role("link", name="Before we meet").click()
    expect(client.get_by_role("main")).to_contain_text("Signed by")
    seen(client, "forms-signed")
    owner.goto(address)
    owner.get_by_role("button", name="Approve").click()
    owner.get_by_text("Approved.").wait_for()
    _right_to_left(site, owner, client, address)


def _right_to_left(site: Site, owner: Page, client: Page, address: str) -> None:
    site.speak("ar")
    paths = ("/practice/forms", "/practice/forms/1", "/practice/forms/1/versions/1", address, f"{address}/forms/1")
    for page, path in [(owner, path) for path in paths] + [(client, path) for path in paths[3:]]:
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        seen(
            page,
            "forms-ar-" + re.sub(r"\W+", "-", path.removeprefix(site.url))[-24:] + ("-o" if page is owner else "-c"),
        )
