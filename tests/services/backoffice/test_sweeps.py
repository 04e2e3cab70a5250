"""One pass of the clock: each kind of work has its time, and whoever hangs holds up nobody else."""

from typing import Any

import pytest
from redis import Redis

from app.extensions import db
from app.jobs import sweeps as jobs
from app.lib.queue import open_queue
from app.models import Attempt, Refund
from app.services.backoffice import sweeps
from tests.support.workers import work_off
from tests.support.world import Caller, World

CALLS = 99


def _left(world: World) -> int:
    """How many more calls the gateway will hang in."""
    return int(world.sandbox.sandbox.faults.listed()[0]["times"])


def _refund_that_waits(world: World) -> None:
    """A paid session, cancelled; the money has still to be sent back."""
    client, service = world.person(), world.service(world.practitioner(), currency="INR")
    booking = world.booked(client, service, "razorpay", start=world.slots(service, days=4)[-1]["start"])
    assert client.post(f"/bookings/{booking['id']}/cancel").json["money"] == "refund_pending"


def _begun(world: World, client: Caller, service: int, mode: str) -> dict[str, Any]:
    """A payment that has begun and that nobody finishes."""
    start = world.slots(service, days=2)[-1]["start"] if mode == "pay_then_book" else world.start(service)
    made = world.book(client, service, start)
    world.begin(client, made["checkout"]["id"])
    return made


@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book"])
def test_a_gateway_that_hangs_while_something_lapses_holds_up_nothing_else(world: World, mode: str) -> None:
    """What lapses has its time like everything else; refunds and messages go out in the same pass."""
    _refund_that_waits(world)
    world.sweep()
    _refund_that_waits(world)
    world.faults(gateway="stripe", callbacks="drop", times=None)
    service = world.service(world.practitioner(), mode, places=20)
    for _ in range(10):
        _begun(world, world.person(), service, mode)
    unbegun = world.person()
    world.move(minutes=1)
    world.book(unbegun, service)
    with world.rows():
        for attempt in db.session.query(Attempt).filter_by(gateway="stripe"):
            attempt.next_look_up_at = None  # looking up is another kind of work, with a time of its own
        db.session.commit()
    world.move(hours=2)
    world.faults(gateway="stripe", route="any", fault="timeout", seconds=0.4, times=CALLS)
    with world.app.app_context():
        done = sweeps.sweep(patience=0.3)
    assert 0 < CALLS - _left(world) < 10, "two tries at the most, each of them asked twice"
    assert done["expired"] == 1, "who had not begun to pay ends all the same, though the last in line"
    assert [refund.status for refund in world.all(Refund)] == ["done", "done"]
    assert done["notices"] > 0
    world.sandbox.sandbox.faults.clear()
    assert world.sweep()["expired"] == 10


def test_a_worker_whose_time_is_up_stops_the_pass(world: World, redis: Redis) -> None:
    """RQ says it once, by an exception that a guard for everything would take for one more failure."""
    client, service = world.person(), world.service(world.practitioner(), currency="INR")
    world.begin(client, world.book(client, service)["checkout"]["id"], "razorpay")
    world.move(seconds=25)
    world.faults(gateway="razorpay", route="any", fault="timeout", seconds=6, times=1)
    job = open_queue(redis).enqueue(jobs.sweep, job_timeout=2)
    work_off(world.app, redis)
    assert "JobTimeoutException" in str(job.latest_result().exc_string)
    assert world.sweep()["look_ups"] == 0  # and the next pass goes on as ever
