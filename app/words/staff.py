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
        _l("Paid in full"),
        _l("You found it on the gateway's own statement: the event was wrong. It pays for what it was meant for."),
    ),
    "found": (
        _l("It was paid"),
        _l(
            "You found it on the gateway's own statement. It pays for what it was meant for; if it is too "
            "late, it is refunded."
        ),
    ),
    "accept": (
        _l("Accept payment"),
        _l(
            "It pays for what it was meant for and anything above the price is refunded. If the place has "
            "gone, all of it is refunded."
        ),
    ),
    "refund": (
        _l("Refund payment"),
        _l("All of it is refunded to where it was paid from; where the gateway cannot do that, it becomes credit."),
    ),
    "credit": (_l("Give as credit"), _l("All of it goes into the client's wallet at once.")),
    "write_off": (
        _l("Write off"),
        _l("The money stays with us and belongs to nobody. Use this for money that is not the client's."),
    ),
    "close": (_l("Close without action"), _l("No money depends on this: it only records that you have looked at it.")),
}

RESOLVED: dict[str, LazyString] = {
    "in_full": _l("Paid in full: the money has paid for what it was meant for."),
    "found": _l("It was paid: the money has gone to what it was meant for."),
    "accept": _l("Accepted: the money has paid for what it was meant for."),
    "too_late": _l("Accepted, but what it was meant for is no longer available: the refund says where the money goes."),
    "refund": _l("The refund is on its way and the client will be told."),
    "credit": _l("The money is in the client's wallet and the client will be told."),
    "write_off": _l("The money has been written off."),
    "close": _l("Closed. No money was moved."),
}

REVIEW_REASONS: dict[str, LazyString] = {
    "amount": _l("Different amount from the one requested"),
    "phone": _l("Different phone from the one asked"),
    "second_charge": _l("Another receipt for a payment that already has one"),
    "reference": _l("The gateway names another payment"),
    "contradiction": _l("The gateway contradicts itself"),
    "unchecked": _l("Reported as paid, but the gateway could not be asked"),
    "receipt": _l("A payment code was sent, and only a person can tell whether it belongs to this payment"),
    "disputed": _l("The payer's bank disputes the charge"),
    "refund_twice": _l("Refunded twice"),
    "refund_amount": _l("Different amount refunded from the one requested"),
    "refund_beyond": _l("More refunded at the gateway than was left of the payment"),
    "refund_unknown": _l("Refund at the gateway that the books cannot match"),
    "dispute_lost": _l("The payer's bank took the money back"),
    "not_in_statement": _l("Paid in our books, but not in the gateway's own statement"),
    "returned_at_gateway": _l("Refunded in the gateway's own statement, but not in our books"),
    "lost_checkout": _l("Paid, but what it was for is missing: the database was restored to an earlier day"),
}

# What staff may do about a refund (repair.remedies_for), and what has happened then.
REMEDIES: dict[str, tuple[LazyString, LazyString]] = {
    "retry": (_l("Try again"), _l("The gateway has been asked for the refund again.")),
    "chase": (_l("Ask the gateway now"), _l("The gateway has been asked about the refund.")),
    "credit": (_l("Give as wallet credit"), _l("The money is in the client's wallet and the client will be told.")),
    "by_hand": (_l("I sent it by hand"), _l("Noted: you sent the money by hand. The refund is done.")),
    "before": (_l("Already refunded"), _l("Noted. The refund ends when a second person agrees.")),
    "not_owed": (_l("No longer owed"), _l("Noted. The refund ends when a second person agrees.")),
    "agree": (_l("Agree and end refund"), _l("The refund has ended.")),
    "withdraw": (_l("Still owed after all"), _l("The refund stays as it was.")),
}

# What to write down when saying so (services/backoffice/repair/waiver_acts).
WAIVERS: dict[str, LazyString] = {
    "before": _l(
        "Where the gateway's statement shows it: the date and the receipt. A second member of staff needs to agree."
    ),
    "not_owed": _l("Why nobody is waiting for the money. It stays here. A second member of staff needs to agree."),
}

# What the reason of a failed refund decides (gateways/facts.RefundFailureCode).
REFUND_FAILURES: dict[str, LazyString] = {
    "went_back_before": _l(
        "The gateway says that it was already refunded. Check its statement before you send anything."
    ),
    "disputed": _l("The payer's bank disputes the payment. If you win, the refund is sent automatically."),
    "no_balance": _l("The balance at the gateway is too low. We try again every four hours for five days."),
    "no_access": _l(
        "The gateway does not accept the keys for refunds. Renew them: waiting refunds continue "
        "automatically, but retry failed ones yourself."
    ),
    "unclear": _l("We do not know what this answer means. Check the gateway's statement before you do anything."),
}

# What accepting less than was asked for comes to, before it is decided.
FORGIVEN = _l("%(held)s of %(asked)s was received: the missing %(rest)s is forgiven and never asked for again.")

# Why money goes back, for staff; what comes after a colon in the code is only a number.
BACK: dict[str, LazyString] = {
    **REFUND_REASONS,
    "staff": _l("staff refunded it"),
    "review": _l("staff decided this in a review"),
    "overpaid": _l("it was more than the full price"),
    "at_gateway": _l("refunded on the gateway's own site"),
}

MEANS: dict[str, LazyString] = {
    "gateway": _l("to where it was paid from"),
    "wallet": _l("as credit in the wallet"),
    "by_hand": _l("sent by hand"),
    "package": _l("as a package session"),
    "bank": _l("by the payer's bank itself"),
    "before": _l("it had already been refunded"),
    "not_owed": _l("no longer owed"),
}

# Where money would go if staff sent it back now (repair.way_back).
WAYS_BACK: dict[str, LazyString] = {
    "gateway": _l("It is refunded to where it was paid from."),
    "whole": _l(
        "A full refund goes to where it was paid from; a partial refund becomes credit in the client's wallet."
    ),
    "credit": _l("It cannot be refunded the way it was paid: it becomes credit in the client's wallet."),
    "in_hand": _l(
        "It was paid to the practitioner by hand: the refund waits until you know it was given back or you "
        "turn it into credit."
    ),
    "by_hand": _l("This way to pay is no longer set up: the refund waits for you to send it by hand."),
    "package": _l(
        "A full refund is a session of the package again; a partial refund becomes credit in the client's wallet."
    ),
}

# Where money can be (models/ledger/journal.py), %(name)s is whose; and what moved it.
ACCOUNTS: dict[str, LazyString] = {
    "gateway": _l("%(name)s"),
    "in_hand": _l("In the hands of %(name)s"),
    "received": _l("Received, not allocated yet"),
    "practitioner": _l("Due to %(name)s"),
    "platform": _l("Our fee"),
    "wallet": _l("Wallet of %(name)s"),
    "gift": _l("Gift, not redeemed yet"),
    "package": _l("Paid for unused package sessions"),
    "refunds": _l("Refunds on their way"),
    "payouts": _l("Payouts to send by hand"),
    "by_hand": _l("Sent by hand"),
    "write_off": _l("Written off"),
}

POSTINGS: dict[str, LazyString] = {
    "reprice": _l("Divided again: the price changed"),
    "capture": _l("Money received"),
    "land": _l("Allocated"),
    "refund_asked": _l("Set aside for a refund"),
    "refund_done": _l("Refund completed"),
    "refund_came_back": _l("Came back from the bank"),
    "refund_beyond": _l("Refunded beyond what was left"),
    "refund_split": _l("Refund split"),
    "write_off": _l("Written off"),
    "given_up": _l("Given up with the account"),
    "gift_redeem": _l("Gift redeemed"),
    "gift_cancel": _l("Rest of a cancelled gift"),
    "package_end": _l("Rest of an ended package"),
    "package_expire": _l("Rest of an expired package"),
    "dispute_lost": _l("Taken by the payer's bank"),
    "credit_lost": _l("Credit bought with money the payer's bank took back"),
}

# How news came to us (InboxEntry.source), and what became of it (InboxState).
SOURCES: dict[str, LazyString] = {
    "callback": _l("the gateway told us"),
    "look_up": _l("we asked the gateway"),
    "return": _l("the client's browser told us"),
    "wallet": _l("our own books"),
    "package": _l("our own books"),
    "staff": _l("staff"),
    "statement": _l("the gateway's own statement"),
    "pull": _l("found in the gateway's own list"),
}

NEWS: dict[str, LazyString] = {
    "received": _l("stored, not applied yet"),
    "applied": _l("applied"),
    "ignored": _l("nothing changed"),
    "unmatched": _l("about a payment we do not know"),
    "review": _l("needs a person to check it"),
}

# What became of news in particular, by how the stored sentence goes (`Verdict` in services/payments).
_VERDICTS: tuple[tuple[str, LazyString], ...] = (
    ("applied", NEWS["applied"]),
    ("repetition, or overtaken", _l("already known, or out of date")),
    ("waits for the gateway's own answer", _l("waiting for the gateway's own answer")),
    ("said to be paid: asks the gateway", _l("reported as paid: asking the gateway")),
    ("contradicts the callback", _l("the gateway's answer contradicts what came before")),
    ("another phone: asks the gateway", _l("different phone: asking the gateway")),
    ("too late: let go", _l("too late: the authorised amount is released")),
    ("asked for (?P<asked>.+), the gateway says (?P<told>.+)", _l("asked for %(asked)s, the gateway says %(told)s")),
    (
        "asked for (?P<asked>.+), unsigned news says (?P<told>.+)",
        _l("asked for %(asked)s, an unsigned event says %(told)s"),
    ),
    (
        "asked for (?P<asked>.+), the gateway reserved (?P<told>.+)",
        _l("asked for %(asked)s, the gateway authorised %(told)s"),
    ),
    ("paid, and the only amount told is (?P<told>.+)", _l("paid, but the only amount given is %(told)s")),
    ("unsigned news names another receipt: (?P<what>.+)", _l("an unsigned event names another receipt: %(what)s")),
    ("the gateway names another phone", _l("the gateway names a different phone")),
    ("the gateway's payment id is another one", _l("the gateway's payment is a different one")),
    ("this charge belongs to another payment", _l("this charge belongs to another payment")),
    ("(?P<what>.+) is another one", _l("%(what)s is different")),
    ("a second charge that goes back already", _l("a second charge that is already being refunded")),
    (
        "(?P<what>.+): a restored backup has nothing of what was paid for",
        _l("%(what)s: the restored backup has no record of what was paid for"),
    ),
    ("parked: a refund before its payment", _l("waiting: refund arrived before its payment")),
    ("parked: a dispute before its payment", _l("waiting: dispute arrived before its payment")),
    ("names no refund: they are looked up", _l("names no refund: asking about all refunds of the charge")),
    ("looked up: (?P<count>.+)", _l("refunds found at the gateway: %(count)s")),
    ("nothing moves by it: known, or never in the books", _l("no money moves: already known, or never in the books")),
    (
        "what was reserved was let go: nothing had been taken",
        _l("the authorised amount was released: nothing had been charged"),
    ),
    (
        "(?P<what>.+) was never captured: the gateway gave it back by itself",
        _l("%(what)s was never captured: the gateway released it automatically"),
    ),
    ("(?:(?P<what>.+): )?of (?:.+, )?a charge that we do not know", _l("about a charge we do not know")),
)

# What a gateway's news says (the `type_code` of its fact), for who does not read JSON.
SAYS: dict[str, LazyString] = {
    "confirmed": _l("It was paid"),
    "authorised": _l("The amount is authorised"),
    "failed": _l("The payment failed"),
    "pending": _l("The payment is under way"),
    "refunded": _l("Money was refunded"),
    "refundfailed": _l("A refund failed"),
    "refundschanged": _l("Part of the charge was refunded"),
    "disputed": _l("The payer's bank disputes the charge"),
}

# What waits for staff: the short name, and what stands there.
QUEUES: dict[str, tuple[LazyString, LazyString]] = {
    "reviews": (_l("To decide"), _l("Money or events that do not match what we asked for.")),
    "attendance": (
        _l("Who came"),
        _l("The client and the practitioner disagree. Nothing is decided about the money until you say who came."),
    ),
    "refunds": (_l("Refunds"), _l("The gateway refused, or has given no clear answer for three days.")),
    "payouts": (_l("Payouts"), _l("Clients who want their credit paid out. You send it by hand and record how.")),
    "proofs": (_l("Proofs"), _l("Money sent by other means that nobody has checked yet.")),
    "events": (
        _l("Waiting events"),
        _l(
            "Events from gateways that have had no effect yet. Each is processed automatically once its "
            "payment is known."
        ),
    ),
    "messages": (_l("Messages"), _l("They are shown in the app, but the email or SMS has not been sent.")),
    "disputes": (_l("Amount disputed"), _l("The payer's bank disputes the charge. Answer on the gateway's own site.")),
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
