"""Paid by M-Pesa and not heard of, on a 360 px wide phone: the code is mistyped, mended and lands; staff land another."""

from playwright.sync_api import expect

from app.models import Role
from tests.browser.axe import no_violations
from tests.browser.conftest import Site, no_sideways_scroll, shot
from tests.support.codes import OTHERS, Unheard, register


def test_a_code_lands_what_nobody_heard_of(site: Site) -> None:
    world = site.world
    one = Unheard(world)
    receipt = one.pays()
    one.given_up()
    client = site.known(one.client)
    client.goto(f"/bookings/{one.booking_id}")
    client.get_by_role("link", name="I have paid by M-Pesa").click()
    client.get_by_text("Paid by M-Pesa, but it has not arrived?").click()
    expect(client.get_by_role("main")).to_contain_text(one.attempt.reference)
    no_sideways_scroll(client)
    no_violations(client)
    shot(client, "code-form")
    client.get_by_label("M-Pesa code").fill("QK12")
    client.get_by_role("button", name="Check this code").click()
    expect(client.get_by_role("main")).to_contain_text("This is not an M-Pesa code")
    expect(client.get_by_label("M-Pesa code")).to_have_value("QK12")
    no_violations(client)
    shot(client, "code-wrong")
    client.get_by_label("M-Pesa code").fill(receipt.lower())
    client.get_by_role("button", name="Check this code").click()
    expect(client.get_by_role("heading", name="Your session is booked")).to_be_visible(timeout=60_000)
    assert one.state == ("confirmed", "paid")

    register(world)
    two = Unheard(world)
    other = two.pays_from_menu(account="mistyped", phone=OTHERS)
    two.given_up()
    desk = site.known(world.person(Role.STAFF))
    desk.goto(f"/staff/find?q={two.attempt.reference}")
    desk.get_by_role("textbox", name="M-Pesa code").fill(other)
    no_sideways_scroll(desk)
    no_violations(desk)
    shot(desk, "code-staff")
    desk.get_by_role("button", name="Check this code").click()
    expect(desk.get_by_role("main")).to_contain_text(other)
    world.settle()
    assert two.state == ("confirmed", "paid")


def test_a_code_is_shown_while_the_prompt_is_on_the_phone(site: Site) -> None:
    """Paid from the menu meanwhile. What is half typed when the prompt's end would load the page anew stays."""
    world = site.world
    one = Unheard(world, answered=True)
    receipt = one.pays_from_menu()
    client = site.known(one.client)
    client.goto(f"/checkouts/{one.checkout_id}")
    expect(client.get_by_role("heading", name="Check the phone")).to_be_visible()
    client.get_by_text("Nothing on the phone?").click()
    no_sideways_scroll(client)
    no_violations(client)
    shot(client, "code-waiting")
    client.get_by_label("M-Pesa code").press_sequentially(receipt[:4])
    with client.expect_response(lambda answer: answer.headers.get("hx-refresh") == "true", timeout=60_000):
        world.move(minutes=3)
    client.wait_for_timeout(1_000)
    expect(client.get_by_label("M-Pesa code")).to_have_value(receipt[:4])
    client.get_by_label("M-Pesa code").press_sequentially(receipt[4:])
    client.get_by_role("button", name="Check this code").click()
    expect(client.get_by_role("heading", name="Your session is booked")).to_be_visible(timeout=60_000)
    assert one.state == ("confirmed", "paid")
