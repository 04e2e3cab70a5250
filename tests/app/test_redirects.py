"""Where a form may send people next: to a page of ours, whatever somebody has written into it."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.support.visitor import log_in, token_in
from tests.support.world import World

_ELSEWHERE = (
    "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil.example", "\t//evil.example",
    "https://[", "//[", "/\t/[", "http://\u2100.example/", "https://[::1", "/nowhere", "/logout", "/people/forgot\r\nX: y",
)  # fmt: skip


@pytest.mark.parametrize("wanted", _ELSEWHERE)
def test_a_form_that_names_another_site_or_none_sends_people_to_a_page_of_ours(world: World, wanted: str) -> None:
    """Found by tests/fuzz: half of a host was a failure, after everything was done."""
    browser = log_in(world, world.person())
    form = {"csrf_token": token_in(browser.get("/practitioners").text), "language": "sw"}
    answer = browser.post("/language", data=form | {"next": wanted})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_page_of_ours_is_gone_to(world: World) -> None:
    browser = log_in(world, world.person())
    form = {"csrf_token": token_in(browser.get("/practitioners").text), "language": "sw"}
    answer = browser.post("/language", data=form | {"next": "/bookings?status=past#top"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bookings?status=past#top")


def _ended(world: World) -> tuple[FlaskClient, str]:
    """A browser that was logged in until somebody ended it elsewhere, and the token its pages hold."""
    amina = world.person()
    browser = log_in(world, amina)
    token = token_in(browser.get("/profile").text)
    other = log_in(world, amina)
    assert other.post(
        "/profile/security/logins/end", data={"csrf_token": token_in(other.get("/profile").text)}
    ).location
    return browser, token


def test_a_form_whose_log_in_has_ended_leads_back_to_the_page_it_stood_on(world: World) -> None:
    """Its own address alone opens no page: what was chosen stood in the page's."""
    service = world.service(world.practitioner())
    browser, token = _ended(world)
    page = f"/services/{service}?month=2026-12&day=2026-12-01"
    answer = browser.post(
        f"/services/{service}/wait", data={"csrf_token": token}, headers={"Referer": f"http://localhost{page}"}
    )
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.location).query)["next"] == [page]


def test_a_page_that_waits_for_news_is_loaded_anew_once_its_log_in_has_ended(world: World) -> None:
    """Walked in Chromium: who was suspended while they paid was asked for a PIN for ever, below the title "Log in"."""
    owner, client = world.practitioner(), world.person()
    booking = world.book(client, world.service(owner))
    path = f"/checkouts/{booking['checkout']['id']}/check"
    browser, token = _ended(world)
    answer = browser.post(path, data={"csrf_token": token}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers.get("HX-Refresh"), answer.text) == (401, "true", "")


def test_a_field_that_asks_while_somebody_types_leaves_the_page_as_it_is(world: World) -> None:
    browser, _ = _ended(world)
    answer = browser.get("/practice/services/ways", headers={"HX-Request": "true", "HX-Trigger-Name": "price"})
    assert (answer.status_code, "HX-Refresh" in answer.headers, answer.text) == (401, False, "")
