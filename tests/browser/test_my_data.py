"""The page of one's own data on a phone: taking it away, being erased; with and without script, both directions, both schemes."""

import pytest
from playwright.sync_api import expect

from app.services.backoffice import demo
from tests.browser.conftest import LANGUAGES, Site, no_sideways_scroll, no_small_targets, seen, shot


@pytest.mark.in_turn
@pytest.mark.parametrize("script", [True, False])
def test_a_client_downloads_everything_and_is_then_erased(site: Site, script: bool) -> None:
    """Pages, client 6: my data, export and erase."""
    page = site.person("client", script=script)
    page.goto("/profile")
    page.get_by_role("link", name="My data").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download my data").click()
    assert download.value.suggested_filename.startswith("kikao-")
    page.get_by_text("Erase my account").last.click()
    shot(page, f"my-data-{'script' if script else 'plain'}")
    page.get_by_label("Enter your email address").fill("client@demo.test")
    site.world.move(minutes=16)  # an open page that somebody else may have found
    page.get_by_role("button", name="Erase everything about me").click()
    page.get_by_label("Your password").fill("not this one")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("This is not your password.").first).to_be_visible()
    shot(page, "my-data-wrong")
    page.get_by_label("Your password").fill(demo.PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Your account has been erased.")).to_be_visible()
    page.goto("/profile")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_fits_a_phone_in_both_directions_and_both_schemes(site: Site, language: str) -> None:
    site.speak(language)
    for who in ("client", "practitioner"):
        page = site.person(who)
        page.goto("/me/data")
        for summary in page.locator("main summary").all():
            summary.click()
        seen(page, f"my-data-{who}-{language}")
        no_small_targets(page, "main label.check, main .btn, main summary")
        page.set_viewport_size({"width": 320, "height": 640})
        no_sideways_scroll(page)
