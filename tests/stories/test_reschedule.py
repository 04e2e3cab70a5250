"""Moving a session: the old place is kept until the new one is taken, and the payment stays where it is."""

import threading
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from app.domain.money import Money
from app.lib import clock
from app.models import Attempt, Booking, BusyFeed, BusyTime, Checkout, Hold, Refund, Reschedule, Role, Slot, User
from app.services.backoffice import repair
from app.services.practice import Hours
from tests.support import practices
from tests.support.credit import bought, held, offered, pay_with
from tests.support.proofs import Pages
from tests.support.world import Caller, World


def _booked(
    world: World, mode: str = "hold_then_pay", **terms: Any
) -> tuple[Caller, Caller, dict[str, Any], list[str]]:
    """A paid session in some days, and the free times after it."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, mode, **terms)
    free = [slot["start"] for slot in world.slots(service, days=6)]
    if mode == "pay_after":
        booking = world.book(client, service, free[70])["booking"]
    else:
        booking = world.booked(client, service, start=free[70])
    return client, owner, booking, free[71:]


def _move(who: Caller, booking: dict[str, Any], start: str, status: int = 200, **more: Any) -> dict[str, Any]:
    answer = who.post(f"/bookings/{booking['id']}/reschedule", {"start": start, **more})
    assert answer.status_code == status, answer.text
    return dict(answer.json or {})


def _answer(who: Caller, booking: dict[str, Any], word: str, **more: Any) -> Any:
    return who.post(f"/bookings/{booking['id']}/reschedule/{word}", more)


@pytest.mark.parametrize("side", ["client", "practitioner"])
def test_one_side_proposes_and_the_other_accepts(world: World, side: str) -> None:
    """S2-20, S2-21, S2-32, complaint 22: swapped in one step, still confirmed and paid, both told, nothing to pay again."""
    client, owner, booking, free = _booked(world)
    asks, answers = (client, owner) if side == "client" else (owner, client)
    proposed = _move(asks, booking, free[3], reason="Exams.")
    assert (proposed["status"], proposed["start"]) == ("confirmed", booking["start"])
    assert (proposed["reschedule"]["start"], proposed["reschedule"]["by"]) == (free[3], side)
    assert world.notices(answers)[-1] == "reschedule_proposed"
    assert "accept-reschedule" in world.booking(answers, booking["id"])["allowed_actions"]
    after = _answer(answers, booking, "accept").json
    assert (after["status"], after["money"], after["start"], after["reschedule"]) == (
        "confirmed",
        "paid",
        free[3],
        None,
    )
    assert [checkout.status for checkout in world.all(Checkout)] == ["paid"]
    again = [slot["start"] for slot in world.slots(booking["service_id"], days=6)]
    assert (booking["start"] in again, free[3] in again) == (True, False)
    for person in (client, owner):
        assert world.notices(person).count("booking_moved") == 1


def test_a_proposal_that_is_rejected_changes_nothing(world: World) -> None:
    """S2-20: who proposed reads why."""
    client, owner, booking, free = _booked(world)
    _move(client, booking, free[0])
    after = _answer(owner, booking, "reject", reason="Full that day.").json
    assert (after["start"], after["reschedule"]) == (booking["start"], None)
    assert world.notices(client)[-1] == "reschedule_rejected"
    assert [(row.status, row.answer) for row in world.all(Reschedule)] == [("rejected", "Full that day.")]
    assert _answer(owner, booking, "accept").json["code"] == "nothing_proposed"


def test_nobody_answers_their_own_proposal_and_strangers_find_nothing(world: World) -> None:
    client, owner, booking, free = _booked(world)
    _move(client, booking, free[0])
    assert _answer(client, booking, "accept").json["code"] == "nothing_proposed"
    stranger = world.person()
    for word in ("accept", "reject", "withdraw"):
        assert _answer(stranger, booking, word).status_code == 404
    assert stranger.post(f"/bookings/{booking['id']}/reschedule", {"start": free[1]}).status_code == 404
    assert _answer(owner, booking, "withdraw").json["code"] == "nothing_proposed"
    assert _answer(client, booking, "withdraw").status_code == 200
    assert world.booking(client, booking["id"])["reschedule"] is None


def test_the_place_asked_for_may_be_gone_by_the_time_of_the_answer(world: World) -> None:
    """S2-21: then the old one is kept, and nobody is in two places or in none."""
    client, owner, booking, free = _booked(world)
    _move(client, booking, free[0])
    world.booked(world.person(), booking["service_id"], start=free[0])
    answer = _answer(owner, booking, "accept")
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken")
    seen = world.booking(client, booking["id"])
    assert (seen["status"], seen["start"]) == ("confirmed", booking["start"])
    assert world.live_places() == 2


def test_a_time_that_is_taken_cannot_be_proposed(world: World) -> None:
    client, owner, booking, free = _booked(world)
    world.booked(world.person(), booking["service_id"], start=free[0])
    for who in (client, owner):
        assert _move(who, booking, free[0], 409)["code"] == "slot_taken"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"hours": -500}, "slot_past"),
        ({"minutes": 7}, "slot_not_offered"),
        ({}, "same_time"),
    ],
)
def test_a_time_nobody_could_mean_is_refused_beside_its_field(world: World, change: dict[str, int], code: str) -> None:
    """S2-32: future times only, and those that are offered."""
    client, _, booking, _ = _booked(world)
    start = datetime.fromisoformat(booking["start"]) + timedelta(**change)
    answer = _move(client, booking, start.isoformat(), 422)
    assert (answer["code"], answer["field"]) == (code, "start")


def test_the_practice_may_move_outside_its_hours_but_never_onto_another_session(world: World) -> None:
    """Complaint 25, next in line: who gives the session overrides the hours knowingly."""
    client, owner, booking, free = _booked(world)
    odd = (datetime.fromisoformat(free[2]) + timedelta(minutes=20)).isoformat()
    assert _move(owner, booking, odd)["reschedule"] is not None
    assert _answer(client, booking, "accept").status_code == 200
    assert free[2] not in [slot["start"] for slot in world.slots(booking["service_id"], days=6)]


def test_a_session_moves_by_half_its_own_length(world: World) -> None:
    """The old place does not stand in the way of the new one."""
    client, owner, booking, _ = _booked(world)
    start = (datetime.fromisoformat(booking["start"]) + timedelta(minutes=30)).isoformat()
    _move(owner, booking, start)
    assert _answer(client, booking, "accept").status_code == 200
    assert world.live_places() == 1
    assert len([slot for slot in world.all(Slot) if slot.closed_at is None]) == 1


def test_a_session_moves_by_what_was_agreed_whatever_its_service_is_by_then(world: World) -> None:
    """Policy as data, frozen on the booking: length, price and the hours to answer in."""
    client, owner, booking, free = _booked(world, answer_hours=48)
    practices.edit(world, owner, booking["service_id"], minutes=30, step_minutes=30, answer_hours=1, price_amount=900)
    _move(client, booking, free[3])
    [proposal] = world.all(Reschedule)
    assert proposal.expires_at - proposal.created_at > timedelta(hours=47)
    after = _answer(owner, booking, "accept").json
    assert (after["start"], after["price"]) == (free[3], booking["price"])
    assert datetime.fromisoformat(after["end"]) - datetime.fromisoformat(after["start"]) == timedelta(hours=1)


_NAIROBI = ZoneInfo("Africa/Nairobi")


def _in_office_hours(world: World, owner: Caller, booking: dict[str, Any]) -> tuple[str, str]:
    """From now on sessions are given from nine to five: 15:00 and 16:00 of the day after the booking's."""
    practices.weekly(world, owner, [Hours(day, time(9), time(17)) for day in range(7)])
    day = datetime.fromisoformat(booking["start"]).astimezone(_NAIROBI).date() + timedelta(days=1)
    three, four = (datetime.combine(day, time(hour), _NAIROBI).isoformat() for hour in (15, 16))
    return three, four


def _busy(world: World, start: str, minutes: int) -> None:
    """Another calendar of the practitioner's says that they have something else then."""
    [practice] = {row.practitioner_id for row in world.all(Booking)}
    begin = datetime.fromisoformat(start)
    with world.rows() as session:
        of = {"practitioner_id": practice}
        feed = BusyFeed(url="https://example.org/x.ics", created_at=clock.now(), next_fetch_at=clock.now(), **of)
        session.add(feed)
        session.flush()
        end = begin + timedelta(minutes=minutes)
        session.add(BusyTime(feed_id=feed.id, starts_at=begin, ends_at=end, **of))
        session.commit()


@pytest.mark.parametrize("how", ["both made it longer", "the service was made shorter"])
def test_a_free_move_keeps_the_whole_session_inside_the_hours(world: World, how: str) -> None:
    """Finding 3: two hours do not begin an hour before closing time, nor over what another calendar says."""
    long = how == "both made it longer"
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, free_moves=5, minutes=60 if long else 120, step_minutes=60)
    free = [slot["start"] for slot in world.slots(service, days=6)]
    booking = world.booked(client, service, start=free[60])
    if long:
        _move(owner, booking, free[64], minutes=120)
        assert _answer(client, booking, "accept").status_code == 200
    else:
        practices.edit(world, owner, service, minutes=60)
    three, four = _in_office_hours(world, owner, booking)
    assert _move(client, booking, four, 422)["code"] == "slot_not_offered"
    offered = Pages(world, client).get(f"/bookings/{booking['id']}/move?day={four[:10]}&month={four[:7]}")
    assert [_link(start) in unquote(offered.text) for start in (three, four)] == [True, False], (
        "the page offers what is taken"
    )
    _busy(world, four, 30)
    assert _move(client, booking, three, 409)["code"] == "slot_taken"
    before = (datetime.fromisoformat(three) - timedelta(hours=1)).isoformat()
    assert datetime.fromisoformat(_move(client, booking, before)["start"]) == datetime.fromisoformat(before)
    length = {row.ends_at - row.starts_at for row in world.all(Booking)}
    assert length == {timedelta(hours=2)}


def _link(start: str) -> str:
    """How a page's address names the instant."""
    return datetime.fromisoformat(start).astimezone(ZoneInfo("UTC")).strftime("start=%Y-%m-%dT%H:%M:%S")


def test_a_group_moves_together_although_its_service_has_fewer_places_by_now(world: World) -> None:
    """The kind of finding 3: four places were agreed, and no stranger is let in beside them."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, places=4, free_moves=1)
    free = [slot["start"] for slot in world.slots(service, days=6)]
    made = world.book(client, service, free[60], places=4)
    world.act(world.begin(client, made["checkout"]["id"]))
    practices.edit(world, owner, service, places=2)
    assert _move(client, made["booking"], free[64])["start"] == free[64]
    assert not world.is_free(service, free[64])
    assert world.live_places() == 4


@pytest.mark.parametrize("seconds", [17, 0.25])
def test_a_proposal_has_whole_minutes(world: World, seconds: float) -> None:
    """Finding 26: nobody means 08:00:17."""
    _, owner, booking, free = _booked(world)
    odd = (datetime.fromisoformat(free[2]) + timedelta(seconds=seconds)).isoformat()
    answer = _move(owner, booking, odd, 422)
    assert (answer["code"], answer["field"]) == ("whole_minutes", "start")
    assert world.all(Reschedule) == []


def test_two_sides_propose_and_the_later_word_stands(world: World) -> None:
    """A counter-proposal answers the first one; the same one twice is one."""
    client, owner, booking, free = _booked(world)
    first = _move(client, booking, free[0])["reschedule"]["id"]
    assert _move(client, booking, free[0])["reschedule"]["id"] == first
    _move(owner, booking, free[1])
    assert sorted(row.status.value for row in world.all(Reschedule)) == ["open", "rejected"]
    assert _answer(client, booking, "accept").json["start"] == free[1]


def test_a_proposal_lapses_by_the_clock_and_its_maker_is_told(world: World) -> None:
    client, owner, booking, free = _booked(world)
    _move(client, booking, free[-1])
    world.move(hours=25)
    assert world.booking(owner, booking["id"])["reschedule"] is None
    assert _answer(owner, booking, "accept").json["code"] == "nothing_proposed"
    world.sweep()
    assert [row.status for row in world.all(Reschedule)] == ["expired"]
    assert world.notices(client)[-1] == "reschedule_unanswered"


def test_a_proposal_ends_with_its_session(world: World) -> None:
    client, owner, booking, free = _booked(world)
    _move(client, booking, free[0])
    assert owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "Ill."}).status_code == 200
    assert _answer(owner, booking, "accept").status_code == 409
    assert _move(client, booking, free[1], 409)["code"] == "not_allowed"
    world.sweep()
    assert [row.status for row in world.all(Reschedule)] == ["withdrawn"]


def test_the_terms_may_let_a_client_move_without_asking_so_often_and_so_early(world: World) -> None:
    """Policy as data, frozen on the booking: one free move until 24 hours before."""
    client, owner, booking, free = _booked(world, free_moves=1, free_move_hours=24)
    moved = _move(client, booking, free[5])
    assert (moved["start"], moved["reschedule"]) == (free[5], None)
    assert world.notices(owner)[-1] == "booking_moved"
    assert _move(client, booking, free[6])["start"] == free[5]  # the second one is asked for
    late_client, _, late, times = _booked(world, free_moves=1, free_move_hours=24)
    world.move(seconds=(datetime.fromisoformat(late["start"]) - timedelta(hours=23) - clock.now()).total_seconds())
    assert _move(late_client, late, times[-1])["start"] == late["start"]


def _wait_until(world: World, start: str, **before: float) -> None:
    """It is so long before `start`."""
    world.move(seconds=(datetime.fromisoformat(start) - timedelta(**before) - clock.now()).total_seconds())


def test_the_same_free_move_pressed_twice_is_one_move(world: World) -> None:
    """The second press of a double click is the same success, on the page and in the API; no free move is used up by it."""
    client, _, booking, free = _booked(world, free_moves=2, free_move_hours=2)
    pages, path = Pages(world, client), f"/bookings/{booking['id']}/move"
    for _ in range(2):
        assert pages.post(path, {"start": free[5]}).status_code == 303
        assert _move(client, booking, free[5])["start"] == free[5]
    assert [(row.status.value, row.starts_at) for row in world.all(Reschedule)] == [
        ("accepted", datetime.fromisoformat(free[5]))
    ]
    assert world.all(Booking)[0].moves == 1
    assert world.notices(client).count("booking_moved") == 1


LATE = {"free_cancel_hours": 48, "later_tiers": ((24, 50),), "free_moves": 2, "free_move_hours": 2}


@pytest.mark.parametrize(("hours", "back"), [(50, 6_000), (40, 3_000), (3, 0)])
def test_a_free_move_does_not_undo_the_terms_of_cancelling(world: World, hours: int, back: int) -> None:
    """Where cancelling costs something already, it costs as much after a move that needed nobody's yes; the page says so before."""
    client, _, booking, free = _booked(world, **LATE)
    _wait_until(world, booking["start"], hours=hours)
    pages, path = Pages(world, client), f"/bookings/{booking['id']}"
    warned = "Cancelling is no longer free" in pages.http.get(f"{path}/move", query_string={"start": free[-1]}).text
    _move(client, booking, free[-2])
    _move(client, booking, free[-1])
    after = world.booking(client, booking["id"])
    assert (after["start"], after["if_cancelled"]["back"]["amount"]) == (free[-1], back)
    said = ["the refund is counted from" in pages.get(page).text for page in (path, f"{path}/cancel")]
    assert (warned, said) == (back < 6_000, [back < 6_000] * 2)
    assert client.post(f"{path}/cancel", {"reason": ""}).json["late"] is (back < 6_000)
    assert [refund.amount for refund in world.all(Refund)] == ([back] if back else [])


def test_after_a_free_move_to_an_earlier_time_the_terms_count_from_that(world: World) -> None:
    """The earlier of both: a session does not become cheaper to cancel by coming nearer."""
    client, _, booking, free = _booked(world, **LATE)
    _wait_until(world, booking["start"], hours=40)
    near = next(slot["start"] for slot in world.slots(booking["service_id"]))
    assert datetime.fromisoformat(near) < datetime.fromisoformat(booking["start"])
    _move(client, booking, near)
    assert world.booking(client, booking["id"])["if_cancelled"]["back"]["amount"] == 0
    _move(client, booking, free[-1])
    assert world.booking(client, booking["id"])["if_cancelled"]["back"]["amount"] == 0


def test_a_move_both_agreed_to_begins_the_terms_anew(world: World) -> None:
    """Whoever gives the session and says yes to a week later says yes to that."""
    client, owner, booking, free = _booked(world, **LATE | {"free_moves": 1})
    _wait_until(world, booking["start"], hours=3)
    _move(client, booking, free[-2])
    assert world.booking(client, booking["id"])["if_cancelled"]["back"]["amount"] == 0
    _move(owner, booking, free[-1])
    assert _answer(client, booking, "accept").status_code == 200
    assert world.booking(client, booking["id"])["if_cancelled"]["back"]["amount"] == 6_000


# ------------------------------------------------------------------------------------------------ rooms


def test_a_seat_that_leaves_its_group_leaves_its_room_too(world: World) -> None:
    """Who moves to another group meets with that one, and who moves to a time of their own meets alone; nobody else moves."""
    owner = world.practitioner()
    service = world.service(owner, places=3)
    free = [slot["start"] for slot in world.slots(service, days=5)][-5:]
    people = [world.person() for _ in range(4)]
    starts = (free[0], free[0], free[0], free[2])
    seats = [world.booked(who, service, start=start) for who, start in zip(people, starts, strict=True)]
    for seat, start in ((0, free[2]), (1, free[4])):
        _move(people[seat], seats[seat], start)
        assert _answer(owner, seats[seat], "accept").status_code == 200
    rows = {str(row.id): row.meeting_where for row in world.all(Booking)}
    moved, alone, stays, there = (rows[seat["id"]] for seat in seats)
    assert moved == there
    assert len({alone, stays, there}) == 3


@pytest.mark.parametrize("kind", ["fixed", "in_person"])
def test_a_seat_keeps_the_place_that_all_sessions_of_its_service_have(world: World, kind: str) -> None:
    owner, client = world.practitioner(), world.person()
    where = "https://meet.test/amina" if kind == "fixed" else "Moi Avenue 1, Nairobi"
    service = world.service(owner, places=3, meeting_kind=kind, meeting_where=where)
    free = [slot["start"] for slot in world.slots(service, days=5)]
    seat = world.booked(client, service, start=free[70])
    _move(client, seat, free[75])
    assert _answer(owner, seat, "accept").status_code == 200
    assert world.all(Booking)[0].meeting_where == where


def test_a_session_for_one_keeps_its_room_when_it_moves(world: World) -> None:
    """Nobody else has its link, and the two have it already."""
    client, owner, booking, free = _booked(world)
    before = world.all(Booking)[0].meeting_where
    _move(client, booking, free[2])
    assert _answer(owner, booking, "accept").status_code == 200
    assert world.all(Booking)[0].meeting_where == before


# ------------------------------------------------------------------------------------------------ price


def test_a_longer_session_costs_more_and_the_difference_is_owed(world: World) -> None:
    """S2-21: in proportion, owed and paid like any debt, the first payment untouched."""
    client, owner, booking, free = _booked(world, price_amount=6_005)
    assert _move(owner, booking, free[2], minutes=90)["reschedule"]["price"] == {"amount": 9_008, "currency": "EUR"}
    after = _answer(client, booking, "accept").json
    assert (after["price"]["amount"], after["status"]) == (9_008, "confirmed")
    bill = world.checkout(client, after["checkout_id"])
    assert (bill["kind"], bill["amount"]["amount"]) == ("difference", 3_003)
    assert "difference_due" in world.notices(client)
    world.act(world.begin(client, bill["id"]))
    assert (held(world, "practitioner"), held(world, "platform")) == (8_106, 902)
    assert world.booking(client, booking["id"])["checkout_id"] is None
    assert owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "Ill."}).status_code == 200
    assert sorted(refund.amount for refund in world.all(Refund)) == [3_003, 6_005]


def test_a_shorter_session_costs_less_and_the_difference_is_credit(world: World) -> None:
    """S2-21, each move on its own: what was paid too much is in the wallet at once."""
    client, owner, booking, free = _booked(world, price_amount=6_005)
    for start, minutes in ((free[2], 30), (free[4], 20)):
        _move(owner, booking, start, minutes=minutes)
        assert _answer(client, booking, "accept").status_code == 200
    assert [(r.amount, r.means, r.status) for r in sorted(world.all(Refund), key=lambda r: r.asked_at)] == [
        (3_002, "wallet", "done"),
        (1_001, "wallet", "done"),
    ]
    seen = world.booking(client, booking["id"])
    assert (seen["price"]["amount"], seen["status"]) == (2_002, "confirmed")
    assert (held(world, "practitioner"), held(world, "platform")) == (1_801, 201)


def test_where_the_money_comes_after_the_session_only_the_price_changes(world: World) -> None:
    client, owner, booking, free = _booked(world, "pay_after")
    _move(owner, booking, free[2], minutes=90)
    assert _answer(client, booking, "accept").json["price"]["amount"] == 9_000
    assert world.all(Checkout) == []


def test_a_difference_that_was_not_paid_gives_way_to_the_next_price(world: World) -> None:
    client, owner, booking, free = _booked(world)
    for start, minutes in ((free[2], 90), (free[4], 120)):
        _move(owner, booking, start, minutes=minutes)
        assert _answer(client, booking, "accept").status_code == 200
    assert sorted((c.kind, c.amount, c.status.value) for c in world.all(Checkout)) == [
        ("booking", 6_000, "paid"),
        ("difference", 3_000, "cancelled"),
        ("difference", 6_000, "open"),
    ]


def test_a_move_back_takes_the_unpaid_difference_with_it(world: World) -> None:
    """Longer, not paid, and back: nothing is owed and nothing is credit; and shorter than at first is credit for that alone."""
    client, owner, booking, free = _booked(world)
    for start, minutes in ((free[2], 90), (free[4], 60)):
        _move(owner, booking, start, minutes=minutes)
        assert _answer(client, booking, "accept").status_code == 200
    assert sorted(c.status.value for c in world.all(Checkout)) == ["cancelled", "paid"]
    assert world.all(Refund) == []
    _move(owner, booking, free[6], minutes=90)
    _answer(client, booking, "accept")
    _move(owner, booking, free[8], minutes=45)
    _answer(client, booking, "accept")
    assert [refund.amount for refund in world.all(Refund)] == [1_500]


@pytest.mark.parametrize(("minutes", "owed", "credit"), [(45, 0, 0), (90, 3_000, 0), (20, 0, 1_000)])
def test_what_staff_gave_back_is_neither_asked_for_nor_given_again_by_a_move(
    world: World, minutes: int, owed: int, credit: int
) -> None:
    """Paid 60, 30 of it given back: a move changes what is owed by the difference of the prices, and no money that is gone."""
    client, owner, booking, free = _booked(world)
    staff = world.person(Role.STAFF)
    with world.rows() as session:
        attempt = session.query(Attempt).one()
        repair.refund(attempt.id, Money(3_000, "EUR"), "They were unhappy.", session.get_one(User, staff.user_id))
    _move(owner, booking, free[2], minutes=minutes)
    assert _answer(client, booking, "accept").status_code == 200
    assert sum(bill.amount for bill in world.all(Checkout) if bill.kind == "difference") == owed
    assert sum(refund.amount for refund in world.all(Refund)) == 3_000 + credit
    assert ("difference_due" in world.notices(client)) is (owed > 0)


@pytest.mark.parametrize("between", [5, 50, 85])
def test_a_session_made_shorter_and_as_long_as_before_costs_what_it_did(world: World, between: int) -> None:
    """Finding 14: 1,000 for an hour, to 50 minutes and back, is 1,000; each price starts from what was agreed."""
    client, owner, booking, free = _booked(world, "pay_after", currency="KES", price_amount=100_000)
    practices.edit(world, owner, booking["service_id"], price_amount=250_000, minutes=90)
    prices = []
    for start, minutes in ((free[2], between), (free[4], 60), (free[6], between), (free[8], 60)):
        _move(owner, booking, start, minutes=minutes)
        prices.append(_answer(client, booking, "accept").json["price"]["amount"])
    assert prices[1::2] == [100_000, 100_000]
    assert prices[0] == prices[2]


def test_a_package_is_what_was_agreed_from_then_on(world: World) -> None:
    """A session of a package of three for 160.34 is worth 53.45; made longer and shorter it comes back to just that."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    free = [slot["start"] for slot in world.slots(service, days=6)]
    bought(world, client, offered(owner, service, 3, 16_034))
    made = world.book(client, service, free[60])
    assert pay_with(client, made["checkout"]["id"]).status_code == 201
    prices = []
    for start, minutes in ((free[62], 50), (free[64], 60)):
        _move(owner, made["booking"], start, minutes=minutes)
        prices.append(_answer(client, made["booking"], "accept").json["price"]["amount"])
    assert prices == [4_455, 5_345]


@pytest.mark.parametrize("minutes", [1, 721, 62])
def test_a_length_nobody_gives_is_refused_beside_its_field(world: World, minutes: int) -> None:
    _, owner, booking, free = _booked(world)
    answer = _move(owner, booking, free[2], 422, minutes=minutes)
    assert answer["field"] == "minutes"


# ------------------------------------------------------------------------------------------------ races


def test_one_free_place_and_two_sessions_that_move_there_at_once(world: World) -> None:
    """S2-21, complaint 17: one is there, the other keeps its old place."""
    client, _, first, free = _booked(world, free_moves=3)
    other = world.person()
    second = world.booked(other, first["service_id"], start=free[9])
    gate, codes = threading.Barrier(2), {}

    def go(who: Caller, booking: dict[str, Any]) -> None:
        gate.wait()
        codes[booking["id"]] = who.post(f"/bookings/{booking['id']}/reschedule", {"start": free[20]}).status_code

    threads = [threading.Thread(target=go, args=pair) for pair in ((client, first), (other, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes.values()) == [200, 409]
    assert world.live_places() == 2
    assert [row.expires_at for row in world.all(Hold) if row.released_at is None] == [None, None]
    assert {booking.status.value for booking in world.all(Booking)} == {"confirmed"}


def test_accepted_twice_in_two_tabs_is_moved_once(world: World) -> None:
    client, owner, booking, free = _booked(world)
    _move(client, booking, free[0])
    gate, codes = threading.Barrier(2), []

    def go() -> None:
        gate.wait()
        codes.append(_answer(owner, booking, "accept").status_code)

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 409]
    assert world.notices(client).count("booking_moved") == 1


# ------------------------------------------------------------------------------------------------ pages


def test_both_sides_do_it_on_their_pages(world: World) -> None:
    """S2-7, S2-20: choose, read what it means, propose; the other side accepts or keeps the old time."""
    client, owner, booking, free = _booked(world)
    mine, theirs = Pages(world, client), Pages(world, owner)
    path = f"/bookings/{booking['id']}"
    assert "Move to another time" in mine.get(path).text
    assert "Times in" in mine.get(f"{path}/move").text
    asked = mine.http.get(f"{path}/move", query_string={"start": free[2]})
    assert "is asked first" in asked.text
    assert mine.post(f"{path}/move", {"start": free[2], "minutes": "60", "reason": "Exams"}).status_code == 303
    page = mine.get(path).text
    assert "You have proposed another time" in page
    assert ("Until Dr. Amina Otieno answers, the session stays on" in page, "Please be there" in page) == (
        True,
        False,
    )
    page = theirs.get(path).text
    assert ("Until you answer, the session stays on" in page, "Please be there" in page) == (True, False)
    assert ("has proposed another time" in page, "Exams" in page) == (True, True)
    assert theirs.post(f"{path}/move/accept").status_code == 303
    assert world.all(Booking)[0].starts_at == datetime.fromisoformat(free[2])
    old = theirs.post(f"{path}/move/accept")
    assert (old.status_code, "no longer a proposal to answer" in old.text) == (409, True)


def test_a_typed_time_that_is_wrong_comes_back_with_what_was_typed(world: World) -> None:
    _, owner, booking, _ = _booked(world)
    pages = Pages(world, owner)
    path = f"/bookings/{booking['id']}/move"
    wrong = pages.post(path, {"day": "2020-01-01", "time": "10:00", "minutes": "60", "reason": "Back then"})
    assert (wrong.status_code, "Back then" in wrong.text, "has passed" in wrong.text) == (422, True, True)
    nothing = pages.post(path, {"minutes": "60"})
    assert (nothing.status_code, "Choose a day and a time" in nothing.text) == (422, True)


@pytest.mark.in_turn
@pytest.mark.parametrize("zone", ["Africa/Nairobi", "America/New_York", "Pacific/Kiritimati"])
def test_a_day_at_the_end_of_the_calendar_is_a_mistake_like_any_other(world: World, zone: str) -> None:
    """East or west of UTC a typed time may fall out of the calendar."""
    owner, client = world.practitioner(zone=zone), world.person()
    booking = world.booked(client, world.service(owner))
    path = f"/bookings/{booking['id']}/move"
    for day, hour in (("0001-01-01", "00:00"), ("9999-12-31", "23:59"), ("2026-11-31", "10:00"), ("x", "y")):
        wrong = Pages(world, owner).post(path, {"day": day, "time": hour, "minutes": "60", "reason": "Kept"})
        assert (wrong.status_code, "Kept" in wrong.text) == (422, True), (day, hour)
