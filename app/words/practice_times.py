"""What is wrong with what a practitioner says of their time, in a sentence that says what to do."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

TIME_PROBLEMS: dict[str, LazyString] = {
    "hours_missing": _l("Please give both times. To be closed all day, enter time off."),
    "time_off_that_day": _l("You have time off then. Take it off first, or choose another day."),
    "time_off_crossed": _l("You have time off then already. Remove that first, or choose other days."),
    "time_off_too_long": _l("Time off may be at most %(days)s days long, and in the next ten years."),
    "time_off_then": _l("You have time off then. Please say that you give this session all the same."),
    "country_unknown": _l("We know no holidays of this country. Please choose one from the list."),
    "region_unknown": _l("We know no such region of this country. Please choose one from the list."),
    "not_a_holiday": _l("One of these days is no holiday that comes. Please choose from the list."),
    "class_times_of_group": _l("Only a group has fixed times. Please choose a group, or leave these empty."),
    "class_incomplete": _l("Please give both a weekday and a time."),
    "class_twice": _l("This time is given twice."),
    "class_inside_another": _l(
        "This class begins before another one is over: with its free minutes it takes %(minutes)s minutes."
    ),
    "time_invalid": _l("Please give a time like 09:30."),
}
