"""A number is somebody's once a code sent to it was typed: no SMS about a stranger's sessions reach anybody else."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.domain.quotas import QUOTAS, Rule
from app.models import Booking, Delivery, MailedCode, Notification, User
from app.services.accounts import guessing, people, phone_proofs
from app.services.accounts.people import Profile
from app.services.backoffice import doctor
from app.services.core.errors import Problem
from app.services.core.transaction import transaction
from app.services.notifications import notices
from tests.support.visitor import Visitor, log_in, token_in
from tests.support.world import Caller, World

_NUMBER = "+254712345678"
MOST = QUOTAS[Rule.SMS_TO_PERSON].most
_OTHER = "+254722000111"
_NETWORK = "198.51.100.7"
_KIND = "session_reminder"


@pytest.fixture
def counted(world: World, app: Flask) -> Iterator[World]:
    """Limits are on, as they are outside of tests."""
    app.config["RATELIMIT_ENABLED"] = True
    world.stand_still()
    yield world
    app.config["RATELIMIT_ENABLED"] = False


def _unproved(world: World, number: str | None = _NUMBER) -> Caller:
    """Somebody who has typed a number and proved nothing."""
    caller = world.person()
    with world.rows() as session:
        user = session.get_one(User, caller.user_id)
        user.phone = number
        user.phone_proved_at = None
        session.commit()
    return caller


def _ask(world: World, caller: Caller, network: str = _NETWORK) -> str:
    """Whether a code is on its way, or why not."""
    with world.rows() as session:
        try:
            phone_proofs.send_code(session.get_one(User, caller.user_id), network)
        except Problem as problem:
            return problem.code
    return "sent"


def _prove(world: World, caller: Caller, digits: str) -> str:
    with world.rows() as session:
        try:
            return str(phone_proofs.prove(session.get_one(User, caller.user_id), digits).proved_phone)
        except Problem as problem:
            return problem.code


def _code(world: World, nth: int = 0, number: str = _NUMBER) -> str:
    """The code of the nth newest SMS at the number."""
    world.sweep()
    found = re.search(r"your code is (\d{6}),", world.texts(number)[nth]["text"])
    assert found
    return found[1]


def _user(world: World, caller: Caller) -> User:
    with world.rows() as session:
        user: User = session.get_one(User, caller.user_id)
        return user


def _change(world: World, caller: Caller, number: str) -> None:
    with world.rows() as session:
        user = session.get_one(User, caller.user_id)
        people.change_profile(user, Profile(user.name, number, user.language, user.zone))


def _write(world: World, caller: Caller, *causes: str) -> None:
    """Reminders of a session next week are written; they go by SMS where people have chosen nothing."""
    found = [booking.id for booking in world.all(Booking) if booking.client_id == caller.user_id]
    if not found:
        service = world.service(world.practitioner())
        found = [uuid.UUID(world.booked(caller, service, start=world.slots(service, 7)[-1]["start"])["id"])]
        world.sweep()
    with world.app.app_context(), transaction() as session:
        for cause in causes:
            notices.tell(caller.user_id, _KIND, booking=session.get_one(Booking, found[0]), cause=cause)


def _remind(world: World, caller: Caller, *causes: str) -> None:
    """They are written and sent."""
    _write(world, caller, *causes)
    world.sweep()


def _sent(world: World) -> dict[tuple[str, str], str]:
    """What became of each copy of each reminder, by its cause."""
    causes = {n.id: n.dedupe_key.rpartition(":")[2] for n in world.all(Notification) if n.kind == _KIND}
    sent = [each for each in world.all(Delivery) if each.notification_id in causes]
    return {(causes[each.notification_id], each.channel.value): each.outcome for each in sent}


def _choose(world: World, caller: Caller, **switches: bool) -> None:
    with world.rows() as session:
        session.get_one(User, caller.user_id).switches = {
            name.replace("_", "."): value for name, value in switches.items()
        }
        session.commit()


# ------------------------------------------------------------------------------------------------ what goes where


def test_a_number_that_anybody_may_have_typed_gets_no_sms_but_the_mail_goes(world: World) -> None:
    client = _unproved(world)
    _remind(world, client, "one")
    assert world.texts() == []
    assert _sent(world) == {("one", "mail"): "sent"}


def test_once_the_code_is_typed_sms_go_to_the_number(world: World) -> None:
    client = _unproved(world)
    assert _ask(world, client) == "sent"
    assert _prove(world, client, _code(world)) == _NUMBER
    _remind(world, client, "one")
    assert _sent(world) == {("one", "mail"): "sent", ("one", "sms"): "sent"}
    assert [sms["to"] for sms in world.texts()] == [_NUMBER] * 2


def test_what_is_not_sent_by_sms_is_mailed_even_where_mail_was_switched_off(world: World) -> None:
    client = _unproved(world)
    _choose(world, client, reminders_mail=False, reminders_sms=True)
    _remind(world, client, "one")
    assert _sent(world) == {("one", "mail"): "sent"}
    _choose(world, client, reminders_mail=False, reminders_sms=False)
    _remind(world, client, "two")
    assert _sent(world)["two", "mail"] == "off"


def test_a_number_that_lost_its_proof_before_the_sms_went_out_has_its_mail_instead(world: World) -> None:
    client = world.person()
    _choose(world, client, reminders_mail=False, reminders_sms=True)
    _write(world, client, "one")
    _change(world, client, _OTHER)
    world.sweep()
    world.sweep()
    assert _sent(world) == {("one", "mail"): "sent", ("one", "sms"): "off"}
    assert world.texts() == []


def test_who_gave_no_number_and_wants_no_mail_gets_none(world: World) -> None:
    client = _unproved(world, None)
    _choose(world, client, reminders_mail=False, reminders_sms=True)
    _remind(world, client, "one")
    assert _sent(world) == {("one", "mail"): "off"}


def test_a_number_that_the_carrier_refuses_has_its_mail_instead(world: World) -> None:
    client = world.person()
    with world.rows() as session:
        session.get_one(User, client.user_id).phone = "+254700000406"
        session.commit()
    _choose(world, client, reminders_mail=False, reminders_sms=True)
    _remind(world, client, "one")
    world.sweep()
    assert _sent(world) == {("one", "mail"): "sent", ("one", "sms"): "refused"}


def test_ten_sms_reach_a_client_in_a_day_and_all_that_follows_is_mailed(counted: World) -> None:
    client = counted.person()
    _choose(counted, client, reminders_mail=False, reminders_sms=True)
    _remind(counted, client, *(f"{n:02}" for n in range(MOST + 2)))
    counted.sweep()
    assert len(counted.texts()) == MOST
    sent = _sent(counted)
    late = {cause for (cause, channel), outcome in sent.items() if (channel, outcome) == ("sms", "limited")}
    assert len(late) == 2
    assert {cause for (cause, channel), outcome in sent.items() if (channel, outcome) == ("mail", "sent")} == late
    counted.move(days=1)
    _remind(counted, client, "tomorrow")
    assert _sent(counted)["tomorrow", "sms"] == "sent"


# ------------------------------------------------------------------------------------------------ the code


def test_a_code_is_good_for_five_tries_and_a_quarter_of_an_hour(world: World) -> None:
    world.stand_still()
    client = _unproved(world)
    _ask(world, client)
    right = _code(world)
    wrong = [f"{(int(right) + n) % 1_000_000:06d}" for n in range(1, 7)]
    assert [_prove(world, client, each) for each in wrong] == ["code_wrong"] * 5 + ["code_expired"]
    assert _prove(world, client, right) == "code_expired"
    _ask(world, client)
    late = _code(world)
    world.move(minutes=15)
    assert _prove(world, client, late) == "code_expired"
    assert not _user(world, client).proved_phone


def test_the_newest_code_counts(world: World) -> None:
    client = _unproved(world)
    _ask(world, client)
    old = _code(world)
    world.move(seconds=1)
    _ask(world, client)
    assert _prove(world, client, old) == "code_wrong"
    assert _prove(world, client, _code(world)) == _NUMBER


def test_another_number_has_to_be_proved_anew_and_the_same_one_not(world: World) -> None:
    client = world.person()
    _change(world, client, "0712 345 678")
    assert _user(world, client).proved_phone == _NUMBER
    _change(world, client, _OTHER)
    assert (_user(world, client).phone, _user(world, client).proved_phone) == (_OTHER, "")


def test_a_code_that_went_to_one_number_proves_no_other(world: World) -> None:
    client = _unproved(world)
    _ask(world, client)
    code = _code(world)
    _change(world, client, _OTHER)
    assert _prove(world, client, code) == "code_expired"
    _ask(world, client)
    assert _prove(world, client, code) == "code_wrong"
    assert _user(world, client).proved_phone == ""


def test_two_of_a_family_each_prove_the_number_they_share(world: World) -> None:
    amina, baraka = _unproved(world), _unproved(world)
    _ask(world, amina)
    amina_code = _code(world)
    world.move(seconds=1)
    _ask(world, baraka)
    baraka_code = _code(world)
    assert _prove(world, baraka, amina_code) == "code_wrong", "each has a code of their own"
    assert _prove(world, amina, amina_code) == _NUMBER
    assert _prove(world, baraka, baraka_code) == _NUMBER


def test_a_code_that_the_carrier_did_not_answer_for_is_not_sent_twice(world: World) -> None:
    """It takes no key to tell a repeated call by: who waits asks for another."""
    client = _unproved(world)
    world.faults(gateway="africastalking", route="send", fault="reset", when="after")
    _ask(world, client)
    for _ in range(4):
        world.sweep()
        world.move(minutes=2)
    assert len(world.texts(_NUMBER)) == 1


def test_a_number_that_was_changed_before_the_code_went_out_gets_none(world: World) -> None:
    client = _unproved(world)
    _ask(world, client)
    _change(world, client, _OTHER)
    world.sweep()
    assert world.texts() == []


# ------------------------------------------------------------------------------------------------ how often, and whereto


def test_three_codes_an_hour_reach_a_number_whoever_asks(counted: World) -> None:
    answers = [_ask(counted, _unproved(counted), f"198.51.{n}.1") for n in range(5)]
    assert answers == ["sent"] * 3 + ["codes_too_often"] * 2
    counted.sweep()
    assert len(counted.texts(_NUMBER)) == 3


def test_six_codes_a_day_reach_a_number_whoever_asks(counted: World) -> None:
    answers = []
    for n in range(9):
        answers.append(_ask(counted, _unproved(counted), f"198.51.{n}.1"))
        counted.move(minutes=31)
    assert answers.count("sent") == 6


def test_one_account_sends_five_codes_an_hour_to_whichever_numbers(counted: World) -> None:
    client = _unproved(counted)
    answers = []
    for n in range(7):
        _change(counted, client, f"+25472200012{n}")
        answers.append(_ask(counted, client, f"198.51.{n}.1"))
    assert answers == ["sent"] * 5 + ["codes_too_often"] * 2


def test_a_network_sends_sixty_codes_an_hour(counted: World) -> None:
    def ask(nth: int) -> str:
        with counted.app.app_context():
            try:
                guessing.before_text(User(id=nth), f"+2547220{nth:05}", _NETWORK)
            except Problem as problem:
                return problem.code
        return "sent"

    assert [ask(nth) for nth in range(62)] == ["sent"] * 60 + ["codes_too_often"] * 2


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("+33612345678", "a country where nobody can pay"),
        ("+442079460000", "a landline"),
        ("+33899123456", "a number that costs its caller more"),
    ],
)
def test_no_sms_goes_to_other_countries_or_to_numbers_that_are_no_mobiles(world: World, number: str, why: str) -> None:
    assert _ask(world, _unproved(world, number)) == "phone_not_texted", why
    proved = world.person()
    with world.rows() as session:
        session.get_one(User, proved.user_id).phone = number
        session.commit()
    _remind(world, proved, "one")
    assert _sent(world) == {("one", "mail"): "sent"}
    assert (world.texts(), world.all(MailedCode)) == ([], [])


def test_the_operator_may_name_the_countries(world: World, app: Flask) -> None:
    client = _unproved(world, "+33612345678")
    app.config["SMS_COUNTRIES"] = ("FR",)
    try:
        assert (_ask(world, client), _ask(world, _unproved(world))) == ("sent", "phone_not_texted")
        with world.rows():
            assert "Africa's Talking, to numbers of FR" in [each.words for each in doctor.examine()]
    finally:
        app.config["SMS_COUNTRIES"] = ()
    with world.rows():
        assert "Africa's Talking, to numbers of IN, KE" in [each.words for each in doctor.examine()]


def test_there_is_nothing_to_send_without_a_number_or_to_one_that_is_proved(world: World) -> None:
    assert _ask(world, _unproved(world, None)) == "phone_missing"
    assert _ask(world, world.person()) == "phone_proved"


def test_without_proof_of_anything_a_number_is_taken_as_proved(world: World, app: Flask) -> None:
    """KIKAO_PROOF=off, which production refuses."""
    app.config["PROOF"] = False
    try:
        with world.rows():
            user = people.register("amina@people.test", "correct horse", "Amina", phone=_NUMBER)
            assert user.proved_phone == _NUMBER
            assert people.change_profile(user, Profile("Amina", _OTHER, "en", "UTC")).proved_phone == _OTHER
    finally:
        app.config["PROOF"] = True


def test_no_number_and_no_code_stands_in_a_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    client = _unproved(world)
    world.faults(gateway="africastalking", route="send", fault="500", when="after")
    with caplog.at_level("DEBUG", logger="app"):
        _ask(world, client)
        code = _code(world)
    assert "code.not_texted" in caplog.text
    assert "712345678" not in caplog.text
    assert code not in caplog.text


# ------------------------------------------------------------------------------------------------ the doors


def test_a_program_proves_its_persons_number(world: World) -> None:
    client = _unproved(world)
    assert client.get("/me").json["phone_proved"] is False
    assert client.post("/me/phone/code").status_code == 202
    assert client.post("/me/phone/prove", {"code": "1"}).json["code"] == "code_wrong"
    answer = client.post("/me/phone/prove", {"code": _code(world)})
    assert (answer.status_code, answer.json["phone_proved"]) == (200, True)
    assert client.post("/me/phone/code").status_code == 409


def test_a_person_proves_a_number_on_the_profile(world: World) -> None:
    client = _unproved(world)
    browser = log_in(world, client)

    def post(path: str, **form: str) -> Any:
        return browser.post(path, data={"csrf_token": token_in(browser.get("/profile").text), **form})

    assert "confirm that the number is yours" in browser.get("/profile").text
    assert "Send me a code by SMS" in browser.get("/profile/phone").text
    assert post("/profile/phone/code").location == "/profile/phone"
    assert "Confirm this number" in browser.get("/profile/phone").text
    assert "does not match" in post("/profile/phone", code="1").text
    assert post("/profile/phone", code=_code(world)).location == "/profile"
    assert "confirm that the number is yours" not in browser.get("/profile").text
    assert "This number is confirmed" in browser.get("/profile/phone").text


def test_the_proof_is_lost_with_the_number_on_the_profile(world: World) -> None:
    client = world.person()
    visitor = Visitor(world, client)
    form = {"name": "Wanjiku", "phone": _OTHER, "language": "en", "zone": "Africa/Nairobi"}
    assert visitor.post("/profile", **form).status_code == 303
    assert client.get("/me").json["phone_proved"] is False
