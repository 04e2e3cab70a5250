"""What was given out in a time that is gone is not given out again: numbers of receipts, keys at vendors, calendars' versions."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.domain.money import Money
from app.extensions import db
from app.gateways.base import GatewayEvent, Refunded, RefundFailed
from app.models import Attempt, Booking, Notification, Receipt, Refund, Role, User
from app.services.backoffice import repair
from app.services.notifications import calendar_feeds
from app.services.payments import inbox
from tests.support.going_back import back_up, go_back, log_in_again, nothing_left, type_in
from tests.support.world import Caller, World

pytestmark = pytest.mark.usefixtures("tidy")


@pytest.fixture
def tidy(app: Flask) -> Iterator[None]:
    """Nothing stays on the server."""
    with nothing_left(app):
        yield


def _go_back(world: World, file: Path, *people: Caller) -> list[Caller]:
    """The books are those of the backup, and work goes on; the people are logged in again."""
    go_back(world.app, file)
    assert type_in(world.app, "reopen", "--reason", "the gateways are asked by hand").exit_code == 0
    return [log_in_again(world, each) for each in people]


# ------------------------------------------------------------------------------------------------ receipts


def _numbers(world: World) -> list[str]:
    return [paper.number for paper in sorted(world.all(Receipt), key=lambda paper: paper.issued_at)]


@pytest.mark.both_engines
def test_a_number_that_somebody_has_on_a_receipt_is_never_on_anothers(world: World, tmp_path: Path) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    world.booked(client, service)
    file = back_up(world.app, tmp_path)
    given = {"P1-000001"}
    for _ in range(3):  # also where the same backup is gone back to once more
        world.booked(client, service)
        [_, new] = _numbers(world)
        assert new not in given
        given.add(new)
        [client] = _go_back(world, file, client)


@pytest.mark.both_engines
def test_the_new_series_counts_from_one_for_each_issuer(world: World, tmp_path: Path) -> None:
    client, owner = world.person(), world.practitioner()
    [client] = _go_back(world, back_up(world.app, tmp_path), client)
    service = world.service(owner)
    world.booked(client, service)
    world.booked(client, service)
    first, second = _numbers(world)
    assert re.fullmatch(r"P1-[2-9A-Z]{4}-000001", first)
    assert second == first.replace("000001", "000002")


def test_a_credit_note_of_an_older_receipt_takes_no_number_of_its_series(world: World, tmp_path: Path) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.booked(client, world.service(owner, free_cancel_hours=0))
    file = back_up(world.app, tmp_path)
    client.post(f"/bookings/{made['id']}/cancel")
    assert _numbers(world)[1] == "P1-000002"  # which the client has
    [client] = _go_back(world, file, client)
    assert client.post(f"/bookings/{made['id']}/cancel").status_code == 200
    receipt, note = sorted(world.all(Receipt), key=lambda paper: paper.issued_at)
    assert (receipt.number, note.corrects_id) == ("P1-000001", receipt.id)
    assert re.fullmatch(r"P1-[2-9A-Z]{4}-000001", note.number)


# ------------------------------------------------------------------------------------------------ keys at vendors


def _failed(world: World, staff: Caller) -> Refund:
    """A refund which the vendor made, and which failed there."""
    client = world.person()
    world.booked(client, world.service(world.practitioner()))
    [attempt] = world.all(Attempt)
    world.faults(gateway="stripe", route="refund", fault="refund_failed", times=1)
    _does(world, staff, lambda user: repair.refund(attempt.id, Money(6_000, "EUR"), "Seen at the gateway, 17.", user))
    world.sweep()
    world.settle()
    [refund] = world.all(Refund)
    assert refund.status == "failed"
    assert refund.provider_ref
    return refund


def _does(world: World, staff: Caller, act) -> None:
    with world.app.app_context():
        act(db.session.get_one(User, staff.user_id))


def _retry(world: World, staff: Caller, refund: Refund) -> Refund:
    _does(world, staff, lambda user: repair.retry_refund(refund.id, user))
    world.sweep()
    world.settle()
    world.sweep()
    [after] = world.all(Refund)
    return after


def test_a_refund_that_is_begun_anew_never_takes_a_key_the_vendor_knows(world: World, tmp_path: Path) -> None:
    """Stripe answers for a day to a key what it answered first, so what failed since would be told as on its way."""
    staff = world.person(Role.STAFF)
    refund = _failed(world, staff)
    file = back_up(world.app, tmp_path)
    world.faults(gateway="stripe", route="refund", fault="refund_failed", times=1)
    lost = _retry(world, staff, refund)
    assert (lost.status, lost.wire_key) == ("failed", f"{refund.key}-1")
    [staff] = _go_back(world, file, staff)
    after = _retry(world, staff, refund)
    assert after.wire_key not in (refund.wire_key, lost.wire_key)
    assert after.status == "done"
    assert [entry["kind"] for entry in world.money_taken()].count("refund") == 1


def test_a_refund_that_was_begun_anew_in_the_time_that_is_gone_is_known_by_its_key(
    world: World, tmp_path: Path
) -> None:
    staff = world.person(Role.STAFF)
    refund = _failed(world, staff)
    file = back_up(world.app, tmp_path)
    lost = _retry(world, staff, refund)
    assert lost.status == "done"
    _go_back(world, file, staff)
    _tell(world, Refunded(Money(6_000, "EUR"), lost.provider_ref, lost.wire_key, _charge(world)))
    [after] = world.all(Refund)
    assert (after.status, after.wire_key, after.provider_ref) == ("done", lost.wire_key, lost.provider_ref)


def test_a_refund_that_failed_again_in_the_time_that_is_gone_takes_yet_another_key(
    world: World, tmp_path: Path
) -> None:
    staff = world.person(Role.STAFF)
    refund = _failed(world, staff)
    file = back_up(world.app, tmp_path)
    world.faults(gateway="stripe", route="refund", fault="refund_failed", times=1)
    lost = _retry(world, staff, refund)
    _go_back(world, file, staff)
    _tell(world, RefundFailed("no", lost.provider_ref, lost.wire_key, _charge(world)))
    [after] = world.all(Refund)
    assert (after.status, after.wire_key) == ("failed", lost.wire_key)
    assert _retry(world, staff, refund).wire_key not in (refund.wire_key, lost.wire_key)


def _charge(world: World) -> str:
    [attempt] = world.all(Attempt)
    return str(attempt.charge_ref)


def _tell(world: World, fact) -> None:
    [attempt] = world.all(Attempt)
    event = GatewayEvent(f"of {fact.refund_key}", "refund.updated", fact, attempt.reference, attempt.provider_ref)
    with world.app.app_context():
        inbox.receive("stripe", event, source="callback")


# ------------------------------------------------------------------------------------------------ calendars


def test_a_calendar_is_told_a_higher_version_than_it_knows(world: World, tmp_path: Path) -> None:
    """RFC 5545, 3.8.7.4: what carries a lower SEQUENCE than an entry has is old, and is not read."""
    client, owner = world.person(), world.practitioner()
    made = world.booked(client, world.service(owner, free_cancel_hours=0))
    file = back_up(world.app, tmp_path)
    client.post(f"/bookings/{made['id']}/cancel")
    told = _sequence(world, client)
    [client] = _go_back(world, file, client)
    assert _sequence(world, client) > told
    before = _sequence(world, client)
    client.post(f"/bookings/{made['id']}/cancel")
    assert _sequence(world, client) > before


def _sequence(world: World, client: Caller) -> int:
    [booking] = world.all(Booking)
    with world.app.test_request_context():
        entry = calendar_feeds.file(db.session.merge(booking), db.session.get_one(User, client.user_id)).decode()
    return int(re.findall(r"SEQUENCE:(\d+)", entry)[0])


# ------------------------------------------------------------------------------------------------ messages


def test_nobody_is_told_again_what_they_had_been_told_before_the_backup(world: World, tmp_path: Path) -> None:
    """And what waited is sent, perhaps for a second time: nobody can say whether it was."""
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner))
    world.sweep()
    mails = len(world.mails())
    world.move(hours=1)
    file = back_up(world.app, tmp_path)
    before = len(world.all(Notification))
    _go_back(world, file)
    world.sweep()
    assert len(world.all(Notification)) == before
    assert len(world.mails()) == mails
