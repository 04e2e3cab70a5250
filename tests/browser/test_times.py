"""Choosing a time as people do it: on a small phone at a glance, and without a mouse."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.models import Service
from tests.browser.axe import no_violations
from tests.browser.conftest import PHONE, Site, no_sideways_scroll, seen

_NAMED = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.trim()"


def _service(site: Site, title: str = "Single session") -> int:
    """One of Dr. Amina Otieno's."""
    return min(each.id for each in site.world.all(Service) if each.title == title)


def _ends(page: Page, selector: str) -> float:
    """How far down the page it ends, in pixels."""
    box = page.locator(selector).first.bounding_box()
    assert box, selector
    return float(box["y"] + box["height"])


@pytest.mark.parametrize("script", [True, False])
def test_on_a_phone_the_first_free_times_are_in_the_first_screen(site: Site, script: bool) -> None:
    """Finding 13: they began at 973 px of 740; the zone and the clock stand beside them."""
    page = site.visitor(script=script)
    page.goto(f"/services/{_service(site)}")
    page.wait_for_load_state("networkidle")
    assert _ends(page, ".strip") < PHONE["height"] / 2
    assert _ends(page, ".slots li:nth-child(4)") < PHONE["height"], "two rows of two"
    assert _ends(page, ".clock-hours") < PHONE["height"]
    if script:
        seen(page, "times")


def test_on_a_profile_the_next_free_time_is_in_the_first_screen(site: Site) -> None:
    page = site.visitor()
    page.goto("/practitioners/dr-amina-otieno")
    page.wait_for_load_state("networkidle")
    assert _ends(page, ".slots li") < PHONE["height"]
    page.locator(".slots a").first.click()
    expect(page.get_by_role("heading", name="Check and send request")).to_be_visible()


def _tab_stops(page: Page, within: str) -> int:
    """How many presses of the Tab key stay inside, of a hundred from the page's top."""
    page.evaluate("document.activeElement.blur()")
    stops = 0
    for _ in range(100):
        page.keyboard.press("Tab")
        stops += page.evaluate("within => Boolean(document.activeElement.closest(within))", within)
        if page.evaluate(
            "Boolean(document.activeElement.closest('footer')) || document.activeElement === document.body"
        ):
            break
    return stops


def test_a_month_is_one_stop_of_the_tab_key_and_arrows_go_through_it(site: Site) -> None:
    """Finding 39: it took 41 presses to the first time, 31 of them for the days of the month."""
    page = site.visitor()
    page.goto(f"/services/{_service(site)}?month=2027-02")  # which begins on a Monday
    page.wait_for_load_state("networkidle")
    assert _tab_stops(page, ".month") == 1
    stop = page.locator(".month a[tabindex='0']")
    expect(stop).to_have_count(1)
    stop.focus()
    steps = [
        ("ArrowRight", "Tuesday 2 February"), ("ArrowDown", "Tuesday 9 February"), ("End", "Sunday 14 February"),
        ("ArrowLeft", "Saturday 13 February"), ("Home", "Monday 8 February"),
    ]  # fmt: skip
    for key, day in steps:
        page.keyboard.press(key)
        assert page.evaluate(_NAMED).startswith(day), key
        expect(stop).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/services/{_service(site)}?day=2027-02-08#times")
    expect(page.locator(".month a[aria-current]")).to_have_attribute("tabindex", "0")


def test_arrows_go_on_over_a_months_end(site: Site) -> None:
    page = site.visitor()
    page.goto(f"/services/{_service(site)}?month=2027-02")
    page.wait_for_load_state("networkidle")
    page.locator(".month a").last.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**month=2027-03**")
    page.wait_for_function(f"({_NAMED}).startsWith('Monday 1 March')")
    page.keyboard.press("PageDown")
    page.wait_for_url("**month=2027-04**")
    page.wait_for_function(f"({_NAMED}).startsWith('Thursday 1 April')")
    page.keyboard.press("PageUp")
    page.wait_for_url("**month=2027-03**")


def test_from_right_to_left_the_left_arrow_leads_to_the_next_day(site: Site) -> None:
    page = site.visitor(language="ar")
    page.goto(f"/services/{_service(site)}?month=2027-02")
    page.wait_for_load_state("networkidle")
    page.locator(".month a").first.focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.textContent.trim()") == "2"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent.trim()") == "1"


def test_without_script_every_day_is_a_link(site: Site) -> None:
    page = site.visitor(script=False)
    page.goto(f"/services/{_service(site)}?month=2027-02")
    expect(page.locator(".month a")).to_have_count(28)
    page.locator(".month a").nth(9).click()
    expect(page.get_by_role("heading", name="Wednesday 10 February 2027")).to_be_visible()
    page.get_by_text("Times in Nairobi").click()
    page.get_by_label("Time zone").select_option(label="Kolkata")
    page.get_by_role("button", name="Show these times").click()
    expect(page.get_by_text("Times in Kolkata")).to_be_visible()
    page.get_by_role("button", name="12 h").click()
    expect(page.get_by_role("button", name="12 h")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".slots a").first).to_contain_text("AM")


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark"), ("sw", "light")])
def test_profile_and_times_are_for_everyone(site: Site, language: str, scheme: Any) -> None:
    """What the general look at pages leaves out, as they have a name or number in their address."""
    page = site.visitor(language=language)
    page.emulate_media(color_scheme=scheme)
    service = _service(site, "Evening group")
    for path in ("/practitioners/dr-amina-otieno", f"/services/{service}", f"/services/{service}?month=2027-02"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        no_sideways_scroll(page)
        no_violations(page)
    page.locator(".clock-zone summary").click()
    no_violations(page)
    heads = page.locator(".month th")
    assert (
        heads.evaluate_all("all => all.map(th => th.getBoundingClientRect().height > 45 ? th.textContent : '')")
        == [""] * 7
    )
