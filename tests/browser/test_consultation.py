"""A question in writing on a phone-sized screen, without script, also right to left."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Site, no_sideways_scroll, shot


def test_a_question_is_asked_paid_and_answered_without_script(site: Site) -> None:
    """S4-18 as people see it: the price in the profile, the question, the payment, the answer; nothing is wider than 360 px."""
    owner = site.person("practitioner", script=False)
    owner.goto("/practice/profile")
    owner.get_by_label("Price of a written question").fill("500")
    owner.get_by_label("Currency of that price").select_option("KES")
    no_sideways_scroll(owner)
    owner.get_by_role("button", name="Save the profile").click()
    client = site.person("client", script=False)
    client.goto("/practitioners/dr-amina-otieno")
    client.get_by_label("Your question").fill("Is it normal to sleep badly before an exam? " + "Averylongword" * 20)
    no_sideways_scroll(client)
    shot(client, "question-ask")
    client.locator("#ask button").click()
    client.wait_for_url(re.compile("/checkouts/"))
    no_sideways_scroll(client)
    shot(client, "question-pay")
    client.goto("/questions")
    no_sideways_scroll(client)
    client.get_by_role("link", name="Complete payment").click()
    client.get_by_role("button", name=re.compile("Pay KES.500 with M-Pesa")).click()
    client.wait_for_url(re.compile("/checkouts/"))
    [prompt] = site.world.sandbox.sandbox.store.all("prompt")
    site.world.act({"attempt": {"gateway": "mpesa"}, "next": {"provider_ref": prompt["id"]}})
    client.reload()
    no_sideways_scroll(client)
    shot(client, "question-paid")
    client.get_by_role("link", name="See my question").click()
    no_sideways_scroll(client)
    owner.goto("/practice")
    owner.get_by_role("link", name="1 question to answer").click()
    no_sideways_scroll(owner)
    owner.get_by_role("link", name="Wanjiku Kamau").click()
    owner.get_by_label("Your answer").fill("It is. " + "Andanotherlongword" * 20)
    owner.get_by_role("button", name="Send the answer").click()
    owner.get_by_text("Your answer has been sent.").wait_for()
    client.reload()
    client.get_by_text("It is.").wait_for()
    no_sideways_scroll(client)
    shot(client, "question-answered")
    site.speak("ar")
    address = client.url
    for page, path in ((client, address), (client, "/questions"), (owner, address), (owner, "/questions")):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        no_sideways_scroll(page)
