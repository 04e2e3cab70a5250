"""The trail: what every step is called, and why it was taken."""

import re

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.words.money import GIFTS, PACKAGES, REFUND_REASONS
from app.words.notices import MESSAGES
from app.words.payment_states import DOUBTS, RECEIPT_STATES, RECEIPTS, receipt
from app.words.people import HOUSE_STEPS, ROLES
from app.words.problems import FAILURES
from app.words.sessions import ATTENDANCE_DECISIONS, SUBJECTS
from app.words.staff import BACK, DECISIONS, MEANS, REVIEW_REASONS, verdict
from app.words.statuses import PROOFS as _PROOFS
from app.words.statuses import RESCHEDULES, STATUSES, WAITS, labels

# The trail's words for what is not a status: acts of staff, and things that only staff follow.
ACTS: dict[str, LazyString] = {
    "asked": _l("asked the gateway"),
    "refund": _l("sent a refund"),
    "mailed": _l("sent a message again"),
    "verified": _l("verified a payment"),
    "dispute_won": _l("said that the bank decided in our favour"),
    "dispute_lost": _l("said that the bank took the money back"),
    "receipt": _l("entered an M-Pesa code"),
    "waiver_before": _l("said that it was already refunded"),
    "waiver_not_owed": _l("said that it is no longer owed"),
    "waiver_withdrawn": _l("said that it is still owed"),
}

DISPUTES: dict[str, LazyString] = {"open": _l("Open"), "won": _l("Won"), "lost": _l("Lost")}

DISPUTE_PHASES: dict[str, LazyString] = {
    "enquiry": _l("Enquiry: the bank is asking and nothing has been taken"),
    "chargeback": _l("Chargeback"),
    "pre_arbitration": _l("Pre-arbitration: disputed a second time"),
    "arbitration": _l("Arbitration: the card network decides"),
}

# What staff say that they read at the gateway.
DISPUTE_ENDS: dict[str, LazyString] = {
    "won": _l("The bank decided in our favour"),
    "lost": _l("The bank took the money back"),
}

# What waits for a bank's decision (services/backoffice/disputes/held_money).
HELD: dict[str, LazyString] = {
    "refund": _l("A refund"),
    "credit": _l("Credit in a wallet"),
    "payout": _l("A requested payout"),
    "gift": _l("A gift not yet redeemed"),
    "package": _l("Unused package sessions"),
}

_EVIDENCE: dict[str, LazyString] = {
    "made": _l("PDF created"),
    "answered": _l("Sent to the bank"),
    "added": _l("Added to by the practitioner"),
    "taken_back": _l("Withdrawn by the practitioner"),
}

_DISPUTED: dict[str, LazyString] = {
    "enquiry": _l("Answer on the gateway's own site. A refund ends most enquiries."),
    "open": _l("Answer on the gateway's own site. Refunds of this charge are on hold until the bank has decided."),
    "won": _l("The money stays. Refunds on hold have been sent."),
    "lost": _l("The bank has taken the money. Any refund due is set off against it."),
}

PAYOUTS: dict[str, LazyString] = {"asked": _l("Requested"), "done": _l("Sent"), "refused": _l("Refused")}

GIVEN: dict[str, LazyString] = {"given": _l("Given"), "removed": _l("Removed")}

PROOFS = labels(_PROOFS)

STAFF_SUBJECTS: dict[str, LazyString] = {
    **SUBJECTS,
    "act": _l("Staff"),
    "books": _l("The books"),
    "attendance": _l("Who came"),
    "calendar": _l("Another calendar"),
    "call": _l("Call"),
    "consultation": _l("Written question"),
    "feed": _l("Personal calendar address"),
    "gift": _l("Gift"),
    "house": _l("House settings"),
    "invitation": _l("Invitation"),
    "package": _l("Package"),
    "person": _l("Account"),
    "rating": _l("Rating"),
    "side": _l("One side's account of who came"),
    "reschedule": _l("Another time"),
    "second_factor": _l("Second step"),
    "wait": _l("Waiting list"),
    "inbox": _l("Event"),
    "dispute": _l("Bank dispute"),
    "evidence": _l("Evidence for the bank"),
    "paper": _l("Form"),
    "payout": _l("Payout"),
    "proof": _l("Proof of payment"),
    "receipt_check": _l("M-Pesa code"),
}

_STEPS: dict[str, dict[str, LazyString]] = {
    "act": ACTS,
    "books": {"restored": _l("Restored from a backup"), "open": _l("In use again")},
    "calendar": GIVEN,
    "attendance": {"open": _l("Contested")} | {code: label for code, (label, _) in ATTENDANCE_DECISIONS.items()},
    "call": {"started": _l("Started"), "ended": _l("Ended")},
    "feed": GIVEN,
    "gift": {status: label for status, (label, _, _) in GIFTS.items()},
    "house": HOUSE_STEPS,
    "package": {"active": _l("Can be used")} | {status: label for status, (label, _, _) in PACKAGES.items()},
    "paper": {"signed": _l("Signed")},
    "invitation": {
        "sent": _l("Sent"),
        "accepted": _l("Accepted"),
        "withdrawn": _l("Withdrawn"),
        "expired": _l("Expired"),
    },
    "person": {
        "erased": _l("Erased"),
        "kept": _l("Account kept"),
        "active": _l("Can log in"),
        "suspended": _l("Suspended"),
        "logged_out": _l("Logged out everywhere"),
        **ROLES,
    },
    "rating": {"shown": _l("Shown"), "hidden": _l("Hidden")},
    "reschedule": labels(RESCHEDULES),
    "side": {"said": _l("Said what happened")},
    "second_factor": {
        "app_added": _l("Code app added"),
        "app_removed": _l("Code app removed"),
        "passkey_added": _l("Passkey added"),
        "passkey_removed": _l("Passkey removed"),
        "recovery_used": _l("Recovery code used"),
        "codes_renewed": _l("New recovery codes created"),
        "taken_off": _l("Removed by staff"),
    },
    "wait": labels(WAITS),
    "inbox": {"received": _l("accepted again"), "dismissed": _l("dismissed by staff")},
    "dispute": DISPUTES,
    "evidence": _EVIDENCE,
    "payout": PAYOUTS,
    "proof": PROOFS,
    "receipt_check": RECEIPT_STATES,
    "review": {"open": STATUSES["open"]} | {code: label for code, (label, _) in DECISIONS.items()},
}


def step(subject: str, status: str) -> str:
    """What a change has come to, in the reader's language."""
    return str(_STEPS.get(subject, {}).get(status) or STATUSES.get(status, status))


_OWN_ANSWER = {"the gateway's own answer": _l("the gateway's own answer")}

# Reasons that the trail keeps in a word of ours, by subject and the status they led to; a gateway's code is its label.
_WHYS: dict[tuple[str, str], dict[str, LazyString]] = {
    ("attempt", "failed"): FAILURES,
    ("attempt", "abandoned"): {
        "no proof of payment": _l("no proof of payment arrived"),
        "nothing under way at the gateway": _l("nothing is under way at the gateway"),
        "no answer from the gateway": _l("the gateway did not answer"),
        "put back": _l("restored from the gateway's own list"),
        "nobody could check it": _l("nobody could check it in time"),
        "nothing was sent": _l("nothing was sent"),
        "the gateway denies it": _l("the gateway denies it"),
    },
    ("checkout", "cancelled"): {**REFUND_REASONS, "the price changed again": _l("the price changed again")},
    ("act", "mailed"): MESSAGES,
    **{("invitation", how): ROLES for how in ("sent", "accepted", "withdrawn", "expired")},
    **{
        ("person", role): {
            "accepted": _l("accepted an invitation"),
            "asked": _l("Requested"),
            "set-up": _l("Set up your house"),
        }
        for role in ROLES
    },
    ("refund", "asked"): BACK,
    ("refund", "done"): MEANS | {"credit": MEANS["wallet"], "session": MEANS["package"]},
    ("refund", "failed"): {
        "in_hand": _l("it was paid to the practitioner by hand"),
        "this gateway is no longer set up": _l("this way to pay is no longer set up"),
    },
    ("person", "erased"): {
        "erased on request": _l("erased on request"),
        "erased after a long absence": _l("erased after a long absence"),
    },
    ("refund", "credited"): {"credit": MEANS["wallet"]},
    ("evidence", "made"): {"named": _l("with the name of the service")},
    ("inbox", "received"): {"replay": _l("staff asked for it")},
    ("review", "open"): REVIEW_REASONS,
    **{("review", how): {**RECEIPTS, **DOUBTS, **_OWN_ANSWER} for how in ("close", "found")},
}


def why(subject: str, status: str, text: str) -> str:
    """Why something happened: our own words in the reader's language, what people wrote as it is."""
    if text == "erased":  # what somebody wrote whose account is no more
        return str(_STEPS["person"]["erased"])
    known = _WHYS.get((subject, status), {})
    if subject == "receipt_check":
        return _of_receipt(*text.partition(" ")[::2])
    code, _, rest = text.partition(":")
    if text in known:
        return str(known[text])
    if code in known:  # what follows a refund's reason is only a number
        return str(known[code]) if subject == "refund" else f"{known[code]}: {detail(code, rest.strip())}"
    return text


def detail(reason: str, text: str) -> str:
    """What a person must look at in particular, in the reader's language where it is a sentence of ours."""
    told = re.fullmatch(r"(?P<receipt>\S+) \(\w+\): (?P<verdict>\w+) ?(?P<vendor>.*)", text)
    if reason != "receipt" or told is None:
        return verdict(text)
    said = _of_receipt(told["receipt"], told["verdict"])
    return f"{said} ({told['vendor']})" if told["vendor"] else said


def _of_receipt(code: str, why_not: str) -> str:
    said = receipt(why_not)
    return f"{code}: {said}" if said else f"{code} {why_not}".strip()


def dispute(status: str, phase: str) -> str:
    """What follows from the dispute, in the reader's language."""
    return str(_DISPUTED["enquiry" if (status, phase) == ("open", "enquiry") else status])


def evidence_due(when: str) -> str:
    """By when a bank must have its answer, in the reader's language; an empty `when` was not told."""
    return str(
        _("Your evidence must be in by %(when)s.", when=when) if when else _("The gateway has not given a deadline.")
    )
