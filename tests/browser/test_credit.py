"""Gifts and packages on a phone-sized screen, without script, in both schemes and right to left."""

import re

from playwright.sync_api import Page, expect

from app.extensions import db
from app.models import Package, Role, Service
from tests.browser.conftest import Site, no_sideways_scroll, seen, shot
from tests.support.credit import bought, gift, offered
from tests.support.world import Caller, World


def _service(world: World, owner: Caller) -> int:
    with world.rows() as session:
        statement = db.select(Service).join(Service.practitioner).where(Service.title == "Single session")
        return int(next(s.id for s in session.scalars(statement) if s.practitioner.user_id == owner.user_id))


def _looks(page: Page, path: str, name: str) -> None:
    """Nothing is wider than the screen, in light and in dark, and every target can be hit by a thumb."""
    page.goto(path)
    seen(page, name)
    for box in (each.bounding_box() for each in page.locator("main .btn:visible, main summary:visible").all()):
        assert box is None or box["height"] >= 36, (path, box)
    assert page.locator("main input:visible:not([id])").count() == 0


def test_a_package_is_offered_bought_and_used_by_hand(site: Site) -> None:
    """Complaint cal.com#13401, as people see it: set up, public page, payment page, what is left."""
    world = site.world
    owner = site.person("practitioner", script=False)
    owner.goto("/practice/packages")
    owner.get_by_label("How many").fill("0")
    owner.get_by_label("Price for all of them").fill("7000")
    owner.get_by_role("button", name="Offer package").click()
    expect(owner.get_by_role("alert")).to_contain_text("Enter a number from 2 to 100 for “How many”.")
    expect(owner.get_by_label("Price for all of them")).to_have_value("7000")
    no_sideways_scroll(owner)
    shot(owner, "package-form-wrong")
    owner.get_by_label("How many").fill("5")
    owner.get_by_role("button", name="Offer package").click()
    owner.get_by_text("The package is now on your public page.").wait_for()
    client = site.person("client", script=False)
    client.goto("/practitioners/dr-amina-otieno")
    no_sideways_scroll(client)
    shot(client, "package-public")
    client.get_by_role("button", name=re.compile("Buy for")).click()
    client.wait_for_url(re.compile("/checkouts/"))
    no_sideways_scroll(client)
    shot(client, "package-pay")
    client.get_by_role("button", name=re.compile("M-Pesa")).click()
    client.wait_for_url(re.compile("/checkouts/"))
    [prompt] = world.sandbox.sandbox.store.all("prompt")
    world.act({"attempt": {"gateway": "mpesa"}, "next": {"provider_ref": prompt["id"]}})
    client.reload()
    client.get_by_role("link", name="See my package").click()
    client.get_by_text("5 of 5 sessions left").wait_for()
    me, them = site.caller("client"), site.caller("practitioner")
    made = world.book(me, _service(world, them))
    client.goto(f"/checkouts/{made['checkout']['id']}")
    no_sideways_scroll(client)
    shot(client, "package-use")
    client.get_by_role("button", name="Use one session from your package").click()
    client.get_by_role("heading", name=re.compile(r"\d paid$")).wait_for()
    shot(client, "package-used")
    assert len(world.all(Package)) == 1
    _looks(client, "/packages", "packages")
    _looks(client, f"/bookings/{made['booking']['id']}", "package-booking")
    _looks(owner, "/practice/packages", "packages-practice")


def test_a_gift_is_seen_and_redeemed_in_both_directions(site: Site) -> None:
    world = site.world
    me, them = site.caller("client"), site.caller("practitioner")
    mine = gift(world, me, 150_000, "KES", "mpesa")
    used = gift(world, me, 200_000, "KES", "mpesa")
    bought(world, me, offered(them, _service(world, them), 3, 400_000, 30), "mpesa")
    assert world.person(Role.CLIENT).post("/gifts/redeem", {"code": used["code"]}).status_code == 200
    client, owner = site.person("client", script=False), site.person("practitioner", script=False)
    _looks(client, "/gifts", "gifts")
    expect(client.get_by_text(mine["code"])).to_be_visible()
    client.goto("/wallet")
    client.locator("summary", has_text="Redeem a gift code").click()
    client.get_by_label("Gift code").fill("ABCD")
    client.get_by_role("button", name="Redeem").click()
    expect(client.get_by_role("alert")).to_contain_text("We do not recognise this code.")
    no_sideways_scroll(client)
    shot(client, "gift-wrong")
    client.get_by_label("Gift code").fill(mine["code"].lower())
    client.get_by_role("button", name="Redeem").click()
    client.get_by_text("has been added to your wallet").first.wait_for()
    site.speak("ar")
    pages = [(client, "/gifts"), (client, "/packages"), (client, "/wallet"), (owner, "/practice/packages")]
    for page, path in [*pages, (client, "/practitioners/dr-amina-otieno")]:
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        no_sideways_scroll(page)
        shot(page, f"ar{path.replace('/', '-')}")
