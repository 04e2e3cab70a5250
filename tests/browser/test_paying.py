"""People book and pay each of the three ways on a 360 px wide phone, with script and without."""

import re

from playwright.sync_api import Page, expect

from app.models import Attempt, Booking, Service
from app.services.backoffice import demo
from tests.browser.conftest import Site, book, log_in_by_hand, no_sideways_scroll, shot
from tests.support.late import late_payment


def _pay(page: Page, way: str) -> None:
    no_sideways_scroll(page)
    shot(page, f"pay-{way}")
    page.get_by_role("button", name=re.compile(f"Pay .* {way}", re.IGNORECASE)).first.click()


def _is_confirmed(page: Page) -> None:
    expect(page.get_by_role("heading", name="Your session is booked")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("main")).to_contain_text("Your session is booked")
    no_sideways_scroll(page)


def _mailed_code(site: Site, address: str) -> str:
    """The code in the newest mail to the address."""
    site.world.sweep()
    found = re.search(r"Your code: (\d{6})", site.world.mails(address)[0]["text"])
    assert found
    return found[1]


def test_a_new_client_registers_books_is_approved_and_pays_by_mpesa(site: Site) -> None:
    """S3-36, S3-18, S3-38: register, request, approve, PIN on the phone, confirmed; a mail to each side."""
    client = site.visitor()
    client.goto("/register")
    client.get_by_label("Your name").fill("Akinyi Ouma")
    client.get_by_label("E-mail").fill("akinyi@demo.test")
    client.get_by_label("Password").fill("a short sentence")
    client.get_by_label("Phone").fill("0712 345 678")
    shot(client, "register")
    client.get_by_role("button", name="Create my account").click()
    shot(client, "code")
    client.get_by_label("Code").fill(_mailed_code(site, "akinyi@demo.test"))
    client.get_by_role("button", name="Continue").click()
    expect(client.get_by_role("main")).not_to_contain_text("Enter the code")
    book(client, "dr-amina-otieno", "First consultation", "Send request")
    expect(client.get_by_role("main")).to_contain_text("Waiting for approval")
    shot(client, "requested")
    booking = client.url

    practitioner = site.person("practitioner")
    practitioner.goto("/practice")
    no_sideways_scroll(practitioner)
    shot(practitioner, "inbox")
    practitioner.get_by_role("button", name="Approve").first.click()
    expect(practitioner.get_by_role("button", name="Approve")).to_have_count(0)

    client.goto(booking)
    client.get_by_role("link", name="Complete payment").first.click()
    _pay(client, "M-Pesa")
    expect(client.get_by_role("main")).to_contain_text("Enter your PIN on")
    expect(client.get_by_role("main")).to_contain_text("0712 xxx 678")
    shot(client, "wait-mpesa")
    phone = site.visitor()
    phone.goto(f"{site.world.sandbox.url}/phone/254712345678")
    shot(phone, "phone")
    phone.get_by_label("Enter M-PESA PIN").fill("1234")
    phone.get_by_role("button", name="Pay", exact=True).click()
    _is_confirmed(client)
    shot(client, "paid-mpesa")

    site.world.sweep()
    for person in ("akinyi", "practitioner"):
        assert site.world.mails(f"{person}@demo.test"), person
    client.goto("/notices")
    shot(client, "notices")
    expect(client.get_by_role("main")).to_contain_text(re.compile("confirmed", re.IGNORECASE))


def test_a_client_pays_by_card_declined_once_then_paid(site: Site) -> None:
    """S0-33, complaint 18: a decline on the gateway's page ends nothing; the money confirms."""
    client = site.person("client")
    book(client, "claire-moreau", "Single session")
    _pay(client, "card")
    client.wait_for_url(re.compile("/c/pay/"))
    shot(client, "sandbox-card")
    client.get_by_role("button", name=re.compile("decline", re.IGNORECASE)).click()
    client.get_by_role("button", name=re.compile("^Pay ")).click()
    client.wait_for_url(re.compile("/checkouts/"))
    _is_confirmed(client)
    shot(client, "paid-card")


def test_leaving_the_card_page_says_so_and_the_payment_is_completed_from_my_bookings(site: Site) -> None:
    """S0-24, S0-28, S0-3: "Complete payment" while it can be."""
    client = site.person("client")
    book(client, "claire-moreau", "Single session")
    _pay(client, "card")
    client.wait_for_url(re.compile("/c/pay/"))
    client.get_by_role("button", name=re.compile("leave|back", re.IGNORECASE)).or_(
        client.get_by_role("link", name=re.compile("leave|back", re.IGNORECASE))
    ).first.click()
    client.wait_for_url(re.compile("/checkouts/"))
    expect(client.get_by_role("main")).to_contain_text("You came back without paying")
    shot(client, "came-back")
    client.goto("/bookings")
    expect(client.get_by_role("main")).to_contain_text("Payment needed")
    shot(client, "my-bookings")
    no_sideways_scroll(client)
    client.get_by_role("link", name="Complete payment").first.click()
    client.get_by_role("link", name=re.compile("Pay .* card", re.IGNORECASE)).click()
    client.get_by_role("button", name=re.compile("^Pay ")).click()
    client.wait_for_url(re.compile("/checkouts/"))
    _is_confirmed(client)


def test_a_client_pays_by_upi_in_the_window_closing_it_once_before(site: Site) -> None:
    """S1-10, S1-12, S1-14: dismissed: said so, can be tried again at once; then paid."""
    client = site.person("client", language="en-IN", zone="Asia/Kolkata")
    book(client, "ravi-deshpande", "Short call")
    _pay(client, "UPI")
    dialog = client.get_by_role("dialog")
    expect(dialog).to_be_visible()
    shot(client, "upi-window")
    dialog.get_by_role("button", name=re.compile("close", re.IGNORECASE)).click()
    expect(client.get_by_text("You came back without paying")).to_be_visible()
    shot(client, "upi-dismissed")
    opener = client.locator("[data-pay-part=open]")
    opener.click()
    dialog.get_by_role("button", name="Pay", exact=True).click()
    _is_confirmed(client)
    shot(client, "paid-upi")


def test_a_failed_try_in_the_window_is_said_and_the_next_one_works(site: Site) -> None:
    """S1-11, S1-15: an error in words, retry possible in the same window."""
    client = site.person("client", language="en-IN", zone="Asia/Kolkata")
    book(client, "ravi-deshpande", "Short call")
    _pay(client, "UPI")
    opener = client.locator("[data-pay-part=open]")
    dialog = client.get_by_role("dialog")
    dialog.get_by_role("button", name="Fail this payment").click()
    expect(client.locator("body")).to_contain_text(re.compile("fail|did not go through|declined", re.IGNORECASE))
    shot(client, "upi-failed")
    if not dialog.is_visible():
        opener.click()
    dialog.get_by_role("button", name="Pay", exact=True).click()
    _is_confirmed(client)


def test_a_double_click_two_tabs_and_the_back_button_make_one_booking_and_one_payment(site: Site) -> None:
    """S1-F21, S1-F22, S3a-F21, S3b-F22 as people do them."""
    client = site.person("client")
    client.goto("/practitioners/claire-moreau")
    client.get_by_role("link", name="Single session", exact=True).click()
    client.locator(".slots a").last.click()
    confirm = client.url
    client.get_by_role("button", name="Book and pay").dblclick()
    client.wait_for_url(re.compile("/checkouts/"))
    tab = client.context.new_page()
    tab.goto(confirm)
    tab.get_by_role("link", name="Complete payment").click()
    assert tab.url.split("?")[0] == client.url.split("?")[0]
    client.get_by_role("button", name=re.compile("Pay .* card", re.IGNORECASE)).dblclick()
    client.wait_for_url(re.compile("/c/pay/"))
    client.go_back()
    tab.reload()
    tab.get_by_role("link", name=re.compile("Pay .* card", re.IGNORECASE)).click()
    tab.wait_for_url(re.compile("/c/pay/"))
    tab.get_by_role("button", name=re.compile("^Pay ")).click()
    tab.wait_for_url(re.compile("/checkouts/"))
    _is_confirmed(tab)
    client.goto("/bookings?tab=upcoming")
    expect(client.get_by_role("main").get_by_role("link", name="Single session")).to_have_count(1)
    assert len(site.world.all(Booking)) == 1
    assert len(site.world.all(Attempt)) == 1


def test_a_client_books_and_pays_without_any_script(site: Site) -> None:
    """Pages: works without script; the gateway's hosted page posts back and the booking is confirmed."""
    client = site.visitor(script=False, language="en-IN", zone="Asia/Kolkata")
    client.goto("/login")
    log_in_by_hand(client, "client@demo.test", demo.PASSWORD)
    book(client, "ravi-deshpande", "Single session")
    _pay(client, "UPI")
    shot(client, "upi-without-script")
    client.get_by_role("button", name=re.compile("Pay .* UPI|Continue", re.IGNORECASE)).first.click()
    client.wait_for_url(re.compile("razorpay"))
    client.get_by_role("button", name=re.compile("^Pay")).click()
    if "razorpay" in client.url:
        client.get_by_role("button", name=re.compile("continue", re.IGNORECASE)).click()
    client.wait_for_url(re.compile("/checkouts/"))
    _is_confirmed(client)


def test_cancelling_says_what_comes_back_before_it_is_pressed(site: Site) -> None:
    client = site.person("client")
    book(client, "claire-moreau", "Single session", far=True)
    _pay(client, "card")
    client.get_by_role("button", name=re.compile("^Pay ")).click()
    client.wait_for_url(re.compile("/checkouts/"))
    _is_confirmed(client)
    client.goto("/bookings?tab=upcoming")
    client.get_by_role("main").get_by_role("link", name=re.compile("Single session")).first.click()
    shot(client, "booking")
    client.get_by_role("link", name=re.compile("Cancel", re.IGNORECASE)).first.click()
    shot(client, "cancel")
    expect(client.get_by_role("main")).to_contain_text("60")
    client.get_by_role("main").get_by_role("button", name=re.compile("cancel", re.IGNORECASE)).first.click()
    expect(client.get_by_role("main")).to_contain_text(re.compile("Refund on its way|Cancelled"))
    shot(client, "cancelled")


def test_a_refund_that_failed_is_never_called_on_its_way(site: Site) -> None:
    """Complaint 20: failed refunds shown as done. The bank did not take it: the pages say so, and that staff are on it."""
    world = site.world
    with world.rows() as session:
        service = session.query(Service).filter_by(title="Short call", currency="EUR").one().id
    bill = late_payment(world, site.caller("client"), service)["checkout"]["id"]
    world.faults(gateway="stripe", route="refund", fault="refund_failed", times=9)
    client = site.person("client")
    client.goto(f"/checkouts/{bill}")
    client.get_by_role("button", name=re.compile("^Refund .* now")).click()
    expect(client.get_by_role("main")).to_contain_text("On its way")
    world.sweep()
    world.settle()
    client.reload()
    expect(client.get_by_role("heading", name="Your money has not been refunded yet")).to_be_visible()
    expect(client.get_by_role("main")).to_contain_text("our staff will send it to you by hand")
    expect(client.get_by_role("main")).not_to_contain_text("On its way")
    shot(client, "refund-failed")
