"""The language of what is sent: each reader's own, whoever causes it."""

from mutants.mutant import Mutant

_INVITED = "tests/services/notifications/test_invitations_by_mail.py"
_LANGUAGES = "tests/stories/test_languages.py"

MUTANTS = (
    Mutant(
        "every mail is English",
        "app/services/notifications/mail.py",
        "with force_locale(user.language):",
        'with force_locale("en"):',
        "tests/services/notifications/test_notices.py::test_a_mail_is_in_the_readers_language_and_zone",
    ),
    Mutant(
        "every SMS is English",
        "app/services/notifications/sms.py",
        "with force_locale(user.language):",
        'with force_locale("en"):',
        "tests/services/notifications/test_sms.py::test_an_sms_is_in_its_readers_language",
    ),
    Mutant(
        "every calendar entry is English",
        "app/services/notifications/calendar_feeds.py",
        "with force_locale(user.language):",
        'with force_locale("en"):',
        "tests/services/notifications/test_calendar_feeds.py::test_an_entry_is_in_its_readers_language",
    ),
    Mutant(
        "an invitation is a file beside the mail",
        "app/services/notifications/mail.py",
        '    message.add_alternative(entry.content, "text", "calendar", params=params)',
        "    del params",
        _INVITED,
    ),
    Mutant(
        "the host of a group has an entry for each seat",
        "app/services/notifications/calendar_feeds.py",
        "    return user.id != booking.client_id and booking.slot.capacity > 1\n",
        "    return False\n",
        _INVITED,
    ),
    Mutant(
        "what is bought has an English name",
        "app/services/prepaid/gifts.py",
        "with force_locale(client.language):",
        'with force_locale("en"):',
        f"{_LANGUAGES}::test_what_is_bought_is_named_in_its_buyers_language",
    ),
    Mutant(
        "one line of a mail is English",
        "app/templates/mail/_parts.txt",
        'fact(_("With: %(name)s", name=other))',
        "With: {{ other }}",
        f"{_LANGUAGES}::test_no_line_of_any_mail_stays_english",
    ),
)
