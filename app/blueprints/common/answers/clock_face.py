"""How a reader's clock writes a time: by 12 or by 24 hours; and what cities and weekdays are called in their language."""

from datetime import time

import flask_babel
from babel import Locale, UnknownLocaleError
from babel.dates import get_timezone_location
from flask import g, has_request_context, request, session

from app.lib.calendars import zones

HOURS = ("12", "24")
KEPT = "hours"  # in the session: which of them was chosen in this browser
# The full words that CLDR gives for short ones do not fit; these stand in calendars that are sold.
_HEADS = {"sw": ("J3", "J4", "J5", "Al", "Ij", "J1", "J2")}
_NARROW = 3  # letters that a column of a month on a small phone has room for
_SHORT = 6  # and one of seven days side by side


def by_twelve() -> bool:
    """Whether the page counts 12 hours: as was chosen in this browser, else as its language does where it was made for."""
    if not has_request_context() or _is_somebody_elses():
        return False  # a mail may be read anywhere
    chosen = session.get(KEPT)
    return bool(chosen == "12" if chosen in HOURS else _is_usual(flask_babel.get_locale()))


def shown(value: time) -> str:
    """The time of day, with what tells morning from evening where it counts 12 hours."""
    return str(flask_babel.format_time(value, "h:mm\xa0a" if by_twelve() else "HH:mm", rebase=False))


def between(first: str, last: str) -> tuple[str, str]:
    """The two times without what both of them say: 10:00 and 10:50 AM."""
    begin, _, half = first.partition("\xa0")
    return (begin, last) if half and last.endswith(f"\xa0{half}") else (first, last)


def city(zone_name: str) -> str:
    """What the reader's language calls the city that a zone is named after, by the zone's name of today."""
    name = zones.present(zone_name)
    called = str(get_timezone_location(name, flask_babel.get_locale() or "en", return_city=True))
    return called.rsplit("/", 1)[-1] if "/" in name else name


def weekday_names() -> list[str]:
    """The full names from Monday on. Those for use alone are wrong: Babel 2.18 keeps those of the first language asked for."""
    names = flask_babel.get_locale().days["format"]["wide"]
    return [names[n] for n in range(7)]


def weekday_heads() -> list[str]:
    """Names from Monday on that fit a seventh of a small phone's width."""
    locale = flask_babel.get_locale()
    return _fitting(locale, ("short", "narrow"), _NARROW)


def weekday_shorts() -> list[str]:
    """Names from Monday on that fit beside each other and can still be read without their column."""
    locale = flask_babel.get_locale()
    return _fitting(locale, ("abbreviated", "short"), _SHORT)


def _fitting(locale: Locale, widths: tuple[str, str], most: int) -> list[str]:
    found = [[locale.days["format"][width][n] for n in range(7)] for width in widths]
    fits = (names for names in found if max(map(len, names)) <= most)
    return list(_HEADS.get(locale.language) or next(fits, found[-1]))


def _is_usual(locale: Locale) -> bool:
    """Whether who reads this language counts 12 hours, where the browser says they live."""
    for tag in request.accept_languages.values():
        try:
            theirs = Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
        if theirs.language == locale.language and theirs.territory:
            return _counts_twelve(theirs)
    return locale.language != "en" and _counts_twelve(locale)  # English without a country is anybody's


def _counts_twelve(locale: Locale) -> bool:
    return "a" in locale.time_formats["short"].pattern


def _is_somebody_elses() -> bool:
    """Whether what is written now is for another reader than this page's: a mail, in their language."""
    return hasattr(g.get("_flask_babel"), "forced_babel_locale")
