"""Cookies: where Kikao is reached by https, no other host can set one of ours, and no script reads one."""

import re
from collections.abc import Iterator
from datetime import timedelta
from http.cookies import Morsel, SimpleCookie

import pytest
from flask import Flask, Response
from werkzeug.test import TestResponse

from app import create_app
from app.extensions import db
from app.lib.network import cookies
from config import ROOT
from tests.support.visitor import token_in
from tests.support.world import PASSWORD, World

_SECURE = "https://kikao.example"
_YEAR = timedelta(days=365)


@pytest.fixture
def over_tls(app: Flask) -> Iterator[Flask]:
    """The same installation, as people reach it by https."""
    made = create_app({**app.config["ENVIRON"], "PUBLIC_URL": _SECURE, "KIKAO_ENV": "development"})
    yield made
    with made.app_context():
        db.engine.dispose()


def _set_by(answer: TestResponse) -> list[Morsel[str]]:
    jars = [SimpleCookie(line) for line in answer.headers.getlist("Set-Cookie")]
    return [morsel for jar in jars for morsel in jar.values()]


def _is_ours_alone(cookie: Morsel[str]) -> bool:
    """Whether a browser takes it from this host alone, by TLS alone, and shows it to no script and to no form of other sites."""
    shut = cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"
    return cookie.key.startswith("__Host-") and shut and (cookie["path"], cookie["domain"]) == ("/", "")


def test_over_https_every_cookie_on_the_way_in_and_out_is_this_hosts_alone(world: World, over_tls: Flask) -> None:
    """SEC-5."""
    browser, email = over_tls.test_client(), world.email(world.person())

    def post(path: str, page: str, **form: str) -> TestResponse:
        token = token_in(browser.get(page, base_url=_SECURE).text)
        return browser.post(path, data={"csrf_token": token, **form}, base_url=_SECURE)

    answers = [browser.get("/login", base_url=_SECURE)]
    answers += [post("/login", "/login", email=email, password=PASSWORD)]
    answers += [post("/language", "/profile", language="sw"), post("/zone", "/profile", zone="Africa/Nairobi")]
    answers += [post("/logout", "/profile"), browser.get("/nothing", base_url=_SECURE)]
    made = [cookie for answer in answers for cookie in _set_by(answer)]
    assert len(made) >= 4
    assert [cookie.OutputString() for cookie in made if not _is_ours_alone(cookie)] == []


def test_a_cookie_of_another_name_is_set_read_and_ended_the_same_way(over_tls: Flask) -> None:
    with over_tls.test_request_context(base_url=_SECURE):
        made, ended = Response(), Response()
        cookies.put(made, "kikao_device", "abc", _YEAR)
        cookies.take_back(ended, "kikao_device")
    [kept], [gone] = _set_by(made), _set_by(ended)
    assert _is_ours_alone(kept)
    assert _is_ours_alone(gone)
    assert (kept.key, kept.value, kept["max-age"]) == ("__Host-kikao_device", "abc", str(365 * 24 * 3600))
    assert (gone.key, gone.value, gone["max-age"]) == ("__Host-kikao_device", "", "0")
    for sent, read in (
        ("__Host-kikao_device=abc", "abc"),
        ("kikao_device=abc", None),
    ):  # a neighbour can set the plain name
        with over_tls.test_request_context(base_url=_SECURE, headers={"Cookie": sent}):
            assert cookies.given("kikao_device") == read


def test_by_plain_http_on_a_developers_machine_cookies_have_plain_names(app: Flask) -> None:
    """A browser throws away what is named __Host- and came without TLS: nobody could log in."""
    [cookie] = _set_by(app.test_client().get("/login"))
    assert (cookie.key, cookie["secure"], cookie["path"]) == ("session", "", "/")


def test_nothing_sets_or_reads_a_cookie_by_itself() -> None:
    """Whoever needs one calls app/lib/network/cookies; Flask sets the session's."""
    calls = re.compile(r"\.(?:set_cookie|delete_cookie)\(|\bcookies\s*(?:\.get\(|\[)")
    files = [path for path in (ROOT / "app").rglob("*.py") if calls.search(path.read_text(encoding="utf-8"))]
    assert [path.relative_to(ROOT).as_posix() for path in files] == ["app/lib/network/cookies.py"]
