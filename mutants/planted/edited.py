"""Services edited meanwhile: what was agreed holds."""

from mutants.mutant import Mutant

_STORY = "tests/stories/test_reschedule.py"
_GROUPS = "tests/stories/test_groups.py"
_MOVES = f"{_STORY}::test_a_session_moves_by_what_was_agreed_whatever_its_service_is_by_then"
_TERMS = "tests/stories/test_terms.py"
_SHOWN = "tests/blueprints/test_guests_meanwhile.py"

MUTANTS = (
    Mutant(
        "a draft is booked as the service is when the money comes",
        "app/services/bookings/quote.py",
        '    if stored := draft.get("agreed"):\n',
        '    if stored := draft.get("terms"):\n',
        "tests/services/bookings/test_drafts.py::test_a_service_edited_while_the_client_pays_is_booked_as_it_was_shown",
    ),
    Mutant(
        "cancelling goes by the service's terms of today",
        "app/services/bookings/cancellation_policy.py",
        "agreed(booking).steps(counted_from(booking))",
        "steps_for(booking.service, counted_from(booking))",
        f"{_TERMS}::test_terms_edited_later_do_not_touch_a_booking",
    ),
    Mutant(
        "a no-show costs what the service says today",
        "app/services/bookings/cancellation_policy.py",
        "agreed(booking).no_show_percent",
        "int(booking.service.no_show_percent)",
        f"{_TERMS}::test_what_a_no_show_costs_is_what_was_agreed_whatever_the_service_says_by_then",
    ),
    Mutant(
        "a session that moves gets the service's length of today",
        "app/services/scheduling/reschedules/move_plans.py",
        "    now_long = booking.minutes\n",
        "    now_long = booking.service.minutes\n",
        _MOVES,
    ),
    Mutant(
        "a free move is checked for the service's length of today",
        "app/services/scheduling/reschedules/move_plans.py",
        "slots.check_given(booking.service, start, minutes, booking)",
        "slots.check_given(booking.service, start, None, booking)",
        f"{_STORY}::test_a_free_move_keeps_the_whole_session_inside_the_hours",
    ),
    Mutant(
        "a package pays for a session that was made longer, by the service of today",
        "app/services/prepaid/packages/package_uses.py",
        "max(package.minutes, booking.agreed_minutes)",
        "max(package.minutes, booking.service.minutes)",
        "tests/services/prepaid/test_packages.py"
        "::test_a_package_pays_no_session_that_was_made_longer_whatever_its_service_is_by_then",
    ),
    Mutant(
        "strangers are let into a session for one once its service is a group",
        "app/services/practice/occupancy.py",
        "max(slot.capacity, service.places) if slot.capacity > 1 else slot.capacity",
        "max(slot.capacity, service.places)",
        f"{_GROUPS}::test_a_session_for_one_stays_for_one_when_its_service_becomes_a_group",
    ),
    Mutant(
        "a move is to be answered within the service's hours of today",
        "app/services/scheduling/reschedules/proposals.py",
        'int(booking.policy["answer_hours"])',
        "booking.service.answer_hours",
        _MOVES,
    ),
    Mutant(
        "a question is to be answered within the practitioner's hours of today",
        "app/services/payments/payables/consultation.py",
        'promised.get("hours") or practitioner.question_hours',
        "practitioner.question_hours",
        "tests/stories/test_conversation.py::test_the_deadline_is_the_one_that_was_read_before_paying",
    ),
    Mutant(
        "who booked as a guest pays what nobody has shown them",
        "app/services/scheduling/guests.py",
        "        shown=wish.shown,\n",
        "",
        f"{_SHOWN}::test_who_proves_their_address_after_the_terms_changed_reads_the_new_ones_first",
    ),
    Mutant(
        "a member books at a price that was not on their page",
        "app/blueprints/bookings/asking/time_picker.py",
        'shown=form.shown.data or ""',
        'shown=""',
        f"{_SHOWN}::test_a_member_whose_page_is_older_than_the_price_reads_the_new_one_first",
    ),
)
