"""A practitioner's own affairs: public profile, opening hours, exceptions, services."""

from app.domain.agenda import Hours
from app.services.practice import absence_notice, class_times, holidays, time_off
from app.services.practice.blocks import block, blocked_by, is_blocked, unblock
from app.services.practice.catalog import (
    ServiceForm,
    bookable,
    bookable_services,
    check_service,
    currencies,
    lock_bookable,
    own_service,
    save_rules,
    save_service,
    set_class_times,
)
from app.services.practice.hours import (
    add_exception,
    exceptions_between,
    exceptions_of,
    hours_of,
    remove_exception,
    set_hours,
)
from app.services.practice.price_checks import check_payable, unpayable_reasons
from app.services.practice.public_profile import photos
from app.services.practice.public_profile.profiles import (
    CREDENTIALS,
    LONGEST_DAYS,
    LONGEST_HOURS,
    by_slug,
    change_profile,
    found_once,
    found_practice,
    lock_diary,
    of_user,
    published,
    published_page,
)
from app.services.practice.rule_checks import RulesForm, never_given

__all__ = [
    "CREDENTIALS",
    "LONGEST_DAYS",
    "LONGEST_HOURS",
    "Hours",
    "RulesForm",
    "ServiceForm",
    "absence_notice",
    "add_exception",
    "block",
    "blocked_by",
    "bookable",
    "bookable_services",
    "by_slug",
    "change_profile",
    "check_payable",
    "check_service",
    "class_times",
    "currencies",
    "exceptions_between",
    "exceptions_of",
    "found_once",
    "found_practice",
    "holidays",
    "hours_of",
    "is_blocked",
    "lock_bookable",
    "lock_diary",
    "never_given",
    "of_user",
    "own_service",
    "photos",
    "published",
    "published_page",
    "remove_exception",
    "save_rules",
    "save_service",
    "set_class_times",
    "set_hours",
    "time_off",
    "unblock",
    "unpayable_reasons",
]
