"""What staff read about who was stopped by a quota (domain/quotas.Rule)."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

STOPS: dict[str, LazyString] = {
    "open_bookings": _l("Too many bookings open, neither paid nor answered"),
    "unanswered": _l("Too many requests to one practitioner, not answered yet"),
    "unpaid_sessions": _l("Too many sessions ahead to be paid afterwards"),
    "same_time": _l("The same time let go unpaid again and again"),
    "withdrawn": _l("Sessions with one practitioner asked for and taken back again and again"),
    "open_waits": _l("On too many waiting lists"),
    "open_questions": _l("Too many questions written and not paid"),
    "proposals": _l("Another time proposed again and again for one session"),
    "messages": _l("Too many messages in an hour"),
    "payment_tries": _l("Too many payments begun in an hour"),
    "prompts_in_a_row": _l("A phone asked to pay too often in ten minutes"),
    "prompts_to_number": _l("A phone asked to pay too often in an hour"),
    "prompts_by_account": _l("Too many phones asked to pay by one account"),
    "proofs": _l("Too many proofs of payment in a day"),
    "receipts": _l("Too many M-Pesa codes in an hour"),
    "gift_guesses": _l("Wrong gift codes, one after the other"),
    "sms_to_person": _l("Too many SMS to one person in a day; the rest was mailed alone"),
    "sms_to_number": _l("Too many SMS to one number in a day; the rest was mailed alone"),
    "guesses": _l("Wrong passwords or codes for one account, from one network"),
    "guesses_by_network": _l("Wrong passwords or codes for many accounts, from one network"),
    "guesses_at_account": _l("Wrong passwords or codes for one account, from everywhere"),
    "own_guesses": _l("Wrong passwords by somebody who is logged in"),
    "second_guesses": _l("Wrong codes of a second factor"),
    "second_guesses_in_a_day": _l("Wrong codes of a second factor, all day long"),
    "passkey_tries": _l("Wrong passkeys, from one network"),
    "texted_codes": _l("Too many codes by SMS for one account"),
    "texted_codes_to_number": _l("Too many codes by SMS to one number in an hour"),
    "texted_codes_to_number_in_a_day": _l("Too many codes by SMS to one number in a day"),
    "texted_codes_by_network": _l("Too many codes by SMS, from one network"),
    "providers_by_network": _l("Other providers asked too often, from one network"),
    "codes": _l("Too many codes by mail to one address, from one network"),
    "codes_by_network": _l("Too many codes by mail, from one network"),
    "codes_to_address": _l("Too many codes by mail to one address, from everywhere"),
    "accounts_by_network": _l("Too many accounts from one network"),
    "guest_places": _l(
        "Too many times asked for without an account, from one network; the rest was not kept meanwhile"
    ),
    "guest_places_in_a_diary": _l(
        "Too many times of one practitioner asked for in a day without an account and not booked; the rest was not kept"
    ),
    "reads": _l("Calendars and searches read too fast"),
    "reads_by_network": _l("Calendars and searches read too fast from one network"),
}
