"""Messages in a sentence, and what they are called."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# A message in one sentence, for the list in the app; %(who)s is the other side, %(when)s the session's time.
NOTICES: dict[str, LazyString] = {
    "request_received": _l("%(who)s asks for a session on %(when)s."),
    "request_sent": _l("Your request to %(who)s for %(when)s was sent."),
    "request_approved": _l("%(who)s said yes to %(when)s. Please pay to keep the place."),
    "request_declined": _l("%(who)s cannot give the session on %(when)s."),
    "place_offered": _l("A place is free on %(when)s with %(who)s, and kept for you for a while."),
    "wait_over": _l("No place came free on %(to)s with %(who)s. You do not wait for it any more."),
    "attendee_away": _l("%(name)s cannot come on %(when)s."),
    "attendee_comes": _l("%(name)s comes on %(when)s after all."),
    "reschedule_proposed": _l("%(who)s proposes to move the session of %(was)s to %(to)s."),
    "reschedule_rejected": _l("%(who)s keeps the session on %(when)s: %(to)s was not possible."),
    "reschedule_unanswered": _l("%(who)s has not answered about %(to)s: the session stays on %(when)s."),
    "booking_moved": _l("The session with %(who)s is moved from %(was)s to %(to)s."),
    "request_unanswered": _l("The request for %(when)s with %(who)s was not answered in time."),
    "booking_confirmed": _l("Your session with %(who)s on %(when)s is confirmed."),
    "booking_confirmed_practitioner": _l("The session with %(who)s on %(when)s is confirmed."),
    "booking_cancelled": _l("The session with %(who)s on %(when)s was cancelled."),
    "booking_expired": _l("The session with %(who)s on %(when)s was not paid in time, so the place is free again."),
    "payment_returned": _l("%(amount)s is on its way back to you."),
    "payment_returned_practitioner": _l("A payment of %(amount)s for your session came too late and goes back."),
    "refund_done": _l("%(amount)s was sent back to you."),
    "refund_failed": _l("A refund of %(amount)s could not be made. Payment %(reference)s."),
    "review_opened": _l("A payment must be looked at: %(reference)s."),
    "password_reset": _l("A link to choose a new password was sent to your e-mail address."),
    "registration_attempt": _l("Somebody tried to open an account with your e-mail address."),
    "question_received": _l("%(who)s asks you something in writing."),
    "question_sent": _l("Your question to %(who)s was sent."),
    "question_answered": _l("%(who)s has answered your question."),
    "question_message": _l("%(who)s has written to you."),
    "question_waits": _l("%(who)s still waits for your answer, until %(until)s."),
    "question_declined": _l("%(who)s does not answer your question. Your money comes back."),
    "question_unanswered": _l("%(who)s has not answered in time. Your money comes back."),
    "question_missed": _l("You did not answer %(who)s in time. The money goes back."),
    "prompt_unheard": _l("A request to pay was sent to a phone and never heard of again. Payment %(reference)s."),
    "payment_offer": _l("%(amount)s came too late for the time you wanted. Choose what happens with it by %(until)s."),
    "payment_credited": _l("%(amount)s is in your wallet: use it for another session, or ask us to pay it out."),
    "refund_credited": _l("%(amount)s could not be sent back by itself, so it is in your wallet."),
    "refund_delayed": _l("Sending %(amount)s back takes longer. Our staff are on it; you need not do anything."),
    "refund_in_hand": _l("%(who)s, who was paid by hand, gives %(amount)s back to you. Our staff see to it."),
    "give_back": _l("Please give %(amount)s back to %(who)s, who paid you by hand."),
    "refund_silent": _l("The gateway does not say whether a refund of %(amount)s arrived. Payment %(reference)s."),
    "callbacks_silent": _l("Callbacks of %(gateway)s do not arrive: the last %(count)s payments came without one."),
    "audit_breach": _l("The books are not in order. The rule: %(sentence)s."),
    "payment_due": _l("Please pay %(amount)s for the session with %(who)s on %(when)s."),
    "fee_due": _l("Please pay %(amount)s for the session with %(who)s on %(when)s that was not kept."),
    "difference_due": _l("The session with %(who)s on %(when)s costs %(amount)s more now. Please pay it."),
    "debt_waived": _l("You need not pay %(amount)s for the session with %(who)s on %(when)s any more."),
    "due_paid": _l("The session with %(who)s on %(when)s is paid: %(amount)s."),
    "topped_up": _l("%(amount)s is in your wallet."),
    "gift_bought": _l("Your gift of %(amount)s is ready. Here is its code."),
    "gift_received": _l("A gift of %(amount)s is in your wallet."),
    "gift_redeemed": _l("Your gift of %(amount)s was redeemed."),
    "package_bought": _l("You have %(count)s sessions with %(who)s, paid for at once."),
    "package_sold": _l("%(who)s has bought %(count)s sessions at once: %(amount)s."),
    "package_expired": _l("The time of your package with %(who)s is over: the rest, %(amount)s, is in your wallet."),
    "session_returned": _l("A session worth %(amount)s is in your package again."),
    "reservation_lapsed": _l(
        "The amount reserved for the session with %(who)s on %(when)s was let go; nothing was charged."
    ),
    "reservation_released": _l(
        "Your payment for %(when)s came too late. It was only reserved and nothing was charged."
    ),
    "payout_done": _l("%(amount)s was paid out from your wallet: %(evidence)s"),
    "payout_refused": _l("%(amount)s could not be paid out and is in your wallet again: %(evidence)s"),
    "proof_received": _l("A proof of payment of %(amount)s from %(who)s waits for you."),
    "proof_waiting": _l("A proof of payment of %(amount)s from %(who)s still waits for you."),
    "proof_rejected": _l("Your proof of a payment of %(amount)s was not accepted: %(reason)s"),
    "forms_to_fill": _l("%(who)s asks you to sign a form before the session on %(when)s."),
    "form_signed": _l("%(who)s has signed a form for the session on %(when)s."),
    "rating_received": _l("%(who)s has rated the session on %(when)s."),
    "rating_answered": _l("%(who)s has answered your rating of the session on %(when)s."),
    "rating_hidden": _l("Our staff have hidden your rating of the session with %(who)s on %(when)s: %(reason)s"),
    "rating_shown": _l("Your rating of the session with %(who)s on %(when)s counts again."),
    "session_started": _l("Your session with %(who)s has started."),
    "session_completed": _l("Your session with %(who)s on %(when)s is completed."),
    "session_no_show": _l("The session with %(who)s on %(when)s was noted as missed."),
    "meeting_link_changed": _l("There is a new link for your session with %(who)s on %(when)s."),
    "payment_nudge": _l("%(amount)s for %(when)s is not paid yet. Your place is still kept."),
    "booking_expired_practitioner": _l("%(who)s did not pay for %(when)s in time, so the time is free again."),
    "session_reminder": _l("Your session with %(who)s is on %(when)s."),
    "session_soon": _l("Your session with %(who)s starts soon: %(when)s."),
    "account_erased": _l("Your account is erased."),
    "account_unused": _l(
        "You have not been here for a long time. Your account will be erased in thirty days unless you keep it."
    ),
}


def notice(kind: str, values: dict[str, object]) -> str:
    """The sentence for a message of `kind`, filled in, in the reader's language."""
    sentence = NOTICES.get(kind)
    return str(sentence) % values if sentence else ""


# Instead of "is completed", for who may still rate the session.
RATE_NOW = _l("How was your session with %(who)s on %(when)s? You can rate it now.")

# Messages by their kind, as staff call them.
MESSAGES: dict[str, LazyString] = {
    "audit_breach": _l("the books are not in order"),
    "booking_cancelled": _l("booking cancelled"),
    "booking_confirmed": _l("booking confirmed"),
    "booking_confirmed_practitioner": _l("booking confirmed"),
    "booking_expired": _l("booking not paid in time"),
    "callbacks_silent": _l("no callbacks from a gateway"),
    "due_paid": _l("session paid for"),
    "form_signed": _l("form signed"),
    "forms_to_fill": _l("forms to sign"),
    "password_reset": _l("link for a new password"),
    "payment_credited": _l("money given as credit"),
    "payment_due": _l("session to be paid for"),
    "fee_due": _l("session not kept, to be paid for"),
    "place_offered": _l("place offered to who waited"),
    "wait_over": _l("waited for nothing"),
    "attendee_away": _l("somebody cannot come"),
    "attendee_comes": _l("somebody comes after all"),
    "reschedule_proposed": _l("another time proposed"),
    "reschedule_rejected": _l("another time not accepted"),
    "reschedule_unanswered": _l("proposal of another time not answered"),
    "booking_moved": _l("session moved"),
    "difference_due": _l("difference to be paid"),
    "debt_waived": _l("debt forgiven"),
    "payment_offer": _l("paid too late: choose a time, credit or the money"),
    "payment_returned": _l("money on its way back"),
    "payment_returned_practitioner": _l("a payment came too late"),
    "payout_done": _l("credit paid out"),
    "payout_refused": _l("payout refused"),
    "refund_credited": _l("refund given as credit"),
    "refund_delayed": _l("refund takes longer"),
    "refund_in_hand": _l("refund comes from the practitioner"),
    "give_back": _l("money to give back by hand"),
    "refund_done": _l("money sent back"),
    "refund_failed": _l("a refund failed"),
    "refund_silent": _l("nothing heard of a refund"),
    "meeting_link_changed": _l("new meeting link"),
    "registration_attempt": _l("somebody tried this address"),
    "request_approved": _l("request approved"),
    "request_declined": _l("request declined"),
    "request_received": _l("new request"),
    "request_sent": _l("request sent"),
    "request_unanswered": _l("request not answered in time"),
    "reservation_lapsed": _l("reserved amount lapsed"),
    "reservation_released": _l("reserved amount let go"),
    "review_opened": _l("a payment must be looked at"),
    "session_completed": _l("session completed"),
    "session_no_show": _l("session missed"),
    "session_started": _l("session started"),
    "topped_up": _l("wallet topped up"),
    "gift_bought": _l("gift bought"),
    "gift_received": _l("gift in the wallet"),
    "gift_redeemed": _l("gift redeemed"),
    "package_bought": _l("package bought"),
    "package_sold": _l("package sold"),
    "package_expired": _l("package over"),
    "session_returned": _l("session back in its package"),
    "rating_received": _l("new rating"),
    "rating_answered": _l("rating answered"),
    "rating_hidden": _l("rating hidden"),
    "rating_shown": _l("rating shown again"),
    "booking_expired_practitioner": _l("booking not paid in time"),
    "payment_nudge": _l("not paid yet"),
    "proof_received": _l("proof to look at"),
    "proof_rejected": _l("proof not accepted"),
    "proof_waiting": _l("proof still to look at"),
    "prompt_unheard": _l("a request to pay was never heard of"),
    "question_answered": _l("question answered"),
    "question_declined": _l("question declined"),
    "question_message": _l("new message in a conversation"),
    "question_missed": _l("question not answered in time"),
    "question_unanswered": _l("question not answered in time"),
    "question_waits": _l("question still to answer"),
    "question_received": _l("new question"),
    "question_sent": _l("question sent"),
    "session_reminder": _l("reminder of a session"),
    "session_soon": _l("session starts soon"),
    "account_erased": _l("account erased"),
    "account_unused": _l("account about to be erased"),
}

# What people switch together (services/notifications/preferences): the name, and what is in it. The last is not theirs to switch.
MESSAGE_GROUPS: dict[str, tuple[LazyString, LazyString]] = {
    "bookings": (
        _l("Bookings"),
        _l("Requests, answers and sessions. A confirmation or a cancellation is mailed in any case."),
    ),
    "reminders": (
        _l("Reminders"),
        _l("Before a session, and when a booking is not paid yet while your place is kept."),
    ),
    "money": (_l("Money"), _l("Bills, payments, money back and your wallet.")),
    "practice": (_l("My practice"), _l("Requests, bookings, proofs and questions of clients.")),
    "always": (_l("Accounts and staff"), _l("Mailed in any case, never by SMS.")),
}

# How a message goes out, and what became of that copy (models/notices.py).
CHANNELS: dict[str, LazyString] = {"mail": _l("E-mail"), "sms": _l("SMS")}

DELIVERIES: dict[str, LazyString] = {
    "": _l("not sent yet"),
    "sent": _l("sent"),
    "stale": _l("not sent: no longer true"),
    "off": _l("not sent: switched off"),
    "refused": _l("not sent: this number takes none"),
}


def message(kind: str) -> str:
    """What a message is about, as staff call it."""
    return str(MESSAGES.get(kind, kind.replace("_", " ")))


def delivery(outcome: str) -> str:
    """What became of a copy of a message, in the reader's language."""
    return str(DELIVERIES.get(outcome, outcome))
