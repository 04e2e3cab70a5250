"""What became of a gateway's receipt that somebody showed (an M-Pesa code), by the word a service computed."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# Why a receipt pays nothing here, for who showed it (receipt_checks.check_verdicts).
RECEIPTS: dict[str, LazyString] = {
    "receipt_unknown": _l("M-Pesa does not know this code. Please compare it with the message on the phone."),
    "receipt_not_paid": _l("M-Pesa says that this payment did not go through, or was taken back."),
    "receipt_elsewhere": _l("This code is of a payment to somebody else, not to us."),
    "receipt_too_old": _l("This payment was made before there was anything to pay here."),
    "receipt_used": _l("This code has paid for something already, or its money went back."),
    "staff": _l("Our staff have looked at it: this payment is not of what is to be paid here."),
}

# Why only a person can say, for staff.
DOUBTS: dict[str, LazyString] = {
    "payer": _l("The money is here, but not from the phone that was asked nor from a number the client has proved."),
    "claimed": _l("It is said to be of another payment too."),
    "unclear": _l("M-Pesa's answer does not say enough."),
    "no_access": _l("M-Pesa does not accept the initiator, so it could not be asked. It is asked again."),
    "silent": _l("M-Pesa has not answered. It is asked again."),
    "not_asked": _l("No initiator is set up, so M-Pesa cannot be asked. Look at the statement of the shortcode."),
}

RECEIPT_STATES: dict[str, LazyString] = {
    "open": _l("M-Pesa is asked"),
    "landed": _l("It was paid: the money is in the books"),
    "refused": _l("It pays nothing here"),
    "review": _l("A person must look"),
}

RECEIPT_SOURCES: dict[str, LazyString] = {
    "client": _l("the client sent the code"),
    "staff": _l("staff entered it"),
    "menu": _l("M-Pesa told us of it, unsigned, with our reference"),
    "callback": _l("unsigned news named it"),
}


def receipt(verdict: str) -> str:
    """Why it pays nothing, or why a person must look; empty where there is nothing to say."""
    return str(RECEIPTS.get(verdict) or DOUBTS.get(verdict) or "")
