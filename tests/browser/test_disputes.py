"""A challenged payment on a phone: from the alert to the evidence, the practitioner's words, and the answer noted."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from app.lib import clock
from app.models import Change, Dispute
from sandbox.stripe import disputes as stripe_disputes
from tests.browser.axe import no_violations
from tests.browser.conftest import Site, no_sideways_scroll, seen, shot
from tests.support import questions
from tests.support.pdf_text import pdf_text
from tests.support.world import Caller, World

_CHOSEN = "Thank you, that helped."


def _challenged(world: World) -> Caller:
    """The bank of who asked a question challenges its payment; whom it was asked of."""
    client, owner, question = questions.answered(world)
    questions.sent(client, question, _CHOSEN)
    stripe_disputes.dispute(world.sandbox.sandbox, world.sandbox.sandbox.store.all("charge")[0]["id"])
    world.settle()
    world.sweep()
    return owner


def _looked_at(page: Page, name: str) -> None:
    seen(page, name)
    no_violations(page)


def _add(page: Page) -> None:
    """The practitioner comes by the message, reads what is shown in any case, and adds words and a message."""
    page.goto("/notices")
    page.get_by_role("link", name=re.compile("disputes a payment")).first.click()
    expect(page.get_by_role("main")).to_contain_text("Never shown")
    _looked_at(page, "dispute-practice")
    page.get_by_label("Your own words").fill("I answered within a day.")
    page.get_by_role("button", name="Add this text").click()
    page.get_by_label(re.compile("Thank you")).check()
    page.get_by_role("button", name="Add selected messages").click()
    expect(page.get_by_role("main")).to_contain_text("What you have added")
    _looked_at(page, "dispute-practice-added")
    page.get_by_role("button", name="Withdraw it").first.click()
    expect(page.get_by_role("main")).to_contain_text("Evidence PDFs created from now on will not include it.")


def test_a_dispute_from_the_alert_to_the_evidence_and_the_answer(site: Site, tmp_path: Path) -> None:
    """Issue 14, 5: at 360 px, with axe on every page."""
    world = site.world
    owner = _challenged(world)
    _add(site.known(owner))
    page = site.person("staff")
    page.goto("/staff/disputes")
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"\d+ days left"))
    _looked_at(page, "dispute-desk")
    page.get_by_role("link", name=re.compile("€")).first.click()
    expect(page.get_by_role("main")).to_contain_text("Dr. Amina Otieno has added 1 entry.")
    expect(page.get_by_role("main")).not_to_contain_text(_CHOSEN)
    _looked_at(page, "dispute-case")
    with page.expect_download() as made:
        page.get_by_role("button", name="Create the PDF").click()
    made.value.save_as(tmp_path / "evidence.pdf")
    said = re.sub(r"\s+", " ", pdf_text((tmp_path / "evidence.pdf").read_bytes()))
    assert _CHOSEN in said
    assert questions.QUESTION not in said
    page.get_by_label("Sent on").fill(clock.now().date().isoformat())
    page.get_by_role("button", name="Mark as answered").click()
    expect(page.get_by_role("alert")).to_contain_text("Say what you did and how it can be checked")
    _looked_at(page, "dispute-answer-wrong")
    page.get_by_label("What did you send?").fill("The paper, with one message.")
    page.get_by_role("button", name="Mark as answered").click()
    expect(page.get_by_role("main")).to_contain_text("Answered, waiting for the bank")
    _looked_at(page, "dispute-answered")
    assert [row.to_status for row in world.all(Change) if row.subject == "evidence"][-2:] == ["made", "answered"]


def test_the_desk_fits_from_right_to_left(site: Site) -> None:
    owner = _challenged(site.world)
    [dispute] = site.world.all(Dispute)
    site.speak("ar")
    staff = site.person("staff", script=False, language="ar")
    addresses = {staff: ("/staff/disputes", f"/staff/disputes/{dispute.id}")}
    addresses[site.known(owner, script=False, language="ar")] = (
        "/practice/disputes",
        f"/practice/disputes/{dispute.id}",
    )
    for page, paths in addresses.items():
        page.set_viewport_size({"width": 320, "height": 640})
        for path in paths:
            page.goto(path)
            no_sideways_scroll(page)
            shot(page, f"dispute-ar{path.replace('/', '-')}")
