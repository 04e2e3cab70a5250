"""Rights end at once everywhere, nobody ends their own, and what a role opened is out of reach with it (SEC-19)."""

from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis
from werkzeug.test import TestResponse

from app.domain.lifecycle import Actor
from app.lib.queue import open_queue
from app.models import Booking, Change, Checkout, Refund, Role, User
from app.services.accounts import credentials, logins, rights
from app.services.backoffice import open_affairs
from app.services.core.errors import Problem
from app.services.core.transaction import Who
from tests.support.at_once import at_once
from tests.support.visitor import log_in
from tests.support.world import PASSWORD, Caller, World

WHY = "He shouted at three practitioners"
OPERATOR = Who(Actor.STAFF)


@pytest.fixture
def staff(world: World) -> Caller:
    """Somebody of staff."""
    return world.person(Role.STAFF, name="Zuhura Wambeti")


def _do(world: World, act: Any, who: Caller | None, *rest: Any) -> str:
    """Why the act on somebody is refused; empty when it was done."""
    with world.rows():
        try:
            act(*rest[:1], *rest[1:-1], OPERATOR if who is None else Who(Actor.STAFF, who.user_id), rest[-1])
        except Problem as problem:
            return problem.code
        return ""


def suspend(world: World, staff: Caller | None, whom: Caller) -> str:
    return _do(world, rights.suspend, staff, whom.user_id, WHY)


def demote(world: World, staff: Caller | None, whom: Caller, role: Role) -> str:
    return _do(world, rights.change_role, staff, whom.user_id, role, WHY)


def carry_out(world: World, whom: Caller) -> None:
    """The job that a suspension leaves has run, and gateways have been heard."""
    with world.app.app_context():
        open_affairs.end_of(whom.user_id)
    world.settle()


# ------------------------------------------------------------------------------------------------ at once everywhere


def test_a_suspended_persons_token_browser_password_and_codes_open_nothing(world: World, staff: Caller) -> None:
    client = world.person()
    browser = log_in(world, client)
    assert (client.get("/me").status_code, browser.get("/bookings").status_code) == (200, 200)
    assert suspend(world, staff, client) == ""
    assert client.get("/me").status_code == 401
    assert browser.get("/bookings").status_code == 302
    with world.rows(), pytest.raises(Problem, match="account_closed"):
        credentials.authenticate(world.email(client), PASSWORD)
    body = {"email": world.email(client), "password": PASSWORD}
    assert world.app.test_client().post("/api/v1/auth/token", json=body).status_code == 401


def test_who_is_restored_logs_in_again_and_what_had_ended_stays_ended(world: World, staff: Caller) -> None:
    client = world.person()
    suspend(world, staff, client)
    assert _do(world, rights.restore, staff, client.user_id, WHY) == ""
    assert client.get("/me").status_code == 401, "the token of before"
    with world.rows() as session:
        client.token = logins.begin_program(session.get_one(User, client.user_id))
    assert client.get("/me").status_code == 200
    assert world.notices(client) == ["account_suspended", "account_restored"]
    steps = [(c.from_status, c.to_status, c.actor_id, c.why) for c in world.all(Change) if c.subject == "person"]
    assert steps == [
        ("active", "suspended", staff.user_id, WHY),
        ("suspended", "active", staff.user_id, WHY),
    ]


def test_staff_log_somebody_out_everywhere(world: World, staff: Caller) -> None:
    client = world.person()
    assert _do(world, rights.end_logins, staff, client.user_id, WHY) == ""
    assert client.get("/me").status_code == 401


@pytest.mark.parametrize("why", ["", "   ", "x" * 501])
def test_every_act_needs_a_reason(world: World, staff: Caller, why: str) -> None:
    client = world.person()
    assert _do(world, rights.suspend, staff, client.user_id, why) in ("why_needed", "too_long")
    assert client.get("/me").status_code == 200


# ------------------------------------------------------------------------------------------------ who may


def test_nobody_acts_on_themselves(world: World, staff: Caller) -> None:
    world.person(Role.STAFF)
    assert suspend(world, staff, staff) == "own_rights"
    assert demote(world, staff, staff, Role.CLIENT) == "own_rights"
    assert staff.get("/me").status_code == 200


def test_the_last_of_staff_stays_whoever_asks(world: World, staff: Caller) -> None:
    assert suspend(world, None, staff) == "last_staff"
    assert demote(world, None, staff, Role.CLIENT) == "last_staff"
    other = world.person(Role.STAFF)
    assert suspend(world, None, other) == ""
    assert demote(world, None, staff, Role.CLIENT) == "last_staff", "who is suspended does not count"


def test_of_two_of_staff_who_suspend_each_other_at_once_one_is_left(world: World, staff: Caller) -> None:
    other = world.person(Role.STAFF)
    said = at_once(lambda: suspend(world, staff, other), lambda: suspend(world, other, staff))
    assert sorted(said) in (["", "login_needed"], ["", "last_staff"])
    assert [user.active for user in world.all(User)].count(True) == 1


def test_who_is_no_staff_any_more_takes_nobodys_rights(world: World, staff: Caller) -> None:
    client, other = world.person(), world.person(Role.STAFF)
    assert demote(world, other, staff, Role.CLIENT) == ""
    assert suspend(world, staff, client) == "login_needed"


def test_nobody_is_suspended_twice_or_restored_for_nothing(world: World, staff: Caller) -> None:
    client = world.person()
    assert _do(world, rights.restore, staff, client.user_id, WHY) == "person_active"
    suspend(world, staff, client)
    assert suspend(world, staff, client) == "person_suspended"
    assert demote(world, staff, client, Role.CLIENT) == "role_same"
    assert _do(world, rights.suspend, staff, 900_000, WHY) == "not_found"


# ------------------------------------------------------------------------------------------------ a client's affairs


def test_requests_and_unpaid_bookings_of_a_suspended_client_end_and_paid_ones_stay(world: World, staff: Caller) -> None:
    client, owner = world.person(), world.practitioner()
    now, asked, first = (world.service(owner, mode) for mode in ("hold_then_pay", "approve_then_pay", "pay_then_book"))
    paid = world.booked(client, now, start=world.start(now, 0))["id"]
    held = world.book(client, now, world.start(now, 2))["booking"]["id"]
    request = world.book(client, asked, world.start(now, 4))["booking"]["id"]
    draft = world.book(client, first, world.start(now, 6))["checkout"]["id"]
    start = next(row.starts_at for row in world.all(Booking) if str(row.id) == held)
    suspend(world, staff, client)
    carry_out(world, client)
    stands = {str(row.id): row.status for row in world.all(Booking)}
    assert stands == {paid: "confirmed", held: "cancelled", request: "cancelled"}
    assert next(row.status for row in world.all(Checkout) if str(row.id) == draft) == "cancelled"
    assert world.is_free(now, start.isoformat().replace("+00:00", "Z"))
    with world.rows():
        assert open_affairs.due() == []
    assert owner.post(f"/bookings/{paid}/cancel", {"reason": "He may not come"}).status_code == 200
    world.sweep()
    [refund] = world.all(Refund)
    assert refund.amount == 6_000
    assert "booking_cancelled" in world.notices(client)


def test_the_sweep_ends_what_no_job_has_ended(world: World, staff: Caller) -> None:
    client = world.person()
    world.book(client, world.service(world.practitioner(), "approve_then_pay"))
    suspend(world, staff, client)
    assert world.sweep()["ended"] == 1
    assert [row.status for row in world.all(Booking)] == ["cancelled"]


def test_reserved_money_of_a_suspended_client_is_let_go(world: World, staff: Caller) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), "authorise_then_approve"))
    world.act(world.begin(client, made["checkout"]["id"]))
    assert [row.status for row in world.all(Booking)] == ["pending_approval"]
    suspend(world, staff, client)
    carry_out(world, client)
    world.sweep()
    assert [row.status for row in world.all(Booking)] == ["cancelled"]
    assert world.money_taken() == []


@pytest.mark.parametrize("job_first", [True, False])
def test_money_that_comes_after_the_suspension_pays_or_goes_back(world: World, staff: Caller, job_first: bool) -> None:
    """Suspended mid-payment: the callback arrives before or after what was open has ended, and nothing is lost."""
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, currency="KES"))
    begun = world.begin(client, made["checkout"]["id"], "mpesa")
    suspend(world, staff, client)
    if job_first:
        carry_out(world, client)
    world.act(begun)
    carry_out(world, client)
    world.sweep()
    [booking] = world.all(Booking)
    back = sum(refund.amount for refund in world.all(Refund))
    assert (booking.status, back) in (("confirmed", 0), ("cancelled", booking.price_amount))


def test_what_is_being_paid_is_left_alone_until_that_is_decided(world: World, staff: Caller) -> None:
    """An M-Pesa prompt rings on the phone: its money must find what it is for, or the phone's refusal ends that."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency="KES"))
    begun = world.begin(client, made["checkout"]["id"], "mpesa")
    suspend(world, staff, client)
    carry_out(world, client)
    assert [row.status for row in world.all(Booking)] == ["awaiting_payment"]
    world.act(begun)
    assert [row.status for row in world.all(Booking)] == ["confirmed"]
    assert world.all(Refund) == []


def test_a_prompt_that_is_refused_after_the_suspension_ends_the_booking(world: World, staff: Caller) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency="KES"))
    begun = world.begin(client, made["checkout"]["id"], "mpesa")
    suspend(world, staff, client)
    world.act(begun, "cancel")
    world.sweep()
    world.sweep()
    assert [row.status for row in world.all(Booking)] == ["cancelled"]


def test_a_suspension_leaves_its_job(world: World, staff: Caller, redis: Redis) -> None:
    """Nobody waits for the sweep: the queue is told once the right has ended."""
    client = world.person()
    suspend(world, staff, client)
    jobs = [(job.func_name, job.args) for job in open_queue(redis).get_jobs()]
    assert ("app.jobs.accounts.end_open", (client.user_id,)) in [(name, tuple(args)) for name, args in jobs]


def test_a_page_that_is_open_at_the_gateway_is_closed_there(world: World, staff: Caller) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    world.begin(client, made["checkout"]["id"])
    suspend(world, staff, client)
    carry_out(world, client)
    assert [row.status for row in world.all(Booking)] == ["cancelled"]
    assert [session["status"] for session in world.sandbox.sandbox.store.all("session")] == ["expired"]


# ------------------------------------------------------------------------------------------------ a practitioner's practice


def _book(world: World, client: Caller, service: int, start: str) -> TestResponse:
    return client.post("/bookings", {"service_id": service, "start": start})


@pytest.mark.parametrize("act", ["suspend", "client", "staff"])
def test_the_practice_of_who_gives_no_sessions_is_not_offered(world: World, staff: Caller, act: str) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    start, later = world.start(service, 0), world.start(service, 3)
    paid = world.booked(client, service, start=start)["id"]
    waiting = world.book(world.person(), service, world.start(service, 5))["booking"]["id"]
    [slug] = [each["slug"] for each in client.get("/practitioners").json]
    done = suspend(world, staff, owner) if act == "suspend" else demote(world, staff, owner, Role(act))
    carry_out(world, owner)
    assert done == ""
    assert client.get("/practitioners").json == []
    assert client.get(f"/practitioners/{slug}").status_code == 404
    assert _book(world, client, service, later).status_code == 404
    assert client.post(f"/bookings/{paid}/reschedule", {"start": later}).json["code"] == "practice_closed"
    stands = {str(row.id): row.status for row in world.all(Booking)}
    assert stands == {paid: "confirmed", waiting: "cancelled"}
    assert staff.post(f"/bookings/{paid}/cancel", {"reason": "No practitioner"}).status_code == 200
    world.sweep()
    assert [refund.amount for refund in world.all(Refund)] == [6_000]


def test_a_restored_practitioners_practice_is_offered_as_before(world: World, staff: Caller) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    start = world.start(service)
    suspend(world, staff, owner)
    _do(world, rights.restore, staff, owner.user_id, WHY)
    assert _book(world, client, service, start).status_code == 201


def test_a_draft_for_a_practice_that_was_closed_brings_no_session_and_the_money_back(
    world: World, staff: Caller
) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "pay_then_book"))
    begun = world.begin(client, made["checkout"]["id"])
    suspend(world, staff, owner)
    world.act(begun)
    world.sweep()
    assert world.all(Booking) == []
    world.move(hours=48)
    world.sweep()
    assert [refund.amount for refund in world.all(Refund)] == [6_000]


# ------------------------------------------------------------------------------------------------ SEC-19


def _booking_doors(owner: Caller, booking: str) -> Iterator[TestResponse]:
    yield owner.get(f"/bookings/{booking}")
    yield owner.get(f"/bookings/{booking}/notes")
    yield owner.post(f"/bookings/{booking}/cancel", {"reason": "mine"})


def _practice_doors(owner: Caller) -> Iterator[TestResponse]:
    yield owner.get("/statements")
    yield owner.get("/tax")
    yield owner.get("/forms")
    yield owner.get("/package-offers")
    yield owner.post("/practice/available", {"minutes": 60})


@pytest.mark.parametrize("role", [Role.CLIENT, Role.STAFF])
def test_a_demoted_practitioner_reads_and_does_nothing_of_their_practice(
    world: World, staff: Caller, role: Role
) -> None:
    client, owner = world.person(), world.practitioner()
    booking = world.booked(client, world.service(owner))["id"]
    assert len(owner.get("/bookings").json) == 1
    demote(world, staff, owner, role)
    with world.rows() as session:
        owner.token = logins.name_program(session.get_one(User, owner.user_id), "new", "all", "30")
    assert {answer.status_code for answer in _practice_doors(owner)} <= {403, 404}
    if role is Role.STAFF:  # who may see any booking, as staff
        [as_owner, as_staff] = [each.get(f"/bookings/{booking}").json for each in (owner, staff)]
        assert as_owner["allowed_actions"] == as_staff["allowed_actions"]
    else:
        assert owner.get("/bookings").json == []
        assert {answer.status_code for answer in _booking_doors(owner, booking)} == {404}
    assert client.get(f"/bookings/{booking}").json["status"] == "confirmed"


@pytest.mark.parametrize("change", [{"role": Role.CLIENT}, {"active": False}])
def test_a_role_or_right_that_was_changed_in_the_table_ends_too(world: World, change: dict[str, Any]) -> None:
    """As SEC-19 was found: no command, only another word in the row, and the old token."""
    client, owner = world.person(), world.practitioner()
    booking = world.booked(client, world.service(owner))["id"]
    with world.rows() as session:
        for name, value in change.items():
            setattr(session.get_one(User, owner.user_id), name, value)
        session.commit()
    told = [*_practice_doors(owner), *_booking_doors(owner, booking)]
    assert {answer.status_code for answer in told} <= {401, 403, 404}
    assert client.get(f"/bookings/{booking}").json["status"] == "confirmed"


def test_what_staff_were_told_is_out_of_reach_once_they_are_not(world: World, staff: Caller) -> None:
    client = world.person()
    other = world.person(Role.STAFF)
    made = world.book(client, world.service(world.practitioner()))
    world.act(world.begin(client, made["checkout"]["id"]), amount=100)
    assert "review_opened" in world.notices(staff)
    browser = log_in(world, staff)
    assert "A payment needs checking" in browser.get("/notices").text
    demote(world, other, staff, Role.CLIENT)
    browser = log_in(world, staff)
    assert "A payment needs checking" not in browser.get("/notices").text
    assert browser.get("/staff").status_code == 404


def test_a_demoted_practitioners_calendar_shows_their_clients_no_more(world: World, staff: Caller) -> None:
    client, owner = world.person(name="Baraka Juma"), world.practitioner()
    world.booked(client, world.service(owner))
    with world.rows() as session:
        session.get_one(User, owner.user_id).feed_key = "k" * 43
        session.commit()
    http = world.app.test_client()
    assert "Baraka" in http.get(f"/calendar/{'k' * 43}.ics").text
    demote(world, staff, owner, Role.CLIENT)
    assert "Baraka" not in http.get(f"/calendar/{'k' * 43}.ics").text
