"""A second step on a phone: a passkey is made and logs in alone; without script an app and recovery codes do."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from app.models import CodeApp, User
from app.services.accounts import code_apps
from app.services.backoffice import demo
from tests.browser.conftest import LANGUAGES, Site, log_in_by_hand, no_sideways_scroll, no_small_targets, seen, shot
from tests.support.device import shown

_CLIENT = "client@demo.test"


@pytest.fixture
def by_name(site: Site) -> Iterator[Site]:
    """The site at localhost: browsers make no passkeys for an address in numbers."""
    config, before = site.world.app.config, site.url
    config["PUBLIC_URL"] = before.replace("127.0.0.1", "localhost")
    yield site
    config["PUBLIC_URL"] = before


def _phone(page: Page) -> None:
    """The page's browser has a keeper of passkeys, whose owner always gives their finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    owner = {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options | owner})


def test_a_passkey_is_made_and_is_all_it_takes_to_log_in(by_name: Site) -> None:
    """Issue 12: a passkey made (virtual authenticator) and used, at 360 px."""
    page = by_name.visitor()
    _phone(page)
    page.goto("/login")
    log_in_by_hand(page, _CLIENT, demo.PASSWORD)
    page.goto("/profile/security")
    seen(page, "security-without")
    page.get_by_role("link", name="Set up a second step").click()
    seen(page, "second-factor")
    no_small_targets(page, "main .btn")
    page.get_by_role("button", name="Create a passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    seen(page, "recovery-codes")
    codes = page.locator("#codes").inner_text().split("\n")
    assert len(codes) == 10
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "kikao-recovery-codes.txt"
    assert codes[9] in unquote(download.value.path().read_text())
    page.get_by_role("link", name="I have saved them: continue").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    expect(page.get_by_text("(this one)")).to_be_visible()
    seen(page, "security-with")

    by_name.world.move(seconds=5)
    page.locator("details.menu summary").last.click()
    page.get_by_role("button", name="Log out", exact=True).click()
    page.goto("/login?next=/receipts")
    seen(page, "login-passkey")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url(re.compile("/receipts$"))


def test_a_passkey_is_the_second_step_and_a_fresh_proof(by_name: Site) -> None:
    page = by_name.visitor()
    _phone(page)
    by_name.log_in(page, _CLIENT, demo.PASSWORD)
    page.goto("/profile/security/second")
    page.get_by_role("button", name="Create a passkey").click()
    page.get_by_role("link", name="I have saved them: continue").click()
    by_name.world.move(minutes=16)
    page.locator("summary", has_text="Create new recovery codes").click()
    page.locator("details[open] button", has_text="Create new recovery codes").click()
    seen(page, "confirm-passkey")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("Your older codes no longer work.")).to_be_visible()
    page.context.clear_cookies()
    page.goto("/login")
    page.locator("[name=email]").fill(_CLIENT)
    page.locator("[name=password]").fill(demo.PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    seen(page, "second-step")
    by_name.world.move(seconds=5)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile("/bookings"))


def test_who_stops_at_the_passkey_is_told_and_goes_on(by_name: Site) -> None:
    page = by_name.visitor()
    by_name.log_in(page, _CLIENT, demo.PASSWORD)
    page.route("**/passkeys/challenge", lambda route: route.fulfill(status=503))
    page.goto("/profile/security/second")
    page.get_by_role("button", name="Create a passkey").click()
    expect(page.get_by_text("That did not work, or you stopped it.")).to_be_visible()
    no_sideways_scroll(page)
    expect(page.get_by_role("button", name="Create a passkey")).to_be_enabled()


def test_without_script_an_app_is_set_up_and_its_codes_log_in(site: Site) -> None:
    page = site.visitor(script=False)
    page.goto("/login")
    expect(page.get_by_role("button", name="Log in with a passkey")).to_be_hidden()
    site.log_in(page, _CLIENT, demo.PASSWORD)
    page.goto("/profile/security/second")
    page.get_by_role("button", name="Use an app").click()
    no_sideways_scroll(page)
    shot(page, "code-app")
    assert page.locator("main [role=img] svg").bounding_box()["width"] > 180  # type: ignore[index]
    page.get_by_label("Code", exact=True).fill(_code(site))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    code = page.locator("#codes").inner_text().split("\n")[0]
    page.context.clear_cookies()
    page.goto("/login")
    page.locator("[name=email]").fill(_CLIENT)
    page.locator("[name=password]").fill(demo.PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_label("Code from your app, or a recovery code").fill(code.lower())
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile("/bookings"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_the_second_step_fit_a_phone_in_both_directions(site: Site, language: str) -> None:
    site.speak(language)
    page = site.person("client")
    for path in ("/profile/security", "/profile/security/second"):
        page.goto(path)
        seen(page, f"{path.rsplit('/', 1)[1]}-{language}")
    page.locator("main form button:not([data-passkey])").last.click()
    seen(page, f"code-app-{language}")


def _code(site: Site) -> str:
    with site.world.rows() as session:
        user = session.query(User).filter_by(email=_CLIENT).one()
        [row] = session.query(CodeApp).filter_by(user_id=user.id)
        return shown(code_apps.secret_of(row))
