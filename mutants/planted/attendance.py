"""Who came, whose turn it is, and what time ends."""

from mutants.mutant import Mutant

_CAME = "tests/stories/test_who_came.py"
_WAITS = "tests/services/scheduling/test_waitlist.py"

MUTANTS = (
    Mutant(
        "a practitioner is asked what staff are to say",
        "app/services/bookings/attendance.py",
        "    return over.where(~attendance_reviews.open_for(Booking.id)).order_by(",
        "    return over.order_by(",
        f"{_CAME}::test_a_practitioner_is_asked_how_a_session_went_unless_staff_are_to_say",
    ),
    Mutant(
        "what staff look at is marked meanwhile",
        "app/services/bookings/status_changes.py",
        "in_review=in_review)\n",
        "in_review=in_review and who.actor is not Actor.PRACTITIONER)\n",
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
        "    return unmarked(moments.ago(_settled_after)).where(asked.exists())\n",
        "    return unmarked(moments.ago(_settled_after))\n",
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
        "app/services/scheduling/kept_times.py",
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
        "app/services/scheduling/kept_times.py",
        "            return 0\n",
        "            continue\n",
        f"{_WAITS}::test_a_time_that_is_kept_for_who_waits_is_listed_to_nobody_else",
    ),
    Mutant(
        "a wait that can come to nothing keeps a time from the list",
        "app/services/scheduling/kept_times.py",
        "        if not left or not waiting.could_be_offered(wait):\n",
        "        if not left:\n",
        f"{_WAITS}::test_a_wait_that_can_come_to_nothing_keeps_no_time_from_the_list",
    ),
    Mutant(
        "a session that took place asks again for what not coming has paid",
        "app/services/bookings/ending/money_back.py",
        "    return _owed(booking.price, here) if here.amount else booking.price\n",
        "    return booking.price\n",
        f"{_CAME}::test_what_not_coming_cost_counts_when_it_took_place",
    ),
    Mutant(
        "what was forgiven is asked for when it took place",
        "app/services/bookings/ending/money_back.py",
        " or balance_due.was_fee_forgiven(booking):\n",
        ":\n",
        f"{_CAME}::test_what_was_forgiven_is_not_asked_for_when_it_took_place",
    ),
    Mutant(
        "what not coming cost stays to be paid by who came",
        "app/services/bookings/attendance.py",
        "    if due is not None:\n        checkouts.close_for(",
        "    if due is None:\n        checkouts.close_for(",
        f"{_CAME}::test_of_a_session_paid_for_afterwards_the_price_is_due_when_it_took_place",
    ),
    Mutant(
        "the mail about a no-show says that all was kept",
        "app/services/bookings/ending/money_back.py",
        "    stays = here - back if back is not None else None\n",
        "    stays = here if back is not None else None\n",
        f"{_CAME}::test_the_mail_about_a_no_show_says_what_becomes_of_the_money",
    ),
    Mutant(
        "the other side reads what one side wrote for staff",
        "app/blueprints/bookings/booking_page.py",
        "    return said if actor is Actor.STAFF else [",
        "    return said if actor is not Actor.CLIENT else [",
        f"{_CAME}::test_both_sides_say_what_happened_until_staff_decide_and_only_staff_read_it",
    ),
    Mutant(
        "what one side said waits for the practitioner no more",
        "app/services/ledger/attendance_reviews.py",
        "Change.actor == Actor.PRACTITIONER)",
        "Change.actor == Actor.CLIENT)",
        f"{_CAME}::test_saying_what_happened_waits_for_the_practitioner_until_they_have",
    ),
)
