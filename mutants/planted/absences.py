"""Time off, holidays and fixed times: nothing is sold when nobody is there to give it."""

from mutants.mutant import Mutant

_OFF = "tests/services/practice/test_time_off.py"
_PURE = "tests/unit/test_absences.py"

MUTANTS = (
    Mutant(
        "a day off is shown as open",
        "app/domain/agenda.py",
        "        return begins and (day < self.last or (day == self.last and self._is_to_midnight))",
        "        return begins and day < self.last",
        "tests/services/backoffice/test_diary.py",
    ),
    Mutant(
        "nobody can choose the day of a class that is full",
        "app/blueprints/common/times/month_grid.py",
        "url(day) if times else None",
        "url(day) if free else None",
        "tests/stories/test_groups.py::test_a_day_whose_only_time_is_full_is_shown_to_wait_for_a_place",
    ),
    Mutant(
        "time off is offered all the same",
        "app/services/practice/availability.py",
        "    return sorted(start for start in set(found) if agenda.is_clear((start, start + length), rules.off))",
        "    return sorted(set(found))",
        _OFF,
    ),
    Mutant(
        "a session may run into time off",
        "app/domain/agenda.py",
        "begin < time_[1] and time_[0] < end for begin",
        "begin <= time_[0] < end for begin",
        _PURE,
    ),
    Mutant(
        "the last day of time off is open",
        "app/domain/agenda.py",
        "            return begin, instant(self.last + _DAY, _MIDNIGHT, zone)",
        "            return begin, instant(self.last, _MIDNIGHT, zone)",
        f"{_PURE} {_OFF}",
    ),
    Mutant(
        "time off ends the first time its hour comes",
        "app/domain/agenda.py",
        "for fold in (0, 1))",
        "for fold in (0,))",
        _PURE,
    ),
    Mutant(
        "a holiday is like any other day",
        "app/services/practice/availability.py",
        "{day: [] for day in holidays.closed(practitioner, first, last)}",
        "{}",
        _OFF,
    ),
    Mutant(
        "a holiday cannot be worked on",
        "app/services/practice/holidays.py",
        "return {day for day in days if day.isoformat() not in practitioner.worked_holidays}",
        "return set(days)",
        _OFF,
    ),
    Mutant(
        "a group with fixed times is given at any hour that is open",
        "app/services/practice/availability.py",
        "    if service.class_times:\n        return start in",
        "    if False:\n        return start in",
        _OFF,
    ),
    Mutant(
        "a class may begin inside another",
        "app/domain/agenda.py",
        "else gap + _WEEK) < minutes:",
        "else gap + _WEEK) < 0:",
        f"{_PURE} {_OFF}",
    ),
    Mutant(
        "the practice proposes a time in its time off unawares",
        "app/services/scheduling/reschedules/negotiation.py",
        "who.actor is not Actor.CLIENT and not in_time_off and",
        "False and",
        _OFF,
    ),
    Mutant(
        "a session at once runs into time off",
        "app/services/practice/availability.py",
        "    return not time_off.begins_between(practitioner, start, end)",
        "    return True",
        _OFF,
    ),
    Mutant(
        "free now opens a class and sessions in person",
        "app/services/practice/availability.py",
        "start > until or not service.is_online or service.class_times:",
        "start > until:",
        _OFF,
    ),
    Mutant(
        "two weeks saved at once are both there",
        "app/services/practice/hours.py",
        "    lock_diary(practitioner.id)\n",
        "",
        "tests/races/test_read_under_the_lock.py",
        engines="both",
    ),
    Mutant(
        "time off is entered beside the diary's lock",
        "app/services/practice/time_off.py",
        "        lock_diary(practitioner.id)\n        for problem",
        "        for problem",
        "tests/races/test_read_under_the_lock.py",
        engines="both",  # SQLite lets one write at a time
    ),
)
