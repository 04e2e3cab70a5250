"""Messages in a sentence, and what they are called, by the kind (services/notifications/message_kinds)."""

from flask_babel import lazy_gettext as _l

from app.words.deliveries import OF_THE_HOUSE, Wording

WORDINGS: dict[str, Wording] = {
    "request_received": Wording(_l("new request"), _l("%(who)s has requested a session on %(when)s.")),
    "request_sent": Wording(_l("request sent"), _l("Your request to %(who)s for %(when)s was sent.")),
    "request_approved": Wording(
        _l("request approved"), _l("%(who)s has approved your request for %(when)s. Pay to keep the place.")
    ),
    "request_declined": Wording(_l("request declined"), _l("%(who)s cannot give the session on %(when)s.")),
    "place_offered": Wording(
        _l("place offered from the waiting list"),
        _l("A place with %(who)s on %(when)s is free and held for you for a while."),
    ),
    "wait_over": Wording(
        _l("no place came free"), _l("No place came free with %(who)s on %(to)s. You are no longer waiting for it.")
    ),
    "attendee_away": Wording(_l("someone cannot come"), _l("%(name)s cannot come on %(when)s.")),
    "attendee_comes": Wording(_l("someone is coming after all"), _l("%(name)s is coming on %(when)s after all.")),
    "reschedule_proposed": Wording(
        _l("another time proposed"), _l("%(who)s has proposed moving the session from %(was)s to %(to)s.")
    ),
    "reschedule_rejected": Wording(
        _l("proposed time not accepted"), _l("%(who)s is keeping the session on %(when)s: %(to)s was not possible.")
    ),
    "reschedule_unanswered": Wording(
        _l("proposed time not answered"),
        _l("%(who)s has not answered about %(to)s: the session stays on %(when)s."),
    ),
    "group_emptied": Wording(_l("nobody left in a group"), _l("There is no longer anyone booked on %(was)s.")),
    "booking_moved": Wording(
        _l("session moved"), _l("The session with %(who)s has been moved from %(was)s to %(to)s.")
    ),
    "request_unanswered": Wording(
        _l("request not answered in time"), _l("The request for %(when)s with %(who)s was not answered in time.")
    ),
    "booking_confirmed": Wording(_l("booking confirmed"), _l("Your session with %(who)s on %(when)s is confirmed.")),
    "booking_confirmed_practitioner": Wording(
        _l("booking confirmed"), _l("The session with %(who)s on %(when)s is confirmed.")
    ),
    "booking_cancelled": Wording(_l("booking cancelled"), _l("The session with %(who)s on %(when)s was cancelled.")),
    "booking_expired": Wording(
        _l("booking not paid in time"),
        _l("The session with %(who)s on %(when)s was not paid in time, so the place is free again."),
    ),
    "payment_returned": Wording(_l("refund on its way"), _l("%(amount)s is on its way back to you.")),
    "payment_returned_practitioner": Wording(
        _l("a payment came too late"),
        _l("A payment of %(amount)s for your session came too late and will be refunded."),
    ),
    "refund_done": Wording(_l("refund sent"), _l("%(amount)s was refunded to you.")),
    "refund_failed": Wording(_l("a refund failed"), _l("A refund of %(amount)s failed. Payment %(reference)s.")),
    "attendance_contested": Wording(
        _l("staff are checking who came"),
        _l("Our staff are checking who came to the session with %(who)s on %(when)s."),
    ),
    "attendance_review": Wording(
        _l("staff must say who came"),
        _l("The client and the practitioner do not agree about who came to the session on %(when)s."),
    ),
    "session_unmarked": Wording(
        _l("session outcome not recorded"), _l("How did the session with %(who)s on %(when)s go? Please record it.")
    ),
    "review_opened": Wording(_l("a payment needs checking"), _l("A payment needs checking: %(reference)s.")),
    "password_changed": Wording(
        _l("password changed"), _l("Your password was changed. You are logged out everywhere else.")
    ),
    "identity_added": Wording(
        _l("new way to log in"), _l("Another site can now log you in. If you did not set this up, remove it.")
    ),
    "address_changed": Wording(_l("address changed"), _l("Your email address was changed.")),
    "second_factor_added": Wording(
        _l("second step added"), _l("Your account has a new passkey, or a new app that gives login codes.")
    ),
    "second_factor_removed": Wording(
        _l("second step removed"), _l("A passkey, or the app that gives login codes, was removed from your account.")
    ),
    "recovery_code_used": Wording(
        _l("recovery code used"), _l("One of your recovery codes was used. You have %(count)s left.")
    ),
    "account_suspended": Wording(_l("account suspended"), _l("Your account is suspended: you cannot log in.")),
    "account_restored": Wording(_l("account restored"), _l("You can log in again.")),
    "role_changed": Wording(_l("account type changed"), _l("Your account type has changed.")),
    "registration_attempt": Wording(
        _l("someone tried this address"), _l("Someone tried to create an account with your email address.")
    ),
    "question_received": Wording(_l("new question"), _l("%(who)s has sent you a written question.")),
    "question_sent": Wording(_l("question sent"), _l("Your question to %(who)s was sent.")),
    "question_answered": Wording(_l("question answered"), _l("%(who)s has answered your question.")),
    "question_message": Wording(_l("new message in a conversation"), _l("%(who)s has written to you.")),
    "question_waits": Wording(
        _l("question still to answer"), _l("%(who)s is still waiting for your answer, until %(until)s.")
    ),
    "question_declined": Wording(
        _l("question declined"), _l("%(who)s has declined your question. You will get your money back.")
    ),
    "question_unanswered": Wording(
        _l("question not answered in time"), _l("%(who)s did not answer in time. You will get your money back.")
    ),
    "question_missed": Wording(
        _l("question not answered in time"), _l("You did not answer %(who)s in time. They will get the money back.")
    ),
    "prompt_unheard": Wording(
        _l("nothing heard of a payment request"),
        _l("A payment request was sent to a phone and nothing more was heard of it. Payment %(reference)s."),
    ),
    "payment_offer": Wording(
        _l("paid too late: choose a time, credit or a refund"),
        _l("%(amount)s came too late for the time you wanted. Choose what happens to it by %(until)s."),
    ),
    "payment_credited": Wording(
        _l("money given as credit"),
        _l("%(amount)s is in your wallet: use it for another session."),
    ),
    "refund_delayed": Wording(
        _l("refund takes longer"),
        _l(
            "Your refund of %(amount)s is taking longer. Our staff are dealing with it; you do not need to do anything."
        ),
    ),
    "refund_in_hand": Wording(
        _l("refund comes from the practitioner"),
        _l("You paid %(who)s by hand, so they will give %(amount)s back to you. Our staff are following this up."),
    ),
    "give_back": Wording(
        _l("money to give back by hand"), _l("Please give %(amount)s back to %(who)s, who paid you by hand.")
    ),
    "refund_elsewhere": Wording(
        _l("refund made at the gateway"),
        _l("%(amount)s of payment %(reference)s was refunded on the gateway's own site."),
    ),
    "refund_silent": Wording(
        _l("nothing heard of a refund"),
        _l("The gateway has not said whether a refund of %(amount)s arrived. Payment %(reference)s."),
    ),
    "refund_unclear": Wording(
        _l("an unknown answer about a refund"),
        _l("The gateway gave an answer we do not recognise about a refund of %(amount)s. Payment %(reference)s."),
    ),
    "refund_withheld": Wording(
        _l("refund on hold for the payer's bank"),
        _l("A refund of %(amount)s is on hold until the payer's bank has decided. Payment %(reference)s."),
    ),
    "refund_no_balance": Wording(
        _l("balance too low for a refund"),
        _l("The balance at the gateway is too low for a refund of %(amount)s. Payment %(reference)s."),
    ),
    "refund_no_access": Wording(
        _l("keys not accepted for a refund"),
        _l("A refund of %(amount)s is on hold: the gateway does not accept our keys. Payment %(reference)s."),
    ),
    "refund_waived": Wording(
        _l("refund reported as no longer owed"),
        _l("%(who)s says that a refund of %(amount)s is no longer owed. Payment %(reference)s."),
    ),
    "payment_challenged": Wording(
        _l("a client's bank disputes a payment"),
        _l("%(who)s's bank disputes a payment of %(amount)s. You can add to the evidence."),
    ),
    "dispute_opened": Wording(
        _l("a payer's bank disputes a payment"),
        _l("The payer's bank disputes %(amount)s of payment %(reference)s. %(due)s"),
    ),
    "dispute_deadline": Wording(
        _l("evidence due for a bank"),
        _l("The payer's bank is waiting for your evidence about %(amount)s of payment %(reference)s. %(due)s"),
    ),
    "dispute_ended": Wording(
        _l("a payer's bank has decided a dispute"),
        _l("A bank has decided the dispute about %(amount)s of payment %(reference)s: %(end)s."),
    ),
    **OF_THE_HOUSE,
    "payment_due": Wording(
        _l("session to pay for"), _l("Please pay %(amount)s for the session with %(who)s on %(when)s.")
    ),
    "fee_due": Wording(
        _l("missed session to pay for"),
        _l("Please pay %(amount)s for the missed session with %(who)s on %(when)s."),
    ),
    "difference_due": Wording(
        _l("difference to pay"),
        _l("The session with %(who)s on %(when)s now costs %(amount)s more. Please pay the difference."),
    ),
    "lost_credit_due": Wording(
        _l("spent credit to pay for"),
        _l("Your bank took back the money for credit that was spent. Please pay %(amount)s."),
    ),
    "lost_credit_paid": Wording(_l("spent credit paid for"), _l("You paid %(amount)s for credit that was spent.")),
    "debt_waived": Wording(
        _l("debt forgiven"), _l("You no longer need to pay %(amount)s for the session with %(who)s on %(when)s.")
    ),
    "due_paid": Wording(_l("session paid for"), _l("The session with %(who)s on %(when)s is paid: %(amount)s.")),
    "topped_up": Wording(_l("wallet topped up"), _l("%(amount)s is in your wallet.")),
    "gift_bought": Wording(_l("gift bought"), _l("Your gift of %(amount)s is ready. Here is its code.")),
    "gift_received": Wording(_l("gift in the wallet"), _l("A gift of %(amount)s has been added to your wallet.")),
    "gift_redeemed": Wording(_l("gift redeemed"), _l("Your gift of %(amount)s was redeemed.")),
    "package_bought": Wording(_l("package bought"), _l("You have a package of %(count)s sessions with %(who)s.")),
    "package_sold": Wording(_l("package sold"), _l("%(who)s has bought a package of %(count)s sessions: %(amount)s.")),
    "package_expired": Wording(
        _l("package over"),
        _l("Your package with %(who)s has expired. The rest, %(amount)s, is in your wallet."),
    ),
    "session_returned": Wording(
        _l("session returned to its package"), _l("A session worth %(amount)s is back in your package.")
    ),
    "payment_failed": Wording(
        _l("payment failed"), _l("Your bank did not make the payment of %(amount)s. Nothing was charged.")
    ),
    "reservation_lapsed": Wording(
        _l("authorised amount lapsed"),
        _l("The amount authorised for the session with %(who)s on %(when)s was released; nothing was charged."),
    ),
    "reservation_released": Wording(
        _l("authorised amount released"),
        _l("Your payment for %(when)s came too late. It was only authorised; nothing was charged."),
    ),
    "payout_done": Wording(_l("credit paid out"), _l("%(amount)s was paid out from your wallet: %(evidence)s")),
    "payout_refused": Wording(
        _l("payout refused"), _l("%(amount)s could not be paid out and is in your wallet again: %(evidence)s")
    ),
    "proof_received": Wording(
        _l("proof of payment to check"), _l("A proof of payment of %(amount)s from %(who)s is waiting for you.")
    ),
    "proof_waiting": Wording(
        _l("proof of payment still to check"),
        _l("A proof of payment of %(amount)s from %(who)s is still waiting for you."),
    ),
    "proof_rejected": Wording(
        _l("proof of payment not accepted"), _l("Your proof of payment of %(amount)s was not accepted: %(reason)s")
    ),
    "forms_to_fill": Wording(
        _l("forms to sign"), _l("%(who)s has asked you to sign a form before the session on %(when)s.")
    ),
    "form_signed": Wording(_l("form signed"), _l("%(who)s has signed a form for the session on %(when)s.")),
    "rating_received": Wording(_l("new rating"), _l("%(who)s has rated the session on %(when)s.")),
    "client_rated": Wording(_l("you were rated"), _l("%(who)s has rated you after the session on %(when)s.")),
    "rating_answered": Wording(
        _l("rating answered"), _l("%(who)s has answered your rating of the session on %(when)s.")
    ),
    "rating_hidden": Wording(
        _l("rating hidden"), _l("Our staff have hidden your rating of the session with %(who)s on %(when)s: %(reason)s")
    ),
    "rating_shown": Wording(
        _l("rating shown again"), _l("Your rating of the session with %(who)s on %(when)s counts again.")
    ),
    "session_started": Wording(_l("session started"), _l("Your session with %(who)s has started.")),
    "session_completed": Wording(_l("session completed"), _l("Your session with %(who)s on %(when)s is completed.")),
    "session_no_show": Wording(_l("session missed"), _l("The session with %(who)s on %(when)s was marked as missed.")),
    "meeting_link_changed": Wording(
        _l("new meeting link"), _l("There is a new link for your session with %(who)s on %(when)s.")
    ),
    "payment_nudge": Wording(
        _l("not paid yet"), _l("%(amount)s for %(when)s is not paid yet. Your place is still held.")
    ),
    "calendar_unread": Wording(
        _l("another calendar could not be read"),
        _l("We cannot read your calendar at %(name)s. Its busy times are from %(since)s."),
    ),
    "booking_expired_practitioner": Wording(
        _l("booking not paid in time"), _l("%(who)s did not pay for %(when)s in time, so that time is free again.")
    ),
    "session_reminder": Wording(_l("session reminder"), _l("Your session with %(who)s is on %(when)s.")),
    "session_soon": Wording(_l("session starts soon"), _l("Your session with %(who)s starts soon: %(when)s.")),
    "account_erased": Wording(_l("account erased"), _l("Your account has been erased.")),
    "account_unused": Wording(
        _l("account about to be erased"),
        _l("You have not logged in for a long time. Your account will be erased in 30 days unless you keep it."),
    ),
}
NOTICES = {kind: wording.sentence for kind, wording in WORDINGS.items()}
MESSAGES = {kind: wording.name for kind, wording in WORDINGS.items()}


def notice(kind: str, values: dict[str, object]) -> str:
    """The sentence for a message of `kind`, filled in, in the reader's language."""
    sentence = NOTICES.get(kind)
    return str(sentence) % values if sentence else ""


# Instead of "is completed", for who may still rate the session.
RATE_NOW = _l("How was your session with %(who)s on %(when)s? You can rate it now.")


def message(kind: str) -> str:
    """What a message is about, as staff call it."""
    return str(MESSAGES.get(kind, kind.replace("_", " ")))
