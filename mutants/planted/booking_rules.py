"""What a service asks of the time: as many as are given, by the practitioner's days, and nobody bound who has paid."""

from mutants.mutant import Mutant

_RULES = "app/domain/booking_rules.py"
_UNIT = "tests/unit/test_booking_rules.py"
_ASKED = "tests/services/practice/test_service_rules.py"
_BOUND = "tests/services/scheduling/test_service_rules_bind.py"

MUTANTS = (
    Mutant(
        "one session more than is given a day",
        _RULES,
        "sessions.days[day] >= rules.most_per_day",
        "sessions.days[day] > rules.most_per_day",
        _UNIT,
    ),
    Mutant(
        "days of a service are UTC's",
        _RULES,
        "        days = [start.astimezone(zone).date() for start in found]\n",
        "        days = [start.date() for start in found]\n",
        _UNIT,
    ),
    Mutant(
        "how far ahead is counted in hours",
        _RULES,
        "    if last is not None and last < day:\n",
        "    if last is not None and start - now > timedelta(days=(last - now.astimezone(zone).date()).days):\n",
        _UNIT,
    ),
    Mutant(
        "a second place of a group is a second session",
        _RULES,
        "    return None if start in sessions.starts else _full(rules, day, sessions)\n",
        "    return _full(rules, day, sessions)\n",
        _UNIT,
    ),
    Mutant(
        "a place that has lapsed still fills the day",
        "app/services/practice/occupancy.py",
        "held = select(Hold.id).where(Hold.slot_id == Slot.id, live(now))",
        "held = select(Hold.id).where(Hold.slot_id == Slot.id, Hold.released_at.is_(None))",
        f"{_ASKED}::test_what_is_let_go_makes_room_and_what_another_service_takes_does_not_count",
    ),
    Mutant(
        "who paid late is bound by the hours of the service",
        "app/services/practice/availability.py",
        "in rules.windows(first, last).values()",
        "in _own_windows(service, rules, first, last).values()",
        f"{_ASKED}::test_who_pays_late_keeps_the_place_whatever_may_be_asked_for_by_then",
    ),
    Mutant(
        "who waits is offered what nobody may ask for",
        "app/services/bookings/waiting.py",
        "    return is_open and booking_rules.allows(wait.service, wait.starts_at)\n",
        "    return is_open\n",
        _BOUND,
    ),
    Mutant(
        "a session stands in the way of its own move",
        "app/services/practice/booking_rules.py",
        "without=moving.id if moving is not None else None",
        "without=None",
        _BOUND,
    ),
    Mutant(
        "a day is counted before the diary is locked",
        "app/services/scheduling/reschedules/negotiation.py",
        "        practice.lock_diary(booking.practitioner_id)  # whether the time is given is read under it, and by which rules\n",
        "",
        "tests/races/test_sessions_a_day.py",
        "both",  # SQLite lets one write at a time
    ),
)
