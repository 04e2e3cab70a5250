"""The choice of messages on a phone, and the messages as staff read them: no script, both directions, both schemes."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LANGUAGES, Site, no_sideways_scroll, no_small_targets, seen, shot


@pytest.mark.in_turn
@pytest.mark.parametrize("script", [True, False])
def test_a_client_chooses_what_reaches_them(site: Site, script: bool) -> None:
    """S2-24, section 2 "Discreet mode"."""
    page = site.person("client", script=script)
    page.goto("/profile")
    group = page.get_by_role("group", name="Reminders")
    expect(group.get_by_label("SMS")).to_be_checked()
    expect(page.get_by_role("group", name="Money").get_by_label("E-mail, always")).to_be_disabled()
    group.get_by_label("SMS").uncheck()
    page.get_by_label("Say what a session is about in messages").check()
    no_sideways_scroll(page)
    page.get_by_role("button", name="Save choices").click()
    expect(page.get_by_text("Your message choices are saved.")).to_be_visible()
    expect(page.get_by_role("group", name="Reminders").get_by_label("SMS")).not_to_be_checked()
    expect(page.get_by_label("Say what a session is about in messages")).to_be_checked()
    shot(page, f"switches-{'script' if script else 'plain'}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_fit_a_phone_in_both_directions_and_both_schemes(site: Site, language: str) -> None:
    site.speak(language)
    for who, path in (("client", "/profile"), ("staff", f"/staff/messages?language={language}")):
        page = site.person(who)
        page.goto(path)
        no_small_targets(page, "main label.check, main .btn")
        if path.startswith("/staff"):
            page.locator("main details").first.locator("summary").click()
            expect(page.locator(".letter").first).to_be_visible()
        seen(page, f"messages-{who}-{language}")
        page.set_viewport_size({"width": 320, "height": 640})
        no_sideways_scroll(page)
