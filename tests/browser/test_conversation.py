"""A conversation in writing on a phone-sized screen: deadline, files, what is new, the end; light, dark and right to left."""

from pathlib import Path

from playwright.sync_api import Page, expect

from app.domain.money import Money
from app.models import User
from app.services import practice
from app.services.prepaid import wallet
from tests.browser.conftest import Site, no_sideways_scroll, seen
from tests.support.proofs import PDF, PNG

QUESTION = "Is it normal to sleep badly before an exam? " + "Averylongword" * 20
NAME = "Dr. Amina Otieno"


def _asked(site: Site) -> str:
    """The demo's client has asked its practitioner and paid from the wallet; gives the page's address."""
    with site.world.rows() as session:
        client = session.query(User).filter_by(email="client@demo.test").one()
        owner = session.query(User).filter_by(email="practitioner@demo.test").one()
        told = {"headline": "Therapist", "about": "", "languages": "en", "zone": "Africa/Nairobi", "published": True}
        practice.change_profile(owner, name=NAME, question_price=Money(50_000, "KES"), **told)
        top_up = wallet.top_up(client, Money(100_000, "KES"), "Credit").id
        slug = practice.of_user(owner).slug
    caller = site.caller("client")
    site.world.act(site.world.begin(caller, str(top_up), "mpesa"))
    made = caller.post(f"/practitioners/{slug}/questions", {"question": QUESTION}).json["checkout"]["id"]
    site.world.begin(caller, made, "wallet")
    return f"/questions/{site.world.checkout(caller, made)['consultation_id']}"


def _files(directory: Path) -> list[Path]:
    picture, letter, wrong = directory / "My scan.png", directory / "letter.pdf", directory / "holiday.jpg"
    picture.write_bytes(PNG)
    letter.write_bytes(PDF)
    wrong.write_bytes(b"MZ this is a program")
    return [picture, letter, wrong]


def test_two_people_write_to_each_other_without_script(site: Site, tmp_path: Path) -> None:
    """S4-18 as people see it: by when the answer comes, files, what is new, a wrong file that costs no word, the end."""
    path, (picture, letter, wrong) = _asked(site), _files(tmp_path)
    owner, client = site.person("practitioner", script=False), site.person("client", script=False)
    for page in (owner, client):
        page.goto("/questions")
        seen(page, f"conversation-list-{'owner' if page is owner else 'client'}")
        page.goto(path)
    expect(client.get_by_role("main")).to_contain_text("If not, you get your money back automatically.")
    seen(client, "conversation-open-client")
    owner.locator("summary", has_text="Decline").click()
    seen(owner, "conversation-open-owner")
    owner.get_by_label("Your answer").fill("It is.\n\n" + "Andanotherlongword" * 20)
    owner.get_by_label("Pictures or PDFs").set_input_files([str(wrong)])
    owner.get_by_role("button", name="Send the answer").click()
    expect(owner.get_by_label("Your answer")).to_have_value("It is.\n\n" + "Andanotherlongword" * 20)
    expect(owner.get_by_role("alert")).to_contain_text("Send a complete picture")
    seen(owner, "conversation-wrong-file")
    owner.get_by_label("Pictures or PDFs").set_input_files([str(picture), str(letter)])
    owner.get_by_role("button", name="Send the answer").click()
    owner.get_by_text("Your answer has been sent.").wait_for()
    client.goto("/questions")
    expect(client.get_by_role("main")).to_contain_text("1 new message")
    seen(client, "conversation-list-new")
    client.goto(path)
    seen(client, "conversation-new")
    with client.expect_download() as download:
        client.get_by_role("link", name="My-scan.png").click()
    assert download.value.path().read_bytes() == PNG
    client.get_by_role("button", name="Mark as read").click()
    expect(client.get_by_role("button", name="Mark as read")).to_have_count(0)
    client.get_by_label("Your message").fill("Thank you 🌊")
    client.get_by_role("button", name="Send", exact=True).click()
    client.get_by_text("Your message has been sent.").wait_for()
    owner.goto(path)
    owner.locator("summary", has_text="Close the conversation").click()
    seen(owner, "conversation-close")
    owner.get_by_role("button", name="Yes, close it").click()
    client.goto(path)
    expect(client.get_by_role("main")).to_contain_text("This conversation is closed.")
    seen(client, "conversation-closed")
    _right_to_left(site, owner, client, path)


def _right_to_left(site: Site, owner: Page, client: Page, path: str) -> None:
    site.speak("ar")
    for page, name in ((owner, "owner"), (client, "client")):
        for each in (path, "/questions"):
            page.goto(each)
            expect(page.locator("html")).to_have_attribute("dir", "rtl")
            seen(page, f"conversation-ar-{name}-{each.split('/')[1]}{len(each)}")
    owner.goto("/practice/profile")
    seen(owner, "conversation-ar-profile")


def test_with_script_a_conversation_that_is_open_is_read(site: Site) -> None:
    """What the page showed is marked by a request of its own, after it was shown: the GET has changed nothing."""
    path = _asked(site)
    owner = site.person("practitioner")
    with owner.expect_response(lambda answer: answer.url.endswith("/read")) as marked:
        owner.goto(path)
    assert marked.value.status == 204
    owner.goto("/practice")
    assert "new message" not in owner.content()
    owner.goto(path)
    expect(owner.get_by_role("button", name="Mark as read")).to_have_count(0)
    no_sideways_scroll(owner)
