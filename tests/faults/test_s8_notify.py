"""S8: people are told, once, whatever fails between the commit that causes a message and the mail."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from redis import Redis

from app.jobs import notices as notice_jobs
from app.lib.queue import open_queue
from app.models import Delivery, Notification
from tests.conftest import OwnRedis
from tests.faults.clocks import skewed
from tests.faults.database import cut_at, try_to_sweep
from tests.faults.processes import kill, killed_before_the_queue, start_worker
from tests.support.at_once import Meanwhile, again, at_once
from tests.support.callbacks import deliver, post
from tests.support.deals import Deal, deal, join
from tests.support.workers import work_off
from tests.support.world import Caller, World


@contextmanager
def mail_server(world: World, answer: bytes | None, times: int = 99) -> Iterator[list[socket.socket]]:
    """A mail server that greets `times` callers with `answer` (nothing: cuts them off, None: is silent), then works.

    Gives the connections it keeps silent.
    """
    good = world.app.config["SMTP_URL"]
    _, port = good.rsplit(":", 1)
    silent: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        world.app.config["SMTP_URL"] = f"smtp://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=_serve, args=(listener, int(port), answer, times, silent))
        thread.start()
        try:
            yield silent
        finally:
            world.app.config["SMTP_URL"] = good
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
    for one in silent:
        one.close()


def _serve(listener: socket.socket, good: int, answer: bytes | None, times: int, silent: list[socket.socket]) -> None:
    for number in range(1_000_000):
        try:
            caller = listener.accept()[0]
        except OSError:
            return
        if number >= times:
            threading.Thread(target=_pass_on, args=(caller, good), daemon=True).start()
        elif answer is None:
            silent.append(caller)
        else:
            if not answer:
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            caller.sendall(answer)
            caller.close()


def _pass_on(caller: socket.socket, port: int) -> None:
    with caller, socket.create_connection(("127.0.0.1", port)) as server:
        back = threading.Thread(target=_copy, args=(server, caller), daemon=True)
        back.start()
        _copy(caller, server)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def mails(world: World, *people: Caller) -> list[int]:
    """How many mails each of them got."""
    return [len(world.mails(world.email(person))) for person in people]


def told_once(one: Deal) -> None:
    """Each side has exactly one mail, and both messages are known to be sent."""
    assert mails(one.world, one.client, one.owner) == [1, 1]
    assert {row.outcome for row in one.world.all(Notification)} == {"sent"}


def paid(world: World, gateway: str = "stripe") -> Deal:
    """A booking just confirmed; the two messages about it wait to be mailed."""
    one = deal(world, gateway)
    one.pay()
    assert mails(world, one.client, one.owner) == [0, 0]
    return one


def test_a_web_process_killed_between_the_commit_and_the_queue_loses_no_message(world: World) -> None:
    """S8-F01: it had told nobody, not even Redis; the rows are in the commit."""
    one = deal(world, "stripe")
    rows = one.pay_unheard()
    killed_before_the_queue(world, lambda url: [post(world, row, url=url) for row in rows])
    assert one.state == ("confirmed", "paid")
    deliver(world, rows)
    world.sweep()
    told_once(one)


def test_messages_wait_out_a_database_that_goes_away_while_they_are_sent(world: World) -> None:
    """S8-F02: cut under the sender, which cannot write what came of it; within five minutes each side is told once."""
    one = paid(world)
    with mail_server(world, None, times=1) as silent:
        sweeping = Meanwhile(lambda: try_to_sweep(world))
        world.until(lambda: bool(silent))
        with cut_at(world, "UPDATE deliveries") as struck:
            silent[0].close()
            sweeping.result()
    assert struck
    world.move(minutes=5, seconds=1)
    world.sweep()
    told_once(one)


def test_a_stopped_redis_only_delays_messages(
    world: World, own_redis: OwnRedis, bind_queue: Callable[[str], None]
) -> None:
    """S8-F03: nobody could be told promptly; the sweep finds the rows."""
    bind_queue(own_redis.url)
    own_redis.stop()
    one = paid(world)
    world.sweep()
    told_once(one)


def test_a_flushed_redis_only_delays_messages(world: World, redis: Redis) -> None:
    """S8-F04: the jobs are gone, the rows are not; nothing is sent again after."""
    one = paid(world)
    redis.flushdb()
    assert open_queue(redis).count == 0
    world.sweep()
    redis.flushdb()
    world.sweep()
    told_once(one)


def test_a_worker_killed_while_it_talks_to_the_mail_server_is_overtaken(
    world: World, redis: Redis, redis_url: str
) -> None:
    """S8-F05: killed -9 with the message claimed; free again after five minutes, told once."""
    one = paid(world)
    with mail_server(world, None) as silent:
        worker = start_worker(world, redis_url, SMTP_URL=world.app.config["SMTP_URL"])
        world.until(lambda: bool(silent))
        kill(worker)
    redis.flushdb()
    world.sweep()
    assert sum(mails(world, one.client, one.owner)) == 1
    world.move(minutes=5, seconds=1)
    world.sweep()
    told_once(one)


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"554 5.3.2 we are ill\r\n", id="S8-F06"),
        pytest.param(b"", id="S8-F08"),
        pytest.param(b"421 4.7.0 too many connections\r\n", id="S8-F09"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n<html>", id="S8-F10"),
    ],
)
def test_a_mail_server_that_fails_is_asked_again_until_it_takes_each_message_once(world: World, answer: bytes) -> None:
    """Nothing is lost, nothing doubled, and the booking never notices."""
    one = paid(world)
    with mail_server(world, answer):
        world.sweep()
    assert one.state == ("confirmed", "paid")
    assert mails(world, one.client, one.owner) == [0, 0]
    world.move(minutes=1)
    world.sweep()
    told_once(one)


def test_a_mail_server_that_hangs_for_one_message_does_not_keep_the_other(world: World) -> None:
    """S8-F07: given up after ten seconds, sent later."""
    one = paid(world)
    with mail_server(world, None, times=1):
        world.sweep()
        assert sorted(mails(world, one.client, one.owner)) == [0, 1]
        world.move(minutes=1)
        world.sweep()
    told_once(one)


def test_ten_workers_with_the_same_messages_send_each_once(world: World) -> None:
    """S8-F12: whoever claims the row first; also when all are done long ago."""
    one = paid(world)
    ids = [row.id for row in world.all(Delivery)]

    def work() -> None:
        with world.app.app_context():
            for number in ids:
                notice_jobs.deliver(number)

    at_once(*[work] * 10)
    work()
    told_once(one)


@pytest.mark.in_turn
@pytest.mark.parametrize("hours", [-26, -1 / 6, 1 / 6, 26])
def test_a_clock_that_is_wrong_changes_nothing_about_messages(world: World, hours: float) -> None:
    """S8-F19: the same clock says when a message is due and whether it is; a node that differs is not ready."""
    with skewed(world, timedelta(hours=hours)):
        assert world.app.test_client().get("/readyz").status_code == 503
        one = join(world, *_open_practice(world), "mpesa")
        one.pay()
        world.sweep()
        world.sweep()
        told_once(one)


def _open_practice(world: World) -> tuple[Caller, int]:
    owner = world.practitioner()
    return owner, world.service(owner, currency="KES")


def test_a_double_click_and_two_tabs_cause_one_message_each(world: World) -> None:
    """S8-F21, S8-F22: asking, paying and cancelling twice at once tell everybody once."""
    one = paid(world)
    world.sweep()
    tabs = [again(world, one.client), again(world, one.client)]
    path = f"/bookings/{one.booking_id}/cancel"
    answers = at_once(*[lambda tab=tab: tab.post(path).status_code for tab in tabs for _ in range(2)])
    assert sorted(answers) == [200, 409, 409, 409]
    for _ in range(2):
        world.sweep()
        world.settle()
    assert sorted(one.told(one.client)[0]) == ["booking_cancelled", "booking_confirmed", "refund_done"]
    assert one.told(one.owner) == [["booking_confirmed_practitioner", "booking_cancelled"]]
    assert mails(world, one.client, one.owner) == [3, 2]


def test_two_who_pay_for_one_place_are_told_different_things_once_each(world: World) -> None:
    """S8-F23: one is told that it is booked, the other where the money is; nobody both."""
    first = deal(world, "razorpay", "pay_then_book")
    second = join(world, first.owner, first.service, "razorpay", start=first.start)
    rows = [one.pay_unheard()[-1] for one in (first, second)]
    assert at_once(*[lambda row=row: post(world, row) for row in rows]) == [200, 200]
    told = first.told(first.client, second.client, first.owner)
    assert [kinds.count("booking_confirmed") for kinds in told[:2]] in ([0, 1], [1, 0])
    assert [len(kinds) for kinds in told[:2]] == [1, 1]
    assert told[2].count("booking_confirmed_practitioner") == 1
    loser = first if not told[0].count("booking_confirmed") else second
    assert len(loser.refunds()) == 1
    world.sweep()
    assert mails(world, first.client, second.client)[0 if loser is second else 1] == 1


def test_who_is_declined_while_paying_is_never_told_that_it_is_confirmed(world: World) -> None:
    """S8-F24: what was true when it was written is dropped when it is not any more."""
    one = deal(world, "razorpay", "approve_then_pay")
    rows = one.pay_unheard()
    path = f"/bookings/{one.booking_id}"
    declined = at_once(
        lambda: one.owner.post(f"{path}/decline", {"reason": "Away."}).status_code, lambda: post(world, rows[-1])
    )[0]
    if declined != 200:
        one.owner.post(f"{path}/cancel", {"reason": "Away."})
    world.sweep()
    sent = {row.kind for row in world.all(Notification) if row.user_id == one.client.user_id and row.outcome == "sent"}
    assert "booking_confirmed" not in sent
    assert sent & {"request_declined", "booking_cancelled"}
    assert "request_approved" not in sent


def test_a_job_an_older_version_enqueued_is_no_loss(world: World, redis: Redis) -> None:
    """S8-F25: its name is gone, or it takes other arguments; the row is mailed by the sweep."""
    one = paid(world)
    queue = open_queue(redis)
    redis.flushdb()
    first = min(row.id for row in world.all(Delivery))
    queue.enqueue("app.jobs.notices.mail_it", first)
    queue.enqueue("app.jobs.notices.deliver", first, "en")
    work_off(world.app, redis)
    assert mails(world, one.client, one.owner) == [0, 0]
    world.sweep()
    told_once(one)
