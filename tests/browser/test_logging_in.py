"""Logging in by another provider, and proving a number, on a phone; with and without script."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.models import User
from tests.browser.conftest import Site, no_sideways_scroll, no_small_targets, shot


@pytest.mark.in_turn
@pytest.mark.parametrize("script", [True, False])
def test_a_stranger_logs_in_by_a_provider_and_proves_a_number(site: Site, script: bool) -> None:
    page = site.visitor(script=script)
    name = "script" if script else "plain"
    page.goto("/practitioners")
    page.goto("/login?next=/practitioners")
    no_sideways_scroll(page)
    no_small_targets(page, "main .btn")
    shot(page, f"login-{name}")
    page.get_by_role("button", name="Log in with Sandbox").click()
    page.get_by_label("E-mail").fill("new@people.test")
    page.get_by_label("Name").fill("Amina Otieno")
    page.get_by_role("button", name="Log in to Kikao").click()
    if not script:
        no_sideways_scroll(page)
        shot(page, "from-provider")
        page.get_by_role("button", name="Log in").click()
    page.wait_for_url(re.compile(r"/practitioners$"))
    expect(page.get_by_text("Welcome, Amina Otieno.")).to_be_visible()
    _prove_number(site, page, name)


def _prove_number(site: Site, page: Page, name: str) -> None:
    page.goto("/profile")
    page.get_by_label("Phone").fill("0722 000 111")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="To get SMS, confirm that the number is yours").click()
    no_sideways_scroll(page)
    page.get_by_role("button", name="Send me a code by SMS").click()
    site.world.sweep()
    found = re.search(r"\d{6}", site.world.texts("+254722000111")[0]["text"])
    assert found
    page.get_by_label("Code").fill(found[0])
    shot(page, f"phone-{name}")
    no_small_targets(page, "main .btn")
    page.get_by_role("button", name="Confirm this number").click()
    expect(page.get_by_text("Your number is confirmed.")).to_be_visible()
    with site.world.rows() as session:
        assert session.query(User).filter_by(email="new@people.test").one().proved_phone == "+254722000111"
    page.goto("/profile/security")
    expect(page.get_by_role("heading", name="Other sites you log in with")).to_be_visible()
    no_sideways_scroll(page)
    shot(page, f"security-{name}")
