"""An empty installation prints one link: it makes the first staff account, once, and is worthless from then on."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from app.models import Change, Role, SetupLink, User
from app.services.backoffice import first_run
from app.services.core.errors import Conflict
from tests.support.at_once import at_once
from tests.support.visitor import token_in, words
from tests.support.world import World

FIELDS = {
    "name": "Zuhura Wambeti",
    "email": "zuhura@house.test",
    "password": "a long sentence",
    "zone": "Africa/Nairobi",
}
EXPIRED = "expired or has already been used"


def _link(world: World) -> str:
    with world.app.app_context():
        return urlsplit(first_run.new_link()).path


def _press(http: FlaskClient, path: str, token: str, **changes: str) -> int:
    return http.post(path, data={**FIELDS, **changes, "csrf_token": token, "next": "/staff/house"}).status_code


def test_the_link_makes_staff_and_leads_to_the_house(world: World) -> None:
    path = _link(world)
    http = world.app.test_client()
    page = http.get(path)
    assert page.status_code == 200
    assert world.all(User) == []  # opening it changes nothing
    made = http.post(path, data={**FIELDS, "csrf_token": token_in(page.text), "next": "/staff/house"})
    assert (made.status_code, made.headers["Location"]) == (303, "/staff/house")
    (user,) = world.all(User)
    assert (user.role, user.address) == (Role.STAFF, "zuhura@house.test")
    assert "Make it your house" in words(http.get("/staff/house"))
    assert [(c.subject, c.to_status, c.why) for c in world.all(Change)] == [("person", "staff", "set-up")]
    again = http.get(path)
    assert again.status_code == 404
    assert EXPIRED in words(again)


def test_what_does_not_pass_leaves_the_link_good(world: World) -> None:
    path = _link(world)
    http = world.app.test_client()
    token = token_in(http.get(path).text)
    for field, bad in (("password", "short"), ("email", "nobody"), ("name", ""), ("zone", "Nowhere")):
        assert _press(http, path, token, **{field: bad}) == 422, field
    assert _press(http, path, token) == 303


def test_only_a_digest_is_kept_and_a_new_link_ends_the_one_before(world: World) -> None:
    first, second = _link(world), _link(world)
    (kept,) = world.all(SetupLink)
    assert second.rpartition("/")[2] not in (kept.digest, str(vars(kept)))
    http = world.app.test_client()
    assert http.get(first).status_code == 404
    assert http.get(second).status_code == 200
    assert http.get(f"{second}0").status_code == 404
    assert http.get("/setup/" + "ü" * 64).status_code == 404


def test_the_link_ends_after_a_day(world: World) -> None:
    path = _link(world)
    http = world.app.test_client()
    token = token_in(http.get(path).text)
    world.move(hours=23, minutes=59)
    assert http.get(path).status_code == 200
    world.move(minutes=2)
    assert http.get(path).status_code == 404
    assert _press(http, path, token) == 404
    assert timedelta(days=1) == first_run.LIFE


def test_once_somebody_is_staff_there_is_no_link_and_the_old_one_is_worthless(world: World) -> None:
    path = _link(world)
    http = world.app.test_client()
    token = token_in(http.get(path).text)
    world.person(Role.STAFF)
    assert http.get(path).status_code == 404
    assert _press(http, path, token) == 404
    with world.app.app_context(), pytest.raises(Conflict, match="staff_there"):
        first_run.new_link()


@pytest.mark.both_engines
def test_of_four_who_press_at_once_one_becomes_staff(world: World) -> None:
    path = _link(world)
    browsers = [world.app.test_client() for _ in range(4)]
    tokens = [token_in(http.get(path).text) for http in browsers]
    calls = [
        lambda http=http, token=token, nth=nth: _press(http, path, token, email=f"staff{nth}@house.test")
        for nth, (http, token) in enumerate(zip(browsers, tokens, strict=True))
    ]
    answers = at_once(*calls)
    assert answers.count(303) == 1
    assert set(answers) <= {303, 404, 503}  # the rest came too late, or found the hashing of passwords busy
    assert [user.role for user in world.all(User)] == [Role.STAFF]


@pytest.mark.usefixtures("limits")
def test_who_tries_addresses_is_stopped(world: World) -> None:
    http = world.app.test_client()
    answers = [http.get(f"/setup/{n:064x}").status_code for n in range(31)]
    assert answers == [404] * 30 + [429]
