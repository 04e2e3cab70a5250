"""What staff read about who was stopped by a quota (domain/quotas.Rule)."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

STOPS: dict[str, LazyString] = {
    "open_bookings": _l("Too many open bookings, neither paid nor answered"),
    "unanswered": _l("Too many unanswered requests to one practitioner"),
    "unpaid_sessions": _l("Too many upcoming sessions to be paid afterwards"),
    "same_time": _l("The same time left unpaid too often"),
    "withdrawn": _l("Sessions with one practitioner requested and withdrawn too often"),
    "open_waits": _l("On too many waiting lists"),
    "open_questions": _l("Too many unpaid questions"),
    "proposals": _l("Another time proposed too often for one session"),
    "messages": _l("Too many messages in an hour"),
    "payment_tries": _l("Too many payments started in an hour"),
    "prompts_in_a_row": _l("Too many payment requests to one phone in ten minutes"),
    "prompts_to_number": _l("Too many payment requests to one phone in an hour"),
    "prompts_by_account": _l("Payment requests to too many phones by one account"),
    "proofs": _l("Too many proofs of payment in a day"),
    "receipts": _l("Too many M-Pesa codes in an hour"),
    "gift_guesses": _l("Wrong gift codes, one after the other"),
    "sms_to_person": _l("Too many SMS to one person in a day; the rest was only emailed"),
    "sms_to_number": _l("Too many SMS to one number in a day; the rest was only emailed"),
    "guesses": _l("Wrong passwords or codes for one account, from one network"),
    "guesses_by_network": _l("Wrong passwords or codes for many accounts, from one network"),
    "guesses_at_account": _l("Wrong passwords or codes for one account, from everywhere"),
    "own_guesses": _l("Wrong passwords by someone who is logged in"),
    "second_guesses": _l("Wrong second step codes"),
    "second_guesses_in_a_day": _l("Wrong second step codes, all day long"),
    "passkey_tries": _l("Wrong passkeys, from one network"),
    "texted_codes": _l("Too many codes by SMS for one account"),
    "texted_codes_to_number": _l("Too many codes by SMS to one number in an hour"),
    "texted_codes_to_number_in_a_day": _l("Too many codes by SMS to one number in a day"),
    "texted_codes_by_network": _l("Too many codes by SMS, from one network"),
    "providers_by_network": _l("Other providers asked too often, from one network"),
    "codes": _l("Too many codes by email to one address, from one network"),
    "codes_by_network": _l("Too many codes by email, from one network"),
    "codes_to_address": _l("Too many codes by email to one address, from everywhere"),
    "accounts_by_network": _l("Too many accounts from one network"),
    "guest_places": _l("Too many times requested without an account, from one network; the rest was not held"),
    "guest_places_in_a_diary": _l(
        "Too many times with one practitioner requested in a day without an account and not booked; the "
        "rest was not held"
    ),
    "reads": _l("Calendars and searches opened too fast"),
    "reads_by_network": _l("Calendars and searches opened too fast, from one network"),
}
