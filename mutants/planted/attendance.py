"""Who came, whose turn it is, and what time ends."""

from mutants.mutant import Mutant

_CAME = "tests/stories/test_who_came.py"
_WAITS = "tests/services/scheduling/test_waitlist.py"

MUTANTS = (
    Mutant(
        "what staff look at is marked meanwhile",
        "app/services/bookings/status_changes.py",
        "in_review=attendance_reviews.is_open(booking.id))",
        "in_review=attendance_reviews.is_open(booking.id) and who.actor is not Actor.PRACTITIONER)",
        f"{_CAME}::test_meanwhile_the_practitioner_marks_nothing",
    ),
    Mutant(
        "giving back follows the terms of cancelling",
        "app/services/bookings/ending/cancellation.py",
        "money_back.outcome(booking, lambda agreed: agreed)",
        "money_back.outcome(booking, _share(booking, Actor.CLIENT))",
        f"{_CAME}::test_a_client_whose_practitioner_stays_away_says_so_and_gets_everything_back",
    ),
    Mutant(
        "who started the session is absent without a look",
        "app/services/bookings/attendance.py",
        "        if was_begun_by_client(booking):\n",
        "        if booking.both_were_in_call:\n",
        f"{_CAME}::test_who_started_the_session_and_is_noted_as_absent_is_looked_at_first",
    ),
    Mutant(
        "the client's start ends their own grace",
        "app/services/bookings/time_windows.py",
        "    begun = booking.status is BookingStatus.IN_PROGRESS and booking.started_by != Actor.CLIENT\n",
        "    begun = booking.status is BookingStatus.IN_PROGRESS\n",
        f"{_CAME}::test_the_clients_own_start_does_not_end_their_grace",
    ),
    Mutant(
        "what was agreed is forgotten while staff look at who came",
        "app/services/bookings/ending/money_back.py",
        " or attendance_reviews.is_open(booking.id)\n",
        "\n",
        f"{_CAME}::test_a_contested_no_show_keeps_its_share_of_what_was_agreed",
    ),
    Mutant(
        "nobody is asked before a session is settled",
        "app/services/bookings/attendance.py",
        "where(asked.exists(), ",
        "where(",
        f"{_CAME}::test_nobody_is_billed_for_what_the_practitioner_was_never_asked_about",
    ),
    Mutant(
        "what is contested is settled by the clock",
        "app/services/bookings/attendance.py",
        "        if attendance_reviews.is_open(booking.id):\n            return False\n        hang_up(booking, CLOCK)\n"
        '        make_completed(booking, target_of(booking, "settle", CLOCK), CLOCK)\n',
        "        hang_up(booking, CLOCK)\n        make_completed(booking, BookingStatus.COMPLETED, CLOCK)\n",
        f"{_CAME}::test_a_review_that_opens_after_the_sweep_has_looked_is_not_settled",
    ),
    Mutant(
        "a stranger is served before who waits",
        "app/services/bookings/new_requests.py",
        "    waiting.settle(wish.service, wish.start, wish.client)\n",
        "",
        f"{_WAITS}::test_a_request_settles_the_waiting_list_first",
    ),
    Mutant(
        "what is let go is offered to nobody whose time it crossed",
        "app/services/bookings/waiting.py",
        "    return is_counted or crosses(wait, (slot.busy_from, slot.busy_until))",
        "    return (wait.service_id, wait.starts_at) == (slot.service_id, slot.starts_at)",
        f"{_WAITS}::test_a_time_that_was_crossed_by_what_is_let_go_is_offered_in_the_same_commit",
    ),
    Mutant(
        "a time that crosses what somebody waits for is listed",
        "app/services/bookings/kept_times.py",
        "            gone.update(crossed)\n",
        "            pass\n",
        f"{_WAITS}::test_a_request_is_behind_who_waits_for_a_time_that_it_crosses",
    ),
    Mutant(
        "a stranger is before who waits for a time that the request crosses",
        "app/services/bookings/waiting.py",
        "        return is_this or (wait.client_id not in people and crosses(wait, time))",
        "        return is_this",
        f"{_WAITS}::test_a_request_is_behind_who_waits_for_a_time_that_it_crosses",
    ),
    Mutant(
        "the practitioner's silence ends the client's wait",
        "app/services/bookings/waiting.py",
        "    elif booking is not None and status is BookingStatus.EXPIRED and _was_unanswered(booking):\n",
        "    elif booking is not None and status is BookingStatus.DECLINED and _was_unanswered(booking):\n",
        f"{_WAITS}::test_a_silent_practitioner_ends_nobodys_wait",
    ),
    Mutant(
        "what is kept for who waits is listed to everybody",
        "app/services/bookings/kept_times.py",
        "            return 0\n",
        "            continue\n",
        f"{_WAITS}::test_a_time_that_is_kept_for_who_waits_is_listed_to_nobody_else",
    ),
    Mutant(
        "a wait that can come to nothing keeps a time from the list",
        "app/services/bookings/kept_times.py",
        "        if not left or not waiting.could_be_offered(wait):\n",
        "        if not left:\n",
        f"{_WAITS}::test_a_wait_that_can_come_to_nothing_keeps_no_time_from_the_list",
    ),
)
