"""What the clock does about personal data: who is away is warned and then erased, nobody by mistake; late news is forgotten."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.domain.checkout_kinds import CheckoutKind
from app.domain.money import Money
from app.gateways.base import Failed, FailureCode
from app.gateways.mpesa import mpesa_facts
from app.lib import clock
from app.models import Change, ConsultationMessage, InboxEntry, Login, User
from app.services.accounts import logins
from app.services.backoffice import erasure, reconciliation
from app.services.core.transaction import CLOCK, transaction
from app.services.ledger import checkouts
from app.services.payments import inbox, outcomes
from app.services.payments.attempts.attempt_rows import new_attempt
from tests.support.cells import holding
from tests.support.credit import bought, gift, offered
from tests.support.lives import NAME, TRACES, Life
from tests.support.proofs import Pages
from tests.support.questions import answered
from tests.support.world import Caller, World


@pytest.fixture
def keeping(world: World) -> Iterator[World]:
    """A house that erases who has been away for twelve months."""
    world.app.config["ERASE_AFTER_MONTHS"] = 12
    yield world
    world.app.config["ERASE_AFTER_MONTHS"] = 0


def _names(world: World) -> dict[int, str]:
    return {user.id: user.name for user in world.all(User)}


def _is_erased(world: World, client: Caller) -> bool:
    return _names(world)[client.user_id].startswith("Erased person ")


def _again(world: World, client: Caller) -> Caller:
    """The same person with a program that is signed in now."""
    with world.rows() as session:
        client.token = logins.begin_program(session.get_one(User, client.user_id))
    return client


def _through(world: World, days: int) -> None:
    """So many days, with a sweep at least each month."""
    for step in [30] * (days // 30) + [days % 30]:
        world.move(days=step)
        world.sweep()


def test_who_has_been_away_for_long_is_erased_only_where_that_is_set_and_nobody_with_money_here(world: World) -> None:
    """X4: "personal data purged by retention job"; off unless it is asked for."""
    life = Life(world).live()
    rich, fresh = world.person(name="Rich Client"), world.person(name="Fresh Client")
    made = rich.post("/wallet/top-ups", {"amount": {"amount": 100, "currency": "EUR"}})
    world.act(world.begin(rich, made.json["id"]))
    world.move(days=300)
    world.book(_again(world, fresh), world.service(life.owner))
    world.move(days=100)
    world.sweep()
    assert life.user_name() == NAME
    world.app.config["ERASE_AFTER_MONTHS"] = 12
    try:
        world.sweep()
        assert life.user_name() == NAME  # warned first
        _through(world, 31)
    finally:
        world.app.config["ERASE_AFTER_MONTHS"] = 0
    names = _names(world)
    assert names[life.client.user_id].startswith("Erased person ")
    assert (names[rich.user_id], names[fresh.user_id]) == ("Rich Client", "Fresh Client")
    assert names[life.owner.user_id] == "Dr. Amina Otieno"
    whys = [(c.actor, c.actor_id, c.why) for c in world.all(Change) if c.subject == "person"]
    assert ("clock", None, "erased after a long absence") in whys
    assert holding(world, *TRACES) == []


def test_who_is_away_is_told_once_a_month_before_and_logging_in_keeps_the_account(keeping: World) -> None:
    """Nobody comes back to an account that is gone without a word."""
    leaving, staying = keeping.person(name="Leaving"), keeping.person(name="Staying")
    _through(keeping, 330)
    assert keeping.notices(leaving) == []
    _through(keeping, 8)
    assert (keeping.notices(leaving), keeping.notices(staying)) == (["account_unused"], ["account_unused"])
    keeping.sweep()
    [mail] = keeping.mails(keeping.email(staying))
    assert "/me/data" in mail["text"]
    for said in (True, False):
        assert ("Your account stays as it is." in Pages(keeping, staying).get("/me/data").text) is said
    assert [c.to_status for c in keeping.all(Change) if c.subject == "person"] == ["kept"]
    _through(keeping, 29)
    assert not _is_erased(keeping, leaving)
    _through(keeping, 2)
    assert (_is_erased(keeping, leaving), _is_erased(keeping, staying)) == (True, False)
    _through(keeping, 335)
    assert keeping.notices(staying) == ["account_unused", "account_unused"]


def test_who_only_looks_around_has_been_here_too(keeping: World) -> None:
    client = keeping.person()
    keeping.move(days=330)
    Pages(keeping, client).get("/practitioners")
    _through(keeping, 300)
    assert keeping.notices(client) == []


def test_who_waits_for_a_place_or_is_in_a_conversation_or_signs_a_program_in_is_not_away(keeping: World) -> None:
    talking, owner, _question = answered(keeping)
    service, waiting, programmed = keeping.service(owner), keeping.person(), keeping.person()
    keeping.move(days=300)
    _again(keeping, programmed)
    with keeping.rows() as session:
        session.execute(update(ConsultationMessage).values(written_at=clock.now()))
        session.commit()
    start = keeping.slots(service, days=2)[-1]["start"]
    keeping.book(_again(keeping, keeping.person(name="Other")), service, start)
    assert _again(keeping, waiting).post(f"/services/{service}/waits", {"start": start}).status_code == 201
    with keeping.rows() as session:
        session.execute(delete(Login).where(Login.user_id == waiting.user_id))
        session.commit()
    _through(keeping, 120)
    assert {name for name in _names(keeping).values() if name.startswith("Erased")} == set()
    assert all("account_unused" not in keeping.notices(each) for each in (waiting, talking, programmed))


@pytest.mark.parametrize("thing", ["gift", "package"])
def test_what_is_paid_and_not_used_stands_in_the_way_and_the_clock_erases_nobody_for_it(
    keeping: World, thing: str
) -> None:
    """The code of an open gift would be lost with its buyer, and the money be nobody's."""
    owner, client = keeping.practitioner(), keeping.person(name="Buyer")
    package = offered(owner, keeping.service(owner))
    paid = gift(keeping, client) if thing == "gift" else bought(keeping, client, package)
    assert [o["code"] for o in client.get("/me/erase").json["obstacles"]] == [f"erase_{thing}"]
    assert "still to come" not in Pages(keeping, client).get("/me/data").text
    _through(keeping, 460)
    assert (_is_erased(keeping, client), "account_unused" in keeping.notices(client)) == (False, False)
    if thing == "gift":
        code = _again(keeping, client).get(f"/gifts/{paid['id']}").json["code"]
        assert keeping.person().post("/gifts/redeem", {"code": code}).status_code == 200
        assert client.get("/me/erase").json["possible"] is True
    with keeping.rows():
        assert reconciliation.breaches() == []


def test_a_phone_number_that_a_gateway_tells_after_the_erasing_is_forgotten_too(world: World) -> None:
    """X4: M-Pesa tells a thing once, and may be days late; its name of the request ends with the number that was asked."""
    number, ours = "254799888777", "REFREFREFREF"
    request = f"ws_CO_21112026101112345{number[3:]}"
    client = world.person()
    with world.rows() as session:
        user = session.get_one(User, client.user_id)
        with transaction():
            checkout = checkouts.open_for_an_hour(CheckoutKind.TOP_UP, user, Money(150_000, "KES"), "Top-up", {}, None)
            session.flush()
            attempt = new_attempt(checkout, "mpesa", ours, None, phone=f"+{number}")
            attempt.provider_ref = request
            outcomes.apply_failure(attempt, Failed(FailureCode.NO_ANSWER, "1037"))
        assert erasure.try_erase(client.user_id, CLOCK, "erased on request")
        body = _callback(request, number)
        event = mpesa_facts.read_callback(body, ours)
        assert event is not None
        inbox.receive("mpesa", event, source="callback", body=json.dumps(body).encode())
    assert holding(world, number[3:]) != []
    world.sweep()
    assert holding(world, number[3:]) == []
    [entry] = world.all(InboxEntry)
    assert (entry.body, entry.echo["merchant_request_id"], entry.state) == ("", "m1", "review")


def _callback(request: str, number: str) -> dict[str, Any]:
    told = {"Amount": 1500, "MpesaReceiptNumber": "QWE123", "PhoneNumber": int(number)}
    items = [{"Name": name, "Value": value} for name, value in told.items()]
    said = {"MerchantRequestID": "m1", "CheckoutRequestID": request, "ResultCode": 0, "ResultDesc": "ok"}
    return {"Body": {"stkCallback": said | {"CallbackMetadata": {"Item": items}}}}
