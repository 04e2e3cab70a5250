"""What stands in the way, in a sentence that says what to do."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.words.access import ABOUT_FIELDS, ACCESS_PROBLEMS
from app.words.money import STATEMENT_PROBLEMS
from app.words.people import FILE_PROBLEMS
from app.words.sessions import BEHIND, TIME_PROBLEMS

# What a Problem's code says to a person; %(name)s comes from the problem's values.
PROBLEMS: dict[str, LazyString] = {
    "not_found": _l("We could not find that. It may have moved, or it belongs to someone else."),
    **ACCESS_PROBLEMS,
    "statement_too_long": _l("A month with more than %(most)s lines is too long for a PDF. Download it as a table."),
    "not_allowed": _l("That is no longer possible: things have changed since you opened this page."),
    "session_over": _l("The time for that is over: the session has ended."),
    "both_were_there": _l("You both joined the call, so nobody was absent."),
    "too_early": _l("It is too early for that."),
    "call_not_started": _l("The call has not started yet."),
    "meeting_in_person": _l("You are meeting in person, so there is no link and no call."),
    "meeting_unknown": _l("Choose how you meet."),
    "link_missing": _l("Enter the link."),
    "link_scheme": _l("Enter a link that starts with https://, for example https://meet.example.com/room."),
    "link_secret": _l("Enter a link without a name or password before the address."),
    "link_invalid": _l("This link does not look right. Copy the full link from where you meet."),
    "place_missing": _l("Enter where you meet."),
    "place_invalid": _l("Enter the place in plain letters."),
    "not_available_now": _l("Nobody is free right now. Choose one of the times."),
    "already_paid": _l("Your payment has just arrived, so the booking is confirmed. You can still cancel it."),
    "clients_only": _l("Only client accounts can book. Log in as a client."),
    "slot_taken": _l("Someone else has just taken this time. Choose another."),
    "slot_past": _l("This time has passed. Choose a later one."),
    "slot_not_offered": _l("This time is not offered. Choose one from the list."),
    "too_soon": _l("It is too late to book this time. Choose a later one."),
    "too_far_ahead": _l("This time is too far ahead. Choose an earlier one."),
    "day_full": _l("Nothing more can be booked on this day. Choose another day."),
    "week_full": _l("Nothing more can be booked this week. Choose another week."),
    "range_reversed": _l("The end cannot be before the start."),
    "range_too_long": _l("Choose at most %(days)s days."),
    "date_invalid": _l("Enter a date like 2026-11-21."),
    "places_out_of_range": _l("Choose between 1 and %(most)s places."),
    "too_long": _l("That is too long: at most %(most)s characters."),
    "too_many": _l("That is too many: at most %(most)s."),
    "out_of_range": _l("Enter a number from %(least)s to %(most)s."),
    "no_method": _l("There is no way to pay in %(currency)s here yet."),
    "reason_missing": _l("Enter a reason. The other side will read it."),
    "unknown_tab": _l("There is no such list."),
    "unknown_gateway": _l("This way to pay cannot be used here. Choose another."),
    "phone_invalid": _l("This phone number does not look right. Check it, for example 0712 345 678."),
    "phone_missing": _l("Enter your phone number first."),
    "phone_proved": _l("This number is already confirmed."),
    "phone_not_texted": _l("We do not send SMS to this number. You get everything by email."),
    "checkout_closed": _l("This can no longer be paid."),
    "under_review": _l("We received a payment that does not match. Our staff are checking it. Do not pay again."),
    "attempt_unresolved": _l(
        "Your last payment is still being checked. Wait a moment: paying again now could charge you twice."
    ),
    "payment_refused": _l("This way to pay did not start. Nothing was charged. Try again or choose another."),
    "why_needed": _l("Enter a reason. It stays in the audit trail."),
    "practice_closed": _l("This practitioner is not offering sessions at the moment."),
    "name_invalid": _l("Enter a name of at most 120 characters."),
    "language_unknown": _l("Choose one of the languages."),
    "zone_unknown": _l("Choose a time zone from the list."),
    "link_expired": _l("This link has expired or has already been used. Ask for a new one."),
    "hours_reversed": _l("The end must be after the start."),
    "hours_overlap": _l("Two of the times overlap."),
    "hours_incomplete": _l("Enter both times."),
    "own_hours_outside": _l("You are not open then, so nobody could book it. Check your opening hours under Schedule."),
    "lead_beyond_horizon": _l("Nobody could ever book this: it is longer than how far ahead it can be booked."),
    "day_ahead": _l("This day is still in the future."),
    "dispute_answered": _l(
        "The evidence has been sent or the bank has decided. You can no longer add or withdraw anything."
    ),
    "day_past": _l("This day has passed."),
    **TIME_PROBLEMS,
    "title_invalid": _l("Enter a title of at most 120 characters."),
    "kind_unknown": _l("Choose one of the types."),
    "individual_has_one_place": _l("A session for one person can only have one place."),
    "mode_unknown": _l("Choose one of the ways to book."),
    "cannot_be_reserved": _l(
        "No way to pay in %(currency)s can authorise an amount first. Choose another way to book, or another currency."
    ),
    "refund_withheld": _l("The payer's bank disputes this payment: nothing is sent until it has decided."),
    "second_person_needed": _l("A second member of staff must agree."),
    "waiver_too_early": _l("You are the only member of staff: you can confirm this a day after you first said so."),
    "credit_held": _l("This credit is on hold while a bank looks into the payment it came from. Pay another way."),
    "credit_not_payable": _l("Credit that was bought cannot be paid out: it is refunded to where it was paid from."),
    "payout_too_large": _l(
        "At most %(most)s can be paid out. Credit that was bought is refunded to where it was paid from."
    ),
    "insufficient_balance": _l("There is not enough in your wallet. Top it up or pay another way."),
    "balance_due": _l("Pay for your last session first. Then you can book the next one."),
    "not_taking_bookings": _l("This practitioner is not taking bookings from you."),
    "first_time_one": _l(
        "New clients can book one session at a time. Ask for the next once this one has taken place and is paid."
    ),
    "first_time_unknown": _l("Choose what to ask of new clients."),
    "too_many_open": _l(
        "You have %(most)s open bookings, which is the limit. First pay for one of them or cancel it: they "
        "are in My bookings."
    ),
    "too_many_unanswered": _l(
        "You have %(most)s requests waiting for this practitioner's answer. Wait for it, or cancel one of them."
    ),
    "too_many_unpaid": _l(
        "You have %(most)s sessions here to pay for afterwards. Once one of them has taken place and is "
        "paid, you can book the next."
    ),
    "let_go_too_often": _l(
        "You have had this time %(most)s times without paying for it, so it is now left free for others. "
        "Choose another one, or try again in %(minutes)s min."
    ),
    "withdrawn_too_often": _l(
        "You have requested sessions with this practitioner and withdrawn %(most)s times. Try again in %(minutes)s min."
    ),
    "too_many_waits": _l("You are already waiting for %(most)s times. First stop waiting for one of them."),
    "too_many_questions": _l("You have %(most)s unpaid questions. Pay for one of them first, or let them lapse."),
    "too_many_proposals": _l(
        "Another time has been proposed %(most)s times for this session. Agree on one with each other "
        "first, or propose it tomorrow."
    ),
    "too_many_messages": _l("You have written too many messages. Continue in %(minutes)s min."),
    "too_many_payments": _l("You have started too many payments. Wait %(minutes)s min and try again."),
    "too_many_prompts": _l(
        "We have just sent several requests to this phone. Wait %(minutes)s min and try again, or pay another way."
    ),
    "too_many_proofs": _l("You have sent too many proofs of payment today. Someone will check them. Wait for that."),
    "too_many_receipts": _l(
        "You have sent too many codes. Check the message on your phone and try again in %(minutes)s min."
    ),
    "receipt_invalid": _l(
        "This is not an M-Pesa code. It has ten letters and digits, such as QK12AB34CD, and comes first in the message."
    ),
    "receipt_not_expected": _l("No M-Pesa payment was started here, so this code cannot belong to one."),
    "receipt_known": _l("We already have this payment. You do not need to do anything."),
    "too_many_attendees": _l("At most %(most)s people can attend."),
    "place_free": _l("There is a free place at this time: you can book it now."),
    "terms_changed": _l(
        "The price or the terms have changed since you opened this page. Read them again. Nothing was booked."
    ),
    "already_asked": _l(
        "You have already requested this time for a different number of places. Cancel that request first: "
        "it is in My bookings."
    ),
    "waiting_not_offered": _l("There is no waiting list for this service."),
    "feed_bad_address": _l("Enter the full address of the calendar, starting with https://."),
    "feed_internal_address": _l("This address is inside a private network and cannot be read."),
    "too_many_feeds": _l("You can add at most %(most)s other calendars."),
    "nothing_proposed": _l("There is no longer a proposal to answer: things have changed since this page was opened."),
    "same_time": _l("The session is already at this time. Choose another."),
    "whole_minutes": _l("Enter a time in whole minutes."),
    "minutes_invalid": _l("Enter a length of %(least)s to %(most)s minutes, in steps of %(step)s."),
    "slot_missing": _l("Choose a day and a time."),
    "payment_open": _l("A payment for this session is under way. Try again when it has ended."),
    "nothing_owed": _l("Nothing is owed for this session."),
    "tier_invalid": _l(
        "Each step must be later than the one before and refund less: fewer hours, and 1 to 99 percent."
    ),
    "destination_missing": _l("Say where to send the money, in at most %(most)s characters."),
    "evidence_missing": _l("Say what you did and how it can be checked."),
    "offer_closed": _l("This can no longer be chosen: the money is already on its way."),
    "amount_too_large": _l("That is more than what is left: at most %(most)s."),
    "credit_already": _l(
        "It would only become credit again. To take credit out of the wallet, the client needs to ask for a payout."
    ),
    **STATEMENT_PROBLEMS,
    **FILE_PROBLEMS,
    "proof_waiting": _l(
        "We already have your proof of payment and someone will check it. You do not need to send it again."
    ),
    "proof_decided": _l("This proof of payment has already been accepted or rejected."),
    "verify_too_late": _l(
        "This session is no longer available: the place has gone, or it is too late. Nothing was recorded. "
        "Give the money back."
    ),
    "question_missing": _l("Write your question."),
    "service_missing": _l("Choose a service."),
    "gift_unknown": _l("We do not recognise this code. Check it letter by letter."),
    "gift_used": _l("This code has already been used."),
    "gift_cancelled": _l("The buyer has cancelled this gift, so its code no longer works."),
    "gift_held": _l("Our staff are checking the payment for this gift. Try again in a day or two."),
    "package_reserves": _l(
        "Sessions of this service are authorised on a card first, so they cannot be paid with a package."
    ),
    "package_dearer": _l("A package cannot cost more than its sessions booked one by one: at most %(most)s."),
    "no_package": _l("You have no package for this session. Nothing was charged."),
    "package_other": _l("This package is for other sessions. Nothing was charged."),
    "package_over": _l(
        "This package is no longer valid: the session was requested after its last day, or the package was refunded."
    ),
    "package_used_up": _l("All sessions in this package have been used. Nothing was charged. Pay another way."),
    "package_held": _l("Our staff are checking the payment for this package, so it cannot be used at the moment."),
    "nothing_left": _l("Nothing is left in this package to refund."),
    "question_not_taken": _l("Written questions are not accepted here at the moment. Nothing was charged."),
    "answer_missing": _l("Write your answer."),
    "answer_too_late": _l("The time to answer is over. The question has ended and the client gets the money back."),
    "text_missing": _l("Write something or choose a file."),
    "stars_invalid": _l("Choose one to five stars."),
    "tag_unknown": _l("Choose from the words on the list."),
    "not_completed": _l("Only a session that took place can be rated."),
    "no_show_not_rated": _l(
        "Nobody came to this session, so it cannot be rated. You can leave a private note instead."
    ),
    "who_came_open": _l("Our staff are still checking who came to this session. You can rate it after that."),
    "already_rated": _l("You have already rated this session. A rating cannot be changed."),
    "note_missing": _l("Write your note."),
    "form_missing": _l("The client needs to sign this first: %(forms)s."),
    "form_closed": _l("This booking has ended, so forms for it can no longer be signed."),
    "form_changed": _l("This form has changed since you opened it. Read it again, then sign it."),
    "answer_unknown": _l("This form has no such question."),
    "answer_needed": _l("Answer this question."),
    "option_unknown": _l("Choose one of the answers."),
    "answers_too_long": _l("Your answers are too long: together they can have at most %(most)s characters."),
    "agreement_missing": _l("Tick this box if you agree. You cannot sign the form without it."),
    "signature_missing": _l("Type your full name. It is your signature."),
    "sealed_away": _l(
        "This cannot be opened at the moment: the key it was locked with is missing. Nothing is lost. Tell our staff."
    ),
    "service_unknown": _l("Choose from your own services."),
    "due_unknown": _l("Choose when it must be signed."),
    "agreement_empty": _l("Enter the text that clients agree to."),
    "questions_missing": _l("Add at least one question."),
    "label_missing": _l("Enter the question."),
    "options_count": _l("Enter %(least)s to %(most)s different answers, one per line."),
    "amount_not_taken": _l("No way to pay accepts this amount in %(currency)s. Try another amount."),
    "price_has_risen": _l("This time costs more than you paid. Choose another, or keep the money as credit."),
    "cannot_be_cancelled": _l("The session took place, so it still has to be paid."),
    "price_invalid": _l("Enter a price above zero and a currency code such as KES."),
    "cannot_be_paid_currency": _l("Nobody could pay for this: no way to pay accepts %(currency)s."),
    "cannot_be_paid_too_small": _l("Nobody could pay for this: the price is below the minimum of every way to pay."),
    "cannot_be_paid_too_large": _l("Nobody could pay for this: the price is above the limit of every way to pay."),
    "cannot_be_paid_not_whole": _l("Nobody could pay for this: M-Pesa only accepts whole shillings."),
    "tax_name_missing": _l("Enter the name of the tax, for example VAT."),
    "tax_rate_invalid": _l("Enter a percentage from 0 to 50, such as 16 or 7.5."),
    "month_invalid": _l("Enter a month like 2026-11."),
    "idempotency_key_invalid": _l("An Idempotency-Key must have 1 to 200 printable characters."),
    "idempotency_key_reused": _l("This Idempotency-Key has been used for another request."),
    "request_in_progress": _l("The same request is still being processed."),
    "busy": _l("Too many people are using the site right now. Nothing was changed. Try again in a moment."),
    "other_site": _l("This form came from another site, so nothing was done. Open the page here and send it again."),
    "form_expired": _l("This form was open for too long. Send it again: what you typed is still here."),
    "too_large": _l("That is too large to send."),
    "too_often": _l("Too many attempts. Wait %(minutes)s min and try again."),
    "too_slow": _l("That took too long to arrive. Nothing was changed. Send it again."),
    "method_not_allowed": _l("This address does not accept that."),
    "bad_request": _l("We could not read that."),
    "invalid": _l("Check what you sent."),
    "internal": _l("Something went wrong on our side. Nothing was lost. Try again."),
    "forbidden": _l("You are not allowed to do that."),
    "amount_invalid": _l("Enter an amount above zero, such as 12.50."),
    "decision_missing": _l("Choose what to do."),
    "why_missing": _l("Say why. It stays in the payment's history."),
}

# Why a payment failed, in a sentence that says what to do (gateways/base.py FailureCode).
FAILURES: dict[str, LazyString] = {
    "declined": _l("The bank declined the payment. Nothing was charged. Try again, or use another card or way to pay."),
    "insufficient_funds": _l(
        "There was not enough money in the account, or the payment is above its limit. Nothing was charged."
    ),
    "cancelled_by_payer": _l("The payment was cancelled on the phone. Nothing was charged. You can try again."),
    "no_answer": _l("The request on the phone was not answered. Nothing was charged. You can try again."),
    "authentication_failed": _l("The PIN or code was not correct. Nothing was charged. You can try again."),
    "invalid_account": _l("This number or account cannot be used to pay. Check it."),
    "session_expired": _l("The payment page was closed without paying. Nothing was charged."),
    "processing_error": _l("The payment could not be processed. Nothing was charged. Try again in a few minutes."),
}

# A person's no to a proof counts as declined, but no bank has said so.
PROOF_REJECTED = _l("Your proof of payment was not accepted. You can send another one.")


def failure(code: str, vendor_code: str = "") -> str:
    """Why a try to pay failed; empty when it did not."""
    sentence = PROOF_REJECTED if vendor_code == "proof_rejected" else FAILURES.get(code, "")
    return str(sentence)


def problem(code: str, values: dict[str, object]) -> str:
    """The sentence for a problem's code, filled in, in the reader's language."""
    if code == "payment_refused" and str(values.get("reason")) in FAILURES:
        return str(FAILURES[str(values["reason"])])
    sentence = str(PROBLEMS.get(code, PROBLEMS["invalid"]))
    if code in BEHIND:
        name, rule = BEHIND[code]
        return f"{sentence} {rule(int(str(values[name])))}"
    return sentence % values if values and "%(" in sentence else sentence


def about_field(code: str, label: str, values: dict[str, object] | None = None) -> str:
    """The sentence for a problem's code as it stands beside the field of this label."""
    if label and code in ABOUT_FIELDS:
        return str(ABOUT_FIELDS[code]) % {**(values or {}), "field": label}
    return problem(code, values or {})
