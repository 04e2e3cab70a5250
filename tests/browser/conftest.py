"""A real Chromium on a phone-sized screen, in front of a served application."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import case

from app.extensions import db
from app.models import User
from app.services.accounts import logins
from app.services.backoffice import demo
from tests.browser import screens
from tests.support.world import PASSWORD, Caller, World

_SERVED: "WeakKeyDictionary[BrowserContext, Site]" = WeakKeyDictionary()
PHONE = {"width": 360, "height": 740}
# From right to left and in another script is where a page breaks; the others are left to whole rounds.
LANGUAGES = ["ar", *(pytest.param(language, marks=pytest.mark.long_way) for language in ("en", "hi"))]


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
            viewport=PHONE,
            locale=language,
            timezone_id=zone,
            java_script_enabled=script,
            base_url=self.url,
            reduced_motion="reduce",  # a spinner drawn by software costs as much as the page
        )
        context.set_default_timeout(30_000)
        _SERVED[context] = self
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        page.on("console", lambda said: pytest.fail(said.text) if "Content Security Policy" in said.text else None)
        return page

    def person(self, name: str, **more: Any) -> Page:
        """A demo person, logged in; `more` is as for a visitor."""
        return self.log_in(self.visitor(**more), f"{name}@demo.test", demo.PASSWORD)

    def known(self, caller: Caller, **more: Any) -> Page:
        """Somebody of the world's, logged in."""
        return self.log_in(self.visitor(**more), self.world.email(caller), PASSWORD)

    def log_in(self, page: Page, email: str, password: str) -> Page:
        """The page's browser has sent the form without showing it; `log_in_by_hand` shows it."""
        form = page.request.get("/login").text()  # of who is logged in already it is the page they begin with
        found = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert found, form
        fields = {"csrf_token": found[1], "email": email, "password": password}
        assert page.request.post("/login", form=fields, max_redirects=0).status == 303
        return page

    def caller(self, name: str) -> Caller:
        """A demo person's program."""
        with self.world.rows() as session:
            user = session.query(User).filter_by(email=f"{name}@demo.test").one()
            return Caller(self.world.app.test_client(), user.id, logins.begin_program(user))

    @contextmanager
    def speaking(self, language: str) -> Iterator[None]:
        """Everybody's pages are in this language meanwhile."""
        with self.world.rows() as session:
            before = {user.id: user.language for user in session.query(User)}
        self.speak(language)
        yield
        with self.world.rows() as session:
            session.query(User).update({"language": case(before, value=User.id)})
            session.commit()

    def speak(self, language: str) -> None:
        """Everybody's pages and mails are in this language."""
        with self.world.rows() as session:
            session.query(User).update({"language": language})
            session.commit()


@pytest.fixture(scope="session")
def seeded() -> Iterator[sqlite3.Connection]:
    """A copy of the database with the demo in it; empty until the first test has made it."""
    copy = sqlite3.connect(":memory:")
    yield copy
    copy.close()


@pytest.fixture
def site(world: World, browser: Browser, seeded: sqlite3.Connection) -> Iterator[Site]:
    """The demo people and services, served."""
    with world.app.app_context():
        _seed(seeded)
    yield Site(world, browser)
    for context in browser.contexts:
        context.close()


def _seed(seeded: sqlite3.Connection) -> None:
    """The demo is made once; every further test gets the copy, which takes a hundredth of the time."""
    database = db.engine.raw_connection()
    try:
        ours = database.driver_connection
        assert isinstance(ours, sqlite3.Connection)
        if seeded.execute("SELECT 1 FROM sqlite_master").fetchone():
            seeded.backup(ours)
        else:
            demo.seed()
            small = PasswordHasher(1, 8, 1).hash(demo.PASSWORD)  # checking it is as quick as may be
            db.session.query(User).update({"password_hash": small})
            db.session.commit()
            ours.backup(seeded)
    finally:
        database.close()


def shot(page: Page, name: str) -> None:
    """A picture of the whole page, where somebody wants pictures."""
    site = _SERVED.get(page.context)
    screens.take(page, name, site.speaking if site else None)


def book(page: Page, slug: str, title: str, button: str = "Book and pay", *, far: bool = False) -> None:
    """The last free time of the first free day (with `far`, of the next month's last) is asked for, as a person does."""
    page.goto(f"/practitioners/{slug}")
    page.get_by_role("link", name=title, exact=True).click()
    if far:
        last_day_of_next_month(page)
    elif page.locator(".slots a").count() == 0:
        page.locator(".month a").first.click()
    page.locator(".slots a").last.click()
    no_sideways_scroll(page)
    shot(page, f"confirm-{slug}")
    page.get_by_role("button", name=button).click()


def last_day_of_next_month(page: Page) -> None:
    """The last free day of the next month is chosen: this month's last may be tomorrow."""
    page.locator(".month-head a").last.click()
    page.locator(".month a").last.click()


def log_in_by_hand(page: Page, email: str, password: str) -> None:
    """The form on the page is filled in and sent, whatever the language."""
    page.locator("[name=email]").fill(email)
    page.locator("[name=password]").fill(password)
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(r"^(?!.*/login)"))


def seen(page: Page, name: str) -> None:
    """Nothing is wider than the screen, in the dark and in the light; a picture of each."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        no_sideways_scroll(page)
        shot(page, f"{name}-{scheme}")


def no_small_targets(page: Page, selector: str) -> None:
    """A thumb hits everything of that kind."""
    heights = (
        "all => all.filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43).map(e => e.textContent)"
    )
    assert page.locator(selector).evaluate_all(heights) == [], page.url


def no_sideways_scroll(page: Page) -> None:
    """Nothing is wider than the screen."""
    page.wait_for_load_state()
    page.locator("main").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
