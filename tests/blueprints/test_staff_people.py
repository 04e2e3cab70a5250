"""The staff's pages of people: found, and acted on with a reason, a fresh proof, and what will happen said before."""

import pytest

from app.models import Change, Invitation, Role, User
from app.services.accounts import code_apps, second_factors
from tests.support.device import shown
from tests.support.visitor import Visitor, log_in, token_in, words
from tests.support.world import PASSWORD, Caller, World

WHY = "She asked us to"


@pytest.fixture
def staff(world: World) -> Visitor:
    """Somebody of staff at their browser, who has just logged in."""
    return Visitor(world, world.person(Role.STAFF, name="Zuhura Wambeti"))


def _path(whom: Caller, act: str = "") -> str:
    return f"/staff/people/{whom.user_id}" + (f"/{act}" if act else "")


def test_people_are_found_by_name_address_role_and_state(world: World, staff: Visitor) -> None:
    amina = world.practitioner(name="Amina Otieno")
    baraka = world.person(name="Baraka Juma")
    staff.post(_path(baraka, "suspend"), why=WHY)
    staff.main("/staff")  # which says that it was done
    for query, found in (
        ("q=amina", ["Amina"]),
        (f"q={world.email(baraka)[:8]}", ["Baraka"]),
        ("role=practitioner", ["Amina"]),
        ("state=suspended", ["Baraka"]),
        ("q=%25&role=nobody", []),
    ):
        said = staff.main(f"/staff/people?{query}")
        assert [name for name in ("Amina", "Baraka") if name in said] == found, query
    assert world.email(amina) in staff.main("/staff/people")


def test_pages_of_people_hold_thirty(world: World, staff: Visitor) -> None:
    for number in range(31):
        world.person(name=f"Person {number:02}")
    assert "Person 29" in staff.main("/staff/people?q=person")
    assert "Person 30" in staff.main("/staff/people?q=person&page=2")


def test_one_persons_page_says_what_staff_may_know_and_nothing_of_sessions(world: World, staff: Visitor) -> None:
    client, owner = world.person(), world.practitioner()
    booking = world.booked(client, world.service(owner), notes="My secret")["id"]
    said = staff.get(_path(client)).text
    assert world.email(client) in said
    assert f"/bookings/{booking}" in said
    assert "My secret" not in said
    assert staff.get("/staff/people/900000").status_code == 404


def test_each_act_says_before_what_will_happen_and_after_that_it_has(world: World, staff: Visitor) -> None:
    owner = world.practitioner()
    asked = staff.main(_path(owner, "suspend"))
    for sentence in ("logged out at once", "nobody can book or ask", "Paid sessions stay"):
        assert sentence in asked
    done = staff.post(_path(owner, "suspend"), why=WHY)
    assert (done.status_code, done.headers["Location"]) == (303, _path(owner))
    said = staff.main(_path(owner))
    assert "has been suspended and logged out everywhere" in said
    assert WHY in said
    assert staff.post(_path(owner, "restore"), why=WHY).status_code == 303
    assert staff.post(_path(owner, "role"), why=WHY, role="client").status_code == 303
    assert staff.post(_path(owner, "logout"), why=WHY).status_code == 303
    assert [c.to_status for c in world.all(Change) if c.subject == "person"] == [
        "suspended", "active", "client", "logged_out",
    ]  # fmt: skip


def test_a_lost_second_step_is_taken_off_by_somebody_else_of_staff(world: World, staff: Visitor) -> None:
    client = world.person()
    assert "second step" not in staff.main(_path(client))
    with world.rows() as session:
        user = session.get_one(User, client.user_id)
        code_apps.begin(user)
        waiting = code_apps.waiting(user)
        assert waiting
        second_factors.confirm_app(user, shown(code_apps.secret_of(waiting)))
    assert "Remove second step" in staff.main(_path(client))
    asked = staff.main(_path(client, "second_step"))
    for sentence in ("First make sure who is asking", "recovery codes no longer work", "logged out at once"):
        assert sentence in asked
    assert staff.post(_path(client, "second_step"), why=" ").status_code == 422
    assert staff.post(_path(client, "second_step"), why=WHY).status_code == 303
    said = staff.main(_path(client))
    assert "now logs in without a second step" in said
    assert "Removed by staff" in said
    again = staff.post(_path(client, "second_step"), why=WHY)
    assert (again.status_code, "has no second step" in words(again)) == (409, True)


def test_what_is_missing_or_cannot_be_is_said_beside_its_field(world: World, staff: Visitor) -> None:
    client = world.person()
    missing = staff.post(_path(client, "suspend"), why=" ")
    assert (missing.status_code, "Enter a reason" in words(missing)) == (422, True)
    same = staff.post(_path(client, "role"), why=WHY, role="client")
    assert (same.status_code, "already has that role" in words(same)) == (409, True)
    assert staff.post(_path(client, "role"), why=WHY, role="owner").status_code == 422
    assert client.get("/me").status_code == 200


def test_each_act_needs_a_fresh_proof_and_goes_on_with_what_was_typed(world: World) -> None:
    client, somebody = world.person(), world.person(Role.STAFF)
    http = log_in(world, somebody)
    world.move(minutes=16)
    fields = {"csrf_token": token_in(http.get(_path(client, "suspend")).text), "why": WHY}
    asked = http.post(_path(client, "suspend"), data=fields)
    assert (asked.status_code, WHY in asked.text) == (403, True)
    assert client.get("/me").status_code == 200
    done = http.post(_path(client, "suspend"), data=fields | {"proof_password": PASSWORD})
    assert done.status_code == 303
    assert client.get("/me").status_code == 401


def test_ones_own_page_offers_no_act_and_takes_none(world: World, staff: Visitor) -> None:
    world.person(Role.STAFF)
    me = next(user for user in world.all(User) if user.name == "Zuhura Wambeti")
    assert "Another member of staff has to do this" in staff.main(f"/staff/people/{me.id}")
    refused = staff.post(f"/staff/people/{me.id}/suspend", why=WHY)
    assert (refused.status_code, "Another member of staff has to do this" in words(refused)) == (409, True)


def test_invitations_are_sent_seen_and_withdrawn(world: World, staff: Visitor) -> None:
    fields = {"email": "baraka@people.test", "name": "Baraka Juma", "role": "staff", "language": "sw"}
    assert staff.post("/staff/invitations", **fields).status_code == 303
    assert "Baraka Juma" in staff.main("/staff/invitations")
    [row] = world.all(Invitation)
    assert (row.role, row.language) == ("staff", "sw")
    assert staff.post("/staff/invitations", **fields | {"role": ""}).status_code == 422
    assert staff.post("/staff/invitations", **fields | {"email": "x"}).status_code == 422
    assert staff.post(f"/staff/invitations/{row.id}/withdraw").status_code == 303
    assert world.all(Invitation) == []
