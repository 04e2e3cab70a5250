"""What people read about their own data."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# What stands in the way of erasing an account (services/backoffice/erasure).
OBSTACLES: dict[str, LazyString] = {
    "upcoming": _l("You have a session that is still to come. Please cancel it first, or wait until it is over."),
    "question": _l("A question you paid for is not answered yet."),
    "package": _l("There are sessions left in a package. Use them, or ask for their money back."),
    "gift": _l("A gift you bought is not redeemed yet. Wait until it is, or cancel it first."),
    "payment": _l("A payment is still being checked. This can take some days."),
    "refund": _l("Money is on its way back to you. Please wait until it has arrived."),
    "review": _l("A person is looking at one of your payments. Please wait for the result."),
    "debts": _l("You still owe something for a session. Please pay it first."),
    "credit": _l("There is credit in your wallet. Ask for it to be paid out first, or give it up below."),
}

# The parts of a person's export (services/backoffice/export).
EXPORTED: dict[str, LazyString] = {
    "account": _l("Your account and what you chose"),
    "tokens": _l("Where you are logged in, programs included"),
    "passkeys": _l("Your passkeys"),
    "code_apps": _l("The app whose codes you log in with"),
    "recovery_codes": _l("Recovery codes that you have not used"),
    "identities": _l("Other sites that log you in"),
    "messages": _l("Messages to you"),
    "acts": _l("What you did, step by step"),
    "bookings": _l("Your bookings"),
    "attendance": _l("Sessions of which our staff looked at who came"),
    "moves": _l("Proposals to move a session"),
    "waits": _l("Times you waited for"),
    "forms": _l("Forms you signed"),
    "ratings": _l("Ratings you gave"),
    "ratings_of_you": _l("What practitioners said about you"),
    "notes": _l("Your notes on missed sessions"),
    "questions": _l("Questions you asked in writing"),
    "gifts": _l("Gifts you bought or redeemed"),
    "packages": _l("Packages you bought"),
    "receipts": _l("Your receipts"),
    "bills": _l("What was to be paid"),
    "debts": _l("What you owed"),
    "payments": _l("Payments you began"),
    "news": _l("What gateways told us of your payments"),
    "refunds": _l("Money that came back"),
    "disputes": _l("Payments your bank challenged"),
    "reviews": _l("Payments a person looked at"),
    "proofs": _l("Proofs of payment you sent"),
    "wallet": _l("Your wallet"),
    "payouts": _l("Credit you asked to be paid out"),
    "practice": _l("Your public profile"),
    "services": _l("Your services"),
    "hours": _l("Your opening hours"),
    "exceptions": _l("Your days with other hours"),
    "time_off": _l("Your time off"),
    "own_forms": _l("Your forms"),
    "sessions": _l("Sessions you gave, with your notes"),
    "session_proofs": _l("Proofs of sessions you kept"),
    "received": _l("Ratings of you"),
    "answers": _l("Questions you answered"),
    "sold": _l("Packages you sold"),
    "calendars": _l("Other calendars of yours"),
    "earnings": _l("What you earned"),
}
