"""SMS: short, in the person's language, naming nobody; and every message as staff read it over."""

import re
import uuid

import pytest

from app.domain import languages
from app.lib.network import short_ids
from app.lib.phones import gsm
from app.messengers.base import Messenger
from app.models import Booking, Notification, User
from app.services.backoffice import previews
from app.services.core.transaction import transaction
from app.services.notifications import notices, preferences
from app.services.notifications.message_kinds import KINDS
from tests.support.visitor import Visitor
from tests.support.world import Caller, World

_LONG = "Prof. Dr. Adhiambo Akinyi Nyar-Kisumu wa Wanjiku Kamau-Otieno"


def _all_on(world: World, caller: Caller) -> None:
    with world.rows() as session:
        user = session.get_one(User, caller.user_id)
        user.switches = {f"{name}.sms": True for name in preferences.GROUPS}
        user.phone = user.phone or "+254712345679"
        session.commit()


@pytest.mark.in_turn
@pytest.mark.parametrize("language", languages.NAMES)
def test_every_sms_is_short_in_every_language_has_a_link_and_names_nobody(world: World, language: str) -> None:
    """S3-33, section 2 "Discreet mode"."""
    with world.app.test_request_context():
        found = [each for each in previews.all_of(language) if each.sms]
    assert {each.kind for each in found} == {kind for kind, row in KINDS.items() if row.texted}
    for each in found:
        most = (306 if language != "en" else 160) if gsm.is_basic(each.sms) else 134
        assert each.letters <= most, (each.kind, each.letters, each.sms)
        assert each.parts <= 2
        assert re.search(r"http://127\.0\.0\.1:\d+/(b/|c/|practice)", each.sms), each.sms
        assert each.sms.startswith("Kikao")
        for name in ("Wanjiku", "Amina", "Grief", "None", "\n"):
            assert name not in each.sms, each.sms
        assert each.parts == 1 or language != "en", (each.kind, each.letters)


@pytest.mark.in_turn
@pytest.mark.parametrize("language", [each for each in languages.NAMES if each != "en"])
def test_an_sms_is_in_its_readers_language(world: World, language: str) -> None:
    """S4-29: no line of any kind stays English."""
    with world.app.test_request_context():
        theirs, english = (previews.all_of(each) for each in (language, "en"))
    assert [a.kind for a, b in zip(theirs, english, strict=True) if a.sms and a.sms == b.sms] == []


def test_a_client_without_words_of_their_own_gets_sms_for_money_and_reminders_only(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "approve_then_pay"))
    owner.post(f"/bookings/{made['booking']['id']}/approve")
    world.sweep()
    [sms] = world.texts()
    assert sms["to"] == "+254712345678"
    assert sms["text"].startswith("Kikao: approved. Please pay € 60 by ")
    world.act(world.begin(client, world.booking(client, made["booking"]["id"])["checkout_id"]))
    world.sweep()
    assert len(world.texts()) == 1, "confirmations come by SMS only where asked for"


def test_with_sms_switched_on_each_step_reaches_both_phones(world: World) -> None:
    """S3-33: at each step of each row."""
    client, owner = world.person(name=_LONG), world.practitioner(name=_LONG)
    _all_on(world, client)
    _all_on(world, owner)
    made = world.book(client, world.service(owner, "approve_then_pay", title="Grief counselling", free_cancel_hours=0))
    owner.post(f"/bookings/{made['booking']['id']}/approve")
    world.sweep()
    world.act(world.begin(client, world.booking(client, made["booking"]["id"])["checkout_id"]))
    world.sweep()
    client.post(f"/bookings/{made['booking']['id']}/cancel")
    world.sweep()
    world.sweep()
    to_client = [sms["text"] for sms in reversed(world.texts("+254712345678"))]
    to_owner = [sms["text"] for sms in reversed(world.texts("+254712345679"))]
    beginnings = ["Kikao: approved", "Kikao: confirmed for"]
    assert [text[: len(start)] for text, start in zip(to_client, beginnings, strict=False)] == beginnings
    assert any("was cancelled" in text for text in to_client)
    assert any("was refunded to you" in text for text in to_client)
    assert ["was cancelled" in text for text in to_owner][-1]
    assert not any("Grief" in text or "Adhiambo" in text for text in to_client + to_owner)


def test_the_link_of_an_sms_leads_to_the_booking_after_logging_in(world: World) -> None:
    client, stranger = world.person(), world.person()
    _all_on(world, client)
    booking = world.booked(client, world.service(world.practitioner()))
    world.sweep()
    path = re.search(r"/b/[\w-]{22}", world.texts()[0]["text"])
    assert path
    answer = Visitor(world, client).get(path[0])
    assert (answer.status_code, answer.location) == (303, f"/bookings/{booking['id']}")
    assert world.app.test_client().get(answer.location).status_code == 302, "who is there is asked by the page itself"
    assert Visitor(world, stranger).get(answer.location).status_code == 404
    for wrong in ("/b/x", "/b/" + "A" * 21 + "B", "/c/" + "_" * 40, "/b/%00"):
        assert world.app.test_client().get(wrong).status_code == 404, wrong
    assert short_ids.unpack(short_ids.pack(booking["id"])) is not None


def test_without_a_carrier_or_a_phone_there_is_only_the_mail(world: World) -> None:
    carrier: Messenger = world.app.extensions["messenger"]
    with_phone, without = world.person(), world.person()
    with world.rows() as session:
        session.get_one(User, without.user_id).phone = None
        session.commit()
    try:
        world.app.extensions["messenger"] = None
        _tell(world, with_phone)
    finally:
        world.app.extensions["messenger"] = carrier
    _tell(world, without)
    assert set(_reminders(world)) == {(with_phone.user_id, "mail"), (without.user_id, "mail")}


def test_what_is_switched_off_or_loses_its_phone_before_it_is_sent_is_dropped(world: World) -> None:
    """Complaint 23: re-read at the moment of sending, by each copy."""
    first, second = world.person(), world.person()
    _tell(world, first, second)
    with world.rows() as session:
        session.get_one(User, first.user_id).switches = {"reminders.sms": False, "reminders.mail": False}
        session.get_one(User, second.user_id).phone = None
        session.commit()
    world.sweep()
    assert world.texts() == []
    assert {key: outcome for key, (outcome, _) in _reminders(world).items()} == {
        (first.user_id, "mail"): "off",
        (first.user_id, "sms"): "off",
        (second.user_id, "mail"): "sent",
        (second.user_id, "sms"): "off",
    }


def test_a_number_that_takes_no_sms_is_given_up_and_the_mail_is_not(world: World) -> None:
    client = world.person()
    with world.rows() as session:
        session.get_one(User, client.user_id).phone = "+254700000406"
        session.commit()
    _tell(world, client)
    world.sweep()
    world.move(hours=2)
    world.sweep()
    mine = client.user_id
    assert _reminders(world) == {(mine, "mail"): ("sent", 1), (mine, "sms"): ("refused", 1)}


def test_no_number_is_ever_written_into_a_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    client = world.person()
    _tell(world, client)
    for fault in ("500", "html", "timeout"):
        world.faults(gateway="africastalking", route="send", fault=fault, seconds=0)
    with caplog.at_level("WARNING", logger="app"):
        for _ in range(4):
            world.sweep()
            world.move(minutes=11)
    assert "sms.failed" in caplog.text, _reminders(world)
    assert "12345678" not in caplog.text
    assert world.texts()


def _tell(world: World, *callers: Caller) -> None:
    """Everything about a booking of each has been sent, and a reminder of it is written."""
    service = world.service(world.practitioner())
    made = [world.booked(caller, service, start=world.start(service, n * 3)) for n, caller in enumerate(callers)]
    world.sweep()
    with world.app.app_context(), transaction() as session:
        for caller, each in zip(callers, made, strict=True):
            booking = session.get_one(Booking, uuid.UUID(each["id"]))
            notices.tell(caller.user_id, "session_reminder", booking=booking, cause="x")


def _reminders(world: World) -> dict[tuple[int, str], tuple[str, int]]:
    """What became of each copy of each reminder, by person and channel, and how often it was tried."""
    found = [notice for notice in world.all(Notification) if notice.kind == "session_reminder"]
    return {(n.user_id, d.channel.value): (d.outcome, d.tries) for n in found for d in n.deliveries}


# ------------------------------------------------------------------------------------------------ how long it is


@pytest.mark.parametrize(
    ("text", "letters", "parts"),
    [
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("€" * 80, 160, 1),
        ("م" * 70, 70, 1),
        ("م" * 71, 71, 2),
        ("م" * 134, 134, 2),
        ("म" * 135, 135, 3),
        ("😀" * 35, 70, 1),
    ],
)
def test_letters_are_counted_as_networks_do(text: str, letters: int, parts: int) -> None:
    assert (gsm.length(text), gsm.parts(text)) == (letters, parts)


def test_french_loses_the_marks_phones_do_not_have_and_arabic_stays_as_it_is() -> None:
    assert gsm.plain("Votre place\u202fest gardée jusqu’à 10 h, prête ; ça va…") == (
        "Votre place est gardée jusqu'à 10 h, prete ; ca va..."
    )
    assert gsm.plain("تم  التأكيد\n10:00") == "تم التأكيد 10:00"
    assert gsm.is_basic(gsm.plain("₹\xa0900")), "or one sign would make a short English line two SMS"
