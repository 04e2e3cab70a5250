"""Both sides of a whole life on a 360 px wide phone: asked, approved, paid, reminded, held, completed, rated, and the papers."""

import re
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask_babel import force_locale, gettext
from playwright.sync_api import Page, expect

from app import words
from app.lib import clock
from app.models import Booking
from app.services.backoffice import demo
from tests.browser.axe import no_violations
from tests.browser.conftest import Site, last_day_of_next_month, log_in_by_hand, no_sideways_scroll, shot

RIGHT_TO_LEFT = ("ar", "fa")
NOTES = "Slept better this week. " + "Averylongword" * 12


class Life:
    """One booking, seen from both sides, in one language."""

    def __init__(self, site: Site, language: str) -> None:
        self.site, self.language = site, language
        site.speak(language)
        self.client = self._client()
        self.owner = site.person("practitioner", language=f"{language}-KE")

    def said(self, sentence: object, **values: str) -> re.Pattern[str]:
        """What a sentence of ours is in the language, whatever stands in its places that are not given."""
        with self.site.world.app.test_request_context(), force_locale(self.language):
            text = gettext(sentence) if isinstance(sentence, str) else str(sentence)
        assert self.language == "en" or text != str(sentence), f"not translated: {sentence}"
        parts = re.split(r"%\((\w+)\)s", text)
        found = [
            re.escape(part) if n % 2 == 0 else re.escape(values[part]) if part in values else ".*"
            for n, part in enumerate(parts)
        ]
        return re.compile("".join(found))

    def look(self, page: Page, name: str) -> None:
        """Nothing is wider than the screen, nothing is wrong for axe, the direction is the language's.

        Pages whose address has no number are looked at with axe elsewhere (test_axe).
        """
        no_sideways_scroll(page)
        way = "rtl" if self.language in RIGHT_TO_LEFT else "ltr"
        expect(page.locator("html")).to_have_attribute("dir", way)
        shot(page, f"life-{self.language}-{name}")
        if any(letter.isdigit() for letter in urlsplit(page.url).path):
            no_violations(page)

    def press(self, page: Page, sentence: object) -> None:
        """The button of that name, which must be one."""
        button = page.get_by_role("main").get_by_role("button", name=self.said(sentence))
        expect(button).to_have_count(1)
        button.click()

    def open(self, page: Page, sentence: object) -> None:
        """What is folded under these words."""
        page.locator("summary", has_text=self.said(sentence)).first.click()

    def until(self, **before: float) -> None:
        """It is so long before the session begins, the clock has done its work, and both, away for weeks, have logged in."""
        [booking] = self.site.world.all(Booking)
        self.site.world.move(seconds=(booking.starts_at - timedelta(**before) - clock.now()).total_seconds())
        self.site.world.sweep()
        self.site.world.settle()
        self.site.log_in(self.client, "client@demo.test", demo.PASSWORD)
        self.site.log_in(self.owner, "practitioner@demo.test", demo.PASSWORD)

    @property
    def path(self) -> str:
        """The booking's page."""
        [booking] = self.site.world.all(Booking)
        return f"/bookings/{uuid.UUID(str(booking.id))}"

    def _client(self) -> Page:
        page = self.site.visitor(language=f"{self.language}-KE")
        page.goto("/login")
        self.look(page, "login")
        log_in_by_hand(page, "client@demo.test", demo.PASSWORD)
        return page


@pytest.mark.parametrize("language", ["en", pytest.param("ar", marks=pytest.mark.long_way)])
def test_a_session_from_the_request_to_the_receipt_on_both_sides(site: Site, language: str) -> None:
    """S2-34, S2-35, S3-18, S3-36, S3-38, S4-29: every page of it fits the phone, reads well and is without a fault for axe."""
    life = Life(site, language)
    _asked(life)
    _approved(life)
    _paid(life)
    _reminded(life)
    _held(life)
    _completed(life)
    _rated(life)
    _receipt_and_statement(life)
    assert [booking.status for booking in site.world.all(Booking)] == ["completed"]


def _asked(life: Life) -> None:
    client = life.client
    client.goto("/practitioners")
    life.look(client, "practitioners")
    client.goto("/practitioners/dr-amina-otieno")
    life.look(client, "practitioner")
    client.get_by_role("link", name="First consultation", exact=True).click()
    last_day_of_next_month(client)
    life.look(client, "times")
    client.locator(".slots a").last.click()
    client.locator("details:has(textarea[name=notes]) summary").click()
    client.locator("textarea[name=notes]").fill("I sleep badly.")
    life.look(client, "confirm")
    life.press(client, "Send request")
    expect(client.get_by_role("main")).to_contain_text(life.said("Waiting for approval"))
    life.look(client, "asked")


def _approved(life: Life) -> None:
    life.owner.goto("/practice")
    life.look(life.owner, "requests")
    life.press(life.owner, "Approve")
    life.look(life.owner, "approved")
    life.client.goto("/notices")
    life.look(life.client, "approved-notice")


def _paid(life: Life) -> None:
    client, main = life.client, life.client.get_by_role("main")
    client.goto("/bookings")
    life.look(client, "my-bookings")
    client.goto(life.path)
    life.look(client, "to-pay")
    main.get_by_role("link", name=life.said("Complete payment")).first.click()
    life.look(client, "pay")
    with_mpesa = life.said("Pay %(amount)s with %(method)s", method=_mpesa(life))
    main.get_by_role("button", name=with_mpesa).click()
    expect(main).to_contain_text(life.said("Enter your PIN on %(number)s"))
    life.look(client, "wait")
    [prompt] = life.site.world.sandbox.sandbox.store.all("prompt")
    life.site.world.act({"attempt": {"gateway": "mpesa"}, "next": {"provider_ref": prompt["id"]}})
    expect(main.get_by_role("heading", name=life.said("%(amount)s paid"))).to_be_visible(timeout=60_000)
    life.look(client, "paid")
    client.goto(life.path)
    life.look(client, "confirmed")


def _mpesa(life: Life) -> str:
    with life.site.world.app.test_request_context(), force_locale(life.language):
        return str(words.method("M-Pesa"))


def _reminded(life: Life) -> None:
    life.until(hours=23)
    life.client.goto("/notices")
    expect(life.client.get_by_role("main")).to_contain_text(life.said(words.NOTICES["session_reminder"]))
    life.look(life.client, "reminded")
    mails = life.site.world.mails("client@demo.test")
    assert any("/bookings/" in mail["text"] and "23" not in mail["subject"] for mail in mails)
    life.owner.goto("/practice")
    life.look(life.owner, "today")


def _held(life: Life) -> None:
    life.until(minutes=4)
    client, owner, room = life.client, life.owner, f"{life.path}/room"
    client.goto(room)
    expect(client.get_by_role("main")).to_contain_text(life.said("You can join now"))
    life.look(client, "room-ready")
    owner.goto(room)
    life.look(owner, "room-ready-owner")
    life.press(owner, "Start the session")
    life.look(owner, "room-on-owner")
    client.reload()
    for page in (client, owner):
        expect(page.get_by_role("main")).to_contain_text(life.said("Under way"))
        expect(page.get_by_role("link", name=life.said("Open the meeting"))).to_have_count(1)
    life.look(client, "room-on")


def _completed(life: Life) -> None:
    life.site.world.move(minutes=55)
    owner = life.owner
    owner.reload()
    life.open(owner, "Client did not come")
    life.look(owner, "room-late-owner")
    owner.locator("textarea[name=notes]").fill(NOTES)
    life.press(owner, "Complete the session")
    expect(owner.get_by_role("main")).to_contain_text(life.said("This session is over"))
    life.look(owner, "room-over-owner")
    owner.goto(life.path)
    expect(owner.get_by_role("main")).to_contain_text("Slept better")
    life.look(owner, "completed-owner")


def _rated(life: Life) -> None:
    client, owner = life.client, life.owner
    client.goto(life.path)
    expect(client.get_by_role("main")).not_to_contain_text("Slept better")
    life.look(client, "completed")
    client.goto(f"{life.path}/rate")
    client.locator(".rating label").nth(4).click()
    client.locator("textarea[name=feedback]").fill("I left with a plan.")
    client.locator("[name=public]").check()
    life.look(client, "rate")
    life.press(client, "Send the rating")
    life.look(client, "rated")
    owner.goto("/practice/ratings")
    expect(owner.get_by_role("main")).to_contain_text("I left with a plan.")
    life.look(owner, "ratings")
    owner.goto("/notices")
    life.look(owner, "notices-owner")


def _receipt_and_statement(life: Life) -> None:
    """The client has a receipt of what was paid, the practitioner a statement of what comes of it."""
    life.client.goto("/receipts")
    life.look(life.client, "receipts")
    life.client.get_by_role("main").locator("a.link-cover").first.click()
    life.look(life.client, "receipt")
    life.owner.goto("/practice/statements")
    life.look(life.owner, "statements")
    life.owner.get_by_role("main").locator("a.link-cover").first.click()
    life.look(life.owner, "statement")
