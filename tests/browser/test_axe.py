"""Every page that needs no number in its address, for each kind of person, in both directions and schemes.

A normal run looks at every other page one way or the other, and at others with the next commit (--half).
"""

from zlib import crc32

import pytest
from playwright.sync_api import Page

from tests.browser.axe import no_violations
from tests.browser.conftest import Site, no_sideways_scroll, shot

WHO = ("anonymous", "client", "practitioner", "staff")
LOOKS = [("en", "light"), ("ar", "dark")]


def _addresses(site: Site) -> list[str]:
    rules = [
        rule for rule in site.world.app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments
    ]
    machines = ("/api/", "/healthz", "/readyz", "/static")
    return sorted(rule.rule for rule in rules if not rule.rule.startswith(machines) and "." not in rule.rule)


def _look(who: str, address: str, half: str) -> tuple[str, str] | None:
    """How this person sees the page in a normal run; None where it is not their turn."""
    return [*LOOKS, None, None][crc32(f"{half} {who} {address}".encode()) % 4]


def _is_shown(page: Page, address: str) -> bool:
    """Whether this person is shown a page there, and neither sent away nor given a part of a page."""
    answer = page.request.get(address, max_redirects=0)
    return answer.status == 200 and "<main" in answer.text()


def test_axe_sees_what_is_wrong(site: Site) -> None:
    """Else the others prove nothing."""
    page = site.visitor()
    page.goto("/")
    no_violations(page)
    page.evaluate("document.querySelector('main').append(Object.assign(new Image(), {src: '/static/icon.svg'}))")
    with pytest.raises(AssertionError, match="image-alt"):
        no_violations(page)


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
@pytest.mark.parametrize("who", WHO)
def test_every_page_is_for_everyone(
    site: Site, who: str, language: str, scheme: str, all_rounds: bool, request: pytest.FixtureRequest
) -> None:
    """S4-29, pages "For everyone": no violation of WCAG 2.2 AA, nothing wider than a phone."""
    half = request.config.option.half
    site.speak(language)
    page = _enter(site, who, language)
    page.emulate_media(color_scheme=scheme)
    every = [address for address in _addresses(site) if _is_shown(page, address)]
    assert len(every) >= 4
    shown = every if all_rounds else [each for each in every if _look(who, each, half) == (language, scheme)]
    for address in shown:
        page.goto(address)
        no_sideways_scroll(page)
        shot(page, f"axe-{who}-{language}{address.replace('/', '-')}")
        no_violations(page)


def _enter(site: Site, who: str, language: str) -> Page:
    if who != "anonymous":
        return site.person(who, language=language)
    page = site.visitor(language=language)
    page.goto("/practitioners")
    page.wait_for_load_state("networkidle")  # the browser has told its zone by then
    return page
