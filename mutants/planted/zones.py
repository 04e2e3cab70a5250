"""Time zones: days and hours are those of whoever reads them, on both sides of a clock change."""

from mutants.mutant import Mutant

_MAIL = "tests/services/notifications/test_notices.py::test_a_mail_names_the_day_and_hour_of_its_reader"
_DIARY = "tests/services/backoffice/test_diary.py"
_CLOSED = "tests/services/practice/test_days_off.py"
_MIDNIGHT = "tests/services/practice/test_slots.py::test_hours_that_touch_at_midnight_are_one_stretch"
_CLOCKS = "tests/stories/test_clocks.py"
_MONTH = "tests/stories/test_statements.py::test_a_month_ends_at_the_practitioners_midnight_whatever_the_clocks_do"

MUTANTS = (
    Mutant(
        "opening hours take today's offset all year",
        "app/domain/agenda.py",
        "datetime.combine(day, wall, zone).astimezone(UTC)",
        "datetime.combine(day, wall, UTC) - (datetime.now(zone).utcoffset() or _DAY)",
        "tests/unit/test_agenda.py",
    ),
    Mutant(
        "a month begins at midnight in Greenwich",
        "app/services/ledger/statements.py",
        "    own = ZoneInfo(zone)\n",
        '    own = ZoneInfo("UTC")\n',
        _MONTH,
    ),
    Mutant(
        "the date it is now is Greenwich's",
        "app/lib/clock.py",
        "    return now().astimezone(ZoneInfo(zone)).date()\n",
        "    return now().date()\n",
        _MONTH,
    ),
    Mutant(
        "a session stands under Greenwich's date",
        "app/services/backoffice/overview/diary.py",
        "found[session.slot.starts_at.astimezone(zone).date()]",
        "found[session.slot.starts_at.date()]",
        _DIARY,
    ),
    Mutant(
        "a practitioner's day is over when Greenwich's is",
        "app/services/practice/hours.py",
        "        if day < clock.today(practitioner.zone):\n",
        "        if day < clock.now().date():\n",
        _CLOSED,
    ),
    Mutant(
        "a session may not run into the next opening",
        "app/services/practice/availability.py",
        "agenda.starts(window, _closing(window, stretches),",
        "agenda.starts(window, window[1],",
        _MIDNIGHT,
    ),
    Mutant(
        "clocks are told apart by their names",
        "app/blueprints/common/times/clocks.py",
        "    return any(each.astimezone(here).utcoffset() != each.astimezone(there).utcoffset() for each in instants)\n",
        "    return one != other\n",
        _CLOCKS,
    ),
    Mutant(
        "a mail has the hours of whoever causes it",
        "app/blueprints/common/web.py",
        "    where = ZoneInfo(zone_name) if zone_name else zone()\n    local = value.astimezone(where)\n",
        "    where = zone()\n    local = value.astimezone(where)\n",
        _MAIL,
    ),
    Mutant(
        "a mail has Greenwich's date",
        "app/blueprints/common/web.py",
        "value.astimezone(ZoneInfo(zone_name) if zone_name else zone()).date()",
        "value.date()",
        _MAIL,
    ),
)
