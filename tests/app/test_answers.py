"""What every answer must and must not have, whatever was asked."""

import hashlib
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.extensions import db, limiter
from app.lib import clock
from tests.support.visitor import log_in, token_in
from tests.support.world import World
from tests.test_config import GOOD


@pytest.mark.parametrize("address", ["/", "/login", "/practitioners", "/nowhere", "/healthz", "/api/v1/practitioners"])
def test_every_answer_tells_browsers_what_they_may_do(app: Flask, address: str) -> None:
    headers = app.test_client().get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    allowed = dict(part.split("=") for part in headers["Permissions-Policy"].split(", "))
    assert {"camera", "microphone", "geolocation", "payment", "usb"} <= allowed.keys()
    assert set(allowed.values()) == {"()"}
    assert "Strict-Transport-Security" not in headers


def test_in_production_browsers_stay_with_tls_here_and_on_every_host_below(tmp_path: Path) -> None:
    """SEC-5: a host below ours that is reached without it could set cookies for us. Also where the page is an error."""
    made = create_app(GOOD | {"DATABASE_URL": f"sqlite:///{tmp_path / 'kikao.db'}"})
    for address in ("/healthz", "/nothing", "/api/v1/nothing"):
        answer = made.test_client().get(address, base_url="https://kikao.example")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("address", ["/", "/api/v1/practitioners", "/api/v1/me", "/static/kikao.js", "/healthz"])
def test_no_page_of_another_site_reads_an_answer(app: Flask, address: str) -> None:
    """ASVS 3.4.2."""
    theirs = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    for verb in ("GET", "OPTIONS"):
        with app.test_client().open(address, method=verb, headers=theirs) as answer:
            assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/nowhere", "text/html; charset=utf-8"),
        ("/static/kikao.css", "text/css; charset=utf-8"),
        ("/static/kikao.js", "text/javascript; charset=utf-8"),
        ("/static/icon.svg", "image/svg+xml; charset=utf-8"),
        ("/api/v1/practitioners", "application/json"),
        ("/api/v1/me", "application/problem+json"),
    ],
)
def test_every_answer_says_what_it_is_and_in_which_letters(app: Flask, address: str, kind: str) -> None:
    """ASVS 4.1.1."""
    with app.test_client().get(address) as answer:
        assert answer.content_type == kind


def test_who_logs_out_leaves_nothing_in_the_browsers_storage(world: World) -> None:
    browser = log_in(world, world.person())
    form = {"csrf_token": token_in(browser.get("/profile").text)}
    assert browser.post("/logout", data=form).headers["Clear-Site-Data"] == '"storage"'
    assert "Clear-Site-Data" not in browser.get("/").headers


def test_who_finds_a_hole_finds_whom_to_tell(world: World) -> None:
    """https://www.rfc-editor.org/rfc/rfc9116"""
    http = world.app.test_client()
    for _ in range(2):
        answer = http.get("/.well-known/security.txt")
        assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
        said = dict(line.split(": ", 1) for line in answer.text.splitlines())
        assert said["Contact"] == "mailto:security@kikao.example"
        assert said["Canonical"] == f"{world.app.config['PUBLIC_URL']}/.well-known/security.txt"
        left = datetime.fromisoformat(said["Expires"]) - clock.now()
        assert timedelta(days=100) < left < timedelta(days=365)
        world.move(days=400)  # it has not ended since


def test_without_a_contact_there_is_no_such_file(app: Flask) -> None:
    given = {name: value for name, value in app.config["ENVIRON"].items() if name != "KIKAO_SECURITY_CONTACT"}
    made = create_app(given)
    assert made.test_client().get("/.well-known/security.txt").status_code == 404
    with made.app_context():
        db.engine.dispose()


def test_static_files_with_their_mark_are_kept_for_ever(app: Flask) -> None:
    http = app.test_client()
    marked = re.search(r'href="(/static/kikao\.css\?v=\w+)"', http.get("/").text)
    assert marked
    for address, kept in ((marked[1], True), ("/static/kikao.css", False)):
        with http.get(address) as answer:
            assert ("immutable" in answer.headers["Cache-Control"]) is kept


def test_the_mark_of_a_static_file_is_its_content_s(app: Flask) -> None:
    content = (Path(app.root_path) / "static/kikao.css").read_bytes()
    page = app.test_client().get("/").text
    assert f"/static/kikao.css?v={hashlib.sha256(content).hexdigest()[:10]}" in page


def test_the_process_and_its_surroundings_say_how_they_are(app: Flask) -> None:
    http = app.test_client()
    assert (http.get("/healthz").status_code, http.get("/healthz").json) == (200, {"status": "ok"})
    answer = http.get("/readyz")
    assert answer.status_code == 200
    assert {name: answer.json[name] for name in ("status", "database", "migrations", "clock")} == dict.fromkeys(
        ("status", "database", "migrations", "clock"), "ok"
    )


@pytest.mark.parametrize("seconds", [-600, 600, 26 * 3600])
def test_a_clock_that_differs_from_the_databases_makes_it_unready(world: World, seconds: int) -> None:
    """S9-F19: no hold ends early because one machine's clock is wrong."""
    world.move(seconds=seconds)
    answer = world.app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert re.search(r"differs from the database's by \d+ s", answer.json["clock"])


def test_programs_get_problems_and_people_get_pages(app: Flask) -> None:
    http = app.test_client()
    program = http.get("/api/v1/nothing")
    assert (program.status_code, program.content_type) == (404, "application/problem+json")
    assert program.json["code"] == "not_found"
    page = http.get("/nothing")
    assert page.status_code == 404
    assert page.content_type.startswith("text/html")


@pytest.mark.parametrize(("path", "allowed"), [("/api/v1/bookings", {"GET", "POST"}), ("/login", {"GET", "POST"})])
def test_who_uses_a_wrong_method_is_told_the_right_ones(app: Flask, path: str, allowed: set[str]) -> None:
    answer = app.test_client().delete(path)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) >= allowed


def test_who_asks_too_often_is_told_when_to_come_back(world: World) -> None:
    counted = create_app({**world.app.config["ENVIRON"], "KIKAO_RATE_LIMITS": "on"})
    http, wrong = counted.test_client(), {"email": "nobody@people.test", "password": "not this one"}
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', http.get("/login").text)
    assert token
    try:
        program = [http.post("/api/v1/auth/token", json=wrong) for _ in range(11)][-1]
        page = [http.post("/login", data=wrong | {"csrf_token": token[1]}) for _ in range(11)][-1]
    finally:
        limiter.enabled = False
        with counted.app_context():
            db.engine.dispose()
    assert (program.json["code"], program.content_type) == ("too_often", "application/problem+json")
    assert page.content_type.startswith("text/html")
    for answer in (program, page):
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 301
