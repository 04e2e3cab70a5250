"""Kikao behind its front, as it is started everywhere: strangers who are slow or send too much, and browsers that wait."""

import json
import os
import re
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from app.blueprints.common.answers import front_door
from app.blueprints.common.answers.front_door import HOLDS
from app.front import HOLD, MAY_HOLD
from app.lib import clock
from tests.conftest import Apps
from tests.support.at_once import Meanwhile
from tests.support.doors import Answer, Door, heard, serving, until
from tests.support.visitor import log_in, token_in
from tests.support.world import Caller, World

SECONDS = 30  # in which a body has to come: long enough for a busy machine to answer others meanwhile
THREADS = 4
_FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def engine() -> str:
    """The front knows no database."""
    return "sqlite"


@pytest.fixture(scope="module")
def door(apps: Apps, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """The web of the tests' own Kikao, in processes of their own, behind one trusted proxy."""
    environment = dict(os.environ) | apps.get("sqlite").config["ENVIRON"]
    more = {
        "KIKAO_BODY_SECONDS": str(SECONDS),
        "KIKAO_TRUSTED_PROXIES": "1",
        "WEB_WORKERS": "1",
        "WEB_THREADS": str(THREADS),
    }
    with serving(tmp_path_factory.mktemp("door"), environment | more) as made:
        yield made


def _half(path: str, length: int = 1000) -> bytes:
    kind = "application/json" if "/api/" in path or "/callbacks/" in path else _FORM
    return (
        f"POST {path} HTTP/1.1\r\nHost: here\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\nhalf".encode()
    )


def _said(connection: Any) -> tuple[bytes, bytes]:
    head, _, body = heard(connection).partition(b"\r\n\r\n")
    return head, body


def test_two_hundred_slow_connections_keep_nobody_waiting(door: Door) -> None:
    """SEC-6: as many as there are threads made the whole site silent, /healthz included, for as long as they liked."""
    door.seconds("/login")
    paths = ("/callbacks/stripe", "/login", "/api/v1/auth/token", "/callbacks/mpesa/x")
    slow = [door.connect(_half(paths[number % 4])) for number in range(160)]
    slow_heads = [door.connect(b"GET /login HTTP/1.1\r\nHost: he") for _ in range(40)]
    began = time.monotonic()
    took = []
    for path in ("/healthz", "/login", "/readyz", "/healthz", "/static/kikao.css"):
        took.append(door.seconds(path))
        for each in slow:
            each.sendall(b"a")  # fails where somebody was answered
    answered_by = time.monotonic() - began
    heads = [_said(each) for each in slow]

    assert answered_by < SECONDS, took
    assert {head.split(b"\r\n")[0] for head, _ in heads} == {b"HTTP/1.1 408 Request Timeout"}
    assert json.loads(heads[2][1])["code"] == "too_slow"
    assert b"That took too long to arrive." in heads[1][1]
    for each in slow_heads:
        heard(each)  # the server closes


@pytest.mark.parametrize("path", ["/login", "/callbacks/stripe", "/api/v1/auth/token"])
def test_what_is_too_large_is_told_so_in_words(door: Door, path: str) -> None:
    answer = door.ask("POST", path, b"a" * 300_000, Content_Type=_FORM)
    assert answer.status == 413
    if path == "/login":
        assert b"That is too large to send." in answer.body
    else:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json["code"] == "too_large"


def test_a_file_is_taken_where_files_are_taken(door: Door, world: World) -> None:
    """A megabyte: too much anywhere else; here it is only somebody who is not logged in."""
    nobodys = "/api/v1/checkouts/00000000-0000-0000-0000-000000000000/proof"
    assert door.ask("POST", nobodys, b"a" * 1_000_000, Content_Type=_FORM).status == 401
    assert door.ask("POST", nobodys, b"a" * 17_000_000, Content_Type=_FORM).status == 413


@pytest.mark.parametrize(
    "path", ["", "/", "//", "//x/y", "//[", "*", "/\x00", "/%3f", "/\xff\xfe", "http://[x", "/a?b", "/../.."]
)
@pytest.mark.parametrize("host", ["here", "", "[", "a b", "\xff", "x" * 300, "here:x"])
def test_no_address_breaks_the_question_whether_files_are_taken(app: Flask, path: str, host: str) -> None:
    environ = {"PATH_INFO": path, "HTTP_HOST": host, "REQUEST_METHOD": "POST", "wsgi.url_scheme": "http"}
    assert front_door.takes_files(app, environ | {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80"}) is False


def test_static_files_come_whole_and_compressed(door: Door) -> None:
    plain = door.ask("GET", "/static/kikao.css")
    packed = door.ask("GET", "/static/kikao.css", Accept_Encoding="gzip")
    assert plain.status == packed.status == 200
    assert len(packed.body) < len(plain.body)
    assert packed.headers["content-encoding"] == "gzip"


# ------------------------------------------------------------------------------------------------ waiting for a payment


class _Browser:
    """A page that waits for a payment, as script asks for it."""

    def __init__(self, world: World, door: Door, client: Caller, checkout_id: str) -> None:
        self._door = door
        self._path = f"/checkouts/{checkout_id}"
        http = log_in(world, client)
        page = http.get(self._path).text
        mark = page.split('name="mark" value="')[1].split('"')[0]
        self._form = {"csrf_token": token_in(page), "mark": mark, "asked": "9"}
        cookie = http.get_cookie("session")
        assert cookie is not None
        self._cookie = f"session={cookie.value}"

    def ask(self) -> Answer:
        """The page's own question."""
        form = "&".join(f"{name}={value}" for name, value in self._form.items())
        more = {"HX_Request": "true", "Content_Type": _FORM, "Cookie": self._cookie}
        return self._door.ask("POST", f"{self._path}/check", form, **more)


def test_browsers_that_wait_for_a_payment_take_no_thread_and_hear_at_once(door: Door, world: World) -> None:
    """More of them than there are threads in all, and the news comes by way of another process."""
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, currency="KES"))
    begun = world.begin(client, made["checkout"]["id"], "mpesa", phone="+254712345678")
    browser = _Browser(world, door, client, made["checkout"]["id"])
    waiting = [Meanwhile(browser.ask) for _ in range(THREADS + 2)]
    until(lambda: door.seconds("/login") < max(HOLDS) / 4)
    assert not any(each.is_over for each in waiting)

    world.act(begun)
    paid = time.monotonic()
    until(lambda: all(each.is_over for each in waiting))
    assert time.monotonic() - paid < max(HOLDS) / 2, "no answer was held back to its end"
    assert {each.result().status for each in waiting} == {200}
    told = [each.result() for each in waiting]  # one that came late is told at once that there is news
    assert all(b'id="poll"' in each.body or "hx-refresh" in each.headers for each in told)
    assert browser.ask().headers["hx-refresh"] == "true"


def test_a_bookings_page_hears_of_its_payment_as_it_comes(door: Door, world: World) -> None:
    """Issue 16 point 7: whoever has the booking open need not load it again, and no thread waits for it."""
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, currency="KES"))
    begun = world.begin(client, made["checkout"]["id"], "mpesa", phone="+254712345678")
    http = log_in(world, client)
    page = f"/bookings/{made['booking']['id']}"
    asks, cookie = re.search(r'hx-get="([^"]+/news[^"]*)"', http.get(page).text), http.get_cookie("session")
    assert asks
    assert cookie
    address = asks[1].replace("&amp;", "&").replace("asked=0", "asked=9")
    more = {"HX_Request": "true", "Cookie": f"session={cookie.value}"}
    waiting = [Meanwhile(lambda: door.ask("GET", address, **more)) for _ in range(THREADS + 2)]
    until(lambda: door.seconds("/login") < max(HOLDS) / 4)
    assert not any(each.is_over for each in waiting)

    world.act(begun)
    paid = time.monotonic()
    until(lambda: all(each.is_over for each in waiting))
    assert time.monotonic() - paid < max(HOLDS) / 2, "no answer was held back to its end"
    assert door.ask("GET", address, **more).headers["hx-refresh"] == "true"
    assert "Confirmed and paid" in http.get(page).text


def test_who_asks_for_news_of_a_booking_without_script_is_led_to_its_page(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner))["booking"]["id"]
    answer = log_in(world, client).get(f"/bookings/{made}/news")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/bookings/{made}")


def _held(world: World, client: Caller, checkout_id: str) -> list[str]:
    """What the page's question says of how long its answer may be held back, when there is a front: seconds, topic, version."""
    http = log_in(world, client)
    page = http.get(f"/checkouts/{checkout_id}").text
    _, _, mark = page.partition(
        'name="mark" value="'
    )  # of a page that waits; that of an open window shows a failed try itself
    form = {"csrf_token": token_in(page), "mark": mark.partition('"')[0] or "modal", "asked": "9"}
    answer = http.post(
        f"/checkouts/{checkout_id}/check",
        data=form,
        headers={"HX-Request": "true"},
        environ_overrides={MAY_HOLD: True},
    )
    return answer.headers[HOLD].split(" ")


def test_an_answer_is_held_back_until_the_deadline_at_most(world: World) -> None:
    """That it has passed is news which nobody tells."""
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner))["checkout"]
    world.begin(client, made["id"])
    assert _held(world, client, made["id"])[0] == str(max(HOLDS))
    left = datetime.fromisoformat(made["expires_at"]) - clock.now()
    world.move(seconds=left.total_seconds() - 20)
    assert 1 <= int(_held(world, client, made["id"])[0]) <= 20


def test_a_try_that_fails_is_news_and_so_is_a_new_one(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, currency="KES"))["checkout"]
    versions = []
    for _ in range(2):
        begun = world.begin(client, made["id"], "mpesa", phone="+254712345678")
        versions.append(_held(world, client, made["id"])[2])
        world.act(begun, "cancel")
        versions.append(_held(world, client, made["id"])[2])
    assert len(set(versions)) == 4


def test_without_the_front_nothing_is_held_back(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner))["checkout"]
    world.begin(client, made["id"])
    http = log_in(world, client)
    page = http.get(f"/checkouts/{made['id']}").text
    form = {"csrf_token": token_in(page), "mark": page.split('name="mark" value="')[1].split('"')[0]}
    answer = http.post(f"/checkouts/{made['id']}/check", data=form, headers={"HX-Request": "true"})
    assert HOLD not in answer.headers
    assert "load delay:3s" in answer.text
