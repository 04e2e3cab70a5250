"""Repetition by people: a double click, a second tab, a status that changes, and still once."""

from mutants.mutant import Mutant

_IDEMPOTENCY = "tests/blueprints/test_idempotency.py"
_REMINDERS = "tests/services/sessions/test_reminders.py"
_GROUPS = "tests/stories/test_groups.py"

MUTANTS = (
    Mutant(
        "one instant with two offsets is two bills",
        "app/services/ledger/checkouts.py",
        "== service.id and starts_at(checkout) == start:",
        '== service.id and (checkout.draft or {})["start"] == start.isoformat():',
        "tests/services/bookings/test_drafts.py::test_one_instant_written_with_two_offsets_is_one_wish",
    ),
    Mutant(
        "a seat that fails keeps the rest of its group booked",
        "app/services/workflows/decisions.py",
        "            made.note(booking_id, problem.code)\n",
        "            raise problem\n",
        f"{_GROUPS}::test_a_seat_that_cannot_be_cancelled_does_not_keep_the_others",
    ),
    Mutant(
        "one key does for two different requests",
        "app/services/core/idempotency.py",
        "    if found.digest != digest:\n",
        "    if found.digest != digest and found.status is None:\n",
        f"{_IDEMPOTENCY}::test_the_same_key_with_another_body_is_refused",
    ),
    Mutant(
        "one person's key is everybody's",
        "app/services/core/idempotency.py",
        "IdempotentRequest.caller == caller, IdempotentRequest.key == key",
        "IdempotentRequest.key == key",
        f"{_IDEMPOTENCY}::test_one_persons_key_is_not_anothers",
    ),
    Mutant(
        "an attendee is news again after every change of the booking",
        "app/services/bookings/attendees.py",
        "booking=booking, cause=cause, data=data, once=True)",
        "booking=booking, cause=cause, data=data)",
        f"{_GROUPS}::test_an_attendee_who_changes_their_mind_again_and_again_is_news_once_a_day",
    ),
    Mutant(
        "a group's practitioner is reminded once for each seat",
        "app/services/sessions/reminders.py",
        "key = (user_id, booking.slot_id, _cause(booking, stage))",
        "key = (user_id, booking.id, _cause(booking, stage))",
        f"{_REMINDERS}::test_who_gives_a_group_hears_of_it_once_however_many_come",
    ),
    Mutant(
        "who redeems a gift twice is told that it was used",
        "app/services/prepaid/gifts.py",
        "        if gift.redeemed_by != client.id:\n",
        "        if gift.redeemed_by != client:\n",
        "tests/services/prepaid/test_gifts.py::test_a_used_code_pays_nobody_again_and_its_redeemer_the_same",
    ),
    Mutant(
        "who asks to wait twice waits twice",
        "app/services/scheduling/waitlist.py",
        "        if found := waiting.open_of(client, service, start):\n            return found\n",
        "",
        f"{_GROUPS}::test_waiting_is_for_full_times_once_and_can_be_left",
    ),
    Mutant(
        "a package pressed twice is two bills",
        "app/services/prepaid/packages/package_sales.py",
        "c for c in waiting if c.draft == draft and",
        "c for c in waiting if c.draft is draft and",
        "tests/services/prepaid/test_packages.py::test_the_same_offer_and_the_same_purchase_pressed_twice_are_one",
    ),
    Mutant(
        "a free move pressed twice uses up two",
        "app/services/scheduling/reschedules/negotiation.py",
        "        if done := proposals.moved_there(booking, who, start, minutes):\n            return done\n",
        "",
        "tests/stories/test_reschedule.py::test_the_same_free_move_pressed_twice_is_one_move",
    ),
)
