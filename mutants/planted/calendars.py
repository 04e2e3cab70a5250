"""Other calendars: what is taken there cannot be booked here, and silence is told."""

from mutants.mutant import Mutant

_TROUBLE = "tests/stories/test_calendar_trouble.py"
_ENTRIES = "tests/unit/test_busy_entries.py"
_EXCERPT = "tests/unit/test_calendar_excerpt.py"

MUTANTS = (
    Mutant(
        "whatever a practitioner's clients have booked anywhere is our own entry",
        "app/services/notifications/calendar_feeds.py",
        "    theirs = select(Booking).where(Booking.practitioner_id == practitioner_id, Booking.ends_at > since)\n",
        "    theirs = select(Booking).where(Booking.ends_at > since)\n",
        f"{_TROUBLE}::test_a_session_with_another_practitioner_takes_time",
    ),
    Mutant(
        "the past counts against the limit",
        "app/lib/calendars/calendar_excerpt.py",
        "(max(dates) >= first and min(dates) <= last)",
        "min(dates) <= last",
        _EXCERPT,
    ),
    Mutant(
        "a series is over with its first time",
        "app/lib/calendars/calendar_excerpt.py",
        """b"RDATE" in said or (rule and not until)""",
        """b"RDATE" in said""",
        _EXCERPT,
    ),
    Mutant(
        "a file that is cut off is a calendar",
        "app/lib/calendars/calendar_excerpt.py",
        "        if self._open:\n            raise Unreadable",
        "        if not self._calendars:\n            raise Unreadable",
        _ENTRIES,
    ),
    Mutant(
        "whoever declined, the time is free",
        "app/lib/calendars/busy_entries.py",
        "if named & owners and str(",
        "if str(",
        f"{_ENTRIES}::test_what_others_declined_takes_time",
    ),
    Mutant(
        "a calendar that is not read for a day tells nobody",
        "app/services/practice/external_calendars.py",
        "    return feed.problem in _OUTGROWN or feed.known_at < clock.now() - STALE\n",
        "    return feed.problem in _OUTGROWN\n",
        f"{_TROUBLE}::test_who_was_never_read_is_told_that_none_of_it_counts",
    ),
)
