"""Time zones: days and hours are those of whoever reads them, on both sides of a clock change."""

from mutants.mutant import Mutant

_MAIL = "tests/services/notifications/test_notices.py::test_a_mail_names_the_day_and_hour_of_its_reader"
_DIARY = "tests/services/backoffice/test_diary.py"
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
        "the month it is now is Greenwich's",
        "app/services/ledger/statements.py",
        "    return clock.now().astimezone(ZoneInfo(zone)).date()\n",
        "    return clock.now().date()\n",
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
        "today is Greenwich's",
        "app/services/backoffice/overview/diary.py",
        "    return clock.now().astimezone(ZoneInfo(zone)).date()\n",
        "    return clock.now().date()\n",
        _DIARY,
    ),
    Mutant(
        "a mail has the hours of whoever causes it",
        "app/blueprints/common/web.py",
        "    where = ZoneInfo(zone_name) if zone_name else zone()\n",
        "    where = zone()\n",
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
