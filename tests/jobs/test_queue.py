"""The queue makes things prompt and is never the truth: real Valkey, real RQ, real mails."""

import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq.registry import ScheduledJobRegistry
from sqlalchemy import event

from app import create_app
from app.extensions import db, queue
from app.jobs import notices as notice_jobs
from app.jobs.table import JOBS
from app.lib import clock
from app.lib.queue import NAME, open_queue
from app.models import Booking, Delivery, Notification, Refund
from app.services.backoffice import pull
from app.services.core import outbox
from app.services.core.transaction import transaction
from app.services.notifications import notices
from config import ROOT
from tests.conftest import OwnRedis
from tests.support.gateways import GATEWAYS
from tests.support.workers import nobody, process, subjects, waiting, work
from tests.support.world import World


@contextmanager
def deaf_server() -> Iterator[tuple[int, list[socket.socket]]]:
    """A port where somebody takes every connection and never says a word; and the connections taken."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    taken.append(listener.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1], taken
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in taken:
        connection.close()


def outcomes(world: World) -> list[str]:
    """What became of each message, oldest first."""
    return [notice.outcome for notice in sorted(world.all(Notification), key=lambda n: n.id)]


def test_a_pass_over_a_vendors_lists_may_take_an_hour_and_every_other_job_three_minutes(
    world: World, redis: Redis
) -> None:
    """A busy account that others share has tens of thousands of things, and its pass never came to its end."""
    world.booked(world.person(), world.service(world.practitioner()))
    world.move(hours=25)
    with world.app.app_context():
        assert pull.nightly() == len(pull.listing())
    longest = {job.func_name: job.timeout for job in open_queue(redis).jobs}
    assert longest.pop("app.jobs.pulls.go_through") == 3_600
    assert set(longest.values()) == {180}


def test_a_booking_confirmed_by_a_callback_enqueues_its_mails_and_a_worker_sends_them(
    world: World, redis: Redis
) -> None:
    """S2-3, S2-19: from the gateway's callback to two mails without any sweep."""
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner))
    assert waiting(redis)["app.jobs.notices.deliver"] == 2
    assert world.mails() == []
    work(world.app, redis)
    assert subjects(world, client, owner) == [1, 1]
    assert outcomes(world) == ["sent", "sent"]
    assert world.sweep()["notices"] == 0


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_a_look_up_is_hinted_twenty_seconds_after_a_payment_begins(
    world: World, redis: Redis, gateway: str, currency: str
) -> None:
    """S3b, S9: the queue only hints; the row says when, and the job re-reads it."""
    client, service = world.person(), world.service(world.practitioner(), currency=currency)
    world.begin(client, world.book(client, service)["checkout"]["id"], gateway)
    hinted = ScheduledJobRegistry(NAME, connection=redis).get_job_ids()
    jobs = [open_queue(redis).fetch_job(key) for key in hinted]
    assert [job.func_name for job in jobs] == ["app.jobs.payments.look_up"]
    with world.app.app_context():
        jobs[0].func(*jobs[0].args)
    assert world.sweep()["look_ups"] == 0
    assert world.all(Booking)[0].status == "awaiting_payment"


def enqueue(world: World, job: str, *args: object) -> bool:
    """Whether the application's queue took the job."""
    with world.app.app_context():
        return queue.enqueue(job, *args)


def test_a_job_that_runs_many_times_sends_once(world: World, redis: Redis) -> None:
    """S8-F12, complaint 9: a message is mailed once however often its job runs."""
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner))
    ids = [delivery.id for delivery in world.all(Delivery)]
    for delivery_id in ids * 3:
        assert enqueue(world, "app.jobs.notices.deliver", delivery_id)
    work(world.app, redis)
    world.sweep()
    assert subjects(world, client, owner) == [1, 1]


def test_a_job_that_runs_ten_times_at_once_sends_once(world: World) -> None:
    """S8-F12: whoever claims the row first sends, the others go away."""
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner))
    ids = [delivery.id for delivery in world.all(Delivery)]
    gate = threading.Barrier(10)

    def run() -> None:
        with world.app.app_context():
            gate.wait()
            for delivery_id in ids:
                notice_jobs.deliver(delivery_id)

    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert subjects(world, client, owner) == [1, 1]


def test_a_job_about_a_message_that_does_not_exist_does_nothing(world: World, redis: Redis) -> None:
    """A job that was enqueued by an installation that is no more."""
    enqueue(world, "app.jobs.notices.deliver", 4711)
    work(world.app, redis)
    assert world.mails() == []


def test_a_flushed_queue_loses_promptness_and_nothing_else(world: World, redis: Redis) -> None:
    """S8-F04, S10-F04: mails and refunds are found in the tables by the sweep."""
    client, owner = world.person(), world.practitioner()
    booking = world.booked(client, world.service(owner), start=world.start(world.service(owner, title="Any"), 20))
    client.post(f"/bookings/{booking['id']}/cancel", {"reason": "I am ill"})
    assert waiting(redis)["app.jobs.refunds.send"] == 1
    redis.flushdb()
    work(world.app, redis)
    assert world.mails() == []
    world.sweep()
    assert [refund.status for refund in world.all(Refund)] == ["done"]
    assert all(outcomes(world))
    assert min(subjects(world, client, owner)) >= 1


def test_what_a_flush_left_half_known_is_still_sent_once(world: World, redis: Redis) -> None:
    """S8-F04: sent before the flush, not again after it."""
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner))
    work(world.app, redis)
    redis.flushdb()
    world.sweep()
    assert subjects(world, client, owner) == [1, 1]


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_with_redis_stopped_booking_paying_and_callbacks_work_and_a_sweep_tells_people(
    world: World, own_redis: OwnRedis, bind_queue: Callable[[str], None], gateway: str, currency: str
) -> None:
    """S1-F03, S3a-F03, S3b-F03, S6-F03, S7-F03, S8-F03."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, currency=currency)
    bind_queue(own_redis.url)
    own_redis.stop()
    booking = world.booked(client, service, gateway)
    assert booking["money"] == "paid"
    assert world.mails() == []
    world.sweep()
    assert subjects(world, client, owner) == [1, 1]


def test_with_redis_stopped_a_request_is_approved_and_both_are_told(
    world: World, own_redis: OwnRedis, bind_queue: Callable[[str], None]
) -> None:
    """S1-F03, S2-F03."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, "approve_then_pay")
    bind_queue(own_redis.url)
    own_redis.stop()
    made = world.book(client, service)
    assert owner.post(f"/bookings/{made['booking']['id']}/approve").status_code == 200
    world.sweep()
    assert "request_approved" in [n.kind for n in world.all(Notification) if n.outcome == "sent"]


def test_nobody_waits_twice_for_a_redis_that_does_not_answer(
    world: World, bind_queue: Callable[[str], None], redis: Redis
) -> None:
    """S6-F03: one caller finds out, the next fifty do not even try."""
    with deaf_server() as (port, taken):
        bind_queue(f"redis://127.0.0.1:{port}/0")
        assert not any(enqueue(world, "app.jobs.sweeps.sweep") for _ in range(50))
        assert len(taken) == 1


def test_with_a_deaf_redis_a_callback_still_confirms(
    world: World, bind_queue: Callable[[str], None], redis: Redis
) -> None:
    """S6-F03, S7-F03: Redis that hangs is no worse than one that is away."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    with deaf_server() as (port, _):
        bind_queue(f"redis://127.0.0.1:{port}/0")
        world.booked(client, service)
    world.sweep()
    assert subjects(world, client, owner) == [1, 1]


def test_readyz_says_that_the_queue_is_away_and_stays_200(
    world: World, own_redis: OwnRedis, bind_queue: Callable[[str], None]
) -> None:
    """S1-F03: a load balancer must not take the app away because promptness is lost."""
    bind_queue(own_redis.url)
    http = world.app.test_client()
    assert http.get("/readyz").json["queue"] == "ok"
    own_redis.stop()
    answer = http.get("/readyz")
    assert answer.status_code == 200
    assert "does not answer" in answer.json["queue"]


def test_the_queue_is_heard_again_once_it_is_back(
    world: World, own_redis: OwnRedis, bind_queue: Callable[[str], None], redis: Redis, redis_url: str
) -> None:
    """S8-F03: no restart of the web is needed."""
    bind_queue(own_redis.url)
    assert enqueue(world, "app.jobs.sweeps.sweep")
    own_redis.stop()
    assert not enqueue(world, "app.jobs.sweeps.sweep")
    bind_queue(redis_url)
    world.until(lambda: enqueue(world, "app.jobs.sweeps.sweep"))
    assert waiting(redis)["app.jobs.sweeps.sweep"] == 1


def test_each_application_of_a_process_has_its_own_queue(world: World, redis: Redis) -> None:
    """A command or a test that makes a second application must not silence the first one's queue."""
    other = create_app(world.app.config["ENVIRON"] | {"REDIS_URL": ""})
    try:
        with world.app.app_context():
            assert queue.enqueue("app.jobs.sweeps.sweep")
        with other.app_context():
            assert not queue.enqueue("app.jobs.sweeps.sweep")
    finally:
        with other.app_context():
            db.engine.dispose()


def test_a_rolled_back_transaction_enqueues_nothing(world: World, redis: Redis) -> None:
    """Invariant 6, the other way round: what did not happen is not told."""
    client = world.person()

    def tell_and_fail() -> None:
        with transaction():
            notices.tell(client.user_id, "registration_attempt", cause="never")
            raise LookupError("something else went wrong")

    with world.app.app_context():
        with pytest.raises(LookupError):
            tell_and_fail()
        assert not waiting(redis)
        with transaction():
            pass  # what the failed one remembered must not come out with the next commit
    assert not waiting(redis)
    assert world.all(Notification) == []


def test_what_is_remembered_is_enqueued_only_after_the_commit(world: World, redis: Redis) -> None:
    """A worker that is quicker than the commit would find no row: at its instant nothing may be in the queue."""
    at_commit: list[Counter[str]] = []

    def look(_connection: object) -> None:
        at_commit.append(waiting(redis))  # told by SQLAlchemy as the last thing before COMMIT

    with world.app.app_context():
        event.listen(db.engine, "commit", look)
        try:
            with transaction():
                outbox.after_commit("app.jobs.sweeps.sweep")
        finally:
            event.remove(db.engine, "commit", look)
    assert at_commit == [Counter()]
    assert waiting(redis) == Counter(["app.jobs.sweeps.sweep"])


def test_a_refused_booking_enqueues_nothing(world: World, redis: Redis) -> None:
    """S1-16: the loser's request leaves no trace."""
    service = world.service(world.practitioner(), "approve_then_pay")
    made = world.book(world.person(), service)
    before = waiting(redis)
    answer = world.person().post("/bookings", {"service_id": service, "start": made["booking"]["start"]})
    assert answer.status_code == 409
    assert waiting(redis) == before


@pytest.fixture
def mail_server(world: World) -> Iterator[Callable[[int | None], None]]:
    """mail_server(port): mail goes there from now on; None: to the sandbox's mailbox again."""
    before = world.app.config["SMTP_URL"]

    def use(port: int | None) -> None:
        world.app.config["SMTP_URL"] = f"smtp://127.0.0.1:{port}" if port else before

    yield use
    use(None)


def test_a_mail_server_that_is_down_is_tried_again_with_growing_gaps(
    world: World, redis: Redis, mail_server: Callable[[int | None], None]
) -> None:
    """S8-F06 to S8-F08: every message waits its turn, none is lost, none is sent twice."""
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner))
    mail_server(nobody())
    now = clock.now()
    clock.use(lambda: now)
    work(world.app, redis)
    gaps = []
    for tries in range(1, 8):
        rows = world.all(Delivery)
        assert {row.tries for row in rows} == {tries}
        [gap] = {row.due_at - now for row in rows}
        gaps.append(gap.total_seconds())
        now += gap - timedelta(seconds=1)
        assert world.sweep()["notices"] == 0
        now += timedelta(seconds=1)
        if tries < 7:
            world.sweep()
    assert gaps == [30, 120, 600, 1800, 3600, 3600, 3600]
    mail_server(None)
    world.sweep()
    assert subjects(world, client, owner) == [1, 1]
    assert outcomes(world) == ["sent", "sent"]


def test_a_message_nobody_could_send_for_three_days_is_dropped(
    world: World, mail_server: Callable[[int | None], None]
) -> None:
    """Complaint 23: old news confuses."""
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner), start=world.slots(world.service(owner, title="Any"), 7)[-1]["start"])
    mail_server(nobody())
    world.sweep()
    mail_server(None)
    world.move(days=3, minutes=1)
    world.sweep()
    assert world.mails() == []
    assert outcomes(world) == ["stale", "stale"]


def test_a_message_that_is_no_longer_true_is_dropped(world: World, redis: Redis) -> None:
    """Complaint 23: nobody is asked to answer a request that was withdrawn meanwhile."""
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "approve_then_pay"))
    client.post(f"/bookings/{made['booking']['id']}/cancel", {"reason": "changed my mind"})
    work(world.app, redis)
    told = {notice.kind: notice.outcome for notice in world.all(Notification)}
    assert told == {"request_received": "stale", "request_sent": "stale", "booking_cancelled": "sent"}
    assert subjects(world, client, owner) == [1, 1]


def test_a_worker_that_died_while_sending_is_overtaken_after_five_minutes(
    world: World, redis: Redis, redis_url: str
) -> None:
    """S8-F05: killed with the mail half sent; the row is claimed, then free again by the clock."""
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner))
    with (
        deaf_server() as (port, taken),
        process(world, redis_url, SMTP_URL=f"smtp://127.0.0.1:{port}"),
    ):
        world.until(lambda: len(taken) > 0)
    claimed = [delivery for delivery in world.all(Delivery) if delivery.claimed_at]
    assert len(claimed) == 1
    redis.flushdb()
    world.sweep()
    assert len(world.mails()) == 1
    world.move(minutes=4)
    world.sweep()
    assert len(world.mails()) == 1
    world.move(minutes=1, seconds=1)
    world.sweep()
    assert subjects(world, client, owner) == [1, 1]


def named_jobs() -> list[str]:
    """Every job that code names by a string."""
    text = "".join(path.read_text() for path in Path(ROOT, "app").rglob("*.py"))
    return sorted(set(re.findall(r"""["'](app\.jobs\.\w+\.\w+)["']""", text)))


@pytest.mark.parametrize("name", named_jobs())
def test_every_job_that_is_enqueued_by_name_exists(name: str) -> None:
    """F25: a worker finds jobs by name; a renamed one would be refused where nobody looks."""
    assert name in JOBS


def test_the_jobs_people_depend_on_are_among_the_named_ones() -> None:
    wanted: Any = {"app.jobs.notices.deliver", "app.jobs.payments.look_up", "app.jobs.refunds.send"}
    assert wanted <= set(named_jobs())
