"""Money is never lost, as people see it on a phone: late payments, refunds, credit, reserved amounts, debts."""

import re
from datetime import datetime
from typing import Any

from playwright.sync_api import Page, expect

from app.lib import clock
from app.models import Attempt, Booking, Checkout, Refund, Service, User
from app.services.backoffice import repair
from sandbox.control import acts
from tests.browser.conftest import Site, book, no_sideways_scroll, shot


def _main(page: Page) -> Any:
    return page.get_by_role("main")


def _lose_the_race(site: Site) -> None:
    """Somebody else pays for what the open checkout is about, first."""
    [bill] = site.world.all(Checkout)
    rival = site.world.person(name="Rival")
    draft = bill.draft or {}
    made = site.world.book(rival, draft["service_id"], draft["start"])
    site.world.act(site.world.begin(rival, made["checkout"]["id"], "stripe"))


def _settle(site: Site) -> None:
    site.world.sweep()
    site.world.settle()


def test_who_loses_a_race_chooses_a_near_time_and_pays_nothing_more(site: Site) -> None:
    """Complaint 5: other times, credit or the money back, on one page."""
    client = site.person("client")
    book(client, "claire-moreau", "Short call")
    client.get_by_role("button", name=re.compile("Pay .* card", re.IGNORECASE)).click()
    client.wait_for_url(re.compile("/c/pay/"))
    _lose_the_race(site)
    client.get_by_role("button", name=re.compile("^Pay ")).click()
    client.wait_for_url(re.compile("/checkouts/"))
    expect(client.get_by_role("heading", name="Choose what happens to your money")).to_be_visible(timeout=60_000)
    no_sideways_scroll(client)
    shot(client, "offer")
    client.emulate_media(color_scheme="dark")
    shot(client, "offer-dark")
    client.emulate_media(color_scheme="light")
    client.goto("/bookings")
    expect(_main(client)).to_contain_text("came too late for this time")
    shot(client, "offer-in-my-bookings")
    client.goto("/notices")
    shot(client, "offer-notices")
    _main(client).get_by_role("link", name=re.compile("came too late")).click()
    _main(client).get_by_role("button", name=re.compile(r"\d\d:\d\d")).first.click()
    expect(_main(client)).to_contain_text("Confirmed and paid")
    no_sideways_scroll(client)
    shot(client, "offer-new-time")
    assert [b.status for b in site.world.all(Booking)] == ["confirmed", "confirmed"]


def test_who_pays_late_keeps_the_money_as_credit_and_books_again(site: Site) -> None:
    client = site.person("client", language="en-IN", zone="Asia/Kolkata")
    book(client, "ravi-deshpande", "Single session", far=True)
    bill = client.url
    client.get_by_role("button", name=re.compile("Pay .* UPI", re.IGNORECASE)).click()
    expect(client.locator("[data-pay-part=open]")).to_be_visible()
    site.world.move(minutes=20)
    site.world.sweep()
    [attempt], [booking] = site.world.all(Attempt), site.world.all(Booking)
    client.goto(f"/bookings/{booking.id}")
    expect(_main(client)).to_contain_text("Time ran out")
    start = booking.starts_at.isoformat()
    site.world.book(site.world.person(name="Rival"), booking.service_id, start)
    begun = {"attempt": {"gateway": "razorpay"}, "next": {"provider_ref": attempt.provider_ref}}
    site.world.act(begun)
    client.goto(f"/bookings/{booking.id}")
    shot(client, "late-booking")
    client.get_by_role("link", name="Choose now").click()
    client.get_by_role("button", name=re.compile("as credit")).click()
    expect(client.get_by_role("heading", name="Your money is in your wallet")).to_be_visible()
    expect(_main(client)).to_contain_text("Book again")
    no_sideways_scroll(client)
    shot(client, "credited")
    client.get_by_role("link", name="Open my wallet").click()
    expect(_main(client)).to_contain_text("Refund as credit")
    no_sideways_scroll(client)
    shot(client, "wallet")
    client.goto(bill)
    _main(client).get_by_role("link", name=re.compile(r"\d\d:\d\d")).first.click()
    client.get_by_role("button", name="Book and pay").click()
    expect(client.get_by_role("button", name="Pay ₹ 900 from your wallet")).to_be_visible()
    no_sideways_scroll(client)
    shot(client, "pay-from-wallet")
    client.get_by_role("button", name="Pay ₹ 900 from your wallet").click()
    expect(client.get_by_role("heading", name="Your session is booked")).to_be_visible()
    shot(client, "paid-from-wallet")


def _always_free_to_cancel(site: Site, currency: str) -> int:
    with site.world.rows() as session:
        service = session.query(Service).filter_by(title="Single session", currency=currency).one()
        service.free_cancel_hours, number = 0, service.id
        session.commit()
    return number


def test_a_cancelled_booking_shows_the_money_going_back_and_then_back(site: Site) -> None:
    """Complaint 20, S2-22."""
    caller = site.caller("client")
    booking = site.world.booked(caller, _always_free_to_cancel(site, "EUR"))
    client = site.person("client")
    client.goto(f"/bookings/{booking['id']}")
    client.get_by_role("link", name=re.compile("Cancel", re.IGNORECASE)).first.click()
    client.get_by_role("button", name=re.compile("Cancel and get")).click()
    expect(_main(client)).to_contain_text("is on its way back")
    no_sideways_scroll(client)
    shot(client, "refund-on-its-way")
    _settle(site)
    client.reload()
    expect(_main(client)).to_contain_text("Refunded")
    expect(_main(client)).not_to_contain_text("On its way")
    shot(client, "refund-done")


def test_an_mpesa_payer_is_credited_where_the_money_cannot_go_back(site: Site) -> None:
    caller = site.caller("client")
    booking = site.world.booked(caller, _always_free_to_cancel(site, "KES"), "mpesa")
    site.world.faults(gateway="mpesa", route="refund", fault="refund_failed", times=9)
    caller.post(f"/bookings/{booking['id']}/cancel")
    _settle(site)
    with site.world.rows() as session:
        repair.credit_refund(session.query(Refund).one().id, session.get_one(User, site.caller("staff").user_id))
    client = site.person("client")
    client.goto(f"/bookings/{booking['id']}")
    expect(_main(client)).to_contain_text("The money is in your wallet")
    expect(_main(client)).not_to_contain_text(re.compile("on its way back", re.IGNORECASE))
    no_sideways_scroll(client)
    shot(client, "mpesa-credited")
    client.get_by_role("link", name="Open my wallet").click()
    expect(_main(client)).to_contain_text("1,500")
    client.get_by_text("Get a payout").click()
    client.get_by_label("Amount").last.fill("2000")
    client.get_by_label("Where to send it").fill("0712 345 678")
    client.get_by_role("button", name="Request payout").click()
    expect(_main(client)).to_contain_text("can be paid out")
    expect(client.get_by_label("Where to send it")).to_have_value("0712 345 678")
    no_sideways_scroll(client)
    shot(client, "payout-too-much")
    client.get_by_label("Amount").last.fill("1,000")
    client.get_by_role("button", name="Request payout").click()
    expect(_main(client)).to_contain_text("Our staff will send it")
    no_sideways_scroll(client)
    shot(client, "payout-asked")
    site.speak("ar")
    client.reload()
    assert client.locator("html").get_attribute("dir") == "rtl"
    no_sideways_scroll(client)
    shot(client, "wallet-arabic")


def test_what_is_missing_is_topped_up_and_the_session_paid_with_one_press(site: Site) -> None:
    """Pages, pay 3."""
    caller = site.caller("client")
    made = caller.post("/wallet/top-ups", {"amount": {"amount": 50_000, "currency": "KES"}}).json
    site.world.act(site.world.begin(caller, made["id"], "mpesa"))
    client = site.person("client")
    book(client, "dr-amina-otieno", "Single session")
    expect(_main(client)).to_contain_text("less than the price")
    no_sideways_scroll(client)
    shot(client, "credit-too-little")
    client.get_by_role("button", name=re.compile("^Top up")).click()
    expect(client.get_by_role("heading", name="Top up your wallet")).to_be_visible()
    no_sideways_scroll(client)
    shot(client, "top-up")
    client.get_by_role("button", name=re.compile("Pay .* M-Pesa")).click()
    expect(_main(client)).to_contain_text("Enter your PIN on")
    attempt = next(a for a in site.world.all(Attempt) if a.is_live)
    site.world.act({"attempt": {"gateway": "mpesa"}, "next": {"provider_ref": attempt.provider_ref}})
    go_on = client.get_by_role("button", name=re.compile("Continue: pay .* from your wallet"))
    expect(go_on).to_be_visible(timeout=60_000)
    no_sideways_scroll(client)
    shot(client, "topped-up")
    go_on.click()
    expect(_main(client)).to_contain_text("Your session is booked")
    client.goto("/wallet")
    expect(_main(client)).to_contain_text("Paid from the wallet")
    shot(client, "wallet-empty")


def test_a_top_up_typed_wrong_keeps_what_was_typed(site: Site) -> None:
    client = site.person("client", script=False)
    client.goto("/wallet")
    client.get_by_label("Amount").fill("a lot")
    client.get_by_role("button", name="Continue to payment").click()
    expect(client.get_by_label("Amount")).to_have_value("a lot")
    expect(_main(client)).to_contain_text("Enter an amount above zero")
    no_sideways_scroll(client)
    shot(client, "top-up-wrong")
    client.get_by_label("Amount").fill("1,500")
    client.get_by_label("Currency").select_option("KES")
    client.get_by_role("button", name="Continue to payment").click()
    expect(client.get_by_role("heading", name="Top up your wallet")).to_be_visible()


def test_an_amount_is_reserved_until_the_yes_and_charged_with_it(site: Site) -> None:
    world = site.world
    owner, caller = world.practitioner(), world.person()
    made = world.book(caller, world.service(owner, "authorise_then_approve"), None)
    client = site.known(caller)
    client.goto(f"/checkouts/{made['checkout']['id']}")
    client.get_by_role("button", name=re.compile("Pay .* card|card", re.IGNORECASE)).first.click()
    client.wait_for_url(re.compile("/c/pay/"))
    client.get_by_role("button", name=re.compile("^Pay ")).click()
    client.wait_for_url(re.compile("/checkouts/"))
    expect(client.get_by_role("heading", name="The amount is authorised")).to_be_visible(timeout=60_000)
    no_sideways_scroll(client)
    shot(client, "reserved")
    client.goto(f"/bookings/{made['booking']['id']}")
    expect(_main(client)).to_contain_text("is authorised on your card")
    shot(client, "reserved-booking")
    practitioner = site.known(owner)
    practitioner.goto("/practice")
    expect(_main(practitioner)).to_contain_text("is authorised on the card")
    no_sideways_scroll(practitioner)
    shot(practitioner, "reserved-request")
    practitioner.goto(f"/bookings/{made['booking']['id']}")
    shot(practitioner, "reserved-request-page")
    practitioner.get_by_role("button", name=re.compile("Approve and charge")).click()
    expect(_main(practitioner)).to_contain_text("Confirmed and paid")
    client.reload()
    expect(_main(client)).to_contain_text("Confirmed and paid")


def test_a_session_paid_for_afterwards_shows_what_is_owed_and_who_gets_it(site: Site) -> None:
    """Report S2-16."""
    world = site.world
    owner, caller = world.practitioner(), world.person()
    made = world.book(caller, world.service(owner, "pay_after"))
    client = site.known(caller)
    client.goto(f"/bookings/{made['booking']['id']}")
    expect(_main(client)).to_contain_text("after the session")
    shot(client, "pay-later")
    with world.app.app_context():
        left = datetime.fromisoformat(made["booking"]["end"]) - clock.now()
    world.move(seconds=left.total_seconds())
    for act in ("start", "complete"):
        owner.post(f"/bookings/{made['booking']['id']}/{act}")
    client.goto("/bookings")
    expect(_main(client)).to_contain_text("took place and payment is due")
    no_sideways_scroll(client)
    shot(client, "owed")
    client.get_by_role("link", name=re.compile("^Pay ")).click()
    expect(_main(client)).to_contain_text("Share for the platform")
    expect(_main(client)).to_contain_text("54")
    expect(_main(client)).not_to_contain_text("held until")
    no_sideways_scroll(client)
    shot(client, "due")
    world.act(world.begin(caller, client.url.split("/")[-1].split("?")[0]))
    client.reload()
    expect(_main(client)).to_contain_text("Nothing more is owed for this session")
    shot(client, "due-paid")


def test_a_disputed_booking_is_flagged_for_the_practitioner_and_not_for_the_client(site: Site) -> None:
    world = site.world
    owner, caller = world.practitioner(), world.person()
    booking = world.booked(caller, world.service(owner))
    [charge] = world.sandbox.sandbox.store.all("charge")
    acts.ACTS["stripe", "charges"]["dispute"](world.sandbox.sandbox, charge["id"])
    world.settle()
    practitioner = site.known(owner)
    practitioner.goto(f"/bookings/{booking['id']}")
    expect(_main(practitioner)).to_contain_text("disputes the payment")
    no_sideways_scroll(practitioner)
    shot(practitioner, "disputed")
    client = site.known(caller)
    client.goto(f"/bookings/{booking['id']}")
    expect(_main(client)).not_to_contain_text("disputes")
