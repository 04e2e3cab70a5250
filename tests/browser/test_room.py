"""The session room on a phone: a countdown that runs, a link in time, the time that has passed; also right to left."""

import re
import uuid

from playwright.sync_api import expect
from sqlalchemy import select

from app.lib import clock
from app.models import Booking, Practitioner, Service, User
from app.services import bookings
from app.services.scheduling import instant
from tests.browser.conftest import Site, no_sideways_scroll, shot


def _book(site: Site, minutes: float, **service: str) -> tuple[str, str]:
    """A session of the demo people, paid afterwards, that begins in so many minutes: its id and its room."""
    with site.world.rows() as session:
        client = session.scalars(select(User).where(User.email == "client@demo.test")).one()
        owner = session.scalars(select(Practitioner).where(Practitioner.slug == "dr-amina-otieno")).one()
        offered = session.scalars(select(Service).where(Service.practitioner_id == owner.id)).first()
        offered.mode_code = "pay_after"
        for name, value in service.items():
            setattr(offered, name, value)
        session.commit()
        instant.switch_on(owner.user, 60)
        made = instant.request(client, offered.id).booking
        assert made
        booking = session.get_one(Booking, made.id)
        site.world.move(seconds=(booking.starts_at - clock.now()).total_seconds() - minutes * 60)
        return str(booking.id), f"/bookings/{booking.id}/room"


def test_the_room_opens_by_itself_and_shows_how_long_it_takes(site: Site) -> None:
    """S2-11, S2-12, S2-34: timer, link, status, no-show button, every second; nothing wider than 360 px."""
    client, owner = site.person("client"), site.person("practitioner")
    _, room = _book(site, 5.2)
    client.goto(room)
    expect(client.get_by_role("main")).to_contain_text("It is not time yet")
    expect(client.get_by_role("link", name="Open the meeting")).to_have_count(0)
    no_sideways_scroll(client)
    shot(client, "room-before")
    expect(client.get_by_role("link", name="Open the meeting")).to_be_visible(timeout=60_000)
    expect(client.get_by_role("main")).to_contain_text("Ready to join")
    expect(client.get_by_role("link", name="Open the meeting")).to_have_attribute("href", re.compile("^https://meet"))
    no_sideways_scroll(client)
    shot(client, "room-ready")
    owner.goto(room)
    no_sideways_scroll(owner)
    shot(owner, "room-ready-practitioner")
    owner.get_by_role("button", name="Start the session").click()
    expect(owner.get_by_role("main")).to_contain_text("Under way")
    timer = owner.locator("time[data-elapsed]")
    expect(timer).to_have_text(re.compile(r"^\d\d:\d\d$"))
    before = timer.inner_text()
    expect(timer).not_to_have_text(before, timeout=60_000)
    expect(client.get_by_role("main")).to_contain_text("Under way", timeout=60_000)  # by itself
    site.world.move(minutes=15)
    owner.reload()
    no_sideways_scroll(owner)
    owner.locator("summary", has_text="Client did not come").click()
    shot(owner, "room-on-practitioner")
    client.reload()
    no_sideways_scroll(client)
    shot(client, "room-on")
    owner.locator("summary", has_text="Complete the session").click()
    owner.get_by_label("Your notes").fill("Better sleep. " + "Averylongword" * 30)
    owner.get_by_role("button", name="Complete the session").click()
    expect(owner.get_by_role("main")).to_contain_text("This session is over")
    no_sideways_scroll(owner)
    shot(owner, "room-over")


def test_the_room_right_to_left_and_in_the_dark(site: Site) -> None:
    booking_id, room = _book(site, 3, meeting_kind="typed")
    site.speak("ar")
    for name, script in (("client", True), ("practitioner", False)):
        page = site.person(name, script=script)
        page.emulate_media(color_scheme="dark")
        page.goto(room)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        no_sideways_scroll(page)
        shot(page, f"room-ar-{name}")
    with site.world.rows() as session:
        owner = session.scalars(select(User).where(User.email == "practitioner@demo.test")).one()
        bookings.change_link(uuid.UUID(booking_id), owner, "https://meet.example.com/" + "a" * 300)
        bookings.start_call(uuid.UUID(booking_id), owner)
    page.reload()
    no_sideways_scroll(page)
    shot(page, "room-ar-on")


def test_a_session_at_once_on_a_phone(site: Site) -> None:
    """S3-8: switched on, booked, on its way to be paid."""
    owner, client = site.person("practitioner", script=False), site.person("client")
    owner.goto("/practice")
    owner.get_by_label("For how long").select_option("120")
    owner.get_by_role("button", name="I am free now").click()
    no_sideways_scroll(owner)
    shot(owner, "instant-on")
    owner.goto("/practice/services/new")
    owner.get_by_label("Online, always with my own link").check()
    no_sideways_scroll(owner)
    shot(owner, "service-meeting")
    client.goto("/practitioners/dr-amina-otieno")
    client.get_by_role("link", name="Single session", exact=True).click()
    no_sideways_scroll(client)
    shot(client, "instant-ask")
    client.get_by_role("button", name="Book now").click()
    client.wait_for_url(re.compile("/checkouts/"))
    no_sideways_scroll(client)
    shot(client, "instant-pay")
