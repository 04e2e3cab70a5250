"""SMS cost money and reach whoever's number was typed: so many a day, and to countries that were named."""

import pytest

from app.domain.quotas import QUOTAS, Rule
from app.models import Delivery, QuotaStop, User
from app.services.core.transaction import transaction
from app.services.notifications import notices
from tests.support.world import Caller, World

pytestmark = pytest.mark.usefixtures("quotas")
MOST = QUOTAS[Rule.SMS_TO_PERSON].most


def _tell(world: World, caller: Caller, times: int, *, since: int = 0) -> None:
    """So many messages of a kind that is texted, sent as a worker sends them."""
    with world.app.app_context():
        for n in range(since, since + times):
            with transaction():
                notices.tell(caller.user_id, "refund_done", cause=n, data={"amount": 100, "currency": "KES"})
        for delivery in notices.due():
            notices.deliver(delivery)


def _number(world: World, caller: Caller, phone: str) -> None:
    with world.rows() as session:
        session.get_one(User, caller.user_id).phone = phone
        session.commit()


def _outcomes(world: World) -> list[str]:
    return [row.outcome for row in world.all(Delivery) if row.channel == "sms"]


def test_the_eleventh_of_a_day_is_mailed_alone_and_staff_see_it(world: World) -> None:
    client = world.person()
    _tell(world, client, MOST + 2)
    assert len(world.texts()) == MOST
    assert len(world.mails()) == MOST + 2
    assert _outcomes(world) == ["sent"] * MOST + ["limited"] * 2
    [stop] = world.all(QuotaStop)
    assert (stop.rule, stop.user_id, stop.count) == ("sms_to_number", client.user_id, 2)
    world.move(hours=24)
    _tell(world, client, 1, since=50)
    assert len(world.texts()) == MOST + 1


def test_a_strangers_number_typed_by_many_is_texted_no_more_often(world: World) -> None:
    for _ in range(3):
        client = world.person()
        _number(world, client, "+254722000111")
        _tell(world, client, 5)
    assert len(world.texts("+254722000111")) == QUOTAS[Rule.SMS_TO_NUMBER].most


def test_what_the_carrier_did_not_take_is_counted_once(world: World) -> None:
    client = world.person()
    world.faults(gateway="africastalking", route="send", fault="500", times=2)
    _tell(world, client, MOST)
    for _ in range(3):
        world.move(minutes=20)
        world.sweep()
    assert len(world.texts()) == MOST


@pytest.mark.parametrize(
    ("phone", "reached"), [("+254712345678", 1), ("+919876543210", 1), ("+4915112345678", 0), ("+37379123456", 0)]
)
def test_a_number_of_another_country_than_those_named_is_mailed_alone(world: World, phone: str, reached: int) -> None:
    client = world.person()
    _number(world, client, phone)
    _tell(world, client, 1)
    assert len(world.texts(phone)) == reached
    assert len(world.mails()) == 1
