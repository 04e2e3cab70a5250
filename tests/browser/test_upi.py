"""Razorpay's window asks of our page what the real one does: other hosts, styles, apps opened by its frame, who we are."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Page, Response, expect

from app.lib import clock
from app.models import Checkout, Hold
from tests.browser.conftest import Site, book, no_sideways_scroll, seen, shot

# Defines what checkout.js defines, and opens nothing: PROBLEM is what happens in open().
BROKEN = "window.Razorpay = class { on() {} open() { PROBLEM } };"
VANISHING = """
const dialog = document.createElement("dialog");
document.body.append(dialog);
dialog.showModal();
setTimeout(() => dialog.remove(), 1500);
"""
OWN_PAGE = "Continue on the payment provider's own page."


def _choose(site: Site, script: str = "", blocked: str = "") -> Page:
    """A client on the page that opens the window, with `script` in checkout.js's place and `blocked` kept out, if given."""
    client = site.person("client", language="en-IN", zone="Asia/Kolkata")
    if script:
        client.route("**/checkout.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    if blocked:
        client.route(blocked, lambda route: route.abort())
    book(client, "ravi-deshpande", "Short call")
    client.get_by_role("button", name=re.compile("Pay .* UPI")).first.click()
    return client


def _pay_at_sandbox(site: Site) -> None:
    base = f"{site.world.sandbox.url}/control/razorpay/orders"
    [order] = requests.get(base, timeout=60).json()["orders"]
    requests.post(f"{base}/{order['id']}/pay", json={}, timeout=60)


def _anew(client: Page) -> Response | None:
    """The page is loaded again. Not by `reload`: Chromium refuses that while the frames of the window come in."""
    return client.goto(client.url)


def test_a_upi_app_is_opened_from_the_window_and_the_payment_confirms(site: Site) -> None:
    """The window opens with the press that has chosen it, and not a second time by itself."""
    client = _choose(site)
    dialog = client.get_by_role("dialog")
    expect(dialog).to_contain_text("₹450.00")
    dialog.frame_locator("iframe").get_by_role("button", name="Pay in a UPI app").click()
    expect(dialog).to_contain_text("Waiting for your UPI app")
    seen(client, "upi-app")
    _pay_at_sandbox(site)
    expect(client.get_by_role("heading", name="Your session is booked")).to_be_visible(timeout=60_000)
    no_sideways_scroll(client)


def test_the_window_opens_by_itself_only_for_who_has_just_pressed(site: Site) -> None:
    client = _choose(site)
    expect(client.get_by_role("dialog")).to_be_visible()
    assert "#" not in client.url
    _anew(client)
    expect(client.locator("[data-pay-part=open]")).to_be_enabled()
    expect(client.get_by_role("dialog")).to_have_count(0)


def test_a_banks_page_in_a_pop_up_tells_the_window_that_it_is_done(site: Site) -> None:
    """COOP: the page that opens the window keeps hold of the pop-ups it opens."""
    client = _choose(site)
    with client.expect_popup() as opened:
        client.get_by_role("dialog").get_by_role("button", name="Pay at your bank").click()
    opened.value.get_by_role("button", name="Allow the payment").wait_for()
    assert opened.value.evaluate("window.opener !== null"), "cut off from the window that has opened it"
    expect(client.get_by_role("dialog")).not_to_contain_text("page was closed")
    opened.value.get_by_role("button", name="Allow the payment").click()
    expect(client.get_by_role("heading", name="Your session is booked")).to_be_visible(timeout=60_000)


def test_a_window_that_never_shows_is_said_and_the_companys_own_page_takes_the_payment(site: Site) -> None:
    client = _choose(site, blocked="**/risk.js")
    expect(client.get_by_text(OWN_PAGE)).to_be_visible(timeout=15_000)
    expect(client.get_by_text("Pay another way")).to_be_visible()
    no_sideways_scroll(client)
    shot(client, "upi-never-shown")
    client.locator("[data-pay-part=hosted] button").click()
    client.get_by_role("button", name=re.compile("^Pay .* UPI")).click()
    expect(client.get_by_role("heading", name="Your session is booked")).to_be_visible(timeout=60_000)


def test_a_window_that_breaks_when_it_is_opened_leaves_the_other_ways(site: Site) -> None:
    client = _choose(site, BROKEN.replace("PROBLEM", "throw new Error('broken inside');"))
    expect(client.get_by_text(OWN_PAGE)).to_be_visible()
    client.get_by_text("Pay another way").click()
    client.get_by_role("button", name=re.compile("Pay .* card", re.IGNORECASE)).click()
    client.wait_for_url(re.compile("/c/pay/"))


def test_a_window_that_goes_away_without_a_word_can_be_opened_again(site: Site) -> None:
    client = _choose(site, BROKEN.replace("PROBLEM", VANISHING))
    opener = client.locator("[data-pay-part=open]")
    expect(client.get_by_text("You came back without paying")).to_be_visible()
    expect(opener).not_to_have_attribute("aria-disabled", "true")


def test_the_window_closes_when_the_place_is_no_longer_kept(site: Site) -> None:
    client = _choose(site)
    expect(client.get_by_role("dialog")).to_be_visible()
    with site.world.rows() as session:
        session.query(Checkout).update({"expires_at": clock.now() + timedelta(seconds=15)})
        session.query(Hold).update({"expires_at": clock.now() + timedelta(seconds=15)})
        session.commit()
    _anew(client)
    client.evaluate(
        "new MutationObserver(() => sessionStorage.closed = !document.querySelector('dialog'))"
        ".observe(document.body, {childList: true})"
    )
    client.locator("[data-pay-part=open]").click()
    expect(client.get_by_role("dialog")).to_be_visible()
    expect(client.get_by_role("dialog")).to_have_count(0, timeout=30_000)
    # Closed by its own time, before our page was loaded again.
    assert client.evaluate("sessionStorage.closed") == "true"
    expect(client.get_by_text("is still held")).not_to_be_visible()


def test_only_the_page_of_the_window_lets_it_in_and_says_where_we_are(site: Site) -> None:
    client = site.person("client")
    book(client, "ravi-deshpande", "Short call")
    choosing = client.goto(client.url)
    client.get_by_role("button", name=re.compile("Pay .* UPI")).first.click()
    expect(client.get_by_role("dialog")).to_be_visible()
    paying = _anew(client)
    others = [client.goto(path) for path in ("/", "/bookings")]
    assert paying
    policy = paying.headers["content-security-policy"]
    port = urlsplit(site.world.sandbox.url).port
    assert f"frame-src 'self' https://checkout.razorpay.com https://api.razorpay.com {site.world.sandbox.url}" in policy
    assert f"http://*.localhost:{port} upi: intent: tez: phonepe: paytmmp: gpay: bhim:;" in policy
    assert "script-src 'self' 'unsafe" not in policy
    assert paying.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert paying.headers["cross-origin-opener-policy"] == "same-origin-allow-popups"
    assert 'payment=(self "https://checkout.razorpay.com" "https://api' in paying.headers["permissions-policy"]
    for other in (choosing, *others):
        assert other
        policy = other.headers["content-security-policy"]
        assert "upi:" not in policy
        assert "unsafe" not in policy
        assert "localhost" not in policy.split("form-action")[0]
        assert other.headers["referrer-policy"] == "same-origin"
        assert other.headers["cross-origin-opener-policy"] == "same-origin"
        assert "payment=()" in other.headers["permissions-policy"]
