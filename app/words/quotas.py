"""What staff read about who was stopped by a quota (domain/quotas.Rule)."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

STOPS: dict[str, LazyString] = {
    "open_bookings": _l("Too many bookings open, neither paid nor answered"),
    "unanswered": _l("Too many requests to one practitioner, not answered yet"),
    "unpaid_sessions": _l("Too many sessions ahead to be paid afterwards"),
    "same_time": _l("The same time let go unpaid again and again"),
    "open_waits": _l("On too many waiting lists"),
    "open_questions": _l("Too many questions written and not paid"),
    "proposals": _l("Another time proposed again and again for one session"),
    "messages": _l("Too many messages in an hour"),
    "payment_tries": _l("Too many payments begun in an hour"),
    "prompts_in_a_row": _l("A phone asked to pay too often in ten minutes"),
    "prompts_to_number": _l("A phone asked to pay too often in an hour"),
    "prompts_by_account": _l("Too many phones asked to pay by one account"),
    "proofs": _l("Too many proofs of payment in a day"),
    "gift_guesses": _l("Wrong gift codes, one after the other"),
    "sms_to_person": _l("Too many SMS to one person in a day; the rest was mailed alone"),
    "sms_to_number": _l("Too many SMS to one number in a day; the rest was mailed alone"),
    "guesses": _l("Wrong passwords or codes for one account, from one network"),
    "guesses_by_network": _l("Wrong passwords or codes for many accounts, from one network"),
    "guesses_at_account": _l("Wrong passwords or codes for one account, from everywhere"),
    "own_guesses": _l("Wrong passwords by somebody who is logged in"),
    "codes": _l("Too many codes by mail to one address, from one network"),
    "codes_by_network": _l("Too many codes by mail, from one network"),
    "codes_to_address": _l("Too many codes by mail to one address, from everywhere"),
    "accounts_by_network": _l("Too many accounts from one network"),
    "reads": _l("Calendars and searches read too fast"),
    "reads_by_network": _l("Calendars and searches read too fast from one network"),
}
