"""What people read about their own data and their other calendars."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# What stands in the way of erasing an account (services/backoffice/erasure).
OBSTACLES: dict[str, LazyString] = {
    "upcoming": _l("You have an upcoming session. Cancel it first, or wait until it is over."),
    "question": _l("A question you paid for has not been answered yet."),
    "package": _l("There are sessions left in a package. Use them, or ask for a refund."),
    "gift": _l("A gift you bought has not been redeemed yet. Wait until it is, or cancel it first."),
    "payment": _l("A payment is still being checked. This can take a few days."),
    "refund": _l("A refund is on its way to you. Wait until it has arrived."),
    "review": _l("Our staff are checking one of your payments. Wait for the result."),
    "debts": _l("You still owe money for a session. Pay it first."),
    "credit": _l("There is credit in your wallet. Ask for a payout first, or give the credit up below."),
}

# The parts of a person's export (services/backoffice/export).
EXPORTED: dict[str, LazyString] = {
    "account": _l("Your account and settings"),
    "tokens": _l("Where you are logged in, including programs"),
    "passkeys": _l("Your passkeys"),
    "code_apps": _l("The app whose codes you log in with"),
    "recovery_codes": _l("Recovery codes you have not used"),
    "identities": _l("Other sites you log in with"),
    "messages": _l("Messages to you"),
    "acts": _l("What you did, step by step"),
    "bookings": _l("Your bookings"),
    "attendance": _l("Sessions where our staff checked who came"),
    "moves": _l("Proposals to move a session"),
    "waits": _l("Times you waited for"),
    "forms": _l("Forms you signed"),
    "ratings": _l("Ratings you gave"),
    "ratings_of_you": _l("What practitioners said about you"),
    "notes": _l("Your notes on missed sessions"),
    "questions": _l("Written questions you asked"),
    "gifts": _l("Gifts you bought or redeemed"),
    "packages": _l("Packages you bought"),
    "receipts": _l("Your receipts"),
    "bills": _l("What was due"),
    "debts": _l("What you owed"),
    "payments": _l("Payments you started"),
    "news": _l("What payment providers told us about your payments"),
    "refunds": _l("Money refunded to you"),
    "disputes": _l("Payments your bank disputed"),
    "reviews": _l("Payments checked by a person"),
    "proofs": _l("Proofs of payment you sent"),
    "codes": _l("M-Pesa codes shown for your payments"),
    "wallet": _l("Your wallet"),
    "payouts": _l("Credit you asked to be paid out"),
    "practice": _l("Your public profile"),
    "services": _l("Your services"),
    "hours": _l("Your opening hours"),
    "exceptions": _l("Your days with different hours"),
    "time_off": _l("Your time off"),
    "own_forms": _l("Your forms"),
    "sessions": _l("Sessions you gave, with your notes"),
    "session_proofs": _l("Proofs of sessions you kept"),
    "received": _l("Ratings of you"),
    "answers": _l("Questions you answered"),
    "said_to_banks": _l("What you added to evidence for clients' banks"),
    "sold": _l("Packages you sold"),
    "calendars": _l("Your other calendars"),
    "earnings": _l("What you earned"),
}

# Why another calendar could not be read (services/practice/external_calendars).
FEED_PROBLEMS: dict[str, LazyString] = {
    "bad_address": _l("This is not a calendar address."),
    "internal_address": _l("This address is inside a private network and cannot be read."),
    "no_answer": _l("There was no answer, or none with a calendar. We try again every 15 minutes."),
    "too_slow": _l("It took too long. We try again every 15 minutes."),
    "too_large": _l("The calendar is too large."),
    "no_calendar": _l("There is no calendar at this address."),
    "too_many": _l("The calendar has too many entries."),
}
