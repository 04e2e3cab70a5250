"""Booked twice: for each way in tests/races the line that keeps it from happening."""

from mutants.mutant import Mutant

_HOLDS = "app/services/practice/holds.py"
_OCCUPANCY = "app/services/practice/occupancy.py"
_BY_ASKING = "tests/races/test_double_booking.py"
_MEANWHILE = "tests/races/test_double_booking_meanwhile.py"
_LOCKED = "tests/races/test_read_under_the_lock.py"
_GROUPS = "tests/stories/test_groups.py"
_MOVED = f"{_GROUPS}::test_a_session_for_one_stays_for_one_where_it_moves_once_its_service_is_a_group"
_DRAFTED = f"{_GROUPS}::test_a_draft_of_a_session_for_one_is_for_one_whatever_its_service_is_by_then"

MUTANTS = (
    Mutant(
        "only what begins at the same time is in the way",
        _OCCUPANCY,
        "other.slot.busy_until <= busy_from or busy_until <= other.slot.busy_from",
        "other.slot.starts_at != span.start",
        f"{_BY_ASKING}::test_sessions_of_three_lengths_that_overlap_are_never_given_at_once",
    ),
    Mutant(
        "the breaks of a session are not kept with it",
        _HOLDS,
        "        busy_from=busy_from,\n        busy_until=busy_until,\n",
        "        busy_from=span.start,\n        busy_until=span.end,\n",
        f"{_BY_ASKING}::test_nobody_is_given_the_breaks_before_and_after_a_session",
    ),
    Mutant(
        "who asks for one group is put into another of that hour",
        _OCCUPANCY,
        "(slot.service_id, slot.starts_at, slot.ends_at) == (self.service.id, self.start, self.end)",
        "(slot.starts_at, slot.ends_at) == (self.start, self.end)",
        f"{_BY_ASKING}::test_a_group_another_group_and_a_session_for_one_are_never_given_the_same_hour",
    ),
    Mutant(
        "what is taken is looked up by its date",
        _OCCUPANCY,
        ".where(Slot.busy_from < end, Slot.busy_until > start)",
        ".where(func.date(Slot.starts_at) == start.date().isoformat())",
        f"{_BY_ASKING}::test_sessions_around_midnight_are_never_given_at_once",
    ),
    Mutant(
        "a session at once does not look at what was asked for ahead",
        _HOLDS,
        "    if free_places(span, overlapping) < places:\n",
        "    if (span.start - now).total_seconds() > 1800 and free_places(span, overlapping) < places:\n",
        f"{_BY_ASKING}::test_a_session_at_once_is_never_given_beside_one_that_was_asked_for_ahead",
    ),
    Mutant(
        "another calendar is read while somebody takes a time",
        "app/services/practice/external_calendars.py",
        "        lock(Practitioner, practitioner_id)  # the diary: who looked at these times has booked, or looks again\n",
        "",
        f"{_LOCKED}::test_a_calendar_that_is_read_while_somebody_takes_a_time_waits_for_them",
    ),
    Mutant(
        "what other calendars say is not asked when many ask",
        "app/services/practice/slots.py",
        '    if is_busy(service, start, minutes):\n        raise Conflict("slot_taken", field="start")\n',
        "",
        f"{_MEANWHILE}::test_what_another_calendar_takes_while_many_ask_is_given_to_nobody_afterwards",
    ),
    Mutant(
        "a session that moves goes on holding the hour it left",
        _HOLDS,
        "    row.slot_id = slot.id\n",
        "",
        f"{_MEANWHILE}::test_of_many_sessions_that_move_to_one_hour_while_others_ask_for_it_one_is_there",
    ),
    Mutant(
        "who waits is offered a place that is taken",
        "app/services/bookings/waiting.py",
        "    enough = slots.places_left(wait.service, wait.starts_at) >= wait.places\n",
        "    enough = True\n",
        f"{_MEANWHILE}::test_a_place_that_frees_goes_to_who_waits_longest_whoever_asks_meanwhile",
    ),
    Mutant(
        "a late payer is put back whoever is there by now",
        _HOLDS,
        "        if not _has_room(slot, others, row.places):\n            return False\n",
        "",
        f"{_MEANWHILE}::test_of_many_who_pay_too_late_one_has_the_place_and_the_others_their_money",
    ),
    Mutant(
        "what is sold is as it was read before the diary was locked",
        "app/services/practice/public_profile/profiles.py",
        "        db.session.expire(row)\n",
        "        pass\n",
        f"{_LOCKED}::test_a_draft_that_is_paid_while_its_service_is_taken_off_sale_is_booked_no_more",
    ),
    Mutant(
        "a service is edited while somebody takes a time of it",
        "app/services/practice/catalog.py",
        "    lock_diary(of_user(user).id)\n    return own_service",
        "    return own_service",
        f"{_LOCKED}::test_an_edit_waits_for_who_is_taking_a_time_by_what_the_service_was",
    ),
    Mutant(
        "a session for one moves into a group of strangers",
        _OCCUPANCY,
        "return 1 if self.alone else max(self.service.places, self.agreed)",
        "return max(self.service.places, self.agreed)",
        _MOVED,
    ),
    Mutant(
        "strangers are let into a session for one once it has moved",
        _HOLDS,
        "    slot = take(booking.service, start, booking.places, minutes, alone=is_alone(booking))\n",
        "    slot = take(booking.service, start, booking.places, minutes)\n",
        _MOVED,
    ),
    Mutant(
        "strangers are let into a session for one that was only drafted",
        "app/services/bookings/quote.py",
        "        alone=service.places == 1,\n",
        "        alone=False,\n",
        _DRAFTED,
    ),
)
