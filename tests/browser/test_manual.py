"""Paying by bank or cash on a 360 px wide phone: told how, shown, rejected with a reason, shown again, accepted."""

import re
from pathlib import Path

from playwright.sync_api import Error, Page, expect

from tests.browser.conftest import Site, book, no_sideways_scroll, shot
from tests.support.proofs import PNG, png


def _seen(page: Page, name: str) -> None:
    no_sideways_scroll(page)
    shot(page, name)


def _send(page: Page, file: Path, note: str = "") -> None:
    page.get_by_label("Picture or PDF of your payment").set_input_files(file)
    page.get_by_label("A note").fill(note)
    page.get_by_role("button", name="Send proof").click()


def _pay_by_hand_until_paid(site: Site, tmp_path: Path, *, script: bool) -> None:
    slip, wrong = tmp_path / "slip of today.png", tmp_path / "slip.png"
    slip.write_bytes(PNG)
    wrong.write_bytes(b"<html>not a picture</html>")

    client = site.person("client", script=script)
    book(client, "dr-amina-otieno", "Short call")
    _seen(client, "manual-choose")
    client.get_by_role("button", name=re.compile("Pay .* bank or cash")).click()
    main = client.get_by_role("main")
    expect(main).to_contain_text("till 123456")
    _seen(client, "manual-told")
    _send(client, wrong, "from my sister's account")
    expect(main).to_contain_text("this file is a different type or incomplete")
    expect(client.get_by_label("A note")).to_have_value("from my sister's account")
    _seen(client, "manual-wrong-file")
    _send(client, slip, "from my sister's account")
    expect(client.get_by_role("heading", name="We have your proof of payment")).to_be_visible()
    expect(main).to_contain_text("will check it")
    _seen(client, "manual-waiting")

    owner = site.person("practitioner", script=script)
    _look_and_reject(owner)

    _look_again(client)
    expect(main).to_contain_text("The amount on it is another one.")
    _seen(client, "manual-rejected")
    slip.write_bytes(png(40))
    _send(client, slip)
    expect(main).to_contain_text("will check it")
    _accept(owner)

    _look_again(client)
    expect(client.get_by_role("heading", name="Your session is booked")).to_be_visible(timeout=60_000)
    expect(main).to_contain_text("Bank or cash")
    _seen(client, "manual-paid")


def _look_again(client: Page) -> None:
    """The page anew, by our hand."""
    try:
        client.goto(client.url)
    except Error:  # it had just begun to by itself, which called ours off
        client.goto(client.url)


def _look_and_reject(owner: Page) -> None:
    owner.goto("/practice")
    expect(owner.get_by_role("heading", name="1 payment to verify")).to_be_visible()
    expect(owner.get_by_role("main")).to_contain_text("from my sister's account")
    _seen(owner, "manual-today")
    with owner.expect_download() as saved:
        owner.get_by_role("link", name="Open the proof").click()
    assert saved.value.suggested_filename == "slip-of-today.png"
    assert Path(saved.value.path()).read_bytes() == PNG
    owner.locator("summary", has_text="Reject").click()
    owner.get_by_role("button", name="Reject the proof").click()
    expect(owner.get_by_role("main")).to_contain_text("Enter a reason")
    _seen(owner, "manual-reason-missing")
    owner.get_by_label("Why not?").fill("The amount on it is another one.")
    owner.get_by_role("button", name="Reject the proof").click()
    expect(owner.locator("body")).to_contain_text("Rejected.")


def _accept(owner: Page) -> None:
    owner.goto("/practice")
    owner.locator("summary", has_text="Accept").click()
    _seen(owner, "manual-accept")
    owner.get_by_role("button", name="Yes, the money has arrived").click()
    expect(owner.locator("body")).to_contain_text("The payment is recorded")
    expect(owner.get_by_role("heading", name=re.compile("to verify"))).to_have_count(0)
    _seen(owner, "manual-accepted")


def test_bank_or_cash_from_the_instructions_to_the_booked_session(site: Site, tmp_path: Path) -> None:
    """S3-7, S3-14, S3-31: a wrong file, a rejected proof, a second one, and the session is booked."""
    _pay_by_hand_until_paid(site, tmp_path, script=True)


def test_the_same_without_any_script(site: Site, tmp_path: Path) -> None:
    _pay_by_hand_until_paid(site, tmp_path, script=False)


def test_cash_in_hand_is_noted_on_today(site: Site) -> None:
    """S3-14: the client has nothing to upload, the practitioner has the money."""
    owner = site.person("practitioner")
    client = site.person("client")
    book(client, "dr-amina-otieno", "First consultation", "Send request")
    owner.goto("/practice")
    owner.get_by_role("button", name="Approve").first.click()
    _look_again(client)
    client.get_by_role("link", name="Complete payment").first.click()
    client.get_by_role("button", name=re.compile("Pay .* bank or cash")).click()
    expect(client.get_by_role("main")).to_contain_text("till 123456")
    expect(client.get_by_role("main")).to_contain_text("Your place is held in the meantime")
    owner.goto("/practice")
    owner.locator("summary", has_text="I have received the money").click()
    owner.get_by_label("How do you know?").fill("Cash at the desk, receipt 17")
    _seen(owner, "manual-cash")
    owner.get_by_role("button", name="Confirm the session").click()
    expect(owner.locator("body")).to_contain_text("The session is paid")
    expect(client.get_by_role("heading", name="Your session is booked")).to_be_visible(timeout=60_000)
