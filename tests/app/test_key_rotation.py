"""SECRET_KEY is a list: what its older keys signed and sealed stays good while they stand in it, and no longer (OPS-12)."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.http import parse_cookie

from app import create_app
from app.extensions import db
from app.models import Booking, MailedCode
from app.services.accounts import credentials, mailed_codes
from app.services.core import encryption, signed_urls
from app.services.core.errors import Invalid, NotFound, Unavailable
from tests.support.visitor import Visitor, token_in
from tests.support.world import World

NEW = "a new key of this installation with more than thirty-two letters"
Restart = Callable[[str], Flask]


@pytest.fixture
def restart(world: World) -> Iterator[Restart]:
    """restart(keys): the same installation with these keys, where {old} is the one of before."""
    made: list[Flask] = []

    def again(keys: str) -> Flask:
        environ = world.app.config["ENVIRON"]
        made.append(create_app(environ | {"SECRET_KEY": keys.format(old=environ["SECRET_KEY"])}))
        return made[-1]

    yield again
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


ROTATED, BACK, DROPPED = f"{NEW},{{old}}", f"{{old}},{NEW}", NEW


def _opens(app: Flask, cookie: str) -> bool:
    http = app.test_client()
    http.set_cookie("session", cookie)
    return http.get("/me/data").status_code == 200


def test_a_browser_stays_logged_in_while_the_key_stands_in_the_list(world: World, restart: Restart) -> None:
    cookie = Visitor(world, world.person()).http.get_cookie("session")
    assert cookie
    rotated, dropped = restart(ROTATED), restart(DROPPED)
    assert _opens(world.app, cookie.value)
    assert _opens(rotated, cookie.value)
    assert not _opens(dropped, cookie.value)


def test_a_session_that_is_written_again_is_signed_with_the_first_key(world: World, restart: Restart) -> None:
    """So the old key can go once everybody has been here, or two weeks later."""
    cookie = Visitor(world, world.person()).http.get_cookie("session")
    assert cookie
    http = restart(ROTATED).test_client()
    http.set_cookie("session", cookie.value)
    for written in http.get("/me/data").headers.getlist("Set-Cookie"):
        http.set_cookie("session", parse_cookie(written)["session"])
    fresh = http.get_cookie("session")
    assert fresh
    assert fresh.value != cookie.value
    assert _opens(restart(DROPPED), fresh.value)


def test_a_form_that_was_open_meanwhile_can_be_sent(world: World, restart: Restart) -> None:
    """CSRF's own key: the form would come back as expired, and what was typed with it."""
    visitor = Visitor(world, world.person())
    token = token_in(visitor.get("/profile").text)
    cookie = visitor.http.get_cookie("session")
    assert cookie
    answers = {}
    for keys in (ROTATED, BACK, DROPPED):
        http = restart(keys).test_client()
        http.set_cookie("session", cookie.value)
        answers[keys] = http.post("/language", data={"csrf_token": token, "language": "sw"}).status_code
    assert answers == {ROTATED: 303, BACK: 303, DROPPED: 400}


def test_mpesas_callback_to_an_address_of_before_is_believed(world: World, restart: Restart) -> None:
    """A prompt is on somebody's phone while the operator changes the key: its answer comes to the address of before."""
    rotated, dropped = restart(ROTATED), restart(DROPPED)
    with world.app.app_context():
        path = urlsplit(signed_urls.callback_address(world.app, "mpesa", "0" * 32)).path
    codes = [app.test_client().post(path, data=b"{}").status_code for app in (world.app, rotated, dropped)]
    assert codes[0] == codes[1] == 400, "our own address, and no news in it"
    assert codes[2] == 404


def test_what_is_signed_after_the_change_needs_the_old_key_no_more(world: World, restart: Restart) -> None:
    rotated, dropped = restart(ROTATED), restart(DROPPED)
    with rotated.app_context():
        path = urlsplit(signed_urls.callback_address(rotated, "mpesa", "0" * 32)).path
    assert dropped.test_client().post(path, data=b"{}").status_code == 400, "our own address, and no news in it"
    assert world.app.test_client().post(path, data=b"{}").status_code == 404


def test_the_link_of_a_seat_opens_it(world: World, restart: Restart) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, places=5)
    booking = world.booked(client, service, attendees=["Otieno"])["id"]
    links = [seat["link"] for seat in client.get(f"/bookings/{booking}").json["attendees"] if seat.get("link")]
    path = urlsplit(links[0]).path
    opened = [app.test_client().get(path).status_code for app in (world.app, restart(ROTATED), restart(DROPPED))]
    assert opened == [200, 200, 404]


def test_the_link_to_a_new_password_is_good_for_its_hour(world: World, restart: Restart) -> None:
    caller = world.person()
    with world.app.app_context():
        credentials.send_reset_link(world.email(caller))
        token = mailed_codes.link_of(world.all(MailedCode)[-1].id)
    with restart(DROPPED).app_context(), pytest.raises(NotFound, match="link_expired"):
        credentials.reset_password(token, "a better one")
    with restart(ROTATED).app_context():
        assert credentials.reset_password(token, "a better one").id == caller.user_id


def test_a_mailed_code_is_good_for_its_quarter_of_an_hour(world: World, restart: Restart) -> None:
    caller = world.person()
    with world.app.app_context():
        code_id = credentials.send_login_code(world.email(caller), "en")
        digits = mailed_codes.digits_of(code_id)
    with restart(DROPPED).app_context(), pytest.raises(Invalid, match="code_wrong"):
        credentials.by_code(code_id, digits, world.email(caller))
    with restart(ROTATED).app_context():
        assert credentials.by_code(code_id, digits, world.email(caller)).id == caller.user_id


def test_what_the_key_had_sealed_opens_and_is_sealed_again_before_it_goes(world: World, restart: Restart) -> None:
    booking_id = world.booked(world.person(), world.service(world.practitioner()))["id"]
    with world.app.app_context():
        encryption.write(db.session.get_one(Booking, UUID(booking_id)), "session_notes", "She slept better.")
        db.session.commit()
    rotated, dropped = restart(ROTATED), restart(DROPPED)
    assert _read(rotated, booking_id) == "She slept better."
    with pytest.raises(Unavailable, match="sealed_away"):
        _read(dropped, booking_id)
    assert "1 texts are not sealed with the first key" in _said(rotated, "doctor")
    assert "1 sealed with the first key, 0 cannot" in _said(rotated, "seal", "rotate")
    assert _read(dropped, booking_id) == "She slept better."


def _read(app: Flask, booking_id: str) -> str:
    with app.app_context():
        return encryption.read(db.session.get_one(Booking, UUID(booking_id)), "session_notes")


def _said(app: Flask, *words: str) -> str:
    return app.test_cli_runner().invoke(args=list(words)).output
