"""Staff repair payments on a phone: found by receipt, read, sent back in part; a review decided."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.domain.money import Money
from app.gateways.base import Confirmed, GatewayEvent
from app.models import Attempt, Refund, Review, Role, User
from app.services.backoffice import repair
from app.services.backoffice.overview import queues
from app.services.payments import inbox
from app.services.prepaid import wallet
from sandbox.stripe import disputes as stripe_disputes
from tests.browser.conftest import Site, no_sideways_scroll, shot
from tests.support.world import World

WHY = "Called Wanjiku; she came too late through no fault of hers."


def _lived_in(world: World) -> tuple[Attempt, Review]:
    """An M-Pesa payment that is well, a card payment of another amount, and something in every queue."""
    client, practitioner = world.person(name="Wanjiku Kamau"), world.practitioner()
    world.booked(client, world.service(practitioner, currency="KES"), "mpesa")
    [paid] = world.all(Attempt)
    in_euros = world.service(practitioner, title="Second opinion")
    made = world.book(client, in_euros, world.start(in_euros, 3))
    world.act(world.begin(client, made["checkout"]["id"]), amount=5_000)
    return paid, world.all(Review)[0]


def _trouble(world: World) -> None:
    """A refund that failed, a wish to be paid out, news nobody knows, a challenged charge, and a payment under way."""
    client, service = world.person(name="Achieng Odhiambo"), world.service(world.practitioner())
    staff = world.person(Role.STAFF)
    world.booked(client, service, start=world.start(service, 1))
    attempt = world.all(Attempt)[-1]
    world.faults(gateway="stripe", route="refund", fault="refund_failed", times=1)
    with world.rows() as session:
        repair.refund(attempt.id, Money(1_000, "EUR"), WHY, session.get_one(User, staff.user_id))
        paid = session.query(Attempt).filter_by(gateway="mpesa").one()
        repair.refund(paid.id, Money(50_000, "KES"), WHY, session.get_one(User, staff.user_id))
        owner = session.get_one(User, paid.checkout.client_id)
        wallet.ask_payout(owner, Money(20_000, "KES"), "M-Pesa 0712 345 678, Wanjiku Kamau")
    world.sweep()
    world.settle()
    stripe_disputes.dispute(world.sandbox.sandbox, world.sandbox.sandbox.store.all("charge")[0]["id"])
    world.settle()
    world.begin(client, world.book(client, service, world.start(service, 5))["checkout"]["id"])
    event = GatewayEvent("nobodys", "stkCallback", Confirmed(Money(100, "KES"), "SJK4H7L2QP"), "NOBODYS", None)
    with world.app.app_context():
        inbox.receive("mpesa", event, source="callback", body=b'{"PhoneNumber": 254712345678}')


def _find(page: Page, text: str) -> None:
    page.get_by_role("searchbox").fill(text)
    page.get_by_role("button", name="Find").click()


def test_staff_find_a_payment_by_its_receipt_and_send_a_part_back(site: Site) -> None:
    """Pages, for staff 1 and 2: without a programmer, at 360 px."""
    paid, _ = _lived_in(site.world)
    page = site.person("staff")
    page.goto("/staff")
    no_sideways_scroll(page)
    page.get_by_role("button", name="Run the audit now").click()
    expect(page.get_by_role("main")).to_contain_text("The books are in order")
    shot(page, "staff-money")

    _find(page, str(paid.charge_ref).lower())
    expect(page.get_by_role("heading", level=1)).to_contain_text(paid.reference)
    expect(page.get_by_role("main")).to_contain_text("Received, not allocated yet")
    expect(page.get_by_role("main")).not_to_contain_text("712345678")
    no_sideways_scroll(page)
    shot(page, "staff-payment")
    page.locator("summary", has_text="As received").first.click()
    no_sideways_scroll(page)

    page.locator("summary", has_text="Refund all or part").click()
    expect(page.get_by_label("Amount")).to_have_value("1500.00")
    page.get_by_label("Amount").fill("1600")
    page.get_by_label("Why are you refunding it?").fill(WHY)
    shot(page, "staff-refund")
    page.get_by_role("button", name="Refund the money").click()
    expect(page.get_by_role("main")).to_contain_text("That is more than what is left")
    expect(page.get_by_label("Why are you refunding it?")).to_have_value(WHY)
    no_sideways_scroll(page)
    shot(page, "staff-refund-wrong")
    page.get_by_label("Amount").fill("400")
    page.get_by_role("button", name="Refund the money").click()
    expect(page.get_by_role("main")).to_contain_text("Refund of KES 400 started: as credit in the wallet.")
    expect(page.get_by_role("main")).to_contain_text(WHY)
    no_sideways_scroll(page)
    shot(page, "staff-refunded")
    assert [refund.reason for refund in site.world.all(Refund)] == ["staff:1"]


def test_staff_decide_a_review_in_its_queue(site: Site) -> None:
    """Pages, for staff 3: a decision and its evidence; what is missing stands beside its field."""
    _, review = _lived_in(site.world)
    page = site.person("staff")
    page.goto("/staff")
    page.get_by_role("link", name=re.compile("To decide")).click()
    no_sideways_scroll(page)
    shot(page, "staff-review")
    page.get_by_label("Refund payment").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("main")).to_contain_text("Say what you did and how it can be checked")
    expect(page.get_by_label("Refund payment")).to_be_checked()
    no_sideways_scroll(page)
    shot(page, "staff-review-wrong")
    page.get_by_label("How can this be checked?").fill("Stripe's dashboard shows 50.00.")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("main")).to_contain_text("The refund is on its way and the client will be told.")
    expect(page.get_by_role("main")).to_contain_text("Nothing is waiting here")
    shot(page, "staff-review-done")
    assert site.world.all(Review)[0].resolution == "refund"
    page.goto(f"/staff/payments/{review.attempt_id}")
    expect(page.get_by_role("main")).to_contain_text("Stripe's dashboard shows 50.00.")
    no_sideways_scroll(page)
    shot(page, "staff-resolved")


@pytest.mark.in_turn
@pytest.mark.parametrize(("language", "scheme"), [("ar", "light"), ("en-KE", "dark")])
def test_the_staffs_pages_fit_in_the_dark_and_from_right_to_left_without_script(
    site: Site, language: str, scheme: str
) -> None:
    paid, _ = _lived_in(site.world)
    _trouble(site.world)
    site.speak(language[:2])
    page = site.person("staff", script=False, language=language)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 320, "height": 640})
    for address in ("/staff", f"/staff/payments/{paid.id}", *(f"/staff/queues/{name}" for name in queues.NAMES)):
        page.goto(address)
        no_sideways_scroll(page)
        shot(page, f"staff-{language}-{scheme}-{address.split('/')[-1][:9]}")
