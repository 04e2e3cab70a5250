"""Every page that needs no number in its address, for each kind of person, in both directions and both schemes."""

import pytest
from playwright.sync_api import Page

from app.models import User
from tests.browser.axe import no_violations
from tests.browser.conftest import Site, no_sideways_scroll, shot

WHO = {"anonymous": "/login", "client": "/profile", "practitioner": "/practice", "staff": "/staff"}


def _addresses(site: Site) -> list[str]:
    rules = [
        rule for rule in site.world.app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments
    ]
    machines = ("/api/", "/healthz", "/readyz", "/static")
    return sorted(rule.rule for rule in rules if not rule.rule.startswith(machines) and "." not in rule.rule)


def test_axe_sees_what_is_wrong(site: Site) -> None:
    """Else the others prove nothing."""
    page = site.visitor()
    page.goto("/")
    no_violations(page)
    page.evaluate("document.querySelector('main').append(Object.assign(new Image(), {src: '/static/icon.svg'}))")
    with pytest.raises(AssertionError, match="image-alt"):
        no_violations(page)


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
@pytest.mark.parametrize("who", WHO)
def test_every_page_is_for_everyone(site: Site, who: str, language: str, scheme: str) -> None:
    """S4-29, pages "For everyone": no violation of WCAG 2.2 AA, nothing wider than a phone."""
    with site.world.rows() as session:
        for user in session.query(User):
            user.language = language
        session.commit()
    page = _enter(site, who, language)
    page.emulate_media(color_scheme=scheme)
    seen = 0
    for address in _addresses(site):
        answer = page.goto(address)
        is_here = page.url.removeprefix(site.url).split("?")[0] == address
        if answer and answer.status == 200 and is_here and page.locator("main").count():  # else a part of a page
            no_sideways_scroll(page)
            shot(page, f"axe-{who}-{language}{address.replace('/', '-')}")
            no_violations(page)
            seen += 1
    assert seen >= 4


def _enter(site: Site, who: str, language: str) -> Page:
    page = site.visitor(language=language)
    page.goto("/practitioners")
    page.wait_for_load_state("networkidle")  # the browser has told its zone by then
    if who != "anonymous":
        page.goto("/login")
        page.locator("[name=email]").fill(f"{who}@demo.test")
        page.locator("[name=password]").fill("demo-demo-demo")
        page.locator("main form button").first.click()
        page.wait_for_url(lambda address: "/login" not in address)
    return page
