"""A practitioner with many requests answers them on a phone, in both directions of writing and without script."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, no_sideways_scroll, shot


def _requests(site: Site) -> None:
    world = site.world
    service = world.service(site.caller("practitioner"), "approve_then_pay", "KES")
    for number, name in enumerate(("Asha Mwangi", "بدر الدين", "Chen Wei")):
        world.book(world.person(name=name), service, world.start(service, number * 2))


@pytest.mark.in_turn
@pytest.mark.parametrize(("language", "script"), [("en", False), ("ar", True)])
def test_two_of_three_requests_are_approved_with_one_press(site: Site, language: str, script: bool) -> None:
    """S2-25, batch, on a phone."""
    site.speak(language)
    _requests(site)
    page = site.person("practitioner", script=script)
    page.goto("/practice")
    several = page.locator("details", has=page.locator('input[name="booking"]'))
    several.locator("summary").click()
    for box in several.get_by_role("checkbox").all()[:2]:
        box.check()
    no_sideways_scroll(page)
    shot(page, f"several-{language}")
    several.get_by_role("button").click()
    page.wait_for_load_state()
    said = {"en": "2 requests approved.", "ar": "تمت الموافقة على طلبين"}[language]
    expect(page.locator("body")).to_contain_text(said)
    expect(page.get_by_role("main")).to_contain_text("Chen Wei")
    expect(page.locator('input[name="booking"]')).to_have_count(0)
    shot(page, f"several-done-{language}")
