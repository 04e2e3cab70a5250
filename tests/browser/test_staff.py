"""Staff repair a payment on a phone: found by its receipt, read, sent back in part; a review decided; nothing runs off the screen."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.models import Attempt, Refund, Review, Role
from app.services import audit
from tests.browser.conftest import Site, no_sideways_scroll, shot
from tests.support.world import World

WHY = "Called Wanjiku; she came too late through no fault of hers."


def _lived_in(world: World) -> tuple[Attempt, Review]:
    """One M-Pesa payment that is well, and a card payment of another amount."""
    client, practitioner = world.person(name="Wanjiku Kamau"), world.practitioner()
    world.booked(client, world.service(practitioner, currency="KES"), "mpesa")
    [paid] = world.all(Attempt)
    made = world.book(client, world.service(practitioner, title="Second opinion"), world.start(1, 3))
    world.act(world.begin(client, made["checkout"]["id"]), amount=5_000)
    return paid, world.all(Review)[0]


def _find(page: Page, text: str) -> None:
    page.get_by_role("searchbox").fill(text)
    page.get_by_role("button", name="Find").click()


def test_staff_find_a_payment_by_its_receipt_send_a_part_back_and_decide_a_review(site: Site) -> None:
    """Pages, for staff 1 to 3: without a programmer, at 360 px."""
    paid, review = _lived_in(site.world)
    page = site.person("staff")
    page.goto("/staff")
    no_sideways_scroll(page)
    page.get_by_role("button", name="Run the audit now").click()
    expect(page.get_by_role("main")).to_contain_text("The books are in order")
    shot(page, "staff-money")

    _find(page, str(paid.charge_ref).lower())
    expect(page.get_by_role("heading", level=1)).to_contain_text(paid.reference)
    expect(page.get_by_role("main")).to_contain_text("Taken in, not placed yet")
    expect(page.get_by_role("main")).not_to_contain_text("712345678")
    no_sideways_scroll(page)
    shot(page, "staff-payment")
    page.locator("summary", has_text="As it was received").first.click()
    no_sideways_scroll(page)

    page.locator("summary", has_text="Send it back, or a part of it").click()
    expect(page.get_by_label("Amount")).to_have_value("1500.00")
    page.get_by_label("Amount").fill("1600")
    page.get_by_label("Why does it go back?").fill(WHY)
    shot(page, "staff-refund")
    page.get_by_role("button", name="Send the money back").click()
    expect(page.get_by_role("main")).to_contain_text("That is more than is left")
    expect(page.get_by_label("Why does it go back?")).to_have_value(WHY)
    no_sideways_scroll(page)
    shot(page, "staff-refund-wrong")
    page.get_by_label("Amount").fill("400")
    page.get_by_role("button", name="Send the money back").click()
    expect(page.get_by_role("main")).to_contain_text("KES 400 goes back")
    expect(page.get_by_role("main")).to_contain_text(WHY)
    no_sideways_scroll(page)
    shot(page, "staff-refunded")

    page.goto("/staff")
    page.get_by_role("link", name=re.compile("To decide")).click()
    no_sideways_scroll(page)
    shot(page, "staff-review")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("main")).to_contain_text("Please say what you did")
    shot(page, "staff-review-wrong")
    page.get_by_label("Send it back").check()
    page.get_by_label("How can it be checked?").fill("Stripe's dashboard shows 50.00.")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("main")).to_contain_text("The money is on its way back")
    expect(page.get_by_role("main")).to_contain_text("Nothing waits here")
    shot(page, "staff-review-done")
    assert site.world.all(Review)[0].resolution == "refund"
    assert sorted(refund.reason for refund in site.world.all(Refund)) == ["review", "staff:1"]
    page.goto(f"/staff/payments/{review.attempt_id}")
    expect(page.get_by_role("main")).to_contain_text("Stripe's dashboard shows 50.00.")
    no_sideways_scroll(page)
    shot(page, "staff-resolved")
    with site.world.rows():
        assert audit.breaches() == []


@pytest.mark.parametrize(("language", "scheme"), [("ar", "light"), ("en-KE", "dark")])
def test_the_staffs_pages_fit_in_the_dark_and_from_right_to_left_without_script(
    site: Site, language: str, scheme: str
) -> None:
    paid, _ = _lived_in(site.world)
    page = site.visitor(script=False, language=language)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    who = site.world.person(Role.STAFF)
    if language == "ar":
        with site.world.rows() as session:
            from app.models import User

            session.get_one(User, who.user_id).language = "ar"
            session.commit()
    page.goto("/login")
    page.locator("input[name=email]").fill(site.world.email(who))
    page.locator("input[name=password]").fill("correct horse")
    page.locator("main button").first.click()
    page.set_viewport_size({"width": 320, "height": 640})
    for address in ("/staff", f"/staff/payments/{paid.id}", "/staff/queues/reviews", "/staff/queues/refunds"):
        page.goto(address)
        no_sideways_scroll(page)
        shot(page, f"staff-{language}-{scheme}{address.replace('/', '-')}")
