"""What staff read about money and news."""

import re

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.words.money import REFUND_REASONS

# Ways to pay that have no vendor, by their code.
OWN_METHODS: dict[str, LazyString] = {"wallet": _l("Wallet"), "package": _l("Package")}

# What staff may decide about money that waits for it (repair.decisions_for): the word, and what it brings about.
DECISIONS: dict[str, tuple[LazyString, LazyString]] = {
    "in_full": (
        _l("The full price came"),
        _l("You found it on the gateway's own statement: the news was wrong. It pays for what it was meant for."),
    ),
    "found": (
        _l("It was paid"),
        _l("You found it on the gateway's own statement. It pays for what it was meant for; too late, it goes back."),
    ),
    "accept": (
        _l("Accept it"),
        _l(
            "It pays for what it was meant for; what is above the price goes back. If the place is gone, all goes back."
        ),
    ),
    "refund": (
        _l("Send it back"),
        _l("All of it goes back to where it was paid from; where the gateway cannot do that, it becomes credit."),
    ),
    "credit": (_l("Give it as credit"), _l("All of it goes into the client's wallet, at once.")),
    "write_off": (
        _l("Write it off"),
        _l("It stays with us and belongs to nobody. For money that is not the client's."),
    ),
    "close": (_l("Close it"), _l("No money waits for this: you have looked at it, and that is all.")),
}

RESOLVED: dict[str, LazyString] = {
    "in_full": _l("The full price came: it has paid for what it was meant for."),
    "found": _l("It was paid: the money has gone to what it was meant for."),
    "accept": _l("Accepted: the money has paid for what it was meant for."),
    "too_late": _l("Accepted, but what it was meant for cannot be had any more: the refund says where the money goes."),
    "refund": _l("The money is on its way back, and the client is told."),
    "credit": _l("The money is in the client's wallet, and the client is told."),
    "write_off": _l("The money is written off."),
    "close": _l("Closed. No money was moved."),
}

REVIEW_REASONS: dict[str, LazyString] = {
    "amount": _l("Another amount than was asked for"),
    "phone": _l("Another phone than was asked"),
    "second_charge": _l("Another receipt for a payment that has one"),
    "reference": _l("The gateway names another payment"),
    "contradiction": _l("The gateway contradicts itself"),
    "unchecked": _l("Said to be paid, and the gateway could not be asked"),
    "receipt": _l("A payment's code was shown, and only a person can say whether it is of this payment"),
    "disputed": _l("The payer's bank challenges the charge"),
    "refund_twice": _l("Given back twice"),
    "refund_amount": _l("Another amount went back than was asked for"),
    "refund_beyond": _l("More went back at the gateway than was left of the payment"),
    "refund_unknown": _l("Money went back at the gateway that the books cannot place"),
    "dispute_lost": _l("The payer's bank took the money back"),
    "not_in_statement": _l("Paid by our books, and not in the gateway's own statement"),
    "returned_at_gateway": _l("Sent back by the gateway's own statement, and not by our books"),
    "lost_checkout": _l("Paid, and what it was for is not here: the database was put back to an earlier day"),
}

# What staff may do about a refund (repair.remedies_for), and what has happened then.
REMEDIES: dict[str, tuple[LazyString, LazyString]] = {
    "retry": (_l("Try again"), _l("The gateway is asked for the refund again.")),
    "chase": (_l("Ask the gateway now"), _l("The gateway was asked about the refund.")),
    "credit": (_l("Give as wallet credit"), _l("The money is in the client's wallet, and the client is told.")),
    "by_hand": (_l("I sent it by hand"), _l("Noted: you sent the money by hand. The refund is done.")),
    "before": (_l("It went back before"), _l("Noted. The refund ends when a second person agrees.")),
    "not_owed": (_l("It is not owed any more"), _l("Noted. The refund ends when a second person agrees.")),
    "agree": (_l("I agree: end it"), _l("The refund has ended.")),
    "withdraw": (_l("It is owed after all"), _l("The refund stands as before.")),
}

# What to write down when saying so (services/backoffice/repair/waiver_acts).
WAIVERS: dict[str, LazyString] = {
    "before": _l(
        "Where the gateway's statement shows it: the date and the receipt. A second person of staff must agree."
    ),
    "not_owed": _l("Why nobody waits for the money. It stays here. A second person of staff must agree."),
}

# What the reason of a failed refund decides (gateways/facts.RefundFailureCode).
REFUND_FAILURES: dict[str, LazyString] = {
    "went_back_before": _l(
        "The gateway says that it went back before. Look at its statement before you send anything."
    ),
    "disputed": _l("The payer's bank challenges the payment. If you win, the refund is sent by itself."),
    "no_balance": _l("The balance at the gateway is too low. It is tried again every four hours for five days."),
    "no_access": _l(
        "The gateway does not accept the keys for refunds. Renew them: what waits goes on by itself, what failed you try again."
    ),
    "unclear": _l("We do not know what this answer means. Look at the gateway's statement before you do anything."),
}

# What accepting less than was asked for comes to, before it is decided.
FORGIVEN = _l("%(held)s came and %(asked)s was asked for: the missing %(rest)s is forgiven and never asked for again.")

# Why money goes back, for staff; what comes after a colon in the code is only a number.
BACK: dict[str, LazyString] = {
    **REFUND_REASONS,
    "staff": _l("staff sent it back"),
    "review": _l("staff decided so in a review"),
    "overpaid": _l("it was above the price"),
    "at_gateway": _l("sent back at the gateway's own site"),
}

MEANS: dict[str, LazyString] = {
    "gateway": _l("to where it was paid from"),
    "wallet": _l("as credit in the wallet"),
    "by_hand": _l("sent by hand"),
    "package": _l("as a session of the package"),
    "bank": _l("by the payer's bank itself"),
    "before": _l("it had gone back before"),
    "not_owed": _l("not owed any more"),
}

# Where money would go if staff sent it back now (repair.way_back).
WAYS_BACK: dict[str, LazyString] = {
    "gateway": _l("It goes back to where it was paid from."),
    "whole": _l("All of it goes back to where it was paid from; a part becomes credit in the client's wallet."),
    "credit": _l("It cannot be sent back the way it came: it becomes credit in the client's wallet."),
    "in_hand": _l(
        "It was paid to the practitioner by hand: the refund waits until you know it was given back, or make it credit."
    ),
    "by_hand": _l("This way to pay is not set up any more: the refund waits for you to send it by hand."),
    "package": _l("All of it is a session of the package again; a part becomes credit in the client's wallet."),
}

# Why another calendar could not be read (services/practice/external_calendars).
FEED_PROBLEMS: dict[str, LazyString] = {
    "bad_address": _l("This is not the address of a calendar."),
    "internal_address": _l("This address is inside a private network and is not read."),
    "no_answer": _l("There was no answer, or none with a calendar. It is tried again every quarter of an hour."),
    "too_slow": _l("It took too long. It is tried again every quarter of an hour."),
    "too_large": _l("The calendar is too large."),
    "no_calendar": _l("What stands there is not a calendar."),
    "too_many": _l("There are too many entries in it."),
}

# Where money can be (models/ledger/journal.py), %(name)s is whose; and what moved it.
ACCOUNTS: dict[str, LazyString] = {
    "gateway": _l("%(name)s"),
    "in_hand": _l("In the hands of %(name)s"),
    "received": _l("Taken in, not placed yet"),
    "practitioner": _l("Due to %(name)s"),
    "platform": _l("Our fee"),
    "wallet": _l("Wallet of %(name)s"),
    "gift": _l("Given away, not redeemed yet"),
    "package": _l("Paid for sessions of a package that are left"),
    "refunds": _l("On its way back"),
    "payouts": _l("On its way out by hand"),
    "by_hand": _l("Sent by hand"),
    "write_off": _l("Written off"),
}

POSTINGS: dict[str, LazyString] = {
    "reprice": _l("Shared out anew: the price changed"),
    "capture": _l("Taken in"),
    "land": _l("Placed"),
    "refund_asked": _l("Set aside to go back"),
    "refund_done": _l("Gone back"),
    "refund_came_back": _l("Came back from the bank"),
    "refund_beyond": _l("Gone back beyond what was left"),
    "refund_split": _l("Divided"),
    "write_off": _l("Written off"),
    "given_up": _l("Given up with the account"),
    "gift_redeem": _l("Gift redeemed"),
    "gift_cancel": _l("Rest of a cancelled gift"),
    "package_end": _l("Rest of an ended package"),
    "package_expire": _l("Rest of a package whose time is over"),
    "dispute_lost": _l("Taken by the payer's bank"),
    "credit_lost": _l("Credit bought with what the payer's bank took back"),
}

# How news came to us (InboxEntry.source), and what became of it (InboxState).
SOURCES: dict[str, LazyString] = {
    "callback": _l("the gateway told us"),
    "look_up": _l("we asked the gateway"),
    "return": _l("the client's browser brought it"),
    "wallet": _l("our own books"),
    "package": _l("our own books"),
    "staff": _l("staff"),
    "statement": _l("the gateway's own statement"),
    "pull": _l("found in the gateway's own list"),
}

NEWS: dict[str, LazyString] = {
    "received": _l("stored, not applied yet"),
    "applied": _l("applied"),
    "ignored": _l("nothing changed by it"),
    "unmatched": _l("about a payment we do not know"),
    "review": _l("a person must look"),
}

# What became of news in particular, by how the stored sentence goes (`Verdict` in services/payments).
_VERDICTS: tuple[tuple[str, LazyString], ...] = (
    ("applied", NEWS["applied"]),
    ("repetition, or overtaken", _l("known already, or overtaken")),
    ("waits for the gateway's own answer", _l("waits for the gateway's own answer")),
    ("said to be paid: asks the gateway", _l("said to be paid: the gateway is asked")),
    ("contradicts the callback", _l("the gateway's answer contradicts what came before")),
    ("another phone: asks the gateway", _l("another phone: the gateway is asked")),
    ("too late: let go", _l("too late: what was reserved is let go")),
    ("asked for (?P<asked>.+), the gateway says (?P<told>.+)", _l("asked for %(asked)s, the gateway says %(told)s")),
    (
        "asked for (?P<asked>.+), unsigned news says (?P<told>.+)",
        _l("asked for %(asked)s, unsigned news says %(told)s"),
    ),
    (
        "asked for (?P<asked>.+), the gateway reserved (?P<told>.+)",
        _l("asked for %(asked)s, the gateway reserved %(told)s"),
    ),
    ("paid, and the only amount told is (?P<told>.+)", _l("paid, and the only amount told is %(told)s")),
    ("unsigned news names another receipt: (?P<what>.+)", _l("unsigned news names another receipt: %(what)s")),
    ("the gateway names another phone", _l("the gateway names another phone")),
    ("the gateway's payment id is another one", _l("the gateway's payment is another one")),
    ("this charge belongs to another payment", _l("this charge belongs to another payment")),
    ("(?P<what>.+) is another one", _l("%(what)s is another one")),
    ("a second charge that goes back already", _l("a second charge that goes back already")),
    (
        "(?P<what>.+): a restored backup has nothing of what was paid for",
        _l("%(what)s: the backup that was put back has nothing of what was paid for"),
    ),
    ("parked: a refund before its payment", _l("waits: a refund before its payment")),
    ("parked: a dispute before its payment", _l("waits: a bank's challenge before its payment")),
    ("names no refund: they are looked up", _l("names no refund: all of the charge are asked about")),
    ("looked up: (?P<count>.+)", _l("refunds found at the gateway: %(count)s")),
    ("nothing moves by it: known, or never in the books", _l("nothing moves by it: known, or never in the books")),
    (
        "what was reserved was let go: nothing had been taken",
        _l("what was reserved was let go: nothing had been taken"),
    ),
    (
        "(?P<what>.+) was never captured: the gateway gave it back by itself",
        _l("%(what)s was never taken: the gateway gave it back by itself"),
    ),
    ("(?:(?P<what>.+): )?of (?:.+, )?a charge that we do not know", _l("of a charge that we do not know")),
)

# What a gateway's news says (the `type_code` of its fact), for who does not read JSON.
SAYS: dict[str, LazyString] = {
    "confirmed": _l("It was paid"),
    "authorised": _l("The amount is reserved"),
    "failed": _l("The payment failed"),
    "pending": _l("The payment is under way"),
    "refunded": _l("Money went back"),
    "refundfailed": _l("A refund failed"),
    "refundschanged": _l("Something of the charge went back"),
    "disputed": _l("The payer's bank challenges the charge"),
}

# What waits for staff: the short name, and what stands there.
QUEUES: dict[str, tuple[LazyString, LazyString]] = {
    "reviews": (_l("To decide"), _l("Money or news that does not fit what we asked for.")),
    "attendance": (
        _l("Who came"),
        _l("The client and the practitioner do not agree. Nothing is decided about the money until you say who came."),
    ),
    "refunds": (_l("Refunds"), _l("The gateway said no, or nothing clear has been heard for three days.")),
    "payouts": (_l("Payouts"), _l("Clients who want their credit paid out. You send it by hand and say how.")),
    "proofs": (_l("Proofs"), _l("Money sent by other means that nobody has looked at yet.")),
    "events": (
        _l("News that waits"),
        _l("Gateways told us this, and it has had no effect yet. It is heard by itself once its payment is known."),
    ),
    "messages": (_l("Messages"), _l("They are shown in the app; the mail or SMS has not gone out.")),
    "disputes": (_l("Challenged"), _l("The payer's bank challenges the charge. You answer at the gateway's own site.")),
    "waiting": (_l("Under way"), _l("The gateway has not said how these payments ended.")),
}


def back(reason: str) -> str:
    """Why money goes back, in the reader's language."""
    code = reason.partition(":")[0]
    return str(BACK.get(code, code))


def verdict(text: str) -> str:
    """What became of news, in the reader's language."""
    reason, _, end = text.rpartition(": ")
    if end in ("refunded", "credited"):
        return f"{back(reason)}: {MEANS['wallet'] if end == 'credited' else POSTINGS['refund_asked']}"
    found = ((re.fullmatch(pattern, text), sentence) for pattern, sentence in _VERDICTS)
    return next((str(sentence) % match.groupdict() for match, sentence in found if match), text)


def account(code: str, name: str) -> str:
    """Where money is, in the reader's language."""
    return str(ACCOUNTS[code]) % {"name": name}
