"""A real Chromium on a phone-sized screen, in front of a served application."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from app.services.backoffice import demo
from tests.support.world import World

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def engine() -> str:
    """A browser shows the same pages on both engines; the services' tests cover the other."""
    return "sqlite"


@dataclass
class Site:
    """The demo installation as people see it."""

    world: World
    browser: Browser

    @property
    def url(self) -> str:
        """Where it is served."""
        return str(self.world.app.config["PUBLIC_URL"])

    def visitor(self, *, script: bool = True, language: str = "en-KE", zone: str = "Africa/Nairobi") -> Page:
        """A new person's browser on a cheap phone; every script error fails the test."""
        context: BrowserContext = self.browser.new_context(
            viewport=PHONE, locale=language, timezone_id=zone, java_script_enabled=script, base_url=self.url
        )
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        page.on("console", lambda said: pytest.fail(said.text) if "Content Security Policy" in said.text else None)
        return page

    def person(self, name: str, *, script: bool = True, **more: str) -> Page:
        """A demo person, logged in."""
        page = self.visitor(script=script, **more)
        page.goto("/login")
        page.get_by_label("E-mail").fill(f"{name}@demo.test")
        page.get_by_label("Password", exact=True).fill(demo.PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Log in").click()
        page.wait_for_url(re.compile(r"^(?!.*/login)"))
        return page


@pytest.fixture
def site(world: World, browser: Browser) -> Iterator[Site]:
    """The demo people and services, served."""
    with world.app.app_context():
        demo.seed()
    yield Site(world, browser)
    for context in browser.contexts:
        context.close()


def shot(page: Page, name: str) -> None:
    """A picture of the whole page, where KIKAO_SHOTS names a directory to keep them in."""
    if directory := os.environ.get("KIKAO_SHOTS"):
        page.screenshot(path=Path(directory) / f"{name}.png", full_page=True)


def book(page: Page, slug: str, title: str, button: str = "Book and pay", *, far: bool = False) -> None:
    """The last free time of the first free day (with `far`, of the month's last) is asked for, as a person does."""
    page.goto(f"/practitioners/{slug}")
    card = page.locator(".card", has=page.get_by_role("heading", name=title))
    card.get_by_role("link", name="See free times").click()
    if far:
        page.locator(".month a[href*=day], .month a").last.click()
    elif page.locator(".slots a").count() == 0:
        page.locator(".month a").first.click()
    page.locator(".slots a").last.click()
    no_sideways_scroll(page)
    shot(page, f"confirm-{slug}")
    page.get_by_role("button", name=button).click()


def no_sideways_scroll(page: Page) -> None:
    """Nothing is wider than the screen."""
    page.wait_for_load_state()
    page.locator("main").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
