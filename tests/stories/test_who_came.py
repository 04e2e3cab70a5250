"""Who came: a client's word against a practitioner's, and money that nobody decides about until staff have."""

import re
import uuid
from datetime import datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.lib import clock
from app.models import AttendanceReview, Booking, Change, Checkout, Refund, Role
from app.services.bookings import attendance
from tests.support.at_once import at_once
from tests.support.credit import held
from tests.support.proofs import Pages
from tests.support.world import PASSWORD, Caller, World


class Scene:
    """A paid session, its two sides and somebody of staff, and the way to its hour."""

    def __init__(self, world: World, mode: str = "hold_then_pay", **service: Any) -> None:
        self.world, self.owner, self.client = world, world.practitioner(), world.person()
        self.staff = world.person(Role.STAFF)
        number = world.service(self.owner, mode, **service)
        start = world.start(number, 2)
        paid_after = mode == "pay_after"
        made = world.book(self.client, number, start)["booking"] if paid_after else self._paid(number, start)
        self.id = made["id"]
        self.starts = datetime.fromisoformat(made["start"])

    def _paid(self, number: int, start: str) -> dict[str, Any]:
        return self.world.booked(self.client, number, start=start)

    def at(self, minutes: float) -> None:
        """It is so many minutes after the agreed beginning."""
        self.world.move(seconds=(self.starts - clock.now()).total_seconds() + minutes * 60)

    def act(self, who: Caller, action: str, **body: Any) -> TestResponse:
        """POST /bookings/{id}/{action}."""
        return who.post(f"/bookings/{self.id}/{action}", body)

    def code(self, who: Caller, action: str, **body: Any) -> tuple[int, str]:
        """What came of it: the status, and the code of the problem or the booking's status."""
        answer = self.act(who, action, **body)
        assert answer.json is not None
        return answer.status_code, answer.json["code"] if answer.status_code >= 400 else answer.json["status"]

    def seen(self, who: Caller) -> dict[str, Any]:
        """The booking as one of them sees it."""
        return self.world.booking(who, self.id)

    def back(self) -> int:
        """What is on its way back, in minor units."""
        return sum(refund.amount for refund in self.world.all(Refund))


@pytest.fixture
def scene(world: World) -> Scene:
    """A session for 60.00 that is paid; nothing comes back to who does not come."""
    return Scene(world)


# ------------------------------------------------------------------------------------------------ nobody came


@pytest.mark.parametrize("is_contested", [False, True])
def test_a_practitioner_is_asked_how_a_session_went_unless_staff_are_to_say(scene: Scene, is_contested: bool) -> None:
    """Today listed a contested session under "How did these go?", and its page had no answer to give."""
    scene.at(11)
    if is_contested:
        assert scene.act(scene.client, "nobody-came").status_code == 200
    scene.world.move(days=2)
    scene.world.sweep()
    assert ("How did these go?" in Pages(scene.world, scene.owner).get("/practice").text) is not is_contested
    tasks = [task["kind"] for task in scene.owner.get("/me/tasks").json]
    assert ("mark_session" in tasks) is not is_contested
    assert ("session_unmarked" in scene.world.notices(scene.owner)) is not is_contested


def test_a_client_whose_practitioner_stays_away_says_so_and_gets_everything_back(scene: Scene) -> None:
    """S2-13, ROW-2: from the start plus the grace time; staff look at it, both are told, nothing moves until they decide."""
    scene.at(9)
    assert scene.code(scene.client, "nobody-came") == (409, "too_early")
    assert "nobody-came" not in scene.seen(scene.client)["allowed_actions"]
    scene.at(11)
    assert "nobody-came" in scene.seen(scene.client)["allowed_actions"]
    assert scene.code(scene.client, "nobody-came", reason="I waited.") == (200, "confirmed")
    assert scene.code(scene.client, "nobody-came") == (409, "not_allowed")
    for who in (scene.client, scene.owner):
        assert "attendance_contested" in scene.world.notices(who)
    assert "attendance_review" in scene.world.notices(scene.staff)
    assert scene.back() == 0
    assert scene.code(scene.staff, "give-back") == (422, "reason_missing")
    assert scene.code(scene.staff, "give-back", reason="The practitioner was ill.") == (200, "cancelled")
    assert scene.back() == 6_000
    for who in (scene.client, scene.owner):
        assert "booking_cancelled" in scene.world.notices(who)


@pytest.mark.parametrize("action", ["no-show", "complete", "cancel", "start"])
def test_meanwhile_the_practitioner_marks_nothing(scene: Scene, action: str) -> None:
    """ROW-2: the absent practitioner could mark the client absent and keep the money."""
    scene.at(11)
    assert scene.act(scene.client, "nobody-came").status_code == 200
    scene.at(70)
    assert scene.code(scene.owner, action, reason="x")[0] == 409
    assert scene.seen(scene.owner)["allowed_actions"] == ["give-back", "what-happened"]
    scene.world.move(days=30)
    for _ in range(2):
        scene.world.sweep()
    assert scene.seen(scene.owner)["status"] == "confirmed"
    assert scene.back() == 0


def test_the_practitioner_may_agree_and_give_everything_back(scene: Scene) -> None:
    scene.at(11)
    scene.act(scene.client, "nobody-came")
    assert scene.code(scene.client, "give-back") == (404, "not_found")
    assert scene.code(scene.owner, "took-place") == (409, "not_allowed")
    assert scene.code(scene.owner, "give-back") == (200, "cancelled")
    assert scene.back() == 6_000


@pytest.mark.parametrize(("decision", "status", "back"), [("took-place", "completed", 0), ("absent", "no_show", 3_000)])
def test_staff_may_decide_otherwise(world: World, decision: str, status: str, back: int) -> None:
    """It took place, or it was the client who stayed away: then the terms say what comes back."""
    scene = Scene(world, no_show_percent=50)
    scene.at(11)
    scene.act(scene.client, "nobody-came")
    assert scene.code(scene.staff, decision, reason="Both have written.") == (200, status)
    assert scene.back() == back
    assert scene.code(scene.staff, "give-back", reason="x") == (409, "not_allowed")
    assert scene.code(scene.client, "nobody-came") == (409, "not_allowed")


def test_a_practitioner_who_completes_what_they_did_not_give_proves_nothing(scene: Scene) -> None:
    """One side's act is no proof: the client may contest what is said to be completed, for some days."""
    scene.at(1)
    scene.act(scene.owner, "start")
    assert scene.code(scene.owner, "complete") == (200, "completed")
    scene.at(11)
    assert scene.code(scene.client, "nobody-came") == (200, "completed")
    assert scene.code(scene.staff, "give-back", reason="No call took place.") == (200, "cancelled")
    assert scene.back() == 6_000


def test_a_bill_for_a_session_that_is_contested_stands_in_nobodys_way(world: World) -> None:
    """Nothing is to be paid before it is decided; given back, nothing is owed."""
    scene = Scene(world, "pay_after")
    scene.at(1)
    scene.act(scene.owner, "start")
    scene.act(scene.owner, "complete")
    scene.at(11)
    other = world.service(world.practitioner(name="Another"))
    wish = {"service_id": other, "start": world.start(other)}
    assert scene.client.post("/bookings", wish).json["code"] == "balance_due"
    scene.act(scene.client, "nobody-came")
    assert scene.client.post("/bookings", wish).status_code == 201
    scene.act(scene.staff, "give-back", reason="x")
    assert scene.seen(scene.client)["checkout_id"] is None


@pytest.mark.parametrize("_round", range(2))
def test_both_sides_at_once_are_one_after_the_other(scene: Scene, _round: int) -> None:
    """Nobody came, says one, and the client is absent, says the other: one of them is first, and the other is not lost."""
    scene.at(11)
    codes = at_once(lambda: scene.code(scene.client, "nobody-came"), lambda: scene.code(scene.owner, "no-show"))
    assert sorted(status for status, _ in codes) == [200, 409]
    if scene.seen(scene.client)["status"] == "no_show":
        assert scene.code(scene.client, "was-there") == (200, "no_show")
    assert [review.status.value for review in scene.world.all(AttendanceReview)] == ["open"]
    assert scene.code(scene.staff, "give-back", reason="x") == (200, "cancelled")
    assert scene.back() == 6_000


# ------------------------------------------------------------------------------------------------ absent clients


def test_the_clients_own_start_does_not_end_their_grace(scene: Scene) -> None:
    """Finding 5: one side's act is no proof against itself."""
    scene.at(-5)
    assert scene.act(scene.client, "start").status_code == 200
    scene.at(0.1)
    assert scene.code(scene.owner, "no-show") == (409, "too_early")


def test_who_started_the_session_and_is_noted_as_absent_is_looked_at_first(scene: Scene) -> None:
    """Finding 5: the money stays where it is until staff have seen the times."""
    scene.at(-5)
    scene.act(scene.client, "start")
    scene.at(11)
    assert scene.code(scene.owner, "no-show") == (200, "no_show")
    assert [review.claim.value for review in scene.world.all(AttendanceReview)] == ["had_started"]
    assert scene.code(scene.staff, "give-back", reason="They were there.") == (200, "cancelled")
    assert scene.back() == 6_000


def test_nobody_is_absent_after_a_call_both_were_in(scene: Scene) -> None:
    """Finding 5: a call of 55 minutes, and then a no-show."""
    scene.at(0)
    assert scene.act(scene.owner, "start-call").status_code == 200
    assert scene.act(scene.client, "start-call").status_code == 200
    scene.at(55)
    assert scene.act(scene.client, "end-call").status_code == 200
    assert scene.code(scene.owner, "no-show") == (409, "both_were_there")
    assert scene.code(scene.client, "nobody-came") == (409, "both_were_there")
    assert "nobody-came" not in scene.seen(scene.client)["allowed_actions"]


def test_a_client_noted_as_absent_says_that_they_were_there(world: World) -> None:
    """Finding 5: it is looked at; what is decided follows the money to the unit, whatever had gone back before."""
    scene = Scene(world, no_show_percent=25)
    scene.at(11)
    assert scene.code(scene.owner, "no-show") == (200, "no_show")
    assert scene.back() == 1_500
    assert scene.code(scene.client, "was-there", reason="I sat there.") == (200, "no_show")
    assert scene.code(scene.staff, "give-back", reason="The log shows it.") == (200, "cancelled")
    assert scene.back() == 6_000


def test_a_no_show_that_stands_takes_nothing_twice(world: World) -> None:
    scene = Scene(world, no_show_percent=25)
    scene.at(11)
    scene.act(scene.owner, "no-show")
    scene.act(scene.client, "was-there")
    assert scene.code(scene.staff, "absent", reason="Nobody saw them.") == (200, "no_show")
    assert scene.back() == 1_500


def test_a_contested_no_show_keeps_its_share_of_what_was_agreed(world: World) -> None:
    """Finding 4 beside finding 5: 90.00 agreed, 60.00 paid, 50 %: 45.00 is kept, though staff decide once it was noted."""
    scene = Scene(world, no_show_percent=50)
    moved = scene.act(scene.owner, "reschedule", start=scene.starts.isoformat(), minutes=90)
    assert moved.status_code == 200, moved.text
    assert scene.act(scene.client, "reschedule/accept").status_code == 200
    scene.at(-3)
    assert scene.act(scene.client, "start").status_code == 200
    scene.at(11)
    assert scene.code(scene.owner, "no-show") == (200, "no_show")
    assert scene.back() == 0
    assert scene.code(scene.staff, "absent", reason="Nobody saw them.") == (200, "no_show")
    assert scene.back() == 1_500
    assert [row.amount for row in world.all(Checkout) if row.status == "open"] == []


def test_a_no_show_is_not_contested_for_ever(scene: Scene) -> None:
    scene.at(11)
    scene.act(scene.owner, "no-show")
    scene.world.move(days=7, minutes=1)
    assert scene.code(scene.client, "was-there") == (409, "session_over")


# ------------------------------------------------------------------------------------------------ bounds in time


def test_a_session_nobody_marked_is_asked_about_after_a_day_and_settled_after_a_week(world: World) -> None:
    """Finding 12: a mail to the practitioner, then it counts as completed, and pay_after becomes a bill."""
    scene = Scene(world, "pay_after")
    scene.at(60 + 24 * 60 - 1)
    world.sweep()
    assert "session_unmarked" not in world.notices(scene.owner)
    world.move(minutes=2)
    for _ in range(2):
        world.sweep()
    assert world.notices(scene.owner).count("session_unmarked") == 1
    world.move(days=5, hours=23)
    world.sweep()
    assert scene.seen(scene.client)["status"] == "confirmed"
    world.move(hours=1)
    world.sweep()
    seen = scene.seen(scene.client)
    assert (seen["status"], seen["money"]) == ("completed", "due")
    assert world.checkout(scene.client, seen["checkout_id"])["amount"]["amount"] == 6_000


def test_nobody_is_billed_for_what_the_practitioner_was_never_asked_about(world: World) -> None:
    """What was never marked in years is asked about first, when this comes to it."""
    scene = Scene(world, "pay_after")
    scene.at(60)
    world.move(days=300)
    for _ in range(2):
        world.sweep()
    assert scene.seen(scene.client)["status"] == "confirmed"
    world.move(days=6, minutes=1)
    world.sweep()
    assert scene.seen(scene.client)["status"] == "completed"


def test_a_review_that_opens_after_the_sweep_has_looked_is_not_settled(world: World) -> None:
    """The clock decides under the lock, by what is true then."""
    scene = Scene(world, "pay_after")
    scene.at(60)
    scene.world.move(days=1, minutes=1)
    world.sweep()
    scene.act(scene.client, "nobody-came")
    scene.world.move(days=8)
    with world.app.app_context():
        assert attendance.to_settle() == []
        assert attendance.settle(uuid.UUID(scene.id)) is False
    assert scene.seen(scene.client)["status"] == "confirmed"


@pytest.mark.parametrize("action", ["start", "cancel"])
def test_a_client_neither_starts_nor_cancels_long_after_the_end(scene: Scene, action: str) -> None:
    """Finding 12: twenty days later both were possible."""
    scene.at(60 + 59)
    assert action in scene.seen(scene.client)["allowed_actions"]
    scene.at(60 + 61)
    assert action not in scene.seen(scene.client)["allowed_actions"]
    assert scene.code(scene.client, action) == (409, "session_over")
    assert scene.seen(scene.client)["status"] == "confirmed"


def test_nothing_is_completed_before_it_was_to_begin(scene: Scene) -> None:
    scene.at(-5)
    assert scene.act(scene.owner, "start").status_code == 200
    assert scene.code(scene.owner, "complete") == (409, "too_early")
    scene.at(0.1)
    assert scene.code(scene.owner, "complete") == (200, "completed")


# ------------------------------------------------------------------------------------------------ pages


def test_who_came_is_said_and_decided_on_the_bookings_page(scene: Scene) -> None:
    """The client says it, staff find it in their queue and read the times, and decide on the same page."""
    scene.at(-1)
    scene.act(scene.client, "start")
    scene.at(11)
    client, staff = Pages(scene.world, scene.client), Pages(scene.world, scene.staff)
    page = f"/bookings/{scene.id}"
    assert "Nobody came" in client.get(page).text
    assert f"{page}#attendance" in client.get(f"{page}/room").text
    assert client.post(f"{page}/nobody-came", {"reason": "I waited."}).status_code == 303
    assert "Our staff are checking who came" in client.get(page).text
    assert "The client says that nobody came." in staff.get("/staff/queues/attendance").text
    shown = staff.get(page).text
    assert all(word in shown for word in ("Started by", "Refund in full", "It took place"))
    wrong = staff.post(f"{page}/give-back", {"reason": ""})
    assert (wrong.status_code, "reason-give-back" in wrong.text) == (422, True)
    assert staff.post(f"{page}/give-back", {"reason": "It is so."}).status_code == 303
    assert [booking.status.value for booking in scene.world.all(Booking)] == ["cancelled"]


@pytest.mark.parametrize(
    ("action", "clients", "practitioners"),
    [
        ("nobody-came", "You said that nobody came.", "Wanjiku Kamau says that nobody came."),
        (
            "was-there",
            "You said that you were there.",
            "You marked Wanjiku Kamau as absent, but they say they were there.",
        ),
    ],
)
def test_each_side_reads_what_is_said_and_only_staff_why(
    scene: Scene, action: str, clients: str, practitioners: str
) -> None:
    """On the page and in the mail; nobody is told to "be there" for what is being looked at."""
    scene.at(11)
    if action == "was-there":
        scene.act(scene.owner, "no-show", reason="She did not come.")
    scene.act(scene.client, action, reason="I waited for long.")
    scene.world.sweep()
    page = f"/bookings/{scene.id}"
    for who, said in ((scene.client, clients), (scene.owner, practitioners)):
        shown = Pages(scene.world, who).get(page).text
        assert (said in shown, "Please be there" in shown) == (True, False)
        assert ("Disagreement about who came" in shown, "I waited for long." in shown) == (True, False)
        assert said in scene.world.mails(scene.world.email(who))[0]["text"]
    assert "I waited for long." in Pages(scene.world, scene.staff).get(page).text


def test_a_client_who_waits_reads_from_when_they_can_say_that_nobody_came(scene: Scene) -> None:
    said = "If Dr. Amina Otieno does not come, you can say so here from"
    room = f"/bookings/{scene.id}/room"
    shown = []
    for minutes in (-2, 2, 11):
        scene.at(minutes)
        shown.append([said in Pages(scene.world, who).get(room).text for who in (scene.client, scene.owner)])
    assert shown == [[False, False], [True, False], [False, False]]


def test_who_is_noted_absent_reads_where_to_say_otherwise_until_staff_have_decided(scene: Scene) -> None:
    """The mail about a no-show names a way only while there is one."""
    offered, decided = "If you were there, say so on the booking page", "decided that the client did not come"
    told = []
    scene.at(11)
    for who, action in ((scene.owner, "no-show"), (scene.client, "was-there"), (scene.staff, "absent")):
        assert scene.act(who, action, reason="So it was.").status_code == 200
        scene.world.sweep()
        text = scene.world.mails(scene.world.email(scene.client))[0]["text"]
        told.append((offered in text, decided in text, "\n\n\n" in text))
    assert told == [(True, False, False), (False, False, False), (False, True, False)]


# ------------------------------------------------------------------------------------------------ both sides in words


def test_both_sides_say_what_happened_until_staff_decide_and_only_staff_read_it(scene: Scene) -> None:
    """Issues 12 and 13: an absent-or-not practitioner could only give everything back."""
    scene.at(11)
    assert scene.code(scene.owner, "what-happened", text="x") == (409, "not_allowed")
    scene.act(scene.client, "nobody-came", reason="I waited for long.")
    assert scene.seen(scene.owner)["allowed_actions"] == ["give-back", "what-happened"]
    assert scene.code(scene.owner, "what-happened", text=" ")[0] == 422
    for words in ("I was in the room at nine.", "Here is the log."):
        assert scene.code(scene.owner, "what-happened", text=words) == (200, "confirmed")
    assert scene.code(scene.client, "what-happened", text="The room was empty.") == (200, "confirmed")
    assert scene.code(scene.staff, "what-happened", text="x") == (404, "not_found")
    client, owner, staff = (_read(scene, who) for who in (scene.client, scene.owner, scene.staff))
    owners, clients = ("I was in the room at nine.", "Here is the log."), ("The room was empty.",)
    assert all(text in staff for text in (*owners, *clients, "I waited for long."))
    assert [all(t in owner for t in owners), any(t in owner for t in clients)] == [True, False]
    assert [any(t in client for t in owners), all(t in client for t in clients)] == [
        False,
        True,
    ]
    assert "Told our staff what happened" in client
    scene.act(scene.staff, "took-place", reason="The log shows it.")
    assert scene.code(scene.owner, "what-happened", text="Thanks.") == (409, "not_allowed")
    assert scene.back() == 0


def _read(scene: Scene, who: Caller) -> str:
    return Pages(scene.world, who).get(f"/bookings/{scene.id}").text


def test_nobody_writes_without_end_about_one_session(scene: Scene) -> None:
    scene.at(11)
    scene.act(scene.client, "nobody-came")
    codes = [scene.code(scene.owner, "what-happened", text=f"And {n}.")[0] for n in range(11)]
    assert codes == [200] * 10 + [409]
    assert "what-happened" not in scene.seen(scene.owner)["allowed_actions"]
    assert "what-happened" in scene.seen(scene.client)["allowed_actions"]


def test_saying_what_happened_waits_for_the_practitioner_until_they_have(scene: Scene) -> None:
    """On Today and in the API, also where the client had started it and has said nothing."""
    scene.at(-5)
    scene.act(scene.client, "start")
    scene.at(11)
    scene.act(scene.owner, "no-show")
    page = Pages(scene.world, scene.owner)
    assert "Say what happened at your session with Wanjiku Kamau" in page.get("/practice").text
    assert _kinds(scene) == ["say_what_happened"]
    wrong = page.post(f"/bookings/{scene.id}/what-happened", {"reason": ""})
    assert (wrong.status_code, "reason-what-happened" in wrong.text) == (422, True)
    assert page.post(f"/bookings/{scene.id}/what-happened", {"reason": "I waited."}).status_code == 303
    assert _kinds(scene) == []
    scene.act(scene.client, "what-happened", text="I was there.")
    assert _kinds(scene) == []


def test_nothing_waits_for_the_practitioner_once_it_is_decided(scene: Scene) -> None:
    scene.at(11)
    scene.act(scene.client, "nobody-came")
    scene.act(scene.client, "what-happened", text="The room was empty.")
    assert "say_what_happened" in _kinds(scene)
    scene.act(scene.staff, "give-back", reason="So it is.")
    assert "say_what_happened" not in _kinds(scene)


def _kinds(scene: Scene) -> list[str]:
    return [task["kind"] for task in scene.owner.get("/me/tasks").json]


# ------------------------------------------------------------------------------------------------ it took place after all


def _marked_wrongly(world: World, percent: int, mode: str = "hold_then_pay") -> Scene:
    """A no-show that has been settled by the terms and is contested."""
    scene = Scene(world, mode, no_show_percent=percent)
    scene.at(11)
    scene.act(scene.owner, "no-show", reason="She did not come.")
    scene.act(scene.client, "was-there")
    return scene


@pytest.mark.parametrize(("percent", "kept"), [(0, (5_400, 600)), (25, (4_050, 450)), (100, (0, 0))])
def test_a_no_show_that_took_place_keeps_what_was_earned_and_asks_for_nothing(
    world: World, percent: int, kept: tuple[int, int]
) -> None:
    """60.00 paid: by 25 % 15.00 went back and stays back, and of 45.00 a tenth is the platform's; nobody is absent."""
    scene = _marked_wrongly(world, percent)
    assert scene.code(scene.staff, "took-place", reason="The log shows it.") == (200, "completed")
    assert scene.back() == 6_000 - sum(kept)
    assert (held(world, "practitioner"), held(world, "platform")) == kept
    assert [bill.status for bill in world.all(Checkout)] == ["paid"]
    (booking,) = world.all(Booking)
    assert (booking.missed_at, booking.reason, booking.ended_by) == (None, "", "")


def test_of_a_session_paid_for_afterwards_the_price_is_due_when_it_took_place(world: World) -> None:
    """Not coming cost half, 30.00; having come costs 60.00, asked for once."""
    scene = _marked_wrongly(world, 50, "pay_after")
    assert _open_bills(world) == [("fee", 3_000)]
    assert scene.code(scene.staff, "took-place", reason="The log shows it.") == (200, "completed")
    assert _open_bills(world) == [("due", 6_000)]
    assert scene.seen(scene.client)["money"] == "due"


def test_what_not_coming_cost_counts_when_it_took_place(world: World) -> None:
    """The fee of 30.00 was paid: 30.00 of the 60.00 is left."""
    scene = _marked_wrongly(world, 50, "pay_after")
    (fee,) = [bill for bill in world.all(Checkout) if bill.status == "open"]
    world.act(world.begin(scene.client, str(fee.id)))
    assert scene.code(scene.staff, "took-place", reason="The log shows it.") == (200, "completed")
    assert _open_bills(world) == [("due", 3_000)]


def test_what_was_forgiven_is_not_asked_for_when_it_took_place(world: World) -> None:
    scene = _marked_wrongly(world, 50, "pay_after")
    assert scene.act(scene.owner, "waive").status_code == 200
    assert scene.code(scene.staff, "took-place", reason="The log shows it.") == (200, "completed")
    assert _open_bills(world) == []


def test_who_had_started_and_came_pays_what_coming_costs(world: World) -> None:
    """Nothing had been decided about the money: the whole price is due."""
    scene = Scene(world, "pay_after", no_show_percent=50)
    scene.at(-5)
    scene.act(scene.client, "start")
    scene.at(11)
    scene.act(scene.owner, "no-show")
    assert scene.code(scene.staff, "took-place", reason="The log shows it.") == (200, "completed")
    assert _open_bills(world) == [("due", 6_000)]


def _open_bills(world: World) -> list[tuple[str, int]]:
    return [(bill.kind.value, bill.amount) for bill in world.all(Checkout) if bill.status == "open"]


# ------------------------------------------------------------------------------------------------ what mails say of the money


@pytest.mark.parametrize(
    ("mode", "percent", "said"),
    [
        ("hold_then_pay", 0, ["€ 60 of what was paid is kept."]),
        ("hold_then_pay", 25, ["(You get € 15 back|€ 15 is refunded to)", "€ 45 of what was paid is kept."]),
        ("hold_then_pay", 100, ["(You get € 60 back|€ 60 is refunded to)"]),
        ("pay_after", 50, ["€ 30 is due."]),
        ("pay_after", 100, ["Nothing was charged for it."]),
    ],
)
def test_the_mail_about_a_no_show_says_what_becomes_of_the_money(
    world: World, mode: str, percent: int, said: list[str]
) -> None:
    """What the act did, to both: kept, on its way back, owed."""
    scene = Scene(world, mode, no_show_percent=percent)
    scene.at(11)
    scene.act(scene.owner, "no-show")
    world.sweep()
    for who in (scene.client, scene.owner):
        (text,) = [mail["text"].replace("\xa0", " ") for mail in world.mails(world.email(who)) if _is_of_no_show(mail)]
        assert [each for each in said if not re.search(each, text)] == []
        assert ("is kept" in text, "is due" in text) == (percent < 100 and mode != "pay_after", "€ 30" in text)


def _is_of_no_show(mail: dict[str, Any]) -> bool:
    return mail["subject"].startswith(("We missed you", "Missed: the session"))


def test_the_mail_about_a_no_show_that_staff_look_at_promises_nothing_about_the_money(scene: Scene) -> None:
    scene.at(-5)
    scene.act(scene.client, "start")
    scene.at(11)
    scene.act(scene.owner, "no-show")
    scene.world.sweep()
    (text,) = [m["text"] for m in scene.world.mails(scene.world.email(scene.client)) if _is_of_no_show(m)]
    assert ("The money stays where it is until they decide." in text, "is kept" in text) == (True, False)


def test_the_mail_about_a_no_show_that_stands_says_that_the_money_stays_as_it_is(world: World) -> None:
    scene = _marked_wrongly(world, 25)
    scene.act(scene.staff, "absent", reason="Nobody saw them.")
    world.sweep()
    text = next(m["text"] for m in world.mails(world.email(scene.client)) if _is_of_no_show(m))
    assert "What happened to the money when this was recorded does not change." in text


def test_what_both_sides_wrote_goes_with_who_is_erased(scene: Scene) -> None:
    """The words of a contest are about a person: when it opened, and what was added since."""
    scene.at(11)
    scene.act(scene.client, "nobody-came", reason="I sat there, quagga.")
    scene.act(scene.owner, "what-happened", text="She was not there, quagga.")
    scene.act(scene.staff, "give-back", reason="So it is, quagga.")
    for _ in range(2):
        scene.world.sweep()
    erased = scene.client.post("/me/erase", {"password": PASSWORD, "email": scene.world.email(scene.client)})
    assert erased.status_code < 300, erased.text
    assert [change.why for change in scene.world.all(Change) if "quagga" in change.why] == []
