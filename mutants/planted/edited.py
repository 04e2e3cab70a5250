"""Services edited meanwhile: what was agreed holds."""

from mutants.mutant import Mutant

_MOVES = "tests/stories/test_reschedule.py::test_a_session_moves_by_what_was_agreed_whatever_its_service_is_by_then"
_TERMS = "tests/stories/test_terms.py"

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
        "    return int((booking.ends_at - booking.starts_at).total_seconds()) // 60\n",
        "    return booking.service.minutes\n",
        _MOVES,
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
)
