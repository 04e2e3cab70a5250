"""Who may send a form with somebody's cookie: a page of ours, by what the browser says of the page it comes from (SEC-23)."""

import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.extensions import db
from app.models import User
from tests.access.things import never_address
from tests.support.deals import deal
from tests.support.visitor import log_in, token_in
from tests.support.world import Caller, World

_SECURE = "https://kikao.example"
# Where a vendor or a program posts: no cookie has any say there, so neither has where it comes from.
_BY_OTHERS = {"callbacks", "api"}
_COMING_BACK = "paying.came_back"


@pytest.fixture
def over_tls(world: World) -> Iterator[Flask]:
    """The same installation, as people reach it by https."""
    made = create_app({**world.app.config["ENVIRON"], "PUBLIC_URL": _SECURE, "KIKAO_ENV": "development"})
    yield made
    with made.app_context():
        db.engine.dispose()


def _speaking_anew(browser: FlaskClient, base: str = "", **headers: str) -> TestResponse:
    """Somebody's language is changed by a form that has the right token; the browser says so of where it comes from."""
    where = {"base_url": base} if base else {}
    form = {"csrf_token": token_in(browser.get("/practitioners", **where).text), "language": "sw"}
    return browser.post("/language", data=form, headers={k.replace("_", "-"): v for k, v in headers.items()}, **where)


def _speaks(world: World, caller: Caller) -> str:
    with world.rows() as session:
        return str(session.get_one(User, caller.user_id).language)


@pytest.mark.parametrize(
    "said",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "HERE"},
        {"Sec_Fetch_Site": "something new"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "HERE.evil.example"},
    ],
)
def test_a_form_with_a_right_token_from_another_site_changes_nothing(
    world: World, said: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    person, here = world.person(), "http://localhost"
    with caplog.at_level(logging.WARNING):
        answer = _speaking_anew(log_in(world, person), **{name: v.replace("HERE", here) for name, v in said.items()})
    assert answer.status_code == 403
    assert "came from another site" in answer.text
    assert _speaks(world, person) == "en"
    assert "request.other_site path=/language" in caplog.text  # a proxy that is set up wrongly is found by it


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"Sec_Fetch_Site": "same-origin", "Origin": "HERE"},
        {"Sec_Fetch_Site": "none"},
        {
            "Sec_Fetch_Site": "same-origin",
            "Origin": "https://kikao.example",
        },  # a proxy that says another host than was asked
        {"Origin": "HERE"},
        {"Origin": "PUBLIC"},
    ],
)
def test_a_form_of_our_own_is_taken_from_every_browser(world: World, said: dict[str, str]) -> None:
    names = {"HERE": "http://localhost", "PUBLIC": world.app.config["PUBLIC_URL"]}
    person = world.person()
    assert (
        _speaking_anew(log_in(world, person), **{name: names.get(v, v) for name, v in said.items()}).status_code == 303
    )
    assert _speaks(world, person) == "sw"


def test_over_https_our_own_name_without_tls_is_another_site(world: World, over_tls: Flask) -> None:
    """Whoever sits in the same café can be http://kikao.example."""
    browser = over_tls.test_client()
    assert _speaking_anew(browser, _SECURE, Origin="http://kikao.example").status_code == 403
    assert _speaking_anew(browser, _SECURE, Origin=_SECURE).status_code == 303


def test_every_post_that_a_cookie_authorises_is_refused_from_another_site(world: World) -> None:
    """A new route is among them unless it is one of those that a vendor or a program calls."""
    browser = log_in(world, world.person())
    form = {"csrf_token": token_in(browser.get("/profile").text)}
    taken = []
    for rule in world.app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            answer = browser.post(never_address(rule), data=form, headers={"Sec-Fetch-Site": "cross-site"})
            if answer.status_code != 403 or "came from another site" not in answer.text:
                taken.append(rule.endpoint)
    assert {name.partition(".")[0] for name in taken} == _BY_OTHERS | {_COMING_BACK.partition(".")[0]}
    assert [name for name in taken if name.startswith("paying.")] == [_COMING_BACK]


def test_where_vendors_and_programs_post_a_cookie_opens_nothing(world: World) -> None:
    """That is why nobody asks there which site a post comes from."""
    one = deal(world, "stripe")
    browser = log_in(world, one.client)
    assert browser.get("/bookings").status_code == 200
    assert browser.post(f"/api/v1/bookings/{one.booking_id}/cancel", json={}).status_code == 401
    answer = browser.post(f"/checkouts/{one.checkout_id}/return", data={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (303, [])
    assert one.state == ("awaiting_payment", "processing")
